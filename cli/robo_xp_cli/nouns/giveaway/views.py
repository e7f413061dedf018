"""How giveaways look for people."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from robo_xp.text import count_text, first_of
from robo_xp_cli.show.results import Column, Pairs
from robo_xp_cli.show.words import human_time

if TYPE_CHECKING:
    from robo_xp.model.giveaway import Claim, Draw, Giveaway
    from robo_xp.model.giveaway_results import Listed

Names = Mapping[str, str]

LIST_COLUMNS = (
    Column("id", "giveaway"),
    Column("prize"),
    Column("status"),
    Column("entries", kind="number"),
    Column("winnersCount", "winners", "number"),
    Column("endsAt", "ends"),
    Column("messageId", "message"),
    Column("channelId", "channel"),
    Column("channelName", "channel name"),
)
FOR_PEOPLE = (LIST_COLUMNS[0], LIST_COLUMNS[1], Column("state"), LIST_COLUMNS[3])
_FEW = 20


def state_of(row: Listed) -> str:
    """Until when it goes on, or when it was finished."""
    giveaway = row.giveaway
    if is_overdue(giveaway):
        return f"overdue since {human_time(giveaway.ends_at)}"
    if giveaway.is_scheduled:
        return f"starts {human_time(giveaway.began_at)}"
    if giveaway.waiting is not None:
        return f"waits for round {giveaway.waiting.round} of the beacon"
    if giveaway.finalized_at is None:
        return f"until {human_time(giveaway.ends_at)}"
    return f"{giveaway.status} {human_time(giveaway.finalized_at)}"


def is_overdue(giveaway: Giveaway) -> bool:
    """Whether it should have been drawn by now: only a daemon ends it by itself."""
    return giveaway.is_active and giveaway.ends_at <= time.time_ns() // 1_000_000


def giveaway_pairs(giveaway: Giveaway, entries: int, names: Names, channel: str) -> Pairs:
    """Everything about a giveaway for people."""
    pairs: list[tuple[str, Any]] = [
        ("prize", giveaway.prize),
        ("giveaway", giveaway.id),
        ("status", "overdue: a daemon draws it" if is_overdue(giveaway) else giveaway.status),
        *_plan(giveaway),
        ("ends" if giveaway.finalized_at is None else "was to end", human_time(giveaway.ends_at)),
        ("started", f"{human_time(giveaway.created_at)} by {_host(giveaway, names)}"),
    ]
    if giveaway.finalized_at is not None:
        pairs.append((giveaway.status, human_time(giveaway.finalized_at)))
    pairs += [
        ("channel", channel),
        ("message", giveaway.message_id or "not posted yet"),
        ("to be drawn", giveaway.winners_count),
        ("entries", entries),
        *_rules(giveaway),
        *draw_pairs(giveaway, names),
        *waits(giveaway),
        ("commitment", giveaway.commitment or "none: nothing is drawn, or not yet"),
        *([("secret", giveaway.secret or "kept until the end")] if giveaway.commitment else []),
    ]
    return [*pairs, ("to be told", ", ".join(giveaway.pending_kinds) or "nothing")]


def _plan(giveaway: Giveaway) -> Iterator[tuple[str, Any]]:
    """When it starts, where it stands in its series, and whether the first ones win."""
    if giveaway.starts_at is not None:
        verb = "starts" if giveaway.is_scheduled else "started"
        yield f"{verb} by plan", human_time(giveaway.starts_at)
    if series := giveaway.series:
        more = f"{series.left} to come"
        if series.until is not None:
            more = f"until {human_time(series.until)}"
        yield "series", f"number {series.number}, every {series.every}, {more}"
    if giveaway.drop:
        yield "drop", "the first who enter win"


def draw_pairs(giveaway: Giveaway, names: Names) -> Iterator[tuple[str, Any]]:
    """The winners of each draw, and who was passed over."""
    batches = (giveaway.winners, *giveaway.rerolls)
    for draw, winners in zip(giveaway.draws, batches, strict=False):
        title = f"reroll {draw.number}" if draw.number else "winners"
        yield title, people_of(winners, names) or "nobody entered"
        for user_id in winners:
            if claim := giveaway.claims.get(user_id):
                yield "prize", f"{who(user_id, names)}: {_claim_text(claim)}"
        for user_id, why in _passed_over_pairs(draw):
            yield "passed over", f"{who(user_id, names)}: {why}"


def _claim_text(claim: Claim) -> str:
    """What has become of a prize, and until when it can be claimed."""
    if claim.at is not None:
        return f"{claim.state} {human_time(claim.at)}"
    return claim.state if claim.until is None else f"to be claimed until {human_time(claim.until)}"


def waits(giveaway: Giveaway) -> Iterator[tuple[str, Any]]:
    """For which round of the beacon a draw waits."""
    from robo_xp.rules.giveaway.beacon import chain_of

    if giveaway.waiting is None or giveaway.beacon is None:
        return
    chain, number = chain_of(giveaway.beacon.chain), giveaway.waiting.round
    comes = "" if chain is None else f", {human_time(chain.time_of(number))}"
    yield "waits for", f"round {number} of chain {giveaway.beacon.chain}{comes}"
    yield "digest", giveaway.waiting.digest


def who(user_id: str, names: Names) -> str:
    """The name with the id, or the id alone."""
    return f"{names[user_id]} ({user_id})" if user_id in names else user_id


def people_of(user_ids: Sequence[str], names: Names) -> str:
    """The first of many people, and how many more there are."""
    return first_of([who(user_id, names) for user_id in user_ids], _FEW)


def _host(giveaway: Giveaway, names: Names) -> str:
    return who(giveaway.host, names) if giveaway.host else giveaway.started_by


def _passed_over_pairs(draw: Draw) -> Iterator[tuple[str, str]]:
    for user_id, faults in draw.dropped.items():
        yield user_id, "; ".join(fault.message for fault in faults)


def _rules(giveaway: Giveaway) -> Iterator[tuple[str, Any]]:
    """What is asked of entrants, where anything is."""
    from robo_xp.model.giveaway import SUM
    from robo_xp.rules.giveaway.requirement_text import more_requirements

    if giveaway.allow_role_ids:
        yield "needs a role", ", ".join(giveaway.allow_role_ids)
    if giveaway.deny_role_ids:
        yield "denied roles", ", ".join(giveaway.deny_role_ids)
    if giveaway.min_account_age_days:
        yield "account age", f"at least {count_text(giveaway.min_account_age_days, 'day')}"
    for title, asked in more_requirements(giveaway.requirements, ", ".join):
        yield title[0].lower() + title[1:] if title != "XP" else title, asked
    for role_id, bonus in giveaway.bonus_entries.items():
        yield "bonus", f"role {role_id} has {bonus} more"
    if len(giveaway.bonus_entries) > 1 and giveaway.bonus_mode == SUM:
        yield "bonuses", "of several roles count together"
