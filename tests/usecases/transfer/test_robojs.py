"""The whole move of a Robo.js bot: stores, counters, settings, giveaways, out of its Flashcore."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from robo_xp import RoboXP
from robo_xp.errors import InvalidValue, OtherGuild, UnknownSource
from robo_xp.usecases.reading.documents import Document, document_of
from robo_xp.usecases.transfer.foreign_giveaways import giveaways_in, settings_in
from tests.usecases.small import ANN, BOB, CARL, GUILD, OTHER_GUILD, held, memory
from tests.usecases.transfer.flashcore import put, put_giveaways, put_members
from tests.usecases.transfer.reading import SAMPLES

LAST = 1_700_000_000_000
FULL = {"xp": 1500, "level": 9, "lastAwardedAt": LAST, "messages": 100, "xpMessages": 80}
CONFIG = {
    "cooldownSeconds": 30,
    "xpRate": 1,
    "noXpRoleIds": ["300000000000000001"],
    "roleRewards": [{"level": 5, "roleId": "300000000000000005"}],
    "rewardsMode": "replace",
    "leaderboard": {"public": True},
    "multipliers": {"server": 1.5, "role": {"300000000000000007": 2}},
    "levels": {"type": "quadratic", "params": {"a": 5, "b": 50, "c": 100}},
}
SOON = 1_760_000_000_000
GIVEAWAY: dict[str, Any] = {
    "id": "01HZXJ8Q0000000000000000AA",
    "guildId": GUILD,
    "channelId": "300000000000000009",
    "messageId": "400000000000000001",
    "prize": "Nitro",
    "winnersCount": 2,
    "endsAt": SOON,
    "startedBy": ANN,
    "status": "active",
    "allowRoleIds": [],
    "denyRoleIds": ["300000000000000002"],
    "minAccountAgeDays": 3,
    "entries": {ANN: 1, BOB: 1},
    "winners": [],
    "rerolls": [],
    "createdAt": LAST,
    "finalizedAt": None,
    "cronJobId": None,
}
OVER = {
    **GIVEAWAY,
    "id": "01HZXJ8Q0000000000000000BB",
    "messageId": "400000000000000002",
    "status": "ended",
    "endsAt": LAST + 5,
    "winners": [ANN],
    "rerolls": [[BOB]],
}


@pytest.fixture
def folder(tmp_path: Path) -> Document:
    """A bot with two stores, settings in two layers, and two giveaways."""
    put_members(tmp_path, GUILD, {ANN: FULL, BOB: {**FULL, "xp": 300}})
    put_members(tmp_path, GUILD, {CARL: {**FULL, "xp": 7}}, "reputation")
    put_members(tmp_path, OTHER_GUILD, {CARL: FULL})
    put(tmp_path, ("xp", "default", GUILD), "config", CONFIG)
    put(tmp_path, ("xp", "global"), "config", {"cooldownSeconds": 90})
    put_giveaways(tmp_path, GUILD, [GIVEAWAY, OVER])
    settings = {"defaults": {"winners": 3, "duration": "1h"}, "limits": {"maxWinners": 50}}
    put(tmp_path, ("giveaways", "guilds", GUILD, "settings"), "data", settings)
    return Document(folder=str(tmp_path))


def moved(robo: RoboXP, folder: Document) -> None:
    """Everything of the bot taken over."""
    for store, reading in robo.transfer.read(GUILD, "auto", [folder]).items():
        part = {**reading.settings.own, "roleRewards": list(reading.settings.rewards)}
        robo.transfer.import_settings(GUILD, part, store=store)
        robo.transfer.import_members(GUILD, reading, store=store)
    robo.giveaways.take_over(GUILD, giveaways_in([folder], GUILD))


def test_all_stores_with_their_counters(folder: Document) -> None:
    """Each store is its own again, and levels are those of the curve that was configured."""
    robo = memory()
    moved(robo, folder)

    assert held(robo) == {ANN: (1500, 12, 100, 80, LAST), BOB: (300, 3, 100, 80, LAST)}
    assert {u: row[0] for u, row in held(robo, "reputation").items()} == {CARL: 7}


def test_settings_that_differ_from_ours(folder: Document) -> None:
    """Defaults that the original wrote into each guild are not taken for somebody's wish."""
    robo = memory()
    moved(robo, folder)
    own = robo.config.own(GUILD)

    assert "xpRate" not in own
    assert (own["cooldownSeconds"], own["rewardsMode"]) == (30, "replace")
    assert own["levels"]["type"] == "threshold"
    assert own["multipliers"] == {"server": 1.5, "role": {"300000000000000007": 2}}
    assert own["roleRewards"] == [{"level": 5, "roleId": "300000000000000005"}]
    assert robo.config.own(GUILD, store="reputation")["cooldownSeconds"] == 90
    assert settings_in(folder, GUILD) == {"defaults": {"winners": 3}, "limits": {"maxWinners": 50}}


def test_giveaways_go_on_and_become_history(folder: Document) -> None:
    """The active one has its end, its terms and entries and a secret; the ended one its winners."""
    robo = memory()
    moved(robo, folder)
    going, over = (robo.giveaways.get(GUILD, one["id"]) for one in (GIVEAWAY, OVER))

    assert (going.ends_at, going.message_id, going.min_account_age_days) == (SOON, None, 3)
    assert len(robo.giveaways.entries(GUILD, going.id)) == 2
    assert robo.giveaways.verify(GUILD, going.id).valid
    assert (over.winners, over.rerolls, over.message_id) == ((ANN,), ((BOB,),), OVER["messageId"])
    assert not robo.giveaways.verify(GUILD, over.id).here
    assert len(robo.giveaways.end(GUILD, going.id).winners) == 2


def test_a_second_time_nothing_changes(folder: Document) -> None:
    """What is here already is known again."""
    robo = memory()
    moved(robo, folder)
    again = robo.giveaways.take_over(GUILD, giveaways_in([folder], GUILD))
    reading = robo.transfer.read(GUILD, "robojs", [folder])["default"]
    members = robo.transfer.import_members(GUILD, reading)

    assert (again.known, again.active, again.ended, again.seq) == (2, 0, 0, None)
    assert (members.unchanged, members.seq) == (2, None)


def test_a_damaged_value_is_never_a_missing_one(folder: Document, tmp_path: Path) -> None:
    """A member's file that is cut short is skipped and told; one of settings stops the import."""
    path = put(tmp_path, ("xp", "default", GUILD, "users"), ANN, FULL)
    path.write_bytes(path.read_bytes()[:-9])
    reading = memory().transfer.read(GUILD, "robojs", [folder])["default"]
    assert [one.user_id for one in reading.entries] == [BOB]
    assert ANN in reading.skipped[0].error

    path = put(tmp_path, ("xp", "default", GUILD), "config", CONFIG)
    path.write_bytes(b"")
    with pytest.raises(InvalidValue, match="damaged"):
        memory().transfer.read(GUILD, "robojs", [folder])


def test_another_guild_of_the_folder(folder: Document) -> None:
    """It is taken over when it is named; one that is not there is an error."""
    found = memory().transfer.read(GUILD, "robojs", [folder], from_guild=OTHER_GUILD)
    assert [one.user_id for one in found["default"].entries] == [CARL]
    with pytest.raises(InvalidValue, match="holds no XP"):
        memory().transfer.read(GUILD, "robojs", [folder], from_guild="100000000000000077")


# -- giveaways of others ----------------------------------------------------------------------

FOREIGN = {
    "messageId": "400000000000000005",
    "channelId": "300000000000000009",
    "guildId": GUILD,
    "startAt": LAST,
    "endAt": SOON,
    "ended": False,
    "winnerCount": 1,
    "prize": "Book",
    "hostedBy": f"<@{ANN}>",
    "bonusEntries": "[]",
}


def test_giveaways_of_discord_giveaways() -> None:
    """Running ones go on without entries, ended ones keep their winners, code is left out."""
    ended = {**FOREIGN, "messageId": "400000000000000006", "ended": True, "winnerIds": [BOB]}
    late = {**FOREIGN, "messageId": "400000000000000007", "endAt": LAST + 1}
    robo, broken = memory(), {"prize": "x", "winnerCount": 1}
    file = document_of(json.dumps([FOREIGN, ended, late, broken]).encode())
    done = robo.giveaways.take_over(GUILD, giveaways_in([file], GUILD))
    (going,) = (one.giveaway for one in robo.giveaways.list(GUILD, which="active"))

    assert (done.active, done.ended, len(done.skipped)) == (1, 1, 2)
    assert done.left_out == ("bonusEntries is code",)
    assert (going.prize, going.host, going.ends_at) == ("Book", ANN, SOON)
    with pytest.raises(OtherGuild):
        giveaways_in([file], OTHER_GUILD)


def test_a_summary_of_giveawaybot() -> None:
    """It is history with its entries, and nothing in it can be verified."""
    content = (SAMPLES / "giveawaybot-summary.json").read_bytes()
    robo = memory()
    done = robo.giveaways.take_over(GUILD, giveaways_in([document_of(content)], GUILD))
    (one,) = robo.giveaways.list(GUILD, which="all")

    assert (done.ended, one.entries, one.giveaway.prize) == (1, 2, "Nitro")
    assert not robo.giveaways.verify(GUILD, one.giveaway.id).here
    with pytest.raises(InvalidValue, match="of another bot"):
        robo.giveaways.verify_document(content)
    with pytest.raises(UnknownSource):
        giveaways_in([document_of(b'{"a": 1}')], GUILD)
