"""The configuration file that ``init`` writes, with what each key is for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from robo_xp.errors import InvalidValue

_HEAD = """\
# Configuration of robo-xp and robo-xpd. All keys: man robo-xp.toml
# Paths are meant from the folder that this file is in.
"""


@dataclass(frozen=True, slots=True)
class Answers:
    """What the file shall say; an empty text leaves a key out, as a comment."""

    data_dir: str
    guild: str = ""
    store: str = ""
    token_file: str = ""


def text_of(answers: Answers) -> str:
    """The file for these answers."""
    parts = [
        _HEAD,
        _key("Folder of the vault", "data_dir", answers.data_dir, "/var/lib/robo-xp"),
        _key("Guild when none is given", "guild", answers.guild, "123456789012345678"),
        _key("Store when none is given", "store", answers.store, "default"),
        _key("Output: table, json, jsonl, csv, tsv, ids", "output", "", "table"),
        _key("A change is stored: batch, interval, os", "durability", "", "batch"),
        "# What only the daemon reads\n[daemon]\n"
        + _key("The bot's token, mode 0600", "token_file", answers.token_file, "token"),
        "# Hear who joins, and give back their roles; also needs Server Members Intent in\n"
        "# Discord's developer portal (your application, Bot, Privileged Gateway Intents)\n"
        "# members_intent = true\n",
        _key("Log: debug, info, warning, error", "log_level", "", "info"),
    ]
    return "\n".join(parts)


def differences(path: Path, wanted: Answers) -> list[str]:
    """The keys that were asked for and of which the file says otherwise.

    Raises what reading a faulty file raises.
    """
    from robo_xp import settings_file

    top, daemon = settings_file.load_daemon(path)
    there = {
        "data_dir": top.data_dir,
        "guild": top.guild,
        "store": top.store,
        "token_file": daemon.token_file,
    }
    paths = ("data_dir", "token_file")
    return [
        key
        for key, value in there.items()
        if (asked := getattr(wanted, key)) and not _is_same(value, asked, key in paths)
    ]


def write(path: Path, text: str, *, mode: int) -> None:
    """Put the text there as a whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def free_name(path: Path) -> Path:
    """A name beside the file for a copy of it that nothing has yet."""
    import time

    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    number = 0
    while True:
        more = f"-{number}" if number else ""
        found = path.with_name(f"{path.name}.before-{stamp}{more}")
        if not found.exists():
            return found
        number += 1


def _is_same(there: str, asked: str, is_path: bool) -> bool:
    if is_path and there:
        return os.path.realpath(there) == os.path.realpath(asked)
    return there == asked


def _key(what: str, key: str, value: str, example: str) -> str:
    """A key with a comment above it; as a comment itself where it is left out."""
    import tomlkit

    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidValue(f"{key} is not UTF-8 text, so the file cannot hold it") from None
    written = tomlkit.string(value or example).as_string()
    return f"# {what}\n{'' if value else '# '}{key} = {written}\n"
