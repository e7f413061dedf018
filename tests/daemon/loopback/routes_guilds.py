"""REST: guilds, members and their roles, with the hierarchy that guards them."""

from __future__ import annotations

from tests.daemon.loopback.errors import api_error, form_error
from tests.daemon.loopback.flags import Intent, Json, Permission
from tests.daemon.loopback.people import Member, Role
from tests.daemon.loopback.routing import Call, route

_MEMBER = "/guilds/{guild}/members/{user}"


@route("GET", "/guilds/{guild}")
def guild(call: Call) -> Json:
    """A guild that the bot is in."""
    return call.guild().payload()


@route("GET", "/guilds/{guild}/channels")
def channels(call: Call) -> list[Json]:
    """The guild's channels, without threads."""
    created = call.guild().created()
    places: list[Json] = created["channels"]
    return places


@route("GET", "/guilds/{guild}/members")
def members(call: Call) -> list[Json]:
    """Members by id; needs the members intent."""
    if Intent.GUILD_MEMBERS not in call.world.privileged:
        raise api_error(50001)
    after = int(call.query.get("after", 0))
    ids = sorted(number for number in call.guild().members if number > after)
    most = call.count("limit", 1, 1000)
    return [call.guild().members[number].payload() for number in ids[:most]]


@route("GET", _MEMBER)
def member(call: Call) -> Json:
    """One member."""
    return call.member().payload()


@route("PATCH", _MEMBER)
def change_member(call: Call) -> Json:
    """A member with another nickname or another whole list of roles."""
    found = call.member()
    fields = call.fields
    if "roles" in fields:
        _set_roles(call, found, [int(number) for number in fields["roles"] or []])
    if "nick" in fields:
        found.nick = fields["nick"]
    return found.payload()


@route("PUT", _MEMBER + "/roles/{role}")
def give_role(call: Call) -> None:
    """A member holds one role more, or as many as before."""
    found, role = call.member(), call.role()
    _check_may_manage(found, role)
    found.guild.set_roles(found, [*found.roles, role])


@route("DELETE", _MEMBER + "/roles/{role}")
def take_role(call: Call) -> None:
    """A member holds one role less, or as few as before."""
    found, role = call.member(), call.role()
    _check_may_manage(found, role)
    found.guild.set_roles(found, [held for held in found.roles if held is not role])


@route("GET", "/guilds/{guild}/roles")
def roles(call: Call) -> list[Json]:
    """The guild's roles."""
    return [role.payload() for role in call.guild().roles.values()]


@route("GET", "/guilds/{guild}/roles/{role}")
def role(call: Call) -> Json:
    """One role."""
    return call.role().payload()


@route("POST", "/guilds/{guild}/roles")
def add_role(call: Call) -> Json:
    """A new role at the bottom."""
    place, fields = call.guild(), call.fields
    if Permission.MANAGE_ROLES not in place.me.permissions:
        raise api_error(50013)
    name = fields.get("name") or "new role"
    allowed = int(fields.get("permissions") or 0)
    return place.add_role(name, permissions=allowed, position=1).payload()


@route("PATCH", "/guilds/{guild}/roles/{role}")
def change_role(call: Call) -> Json:
    """A role with another name or other permissions."""
    found = call.role()
    _check_may_manage(found.guild.me, found, managed=True)
    changes = {key: call.fields[key] for key in ("name",) if key in call.fields}
    if "permissions" in call.fields:
        changes["permissions"] = Permission(int(call.fields["permissions"]))
    found.guild.change_role(found, **changes)
    return found.payload()


@route("DELETE", "/guilds/{guild}/roles/{role}")
def delete_role(call: Call) -> None:
    """Takes a role away."""
    found = call.role()
    _check_may_manage(found.guild.me, found)
    found.guild.delete_role(found)


def _set_roles(call: Call, member: Member, wanted: list[int]) -> None:
    known = member.guild.roles
    for number in wanted:
        if number not in known:
            raise form_error("roles", "INVALID_ROLE", f"{number} is no role of the guild.")
    new = [known[number] for number in wanted]
    for changed in set(new) ^ set(member.roles):
        _check_may_manage(member, changed)
    member.guild.set_roles(member, new)


def _check_may_manage(member: Member, role: Role, *, managed: bool = False) -> None:
    """Raises 50013 unless the bot may give and take the role, 50028 for what is no real one."""
    me = member.guild.me
    if role is member.guild.everyone:
        raise api_error(50028)
    if Permission.MANAGE_ROLES not in me.permissions or role.rank >= me.top:
        raise api_error(50013)
    if role.managed and not managed:
        raise api_error(50013)
