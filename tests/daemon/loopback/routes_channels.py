"""REST: channels, their messages, and direct messages."""

from __future__ import annotations

from tests.daemon.loopback.check_message import check_message
from tests.daemon.loopback.errors import api_error
from tests.daemon.loopback.flags import THREADS, V2, ChannelType, Intent, Json, Permission
from tests.daemon.loopback.messages import Message, Origin, delete, edit, post
from tests.daemon.loopback.people import Channel, User
from tests.daemon.loopback.routing import Call, route
from tests.daemon.loopback.world import Event, World

_MESSAGES = "/channels/{channel}/messages"
# what an author may set: suppressed embeds, silent, Components V2
_SETTABLE = 1 << 2 | 1 << 12 | V2


@route("GET", "/channels/{channel}")
def channel(call: Call) -> Json:
    """A channel or thread."""
    return call.channel().payload()


@route("POST", "/users/@me/channels")
def open_dm(call: Call) -> Json:
    """The channel to a user; open even where messages will be refused."""
    recipient = call.world.users.get(int(call.fields.get("recipient_id") or 0))
    if recipient is None or recipient is call.world.bot:
        raise api_error(50033)
    return call.world.dm_with(recipient).payload()


@route("POST", "/channels/{channel}/typing")
def typing(call: Call) -> None:
    """Shows that the bot writes."""
    call.channel(Permission.SEND_MESSAGES)


@route("POST", _MESSAGES)
def send(call: Call) -> Json:
    """A message of the bot; a repeated enforced nonce gives the one that exists."""
    place = call.channel()
    _check_may_send(call.world, place)
    fields = call.fields
    nonce = fields.get("nonce")
    if fields.get("enforce_nonce") and str(nonce) in place.nonces:
        return place.nonces[str(nonce)].payload()
    message = post(call.world, place, call.world.bot, new_body(call), own_origin(place))
    if nonce is not None:
        place.nonces[str(nonce)] = message
    return message.payload()


@route("GET", _MESSAGES)
def history(call: Call) -> list[Json]:
    """Messages of a channel, newest first."""
    found = call.channel(Permission.READ_MESSAGE_HISTORY).messages
    if "before" in call.query:
        found = [m for m in found if m.id < int(call.query["before"])]
    most = call.count("limit", 50, 100)
    if "after" in call.query:
        found = [m for m in found if m.id > int(call.query["after"])][:most]
    return [message.payload() for message in reversed(found[-most:])]


@route("GET", _MESSAGES + "/{message}")
def message(call: Call) -> Json:
    """One message."""
    return call.message(Permission.READ_MESSAGE_HISTORY).payload()


@route("PATCH", _MESSAGES + "/{message}")
def change(call: Call) -> Json:
    """A changed message of the bot's own."""
    found = call.message()
    if found.author is not call.world.bot:
        raise api_error(50005)
    apply_edit(call, found)
    return found.payload()


@route("DELETE", _MESSAGES + "/{message}")
def remove(call: Call) -> None:
    """Takes a message away: an own one, or others' with the permission."""
    found = call.message()
    if found.author is not call.world.bot:
        call.channel(Permission.MANAGE_MESSAGES)
    delete(call.world, found)


@route("PUT", _MESSAGES + "/{message}/reactions/{emoji}/@me")
def react(call: Call) -> None:
    """The bot reacts."""
    found = call.message(Permission.READ_MESSAGE_HISTORY, Permission.ADD_REACTIONS)
    found.reactions.add(call.ids["emoji"])
    _tell_reaction(call, found, "MESSAGE_REACTION_ADD")


@route("DELETE", _MESSAGES + "/{message}/reactions/{emoji}/@me")
def unreact(call: Call) -> None:
    """The bot takes its reaction back."""
    found = call.message()
    found.reactions.discard(call.ids["emoji"])
    _tell_reaction(call, found, "MESSAGE_REACTION_REMOVE")


def new_body(call: Call, *, flags: int = 0) -> Json:
    """The checked body of a new message, with its files; ``flags`` are set besides its own."""
    fields = dict(call.fields)
    fields["flags"] = int(fields.get("flags") or 0) & _SETTABLE | flags
    check_message(fields, flags=fields["flags"], files=len(call.files))
    return {**fields, "attachments": call.attachments()}


def apply_edit(call: Call, message: Message, *, settles: bool = False) -> None:
    """Changes a message by the body of the call, if that is allowed."""
    fields = {key: value for key, value in call.fields.items() if key != "nonce"}
    if "flags" in fields:
        kept = message.flags & ~_SETTABLE
        fields["flags"] = int(fields["flags"] or 0) & _SETTABLE | kept
    flags = fields.get("flags", message.flags)
    check_message(fields, flags=flags, was=message.body(), files=len(call.files))
    if "attachments" in fields or call.files:
        fields["attachments"] = _kept(message, fields) + call.attachments()
    edit(call.world, message, fields, settles=settles)


def own_origin(place: Channel) -> Origin:
    """Where the bot's own messages come from."""
    bot = place.guild.me if place.guild else None
    return Origin(bot)


def _kept(message: Message, fields: Json) -> list[Json]:
    ids = {str(one.get("id")) for one in fields.get("attachments") or []}
    return [one for one in message.attachments if one["id"] in ids]


def _check_may_send(world: World, place: Channel) -> None:
    if place.recipient is not None:
        _check_dm(world, place.recipient)
        return
    if place.type in (ChannelType.CATEGORY, ChannelType.FORUM):
        raise api_error(50024)
    in_thread = place.type in THREADS
    needed = Permission.SEND_MESSAGES_IN_THREADS if in_thread else Permission.SEND_MESSAGES
    assert place.guild is not None
    if needed not in place.guild.me.permissions_in(place):
        raise api_error(50013)


def _check_dm(world: World, user: User) -> None:
    shared = any(user.id in guild.members for guild in world.guilds.values())
    if user.dms_closed or user.bot or not shared:
        raise api_error(50007)


def _tell_reaction(call: Call, message: Message, name: str) -> None:
    guild = message.channel.guild
    data: Json = {
        "user_id": str(call.world.bot.id),
        "channel_id": str(message.channel.id),
        "message_id": str(message.id),
        "emoji": {"id": None, "name": call.ids["emoji"]},
        "burst": False,
        "type": 0,
    }
    if guild is not None:
        data |= {"guild_id": str(guild.id), "member": guild.me.payload()}
    intent = Intent.GUILD_REACTIONS
    call.world.emit(Event(name, data, intent, guild.id if guild else None))
