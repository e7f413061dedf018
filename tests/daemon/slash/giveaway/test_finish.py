"""``/giveaway end|cancel|reroll|edit``: what they change, what they tell, what they refuse."""

from __future__ import annotations

from pathlib import Path

from tests.daemon.scene import private
from tests.daemon.slash.giveaway.scenes import Table, table
from tests.daemon.stage import played


def mention(at: Table, name: str) -> str:
    """A member as answers show one."""
    return f"<@{at.member(name).id}>"


@played
async def test_end(tmp_path: Path) -> None:
    """Winners are drawn and told, with how many could not be; the history names the member."""
    async with table(tmp_path) as at:
        made = await at.give("eve", winners=3, prize="*Nitro*")
        at.enter(made, "bob", "dan")
        answer = await at.slash("ann", "end", giveaway=made.id, reason="early")
        ended = at.get(made.id)

        assert sorted(ended.winners) == sorted(str(at.member(who).id) for who in ("bob", "dan"))
        assert "Only 2 of 3 winners could be drawn" in private(answer)
        assert mention(at, "bob") in answer.text and mention(at, "dan") in answer.text
        assert r"\*Nitro\*" in answer.text
        assert answer.shown is not None and not answer.shown.pings
        assert at.acts("ann") == [("giveaway end", "early")]
        assert ended.draws[0].rechecked


@played
async def test_end_looks_at_members_again(tmp_path: Path) -> None:
    """Who may not win any more is passed over, and ``info`` tells who it was and why."""
    async with table(tmp_path) as at:
        red = at.role_id("Red")
        at.at.guild.change_roles("bob", add=["Red"])
        made = await at.give("eve", winners=3, deny_role_ids=[red])
        at.enter(made, "bob", "dan")
        answer = await at.slash("ann", "end", giveaway=made.id)
        info = private(await at.slash("dan", "info", giveaway=made.id))

        assert at.get(made.id).winners == (str(at.member("dan").id),)
        assert "Passed over: 1 member." in private(answer)
        assert "Only 1 of 3 winners could be drawn" in answer.text
        assert f"Passed over: {mention(at, 'bob')}: holds the role <@&{red}>" in info
        assert "All were looked at again before the draw." in info


@played
async def test_end_without_entries(tmp_path: Path) -> None:
    """A giveaway that nobody entered ends without winners, and the answer says so."""
    async with table(tmp_path) as at:
        made = await at.give("eve")
        answer = await at.slash("eve", "end", giveaway=str(made.message_id))

        assert "Nobody won." in private(answer)
        assert at.get(made.id).status == "ended"


@played
async def test_by_message_and_link(tmp_path: Path) -> None:
    """A giveaway goes by its id in any case, its message's id, and the link to its message."""
    async with table(tmp_path) as at:
        made = await at.give("eve")
        link = f"https://discord.com/channels/{at.guild_id}/{made.channel_id}/{made.message_id}"
        for reference in (made.id, made.id.lower(), str(made.message_id), link, f" {link}/ "):
            answer = await at.slash("ann", "info", giveaway=reference)
            assert made.id in private(answer)


@played
async def test_cancel(tmp_path: Path) -> None:
    """A cancelled giveaway has no winners, and Discord shows it at once."""
    async with table(tmp_path) as at:
        made = await at.give("eve")
        at.enter(made, "bob")
        answer = await at.slash("eve", "cancel", giveaway=made.id, reason="sorry")
        message = next(m for m in at.at.guild.channel("general").messages if m.components)
        await at.at.stage.until(lambda: not message.components)

        assert "Giveaway cancelled" in private(answer) and "Nobody wins it." in answer.text
        assert (at.get(made.id).status, at.get(made.id).winners) == ("cancelled", ())
        assert at.acts("eve")[-1] == ("giveaway cancel", "sorry")


@played
async def test_what_is_finished_stays_as_it_is(tmp_path: Path) -> None:
    """End, cancel and edit refuse finished giveaways, reroll one that goes on or was cancelled."""
    async with table(tmp_path) as at:
        going, ended, cancelled = [await at.give("eve") for _ in range(3)]
        at.at.stage.robo.giveaways.end(at.guild_id, ended.id)
        at.at.stage.robo.giveaways.cancel(at.guild_id, cancelled.id)
        over, never = "is {}, not active.", "is {}; only an ended one can be rerolled."
        cases = [
            ("end", ended, over), ("end", cancelled, over),
            ("cancel", ended, over), ("cancel", cancelled, over),
            ("edit", ended, over), ("edit", cancelled, over),
            ("reroll", going, never), ("reroll", cancelled, never),
            ("reroll", ended, "has no eligible entries left."),
        ]  # fmt: skip
        for words, giveaway, why in cases:
            options = {"prize": "Book"} if words == "edit" else {}
            status = at.get(giveaway.id).status
            told = private(await at.slash("ann", words, giveaway=giveaway.id, **options))

            assert told == f"Giveaway {giveaway.id} {why.format(status)}"
            assert at.get(giveaway.id).status == status
        assert at.acts("ann") == []


@played
async def test_reroll(tmp_path: Path) -> None:
    """New winners are drawn among the others, as many as asked for and as there are."""
    async with table(tmp_path) as at:
        made = await at.give("eve", winners=1)
        at.enter(made, "ann", "bob", "dan")
        await at.slash("ann", "end", giveaway=made.id)
        first = await at.slash("bob", "reroll", giveaway=made.id, reason="no answer")
        second = await at.slash("bob", "reroll", giveaway=made.id, count=5)
        third = await at.slash("bob", "reroll", giveaway=made.id, count=1)
        ended = at.get(made.id)
        drawn = [*ended.winners, *(one for batch in ended.rerolls for one in batch)]

        assert sorted(drawn) == sorted(str(at.member(who).id) for who in ("ann", "bob", "dan"))
        assert "Reroll 1" in private(first) and f"<@{ended.rerolls[0][0]}>" in first.text
        assert "Only 1 of 5 winners could be drawn" in private(second)
        assert private(third).endswith("has no eligible entries left.")
        assert ("giveaway reroll", "no answer") in at.acts("bob")


@played
async def test_edit(tmp_path: Path) -> None:
    """What is given changes, the rest stays, and the message follows."""
    async with table(tmp_path) as at:
        made = await at.give("eve", winners=1)
        message = next(m for m in at.at.guild.channel("general").messages if m.components)
        answer = await at.slash("bob", "edit", giveaway=made.id, prize="A car", winners=2)
        await at.at.stage.until(lambda: "A car" in message.text, 15.0)
        longer = await at.slash("bob", "edit", giveaway=made.id, ends="2d")
        edited = at.get(made.id)

        assert (edited.prize, edited.winners_count) == ("A car", 2)
        assert "Giveaway changed" in private(answer) and "A car" in answer.text
        assert edited.ends_at - made.ends_at > 40 * 3_600_000
        assert f"<t:{edited.ends_at // 1000}:f>" in private(longer)


@played
async def test_edits_that_cannot_be(tmp_path: Path) -> None:
    """No change at all, an impossible end and too many winners are told, and change nothing."""
    async with table(tmp_path) as at:
        made = await at.give("eve")
        nothing = await at.slash("bob", "edit", giveaway=made.id)
        never = await at.slash("bob", "edit", giveaway=made.id, prize="Book", ends="tomorrow")
        late = await at.slash("bob", "edit", giveaway=made.id, prize="Book", ends="31d")
        many = await at.slash("bob", "edit", giveaway=made.id, prize="Book", winners=50)
        same = await at.slash("bob", "edit", giveaway=made.id, prize="Nitro")

        assert private(nothing) == (
            "Nothing to change: give a prize, an end or a number of winners."
        )
        assert private(never).startswith("'tomorrow' is neither a length of time nor an instant")
        assert "is too long: at most 30 days" in private(late)
        assert private(many) == "50 winners are too many: at most 20."
        assert "The giveaway was like this before" in private(same)
        assert at.get(made.id).prize == "Nitro"
