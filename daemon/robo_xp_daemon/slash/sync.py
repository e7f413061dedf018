"""Tells Discord of the slash commands, when they changed since it was last told."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from typing import Any

import discord
from discord import app_commands

from robo_xp import RoboXP
from robo_xp.vault import CURSORS, Origin
from robo_xp_daemon.base.backoff import Backoff
from robo_xp_daemon.client.refusals import NETWORK, tell_refusal
from robo_xp_daemon.context import Context

Tree = app_commands.CommandTree[Any]

log = logging.getLogger("robo_xp_daemon")

_TABLE, _ID = "commands", "1"
_ORIGIN = Origin("daemon", "sync")
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0


async def sync(context: Context, tree: Tree) -> bool:
    """Tell Discord the commands unless it knows them; whether it had to be told."""
    digest = _digest(tree)
    if await context.work(_known_digest, context.robo) == digest:
        return False
    commands = await tree.sync()
    await context.work(_keep, context.robo, digest)
    log.info("told Discord of %d slash commands", len(commands))
    return True


async def sync_until_known(context: Context, tree: Tree) -> None:
    """Tell Discord, again and again while it is out of reach."""
    backoff = Backoff(FIRST_PAUSE, LONGEST_PAUSE)
    while True:
        try:
            await sync(context, tree)
            return
        except NETWORK as error:
            log.warning("slash commands: Discord is out of reach (%s)", error)
        except discord.HTTPException as error:
            tell_refusal("a change of the slash commands", error)
            return
        except Exception:
            log.exception("the slash commands could not be told to Discord")
            return
        await asyncio.sleep(backoff.seconds())


def _digest(tree: Tree) -> str:
    """What stands for these commands of this application."""
    payloads = [command.to_dict(tree) for command in tree.get_commands()]
    payloads.sort(key=lambda payload: str(payload["name"]))
    said = json.dumps([tree.client.application_id, payloads], sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()


def _known_digest(robo: RoboXP) -> str | None:
    """What Discord was last told, so far as this vault knows."""
    found = robo.vault.namespace(CURSORS).read().table(_TABLE).get(doc_id=_ID)
    return None if found is None else str(found.record["digest"])


def _keep(robo: RoboXP, digest: str) -> None:
    with robo.vault.namespace(CURSORS).transaction(_ORIGIN) as transaction:
        transaction.db.table(_TABLE).replace({_ID: {"digest": digest}})
