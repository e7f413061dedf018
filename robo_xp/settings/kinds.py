"""The kinds of values that a setting can have: their bounds, and a check of each.

A check returns every fault of a value and raises nothing, whatever the value is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from robo_xp.errors import Fault, InvalidValue
from robo_xp.model import short_text
from robo_xp.model.ids import is_snowflake
from robo_xp.rules import checks as check
from robo_xp.rules.checks import joined_path
from robo_xp.rules.giveaway.duration import span_ms
from robo_xp.rules.levels.curve import curve_faults, new_curve_faults
from robo_xp.settings.template import MAX_TEMPLATE, template_faults

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
EXAMPLE_ID: Final = "123456789012345678"


class Kind:
    """What the values of a setting are: ``type`` says it in a word or two.

    ``low`` and ``high`` bound a number, the characters of a text, the entries of a list, the
    values of a map; they are None where nothing is counted.
    """

    type: str
    low: Any = None
    high: Any = None
    unit: str = ""
    choices: tuple[str, ...] = ()
    example: Any = None

    def faults(self, where: str, value: object) -> list[Fault]:
        """Everything that is wrong with a value, stored or new."""
        raise NotImplementedError

    def new_faults(self, where: str, value: Any) -> list[Fault]:
        """What is refused of a new value and still read where it was stored before."""
        return []


class Whole(Kind):
    """A whole number within bounds."""

    type = "integer"

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high

    def faults(self, where: str, value: object) -> list[Fault]:
        """A fault unless it is a whole number within the bounds."""
        return check.whole_faults(where, value, self.low, self.high)


class Colour(Whole):
    """A colour as one number: red times 65,536, and so on."""

    def __init__(self) -> None:
        super().__init__(0, 0xFFFFFF)


class Decimal(Kind):
    """A number within bounds, of at most three decimals."""

    type = "number"

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def faults(self, where: str, value: object) -> list[Fault]:
        """A fault unless it is a number within the bounds, of few decimals."""
        return check.decimal_faults(where, value, str(self.low), str(self.high))


class Flag(Kind):
    """Yes or no, each with the words that stand for it."""

    type = "boolean"
    example = True

    def __init__(self, yes: str = "yes", no: str = "no") -> None:
        self.yes, self.no = yes, no

    def faults(self, where: str, value: object) -> list[Fault]:
        """A fault unless it is true or false."""
        return check.bool_faults(where, value)


class Choice(Kind):
    """One of a few words; ``options`` has what people read for each, and what it means."""

    type = "enum"

    def __init__(self, options: Mapping[str, tuple[str, str]]) -> None:
        self.options, self.choices = options, tuple(options)

    def clause(self, word: str) -> str:
        """What the word means, to stand within a sentence."""
        meaning = self.options[word][1]
        return meaning[0].lower() + meaning[1:]

    def faults(self, where: str, value: object) -> list[Fault]:
        """A fault unless it is one of the words."""
        return check.choice_faults(where, value, self.choices)


class Text(Kind):
    """A line of text."""

    type = "text"
    low = 1
    unit = "characters"
    example: str = "text"

    def __init__(self, most: int) -> None:
        self.high = most

    def faults(self, where: str, value: object) -> list[Fault]:
        """A fault unless it is short text without control characters."""
        return check.label_faults(where, value, limit=self.high)


class Template(Text):
    """Text with placeholders, over several lines if need be."""

    def __init__(self) -> None:
        super().__init__(MAX_TEMPLATE)

    def faults(self, where: str, value: object) -> list[Fault]:
        """The faults of the text and of what stands in braces."""
        return template_faults(where, value)


class WebAddress(Text):
    """The address of something on the web."""

    example = "https://example.org/card.png"

    def __init__(self) -> None:
        super().__init__(check.MAX_URL)

    def faults(self, where: str, value: object) -> list[Fault]:
        """A fault unless it is an http or https address."""
        return check.url_faults(where, value)


class Duration(Kind):
    """A length of time, as text."""

    type = "duration"
    example = "1h"

    def faults(self, where: str, value: object) -> list[Fault]:
        """A fault unless it is a length of time."""
        if not isinstance(value, str):
            return [Fault(where, f"must be a length of time such as '1h', not {short_text(value)}")]
        try:
            span_ms(value)
        except InvalidValue as error:
            return [Fault(where, error.message)]
        return []


class IdOf(Kind):
    """The id of a ``role``, ``channel`` or ``member``."""

    example = EXAMPLE_ID

    def __init__(self, what: str) -> None:
        self.what, self.type = what, f"{what} id"

    def faults(self, where: str, value: object) -> list[Fault]:
        """A fault unless it is an id, as text."""
        return check.snowflake_faults(where, value)


class IdsOf(Kind):
    """A list of ids, each once."""

    low, high, unit = 0, check.MAX_ENTRIES, "entries"
    example = (EXAMPLE_ID,)

    def __init__(self, what: str) -> None:
        self.what, self.type = what, f"list of {what} ids"

    def faults(self, where: str, value: object) -> list[Fault]:
        """The faults of the list and of each entry."""
        return check.ids_faults(where, value)


class PerId(Kind):
    """A map from ids to values of one kind; layers are merged id by id.

    ``key_part`` stands for a key in the names of settings.
    """

    key_part = "<id>"

    def __init__(self, what: str, entry: Kind) -> None:
        self.what, self.entry = what, entry
        self.type = f"map of {what} ids to {entry.type}s"
        self.low, self.high, self.unit = entry.low, entry.high, entry.unit
        self.example = {EXAMPLE_ID: entry.example or entry.high}

    def faults(self, where: str, value: object) -> list[Fault]:
        """The faults of the map, of its keys and of its values."""
        if not isinstance(value, Mapping):
            return [no_object(where, value)]
        faults = check.size_faults(where, len(value))
        for id_, one in () if faults else value.items():
            path = joined_path(where, id_)
            faults += self.key_faults(path, id_)
            faults += self.entry.faults(path, one)
        return faults

    def key_faults(self, where: str, key: object) -> list[Fault]:
        """A fault unless it can be a key of the map."""
        if is_snowflake(key):
            return []
        message = f"the key must be the id of a {self.what}, of 17 to 20 digits"
        return [Fault(where, message)]


class PerName(PerId):
    """A map from names to values of one kind."""

    key_part = "<name>"

    def __init__(self, what: str, entry: Kind) -> None:
        super().__init__(what, entry)
        self.type = f"map of names to {entry.type}s"
        self.low, self.high, self.unit = 0, check.MAX_ENTRIES, "entries"
        self.example = {"weekly": entry.example}

    def key_faults(self, where: str, key: object) -> list[Fault]:
        """A fault unless it is a short word."""
        if isinstance(key, str) and _NAME.fullmatch(key):
            return []
        return [Fault(where, f"the name of a {self.what} has 1 to 32 of a-z, 0-9, - and _")]


class Parts(Kind):
    """An object of known parts, some of which it must have."""

    parts: ClassVar[Mapping[str, Kind]]
    needed: ClassVar[tuple[str, ...]] = ()

    def faults(self, where: str, value: object) -> list[Fault]:
        """The faults of each part, unknown ones, and those that are missing."""
        if not isinstance(value, Mapping):
            return [no_object(where, value)]
        faults: list[Fault] = []
        for key, entry in value.items():
            path = joined_path(where, key)
            if key in self.parts:
                faults += self.parts[key].faults(path, entry)
            else:
                faults.append(Fault(path, f"unknown part{check.meant(key, self.parts)}"))
        missing = [key for key in self.needed if key not in value]
        return faults + [Fault(f"{where}.{key}", "is missing") for key in missing]


class RewardList(Kind):
    """A list of ``{level, roleId, dangerous}``, each level once; the last part may be missing."""

    type = "list of rewards"
    low, high, unit = 0, check.MAX_ENTRIES, "entries"
    example = ({"level": 5, "roleId": EXAMPLE_ID},)
    parts: ClassVar[Mapping[str, Kind]] = {
        "level": Whole(1, 1000),
        "roleId": IdOf("role"),
        "dangerous": Flag(),
    }
    _needed = ("level", "roleId")

    def faults(self, where: str, value: object) -> list[Fault]:
        """The faults of the list, of each reward, and levels that come twice."""
        if faults := check.list_faults(where, value):
            return faults
        assert isinstance(value, list | tuple)
        seen: dict[int, int] = {}
        for index, reward in enumerate(value):
            path = f"{where}[{index}]"
            if wrong := self._faults_of_one(path, reward):
                faults += wrong
            elif (first := seen.setdefault(reward["level"], index)) != index:
                message = f"level {reward['level']} has a reward already, in {where}[{first}]"
                faults.append(Fault(f"{path}.level", message))
        return faults

    def _faults_of_one(self, where: str, reward: object) -> list[Fault]:
        if not isinstance(reward, Mapping):
            return [no_object(where, reward)]
        faults: list[Fault] = []
        for key, entry in reward.items():
            path = joined_path(where, key)
            if key in self.parts:
                faults += self.parts[key].faults(path, entry)
            else:
                faults.append(Fault(path, f"unknown part{check.meant(key, self.parts)}"))
        missing = [key for key in self._needed if key not in reward]
        return faults + [Fault(f"{where}.{key}", "is missing") for key in missing]


class CurveDescription(Kind):
    """The description of a level curve: half of one means nothing, so it is set as a whole."""

    type = "curve"
    example = {"type": "linear", "params": {"xpPerLevel": 500}, "maxLevel": 50}

    def faults(self, where: str, value: object) -> list[Fault]:
        """The faults of the description."""
        return _below(where, curve_faults(value))  # type: ignore[arg-type]  # says so if no object

    def new_faults(self, where: str, value: Any) -> list[Fault]:
        """What earlier versions took and no new curve may have."""
        return _below(where, new_curve_faults(value))


def no_object(where: str, value: object) -> Fault:
    """The fault of a value that should hold others."""
    return Fault(where, f"must be an object, not {short_text(value)}")


def _below(where: str, faults: list[Fault]) -> list[Fault]:
    return [
        Fault(f"{where}.{fault.where}" if fault.where else where, fault.message) for fault in faults
    ]
