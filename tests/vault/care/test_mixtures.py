"""Files of other guilds, of copies that went their own way and of earlier times prove foreign."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from robo_xp import RoboXP
from robo_xp.errors import RoboXPError, VaultDamaged
from robo_xp.vault.files.vault import FileVault
from tests.vault.acts import ANN, BOB, NAME, HandClock, content
from tests.vault.care.test_check import SECOND, check
from tests.vault.care.test_repair import give

PARTS = (".json", ".journal", "archive")
Answer = tuple[Any, ...]


def part_of(root: Path, name: str, part: str) -> Path:
    """A file of the namespace, or the folder of its archive."""
    return root / "archive" / name if part == "archive" else root / f"{name}{part}"


def go_on(root: Path, name: str, clock: HandClock, chance: random.Random) -> None:
    """Let a namespace live on for a while, with compactions at random."""
    vault = FileVault(root, durability="os", clock=clock)
    namespace = vault.namespace(name)
    for _ in range(chance.randint(3, 7)):
        clock.at += chance.choice((0, 1000))
        give(namespace, chance.choice((ANN, BOB)), chance.randint(1, 3))
        if chance.random() < 0.4:
            namespace.compact()
    vault.close()


def lives(above: Path, chance: random.Random) -> dict[str, tuple[Path, str]]:
    """Folders with one namespace each, which may be mixed: by what they are to the first."""
    clock = HandClock()
    roots = {key: above / key for key in ("own", "diverged", "earlier", "other", "again")}
    go_on(roots["own"], NAME, clock, chance)
    shutil.copytree(roots["own"], roots["diverged"])
    shutil.copytree(roots["own"], roots["earlier"])
    for key in ("own", "diverged"):
        go_on(roots[key], NAME, HandClock(clock.at), chance)
    go_on(roots["other"], SECOND, HandClock(), chance)
    go_on(roots["again"], NAME, HandClock(), chance)
    return {key: (root, SECOND if key == "other" else NAME) for key, root in roots.items()}


def answers(root: Path) -> Iterator[tuple[str, Answer]]:
    """What a namespace says of itself: members, history, the batch to undo, each moment."""
    vault = FileVault(root, clock=HandClock(2_000_000_000_000))
    namespace = vault.namespace(NAME)
    asks: dict[str, Callable[[], Answer]] = {
        "members": lambda: (content(namespace),),
        "forward": lambda: tuple((b.seq, str(b.ops)) for b in namespace.batches()),
        "back": lambda: tuple((b.seq, str(b.ops)) for b in namespace.batches_back()),
        "last": lambda: tuple((b.seq, str(b.ops)) for b in list(namespace.batches(after=8))),
    }
    for ask, found in asks.items():
        try:
            yield ask, found()
        except VaultDamaged:
            continue
    vault.close()
    for at in range(0, 40_000, 5_000):
        moment = HandClock().at + at
        with RoboXP.open(root, clock=HandClock(2_000_000_000_000)) as robo:
            try:
                (done,) = robo.maintenance.restore(at=moment, dry_run=True).namespaces
            except RoboXPError:
                continue
            yield f"at {at}", (done.from_seq, done.ts)


def mixture(above: Path, seed: int) -> tuple[Path, list[Path]]:
    """A copy of the first folder with parts of others in it, and what of it is not its own."""
    chance = random.Random(seed)
    found = lives(above, chance)
    root = above / "mixed"
    shutil.copytree(found["own"][0], root)
    source, name = found[chance.choice(["diverged", "earlier", "other", "again"])]
    for part in chance.sample(PARTS, chance.choice((1, 1, 2))):
        target, origin = part_of(root, NAME, part), part_of(source, name, part)
        if part == "archive" and chance.random() < 0.5:
            # single files among its own
            files = sorted(origin.iterdir()) if origin.exists() else []
            for file in chance.sample(files, min(len(files), chance.randint(1, 2))):
                target.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, target / file.name)
            continue
        shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
        if origin.is_dir():
            shutil.copytree(origin, target)
        elif origin.exists():
            shutil.copy(origin, target)
    return root, differing(found["own"][0], root)


def differing(own: Path, mixed: Path) -> list[Path]:
    """The files of a mixed folder that are not as in its own."""
    before, after = (
        {p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.suffix != ".lock"
         and p.is_file()}
        for root in (own, mixed)
    )  # fmt: skip
    return [mixed / p for p in sorted({*before, *after}) if before.get(p) != after.get(p)]


def wrong_answers(above: Path, seed: int) -> list[str]:
    """What a mixture says that neither of the lives in it says as a whole, or keeps from check."""
    root, foreign = mixture(above, seed)
    if not any(path.exists() for path in foreign):
        return []  # an archive that is gone is as one that has expired
    faults = []
    whole = [dict(answers(above / key)) for key in ("own", "diverged", "earlier", "again")]
    said = dict(answers(root))
    if not any(all(answer == one.get(ask) for ask, answer in said.items()) for one in whole):
        if not any(is_end_of(said, one) for one in whole):
            faults.append(f"{seed}: {said} but {whole}")
    damaged = check(root).damaged
    names = " ".join(f"{one.file} {one.what}" for one in damaged)
    is_whole_life = any(said == one for one in whole)
    if foreign and not damaged and not is_whole_life:
        faults.append(f"{seed}: check found nothing in {foreign}")
    if damaged and not any(p.name in names or str(p.parent) in names for p in foreign):
        faults.append(f"{seed}: {names} does not name any of {foreign}")
    return faults


def is_end_of(said: dict[str, Answer], whole: dict[str, Answer]) -> bool:
    """Whether what is said is that of a life of which only the latest is kept."""
    for ask, answer in said.items():
        known = whole.get(ask, ())
        if ask == "back":
            fits = known[: len(answer)] == answer
        elif ask == "forward":
            fits = not answer or known[-len(answer) :] == answer
        else:
            fits = answer == known
        if not fits:
            return False
    return True


@pytest.mark.parametrize("seed", range(40))
def test_no_mixture_gives_a_wrong_answer(tmp_path: Path, seed: int) -> None:
    """Whatever halves, archives and pairs are mixed, each answer is that of one life or none;
    check names a file that does not belong.
    """
    assert wrong_answers(tmp_path, seed) == []


@pytest.mark.long
def test_no_mixture_of_many_gives_a_wrong_answer(tmp_path: Path) -> None:
    """The same for 500 mixtures."""
    faults = []
    for seed in range(500):
        faults += wrong_answers(tmp_path / str(seed), 1000 + seed)
        shutil.rmtree(tmp_path / str(seed))

    assert faults == []
