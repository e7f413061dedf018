"""What an address of PostgreSQL says: where the server is, which schema is ours, who may read it.

The address is libpq's own, with one more parameter: ``schema``. A password never stands in it,
since configuration and command lines are read by others.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from robo_xp.errors import InvalidValue

DEFAULT_SCHEMA = "robo_xp"
CREDENTIAL = "postgresql-password"
PASSWORD_ADVICE = (
    "put it into ~/.pgpass, name a file of mode 0600 with ?passfile=…,"
    f" or pass it as the credential {CREDENTIAL}"
)
_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,50}")
_LOGIN = re.compile(r"//(?P<login>[^/@]*@)?")


@dataclass(frozen=True, slots=True)
class Address:
    """A server and a schema: ``conninfo`` is what libpq gets, ``shown`` what people are shown."""

    conninfo: str
    schema: str

    @property
    def shown(self) -> str:
        """The address without what it does not need to say; it holds no secret."""
        place = self.conninfo.partition("?")[0]
        return place if self.schema == DEFAULT_SCHEMA else f"{place}?schema={self.schema}"

    @property
    def whole(self) -> str:
        """What opens the vault: all that the address says, the schema where it is another."""
        if self.schema == DEFAULT_SCHEMA:
            return self.conninfo
        return f"{self.conninfo}{'&' if '?' in self.conninfo else '?'}schema={self.schema}"

    @classmethod
    def of(cls, text: str) -> Address:
        """The address in a text; InvalidValue for one with a password or a bad schema."""
        place, _, query = text.partition("?")
        values = parse_qsl(query, keep_blank_values=True)
        login = _LOGIN.search(place)
        if ":" in ((login and login["login"]) or "") or any(key == "password" for key, _ in values):
            raise InvalidValue(
                "the address of the vault must not hold a password",
                advice=PASSWORD_ADVICE,
            )
        schema = dict(values).get("schema", DEFAULT_SCHEMA)
        if _SCHEMA.fullmatch(schema) is None:
            raise InvalidValue(f"{schema!r} is no name of a schema: small letters, digits and _")
        kept = urlencode([(key, value) for key, value in values if key != "schema"])
        return cls(f"{place}?{kept}" if kept else place, schema)


def password_of(environ: Mapping[str, str]) -> str | None:
    """The password that the service manager passed as a credential; None where it passed none."""
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        return None
    try:
        with open(os.path.join(folder, CREDENTIAL), encoding="utf-8") as file:
            return file.read().strip("\r\n")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise InvalidValue(f"the credential {CREDENTIAL} cannot be read: {error}") from error
