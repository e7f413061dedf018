"""Which new levels are announced one by one, and which together or not at all. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from robo_xp.model.outbox import NewLevel
from robo_xp.text import count_text

_SHOWN_LENGTH = 1900


@dataclass(slots=True)
class AnnouncementPlan:
    """``single`` are told to their members, oldest first; ``rest`` are too old or too many.

    ``summaries`` were begun before, by their numbers.
    """

    single: list[NewLevel] = field(default_factory=list)
    rest: list[NewLevel] = field(default_factory=list)
    summaries: dict[int, list[NewLevel]] = field(default_factory=dict)


def plan_for(rises: Iterable[NewLevel], *, oldest_at: int, most: int) -> AnnouncementPlan:
    """What becomes of these rises, oldest first: the last ones are told, so many at most.

    Those from before ``oldest_at`` (epoch ms) are no news any more.
    """
    plan, fresh = AnnouncementPlan(), list[NewLevel]()
    for rise in rises:
        if rise.summary:
            plan.summaries.setdefault(rise.summary, []).append(rise)
        elif rise.at < oldest_at:
            plan.rest.append(rise)
        else:
            fresh.append(rise)
    first = max(len(fresh) - most, 0)
    plan.rest += fresh[:first]
    plan.single = fresh[first:]
    return plan


def summary_text(rises: Sequence[NewLevel]) -> str:
    """What is said of them together, the highest levels first, within Discord's length."""
    shown = sorted(rises, key=lambda rise: (-rise.level, int(rise.user_id)))
    head = f"Meanwhile {count_text(len(shown), 'member')} reached new levels: "
    names, left = list[str](), _SHOWN_LENGTH - len(head)
    for rise in shown:
        name = f"<@{rise.user_id}> ({rise.level:,})"
        left -= len(name) + 2
        if left < 0:
            break
        names.append(name)
    more = len(shown) - len(names)
    return head + ", ".join(names) + (f" and {more:,} more." if more else ".")
