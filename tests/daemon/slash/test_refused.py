"""Every refusal of every slash command is seen, on a Discord that is strict about deferrals.

The loopback answers 404 to whatever follows an answer that was deleted, as Discord has done: who
defers for all and then wants to refuse privately would be heard by nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from robo_xp.errors import VaultDamaged
from robo_xp_daemon.base import work
from robo_xp_daemon.interactions import replies
from tests.daemon.loopback import Answer, Permission
from tests.daemon.scene import Scene, scene
from tests.daemon.stage import played

OPEN: Final = {
    "rank", "privacy", "boost list", "boost preview", "xp rewards", "giveaway list",
    "giveaway info", "giveaway proof", "giveaway settings get",
}  # fmt: skip
"""The commands that are for every member."""

NO_REASON: Final = {
    "privacy", "boost list", "boost preview", "period list", "period close", "xp rewards",
    "xp config", "xp multiplier list", "giveaway list", "giveaway settings get",
    "giveaway settings reset",
}  # fmt: skip
"""The commands that refuse for want of a right, or not at all."""

NOBODY = "300000000000000011"
MAY_NOT = "You need the permission Manage Server"
NO_XP = "has no XP yet"
NO_SUCH = "This server has no such giveaway"
NONE_RUNS = "choose one with the option `giveaway`"
REFUSED: Final[tuple[tuple[str, str, dict[str, object], str], ...]] = (
    ("bob", "rank", {}, NO_XP),
    ("bob", "rank", {"user": "@eve"}, NO_XP),
    ("bob", "rank", {"user": "@hid"}, "keeps rank and level private"),
    ("bob", "rank", {"user": "@robot"}, "Bots have no XP."),
    ("bob", "leaderboard", {"page": 7}, "The last page of the leaderboard is 1."),
    ("bob", "leaderboard", {"page": 7, "period": "today"}, "The last page of the leaderboard is"),
    ("ann", "xp give", {"user": "@robot", "amount": 5}, "Bots have no XP."),
    ("ann", "xp remove", {"user": "@eve", "amount": 5}, NO_XP),
    ("ann", "xp remove", {"user": "@robot", "amount": 5}, "Bots have no XP."),
    ("ann", "xp set", {"user": "@robot", "amount": 5}, "Bots have no XP."),
    ("ann", "xp recalc", {"user": "@eve"}, NO_XP),
    ("ann", "xp recalc", {"user": "@robot"}, "Bots have no XP."),
    ("ann", "xp multiplier server", {"value": 0.001}, "A multiplier is 0, or from"),
    ("ann", "xp multiplier role", {"role": "&Bronze", "value": 0.001}, "A multiplier is 0"),
    ("ann", "xp multiplier role", {"role": "&@everyone", "value": 2.0}, "Everybody has this role"),
    ("ann", "xp multiplier channel", {"channel": "#general", "value": 0.001}, "A multiplier is"),
    ("ann", "xp multiplier user", {"user": "@eve", "value": 0.001}, "A multiplier is 0, or"),
    ("ann", "xp multiplier user", {"user": "@robot", "value": 2.0}, "Bots have no XP."),
    ("ann", "xp multiplier remove-role", {"role": "&Bronze"}, "has no multiplier"),
    ("ann", "xp multiplier remove-channel", {"channel": "#general"}, "has no multiplier"),
    ("ann", "xp multiplier remove-user", {"user": "@eve"}, "has no multiplier"),
    ("ann", "boost add", {"factor": 2.0, "begin": "whenever"}, "is not a time"),
    ("ann", "boost add", {"factor": 2.0, "length": "for ever"}, "for ever"),
    ("ann", "boost add", {"factor": 2.0, "weekly": "xyz 8-9"}, "is not a time of the week"),
    ("ann", "boost add", {"factor": 2.0, "tz": "Mars", "begin": "18:00"}, "Mars"),
    ("ann", "boost end", {"id": NOBODY}, "has no boost"),
    ("bob", "period show", {"kind": "day", "at": "soon"}, "A period is named by -1"),
    ("ann", "member hide", {"user": "@robot"}, "Bots have no XP."),
    ("ann", "member show", {"user": "@robot"}, "Bots have no XP."),
    ("ann", "member export", {"user": "@eve"}, "Nothing here speaks of"),
    ("ann", "member erase", {"user": "@eve"}, "Nothing here speaks of"),
    ("ann", "member prune", {}, "one"),
    ("ann", "member prune", {"left": 5, "below": 5}, "one"),
    ("ann", "member decay", {}, "Decay is off"),
    ("ann", "giveaway start", {}, "prize"),
    ("ann", "giveaway start", {"prize": "X", "duration": "soon"}, "soon"),
    ("ann", "giveaway start", {"prize": "X", "template": "nope"}, "nope"),
    ("ann", "giveaway start", {"prize": "X", "channel": "#quiet"}, "he bot cannot post in"),
    ("ann", "giveaway start", {"channel": "#quiet", "form": True}, "he bot cannot post in"),
    ("ann", "giveaway end", {}, NONE_RUNS),
    ("ann", "giveaway end", {"giveaway": "nope"}, NO_SUCH),
    ("ann", "giveaway cancel", {}, NONE_RUNS),
    ("ann", "giveaway cancel", {"giveaway": "OVER"}, "cancelled"),
    ("ann", "giveaway reroll", {"giveaway": "nope"}, NO_SUCH),
    ("ann", "giveaway reroll", {"giveaway": "OVER"}, "cancelled"),
    ("ann", "giveaway edit", {}, NONE_RUNS),
    ("ann", "giveaway edit", {"giveaway": "OVER"}, "Nothing to change"),
    ("ann", "giveaway edit", {"giveaway": "OVER", "prize": "X"}, "cancelled"),
    ("ann", "giveaway handed-over", {"giveaway": "nope", "user": "@eve"}, NO_SUCH),
    ("ann", "giveaway handed-over", {"giveaway": "OVER", "user": "@eve"}, "nobody has won"),
    ("bob", "giveaway info", {}, NONE_RUNS),
    ("bob", "giveaway info", {"giveaway": "nope"}, NO_SUCH),
    ("bob", "giveaway entries", {"giveaway": "OVER"}, MAY_NOT),
    ("bob", "giveaway proof", {"giveaway": "nope"}, NO_SUCH),
    ("ann", "giveaway settings set", {}, "Nothing to change"),
    ("ann", "giveaway settings set", {"remove_allowed_role": "&Bronze"}, "is not among them"),
)  # fmt: skip
"""Who gives which command with what, and what there is to read: a reason each."""


@pytest.fixture(params=["at once", "after a deferral"])
def at_ease(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the vault answers before Discord is told that an answer will come."""
    if request.param == "at once":
        return True
    monkeypatch.setattr(replies, "PATIENCE_SECONDS", 0.0)
    return False


def leaves(at: Scene) -> dict[str, Mapping[str, Any]]:
    """Every command that can be given, by its words, as it was told to Discord."""

    def below(words: str, command: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        within = [one for one in command.get("options") or () if one["type"] in (1, 2)]
        for one in within:
            yield from below(f"{words} {one['name']}", one)
        if not within:
            yield words, command

    return {k: v for name, top in at.discord.commands.items() for k, v in below(name, top)}


def filled(at: Scene, command: Mapping[str, Any]) -> dict[str, object]:
    """A value for each option that the command cannot be given without."""
    by_type: dict[int, object] = {
        3: "x", 4: 1, 5: True, 6: at.member("bob"), 7: at.guild.channel("general"),
        8: at.guild.role("Bronze"), 10: 2.0,
    }  # fmt: skip
    return {
        one["name"]: (one.get("choices") or [{"value": by_type[one["type"]]}])[0]["value"]
        for one in command.get("options") or ()
        if one.get("required")
    }


def check_seen(at: Scene, answer: Answer, words: str, *, is_private: bool) -> None:
    """The member reads something, in the answer itself; nothing was deleted or followed it."""
    assert answer.is_shown and answer.text.strip(), words
    assert answer.shown is not None and not answer.shown.deleted, words
    assert answer.followups == [], words
    assert at.discord.calls("DELETE", "*") == [], words
    if is_private:
        assert answer.ephemeral, (words, answer.text)


@played
async def test_who_may_not(tmp_path: Path, at_ease: bool) -> None:
    """Every command that is not for all refuses a plain member, privately."""
    async with scene(tmp_path) as at:
        for words, command in leaves(at).items():
            if words in OPEN:
                continue
            answer = await at.slash("eve", words, **filled(at, command))
            check_seen(at, answer, words, is_private=True)
            assert answer.text.startswith(MAY_NOT) or NONE_RUNS in answer.text, words


@played
async def test_a_vault_that_cannot_be_read(
    tmp_path: Path, at_ease: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command whatsoever says so, with a number for the operator, or what it lacks."""

    def damaged(*_: object, **__: object) -> object:
        raise VaultDamaged("a record is damaged", path="xp.journal")

    async with scene(tmp_path) as at:
        at.set(leaderboard={"public": True})
        monkeypatch.setattr(work, "_patiently", damaged)
        incidents = set()
        for words, command in leaves(at).items():
            answer = await at.slash("ann", words, **filled(at, command))
            check_seen(at, answer, words, is_private=at_ease)
            if "Something went wrong" in answer.text:
                incidents.add(words)
        monkeypatch.undo()

        assert set(leaves(at)) - incidents == {"giveaway settings set", "member prune"}


@played
async def test_every_reason(tmp_path: Path, at_ease: bool) -> None:
    """What a command cannot do is read by whoever gave it, in words and without a number."""
    async with scene(tmp_path) as at:
        guild, robo = at.guild, at.stage.robo
        guild.join(at.discord.add_user("robot", bot=True))
        guild.join(at.discord.add_user("hid"))
        at.give("hid", 50)
        robo.members.hide(at.guild_id, [str(at.member("hid").id)], hidden=True)
        at.set(leaderboard={"public": True})
        quiet = guild.add_channel("quiet")
        guild.set_overwrites(quiet, {guild.me.id: (0, int(Permission.SEND_MESSAGES))})
        general = str(guild.channel("general").id)
        over = robo.giveaways.create(at.guild_id, prize="Tea", channel_id=general).giveaway
        robo.giveaways.cancel(at.guild_id, over.id)
        find = {"@": at.member, "&": guild.role, "#": guild.channel}

        def meant(value: object) -> object:
            if value == "OVER":
                return over.id
            text = value if isinstance(value, str) else ""
            return find[text[0]](text[1:]) if text[:1] in find else value

        unclear = []
        for who, words, options, reason in REFUSED:
            given = {name: meant(value) for name, value in options.items()}
            answer = await at.slash(who, words, **given)
            check_seen(at, answer, words, is_private=at_ease)
            if reason not in answer.text or "Something went wrong" in answer.text:
                unclear.append((words, options, answer.text))

        assert unclear == []
        assert set(leaves(at)) - {words for _, words, _, _ in REFUSED} == NO_REASON
