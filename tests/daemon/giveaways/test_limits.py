"""The fullest giveaway that there can be, within what Discord takes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

import discord

from robo_xp.errors import Fault
from robo_xp.model.draws import Requirements
from robo_xp.model.giveaway import ENDED, Draw, Giveaway
from robo_xp_daemon.giveaways.card import card_of
from robo_xp_daemon.slash.giveaway.views import info_card
from tests.daemon.stage import played

FIELD, WHOLE = 1024, 6000


def ids(first: str, count: int) -> tuple[str, ...]:
    """So many ids of 19 digits."""
    return tuple(f"{first}{number:0>18}" for number in range(count))


ROLES: Final = ids("4", 25)
NAMED: Final = ", ".join(ROLES)
WHY: Final = (
    Fault("allowedRole", f"has none of the roles {NAMED}"),
    Fault("noDeniedRole", f"has the roles {NAMED}"),
    Fault("accountAge", "the account is 3 days old; it needs 3000"),
)
DRAWS: Final = tuple(
    Draw(n, 100, 20_000, "a" * 64, 1, "x", None, True, dict.fromkeys(ids("5", 20), WHY))
    for n in range(7)
)
FULL: Final = Giveaway(
    id="0" * 26, guild_id="9" * 19, channel_id="9" * 19, message_id="9" * 19, prize="*" * 200,
    winners_count=100, ends_at=1_700_000_000_000, started_by="x", host="9" * 19, status=ENDED,
    requirements=Requirements(ROLES, ROLES, 3000, ROLES, 1, 2, 3, 4, 5, True, ROLES),
    bonus_entries=dict.fromkeys(ROLES, 100), button_label="x", dm_winners=True,
    recheck_at_draw=True, winners=ids("3", 100), rerolls=(ids("3", 100),) * 6, created_at=1,
    finalized_at=1_700_000_000_000, commitment="a" * 64, secret="a" * 64,
    entries_digest="a" * 64, draws=DRAWS,
)  # fmt: skip


def fits(embed: discord.Embed) -> bool:
    """Whether Discord would take it."""
    return len(embed) <= WHOLE and max(len(one.value or "") for one in embed.fields) <= FIELD


def test_all_about_the_fullest_giveaway() -> None:
    """A hundred winners, six rerolls and long reasons fit; no role is cut in the middle."""
    embed = info_card(FULL, 20_000)

    assert fits(embed)
    text = "\n".join(one.value or "" for one in embed.fields)
    reasons = [line for line in text.splitlines() if line.startswith("Passed over: ")]
    assert len(reasons) == 12
    assert "has none of the roles <@&4" in reasons[0]
    assert re.findall("[<@&0-9]+", re.sub("<@&?[0-9]{19}>", "", "".join(reasons))) == []


@played
async def test_the_message_of_the_fullest_giveaway() -> None:
    """It fits, going on and ended."""
    assert fits(card_of(FULL, 20_000).embed)
    assert fits(card_of(replace(FULL, status="active"), 20_000).embed)
