"""Time of members of one guild in voice, as it is counted in memory; it knows no clock.

Instants are seconds of a clock that only goes forward. What is due is forgotten only after it was
committed, so a commit that fails loses nothing, and one that succeeds is never repeated.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from robo_xp.model import Message
from robo_xp.rules.voice import VoiceTime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a member earns: channel, category, and the roles that it has there."""

    channel_id: str
    category_id: str | None
    role_ids: tuple[str, ...]


@dataclass(slots=True)
class _Account:
    """``since`` when it is eligible, None while it is not; ``seconds`` before that, not committed.

    What is left of them below a whole second is carried on.
    """

    place: Place
    since: float | None
    seconds: float = 0.0

    def count(self, now: float) -> None:
        """Add the time up to now."""
        if self.since is not None:
            self.seconds += max(now - self.since, 0.0)
            self.since = now


class VoiceAccounts:
    """The accounts of one guild's members."""

    def __init__(self) -> None:
        self._accounts: dict[str, _Account] = {}

    @property
    def is_empty(self) -> bool:
        """Whether nobody earns and nothing is due."""
        return not self._accounts

    @property
    def earning(self) -> set[str]:
        """Who earns now."""
        return {user_id for user_id, one in self._accounts.items() if one.since is not None}

    def look(
        self, now: float, earning: Mapping[str, Place], channel_ids: Collection[str] | None = None
    ) -> None:
        """From now on these members earn there, and others in these channels earn no more.

        Without ``channel_ids`` that is everybody else.
        """
        for user_id, account in self._accounts.items():
            is_looked_at = channel_ids is None or account.place.channel_id in channel_ids
            if user_id not in earning and is_looked_at:
                account.count(now)
                account.since = None
        for user_id, place in earning.items():
            account = self._accounts.setdefault(user_id, _Account(place, now))
            account.count(now)
            account.place, account.since = place, now

    def due(self, now: float, at: int) -> list[VoiceTime]:
        """The whole seconds of each member up to now; ``at`` (epoch ms) is their instant."""
        found = []
        for user_id, account in list(self._accounts.items()):
            account.count(now)
            place = account.place
            if account.seconds >= 1.0:
                message = Message(place.channel_id, None, place.category_id, place.role_ids, at)
                found.append(VoiceTime(user_id, message, int(account.seconds)))
            elif account.since is None:
                del self._accounts[user_id]
        return found

    def settle(self, spent: Sequence[VoiceTime]) -> None:
        """These are committed."""
        for one in spent:
            self._accounts[one.user_id].seconds -= one.seconds
