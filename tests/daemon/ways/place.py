"""One guild and the three ways into it: slash commands, a terminal, HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robo_xp import RoboXP
from robo_xp.ports import SystemClock
from tests.cli.program import Program
from tests.daemon.http.stage import Served, path_of
from tests.daemon.loopback import Answer, Guild, Permission
from tests.daemon.loopback.flags import Callback

OWN = frozenset({"seq", "id", "exportedAt", "pseudonym", "guildId", "ts", "messageId"})
"""Keys of answers that no two guilds share."""


class Even:
    """Chance that rolls 20 for each award."""

    def integer(self, low: int, high: int) -> int:
        """20, which lies between the bounds of an award."""
        assert low <= 20 <= high
        return 20


MEMBERS = ("ann", "bob", "eve")
A_DAY = 86_400_000


@dataclass(frozen=True)
class Place:
    """A guild in which ``ann`` manages; what is asked for ``{bob}`` in text is bob's id."""

    served: Served
    robo: RoboXP
    folder: Path
    guild: Guild

    @classmethod
    def make(cls, served: Served, robo: RoboXP, folder: Path) -> Place:
        """A guild that nobody has used, with the same members, roles and channels as any other."""

        def make(discord: Any) -> Guild:
            guild: Guild = discord.add_guild(
                "G", roles=["Bronze"], members=list(MEMBERS), channels=["general", "room"]
            )
            mods = guild.add_role("Mods", permissions=Permission.MANAGE_GUILD)
            guild.change_roles("ann", add=[mods])
            return guild

        place = cls(served, robo, folder, served.thread.call(make))
        served.thread.run(lambda discord: discord.until(place._is_known))
        return place

    def _is_known(self) -> bool:
        connection = self.served.service.connection
        return connection is not None and connection.has_guild(self.id)

    @property
    def id(self) -> str:
        """The guild's id."""
        return str(self.guild.id)

    @property
    def ids(self) -> dict[str, str]:
        """The ids of this guild by name."""
        found = {name: str(self.guild.member(name).id) for name in MEMBERS}
        found |= {name: str(self.guild.channel(name).id) for name in ("general", "room")}
        return {"guild": self.id, "bronze": str(self.guild.role("Bronze").id), **found}

    def filled(self, value: Any) -> Any:
        """The value with the ids of this guild in place of their names in braces."""
        if isinstance(value, str):
            return re.sub(r"\{(\w+)\}", lambda name: self.ids[name[1]], value)
        if isinstance(value, Mapping):
            return {self.filled(key): self.filled(one) for key, one in value.items()}
        return [self.filled(one) for one in value] if isinstance(value, list) else value

    def anonymous(self, value: Any) -> Any:
        """JSON with names in place of this guild's ids, and without what is its own alone."""
        text = json.dumps(value)
        for name, id_ in self.ids.items():
            text = text.replace(id_, f"{{{name}}}")
        return _without(json.loads(text))

    # -- the three ways -------------------------------------------------------------------------

    def slash(self, words: str, who: str = "ann", **options: object) -> Answer:
        """A member uses a command; an option ``dry_run`` is Discord's ``dry-run``."""
        given = {key.replace("_run", "-run"): self._option(one) for key, one in options.items()}
        return self.served.thread.run(
            lambda _: self.guild.slash(who, words, options=given), timeout=20.0
        )

    def click(self, on: Answer, button: str, who: str = "ann") -> Answer:
        """A member clicks a button; the message that it is on, after what becomes of that."""

        async def click(_: Any) -> Answer:
            answer = await self.guild.click(who, on, button)
            if answer.type == Callback.DEFERRED_UPDATE:
                await answer.changed()
            return on

        return self.served.thread.run(click)

    def form(self, terms: str) -> Answer:
        """A giveaway by the form of ``/giveaway start``."""
        form = self.slash("giveaway start", form=True)
        typed = {"prize": "Tea", "duration": "1h", "terms": self.filled(terms)}
        return self.served.thread.run(lambda _: self.guild.submit("ann", form, typed))

    def terminal(self, *words: str) -> Any:
        """What ``robo-xp … --json`` prints; a refusal is its code."""
        program = Program(self.folder, self.id)
        done = program(*map(self.filled, words), "--json")
        if done.stdout:
            return json.loads(done.stdout)
        return json.loads(done.stderr)["error"]["code"]

    def http(self, method: str, path: str, body: Any = None) -> Any:
        """The data that a route answers; a refusal is its code."""
        answer = self.served.ask(method, path_of(path, self.ids), self.filled(body))
        return answer.json["data"] if answer.json["success"] else answer.code

    def _option(self, value: object) -> object:
        if not isinstance(value, str) or not re.fullmatch(r"\{\w+\}", value):
            return self.filled(value)
        name = value[1:-1]
        if name == "bronze":
            return self.guild.role("Bronze")
        return self.guild.member(name) if name in MEMBERS else self.guild.channel(name)

    # -- what rows begin with -------------------------------------------------------------------

    def give(self, name: str, amount: int) -> None:
        """An operator gives XP."""
        self.robo.xp.add(self.id, self.ids[name], amount)

    def wrote(self, name: str, days_ago: int = 0) -> None:
        """A message of a member was counted, for 20 XP."""
        at = SystemClock().now_ms() - days_ago * A_DAY
        self.robo.xp.award(self.id, self.ids[name], channel_id=self.ids["general"], at=at)

    def giveaway(self, **terms: Any) -> str:
        """The id of a giveaway that was started with these terms."""
        terms = {"prize": "Tea", "channel_id": self.ids["general"], "duration": "1h", **terms}
        return self.robo.giveaways.create(self.id, **terms).id


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(one) for key, one in value.items() if key not in OWN}
    return [_without(one) for one in value] if isinstance(value, list) else value


Way = Callable[[Place], Any]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A command of the table: the same act in three ways, or a text that says why there is none.

    ``numbers`` takes from the JSON of terminal and HTTP what has to be the same; ``says`` is what
    the slash command's answer has of it. ``state`` is what the act leaves behind.
    """

    command: str
    slash: Way | str
    terminal: Way
    http: Way | str
    state: Way
    prepare: Callable[[Place], object] = lambda place: None
    numbers: Callable[[Any], Any] = lambda found: found
    says: Callable[[Any], list[str]] = lambda found: []
    changes: bool = True
