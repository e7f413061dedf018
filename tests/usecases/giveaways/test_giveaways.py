"""Giveaways from start to end: what is stored, what is refused, what comes first."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from robo_xp.errors import InvalidConfig, InvalidId, InvalidValue, LimitExceeded, NotFound, Refused
from robo_xp.model.draws import Entrant
from robo_xp.model.giveaway import ACTIVE, CANCELLED, ENDED
from robo_xp.rules.giveaway.eligibility import ACCOUNT_AGE, ALLOWED_ROLE, DAY_MS
from robo_xp.rules.giveaway.ulid import number_of
from tests.usecases.giveaways.drawn import (
    MANY,
    NAMESPACE,
    OTHER_ROLE,
    ROLE,
    memory,
    started,
    tables,
)
from tests.usecases.small import ANN, BOB, CARL, CHANNEL, GUILD, OTHER_GUILD, HandClock

MESSAGE = "500000000000000001"
LINK = f"https://discord.com/channels/{GUILD}/{CHANNEL}/{MESSAGE}"


def test_a_giveaway_is_what_was_asked_and_the_settings_for_the_rest() -> None:
    """The rules are frozen into the record at the start; later settings do not change it."""
    robo = memory()
    robo.giveaways.settings.set(
        GUILD,
        {
            "defaults": {"winners": 3, "buttonLabel": "Me!", "dmWinners": False},
            "restrictions": {"denyRoleIds": [ROLE], "minAccountAgeDays": 7},
            "bonusEntries": {ROLE: 4},
        },
    )
    made = robo.giveaways.create(
        GUILD,
        prize="Nitro",
        channel_id=CHANNEL,
        started_by=ANN,
        deny_role_ids=[OTHER_ROLE],
        min_account_age_days=3,
        bonus_entries={OTHER_ROLE: 2},
    )
    robo.giveaways.settings.unset_key(GUILD, None)

    found = robo.giveaways.get(GUILD, made.id)
    assert (found.status, found.winners_count, found.host, found.started_by) == (
        ACTIVE,
        3,
        ANN,
        ANN,
    )
    assert found.ends_at - found.created_at == 3_600_000
    assert (found.button_label, found.dm_winners, found.recheck_at_draw) == ("Me!", False, True)
    assert found.deny_role_ids == (ROLE, OTHER_ROLE)
    assert (found.allow_role_ids, found.min_account_age_days) == ((), 7)
    assert found.bonus_entries == {ROLE: 4, OTHER_ROLE: 2}
    assert found.cron_job_id == f"giveaway:{found.id}"


def test_the_secret_is_nowhere_but_in_its_table_until_the_end() -> None:
    """No event, record or export holds the secret of an active giveaway."""
    robo = memory()
    giveaway = started(robo, entrants=3)

    stored = tables(robo)
    (kept,) = stored.pop("secrets").values()
    told = [stored, robo.giveaways.export(GUILD, giveaway), list(robo.events.past(NAMESPACE))]
    assert kept["secret"] not in json.dumps(told)
    assert robo.giveaways.get(GUILD, giveaway).secret is None

    robo.giveaways.end(GUILD, giveaway)
    assert robo.giveaways.get(GUILD, giveaway).secret == kept["secret"]
    assert "secrets" not in tables(robo)


@pytest.mark.parametrize(
    ("terms", "error"),
    [
        ({"prize": " "}, InvalidValue),
        ({"prize": "x" * 201}, InvalidValue),
        ({"prize": "\ud800"}, InvalidValue),
        ({"channel_id": "12"}, InvalidId),
        ({"started_by": "ann"}, InvalidId),
        ({"duration": "5"}, InvalidValue),
        ({"duration": "9s"}, InvalidValue),
        ({"duration": "31d"}, LimitExceeded),
        ({"winners": 0}, InvalidValue),
        ({"winners": 101}, InvalidValue),
        ({"winners": 21}, LimitExceeded),
        ({"allow_role_ids": ["12"]}, InvalidConfig),
        ({"allow_role_ids": [ROLE], "deny_role_ids": [ROLE]}, InvalidConfig),
        ({"min_account_age_days": -1}, InvalidConfig),
        ({"bonus_entries": {ROLE: 0}}, InvalidConfig),
    ],
)
def test_a_wrong_start_stores_nothing(terms: dict[str, Any], error: type[Exception]) -> None:
    """Whatever is wrong with a giveaway is said before anything is stored."""
    robo = memory()

    with pytest.raises(error):
        started(robo, **terms)
    assert tables(robo) == {}


def test_a_guilds_denied_role_cannot_be_allowed() -> None:
    """What the guild denies and the giveaway allows is a contradiction."""
    robo = memory()
    robo.giveaways.settings.set(GUILD, {"restrictions": {"denyRoleIds": [ROLE]}})

    with pytest.raises(InvalidConfig, match="allowed and denied"):
        started(robo, allow_role_ids=[ROLE])


def test_own_allowed_roles_take_the_place_of_the_guilds() -> None:
    """A giveaway for one role is not open to the roles of the guild's settings as well."""
    robo = memory()
    robo.giveaways.settings.set(GUILD, {"restrictions": {"allowRoleIds": [ROLE]}})

    own = robo.giveaways.get(GUILD, started(robo, allow_role_ids=[OTHER_ROLE]))
    assert own.allow_role_ids == (OTHER_ROLE,)
    assert robo.giveaways.get(GUILD, started(robo)).allow_role_ids == (ROLE,)


def test_ids_grow_even_within_one_millisecond() -> None:
    """Ids sort in the order in which giveaways were started."""
    clock = HandClock()
    robo = memory(clock)
    ids = []
    for _ in range(20):
        clock.at = 1_750_000_000_000
        ids.append(started(robo))

    assert ids == sorted(set(ids))


def test_it_is_found_by_its_id_its_message_and_a_link() -> None:
    """All three mean the same giveaway, in its own guild only."""
    robo = memory()
    giveaway = started(robo)
    robo.giveaways.attach_message(GUILD, giveaway, MESSAGE)

    for reference in (giveaway, giveaway.lower(), MESSAGE, LINK, f" {LINK} "):
        assert robo.giveaways.get(GUILD, reference).id == giveaway
        with pytest.raises(NotFound):
            robo.giveaways.get(OTHER_GUILD, reference)


@pytest.mark.parametrize("reference", ["x", "zzzz", "5" * 18, "01M7YJJ94WC4Q3344FK42H5P8Y", LINK])
def test_what_is_not_there_is_not_found(reference: str) -> None:
    """Nothing else is taken for it."""
    robo = memory()
    started(robo)

    with pytest.raises(NotFound) as caught:
        robo.giveaways.get(GUILD, reference)
    assert caught.value.code == "GIVEAWAY_NOT_FOUND"


def test_entering_and_leaving() -> None:
    """Who enters twice is counted once; who leaves can enter again."""
    robo = memory()
    giveaway = started(robo)

    first = robo.giveaways.enter(GUILD, giveaway, [ANN, BOB, ANN])
    again = robo.giveaways.enter(GUILD, giveaway, [BOB, CARL])
    left = robo.giveaways.leave(GUILD, giveaway, [ANN, "6" * 18])

    assert (first.entered, first.already, first.entries) == (2, 0, 2)
    assert (again.entered, again.already, again.entries) == (1, 1, 3)
    assert (left.left, left.absent, left.entries) == (1, 1, 2)
    assert [entry.user_id for entry in robo.giveaways.entries(GUILD, giveaway)] == [BOB, CARL]
    assert robo.giveaways.enter(GUILD, giveaway, ANN).entered == 1
    assert robo.giveaways.has_entered(GUILD, giveaway, ANN)


def test_one_entry_is_one_small_change() -> None:
    """An entry writes its own record and its number, however many there are."""
    robo = memory()
    giveaway = started(robo, entrants=10)

    robo.giveaways.enter(GUILD, giveaway, ANN)

    *_, last = robo.vault.namespace(NAMESPACE).batches()
    assert [(table, doc_id) for table, doc_id, _ in last.ops] == [
        (f"entries:{giveaway}", ANN),
        ("numbers", str(number_of(giveaway))),
    ]


def test_who_may_not_enter_is_told_why() -> None:
    """Every requirement that is not met is named; the others enter."""
    clock = HandClock()
    robo = memory(clock)
    giveaway = started(
        robo, allow_role_ids=[ROLE], min_account_age_days=100, bonus_entries={ROLE: 2}
    )
    young = str((clock.at - DAY_MS - 1_420_070_400_000) << 22)

    done = robo.giveaways.enter(
        GUILD,
        giveaway,
        [Entrant(young, frozenset()), Entrant(ANN, frozenset({ROLE})), Entrant(BOB)],
    )

    assert done.entered == 2
    (refused,) = done.refused
    assert refused.user_id == young
    assert [fault.where for fault in refused.faults] == [ALLOWED_ROLE, ACCOUNT_AGE]
    weights = {entry.user_id: entry.weight for entry in robo.giveaways.entries(GUILD, giveaway)}
    assert weights == {ANN: 3, BOB: 1}


def test_a_wrong_id_enters_nobody() -> None:
    """One id that cannot be refuses all of them."""
    robo = memory()
    giveaway = started(robo)

    with pytest.raises(InvalidId):
        robo.giveaways.enter(GUILD, giveaway, [ANN, "bob"])
    assert robo.giveaways.entries(GUILD, giveaway) == []


def test_nobody_enters_after_the_end_has_passed() -> None:
    """An entry after the announced end is refused, although nobody has drawn yet."""
    clock = HandClock()
    robo = memory(clock)
    giveaway = started(robo, entrants=2)
    clock.at += DAY_MS

    with pytest.raises(Refused, match="has passed"):
        robo.giveaways.enter(GUILD, giveaway, ANN)
    assert len(robo.giveaways.end(GUILD, giveaway).winners) == 2


@pytest.mark.parametrize("how", ["end", "cancel"])
def test_what_is_finished_stays_as_it_is(how: str) -> None:
    """An ended or cancelled giveaway takes no entries, leaves or edits."""
    robo = memory()
    giveaway = started(robo, entrants=3)
    getattr(robo.giveaways, how)(GUILD, giveaway)
    before = tables(robo)

    for refused in (
        lambda: robo.giveaways.enter(GUILD, giveaway, ANN),
        lambda: robo.giveaways.leave(GUILD, giveaway, MANY[0]),
        lambda: robo.giveaways.edit(GUILD, giveaway, prize="x"),
        lambda: robo.giveaways.end(GUILD, giveaway, strict=True),
        lambda: robo.giveaways.cancel(GUILD, giveaway, strict=True),
    ):
        with pytest.raises(Refused) as caught:
            refused()
        assert caught.value.code == "GIVEAWAY_NOT_ACTIVE"
    assert tables(robo) == before


def test_ending_twice_changes_nothing() -> None:
    """The second end returns the same giveaway and commits no batch."""
    robo = memory()
    giveaway = started(robo, entrants=5)
    first = robo.giveaways.end(GUILD, giveaway)

    second = robo.giveaways.end(GUILD, giveaway)

    assert second == replace(first, changed=False, seq=None, missing=0)
    assert robo.vault.namespace(NAMESPACE).read().seq == first.seq


def test_cancelling() -> None:
    """A cancelled giveaway has no winners; again is nothing, and an ended one is refused."""
    robo = memory()
    cancelled, ended = started(robo, entrants=3), started(robo, entrants=3)
    change = robo.giveaways.cancel(GUILD, cancelled)
    robo.giveaways.end(GUILD, ended)

    assert (change.giveaway.status, change.winners) == (CANCELLED, ())
    assert not robo.giveaways.cancel(GUILD, cancelled).changed
    assert not robo.giveaways.end(GUILD, cancelled).changed
    with pytest.raises(Refused):
        robo.giveaways.cancel(GUILD, ended)
    assert robo.giveaways.get(GUILD, ended).status == ENDED


def test_editing() -> None:
    """Prize, end and winners of an active giveaway change, within the limits."""
    robo = memory()
    giveaway = started(robo)
    before = robo.giveaways.get(GUILD, giveaway)

    after = robo.giveaways.edit(GUILD, giveaway, prize="Book", ends="2d", winners=5).giveaway

    assert (after.prize, after.winners_count) == ("Book", 5)
    assert after.ends_at > before.ends_at
    assert robo.giveaways.get(GUILD, giveaway) == after
    assert not robo.giveaways.edit(GUILD, giveaway, prize="Book").changed
    with pytest.raises(LimitExceeded):
        robo.giveaways.edit(GUILD, giveaway, winners=21)
    with pytest.raises(LimitExceeded):
        robo.giveaways.edit(GUILD, giveaway, ends="30d")


def test_an_end_can_be_moved_after_it_has_passed() -> None:
    """As long as nobody has drawn, a later end lets people enter again."""
    clock = HandClock()
    robo = memory(clock)
    giveaway = started(robo)
    clock.at += 2 * DAY_MS

    robo.giveaways.edit(GUILD, giveaway, ends="1h")

    assert robo.giveaways.enter(GUILD, giveaway, ANN).entered == 1


def test_lists() -> None:
    """Active ones by their end, finished ones by when they finished, the last fifty of them."""
    robo = memory()
    soon, late = started(robo, duration="1h"), started(robo, duration="2h")
    done = [started(robo) for _ in range(55)]
    for giveaway in reversed(done):
        robo.giveaways.end(GUILD, giveaway)

    def ids(which: str) -> list[str]:
        return [row.giveaway.id for row in robo.giveaways.list(GUILD, which=which)]

    assert ids("active") == [soon, late]
    assert ids("recent") == done[:50]
    assert ids("current") == [soon, late, *done[:50]]
    assert ids("all") == [soon, late, *done]
    assert robo.giveaways.list(OTHER_GUILD) == []
    with pytest.raises(InvalidValue):
        ids("some")


def test_dry_runs_change_nothing() -> None:
    """Every change can be tried; only the winners of a draw stay unknown."""
    robo = memory()
    giveaway = started(robo, entrants=3)
    before, seq = tables(robo), robo.vault.namespace(NAMESPACE).read().seq
    g = robo.giveaways

    changes = [
        g.create(GUILD, prize="x", channel_id=CHANNEL, dry_run=True),
        g.edit(GUILD, giveaway, prize="y", dry_run=True),
        g.end(GUILD, giveaway, dry_run=True),
        g.cancel(GUILD, giveaway, dry_run=True),
    ]
    entered = g.enter(GUILD, giveaway, [ANN, MANY[0]], dry_run=True)
    left = g.leave(GUILD, giveaway, MANY[0], dry_run=True)

    assert [(c.dry_run, c.seq, c.giveaway.secret, c.winners) for c in changes] == [
        (True, None, None, ())
    ] * 4
    assert (entered.entered, entered.already, left.left) == (1, 1, 1)
    assert (tables(robo), robo.vault.namespace(NAMESPACE).read().seq) == (before, seq)


def test_stored_fields_of_a_later_version_survive_an_edit() -> None:
    """A field that this version does not know stays in the record."""
    robo = memory()
    giveaway = started(robo)
    namespace = robo.vault.namespace(NAMESPACE)
    with namespace.transaction(robo._core.origin) as transaction:
        ((doc_id, record),) = transaction.records("giveaways").items()
        transaction.put("giveaways", doc_id, {**record, "theme": {"color": 5}})

    robo.giveaways.edit(GUILD, giveaway, prize="Book")

    stored = tables(robo)["giveaways"][doc_id]
    assert (stored["theme"], stored["prize"]) == ({"color": 5}, "Book")
