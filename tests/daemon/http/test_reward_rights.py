"""Rewards over HTTP: a role whose members manage the guild needs to be called dangerous."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.daemon.http.stage import WRITER, Served, serving
from tests.daemon.loopback import Permission


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One daemon for all of these, with a role for moderators."""
    with serving(tmp_path_factory.mktemp("rights")) as found:
        found.guild.add_role("Mods", permissions=int(Permission.MANAGE_MESSAGES))
        yield found


WAYS = [
    ("POST", "/rewards", lambda reward: reward),
    ("PUT", "/rewards", lambda reward: {"rewards": [reward]}),
    ("PUT", "", lambda reward: {"roleRewards": [reward]}),
]


@pytest.mark.parametrize(("method", "path", "body"), WAYS, ids=["one", "all", "settings"])
def test_dangerous_roles(
    served: Served, method: str, path: str, body: Callable[[object], object]
) -> None:
    """Each way to set a reward refuses such a role, and takes it when the request says so."""
    config, store = f"/api/xp/config/{served.guild_id}", f"?store={method.lower()}{len(path)}"
    reward = {"level": 3, "roleId": str(served.guild.role("Mods").id)}
    dangerous = {**reward, "dangerous": True}
    refused = served.ask_tcp(method, config + path + store, body(reward), token=WRITER)
    taken = served.ask_tcp(method, config + path + store, body(dangerous), token=WRITER)

    assert (refused.status, refused.code) == (409, "DANGEROUS_ROLE")
    assert "manage messages" in refused.json["error"]["message"]
    assert taken.status == 200
    assert served.ask("GET", f"{config}/rewards{store}").data["rewards"] == [dangerous]


def test_a_dangerous_role_is_no_prize(served: Served) -> None:
    """A role that the first of a period get is held to the same."""
    config = f"/api/xp/config/{served.guild_id}?store=prizes"
    prize: dict[str, object] = {"kind": "week", "roleId": str(served.guild.role("Mods").id)}
    said = {"periods": {"prizes": [prize]}}
    refused = served.ask_tcp("PUT", config, said, token=WRITER)
    prize["dangerous"] = True
    taken = served.ask_tcp("PUT", config, said, token=WRITER)

    assert (refused.status, refused.code) == (409, "DANGEROUS_ROLE")
    assert taken.data["periods"]["prizes"] == [prize]


def test_what_a_role_may(served: Served) -> None:
    """The command line asks over the socket before it adds a reward."""
    role_id = served.guild.role("Mods").id
    told = served.ask("GET", f"/api/daemon/roles/{served.guild_id}/{role_id}").data

    assert told == {"roleId": str(role_id), "dangerous": ["manage_messages"], "obstacle": None}


def test_defaults_of_all_guilds_obey_the_same(served: Served) -> None:
    """A role that is dangerous in a guild of the vault is refused, unless the request says it."""
    path = "/api/xp/config/global"
    served.ask_tcp(
        "PUT", f"/api/xp/config/{served.guild_id}", {"cooldownSeconds": 50}, token=WRITER
    )
    reward = {"level": 3, "roleId": str(served.guild.role("Mods").id)}
    refused = served.ask_tcp("PUT", path, {"roleRewards": [reward]}, token=WRITER)
    said = {"roleRewards": [{**reward, "dangerous": True}]}
    taken = served.ask_tcp("PUT", path, said, token=WRITER)
    again = served.ask_tcp("PUT", path, {"roleRewards": None}, token=WRITER)

    assert (refused.status, refused.code) == (409, "DANGEROUS_ROLE")
    assert (taken.status, again.status) == (200, 200)
