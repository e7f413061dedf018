"""Instants in files: seconds, milliseconds, microseconds, or ISO text."""

from __future__ import annotations

from datetime import UTC, datetime

from robo_xp.errors import InvalidValue
from robo_xp.model import short_text

_SECONDS_BELOW = 10**11
_MILLISECONDS_BELOW = 10**14


def instant_of(value: object) -> int | None:
    """The epoch milliseconds of a value; None for "never" (0, empty). InvalidValue for others."""
    if isinstance(value, dict) and "$date" in value:
        value = value["$date"]
    if isinstance(value, str):
        text = value.strip()
        if not text.replace(".", "", 1).isdigit() or not text.isascii():
            return _of_text(text)
        value = float(text)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**17:
        raise InvalidValue(f"{short_text(value)} is not a time")
    if value < _SECONDS_BELOW:
        value *= 1000
    elif value >= _MILLISECONDS_BELOW:
        value /= 1000
    return int(value) or None


def _of_text(text: str) -> int | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0, round(moment.timestamp() * 1000)) or None
    except (ValueError, OverflowError):
        raise InvalidValue(f"{short_text(text)} is not a time") from None
