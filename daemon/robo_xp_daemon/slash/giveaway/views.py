"""What ``/giveaway`` shows of a giveaway: everything about it, or what a draw came to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import discord

from robo_xp.errors import Fault
from robo_xp.model.closing import WaitingDraw
from robo_xp.model.giveaway import ENDED, SUM, Draw, Giveaway
from robo_xp.model.giveaway_results import GiveawayChange
from robo_xp.rules.giveaway.beacon import chain_of
from robo_xp.rules.giveaway.eligibility import OF_ROLES
from robo_xp.rules.giveaway.requirement_text import more_requirements
from robo_xp.text import count_text, thousands
from robo_xp_daemon.giveaways import format as wording
from robo_xp_daemon.giveaways.card import link_of
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.slash.giveaway.words import at, named_roles

_SHORT: Final = 300
_DRAWS: Final = 3
_DROPPED: Final = 3
_WHY: Final = 100
_STATES: Final = {
    "scheduled": "planned",
    "active": "going on",
    "drawing": "closed, being drawn",
    "ended": "ended",
    "cancelled": "cancelled",
}


def outcome(change: GiveawayChange) -> discord.Embed:
    """Whom the last draw gave, how many could not be drawn, and who was passed over.

    Where it waits for the beacon, when that comes.
    """
    if change.giveaway.waiting is not None:
        return _waits(change.giveaway, change.giveaway.waiting)
    giveaway, draw = change.giveaway, change.giveaway.draws[-1]
    winners = change.rerolled if draw.number else change.winners
    title = f"Reroll {draw.number}" if draw.number else "Giveaway ended"
    lines = [wording.prize(giveaway), wording.members(winners, 3000) or "Nobody won."]
    if change.missing:
        drawn = f"{len(winners)} of {count_text(draw.count, 'winner')}"
        lines.append(f"Only {drawn} could be drawn: there are no more eligible entries.")
    if draw.dropped:
        who = count_text(len(draw.dropped), "member")
        lines.append(f"Passed over: {who}. `/giveaway info` tells why.")
    if giveaway.is_rechecked and winners and not draw.rechecked:
        lines.append("Nobody could look whether the winners are still eligible.")
    embed = discord.Embed(title=title, description="\n".join(lines))
    return embed.set_footer(text=giveaway.id)


def _waits(giveaway: Giveaway, waiting: WaitingDraw) -> discord.Embed:
    """For which round a draw waits."""
    title = f"Reroll {waiting.number} is being drawn" if waiting.number else "Giveaway closed"
    chain = None if giveaway.beacon is None else chain_of(giveaway.beacon.chain)
    comes = "" if chain is None else f", {words.moment(chain.time_of(waiting.round))}"
    text = f"Round {waiting.round} of drand decides who wins{comes}."
    embed = discord.Embed(title=title, description=f"{wording.prize(giveaway)}\n{text}")
    return embed.set_footer(text=giveaway.id)


def info_card(giveaway: Giveaway, entries: int) -> discord.Embed:
    """Everything about a giveaway; long lists are cut, and say so."""
    embed = discord.Embed(title="Giveaway", description=wording.prize(giveaway))
    embed.add_field(name="Status", value=_STATES[giveaway.status])
    if giveaway.is_scheduled:
        embed.add_field(name="Starts", value=at(giveaway.began_at))
    name = "Ends" if giveaway.finalized_at is None else "Was to end"
    embed.add_field(name=name, value=at(giveaway.ends_at))
    if giveaway.finalized_at is not None:
        name = "Ended" if giveaway.status == ENDED else "Cancelled"
        embed.add_field(name=name, value=at(giveaway.finalized_at))
    embed.add_field(name="Host", value=wording.host(giveaway))
    embed.add_field(name="Winners wanted", value=thousands(giveaway.winners_count))
    embed.add_field(name="Entries", value=thousands(entries))
    embed.add_field(name="Message", value=_message(giveaway))
    _add(embed, _rules(giveaway))
    _add(embed, _draws(giveaway))
    _add(embed, _proof(giveaway))
    return embed.set_footer(text=giveaway.id)


def _add(embed: discord.Embed, fields: Iterator[tuple[str, str]]) -> None:
    for name, value in fields:
        embed.add_field(name=name, value=value, inline=False)


def _message(giveaway: Giveaway) -> str:
    link = link_of(giveaway)
    return link if giveaway.message_id else f"not posted yet, in {link}"


def _rules(giveaway: Giveaway) -> Iterator[tuple[str, str]]:
    """What is asked of entrants, what bonuses there are, and whether the first ones win."""
    if giveaway.drop:
        yield "Who wins", "the first who enter"
    if until := giveaway.claim_until:
        yield "To be claimed", at(until)
    if series := giveaway.series:
        yield "Series", f"number {series.number}, every {series.every}"
    if giveaway.allow_role_ids:
        yield "One of these roles is needed", wording.roles(giveaway.allow_role_ids, _SHORT)
    if giveaway.deny_role_ids:
        yield "None of these roles", wording.roles(giveaway.deny_role_ids, _SHORT)
    if days := giveaway.min_account_age_days:
        yield "Account age", f"at least {count_text(days, 'day')}"
    yield from more_requirements(
        giveaway.requirements, lambda role_ids: wording.roles(role_ids, _SHORT)
    )
    if giveaway.bonus_entries:
        more = [f"{words.role(id_)} +{n}" for id_, n in giveaway.bonus_entries.items()]
        counts = ", all of them count" if giveaway.bonus_mode == SUM else ""
        yield f"Bonus entries{counts}", wording.list_within(more, _SHORT)


def _draws(giveaway: Giveaway) -> Iterator[tuple[str, str]]:
    """Each of the first draw and the last rerolls: its winners, and who was passed over."""
    drawn = list(zip(giveaway.draws, (giveaway.winners, *giveaway.rerolls), strict=False))
    hidden = drawn[1:-_DRAWS] if len(drawn) > _DRAWS + 1 else []
    for draw, winners in drawn:
        if any(draw is skipped for skipped, _ in hidden):
            continue
        yield _title(draw, len(winners)), _draw_line(draw, winners)
    if hidden:
        yield "More rerolls", f"{len(hidden)}, see `robo-xp giveaway info {giveaway.id}`"


def _title(draw: Draw, drawn: int) -> str:
    name = f"Reroll {draw.number}" if draw.number else "Winners"
    return f"{name} ({drawn})" if drawn == draw.count else f"{name} ({drawn} of {draw.count})"


def _draw_line(draw: Draw, winners: tuple[str, ...]) -> str:
    """The winners, whether they were looked at again, and who was passed over for what."""
    lines = [wording.members(winners, _SHORT) or "nobody"]
    if draw.rechecked:
        lines.append("All were looked at again before the draw.")
    elif winners:
        lines.append("Drawn as entered, without a second look.")
    lines += [
        f"Passed over: {_passed_over_line(*one)}" for one in list(draw.dropped.items())[:_DROPPED]
    ]
    more = len(draw.dropped) - _DROPPED
    return "\n".join([*lines, f"… and {more:,} more passed over"] if more > 0 else lines)


def _passed_over_line(user_id: str, faults: tuple[Fault, ...]) -> str:
    return f"{words.member(user_id)}: {_cut('; '.join(map(_why, faults)))}"


def _cut(why: str) -> str:
    """As many words of it as fit: half a role would be shown as digits."""
    return why if len(why) <= _WHY else f"{why[:_WHY].rpartition(' ')[0]} …"


def _why(fault: Fault) -> str:
    """The requirement that was not met, with its roles by name."""
    return named_roles(fault.message) if fault.where in OF_ROLES else fault.message


def _proof(giveaway: Giveaway) -> Iterator[tuple[str, str]]:
    """What it takes to compute the draw again."""
    if giveaway.commitment:
        yield "Commitment", f"`{giveaway.commitment}`"
    if giveaway.entries_digest:
        yield "Digest of the entries", f"`{giveaway.entries_digest}`"
    if giveaway.secret:
        yield "Secret", f"`{giveaway.secret}`"
