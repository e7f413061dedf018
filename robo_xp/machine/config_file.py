"""Reads ``robo-xp.toml``, the configuration file of both programs, and names every fault in it.

The first file that exists counts: the one named by option or environment, the one in the
platform's configuration folder, the one in ``/etc/robo-xp``. The keys at the top belong to both
programs or to the command line; those of the tables ``[daemon]`` and ``[rest]`` to the daemon, and
only who asks for them has them checked.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from robo_xp.errors import Fault, FileFailed, FileMissing, FolderGiven, InvalidConfig, InvalidValue
from robo_xp.machine import toml

FILE_NAME = "robo-xp.toml"
SYSTEM_FILE = Path("/etc/robo-xp") / FILE_NAME
OUTPUTS = ("table", "json", "jsonl", "csv", "tsv", "ids")
COLORS = ("auto", "always", "never")
DURABILITIES = ("batch", "interval", "os")
LOG_FORMATS = ("auto", "text", "json")
LOG_LEVELS = ("debug", "info", "warning", "error")
DAEMON, REST, PAGES, VAULT, BEACON = "daemon", "rest", "pages", "vault", "beacon"
RELAYS = (
    "https://api.drand.sh",
    "https://api2.drand.sh",
    "https://api3.drand.sh",
    "https://drand.cloudflare.com",
)
"""Who passes on rounds of drand to everybody."""
_CHOICES = {
    "output": OUTPUTS,
    "color": COLORS,
    "durability": DURABILITIES,
    "log_format": LOG_FORMATS,
    "log_level": LOG_LEVELS,
}


class Settings(NamedTuple):
    """What the configuration file says; an empty text, or None, where it says nothing.

    ``archive_days`` is from the table ``[vault]``, which belongs to both programs.
    """

    path: Path | None = None
    data_dir: str = ""
    guild: str = ""
    store: str = ""
    output: str = ""
    color: str = ""
    durability: str = ""
    get_curve: str = ""
    card_template: str = ""
    card_background: str = ""
    archive_days: int | None = None


class DaemonSettings(NamedTuple):
    """What the table ``[daemon]`` says, with its defaults; empty addresses mean Discord's own."""

    members_intent: bool = False
    admin_permission: str = "manage_guild"
    log_format: str = "auto"
    log_level: str = "info"
    token_file: str = ""
    api_base: str = ""
    gateway: str = ""
    shards: str = ""


class RestSettings(NamedTuple):
    """What the table ``[rest]`` says: where the daemon answers HTTP.

    An empty ``socket`` is a path of the daemon's choice; an empty ``listen`` is no TCP at all.
    ``cors_origins`` are the pages of other origins that may ask from a browser, with blanks
    between them; empty for none.
    """

    socket: str = ""
    socket_group: str = ""
    listen: str = ""
    tokens_file: str = ""
    cors_origins: str = ""


class PagesSettings(NamedTuple):
    """What the table ``[pages]`` says: where the daemon shows pages; empty for nowhere."""

    listen: str = ""


class BeaconSettings(NamedTuple):
    """What the table ``[beacon]`` says: which relays the daemon asks for rounds."""

    relays: tuple[str, ...] = RELAYS


VAULT_KEYS = ("archive_days",)
KEYS = tuple(name for name in Settings._fields if name not in ("path", *VAULT_KEYS))
DAEMON_KEYS = tuple(DaemonSettings._fields)
REST_KEYS = tuple(RestSettings._fields)
PAGES_KEYS = tuple(PagesSettings._fields)
BEACON_KEYS = tuple(BeaconSettings._fields)
TABLES = {
    DAEMON: DAEMON_KEYS,
    REST: REST_KEYS,
    PAGES: PAGES_KEYS,
    VAULT: VAULT_KEYS,
    BEACON: BEACON_KEYS,
}
_FLAGS = ("members_intent",)
_LISTS = ("relays",)
_NUMBERS = {"archive_days": 3650}
"""The most that a number may be; the least is 0."""


def user_file() -> Path:
    """Where the platform keeps this user's configuration file."""
    from platformdirs import user_config_dir

    return Path(user_config_dir("robo-xp", appauthor=False)) / FILE_NAME


def find(named: str) -> Path | None:
    """The configuration file to read, or None; ``named`` wins and must exist (exit code 3)."""
    if named:
        path = Path(named).expanduser()
        if path.is_dir():
            raise FolderGiven(f"{path} is a folder, not a file")
        if not path.is_file():
            raise FileMissing(f"there is no configuration file {path}")
        return path
    for path in (user_file(), SYSTEM_FILE):
        if os.path.isfile(path):
            return path
    return None


def load(path: Path) -> Settings:
    """The keys at the top of the file; every unknown key and bad value in one error."""
    document = _parsed_file(path)
    _raise_any(path, [*_top_faults(document), *_table_faults(VAULT, document.get(VAULT, {}))])
    return _settings(path, document)


def load_daemon(path: Path) -> tuple[Settings, DaemonSettings]:
    """The keys at the top and those of ``[daemon]``; every fault of all tables in one error."""
    document = _checked_tables(path)
    values = _with_paths(path, document.get(DAEMON, {}), "token_file")
    return _settings(path, document), DaemonSettings(**values)


def load_rest(path: Path) -> RestSettings:
    """The keys of ``[rest]``; every fault of the whole file in one error."""
    values = _checked_tables(path).get(REST, {})
    return RestSettings(**_with_paths(path, values, "socket", "tokens_file"))


def load_pages(path: Path) -> PagesSettings:
    """The keys of ``[pages]``; every fault of the whole file in one error."""
    return PagesSettings(**_checked_tables(path).get(PAGES, {}))


def load_beacon(path: Path) -> BeaconSettings:
    """The keys of ``[beacon]``; every fault of the whole file in one error."""
    values = _checked_tables(path).get(BEACON, {})
    return BeaconSettings(**{key: tuple(value) for key, value in values.items()})


def _settings(path: Path, document: Mapping[str, Any]) -> Settings:
    values = {key: document[key] for key in KEYS if key in document}
    if values.get("data_dir") and "://" not in values["data_dir"]:
        values["data_dir"] = _from_file(path, values["data_dir"])
    for key in ("card_template", "card_background"):
        if values.get(key):
            values[key] = _from_file(path, values[key])
    return Settings(path=path, **values, **document.get(VAULT, {}))


def _checked_tables(path: Path) -> dict[str, Any]:
    """The whole file, right in all its tables."""
    document = _parsed_file(path)
    faults = [fault for name in TABLES for fault in _table_faults(name, document.get(name, {}))]
    _raise_any(path, [*_top_faults(document), *faults])
    return document


def _with_paths(path: Path, table: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """The table with the paths at these keys made whole."""
    return {
        key: _from_file(path, value) if key in keys and value else value
        for key, value in table.items()
    }


def _from_file(path: Path, named: str) -> str:
    """A path in the file is meant from where the file is, wherever the program is run."""
    return str(path.parent / Path(named).expanduser())


def _parsed_file(path: Path) -> dict[str, Any]:
    try:
        return toml.parse_toml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileFailed.of(path, "read", error) from None
    except UnicodeDecodeError:
        raise InvalidValue(f"{path} is not UTF-8 text") from None
    except ValueError as error:
        fault = Fault("", f"{path} is not TOML: {error}")
        raise InvalidConfig([fault], advice=_line_of(str(error))) from None


def _line_of(message: str) -> str:
    line = re.search(r"line (\d+)", message)
    return f"look at line {line.group(1)}" if line else "look at the end of the file"


def _raise_any(path: Path, faults: list[Fault]) -> None:
    if not faults:
        return
    named = [name for name in TABLES if any(fault.where.startswith(name) for fault in faults)]
    known = [f"the keys of [{name}] are {', '.join(TABLES[name])}" for name in named]
    known = known or [f"the keys are {', '.join(KEYS)}"]
    raise InvalidConfig(
        [Fault(f"{path}: {fault.where}", fault.message) for fault in faults],
        advice="; ".join([f"correct {path}", *known]),
    )


def _top_faults(document: Mapping[str, Any]) -> list[Fault]:
    known = {key: value for key, value in document.items() if key not in TABLES}
    return [*_unknown("", known, KEYS), *_wrong("", document, KEYS)]


def _table_faults(name: str, table: object) -> list[Fault]:
    if not isinstance(table, Mapping):
        return [Fault(name, f"must be a table, written as [{name}]")]
    keys, prefix = TABLES[name], f"{name}."
    texts = tuple(key for key in keys if key not in (*_FLAGS, *_NUMBERS, *_LISTS))
    numbers = [
        Fault(prefix + key, f"must be a whole number from 0 to {_NUMBERS[key]}, without quotes")
        for key in keys
        if key in _NUMBERS and not _is_number(table.get(key, 0), _NUMBERS[key])
    ]
    flags = [
        Fault(prefix + key, "must be true or false, without quotes")
        for key in keys
        if key in _FLAGS and not isinstance(table.get(key, False), bool)
    ]
    lists = [
        Fault(prefix + key, 'must be addresses in quotes, such as ["https://api.drand.sh"]')
        for key in keys
        if key in _LISTS and not _are_addresses(table.get(key, []))
    ]
    return [*_unknown(prefix, table, keys), *flags, *numbers, *lists, *_wrong(prefix, table, texts)]


def _are_addresses(value: object) -> bool:
    starts = ("https://", "http://")
    return isinstance(value, list) and all(
        isinstance(one, str) and one.startswith(starts) for one in value
    )


def _is_number(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _unknown(prefix: str, table: Mapping[str, Any], keys: tuple[str, ...]) -> list[Fault]:
    return [
        Fault(prefix + key, "unknown key" + _meant(key, keys)) for key in table if key not in keys
    ]


def _meant(key: str, keys: tuple[str, ...]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, keys, n=1)
    return f", did you mean {near[0]}?" if near else ""


def _wrong(prefix: str, table: Mapping[str, Any], keys: tuple[str, ...]) -> list[Fault]:
    faults = []
    for key in keys:
        value = table.get(key, "")
        allowed = _CHOICES.get(key)
        if not isinstance(value, str):
            faults.append(Fault(prefix + key, f'must be text in quotes, such as {key} = "{value}"'))
        elif value and allowed and value not in allowed:
            faults.append(Fault(prefix + key, f"'{value}' is none of {', '.join(allowed)}"))
    return faults
