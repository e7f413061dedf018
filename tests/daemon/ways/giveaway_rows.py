"""Giveaways: each command of the table in three ways."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from robo_xp.ports import SystemClock
from robo_xp.views.giveaway import GiveawayView
from tests.daemon.giveaways.scenes import Fair
from tests.daemon.loopback import Answer
from tests.daemon.ways.place import Place, Row

_ALL: Final = "/api/giveaways/{guild}"
_SETTINGS: Final = f"{_ALL}/settings"
_SIGNATURE: Final = "ab" * 48
_ASKED: Final = {"prize": "Tea", "channelId": "{general}", "duration": "1h"}
_KEPT: Final = (
    "prize",
    "status",
    "winnersCount",
    "requirements",
    "bypassRoleIds",
    "drop",
    "entries",
    "winners",
)
_NO_ENTRY: Final = "entering over HTTP would let a dashboard enter members who never agreed"
_NO_TEMPLATE: Final = "what a template says has no form; hosts use templates by /giveaway start"


def in_a_week() -> str:
    """Noon of a day to come, as anybody types it."""
    day = datetime.fromtimestamp(SystemClock().now_ms() / 1000, UTC) + timedelta(days=7)
    return f"{day:%Y-%m-%d}T12:00Z"


def start(place: Place, *words: str) -> Any:
    """A giveaway that is started in a terminal."""
    first = ("giveaway", "start", "Tea", "--channel", "{general}", "--duration", "1h")
    return place.terminal(*first, *words)


def post(place: Place, **more: Any) -> Any:
    """A giveaway that is started over HTTP."""
    return place.http("POST", _ALL, {**_ASKED, **more})


def patch(place: Place, body: dict[str, Any]) -> Any:
    """A change of the only giveaway over HTTP."""
    return place.http("PATCH", f"{_ALL}/giveaway/{the_giveaway(place)}", body)


def the_giveaway(place: Place) -> str:
    """The id of the only giveaway."""
    [found] = place.robo.giveaways.list(place.id)
    return found.giveaway.id


def terms(place: Place) -> Any:
    """What the giveaways of the guild ask and are, and who entered."""
    found = place.robo.giveaways.list(place.id)
    views = [GiveawayView.of(one.giveaway, entries=one.entries).as_json() for one in found]
    return [
        {
            **{key: view[key] for key in _KEPT},
            "chain": (view["beacon"] or {}).get("chain"),
            "series": (view["series"] or {}).get("left"),
            "claims": {user_id: claim["state"] for user_id, claim in view["claims"].items()},
        }
        for view in views
    ]


def templates(place: Place) -> Any:
    """The templates of the guild."""
    return place.robo.giveaways.templates(place.id)


def a_template(place: Place) -> None:
    """The guild has a template."""
    place.robo.giveaways.save_template(
        place.id, "weekly", prize="Cake", channel_id=place.ids["general"], winners=3
    )


def field(*names: str) -> Any:
    """These fields of the giveaway that an answer has."""

    def read(found: Any) -> Any:
        giveaway = found.get("giveaway", found)
        return [giveaway[name] for name in names]

    return read


def a_high_bar(place: Place) -> str:
    """A giveaway that bob may not enter, whose message is posted."""
    return place.giveaway(requirements={"minLevel": 5})


def clicked(place: Place) -> Answer:
    """Bob clicks on the button to enter."""
    fair = Fair(place.served.thread.discord, place.robo, place.guild)
    giveaway = place.robo.giveaways.get(place.id, the_giveaway(place))

    async def click(discord: Any) -> Answer:
        await discord.until(lambda: fair.is_posted(giveaway))
        message, label = fair.message(giveaway), giveaway.button_label
        answer: Answer = await place.guild.click("bob", message, label)
        return answer

    return place.served.thread.run(click)


def filled_by_bob(place: Place) -> Any:
    """The giveaways, after bob has entered the one that goes on, if there is any."""
    for found in place.robo.giveaways.list(place.id):
        if found.giveaway.is_active:
            place.robo.giveaways.enter(place.id, found.giveaway.id, [place.ids["bob"]])
    return terms(place)


def won_by_bob(place: Place) -> None:
    """A giveaway has ended that bob has won."""
    made = place.giveaway()
    place.robo.giveaways.enter(place.id, made, [place.ids["bob"]])
    place.robo.giveaways.end(place.id, made)


def with_beacon(place: Place) -> None:
    """Bob has entered a giveaway that the beacon decides."""
    made = place.giveaway(beacon="drand")
    place.robo.giveaways.enter(place.id, made, [place.ids["bob"]])


def waiting(place: Place) -> None:
    """A draw waits for its round."""
    with_beacon(place)
    place.robo.giveaways.end(place.id, the_giveaway(place))


def pages(place: Place) -> list[str]:
    """The pages of the guild that were written."""
    folder = place.folder.parent / f"pages-{place.id}" / place.id
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def a_public_board(place: Place) -> None:
    """Bob stands on a board that everybody may read."""
    place.give("bob", 500)
    place.robo.config.set(place.id, {"leaderboard": {"page": "public", "public": True}})


GIVEAWAY_ROWS = (
    Row(
        command="giveaway start --require --bypass",
        slash=lambda p: p.form("minLevel=5\nminMessages=20\nbypassRoleIds={bronze}"),
        terminal=lambda p: start(
            p, "--require", "minLevel=5", "--require", "minMessages=20", "--bypass", "{bronze}"
        ),
        http=lambda p: post(
            p, requirements={"minLevel": 5, "minMessages": 20}, bypassRoleIds=["{bronze}"]
        ),
        state=terms,
        numbers=field("requirements", "bypassRoleIds"),
        says=lambda _: ["Giveaway started"],
    ),
    Row(
        command="giveaway enter, refused by minLevel",
        prepare=a_high_bar,
        slash=clicked,
        terminal=lambda p: p.terminal("giveaway", "enter", the_giveaway(p), "{bob}"),
        http=_NO_ENTRY,
        state=terms,
        numbers=lambda found: found["refused"][0]["faults"][0],
        says=lambda found: [found["message"].removeprefix("level 0")],
        changes=False,
    ),
    Row(
        command="giveaway start --at WHEN",
        slash=lambda p: p.form(f"at={in_a_week()}"),
        terminal=lambda p: start(p, "--at", in_a_week()),
        http=lambda p: post(p, at=in_a_week()),
        state=terms,
        numbers=field("status", "startsAt"),
        says=lambda found: ["Giveaway planned", f"<t:{found[1] // 1000}:"],
    ),
    Row(
        command="giveaway start --every 1w --times 4",
        slash=lambda p: p.form("every=1w\ntimes=4"),
        terminal=lambda p: start(p, "--every", "1w", "--times", "4"),
        http=lambda p: post(p, every="1w", times=4),
        state=terms,
        numbers=lambda found: [
            {key: series[key] for key in ("number", "every", "left")}
            for series in field("series")(found)
        ],
        says=lambda _: ["Giveaway started"],
    ),
    Row(
        command="giveaway start --drop",
        slash=lambda p: p.form("drop"),
        terminal=lambda p: start(p, "--drop"),
        http=lambda p: post(p, drop=True),
        state=filled_by_bob,
        numbers=field("drop", "winnersCount"),
        says=lambda _: ["Giveaway started"],
    ),
    Row(
        command="giveaway start --template NAME",
        prepare=a_template,
        slash=lambda p: p.slash("giveaway start", template="weekly", duration="1h"),
        terminal=lambda p: p.terminal(
            "giveaway", "start", "--template", "weekly", "--duration", "1h"
        ),
        http=lambda p: p.http("POST", _ALL, {"template": "weekly", "duration": "1h"}),
        state=terms,
        numbers=field("prize", "winnersCount"),
        says=lambda found: [found[0], f"Winners\n{found[1]}"],
    ),
    Row(
        command="giveaway template save NAME",
        slash=_NO_TEMPLATE,
        terminal=lambda p: p.terminal(
            "giveaway", "template", "save", "weekly", "--prize", "Cake", "--winners", "3"
        ),
        http=lambda p: p.http(
            "PATCH", _SETTINGS, {"templates": {"weekly": {"prize": "Cake", "winners": 3}}}
        ),
        state=templates,
        numbers=lambda found: found.get("templates", {"weekly": found})["weekly"]["winners"],
    ),
    Row(
        command="giveaway template list",
        prepare=a_template,
        slash=_NO_TEMPLATE,
        terminal=lambda p: p.terminal("giveaway", "template", "list"),
        http=lambda p: p.http("GET", _SETTINGS),
        state=templates,
        numbers=lambda found: (
            [one["name"] for one in found] if isinstance(found, list) else [*found["templates"]]
        ),
        changes=False,
    ),
    Row(
        command="giveaway template remove NAME",
        prepare=a_template,
        slash=_NO_TEMPLATE,
        terminal=lambda p: p.terminal("giveaway", "template", "remove", "weekly"),
        http=lambda p: p.http("PATCH", _SETTINGS, {"templates": {"weekly": None}}),
        state=templates,
        numbers=lambda _: None,
    ),
    Row(
        command="giveaway start --beacon drand",
        slash=lambda p: p.slash("giveaway start", prize="Tea", duration="1h", beacon="drand"),
        terminal=lambda p: start(p, "--beacon", "drand"),
        http=lambda p: post(p, beacon="drand"),
        state=terms,
        numbers=lambda found: field("beacon")(found)[0]["chain"],
        says=lambda _: ["Giveaway started"],
    ),
    Row(
        command="giveaway end ID, with a beacon",
        prepare=with_beacon,
        slash=lambda p: p.slash("giveaway end", giveaway=the_giveaway(p)),
        terminal=lambda p: p.terminal("giveaway", "end", the_giveaway(p), "--yes"),
        http=lambda p: patch(p, {"action": "end"}),
        state=terms,
        numbers=field("status"),
        says=lambda _: ["Giveaway closed", "of drand decides who wins"],
    ),
    Row(
        command="giveaway beacon ID SIGNATURE",
        prepare=waiting,
        slash="the daemon fetches the round itself; a signature is for a machine without network",
        terminal=lambda p: p.terminal("giveaway", "beacon", the_giveaway(p), _SIGNATURE),
        http=lambda p: patch(p, {"action": "beacon", "signature": _SIGNATURE}),
        state=terms,
        changes=False,
    ),
    Row(
        command="giveaway handed-over ID USER",
        prepare=won_by_bob,
        slash=lambda p: p.slash("giveaway handed-over", giveaway=the_giveaway(p), user="{bob}"),
        terminal=lambda p: p.terminal("giveaway", "handed-over", the_giveaway(p), "{bob}"),
        http=lambda p: patch(p, {"action": "handedOver", "user": "{bob}"}),
        state=terms,
        numbers=lambda found: (
            found.get("state") or next(iter(field("claims")(found)[0].values()))["state"]
        ),
        says=lambda _: ["Handed over", "<@{bob}> has it."],
    ),
    Row(
        command="giveaway proof ID, giveaway export ID",
        prepare=won_by_bob,
        slash=lambda p: p.slash("giveaway proof", who="bob", giveaway=the_giveaway(p)),
        terminal=lambda p: p.terminal("giveaway", "export", the_giveaway(p)),
        http=lambda p: p.http("GET", f"{_ALL}/giveaway/{the_giveaway(p)}/proof"),
        state=terms,
        numbers=lambda found: (found["entryCount"], found["winners"], sorted(found)),
        says=lambda found: [f"Your entry {found[0]} is among them, with weight 1. You won."],
        changes=False,
    ),
    Row(
        command="publish DIR",
        prepare=a_public_board,
        slash="a folder of pages lies on the machine, which nobody on Discord sees",
        terminal=lambda p: p.terminal("publish", str(p.folder.parent / f"pages-{p.id}")),
        http="the daemon serves the same pages at the doors of `[pages]`, without a folder",
        state=pages,
        numbers=lambda found: found["written"] > 0,
    ),
)
