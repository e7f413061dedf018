"""Who may use which command of ``/giveaway``, and that no id reaches into another guild."""

from __future__ import annotations

from pathlib import Path

import pytest

from robo_xp.model.giveaway import Giveaway
from tests.daemon.scene import private
from tests.daemon.slash.giveaway.scenes import REFUSED, UNKNOWN, Table, table
from tests.daemon.stage import played

EVERYBODY, STARTERS, HOSTS, MANAGERS = "ann bob eve dan", "ann bob eve", "ann bob", "ann"
WHO = {
    "start": HOSTS,
    "end": STARTERS,
    "cancel": STARTERS,
    "reroll": HOSTS,
    "list": EVERYBODY,
    "info": EVERYBODY,
    "edit": HOSTS,
    "entries": HOSTS,
    "settings get": EVERYBODY,
    "settings set": MANAGERS,
    "settings reset": MANAGERS,
}
NAMING = ("end", "cancel", "reroll", "info", "edit", "entries")
"""The commands that name a giveaway."""


async def options_for(at: Table, words: str) -> dict[str, object]:
    """Options with which the command works, about a giveaway that eve has started."""
    if words == "start":
        return {"prize": "Nitro"}
    if words == "settings set":
        return {"winners": 2}
    if words not in NAMING:
        return {}
    made = await at.give("eve")
    at.enter(made, "ann", "bob", "dan")
    if words == "reroll":
        at.at.stage.robo.giveaways.end(at.guild_id, made.id)
    return {"giveaway": made.id, **({"prize": "Book"} if words == "edit" else {})}


@pytest.mark.parametrize("words", WHO)
@played
async def test_rights(tmp_path: Path, words: str) -> None:
    """Managers, hosts, the starter and everybody else: each command obeys those it should."""
    async with table(tmp_path) as at:
        for who in EVERYBODY.split():
            options = await options_for(at, words)
            before = at.acts(who)
            told = private(await at.slash(who, words, **options))

            is_refused = told.startswith("You need the permission Manage Server")
            assert is_refused == (who not in WHO[words].split()), (who, told)
            if is_refused:
                assert at.acts(who) == before


@played
async def test_a_host_role_counts_while_it_is_held(tmp_path: Path) -> None:
    """The right goes with the role, and with the role's place in the settings."""
    async with table(tmp_path) as at:
        first = await at.slash("bob", "start", prize="One")
        at.at.guild.change_roles("bob", remove=["Hosts"])
        without = await at.slash("bob", "start", prize="Two")
        at.at.guild.change_roles("bob", add=["Hosts"])
        at.set(hostRoleIds=[])
        unset = await at.slash("bob", "start", prize="Three")

        assert "Giveaway started" in private(first)
        assert private(without).startswith(REFUSED) and private(unset).startswith(REFUSED)
        assert at.only().prize == "One"


@played
async def test_another_permission_takes_the_place(tmp_path: Path) -> None:
    """The permission that the operator configured decides, instead of Manage Server."""
    async with table(tmp_path, admin_permission="manage_messages") as at:
        wardens = at.at.guild.add_role("Wardens", permissions=1 << 13)
        at.at.guild.change_roles("dan", add=[wardens])
        refused = await at.slash("ann", "start", prize="Nitro")
        taken = await at.slash("dan", "start", prize="Nitro")
        changed = await at.slash("ann", "settings set", winners=2)

        assert private(refused).startswith("You need the permission Manage Messages")
        assert "Giveaway started" in private(taken)
        assert private(changed) == "You need the permission Manage Messages for this."


@played
async def test_the_starter_has_no_more_than_the_end(tmp_path: Path) -> None:
    """Who started a giveaway may end it, but neither change it nor see who entered."""
    async with table(tmp_path) as at:
        made = await at.give("eve")
        at.enter(made, "dan")
        edited = await at.slash("eve", "edit", giveaway=made.id, prize="A car")
        entries = await at.slash("eve", "entries", giveaway=made.id)
        ended = await at.slash("eve", "end", giveaway=made.id)
        rerolled = await at.slash("eve", "reroll", giveaway=made.id)

        for answer in (edited, entries, rerolled):
            assert private(answer).startswith(REFUSED)
        assert "Giveaway ended" in private(ended)
        assert at.get(made.id).prize == "Nitro"


def references(giveaway: Giveaway, own_guild_id: str) -> list[str]:
    """Every way to name a giveaway of another guild."""
    channel, message = giveaway.channel_id, giveaway.message_id
    link = "https://discord.com/channels"
    return [
        giveaway.id,
        giveaway.id.lower(),
        str(message),
        f"{link}/{giveaway.guild_id}/{channel}/{message}",
        f"{link}/{own_guild_id}/{channel}/{message}",
    ]


@pytest.mark.parametrize("words", NAMING)
@played
async def test_another_guilds_giveaway(tmp_path: Path, words: str) -> None:
    """A moderator of one guild can do nothing to a giveaway of another, by any id."""
    async with table(tmp_path) as at:
        going_on = await at.give("zoe", at.other)
        ended = await at.give("zoe", at.other)
        at.at.stage.robo.giveaways.end(ended.guild_id, ended.id)
        await at.at.stage.until(lambda: not at.get(ended.id, at.other).pending)
        before, seen = at.seq(at.other), at.other.channel("general").last.text
        more = {"prize": "Mine"} if words == "edit" else {}
        for giveaway in (going_on, ended):
            for reference in references(giveaway, at.guild_id):
                answer = await at.slash("ann", words, giveaway=reference, **more)
                assert private(answer) == UNKNOWN, reference

        assert at.seq(at.other) == before
        assert at.other.channel("general").last.text == seen
        assert at.get(going_on.id, at.other).is_active


@played
async def test_another_guilds_giveaway_is_never_shown(tmp_path: Path) -> None:
    """Neither lists, nor what is offered while typing, nor forged buttons show it."""
    async with table(tmp_path) as at:
        theirs = await at.give("zoe", at.other, prize="Secret thing")
        ours = await at.give("eve")
        listed = await at.slash("ann", "list")
        offered = [await at.offered("ann", words, "giveaway") for words in NAMING]
        typed = await at.offered("ann", "info", "giveaway", theirs.id)
        forged = f"xp_gaentries:{theirs.id}_next_{at.member('ann').id}_1"
        shown = await at.slash("ann", "entries", giveaway=ours.id)
        answer = await at.at.click("ann", shown, forged, anyway=True)

        assert "Nitro" in private(listed) and "Secret thing" not in listed.text
        assert [list(one.values()) for one in offered] == [
            [] if words == "reroll" else [ours.id] for words in NAMING
        ]
        assert typed == {}
        assert answer.text == UNKNOWN
