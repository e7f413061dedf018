"""A guild with pages: hostile names, several pages of the board, giveaways that ended."""

from __future__ import annotations

from pathlib import Path

from robo_xp import RoboXP
from robo_xp.machine.site import all_pages
from tests.pictures.names import HOSTILE

GUILD = "100000000000000009"
FIRST = 200000000000000000


def member(number: int) -> str:
    """The id of a member."""
    return str(FIRST + number)


def public_guild(folder: Path, members: int = 250) -> RoboXP:
    """A vault whose guild shows its board; the first members have hostile names."""
    robo = RoboXP.open(folder, durability="os")
    robo.config.set(GUILD, {"periods": {"count": ["message", "voice", "hand"]}})
    ids = [member(number) for number in range(members)]
    for number, user_id in enumerate(ids):
        robo.xp.add(GUILD, user_id, max(5000 - number * 3, 1 + number % 997))
    named = {user_id: HOSTILE[n] for n, user_id in enumerate(ids[: len(HOSTILE)])}
    robo.names.remember(GUILD, named)
    shown = {"leaderboard": {"page": "public"}, "labels": {"xpDisplayName": "<b>Stars</b>"}}
    robo.config.set(GUILD, {**shown, "roleRewards": [{"level": 5, "roleId": member(1)}]})
    return robo


def given_away(robo: RoboXP, prize: str = "</script><b>Nitro", entries: int = 40) -> str:
    """The id of a giveaway that ended and was rerolled."""
    found = robo.giveaways.create(
        GUILD, prize=prize, channel_id="400000000000000001", duration="1h", winners=3
    )
    robo.giveaways.enter(GUILD, found.id, [member(n) for n in range(entries)])
    robo.giveaways.end(GUILD, found.id)
    robo.giveaways.reroll(GUILD, found.id)
    return found.id


def contents_of(robo: RoboXP) -> dict[str, bytes]:
    """Every page by its path."""
    made = {path: draft.content() for path, draft in all_pages(robo)}
    return {path: content for path, content in made.items() if content is not None}
