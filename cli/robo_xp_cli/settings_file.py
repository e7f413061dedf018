"""Reads ``robo-xp.toml``, the configuration file. Finds it, checks it, names every fault.

The first file that exists counts: the one named by option or environment, the one in the
platform's configuration folder, the one in ``/etc/robo-xp``. A table ``[daemon]`` in it is left
to the daemon.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robo_xp.errors import Fault, FileMissing, InvalidConfig, InvalidValue, RoboXPError
from robo_xp_cli.text import shown

FILE_NAME = "robo-xp.toml"
SYSTEM_FILE = Path("/etc/robo-xp") / FILE_NAME
OUTPUTS = ("table", "json", "jsonl", "csv", "tsv", "ids")
COLORS = ("auto", "always", "never")
DURABILITIES = ("batch", "interval", "os")
_CHOICES = {"output": OUTPUTS, "color": COLORS, "durability": DURABILITIES}


@dataclass(frozen=True, slots=True)
class Settings:
    """What the configuration file says; an empty text where it says nothing."""

    path: Path | None = None
    data_dir: str = ""
    guild: str = ""
    store: str = ""
    output: str = ""
    color: str = ""
    durability: str = ""
    get_curve: str = ""


KEYS = tuple(name for name in Settings.__dataclass_fields__ if name != "path")


def user_file() -> Path:
    """Where the platform keeps this user's configuration file."""
    from platformdirs import user_config_dir

    return Path(user_config_dir("robo-xp", appauthor=False)) / FILE_NAME


def find(named: str) -> Path | None:
    """The configuration file to read, or None; ``named`` wins and must exist (exit code 3)."""
    if named:
        path = Path(named).expanduser()
        if not path.is_file():
            raise FileMissing(f"there is no configuration file {shown(str(path))}")
        return path
    for path in (user_file(), SYSTEM_FILE):
        if os.path.isfile(path):
            return path
    return None


def load(path: Path) -> Settings:
    """The settings in ``path``; every unknown key and bad value in one error (exit code 2)."""
    document = _parsed(path)
    faults = [*_unknown(document), *_wrong(document)]
    if faults:
        where = shown(str(path))
        raise InvalidConfig(
            [Fault(f"{where}: {fault.where}", fault.message) for fault in faults],
            advice=f"correct {where}; the keys are {', '.join(KEYS)}",
        )
    values = {key: document[key] for key in KEYS if key in document}
    if values.get("data_dir") and "://" not in values["data_dir"]:
        # a path in the file is meant from where the file is, wherever the command is run
        values["data_dir"] = str(path.parent / Path(values["data_dir"]).expanduser())
    return Settings(path=path, **values)


def _parsed(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RoboXPError(f"cannot read {shown(str(path))}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InvalidValue(f"{shown(str(path))} is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise InvalidValue(
            f"{shown(str(path))} is not TOML: {shown(str(error))}",
            advice=_line_of(str(error)),
            code="INVALID_CONFIG",
        ) from None


def _line_of(message: str) -> str:
    line = re.search(r"line (\d+)", message)
    return f"look at line {line.group(1)}" if line else "look at the end of the file"


def _unknown(document: Mapping[str, Any]) -> list[Fault]:
    return [
        Fault(shown(key), "unknown key" + _meant(key))
        for key in document
        if key not in KEYS and key != "daemon"
    ]


def _meant(key: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, KEYS, n=1)
    return f", did you mean {near[0]}?" if near else ""


def _wrong(document: Mapping[str, Any]) -> list[Fault]:
    faults = []
    for key in KEYS:
        value = document.get(key, "")
        allowed = _CHOICES.get(key)
        if not isinstance(value, str):
            faults.append(Fault(key, f'must be text in quotes, such as {key} = "{value}"'))
        elif value and allowed and value not in allowed:
            faults.append(Fault(key, f"'{shown(value)}' is none of {', '.join(allowed)}"))
    return faults
