"""The configuration file that ``init`` writes, with what each key is for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from robo_xp.errors import InvalidValue

_PATHS = ("data_dir", "daemon.token_file")
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
    group: str = ""


def text_of(answers: Answers) -> str:
    """The file for these answers."""
    parts = [
        _HEAD,
        _key("Folder of the vault", "data_dir", answers.data_dir, "/var/lib/robo-xp"),
        _key("Guild when none is given", "guild", answers.guild, "123456789012345678"),
        _key("Store when none is given", "store", answers.store, "default"),
        _key("Output: table, json, jsonl, csv, tsv, ids", "output", "", "table"),
        _key("A change is stored: batch, interval, os", "durability", "", "batch"),
        "[daemon]\n"
        "# What only the daemon reads\n\n"
        + _key("The bot's token, mode 0600", "token_file", answers.token_file, "token"),
        "# Hear who joins, and give back their roles; also needs Server Members Intent in\n"
        "# Discord's developer portal (your application, Bot, Privileged Gateway Intents)\n"
        "# members_intent = true\n",
        _key("Log: debug, info, warning, error", "log_level", "", "info"),
        "[rest]\n"
        + _key("Group that may use the daemon's socket", "socket_group", answers.group, "robo-xp"),
    ]
    return "\n".join(parts)


def asked_keys(asked: Answers) -> dict[str, str]:
    """What was asked for, by dotted key of the file."""
    keys = {
        "data_dir": asked.data_dir,
        "guild": asked.guild,
        "store": asked.store,
        "daemon.token_file": asked.token_file,
        "rest.socket_group": asked.group,
    }
    return {key: value for key, value in keys.items() if value}


def there(path: Path) -> dict[str, str]:
    """What the file says, by dotted key; raises what reading a faulty file raises."""
    from robo_xp.machine import config_file as settings_file

    top, daemon = settings_file.load_daemon(path)
    return asked_keys(
        Answers(
            data_dir=top.data_dir,
            guild=top.guild,
            store=top.store,
            token_file=daemon.token_file,
            group=settings_file.load_rest(path).socket_group,
        )
    )


def completed_text(text: str, missing: Mapping[str, str]) -> str:
    """The text of a file with keys that it has not; all else stays as it is."""
    import tomlkit

    document = tomlkit.parse(text)
    for key, value in missing.items():
        table, _, name = key.rpartition(".")
        place = document.setdefault(table, tomlkit.table()) if table else document
        place[name] = _writable(key, value)
    return tomlkit.dumps(document)


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


def is_same(key: str, one: str, other: str) -> bool:
    """Whether two values of a key mean the same; paths may lead through links."""
    if key in _PATHS:
        return os.path.realpath(one) == os.path.realpath(other)
    return one == other


def _key(what: str, key: str, value: str, example: str) -> str:
    """A key with a comment above it; as a comment itself where it is left out."""
    import tomlkit

    written = tomlkit.string(_writable(key, value) or example).as_string()
    return f"# {what}\n{'' if value else '# '}{key} = {written}\n"


def _writable(key: str, value: str) -> str:
    """The value if a file of UTF-8 text can hold it; InvalidValue if not."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidValue(f"{key} is not UTF-8 text, so the file cannot hold it") from None
    return value
