"""For each route of the daemon: what it takes to succeed, and input that it has to refuse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.daemon.http.stage import Served

CHANNEL = "100000000000000009"
STORE = "?store=cases"
SNOWFLAKES = {"guild": "17", "user": "18446744073709551616", "role": "17", "giveaway": "nothing"}
Prepare = Callable[[Served], dict[str, str]]


@dataclass(frozen=True)
class Bad:
    """A request that is refused with ``code``; what is not given is as for a success."""

    code: str
    ids: dict[str, str] = field(default_factory=dict)
    query: str | None = None
    body: Any = None


@dataclass(frozen=True)
class Case:
    """How a route succeeds: its query and body, what has to be there, what the data shows.

    ``prepare`` makes what has to be there and returns ids for the path.
    """

    bad: tuple[Bad, ...]
    query: str = ""
    body: Any = None
    prepare: Prepare = lambda served: {}
    shows: Callable[[Any], object] = lambda data: True


def _member(served: Served) -> dict[str, str]:
    """Ann with 300 XP in the store of the cases, for all to see."""
    served.robo.members.hide(served.guild_id, [served.ids["user"]], hidden=False, store="cases")
    served.robo.xp.set(served.guild_id, served.ids["user"], 300, store="cases")
    return {}


def _gain(served: Served) -> dict[str, str]:
    """Ann writes in the store of the cases, and is seen, whatever another one did with her."""
    served.robo.config.set(served.guild_id, {"cooldownSeconds": 0}, store="cases")
    served.robo.members.hide(served.guild_id, [served.ids["user"]], hidden=False, store="cases")
    served.robo.xp.award(served.guild_id, served.ids["user"], channel_id=CHANNEL, store="cases")
    return {}


def _decay(served: Served) -> dict[str, str]:
    """Members who are away for a day lose XP."""
    part = {"decay": {"afterDays": 1, "amount": 5}}
    served.robo.config.set(served.guild_id, part, store="cases")
    return {}


def _hidden(served: Served) -> dict[str, str]:
    served.robo.members.hide(served.guild_id, [served.ids["user"]], store="cases")
    return {}


def _boost(served: Served) -> dict[str, str]:
    boost = {"300000000000000011": {"factor": 2, "from": 0}}
    served.robo.config.set(served.guild_id, {"boosts": {"list": boost}}, store="cases")
    return {}


def _multipliers(served: Served) -> dict[str, str]:
    part = {"multipliers": {"server": 2, "role": {CHANNEL: 1.5}}}
    served.robo.config.set(served.guild_id, part, store="cases")
    return {}


def _reward(served: Served) -> dict[str, str]:
    rewards = {"roleRewards": [{"level": 5, "roleId": CHANNEL}]}
    served.robo.config.set(served.guild_id, rewards, store="cases")
    return {}


def _giveaway(served: Served) -> dict[str, str]:
    made = served.robo.giveaways.create(
        served.guild_id, prize="a cup", channel_id=str(served.guild.channel("general").id)
    )
    return {"giveaway": made.id}


def _entered(served: Served) -> dict[str, str]:
    made = _giveaway(served)
    served.robo.giveaways.enter(served.guild_id, made["giveaway"], [served.ids["user"]])
    return made


_GUILD = (
    Bad("INVALID_ID", ids={"guild": "17"}),
    Bad("INVALID_ID", ids={"guild": "0100000000000000001"}),
    Bad("GUILD_NOT_FOUND", ids={"guild": "100000000000000001"}),
)
_STORE = (
    *_GUILD,
    Bad("INVALID_ID", query="?store=global"),
    Bad("INVALID_REQUEST", query="?store=No"),
    Bad("INVALID_REQUEST", query="?store=a&store=b"),
)
_USER = (
    *_STORE,
    Bad("INVALID_ID", ids={"user": "18446744073709551616"}),
    Bad("INVALID_ID", ids={"user": "0300000000000000001"}),
)
_STRANGER = Bad("USER_NOT_FOUND", ids={"user": "100000000000000002"})
_BODY = (
    Bad("INVALID_REQUEST", body=b"{"),
    Bad("INVALID_REQUEST", body=[]),
    Bad("INVALID_REQUEST", body=b""),
)
_AMOUNT = (
    *_BODY,
    Bad("INVALID_REQUEST", body={}),
    Bad("INVALID_REQUEST", body={"amount": 5, "reaso": "x"}),
    Bad("INVALID_REQUEST", body={"amount": 5, "reason": "x" * 513}),
    Bad("INVALID_AMOUNT", body={"amount": 0}),
    Bad("INVALID_AMOUNT", body={"amount": 2**53}),
    Bad("INVALID_AMOUNT", body={"amount": 1.5}),
    Bad("INVALID_AMOUNT", body={"amount": True}),
    Bad("INVALID_AMOUNT", body={"amount": "5"}),
)
_PAGES = (
    *_STORE,
    Bad("INVALID_REQUEST", query="?limit=101"),
    Bad("INVALID_REQUEST", query="?limit=0"),
    Bad("INVALID_REQUEST", query="?page=0"),
    Bad("INVALID_REQUEST", query="?offset=-1"),
    Bad("INVALID_REQUEST", query="?offset=1.0"),
    Bad("INVALID_REQUEST", query="?offset=0&page=1"),
)
_SETTINGS = (
    *_BODY,
    Bad("INVALID_REQUEST", body={}),
    Bad("INVALID_CONFIG", body={"xpRate": 11}),
    Bad("INVALID_CONFIG", body={"xpRat": None}),
)

CASES: dict[str, Case] = {
    "getDaemon": Case((), shows=lambda data: data["state"] == "connected"),
    "reloadDaemon": Case((Bad("INVALID_REQUEST", body={"a": 1}),)),
    "syncDaemon": Case(
        (Bad("INVALID_REQUEST", body={"a": 1}),), shows=lambda data: data["commands"] >= 5
    ),
    "stopDaemon": Case((Bad("INVALID_REQUEST", body={"a": 1}),)),
    "getRole": Case(
        (
            Bad("INVALID_ID", ids={"role": "18446744073709551616"}),
            *_GUILD,
        ),
        shows=lambda data: data["dangerous"] == [] and data["obstacle"] is None,
    ),
    "listRoleMembers": Case(
        (*_STORE, Bad("INVALID_ID", ids={"role": "17"})),
        query=STORE,
        prepare=_member,
        shows=lambda data: (data["userIds"], data["complete"]) == ([], False),
    ),
    "getChannel": Case(
        (*_GUILD, Bad("INVALID_ID", ids={"channel": "17"})),
        query="?purpose=announcement",
        shows=lambda data: data["obstacle"] is None,
    ),
    "getHealth": Case((), shows=lambda data: data["status"] == "healthy"),
    "getMetrics": Case(()),
    "getOpenapi": Case(()),
    "hideUser": Case(
        (
            *_USER,
            *_BODY,
            Bad("INVALID_REQUEST", body={}),
            Bad("INVALID_REQUEST", body={"hidden": "yes"}),
            Bad("INVALID_REQUEST", body={"hidden": True, "until": 5}),
        ),
        query=STORE,
        body={"hidden": False, "reason": "asked for it"},
        prepare=_hidden,
        shows=lambda data: len(data["changed"]) == 1,
    ),
    "getPersonalData": Case(
        (*_GUILD, _STRANGER),
        prepare=_member,
        shows=lambda data: "cases" in [one["storeId"] for one in data["stores"]],
    ),
    "eraseUser": Case(
        (
            *_USER,
            *_BODY,
            Bad("INVALID_REQUEST", body={}),
            Bad("INVALID_VALUE", body={"erase": False}),
            Bad("USER_NOT_FOUND", ids={"user": "100000000000000002"}),
        ),
        query=STORE,
        body={"erase": True, "reason": "asked for it"},
        prepare=_member,
        shows=lambda data: data["erased"]["records"] > 0,
    ),
    "pruneUsers": Case(
        (
            *_STORE,
            *_BODY,
            Bad("INVALID_VALUE", body={}),
            Bad("INVALID_VALUE", body={"below": 5, "leftDays": 3}),
            Bad("INVALID_REQUEST", body={"inactiveDays": -1}),
            Bad("INVALID_REQUEST", body={"below": 5, "dry_run": True}),
        ),
        query=STORE,
        body={"below": 301, "dryRun": True},
        prepare=_member,
        shows=lambda data: (data["pruned"] > 0, data["seq"]) == (True, None),
    ),
    "listPeriods": Case(
        (*_STORE, Bad("INVALID_REQUEST", query="?kind=year")),
        query=f"{STORE}&kind=week",
        prepare=_gain,
        shows=lambda data: [one["kind"] for one in data["periods"]] == ["week"],
    ),
    "getPeriodBoard": Case(
        (
            Bad("INVALID_REQUEST", query=f"{STORE}&kind=year"),
            Bad("INVALID_REQUEST", query=f"{STORE}&kind=day&back=1&at=5"),
        ),
        query=f"{STORE}&kind=day",
        prepare=_gain,
        shows=lambda data: (data["total"], data["period"]["closed"]) == (1, False),
    ),
    "closePeriods": Case(
        (*_STORE, *_BODY),
        query=STORE,
        body={"dryRun": True},
        prepare=_gain,
        shows=lambda data: data == {"periods": []},
    ),
    "runDecay": Case(
        (*_STORE, *_BODY),
        query=STORE,
        body={"dryRun": True},
        prepare=_decay,
        shows=lambda data: (data["seq"], data["alreadyDone"]) == (None, False),
    ),
    "listBoosts": Case(
        (*_STORE, Bad("INVALID_REQUEST", query="?which=some")),
        query=f"{STORE}&which=all",
        shows=lambda data: isinstance(data["boosts"], list),
    ),
    "previewBoosts": Case(
        (*_STORE, Bad("INVALID_REQUEST", query="?days=0"), Bad("INVALID_REQUEST", query="?days=x")),
        query=f"{STORE}&days=3",
        prepare=_boost,
        # other tests add boosts of the weekend to the same store
        shows=lambda data: "300000000000000011" in data["stretches"][0]["names"],
    ),
    "addBoost": Case(
        (
            *_STORE,
            *_BODY,
            Bad("INVALID_REQUEST", body={}),
            Bad("INVALID_REQUEST", body={"factor": 11}),
            Bad("INVALID_VALUE", body={"factor": 2, "from": "whenever"}),
            Bad("INVALID_VALUE", body={"factor": 2, "for": "2d", "until": "sat 18:00"}),
        ),
        query=STORE,
        body={"factor": 2, "name": "Weekend", "for": "2d", "weekly": "sat 18:00-22:00"},
        shows=lambda data: (data["factor"], data["name"]) == (2, "Weekend"),
    ),
    "endBoost": Case(
        (*_STORE, *_BODY, Bad("BOOST_NOT_FOUND", body={"id": CHANNEL})),
        query=STORE,
        body={"id": "300000000000000011"},
        prepare=_boost,
        shows=lambda data: data["id"] == "300000000000000011",
    ),
    "listUsers": Case(
        _PAGES,
        query=f"{STORE}&limit=100&page=1",
        prepare=_member,
        shows=lambda data: [user["xp"] for user in data["users"]] == [300],
    ),
    "getUser": Case(
        (*_USER, _STRANGER),
        query=STORE,
        prepare=_member,
        # 155 to 375: in the middle of level 1
        shows=lambda data: (data["progress"]["level"], data["progress"]["inLevel"]) == (1, 145),
    ),
    "addXp": Case(
        (*_USER, *_AMOUNT),
        query=STORE,
        body={"amount": 100.0, "reason": "won"},
        prepare=_member,
        shows=lambda data: (data["oldXp"], data["newXp"], data["leveledUp"]) == (300, 400, True),
    ),
    "setXp": Case(
        (
            *_USER,
            *_BODY,
            Bad("INVALID_REQUEST", body={"amount": 5}),
            Bad("INVALID_AMOUNT", body={"xp": -1}),
        ),
        query=STORE,
        body={"xp": 0},
        prepare=_member,
        shows=lambda data: (data["newXp"], data["delta"]) == (0, -300),
    ),
    "removeXp": Case(
        (*_USER, *_AMOUNT, _STRANGER),
        query=STORE,
        body={"amount": 1000},
        prepare=_member,
        shows=lambda data: (data["newXp"], data["leveledDown"]) == (0, True),
    ),
    "recalcUser": Case(
        (*_USER, _STRANGER, Bad("INVALID_REQUEST", body={"a": 1})),
        query=STORE,
        prepare=_member,
        shows=lambda data: data["totalXp"] == 300,
    ),
    "getLeaderboard": Case(
        _PAGES,
        query=f"{STORE}&offset=0&limit=1",
        prepare=_member,
        shows=lambda data: [entry["rank"] for entry in data["entries"]] == [1],
    ),
    "getRank": Case(
        (*_USER, _STRANGER),
        query=STORE,
        prepare=_member,
        shows=lambda data: (data["rank"], data["percentile"]) == (1, 100.0),
    ),
    "getStats": Case(
        (*_STORE, Bad("STORE_NOT_FOUND", query="?store=empty")),
        query=STORE,
        prepare=_member,
        shows=lambda data: (data["users"]["ranked"], data["xp"]["total"]) == (1, 300),
    ),
    "getGlobalConfig": Case((), shows=lambda data: data["cooldownSeconds"] == 60),
    "setGlobalConfig": Case(
        _SETTINGS,
        body={"labels": {"xpDisplayName": "points"}},
        shows=lambda data: data["config"]["labels"]["xpDisplayName"] == "points",
    ),
    "getConfig": Case(_STORE, query=STORE, shows=lambda data: data["xpRate"] == 1.0),
    "setConfig": Case(
        (*_STORE, *_SETTINGS),
        query=STORE,
        body={"cooldownSeconds": 30.0, "theme": None},
        shows=lambda data: data["cooldownSeconds"] == 30,
    ),
    "getMultipliers": Case(
        _STORE,
        query=STORE,
        prepare=_multipliers,
        shows=lambda data: data["effective"]["serverMultiplier"] == 2,
    ),
    "setMultipliers": Case(
        (
            *_STORE,
            *_BODY,
            Bad("INVALID_REQUEST", body={}),
            Bad("INVALID_CONFIG", body={"server": 11}),
            Bad("INVALID_CONFIG", body={"role": {"1": 2}}),
        ),
        query=STORE,
        body={"server": None, "user": {CHANNEL: 3}},
        prepare=_multipliers,
        shows=lambda data: (
            (data["server"], data["role"], data["user"]) == (None, {CHANNEL: 1.5}, {CHANNEL: 3})
        ),
    ),
    "deleteMultipliers": Case(
        (
            *_STORE,
            *_BODY,
            Bad("INVALID_REQUEST", body={}),
            Bad("INVALID_REQUEST", body={"role": ["1"]}),
            Bad("NOT_FOUND", body={"user": ["100000000000000077"]}),
        ),
        query=STORE,
        body={"server": True, "role": [CHANNEL]},
        prepare=_multipliers,
        shows=lambda data: (data["server"], data["role"]) == (None, {}),
    ),
    "getRewards": Case(_STORE, query=STORE, prepare=_reward, shows=lambda data: data["count"] == 1),
    "setRewards": Case(
        (
            *_STORE,
            *_BODY,
            Bad("INVALID_REQUEST", body={"rewards": [{"level": 0, "roleId": CHANNEL}]}),
            Bad("INVALID_REQUEST", body={"rewards": [{"level": 1}]}),
            Bad("INVALID_REQUEST", body={"rewards": [], "mode": "stak"}),
            Bad("INVALID_CONFIG", body={"rewards": [{"level": 1, "roleId": CHANNEL}] * 2}),
        ),
        query=STORE,
        body={"rewards": [{"level": 7, "roleId": CHANNEL}], "mode": "replace"},
        prepare=_reward,
        shows=lambda data: (
            (data["rewards"], data["mode"]) == ([{"level": 7, "roleId": CHANNEL}], "replace")
        ),
    ),
    "addReward": Case(
        (
            *_STORE,
            *_BODY,
            Bad("INVALID_REQUEST", body={"level": 1001, "roleId": CHANNEL}),
            Bad("INVALID_REQUEST", body={"level": 1}),
            Bad("DUPLICATE_REWARD", body={"level": 5, "roleId": "100000000000000077"}),
        ),
        query=STORE,
        body={"level": 6, "roleId": CHANNEL},
        prepare=_reward,
        shows=lambda data: [reward["level"] for reward in data["rewards"]] == [5, 6],
    ),
    "removeReward": Case(
        (
            *_STORE,
            *_BODY,
            Bad("INVALID_REQUEST", body={"level": "5"}),
            Bad("REWARD_NOT_FOUND", body={"level": 9}),
        ),
        query=STORE,
        body={"level": 5},
        prepare=_reward,
        shows=lambda data: (data["removed"], data["remaining"]) == (5, []),
    ),
    "listGiveaways": Case(
        _GUILD,
        prepare=_giveaway,
        shows=lambda data: "a cup" in [one["prize"] for one in data["active"]],
    ),
    "startGiveaway": Case(
        (
            *_GUILD,
            *_BODY,
            Bad("INVALID_VALUE", body={"prize": "x"}),
            Bad("TEMPLATE_NOT_FOUND", body={"template": "x"}),
            Bad("INVALID_REQUEST", body={"prize": "", "channelId": CHANNEL}),
            Bad("INVALID_REQUEST", body={"prize": "x", "channelId": 5, "winner": 1}),
            Bad("INVALID_VALUE", body={"prize": " ", "channelId": CHANNEL}),
            Bad("INVALID_DURATION", body={"prize": "x", "channelId": CHANNEL, "duration": "1y"}),
            Bad("LIMIT_EXCEEDED", body={"prize": "x", "channelId": CHANNEL, "winners": 21}),
        ),
        body={"prize": "a hat", "channelId": CHANNEL, "duration": "2d", "winners": 2},
        shows=lambda data: (
            (data["giveaway"]["prize"], data["giveaway"]["startedBy"])
            == ("a hat", "rest:token:panel")
        ),
    ),
    "getGiveaway": Case(
        (*_GUILD, Bad("GIVEAWAY_NOT_FOUND", ids={"giveaway": "x"})),
        prepare=_giveaway,
        shows=lambda data: (data["prize"], data["secret"]) == ("a cup", None),
    ),
    "listEntries": Case(
        (
            *_GUILD,
            Bad("GIVEAWAY_NOT_FOUND", ids={"giveaway": "x"}),
            Bad("INVALID_REQUEST", query="?limit=0"),
        ),
        query="?limit=10",
        prepare=_entered,
        shows=lambda data: (
            (list(data["entries"].values()), data["pagination"]["hasMore"]) == ([1], False)
        ),
    ),
    "getProof": Case(
        (*_GUILD, Bad("GIVEAWAY_NOT_FOUND", ids={"giveaway": "x"})),
        prepare=_entered,
        shows=lambda data: (len(data["entries"]), data["entryCount"]) == (1, 1),
    ),
    "changeGiveaway": Case(
        (
            *_GUILD,
            *_BODY,
            Bad("GIVEAWAY_NOT_FOUND", ids={"giveaway": CHANNEL}),
            Bad("GIVEAWAY_NOT_ENDED", body={"action": "reroll"}),
            Bad("GIVEAWAY_NOT_ENDED", body={"action": "handedOver", "user": CHANNEL}),
            Bad("INVALID_REQUEST", body={"action": "finish"}),
            Bad("INVALID_REQUEST", body={"action": "edit"}),
            Bad("INVALID_REQUEST", body={"action": "end", "count": 2}),
            Bad("INVALID_REQUEST", body={"action": "reroll", "count": 0}),
            Bad("INVALID_DURATION", body={"action": "edit", "ends": "soon"}),
        ),
        body={"action": "edit", "prize": "a mug"},
        prepare=_giveaway,
        shows=lambda data: data["giveaway"]["prize"] == "a mug",
    ),
    "getGiveawaySettings": Case(_GUILD, shows=lambda data: data["limits"]["maxWinners"] == 20),
    "setGiveawaySettings": Case(
        (
            *_GUILD,
            *_BODY,
            Bad("INVALID_REQUEST", body={}),
            Bad("INVALID_CONFIG", body={"defaults": {"winners": 21}}),
            Bad("INVALID_CONFIG", body={"defaults": {"winers": None}}),
        ),
        body={"defaults": {"buttonLabel": "Join"}, "limits": None},
        shows=lambda data: data["defaults"]["buttonLabel"] == "Join",
    ),
}
