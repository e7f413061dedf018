"""The table of REST routes, and what a route is given to answer a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from tests.daemon.loopback.errors import api_error, form_error
from tests.daemon.loopback.flags import Json, Permission
from tests.daemon.loopback.messages import Message
from tests.daemon.loopback.people import Channel, Member, Role, User
from tests.daemon.loopback.world import World

if TYPE_CHECKING:
    from tests.daemon.loopback.guild import Guild

Body = Any
Route = Callable[["Call"], Body]
R = TypeVar("R", bound=Route)


@dataclass(frozen=True, slots=True)
class Entry:
    """One route: ``needs_token`` is false where a token stands in the path instead."""

    method: str
    template: str
    answer: Route
    needs_token: bool = True


ROUTES: list[Entry] = []


def route(method: str, template: str, *, needs_token: bool = True) -> Callable[[R], R]:
    """Puts a function into the table; it returns the JSON to answer, or None for 204."""

    def register(answer: R) -> R:
        ROUTES.append(Entry(method, template, answer, needs_token))
        return answer

    return register


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with a call."""

    name: str
    content: bytes
    type: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a route, with look-ups that refuse as Discord does."""

    world: World
    ids: Mapping[str, str]
    query: Mapping[str, str]
    body: Body = None
    files: list[File] = field(default_factory=list)

    @property
    def fields(self) -> Json:
        """The body, which must be an object."""
        if self.body is None:
            return {}
        if not isinstance(self.body, dict):
            raise form_error("_", "DICT_TYPE_CONVERT", "Only dictionaries may be used here.")
        return self.body

    def number(self, name: str) -> int:
        """An id of the path."""
        text = self.ids[name]
        if not text.isdigit():
            raise form_error(name, "NUMBER_TYPE_COERCE", f'Value "{text}" is not snowflake.')
        return int(text)

    def count(self, name: str, default: int, most: int) -> int:
        """A number of the query, from 1 to ``most``."""
        value = int(self.query.get(name, default))
        if not 1 <= value <= most:
            raise form_error(name, "NUMBER_TYPE_MAX", f"int value should be 1 to {most}.")
        return value

    def guild(self) -> Guild:
        """The guild of the path, if the bot is in it."""
        return self.world.guild(self.number("guild"))

    def member(self) -> Member:
        """The member of the path."""
        guild = self.guild()
        if self.ids["user"] == "@me":
            return guild.me
        if self.number("user") not in guild.members:
            raise api_error(10007 if self.number("user") in self.world.users else 10013)
        return guild.members[self.number("user")]

    def role(self) -> Role:
        """The role of the path."""
        roles = self.guild().roles
        if self.number("role") not in roles:
            raise api_error(10011)
        return roles[self.number("role")]

    def user(self) -> User:
        """The user of the path."""
        if self.ids["user"] == "@me":
            return self.world.bot
        if self.number("user") not in self.world.users:
            raise api_error(10013)
        return self.world.users[self.number("user")]

    def channel(self, *needed: Permission) -> Channel:
        """The channel of the path, if the bot sees it and has the permissions there."""
        channel = self.world.channels.get(self.number("channel"))
        if channel is None:
            raise api_error(10003)
        if channel.guild is None:
            return channel
        me = channel.guild.members.get(self.world.bot.id)
        held = me.permissions_in(channel) if me else Permission(0)
        if Permission.VIEW_CHANNEL not in held:
            raise api_error(50001)
        if any(permission not in held for permission in needed):
            raise api_error(50013)
        return channel

    def message(self, *needed: Permission) -> Message:
        """The message of the path in its channel."""
        wanted = self.number("message")
        for message in self.channel(*needed).messages:
            if message.id == wanted:
                return message
        raise api_error(10008)

    def attachments(self) -> list[Json]:
        """The files as attachments, after those that the body keeps."""
        kept = [one for one in self.fields.get("attachments") or [] if "url" in one]
        return [*kept, *(self._attachment(file) for file in self.files)]

    def _attachment(self, file: File) -> Json:
        number = self.world.ids.new()
        url = f"http://127.0.0.1/attachments/{number}/{file.name}"
        base = {"id": str(number), "filename": file.name, "size": len(file.content)}
        return {**base, "url": url, "proxy_url": url, "content_type": file.type}
