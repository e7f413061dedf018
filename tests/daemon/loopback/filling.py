"""Filling in modals and selects as Discord's client does, with its checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tests.daemon.loopback.answers import NotOffered
from tests.daemon.loopback.components import walk
from tests.daemon.loopback.flags import ENTITY_SELECTS, Component, Json
from tests.daemon.loopback.offers import entity_id
from tests.daemon.loopback.people import Channel, Member, Role, User

_KINDS: dict[int, tuple[type, ...]] = {
    Component.USER_SELECT: (User, Member),
    Component.ROLE_SELECT: (Role,),
    Component.MENTIONABLE_SELECT: (User, Member, Role),
    Component.CHANNEL_SELECT: (Channel,),
}


def chosen(part: Json, values: Sequence[object]) -> list[str]:
    """The values of a select as they are sent; labels of options will do."""
    name = part["custom_id"]
    least, most = part.get("min_values", 1), part.get("max_values", 1)
    if not least <= len(values) <= most:
        raise NotOffered(f"{name} takes {least} to {most} values, not {len(values)}")
    if part["type"] in ENTITY_SELECTS:
        return [entity_id(value, _KINDS[part["type"]], name) for value in values]
    return [_option(part, value) for value in values]


def _option(part: Json, value: object) -> str:
    options = part.get("options") or []
    for option in options:
        if value in (option["value"], option["label"]):
            return str(option["value"])
    raise NotOffered(f"{part['custom_id']} offers {[o['label'] for o in options]}, not {value!r}")


def submitted(modal: Json, values: Mapping[str, object]) -> list[Json]:
    """The tree of a modal with the values; fields go by custom id or label, defaults stay."""
    left = dict(values)
    tree = [_branch(component, left) for component in modal["components"]]
    if left:
        known = [part["custom_id"] for part in walk(modal["components"]) if "custom_id" in part]
        raise NotOffered(f"the modal has no {sorted(left)}: {known}")
    return tree


def named_ids(tree: list[Json]) -> Iterator[str]:
    """The ids that entity selects of a filled modal name."""
    for part in walk(tree):
        if part["type"] in ENTITY_SELECTS:
            yield from part["values"]


def _branch(component: Json, left: dict[str, object]) -> Json:
    base = {"type": component["type"], "id": component.get("id", 0)}
    if component["type"] == Component.ROW:
        inner = [_field(part, part.get("label"), left) for part in component["components"]]
        return {**base, "components": inner}
    if component["type"] == Component.LABEL:
        return {**base, "component": _field(component["component"], component["label"], left)}
    return base


def _field(part: Json, label: str | None, left: dict[str, object]) -> Json:
    name = part["custom_id"]
    given = left.pop(name, left.pop(label, None) if label else None)
    base = {"type": part["type"], "id": part.get("id", 0), "custom_id": name}
    if part["type"] == Component.TEXT_INPUT:
        return {**base, "value": _text(part, given)}
    if part["type"] in (Component.RADIO_GROUP, Component.CHECKBOX):
        return {**base, "value": _single(part, given)}
    if given is None:
        given = [o["value"] for o in part.get("options") or [] if o.get("default")]
        given = given or [int(o["id"]) for o in part.get("default_values") or []]
    values = list(given) if isinstance(given, (list, tuple)) else [given]
    if not values and not part.get("required", True):
        return {**base, "values": []}
    return {**base, "values": chosen(part, values)}


def _text(part: Json, given: object) -> str:
    value = str(given) if given is not None else str(part.get("value") or "")
    if not value and part.get("required", True):
        raise NotOffered(f"{part['custom_id']} is required")
    least, most = part.get("min_length") or 0, part.get("max_length") or 4000
    if value and not least <= len(value) <= most:
        raise NotOffered(f"{part['custom_id']} takes {least} to {most} characters")
    return value


def _single(part: Json, given: object) -> object:
    if part["type"] == Component.CHECKBOX:
        return bool(part.get("default") if given is None else given)
    if given is not None:
        return _option(part, given)
    return next((o["value"] for o in part.get("options") or [] if o.get("default")), None)
