"""Giveaways whose message, channel or vault is out of reach for a while, and what that leaves."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from robo_xp.errors import VaultUnavailable
from robo_xp.usecases.giveaways.effects import EffectCases
from robo_xp.vault import Origin
from robo_xp_daemon.giveaways import entry_counter as counting
from robo_xp_daemon.giveaways import retrying_rounds as rounds
from tests.daemon.giveaways.scenes import DAY_MS, Fair, MovedClock, a_client, a_fair, everybody
from tests.daemon.loopback import Permission
from tests.daemon.stage import played, warnings_in


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses are short."""
    monkeypatch.setattr(rounds, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(rounds, "LONGEST_PAUSE", 0.05)
    monkeypatch.setattr(counting, "GATHER_SECONDS", 0.02)
    monkeypatch.setattr(counting, "SPACING_SECONDS", 0.05)


def shows(fair: Fair, giveaway: Any, entries: int) -> bool:
    """Whether the message shows so many entries."""
    return fair.shown(giveaway, "Entries") == str(entries)


@played
async def test_nothing_is_remembered_of_what_is_over(tmp_path: Path) -> None:
    """After its end nothing of a giveaway is left in memory, however many there were."""
    async with a_fair(tmp_path) as fair, a_client(fair, tmp_path) as stage:
        for number in range(5):
            book = fair.start(f"Book {number}")
            fair.enter(book, everybody(fair))
            await stage.until(partial(fair.is_posted, book))
            fair.end(book)
            await stage.until(partial(fair.is_told, book))
        life = stage.session.giveaways
        await stage.until(lambda: life.left == 0)

        for part in (life._entry_counter, life._outbox, life._outbox._delivery):
            kept = [vars(part)[name] for name in vars(part) if name != "_retries"]
            assert [one for one in kept if isinstance(one, dict | set) and one] == []


@played
async def test_a_message_that_is_deleted_while_it_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """That nobody can enter any more is noted once, and changes elsewhere do not repeat it."""
    async with a_fair(tmp_path) as fair, a_client(fair, tmp_path) as stage:
        book = fair.start()
        await stage.until(lambda: fair.is_posted(book))
        fair.guild.delete_message(fair.message(book))
        for number, member in enumerate(everybody(fair)):
            fair.enter(book, [member])
            stage.session.giveaways.retry(fair.guild_id)
            if not number:
                await stage.until(lambda: warnings_in(caplog))
        probe = fair.start("Probe")
        await stage.until(lambda: fair.is_posted(probe))
        await stage.session.giveaways._entry_counter.finish(5.0)

        assert len(fair.discord.calls("PATCH", "*/messages/*")) == 1
        assert fair.messages(book) == []
    (told,) = warnings_in(caplog)
    assert "nobody can enter any more" in told.getMessage()


@played
async def test_a_number_that_could_not_be_shown(tmp_path: Path) -> None:
    """Given the permission back, the message shows how many have entered meanwhile; until then
    what happens in other guilds leads to no further tries.
    """
    async with a_fair(tmp_path) as fair, a_client(fair, tmp_path) as stage:
        book = fair.start()
        await stage.until(lambda: fair.is_posted(book))
        other = fair.discord.add_guild("other", roles=["Fan"])
        denied = {fair.guild.id: (0, int(Permission.VIEW_CHANNEL))}
        fair.guild.set_overwrites(fair.channel, denied)
        fair.enter(book, ["m0"])
        await stage.until(lambda: fair.discord.calls("PATCH", "*/messages/*"))
        stage.session.giveaways.retry(str(other.id))
        fair.enter(book, ["m1"])
        probe = fair.robo.giveaways.create(
            str(other.id), prize="P", channel_id=str(other.channel("general").id), duration="1h"
        ).giveaway
        await stage.until(lambda: not fair.robo.giveaways.get(str(other.id), probe.id).pending)
        assert len(fair.discord.calls("PATCH", "*/messages/*")) == 1
        fair.guild.set_overwrites(fair.channel, {})

        await stage.until(lambda: shows(fair, book, 2))


class Stuck:
    """A use case of giveaways that fails some times, as on a full disk."""

    def __init__(self, name: str, *, skip: int, times: int) -> None:
        """Take the place of the use case of this name, which works ``skip`` times before."""
        self._do = getattr(EffectCases, name)
        self._skip = skip
        self.left = times

    def __get__(self, cases: Any, _owner: object) -> Any:
        """The use case of this object."""
        return partial(self, cases)

    def has_at_most(self, times: int) -> bool:
        """Whether it fails so often at most from now on."""
        return self.left <= times

    def __call__(self, cases: Any, *args: Any) -> Any:
        """Fail, or do it."""
        self._skip -= 1
        if self._skip < 0 < self.left:
            self.left -= 1
            raise VaultUnavailable("no space left on device")
        return self._do(cases, *args)


@pytest.mark.parametrize(("name", "skip"), [("attach_message", 0), ("mark_done", 1)])
@played
async def test_a_vault_that_cannot_be_written(tmp_path: Path, name: str, skip: int) -> None:
    """While nothing can be marked, and the channel's past cannot be read, nothing is repeated,
    even when Discord has forgotten the nonces.
    """
    clock = MovedClock()
    async with a_fair(tmp_path, clock=clock) as fair:
        denied = {fair.guild.id: (0, int(Permission.READ_MESSAGE_HISTORY))}
        fair.guild.set_overwrites(fair.channel, denied)
        stuck = Stuck(name, skip=skip, times=4)
        book = fair.start()
        fair.enter(book, everybody(fair))
        fair.end(book)
        with patch.object(EffectCases, name, stuck):
            async with a_client(fair, tmp_path, clock=clock) as stage:
                for left in (3, 2, 1, 0):
                    await stage.until(partial(stuck.has_at_most, left))
                    fair.discord.forget_nonces()
                await stage.until(lambda: fair.is_told(book))

        assert (len(fair.messages(book)), len(fair.announced(book))) == (1, 1)


@played
async def test_an_archived_thread(tmp_path: Path) -> None:
    """The announcement opens it, and then its giveaway's message loses the buttons, at once."""
    async with a_fair(tmp_path) as fair, a_client(fair, tmp_path) as stage:
        book = fair.start()
        fair.enter(book, everybody(fair))
        await stage.until(lambda: fair.is_posted(book))
        fair.discord.refuse_rest(400, 1, matching="PATCH */messages/*", code=50083)
        fair.end(book)
        await stage.until(lambda: fair.is_told(book))

        assert len(fair.announced(book)) == 1
        assert not fair.has_buttons(book)


@played
async def test_a_thread_that_is_opened_again(tmp_path: Path) -> None:
    """What an archived thread did not take, an opened one shows without waiting."""
    async with a_fair(tmp_path) as fair, a_client(fair, tmp_path) as stage:
        thread = fair.guild.add_thread("general", "draws")
        book = fair.start(channel_id=str(thread.id))
        await stage.until(lambda: fair.is_posted(book))
        fair.discord.refuse_rest(400, 1, matching="PATCH */messages/*", code=50083)
        fair.robo.giveaways.edit(fair.guild_id, book.id, prize="Car")
        await stage.until(
            lambda: stage.session.giveaways._outbox._refused.get((fair.guild_id, book.id))
        )
        fair.guild.reopen_thread(thread)
        await stage.until(lambda: fair.is_told(book))

        assert "Car" in thread.last.text


@pytest.mark.parametrize(("status", "code"), [(403, 50278), (403, 50007), (400, 50033)])
@played
async def test_a_winner_who_cannot_be_written_to(
    tmp_path: Path, status: int, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Closed messages, or no guild in common: noted, asked once, and no reason for a warning."""
    caplog.set_level(logging.INFO)
    async with a_fair(tmp_path) as fair, a_client(fair, tmp_path) as stage:
        book = fair.start()
        fair.enter(book, ["m0"])
        fair.discord.refuse_rest(status, matching="POST /users/@me/channels", code=code)
        fair.end(book)
        await stage.until(lambda: fair.is_told(book))

        assert len(fair.discord.calls("POST", "/users/@me/channels")) == 1
    assert f"winner {fair.guild.member('m0').id}" in caplog.text
    assert warnings_in(caplog) == []


@played
async def test_direct_messages_that_come_too_fast(tmp_path: Path) -> None:
    """Where Discord wants them slower, no winner is left out."""
    async with a_fair(tmp_path) as fair, a_client(fair, tmp_path) as stage:
        book = fair.start(winners=3)
        fair.enter(book, everybody(fair))
        fair.discord.refuse_rest(400, 2, matching="POST /users/@me/channels", code=40003)
        fair.end(book)
        await stage.until(lambda: fair.is_told(book))

        assert [len(fair.dms(member.id)) for member in everybody(fair)] == [1, 1, 1]


@played
async def test_a_message_of_another_bot(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A message that an earlier bot posted stays as it is; that is noted, and ends."""
    async with a_fair(tmp_path) as fair, a_client(fair, tmp_path) as stage:
        book = fair.start()
        await stage.until(lambda: fair.is_posted(book))
        fair.discord.refuse_rest(403, matching="PATCH */messages/*", code=50005)
        fair.end(book)
        await stage.until(lambda: fair.is_told(book))
    assert "another bot posted" in warnings_in(caplog)[0].getMessage()


@played
async def test_winners_after_files_were_put_back(tmp_path: Path) -> None:
    """A draw that is made anew on restored files, of other entries, is announced with its own
    winners; what was announced with the same ones is not repeated.
    """
    clock = MovedClock()
    async with a_fair(tmp_path, members=40, clock=clock) as fair:
        book = fair.start(winners=2)
        fair.enter(book, everybody(fair))
        async with a_client(fair, tmp_path, clock=clock) as stage:
            await stage.until(lambda: fair.is_posted(book))
            first = fair.end(book).winners
            await stage.until(lambda: fair.is_told(book))
        others = [str(one.id) for one in everybody(fair) if str(one.id) not in first][:2]
        for winners in (list(first), others):
            drawn_as(fair, winners)
            fair.discord.forget_nonces()
            clock.moved_ms += DAY_MS
            async with a_client(fair, tmp_path, clock=clock) as stage:
                await stage.until(lambda: fair.is_told(book))

        pinged = [announced.pings for announced in fair.announced(book)]
        assert pinged == [set(map(int, first)), set(map(int, others))]


def drawn_as(fair: Fair, winners: list[str]) -> None:
    """Let the one giveaway have these winners, of whom nobody was told yet."""
    namespace = fair.robo.vault.namespace(f"giveaways/{fair.guild_id}")
    with namespace.transaction(Origin("test", "restore")) as transaction:
        ((doc_id, record),) = transaction.records("giveaways").items()
        effects = {"message": {"asked": 9, "done": 0}, "announcement:0": {"asked": 9, "done": 0}}
        transaction.put(
            "giveaways", doc_id, {**record, "winners": winners, "effects": effects, "revision": 9}
        )
