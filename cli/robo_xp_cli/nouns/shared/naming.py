"""Names of roles and channels beside their ids, where Discord told them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from robo_xp_cli.run.context import Run

_ROLES, _CHANNELS = "roles", "channels"
_KEYS = {"roleId": (_ROLES, "roleName"), "channelId": (_CHANNELS, "channelName")}
KINDS = {"role": _ROLES, "channel": _CHANNELS, "member": "members"}


def named_id(names: Mapping[str, str], id_: str) -> str:
    """The name with the id, or the id alone."""
    return f"{names[id_]} ({id_})" if id_ in names else id_


class Namer:
    """Adds names to rows; each kind of names is read once, when a row first needs it."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._known: dict[str, Mapping[str, str]] = {}

    def named(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The row, with ``roleName`` and ``channelName`` behind the ids that have a name."""
        found: dict[str, Any] = {}
        for key, value in row.items():
            found[key] = value
            if key in _KEYS and value is not None:
                kind, beside = _KEYS[key]
                if name := self.name(kind, value):
                    found[beside] = name
        return found

    def name(self, kind: str, id_: str) -> str | None:
        """The name of a member, role or channel (``kind`` is the plural), if it is known."""
        if kind not in self._known:
            self._known[kind] = self._run.robo().names.of(self._run.guild_id, kind)
        return self._known[kind].get(id_)

    def called(self, kind: str, id_: str) -> str:
        """The name with the id, or the id alone."""
        name = self.name(kind, id_)
        return f"{name} ({id_})" if name else id_
