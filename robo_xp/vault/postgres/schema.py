"""The tables on the server: their version, and the steps that lead to it. Forward only.

Each step runs in one transaction, with the row of the version locked, so that many programs may
start at once. A day's batches stand in a partition of their own, made before they are written.
"""

from __future__ import annotations

from typing import Final

import psycopg
from psycopg import errors

from robo_xp.errors import VaultUnavailable
from robo_xp.vault.postgres.connections import Connections
from robo_xp.vault.postgres.trip import Connection

DAY_MS: Final = 86_400_000
SINGLE: Final = 256
"""Totals below it are each counted by itself, since most members are there."""

_VERSIONS: Final = """
do $$ begin
    if to_regnamespace('{s}') is null then create schema {s}; end if;
end $$;
create table if not exists {s}.version (
    one boolean primary key check (one), version int not null, moved_to text);
insert into {s}.version (one, version) values (true, 0) on conflict do nothing;
"""

STEPS: Final[tuple[str, ...]] = (
    """
    create table {s}.namespace (
        id int generated always as identity primary key,
        name text collate "C" not null unique,
        kind text collate "C" not null,
        seq bigint not null default 0,
        generation bigint not null default 0,
        schema int not null,
        lineage text not null,
        changed xid8 not null default pg_current_xact_id()
    ) with (fillfactor = 50);
    create table {s}.doc (
        ns int not null,
        tab text collate "C" not null,
        id text collate "C" not null,
        xp bigint,
        body bytea not null,
        primary key (ns, tab, id)
    ) with (fillfactor = 80);
    create index doc_board on {s}.doc (ns, xp desc, length(id), id) where xp > 0;
    create table {s}.batch (
        ns int not null,
        seq bigint not null,
        day int not null,
        ts bigint not null,
        line bytea not null,
        primary key (ns, seq, day)
    ) partition by list (day);
    create table {s}.bucket (ns int, b bigint, n bigint not null, primary key (ns, b));
    create table {s}.lease (
        kind text collate "C",
        key text collate "C",
        holder text not null,
        token bigint not null,
        expires timestamptz not null,
        primary key (kind, key)
    );
    """,
    # who is hidden stands on no board, and is counted in no bucket
    """
    update {s}.doc set xp = null where tab = 'users' and xp > 0
        and coalesce(convert_from(body, 'UTF8')::json ->> 'hidden', '') not in ('', '0', 'false');
    delete from {s}.bucket;
    insert into {s}.bucket
        select ns, xp / 256, count(*) from {s}.doc where xp > 0 group by 1, 2;
    """,
    # quicker where the server has it; lines that are there stay as they are
    """
    do $$ begin
        alter table {s}.batch alter column line set compression lz4;
    exception when feature_not_supported or invalid_parameter_value then null;
    end $$;
    """,
    # of many who wrote a few messages each total is counted by itself
    """
    delete from {s}.bucket;
    insert into {s}.bucket
        select ns, case when xp < 256 then xp else xp / 256 + 255 end, count(*)
        from {s}.doc where xp > 0 group by 1, 2;
    """,
    # a few hundred members share a bucket, and most awards of those who have much leave them
    # where they are, so that no index is written to
    """
    drop index {s}.doc_board;
    alter table {s}.doc add column b bigint;
    alter table {s}.doc alter column b type bigint using case when xp between 1 and 255 then xp
        when xp > 255 then (length(ltrim(xp::bit(64)::text, '0')) - 7) * 64
            + (xp >> (length(ltrim(xp::bit(64)::text, '0')) - 7)) + 64 end;
    create index doc_board on {s}.doc (ns, b desc, length(id), id) where b is not null;
    delete from {s}.bucket;
    insert into {s}.bucket
        select ns, b, count(*) from {s}.doc where b is not null group by 1, 2;
    """,
)
VERSION: Final = len(STEPS)


def bucket_of(xp: int) -> int:
    """The bucket that a total is counted in: of more digits the first seven, in binary."""
    if xp < SINGLE:
        return xp
    shift = xp.bit_length() - 7
    return shift * 64 + (xp >> shift) + 64


def version_of(connections: Connections) -> int | None:
    """The version of the tables that are there, None where there are none."""
    try:
        ((version,),) = connections.ask(
            (f"select version from {connections.address.schema}.version", ())
        )[0]
    except (errors.UndefinedTable, errors.InvalidSchemaName, ValueError):
        return None
    except psycopg.Error as error:
        raise connections.explained(error) from error
    return int(version)


def moved_to(connections: Connections) -> str:
    """Where the vault was moved to; empty where it is here."""
    if not version_of(connections):
        return ""
    text = f"select moved_to from {connections.address.schema}.version"
    return str(connections.ask((text, ()))[0][0][0] or "")


def check_version(connections: Connections) -> int | None:
    """The same; VaultUnavailable for tables of a later version."""
    found = version_of(connections)
    if found is not None and found > VERSION:
        raise VaultUnavailable(
            f"{connections.address.shown} has tables of version {found};"
            f" this version knows them up to {VERSION}",
            advice="upgrade Robo XP; nothing was changed",
        )
    return found or None


def make_tables(connections: Connections) -> None:
    """Bring the tables to the version of this program; safe for many at once."""
    schema = connections.address.schema
    connections.settle(lambda one: one.execute(_VERSIONS.format(s=schema)))
    connections.settle(lambda one: _step_up(one, schema))


def _step_up(connection: Connection, schema: str) -> None:
    """Take the steps that are missing, while others wait."""
    row = connection.execute(f"select version from {schema}.version for update").fetchone()
    for step in STEPS[0 if row is None else int(row[0]) :]:
        connection.execute(step.format(s=schema))
    connection.execute(f"update {schema}.version set version = greatest(version, {VERSION})")


def make_days(connections: Connections, days: list[int]) -> None:
    """See that there are partitions for the batches of these days (days since 1970)."""
    schema = connections.address.schema
    connections.settle(lambda one: attach_days(one, schema, days))


def attach_days(connection: Connection, schema: str, days: list[int]) -> None:
    """The same within the transaction of a connection; one program at a time does it."""
    connection.execute(f"select 1 from {schema}.version for update")
    there = _days_on(connection, schema)
    for day in days:
        if day in there:
            continue
        table = f"{schema}.batch_{day}"
        connection.execute(f"create table {table} (like {schema}.batch including all)")
        connection.execute(f"alter table {table} add constraint day check (day = {day})")
        # unlike "partition of", this waits for no reader or writer
        connection.execute(
            f"alter table {schema}.batch attach partition {table} for values in ({day})"
        )


def days_there(connections: Connections) -> set[int]:
    """The days that have a partition."""
    return connections.settle(lambda one: _days_on(one, connections.address.schema))


def _days_on(connection: Connection, schema: str) -> set[int]:
    """The same, asked on one connection."""
    rows = connection.execute(
        "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid"
        " where i.inhparent = to_regclass(%s)",
        [f"{schema}.batch"],
    )
    return {int(name.rpartition("_")[2]) for (name,) in rows}
