"""Numbers as people and programs write them, read exactly or refused."""

from __future__ import annotations

import re
from fractions import Fraction

from robo_xp.errors import InvalidAmount
from robo_xp.model import MAX_XP, short_text

_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000}
_PLAIN = re.compile(r"(?P<whole>[0-9]+)(?:\.(?P<part>[0-9]+))?(?P<unit>[kKmM]?)")
_GROUPED = re.compile(r"[0-9]{1,3}(?:(?P<mark>[,._'’\s])[0-9]{3})(?:(?P=mark)[0-9]{3})*")
_GROUPED_PART = re.compile(
    r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+)\.(?P<part>[0-9]+)"
    r"|(?P<whole2>[0-9]{1,3}(?:\.[0-9]{3})+),(?P<part2>[0-9]+)"
)
_DECIMAL_COMMA = re.compile(r"(?P<whole>[0-9]+),(?P<part>[0-9]{1,2}|[0-9]{4,})(?P<unit>[kKmM]?)")
_UNDERSCORED = re.compile(r"[0-9]+(?:_[0-9]+)+")
_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]{1,2}")
# thousands with a point, or three decimals
_EITHER = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
_LONGEST = 40


def amount_of(value: object, what: str = "xp") -> tuple[int, float]:
    """The whole number in a value, and the fraction that was cut off; InvalidAmount for others.

    Text may group digits (``1,234,567``, ``1.234.567``), shorten them (``12.5k``) or be scientific
    where that is whole (``1e6``). ``1.234`` could be either of two numbers, and is refused.
    """
    if type(value) is int:
        return _bounded_amount(value, value, what), 0.0
    if isinstance(value, str) and len(value) <= _LONGEST and value.isascii() and value.isdigit():
        return _bounded_amount(int(value), value, what), 0.0
    number = _fraction(value, what)
    whole = number.numerator // number.denominator
    return _bounded_amount(whole, value, what), float(number - whole)


def whole_of(value: object, what: str, high: int = MAX_XP) -> int:
    """The same for what is counted: levels, messages. A fraction is cut without a word."""
    whole, _ = amount_of(value, what)
    if whole > high:
        raise InvalidAmount(f"{what} can be at most {high}, not {whole}")
    return whole


def _bounded_amount(whole: int, value: object, what: str) -> int:
    if 0 <= whole <= MAX_XP:
        return whole
    raise _amount_refusal(value, what)


def _amount_refusal(value: object, what: str) -> InvalidAmount:
    return InvalidAmount(f"{what} must be a number from 0 to {MAX_XP}, not {short_text(value)}")


def _fraction(value: object, what: str) -> Fraction:
    """The exact number of a float or a text."""
    if isinstance(value, float) and abs(value) <= MAX_XP:
        return Fraction(repr(value))
    if not isinstance(value, str):
        raise _amount_refusal(value, what)
    text = value.strip()
    if not text.isascii():
        text = text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2009", " ")
    if len(text) > _LONGEST:
        raise _amount_refusal(value, what)
    if _UNDERSCORED.fullmatch(text):
        text = text.replace("_", "")
    if text.isascii() and text.isdigit():
        return Fraction(int(text))
    number = _plain(text, value, what)
    return _grouped_digits(text, value, what) if number is None else number


def _plain(text: str, value: str, what: str) -> Fraction | None:
    """Digits with a point and a unit at most; None for other spellings."""
    if found := _PLAIN.fullmatch(text):
        if _EITHER.fullmatch(text):
            raise InvalidAmount(
                f"{what} {short_text(value)} could be {found['whole']} or {text.replace('.', '')}: "
                "write it without a separator"
            )
        return Fraction(f"{found['whole']}.{found['part'] or 0}") * _FACTORS[found["unit"].lower()]
    return None


def _grouped_digits(text: str, value: str, what: str) -> Fraction:
    """Digits in groups, with a decimal comma, or scientific."""
    if found := _GROUPED.fullmatch(text):
        return Fraction("".join(filter(str.isdigit, text)))
    if found := _GROUPED_PART.fullmatch(text):
        whole, part = found["whole"] or found["whole2"], found["part"] or found["part2"]
        return Fraction(f"{''.join(filter(str.isdigit, whole))}.{part}")
    if found := _DECIMAL_COMMA.fullmatch(text):
        return Fraction(f"{found['whole']}.{found['part']}") * _FACTORS[found["unit"].lower()]
    if _SCIENTIFIC.fullmatch(text):
        number = Fraction(text.replace(",", "."))
        if number.denominator == 1:
            return number
    raise _amount_refusal(value, what)
