"""Long random lives, taken back batch by batch: from the newest on, and in any order."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from robo_xp import RoboXP
from robo_xp.errors import AlreadyUndone, RoboXPError, UndoUnclear
from robo_xp.usecases.members.rows import Row
from robo_xp.usecases.transfer.entry import Entry
from robo_xp.usecases.transfer.merge import Merge
from tests.usecases.small import GUILD, XP, memory, stored

USERS = [str(300000000000000000 + number) for number in range(6)]


@dataclass
class Life:
    """A store, and beside it what each batch that stands moved each member by: the model."""

    chance: random.Random
    robo: RoboXP = field(default_factory=memory)
    moved: dict[int, Counter[str]] = field(default_factory=dict)

    def totals(self) -> Counter[str]:
        """The XP of each member who has any."""
        found = {user_id: record["xp"] for user_id, record in stored(self.robo).items()}
        return +Counter(found)

    def step(self) -> None:
        """One random change; its batch, if it made one, joins the model."""
        before, seq = self.totals(), self.seq()
        try:
            self.change()
        except RoboXPError:
            assert self.totals() == before
        if self.seq() > seq:
            after = self.totals()
            self.moved[self.seq()] = Counter(
                {user_id: after[user_id] - before[user_id] for user_id in USERS}
            )

    def seq(self) -> int:
        return self.robo.vault.namespace(XP).read().seq

    def change(self) -> None:
        chance, xp = self.chance, self.robo.xp
        user_id, amount = chance.choice(USERS), chance.choice([1, 5, 100, 100, 1_000])
        match chance.randrange(9):
            case 0 | 1:
                xp.add(GUILD, user_id, amount)
            case 2:
                xp.remove(GUILD, user_id, amount)
            case 3:
                total = chance.choice([amount, 0, xp.get(GUILD, user_id)])
                xp.set(GUILD, user_id, total)
            case 4:
                xp.delete(GUILD, chance.sample(USERS, chance.randint(1, 3)))
            case 5:
                self.bulk(("give", user_id), ("delete", user_id))
            case 6:
                ops = ("give", "give", "remove", "set", "delete")
                self.bulk(*((chance.choice(ops), chance.choice(USERS)) for _ in range(4)))
            case 7:
                entries = [
                    Entry(line, one, chance.choice([0, 7, 700]), messages=chance.choice([0, 3]))
                    for line, one in enumerate(chance.sample(USERS, 2))
                ]
                hows: list[Merge] = ["add", "max", "replace"]
                self.robo.transfer.import_members(GUILD, entries, merge=chance.choice(hows))
            case _:
                self.robo.config.set(GUILD, {"cooldownSeconds": amount})

    def bulk(self, *rows: tuple[str, str]) -> None:
        made = [
            Row(line, op, user_id, 0 if op == "delete" else self.chance.choice([0, 4, 40]))
            for line, (op, user_id) in enumerate(rows, start=2)
        ]
        self.robo.xp.apply(GUILD, made, resolve=lambda text: text)

    def undo(self, seq: int) -> None:
        """Take a batch back, in the store and in the model, and hold them against each other."""
        self.robo.history.undo(XP, seq)
        del self.moved[seq]
        model: Counter[str] = Counter()
        for by in self.moved.values():
            model.update(by)
        assert self.totals() == +model, f"after undoing {seq}"

    def undo_newest_first(self) -> None:
        for seq in sorted(self.moved, reverse=True):
            self.undo(seq)

    def undo_anyhow(self) -> None:
        """Take back whatever may be, in any order; something always may."""
        while self.moved:
            stand = len(self.moved)
            seqs = self.chance.sample(sorted(self.moved), stand)
            for seq in seqs:
                with suppress(UndoUnclear):
                    self.undo(seq)
            assert len(self.moved) < stand, f"{sorted(self.moved)} are a dead end"


def lives(count: int, steps: int) -> None:
    for seed in range(count):
        life = Life(random.Random(seed))
        for _ in range(steps):
            life.step()
        how = (Life.undo_newest_first, Life.undo_anyhow)[seed % 2]
        try:
            how(life)
        except (AssertionError, RoboXPError) as error:
            raise AssertionError(f"life {seed}, {how.__name__}: {error}") from error
        assert stored(life.robo) == {}, (seed, how.__name__)
        assert life.robo.config.own(GUILD) == {}


def test_a_deleted_record_of_nothing_blocks_no_undo() -> None:
    """Ten are deleted, one comes back with 0 XP and is deleted again: the ten come back."""
    robo = memory()
    for user_id in USERS:
        robo.xp.add(GUILD, user_id, 10)
    robo.xp.delete(GUILD, USERS)
    seq = robo.vault.namespace(XP).read().seq
    robo.xp.set(GUILD, USERS[0], 0)
    robo.history.undo(XP, seq + 1)
    robo.xp.add(GUILD, USERS[0], 0)
    robo.xp.delete(GUILD, [USERS[0]])

    robo.history.undo(XP, seq)

    assert {record["xp"] for record in stored(robo).values()} == {10}


def test_whoever_was_not_there_is_gone_in_whatever_order() -> None:
    """The batch that made a record is undone first, the one that gave more to it after that."""
    robo = memory()
    first, second = (robo.xp.add(GUILD, USERS[0], amount).seq for amount in (5, 7))
    assert first is not None and second is not None

    robo.history.undo(XP, first)
    robo.history.undo(XP, second)

    assert stored(robo) == {}


def test_a_change_of_no_effect_is_undone_as_well() -> None:
    """Who was given XP and deleted in one batch: an undo says so, changes nothing, counts once."""
    robo = memory()
    rows = [Row(2, "give", USERS[0], 5), Row(3, "delete", USERS[0], 0)]
    robo.xp.apply(GUILD, rows, resolve=lambda text: text)

    undone = robo.history.undo(XP, 1)

    assert (undone.seq, undone.members, stored(robo)) == (2, 0, {})
    with pytest.raises(AlreadyUndone):
        robo.history.undo(XP, 1)


def test_a_few_lives_are_taken_back() -> None:
    """Nothing is a dead end, the model holds after each undo, and no record is left at the end."""
    lives(8, 50)


@pytest.mark.long
def test_five_hundred_long_lives_are_taken_back() -> None:
    """The same for 500 lives of 200 changes."""
    lives(500, 200)
