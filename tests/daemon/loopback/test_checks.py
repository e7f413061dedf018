"""What the loopback refuses in messages, components, modals and commands, without a client."""

from __future__ import annotations

import pytest

from tests.daemon.loopback.check_commands import check_commands
from tests.daemon.loopback.check_components import check_modal
from tests.daemon.loopback.check_message import check_message
from tests.daemon.loopback.errors import ApiError, FormErrors
from tests.daemon.loopback.flags import V2, Json


def row(*parts: Json) -> Json:
    return {"type": 1, "components": list(parts)}


def button(custom_id: str = "b", **more: object) -> Json:
    return {"type": 2, "style": 1, "label": "B", "custom_id": custom_id, **more}


def select(count: int = 1, **more: object) -> Json:
    options = [{"label": str(n), "value": str(n)} for n in range(count)]
    return {"type": 3, "custom_id": "s", "options": options, **more}


def text(content: str = "x") -> Json:
    return {"type": 10, "content": content}


def codes_of(refused: ApiError) -> set[str]:
    def walk(node: Json) -> set[str]:
        own = {error["code"] for error in node.get("_errors", [])}
        inner = (walk(part) for key, part in node.items() if key != "_errors")
        return own.union(*inner)

    return walk(refused.body.get("errors", {}))


CLASSIC = {
    "content of 2001": ({"content": "x" * 2001}, "BASE_TYPE_MAX_LENGTH"),
    "11 embeds": ({"embeds": [{"title": "t"}] * 11}, "BASE_TYPE_BAD_LENGTH"),
    "26 fields": ({"embeds": [{"fields": [{"name": "n", "value": "v"}] * 26}]}, "BASE_TYPE"),
    "empty field": ({"embeds": [{"fields": [{"name": "", "value": "v"}]}]}, "BASE_TYPE_MIN"),
    "6001 in all": ({"embeds": [{"description": "x" * 3001}] * 2}, "MAX_EMBED_SIZE_EXCEEDED"),
    "6 buttons": ({"components": [row(*(button(str(n)) for n in range(6)))]}, "COMPONENT_LAYOUT"),
    "6 rows": ({"components": [row(button(str(n))) for n in range(6)]}, "BASE_TYPE_BAD_LENGTH"),
    "same id": ({"components": [row(button(), button())]}, "COMPONENT_CUSTOM_ID_DUPLICATED"),
    "id of 101": ({"components": [row(button("x" * 101))]}, "BASE_TYPE_MAX_LENGTH"),
    "no label": ({"components": [row(button(label=None))]}, "BUTTON_COMPONENT"),
    "26 options": ({"components": [row(select(26))]}, "BASE_TYPE_BAD_LENGTH"),
    "no options": ({"components": [row(select(0))]}, "BASE_TYPE_BAD_LENGTH"),
    "same option": (
        {"components": [row(select(options=[{"label": "a", "value": "a"}] * 2))]},
        "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
    ),
    "text in a classic": ({"content": "x", "components": [text()]}, "UNION_TYPE_CHOICES"),
    "no tree": ({"components": ["x"]}, "BASE_TYPE_BAD_TYPE"),
    "list and parse": (
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
    ),
}
LAYOUTS = {
    "content": ({"content": "x", "components": [text()]}, "MESSAGE_CANNOT_USE_LEGACY"),
    "embeds": ({"embeds": [{"title": "x"}], "components": [text()]}, "MESSAGE_CANNOT_USE"),
    "41 parts": ({"components": [text()] * 41}, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"),
    "4001 shown": ({"components": [text("x" * 2001), text("x" * 2000)]}, "COMPONENT_DISPLAYABLE"),
    "bare button": ({"components": [button()]}, "UNION_TYPE_CHOICES"),
    "no accessory": ({"components": [{"type": 9, "components": [text()]}]}, "BASE_TYPE_REQUIRED"),
}


@pytest.mark.parametrize(("body", "code"), CLASSIC.values(), ids=CLASSIC)
def test_classic_messages_are_refused(body: Json, code: str) -> None:
    """Each broken limit of a classic message is named in the answer."""
    with pytest.raises(ApiError) as refused:
        check_message(body)

    assert any(found.startswith(code) for found in codes_of(refused.value))


@pytest.mark.parametrize(("body", "code"), LAYOUTS.values(), ids=LAYOUTS)
def test_layouts_are_refused(body: Json, code: str) -> None:
    """Each broken limit of Components V2 is named in the answer."""
    with pytest.raises(ApiError) as refused:
        check_message(body, flags=V2)

    assert any(found.startswith(code) for found in codes_of(refused.value))


def test_a_full_layout_passes() -> None:
    """40 components with 4000 characters are allowed, and the flag stays for edits."""
    container = {"type": 17, "components": [row(button()), *[text("x" * 100)] * 37]}
    body = {"components": [container]}
    check_message(body, flags=V2)

    with pytest.raises(ApiError, match="50035"):
        check_message({"content": "x"}, flags=0, was={**body, "flags": V2})
    with pytest.raises(ApiError, match="50006"):
        check_message({"components": []}, flags=V2, was={**body, "flags": V2})


def test_modals_are_refused() -> None:
    """A title of 46, six rows and inputs without label or id are named."""
    field = {"type": 4, "custom_id": "f", "style": 1, "label": "L"}
    good = {"title": "T", "custom_id": "m", "components": [row(field)]}
    bad = {
        "title": "T" * 46,
        "custom_id": "",
        "components": [row({**field, "label": None}), *[text()] * 5],
    }
    fine, errors = FormErrors(), FormErrors()
    check_modal(fine, good)
    check_modal(errors, bad)

    fine.raise_any()
    with pytest.raises(ApiError) as refused:
        errors.raise_any()
    assert set(refused.value.body["errors"]) == {"title", "custom_id", "components"}


def option(name: str = "o", **more: object) -> Json:
    return {"type": 3, "name": name, "description": "d", **more}


COMMANDS: dict[str, list[Json]] = {
    "upper case": [{"name": "Rank", "description": "d"}],
    "33 characters": [{"name": "x" * 33, "description": "d"}],
    "no description": [{"name": "rank", "description": ""}],
    "twice": [{"name": "rank", "description": "d"}] * 2,
    "101": [{"name": f"c{n}", "description": "d"} for n in range(101)],
    "required last": [
        {"name": "c", "description": "d", "options": [option("a"), option(required=True)]}
    ],
    "26 choices": [
        {
            "name": "c",
            "description": "d",
            "options": [option(choices=[{"name": "n", "value": "v"}] * 26)],
        }
    ],
}


@pytest.mark.parametrize("commands", COMMANDS.values(), ids=COMMANDS)
def test_commands_are_refused(commands: list[Json]) -> None:
    """Names, descriptions, order and number of commands are checked as a whole."""
    with pytest.raises(ApiError, match="50035"):
        check_commands(commands)
