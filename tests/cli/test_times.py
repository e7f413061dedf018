"""Times on the command line: one parser for every option that takes one."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from robo_xp_cli.framework.parse import walk
from robo_xp_cli.nouns import NOUNS
from tests.cli.program import Program

CHANNEL, ADA = "223456789012345678", "323456789012345678"
START = ("giveaway", "start", "Tea", "--channel", CHANNEL)
TAKING = {
    ("backup", "restore", "--at"): ("backup", "restore", "--dry-run"),
    ("boost", "add", "--for"): ("boost", "add", "2"),
    ("boost", "add", "--from"): ("boost", "add", "2"),
    ("boost", "add", "--until"): ("boost", "add", "2"),
    ("events", "--since"): ("events",),
    ("giveaway", "edit", "--at"): ("giveaway", "edit"),
    ("giveaway", "edit", "--ends"): ("giveaway", "edit"),
    ("giveaway", "start", "--at"): START,
    ("giveaway", "start", "--duration"): START,
    ("giveaway", "start", "--until"): (*START, "--every", "1d", "--duration", "1h"),
    ("history", "--since"): ("history",),
    ("history", "--until"): ("history",),
    ("leaderboard", "--at"): ("leaderboard", "--period", "week"),
    ("leaderboard", "--since"): ("leaderboard",),
    ("period", "show", "--at"): ("period", "show", "week"),
    ("xp", "why", "--at"): ("xp", "why", ADA, "--channel", CHANNEL),
}
PAST = {"--since", "restore", "history", "events", "leaderboard", "period"}
LENGTHS = {"--claim", "--every", "--last-chance", "--window"}


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """A guild in Kiritimati, with a member."""
    ready = Program(tmp_path / "vault")
    assert ready("xp", "give", ADA, "250").returncode == 0
    assert ready("config", "set", "periods.timezone", "Pacific/Kiritimati").returncode == 0
    return ready


def test_the_table_names_every_option_that_takes_a_time() -> None:
    """An option with an instant or an end is in the table; what is left are lengths."""
    found = {
        (*node.path, opt)
        for node in walk(NOUNS)
        for param in node.params
        for opt in param.opts
        if re.fullmatch("WHEN|TIME|.*DATE", param.metavar)
        and opt not in LENGTHS
        and node.path[1:] != ("template", "save")  # which keeps a length for later
    }
    shortened = {("lb", *path[1:]) for path in TAKING if path[0] == "leaderboard"}
    assert found == set(TAKING) | shortened


@pytest.mark.parametrize("option", TAKING, ids=" ".join)
@pytest.mark.parametrize(
    "written", ["sat 18:00", "Saturday 18:00", "18:00", "2h", "{date}", "{date} 18:00", "{zoned}"]
)
def test_every_option_takes_every_way_to_write_one(
    program: Program, option: tuple[str, ...], written: str
) -> None:
    """Days of the week, dates with and without a time or a zone, and lengths."""
    is_past = bool(PAST & set(option))
    words = (*TAKING[option], *_edited(program, option))
    day = datetime.now(ZoneInfo("Pacific/Kiritimati")) + timedelta(-3 if is_past else 3)
    text = written.format(date=f"{day:%Y-%m-%d}", zoned=f"{day:%Y-%m-%dT18:00+02:00}")

    done = program(*words, option[-1], text, "--json")

    if "restore" in option:  # there is no archive that reaches back so far
        assert done.returncode == 4, done.stderr
    else:
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("option", TAKING, ids=" ".join)
@pytest.mark.parametrize("written", ["", "soon", "2026-02-30", "xyz 18:00", "-2h", "25:00"])
def test_every_option_refuses_what_is_no_time(
    program: Program, option: tuple[str, ...], written: str
) -> None:
    """Exit 2 with an advice, and nothing is changed."""
    words = (*TAKING[option], *_edited(program, option))
    before = program("history", "--awards", "--json").stdout

    done = program(*words, option[-1], written, "--json")

    assert done.returncode == 2
    assert json.loads(done.stderr)["error"]["hint"]
    assert program("history", "--awards", "--json").stdout == before


def _edited(program: Program, option: tuple[str, ...]) -> list[str]:
    """The giveaway to edit: one that runs to change its end, a planned one to change its start."""
    if option[1] != "edit":
        return []
    return [program.json(*START, *(("--at", "20d") if option[-1] == "--at" else ()))["id"]]


def test_a_day_of_the_week_is_that_of_the_guild(program: Program) -> None:
    """What comes is the next one, what has been the last one, by the guild's clock."""
    zone = ZoneInfo("Pacific/Kiritimati")

    starts = program.json(*START, "--at", "sat 18:00")["startsAt"]
    begins = program.json("boost", "add", "2", "--from", "sat 18:00")["from"]
    since, until = (program.json("history", one, "sat 18:00") for one in ("--since", "--until"))

    assert starts == begins
    coming = datetime.fromtimestamp(starts / 1000, zone)
    assert (coming.weekday(), coming.hour) == (5, 18)
    assert datetime.now(zone) < coming <= datetime.now(zone) + timedelta(7)
    assert (len(since), until) == (3, [])


def test_the_filters_cut_where_the_guild_s_clock_says(program: Program) -> None:
    """A time just before now shows what is new, one just after hides it."""
    now = datetime.now(ZoneInfo("Pacific/Kiritimati"))
    before, after = (f"{now + timedelta(hours=n):%Y-%m-%d %H:%M}" for n in (-1, 1))

    assert len(program.json("history", "--since", before)) == 2
    assert program.json("history", "--since", after) == []
    assert program.json("history", "--until", before) == []


def test_times_are_shown_in_the_zone_that_they_are_read_in(program: Program) -> None:
    """What was typed by the clock of the guild is answered and listed by it, with its name; where
    no zone was set it is the clock of the machine, without one.
    """
    coming = datetime.now(ZoneInfo("Pacific/Kiritimati")) + timedelta(5)
    typed = f"{coming:%Y-%m-%d} 10:00"
    shown = f"{typed} +14"
    told = program(*START, "--at", typed, "--duration", "1d", "-o", "table").stdout
    assert shown in told
    boost = ("boost", "add", "2", "--from", typed, "--for", "1d")
    assert program(*boost).returncode == 0
    for words in (("boost", "list"), ("giveaway", "list", "--all")):
        assert shown in program(*words, "-o", "table").stdout
    assert "+14" in program("history", "-o", "table").stdout
    assert program("config", "unset", "periods.timezone").returncode == 0
    assert "+14" not in program("history", "-o", "table").stdout
