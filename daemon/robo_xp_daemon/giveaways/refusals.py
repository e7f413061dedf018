"""What Discord refuses about giveaways: told with what mends it, and whether anything does."""

from __future__ import annotations

from typing import Final

import discord

from robo_xp.model.giveaway import DM, Giveaway
from robo_xp.model.outbox import NotDone
from robo_xp_daemon.client.refusals import (
    ARCHIVED,
    NOT_OURS,
    UNKNOWN_CHANNEL,
    UNKNOWN_GUILD,
    UNKNOWN_MESSAGE,
    Meaning,
    meaning_of,
    tell,
)

_PERMISSIONS: Final = (
    "give the bot View Channel, Send Messages, Embed Links and Read Message History there;"
    " it is tried again then"
)
_FIXES: Final = {
    UNKNOWN_CHANNEL: "the channel is gone, so nothing more is shown there;"
    " see 'robo-xp giveaway info {}'",
    UNKNOWN_MESSAGE: "the message was deleted, so its place stays empty;"
    " see 'robo-xp giveaway info {}'",
    UNKNOWN_GUILD: "invite the bot again",
    NOT_OURS: "another bot posted the message, so it stays as it is;"
    " see 'robo-xp giveaway info {}'",
    ARCHIVED: "open the thread again; it is tried again then",
}
_NO_ENTRY: Final = (
    "the message was deleted, so nobody can enter any more;"
    " end or cancel it, and start another one: robo-xp giveaway end {}"
)


def tell_whether_final(
    giveaway: Giveaway, kind: str, error: discord.HTTPException, user_id: str | None = None
) -> tuple[bool, NotDone]:
    """Warn that Discord refused something of this kind: whether that is for good, and why."""
    # what a winner's own settings refuse, no operator can mend
    is_mendable = kind != DM and meaning_of(error) is Meaning.MENDABLE
    fix = _FIXES.get(error.code, _PERMISSIONS if is_mendable else "see Discord's answer")
    if error.code == UNKNOWN_MESSAGE and giveaway.is_active:
        fix = _NO_ENTRY
    fix = fix.format(giveaway.id)
    said = f"the {kind} of a giveaway was refused by Discord: {error.text or error.status}"
    why = tell(f"giveaway {error.code or error.status}", f"{said} (code {error.code})", fix,
               guild_id=giveaway.guild_id, channel_id=giveaway.channel_id, user_id=user_id,
               giveaway_id=giveaway.id)  # fmt: skip
    return not is_mendable, why
