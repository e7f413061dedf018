"""Voice: who earns in a channel, state by state, and what a time there comes to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from robo_xp.model import NO_XP_CHANNEL, NO_XP_ROLE, MemberXP, Message
from robo_xp.rules.levels.curve import DEFAULT_CURVE
from robo_xp.rules.voice import (
    AFK,
    ALONE,
    BOT,
    DEAF,
    LISTENER,
    MUTED,
    UNKNOWN,
    Occupant,
    VoiceRoom,
    VoiceTime,
    refusals_in,
    voice_award,
)
from robo_xp.settings.xp import XP, settings_of

ANN, BOB, CARL = (f"20000000000000000{n}" for n in range(1, 4))
ROOM, CATEGORY, ROLE = (f"30000000000000000{n}" for n in range(1, 4))
ON = {"xpPerMinute": 3}
NO_ROLE: dict[str, Any] = {"noXpRoleIds": [ROLE]}


def terms(voice: dict[str, Any] | None = None, **own: Any) -> Any:
    """Settings with voice on."""
    return settings_of(XP.effective({"voice": {**ON, **(voice or {})}, **own}))


def ann(**state: Any) -> Occupant:
    """The member in question."""
    return Occupant(user_id=ANN, **state)


def bob(**state: Any) -> Occupant:
    """The other one."""
    return Occupant(user_id=BOB, **state)


STATES: dict[str, tuple[list[Occupant], dict[str, Any], Any, str | None]] = {
    # who is there, what the room is, the settings, and why Ann earns nothing
    "with another": ([ann(), bob()], {}, terms(), None),
    "alone": ([ann()], {}, terms(), ALONE),
    "alone, which is allowed": ([ann()], {}, terms({"minOthers": 0}), None),
    "with one other of two": ([ann(), bob()], {}, terms({"minOthers": 2}), ALONE),
    "with two others of two": (
        [ann(), bob(), Occupant(user_id=CARL)], {}, terms({"minOthers": 2}), None,
    ),
    "with a bot": ([ann(), bob(is_bot=True)], {}, terms(), ALONE),
    "a bot itself": ([ann(is_bot=True), bob()], {}, terms(), BOT),
    "with somebody nobody knows": ([ann(), bob(is_known=False)], {}, terms(), ALONE),
    "not known yet": ([ann(is_known=False), bob()], {}, terms(), UNKNOWN),
    "deaf": ([ann(deaf=True), bob()], {}, terms(), DEAF),
    "deaf and muted": ([ann(deaf=True, muted=True), bob()], {}, terms(), DEAF),
    "deaf where muted ones earn": (
        [ann(deaf=True, muted=True), bob()], {}, terms({"allowMuted": True}), DEAF,
    ),
    "with a deaf other": ([ann(), bob(deaf=True)], {}, terms(), ALONE),
    "muted": ([ann(muted=True), bob()], {}, terms(), MUTED),
    "muted where that is allowed": (
        [ann(muted=True), bob()], {}, terms({"allowMuted": True}), None,
    ),
    "with a muted other": ([ann(), bob(muted=True)], {}, terms(), ALONE),
    "with a muted other who may be": (
        [ann(), bob(muted=True)], {}, terms({"allowMuted": True}), None,
    ),
    "away": ([ann(), bob()], {"is_afk": True}, terms(), AFK),
    "away where all may be alone": (
        [ann(), bob()], {"is_afk": True}, terms({"minOthers": 0}), AFK,
    ),
    "speaking on a stage": ([ann(), bob()], {"is_stage": True}, terms(), None),
    "listening on a stage": (
        [ann(is_listening=True), bob()], {"is_stage": True}, terms(), LISTENER,
    ),
    "speaking to listeners alone": (
        [ann(), bob(is_listening=True)], {"is_stage": True}, terms(), ALONE,
    ),
    "listening where listeners earn": (
        [ann(is_listening=True), bob(is_listening=True)],
        {"is_stage": True}, terms({"stageListeners": True}), None,
    ),
    "listening muted where listeners earn": (
        [ann(is_listening=True, muted=True), bob()],
        {"is_stage": True}, terms({"stageListeners": True}), None,
    ),
    "listening deaf where listeners earn": (
        [ann(is_listening=True, deaf=True), bob()],
        {"is_stage": True}, terms({"stageListeners": True}), DEAF,
    ),
    "speaking muted on a stage": ([ann(muted=True), bob()], {"is_stage": True}, terms(), MUTED),
    "unable to speak in a voice channel": ([ann(is_listening=True), bob()], {}, terms(), None),
    "with a role without XP": ([ann(role_ids=(ROLE,)), bob()], {}, terms(**NO_ROLE), NO_XP_ROLE),
    "with another without XP": ([ann(), bob(role_ids=(ROLE,))], {}, terms(**NO_ROLE), ALONE),
    "with a role like any other": ([ann(role_ids=(ROLE,)), bob()], {}, terms(), None),
    "in a channel without XP": ([ann(), bob()], {}, terms(noXpChannelIds=[ROOM]), NO_XP_CHANNEL),
    "in a category without XP": (
        [ann(), bob()], {"category_id": CATEGORY}, terms(noXpChannelIds=[CATEGORY]), NO_XP_CHANNEL,
    ),
    "in a category like any other": ([ann(), bob()], {"category_id": CATEGORY}, terms(), None),
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_each_state_earns_or_says_why_not(state: str) -> None:
    """Who earns is said by the state alone, and the first reason that speaks against it."""
    occupants, room, settings, refusal = STATES[state]

    found = refusals_in(VoiceRoom(channel_id=ROOM, occupants=tuple(occupants), **room), settings)

    assert found[ANN] == refusal


def test_all_who_are_able_earn_together_or_not_at_all() -> None:
    """Whoever earns has company that earns as well."""
    three = (ann(), bob(), Occupant(user_id=CARL, deaf=True))

    found = refusals_in(VoiceRoom(channel_id=ROOM, occupants=three), terms())

    assert found == {ANN: None, BOB: None, CARL: DEAF}


@given(st.lists(st.integers(1, 400), min_size=1, max_size=30), st.integers(0, 500))
def test_minutes_do_not_depend_on_how_time_is_cut(parts: list[int], before: int) -> None:
    """However often it is committed, each full minute of all time earns once."""
    settings, member = terms(), MemberXP(ANN, voice_seconds=before)
    for seconds in parts:
        spent = VoiceTime(ANN, Message(ROOM, at=1), seconds)
        award = voice_award(member, spent, settings, DEFAULT_CURVE, 0)
        member = structs.replace(
            member, xp=award.new_xp, voice_seconds=member.voice_seconds + seconds
        )

    assert member.xp == 3 * ((before + sum(parts)) // 60 - before // 60)


def test_a_day_has_a_longest_time() -> None:
    """Minutes above those of a day earn nothing, and those below all."""
    settings = terms({"maxMinutesPerDay": 10})
    spent = VoiceTime(ANN, Message(ROOM, at=1), 300)

    award = voice_award(MemberXP(ANN), spent, settings, DEFAULT_CURVE, 8)

    assert (award.xp, award.minutes, award.day_minutes) == (6, 2, 10)
