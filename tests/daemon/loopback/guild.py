"""A guild: its roles, channels and members, how they change, and what members do in it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.daemon.loopback import acting
from tests.daemon.loopback.answers import Answer
from tests.daemon.loopback.flags import THREADS, ChannelType, Intent, Json, Permission
from tests.daemon.loopback.messages import Message, Origin, delete, post
from tests.daemon.loopback.people import Channel, Member, Role, User
from tests.daemon.loopback.roster import ChannelLike, MemberLike, RoleLike, Roster
from tests.daemon.loopback.world import Event


class Guild(Roster):
    """A Discord server of the test; ``add_guild`` of the loopback makes one."""

    # -- setting up and changing -----------------------------------------------------------

    def add_role(
        self,
        name: str,
        *,
        permissions: int = 0,
        position: int | None = None,
        managed: bool = False,
    ) -> Role:
        """A new role, above the earlier ones but below the bot's unless a position is given."""
        below = [role.position for role in self.roles.values() if not role.managed]
        at = max(below) + 1 if position is None else position
        role = Role(self.world.ids.settled(), self, name, Permission(permissions), at, managed)
        self.roles[role.id] = role
        self._tell("GUILD_ROLE_CREATE", {"role": role.payload()})
        return role

    def change_role(self, role: RoleLike, **changes: Any) -> None:
        """Sets attributes of a role, such as ``permissions`` or ``position``."""
        found = self.role(role)
        for name, value in changes.items():
            setattr(found, name, value)
        self._tell("GUILD_ROLE_UPDATE", {"role": found.payload()})

    def delete_role(self, role: RoleLike) -> None:
        """Takes a role away, from those who hold it as well."""
        found = self.role(role)
        del self.roles[found.id]
        for member in self.members.values():
            member.roles = [held for held in member.roles if held is not found]
        self._tell("GUILD_ROLE_DELETE", {"role_id": str(found.id)})

    def add_channel(
        self,
        name: str,
        *,
        type: int = ChannelType.TEXT,
        parent: ChannelLike | None = None,
        overwrites: Mapping[int, tuple[int, int]] | None = None,
    ) -> Channel:
        """A new channel, on request in a category."""
        above = None if parent is None else self.channel(parent)
        channel = Channel(self.world.ids.settled(), type, name, self, above)
        channel.position = len(self.channels)
        channel.overwrites = dict(overwrites or {})
        self._keep("CHANNEL_CREATE", channel)
        return channel

    def add_thread(self, parent: ChannelLike, name: str) -> Channel:
        """A new public thread of a text channel, or a post of a forum."""
        channel = Channel(self.world.ids.settled(), ChannelType.THREAD, name, self)
        channel.parent = self.channel(parent)
        self._keep("THREAD_CREATE", channel)
        return channel

    def reopen_thread(self, thread: ChannelLike) -> None:
        """Somebody opens an archived thread again."""
        self._tell("THREAD_UPDATE", self.channel(thread).payload())

    def set_overwrites(
        self, channel: ChannelLike, overwrites: Mapping[int, tuple[int, int]]
    ) -> None:
        """Changes who may do what in a channel."""
        found = self.channel(channel)
        found.overwrites = dict(overwrites)
        self._tell("CHANNEL_UPDATE", found.payload())

    def delete_channel(self, channel: ChannelLike) -> None:
        """Takes a channel or thread away with its messages."""
        found = self.channel(channel)
        del self.channels[found.id], self.world.channels[found.id]
        name = "THREAD_DELETE" if found.type in THREADS else "CHANNEL_DELETE"
        self._tell(name, found.payload())

    def delete_message(self, message: Message) -> None:
        """Takes a message away, as a moderator would."""
        delete(self.world, message)

    def join(self, who: User | str, *, roles: Iterable[RoleLike] = ()) -> Member:
        """A user becomes a member; a name makes a new user."""
        user = self.world.add_user(who) if isinstance(who, str) else who
        member = self.enter(user, [self.role(role) for role in roles])
        data = member.payload()
        self._tell("GUILD_MEMBER_ADD", data, Intent.GUILD_MEMBERS)
        return member

    def leave(self, member: MemberLike) -> User:
        """A member goes; roles are forgotten, as Discord does."""
        gone = self.members.pop(self.member(member).id)
        data = {"user": gone.user.payload()}
        self._tell("GUILD_MEMBER_REMOVE", data, Intent.GUILD_MEMBERS)
        return gone.user

    def ban(self, member: MemberLike) -> User:
        """A member is banned, and so goes."""
        data = {"user": self.member(member).user.payload()}
        self._tell("GUILD_BAN_ADD", data, Intent.GUILD_MODERATION)
        return self.leave(member)

    def change_roles(
        self,
        member: MemberLike,
        *,
        add: Iterable[RoleLike] = (),
        remove: Iterable[RoleLike] = (),
    ) -> None:
        """Gives and takes roles, as a moderator would."""
        found = self.member(member)
        wanted = [*found.roles, *map(self.role, add)]
        taken = [self.role(role) for role in remove]
        self.set_roles(found, [role for role in wanted if role not in taken])

    def set_roles(self, member: Member, roles: Sequence[Role]) -> None:
        """The member holds exactly these; told when that is a change."""
        before = set(member.roles)
        member.roles = list(dict.fromkeys(roles))
        if before != set(member.roles):
            # the bot hears of itself without the members intent
            intent = Intent(0) if member is self.me else Intent.GUILD_MEMBERS
            self._tell("GUILD_MEMBER_UPDATE", member.payload(), intent)

    def dismiss_bot(self) -> None:
        """The bot is thrown out of the guild."""
        del self.members[self.world.bot.id]
        self.world.emit(Event("GUILD_DELETE", {"id": str(self.id)}, Intent.GUILDS, self.id))

    def go_dark(self) -> None:
        """An outage makes the guild unavailable."""
        self.is_dark = True
        data = {"id": str(self.id), "unavailable": True}
        self.world.emit(Event("GUILD_DELETE", data, Intent.GUILDS, self.id))

    def come_back(self) -> None:
        """The outage ends."""
        self.is_dark = False
        self.announce()

    def announce(self) -> None:
        """Tells the sessions that the guild is there."""
        self.world.emit(Event("GUILD_CREATE", self.created(), Intent.GUILDS, self.id))

    # -- what members do -------------------------------------------------------------------

    def say(
        self,
        member: MemberLike,
        channel: ChannelLike,
        content: str = "",
        *,
        reply_to: Message | None = None,
        webhook: bool = False,
        type: int = 0,
        extra: Mapping[str, object] | None = None,
    ) -> Message:
        """A member writes; as a webhook or of a system type on request; ``extra`` adds fields."""
        author, place = self.member(member), self.channel(channel)
        more = {**({"webhook_id": str(author.id)} if webhook else {}), **(extra or {})}
        body: Json = {"content": content}
        if reply_to is not None:
            body["message_reference"] = {"message_id": str(reply_to.id)}
            type = type or 19
        origin = Origin(None if webhook else author, type, extra=more)
        return post(self.world, place, author.user, body, origin)

    def voice(self, member: MemberLike, channel: ChannelLike | None, **state: bool) -> None:
        """A member goes into a voice channel or stage, changes its state there, or leaves with
        None; ``state`` has Discord's own words: ``self_mute``, ``deaf``, ``suppress``.
        """
        who = self.member(member)
        words = ("deaf", "mute", "self_deaf", "self_mute", "self_video", "suppress")
        kept: Json = {
            "user_id": str(who.id),
            "channel_id": None if channel is None else str(self.channel(channel).id),
            "session_id": f"voice-{who.id}",
            "request_to_speak_timestamp": None,
            **dict.fromkeys(words, False),
            **state,
        }
        if channel is None:
            self.voice_states.pop(who.id, None)
        else:
            self.voice_states[who.id] = kept
        told = {**kept, "member": who.payload()}
        self._tell("VOICE_STATE_UPDATE", told, Intent.GUILD_VOICE_STATES)

    def set_afk_channel(self, channel: ChannelLike | None) -> None:
        """Where members go who are away for long."""
        self.afk_channel_id = None if channel is None else self.channel(channel).id
        self._tell("GUILD_UPDATE", self.payload())

    async def chatter(
        self,
        members: Sequence[MemberLike],
        channel: ChannelLike,
        *,
        rate: float,
        seconds: float,
    ) -> list[Message]:
        """Messages of the members in turn, ``rate`` a second, evenly; returns all of them."""
        said: list[Message] = []
        began = time.monotonic()
        place = self.channel(channel)
        wanted = round(rate * seconds)
        while len(said) < wanted:
            due = min(int((time.monotonic() - began) * rate) + 1, wanted)
            while len(said) < due:
                said.append(self.say(members[len(said) % len(members)], place, str(len(said))))
            await asyncio.sleep(0.001)
        return said

    async def slash(self, member: MemberLike, words: str, **how: Any) -> Answer:
        """A slash command; see ``acting.slash``."""
        return await acting.slash(self, self.member(member), words, **how)

    async def click(self, member: MemberLike, on: object, button: str, **how: Any) -> Answer:
        """A click on a button; see ``acting.click``."""
        return await acting.click(self, self.member(member), on, button, **how)

    async def select(
        self, member: MemberLike, on: object, select: str, values: Sequence[object], **how: Any
    ) -> Answer:
        """A choice in a select; see ``acting.select``."""
        return await acting.select(self, self.member(member), on, select, values, **how)

    async def submit(
        self, member: MemberLike, shown: Answer, values: Mapping[str, object], **how: Any
    ) -> Answer:
        """A modal sent off; see ``acting.submit``."""
        return await acting.submit(self, self.member(member), shown, values, **how)

    async def autocomplete(
        self, member: MemberLike, words: str, option: str, text: str, **how: Any
    ) -> list[Json]:
        """The choices that are offered while the member types; see ``acting.autocomplete``."""
        return await acting.autocomplete(self, self.member(member), words, option, text, **how)

    def _keep(self, event: str, channel: Channel) -> None:
        self.channels[channel.id] = self.world.channels[channel.id] = channel
        self._tell(event, channel.payload())

    def _tell(self, name: str, data: Json, intent: Intent = Intent.GUILDS) -> None:
        if self.id not in self.world.guilds:
            return
        data = {**data, "guild_id": str(self.id)}
        self.world.emit(Event(name, data, intent, self.id))
