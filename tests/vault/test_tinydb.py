"""A namespace as TinyDB's users know it, on disk and in memory alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tinydb import Query, TinyDB
from tinydb.operations import add, delete, increment
from tinydb.table import Document

from robo_xp.vault import Namespace
from robo_xp.vault.files.vault import FileVault
from tests.vault.acts import ANN, BOB, CARL, ORIGIN, content, on_disk, path_of


def own(doc_id: str, fields: Mapping[str, Any]) -> Any:
    """A document that brings its id."""
    return Document(fields, doc_id=doc_id)  # type: ignore[arg-type]  # ids are strings here


@pytest.fixture
def users(namespace: Namespace) -> Any:
    """The table with two members."""
    table = namespace.db.table("users")
    table.insert(own(ANN, {"xp": 10, "roles": ["a"]}))
    table.insert(own(BOB, {"xp": 200}))
    return table


def test_records_are_found_by_id_and_by_query(users: Any) -> None:
    """``get``, ``search``, ``contains``, ``count`` and ``all`` find what is there."""
    member = Query()

    assert users.get(doc_id=ANN) == {"xp": 10, "roles": ["a"]}
    assert users.get(doc_id=ANN).doc_id == ANN
    assert users.get(doc_id=CARL) is None
    assert users.get(member.xp > 100).doc_id == BOB
    assert users.get(member.xp > 1000) is None
    assert [found.doc_id for found in users.get(doc_ids=[BOB, CARL])] == [BOB]
    assert [found.doc_id for found in users.search(member.xp > 100)] == [BOB]
    assert users.search(member.roles.any(["a"]))[0].doc_id == ANN
    assert users.contains(doc_id=ANN) and not users.contains(member.xp == 11)
    assert users.count(member.xp > 0) == len(users) == len(users.all()) == 2
    assert [found.doc_id for found in users] == [ANN, BOB]


def test_records_are_updated_with_fields_and_functions(users: Any, namespace: Namespace) -> None:
    """``update`` takes a dict, an operation or a function, for ids, a query or everything."""
    member = Query()
    assert users.update({"xp": 11}, doc_ids=[ANN, CARL]) == [ANN]
    assert users.update(add("xp", 5), member.xp > 100) == [BOB]
    assert users.update(increment("xp")) == [ANN, BOB]
    assert users.update(delete("roles"), member.roles.exists()) == [ANN]
    users.update_multiple([({"level": 1}, member.xp == 12), (increment("xp"), member.xp == 206)])

    assert content(namespace) == {"users": {ANN: {"xp": 12, "level": 1}, BOB: {"xp": 207}}}


def test_a_change_deep_inside_a_record_is_stored(users: Any, namespace: Namespace) -> None:
    """A function that changes a list of the record changes the stored one, in its own batch."""
    before = namespace.read().seq
    users.update(lambda record: record["roles"].append("b"), doc_ids=[ANN])

    assert namespace.read().seq == before + 1
    assert users.get(doc_id=ANN)["roles"] == ["a", "b"]


def test_a_failing_update_changes_nothing(users: Any, namespace: Namespace) -> None:
    """A function that raises half-way leaves every record as it was, also inside."""

    def change(record: Any) -> None:
        record.setdefault("roles", []).append("b")
        if record["xp"] == 200:
            raise LookupError

    before = content(namespace)
    with pytest.raises(LookupError):
        users.update(change)

    assert content(namespace) == before == {
        "users": {ANN: {"xp": 10, "roles": ["a"]}, BOB: {"xp": 200}}
    }  # fmt: skip


def test_what_was_read_is_a_copy(users: Any) -> None:
    """Changing a document that was read changes no record."""
    for document in [users.get(doc_id=ANN), *users.search(Query().xp == 10), *users]:
        document["xp"] = -1
        document.setdefault("roles", []).append("z")

    assert users.all() == [{"xp": 10, "roles": ["a"]}, {"xp": 200}]


def test_upsert_updates_or_inserts(users: Any) -> None:
    """By id or query, a document that is there is updated and one that is not is inserted."""
    assert users.upsert(own(CARL, {"xp": 1})) == [CARL]
    assert users.upsert(own(CARL, {"level": 2})) == [CARL]
    assert users.upsert({"level": 9}, Query().xp == 200) == [BOB]
    (new,) = users.upsert({"xp": 7}, Query().xp == 7)

    assert users.get(doc_id=CARL) == {"xp": 1, "level": 2}
    assert users.get(doc_id=BOB) == {"xp": 200, "level": 9}
    assert users.get(doc_id=new) == {"xp": 7}
    with pytest.raises(ValueError, match="id"):
        users.upsert({"xp": 7})


def test_each_change_is_one_batch_of_what_changed(users: Any, namespace: Namespace) -> None:
    """An upsert of one member is one batch with one record; a change to the same is no batch."""
    before = namespace.read().seq
    users.upsert(own(ANN, {"xp": 11}))
    users.update({"xp": 11}, doc_ids=[ANN])

    (batch,) = namespace.batches(after=before)
    assert [tuple(op) for op in batch.ops] == [("users", ANN, {"xp": 11, "roles": ["a"]})]
    assert (batch.by, batch.cmd) == ("library", "tinydb")


def test_new_documents_get_ids_of_their_own(namespace: Namespace) -> None:
    """Without an id the next number is taken, also twice in one call; a taken id is refused."""
    table: Any = namespace.db.table("notes")
    assert table.insert({"n": 1}) == "1"
    assert table.insert_multiple([{"n": 2}, own("9", {"n": 9}), {"n": 3}]) == [
        "2", "9", "10",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="already exists"):
        table.insert_multiple([{"n": 4}, own("9", {"n": 5})])
    with pytest.raises(ValueError, match="Mapping"):
        table.insert("no document")

    assert [document["n"] for document in table] == [1, 2, 9, 3]


def test_documents_are_removed(users: Any, namespace: Namespace) -> None:
    """By id, by query, or all of them."""
    users.insert(own(CARL, {"xp": 3}))
    assert users.remove(doc_ids=[ANN, "844444444444444444"]) == [ANN]
    assert users.remove(Query().xp == 200) == [BOB]
    assert [left.doc_id for left in users] == [CARL]
    users.truncate()

    assert len(users) == 0
    assert content(namespace) == {}


def test_tables_are_dropped_for_good(users: Any, namespace: Namespace) -> None:
    """Dropping one table, or all, deletes the records for every reader."""
    db = namespace.db
    db.table("config").insert(own("1", {"on": True}))
    db.table("notes").insert({"n": 1})
    assert db.tables() == {"users", "config", "notes"}
    db.drop_table("users")
    assert set(content(namespace)) == {"config", "notes"}
    assert [op[2] for batch in namespace.batches(after=4) for op in batch.ops] == [None, None]
    db.drop_tables()

    assert content(namespace) == {}
    assert db.tables() == set()


def test_a_change_inside_a_transaction_is_refused(users: Any, namespace: Namespace) -> None:
    """A table's change is a transaction of its own, so it cannot be part of another one."""
    with namespace.transaction(ORIGIN) as transaction:
        transaction.put("users", ANN, {"xp": 1})
        with pytest.raises(RuntimeError, match="already open"):
            users.truncate()

    assert users.get(doc_id=ANN) == {"xp": 1}


def test_stock_tinydb_opens_the_snapshot(file_vault: FileVault, data_dir: Path) -> None:
    """After a compaction plain TinyDB reads the same members, with numbers as ids."""
    namespace = on_disk(file_vault)
    users: Any = namespace.db.table("users")
    users.insert(own(ANN, {"xp": 10}))
    users.insert(own(BOB, {"xp": 20, "name": "Bób 🎉"}))
    namespace.compact()

    with TinyDB(path_of(data_dir, ".json"), encoding="utf-8", access_mode="r") as stock:
        found = {str(document.doc_id): dict(document) for document in stock.table("users")}
        assert stock.table("users").get(doc_id=int(BOB)) == {"xp": 20, "name": "Bób 🎉"}
        (meta,) = stock.table("meta").all()

    assert found == {document.doc_id: dict(document) for document in users}
    assert set(meta) == {"schema", "seq", "generation", "lineage", "name", "sum", "crc"}
    assert json.loads(path_of(data_dir, ".json").read_bytes())["meta"]["1"]["seq"] == 2


def test_changes_in_a_transaction_are_one_batch(users: Any, namespace: Namespace) -> None:
    """Within a transaction tables see what it has changed, and all of it becomes its batch."""
    before = namespace.read().seq
    with namespace.transaction(ORIGIN) as transaction:
        inside: Any = transaction.db.table("users")
        inside.update(increment("xp"))
        inside.insert(own(CARL, {"xp": 3}))
        inside.remove(Query().xp == 201)
        assert {found.doc_id: found["xp"] for found in inside} == {ANN: 11, CARL: 3}
        assert transaction.db.tables() == {"users"}
        assert users.get(doc_id=ANN)["xp"] == 10

    (batch,) = namespace.batches(after=before)
    assert {tuple(op[:2]): op[2] for op in batch.ops} == {
        ("users", ANN): {"xp": 11, "roles": ["a"]},
        ("users", CARL): {"xp": 3},
        ("users", BOB): None,
    }
    assert (batch.by, batch.cmd) == (ORIGIN.by, ORIGIN.cmd)


def test_a_failed_transaction_changes_no_table(users: Any, namespace: Namespace) -> None:
    """An exception after a change through a table drops that change."""
    before = content(namespace)
    with pytest.raises(LookupError), namespace.transaction(ORIGIN) as transaction:
        transaction.db.table("users").update({"xp": 0})
        transaction.db.drop_tables()
        raise LookupError

    assert content(namespace) == before


def test_documents_are_replaced_as_a_whole(users: Any, namespace: Namespace) -> None:
    """No field of what stood there is left; what is the same already makes no batch."""
    users.replace({ANN: {"level": 1}, CARL: {"xp": 3}})
    seq = namespace.read().seq
    users.replace({CARL: {"xp": 3}})

    assert content(namespace)["users"] == {ANN: {"level": 1}, BOB: {"xp": 200}, CARL: {"xp": 3}}
    assert namespace.read().seq == seq


def test_a_look_copies_nothing_and_changes_nothing(users: Any, namespace: Namespace) -> None:
    """Tables of a state answer queries with the stored records themselves, and refuse changes."""
    state = namespace.read()
    table: Any = state.table("users")
    (rich,) = table.search(Query().xp > 100)

    assert rich.record is state.records("users")[BOB] and rich.doc_id == BOB
    assert table.get(doc_id=ANN).record == {"xp": 10, "roles": ["a"]}
    assert table.get(doc_id=CARL) is None
    assert [doc_id for _, doc_id in table] == [one.doc_id for one in table.all()] == [ANN, BOB]
    with pytest.raises(TypeError, match="only read"):
        table.remove(doc_ids=[ANN])
    assert len(table) == 2
