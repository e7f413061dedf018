"""A giveaway in JSON: what it takes to verify it, and who was passed over for what."""

from __future__ import annotations

from robo_xp.rules.giveaway.eligibility import IN_GUILD
from robo_xp.usecases.giveaways.use import Giveaways
from robo_xp.views.giveaway import Finished, GiveawayDocument, GiveawayView
from tests.usecases.giveaways.drawn import MANY, memory, started
from tests.usecases.small import GUILD


def drawn() -> tuple[Giveaways, str, str]:
    """A giveaway of two winners that has ended, its id, and who was passed over."""
    robo = memory()
    giveaway = started(robo, entrants=len(MANY), winners=2)
    (first, _) = robo.giveaways.to_check(GUILD, giveaway, {})
    robo.giveaways.end(GUILD, giveaway, members={first: None})
    robo.giveaways.reroll(GUILD, giveaway, count=1)
    return robo.giveaways, giveaway, first


def test_what_is_shown_is_what_is_exported() -> None:
    """The view with its entries says what the file says that others verify, key by key."""
    giveaways, giveaway, _ = drawn()
    exported = giveaways.export(GUILD, giveaway)
    entries = exported["entries"]

    found = giveaways.get(GUILD, giveaway)
    numbers = exported["entryNumbers"]
    shown = GiveawayDocument.of(
        found, entry_count=len(entries), entries=entries, entry_numbers=numbers
    )
    assert shown.draws[0].dropped.keys()
    assert {key: _lists(value) for key, value in shown.as_json().items()} == exported


def test_who_was_passed_over_is_told_in_one_shape() -> None:
    """Every view of the giveaway lists the requirement that was not met, and says it in words."""
    giveaways, giveaway, first = drawn()
    found = giveaways.get(GUILD, giveaway)

    [unmet] = GiveawayView.of(found, entries=3).as_json()["draws"][0]["dropped"][first]
    assert unmet == {"requirement": IN_GUILD, "message": "has left the guild"}


def test_a_finished_giveaway_names_what_is_pending_once() -> None:
    """Several messages to winners are one kind of what Discord has yet to be told."""
    giveaways, giveaway, _ = drawn()

    again = giveaways.reroll(GUILD, giveaway, count=2)
    assert Finished.of(again).as_json()["pending"] == ["message", "announcement", "dm"]


def _lists(value: object) -> object:
    """The value with a list for each tuple, as JSON has it."""
    return list(map(_lists, value)) if isinstance(value, tuple) else value
