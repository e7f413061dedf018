"""What the vault has counted of members, for requirements: all of one moment of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from robo_xp.model import MemberXP
from robo_xp.model.draws import Requirements, Standing
from robo_xp.usecases.core import DEFAULT_STORE, Core
from robo_xp.usecases.members.changes import USERS
from robo_xp.vault import Record


@dataclass(frozen=True, slots=True)
class Standings:
    """The members' counts at batch ``seq`` of their store; None where nobody asks for them."""

    seq: int | None = None
    _records: Mapping[str, Record] | None = None

    def of(self, user_id: str) -> Standing | None:
        """What is counted of the member; None where nobody asks for it."""
        if self._records is None:
            return None
        record = self._records.get(user_id, {})
        member = MemberXP.from_record(user_id, record)
        minutes = record.get("voiceSeconds", 0) // 60
        return Standing(member.level, member.xp, member.messages, minutes)


NOT_ASKED: Final = Standings()


def standings_for(core: Core, guild_id: str, requirements: Requirements) -> Standings:
    """What these requirements are judged by, in the store that messages earn in."""
    if not requirements.ask_vault:
        return NOT_ASKED
    namespace = core.scope(guild_id, DEFAULT_STORE).namespace
    with namespace.transaction(core.origin, dry_run=True) as transaction:
        # a copy: the records themselves go on when the next batch comes
        return Standings(namespace.state.seq, dict(transaction.records(USERS)))
