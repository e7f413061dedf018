"""Names that Discord told: of members, roles and channels, for a terminal to show and to take.

A convenience that nothing depends on; losing the namespace costs only names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from robo_xp.errors import InvalidValue, MemberNotFound, NotFound
from robo_xp.model.ids import check_snowflake, is_snowflake
from robo_xp.usecases.core import Core
from robo_xp.vault import Namespace, check_text, names_name

if TYPE_CHECKING:
    from robo_xp.vault.tinydb import RecordTable

MEMBERS, ROLES, CHANNELS, GUILDS = "members", "roles", "channels", "guilds"
NAME_LIMIT = 200
_MOST = 10
_NEAR = 3


class Names:
    """The names that are known in a guild."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def of(self, guild_id: str, kind: str = MEMBERS) -> Mapping[str, str]:
        """Names by id, of members or of another kind; only those that were seen."""
        return {id_: record["name"] for record, id_ in self._known_records(guild_id, kind)}

    def guild(self, guild_id: str) -> str | None:
        """The name of the guild itself, or None if it was never seen."""
        return self.of(guild_id, GUILDS).get(guild_id)

    def among(self, guild_id: str, user_ids: Iterable[str]) -> Mapping[str, str]:
        """Names by id of these members; only those that were seen."""
        records = self._namespace(guild_id).read().records(MEMBERS)
        found = ((one, records.get(one)) for one in user_ids)
        return {one: record["name"] for one, record in found if record is not None}

    def name(self, guild_id: str, user_id: str) -> str | None:
        """The member's name, or None if it was never seen."""
        # without a query, which "xp give" would load TinyDB for
        found = self._namespace(guild_id).read().records(MEMBERS).get(user_id)
        return None if found is None else found["name"]

    def remember(self, guild_id: str, names: Mapping[str, str], kind: str = MEMBERS) -> int:
        """Keep names by id; returns how many were new or different."""
        namespace = self._namespace(guild_id)
        fresh = {
            check_snowflake(id_, f"{kind[:-1]} id"): check_text(name, "name", NAME_LIMIT)
            for id_, name in names.items()
        }
        with namespace.transaction(self._core.origin_for("names")) as transaction:
            changed = {
                id_: {"name": name}
                for id_, name in fresh.items()
                if (transaction.get(kind, id_) or {}).get("name") != name
            }
            transaction.db.table(kind).replace(changed)
        return len(changed)

    def resolve(self, guild_id: str, text: str, kind: str = MEMBERS, *, sign: str = "") -> str:
        """The id that ``text`` means: an id itself, or a name that was seen.

        Case does not matter unless it decides, and a name may have ``sign`` before it that is
        not of it. MemberNotFound or NotFound for no match, with the nearest names; InvalidValue,
        with the matches, for more than one.
        """
        if is_snowflake(text):
            return text
        index, bare = self._index(guild_id, kind), text.removeprefix(sign)
        matches = index.called(text) or index.called(bare)
        if not matches and text.startswith("'"):
            matches = index.called(text[1:])  # as our own tables write what looks like a formula
        if len(matches) == 1:
            return matches[0]
        if not matches:
            raise self._not_found(guild_id, bare[:NAME_LIMIT], kind)
        known = self.of(guild_id, kind)
        listed = ", ".join(f"{id_} ({known[id_]})" for id_ in matches[:_MOST])
        raise InvalidValue(
            f"{len(matches)} {kind} are called {text!r}: {listed}",
            advice="give one of the ids",
        )

    def _not_found(self, guild_id: str, text: str, kind: str) -> NotFound:
        """The error for a name that was not seen, with those that it may stand for."""
        from difflib import get_close_matches

        what = kind[:-1]
        index = self._index(guild_id, kind)
        near = get_close_matches(text.casefold(), list(index.folded), n=_NEAR, cutoff=0.6)
        known = self.of(guild_id, kind) if near else {}
        meant = " or ".join(repr(known[index.folded[name][0]]) for name in near)
        advice = f"give the {what}'s id, or the name exactly as Discord shows it"
        error = MemberNotFound if kind == MEMBERS else NotFound
        return error(
            f"no {what} called {text!r} was seen in guild {guild_id}",
            advice=f"did you mean {meant}?" if meant else advice,
        )

    def _index(self, guild_id: str, kind: str) -> _Called:
        """Who or what is called how, as of now."""
        namespace = self._namespace(guild_id)
        version = namespace.read().version(kind)
        index = namespace.attached.get(f"called {kind}")
        if not isinstance(index, _Called) or index.version != version:
            index = _Called.of(self.of(guild_id, kind), version)
            namespace.attached[f"called {kind}"] = index
        return index

    def _known_records(self, guild_id: str, kind: str) -> RecordTable:
        """The records of the guild's members, roles or channels."""
        return self._namespace(guild_id).read().table(kind)

    def _namespace(self, guild_id: str) -> Namespace:
        """Where the names of the guild are."""
        return self._core.vault.namespace(names_name(guild_id))


@dataclass(frozen=True, slots=True)
class _Called:
    """Ids by name and by folded name, of one version of the records."""

    version: object
    exact: dict[str, list[str]]
    folded: dict[str, list[str]]

    def called(self, text: str) -> list[str]:
        """Those called exactly so, else those called so in whatever case."""
        return self.exact.get(text) or self.folded.get(text.casefold(), [])

    @classmethod
    def of(cls, known: Mapping[str, str], version: object) -> _Called:
        """The index of these names by id."""
        exact: dict[str, list[str]] = {}
        folded: dict[str, list[str]] = {}
        for user_id, name in known.items():
            exact.setdefault(name, []).append(user_id)
            folded.setdefault(name.casefold(), []).append(user_id)
        return cls(version, exact, folded)


def storable_name(text: object) -> str | None:
    """A name from a foreign file as it can be kept: cut to the limit; None where it is no name."""
    if not isinstance(text, str):
        return None
    return text.strip().encode(errors="replace").decode()[:NAME_LIMIT] or None
