"""The daemon: how it is, what it was told, whether it is healthy; and what happens in a guild."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from robo_xp.views.giveaway import GiveawayRow
from robo_xp.views.shape import XP, Count, EpochMs, Id, Level, Name, Seconds, View


class RefusalRow(View, frozen=True):
    """Something that Discord refuses until somebody mends it; it is tried again by itself.

    ``kind`` is ``roles``, ``announcement`` or ``giveaway``; ``code`` is Discord's, or a word where
    Discord need not be asked. ``what`` is not done, ``mend`` helps. ``members`` are affected, of
    whom ``userIds`` are the first ten. ``since`` it is refused, and ``triedAt`` it last was.
    """

    guild_id: Id
    kind: str
    code: str
    what: str
    mend: str
    since: EpochMs
    tried_at: EpochMs
    members: Count
    user_ids: list[Id]
    store_id: str | None
    role_id: Id | None
    channel_id: Id | None
    giveaway_id: str | None


class WorkProgress(View, frozen=True):
    """Work for many members of a guild: how many are done and left, and for how long about."""

    what: str
    guild_id: Id
    done: Count
    left: Count
    seconds_left: Seconds | None


class DaemonStatus(View, frozen=True):
    """How the daemon is, and where it works; ``shards`` are null where it has all guilds.

    ``messages`` were counted since the start, ``backlog`` wait for the disk, and ``effectsLeft``
    changes wait for Discord. ``causes`` are why it is not ``healthy``. ``refused`` are changes that
    wait for somebody to mend something, and ``progress`` is shown where many members of a guild
    wait.
    """

    version: str
    shards: str | None
    pid: int
    started_at: EpochMs
    uptime_seconds: Seconds
    state: str
    healthy: bool
    causes: list[str]
    guilds: Count
    latency_seconds: float | None
    messages: Count
    backlog: Count
    effects_left: Count
    data_dir: str
    config: str | None
    socket: str
    listen: list[str]
    refused: list[RefusalRow]
    progress: list[WorkProgress]
    warnings: list[str]


class Reloaded(View, frozen=True):
    """The keys that were changed and count after a restart only."""

    needs_restart: list[str]


class Synced(View, frozen=True):
    """How many slash commands Discord was told of."""

    commands: Count


class Obstacle(View, frozen=True):
    """Why Discord would refuse something: a word, what is wrong in a sentence, what mends it."""

    code: str
    what: str
    mend: str


class RoleOutlook(View, frozen=True):
    """The permissions of a role with which its members manage the guild or each other, and why the
    bot could not give it.
    """

    role_id: Id
    dangerous: list[str]
    obstacle: Obstacle | None


class RoleMembers(View, frozen=True):
    """Who has a role; not ``complete`` where only members that the vault knows could be seen."""

    role_id: Id
    user_ids: list[Id]
    complete: bool


class ChannelOutlook(View, frozen=True):
    """Why the bot could not post in a channel."""

    channel_id: Id
    obstacle: Obstacle | None


class Stopping(View, frozen=True):
    """The process that finishes what is in hand and ends."""

    pid: int


class Discord(View, frozen=True):
    """Whether the connection to Discord works, and how many guilds the bot is in."""

    ready: bool
    guilds: Count
    latency_seconds: float | None


class VaultState(View, frozen=True):
    """Whether the vault can be read."""

    accessible: bool


class HealthStatus(View, frozen=True):
    """That the daemon is healthy; times in milliseconds.

    ``flashcore`` is ``vault`` by the name that dashboards of Robo.js look for.
    """

    status: str
    timestamp: EpochMs
    uptime: Count
    discord: Discord
    vault: VaultState
    flashcore: VaultState
    version: str


class Riser(View, frozen=True, kw_only=True):
    """A member who gained XP; ``level`` and ``rank`` are those of now."""

    user_id: Id
    name: Name | UnsetType = UNSET
    gained: int
    levels: int
    xp: XP
    level: Level
    rank: Count | None


class Glance(View, frozen=True):
    """The activity of a store: of the last minute, and of the time that is looked at.

    ``history`` counts the awards of each of the 60 parts of that time, oldest first.
    """

    guild_id: Id
    store_id: str
    at: EpochMs
    window_seconds: Count
    awards_per_minute: Count
    xp_per_minute: int
    awards: Count
    members: Count
    level_ups: Count
    level_downs: Count
    history: Sequence[Count]
    rising: list[Riser]
    giveaways: list[GiveawayRow]
    daemon: dict[str, Any]
