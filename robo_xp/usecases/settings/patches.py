"""Sparse documents in which null unsets a key: how JSON clients change settings in one request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from robo_xp.errors import Fault, InvalidConfig
from robo_xp.settings import giveaway_settings
from robo_xp.settings import layers as config
from robo_xp.settings.giveaway_fields import shape_faults

_Unset = Callable[[Mapping[str, Any], str], dict[str, Any]]
_LEVELS = "levels"


def patched(own: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Own XP settings with the patch carried out; InvalidConfig with every fault of it."""
    part, keys = _split(patch)
    document = _without(own, keys, config.unset_key, config.faults_of(part))
    return config.merge(document, part)


def patched_giveaways(own: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """The same for own settings of giveaways."""
    part, keys = _split(patch)
    document = _without(own, keys, giveaway_settings.unset_key, shape_faults(part))
    return giveaway_settings.nested_of(giveaway_settings.merged_leaves(document, part))


def _split(patch: Mapping[str, Any], prefix: str = "") -> tuple[dict[str, Any], list[str]]:
    """What the patch sets, and the dotted keys that it unsets; a curve is one value."""
    part: dict[str, Any] = {}
    keys: list[str] = []
    for key, value in patch.items():
        if value is None and "." not in key:
            keys.append(prefix + key)
        elif isinstance(value, Mapping) and key != _LEVELS:
            inner, unset = _split(value, f"{prefix}{key}.")
            keys += unset
            if inner or not unset:
                part[key] = inner
        else:
            part[key] = value
    return part, keys


def _without(
    own: Mapping[str, Any], keys: list[str], unset: _Unset, faults: list[Fault]
) -> dict[str, Any]:
    """The settings without the keys; InvalidConfig with these faults and those of the keys."""
    document = dict(own)
    found = list(faults)
    for key in keys:
        try:
            document = unset(document, key)
        except InvalidConfig as error:
            found += error.faults
    if found:
        raise InvalidConfig(found)
    return document
