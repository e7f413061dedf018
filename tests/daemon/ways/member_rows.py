"""Members and settings: each command of the table in three ways."""

from __future__ import annotations

import json
from typing import Any, Final

from robo_xp.text import thousands
from tests.daemon.ways.place import Place, Row
from tests.daemon.ways.time_rows import periods, records

_SETTINGS: Final[dict[str, Any]] = {
    "voice.xpPerMinute": 3,
    "voice.minOthers": 2,
    "voice.allowMuted": True,
    "voice.stageListeners": True,
    "voice.maxMinutesPerDay": 240,
    "periods.timezone": "Europe/Berlin",
    "periods.firstDay": "sun",
    "periods.hour": 6,
    "periods.count": ["message", "hand"],
    "periods.prizes": [{"kind": "week", "first": 3, "xp": 100}],
    "boosts.stack": "multiply",
    "boosts.announce": True,
    "onLeave": "hide",
    "decay.afterDays": 30,
    "decay.percent": 2,
    "decay.amount": 5,
    "decay.floorLevel": 1,
    "decay.exemptRoleIds": ["{bronze}"],
}


def three_members(place: Place) -> None:
    """Ann has 5,000 XP, bob 1,234, eve 40."""
    for name, amount in (("ann", 5_000), ("bob", 1_234), ("eve", 40)):
        place.give(name, amount)


def bob_is_hidden(place: Place) -> None:
    """Of three members bob is hidden."""
    three_members(place)
    place.robo.members.hide(place.id, [place.ids["bob"]])


def eve_has_left(place: Place) -> None:
    """Of three members eve has left, as the daemon saw it."""
    three_members(place)
    place.robo.members.leaving.leave(place.id, place.ids["eve"])


def bob_wrote(place: Place) -> None:
    """Of three members bob has written."""
    three_members(place)
    place.wrote("bob")


def who_is_away(place: Place) -> None:
    """Bob and eve are away for 40 days with 1,000 XP each, and lose 50 a day after 30."""
    for name in ("bob", "eve"):
        place.wrote(name, 40)
        place.robo.xp.set(place.id, place.ids[name], 1_000)
    place.robo.config.set(place.id, {"decay": {"afterDays": 30, "amount": 50}})


def config(place: Place) -> Any:
    """What was set for the guild."""
    return place.robo.config.own(place.id)


def own_settings(place: Place) -> Any:
    """Each setting in a terminal; what is set then."""
    for key, value in _SETTINGS.items():
        words = [value] if isinstance(value, str) else [json.dumps(value)]
        place.terminal("config", "set", key, *words)
    return place.terminal("config", "show", "--own")


def nested(place: Place) -> Any:
    """The same settings over HTTP, in one request; what is set then."""
    body: dict[str, Any] = {}
    for key, value in _SETTINGS.items():
        part, _, last = key.rpartition(".")
        (body.setdefault(part, {}) if part else body)[last] = value
    place.http("PUT", "/api/xp/config/{guild}", body)
    return place.http("GET", "/api/xp/config/{guild}?own=true")


def chosen(place: Place) -> Any:
    """The page is opened in the panel."""
    panel = place.slash("xp config")
    ann = place.ids["ann"]

    async def choose(_: Any) -> Any:
        for name, value in (
            (f"xp_config_category_{ann}", "general"),
            (f"xp_config_general_leaderboard_page_{ann}", "public"),
        ):
            answer = await place.guild.select("ann", panel, name, [value])
            await answer.changed()
        return panel

    return place.served.thread.run(choose)


MEMBER_ROWS = (
    Row(
        command="member hide USER",
        prepare=three_members,
        slash=lambda p: p.slash("member hide", user="{bob}"),
        terminal=lambda p: p.terminal("member", "hide", "{bob}"),
        http=lambda p: p.http("PUT", "/api/xp/users/{guild}/{bob}/hidden", {"hidden": True}),
        state=records,
        says=lambda found: [f"<@{one}> is hidden." for one in found["changed"]],
    ),
    Row(
        command="member hide, by oneself",
        prepare=three_members,
        slash=lambda p: p.slash("privacy", who="bob", hidden=True),
        terminal=lambda p: p.terminal("member", "hide", "{bob}"),
        http=lambda p: p.http("PUT", "/api/xp/users/{guild}/{bob}/hidden", {"hidden": True}),
        state=records,
        says=lambda _: ["You are hidden"],
    ),
    Row(
        command="member show USER",
        prepare=bob_is_hidden,
        slash=lambda p: p.slash("member show", user="{bob}"),
        terminal=lambda p: p.terminal("member", "show", "{bob}"),
        http=lambda p: p.http("PUT", "/api/xp/users/{guild}/{bob}/hidden", {"hidden": False}),
        state=records,
        says=lambda found: [f"<@{one}> is shown." for one in found["changed"]],
    ),
    Row(
        command="member prune --below XP",
        prepare=three_members,
        slash=lambda p: p.click(p.slash("member prune", below=2_000), "Delete these records"),
        terminal=lambda p: p.terminal("member", "prune", "--below", "2000", "--yes"),
        http=lambda p: p.http("POST", "/api/xp/prune/{guild}", {"below": 2_000}),
        state=records,
        says=lambda found: [f"{found['pruned']} records with {thousands(found['xp'])} XP are gone"],
    ),
    Row(
        command="member prune --left DAYS",
        prepare=eve_has_left,
        slash=lambda p: p.slash("member prune", left=0),
        terminal=lambda p: p.terminal("member", "prune", "--left", "0", "--dry-run"),
        http=lambda p: p.http("POST", "/api/xp/prune/{guild}", {"leftDays": 0, "dryRun": True}),
        state=records,
        says=lambda found: [
            f"{found['pruned']} record with {found['xp']} XP would go",
            *(f"<@{one['userId']}> {one['xp']} XP" for one in found["sample"]),
        ],
        changes=False,
    ),
    Row(
        command="member prune --inactive DAYS",
        prepare=who_is_away,
        slash=lambda p: p.click(p.slash("member prune", inactive=39), "Delete these records"),
        terminal=lambda p: p.terminal("member", "prune", "--inactive", "39", "--yes"),
        http=lambda p: p.http("POST", "/api/xp/prune/{guild}", {"inactiveDays": 39}),
        state=records,
        numbers=lambda found: (found["pruned"], found["xp"]),
        says=lambda found: [f"{found[0]} records with {thousands(found[1])} XP are gone"],
    ),
    Row(
        command="member decay --dry-run",
        prepare=who_is_away,
        slash=lambda p: p.slash("member decay", dry_run=True),
        terminal=lambda p: p.terminal("member", "decay", "--dry-run"),
        http=lambda p: p.http("POST", "/api/xp/decay/{guild}", {"dryRun": True}),
        state=records,
        says=lambda found: [f"{found['decayed']} members would lose {found['xp']} XP"],
        changes=False,
    ),
    Row(
        command="member decay",
        prepare=who_is_away,
        slash=lambda p: p.slash("member decay"),
        terminal=lambda p: p.terminal("member", "decay"),
        http=lambda p: p.http("POST", "/api/xp/decay/{guild}", {}),
        state=records,
        says=lambda found: [f"{found['decayed']} members lost {found['xp']} XP"],
    ),
    Row(
        command="member export USER",
        prepare=three_members,
        slash=lambda p: p.slash("member export", user="{bob}"),
        terminal=lambda p: p.terminal("member", "export", "{bob}"),
        http=lambda p: p.http("GET", "/api/xp/users/{guild}/{bob}/data"),
        state=records,
        numbers=lambda found: (
            found["userId"],
            [one["xp"] for one in found["stores"]],
            len(found["documents"]),
            len(found["history"]),
        ),
        says=lambda found: [f"All about <@{found[0]}>"],
        changes=False,
    ),
    Row(
        command="member erase USER",
        prepare=bob_wrote,
        slash=lambda p: p.click(p.slash("member erase", user="{bob}"), "Erase for good"),
        terminal=lambda p: p.terminal("member", "erase", "{bob}", "--yes"),
        http=lambda p: p.http("DELETE", "/api/xp/users/{guild}/{bob}/data", {"erase": True}),
        state=lambda p: (records(p), periods(p)),
        numbers=lambda found: found["erased"],
        says=lambda found: [
            f"{found['records']} record, ",
            f"{found['periods']} sum of periods",
        ],
    ),
    Row(
        command="multiplier channel CHANNEL X",
        slash=lambda p: p.slash("xp multiplier channel", channel="{room}", value=0.5),
        terminal=lambda p: p.terminal("multiplier", "channel", "{room}", "0.5"),
        http=lambda p: p.http(
            "PUT", "/api/xp/config/{guild}/multipliers", {"channel": {"{room}": 0.5}}
        ),
        state=config,
        numbers=lambda found: found.get("multipliers", found)["channel"],
        says=lambda found: [f"{factor:g}×" for factor in found.values()],
    ),
    Row(
        command="multiplier remove-channel CHANNEL",
        prepare=lambda p: p.robo.multipliers.set_channel(p.id, p.ids["room"], 0.5),
        slash=lambda p: p.slash("xp multiplier remove-channel", channel="{room}"),
        terminal=lambda p: p.terminal("multiplier", "remove-channel", "{room}"),
        http=lambda p: p.http(
            "DELETE", "/api/xp/config/{guild}/multipliers", {"channel": ["{room}"]}
        ),
        state=config,
        numbers=lambda found: found.get("multipliers", found)["channel"],
    ),
    Row(
        command="settings: leaderboard.page",
        slash=chosen,
        terminal=lambda p: p.terminal("config", "set", "leaderboard.page", "public"),
        http=lambda p: p.http("PUT", "/api/xp/config/{guild}", {"leaderboard": {"page": "public"}}),
        state=config,
        numbers=lambda _: None,
    ),
    Row(
        command="settings: all others of the row",
        slash="the panel has what managers change often; these are set once, in a terminal or a"
        " dashboard",
        terminal=own_settings,
        http=nested,
        state=config,
    ),
)
