"""Plans, series and claims in any order of acts, with kills in the middle of any of them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from robo_xp import RoboXP
from robo_xp.errors import ClaimExpired, GiveawayNotActive
from robo_xp.model.giveaway import Giveaway
from robo_xp.usecases.core import Core
from robo_xp.vault import Origin
from robo_xp.vault.files.vault import FileVault
from tests.usecases.giveaways.drawn import MANY, KnownSecrets
from tests.usecases.giveaways.test_plans import HOUR_MS, WEEK_MS, StillClock, all_of
from tests.usecases.small import CHANNEL, GUILD, Twenty
from tests.vault.faults import Fault, FaultyFiles, Stop

ROUNDS, TIMES = 2, 3
faults = st.none() | st.tuples(st.integers(1, 9), st.sampled_from(["stop", "torn"]))


class DueMachine(RuleBasedStateMachine):
    """A guild whose giveaways are looked after as the daemon does; it may die at any call."""

    def __init__(self) -> None:
        """Begin with an empty folder."""
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.clock, self.secrets = StillClock(), KnownSecrets()
        self.claimed: dict[str, set[str]] = {}
        self.told: set[tuple[str, str]] = set()
        self.open()

    def open(self) -> None:
        """A program that starts on what the disk has."""
        self.files = FaultyFiles()
        self.vault = FileVault(
            self.root, clock=self.clock, files=self.files, lock_wait=0, compact_from=20_000
        )
        origin = Origin("test", "")
        self.robo = RoboXP(Core(self.vault, self.clock, Twenty(), origin, secrets=self.secrets))

    def act(self, fault: Any, do: Callable[[], object]) -> bool:
        """Do it, perhaps with a kill in the middle; whether it was done to its end."""
        if fault is not None:
            self.files.fault = Fault(self.files.count + fault[0], fault[1])
        try:
            do()
        except Stop:
            self.vault.close()
            self.open()
            return False
        finally:
            self.files.heal()
        return True

    @rule(hours=st.sampled_from([None, 2, 30]), is_series=st.booleans(), fault=faults)
    def plan(self, hours: int | None, is_series: bool, fault: Any) -> None:
        """One more, now or later, once or three times, whose prizes are to be claimed."""
        again: Any = {"every": "1w", "times": TIMES} if is_series else {}
        self.act(fault, lambda: self.robo.giveaways.create(
            GUILD, prize="Tea", channel_id=CHANNEL, duration="1d", winners=2, claim="1h",
            claim_rounds=ROUNDS, at=None if hours is None else f"{hours}h", **again,
        ))  # fmt: skip

    @precondition(lambda self: self.of("active"))
    @rule(data=st.data(), who=st.sets(st.sampled_from(MANY), min_size=1, max_size=3), fault=faults)
    def enter(self, data: st.DataObject, who: set[str], fault: Any) -> None:
        """Members enter one that goes on."""
        one = data.draw(st.sampled_from(self.of("active")))
        with suppress(GiveawayNotActive):  # its end has passed
            self.act(fault, lambda: self.robo.giveaways.enter(GUILD, one, sorted(who)))

    @rule(ms=st.sampled_from([HOUR_MS, 25 * HOUR_MS, WEEK_MS, 3 * WEEK_MS]))
    def wait(self, ms: int) -> None:
        """Time goes by, with nobody there."""
        self.clock.at += ms

    @rule(fault=faults)
    def tend(self, fault: Any) -> None:
        """Do once what is due of each, as far as no kill comes between."""
        self.act(fault, self.do_all_due)

    @rule(steps=st.integers(1, 6), fault=faults)
    def go_on(self, steps: int, fault: Any) -> None:
        """Everybody enters what goes on, and what is due next is done in its time."""
        for _ in range(steps):
            for one in self.of("active"):
                with suppress(GiveawayNotActive):
                    self.robo.giveaways.enter(GUILD, one, MANY)
            dues = [one.giveaway.due_at for one in self.robo.giveaways.unsettled(GUILD)]
            self.clock.at = max([self.clock.at, *([min(filter(None, dues))] if any(dues) else [])])
            self.act(fault, self.do_all_due)

    @rule(fault=faults)
    def announce(self, fault: Any) -> None:
        """Discord is told what is asked for; what was told once is not asked for again."""
        for listed in self.robo.giveaways.unsettled(GUILD):
            one = listed.giveaway
            effects = [effect for effect in one.pending if effect.kind != "message"]
            assert not {(one.id, effect.key) for effect in effects} & self.told
            done = partial(self.robo.giveaways.mark_done, GUILD, one.id, *effects)
            if not self.act(fault, done):
                return
            self.told |= {(one.id, effect.key) for effect in effects}

    @precondition(lambda self: self.of("ended"))
    @rule(data=st.data(), fault=faults)
    def claim(self, data: st.DataObject, fault: Any) -> None:
        """A winner claims; what was confirmed stays."""
        one = self.robo.giveaways.get(GUILD, data.draw(st.sampled_from(self.of("ended"))))
        if not one.all_winners:
            return
        winner = one.all_winners[0]
        try:
            is_done = self.act(fault, lambda: self.robo.giveaways.claim(GUILD, one.id, winner))
        except ClaimExpired:
            held = one.claims[winner]
            assert held.state == "expired" or self.clock.at >= (held.until or 0)
            return
        if is_done:
            self.claimed.setdefault(one.id, set()).add(winner)

    @rule()
    def catch_up(self) -> None:
        """After as many looks as it takes nothing is due, and each series goes on with one."""
        for _ in range(40):
            self.do_all_due()
        assert self.due() == []
        for places in self.series().values():
            left = places[-1].series.left if places[-1].series else 0
            assert (places[-1].finalized_at is None) or left == 0

    @invariant()
    def nothing_is_there_twice(self) -> None:
        """Numbers of a series have no gap and no twin, claims and rounds are within bounds."""
        found = all_of(self.robo)
        for places in self.series().values():
            kept = [one.series for one in places if one.series is not None]
            assert [one.number for one in kept] == list(range(1, len(kept) + 1))
            assert len(kept) <= TIMES
            slots = [one.slot for one in kept]
            assert slots == sorted(set(slots))
            assert all((slot - slots[0]) % WEEK_MS == 0 for slot in slots)
            assert sum(one.finalized_at is None for one in places) <= 1
        for one in found:
            assert len(set(one.all_winners)) == len(one.all_winners)
            expired = [user for user, claim in one.claims.items() if claim.state == "expired"]
            assert sum(map(len, one.rerolls)) <= len(expired)
            assert len(one.rerolls) <= ROUNDS
            states = {user: one.claims[user].state for user in self.claimed.get(one.id, ())}
            assert set(states.values()) <= {"claimed"}
            assert self.robo.giveaways.verify(GUILD, one.id).valid or one.is_scheduled

    def do_all_due(self) -> None:
        """Do once what is due of each."""
        for one in self.due():
            self.do_due(one)

    def do_due(self, one: Giveaway) -> None:
        """What the daemon does of one: start, remind, end, or draw again what nobody claimed."""
        giveaways = self.robo.giveaways
        if one.is_active:
            giveaways.end(GUILD, one.id, only_due=True)
            return
        do = giveaways.begin if one.is_scheduled else giveaways.expire
        if do(GUILD, one.id).giveaway.owed:
            giveaways.reroll(GUILD, one.id, owed=True)

    def due(self) -> list[Giveaway]:
        """What is due now."""
        unsettled = [one.giveaway for one in self.robo.giveaways.unsettled(GUILD)]
        return [one for one in unsettled if one.due_at is not None and one.due_at <= self.clock.at]

    def of(self, status: str) -> list[str]:
        """The ids of the giveaways in this state."""
        return [one.id for one in all_of(self.robo) if one.status == status]

    def series(self) -> dict[str, list[Giveaway]]:
        """The giveaways of each series, in its order."""
        found: dict[str, list[Giveaway]] = {}
        for one in all_of(self.robo):
            if one.series is not None:
                found.setdefault(one.series.id, []).append(one)
        return found

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.vault.close()
        shutil.rmtree(self.root)


DueMachine.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
test_plans_series_and_claims = DueMachine.TestCase
