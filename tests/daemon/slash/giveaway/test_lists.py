"""``/giveaway list|info|entries``, and the giveaways that are offered while somebody types."""

from __future__ import annotations

from pathlib import Path

from robo_xp import RoboXP
from robo_xp.model.draws import Entrant
from robo_xp.vault import Origin
from tests.daemon.scene import private
from tests.daemon.slash.giveaway.scenes import REFUSED, Table, table
from tests.daemon.stage import played


def crowd(at: Table, giveaway_id: str, count: int, roles: frozenset[str] = frozenset()) -> None:
    """So many people with these roles enter."""
    people = [Entrant(str(10**17 + n), roles) for n in range(count)]
    at.at.stage.robo.giveaways.enter(at.guild_id, giveaway_id, people)


@played
async def test_list(tmp_path: Path) -> None:
    """Those that go on come first, next end first; pages turn; nobody else sees any of it."""
    async with table(tmp_path) as at:
        empty = await at.slash("dan", "list")
        for n in range(9):
            await at.give("eve", prize=f"Prize {n}", duration=f"{9 - n}h")
        done = await at.give("eve", prize="*Old*", winners=2)
        at.enter(done, "bob")
        at.at.stage.robo.giveaways.end(at.guild_id, done.id)
        shown = await at.slash("dan", "list")
        first = private(shown)
        await at.at.click("dan", shown, "Last »")
        last = private(shown)
        copy = await at.at.click("eve", shown, "« First")

        assert private(empty).startswith("Giveaways\nThere are none.")
        lines = first.splitlines()
        assert [line.split(" ·")[0] for line in lines[1:9]] == [
            f"**Prize {n}**" for n in range(8, 0, -1)
        ]
        assert "0 entries, 1 winner" in lines[1] and "[show](https://discord.com/" in lines[1]
        assert "Page 1 of 2 · 9 going on, 1 finished" in lines
        assert "**Prize 0**" in last and r"**\*Old\*** · ended <t:" in last
        assert "1 entry, 2 winners" in last
        assert private(copy).splitlines()[1].startswith("**Prize 8**")


@played
async def test_info(tmp_path: Path) -> None:
    """Everything stands in it: times, host, rules, commitment; the secret at the end only."""
    async with table(tmp_path) as at:
        red, blue = at.role_id("Red"), at.role_id("Blue")
        made = await at.give(
            "eve", winners=2, allow_role_ids=[red], min_account_age_days=30,
            bonus_entries={blue: 4},
        )  # fmt: skip
        crowd(at, made.id, 3, frozenset([red]))
        before = private(await at.slash("dan", "info", giveaway=made.id))
        at.at.stage.robo.giveaways.end(at.guild_id, made.id)
        after = private(await at.slash("dan", "info", giveaway=made.id))
        ended = at.get(made.id)

        link = f"https://discord.com/channels/{at.guild_id}/{made.channel_id}/{made.message_id}"
        for part in (
            "Status\ngoing on", f"Host\n<@{at.member('eve').id}>", "Winners wanted\n2",
            "Entries\n3", f"Message\n{link}", f"<@&{red}>", f"<@&{blue}> +4",
            "at least 30 days", made.commitment, f"<t:{made.ends_at // 1000}:f>",
        ):  # fmt: skip
            assert part in before, part
        assert ended.secret and "Secret" not in before and ended.secret not in before
        assert "Status\nended" in after and "Winners (2)" in after
        assert "Drawn as entered, without a second look." in after
        assert ended.secret in after and str(ended.entries_digest) in after


@played
async def test_proof(tmp_path: Path) -> None:
    """A member without any right gets the proof as files, and finds himself in it."""
    async with table(tmp_path) as at:
        made = await at.give("eve", winners=1)
        dan = str(at.member("dan").id)
        at.at.stage.robo.giveaways.enter(at.guild_id, made.id, dan)
        before = private(await at.slash("dan", "proof", giveaway=made.id))
        at.at.stage.robo.giveaways.end(at.guild_id, made.id)
        answer = await at.slash("dan", "proof", giveaway=made.id)
        other = private(await at.slash("bob", "proof", giveaway=made.id))

        shown = answer.shown
        assert shown is not None and "nothing to prove yet" in before
        assert "Your entry 1 is among them, with weight 1. You won." in private(answer)
        assert "You are not among its entries." in other
        assert [file["filename"] for file in shown.attachments] == [
            f"proof-{made.id}.json",
            f"proof-{made.id}.html",
        ]


@played
async def test_info_of_large_giveaways(tmp_path: Path) -> None:
    """A hundred winners, many rerolls and a prize of 200 characters fit what Discord takes."""
    async with table(tmp_path) as at:
        at.set(limits={"maxWinners": 100})
        giveaways = at.at.stage.robo.giveaways
        made = await at.give(None, winners=100, prize="*" * 200)
        crowd(at, made.id, 160)
        giveaways.end(at.guild_id, made.id)
        for _ in range(6):
            giveaways.reroll(at.guild_id, made.id, count=10)
        info = private(await at.slash("dan", "info", giveaway=made.id))

        assert "Winners (100)" in info and "more" in info
        assert [f"Reroll {n} (10)" in info for n in range(1, 7)] == [False] * 3 + [True] * 3
        assert "More rerolls\n3, see `robo-xp giveaway info" in info


@played
async def test_entries(tmp_path: Path) -> None:
    """Count, weights and members, 25 a page, with the sum of all weights."""
    async with table(tmp_path) as at:
        red = at.role_id("Red")
        made = await at.give("eve", bonus_entries={red: 4})
        empty = private(await at.slash("bob", "entries", giveaway=made.id))
        crowd(at, made.id, 29)
        at.at.stage.robo.giveaways.enter(
            at.guild_id, made.id, Entrant(str(10**17 + 29), frozenset([red]))
        )
        shown = await at.slash("bob", "entries", giveaway=made.id)
        first = private(shown)
        await at.at.click("bob", shown, "Next ›")

        assert "Entries: 0" in empty and "total weight 0" in empty
        assert "Entries: 30" in first and first.count("<@1") == 25
        assert f"Page 1 of 2 · total weight 34 · {made.id}" in first
        assert f"<@{10**17 + 29}>" in private(shown) and "· weight 5" in shown.text
        assert "Page 2 of 2" in shown.text


@played
async def test_entries_of_who_lost_the_right(tmp_path: Path) -> None:
    """Each page asks for the right anew, from the one who opened it and from anybody else."""
    async with table(tmp_path) as at:
        made = await at.give("eve")
        crowd(at, made.id, 30)
        shown = await at.slash("bob", "entries", giveaway=made.id)
        before = private(shown)
        manager = await at.at.click("ann", shown, "Next ›")
        stranger = await at.at.click("dan", shown, "Next ›")
        at.at.guild.change_roles("bob", remove=["Hosts"])
        opener = await at.at.click("bob", shown, "Next ›")

        assert "Page 2 of 2" in private(manager)
        assert private(stranger).startswith(REFUSED)
        assert private(opener).startswith(REFUSED) and shown.text == before


@played
async def test_giveaways_are_offered_by_state(tmp_path: Path) -> None:
    """Those that go on to end, cancel and edit; ended ones to reroll; all to look at."""
    async with table(tmp_path) as at:
        going, ended, cancelled = [
            await at.give("eve", prize=f"Prize {n}", duration="2h30m") for n in range(3)
        ]
        at.at.stage.robo.giveaways.end(at.guild_id, ended.id)
        at.at.stage.robo.giveaways.cancel(at.guild_id, cancelled.id)
        offered = {
            words: list((await at.offered("dan", words, "giveaway")).values())
            for words in ("end", "cancel", "edit", "reroll", "info", "entries")
        }
        names = list(await at.offered("dan", "info", "giveaway"))

        assert offered["end"] == offered["cancel"] == offered["edit"] == [going.id]
        assert offered["reroll"] == [ended.id]
        assert offered["info"] == offered["entries"]
        assert offered["info"] == [going.id, cancelled.id, ended.id]
        assert names[0].startswith("Prize 0 · ends in 2 hours 29 minutes")
        assert names[1].startswith("Prize 2 · cancelled ") and names[1].endswith(" ago")


@played
async def test_typing_narrows_what_is_offered(tmp_path: Path) -> None:
    """Part of the prize, an id, or the link to the message finds it; at most 25 are offered."""
    async with table(tmp_path) as at:
        for n in range(30):
            at.at.stage.robo.giveaways.create(
                at.guild_id, prize=f"Thing {n}", channel_id=str(at.at.guild.channel("general").id)
            )
        made = await at.give("eve", prize="A " + "very " * 30 + "long\nprize", duration="5h")
        link = f"https://discord.com/channels/{at.guild_id}/{made.channel_id}/{made.message_id}"
        many = await at.offered("ann", "end", "giveaway")
        for typed in ("VERY long", made.id.lower(), str(made.message_id), link):
            found = await at.offered("ann", "end", "giveaway", typed)
            assert list(found.values()) == [made.id], typed

        assert len(many) == 25
        (name,) = await at.offered("ann", "end", "giveaway", "very long")
        assert len(name) <= 100 and "… · ends in 4 hours" in name
        assert await at.offered("ann", "end", "giveaway", "nothing like it") == {}


@played
async def test_typing_while_the_vault_is_busy(tmp_path: Path) -> None:
    """What is offered does not wait for another process that changes the guild's giveaways."""
    async with table(tmp_path) as at:
        made = await at.give("eve")
        await at.at.stage.until(lambda: not at.get(made.id).pending)
        with RoboXP.open(tmp_path) as other:
            namespace = other.vault.namespace(f"giveaways/{at.guild_id}")
            with namespace.transaction(Origin("test", "hold")):
                offered = await at.offered("ann", "end", "giveaway")
                lengths = await at.offered("ann", "start", "duration")

        assert list(offered.values()) in ([made.id], []) and "1 day" in lengths
