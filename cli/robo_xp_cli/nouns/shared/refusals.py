"""What Discord refuses, as the vault keeps it until it is mended: told where it matters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from robo_xp.errors import RoboXPError
from robo_xp.text import count_text
from robo_xp_cli.nouns.shared.naming import named_id

if TYPE_CHECKING:
    from robo_xp.model.outbox import RefusedByDiscord
    from robo_xp.views.daemon import RefusalRow
    from robo_xp_cli.run.context import Run


def refusals_of(run: Run, *kinds: str, giveaway_id: str | None = None) -> list[RefusedByDiscord]:
    """What is refused in the guild now: of these kinds, or of one giveaway; oldest first."""
    return [
        one
        for one in run.robo().outbox.refused(run.guild_id)
        if one.kind in kinds and giveaway_id in (None, one.giveaway_id)
    ]


def of_all_guilds(run: Run) -> list[RefusedByDiscord]:
    """What is refused now in any guild. Raises RoboXPError where the vault cannot be read."""
    is_begun = run.is_in_database or run.data_dir.is_dir()
    return list(run.robo(to_mend=True).outbox.refused()) if is_begun else []


def notes_of(run: Run, found: Iterable[RefusedByDiscord | RefusalRow]) -> list[str]:
    """A line for each: what is not done on Discord, of what, for how many, and what mends it."""
    return [f"Discord refuses: {refusal_line(run, one)}" for one in found]


def refusal_line(run: Run, one: RefusedByDiscord | RefusalRow) -> str:
    """What is not done, of which role, channel or giveaway, for how many, and what mends it."""
    about = [
        f"{kind} {named_id(_names(run, one.guild_id, f'{kind}s'), id_)}"
        for kind, id_ in (("role", one.role_id), ("channel", one.channel_id))
        if id_ is not None
    ]
    if one.giveaway_id is not None and one.giveaway_id not in one.mend:
        about.append(f"giveaway {one.giveaway_id}")
    if one.members > 1:
        about.append(count_text(one.members, "member"))
    whose = f" ({', '.join(about)})" if about else ""
    return f"{one.what}{whose}; {one.mend}" if one.mend else f"{one.what}{whose}"


def _names(run: Run, guild_id: str, kind: str) -> Mapping[str, str]:
    """The names of a kind; none where the vault cannot be read, of which others tell."""
    try:
        return run.robo(to_mend=True).names.of(guild_id, kind)
    except RoboXPError:
        return {}
