"""One effect of a giveaway on Discord: its message, an announcement, a winner's direct message.

Each may be carried out twice, after a crash, and is seen once: messages carry a nonce, and what
may have been said too long ago for that is looked for first.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import discord

from robo_xp.model.giveaway import (
    CALL,
    CLOSE,
    COMMITMENT,
    DM,
    LAST_CHANCE,
    MESSAGE,
    NOT_DRAWN_HERE,
    Effect,
    Giveaway,
)
from robo_xp.model.outbox import NotDone
from robo_xp_daemon.client.port import Attachment, Card, Discord, nonce_of
from robo_xp_daemon.client.refusals import Meaning, is_passing, meaning_of, tell
from robo_xp_daemon.context import Context
from robo_xp_daemon.giveaways import announcement_text as texts
from robo_xp_daemon.giveaways import refusals
from robo_xp_daemon.giveaways.card import card_of
from robo_xp_daemon.giveaways.entry_counter import EntryCounter
from robo_xp_daemon.giveaways.guild_queue import GuildQueue
from robo_xp_daemon.giveaways.proof_files import proof_files
from robo_xp_daemon.outbox.sent_before import SentBefore

log = logging.getLogger("robo_xp_daemon")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an effect: ``is_over`` unless somebody has to act; ``why`` it is not done."""

    is_over: bool = True
    why: NotDone | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A text for a channel, and the roles that it notifies."""

    channel_id: str
    text: str
    nonce: str
    role_ids: tuple[str, ...] = ()


class _NoPlace(Exception):
    """The giveaway has no channel: for good, or until an operator acts."""

    def __init__(self, why: NotDone, *, for_good: bool) -> None:
        """What the caller has to know."""
        super().__init__()
        self.outcome = Outcome(for_good, why)


class Delivery:
    """Carries out effects on Discord."""

    def __init__(
        self, context: Context, port: Discord, queue: GuildQueue, entry_counter: EntryCounter
    ) -> None:
        self._context = context
        self._discord = port
        self._queue = queue
        self._entry_counter = entry_counter
        self._sent_before = SentBefore(context.clock, port)
        # posted, and not noted in the record yet
        self._unattached: dict[str, str] = {}

    async def deliver(self, giveaway: Giveaway, effect: Effect) -> Outcome:
        """What becomes of it: done, impossible for good, or an operator has to act.

        Raises what ``is_passing`` when Discord cannot be reached, and what the vault raises.
        """
        try:
            if effect.kind == DM:
                await self._dm(giveaway, effect)
                return Outcome()
            channel_id = await self._channel(giveaway)
            if effect.kind == MESSAGE:
                await self._message(giveaway, channel_id)
            else:
                await self._announce(giveaway, effect, channel_id)
            return Outcome()
        except _NoPlace as no_place:
            return no_place.outcome
        except discord.HTTPException as error:
            if is_passing(error):
                raise
            return _outcome(giveaway, effect, error)

    async def _channel(self, giveaway: Giveaway) -> str:
        """The id of the giveaway's channel; raises _NoPlace after telling why there is none."""
        if await self._discord.guild(giveaway.guild_id) is None:
            why = tell("guild", "a giveaway is not shown: the bot is not in the guild",
                       "invite the bot again", guild_id=giveaway.guild_id,
                       giveaway_id=giveaway.id)  # fmt: skip
            raise _NoPlace(why, for_good=False)
        channel_id = await self._discord.channel(giveaway.guild_id, giveaway.channel_id)
        if channel_id is not None:
            return channel_id
        why = tell(
            "channel", "a giveaway is not shown: that is no channel of this guild for messages",
            f"cancel it, and start another one elsewhere: robo-xp giveaway cancel {giveaway.id}",
            guild_id=giveaway.guild_id, channel_id=giveaway.channel_id, giveaway_id=giveaway.id,
        )  # fmt: skip
        raise _NoPlace(why, for_good=True)

    async def _message(self, giveaway: Giveaway, channel_id: str) -> None:
        """The giveaway's message shows what its record says; it is posted where there is none."""
        counted = self._context.robo.giveaways.counted
        async with self._entry_counter.locks.of(giveaway.id):
            listed = await self._context.work(counted, giveaway.guild_id, giveaway.id)
            giveaway, card = listed.giveaway, card_of(listed.giveaway, listed.entries)
            is_edit = giveaway.message_id is not None
            message_id = giveaway.message_id or await self._post_once(giveaway, channel_id, card)
            # what was posted before may have been posted in an earlier state
            if is_edit or giveaway.revision > 1:
                await self._discord.change(channel_id, message_id, card)
                self._entry_counter.note_edit(giveaway.id)
            self._entry_counter.shows(listed)

    async def _post_once(self, giveaway: Giveaway, channel_id: str, card: Card) -> str:
        """The id of the message, after it was posted, or found, and noted in the record."""
        found = self._unattached.get(giveaway.id)
        if found is None and self._sent_before.may_be_there(giveaway.began_at):
            found = await self._sent_before.message_of(channel_id, giveaway.id, giveaway.began_at)
        if found is None:
            nonce = nonce_of("giveaway", giveaway.id)
            found = await self._discord.post(channel_id, card, nonce=nonce)
        self._unattached[giveaway.id] = found
        attach = self._context.robo.giveaways.attach_message
        await self._queue(giveaway.guild_id, attach, giveaway.guild_id, giveaway.id, found)
        del self._unattached[giveaway.id]
        return found

    async def _announce(self, giveaway: Giveaway, effect: Effect, channel_id: str) -> None:
        """Every part of the announcement is said, in its order."""
        role_ids = [giveaway.ping_role_id or ""] if effect.topic == CALL else []
        said = await self._told_keys(giveaway, effect, channel_id)
        if effect.topic == CLOSE and giveaway.waiting is not None:
            giveaway = await self._with_round_ahead(giveaway, effect, channel_id)
        parts = texts.parts_of(giveaway, effect)
        for place, part in enumerate(parts, 1):
            if texts.told_by(part) in said:
                continue
            told = Told(
                channel_id,
                part,
                nonce=nonce_of("giveaway", giveaway.id, effect.key, *texts.told_by(part)),
                role_ids=tuple(role_ids),
            )
            has_proof = effect.topic is None and place == len(parts)
            files = await self._proof(giveaway) if has_proof else ()
            await self._say(told, files)

    async def _proof(self, giveaway: Giveaway) -> Sequence[Attachment]:
        """The proof of the draws so far, where something was drawn."""
        if giveaway.commitment == NOT_DRAWN_HERE:
            return ()
        context = self._context
        return await context.work(proof_files, context.robo, giveaway.guild_id, giveaway.id)

    async def _say(self, told: Told, files: Sequence[Attachment]) -> None:
        """Say it with these files, or without where Discord does not take them."""
        say = partial(
            self._discord.say,
            told.channel_id,
            told.text,
            user_ids=texts.users_of(told.text),
            role_ids=told.role_ids,
            nonce=told.nonce,
        )
        if not files:
            await say()
            return
        try:
            await say(files=files)
        except discord.HTTPException as error:
            if is_passing(error):
                raise
            await say()
            log.warning("a proof is not attached: Discord refused it (%s); give the bot Attach"
                        " Files in channel %s", error, told.channel_id)  # fmt: skip

    async def _with_round_ahead(
        self, giveaway: Giveaway, effect: Effect, channel_id: str
    ) -> Giveaway:
        """The giveaway as its close may be told now; as it was told, where it was."""
        [text] = texts.parts_of(giveaway, effect)
        asked_at = _asked_at(giveaway, effect)
        earlier = map(texts.told_by, await self._sent_before.texts(channel_id, asked_at))
        if texts.told_by(text) in earlier:
            return giveaway
        renew = self._context.robo.giveaways.with_round_ahead
        return await self._queue(giveaway.guild_id, renew, giveaway.guild_id, giveaway.id)

    async def _dm(self, giveaway: Giveaway, effect: Effect) -> None:
        """The winner is told privately."""
        assert effect.user_id is not None
        channel_id = await self._discord.private_channel(effect.user_id)
        text = texts.dm(giveaway, effect.number or 0)
        if texts.told_by(text) in await self._told_keys(giveaway, effect, channel_id):
            return
        nonce = nonce_of("giveaway", giveaway.id, effect.key)
        await self._discord.say(channel_id, text, nonce=nonce)

    async def _told_keys(
        self, giveaway: Giveaway, effect: Effect, channel_id: str
    ) -> set[tuple[str, ...]]:
        """What was told before, where that cannot be left to nonces."""
        asked_at = _asked_at(giveaway, effect)
        if not self._sent_before.may_be_there(asked_at):
            return set()
        found = await self._sent_before.texts(channel_id, asked_at)
        return {texts.told_by(text) for text in found}


def _asked_at(giveaway: Giveaway, effect: Effect) -> int:
    """When the effect was asked for, in epoch milliseconds."""
    if effect.topic in (CALL, COMMITMENT):
        return giveaway.began_at
    if effect.topic == LAST_CHANCE:
        return giveaway.ends_at - (giveaway.last_chance or 0)
    if effect.number is None:
        return giveaway.finalized_at or giveaway.created_at
    if effect.number < len(giveaway.draws):
        draw = giveaway.draws[effect.number]
        return draw.at if draw.beacon is None else draw.beacon.asked_at
    return giveaway.created_at if giveaway.waiting is None else giveaway.waiting.at


def _outcome(giveaway: Giveaway, effect: Effect, error: discord.HTTPException) -> Outcome:
    """What a refusal means; it is told, with what mends it."""
    if effect.kind == DM and meaning_of(error) is Meaning.UNREACHABLE:
        log.info("winner %s of giveaway %s takes no direct messages", effect.user_id, giveaway.id)
        return Outcome()
    return Outcome(*refusals.tell_whether_final(giveaway, effect.kind, error, effect.user_id))
