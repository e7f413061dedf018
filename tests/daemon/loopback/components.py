"""Reading trees of components: walking, finding, and the words in them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from tests.daemon.loopback.flags import SELECTS, Component, Json

CLICKABLE = (Component.BUTTON, *SELECTS)


def children(component: Json) -> list[tuple[str, Json]]:
    """What stands directly within, each with its path below the component."""
    inner = component.get("components")
    found = [(f"components.{i}", part) for i, part in enumerate(inner or [])]
    for name in ("accessory", "component"):
        if isinstance(component.get(name), dict):
            found.append((name, component[name]))
    return found


def walk(components: list[Json]) -> Iterator[Json]:
    """Every component of the trees, parents first."""
    for component in components:
        yield component
        yield from walk([part for _, part in children(component)])


def with_ids(components: list[Json]) -> list[Json]:
    """The same trees, in which each component without an id got the lowest free one."""
    taken = {part["id"] for part in walk(components) if part.get("id")}
    free = (number for number in count(1) if number not in taken)
    return [_numbered(component, free) for component in components]


def _numbered(component: Json, free: Iterator[int]) -> Json:
    number = component.get("id") or next(free)
    copy = {**component, "id": number}
    for name in ("accessory", "component"):
        if isinstance(copy.get(name), dict):
            copy[name] = _numbered(copy[name], free)
    if "components" in copy:
        copy["components"] = [_numbered(part, free) for part in copy["components"]]
    return copy


def find(components: list[Json], wanted: str) -> Json | None:
    """The clickable component with this custom id, or else with this label or placeholder."""
    parts = [part for part in walk(components) if part["type"] in CLICKABLE]
    for keys in (("custom_id",), ("label", "placeholder")):
        for part in parts:
            if any(part.get(key) == wanted for key in keys):
                return part
    return None


def offered(components: list[Json]) -> list[str]:
    """What could be clicked, as ``label (custom id)``, for messages about a wrong name."""
    parts = [part for part in walk(components) if part["type"] in CLICKABLE]
    return [f"{part.get('label') or ''} ({part.get('custom_id')})" for part in parts]


def words(components: list[Json]) -> Iterator[str]:
    """Every text that a member reads in the trees."""
    for part in walk(components):
        if part["type"] == Component.TEXT:
            yield part["content"]
        elif part["type"] == Component.BUTTON and part.get("label"):
            yield part["label"]
        elif part["type"] in SELECTS:
            yield from [part["placeholder"]] if part.get("placeholder") else []
            yield from (option["label"] for option in part.get("options", []))
        elif part["type"] == Component.LABEL:
            yield from (part[key] for key in ("label", "description") if part.get(key))


def embed_words(embed: Json) -> Iterator[str]:
    """Every text that a member reads in an embed."""
    yield from (embed[key] for key in ("title", "description") if embed.get(key))
    for entry in embed.get("fields", []):
        yield from (entry["name"], entry["value"])
    for key, inner in (("author", "name"), ("footer", "text")):
        if embed.get(key):
            yield embed[key][inner]
