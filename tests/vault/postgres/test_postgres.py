"""What a vault on PostgreSQL promises beyond what every vault does."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import ExitStack, suppress

import psycopg
import pytest

from robo_xp import RoboXP
from robo_xp.errors import RoboXPError, VaultBusy, VaultDamaged, VaultUnavailable
from robo_xp.model import Message, Post
from robo_xp.vault import Origin
from robo_xp.vault.engines import open_vault
from robo_xp.vault.migrations import Migrations
from robo_xp.vault.port import VaultOptions
from robo_xp.vault.postgres.connections import Connections, Lost, drop
from robo_xp.vault.postgres.trip import Connection, Rows, Statement
from robo_xp.vault.postgres.vault import PostgresVault
from robo_xp.vault.state import Remote, Tables
from tests.vault.acts import ANN, BOB, GUILD, NAME, ORIGIN, HandClock, content, give
from tests.vault.postgres.conftest import Opened

DAY = 86_400_000


def admin(address: str, text: str) -> list[tuple[object, ...]]:
    """The rows of a statement that an operator runs, in the vault's own schema."""
    place, _, schema = address.partition("&schema=")
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute(f"set search_path = {schema}".encode())
        cursor = connection.execute(text.encode())
        return cursor.fetchall() if cursor.description else []


def cut(address: str, name: str = "robo-xp") -> None:
    """Cut all connections of programs whose name begins so."""
    those = f"from pg_stat_activity where application_name like '{name}%'"
    admin(address, f"select pg_terminate_backend(pid) {those}")


def test_reading_makes_no_tables(postgres: PostgresVault) -> None:
    """Who only looks at an empty database leaves it empty; the first commit makes the tables."""
    assert postgres.namespace(NAME).read().seq == 0
    assert postgres.format is None
    give(postgres.namespace(NAME))

    assert postgres.format == 2


def test_fifty_awards_of_a_guild_take_three_round_trips(
    postgresql_address: str, clock: HandClock
) -> None:
    """A transaction asks twice, and reads the defaults of all guilds only when they changed."""
    sent = [
        Post(f"8000000000000{n:05}", Message("300000000000000001", None, None, (), clock.at))
        for n in range(50)
    ]
    with RoboXP.open(postgresql_address, clock=clock) as robo:
        robo.config.set_global({"xpRate": 1.5})
        robo.xp.add(GUILD, ANN, 1)
        vault = robo.vault
        assert isinstance(vault, PostgresVault)
        before = vault.connections.round_trips
        awards = robo.xp.award_many(GUILD, sent)

        assert vault.connections.round_trips - before <= 3
        assert len(awards) == len(vault.namespace(NAME).read().records("users")) - 1 == 50


def test_a_busy_namespace_names_who_holds_it(opened: Opened) -> None:
    """Who waits for a lock too long is told which program has it, and its process on the server."""
    holder, waiter = opened(), opened(lock_wait=0.2)
    give(holder.namespace(NAME))
    with holder.namespace(NAME).transaction(ORIGIN):
        with pytest.raises(VaultBusy, match=r"not free within 0.2 s; robo-xp \d+ on .* \(server"):
            give(waiter.namespace(NAME))

    assert give(waiter.namespace(NAME)) == 2


def test_a_connection_that_was_idle_may_be_cut(
    postgres: PostgresVault, postgresql_address: str
) -> None:
    """After a restart of the server the next change and the next look work as if nothing was."""
    namespace = postgres.namespace(NAME)
    give(namespace)
    cut(postgresql_address)
    assert content(namespace) == {"users": {ANN: {"xp": 10}}}
    cut(postgresql_address)

    assert give(namespace) == 2


def test_a_connection_cut_inside_a_transaction_loses_nothing(
    postgres: PostgresVault, postgresql_address: str
) -> None:
    """The batch is committed on another connection, once, when nobody wrote meanwhile."""
    namespace = postgres.namespace(NAME)
    for _ in range(2):
        with namespace.transaction(ORIGIN) as transaction:
            transaction.put("users", ANN, {"xp": 5})
            cut(postgresql_address)

    assert [batch.seq for batch in namespace.batches()] == [1, 2]
    assert content(namespace) == {"users": {ANN: {"xp": 5}}}


def test_a_lost_commit_that_was_kept_is_not_repeated(
    postgres: PostgresVault, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the server committed and only its answer was lost, the batch is there once."""
    namespace = postgres.namespace(NAME)
    give(namespace)
    run = postgres.connections.run

    def answer_lost(connection: Connection, *statements: Statement) -> list[Rows]:
        rows = run(connection, *statements)
        if statements[-1][0] == "commit":
            monkeypatch.setattr(postgres.connections, "run", run)
            drop(connection)
            raise Lost
        return rows

    monkeypatch.setattr(postgres.connections, "run", answer_lost)

    assert give(namespace) == 2
    assert [batch.seq for batch in opened().namespace(NAME).batches()] == [1, 2]
    assert content(namespace) == content(opened().namespace(NAME)) == {"users": {ANN: {"xp": 20}}}


def test_a_cut_transaction_is_not_repeated_over_another_writer(
    opened: Opened, postgresql_address: str
) -> None:
    """What was decided on a state that is no more is refused, and nothing of it is kept."""
    one, two = opened(), opened()
    give(one.namespace(NAME))
    with pytest.raises(VaultBusy, match="another program wrote"):
        with one.namespace(NAME).transaction(ORIGIN) as transaction:
            transaction.put("users", ANN, {"xp": 999})
            cut(postgresql_address)
            give(two.namespace(NAME))

    assert content(one.namespace(NAME)) == {"users": {ANN: {"xp": 20}}}


def test_handles_see_each_others_batches(opened: Opened) -> None:
    """A handle catches up with what another committed, also over days that are gone."""
    one, two = opened(), opened()
    give(one.namespace(NAME))
    assert content(two.namespace(NAME)) == {"users": {ANN: {"xp": 10}}}
    give(one.namespace(NAME), BOB)
    give(two.namespace(NAME))

    assert content(one.namespace(NAME)) == {"users": {ANN: {"xp": 20}, BOB: {"xp": 10}}}


def test_days_that_were_kept_long_enough_are_dropped(opened: Opened, clock: HandClock) -> None:
    """Batches go by the day, records stay; a handle that was behind goes on from the records."""
    one, two = opened(archive_days=1), opened()
    give(one.namespace(NAME))
    assert two.namespace(NAME).read().seq == 1
    clock.at += DAY
    give(one.namespace(NAME))
    clock.at += 2 * DAY
    assert one.expire() == 1
    give(one.namespace(NAME))

    assert [batch.seq for batch in one.namespace(NAME).batches()] == [3]
    assert content(two.namespace(NAME)) == {"users": {ANN: {"xp": 30}}}
    assert one.expire() == 0


def test_a_clock_that_is_ahead_drops_no_day(opened: Opened, clock: HandClock) -> None:
    """A day goes once the server's clock agrees, whatever that of one machine says."""
    vault, clock.at = opened(archive_days=30), time.time_ns() // 1_000_000
    give(vault.namespace(NAME))
    clock.at += 400 * DAY
    give(vault.namespace(NAME))

    assert vault.expire() == 0
    assert [batch.seq for batch in vault.namespace(NAME).batches()] == [1, 2]


def test_many_members_stay_on_the_server(opened: Opened, clock: HandClock) -> None:
    """From a number of members on, records are read singly, and every rank is what it was."""
    ids = [f"8{n:017}" if n % 3 else f"8{n:018}" for n in range(300)]
    xps = [(n * 7919) % 40 * (1 + n % 11) for n in range(300)]
    warm, cold = opened(), opened(cold_from=20)
    with warm.namespace(NAME).transaction(ORIGIN) as transaction:
        transaction.put("config", "1", {"cooldownSeconds": 30})
        for user_id, xp in zip(ids, xps, strict=True):
            transaction.put("users", user_id, {"xp": xp})
    expected = sorted(
        ((xp, user_id) for xp, user_id in zip(xps, ids, strict=True) if xp),
        key=lambda one: (-one[0], int(one[1])),
    )
    assert warm.namespace(NAME).board() is None
    board = cold.namespace(NAME).board()
    assert board is not None

    assert len(board) == len(expected)
    assert [board.position(user_id) for _, user_id in expected] == list(range(len(expected)))
    for offset in (0, 7, 150, len(expected) - 3, len(expected) + 5):
        assert board.cut(offset, 10) == expected[offset : offset + 10]


def test_what_an_unfinished_transaction_writes_comes_with_a_later_look(
    postgres: PostgresVault, postgresql_address: str
) -> None:
    """Also where later transactions have come to their end before it, and none began since."""
    give(postgres.namespace(NAME))
    place, _, schema = postgresql_address.partition("&schema=")
    look = postgres.changes("xp")
    with psycopg.connect(place) as slow:
        changed = "seq = seq + 1, changed = pg_current_xact_id()"
        slow.execute(f"update {schema}.namespace set {changed}".encode())
        admin(postgresql_address, "select pg_current_xact_id()")
        look = postgres.changes("xp", look)
        assert look.changed == postgres.changes("xp", look).changed == []
        slow.commit()

    assert postgres.changes("xp", look).changed == [NAME]


def test_each_large_table_stays_on_the_server_whole(opened: Opened) -> None:
    """What stands before and after a large table is read, and nothing is missing."""
    warm, cold = opened(), opened(cold_from=5)
    with warm.namespace(NAME).transaction(ORIGIN) as transaction:
        for table, count in (("config", 1), ("marks", 9), ("names", 5), ("users", 8), ("z", 2)):
            for n in range(count):
                transaction.put(table, str(n), {"xp": n})
    state = cold.namespace(NAME).read()

    assert {name for name, table in state.tables.items() if isinstance(table, Remote)} == {
        "marks",
        "users",
    }
    assert content(cold.namespace(NAME)) == content(warm.namespace(NAME))


def test_many_records_of_a_large_table_are_read_at_once(opened: Opened) -> None:
    """What is foreseen takes one question, whether the records are there or not."""
    ids = [f"8{n:017}" for n in range(9)]
    warm, cold = opened(), opened(cold_from=3)
    for user_id in ids[:7]:
        give(warm.namespace(NAME), user_id)
    with cold.namespace(NAME).transaction(ORIGIN) as transaction:
        before = cold.connections.round_trips
        transaction.foresee(ids, "users")
        found = [transaction.get("users", user_id) for user_id in ids]

        assert cold.connections.round_trips - before == 1
    assert found == [{"xp": 10}] * 7 + [None] * 2


def test_a_cold_handle_writes_and_reads_like_a_warm_one(opened: Opened) -> None:
    """Records that are read singly follow what this and other handles commit."""
    warm, cold = opened(), opened(cold_from=3)
    ids = [f"8{n:017}" for n in range(9)]
    for user_id in ids:
        give(warm.namespace(NAME), user_id)
    give(cold.namespace(NAME), ids[8], 5)
    give(warm.namespace(NAME), ids[7], 7)
    with cold.namespace(NAME).transaction(ORIGIN) as transaction:
        transaction.delete("users", ids[6])
    users = cold.namespace(NAME).read().records("users")

    assert [users.get(ids[n], {}).get("xp") for n in (5, 6, 7, 8)] == [10, None, 17, 15]
    assert content(cold.namespace(NAME)) == content(warm.namespace(NAME))
    assert len(users) == 8


def test_a_line_that_was_changed_is_damage(opened: Opened, postgresql_address: str) -> None:
    """A line that is not as it was written is told as damage, never read as missing."""
    give(opened().namespace(NAME))
    admin(
        postgresql_address,
        "update batch set line = replace(convert_from(line, 'utf8'), '10', '90')::bytea",
    )

    with pytest.raises(VaultDamaged, match="not as it was written"):
        list(opened().namespace(NAME).batches())


def test_tables_of_a_later_version_are_refused(opened: Opened, postgresql_address: str) -> None:
    """A program does not touch what it does not know; it says to upgrade."""
    give(opened().namespace(NAME))
    admin(postgresql_address, "update version set version = 99")

    with pytest.raises(VaultUnavailable, match="tables of version 99"):
        opened()


def test_records_reach_a_new_schema_in_one_step(opened: Opened) -> None:
    """A reader sees the new shape, the first writer stores it, and open handles reload."""

    def rename(name: str, tables: Tables) -> None:
        for doc_id, record in tables.get("users", {}).items():
            tables["users"][doc_id] = {"points": record["xp"]}

    two = Migrations(current=2, steps={2: rename})
    give(opened().namespace(NAME))
    migrated = opened(migrations=two).namespace(NAME)
    assert content(migrated) == {"users": {ANN: {"points": 10}}}
    with migrated.transaction(ORIGIN) as transaction:
        transaction.put("config", "1", {})

    assert content(opened(migrations=two).namespace(NAME)) == content(migrated)
    with pytest.raises(VaultUnavailable, match="schema 2"):
        opened().namespace(NAME).read()


def test_many_handles_may_make_the_tables_at_once(opened: Opened) -> None:
    """Eight programs that start together on an empty database all commit."""
    vaults = [opened() for _ in range(8)]
    threads = [
        threading.Thread(target=give, args=(vault.namespace(NAME), ANN, 1)) for vault in vaults
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert content(vaults[0].namespace(NAME)) == {"users": {ANN: {"xp": 8}}}
    assert [batch.seq for batch in vaults[0].namespace(NAME).batches()] == list(range(1, 9))


def test_a_server_that_is_not_there_is_named(tmp_path: object) -> None:
    """The error says which vault cannot be reached, and what to look at."""
    options = VaultOptions(clock=HandClock(), lock_wait=0.1)
    with pytest.raises(VaultUnavailable, match="postgresql:///db cannot be reached") as told:
        open_vault(f"postgresql:///db?host={tmp_path}", options)

    assert "server runs" in told.value.advice


@pytest.mark.parametrize(
    ("durability", "set_to"), [("batch", "on"), ("interval", "off"), ("os", "off")]
)
def test_durability_is_the_servers_own(opened: Opened, durability: str, set_to: str) -> None:
    """``batch`` waits for the server's disk; the others do not."""
    vault = opened(durability=durability)
    namespace = vault.namespace(NAME)
    give(namespace)
    with namespace.transaction(Origin("test", "look")):
        held = namespace._held  # type: ignore[attr-defined]  # the connection in question
        (row,) = held.execute("show synchronous_commit").fetchall()

    assert row == (set_to,)
    vault.sync()


def test_hidden_members_in_tables_of_before(opened: Opened, postgresql_address: str) -> None:
    """Where they were ranked and counted, the step to the tables of now takes them off."""
    with RoboXP.open(postgresql_address) as robo:
        robo.xp.set(GUILD, ANN, 900)
        robo.members.hide(GUILD, [ANN])
        robo.xp.set(GUILD, BOB, 5)
    admin(postgresql_address, f"update doc set xp = 900 where id = '{ANN}'")
    admin(postgresql_address, "update bucket set n = 1 where b > 256")
    admin(postgresql_address, "alter table doc drop column b")  # and its index
    admin(postgresql_address, "create index doc_board on doc (ns, xp desc) where xp > 0")
    admin(postgresql_address, "update version set version = 1")
    vault = opened(cold_from=0)
    give(vault.namespace(NAME))
    board = vault.namespace(NAME).board()

    assert board is not None
    assert ([user_id for _, user_id in board.cut(0, 5)], len(board)) == ([BOB], 1)


class Cut(Exception):
    """The program ends here."""


@pytest.mark.parametrize("how", ["killed", "cut before", "cut after"])
def test_a_store_is_renamed_as_a_whole_or_not_at_all(
    postgresql_address: str, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Wherever the program ends, or its connection is cut, both stores have changed or neither,
    and what is said is what is so.
    """
    run, at, left, figures = Connections.run, 0, 0, set[str]()
    source, target = f"xp/a/{GUILD}", f"xp/b/{GUILD}"
    with RoboXP.open(postgresql_address) as robo:
        robo.xp.add(GUILD, ANN, 7, store="a")

    def one(self: Connections, connection: Connection, *statements: Statement) -> list[Rows]:
        nonlocal left
        left -= 1
        if left == 0 and how == "killed":
            raise Cut
        if left == 0 and how == "cut before":
            drop(connection)
        found = run(self, connection, *statements)
        if left == 0 and how == "cut after":
            drop(connection)
            raise Lost
        return found

    while True:
        at, left = at + 1, at + 1
        with RoboXP.open(postgresql_address) as robo, monkeypatch.context() as patch:
            patch.setattr(Connections, "run", one)
            try:
                robo.stores.rename(GUILD, "a", "b")
                said = "done"
            except (Cut, RoboXPError):
                said = "failed"
        with RoboXP.open(postgresql_address) as robo:
            stand = [
                len(robo.vault.namespace(name).read().records("users")) for name in (source, target)
            ]
            assert stand == ([0, 1] if said == "done" else [1, 0]), (at, said)
            assert robo.maintenance.check().damaged == []
            if said == "done":
                robo.stores.rename(GUILD, "b", "a")
        figures.add(said)
        if left > 0:
            break

    assert at > 5 and "done" in figures and (how != "killed" or "failed" in figures)


def test_levels_follow_a_global_curve_after_any_end(
    postgresql_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever a program ends that changes the curve of all, the next one leaves all stores on
    the curve that holds, and says so where it had work to do.
    """
    stores, run, told = ("a", "b"), Connections.run, set[bool]()
    at, left, holds = 0, 0, 100
    with RoboXP.open(postgresql_address) as robo:
        for store in stores:
            robo.xp.add(GUILD, ANN, 1_000, store=store)
        robo.curves.set(None, {"type": "linear", "params": {"xpPerLevel": 100}})

    def one(self: Connections, connection: Connection, *statements: Statement) -> list[Rows]:
        nonlocal left
        left -= 1
        if left <= 0:
            raise Cut
        return run(self, connection, *statements)

    while left <= 0:
        at, left = at + 1, at + 1
        curve = {"type": "linear", "params": {"xpPerLevel": 100 + at}}
        with RoboXP.open(postgresql_address) as robo, monkeypatch.context() as patch:
            patch.setattr(Connections, "run", one)
            with suppress(Cut):
                robo.curves.set(None, curve)
        with RoboXP.open(postgresql_address) as robo:
            per_level = robo.config.get_global()["levels"]["params"]["xpPerLevel"]
            assert per_level in (100 + at, holds)
            holds = per_level
            levels = {robo.xp.level(GUILD, ANN, store=store) for store in stores}
            assert levels == {1_000 // per_level}, at
            told.add(bool(robo.taken_up))
        with RoboXP.open(postgresql_address) as robo:
            assert robo.taken_up == ()

    assert at > 8 and told == {True, False}


def test_a_change_of_the_curve_under_way_is_left_alone(postgresql_address: str) -> None:
    """While one program lets levels follow, another neither does so too nor waits; and who
    changes the curve meanwhile is told to try again.
    """
    address = postgresql_address
    with RoboXP.open(address) as first, first.vault.following() as follow_up:
        follow_up.begin(ORIGIN)
        with first.vault.namespace(NAME).transaction(ORIGIN) as transaction:
            transaction.put("users", ANN, {"xp": 1_000, "level": 0})  # it has yet to follow
        with RoboXP.open(address, lock_wait=0.2) as second:
            assert second.taken_up == ()
            with pytest.raises(VaultBusy), second.vault.following() as other:
                other.begin(ORIGIN)
    with RoboXP.open(address) as third:
        assert len(third.taken_up) == 1


def test_two_renames_that_cross_wait_for_each_other(postgresql_address: str) -> None:
    """Neither hangs: one comes first, and the other finds what it left."""
    with RoboXP.open(postgresql_address) as robo:
        robo.xp.add(GUILD, ANN, 7, store="a")
        robo.xp.add(GUILD, BOB, 7, store="b")

    def go(source: str, target: str) -> None:
        with RoboXP.open(postgresql_address) as robo:
            for _ in range(5):
                with suppress(RoboXPError):
                    robo.stores.rename(GUILD, source, target)

    threads = [threading.Thread(target=go, args=args) for args in (("a", "c"), ("c", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with RoboXP.open(postgresql_address) as robo:
        total = sum(robo.xp.get(GUILD, ANN, store=one) for one in ("a", "c"))
        assert (total, robo.maintenance.check().damaged) == (7, [])


def test_a_silent_server_is_given_up_in_seconds(opened: Opened, postgresql_address: str) -> None:
    """A machine that went without a word does not hold a connection for hours, unless the address
    says for how long it may be silent.
    """
    for asked, (name, value) in (
        ("", ("tcp_user_timeout", "5000")),
        ("", ("keepalives_idle", "3")),
        ("&tcp_user_timeout=77&connect_timeout=4", ("tcp_user_timeout", "77")),
        ("&tcp_user_timeout=77&connect_timeout=4", ("connect_timeout", "4")),
    ):
        vault = PostgresVault(postgresql_address + asked)
        with vault.connections.taken() as connection:
            assert connection.info.get_parameters()[name] == value
        vault.close()


def test_a_host_that_does_not_answer_costs_two_seconds(postgresql_address: str) -> None:
    """Of several hosts the next one is asked then, well before the time for locks is over."""
    place, _, rest = postgresql_address.partition("?host=")
    folder, _, options = rest.partition("&")
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf, ExitStack() as stack:
        name = deaf.getsockname()
        while True:  # once its queue is full, nobody who knocks hears anything
            knocking = stack.enter_context(socket.socket())
            knocking.settimeout(0.2)
            try:
                knocking.connect(name)
            except TimeoutError:
                break
        address = f"{place}?host=127.0.0.1,{folder}&port={name[1]},5432&{options}"
        began = time.monotonic()
        vault = PostgresVault(address)
        give(vault.namespace(NAME))
        took = time.monotonic() - began
        vault.close()

    assert 1.5 < took < 5.0


def test_what_may_be_made_twice_survives_a_cut(
    opened: Opened, postgresql_address: str, clock: HandClock
) -> None:
    """Tables of a new day are made, and old ones dropped, though the connection was cut."""
    vault = opened(archive_days=1)
    give(vault.namespace(NAME))
    for _ in range(3):
        clock.at += DAY
        cut(postgresql_address)
        give(vault.namespace(NAME))
    cut(postgresql_address)

    assert vault.expire() == 1
    assert [batch.seq for batch in vault.namespace(NAME).batches()] == [3, 4]
