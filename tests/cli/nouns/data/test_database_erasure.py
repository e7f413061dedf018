"""A person erased from a vault in PostgreSQL: what its tables hold afterwards."""

from __future__ import annotations

import psycopg
from psycopg import sql

from robo_xp import RoboXP
from robo_xp.vault.pseudonyms import is_pseudonym
from tests.cli.program import Program
from tests.postgres import Server
from tests.usecases.members.test_erasure import lived
from tests.usecases.small import ANN, BOB, GUILD, HandClock


def tables_with(text: str, address: str) -> set[str]:
    """The tables of the vault's schema, partitions too, of which a row holds the text."""
    place, _, schema = address.partition("&schema=")
    named = "select tablename from pg_tables where schemaname = %s"
    with psycopg.connect(place) as connection:
        tables = [str(name) for (name,) in connection.execute(named, [schema])]
        assert tables
        rows = {
            table: list(
                connection.execute(
                    sql.SQL("select * from {}").format(sql.Identifier(schema, table))
                )
            )
            for table in tables
        }
    return {
        table
        for table, found in rows.items()
        if any(text.encode() in _bytes_of(value) for row in found for value in row)
    }


def files_with(text: str, address: str, server: Server) -> set[str]:
    """The tables and indexes whose file on the server's disk has the text, also in no row."""
    place, _, schema = address.partition("&schema=")
    named = (
        "select c.relname, pg_relation_filepath(c.oid) from pg_class c"
        " join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = %s and c.relkind in ('r', 'i')"
    )
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute("checkpoint")
        paths: dict[str, str] = dict(connection.execute(named, [schema]).fetchall())
    data = server.folder / "data"
    return {one for one, path in paths.items() if text.encode() in (data / path).read_bytes()}


def _bytes_of(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def test_after_a_compaction_no_table_has_the_id(
    postgresql_address: str, postgresql_server: Server
) -> None:
    """Nor has any partition of the past, nor any page of their files on the server's disk, and the
    name is as little there; the pseudonym stands in its place, and the draws verify.
    """
    clock = HandClock()
    program = Program(postgresql_address, GUILD)  # type: ignore[arg-type]  # what the environment gets
    with RoboXP.open(postgresql_address, clock=clock) as robo:
        over, _ = lived(robo)
        clock.at += 20 * 86_400_000
        robo.xp.move(GUILD, "give", [ANN, BOB], 50)
        robo.names.remember(GUILD, {BOB: "Zolda"})
    program.json("vault", "compact")

    done = program.json("member", "erase", BOB, "--yes")
    before = tables_with(BOB, postgresql_address) & tables_with("Zolda", postgresql_address)
    pages = files_with(BOB, postgresql_address, postgresql_server)
    program.json("vault", "compact")

    assert "batch" in before
    assert done["erased"]["records"] == 2
    assert {"doc", "doc_pkey"} <= pages
    for text in (BOB, "Zolda"):
        assert tables_with(text, postgresql_address) == set()
        assert files_with(text, postgresql_address, postgresql_server) == set()
    exported = program.json("giveaway", "export", over)
    (pseudonym,) = filter(is_pseudonym, exported["entries"])
    for user_id in (ANN, pseudonym):
        assert {"batch", "doc"} <= tables_with(user_id, postgresql_address)
    assert program.json("giveaway", "verify", over)["valid"]
    checked = program("vault", "check")
    assert checked.returncode == 0, checked.stdout
