"""What a rank card shows of a member."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from robo_xp.rules.boost import zone_of
from robo_xp.text import visible_name
from robo_xp.views.member import Progress
from robo_xp.views.shape import XP, Count, Id, Level, Names, Percent, View, rounded_quotient


class Card(View, frozen=True, kw_only=True):
    """A member's card; ``rank`` is null without XP, ``toNext`` 0 at the highest level.

    ``boost`` is the factor of the member's awards, ``boostUntil`` when that ends by the clock of
    the guild, empty for no end; ``unit`` what XP is called.
    """

    user_id: Id
    name: str
    rank: Count | None
    total: Count
    level: Level
    xp: XP
    in_level: XP
    to_next: XP
    percentage: Percent
    unit: str
    boost: float
    boost_until: str = ""
    voice_seconds: Count = 0
    accent: str

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        standing = found.standing
        progress = Progress.of(standing.progress)
        return {
            "user_id": standing.member.user_id,
            "name": visible_name(found.name, standing.member.user_id),
            "rank": standing.rank,
            "total": standing.total,
            "level": progress.level,
            "xp": standing.member.xp,
            "voice_seconds": standing.member.voice_seconds,
            "in_level": progress.in_level,
            "to_next": progress.to_next,
            "percentage": progress.percentage,
            "boost": rounded_quotient(found.multiplier_permille, 1000, places=3),
            "boost_until": _instant(found.boosted_until, found.zone),
            "accent": f"#{found.color:06x}",
        }


def _instant(at: int | None, zone: str) -> str:
    """An instant as the clock of the guild shows it: ``28 Nov 22:00 UTC``; empty for none."""
    if at is None:
        return ""
    shown = datetime.fromtimestamp(at / 1000, UTC).astimezone(zone_of(zone))
    return f"{shown.day} {shown:%b %H:%M %Z}"
