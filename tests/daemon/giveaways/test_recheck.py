"""Members as they are at a draw, on a Discord in memory."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from robo_xp.model.draws import Entrant
from robo_xp_daemon.client.port import Role
from robo_xp_daemon.context import Context
from robo_xp_daemon.giveaways import recheck
from robo_xp_daemon.giveaways.recheck import NOT_ASKED, CheckedMembers, Question
from tests.daemon.fake_discord import GUILD, refusal
from tests.daemon.giveaways.booth import Booth
from tests.daemon.stage import played

FAN = "500000000000000001"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses are short."""
    monkeypatch.setattr(recheck, "FIRST_PAUSE", 0.001)


async def looked(booth: Booth, giveaway_id: str, *, seconds: float = 5.0) -> CheckedMembers:
    """What is known of members after a look."""
    checked = CheckedMembers()
    await booth.recheck.look(Question(GUILD, giveaway_id, seconds=seconds), checked)
    return checked


@pytest.mark.parametrize("is_role_there", [True, False])
@played
async def test_members_as_they_are_now(context: Context, is_role_there: bool) -> None:
    """Who left is None; the lack of a role is held against nobody when nobody can have it."""
    booth = Booth(context)
    found = booth.discord.guilds[GUILD]
    roles = {FAN: Role()} if is_role_there else {}
    booth.discord.guilds[GUILD] = replace(found, roles=roles)
    gone, lost, fit = booth.ids
    book = booth.start(winners=3, allow_role_ids=[FAN])
    entrants = [Entrant(user_id, frozenset({FAN})) for user_id in booth.ids]
    booth.robo.giveaways.enter(GUILD, book.id, entrants)
    del booth.discord.members_by_id[GUILD, gone]
    booth.discord.join(fit, FAN)
    checked = await looked(booth, book.id)

    assert checked.note is None
    assert checked.members[gone] is None
    assert checked.members[fit] == Entrant(fit, frozenset({FAN}), is_booster=False)
    forgiven = frozenset() if is_role_there else frozenset({FAN})
    assert checked.members[lost] == Entrant(lost, forgiven, is_booster=False)


@played
async def test_only_those_who_are_about_to_win_are_asked_for(context: Context) -> None:
    """Of a hundred entries two winners cost two looks."""
    booth = Booth(context, members=100)
    book = booth.start(winners=2)
    checked = await looked(booth, book.id)

    assert len(checked.members) == booth.discord.calls["member"] == 2


@played
async def test_many_who_are_passed_over_are_looked_at_together(context: Context) -> None:
    """To find one winner among a hundred of whom 99 have left takes a few rounds, not a hundred."""
    booth = Booth(context, members=100)
    book = booth.start()
    for user_id in booth.ids[1:]:
        del booth.discord.members_by_id[GUILD, user_id]
    checked = await looked(booth, book.id)

    assert checked.members[booth.ids[0]] == Entrant(booth.ids[0], frozenset(), is_booster=False)
    assert booth.discord.calls["guild"] <= 10


@pytest.mark.parametrize("error", [refusal(503), OSError("out of reach"), refusal(429)])
@played
async def test_a_short_outage_delays_the_look(context: Context, error: Exception) -> None:
    """A look that Discord refuses once is taken again, and counts."""
    booth = Booth(context)
    book = booth.start(winners=3)
    booth.discord.refuse("member", error, of=booth.ids[0], times=1)
    checked = await looked(booth, book.id)

    assert (set(checked.members), checked.note) == (set(booth.ids), None)


@pytest.mark.parametrize("error", [refusal(503), refusal(403, 50001)])
@played
async def test_who_cannot_be_asked_for_is_left_out_with_a_note(
    context: Context, error: Exception
) -> None:
    """What is known of others counts; the record will say that Discord could not be asked."""
    booth = Booth(context)
    book = booth.start(winners=3)
    booth.discord.refuse("member", error, of=booth.ids[0])
    checked = await looked(booth, book.id, seconds=0.2)

    assert (set(checked.members), checked.note) == (set(booth.ids[1:]), NOT_ASKED)


@pytest.mark.parametrize("operation", ["guild", "member"])
@played
async def test_an_answer_that_does_not_come_is_not_waited_for(
    context: Context, operation: str
) -> None:
    """The draw goes on without it after so many seconds."""
    booth = Booth(context)
    book = booth.start(winners=3)
    slow = GUILD if operation == "guild" else booth.ids[0]
    booth.discord.refuse(operation, None, of=slow)
    async with asyncio.timeout(5.0):
        checked = await looked(booth, book.id, seconds=0.2)

    assert checked.note == NOT_ASKED
    assert booth.ids[0] not in checked.members


@played
async def test_a_guild_without_the_bot_is_noted(context: Context) -> None:
    """Nobody can be looked at, and nobody is dropped for it."""
    booth = Booth(context)
    book = booth.start()
    booth.discord.guilds.clear()
    checked = await looked(booth, book.id)

    assert (checked.members, checked.note) == ({}, NOT_ASKED)


@played
async def test_what_has_ended_asks_nobody(context: Context) -> None:
    """A giveaway that is not in the state that the draw needs costs no look."""
    booth = Booth(context)
    book = booth.start()
    booth.end(book)
    checked = await looked(booth, book.id)

    assert (checked.members, checked.note, booth.discord.calls["member"]) == ({}, None, 0)
