"""What Discord refuses in components: of classic messages, of Components V2, of modals."""

from __future__ import annotations

from collections.abc import Callable

from tests.daemon.loopback.components import children, walk
from tests.daemon.loopback.errors import FormErrors
from tests.daemon.loopback.flags import ENTITY_SELECTS, SELECTS, Component, Json

MOST_COMPONENTS = 40
MOST_DISPLAYED = 4000
_FORM = (
    *SELECTS,
    Component.TEXT_INPUT,
    Component.UPLOAD,
    Component.RADIO_GROUP,
    Component.CHECKBOX_GROUP,
    Component.CHECKBOX,
)
_V2_INNER = (
    Component.ROW,
    Component.SECTION,
    Component.TEXT,
    Component.GALLERY,
    Component.FILE,
    Component.SEPARATOR,
)
# parent -> what may stand in it
_WITHIN: dict[int, tuple[int, ...]] = {
    Component.ROW: (Component.BUTTON, *SELECTS),
    Component.SECTION: (Component.TEXT, Component.BUTTON, Component.THUMBNAIL),
    Component.CONTAINER: _V2_INNER,
    Component.LABEL: _FORM,
}


def check_components(errors: FormErrors, components: object, *, v2: bool) -> None:
    """Notes what is wrong with the components of a message."""
    if not _is_tree(errors, components):
        return
    assert isinstance(components, list)
    top = (*_V2_INNER, Component.CONTAINER) if v2 else (Component.ROW,)
    if not v2:
        errors.count("components", components, 5)
    for index, component in enumerate(components):
        _check(errors, f"components.{index}", component, top)
    _check_whole(errors, components)


def check_modal(errors: FormErrors, data: Json) -> None:
    """Notes what is wrong with a modal."""
    errors.length("title", data.get("title"), 45, least=1)
    errors.length("custom_id", data.get("custom_id"), 100, least=1)
    components = data.get("components")
    if not _is_tree(errors, components):
        return
    assert isinstance(components, list)
    errors.count("components", components, 5, least=1)
    for index, component in enumerate(components):
        path = f"components.{index}"
        if component["type"] == Component.ROW:
            for inner, part in children(component):
                _check(errors, f"{path}.{inner}", part, (Component.TEXT_INPUT,))
                errors.length(f"{path}.{inner}.label", part.get("label"), 45, least=1)
        else:
            _check(errors, path, component, (Component.LABEL, Component.TEXT))
    _check_whole(errors, components)


def _is_tree(errors: FormErrors, components: object) -> bool:
    parts = components if isinstance(components, list) else [None]
    good = [p for p in parts if isinstance(p, dict) and isinstance(p.get("type"), int)]
    if len(good) == len(parts):
        return all(_is_tree(errors, [p for _, p in children(part)]) for part in good)
    errors.add("components", "BASE_TYPE_BAD_TYPE", "Must be a list of components.")
    return False


def _check(errors: FormErrors, path: str, part: Json, allowed: tuple[int, ...]) -> None:
    if part["type"] not in allowed:
        text = f"Value of field type must be one of {tuple(map(int, allowed))}."
        errors.add(f"{path}.type", "UNION_TYPE_CHOICES", text)
        return
    rule = _RULES.get(part["type"])
    if rule is not None:
        rule(errors, path, part)
    for inner, child in children(part):
        _check(errors, f"{path}.{inner}", child, _WITHIN.get(part["type"], ()))


def _check_whole(errors: FormErrors, components: list[Json]) -> None:
    parts = list(walk(components))
    if len(parts) > MOST_COMPONENTS:
        text = f"The total number of components must not exceed {MOST_COMPONENTS}."
        errors.add("components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", text)
    shown = sum(len(p.get("content") or "") for p in parts if p["type"] == Component.TEXT)
    if shown > MOST_DISPLAYED:
        text = f"The displayable text must not exceed {MOST_DISPLAYED} characters."
        errors.add("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", text)
    ids = [part["custom_id"] for part in parts if part.get("custom_id") is not None]
    if len(ids) > len(set(ids)):
        text = "Component custom id cannot be duplicated"
        errors.add("components", "COMPONENT_CUSTOM_ID_DUPLICATED", text)


def _row(errors: FormErrors, path: str, part: Json) -> None:
    inner = part.get("components") or []
    width = sum(5 if child["type"] in SELECTS else 1 for child in inner)
    if not 1 <= width <= 5:
        text = "A row holds 1 to 5 buttons or one select."
        errors.add(f"{path}.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", text)


def _button(errors: FormErrors, path: str, part: Json) -> None:
    errors.length(f"{path}.label", part.get("label"), 80)
    if not part.get("label") and not part.get("emoji"):
        text = "A button needs a label or an emoji."
        errors.add(path, "BUTTON_COMPONENT_REQUIRES_LABEL_OR_EMOJI", text)
    if part.get("style") == 5:
        errors.length(f"{path}.url", part.get("url"), 512, least=1)
    elif part.get("style") in (1, 2, 3, 4):
        errors.length(f"{path}.custom_id", part.get("custom_id"), 100, least=1)
    else:
        errors.add(f"{path}.style", "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3, 4, 5).")


def _select(errors: FormErrors, path: str, part: Json) -> None:
    errors.length(f"{path}.custom_id", part.get("custom_id"), 100, least=1)
    errors.length(f"{path}.placeholder", part.get("placeholder"), 150)
    least, most = part.get("min_values", 1), part.get("max_values", 1)
    if not (0 <= least <= 25 and 1 <= most <= 25 and least <= most):
        errors.add(f"{path}.max_values", "NUMBER_TYPE_MAX", "Values must be between 0 and 25.")
    if part["type"] in ENTITY_SELECTS:
        if len(part.get("default_values") or []) > most:
            text = f"Must be {most} or fewer in length."
            errors.add(f"{path}.default_values", "BASE_TYPE_MAX_LENGTH", text)
        return
    options = part.get("options")
    errors.count(f"{path}.options", options, 25, least=1)
    for index, option in enumerate(options or []):
        errors.length(f"{path}.options.{index}.label", option.get("label"), 100, least=1)
        errors.length(f"{path}.options.{index}.value", option.get("value"), 100, least=1)
        errors.length(f"{path}.options.{index}.description", option.get("description"), 100)
    values = [option.get("value") for option in options or []]
    if len(values) > len(set(values)):
        text = "The specified option value is already used"
        errors.add(f"{path}.options", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", text)
    if sum(bool(option.get("default")) for option in options or []) > most:
        text = "More options are preset than may be chosen."
        errors.add(f"{path}.options", "SELECT_COMPONENT_TOO_MANY_DEFAULTS", text)


def _text_input(errors: FormErrors, path: str, part: Json) -> None:
    errors.length(f"{path}.custom_id", part.get("custom_id"), 100, least=1)
    errors.length(f"{path}.placeholder", part.get("placeholder"), 100)
    errors.length(f"{path}.value", part.get("value"), min(part.get("max_length") or 4000, 4000))
    if part.get("style") not in (1, 2):
        errors.add(f"{path}.style", "BASE_TYPE_CHOICES", "Value must be one of (1, 2).")


def _section(errors: FormErrors, path: str, part: Json) -> None:
    errors.count(f"{path}.components", part.get("components"), 3, least=1)
    if not part.get("accessory"):
        errors.add(f"{path}.accessory", "BASE_TYPE_REQUIRED", "This field is required")


def _text(errors: FormErrors, path: str, part: Json) -> None:
    errors.length(f"{path}.content", part.get("content"), MOST_DISPLAYED, least=1)


def _label(errors: FormErrors, path: str, part: Json) -> None:
    errors.length(f"{path}.label", part.get("label"), 45, least=1)
    errors.length(f"{path}.description", part.get("description"), 100)
    if not part.get("component"):
        errors.add(f"{path}.component", "BASE_TYPE_REQUIRED", "This field is required")


def _container(errors: FormErrors, path: str, part: Json) -> None:
    errors.count(f"{path}.components", part.get("components"), MOST_COMPONENTS, least=1)


def _gallery(errors: FormErrors, path: str, part: Json) -> None:
    errors.count(f"{path}.items", part.get("items"), 10, least=1)


_RULES: dict[int, Callable[[FormErrors, str, Json], None]] = {
    Component.ROW: _row,
    Component.BUTTON: _button,
    **dict.fromkeys(SELECTS, _select),
    Component.TEXT_INPUT: _text_input,
    Component.SECTION: _section,
    Component.TEXT: _text,
    Component.LABEL: _label,
    Component.CONTAINER: _container,
    Component.GALLERY: _gallery,
}
