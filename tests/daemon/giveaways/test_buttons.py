"""The buttons of giveaways: who enters, who is refused, and what each member is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import discord
import pytest

from robo_xp import RoboXP
from robo_xp.model.closing import Seen
from robo_xp.model.giveaway import Giveaway
from robo_xp.model.giveaway_results import GiveawayChange
from robo_xp.rules.giveaway.receipts import is_receipt
from robo_xp.vault import Origin
from robo_xp_daemon.client.port import Discord
from robo_xp_daemon.context import Context
from robo_xp_daemon.giveaways.card import card_of, enter_id, leave_id
from robo_xp_daemon.giveaways.entering import answers, buttons
from robo_xp_daemon.giveaways.entering.batches import MOST, ClickBatches
from robo_xp_daemon.giveaways.entering.cooldown import SECONDS, Cooldown
from robo_xp_daemon.giveaways.lifecycle import Lifecycle
from robo_xp_daemon.session import Session
from tests.daemon.loopback import Answer, Guild, Loopback, Member
from tests.daemon.loopback.messages import Message
from tests.daemon.stage import Stage, on_stage, played

WAIT = "Not so fast: you can click again in 3 seconds."


@dataclass
class HandClock:
    """Seconds that pass when a test says so."""

    now: float = 1000.0

    def __call__(self) -> float:
        """The seconds now."""
        return self.now


class Listener(Lifecycle):
    """Hears which guilds have changed; nothing is drawn or announced."""

    def __init__(self, context: Context, port: Discord) -> None:
        """Nothing heard yet."""
        super().__init__(context, port)
        self.looked: list[str] = []

    def look(self, guild_id: str) -> None:
        """A giveaway of the guild has changed."""
        self.looked.append(guild_id)


@dataclass(frozen=True)
class Booth:
    """A guild whose members click on giveaways; clicks are far apart unless a test says so."""

    stage: Stage
    guild: Guild
    clock: HandClock
    life: Listener

    @property
    def guild_id(self) -> str:
        """The guild as the vault knows it."""
        return str(self.guild.id)

    def start(self, **more: Any) -> Giveaway:
        """A giveaway that somebody started in a terminal."""
        channel_id = str(self.guild.channel("general").id)
        asked = {"prize": "Nitro", "channel_id": channel_id, "duration": "1h", **more}
        return self.stage.robo.giveaways.create(self.guild_id, **asked).giveaway

    async def post(self, giveaway: Giveaway) -> Message:
        """The giveaway's message, which stands in the channel."""
        channel = self.stage.client.get_channel(int(giveaway.channel_id))
        assert isinstance(channel, discord.TextChannel)
        made = card_of(giveaway, 0)
        assert made.view is not None
        await channel.send(embed=made.embed, view=made.view)
        return self.guild.channel("general").last

    async def click(self, who: Member | str, message: Message, custom_id: str) -> Answer:
        """A member clicks some time after all clicks before."""
        self.clock.now += SECONDS
        return await self.guild.click(who, message, custom_id, anyway=True)

    async def said(self, who: Member | str, message: Message, custom_id: str) -> str:
        """What the member reads after a click; nobody else sees it, and nobody is notified."""
        answer = await self.click(who, message, custom_id)
        assert answer.ephemeral and answer.shown is not None and not answer.shown.pings
        return answer.text

    def entries(self, giveaway: Giveaway) -> dict[str, int]:
        """The weights of the entries by user id."""
        found = self.stage.robo.giveaways.entries(self.guild_id, giveaway.id)
        return {entry.user_id: entry.weight for entry in found}


@asynccontextmanager
async def working(place: Loopback, guild: Guild, data_dir: Path) -> AsyncIterator[Booth]:
    """A client that answers the buttons, in a guild that is there already."""
    clock = HandClock()
    made: list[Listener] = []

    def begin(session: Session) -> None:
        made.append(Listener(session.context, session.discord))
        session.giveaways = made[0]
        pressed = buttons.Buttons(session.context, made[0], Cooldown(clock=clock)).pressed
        session.clicks.add(buttons.PATTERN, pressed)
        session.carry_levels()

    async with on_stage(place, data_dir, begin=begin) as stage:
        await stage.session.discord.guild(str(guild.id))
        yield Booth(stage, guild, clock, made[0])


@asynccontextmanager
async def booth(data_dir: Path, members: Sequence[str] = ("ann", "bob")) -> AsyncIterator[Booth]:
    """The guild, with the client connected."""
    async with Loopback() as place:
        guild = place.add_guild("G", roles=["Fan", "Friend", "Muted"], members=members)
        async with working(place, guild, data_dir) as made:
            yield made


def first_line(said: str) -> str:
    """What is said before the receipt, or before the reasons."""
    return said.partition("\n")[0]


@played
async def test_a_receipt(tmp_path: Path) -> None:
    """Who enters is told the number of the entry and its receipt, and told so again later."""
    async with booth(tmp_path) as at:
        giveaway = at.start()
        message = await at.post(giveaway)
        first = await at.said("ann", message, enter_id(giveaway.id))
        other = await at.said("bob", message, enter_id(giveaway.id))
        again = await at.said("bob", message, enter_id(giveaway.id))
        _, told, keep = other.split("\n")
        receipt = told.removeprefix("Entry 2, receipt `").removesuffix("`")
        found = at.stage.robo.giveaways.verify(at.guild_id, giveaway.id, Seen(receipt=receipt))

        assert is_receipt(receipt) and found.valid
        assert "Entry 1, receipt `1-" in first and keep == answers.KEEP
        assert again.split("\n")[1:] == [told, keep]


@played
async def test_entering_and_leaving(tmp_path: Path) -> None:
    """Each click does what its button says, once, and the member alone is told."""
    async with booth(tmp_path) as at:
        giveaway = at.start()
        message = await at.post(giveaway)
        enter, leave = enter_id(giveaway.id), leave_id(giveaway.id)
        said = [await at.said("ann", message, one) for one in (leave, enter, enter)]
        between = at.entries(giveaway)
        said += [await at.said("ann", message, one) for one in (leave, leave)]

        assert list(map(first_line, said)) == [
            answers.NOT_ENTERED,
            answers.ENTERED,
            answers.ALREADY,
            answers.LEFT,
            answers.NOT_ENTERED,
        ]
        assert between == {str(at.guild.member("ann").id): 1}
        assert at.entries(giveaway) == {}
        assert at.life.looked == [at.guild_id] * 2


@played
async def test_bonus_entries(tmp_path: Path) -> None:
    """A member whose role has a bonus is told how many entries that makes."""
    async with booth(tmp_path) as at:
        at.guild.change_roles("ann", add=["Fan"])
        giveaway = at.start(bonus_entries={str(at.guild.role("Fan").id): 4})
        said = await at.said("ann", await at.post(giveaway), enter_id(giveaway.id))

        assert first_line(said) == "You have entered with 5 entries. Good luck!"
        assert at.entries(giveaway) == {str(at.guild.member("ann").id): 5}


@played
async def test_every_failed_requirement_is_named(tmp_path: Path) -> None:
    """Roles that are missing, roles that are too many and the age of the account, all at once."""
    async with booth(tmp_path) as at:
        roles = [at.guild.role(name) for name in ("Fan", "Friend", "Muted")]
        fan, friend, muted = (str(role.id) for role in roles)
        newborn = at.stage.discord.add_user("new", created_at=datetime.now().astimezone())
        at.guild.join(newborn, roles=["Muted"])
        giveaway = at.start(
            allow_role_ids=[fan, friend], deny_role_ids=[muted], min_account_age_days=30
        )
        message = await at.post(giveaway)
        said = await at.said("new", message, enter_id(giveaway.id))
        one = await at.said("ann", message, enter_id(giveaway.id))
        at.guild.change_roles("ann", add=["Friend"])
        now = await at.said("ann", message, enter_id(giveaway.id))

        assert said.splitlines() == [
            answers.REFUSED,
            f"- You need one of the roles <@&{fan}>, <@&{friend}>.",
            f"- Nobody can enter with the role <@&{muted}>.",
            "- The account is 0 days old; it needs 30.",
        ]
        assert one.splitlines()[1:] == [f"- You need one of the roles <@&{fan}>, <@&{friend}>."]
        assert first_line(now) == answers.ENTERED
        assert list(at.entries(giveaway)) == [str(at.guild.member("ann").id)]
        assert at.life.looked == [at.guild_id]


@played
async def test_a_thousand_roles(tmp_path: Path) -> None:
    """A refusal that names more roles than fit is cut, and arrives."""
    async with booth(tmp_path) as at:
        many = [str(746807687960896580 + n) for n in range(1000)]
        giveaway = at.start(allow_role_ids=many)
        said = await at.said("ann", await at.post(giveaway), enter_id(giveaway.id))

        assert said.startswith(answers.REFUSED) and " more." in said
        assert 700 < len(said) < 2000


@played
async def test_bots_do_not_enter(tmp_path: Path) -> None:
    """A bot account is refused whatever it holds."""
    async with booth(tmp_path) as at:
        robot = at.guild.join(at.stage.discord.add_user("robot", bot=True))
        giveaway = at.start()
        said = await at.said(robot, await at.post(giveaway), enter_id(giveaway.id))

        assert said.splitlines() == [answers.REFUSED, "- Bots cannot enter."]
        assert at.entries(giveaway) == {}


@played
async def test_finished_giveaways(tmp_path: Path) -> None:
    """Nobody enters or leaves after the end, and each is told what became of the giveaway."""
    async with booth(tmp_path) as at:
        ended, cancelled = at.start(), at.start()
        message = await at.post(ended)
        await at.said("ann", message, enter_id(ended.id))
        at.stage.robo.giveaways.end(at.guild_id, ended.id)
        at.stage.robo.giveaways.cancel(at.guild_id, cancelled.id)
        before = at.entries(ended)
        said = {
            await at.said(who, message, button(giveaway.id))
            for giveaway in (ended, cancelled)
            for who in ("ann", "bob")
            for button in (enter_id, leave_id)
        }

        assert said == {answers.HAS_ENDED, answers.WAS_CANCELLED}
        assert at.entries(ended) == before
        assert at.entries(cancelled) == {}


@played
async def test_the_end_has_passed(tmp_path: Path) -> None:
    """Between the end and the draw nobody enters any more."""
    async with booth(tmp_path) as at:
        giveaway = at.start()
        message = await at.post(giveaway)
        namespace = at.stage.robo.vault.namespace(f"giveaways/{at.guild_id}")
        with namespace.transaction(Origin("test", "clock")) as transaction:
            [(key, record)] = transaction.records("giveaways").items()
            transaction.put("giveaways", key, {**record, "endsAt": giveaway.created_at})
        said = await at.said("ann", message, enter_id(giveaway.id))

        assert said == answers.OVER
        assert at.entries(giveaway) == {}


@played
async def test_another_guild(tmp_path: Path) -> None:
    """The id of a giveaway is worth nothing in any guild but its own."""
    async with booth(tmp_path) as at:
        other = at.stage.discord.add_guild("H", members=["eve"])
        await at.stage.session.discord.guild(str(other.id))
        giveaway = at.start()
        message = await at.post(giveaway)
        foreign = other.say("eve", "general", "hello")
        before = at.stage.robo.vault.namespace(f"giveaways/{at.guild_id}").read().seq
        said = []
        for custom_id in (enter_id(giveaway.id), leave_id(giveaway.id)):
            at.clock.now += SECONDS
            said.append((await other.click("eve", foreign, custom_id, anyway=True)).text)
        unknown = await at.said("ann", message, enter_id("01M7YJJ94WC4Q3344FK42H5P8Y"))

        assert {*said, unknown} == {answers.GONE}
        assert at.stage.robo.vault.namespace(f"giveaways/{at.guild_id}").read().seq == before
        assert at.life.looked == []


@pytest.mark.parametrize("tail", ["", "x", "746807687960896580", "81M7YJJ94WC4Q3344FK42H5P8Y"])
def test_what_is_no_id(tail: str) -> None:
    """Only the id of a giveaway counts in a button, neither that of a message nor a link."""
    assert buttons.PATTERN.fullmatch(enter_id(tail)) is None
    assert buttons.PATTERN.fullmatch(leave_id(tail)) is None


@played
async def test_after_a_restart(tmp_path: Path) -> None:
    """The buttons of a message go on working with every later client."""
    async with Loopback() as place:
        guild = place.add_guild("G", members=["ann", "bob"])
        async with working(place, guild, tmp_path) as at:
            giveaway = at.start()
            message = await at.post(giveaway)
            await at.said("ann", message, enter_id(giveaway.id))
        async with working(place, guild, tmp_path) as later:
            said = [
                await later.said("bob", message, enter_id(giveaway.id)),
                await later.said("ann", message, enter_id(giveaway.id)),
                await later.said("ann", message, leave_id(giveaway.id)),
            ]

            assert [first_line(one) for one in said] == [
                answers.ENTERED,
                answers.ALREADY,
                answers.LEFT,
            ]
            assert list(later.entries(giveaway)) == [str(guild.member("bob").id)]


@played
async def test_fifty_at_once(tmp_path: Path) -> None:
    """Fifty members who click in one moment have fifty entries and fifty private answers."""
    names = [f"member{n}" for n in range(50)]
    async with booth(tmp_path, names) as at:
        giveaway = at.start()
        message = await at.post(giveaway)
        namespace = at.stage.robo.vault.namespace(f"giveaways/{at.guild_id}")
        before, began = namespace.read().seq, time.monotonic()
        clicks = [at.guild.click(name, message, enter_id(giveaway.id)) for name in names]
        found = await asyncio.gather(*clicks)
        took, batches = time.monotonic() - began, namespace.read().seq - before

        assert [first_line(answer.text) for answer in found] == [answers.ENTERED] * 50
        assert all(answer.ephemeral for answer in found)
        assert max(answer.answered_in for answer in found) < 3.0
        assert set(at.entries(giveaway)) == {str(at.guild.member(name).id) for name in names}
        assert batches <= 25, f"{batches} batches in {took:.2f} s"
        assert len(at.life.looked) == batches


@played
async def test_racing_with_the_end(tmp_path: Path) -> None:
    """Whoever is told that they entered is part of the draw, and nobody else is."""
    names = [f"member{n}" for n in range(60)]
    async with booth(tmp_path, names) as at:
        giveaway = at.start(winners=20)
        message = await at.post(giveaway)

        def end_after_the_first() -> GiveawayChange:
            while not at.entries(giveaway):
                time.sleep(0.0005)
            return at.stage.robo.giveaways.end(at.guild_id, giveaway.id)

        ending = asyncio.create_task(asyncio.to_thread(end_after_the_first))
        clicks = [at.guild.click(name, message, enter_id(giveaway.id)) for name in names]
        found = await asyncio.gather(*clicks)
        change = await ending

        entered = {str(one.member.id) for one in found if first_line(one.text) == answers.ENTERED}
        assert {first_line(one.text) for one in found} <= {answers.ENTERED, answers.HAS_ENDED}
        assert set(at.entries(giveaway)) == entered
        assert change.giveaway.draws[0].candidates == len(entered) > 0


@played
async def test_a_busy_vault(tmp_path: Path) -> None:
    """Each member hears at once that an answer will come; it comes when the lock is free.

    However many giveaways of the guild are clicked on, other work goes on.
    """
    names = [f"member{n}" for n in range(8)]
    async with booth(tmp_path, names) as at:
        running = [at.start() for _ in names]
        message = await at.post(running[0])
        with (
            RoboXP.open(tmp_path) as other,
            other.vault.namespace(f"giveaways/{at.guild_id}").transaction(Origin("test", "hold")),
        ):
            found = [
                await at.guild.click(name, message, enter_id(one.id), wait=False, anyway=True)
                for name, one in zip(names, running, strict=True)
            ]
            await at.stage.until(lambda: all(answer.type == 5 for answer in found))
            # so that the threads that will wait do wait
            await asyncio.sleep(0.1)
            waited = [answer.loading for answer in found]
            free = await at.stage.session.context.work(lambda: "free")
        for answer in found:
            await answer.changed()

        assert all(waited) and free == "free"
        assert max(answer.answered_in for answer in found) < 1.0
        assert {first_line(answer.text) for answer in found} == {answers.ENTERED}


@played
async def test_clicks_in_a_row(tmp_path: Path) -> None:
    """A second click within three seconds is refused, on either button, of this giveaway only."""
    async with booth(tmp_path) as at:
        first, second = at.start(), at.start(min_account_age_days=36_500)
        message = await at.post(first)

        async def click(who: str, custom_id: str, later: float = 0.0) -> str:
            at.clock.now += later
            return first_line((await at.guild.click(who, message, custom_id, anyway=True)).text)

        assert await click("ann", enter_id(first.id)) == answers.ENTERED
        assert await click("ann", leave_id(first.id)) == WAIT
        assert await click("bob", enter_id(first.id)) == answers.ENTERED
        assert await click("ann", enter_id(second.id)) == answers.REFUSED
        assert await click("ann", enter_id(second.id)) == WAIT
        assert await click("ann", leave_id(first.id), 2.5) == WAIT.replace("3 seconds", "1 second")
        assert await click("ann", leave_id(first.id), 0.5) == answers.LEFT
        assert await click("ann", enter_id(first.id)) == WAIT
        assert list(at.entries(first)) == [str(at.guild.member("bob").id)]


def test_the_pause() -> None:
    """It lasts its seconds from the click that began it; clicks within it do not stretch it."""
    clock = HandClock()
    pause = Cooldown(3.0, clock=clock)
    waits = []
    for now in (0.0, 1.0, 2.0, 3.0, 5.5, 6.0):
        clock.now = now
        waits.append(pause.wait("ann"))

    assert waits == [0.0, 2.0, 1.0, 0.0, 0.5, 0.0]


def test_the_pause_forgets() -> None:
    """Whoever's pause is over takes no memory, and there is a most of those who wait."""
    clock = HandClock()
    pause = Cooldown(3.0, clock=clock, most=10)
    for member in range(25):
        assert pause.wait(member) == 0.0
    most = len(pause)
    oldest, newest = pause.wait(0), pause.wait(24)
    clock.now += 3.0
    pause.wait("later")

    assert (most, oldest, newest) == (10, 0.0, 3.0)
    assert len(pause) == 1


@played
async def test_wishes_are_gathered_in_order() -> None:
    """What comes while others are carried out waits for them, and then goes together."""
    told: list[tuple[str, list[int]]] = []
    free = asyncio.Event()

    async def carry_out(place: str, wishes: Sequence[int]) -> list[int]:
        told.append((place, list(wishes)))
        await free.wait()
        return [-wish for wish in wishes]

    gathering = ClickBatches(carry_out)
    first = asyncio.create_task(gathering.ask("a", 1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.create_task(gathering.ask("a", n)) for n in range(2, MOST + 4)]
    elsewhere = asyncio.create_task(gathering.ask("b", 9))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    seen = list(told)
    free.set()
    found = await asyncio.gather(first, *others, elsewhere)

    assert seen == [("a", [1]), ("b", [9])]
    assert [wishes for place, wishes in told if place == "a"] == [
        [1],
        [*range(2, MOST + 2)],
        [MOST + 2, MOST + 3],
    ]
    assert found == [-1, *(-n for n in range(2, MOST + 4)), -9]


@played
async def test_a_failure_is_told_to_all_and_forgotten() -> None:
    """What goes wrong is raised to those who were part of it; later wishes are carried out."""
    failing = [True]

    async def carry_out(_place: str, wishes: Sequence[int]) -> Sequence[int]:
        if failing.pop() if failing else False:
            raise OSError("the disk is gone")
        return wishes

    gathering = ClickBatches(carry_out)
    asked = await asyncio.gather(
        gathering.ask("a", 1), gathering.ask("a", 2), return_exceptions=True
    )

    assert [type(one) for one in asked] == [OSError, OSError]
    assert await gathering.ask("a", 3) == 3
