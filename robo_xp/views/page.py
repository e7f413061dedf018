"""What the public pages of a guild show."""

from __future__ import annotations

from robo_xp.views.board import BoardEntry
from robo_xp.views.curve import LevelCost
from robo_xp.views.shape import XP, Count, Id, Level, View


class Reward(View, frozen=True):
    """A role that a level earns."""

    level: Level
    role_id: Id


class FinishedGiveaway(View, frozen=True):
    """A giveaway that has a proof."""

    id: str
    prize: str
    winners: Count
    entries: Count


class GuildPage(View, frozen=True):
    """What all pages of a guild say; ``least`` to ``most`` is what a message earns."""

    guild_id: Id
    title: str
    unit: str
    total: Count
    least: XP
    most: XP
    cooldown_seconds: Count
    rewards: list[Reward]
    levels: list[LevelCost]
    giveaways: list[FinishedGiveaway]


class BoardPage(View, frozen=True):
    """A page of the board, counted from 1, of ``pages``."""

    entries: list[BoardEntry]
    number: Count
    pages: Count


class Published(View, frozen=True):
    """How many guilds have pages, and what became of the files."""

    guilds: Count
    written: Count
    removed: Count
    unchanged: Count
