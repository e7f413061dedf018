"""Tells Discord of the slash commands, when they changed, or when Discord has others.

Another program on the same application may have told Discord its own. Each command that Discord has
carries a version, so a look at these says whether they are still ours.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Translator

from robo_xp import RoboXP
from robo_xp.errors import RoboXPError
from robo_xp.vault import CURSORS, Origin
from robo_xp_daemon.base.backoff import Backoff
from robo_xp_daemon.client.refusals import NETWORK, tell_refusal
from robo_xp_daemon.context import Context
from robo_xp_daemon.slash.translations import Translations

Tree = app_commands.CommandTree[Any]

log = logging.getLogger("robo_xp_daemon")

_TABLE, _ID = "commands", "1"
_ORIGIN = Origin("daemon", "sync")
FIRST_PAUSE, LONGEST_PAUSE, REFUSED_PAUSE = 2.0, 300.0, 3600.0


async def sync(context: Context, tree: Tree, *, force: bool = False) -> bool:
    """Tell Discord the commands unless it has them, or in any case; whether it was told."""
    translations = Translations()
    await tree.set_translator(translations)
    digest = await _digest(tree, translations)
    known = await context.work(_known_commands, context.robo)
    if not force and known == (digest, await _versions(tree)):
        return False
    commands = await tree.sync()
    await context.work(_keep, context.robo, digest, await _versions(tree))
    log.info("told Discord of %d slash commands", len(commands))
    return True


async def sync_until_known(context: Context, tree: Tree) -> None:
    """Tell Discord, again and again while it or the vault is away, and seldom while it refuses."""
    backoff = Backoff(FIRST_PAUSE, LONGEST_PAUSE)
    while True:
        pause = backoff.seconds()
        try:
            await sync(context, tree)
            return
        except NETWORK as error:
            log.warning("slash commands: Discord is out of reach (%s)", error)
        except discord.HTTPException as error:
            tell_refusal("a change of the slash commands", error)
            pause = REFUSED_PAUSE
        except RoboXPError as error:
            log.warning("slash commands: %s (%s)", error.message, error.advice)
        except Exception:
            log.exception("the slash commands could not be told to Discord")
            return
        await asyncio.sleep(pause)


async def _digest(tree: Tree, translator: Translator) -> str:
    """What stands for these commands of this application, in all languages."""
    commands = tree.get_commands()
    payloads = [await one.get_translated_payload(tree, translator) for one in commands]
    payloads.sort(key=lambda payload: str(payload["name"]))
    said = json.dumps([tree.client.application_id, payloads], sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()


async def _versions(tree: Tree) -> dict[str, str]:
    """The version of each command that Discord has, by id."""
    application_id = tree.client.application_id
    assert application_id is not None
    found = await tree.client.http.get_global_commands(application_id)
    return {str(one["id"]): str(one["version"]) for one in found}


def _known_commands(robo: RoboXP) -> tuple[str, dict[str, str]] | None:
    """What Discord was last told and then had, so far as this vault knows."""
    found = robo.vault.namespace(CURSORS).read().table(_TABLE).get(doc_id=_ID)
    if found is None:
        return None
    return str(found.record["digest"]), dict(found.record.get("versions", {}))


def _keep(robo: RoboXP, digest: str, versions: dict[str, str]) -> None:
    with robo.vault.namespace(CURSORS).transaction(_ORIGIN) as transaction:
        record = {"digest": digest, "versions": versions}
        transaction.db.table(_TABLE).replace({_ID: record})
