"""Templates: terms under a name, in the settings and in the file of a guild."""

from __future__ import annotations

from typing import Any

import pytest

from robo_xp.errors import InvalidConfig, InvalidValue, NotFound
from tests.usecases.giveaways.drawn import MANY, ROLE, memory, started
from tests.usecases.giveaways.test_plans import HOUR_MS, StillClock
from tests.usecases.small import CHANNEL, GUILD, OTHER_GUILD


def test_a_giveaway_by_a_template() -> None:
    """It has the terms of the template; what is given comes first, requirement by requirement."""
    robo = memory()
    robo.giveaways.save_template(
        GUILD, "weekly", prize="Tea", channel_id=CHANNEL, duration="2d", winners=3, drop=True,
        requirements={"minLevel": 5, "minXp": 9}, claim="1h", colour=255,
    )  # fmt: skip

    made = robo.giveaways.create(
        GUILD, template="weekly", prize="Cake", winners=2, requirements={"minLevel": 7}
    ).giveaway

    assert (made.prize, made.channel_id, made.winners_count) == ("Cake", CHANNEL, 2)
    assert (made.drop, made.claim_for, made.colour) == (True, HOUR_MS, 255)
    assert (made.requirements.min_level, made.requirements.min_xp) == (7, 9)
    assert made.ends_at - made.created_at == 48 * HOUR_MS


def test_templates_are_saved_listed_and_removed() -> None:
    """One takes the place of the one before; each guild has its own."""
    robo = memory()
    robo.giveaways.save_template(GUILD, "b", winners=3, drop=True)
    robo.giveaways.save_template(GUILD, "a", winners=1)
    robo.giveaways.save_template(GUILD, "b", winners=2)

    assert robo.giveaways.templates(GUILD) == {"a": {"winners": 1}, "b": {"winners": 2}}
    assert robo.giveaways.templates(OTHER_GUILD) == {}
    robo.giveaways.remove_template(GUILD, "a")
    assert list(robo.giveaways.templates(GUILD)) == ["b"]
    with pytest.raises(NotFound):
        robo.giveaways.remove_template(GUILD, "a")
    with pytest.raises(NotFound):
        started(robo, template="a")


def test_templates_are_part_of_a_guild_as_a_file() -> None:
    """The file of one guild gives them to another."""
    robo = memory()
    robo.giveaways.save_template(GUILD, "weekly", winners=3, requirements={"rolesAll": [ROLE]})
    files = robo.guild_file
    document = files.document(GUILD)

    assert document["giveaways"]["templates"]["weekly"]["winners"] == 3
    files.apply(OTHER_GUILD, document)
    assert robo.giveaways.templates(OTHER_GUILD) == robo.giveaways.templates(GUILD)
    assert files.differences(OTHER_GUILD, document) == ()


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("Weekly", {}),
        ("a.b", {}),
        ("x" * 33, {}),
        ("a", {"winners": 0}),
        ("a", {"duration": "never"}),
        ("a", {"image_url": "javascript:1"}),
        ("a", {"ping_role_id": "12"}),
        ("a", {"requirements": {"level": 5}}),
    ],
)
def test_what_is_no_template(name: str, terms: dict[str, Any]) -> None:
    """A strange name, or a term that no giveaway can have."""
    robo = memory()
    with pytest.raises(InvalidConfig):
        robo.giveaways.save_template(GUILD, name, **terms)
    assert robo.giveaways.templates(GUILD) == {}


def test_what_a_template_does_not_say_is_needed() -> None:
    """The prize and the channel."""
    robo = memory()
    robo.giveaways.save_template(GUILD, "bare", winners=1)
    with pytest.raises(InvalidValue):
        robo.giveaways.create(GUILD, template="bare", prize="Tea")
    with pytest.raises(InvalidValue):
        robo.giveaways.create(GUILD, template="bare", channel_id=CHANNEL)


def test_a_last_chance_is_told_once() -> None:
    """At its time before the end; one that would come before the start is none."""
    clock = StillClock()
    robo = memory(clock)
    giveaway = started(robo, duration="5h", last_chance="1h", ping_role_id=ROLE)
    robo.giveaways.save_template(GUILD, "soon", last_chance="1h")
    short = started(robo, template="soon", duration="30m")
    found = robo.giveaways.get(GUILD, giveaway)

    assert found.due_at == clock.at + 4 * HOUR_MS
    assert [effect.topic for effect in found.pending] == ["commitment", None, "call"]
    assert robo.giveaways.get(GUILD, short).due_at == clock.at + HOUR_MS // 2
    assert not robo.giveaways.remind(GUILD, giveaway).changed, "it is too early"
    clock.at += 4 * HOUR_MS
    told = robo.giveaways.remind(GUILD, giveaway).giveaway
    assert [effect.topic for effect in told.pending] == ["commitment", None, "call", "last"]
    assert told.due_at == told.ends_at
    assert not robo.giveaways.remind(GUILD, giveaway).changed


def test_a_giveaway_by_the_beginning_of_its_id() -> None:
    """Where no other one begins so; without any id, the only active one."""
    clock = StillClock()
    robo = memory(clock)
    first = started(robo)
    clock.at += 400 * 24 * HOUR_MS
    assert robo.giveaways.get(GUILD, "").id == first
    second = started(robo)

    shared = next(n for n in range(26) if first[n] != second[n])
    assert robo.giveaways.get(GUILD, first[: max(shared + 1, 4)].lower()).id == first
    assert robo.giveaways.get(GUILD, second[: max(shared + 1, 4)]).id == second
    for several in ("", first[:2] + "" if shared > 4 else "zzzz"):
        with pytest.raises((InvalidValue, NotFound)):
            robo.giveaways.get(GUILD, several)
    robo.giveaways.enter(GUILD, second[: max(shared + 1, 4)], MANY[0])
    robo.giveaways.cancel(GUILD, first)
    robo.giveaways.cancel(GUILD, second)
    with pytest.raises(NotFound):
        robo.giveaways.get(GUILD, "")
