"""The settings of giveaways: defaults, layers, dotted keys.

Documents are sparse and nested as an operator sees them. Here they are looked at by their dotted
keys: layers are then laid over each other with ``|``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from robo_xp.errors import Fault, InvalidConfig
from robo_xp.model import is_snowflake, shown
from robo_xp.rules import checks as check
from robo_xp.rules.checks import joined

BONUS: Final = "bonusEntries"

DEFAULTS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "defaults.winners": 1,
        "defaults.duration": "1h",
        "defaults.buttonLabel": "Enter Giveaway",
        "defaults.dmWinners": True,
        "limits.maxWinners": 20,
        "limits.maxDurationDays": 30,
        "restrictions.allowRoleIds": (),
        "restrictions.denyRoleIds": (),
        "restrictions.minAccountAgeDays": 0,
        "hostRoleIds": (),
        "recheckAtDraw": True,
    }
)
"""What holds where nobody set anything, by dotted key; an age of 0 days asks for none."""

KNOWN_KEYS: Final = (*DEFAULTS, f"{BONUS}.<id>")
"""The dotted keys that hold a value; ``<id>`` stands for a role's id."""

GROUPS: Final = ("defaults", "limits", "restrictions", BONUS)
"""The keys that hold other keys."""

Leaves = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class GiveawaySettings:
    """The settings that hold in a guild; ``duration`` is text such as ``1h``."""

    winners: int
    duration: str
    button_label: str
    dm_winners: bool
    max_winners: int
    max_duration_days: int
    allow_role_ids: tuple[str, ...]
    deny_role_ids: tuple[str, ...]
    min_account_age_days: int
    host_role_ids: tuple[str, ...]
    recheck_at_draw: bool
    bonus_entries: Mapping[str, int]


def effective(*owns: Mapping[str, Any]) -> dict[str, Any]:
    """The complete document of the defaults and the layers, later ones stronger."""
    document = nested_of({**DEFAULTS, **merged_leaves(*owns)})
    document.setdefault(BONUS, {})
    return document


def settings_of(document: Mapping[str, Any]) -> GiveawaySettings:
    """A complete and valid document as an object."""
    first, limits, asked = document["defaults"], document["limits"], document["restrictions"]
    return GiveawaySettings(
        winners=first["winners"],
        duration=first["duration"],
        button_label=first["buttonLabel"],
        dm_winners=first["dmWinners"],
        max_winners=limits["maxWinners"],
        max_duration_days=limits["maxDurationDays"],
        allow_role_ids=tuple(asked["allowRoleIds"]),
        deny_role_ids=tuple(asked["denyRoleIds"]),
        min_account_age_days=asked["minAccountAgeDays"],
        host_role_ids=tuple(document["hostRoleIds"]),
        recheck_at_draw=document["recheckAtDraw"],
        bonus_entries=dict(document[BONUS]),
    )


# -- dotted keys ----------------------------------------------------------------------------


def leaves_of(document: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """The values of a document by dotted key."""
    leaves: dict[str, Any] = {}
    for key, value in document.items():
        if isinstance(value, Mapping):
            leaves |= leaves_of(value, f"{prefix}{key}.")
        else:
            leaves[f"{prefix}{key}"] = value
    return leaves


def nested_of(leaves: Leaves) -> dict[str, Any]:
    """The document of these dotted keys, fresh."""
    document: dict[str, Any] = {}
    for key, value in leaves.items():
        *groups, name = key.split(".")
        place = document
        for group in groups:
            place = place.setdefault(group, {})
        place[name] = list(value) if isinstance(value, list | tuple) else value
    return document


def merged_leaves(*owns: Mapping[str, Any]) -> dict[str, Any]:
    """The values of all layers by dotted key, later ones stronger."""
    leaves: dict[str, Any] = {}
    for own in owns:
        leaves |= leaves_of(own)
    return leaves


def get_key(document: Mapping[str, Any], key: str) -> Any:
    """The value or group at a dotted key; None where the document does not have it."""
    check_key(key)
    found: Any = document
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def set_key(own: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    """A new document in which the key, a group included, has this value; it is not checked."""
    check_key(key)
    if key in GROUPS and not isinstance(value, Mapping):
        raise InvalidConfig([Fault(key, f"must be an object, not {shown(value)}")])
    document = unset_key(own, key)
    place = document
    *groups, name = key.split(".")
    for group in groups:
        place = place.setdefault(group, {})
    place[name] = dict(value) if isinstance(value, Mapping) else value
    return document


def unset_key(own: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A new document without the key or group."""
    check_key(key)
    leaves = leaves_of(own)
    return nested_of({k: v for k, v in leaves.items() if k != key and not k.startswith(f"{key}.")})


def check_key(key: str) -> None:
    """Raise InvalidConfig, with the nearest known key, for one that is not known."""
    if key in DEFAULTS or key in GROUPS:
        return
    group, _, role_id = key.partition(".")
    if group == BONUS and role_id:
        if is_snowflake(role_id):
            return
        raise InvalidConfig([Fault(joined("", key), "must end in a role id of 17 to 20 digits")])
    raise InvalidConfig(
        [Fault(joined("", key), f"unknown setting{meant(key)}")],
        advice=f"the known keys are {', '.join(KNOWN_KEYS)}",
    )


def meant(key: str) -> str:
    """The end of a message that suggests the known key that was most likely meant."""
    full = {known: known for known in (*DEFAULTS, *GROUPS)}
    last = {known.rpartition(".")[2]: known for known in DEFAULTS}
    near = check.nearest(key, full) or check.nearest(key.rpartition(".")[2], last)
    return f"; did you mean {(full | last)[near]!r}?" if near else ""
