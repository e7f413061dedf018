"""What the daemon runs with: options, environment and configuration file added up and checked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from robo_xp.errors import Fault, InvalidConfig, InvalidValue, RoboXPError
from robo_xp.machine import config_file as settings_file
from robo_xp.machine.config_file import (
    RELAYS,
    DaemonSettings,
    PagesSettings,
    RestSettings,
    Settings,
)
from robo_xp.machine.places import daemon_dir, default_data_dir, is_in_database
from robo_xp.model.shards import ALL, Shards
from robo_xp.rules.checks import meant
from robo_xp_daemon.setup.addresses import fault_of
from robo_xp_daemon.setup.http import Listen, Rest, checked_pages, checked_rest
from robo_xp_daemon.setup.http_tokens import Tokens, find_tokens
from robo_xp_daemon.setup.token import Token, find_token


@dataclass(frozen=True, slots=True)
class Given:
    """What was typed: the configuration file, the data folder, shards; empty where not given."""

    config: str = ""
    data_dir: str = ""
    shards: str = ""


_OF_A_PROCESS = (
    "data_dir", "durability", "get_curve", "card_template", "card_background", "archive_days",
    "shards",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Options:
    """Everything that an operator can set; ``token`` never shows itself.

    ``address`` is where the vault is, ``data_dir`` the folder with the daemon's lock and socket;
    ``path`` is the configuration file, None where there is none.
    """

    address: str
    data_dir: Path
    durability: str
    get_curve: str
    daemon: DaemonSettings
    token: Token
    rest: Rest = Rest()
    path: Path | None = None
    card_template: str = ""
    card_background: str = ""
    pages: Listen | None = None
    archive_days: int | None = None
    relays: tuple[str, ...] = RELAYS
    shards: Shards = ALL

    def needs_restart(self, other: Options) -> list[str]:
        """The keys in which the other options differ and which only a new process can change."""
        return [key for key in _OF_A_PROCESS if getattr(self, key) != getattr(other, key)] + [
            *self.rest.needs_restart(other.rest),
            *(["pages.listen"] if self.pages != other.pages else ()),
            *(["beacon.relays"] if self.relays != other.relays else ()),
        ]

    def needs_reconnect(self, other: Options) -> bool:
        """Whether the other options want another connection to Discord."""
        return _connection(self) != _connection(other)


def load(given: Given, environ: Mapping[str, str]) -> Options:
    """The options that hold now.

    Raises InvalidValue or InvalidConfig, FileMissing, NotConfigured without a token.
    """
    path = settings_file.find(given.config or environ.get("ROBO_XP_CONFIG", ""))
    settings, daemon = settings_file.load_daemon(path) if path else (Settings(), DaemonSettings())
    rest = settings_file.load_rest(path) if path else RestSettings()
    pages = settings_file.load_pages(path) if path else PagesSettings()
    _check_addresses(path, daemon)
    _check_permission(path, daemon.admin_permission)
    address = _address(given, environ, settings)
    return Options(
        address=address,
        data_dir=daemon_dir(address, environ),
        durability=settings.durability or "batch",
        get_curve=settings.get_curve,
        daemon=daemon,
        token=find_token(environ, daemon.token_file),
        rest=checked_rest(path, rest, environ),
        path=path,
        card_template=settings.card_template,
        card_background=settings.card_background,
        pages=checked_pages(path, pages),
        archive_days=settings.archive_days,
        relays=settings_file.load_beacon(path).relays if path else RELAYS,
        shards=_shards(given, path, daemon),
    )


def tokens_of(given: Given, environ: Mapping[str, str], known_file: str) -> Tokens:
    """The API tokens as they are now, whatever else the configuration says.

    Where it cannot be read, those of ``known_file``. Raises what ``find_tokens`` raises.
    """
    try:
        path = settings_file.find(given.config or environ.get("ROBO_XP_CONFIG", ""))
        tokens_file = settings_file.load_rest(path).tokens_file if path else ""
    except RoboXPError:
        tokens_file = known_file
    return find_tokens(environ, tokens_file)


def _shards(given: Given, path: Path | None, daemon: DaemonSettings) -> Shards:
    """The shards as typed, else as the file says; raises InvalidValue or InvalidConfig."""
    if given.shards:
        return Shards.of(given.shards)
    try:
        return Shards.of(daemon.shards)
    except InvalidValue as error:
        fault = Fault(f"{path}: daemon.shards", error.message)
        raise InvalidConfig([fault], advice=f"correct {path}") from None


def _address(given: Given, environ: Mapping[str, str], settings: Settings) -> str:
    typed = given.data_dir or environ.get("ROBO_XP_DATA_DIR") or settings.data_dir
    if is_in_database(typed):
        return typed
    found = Path(typed).expanduser() if typed else default_data_dir(environ)
    return os.path.abspath(found)


def _check_addresses(path: Path | None, daemon: DaemonSettings) -> None:
    """Raise InvalidConfig unless the addresses are empty or of this machine."""
    wanted = (("api_base", daemon.api_base, "http"), ("gateway", daemon.gateway, "ws"))
    faults = [
        Fault(f"{path}: daemon.{key}", fault)
        for key, address, scheme in wanted
        if address and (fault := fault_of(address, scheme))
    ]
    if faults:
        raise InvalidConfig(faults, advice="leave both out to reach Discord itself")


def _check_permission(path: Path | None, name: str) -> None:
    """Raise InvalidConfig unless Discord has a permission of this name."""
    if name == DaemonSettings().admin_permission:
        return
    # discord.py takes half a second, which the default need not wait for
    from discord import Permissions

    if name not in Permissions.VALID_FLAGS:
        # Discord's own settings say Server where everybody else says guild
        near = meant(name.replace("server", "guild"), Permissions.VALID_FLAGS)
        message = f"{name!r} is no permission{near}"
        raise InvalidConfig(
            [Fault(f"{path}: daemon.admin_permission", message)],
            advice="write it as discord.py does, such as manage_guild or moderate_members",
        )


def _connection(options: Options) -> tuple[object, ...]:
    daemon = options.daemon
    return (
        options.token,
        daemon.members_intent,
        daemon.admin_permission,
        daemon.api_base,
        daemon.gateway,
    )
