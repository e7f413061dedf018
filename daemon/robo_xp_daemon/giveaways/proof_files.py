"""The proof of a giveaway as files that every member may have: the document, and the page."""

from __future__ import annotations

import json

from robo_xp import RoboXP
from robo_xp.machine.site import proof_of
from robo_xp_daemon.client.port import FILES_LIMIT, Attachment


def proof_files(robo: RoboXP, guild_id: str, giveaway_id: str) -> tuple[Attachment, ...]:
    """The page that computes the draws in a browser, and the document that ``verify`` reads.

    As many of them as Discord takes, the document first. Raises what ``export`` raises.
    """
    document = robo.giveaways.export(guild_id, giveaway_id)
    text = json.dumps(document, ensure_ascii=False).encode()
    page = proof_of(robo, guild_id, giveaway_id).encode()
    files = (
        Attachment(f"proof-{giveaway_id}.json", text),
        Attachment(f"proof-{giveaway_id}.html", page),
    )
    taken, size = list[Attachment](), 0
    for file in files:
        if size + len(file.content) <= FILES_LIMIT:
            taken.append(file)
            size += len(file.content)
    return tuple(taken)
