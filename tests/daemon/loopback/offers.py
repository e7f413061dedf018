"""What Discord's own client would let a member do: commands, their options, their ranges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.daemon.loopback.answers import NotOffered
from tests.daemon.loopback.flags import Json, Permission
from tests.daemon.loopback.people import Channel, Member, Role, User

if TYPE_CHECKING:
    from tests.daemon.loopback.guild import Guild

_ENTITIES: dict[int, tuple[type, ...]] = {
    6: (User, Member),
    7: (Channel,),
    8: (Role,),
    9: (User, Member, Role),
}


def offered_command(guild: Guild, member: Member, channel: Channel, name: str) -> Json:
    """The synced command of this name that the member may use here; else NotOffered."""
    everywhere = guild.world.commands
    known = {c["name"]: c for scope in (None, guild.id) for c in everywhere.get(scope, [])}
    if name not in known:
        raise NotOffered(f"/{name} is not synced; there are: {', '.join(known) or 'none'}")
    command = known[name]
    allowed = member.permissions_in(channel)
    needed = command["default_member_permissions"]
    if Permission.ADMINISTRATOR not in allowed and needed is not None:
        if int(needed) == 0 or int(needed) & ~int(allowed):
            raise NotOffered(f"/{name} needs permissions {needed} of {member.user.name}")
    if Permission.USE_APPLICATION_COMMANDS not in allowed:
        raise NotOffered(f"{member.user.name} may use no commands in #{channel.name}")
    return command


def known_command(guild: Guild, name: str) -> Json:
    """The synced command, whoever may use it."""
    commands = guild.world.commands
    for command in [*commands.get(guild.id, []), *commands.get(None, [])]:
        if command["name"] == name:
            return command
    raise NotOffered(f"/{name} is not synced")


def nested(command: Json, words: list[str]) -> list[Json]:
    """The command and its subcommands along the words; the last one has the options."""
    path = [command]
    for word in words:
        inner = {part["name"]: part for part in path[-1].get("options") or []}
        if word not in inner or inner[word]["type"] not in (1, 2):
            raise NotOffered(f"no {word!r} in {path[-1]['name']}: {', '.join(inner)}")
        path.append(inner[word])
    last = path[-1].get("options") or []
    if any(part["type"] in (1, 2) for part in last):
        raise NotOffered(f"{path[-1]['name']} needs one of: {', '.join(p['name'] for p in last)}")
    return path


def filled(command: Json, values: Mapping[str, object], *, partial: bool = False) -> list[Json]:
    """The options as Discord sends them; NotOffered for what its client would not take."""
    known = {option["name"]: option for option in command.get("options") or []}
    if strange := set(values) - set(known):
        raise NotOffered(f"{command['name']} has no option {sorted(strange)}: {', '.join(known)}")
    required = {name for name, option in known.items() if option.get("required")}
    if (missing := required - set(values)) and not partial:
        raise NotOffered(f"{command['name']} requires {sorted(missing)}")
    return [
        {"name": name, "type": known[name]["type"], "value": value_of(known[name], value)}
        for name, value in values.items()
    ]


def value_of(option: Json, value: object) -> object:
    """One value as it is sent: ids of objects, values of choices, numbers in their range."""
    kind, name = option["type"], option["name"]
    if kind in _ENTITIES:
        return entity_id(value, _ENTITIES[kind], name)
    if kind == 5:
        return bool(value)
    for choice in option.get("choices") or []:
        if value in (choice["name"], choice["value"]):
            return choice["value"]
    if option.get("choices"):
        raise NotOffered(f"{name} takes one of {[c['name'] for c in option['choices']]}")
    if kind == 3:
        _check_range(option, len(str(value)), "min_length", "max_length")
        return str(value)
    if not isinstance(value, (int, float)) or (kind == 4 and not isinstance(value, int)):
        raise NotOffered(f"{name} takes a number, not {value!r}")
    _check_range(option, value, "min_value", "max_value")
    return value


def entity_id(value: object, kinds: tuple[type, ...], name: str) -> str:
    """The id of an object of the right kind; bare ids are believed."""
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, kinds):
        raise NotOffered(f"{name} takes {' or '.join(k.__name__ for k in kinds)}, not {value!r}")
    assert isinstance(value, (User, Member, Role, Channel))
    return str(value.id)


def _check_range(option: Json, value: float, least: str, most: str) -> None:
    low, high = option.get(least), option.get(most)
    if (low is not None and value < low) or (high is not None and value > high):
        raise NotOffered(f"{option['name']} must be from {low} to {high}, not {value}")
