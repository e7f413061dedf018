"""What is kept about a person, and what is left of it after an erasure."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.errors import MemberNotFound, Refused
from robo_xp.vault.pseudonyms import is_pseudonym
from tests.usecases.small import ANN, BOB, CARL, CHANNEL, DORA, GUILD, XP, HandClock, memory, stored

EVE, FAY, GUS = (f"20000000000000000{n}" for n in range(5, 8))
EVERYBODY = (ANN, BOB, CARL, DORA, EVE, FAY, GUS)


def lived(robo: RoboXP) -> tuple[str, str]:
    """A guild in which Bob did all that a member can do; a finished and an active giveaway."""
    robo.names.remember(GUILD, {BOB: "Bob", ANN: "Ann"})
    robo.xp.move(GUILD, "give", list(EVERYBODY), 400)
    robo.xp.award(GUILD, BOB, channel_id=CHANNEL)
    robo.xp.add(GUILD, BOB, 7, store="season")
    robo.multipliers.set_user(GUILD, BOB, 2)
    robo.outbox.take(GUILD, "default", 1)
    acting = robo.acting_as(f"discord:{BOB}", "giveaway start")
    over = acting.giveaways.create(GUILD, prize="cup", channel_id=CHANNEL, winners=2)
    robo.giveaways.enter(GUILD, over.id, EVERYBODY)
    robo.giveaways.end(GUILD, over.id)
    robo.giveaways.reroll(GUILD, over.id, count=1)
    active = robo.giveaways.create(GUILD, prize="hat", channel_id=CHANNEL)
    robo.giveaways.enter(GUILD, active.id, EVERYBODY)
    return over.id, active.id


def test_all_about_one_person() -> None:
    """Records of every store, entries, names, settings and the history; nobody else's."""
    robo = memory()
    over, active = lived(robo)
    found = robo.members.export(GUILD, BOB)

    assert (found.name, found.user_id) == ("Bob", BOB)
    assert {one["storeId"]: one["xp"] for one in found.stores} == {"default": 420, "season": 7}
    assert {one["giveawayId"] for one in found.giveaways} == {over, active}
    assert {one["table"].partition(":")[0] for one in found.documents} >= {
        "users", "config", "entries", "giveaways", "members",
    }  # fmt: skip
    assert {"award", "xp give", "giveaway start"} <= {one["cmd"] for one in found.history}
    given = next(one for one in found.history if one["cmd"] == "xp give")
    assert {change["userId"] for change in given["changes"]} == {BOB}
    with pytest.raises(MemberNotFound):
        robo.members.export(GUILD, "200000000000000099")


def test_an_erasure_leaves_nothing_of_the_person() -> None:
    """Records, names, settings and entries go; what others have stays; a dry run tells as much."""
    robo = memory()
    over, active = lived(robo)
    others = {user_id: record for user_id, record in stored(robo).items() if user_id != BOB}
    before = robo.members.erase(GUILD, BOB, dry_run=True)
    assert robo.xp.get(GUILD, BOB) == 420
    done = robo.members.erase(GUILD, BOB, reason="asked for it")

    assert before.erased == done.erased
    counts = done.erased
    assert (counts.records, counts.names, counts.entries, counts.periods) == (2, 1, 2, 1)
    assert done.seq is not None and is_pseudonym(done.pseudonym)
    assert stored(robo) == others
    assert robo.names.name(GUILD, BOB) is None
    assert BOB not in robo.multipliers.get(GUILD)["user"]
    assert {one.user_id for one in robo.giveaways.entries(GUILD, active)} == {*EVERYBODY} - {BOB}
    assert BOB not in json.dumps(robo.giveaways.export(GUILD, over))
    what = robo.history.show(XP, done.seq).row.what
    assert what == f"a person erased, {done.pseudonym} since"
    with pytest.raises(Refused, match="nothing can take back"):
        robo.history.undo(XP, done.seq)


def test_every_draw_still_verifies() -> None:
    """Whoever was erased, winner or not, and however many: with pseudonyms, and in an export."""
    robo = memory()
    over, _ = lived(robo)
    for user_id in (BOB, ANN, EVE):
        robo.members.erase(GUILD, user_id)

        found = robo.giveaways.verify(GUILD, over)
        assert (found.valid, found.faults) == (True, ())
        document = json.dumps(robo.giveaways.export(GUILD, over))
        assert robo.giveaways.verify_document(document).valid
        assert user_id not in document
    later = robo.giveaways.reroll(GUILD, over, count=1)
    assert not any(map(is_pseudonym, later.rerolled))
    assert robo.giveaways.verify(GUILD, over).valid


def test_a_pseudonym_is_bound() -> None:
    """Another weight, place or name of an erased entrant does not verify any more."""
    robo = memory()
    over, _ = lived(robo)
    name = robo.members.erase(GUILD, BOB).pseudonym
    document = robo.giveaways.export(GUILD, over)

    heavier = {**document, "entries": {**document["entries"], name: 2}}
    entries = {("9" * 19 if one == name else one): w for one, w in document["entries"].items()}
    for forged in (heavier, {**document, "entries": entries}):
        assert not robo.giveaways.verify_document(json.dumps(forged)).valid


def test_undo_of_what_others_shared_with_the_person() -> None:
    """What was given to many is taken from those that are left."""
    robo = memory()
    given = robo.xp.move(GUILD, "give", list(EVERYBODY), 400)
    robo.members.erase(GUILD, BOB)
    assert given[0].seq is not None
    undone = robo.history.undo(XP, given[0].seq)

    assert undone.seq is not None
    assert BOB not in stored(robo)
    assert not any(record["xp"] for record in stored(robo).values())


def test_who_comes_back_is_somebody_new() -> None:
    """What is earned after an erasure is kept, in the lines too, when the past is folded."""
    robo = memory()
    robo.xp.add(GUILD, BOB, 900)
    robo.members.erase(GUILD, BOB)
    robo.xp.add(GUILD, BOB, 5)
    namespace = robo.vault.namespace(XP)
    namespace.compact()

    assert robo.xp.get(GUILD, BOB) == 5
    named = [batch.seq for batch in namespace.batches() if BOB in str(list(batch.raw_events()))]
    assert named == [3]
    assert namespace.read().records("erased") == {}


def all_bytes(folder: Path) -> bytes:
    """Every file below the folder, archives unpacked."""
    found = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    return b"\n".join(gzip.decompress(one) if one[:2] == b"\x1f\x8b" else one for one in found)


def test_after_a_compaction_the_id_is_in_no_file(tmp_path: Path) -> None:
    """Neither in journals, snapshots and archives nor in bases, and the name is as little in any;
    history and draws hold.
    """
    clock = HandClock()
    with RoboXP.open(tmp_path / "data", clock=clock, durability="os") as robo:
        over, _ = lived(robo)
        robo.names.remember(GUILD, {BOB: 'Zolda "{}}" \\', ANN: "Ann of {Zo}"})
        for name in robo.vault.names():
            robo.vault.namespace(name).compact()
        clock.at += 20 * 86_400_000
        robo.xp.move(GUILD, "give", [ANN, BOB], 50)
        for name in robo.vault.names():
            robo.vault.namespace(name).compact()
        robo.xp.add(GUILD, BOB, 3)
        backup = robo.maintenance.create_backup().path
        done = robo.members.erase(GUILD, BOB)
        assert done.backups == (backup,)
        assert all(one in all_bytes(tmp_path / "data") for one in (BOB.encode(), b"Zolda"))
        for name in robo.vault.names():
            robo.vault.namespace(name).compact()
        kept = [batch.seq for batch in robo.vault.namespace(XP).batches()]

    assert not any(one in all_bytes(tmp_path / "data") for one in (BOB.encode(), b"Zolda"))
    assert b"Ann of {Zo}" in all_bytes(tmp_path / "data")
    assert done.pseudonym.encode() in all_bytes(tmp_path / "data")
    with RoboXP.open(tmp_path / "data", clock=clock) as robo:
        assert robo.giveaways.verify(GUILD, over).valid
        assert kept == list(range(1, kept[-1] + 1))
        checked = robo.maintenance.check()
        assert (checked.damaged, checked.warnings) == ([], [])
        assert robo.xp.get(GUILD, ANN) == 450
        robo.members.erase(GUILD, ANN)
        assert not robo.vault.namespace(f"names/{GUILD}").read().records("members")
