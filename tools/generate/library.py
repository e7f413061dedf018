"""The reference of the library, out of signatures and docstrings: every public name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

import robo_xp
from robo_xp import RoboXP
from robo_xp.model.events import KINDS
from tools.generate import markdown
from tools.generate.page import Block, Heading, Items, Paragraph, escaped_inline

PAGE = "docs/library.md"
_BEGIN = "<!-- reference: ./dev python -m tools.generate writes this -->\n"
_END = "<!-- end -->"
_NOT_CALLED = ("acting_as", "close", "open")


def pages(root: Path) -> dict[str, str]:
    """The page with its reference written anew, by its path in the checkout."""
    before, _, rest = (root / PAGE).read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return {PAGE: f"{before}{_BEGIN}\n{markdown.write(reference())}\n{_END}{after}"}


def reference() -> Iterator[Block]:
    """The blocks of the reference: the handle, its parts, what they return, events."""
    yield Heading("RoboXP", 3)
    yield _calls(f"robo.{name}" for name in _NOT_CALLED)
    with RoboXP.open("memory:") as robo:
        for name, part in _parts(robo):
            yield Heading(f"robo.{name}", 3)
            yield Paragraph(_first(part if isinstance(part, ModuleType) else type(part)))
            yield _table(name, part)
    yield Heading("What comes back", 3)
    yield Paragraph("Names that `from robo_xp import …` gives; all of them are frozen.")
    yield Items(("name", "fields", "what it is"), tuple(_values()))
    yield Heading("Events by name", 3)
    yield Items(("type", "class", "fields", "what has happened"), tuple(_events()))


def _parts(robo: RoboXP) -> Iterator[tuple[str, Any]]:
    """The use cases of the handle by name; the vault is described above."""
    names = [name for name in vars(robo) if not name.startswith("_")]
    of_class = vars(RoboXP).items()
    names += [name for name, of in of_class if isinstance(of, property | cached_property)]
    for name in sorted(set(names) - {"vault"}):
        yield name, getattr(robo, name)
        if name == "giveaways":
            yield "giveaways.settings", robo.giveaways.settings


def _table(name: str, part: Any) -> Items:
    """Every public call of a part."""
    rows = []
    home = part if isinstance(part, ModuleType) else type(part)
    for method, of in inspect.getmembers(home, callable):
        if method.startswith("_") or inspect.isclass(of) or not of.__doc__:
            continue
        if isinstance(part, ModuleType) and inspect.getmodule(of) is not part:
            continue
        rows.append((f"`{_call(f'{name}.{method}', of)}`", _first(of)))
    return Items(("call", "what it does"), tuple(rows))


def _calls(names: Iterable[str]) -> Items:
    rows = [
        (f"`{_call(name.replace('robo.open', 'RoboXP.open'), of)}`", _first(of))
        for name in names
        for of in [getattr(RoboXP, name.rpartition(".")[2])]
    ]
    return Items(("call", "what it does"), tuple(rows))


def _call(name: str, of: Callable[..., Any]) -> str:
    """The call as it is written: its parameters with their defaults, without types."""
    parameters = []
    is_keyword = False
    for one in inspect.signature(of).parameters.values():
        if one.name == "self":
            continue
        if one.kind is one.KEYWORD_ONLY and not is_keyword:
            is_keyword = True
            parameters.append("*")
        mark = (
            "**" if one.kind is one.VAR_KEYWORD else "*" if one.kind is one.VAR_POSITIONAL else ""
        )
        default = "" if one.default is one.empty else f"={_default(one.default)}"
        parameters.append(f"{mark}{one.name}{default}")
    return f"{name}({', '.join(parameters)})"


def _default(value: object) -> str:
    return repr(value) if isinstance(value, str | int | float | None) else "…"


def _values() -> Iterator[tuple[str, str, str]]:
    for name in robo_xp.__all__:
        of = getattr(robo_xp, name)
        if name != "RoboXP" and (inspect.isclass(of) or callable(of)):
            yield f"`{name}`", _fields(of), _first(of)


def _fields(of: Any) -> str:
    if not inspect.isclass(of):
        return f"`{_call(of.__name__, of)}`"
    known = getattr(of, "__dataclass_fields__", getattr(of, "__struct_fields__", ()))
    return ", ".join(f"`{name}`" for name in known if not name.startswith("_"))


def _events() -> Iterator[tuple[str, str, str, str]]:
    for name, kind in KINDS.items():
        fields = ", ".join(f"`{one.name}`" for one in msgspec.structs.fields(kind))
        yield f"`{name}`", f"`{kind.__name__}`", fields, _first(kind)


def _first(of: Any) -> str:
    """The first paragraph of the docstring, in one line."""
    said = inspect.cleandoc(of.__doc__ or "").partition("\n\n")[0]
    return escaped_inline(" ".join(said.replace("``", "").split()))
