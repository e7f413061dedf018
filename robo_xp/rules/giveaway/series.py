"""The rhythm of giveaways that come again."""

from __future__ import annotations

from robo_xp.model.giveaway import Series
from robo_xp.rules.boost import days_later, zone_of
from robo_xp.rules.giveaway.duration import DAY_MS, span_ms


def next_slot(series: Series, now_ms: int) -> int:
    """The slot after that of ``series`` in epoch ms, or the last one that has come where several
    have: those that passed while nobody was there are left out.
    """
    steps = max(1, (now_ms - series.slot) // span_ms(series.every))
    # the zone may have changed its clock since
    while _slot(series, steps + 1) <= now_ms:
        steps += 1
    while steps > 1 and _slot(series, steps) > now_ms:
        steps -= 1
    return _slot(series, steps)


def _slot(series: Series, steps: int) -> int:
    """The slot so many steps later."""
    every = span_ms(series.every)
    if series.tz is None or every % DAY_MS:
        return series.slot + steps * every
    days = steps * (every // DAY_MS)
    return days_later(series.slot, days, zone_of(series.tz), series.clock)
