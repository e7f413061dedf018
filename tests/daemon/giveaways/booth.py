"""Giveaways of a vault and a Discord in memory, with no client between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from robo_xp.model.giveaway import Effect, Giveaway
from robo_xp.vault import Origin
from robo_xp_daemon.context import Context
from robo_xp_daemon.giveaways.deliver import Delivery
from robo_xp_daemon.giveaways.effects import GiveawayEffects
from robo_xp_daemon.giveaways.entry_counter import EntryCounter
from robo_xp_daemon.giveaways.guild_queue import GuildQueue
from robo_xp_daemon.giveaways.recheck import Recheck
from tests.daemon.fake_discord import CHANNEL, GUILD, FakeDiscord
from tests.daemon.giveaways.scenes import MovedClock, is_binding

MEMBERS = tuple(f"40000000000000{number:04}" for number in range(100))
HOUR_MS = 3_600_000


class Booth:
    """The parts that carry giveaways to Discord; ``clock`` is the daemon's own."""

    def __init__(self, context: Context, *, members: int = 3) -> None:
        self.clock = MovedClock()
        self.context = context = replace(context, clock=self.clock)
        self.robo = context.robo
        self.discord = FakeDiscord(clock=self.clock)
        self.ids = [self.discord.join(user_id) for user_id in MEMBERS[:members]]
        self.restart()

    def restart(self) -> None:
        """The daemon starts anew: nothing is remembered but what is in the vault."""
        queue = GuildQueue(self.context.work)
        self.entry_counter = EntryCounter(self.context, self.discord)
        self.delivery = Delivery(self.context, self.discord, queue, self.entry_counter)
        self.effects = GiveawayEffects(self.context, queue, self.delivery)
        self.recheck = Recheck(self.context, self.discord)

    def start(self, **options: Any) -> Giveaway:
        """An operator starts a giveaway, in which everybody enters."""
        terms = {"prize": "Book", "duration": "1h", "channel_id": CHANNEL, **options}
        book = self.robo.giveaways.create(GUILD, **terms).giveaway
        self.robo.giveaways.enter(GUILD, book.id, self.ids)
        return book

    def end(self, book: Giveaway) -> Giveaway:
        """An operator ends it."""
        return self.robo.giveaways.end(GUILD, book.id).giveaway

    def now(self, book: Giveaway) -> Giveaway:
        """The giveaway as it is in the vault now."""
        return self.robo.giveaways.get(GUILD, book.id)

    def effect(self, book: Giveaway, kind: str) -> Effect:
        """What is pending of this kind."""
        return next(one for one in self.now(book).pending if one.kind == kind)

    async def deliver(self, book: Giveaway, kind: str) -> bool:
        """Carry the pending effect of this kind out; whether it is over."""
        return (await self.delivery.deliver(self.now(book), self.effect(book, kind))).is_over

    async def tell(self, book: Giveaway) -> None:
        """Carry out all that can be."""
        self.effects.take(self.now(book))
        await self.effects.drain.rounds.finish(5.0)

    def undone(self, book: Giveaway, *, is_attached: bool = False) -> None:
        """Let all effects be pending again: a crash came before their marks."""
        with self._record(book) as record:
            record["effects"] = {
                key: {**marks, "done": 0} for key, marks in record["effects"].items()
            }
            record["messageId"] = record["messageId"] if is_attached else None

    @contextmanager
    def _record(self, book: Giveaway) -> Iterator[dict[str, Any]]:
        namespace = self.robo.vault.namespace(f"giveaways/{GUILD}")
        with namespace.transaction(Origin("test", "crash")) as transaction:
            for doc_id, record in transaction.records("giveaways").items():
                if record["id"] == book.id:
                    after = dict(record)
                    yield after
                    transaction.put("giveaways", doc_id, after)

    def said(self, channel_id: str = CHANNEL) -> list[str]:
        """The texts that stand in the channel beside giveaways' messages and what binds draws."""
        return [one for one in self.texts(channel_id) if not is_binding(one)]

    def binding(self) -> list[str]:
        """What was told before the outcome: commitments and closes."""
        return [one for one in self.texts(CHANNEL) if is_binding(one)]

    def texts(self, channel_id: str) -> list[str]:
        """All texts that stand in the channel."""
        return [one.content for one in self.discord.said_in(channel_id) if one.card is None]

    def cards(self) -> list[dict[str, str]]:
        """The fields of each giveaway's message, by name."""
        shown = [one.card for one in self.discord.messages.values() if one.card is not None]
        return [{str(f.name): str(f.value) for f in card.embed.fields} for card in shown]

    def dms(self) -> list[int]:
        """How many direct messages each member got."""
        return [len(self.said(f"9{user_id}")) for user_id in self.ids]


class Stuck:
    """A use case of giveaways that fails some times, as on a full disk."""

    def __init__(self, do: Callable[..., Any], error: Exception, *, times: int) -> None:
        self._do = do
        self._error = error
        self.left = times

    def __call__(self, *args: Any, **kw: Any) -> Any:
        """Fail, or do it."""
        if self.left:
            self.left -= 1
            raise self._error
        return self._do(*args, **kw)
