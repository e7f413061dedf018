"""Tables of settings, and the one engine that all of them share.

Only what an operator set is stored (a sparse document, here called ``own``). Reading lays layers
over the defaults, each stronger than the one before. Keys are dotted (``theme.embedColor``); in a
map from ids the last part is the id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, Final

from robo_xp.errors import Fault, InvalidConfig, InvalidId
from robo_xp.rules.checks import joined_path, nearest
from robo_xp.settings.kinds import Kind, PerId, no_object

LAYERS: Final = ("default", "global", "guild")
"""The layers that a value can come from, weakest first."""

Document = Mapping[str, Any]
Contradictions = Callable[[Document], list[Fault]]


@dataclass(frozen=True, slots=True)
class Field:
    """One setting.

    ``default`` is in every complete document; where it is None the setting is left out of them,
    and rules go by ``fallback``. ``label`` is its name for people, ``help`` a sentence that says
    what it does. With ``panel`` (the words of its custom ids) it is on the panel's general page.
    ``option`` is what slash commands call it, where that is not its name with underscores.
    """

    key: str
    kind: Kind
    default: Any
    label: str
    _: KW_ONLY
    help: str
    unit: str = ""
    fallback: Any = None
    panel: str = ""
    option: str = ""

    def __post_init__(self) -> None:
        """Take the unit of the kind where the setting has none of its own."""
        object.__setattr__(self, "unit", self.unit or self.kind.unit)

    @property
    def known_key(self) -> str:
        """The key of one value; in a map an id stands behind it."""
        kind = self.kind
        return f"{self.key}.{kind.key_part}" if isinstance(kind, PerId) else self.key

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.key.rpartition(".")[2]


class Table:
    """The settings of one sort, in the order of the docs.

    ``groups`` has what the keys that hold other keys are about; ``contradictions`` finds what is
    wrong between right values of a complete document.
    """

    def __init__(
        self,
        *fields: Field,
        groups: Mapping[str, str],
        contradictions: Contradictions = lambda document: [],
    ) -> None:
        """Hold these settings."""
        self.fields: Final = {field.key: field for field in fields}
        self.groups: Final = dict(groups)
        self.known_keys: Final = tuple(field.known_key for field in fields)
        self._contradictions = contradictions
        self._maps = {one.key: one.kind for one in fields if isinstance(one.kind, PerId)}
        self._tree: dict[str, Any] = {}
        self._defaults: dict[str, Any] = {}
        for field in fields:
            *above, name = field.key.split(".")
            _place(self._tree, above)[name] = field.kind
            if field.default is not None:
                _place(self._defaults, above)[name] = field.default

    def __iter__(self) -> Iterator[Field]:
        """The settings in order."""
        return iter(self.fields.values())

    def __getitem__(self, key: str) -> Field:
        """The setting that a dotted key belongs to; KeyError for groups and unknown keys."""
        return self.fields[key if key in self.fields else key.rpartition(".")[0]]

    def kind_of(self, key: str) -> Kind | None:
        """What a value at the dotted key is; None for a group. InvalidConfig if it is unknown."""
        self._parts(key)
        if key in self.groups:
            return None
        kind = self[key].kind
        return kind if key in self.fields else kind.entry if isinstance(kind, PerId) else None

    # -- checks ---------------------------------------------------------------------------

    def faults_of(self, own: Document, *below: Document) -> list[Fault]:
        """Everything that is wrong with a sparse document above these layers.

        Contradictions are only looked for among values that are right by themselves.
        """
        return self.value_faults(own) or self._contradictions(self.effective(*below, own))

    def value_faults(self, own: Document) -> list[Fault]:
        """Everything that is wrong with the single values of a sparse or complete document."""
        return self._faults("", own, self._tree)

    def new_faults(self, own: Document, keys: tuple[str, ...]) -> list[Fault]:
        """What is refused of values that are set anew at these keys, and read where it is old."""
        leaves = self.leaves_of(own)
        return [
            fault
            for key in keys
            if key in leaves
            for fault in self[key].kind.new_faults(key, leaves[key])
        ]

    def _faults(self, where: str, value: object, tree: Mapping[str, Any]) -> list[Fault]:
        if not isinstance(value, Mapping):
            return [no_object(where, value)]
        faults: list[Fault] = []
        for key, entry in value.items():
            path, known = joined_path(where, key), tree.get(key)
            if known is None:
                faults.append(Fault(path, "unknown setting" + self._meant(where, key, tree)))
            elif entry is None:
                message = "null is no value; use unset to go back to the default"
                faults.append(Fault(path, message))
            elif isinstance(known, Kind):
                faults += known.faults(path, entry)
            else:
                faults += self._faults(path, entry, known)
        return faults

    def _meant(self, where: str, key: object, tree: Mapping[str, Any]) -> str:
        """The known key that an unknown one is nearest to, wherever it belongs."""
        if not isinstance(key, str):
            return ""
        # a key at the wrong depth, such as "public", is meant where it belongs
        places = {field.name: field.key for field in self}
        places |= {name: joined_path(where, name) for name in tree}
        near = nearest(key, places)
        return f"; did you mean {places[near]!r}?" if near else ""

    # -- layers ---------------------------------------------------------------------------

    def effective(self, *owns: Document) -> dict[str, Any]:
        """The complete document of the defaults and the layers, later ones stronger."""
        return self.merge(self._defaults, *owns)

    def merge(self, *layers: Document) -> dict[str, Any]:
        """One document of all layers, later ones stronger; it shares nothing with them.

        Groups and maps are merged key by key. All else replaces.
        """
        merged: dict[str, Any] = {}
        for layer in layers:
            self._merge_into(merged, layer, "")
        return merged

    def _merge_into(self, target: dict[str, Any], layer: Document, prefix: str) -> None:
        for key, value in layer.items():
            path = f"{prefix}{key}"
            if isinstance(value, Mapping) and not self.is_whole(path):
                below = target.get(key)
                target[key] = below if isinstance(below, dict) else {}
                self._merge_into(target[key], value, f"{path}.")
            elif value is not None:
                target[key] = _fresh(value)

    def source_of(self, key: str, *owns: Document) -> str:
        """The strongest of the layers above the defaults, weakest first, that sets the key."""
        for name, own in reversed(list(zip(LAYERS[1:], owns, strict=False))):
            # a group without entries sets nothing
            if self.get(own, key) not in (None, {}):
                return name
        return LAYERS[0]

    def leaves_of(self, document: Document, prefix: str = "") -> dict[str, Any]:
        """The values of a document by dotted key, fresh."""
        leaves: dict[str, Any] = {}
        for key, value in document.items():
            path = f"{prefix}{key}"
            if isinstance(value, Mapping) and not self.is_whole(path):
                leaves |= self.leaves_of(value, f"{path}.")
            else:
                leaves[path] = _fresh(value)
        return leaves

    def is_whole(self, path: str) -> bool:
        """Whether a value here is never looked into."""
        if path in self.fields:
            return path not in self._maps
        return path.rpartition(".")[0] in self._maps

    # -- dotted keys ----------------------------------------------------------------------

    def get(self, document: Document, key: str) -> Any:
        """The value or group at a dotted key, fresh; None where the document does not have it.

        Raises InvalidConfig for a key that is not known.
        """
        found: Any = document
        for part in self._parts(key):
            found = found.get(part) if isinstance(found, Mapping) else None
        return _fresh(found)

    def set(self, document: Document, key: str, value: Any) -> dict[str, Any]:
        """A new document in which the dotted key has the value; the value itself is not checked.

        Raises InvalidConfig for a key that is not known.
        """
        *above, name = self._parts(key)
        new: dict[str, Any] = _fresh(document)
        _place(new, above)[name] = _fresh(value)
        return new

    def unset(self, document: Document, key: str) -> dict[str, Any]:
        """A new document without the dotted key, and without the groups that this leaves empty.

        Raises InvalidConfig for a key that is not known.
        """
        return _without(document, self._parts(key))

    def _parts(self, key: str) -> list[str]:
        parts = key.split(".")
        if key in self.fields or key in self.groups:
            return parts
        kind = self._maps.get(key.rpartition(".")[0])
        if kind is None:
            advice = "the known keys are " + ", ".join(self.known_keys)
            raise InvalidConfig([Fault(joined_path("", key), self._unknown(key))], advice=advice)
        if faults := kind.key_faults(joined_path("", key), parts[-1]):
            is_id = kind.key_part == PerId.key_part
            raise InvalidConfig(faults, advice=InvalidId.advice if is_id else None)
        return parts

    def _unknown(self, key: str) -> str:
        whole = key.partition(".")[0]
        if self.is_whole(whole):
            return f"unknown setting; {whole!r} is set as a whole"
        full = {known: known for known in (*self.groups, *self.fields)}
        last = {field.name: field.key for field in self}
        near = nearest(key, full) or nearest(key.rpartition(".")[2], last)
        return f"unknown setting; did you mean {(full | last)[near]!r}?" if near else _UNKNOWN


_UNKNOWN: Final = "unknown setting"


def _place(document: dict[str, Any], groups: list[str]) -> dict[str, Any]:
    """The group within the document, made where it is not there or no group."""
    place = document
    for group in groups:
        if not isinstance(place.get(group), dict):
            place[group] = {}
        place = place[group]
    return place


def _without(document: Document, parts: list[str]) -> dict[str, Any]:
    new: dict[str, Any] = _fresh(document)
    name, *rest = parts
    if not rest:
        new.pop(name, None)
    elif isinstance(new.get(name), dict):
        new[name] = _without(new[name], rest)
        if not new[name]:
            del new[name]
    return new


def _fresh(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _fresh(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_fresh(entry) for entry in value]
    return value
