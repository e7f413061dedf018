"""Names that Discord told: members, so that people can be called by name in a terminal.

A convenience that nothing depends on; losing the namespace costs only names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from robo_xp.errors import InvalidValue, MemberNotFound
from robo_xp.model import check_snowflake, is_snowflake
from robo_xp.usecases.core import Core
from robo_xp.vault import Namespace, check_text, names_name

if TYPE_CHECKING:
    from robo_xp.vault.tinydb import RecordTable

MEMBERS = "members"
NAME_LIMIT = 200


class Names:
    """The names that are known in a guild."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def of(self, guild_id: str) -> Mapping[str, str]:
        """Names by member id; only those that were seen."""
        return {user_id: record["name"] for record, user_id in self._known(guild_id)}

    def name(self, guild_id: str, user_id: str) -> str | None:
        """The member's name, or None if it was never seen."""
        found = self._known(guild_id).get(doc_id=user_id)
        return None if found is None else found.record["name"]

    def remember(self, guild_id: str, names: Mapping[str, str]) -> int:
        """Keep names by member id; returns how many were new or different."""
        namespace = self._namespace(guild_id)
        fresh = {
            check_snowflake(user_id, "member id"): check_text(name, "name", NAME_LIMIT)
            for user_id, name in names.items()
        }
        with namespace.transaction(self._core.origin_for("names")) as transaction:
            changed = {
                user_id: {"name": name}
                for user_id, name in fresh.items()
                if (transaction.get(MEMBERS, user_id) or {}).get("name") != name
            }
            transaction.db.table(MEMBERS).replace(changed)
        return len(changed)

    def resolve(self, guild_id: str, text: str) -> str:
        """The member id that ``text`` means: an id itself, or a name that was seen.

        Case does not matter unless it decides. MemberNotFound for no match; InvalidValue, with
        the matches, for more than one.
        """
        if is_snowflake(text):
            return text
        matches = self._called(guild_id, text)
        if len(matches) == 1:
            return matches[0]
        if not matches:
            raise MemberNotFound(
                f"no member called {text!r} was seen in guild {guild_id}",
                advice="give the member's id, or the name exactly as Discord shows it",
            )
        known = self.of(guild_id)
        listed = ", ".join(f"{user_id} ({known[user_id]})" for user_id in matches[:10])
        raise InvalidValue(
            f"{len(matches)} members are called {text!r}: {listed}", advice="give one of the ids"
        )

    def _called(self, guild_id: str, text: str) -> list[str]:
        """The members called exactly so, else those called so in whatever case."""
        namespace = self._namespace(guild_id)
        version = namespace.read().version(MEMBERS)
        index = namespace.attached.get("called")
        if not isinstance(index, _Called) or index.version != version:
            index = namespace.attached["called"] = _Called.of(self.of(guild_id), version)
        return index.exact.get(text) or index.folded.get(text.casefold(), [])

    def _known(self, guild_id: str) -> RecordTable:
        """The records of the guild's members."""
        return self._namespace(guild_id).read().table(MEMBERS)

    def _namespace(self, guild_id: str) -> Namespace:
        """Where the names of the guild are."""
        return self._core.vault.namespace(names_name(guild_id))


@dataclass(frozen=True, slots=True)
class _Called:
    """Members by name and by folded name, of one version of the records."""

    version: object
    exact: dict[str, list[str]]
    folded: dict[str, list[str]]

    @classmethod
    def of(cls, known: Mapping[str, str], version: object) -> _Called:
        """The index of these names by member id."""
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
