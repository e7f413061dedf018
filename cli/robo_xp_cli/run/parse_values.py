"""Turns what was typed into values: amounts, members, instants, ``key=value`` pairs.

Every function raises a subclass of :class:`robo_xp.errors.InvalidValue` (exit code 2) with the
offending text in the message. Strict on purpose: ``60abc`` is never 60.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from robo_xp.errors import InvalidAmount, InvalidId, InvalidValue
from robo_xp.model import MAX_XP
from robo_xp.model.ids import is_snowflake
from robo_xp.nesting import bounded
from robo_xp_cli.show.words import shown

_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000}
_AMOUNT = re.compile(
    r"(?P<whole>[0-9]+(?:_[0-9]+)*|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<part>[0-9]+))?(?P<unit>[kKmM]?)"
)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<real>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]+)?")
_MENTION = re.compile(r"<[@#&!]+[0-9]+>")
_SECONDS_PLACES, _MS_PLACES = 10, 13


@dataclass(frozen=True, slots=True)
class Named:
    """A member, role or channel as typed: its ``id``, or the ``name`` to look up.

    ``kind`` is the plural that names are kept under; a command gets the id in its place.
    """

    kind: str
    id: str = ""
    name: str = ""


STDIN: Final = Named("members", name="-")
"""Members that stand on stdin, one a line."""


def amount(text: str) -> int:
    """XP from 1 to 2^53-1: ``250``, ``1_000``, ``1,000``, ``10k``, ``1.5k`` or ``2m``."""
    return _bounded(text, low=1, high=MAX_XP)


def total(text: str) -> int:
    """XP from 0 to 2^53-1, written like :func:`amount`."""
    return _bounded(text, low=0, high=MAX_XP)


def whole(low: int, high: int) -> Callable[[str], int]:
    """A parser for whole numbers from ``low`` to ``high`` (0 or more), both included."""
    return lambda text: _bounded(text, low=low, high=high)


def named(kind: str, mention: str, sign: str) -> Callable[[str], Named]:
    """A parser for an id, a mention such as ``<@…>``, or a name that may begin with ``sign``."""
    mentioned = re.compile(f"<{mention}([0-9]{{1,25}})>")
    what = kind[:-1]

    def parse(text: str) -> Named:
        found = mentioned.fullmatch(text.strip())
        digits = found.group(1) if found else text.strip()
        if is_snowflake(digits):
            return Named(kind, digits)
        if _MENTION.fullmatch(digits) or found or re.fullmatch(r"[0-9]{15,}", digits):
            raise InvalidId(f"'{shown(text)}' is not the id of a {what}")
        if not digits:
            raise InvalidId(f"a {what} cannot be an empty text")
        return Named(kind, name=text.strip().removeprefix(sign))

    return parse


user: Final = named("members", "@!?", "@")
role: Final = named("roles", "@&", "@")
channel: Final = named("channels", "#", "#")


def users(text: str) -> Named:
    """A member as :func:`user` reads it; ``-`` stands for those on stdin."""
    return STDIN if text == "-" else user(text)


def when(text: str, *, now_ms: int | None = None) -> int:
    """An instant in epoch milliseconds, from a date, a time, an epoch number or a span like ``2h``.

    A span counts back from now. A date without a time zone is read in the local one.
    """
    from robo_xp.rules.giveaway.duration import span_of

    written = text.strip()
    if re.fullmatch(r"[0-9]+", written):
        if len(written) not in (_SECONDS_PLACES, _MS_PLACES):
            raise _no_instant(text)
        return int(written) * (1000 if len(written) == _SECONDS_PLACES else 1)
    if (span := span_of(written)) is not None:
        now = int(time.time() * 1000) if now_ms is None else now_ms
        return max(0, now - span)
    return _instant(written)


def number(text: str) -> int | float:
    """Decimal text as a JSON number: an int when it has neither point nor exponent."""
    match = _NUMBER.fullmatch(text)
    if not match:
        raise InvalidValue(f"'{shown(text)}' is not a number")
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise InvalidValue(f"'{shown(text)}' is too large")
    is_whole = not match.group("real") and not match.group("exponent")
    return int(text) if is_whole else value


def json_or_text(text: str) -> Any:
    """A value as JSON if the text is JSON, else the text itself."""
    import json

    try:
        return json.loads(bounded(text), parse_constant=_no_constant)
    except ValueError:
        return text
    except RecursionError:
        raise InvalidValue("the value is nested too deeply") from None


def key_value(text: str) -> tuple[str, Any]:
    """The key and the JSON or plain value of ``key=value``."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise InvalidValue(f"'{shown(text)}' is not of the form key=value")
    return key.strip(), json_or_text(value.strip())


def _bounded(text: str, *, low: int, high: int) -> int:
    value = _exact(text.strip())
    if value is None:
        raise InvalidAmount(_why_no_amount(text), advice="write it like 250, 1_000 or 10k")
    if not low <= value <= high:
        raise InvalidAmount(f"{shown(text)} is not from {low} to {high}")
    return value


def _exact(text: str) -> int | None:
    match = _AMOUNT.fullmatch(text)
    if not match or len(text) > 40:
        return None
    part, factor = match.group("part") or "", _FACTORS[match.group("unit").lower()]
    if part and factor == 1:
        return None
    digits = int(re.sub("[_,]", "", match.group("whole")) + part) * factor
    value, rest = divmod(digits, 10 ** len(part))
    return None if rest else value


def _why_no_amount(text: str) -> str:
    if re.match(r"\s*-\s*[0-9]", text):
        return f"'{shown(text)}' is negative"
    if "." in text and re.fullmatch(r"\s*[0-9._]+[kKmM]?\s*", text):
        return f"'{shown(text)}' is not a whole number"
    return f"'{shown(text)}' is not a number"


def _instant(text: str) -> int:
    from datetime import datetime

    try:
        moment = datetime.fromisoformat(text)
        epoch_ms = round(moment.timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        raise _no_instant(text) from None
    if epoch_ms < 0:
        raise InvalidValue(f"'{shown(text)}' is before 1970")
    return epoch_ms


def _no_instant(text: str) -> InvalidValue:
    return InvalidValue(
        f"'{shown(text)}' is not a time",
        advice="write 2026-05-01, 2026-05-01T18:30Z, 1732170000, or how long ago: 2h, 1h30m, 3d",
    )


def _no_constant(name: str) -> Any:
    raise ValueError(name)
