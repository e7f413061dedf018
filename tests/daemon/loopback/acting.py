"""Members acting through interactions: commands, buttons, selects, modals, autocompletion."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from tests.daemon.loopback.answers import Answer, NoAnswer, NotOffered
from tests.daemon.loopback.components import find, offered
from tests.daemon.loopback.filling import chosen, named_ids, submitted
from tests.daemon.loopback.flags import Component, Json
from tests.daemon.loopback.messages import Message
from tests.daemon.loopback.offers import filled, known_command, nested, offered_command
from tests.daemon.loopback.people import Channel, Member
from tests.daemon.loopback.resolved import partial_channel, partial_member, resolved
from tests.daemon.loopback.world import Event

if TYPE_CHECKING:
    from tests.daemon.loopback.guild import Guild

_COMMAND, _COMPONENT, _AUTOCOMPLETE, _MODAL = 2, 3, 4, 5
_ENTITY_OPTIONS = (6, 7, 8, 9)


class How(TypedDict, total=False):
    """What every action takes: where, whether impossible ones go through, how long to wait."""

    channel: Channel | int | str
    anyway: bool
    wait: bool
    timeout: float


@dataclass(frozen=True, slots=True)
class _Actor:
    guild: Guild
    member: Member
    channel: Channel


async def slash(
    guild: Guild,
    member: Member,
    words: str,
    *,
    options: Mapping[str, object] | None = None,
    **how: Unpack[How],
) -> Answer:
    """A slash command such as ``xp give``, in the first text channel unless one is named."""
    actor = _Actor(guild, member, _place(guild, how))
    data = _command_data(actor, words, filled, options or {}, how)
    return await _sent(actor, _COMMAND, data, None, how)


async def autocomplete(
    guild: Guild,
    member: Member,
    words: str,
    option: str,
    text: str,
    *,
    options: Mapping[str, object] | None = None,
    **how: Unpack[How],
) -> list[Json]:
    """The choices offered when ``option`` holds ``text`` so far; the others as given."""
    actor = _Actor(guild, member, _place(guild, how))

    def typing(command: Json, values: Mapping[str, object]) -> list[Json]:
        kinds = {one["name"]: one for one in command.get("options") or []}
        if not kinds.get(option, {}).get("autocomplete"):
            raise NotOffered(f"{words} completes no option {option}: {', '.join(kinds)}")
        focused = {"name": option, "type": kinds[option]["type"], "value": text, "focused": True}
        return [*filled(command, values, partial=True), focused]

    data = _command_data(actor, words, typing, options or {}, how)
    return (await _sent(actor, _AUTOCOMPLETE, data, None, how)).choices


async def click(
    guild: Guild, member: Member, on: object, button: str, **how: Unpack[How]
) -> Answer:
    """A click on a button of a message or answer, named by custom id or label."""
    message = _message(on)
    data = _component_data(message, button, (Component.BUTTON,), how)
    return await _sent(_Actor(guild, member, message.channel), _COMPONENT, data, message, how)


async def select(
    guild: Guild,
    member: Member,
    on: object,
    name: str,
    values: Sequence[object],
    **how: Unpack[How],
) -> Answer:
    """Values chosen in a select of a message or answer: texts, labels, or entities."""
    message = _message(on)
    actor = _Actor(guild, member, message.channel)
    kinds = (3, 5, 6, 7, 8)
    data = _component_data(message, name, kinds, how)
    part = message.find(name)
    data["values"] = chosen(part, values) if part else [str(value) for value in values]
    if data["component_type"] != Component.SELECT:
        data["resolved"] = resolved(guild, data["values"], member, message.channel)
    return await _sent(actor, _COMPONENT, data, message, how)


async def submit(
    guild: Guild,
    member: Member,
    shown: Answer,
    values: Mapping[str, object],
    **how: Unpack[How],
) -> Answer:
    """A modal sent off, its fields named by custom id or label."""
    if shown.modal is None:
        raise NotOffered(f"no modal, but an answer of type {shown.type}: {shown.text}")
    actor = _Actor(guild, member, shown.channel)
    tree = submitted(shown.modal, values)
    data: Json = {"custom_id": shown.modal["custom_id"], "components": tree}
    data["resolved"] = resolved(guild, named_ids(tree), member, shown.channel)
    return await _sent(actor, _MODAL, data, shown.source, how)


def _place(guild: Guild, how: How) -> Channel:
    wanted = how.get("channel")
    if wanted is not None:
        return guild.channel(wanted)
    return next(channel for channel in guild.channels.values() if channel.type == 0)


def _message(on: object) -> Message:
    message = on.shown if isinstance(on, Answer) else on
    if not isinstance(message, Message):
        raise NotOffered(f"nothing to click on: {on!r}")
    return message


def _command_data(
    actor: _Actor, words: str, fill: Any, options: Mapping[str, object], how: How
) -> Json:
    name, *rest = words.split()
    if how.get("anyway"):
        command = known_command(actor.guild, name)
    else:
        command = offered_command(actor.guild, actor.member, actor.channel, name)
    path = nested(command, rest)
    values: list[Json] = fill(path[-1], options)
    ids = [str(v["value"]) for v in values if v["type"] in _ENTITY_OPTIONS]
    for part in reversed(path[1:]):
        values = [{"name": part["name"], "type": part["type"], "options": values}]
    data = {"id": command["id"], "name": name, "type": 1, "options": values}
    scope = {"guild_id": str(actor.guild.id)} if command.get("guild_id") else {}
    return {**data, **scope, "resolved": resolved(actor.guild, ids, actor.member, actor.channel)}


def _component_data(message: Message, name: str, kinds: tuple[int, ...], how: How) -> Json:
    part = find(message.components, name)
    if not how.get("anyway"):
        if message.deleted:
            raise NotOffered("the message is gone")
        if part is None or part["type"] not in kinds or part.get("disabled"):
            raise NotOffered(f"{name!r} cannot be used; there are: {offered(message.components)}")
    custom_id = part["custom_id"] if part else name
    return {"custom_id": custom_id, "component_type": part["type"] if part else kinds[0]}


async def _sent(actor: _Actor, kind: int, data: Json, source: Message | None, how: How) -> Answer:
    """Tells the bot of the interaction; waits for what the member would see."""
    world = actor.guild.world
    token = secrets.token_urlsafe(24)
    base = (actor.guild, actor.channel, actor.member)
    answer = Answer(world, world.ids.new(), token, kind, *base, source)
    world.answers[answer.id] = answer
    told = {**_payload(actor, answer), "type": kind, "data": data}
    if source is not None:
        told["message"] = source.payload()
    world.emit(Event("INTERACTION_CREATE", told, guild_id=actor.guild.id))
    if how.get("wait", True):
        await _wait(answer, how.get("timeout", 10.0))
    return answer


async def _wait(answer: Answer, timeout: float) -> None:
    bell, within = answer.world.bell, answer.world.limits.answer_within
    if not await bell.until(lambda: answer.type is not None, within, 0.5):
        raise NoAnswer(f"no callback within {within} s")
    if not await bell.until(lambda: answer.is_shown, timeout, 0.5):
        raise NoAnswer(f"deferred, and nothing to see after {timeout} s")


def _payload(actor: _Actor, answer: Answer) -> Json:
    world, guild = actor.guild.world, actor.guild
    member = {**actor.member.payload(), **partial_member(actor.member, actor.channel)}
    bot = guild.members.get(world.bot.id)
    allowed = bot.permissions_in(actor.channel) if bot else 0
    return {
        "id": str(answer.id),
        "application_id": str(world.bot.id),
        "token": answer.token,
        "version": 1,
        "guild_id": str(guild.id),
        "guild": {"id": str(guild.id), "locale": "en-US", "features": []},
        "guild_locale": "en-US",
        "locale": "en-US",
        "channel_id": str(actor.channel.id),
        "channel": partial_channel(actor.channel, actor.member),
        "member": member,
        "app_permissions": str(int(allowed)),
        "entitlements": [],
        "authorizing_integration_owners": {"0": str(guild.id)},
        "context": 0,
        "attachment_size_limit": 10_485_760,
    }
