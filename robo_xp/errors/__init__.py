"""The one tree of errors that Robo XP raises on purpose: every code is a class.

::

    RoboXPError             1  failed
    ├── InvalidValue        2  a value that no state could make right
    ├── NotFound            3  what was named is not there
    ├── Refused             4  a rule or the present state says no
    ├── VaultBusy           5
    ├── VaultDamaged        6
    ├── NotConfigured       7
    └── VaultUnavailable    1  disk full, read-only, no permission

``base`` is this trunk, ``core`` what the use cases and the vault refuse, ``transfer`` imports,
``command_line`` and ``http`` what only one program can meet. Each class has a stable ``code``
(scripts and requests match on it), an exit code, a status of HTTP, and an ``advice``: what to do
next. Its docstring is what the documents say of it.
"""

from __future__ import annotations

from robo_xp.errors.base import (
    EXIT_CODES,
    Fault,
    InvalidValue,
    NotConfigured,
    NotFound,
    Refused,
    RoboXPError,
    VaultBusy,
    VaultDamaged,
    VaultUnavailable,
    kinds,
)
from robo_xp.errors.command_line import (
    ConfigExists,
    DaemonBusy,
    DaemonNotRunning,
    DaemonNotSignalled,
    DaemonUnreachable,
    EditorFailed,
    FileFailed,
    HiddenProgram,
    NeedsConfirmation,
    NeedsRoot,
    NeedsTerminal,
    NotConfirmed,
    OutputFailed,
    PlotFailed,
    TokenExists,
    ToldByDaemon,
    Unexpected,
    WrongUsage,
)
from robo_xp.errors.core import (
    AlreadyUndone,
    BatchNotFound,
    CurveCodeRefused,
    DangerousRole,
    DuplicateReward,
    FileExists,
    FileMissing,
    GiveawayNotActive,
    GiveawayNotEnded,
    GiveawayNotFound,
    GuildNotFound,
    InvalidAmount,
    InvalidConfig,
    InvalidDuration,
    InvalidId,
    InvalidRows,
    LimitExceeded,
    MemberNotFound,
    NoEntriesLeft,
    NotRanked,
    RewardNotFound,
    SecretMissing,
    StoreNotFound,
    TooFarBack,
    UndoUnclear,
)
from robo_xp.errors.http import (
    Forbidden,
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    TooLarge,
    TooSlow,
    Unauthorized,
    Unhealthy,
    UnsupportedMediaType,
)
from robo_xp.errors.transfer import OtherGuild, RoundedIds, UnknownSource

__all__ = [
    "AlreadyUndone",
    "BatchNotFound",
    "ConfigExists",
    "DaemonBusy",
    "DaemonNotRunning",
    "DaemonNotSignalled",
    "DaemonUnreachable",
    "CurveCodeRefused",
    "DangerousRole",
    "DuplicateReward",
    "EXIT_CODES",
    "EditorFailed",
    "Fault",
    "FileExists",
    "FileFailed",
    "FileMissing",
    "Forbidden",
    "GiveawayNotActive",
    "GiveawayNotEnded",
    "GiveawayNotFound",
    "GuildNotFound",
    "HiddenProgram",
    "InternalError",
    "InvalidAmount",
    "InvalidConfig",
    "InvalidDuration",
    "InvalidId",
    "InvalidRequest",
    "InvalidRows",
    "InvalidValue",
    "LimitExceeded",
    "MemberNotFound",
    "MethodNotAllowed",
    "NeedsConfirmation",
    "NeedsRoot",
    "NeedsTerminal",
    "NoEntriesLeft",
    "NotConfigured",
    "NotConfirmed",
    "NotFound",
    "NotRanked",
    "OtherGuild",
    "OutputFailed",
    "PlotFailed",
    "Refused",
    "RewardNotFound",
    "RoboXPError",
    "RoundedIds",
    "SecretMissing",
    "StoreNotFound",
    "TokenExists",
    "ToldByDaemon",
    "TooFarBack",
    "TooLarge",
    "TooSlow",
    "Unauthorized",
    "UndoUnclear",
    "Unexpected",
    "Unhealthy",
    "UnknownSource",
    "UnsupportedMediaType",
    "VaultBusy",
    "VaultDamaged",
    "VaultUnavailable",
    "WrongUsage",
    "kinds",
]
