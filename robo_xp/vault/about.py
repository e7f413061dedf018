"""What a large batch did, told at the start of its line, so that nobody reads the rest for it."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from robo_xp.rules.what import Marks, delta_of, what_of
from robo_xp.vault.batch import About, Batch

USERS: Final = "users"
BULK_FROM: Final = 1_000
"""So many records and events make a batch a large one."""


def with_about(batch: Batch) -> Batch:
    """The batch with what it did."""
    about = About(
        members=len(members_of(batch)),
        delta=delta_of(batch.told()),
        what=what_of(batch.told(), Marks(), otherwise=batch.reason or batch.cmd),
    )
    return replace(batch, about=about)


def members_of(batch: Batch) -> set[str]:
    """The members that a batch touched."""
    touched = {doc_id for table, doc_id, _ in batch.ops if table == USERS}
    for event in batch.told():
        touched.update(event.user_ids)
    return touched
