"""Messages: posting, editing, deleting, whom they notify, and how Discord writes them."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tests.daemon.loopback.components import embed_words, find, offered, with_ids, words
from tests.daemon.loopback.flags import EPHEMERAL, LOADING, Intent, Json, Permission
from tests.daemon.loopback.people import Channel, Member, User
from tests.daemon.loopback.world import Event, World

_CONTENT = ("content", "embeds", "attachments", "components")
_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(?:everyone|here)")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a message comes from, besides its author."""

    member: Member | None = None
    type: int = 0
    interaction: Json | None = None
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Message:
    """A message as it stands; it changes with every edit."""

    id: int
    channel: Channel
    author: User
    origin: Origin
    timestamp: str
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    flags: int = 0
    pings: set[int | str] = field(default_factory=set)
    reply_to: Message | None = None
    nonce: str | int | None = None
    edited_at: str | None = None
    edits: int = 0
    deleted: bool = False
    sent_at: float = 0.0
    reactions: set[str] = field(default_factory=set)

    @property
    def ephemeral(self) -> bool:
        """Whether only one member sees it."""
        return bool(self.flags & EPHEMERAL)

    @property
    def text(self) -> str:
        """Every word that a member reads in it, a line each."""
        lines = [self.content] if self.content else []
        lines += [line for embed in self.embeds for line in embed_words(embed)]
        return "\n".join([*lines, *words(self.components)])

    @property
    def buttons(self) -> list[str]:
        """What could be clicked or chosen from, as ``label (custom id)``."""
        return offered(self.components)

    def find(self, wanted: str) -> Json | None:
        """The button or select with this custom id, label or placeholder."""
        return find(self.components, wanted)

    def body(self) -> Json:
        """The fields that an edit starts from."""
        names = (*_CONTENT, "flags")
        return {name: getattr(self, name) for name in names}

    def payload(self) -> Json:
        """The message as JSON, as REST answers it."""
        everyone, users, roles = self._mentions()
        base: Json = {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "type": self.origin.type,
            "author": self.author.payload(),
            "content": self.content,
            "embeds": self.embeds,
            "components": self.components,
            "attachments": self.attachments,
            "timestamp": self.timestamp,
            "edited_timestamp": self.edited_at,
            "mention_everyone": everyone,
            "mentions": users,
            "mention_roles": roles,
            "flags": self.flags,
            "pinned": False,
            "tts": False,
        }
        if self.nonce is not None:
            base["nonce"] = self.nonce
        if self.origin.interaction is not None:
            base["interaction_metadata"] = self.origin.interaction
        return {**base, **self._reference(), **self.origin.extra}

    def _mentions(self) -> tuple[bool, list[Json], list[str]]:
        guild = self.channel.guild
        roles = guild.roles if guild else {}
        members = guild.members if guild else {}
        users = [members[i].user.payload() for i in self.pings if i in members]
        named = [str(i) for i in self.pings if i in roles]
        return "everyone" in self.pings, users, named

    def _reference(self) -> Json:
        if self.reply_to is None:
            return {}
        place = {"channel_id": str(self.channel.id), "message_id": str(self.reply_to.id)}
        if self.channel.guild is not None:
            place["guild_id"] = str(self.channel.guild.id)
        original = None if self.reply_to.deleted else replace(self.reply_to, reply_to=None)
        shown = original.payload() if original else None
        return {"message_reference": {"type": 0, **place}, "referenced_message": shown}

    def told(self) -> Json:
        """The message as the gateway tells it: with guild and member."""
        data = self.payload()
        if self.channel.guild is not None:
            data["guild_id"] = str(self.channel.guild.id)
            if self.origin.member is not None:
                data["member"] = self.origin.member.payload(user=False)
        return data


def post(
    world: World, channel: Channel, author: User, body: Json, origin: Origin = Origin()
) -> Message:
    """A new message of a checked body; told to the sessions unless it is ephemeral."""
    message = Message(world.ids.new(), channel, author, origin, world.ids.now())
    message.nonce = body.get("nonce")
    message.reply_to = _replied(channel, body)
    _fill(world, message, body)
    if not message.ephemeral:
        channel.messages.append(message)
        message.sent_at = time.monotonic()
        _tell(world, "MESSAGE_CREATE", message)
    return message


def edit(world: World, message: Message, body: Json, *, settles: bool = False) -> None:
    """Changes a message by a checked body; told to the sessions unless it is ephemeral.

    Only an edit that settles a loading mark notifies anybody.
    """
    pings = message.pings
    _fill(world, message, {**message.body(), **body})
    if settles:
        message.flags &= ~LOADING
    else:
        message.pings = pings
    message.edits += 1
    message.edited_at = world.ids.now()
    if not message.ephemeral:
        _tell(world, "MESSAGE_UPDATE", message)
    world.bell.ring()


def delete(world: World, message: Message) -> None:
    """Takes a message away; told to the sessions unless it is ephemeral."""
    message.deleted = True
    if message in message.channel.messages:
        message.channel.messages.remove(message)
        guild = message.channel.guild
        data = {"id": str(message.id), "channel_id": str(message.channel.id)}
        if guild is not None:
            data["guild_id"] = str(guild.id)
        intent = Intent.GUILD_MESSAGES if guild else Intent.DIRECT_MESSAGES
        world.emit(Event("MESSAGE_DELETE", data, intent, guild.id if guild else None))
    world.bell.ring()


def _replied(channel: Channel, body: Json) -> Message | None:
    wanted = str((body.get("message_reference") or {}).get("message_id"))
    return next((m for m in channel.messages if str(m.id) == wanted), None)


def _fill(world: World, message: Message, body: Json) -> None:
    message.content = body.get("content") or ""
    message.embeds = [{"type": "rich", **embed} for embed in body.get("embeds") or []]
    message.components = with_ids(body.get("components") or [])
    message.attachments = body.get("attachments") or []
    message.flags = int(body.get("flags") or 0)
    message.pings = _pings(world, message, body.get("allowed_mentions"))


def _pings(world: World, message: Message, allowed: Json | None) -> set[int | str]:
    """Whom the text notifies: absent ``allowed_mentions`` allow all kinds."""
    text = "\n".join([message.content, *words(message.components)])
    kinds = allowed.get("parse") or [] if allowed is not None else ["users", "roles", "everyone"]
    listed = {int(i) for key in ("users", "roles") for i in (allowed or {}).get(key) or []}
    users = {int(i) for i in _USER.findall(text)}
    roles = {int(i) for i in _ROLE.findall(text)}
    named = users if "users" in kinds else users & listed
    pings: set[int | str] = {one for one in named if one in world.users}
    pings |= roles if "roles" in kinds else roles & listed
    if "everyone" in kinds and _EVERYONE.search(text) and _may_ping_everyone(message):
        pings.add("everyone")
    return pings


def _may_ping_everyone(message: Message) -> bool:
    guild = message.channel.guild
    member = guild.members.get(message.author.id) if guild else None
    if member is None:
        return False
    return Permission.MENTION_EVERYONE in member.permissions_in(message.channel)


def _tell(world: World, name: str, message: Message) -> None:
    guild = message.channel.guild
    me = guild.members.get(world.bot.id) if guild else None
    if guild and not (me and Permission.VIEW_CHANNEL in me.permissions_in(message.channel)):
        return
    data = message.told()
    is_open = guild is None or message.author is world.bot or world.bot.id in message.pings
    bare = None if is_open else {**data, "content": "", "embeds": [], "attachments": []}
    if bare is not None:
        bare["components"] = []
    intent = Intent.GUILD_MESSAGES if guild else Intent.DIRECT_MESSAGES
    world.emit(Event(name, data, intent, guild.id if guild else None, bare))
