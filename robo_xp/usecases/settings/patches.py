"""Sparse documents in which null unsets a key: how JSON clients change settings in one request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from robo_xp.errors import InvalidConfig
from robo_xp.settings.table import Table


def patched_settings(
    fields: Table, own: Mapping[str, Any], patch: Mapping[str, Any]
) -> dict[str, Any]:
    """Own settings with the patch carried out; InvalidConfig with every fault of it."""
    part, keys = _split(fields, patch)
    document = dict(own)
    faults = fields.value_faults(part)
    for key in keys:
        try:
            document = fields.unset(document, key)
        except InvalidConfig as error:
            faults += error.faults
    if faults:
        raise InvalidConfig(faults)
    return fields.merge(document, part)


def _split(
    fields: Table, patch: Mapping[str, Any], prefix: str = ""
) -> tuple[dict[str, Any], list[str]]:
    """What the patch sets, and the dotted keys that it unsets."""
    part: dict[str, Any] = {}
    keys: list[str] = []
    for key, value in patch.items():
        path = f"{prefix}{key}"
        if value is None and "." not in key:
            keys.append(path)
        elif isinstance(value, Mapping) and not fields.is_whole(path):
            inner, unset = _split(fields, value, f"{path}.")
            keys += unset
            if inner or not unset:
                part[key] = inner
        else:
            part[key] = value
    return part, keys
