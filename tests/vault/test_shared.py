"""What every vault promises, on disk and in memory alike."""

from __future__ import annotations

import datetime
import threading
from typing import Any

import pytest

from robo_xp import RoboXP
from robo_xp.errors import InvalidValue, Refused
from robo_xp.model.events import LevelRepaired, MemberRestored
from robo_xp.vault import Namespace, NamespaceKind, Origin, Vault, check_text
from robo_xp.vault.name import KINDS
from tests.vault.acts import ANN, BOB, CARL, GUILD, NAME, ORIGIN, HandClock, Heard, content, give


def test_a_new_namespace_is_empty_and_does_not_exist(namespace: Namespace) -> None:
    """Before the first commit there are no records, no batches, and nothing to find."""
    assert content(namespace) == {}
    assert namespace.read().seq == 0
    assert list(namespace.batches()) == list(namespace.batches_back()) == []
    assert not namespace.exists()
    assert namespace.compact() is False


def test_a_transaction_becomes_one_batch(namespace: Namespace, clock: HandClock) -> None:
    """All that a transaction did stands in one batch, with author, time, reason and events."""
    with namespace.transaction(ORIGIN) as transaction:
        transaction.reason = "contest"
        transaction.undoes = 7
        transaction.put("users", ANN, {"xp": 1})
        transaction.put("users", BOB, {"xp": 2})
        transaction.delete("users", CARL)
        transaction.event(LevelRepaired(ANN))

    (batch,) = namespace.batches()
    assert batch.seq == transaction.seq == 1
    assert (batch.ts, batch.by, batch.cmd) == (clock.at, "cli:alice", "xp give")
    assert (batch.reason, batch.undoes) == ("contest", 7)
    assert list(batch.raw_events()) == [{"type": "recalc", "userId": ANN}]
    assert [tuple(op) for op in batch.ops] == [
        ("users", ANN, {"xp": 1}),
        ("users", BOB, {"xp": 2}),
        ("users", CARL, None),
    ]
    assert content(namespace) == {"users": {ANN: {"xp": 1}, BOB: {"xp": 2}}}


def test_batches_are_numbered_from_one(namespace: Namespace) -> None:
    """Each commit has the number after that of the one before."""
    assert [give(namespace) for _ in range(3)] == [1, 2, 3]
    assert namespace.read().seq == 3


def test_a_transaction_sees_its_own_changes(namespace: Namespace) -> None:
    """Inside a transaction records are as it would leave them; outside they are as they were."""
    give(namespace, ANN)
    give(namespace, BOB)
    with namespace.transaction(ORIGIN) as transaction:
        transaction.put("users", CARL, {"xp": 3})
        transaction.delete("users", ANN)

        assert transaction.get("users", ANN) is None
        assert transaction.get("users", BOB) == {"xp": 10}
        assert transaction.get("users", CARL) == {"xp": 3}
        assert transaction.get("config", "1") is None
        assert transaction.records("users") == {BOB: {"xp": 10}, CARL: {"xp": 3}}
        assert set(namespace.state.records("users")) == {ANN, BOB}


def test_an_exception_drops_everything(namespace: Namespace, vault: Vault) -> None:
    """After an exception inside the transaction nothing was written and nobody was told."""
    give(namespace)
    heard = Heard()
    vault.listeners.append(heard)
    with pytest.raises(LookupError), namespace.transaction(ORIGIN) as transaction:
        transaction.put("users", ANN, {"xp": 999})
        transaction.event(LevelRepaired(ANN))
        raise LookupError

    assert transaction.seq is None
    assert content(namespace) == {"users": {ANN: {"xp": 10}}}
    assert heard.told == []
    assert give(namespace) == 2


@pytest.mark.parametrize(
    "value", [object(), "\ud800", {(1, 2): 3}], ids=["object", "surrogate", "tuple key"]
)
def test_what_no_journal_can_hold_is_refused_whole(namespace: Namespace, value: Any) -> None:
    """A record that cannot be written as JSON fails the whole batch, and later ones go on."""
    give(namespace)
    with (
        pytest.raises((TypeError, ValueError, OverflowError)),
        namespace.transaction(ORIGIN) as transaction,
    ):
        transaction.put("users", BOB, {"xp": 1})
        transaction.put("users", ANN, {"xp": value})

    assert content(namespace) == {"users": {ANN: {"xp": 10}}}
    assert give(namespace, BOB) == 2


def test_a_record_reads_back_as_json_would(namespace: Namespace) -> None:
    """What readers get has passed through JSON, whoever reads: no tuple, no date stays one."""
    with namespace.transaction(ORIGIN) as transaction:
        transaction.put("users", ANN, {"roles": (1, 2), "on": datetime.date(2024, 11, 21)})

    assert content(namespace) == {"users": {ANN: {"roles": [1, 2], "on": "2024-11-21"}}}


def test_a_record_is_safe_from_later_changes(namespace: Namespace) -> None:
    """Changing an object after it was committed changes no record."""
    record = {"roles": ["a"]}
    with namespace.transaction(ORIGIN) as transaction:
        transaction.put("users", ANN, record)
    record["roles"].append("b")

    assert content(namespace) == {"users": {ANN: {"roles": ["a"]}}}


def test_an_empty_transaction_writes_nothing(namespace: Namespace) -> None:
    """Without changes and events there is no batch; a reason alone is none."""
    with namespace.transaction(ORIGIN) as transaction:
        transaction.reason = "just looking"

    assert transaction.batch is None
    assert list(namespace.batches()) == []


def test_events_alone_make_a_batch(namespace: Namespace) -> None:
    """An event without a changed record is kept as well."""
    with namespace.transaction(ORIGIN) as transaction:
        transaction.event(MemberRestored(ANN, 5))

    assert [list(batch.raw_events()) for batch in namespace.batches()] == [
        [{"type": "memberRestore", "userId": ANN, "xp": 5}]
    ]


def test_a_dry_run_writes_nothing(namespace: Namespace, vault: Vault) -> None:
    """A dry run sees its own changes and leaves no batch, no record and no event."""
    give(namespace)
    heard = Heard()
    vault.listeners.append(heard)
    with namespace.transaction(ORIGIN, dry_run=True) as transaction:
        transaction.put("users", ANN, {"xp": 999})
        transaction.event(LevelRepaired(ANN))
        assert transaction.get("users", ANN) == {"xp": 999}

    assert transaction.seq is None
    assert content(namespace) == {"users": {ANN: {"xp": 10}}}
    assert heard.told == []


def test_a_dry_run_can_go_on_inside_a_transaction(namespace: Namespace) -> None:
    """A dry run takes no lock, so it does not disturb the transaction that is open."""
    with namespace.transaction(ORIGIN) as transaction:
        with namespace.transaction(ORIGIN, dry_run=True) as dry:
            dry.put("users", ANN, {"xp": 5})
        transaction.put("users", BOB, {"xp": 1})

    assert content(namespace) == {"users": {BOB: {"xp": 1}}}


def test_a_transaction_in_a_transaction_is_refused(namespace: Namespace) -> None:
    """A second transaction of the same namespace in one thread fails, and the first goes on."""
    with namespace.transaction(ORIGIN) as transaction:
        transaction.put("users", ANN, {"xp": 1})
        with pytest.raises(RuntimeError, match="already open"), namespace.transaction(ORIGIN):
            pass

    assert content(namespace) == {"users": {ANN: {"xp": 1}}}
    assert give(namespace) == 2


def test_the_vaults_own_table_cannot_be_written(namespace: Namespace) -> None:
    """The table that snapshots keep for themselves is refused, since it would be lost."""
    with pytest.raises(ValueError, match="meta"), namespace.transaction(ORIGIN) as transaction:
        transaction.put("meta", "1", {"cursor": 3})

    assert list(namespace.batches()) == []


def test_listeners_hear_of_a_batch_after_its_commit(vault: Vault, namespace: Namespace) -> None:
    """When a listener is called the batch is stored and the lock is free."""
    seen: list[tuple[str, int, Any]] = []

    def listener(name: str, batch: Any) -> None:
        seen.append((name, batch.seq, namespace.read().records("users")[ANN]["xp"]))
        if batch.seq == 1:
            give(namespace)

    vault.listeners.append(listener)
    give(namespace)

    assert seen == [(NAME, 1, 10), (NAME, 2, 20)]


def test_a_listener_that_fails_does_not_fail_the_commit(
    vault: Vault, namespace: Namespace, caplog: pytest.LogCaptureFixture
) -> None:
    """The commit stands, the other listeners are called, and the failure is in the log."""

    def failing(name: str, batch: Any) -> None:
        raise LookupError("broken listener")

    heard, also_heard = Heard(), Heard()
    vault.listeners += [failing, heard]
    namespace.listeners[:0] = [failing]
    namespace.listeners.append(also_heard)

    assert give(namespace) == 1
    assert [name for name, _ in heard.told] == [name for name, _ in also_heard.told] == [NAME]
    assert "broken listener" in caplog.text


def test_history_reads_in_both_directions(namespace: Namespace) -> None:
    """``batches`` starts after a number, oldest first; ``batches_back`` at the newest."""
    for _ in range(5):
        give(namespace)

    assert [batch.seq for batch in namespace.batches()] == [1, 2, 3, 4, 5]
    assert [batch.seq for batch in namespace.batches(after=3)] == [4, 5]
    assert [batch.seq for batch in namespace.batches(after=5)] == []
    assert [batch.seq for batch in namespace.batches(after=9)] == []
    assert [batch.seq for batch in namespace.batches_back()] == [5, 4, 3, 2, 1]


def test_changed_ids_are_collected_until_they_are_taken(namespace: Namespace) -> None:
    """A collector starts with everything, then names each changed or deleted id once."""
    give(namespace, ANN)
    changes = namespace.read().track("users")
    assert changes.take() == (True, set())

    give(namespace, ANN)
    give(namespace, BOB)
    with namespace.transaction(ORIGIN) as transaction:
        transaction.delete("users", BOB)
        transaction.put("config", "1", {"theme": "dark"})

    assert changes.take() == (False, {ANN, BOB})
    assert changes.take() == (False, set())


def test_a_table_has_a_new_version_when_it_changed(namespace: Namespace) -> None:
    """The version of a table changes with its own records only."""
    give(namespace)
    users, config = namespace.read().version("users"), namespace.read().version("config")
    give(namespace)

    assert namespace.read().version("users") != users
    assert namespace.read().version("config") == config


def test_a_vault_lists_what_exists(vault: Vault) -> None:
    """Names are sorted, of one kind or of all, and of namespaces with a commit only."""
    names = [f"xp/{store}/{GUILD}" for store in ("default", "rep")]
    names += [f"giveaways/{GUILD}", f"names/{GUILD}", "global"]
    for name in names:
        give(vault.namespace(name))
    vault.namespace(f"xp/empty/{GUILD}").read()

    assert vault.names() == sorted(names)
    assert vault.names("xp") == [f"xp/default/{GUILD}", f"xp/rep/{GUILD}"]
    assert vault.stores_of(GUILD) == vault.names("xp")
    assert vault.stores_of(ANN) == []
    assert vault.names("names") == [f"names/{GUILD}"]
    assert vault.names("global") == ["global"]
    assert vault.names("cursors") == []


def test_each_change_is_seen_once(vault: Vault, also: Vault) -> None:
    """New namespaces and new batches show at the next look from a cursor, and only there."""
    one, two = f"xp/default/{GUILD}", f"xp/rep/{GUILD}"
    look = also.changes("xp")
    assert look.changed == []
    give(vault.namespace(one))
    give(vault.namespace("global"))
    first = also.changes("xp", look)
    assert first.changed == [one]
    assert also.changes("xp", first).changed == []
    give(vault.namespace(two))
    give(vault.namespace(one))
    second = also.changes("xp", first)
    assert sorted(second.changed) == [one, two]
    give(vault.namespace(two))
    assert also.changes("xp", second).changed == [two]
    assert sorted(also.changes("xp", look).changed) == [one, two]


@pytest.mark.parametrize("kind", ["global", "cursors"])
def test_a_namespace_that_is_alone_of_its_kind_is_looked_at(
    vault: Vault, also: Vault, kind: NamespaceKind
) -> None:
    """Such a namespace is seen when it comes to be, and when it changes."""
    look = also.changes(kind)
    give(vault.namespace(kind))
    look = also.changes(kind, look)
    assert look.changed == [kind]
    give(vault.namespace(kind))

    assert also.changes(kind, look).changed == [kind]


def test_usage_adds_up_by_kind(vault: Vault) -> None:
    """What the namespaces of a kind take comes to what each of them says itself."""
    names = [f"xp/{store}/{GUILD}" for store in ("default", "rep")]
    for name in [*names, "global"]:
        for _ in range(2):
            give(vault.namespace(name))
            vault.namespace(name).compact()
    sizes = [vault.namespace(name).sizes() for name in names]
    found = vault.usage()

    assert list(found) == list(KINDS)
    assert (found["xp"].namespaces, found["global"].namespaces) == (2, 1)
    assert found["xp"].sizes.total == sum(size.total for size in sizes) > 0
    assert found["xp"].sizes.archive == sum(size.archive for size in sizes)
    assert found["giveaways"].namespaces == 0


def test_nothing_expires_before_its_time(vault: Vault) -> None:
    """What was committed and folded just now is kept."""
    give(vault.namespace(NAME))
    vault.namespace(NAME).compact()

    assert vault.expire() == 0
    assert [batch.seq for batch in vault.namespace(NAME).batches()] == [1]


def test_a_vault_has_care_where_its_engine_offers_it(address: str, clock: HandClock) -> None:
    """What checks and repairs files is there for files; other vaults refuse, and are whole."""
    with RoboXP.open(address, clock=clock) as robo:
        robo.xp.add(GUILD, ANN, 5)
        if robo.vault.care is None:
            with pytest.raises(Refused, match="no files"):
                robo.maintenance.check()
        else:
            assert robo.maintenance.check().damaged == []


@pytest.mark.parametrize(
    "name", ["", "xp", f"xp/A/{GUILD}", f"xp/../{GUILD}", "xp/default/1", f"{NAME}\n", "globals"]
)
def test_a_wrong_name_is_no_namespace(vault: Vault, name: str) -> None:
    """Names that could leave the folder, or mean nothing, are refused."""
    with pytest.raises(InvalidValue, match="no name"):
        vault.namespace(name)


def test_a_vault_goes_on_after_close(vault: Vault, namespace: Namespace) -> None:
    """The same namespace objects work after the vault was closed; nothing is forgotten."""
    give(namespace)
    vault.close()
    give(namespace)
    give(vault.namespace(NAME))

    assert content(namespace) == content(vault.namespace(NAME)) == {"users": {ANN: {"xp": 30}}}


def test_closing_inside_a_transaction_is_refused(namespace: Namespace, vault: Vault) -> None:
    """A vault cannot be closed by the thread that is writing to it."""
    with namespace.transaction(ORIGIN) as transaction:
        with pytest.raises(RuntimeError, match="already open"):
            vault.close()
        with pytest.raises(RuntimeError, match="already open"):
            namespace.compact()
        transaction.put("users", ANN, {"xp": 1})

    assert content(namespace) == {"users": {ANN: {"xp": 1}}}


def test_threads_do_not_lose_updates(namespace: Namespace) -> None:
    """Four threads that add to one record through one handle come to the exact sum."""

    def run() -> None:
        for _ in range(50):
            give(namespace, ANN, 1)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert content(namespace) == {"users": {ANN: {"xp": 200}}}
    assert [batch.seq for batch in namespace.batches()] == list(range(1, 201))


def test_a_clock_that_goes_back_changes_times_only(namespace: Namespace, clock: HandClock) -> None:
    """Batches keep their order whatever the clock says."""
    give(namespace)
    clock.at -= 3_600_000
    give(namespace)

    first, second = namespace.batches()
    assert (first.seq, second.seq) == (1, 2)
    assert first.ts - second.ts == 3_600_000


def test_an_origin_is_a_value() -> None:
    """Two origins with the same words are equal."""
    assert Origin("cli:alice", "xp give") == ORIGIN


@pytest.mark.parametrize("text", [None, "", "a" * 10, "ünïcode 🎉"])
def test_text_that_fits_is_passed_on(text: str | None) -> None:
    """Text up to the limit comes back unchanged."""
    assert check_text(text, "reason", 10) == text


@pytest.mark.parametrize(("text", "said"), [("a" * 11, "11 characters"), ("a\ud800", "position 1")])
def test_text_that_cannot_be_stored_is_refused(text: str, said: str) -> None:
    """Text over the limit, or with half a character, is refused with the number."""
    with pytest.raises(InvalidValue, match=said):
        check_text(text, "reason", 10)
