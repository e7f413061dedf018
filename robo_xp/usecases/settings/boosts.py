"""Boosts of a guild: multipliers for a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Unpack

from robo_xp.errors import BoostNotFound, Refused
from robo_xp.model.ids import check_snowflake
from robo_xp.model.outbox import BoostEdge
from robo_xp.rules.boost import DAY_MS, OVER, Boosts, Stretch, edges, ids_of, preview
from robo_xp.settings.boosts import boost_of
from robo_xp.settings.xp import XP, settings_of
from robo_xp.usecases.core import DEFAULT_STORE, Core, check_role
from robo_xp.usecases.settings.configure import Config
from robo_xp.usecases.settings.layered import ChangeOptions, ConfigChanged

KEY: Final = "boosts.list"
_EPOCH_MS: Final = 1_420_070_400_000
_LOWEST_ID: Final = 10**16


@dataclass(frozen=True, slots=True)
class BoostTerms:
    """What a new boost is: ``begins_at`` and ``ends_at`` in epoch ms, the beginning now where it
    is None; ``weekly`` as settings keep it.
    """

    factor: float
    name: str = ""
    begins_at: int | None = None
    ends_at: int | None = None
    weekly: Mapping[str, Any] | None = None
    channel_ids: Sequence[str] = ()
    role_ids: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ListedBoost:
    """A boost as it was set, and its state now: planned, running or over."""

    id: str
    document: Mapping[str, Any]
    state: str


@dataclass(frozen=True, slots=True)
class BoostChanged:
    """The boost that a change is about, and what it did to the settings."""

    id: str
    document: Mapping[str, Any]
    changed: ConfigChanged


class BoostCases:
    """The boosts of a guild. An award uses those of the time of its message."""

    def __init__(self, core: Core, config: Config) -> None:
        self._core = core
        self._config = config

    def add(
        self, guild_id: str, terms: BoostTerms, **options: Unpack[ChangeOptions]
    ) -> BoostChanged:
        """Add a boost under a new id. Raises InvalidConfig with every fault, InvalidId."""
        document, made = self._document(guild_id, terms), ""

        def edit(own: Mapping[str, Any]) -> dict[str, Any]:
            nonlocal made
            made = self._new_id(XP.effective(self._config.own(None), own))
            return XP.set(own, f"{KEY}.{made}", document)

        changed = self._config.change(guild_id, edit, **options)
        return BoostChanged(made, document, changed)

    def end(self, guild_id: str, boost_id: str, **options: Unpack[ChangeOptions]) -> BoostChanged:
        """End a boost that has begun, and forget one that has not.

        Messages from before the end keep counting by it. Raises BoostNotFound where the guild
        has none of this id; Refused where it is over, or holds for all guilds.
        """
        key, document = f"{KEY}.{check_snowflake(boost_id, 'boost id')}", {}

        def edit(own: Mapping[str, Any]) -> dict[str, Any]:
            nonlocal document
            document = self._held_boost(own, key, boost_id)
            now = self._core.clock.now_ms()
            if boost_of(boost_id, document).state_at(now) == OVER:
                raise Refused(f"boost {boost_id} is over already")
            if now <= document["from"]:
                return XP.unset(own, key)
            return XP.set(own, key, {**document, "until": now})

        changed = self._config.change(guild_id, edit, **options)
        return BoostChanged(boost_id, document, changed)

    def preview(self, guild_id: str, *, days: int = 7, store: str = DEFAULT_STORE) -> list[Stretch]:
        """When boosts run from now on, for this many days, and what they come to together."""
        now = self._core.clock.now_ms()
        return list(preview(self.all(guild_id, store=store), now, now + days * DAY_MS))

    def edges(
        self, guild_id: str, since: int, to: int, *, store: str = DEFAULT_STORE
    ) -> Sequence[BoostEdge]:
        """Which boosts begin and end after an instant and up to another (epoch ms), in order."""
        return [
            BoostEdge(
                boost_id=boost.id,
                at=at,
                is_beginning=is_beginning,
                name=boost.name,
                factor=f"{float(boost.factor):g}",
                until=boost.ends_after(at) if is_beginning else None,
            )
            for at, boost, is_beginning in edges(self.all(guild_id, store=store), since, to)
        ]

    def all(self, guild_id: str, *, store: str = DEFAULT_STORE) -> Boosts:
        """The boosts that hold in the guild, for the rules."""
        return settings_of(self._config.get(guild_id, store=store)).multipliers.boosts

    def list(self, guild_id: str, *, store: str = DEFAULT_STORE) -> list[ListedBoost]:
        """The boosts that hold in the guild, the oldest first, those that are over too."""
        found, now = self._given_boosts(guild_id, store), self._core.clock.now_ms()
        return [
            ListedBoost(id_, found[id_], boost_of(id_, found[id_]).state_at(now))
            for id_ in ids_of(found)
        ]

    def _given_boosts(self, guild_id: str, store: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._config.get(guild_id, store=store)["boosts"].get("list", {})
        return found

    def _document(self, guild_id: str, terms: BoostTerms) -> dict[str, Any]:
        begins_at, factor = terms.begins_at, terms.factor
        parts = {
            "name": terms.name or None,
            "factor": int(factor) if factor % 1 == 0 else factor,
            "from": self._core.clock.now_ms() if begins_at is None else begins_at,
            "until": terms.ends_at,
            "weekly": terms.weekly,
            "channels": list(dict.fromkeys(terms.channel_ids)) or None,
            "roles": [check_role(guild_id, one) for one in dict.fromkeys(terms.role_ids)] or None,
        }
        return {key: value for key, value in parts.items() if value is not None}

    def _new_id(self, holds: Mapping[str, Any]) -> str:
        """An id as Discord makes them: it sorts by time and is the key of no other boost."""
        taken = holds["boosts"].get("list", {})
        number = max(_LOWEST_ID, (self._core.clock.now_ms() - _EPOCH_MS) << 22)
        while str(number) in taken:
            number += 1
        return str(number)

    def _held_boost(self, own: Mapping[str, Any], key: str, boost_id: str) -> dict[str, Any]:
        found: dict[str, Any] | None = XP.get(own, key)
        if found is not None:
            return found
        if XP.get(self._config.own(None), key) is not None:
            raise Refused(
                f"boost {boost_id} holds for all guilds",
                advice=f"take it back for all: robo-xp config unset --global {key}",
            )
        raise BoostNotFound(f"the guild has no boost {boost_id}")
