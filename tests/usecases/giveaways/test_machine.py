"""Giveaways under any sequence of acts, against a model of a few lines."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from robo_xp.errors import Refused
from robo_xp.model.draws import Entrant
from tests.rules.giveaway import second_draw
from tests.usecases.giveaways.drawn import MANY, NAMESPACE, ROLE, memory, started
from tests.usecases.small import GUILD

people = st.lists(st.sampled_from(MANY), min_size=1, max_size=4)


class GiveawayMachine(RuleBasedStateMachine):
    """Two or more giveaways at once; who is in, and what has become of each."""

    giveaways = Bundle("giveaways")

    def __init__(self) -> None:
        """Start with nothing."""
        super().__init__()
        self.robo = memory()
        self.entries: dict[str, set[str]] = {}
        self.status: dict[str, str] = {}
        self.won: dict[str, list[str]] = {}

    @rule(target=giveaways, winners=st.integers(1, 4))
    def start(self, winners: int) -> str:
        """A new giveaway."""
        giveaway = started(self.robo, winners=winners, bonus_entries={ROLE: 3})
        self.entries[giveaway], self.status[giveaway], self.won[giveaway] = set(), "active", []
        return giveaway

    @rule(giveaway=giveaways, who=people, roles=st.sampled_from([None, [], [ROLE]]))
    def enter(self, giveaway: str, who: list[str], roles: list[str] | None) -> None:
        """Somebody enters: who was not in is in then, if the giveaway is active."""
        held = None if roles is None else frozenset(roles)
        try:
            done = self.robo.giveaways.enter(GUILD, giveaway, [Entrant(one, held) for one in who])
        except Refused:
            assert self.status[giveaway] != "active"
            return
        assert self.status[giveaway] == "active"
        assert done.entered == len(set(who) - self.entries[giveaway])
        self.entries[giveaway] |= set(who)

    @rule(giveaway=giveaways, who=people)
    def leave(self, giveaway: str, who: list[str]) -> None:
        """Somebody leaves."""
        try:
            done = self.robo.giveaways.leave(GUILD, giveaway, who)
        except Refused:
            assert self.status[giveaway] != "active"
            return
        assert done.left == len(set(who) & self.entries[giveaway])
        self.entries[giveaway] -= set(who)

    @rule(giveaway=giveaways)
    def end(self, giveaway: str) -> None:
        """An end draws once; after that it changes nothing."""
        change = self.robo.giveaways.end(GUILD, giveaway)
        assert change.changed == (self.status[giveaway] == "active")
        if change.changed:
            self.status[giveaway], self.won[giveaway] = "ended", list(change.winners)

    @rule(giveaway=giveaways)
    def cancel(self, giveaway: str) -> None:
        """A cancel counts once, and never after an end."""
        try:
            change = self.robo.giveaways.cancel(GUILD, giveaway)
        except Refused:
            assert self.status[giveaway] == "ended"
            return
        assert change.changed == (self.status[giveaway] == "active")
        self.status[giveaway] = "cancelled"

    @rule(giveaway=giveaways, count=st.integers(1, 5))
    def reroll(self, giveaway: str, count: int) -> None:
        """A reroll draws new people as long as there are any."""
        left = len(self.entries[giveaway]) - len(self.won[giveaway])
        try:
            change = self.robo.giveaways.reroll(GUILD, giveaway, count=count)
        except Refused:
            assert self.status[giveaway] != "ended" or left == 0
            return
        assert (len(change.rerolled), change.missing) == (
            min(count, left),
            count - min(count, left),
        )
        self.won[giveaway] += change.rerolled

    @rule()
    def undo(self) -> None:
        """The last change is taken back, if it can be."""
        seq = self.robo.vault.namespace(NAMESPACE).read().seq
        try:
            self.robo.history.undo(NAMESPACE, seq)
        except Exception as error:
            assert isinstance(error, Refused) or seq == 0
            return
        for giveaway in self.entries:
            found = self.robo.giveaways.entries(GUILD, giveaway)
            self.entries[giveaway] = {entry.user_id for entry in found}

    @invariant()
    def all_is_as_the_model_says(self) -> None:
        """Entries, status and winners agree, nobody wins twice, and every proof holds."""
        for giveaway, entries in self.entries.items():
            document = self.robo.giveaways.export(GUILD, giveaway)
            assert set(document["entries"]) == entries
            assert document["status"] == self.status[giveaway]
            drawn = [*document["winners"], *(i for batch in document["rerolls"] for i in batch)]
            assert drawn == self.won[giveaway]
            assert len(set(drawn)) == len(drawn) and set(drawn) <= entries
            assert self.robo.giveaways.verify(GUILD, giveaway).valid
            if self.status[giveaway] != "active":
                assert self.robo.giveaways.verify_document(json.dumps(document)).valid
                assert second_draw.is_valid(document)


GiveawayMachine.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
test_giveaways = GiveawayMachine.TestCase
