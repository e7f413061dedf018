"""What an address of PostgreSQL may say, and where a password comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from robo_xp.errors import InvalidValue
from robo_xp.vault.postgres.address import Address, password_of


@pytest.mark.parametrize(
    ("text", "conninfo", "schema", "shown"),
    [
        ("postgresql://h/db", "postgresql://h/db", "robo_xp", "postgresql://h/db"),
        ("postgresql:///db?schema=bot", "postgresql:///db", "bot", "postgresql:///db?schema=bot"),
        (
            "postgresql://me@a:5433,b/db?target_session_attrs=read-write&schema=x&sslmode=require",
            "postgresql://me@a:5433,b/db?target_session_attrs=read-write&sslmode=require",
            "x",
            "postgresql://me@a:5433,b/db?schema=x",
        ),
    ],
)
def test_all_but_the_schema_is_libpqs(text: str, conninfo: str, schema: str, shown: str) -> None:
    """Hosts, TLS and all other options pass through; people are shown the place."""
    address = Address.of(text)

    assert (address.conninfo, address.schema, address.shown) == (conninfo, schema, shown)
    assert Address.of(address.whole) == address


@pytest.mark.parametrize(
    "text",
    ["postgresql://me:secret@h/db", "postgresql://h/db?password=secret", "postgresql://:x@h/"],
)
def test_a_password_in_the_address_is_refused(text: str) -> None:
    """Configuration and command lines are read by others; the error does not repeat the word."""
    with pytest.raises(InvalidValue, match="must not hold a password") as told:
        Address.of(text)

    assert "secret" not in str(told.value)
    assert "passfile" in told.value.advice


@pytest.mark.parametrize("schema", ["", "Robo", "a b", "1a", "x;drop"])
def test_a_schema_is_a_plain_name(schema: str) -> None:
    """What becomes part of a statement is nothing but a name."""
    with pytest.raises(InvalidValue, match="name of a schema"):
        Address.of(f"postgresql://h/db?schema={schema}")


def test_a_credential_is_the_password(tmp_path: Path) -> None:
    """The service manager's folder is looked at; without the file libpq's own places are asked."""
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert password_of({}) is password_of(environ) is None
    (tmp_path / "postgresql-password").write_text("s3cret\n")

    assert password_of(environ) == "s3cret"
