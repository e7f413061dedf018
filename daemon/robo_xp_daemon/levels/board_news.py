"""Boards of days, weeks and months that are over, and boosts that begin or end: told once each."""

from __future__ import annotations

import discord
from discord.utils import escape_markdown, escape_mentions

from robo_xp.model.outbox import BoostEdge, ClosedBoard, News, NotDone
from robo_xp.text import count_text, thousands
from robo_xp_daemon.base import counters
from robo_xp_daemon.client.port import MESSAGE_LIMIT, Discord, nonce_of
from robo_xp_daemon.client.refusals import is_passing, tell, tell_refusal
from robo_xp_daemon.context import Context
from robo_xp_daemon.outbox.drain import Drain
from robo_xp_daemon.outbox.sent_before import SentBefore

_CHANNEL_FIX = "set a channel of this guild: robo-xp config set announcements.channelId ID"


class BoardNews:
    """Tells of closed boards; ``drain`` knows what is refused."""

    def __init__(self, context: Context, port: Discord, drain: Drain[tuple[str]]) -> None:
        self._context = context
        self._discord = port
        self._drain = drain
        self._sent_before = SentBefore(context.clock, port)

    async def tell_all(self, guild_id: str) -> None:
        """Tell of all that wait in the guild, the oldest first.

        Raises what ``is_passing`` when Discord cannot be reached.
        """
        outbox, work = self._context.robo.outbox, self._context.work
        refused = self._drain.refused((guild_id,))
        for store_id, boards in (await work(outbox.boards_due, guild_id)).items():
            for board in boards:
                if _key(guild_id, store_id, board) not in refused:
                    await self._tell(guild_id, store_id, board)

    async def _tell(self, guild_id: str, store_id: str, board: News) -> None:
        robo, work = self._context.robo, self._context.work
        holds = await work(robo.config.get, guild_id, store=store_id)
        announcing = holds["announcements"]
        # boosts are told where that is asked for, levels or not
        is_told = isinstance(board, BoostEdge) or announcing["mode"] != "off"
        channel_id = announcing.get("channelId") if is_told else None
        why: NotDone | None = None
        if channel_id is not None:
            unit = holds.get("labels", {}).get("xpDisplayName", "XP")
            try:
                why = await self._say(guild_id, channel_id, store_id, (board, unit))
            except discord.HTTPException as error:
                if is_passing(error):
                    raise
                why = tell_refusal("a board", error, guild_id=guild_id, channel_id=channel_id)
        if why is not None:
            self._drain.refuse((guild_id,), _key(guild_id, store_id, board))
            if await work(robo.outbox.board_refused, guild_id, store_id, board, why):
                self._drain.count(counters.REFUSED)
            return
        await work(robo.outbox.board_done, guild_id, store_id, board)
        self._drain.count(counters.DONE)

    async def _say(
        self, guild_id: str, channel_id: str, store_id: str, told: tuple[News, str]
    ) -> NotDone | None:
        """The channel shows who was first, or why it cannot."""
        board, unit = told
        place = await self._discord.channel(guild_id, channel_id)
        if place is None:
            return tell("channel", "a board is not announced: that is no channel of this guild",
                        _CHANNEL_FIX, guild_id=guild_id, channel_id=channel_id)  # fmt: skip
        text, pinged = news_text(board, unit)
        if self._sent_before.may_be_there(board.at):
            if text in await self._sent_before.texts(place, board.at):
                return None
        nonce = nonce_of("board", store_id, guild_id, board.seq)
        await self._discord.say(place, text, user_ids=pinged, nonce=nonce)
        return None


def news_text(news: News, unit: str) -> tuple[str, list[str]]:
    """What is said of a board or a boost, and whom it notifies."""
    if isinstance(news, BoostEdge):
        return boost_text(news), []
    return board_text(news, unit), [user_id for user_id, _ in news.top]


def boost_text(edge: BoostEdge) -> str:
    """What is said of a boost that began or ended; its name is shown as it was typed."""
    name = f" ({escape_mentions(escape_markdown(edge.name))})" if edge.name else ""
    if not edge.is_beginning:
        return f"The boost ×{edge.factor}{name} is over."
    until = "" if edge.until is None else f" until <t:{edge.until // 1000}:f>"
    return f"From now on XP count ×{edge.factor}{name}{until}."


def board_text(board: ClosedBoard, unit: str) -> str:
    """What is said of a period that is over; Discord shows its dates in each reader's own way."""
    first, last = board.begins_at // 1000, board.ends_at // 1000 - 1
    dates = f"<t:{first}:D>" if board.kind == "day" else f"<t:{first}:D> – <t:{last}:D>"
    lines = [
        f"{rank}. <@{user_id}> · {thousands(xp)} {unit}"
        for rank, (user_id, xp) in enumerate(board.top, start=1)
    ]
    head = f"The {board.kind} is over: {dates}, {count_text(board.members, 'member')}"
    return "\n".join([head, *lines])[:MESSAGE_LIMIT]


def _key(guild_id: str, store_id: str, board: News) -> tuple[object, ...]:
    return ("board", guild_id, store_id, board.seq)
