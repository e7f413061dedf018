"""Announcements of new levels: whom to tell, where, and in which words.

What is to be told stands in the vault until it was. Nobody is told twice: a nonce holds for some
minutes, and what may have been said longer ago is looked for in the channel.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import discord

from robo_xp import RoboXP
from robo_xp.model.outbox import MANY, NewLevel, NotDone
from robo_xp.rules.giveaway.duration import span_ms
from robo_xp.settings.template import filled_template
from robo_xp.text import count_text
from robo_xp_daemon.base import counters
from robo_xp_daemon.base.pace import yielding
from robo_xp_daemon.client.port import MESSAGE_LIMIT, Discord, Guild, nonce_of
from robo_xp_daemon.client.refusals import Meaning, is_passing, meaning_of, tell, tell_refusal
from robo_xp_daemon.context import Context
from robo_xp_daemon.levels.announcement_plan import plan_for, summary_text
from robo_xp_daemon.levels.board_news import BoardNews
from robo_xp_daemon.outbox.drain import Drain
from robo_xp_daemon.outbox.sent_before import SentBefore

log = logging.getLogger("robo_xp_daemon")

OFF, SAME, DM = "off", "same", "dm"
ROUND_SECONDS = 60.0
"""In so long at most ``MANY`` members of a guild are told one by one."""

STALE_MS = 60_000
"""What is older lets requests for what is fresh go first."""

_SPEAKING_FIX = "give the bot View Channel and Send Messages there; it is tried again then"
_CHANNEL_FIX = "set a channel of this guild: robo-xp config set announcements.channelId ID"
_Key = tuple[str, str, str, int]


@dataclass(frozen=True, slots=True)
class Wording:
    """How a guild announces levels: the mode, a channel if one is set, the template, the age."""

    mode: str
    channel_id: str | None
    template: str
    max_age_ms: int


@dataclass(frozen=True, slots=True)
class _Store:
    """A store of a guild in one round; ``said`` is what was found in channels, by their ids."""

    guild: Guild
    id: str
    wording: Wording
    said: dict[str, set[str]] = field(default_factory=dict)


@dataclass(slots=True)
class _Window:
    """How many members of a guild were told one by one since ``began`` (loop seconds)."""

    began: float
    used: int = 0


class Announcements:
    """Tells of new levels where the guild wants it, one guild beside the other."""

    def __init__(self, context: Context, port: Discord) -> None:
        """Say them there."""
        self._context = context
        self._discord = port
        self._sent_before = SentBefore(context.clock, port)
        self._began_at = context.clock.now_ms()
        self.drain: Drain[tuple[str]] = Drain(context, counters.ANNOUNCEMENTS, self._round)
        self._rounds = self.drain.rounds
        self._boards = BoardNews(context, port, self.drain)
        self._pending: dict[str, int] = {}
        self._doubtful: set[_Key] = set()
        self._windows: dict[str, _Window] = {}

    @property
    def left(self) -> int:
        """How many are in hand or wait, without what is refused."""
        return sum(max(self._pending.get(guild_id, 0), 1) for (guild_id,) in self._rounds.keys)

    def ask(self, guild_id: str) -> None:
        """Tell what waits in the guild."""
        self._rounds.ask((guild_id,))

    async def _round(self, key: tuple[str]) -> None:
        """Tell what is to be told in all stores of the guild."""
        outbox, work, (guild_id,) = self._context.robo.outbox, self._context.work, key
        refused = self.drain.refused(key)
        stores = {
            store_id: [one for one in rises if (guild_id, store_id, one.user_id, one.seq)
                       not in refused]
            for store_id, rises in (await work(outbox.levels_due, guild_id)).items()
        }  # fmt: skip
        self._pending[guild_id] = sum(map(len, stores.values()))
        try:
            for store_id, rises in stores.items():
                if rises:
                    await self._tell_store(guild_id, store_id, rises)
            await self._boards.tell_all(guild_id)
        finally:
            self._pending.pop(guild_id, None)

    async def _tell_store(self, guild_id: str, store_id: str, rises: list[NewLevel]) -> None:
        wording = await self._context.work(wording_of, self._context.robo, guild_id, store_id)
        if wording.mode == OFF:
            await self._forget(guild_id, store_id, rises)
            return
        guild = await self._discord.guild(guild_id)
        if guild is None:
            why = tell("guild", "levels are not announced: the bot is not in the guild",
                       "invite the bot again", guild_id=guild_id)  # fmt: skip
            await self._refuse(guild_id, store_id, rises, why)
            return
        store, room = _Store(guild, store_id, wording), self._room(guild_id)
        oldest_at = self._context.clock.now_ms() - wording.max_age_ms
        plan = plan_for(rises, oldest_at=oldest_at, most=MANY)
        # what is left of the last round's number is for those who waited longest
        later = plan.single[room:]
        if not later and (rest := await self._unsaid(store, plan.rest)):
            number = await self._context.work(
                self._context.robo.outbox.summarise, guild_id, store_id, rest
            )
            plan.summaries.setdefault(number, []).extend(rest)
        for number, group in plan.summaries.items():
            with yielding():
                await self._tell_summary(store, number, group)
        for rise in plan.single[:room]:
            if self._rounds.is_ending:
                return
            with yielding(self._context.clock.now_ms() - rise.at > STALE_MS):
                await self._tell(store, rise)
            self._windows[guild_id].used += 1
        if later:
            ends = self._windows[guild_id].began + ROUND_SECONDS
            await self._rounds.nap(max(ends - _now(), 0.01))
            self._rounds.ask((guild_id,))

    def _room(self, guild_id: str) -> int:
        """How many members of the guild may still be told one by one in this round."""
        window = self._windows.get(guild_id)
        if window is None or _now() - window.began >= ROUND_SECONDS:
            window = self._windows[guild_id] = _Window(_now())
        return max(MANY - window.used, 0)

    async def _tell(self, store: _Store, rise: NewLevel) -> None:
        """The new level is announced, or it is kept why not.

        Raises what ``is_passing`` when Discord cannot be reached.
        """
        guild_id, key = store.guild.id, _key(store, rise)
        nonce = nonce_of("xp", store.id, guild_id, rise.seq, rise.user_id)
        text = _text_of(store, rise)
        channel_id = None
        try:
            place = await self._channel(store, rise)
            if isinstance(place, NotDone):
                await self._refuse(guild_id, store.id, [rise], place)
                return
            channel_id = place
            if channel_id is not None and not await self._was_said(store, rise, channel_id, text):
                await self._discord.say(channel_id, text, user_ids=[rise.user_id], nonce=nonce)
        except discord.HTTPException as error:
            if is_passing(error):
                self._doubtful.add(key)
                raise
            if store.wording.mode != DM or meaning_of(error) is not Meaning.UNREACHABLE:
                where = channel_id or _wanted_channel(store, rise)
                why = tell_refusal("an announcement", error, _fix_of(error), guild_id=guild_id,
                                   channel_id=where)  # fmt: skip
                await self._refuse(guild_id, store.id, [rise], why)
                return
            log.info("member %s takes no direct messages", rise.user_id)
        except Exception:
            self._doubtful.add(key)
            raise
        await self._forget(guild_id, store.id, [rise])
        self.drain.count(counters.DONE)

    async def _tell_summary(self, store: _Store, number: int, group: list[NewLevel]) -> None:
        """What is too old or too much is told in one message that notifies nobody.

        Where there is no channel for all of them, it is not told.
        """
        guild_id, channel_id = store.guild.id, store.wording.channel_id
        try:
            if store.wording.mode != DM and channel_id is not None:
                text, at = summary_text(group), min(rise.at for rise in group)
                place = await self._discord.channel(guild_id, channel_id)
                if place is not None and text not in await self._sent_before.texts(place, at):
                    nonce = nonce_of("summary", store.id, guild_id, number)
                    await self._discord.say(place, text, nonce=nonce)
        except discord.HTTPException as error:
            if is_passing(error):
                raise
            why = tell_refusal("a summary of new levels", error, _fix_of(error),
                               guild_id=guild_id, channel_id=channel_id)  # fmt: skip
            await self._refuse(guild_id, store.id, group, why)
            return
        await self._forget(guild_id, store.id, group)
        log.info("%s of guild %s were too old or too many for a message each",
                 count_text(len(group), "new level"), guild_id,
                 extra={"guild_id": guild_id})  # fmt: skip

    async def _unsaid(self, store: _Store, rises: Sequence[NewLevel]) -> list[NewLevel]:
        """These without those that were told one by one already, which are done.

        A member may have been told just before the end, and be one of too many ever since.
        """
        said = [
            rise for rise in rises
            if self._may_be_said(store, rise)
            and (channel_id := _wanted_channel(store, rise)) is not None
            and _text_of(store, rise) in await self._said_texts(store, rise, channel_id)
        ]  # fmt: skip
        if said:
            await self._forget(store.guild.id, store.id, said)
        return [rise for rise in rises if rise not in said]

    async def _was_said(self, store: _Store, rise: NewLevel, channel_id: str, text: str) -> bool:
        """Whether the channel shows it, where that may be and the nonce is forgotten."""
        if not self._may_be_said(store, rise) or not self._sent_before.may_be_there(rise.at):
            return False
        return text in await self._said_texts(store, rise, channel_id)

    def _may_be_said(self, store: _Store, rise: NewLevel) -> bool:
        """Whether an earlier process, or a try without an answer, may have told it."""
        return rise.at < self._began_at or _key(store, rise) in self._doubtful

    async def _said_texts(self, store: _Store, rise: NewLevel, channel_id: str) -> set[str]:
        """What was said in the channel since the first rise that is looked for there."""
        if channel_id not in store.said:
            store.said[channel_id] = set(await self._sent_before.texts(channel_id, rise.at))
        return store.said[channel_id]

    async def _channel(self, store: _Store, rise: NewLevel) -> str | NotDone | None:
        """Where to say it, by id; None where there is no such place and need not be one."""
        if store.wording.mode == DM:
            return await self._discord.private_channel(rise.user_id)
        guild_id, channel_id = store.guild.id, _wanted_channel(store, rise)
        if channel_id is None:
            if store.wording.mode == SAME:
                return None  # XP that an operator gave was earned in no channel
            return tell("nowhere", "levels are not announced: no channel is set", _CHANNEL_FIX,
                        guild_id=guild_id)  # fmt: skip
        found = await self._discord.channel(guild_id, channel_id)
        if found is None:
            return tell(
                "channel",
                "levels are not announced: that is no channel of this guild for messages",
                _CHANNEL_FIX, guild_id=guild_id, channel_id=channel_id,
            )  # fmt: skip
        return found

    async def _refuse(
        self, guild_id: str, store_id: str, rises: Sequence[NewLevel], why: NotDone
    ) -> None:
        """Keep why they are not told; they are tried again when that may have been mended."""
        for rise in rises:
            self.drain.refuse((guild_id,), (guild_id, store_id, rise.user_id, rise.seq))
        outbox = self._context.robo.outbox
        new = await self._context.work(outbox.levels_refused, guild_id, store_id, rises, why)
        self.drain.count(counters.REFUSED, new)

    async def _forget(self, guild_id: str, store_id: str, rises: Sequence[NewLevel]) -> None:
        """These need not be told any more."""
        outbox = self._context.robo.outbox
        await self._context.work(outbox.levels_done, guild_id, store_id, rises)
        self._doubtful.difference_update(
            (guild_id, store_id, rise.user_id, rise.seq) for rise in rises
        )
        self._pending[guild_id] = max(self._pending.get(guild_id, 0) - len(rises), 0)


def wording_of(robo: RoboXP, guild_id: str, store_id: str) -> Wording:
    """How new levels are announced in this store now."""
    holds = robo.config.get(guild_id, store=store_id)["announcements"]
    age = span_ms(holds["maxAge"])
    return Wording(holds["mode"], holds.get("channelId"), holds["template"], age)


def _wanted_channel(store: _Store, rise: NewLevel) -> str | None:
    """The channel that it belongs into, which may not be one; None for a private message."""
    if store.wording.mode == DM:
        return None
    same = rise.channel_id if store.wording.mode == SAME else None
    return same or store.wording.channel_id


def _key(store: _Store, rise: NewLevel) -> _Key:
    return store.guild.id, store.id, rise.user_id, rise.seq


def _text_of(store: _Store, rise: NewLevel) -> str:
    """How the rise is told to its member, within Discord's length."""
    text = filled_template(
        store.wording.template,
        {
            "member": f"<@{rise.user_id}>",
            "level": f"{rise.level:,}",
            "oldLevel": f"{rise.old_level:,}",
            "xp": f"{rise.total_xp:,}",
            "guild": store.guild.name,
        },
    )
    return text[:MESSAGE_LIMIT]


def _fix_of(error: discord.HTTPException) -> str | None:
    """What lets the bot speak, where it may not; None where the answer's own advice is right."""
    return _SPEAKING_FIX if meaning_of(error) is Meaning.MENDABLE and error.status == 403 else None


def _now() -> float:
    return asyncio.get_running_loop().time()
