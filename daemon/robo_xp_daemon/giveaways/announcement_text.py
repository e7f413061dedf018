"""What is said about a giveaway beside its message: announcements and direct messages.

Everything follows from the record. The last line of each text names the giveaway and which text it
is: members need the id to check the draw, and the daemon knows its own words again by it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from robo_xp.model.giveaway import CALL, CLOSE, COMMITMENT, LAST_CHANCE, Effect, Giveaway
from robo_xp.rules.giveaway.beacon import chain_of
from robo_xp.text import count_text
from robo_xp_daemon.giveaways import format as wording
from robo_xp_daemon.giveaways.card import link_of
from robo_xp_daemon.interactions import format as words

WINNERS_PER_CHUNK: Final = 40
"""So many mentions fit into 2,000 characters beside the longest prize."""

COMMITTED: Final = (
    "This is the SHA-256 of the secret that decides the draw, and it is never edited: the secret is"
    " shown at the end, so anybody can check the winners."
)
FORESEEN_BY_NOBODY: Final = (
    "A round of drand decides too, which comes after the entries are closed, so nobody can foresee"
    " who wins."
)

_MENTION: Final = re.compile(r"<@([0-9]{17,20})>")


def announcement(giveaway: Giveaway, number: int) -> list[str]:
    """The messages that tell of a draw: 0 is the end, n the n-th reroll and its winners alone.

    Each is a message of at most 2,000 characters, with the mentions of its own winners. Where
    nobody won there is nothing to announce: the giveaway's message says so.
    """
    winners = (giveaway.winners, *giveaway.rerolls)[number]
    starts = range(0, len(winners), WINNERS_PER_CHUNK)
    chunks = [winners[start : start + WINNERS_PER_CHUNK] for start in starts]
    return [
        "\n".join(
            (
                _headline(giveaway, number, part),
                ", ".join(map(words.member, chunk)),
                *_claim_by(giveaway, chunk),
                *((link_of(giveaway),) if part == len(chunks) else ()),
                marker(giveaway.id, _key(number, part, len(chunks))),
            )
        )
        for part, chunk in enumerate(chunks, 1)
    ]


def cancellation(giveaway: Giveaway) -> list[str]:
    """The message that tells that the giveaway was cancelled."""
    said = f"The giveaway of {wording.prize(giveaway)} was cancelled. Nobody won."
    return ["\n".join((said, link_of(giveaway), marker(giveaway.id, "cancelled")))]


def parts_of(giveaway: Giveaway, effect: Effect) -> list[str]:
    """The messages of an announcement: of a draw, of what binds one, or of a cancelled giveaway."""
    if effect.topic == COMMITMENT:
        return [commitment(giveaway)]
    if effect.topic == CLOSE:
        return [close(giveaway, effect.number or 0)]
    if effect.topic == CALL:
        return call(giveaway)
    if effect.topic == LAST_CHANCE:
        return last_chance(giveaway)
    if effect.number is None:
        return cancellation(giveaway)
    return announcement(giveaway, effect.number)


def commitment(giveaway: Giveaway) -> str:
    """The message at the start that is never edited."""
    said = f"Commitment to the draw of {wording.prize(giveaway)}: `{giveaway.commitment}`"
    lines = [said, COMMITTED, *([] if giveaway.beacon is None else [FORESEEN_BY_NOBODY])]
    return "\n".join((*lines, marker(giveaway.id, COMMITMENT)))


def close(giveaway: Giveaway, number: int) -> str:
    """The message before a draw: of which entries it is, and by which round of the beacon."""
    what, closing = wording.prize(giveaway), giveaway.closing
    if number or closing is None:
        lines = [f"{what} is drawn again, reroll {number}, among those who are left."]
        lines.append(f"Digest `{_digest(giveaway, number)}`")
    else:
        lines = [f"The entries of {what} are closed: {count_text(closing.entries, 'entry')}."]
        lines += [f"Digest `{closing.digest}`", f"Root `{closing.root}`"]
    waiting = giveaway.waiting
    if waiting is not None and waiting.number == number and giveaway.beacon is not None:
        chain = chain_of(giveaway.beacon.chain)
        comes = "" if chain is None else f", {words.moment(chain.time_of(waiting.round))}"
        lines.append(f"Round {waiting.round} of drand decides{comes}.")
        lines.append(f"-# Chain {giveaway.beacon.chain}")
    return "\n".join((*lines, marker(giveaway.id, f"{CLOSE} {number}")))


def _digest(giveaway: Giveaway, number: int) -> str:
    """The digest of a draw, which waits or was made."""
    waiting = giveaway.waiting
    if waiting is not None and waiting.number == number:
        return waiting.digest
    return giveaway.draws[number].digest


def call(giveaway: Giveaway) -> list[str]:
    """The message that calls the role of a giveaway that has started; none once it is over."""
    if not giveaway.is_active or giveaway.ping_role_id is None:
        return []
    said = f"{words.role(giveaway.ping_role_id)} A giveaway of {wording.prize(giveaway)} begins!"
    return ["\n".join((said, link_of(giveaway), marker(giveaway.id, "start")))]


def last_chance(giveaway: Giveaway) -> list[str]:
    """The message that tells that the end is near; none once it is over."""
    if not giveaway.is_active:
        return []
    when = words.moment(giveaway.ends_at)
    said = f"Last chance: the giveaway of {wording.prize(giveaway)} ends {when}."
    return ["\n".join((said, link_of(giveaway), marker(giveaway.id, "last chance")))]


def dm(giveaway: Giveaway, number: int) -> str:
    """What a winner of that draw is told privately."""
    said = f"🎉 You won {wording.prize(giveaway)}! Congratulations!"
    winners = (giveaway.winners, *giveaway.rerolls)[number]
    claim = _claim_by(giveaway, winners[:1])
    return "\n".join((said, *claim, link_of(giveaway), marker(giveaway.id, f"draw {number}")))


def _claim_by(giveaway: Giveaway, winners: Sequence[str]) -> list[str]:
    """Until when these winners of one draw have to claim their prize, and how, if they have to."""
    held = giveaway.claims.get(winners[0]) if winners else None
    if held is None or held.until is None:
        return []
    return [f"Press Claim below the giveaway, {words.moment(held.until)} at the latest."]


def marker(giveaway_id: str, key: str) -> str:
    """The last line, in small text, of the text that ``key`` names."""
    return f"-# Giveaway {giveaway_id} · {key}"


def marker_of(text: str) -> str:
    """The marker with which a text of this module ends."""
    return text.rpartition("\n")[2]


def users_of(text: str) -> list[str]:
    """The ids of the winners that a text mentions, in its order: at most 100."""
    return _MENTION.findall(text)


def told_by(text: str) -> tuple[str, ...]:
    """What tells a text from others: its marker, and the winners that it names.

    After a draw that was made anew on restored files, the same marker names others.
    """
    return (marker_of(text), *users_of(text))


def _headline(giveaway: Giveaway, number: int, part: int) -> str:
    what = wording.prize(giveaway)
    if part > 1:
        return f"More winners of {what}:"
    if number:
        return f"🎉 Reroll! {what} also goes to:"
    return f"🎉 Congratulations! {what} goes to:"


def _key(number: int, part: int, parts: int) -> str:
    return f"draw {number}" if parts == 1 else f"draw {number}, part {part} of {parts}"
