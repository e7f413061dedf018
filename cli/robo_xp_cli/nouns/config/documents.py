"""Documents of own settings: JSON and TOML in, JSON and TOML out.

TOML is written flat, a line for each setting under the dotted key that ``config set`` takes.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robo_xp.errors import Fault, InvalidConfig, InvalidValue
from robo_xp.nesting import bounded_text
from robo_xp_cli.show.lines import json_document
from robo_xp_cli.show.words import visible_text

if TYPE_CHECKING:
    from robo_xp_cli.run.context import Run

_SHORT = 80


def load(run: Run, file: str) -> Mapping[str, Any]:
    """The document in a file, or on stdin for ``-``; InvalidValue where it is none.

    The format is that of the file's ending, else JSON if it begins with a brace, else TOML.
    """
    text = run.stdin().read() if file == "-" else text_of(Path(file), "utf-8-sig")
    suffix = Path(file).suffix.lower()
    is_json = suffix == ".json" or (suffix != ".toml" and text.lstrip()[:1] in ("{", "["))
    name = "stdin" if file == "-" else visible_text(file)
    check_written(text, name)
    return from_json(text, name) if is_json else from_toml(text, name)


def check_written(text: str, name: str) -> None:
    """Raise InvalidValue for a text without a word: what was to write it may have failed."""
    if not text.strip():
        advice = "a comment alone, # nothing, says that nothing is to be set"
        raise InvalidValue(f"{name} is empty", advice=advice)


def text_of(path: Path, encoding: str = "utf-8") -> str:
    """What stands in the file; InvalidValue where that is no text."""
    try:
        return path.read_text(encoding=encoding)
    except UnicodeDecodeError:
        raise InvalidValue(f"{visible_text(str(path))} is not UTF-8 text") from None


def from_json(text: str, name: str) -> Any:
    """The value of a JSON text; a key that is there twice is a fault."""
    faults: list[Fault] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        counts = Counter(key for key, _ in items)
        faults.extend(
            Fault(visible_text(key), "is there twice") for key, count in counts.items() if count > 1
        )
        return dict(items)

    try:
        value = json.loads(bounded_text(text), object_pairs_hook=pairs)
    except RecursionError:
        raise _unreadable(name, "JSON", "it is nested too deeply") from None
    except ValueError as error:
        raise _unreadable(name, "JSON", str(error)) from None
    if faults:
        raise InvalidConfig(faults)
    return value


def from_toml(text: str, name: str) -> dict[str, Any]:
    """The document of a TOML text."""
    from robo_xp.machine import toml

    try:
        return toml.parse_toml(text)
    except ValueError as error:
        raise _unreadable(name, "TOML", str(error)) from None


def as_json(document: Mapping[str, Any]) -> str:
    """The document as JSON over several lines."""
    return json_document(document, indented=True)


def as_toml(leaves: Mapping[str, Any]) -> str:
    """Values by dotted key as flat TOML, in this order; a comment where there are none."""
    lines = "".join(f"{key} = {toml_value(value)}\n" for key, value in leaves.items())
    return lines or "# nothing is set\n"


def edited_toml(text: str, document: Mapping[str, Any]) -> str:
    """The TOML text with the values of the document; comments, order and what is equal stay.

    Raises InvalidConfig where the text is no TOML, InvalidValue where that cannot be done.
    """
    import tomlkit

    before = from_toml(text, "the file")
    found = tomlkit.parse(text)
    _edit(found, before, document)
    after = tomlkit.dumps(found)
    if from_toml(after, "the file") != document:
        raise InvalidValue(
            "the file cannot be edited so that its comments stay",
            advice="write a new one: robo-xp config export --all --format toml",
        )
    return after


def _edit(
    found: MutableMapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Make a table say what it should, key by key."""
    for key in before.keys() - after.keys():
        del found[key]
    for key, value in after.items():
        was = before.get(key)
        if isinstance(was, Mapping) and isinstance(value, Mapping) and value:
            _edit(found[key], was, value)
        elif was != value:
            found[key] = value


def in_ascii(toml: str) -> str:
    """The same document without other characters, which can only stand inside its texts."""
    return re.sub(r"[^\x00-\x7f]", lambda found: f"\\U{ord(found.group()):08x}", toml)


def toml_value(value: Any) -> str:
    """A value as TOML: long lists over several lines, objects in one."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(key)} = {toml_value(one)}" for key, one in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return _toml_list([toml_value(one) for one in value])
    # JSON writes numbers, true, false and text as TOML does, but for one control character
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml_list(items: Sequence[str]) -> str:
    line = f"[{', '.join(items)}]"
    if len(line) <= _SHORT or "\n" in line:
        return line
    return "[\n" + "".join(f"    {item},\n" for item in items) + "]"


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key)


def _unreadable(name: str, kind: str, why: str) -> InvalidConfig:
    line = re.search(r"line (\d+)", why)
    where = f"; look at line {line.group(1)}" if line else ""
    fault = Fault("", f"{name} is not {kind}: {visible_text(why)}")
    return InvalidConfig([fault], advice=f"nothing was stored{where}")
