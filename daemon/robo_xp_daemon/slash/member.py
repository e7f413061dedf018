"""``/member``: what managers do to members as persons, answered for themselves alone.

Nothing is deleted before a button below a count was pressed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any, Final

import discord
from discord import app_commands
from discord.ext import commands

from robo_xp.errors import MemberNotFound
from robo_xp.text import count_text, thousands
from robo_xp.usecases.persons.erasure import Erased
from robo_xp.usecases.persons.pruning import Pruned, Which
from robo_xp.views.member import PersonalData
from robo_xp_daemon.awards.exempt import decay_now
from robo_xp_daemon.client.port import FILES_LIMIT, Attachment, Discord
from robo_xp_daemon.context import context_of
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.interactions.actor import acting
from robo_xp_daemon.interactions.permissions import guild_id_of, require_admin
from robo_xp_daemon.interactions.question import Question
from robo_xp_daemon.interactions.replies import Reply, show, think
from robo_xp_daemon.interactions.targets import Target, refuse_bot

Interaction = discord.Interaction[Any]
Days = app_commands.Range[int, 0, 36_500]
_RULES: Final[Mapping[str, Callable[[int], Which]]] = {
    "left": lambda days: Which(left_days=days),
    "inactive": lambda days: Which(inactive_days=days),
    "below": lambda xp: Which(below=xp),
}
_TOO_LARGE: Final = "It is too large for Discord; whoever runs the bot has `robo-xp member export`."
_NO_UNDO: Final = "Nothing takes it back. Giveaways that are over keep a pseudonym."
_PAST: Final = "The past has the id until whoever runs the bot gives `robo-xp vault compact`."


@app_commands.command(name="hide", description="Take a member off boards and pages")
@app_commands.describe(user="Who stands on no board from now on; XP and rewards go on as ever")
@app_commands.check(require_admin)
async def hide(interaction: Interaction, user: Target) -> None:
    """Hide a member."""
    await _see(interaction, user, hidden=True)


@app_commands.command(name="show", description="Let a hidden member stand on boards again")
@app_commands.describe(user="Who stands on the boards from now on")
@app_commands.check(require_admin)
async def show_(interaction: Interaction, user: Target) -> None:
    """Show a member again."""
    await _see(interaction, user, hidden=False)


@app_commands.command(
    name="export", description="Everything that is kept about a member, as a file"
)
@app_commands.describe(user="About whom")
@app_commands.check(require_admin)
async def export(interaction: Interaction, user: Target) -> None:
    """Give the manager a file with all about one person."""
    await think(interaction, private=True)
    robo, whom = context_of(interaction).robo, (guild_id_of(interaction), str(user.id))
    data = await _about(interaction, user, lambda: robo.members.export(*whom))
    text = json.dumps(PersonalData.of(data).as_json(), indent=2, ensure_ascii=False).encode()
    fits = len(text) <= FILES_LIMIT
    said = f"All about {words.member(user.id)}. {'' if fits else _TOO_LARGE}"
    files = (Attachment(f"member-{user.id}.json", text),) if fits else ()
    await show(interaction, Reply(discord.Embed(description=said), files=files), private=True)


@app_commands.command(name="erase", description="Erase a member from everything, for good")
@app_commands.describe(user="Who is erased; you are asked once more")
@app_commands.check(require_admin)
async def erase(interaction: Interaction, user: Target) -> None:
    """Ask whether a person is to be erased."""
    await think(interaction, private=True)
    robo, whom = context_of(interaction).robo, (guild_id_of(interaction), str(user.id))
    trial = await _about(interaction, user, lambda: robo.members.erase(*whom, dry_run=True))
    said = f"Erase {words.member(user.id)}: {_counts(trial)}?\n{_NO_UNDO}"
    await ERASE.ask(interaction, discord.Embed(title="Erase a member", description=said), whom[1])


@app_commands.command(
    name="prune", description="Delete records of who left, is quiet or has little"
)
@app_commands.describe(
    left="Who left at least so many days ago",
    inactive="Who earned nothing for so many days",
    below="Who has less XP than this",
)
@app_commands.check(require_admin)
async def prune(
    interaction: Interaction,
    left: Days | None = None,
    inactive: Days | None = None,
    below: app_commands.Range[int, 1, 2**53 - 1] | None = None,
) -> None:
    """Count whose records would go, and ask."""
    await think(interaction, private=True)
    which, context = Which(left, inactive, below), context_of(interaction)
    trial = await context.work(
        context.robo.members.prune, guild_id_of(interaction), which, dry_run=True
    )
    lines = [f"{_records(trial)} would go."]
    lines += [f"{words.member(one.user_id)} {thousands(one.xp)} XP" for one in trial.sample]
    embed = discord.Embed(title="Prune members", description="\n".join(lines))
    if not trial.pruned:
        await show(interaction, Reply(embed), private=True)
        return
    given = {"left": left, "inactive": inactive, "below": below}
    [what] = [f"{rule}-{most}" for rule, most in given.items() if most is not None]
    await PRUNE.ask(interaction, embed, what)


class Decay(commands.Cog):
    """``/member decay``, which asks Discord who is exempt now."""

    def __init__(self, port: Discord) -> None:
        self._discord = port

    @app_commands.command(name="decay", description="Take what a day takes from who is away")
    @app_commands.describe(dry_run="True shows what it would be, and changes nothing")
    @app_commands.rename(dry_run="dry-run")
    @app_commands.check(require_admin)
    async def decay(self, interaction: Interaction, dry_run: bool = False) -> None:
        """The decay of the day, unless it is done."""
        await think(interaction, private=True)
        robo, work = acting(interaction, "member decay"), context_of(interaction).work
        guild_id = guild_id_of(interaction)
        done = await decay_now(robo, work, self._discord, guild_id, dry_run=dry_run)
        word = "would lose" if dry_run else "lost"
        said = f"{count_text(done.decayed, 'member')} {word} {thousands(done.xp)} XP."
        if done.already_done:
            said = "Today had its decay already."
        await show(interaction, Reply(discord.Embed(description=said)), private=True)


def group(port: Discord) -> app_commands.Group:
    """``/member``, whose commands ask Discord by ``port``."""
    made = app_commands.Group(name="member", description="Members as persons")
    within: tuple[app_commands.Command[Any, Any, Any], ...] = (hide, show_, export, erase, prune)
    for command in (*within, *Decay(port).get_app_commands()):
        made.add_command(command)
    return made


async def _see(interaction: Interaction, user: Target, *, hidden: bool) -> None:
    """Hide or show a member, and say so."""
    refuse_bot(user)
    await think(interaction, private=True)
    robo = acting(interaction, "member hide" if hidden else "member show")
    done = await context_of(interaction).work(
        robo.members.hide, guild_id_of(interaction), [str(user.id)], hidden=hidden
    )
    state = "hidden" if hidden else "shown"
    said = f"{words.member(user.id)} is {state}{'' if done.changed else ' already'}."
    await show(interaction, Reply(discord.Embed(description=said)), private=True)


async def _about(interaction: Interaction, user: Target, call: Callable[[], Any]) -> Any:
    """What a call about a person returns; that nothing speaks of it, in the words of Discord."""
    try:
        return await context_of(interaction).work(call)
    except MemberNotFound as error:
        raise MemberNotFound(f"nothing here speaks of {words.member(user.id)}") from error


async def _erase(interaction: Interaction, user_id: str) -> discord.Embed:
    robo = acting(interaction, "member erase")
    done = await context_of(interaction).work(robo.members.erase, guild_id_of(interaction), user_id)
    lines = [f"Erased {_counts(done)}.", f"`{done.pseudonym}` stands there since.", _PAST]
    lines += [f"Still in {words.plain(PurePath(path).name)}" for path in done.backups]
    said = words.cut("\n".join(lines), 4096)
    return discord.Embed(title="Erased", description=said)


async def _prune(interaction: Interaction, what: str) -> discord.Embed:
    rule, _, most = what.partition("-")
    which = _RULES[rule](int(most))
    robo = acting(interaction, "member prune")
    done = await context_of(interaction).work(robo.members.prune, guild_id_of(interaction), which)
    said = f"{_records(done)} are gone."
    if done.seq is not None:
        said += f"\nWhoever runs the bot brings them back with `robo-xp undo {done.seq}`."
    return discord.Embed(title="Pruned", description=said)


def _counts(done: Erased) -> str:
    counts = done.erased
    names, entries = count_text(counts.names, "name"), count_text(counts.entries, "entry")
    return (
        f"{count_text(counts.records, 'record')}, {names}, {entries} of giveaways,"
        f" {count_text(counts.periods, 'sum')} of periods"
    )


def _records(done: Pruned) -> str:
    return f"{count_text(done.pruned, 'record')} with {thousands(done.xp)} XP"


ERASE = Question("erase", "Erase for good", _erase)
PRUNE = Question("prune", "Delete these records", _prune)
