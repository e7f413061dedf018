"""Settings: three layers that stay sparse, key by key, and levels that follow a changed curve."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robo_xp import RoboXP
from robo_xp.errors import InvalidConfig, InvalidValue, NotFound, VaultDamaged
from robo_xp.settings import xp as settings
from robo_xp.usecases.settings.layered import rebased_settings
from tests.usecases.small import ANN, BOB, GUILD, OTHER_GUILD, XP, memory

ROLE, SECOND_ROLE, CHANNEL = "400000000000000001", "400000000000000002", "400000000000000003"
FLAT = {"type": "linear", "params": {"xpPerLevel": 100}}
STEEP = {"type": "linear", "params": {"xpPerLevel": 1000}}


def config_events(robo: RoboXP, namespace: str = XP) -> list[dict[str, Any]]:
    """What listeners were told about settings, oldest first."""
    found = []
    for batch in robo.vault.namespace(namespace).batches():
        found += [event for event in batch.raw_events() if event["type"] == "configChange"]
    return found


# -- layers ---------------------------------------------------------------------------------


def test_without_settings_the_defaults_hold() -> None:
    """A guild that nobody configured has complete settings, and nothing of its own."""
    robo = memory()

    assert robo.config.get(GUILD) == robo.config.defaults()
    assert robo.config.own(GUILD) == robo.config.get_global() == {}
    assert not robo.vault.names()


def test_guild_stands_above_global_above_default() -> None:
    """Each layer hides only the keys that it sets."""
    robo = memory()
    robo.config.set_global({"xpRate": 2.0, "cooldownSeconds": 5})
    robo.config.set(GUILD, {"cooldownSeconds": 7})

    holds = robo.config.get(GUILD)

    assert (holds["cooldownSeconds"], holds["xpRate"], holds["rewardsMode"]) == (7, 2.0, "stack")
    assert [
        robo.config.explain(key, GUILD).source
        for key in ("cooldownSeconds", "xpRate", "rewardsMode")
    ] == ["guild", "global", "default"]


def test_only_what_was_set_is_stored() -> None:
    """Reading a guild's settings, and setting one, never copies the other layers into it."""
    robo = memory()
    robo.config.set_global({"xpRate": 2.0})

    robo.config.get(GUILD)
    robo.config.set(GUILD, {"leaderboard": {"public": True}})

    assert robo.config.own(GUILD) == {"leaderboard": {"public": True}}


def test_a_later_global_default_reaches_every_guild() -> None:
    """A guild that changed something else follows the global defaults all the same."""
    robo = memory()
    robo.config.set(GUILD, {"cooldownSeconds": 7})
    robo.config.set(OTHER_GUILD, {"xpRate": 3.0})

    robo.config.set_global({"xpRate": 0.5, "labels": {"xpDisplayName": "Stars"}})

    assert robo.config.get(GUILD)["xpRate"] == 0.5
    assert robo.config.get(OTHER_GUILD)["xpRate"] == 3.0
    assert robo.config.get(OTHER_GUILD)["labels"] == {"xpDisplayName": "Stars"}


def test_unset_goes_back_to_the_layer_below() -> None:
    """Unsetting in the guild shows the global value, unsetting that one the default."""
    robo = memory()
    robo.config.set_global({"cooldownSeconds": 5})
    robo.config.set(GUILD, {"cooldownSeconds": 7})

    assert robo.config.unset(GUILD, "cooldownSeconds")["cooldownSeconds"] == 5
    robo.config.unset_global("cooldownSeconds")

    assert robo.config.get(GUILD)["cooldownSeconds"] == 60
    assert robo.config.own(GUILD) == robo.config.get_global() == {}


def test_optional_settings_can_be_removed() -> None:
    """What has no default is gone after unset, also a whole group."""
    robo = memory()
    robo.config.set(
        GUILD, {"theme": {"embedColor": 5}, "multipliers": {"server": 2, "role": {ROLE: 3}}}
    )

    robo.config.unset(GUILD, "theme.embedColor")
    robo.config.unset(GUILD, "multipliers")

    assert robo.config.own(GUILD) == {}


def test_several_multipliers_are_forgotten_at_once() -> None:
    """All that are named go in one batch; one that is not set keeps all the others."""
    robo = memory()
    own = {"server": 2, "role": {ROLE: 3, SECOND_ROLE: 4}, "user": {ANN: 5}}
    robo.config.set(GUILD, {"multipliers": own})
    with pytest.raises(NotFound, match=f"multipliers.user.{ROLE}"):
        robo.multipliers.remove(GUILD, server=True, user_ids=[ROLE])
    assert robo.multipliers.get(GUILD) == {**own, "channel": {}}
    made = robo.multipliers.remove(GUILD, server=True, role_ids=[ROLE, ROLE], user_ids=[ANN])

    assert made.seq == 2
    assert robo.multipliers.get(GUILD) == {
        "server": None,
        "role": {SECOND_ROLE: 4},
        "channel": {},
        "user": {},
    }


def test_multipliers_merge_by_id() -> None:
    """Layers add their roles and members to each other; the same id is decided by the guild."""
    robo = memory()
    robo.config.set_global({"multipliers": {"role": {ROLE: 2, SECOND_ROLE: 3}}})
    robo.config.set(GUILD, {"multipliers": {"role": {ROLE: 5}, "user": {ANN: 0}}})

    robo.config.set(GUILD, {"multipliers": {"server": 2}})

    assert robo.config.get(GUILD)["multipliers"] == {
        "server": 2,
        "role": {ROLE: 5, SECOND_ROLE: 3},
        "user": {ANN: 0},
    }


def test_what_is_returned_is_nobody_elses() -> None:
    """Changing a document that was read changes no setting."""
    robo = memory()
    robo.config.set(GUILD, {"noXpRoleIds": [ROLE]})
    robo.config.set_global({"noXpChannelIds": [CHANNEL]})

    for document in (robo.config.get(GUILD), robo.config.own(GUILD), robo.config.get_global()):
        document.setdefault("noXpRoleIds", []).clear()
        document["noXpChannelIds"] = ["wrong"]

    assert robo.config.get(GUILD)["noXpRoleIds"] == [ROLE]
    assert robo.config.get(GUILD)["noXpChannelIds"] == [CHANNEL]


def test_explain_all_names_every_setting_once() -> None:
    """The list has each known key, and in place of a key for ids those that have a value."""
    robo = memory()
    robo.config.set_global({"multipliers": {"role": {ROLE: 2}}})
    robo.config.set(GUILD, {"multipliers": {"role": {SECOND_ROLE: 3}}, "levels": FLAT})

    explained = robo.config.explain_values(GUILD)

    by_key = {one.key: (one.value, one.source) for one in explained}
    expected = [key for key in settings.XP.known_keys if key != "multipliers.role.<id>"]
    assert {*expected, f"multipliers.role.{ROLE}", f"multipliers.role.{SECOND_ROLE}"} == set(by_key)
    assert len(explained) == len(by_key)
    assert by_key[f"multipliers.role.{ROLE}"] == (2, "global")
    assert by_key[f"multipliers.role.{SECOND_ROLE}"] == (3, "guild")
    assert by_key["levels"] == (FLAT, "guild")
    assert by_key["multipliers.user.<id>"] == by_key["theme.embedColor"] == (None, "default")


# -- changes --------------------------------------------------------------------------------


def test_every_fault_is_reported_and_nothing_stored() -> None:
    """A document with right and wrong parts is refused with all its faults."""
    robo = memory()

    with pytest.raises(InvalidConfig) as caught:
        robo.config.set(GUILD, {"xpRate": 99, "cooldownSeconds": 5, "color": 1, "levels": {}})

    assert [fault.where for fault in caught.value.faults] == ["xpRate", "color", "levels.type"]
    assert not robo.vault.names()


@pytest.mark.parametrize("key", ["xpRat", "theme.colour", "levels.type", "", "multipliers.role.5"])
def test_unknown_keys_are_refused_everywhere(key: str) -> None:
    """Reading, setting and unsetting a key that does not exist are all an error."""
    robo = memory()

    for act in (
        lambda: robo.config.explain(key, GUILD),
        lambda: robo.config.change_key(GUILD, key, 1),
        lambda: robo.config.unset_key(GUILD, key),
        lambda: robo.config.unset_global(key),
    ):
        with pytest.raises(InvalidConfig):
            act()


def test_a_change_tells_key_by_key() -> None:
    """One event for each key that differs, with the old and the new value where there is one."""
    robo = memory()
    robo.config.set(GUILD, {"xpRate": 2.0, "multipliers": {"role": {ROLE: 2}}})

    changed = robo.config.put(GUILD, {"xpRate": 3.0, "theme": {"embedColor": 1}}, exact=True)

    assert changed.keys == ("xpRate", f"multipliers.role.{ROLE}", "theme.embedColor")
    assert config_events(robo)[2:] == [
        {"type": "configChange", "key": "xpRate", "old": 2.0, "new": 3.0},
        {"type": "configChange", "key": f"multipliers.role.{ROLE}", "old": 2},
        {"type": "configChange", "key": "theme.embedColor", "new": 1},
    ]
    assert (changed.before["xpRate"], changed.effective["xpRate"]) == (2.0, 3.0)


def test_setting_the_same_again_is_no_batch() -> None:
    """A change without a difference leaves no trace in the history."""
    robo = memory()
    robo.config.set(GUILD, {"xpRate": 2.0})

    changed = robo.config.put(GUILD, {"xpRate": 2.0})

    assert (changed.keys, changed.seq) == ((), None)
    assert robo.config.unset_key(GUILD, "theme").seq is None
    assert len(config_events(robo)) == 1


def test_who_and_why_go_into_the_batch() -> None:
    """A change of settings is signed and gives its reason, for guilds and globally."""
    robo = memory().acting_as("cli:ann", "config set")
    robo.config.set(GUILD, {"levels": FLAT}, reason="season")
    robo.config.set_global({"levels": STEEP}, reason="all of them")

    for namespace, reason in ((XP, "season"), ("global", "all of them")):
        (batch,) = robo.vault.namespace(namespace).batches()
        assert (batch.by, batch.cmd, batch.reason) == ("cli:ann", "config set", reason)
    with pytest.raises(InvalidValue):
        robo.config.set(GUILD, {"xpRate": 3}, reason="x" * 513)


def test_put_keeps_or_replaces_the_rest() -> None:
    """A document sets what it says; exactly that and nothing else only when asked for."""
    robo = memory()
    robo.config.set(GUILD, {"xpRate": 2.0, "theme": {"embedColor": 1}})

    robo.config.put(GUILD, {"theme": {"backgroundUrl": "https://example.org/"}})
    assert robo.config.own(GUILD)["xpRate"] == 2.0
    assert robo.config.own(GUILD)["theme"] == {
        "embedColor": 1,
        "backgroundUrl": "https://example.org/",
    }

    robo.config.put(GUILD, {"cooldownSeconds": 1}, exact=True)
    assert robo.config.own(GUILD) == {"cooldownSeconds": 1}
    robo.config.put(None, {"xpRate": 5.0}, exact=True)
    assert robo.config.get_global() == {"xpRate": 5.0}


_LEAVES = {
    "xpRate": st.sampled_from([1, 2]),
    "rewardsMode": st.sampled_from(["stack", "replace"]),
    "theme": st.fixed_dictionaries({}, optional={"embedColor": st.sampled_from([1, 2])}),
    "multipliers": st.fixed_dictionaries(
        {}, optional={"role": st.dictionaries(st.sampled_from([ROLE, ANN]), st.just(2))}
    ),
}
_documents = st.fixed_dictionaries({}, optional=_LEAVES)


@given(_documents, _documents)
def test_rebasing_on_the_same_makes_the_edited(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    """When nobody else changed anything, an edit means exactly what was edited."""
    assert settings.XP.leaves_of(
        rebased_settings(settings.XP, before, before, after)
    ) == settings.XP.leaves_of(after)
    assert settings.XP.leaves_of(
        rebased_settings(settings.XP, before, after, after)
    ) == settings.XP.leaves_of(before)


def test_an_edit_keeps_what_others_set_meanwhile() -> None:
    """Only the keys that the editor touched are written."""
    robo = memory()
    robo.config.set(GUILD, {"xpRate": 2.0, "cooldownSeconds": 5})
    before = robo.config.own(GUILD)
    robo.config.set(GUILD, {"cooldownSeconds": 9, "rewardsMode": "replace"})

    changed = robo.config.rebase(GUILD, before, {"cooldownSeconds": 5, "noXpRoleIds": [ROLE]})

    assert changed.keys == ("xpRate", "noXpRoleIds")
    assert robo.config.own(GUILD) == {
        "cooldownSeconds": 9,
        "rewardsMode": "replace",
        "noXpRoleIds": [ROLE],
    }


# -- stores ---------------------------------------------------------------------------------


def test_stores_are_isolated_byte_for_byte(data_dir: Path) -> None:
    """Changing settings, curve and levels of one store touches no file of another."""
    with RoboXP.open(data_dir) as robo:
        for store in ("default", "season"):
            robo.xp.set(GUILD, ANN, 5_000, store=store)
            robo.config.set(GUILD, {"xpRate": 2.0}, store=store)
        other = {p: p.read_bytes() for p in (data_dir / "xp/default").iterdir()}

        robo.config.set(GUILD, {"levels": FLAT, "xpRate": 3.0}, store="season")

        assert robo.xp.level(GUILD, ANN, store="season") == 50
        assert robo.config.get(GUILD)["xpRate"] == 2.0
    assert {p: p.read_bytes() for p in (data_dir / "xp/default").iterdir()} == other


def test_two_writers_adding_to_one_list_lose_nothing(data_dir: Path) -> None:
    """Each of several handles adds roles at the same time, and all of them are on the list."""
    ids = [[str(4 * 10**17 + writer * 100 + n) for n in range(8)] for writer in range(3)]

    def add(mine: list[str]) -> None:
        with RoboXP.open(data_dir, durability="os") as robo:
            for role_id in mine:
                robo.zones.add_role(GUILD, role_id)

    threads = [threading.Thread(target=add, args=(mine,)) for mine in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with RoboXP.open(data_dir) as robo:
        assert sorted(robo.zones.get(GUILD)["roles"]) == sorted(sum(ids, []))


def test_adding_what_the_global_list_has_copies_nothing() -> None:
    """A guild keeps following a global list that has already what somebody adds."""
    robo = memory()
    robo.config.set_global({"noXpRoleIds": [ROLE]})

    changed = robo.zones.add_role(GUILD, ROLE)
    robo.config.set_global({"noXpRoleIds": [SECOND_ROLE]})

    assert changed.seq is None
    assert robo.zones.get(GUILD)["roles"] == [SECOND_ROLE]


def test_another_handles_change_is_noticed(data_dir: Path) -> None:
    """A handle that has worked out a guild's rules sees what another one sets, in every layer."""
    with RoboXP.open(data_dir) as one, RoboXP.open(data_dir) as two:
        one.xp.set(GUILD, ANN, 5_000)
        assert one.curves.get(GUILD).source == "default"

        two.config.set_global({"levels": FLAT})
        assert (one.curves.get(GUILD).source, one.xp.level(GUILD, ANN)) == ("global", 50)

        two.config.set(GUILD, {"levels": STEEP, "cooldownSeconds": 0})
        assert (one.curves.get(GUILD).source, one.xp.level(GUILD, ANN)) == ("guild", 5)
        assert one.config.get(GUILD)["cooldownSeconds"] == 0


# -- the global curve -----------------------------------------------------------------------


def test_stores_without_a_curve_follow_the_global_one() -> None:
    """Each store that uses the global curve is recalculated in a batch of its own."""
    robo = memory()
    for guild, store in ((GUILD, "default"), (GUILD, "season"), (OTHER_GUILD, "default")):
        robo.xp.set(guild, ANN, 5_000, store=store)
    robo.config.set(OTHER_GUILD, {"levels": STEEP})

    changed = robo.config.change_global(lambda own: {**own, "levels": FLAT}, reason="flat")

    assert (changed.levels.changed, changed.levels.up, changed.behind) == (2, 2, ())
    assert {(one.guild_id, one.store_id) for one in changed.levels.sample} == {
        (GUILD, "default"),
        (GUILD, "season"),
    }
    assert robo.xp.level(OTHER_GUILD, ANN) == 5
    last = list(robo.vault.namespace(XP).batches())[-1]
    assert [event["type"] for event in last.raw_events()] == ["levelUp"]
    assert last.reason == "flat"


def test_a_dry_run_counts_and_changes_nothing() -> None:
    """What a change would do is told, for a guild and globally, and no batch is written."""
    robo = memory()
    robo.xp.set(GUILD, ANN, 5_000)

    for guild in (GUILD, None):
        changed = robo.config.put(guild, {"levels": FLAT}, dry_run=True)
        assert (changed.keys, changed.levels.up) == (("levels",), 1)
        assert (changed.seq, changed.dry_run) == (None, True)
        assert changed.effective["levels"] == FLAT
    assert robo.vault.names() == [XP]
    assert robo.vault.namespace(XP).read().seq == 1
    assert robo.xp.level(GUILD, ANN) == 9


def test_a_damaged_store_keeps_no_other_from_following(data_dir: Path) -> None:
    """The stores that can be written follow the global curve; the other one is named."""
    with RoboXP.open(data_dir) as robo:
        robo.xp.set(GUILD, ANN, 5_000)
        robo.xp.set(OTHER_GUILD, BOB, 5_000)
    journal = data_dir / f"xp/default/{GUILD}.journal"
    journal.write_bytes(b"{broken\n" * 3 + journal.read_bytes())

    with RoboXP.open(data_dir) as robo:
        changed = robo.config.put(None, {"levels": FLAT})

        (behind,) = changed.behind
        assert (behind.guild_id, behind.store_id) == (GUILD, "default")
        assert isinstance(behind.error, VaultDamaged)
        assert changed.levels.changed == 1
        assert robo.xp.level(OTHER_GUILD, BOB) == 50


def test_removing_a_key_that_the_guild_does_not_set() -> None:
    """What only the global defaults set is not there to be removed."""
    robo = memory()
    robo.config.set_global({"multipliers": {"role": {ROLE: 2}}})

    with pytest.raises(NotFound, match="is not set here"):
        robo.multipliers.remove_role(GUILD, ROLE)
    assert robo.config.own(GUILD) == {}
