"""What a giveaway asks of entrants beyond single roles and the account's age, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from robo_xp.model.draws import Requirements
from robo_xp.text import count_text, thousands

Roles = Callable[[Sequence[str]], str]
"""How roles are written where the words are read."""


def more_requirements(asked: Requirements, roles: Roles) -> Iterator[tuple[str, str]]:
    """A title and what is asked, for each such requirement that there is."""
    if asked.all_role_ids:
        yield "Needs all of these roles", roles(asked.all_role_ids)
    for title, least in (("Level", asked.min_level), ("XP", asked.min_xp),
                         ("Messages", asked.min_messages)):  # fmt: skip
        if least:
            yield title, f"at least {thousands(least)}"
    if asked.min_voice_minutes:
        yield "Voice", f"at least {count_text(asked.min_voice_minutes, 'minute')}"
    if asked.min_member_days:
        yield "Membership", f"at least {count_text(asked.min_member_days, 'day')}"
    if asked.boosters:
        yield "Boosters", "only who boosts the server"
    if asked.bypass_role_ids:
        yield "Needs none of this with", roles(asked.bypass_role_ids)
