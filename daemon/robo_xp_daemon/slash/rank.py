"""``/rank``: where a member stands, how far the next level is, what multiplies its XP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands

from robo_xp import Progress, RoboXP
from robo_xp.errors import MemberNotFound, Refused
from robo_xp.model import Message
from robo_xp.rules.multiplier import multiplier_for
from robo_xp.rules.terms import Settings
from robo_xp.settings.xp import settings_of
from robo_xp.text import lasting, percent, thousands
from robo_xp.usecases.members.board import CardOwner, Standing
from robo_xp.views.card import Card
from robo_xp.views.member import Progress as ProgressView
from robo_xp_daemon.client.convert import role_ids_of
from robo_xp_daemon.context import context_of
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.interactions.permissions import guild_id_of
from robo_xp_daemon.interactions.replies import Reply, patiently, show, think
from robo_xp_daemon.interactions.targets import Target, refuse_bot

HIGHEST = "This is the highest level."


@dataclass(frozen=True, slots=True)
class Person:
    """The member that is looked at, as Discord shows it."""

    user_id: str
    name: str
    picture: str
    role_ids: tuple[str, ...]
    at: int

    @classmethod
    def of(cls, target: Target, at: int) -> Person:
        """The member of a command at an instant; one who left holds no roles."""
        roles = role_ids_of(target) if isinstance(target, discord.Member) else ()
        picture = target.display_avatar.replace(size=256, static_format="png").url
        return cls(str(target.id), target.display_name, picture, roles, at)


@app_commands.command(name="rank", description="Your level and rank, or those of another member")
@app_commands.describe(user="Whose; your own without it")
async def rank(interaction: discord.Interaction[Any], user: Target | None = None) -> None:
    """Show the card to all, or say privately that there is nothing to show."""
    target = user or interaction.user
    refuse_bot(target)
    context = context_of(interaction)
    person = Person.of(target, context.clock.now_ms())
    guild_id = guild_id_of(interaction)
    is_own = target.id == interaction.user.id
    making = context.work(card_of, context.robo, guild_id, person, is_own=is_own)
    embed, is_hidden = await patiently(interaction, making, private=is_own)
    if is_hidden:
        await show(interaction, Reply(embed), private=True)
        return
    if context.painter is not None:
        await think(interaction, private=False)
        face, background = await context.work(_face_of, context.robo, guild_id, person)
        picture = await context.painter.card(face, person.picture, background)
        if picture is not None:
            told = f"{person.name}: rank {face.rank} of {face.total}, level {face.level}"
            await show(interaction, Reply(picture=picture, description=told), private=False)
            return
    await show(interaction, Reply(embed), private=False)


def _face_of(robo: RoboXP, guild_id: str, person: Person) -> tuple[Card, str]:
    """What is drawn of the member now, and the address of the picture behind it."""
    owner = CardOwner(person.user_id, person.name, person.role_ids)
    found = robo.leaderboard.card(guild_id, owner)
    return Card.of(found), found.background_url


def card_of(
    robo: RoboXP, guild_id: str, person: Person, *, is_own: bool
) -> tuple[discord.Embed, bool]:
    """What is shown of the member now, and whether it is for nobody else.

    Raises MemberNotFound without any XP, and Refused for another member that is hidden.
    """
    settings = settings_of(robo.config.get(guild_id))
    nothing = f"{words.member(person.user_id)} has no {settings.xp_display_name} yet"
    try:
        standing = robo.leaderboard.standing(guild_id, person.user_id)
    except MemberNotFound as error:
        raise MemberNotFound(nothing) from error
    if not standing.member.xp:
        raise MemberNotFound(nothing)
    if standing.member.hidden and not is_own:
        raise Refused(f"{words.member(person.user_id)} keeps rank and level private")
    card = discord.Embed(title=words.cut(words.plain(person.name), 200))
    card.colour = discord.Colour(settings.embed_color)
    card.set_thumbnail(url=person.picture)
    unit = words.plain(settings.xp_display_name)
    _add_figures(card, standing, unit)
    _add_progress(card, standing.progress, unit)
    _add_messages(card, standing, settings, person)
    return card, standing.member.hidden


def _add_figures(card: discord.Embed, standing: Standing, unit: str) -> None:
    place = "none, you are hidden"
    if standing.rank is not None:
        place = f"{words.ordinal(standing.rank)} of {thousands(standing.total)}"
    card.add_field(name="Rank", value=place)
    card.add_field(name="Level", value=thousands(standing.progress.level))
    card.add_field(name=unit, value=thousands(standing.member.xp))


def _add_progress(card: discord.Embed, at: Progress, unit: str) -> None:
    span, done = at.in_level + at.to_next, percent(ProgressView.of(at).percentage)
    if at.to_next == 0:
        value = f"{words.bar(1, 1)} {done}\n{HIGHEST}"
    else:
        value = (
            f"{words.bar(at.in_level, span)} {done}\n"
            f"{thousands(at.in_level)} / {thousands(span)} {unit} · "
            f"{thousands(at.to_next)} to level {thousands(at.level + 1)}"
        )
    card.add_field(name="Progress", value=value, inline=False)


def _add_messages(
    card: discord.Embed, standing: Standing, settings: Settings, person: Person
) -> None:
    member = standing.member
    card.add_field(name="Messages", value=thousands(member.messages))
    card.add_field(name="Messages that earned", value=thousands(member.xp_messages))
    if member.voice_seconds:
        card.add_field(name="Voice", value=lasting(member.voice_seconds))
    anywhere = Message("", role_ids=person.role_ids, at=person.at)
    permille = multiplier_for(settings.multipliers, person.user_id, anywhere)
    if permille != 1000:
        card.add_field(name="Active multipliers", value=words.change_by(permille))
    if boosts := _boosts(settings, person):
        card.add_field(name="Boosts", value=boosts, inline=False)
    if member.last_awarded_at:
        earned = f"Last earned {words.moment(member.last_awarded_at)}"
        card.description = earned


def _boosts(settings: Settings, person: Person) -> str:
    """A line for each boost that counts for the member everywhere, and until when."""
    lines = []
    for boost in settings.multipliers.boosts.in_force(person.at, (), person.role_ids):
        ends_at = boost.ends_after(person.at)
        until = "" if ends_at is None else f" until {words.instant(ends_at)}"
        lines.append(f"{words.factor(float(boost.factor))} {words.plain(boost.name)}{until}")
    return "\n".join(" ".join(line.split()) for line in lines[:10])
