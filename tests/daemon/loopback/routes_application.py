"""REST: logging in, the application, and its commands."""

from __future__ import annotations

from tests.daemon.loopback.check_commands import check_commands
from tests.daemon.loopback.errors import api_error
from tests.daemon.loopback.flags import Json
from tests.daemon.loopback.routing import Call, route

_COMMANDS = "/applications/{app}/commands"
_OF_GUILD = "/applications/{app}/guilds/{guild}/commands"


@route("GET", "/users/@me")
def me(call: Call) -> Json:
    """The bot's account."""
    return {**call.world.bot.payload(), "verified": True, "mfa_enabled": True, "locale": "en-US"}


@route("GET", "/users/{user}")
def user(call: Call) -> Json:
    """An account."""
    return call.user().payload()


@route("GET", "/oauth2/applications/@me")
@route("GET", "/applications/@me")
def application(call: Call) -> Json:
    """The application behind the token."""
    return call.world.application()


@route("GET", _COMMANDS)
@route("GET", _OF_GUILD)
def commands(call: Call) -> list[Json]:
    """The commands of one scope."""
    return call.world.commands.get(_scope(call), [])


@route("PUT", _COMMANDS)
@route("PUT", _OF_GUILD)
def replace_commands(call: Call) -> list[Json]:
    """All commands of one scope at once; those that keep type and name keep their id."""
    wanted = list(call.body or [])
    check_commands(wanted)
    call.world.commands[_scope(call)] = [_command(call, command) for command in wanted]
    return commands(call)


@route("POST", _COMMANDS)
@route("POST", _OF_GUILD)
def add_command(call: Call) -> Json:
    """One command, in place of one of the same type and name."""
    new = _command(call, call.fields)
    check_commands([new])
    call.world.commands[_scope(call)] = [*_without(call, new), new]
    return new


@route("GET", _COMMANDS + "/{command}")
@route("GET", _OF_GUILD + "/{command}")
def command(call: Call) -> Json:
    """One command."""
    return _found(call)


@route("PATCH", _COMMANDS + "/{command}")
@route("PATCH", _OF_GUILD + "/{command}")
def edit_command(call: Call) -> Json:
    """One command with changed fields."""
    old = _found(call)
    new = {**old, **call.fields, "version": str(call.world.ids.new())}
    check_commands([new])
    call.world.commands[_scope(call)] = [*_without(call, old), new]
    return new


@route("DELETE", _COMMANDS + "/{command}")
@route("DELETE", _OF_GUILD + "/{command}")
def delete_command(call: Call) -> None:
    """Takes a command away."""
    call.world.commands[_scope(call)] = _without(call, _found(call))


def _scope(call: Call) -> int | None:
    if call.number("app") != call.world.bot.id:
        raise api_error(50001)
    return call.guild().id if "guild" in call.ids else None


def _found(call: Call) -> Json:
    for one in commands(call):
        if one["id"] == call.ids["command"]:
            return one
    raise api_error(10063)


def _key(command: Json) -> tuple[int, str]:
    return (command.get("type", 1), command["name"])


def _without(call: Call, command: Json) -> list[Json]:
    return [one for one in commands(call) if _key(one) != _key(command)]


def _command(call: Call, fields: Json) -> Json:
    """The command as Discord keeps it: with ids, and defaults for what was not said."""
    ids = {_key(one): one["id"] for one in commands(call)}
    scope = _scope(call)
    own = {"guild_id": str(scope)} if scope is not None else {}
    return {
        "description": "",
        "default_member_permissions": None,
        "dm_permission": True,
        "nsfw": False,
        **fields,
        "type": fields.get("type", 1),
        "id": ids.get(_key(fields)) or str(call.world.ids.new()),
        "application_id": str(call.world.bot.id),
        "version": str(call.world.ids.new()),
        **own,
    }
