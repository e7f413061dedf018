"""Steps from one schema of a namespace's tables to the next: forward only, safe to repeat.

A namespace below the current schema is brought up when it is opened: in memory for a reader, and
by a compaction, so in one step on disk, for the first writer. A step that fails leaves the file
as it was. Each released schema has a frozen sample in ``tests/data``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from robo_xp.errors import VaultUnavailable
from robo_xp.vault.state import Tables

SCHEMA = 1

Step = Callable[[str, Tables], None]
"""Changes the tables in place; gets the name of the namespace, to tell the kinds apart."""


@dataclass(frozen=True, slots=True)
class Migrations:
    """The schema that this version writes, and the step that leads to each schema from below."""

    current: int = SCHEMA
    steps: Mapping[int, Step] = field(default_factory=dict)

    def apply(self, name: str, tables: Tables, schema: int) -> bool:
        """Bring the tables up to the current schema; whether anything had to be done.

        Raises VaultUnavailable for a schema from a later version, and when a step fails.
        """
        if schema > self.current:
            raise VaultUnavailable(
                f"{name} has schema {schema}; this version knows schemas up to {self.current}",
                advice="upgrade Robo XP; nothing was changed",
            )
        for version in range(schema + 1, self.current + 1):
            try:
                self.steps[version](name, tables)
            except Exception as error:
                raise VaultUnavailable(
                    f"{name} could not be brought to schema {version}: {error!r}",
                    advice="nothing was changed; go on with the earlier version, and report this",
                ) from error
        return schema < self.current


DEFAULT_MIGRATIONS = Migrations()
