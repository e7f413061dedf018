"""What Discord refuses, as the vault keeps it until it is mended: told where it matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from robo_xp.text import count_text

if TYPE_CHECKING:
    from robo_xp.model.outbox import RefusedByDiscord
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


def notes_of(found: list[RefusedByDiscord]) -> list[str]:
    """A line for each: what is not done on Discord, for how many, and what mends it."""
    return [f"Discord refuses: {refusal_line(one)}" for one in found]


def refusal_line(one: RefusedByDiscord) -> str:
    """What is not done, for how many, and what mends it."""
    for_whom = f" ({count_text(one.members, 'member')})" if one.members > 1 else ""
    return f"{one.what}{for_whom}; {one.mend}" if one.mend else f"{one.what}{for_whom}"
