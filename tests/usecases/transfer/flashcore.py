"""Writes a Flashcore folder the way Robo.js does: one gzipped JSON value a file, named by hash."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any


def put(folder: Path, namespace: Iterable[str], key: str, value: Any) -> Path:
    """Store a value under a key of a namespace."""
    folder.mkdir(parents=True, exist_ok=True)
    name = sha256(f"{'/'.join(namespace)}__{key}".encode()).hexdigest()
    path = folder / name
    path.write_bytes(gzip.compress(json.dumps(value).encode(), mtime=0))
    return path


def put_members(
    folder: Path, guild: str, members: dict[str, dict[str, Any]], store: str = "default"
) -> None:
    """Store members of a guild and store, with the list that the original finds them by."""
    put(folder, ("xp", store, guild), "members", list(members))
    put(folder, ("xp", store, guild), "schema", 1)
    for user_id, record in members.items():
        put(folder, ("xp", store, guild, "users"), user_id, record)


def put_giveaways(folder: Path, guild: str, records: Iterable[dict[str, Any]]) -> None:
    """Store giveaways of a guild, in the lists of active and recent ones."""
    lists: dict[str, list[str]] = {"active": [], "recent": []}
    for record in records:
        put(folder, ("giveaways", "data"), record["id"], record)
        put(folder, ("giveaways", "messages"), record["messageId"], record["id"])
        lists["active" if record["status"] == "active" else "recent"].append(record["id"])
    for which, listed in lists.items():
        put(folder, ("giveaways", "guilds", guild, which), "list", listed)
