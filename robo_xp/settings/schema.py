"""The walk over nested settings: every key has its check, and every fault its path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from robo_xp.errors import Fault
from robo_xp.model import is_snowflake, shown
from robo_xp.rules import checks as check
from robo_xp.rules.checks import joined

Check = Callable[[str, object], list[Fault]]
Fields = Mapping[str, Check]


@dataclass(frozen=True, slots=True)
class Tree:
    """What the walks over one kind of settings share.

    ``way_back`` is the word for giving a setting back; ``meant`` says, of a place, an unknown key
    and the known ones there, which was meant, or nothing.
    """

    way_back: str
    meant: Callable[[str, object, Fields], str]

    def faults(self, where: str, value: object, fields: Fields) -> list[Fault]:
        """Everything that is wrong with an object of these fields, which may leave any out."""
        if not isinstance(value, Mapping):
            return [_no_object(where, value)]
        faults: list[Fault] = []
        for key, entry in value.items():
            path = joined(where, key)
            if key not in fields:
                faults.append(Fault(path, "unknown setting" + self.meant(where, key, fields)))
            elif entry is None:
                message = f"null is no value; use {self.way_back} to go back to the default"
                faults.append(Fault(path, message))
            else:
                faults += fields[key](path, entry)
        return faults

    def group(self, fields: Fields) -> Check:
        """The check of an object of these fields."""
        return lambda where, value: self.faults(where, value, fields)


def map_faults(where: str, value: object, entry: Check, *, key: str = "an id") -> list[Fault]:
    """Everything that is wrong with a map from ids to values with this check."""
    if not isinstance(value, Mapping):
        return [_no_object(where, value)]
    if faults := check.size_faults(where, len(value)):
        return faults
    for one, held in value.items():
        path = joined(where, one)
        if not is_snowflake(one):
            faults.append(Fault(path, f"the key must be {key} of 17 to 20 digits"))
        faults += entry(path, held)
    return faults


def _no_object(where: str, value: object) -> Fault:
    return Fault(where, f"must be an object, not {shown(value)}")
