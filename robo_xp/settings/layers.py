"""Guild settings: fields and defaults, checks that report every fault, layers, dotted keys.

Only what an operator set is stored (a sparse document, here called ``own``). Reading merges
three layers, each stronger than the one before: system defaults, global defaults, guild.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from robo_xp.errors import Fault, InvalidConfig, InvalidId
from robo_xp.model import is_snowflake
from robo_xp.rules.checks import joined, nearest
from robo_xp.rules.terms import Settings as Settings
from robo_xp.settings.xp_fields import GROUP_KEYS as GROUP_KEYS
from robo_xp.settings.xp_fields import ID_PART
from robo_xp.settings.xp_fields import KNOWN_KEYS as KNOWN_KEYS
from robo_xp.settings.xp_fields import faults_of as faults_of
from robo_xp.settings.xp_fields import warnings_of as warnings_of
from robo_xp.settings.xp_settings import settings_of as settings_of

SYSTEM_DEFAULTS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "cooldownSeconds": 60,
        "xpRate": 1.0,
        "noXpRoleIds": (),
        "noXpChannelIds": (),
        "roleRewards": (),
        "rewardsMode": "stack",
        "removeRewardOnXpLoss": False,
        "leaderboard": MappingProxyType({"public": False}),
        "announcements": MappingProxyType(
            {"mode": "off", "template": "{member} has reached level {level}!"}
        ),
    }
)
"""What holds where nobody set anything. The optional parts are absent."""

# -- layers ---------------------------------------------------------------------------------


def merge(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """One document of all layers, later ones stronger; it shares nothing with them.

    Objects merge key by key, except ``levels``: half a curve means nothing. All else replaces.
    """
    merged: dict[str, Any] = {}
    for layer in layers:
        _merge_into(merged, layer)
    return merged


def effective(global_own: Mapping[str, Any], guild_own: Mapping[str, Any]) -> dict[str, Any]:
    """The complete document that holds for a guild."""
    return merge(SYSTEM_DEFAULTS, global_own, guild_own)


def _merge_into(target: dict[str, Any], layer: Mapping[str, Any]) -> None:
    for key, value in layer.items():
        if isinstance(value, Mapping) and key != "levels":
            below = target.get(key)
            target[key] = below if isinstance(below, dict) else {}
            _merge_into(target[key], value)
        elif value is not None:
            target[key] = _fresh(value)


def _fresh(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _fresh(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_fresh(entry) for entry in value]
    return value


# -- dotted keys ----------------------------------------------------------------------------


def get_key(doc: Mapping[str, Any], key: str) -> Any:
    """The value of a dotted key, fresh; None where the document does not have it.

    Raises InvalidConfig for a key that is not known.
    """
    found: Any = doc
    for part in _parts(key):
        found = found.get(part) if isinstance(found, Mapping) else None
    return _fresh(found)


def set_key(doc: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    """A new document in which the dotted key has the value; the value itself is not checked.

    Raises InvalidConfig for a key that is not known.
    """
    *groups, name = _parts(key)
    new: dict[str, Any] = _fresh(doc)
    place = new
    for group in groups:
        if not isinstance(place.get(group), dict):
            place[group] = {}
        place = place[group]
    place[name] = _fresh(value)
    return new


def unset_key(doc: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A new document without the dotted key, and without the groups that this leaves empty.

    Raises InvalidConfig for a key that is not known.
    """
    return _without(doc, _parts(key))


def source_of(key: str, global_own: Mapping[str, Any], guild_own: Mapping[str, Any]) -> str:
    """The strongest layer that sets the dotted key: ``guild``, ``global`` or ``default``."""
    for name, own in (("guild", guild_own), ("global", global_own)):
        # a group without entries sets nothing
        if get_key(own, key) not in (None, {}):
            return name
    return "default"


def _without(doc: Mapping[str, Any], parts: list[str]) -> dict[str, Any]:
    new: dict[str, Any] = _fresh(doc)
    name, *rest = parts
    if not rest:
        new.pop(name, None)
    elif isinstance(new.get(name), dict):
        new[name] = _without(new[name], rest)
        if not new[name]:
            del new[name]
    return new


def _parts(key: str) -> list[str]:
    parts = key.split(".")
    if key in GROUP_KEYS or (key in KNOWN_KEYS and ID_PART not in parts):
        return parts
    if len(parts) != 3 or ".".join([*parts[:2], ID_PART]) not in KNOWN_KEYS:
        raise InvalidConfig([Fault(joined("", key), _unknown(key))], advice=_KEY_ADVICE)
    if not is_snowflake(parts[2]):
        fault = Fault(joined("", key), "must end in an id of 17 to 20 digits")
        raise InvalidConfig([fault], advice=InvalidId.advice)
    return parts


_KEY_ADVICE = "the known keys are " + ", ".join(KNOWN_KEYS)


def _unknown(key: str) -> str:
    whole = key.partition(".")[0]
    if whole in KNOWN_KEYS:
        return f"unknown setting; {whole!r} is set as a whole"
    full = {known: known for known in (*GROUP_KEYS, *KNOWN_KEYS)}
    last = {known.rpartition(".")[2]: known for known in KNOWN_KEYS if ID_PART not in known}
    near = nearest(key, full) or nearest(key.rpartition(".")[2], last)
    return f"unknown setting; did you mean {(full | last)[near]!r}?" if near else "unknown setting"


def leaves_of(doc: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """The settings of a document by dotted key, fresh; ``levels`` is one setting."""
    leaves: dict[str, Any] = {}
    for key, value in doc.items():
        if isinstance(value, Mapping) and key != "levels":
            leaves |= leaves_of(value, f"{prefix}{key}.")
        else:
            leaves[prefix + key] = _fresh(value)
    return leaves
