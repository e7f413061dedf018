"""Large batches say what they did at the start of their lines, and nobody reads the rest for it."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from robo_xp.errors import VaultDamaged
from robo_xp.model.event_reading import event_of
from robo_xp.model.events import Event, XpChanged
from robo_xp.rules.what import Known
from robo_xp.vault import Namespace, pieces
from robo_xp.vault.about import BULK_FROM
from robo_xp.vault.batch import (
    HEAD_LENGTH,
    Batch,
    Part,
    batch_of,
    brief_of,
    checked_batch_of,
    line_of,
)
from robo_xp.vault.files.vault import FileVault
from robo_xp.vault.pseudonyms import Pseudonym, in_line
from tests.vault.acts import ANN, NAME, ORIGIN, give, on_disk, path_of

MANY = BULK_FROM
FIRST = 700_000_000_000_000_000


def give_many(namespace: Namespace, members: int = MANY) -> None:
    """One batch that gives XP to many."""
    with namespace.transaction(ORIGIN) as transaction:
        for number in range(members):
            user_id = str(FIRST + number)
            transaction.put("users", user_id, {"xp": 5, "level": 0})
            transaction.event(XpChanged(user_id, 0, 5, 5))


def named(batches: list[Batch]) -> list[tuple[object, ...]]:
    """What of batches their heads are to tell."""
    return [(x.seq, x.ts, x.by, x.cmd, x.reason, x.undoes, x.about) for x in batches]


def test_heads_tell_what_the_batches_do(namespace: Namespace) -> None:
    """In each engine heads are those of the batches, newest first, and say what they did."""
    give(namespace)
    give_many(namespace)
    give(namespace)
    give_many(namespace, MANY // 2 - 1)
    heads = list(namespace.heads_back())

    assert named(heads) == named(list(namespace.batches_back()))
    assert [one.about is not None for one in heads] == [False, False, True, False]
    about = heads[2].about
    assert about is not None and (about.members, about.delta) == (MANY, 5 * MANY)
    said = Known({str(FIRST): "Ada"}).said(about.what)
    assert said == f"Ada, {FIRST + 1}, {FIRST + 2} and {MANY - 3} more: +5,000 XP in all"


@pytest.mark.parametrize("folded", [False, True])
def test_heads_need_neither_bodies_nor_members(
    data_dir: Path, file_vault: FileVault, folded: bool
) -> None:
    """A handle that lists heads decodes no body and loads no members, folded or not."""
    give(on_disk(file_vault))
    give_many(on_disk(file_vault))
    if folded:
        on_disk(file_vault).compact()
    other = FileVault(data_dir, durability="os")
    heads = list(other.namespace(NAME).heads_back())

    assert [(one.seq, len(one.ops), len(one.events)) for one in heads] == [(2, 0, 0), (1, 1, 1)]
    assert other.namespace(NAME).state.seq == 0
    other.close()


def test_a_journal_of_all_kinds_of_lines_is_read_after_a_snapshot(
    data_dir: Path, file_vault: FileVault
) -> None:
    """Heads come from the archive and the journal after it; a snapshot in between is held to it."""
    for _ in range(2):
        give_many(on_disk(file_vault))
        on_disk(file_vault).compact()
        give(on_disk(file_vault))
    other = FileVault(data_dir, durability="os")

    assert [one.seq for one in other.namespace(NAME).heads_back()] == [4, 3, 2, 1]
    assert other.namespace(NAME).state.seq == 0
    path_of(data_dir, ".json").write_bytes(path_of(data_dir, ".json").read_bytes()[:-1])
    with pytest.raises(VaultDamaged):
        list(other.namespace(NAME).heads_back())
    other.close()


@pytest.mark.parametrize("part", [b'"cmd":"xp', b'"delta":5', b'"xp":5'])
def test_a_damaged_line_is_not_told_of(data_dir: Path, file_vault: FileVault, part: bytes) -> None:
    """A byte that is wrong in the head or the body of a large line is damage, before the end."""
    give_many(on_disk(file_vault))
    give(on_disk(file_vault))
    journal = path_of(data_dir, ".journal")
    journal.write_bytes(journal.read_bytes().replace(part, part.swapcase()[:-1] + b"6", 1))
    other = FileVault(data_dir, durability="os")

    with pytest.raises(VaultDamaged):
        list(other.namespace(NAME).heads_back())
    other.close()


HOSTILE: list[dict[str, object]] = [
    {"a": [["b"], ["c"]], "events": []},
    {"a": [["users", "1", None], ["users", "2", None]], "events": [{"type": "x"}, {"type": "y"}]},
    {"a": '],"events":[', "b": '],["', "c": '},{"type":'},
    {"a": {"events": [[["d"]]]}, "about": [], "ops": [], "long": "é" * 300},
]


@pytest.mark.parametrize("piece", [1, 100, 1 << 17])
def test_a_body_is_read_in_pieces_whatever_is_in_it(
    file_vault: FileVault, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What looks like an end inside a record or an event is none: all comes back as it was."""
    monkeypatch.setattr(pieces, "_PIECE", piece)
    raw = [{"type": "own", "old": HOSTILE, "new": one} for one in HOSTILE]
    with on_disk(file_vault).transaction(ORIGIN) as transaction:
        for number in range(MANY):
            transaction.put("users", str(number), dict(HOSTILE[number % len(HOSTILE)]) | {"xp": 1})
            transaction.events.append(event_of(raw[number % len(raw)]))
            if number % 400 == 1:
                transaction.delete("users", f"9{number}")
    (batch,) = on_disk(file_vault).batches()
    (line,) = path_of(Path(file_vault.root), ".journal").read_bytes().splitlines()[1:]
    plain = batch_of(line)

    assert isinstance(batch.ops, pieces.Pieces) and isinstance(plain.ops, list)
    assert list(batch.ops) == plain.ops and list(batch.events) == plain.events
    assert (len(batch.ops), bool(batch.events)) == (len(plain.ops), True)
    assert line_of(batch) == line_of(plain) == line + b"\n"


def test_a_damaged_head_in_the_archive_is_refused(data_dir: Path, file_vault: FileVault) -> None:
    """What a folded line says of itself is believed only as it was written."""
    give_many(on_disk(file_vault))
    on_disk(file_vault).compact()
    (folded,) = data_dir.glob("archive/**/*.gz")
    lines = gzip.decompress(folded.read_bytes())
    folded.write_bytes(gzip.compress(lines.replace(b'"delta":5', b'"delta":6', 1)))

    with pytest.raises(VaultDamaged):
        list(on_disk(file_vault).heads_back())


def test_a_torn_large_line_was_never_there(data_dir: Path, file_vault: FileVault) -> None:
    """A crash in mid-write of a large batch leaves the batches before it."""
    give(on_disk(file_vault))
    give_many(on_disk(file_vault))
    file_vault.close()
    journal = path_of(data_dir, ".journal")
    journal.write_bytes(journal.read_bytes()[:-2_000])

    assert [one.seq for one in on_disk(file_vault).heads_back()] == [1]


def test_a_large_line_without_a_head_is_read_as_a_whole(
    data_dir: Path, file_vault: FileVault
) -> None:
    """Large lines of versions that said nothing at their start are listed all the same."""
    give_many(on_disk(file_vault))
    file_vault.close()
    journal = path_of(data_dir, ".journal")
    head, line, _ = journal.read_bytes().split(b"\n")
    batch = checked_batch_of(line)
    assert batch is not None
    plain = Batch(seq=1, ts=batch.ts, by="a", cmd="b", ops=[*batch.ops], events=[*batch.events])
    journal.write_bytes(head + b"\n" + line_of(plain))
    (found,) = on_disk(file_vault).heads_back()

    assert (len(found.ops), len(found.events), found.about) == (MANY, MANY, None)


def test_a_pseudonym_in_a_head_keeps_it_right(file_vault: FileVault) -> None:
    """A person who is erased is named in no head, and the head is believed as before."""
    give_many(on_disk(file_vault))
    (batch,) = on_disk(file_vault).batches()
    erased = Pseudonym(str(FIRST), str(2**63), until=1)
    line = in_line(line_of(batch), 1, [erased])
    brief = brief_of(line[:HEAD_LENGTH])

    assert checked_batch_of(line[:-1]) is not None
    assert brief is not None and str(FIRST).encode() not in brief and str(2**63).encode() in brief
    assert in_line(line_of(batch), 1, [Pseudonym(ANN, str(2**63), until=1)]) == line_of(batch)


def test_a_part_of_a_large_batch(namespace: Namespace) -> None:
    """What names an id comes with it, and of the events the last of a type, as of small ones."""
    give_many(namespace)
    give(namespace)
    whole = {batch.seq: batch for batch in namespace.batches()}
    mine = str(FIRST + 7)

    def large(part: Part) -> Batch:
        _, batch = namespace.heads_back(part)
        return batch

    def told(batch: Batch) -> list[Event]:
        return list(batch.told())

    named = large(Part(naming=mine))
    assert [doc_id for _, doc_id, _ in named.ops] == [mine]
    assert told(named) == [event for event in told(whole[1]) if mine in event.user_ids]
    last = large(Part(types=frozenset({"xpChange"}), last=3))
    assert not last.ops and told(last) == told(whole[1])[-3:]
    for nothing in (Part(naming=ANN), Part(types=frozenset({"levelUp"}), last=3)):
        assert (list(large(nothing).ops), told(large(nothing))) == ([], [])
