"""Settings: every fault is found, layers merge, and dotted keys come and go without a trace."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robo_xp.errors import InvalidConfig
from robo_xp.model import RoleReward
from robo_xp.rules.levels.curve import build_curve
from robo_xp.settings.xp import XP, settings_of, warnings_of

A, B, C = (str(10**17 + n) for n in range(3))

FULL: dict[str, Any] = {
    "cooldownSeconds": 30,
    "xpRate": 1.2,
    "noXpRoleIds": [A],
    "noXpChannelIds": [B, C],
    "roleRewards": [{"level": 20, "roleId": B}, {"level": 5, "roleId": A}],
    "rewardsMode": "replace",
    "removeRewardOnXpLoss": True,
    "leaderboard": {"public": True},
    "announcements": {"mode": "channel", "channelId": C, "template": "{member}: {level}"},
    "multipliers": {"server": 1.5, "role": {A: 2, B: 0}, "channel": {B: 3}, "user": {C: 1.1}},
    "boosts": {"stack": "multiply", "list": {A: {"factor": 2, "from": 0, "roles": [B]}}},
    "alerts": {"channelId": C},
    "voice": {"xpPerMinute": 3, "minOthers": 2, "allowMuted": True, "maxMinutesPerDay": 90},
    "periods": {
        "timezone": "Europe/Berlin",
        "firstDay": "sun",
        "hour": 4,
        "count": ["message"],
        "prizes": [{"kind": "week", "first": 3, "xp": 50}, {"kind": "month", "roleId": B}],
    },
    "decay": {"afterDays": 30, "percent": 2.5, "amount": 10, "exemptRoleIds": [A]},
    "theme": {"embedColor": 0xFFFFFF, "backgroundUrl": "https://example.org/a.png"},
    "labels": {"xpDisplayName": "Stars"},
    "levels": {"type": "linear", "params": {"xpPerLevel": 100}, "maxLevel": 50},
}

# -- documents ------------------------------------------------------------------------------

_ids = st.integers(10**16, 2**64 - 1).map(str)
_id_lists = st.lists(_ids, max_size=4, unique=True)
_factors = st.integers(0, 10_000).map(lambda n: n // 1000 if n % 1000 == 0 else n / 1000)
_factor_maps = st.dictionaries(_ids, _factors, max_size=3)
_rewards = st.dictionaries(st.integers(1, 1000), _ids, max_size=4).map(
    lambda by_level: [{"level": level, "roleId": role} for level, role in by_level.items()]
)
_levels = st.sampled_from([{"type": "mee6"}, FULL["levels"], {"type": "quadratic", "maxLevel": 9}])


def _some(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


_multipliers = _some({"server": _factors, "role": _factor_maps, "user": _factor_maps})
_documents = _some(
    {
        "cooldownSeconds": st.integers(0, 3600),
        "xpRate": st.integers(1, 10_000).map(lambda n: n / 1000),
        "noXpRoleIds": _id_lists,
        "noXpChannelIds": _id_lists,
        "roleRewards": _rewards,
        "rewardsMode": st.sampled_from(["stack", "replace"]),
        "removeRewardOnXpLoss": st.booleans(),
        "leaderboard": _some({"public": st.booleans()}),
        "announcements": _some(
            {
                "mode": st.sampled_from(["off", "same", "channel", "dm"]),
                "channelId": _ids,
                "template": st.sampled_from(["{guild} {xp}", "{oldLevel}\n{level}", "} {"]),
            }
        ),
        "multipliers": _multipliers,
        "theme": _some({"embedColor": st.integers(0, 0xFFFFFF)}),
        "labels": _some({"xpDisplayName": st.sampled_from(["XP", "Stars", "⭐", "a" * 20])}),
        "levels": _levels,
    }
)
_keys = st.sampled_from(XP.known_keys).flatmap(
    lambda key: _ids.map(lambda an_id: key.replace("<id>", an_id))
)
_values = st.one_of(st.integers(), st.text(), st.booleans(), _id_lists, _levels)


# -- faults ---------------------------------------------------------------------------------


@given(_documents)
def test_good_documents_have_no_fault(own: dict[str, Any]) -> None:
    """A document of right values is right, by itself and merged over the defaults."""
    assert XP.faults_of(own) == []
    assert XP.faults_of(XP.effective({}, own)) == []


def test_full_document_and_defaults_are_right() -> None:
    """Each field at once, and none at all, are right."""
    assert XP.faults_of(FULL) == XP.faults_of({}) == XP.faults_of(XP.effective()) == []


NOT_WHOLE: list[Any] = [-1, 1.5, 2.0, True, "5", None, [], {}, float("nan"), float("inf")]
NOT_LIST: list[Any] = [None, 5, "text", {}, A, True]
NOT_ID: list[Any] = ["", "5", 10**17, None, "9" * 20, A + "\n", {}]
NOT_FACTOR: list[Any] = [-0.1, 10.001, 11, 1.2345, True, "1", None, [], float("nan"), 10**400]
NOT_OBJECT: list[Any] = [None, 5, "text", [], True]
NOT_BOOL: list[Any] = [None, 0, 1, "true", []]
NOT_LABEL: list[Any] = [
    *["", " ", "a" * 21, None, 5, "a\nb", "a\x1b[0m", "a\u202eb", "\ud800", "a\u2028b", "\u2066x"]
]
NOT_URL: list[Any] = [
    *[None, 5, "", "example.org/a.png", "ftp://example.org/a", "javascript:alert(1)", "https://"],
    *["https://a b", "https://example.org/\n", "http://[::1", "https://x/" + "a" * 2048],
]


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("cooldownSeconds", [*NOT_WHOLE, 3601]),
        ("xpRate", [*NOT_FACTOR, 0, 0.0, 0.0001]),
        ("noXpRoleIds", [*NOT_LIST, *([bad] for bad in NOT_ID), [A, A], [A] * 1001]),
        ("noXpChannelIds", [*NOT_LIST, *([bad] for bad in NOT_ID), [A, B, A]]),
        ("roleRewards", [*NOT_LIST, [5], [{}], [{"level": 1}], [{"roleId": A}]]),
        ("roleRewards", [[{"level": bad, "roleId": A}] for bad in [*NOT_WHOLE, 0, 1001]]),
        ("roleRewards", [[{"level": 1, "roleId": bad}] for bad in NOT_ID]),
        ("roleRewards", [[{"level": 1, "roleId": A}, {"level": 1, "roleId": B}]]),
        ("roleRewards", [[{"level": 1, "roleId": A, "note": "x"}]]),
        ("rewardsMode", [None, 5, "", "Stack", "stak", []]),
        ("removeRewardOnXpLoss", NOT_BOOL),
        ("leaderboard", NOT_OBJECT),
        ("leaderboard.public", NOT_BOOL),
        ("announcements", NOT_OBJECT),
        ("announcements.mode", [None, 5, "", "Off", "sam", []]),
        ("announcements.channelId", NOT_ID),
        (
            "announcements.template",
            ["", " ", "a" * 501, None, 5, "{user}", "{}", "{member!r}", "\ud800"],
        ),
        ("multipliers", NOT_OBJECT),
        ("multipliers.server", NOT_FACTOR),
        ("multipliers.role", [*NOT_OBJECT, {"5": 1}, {5: 1}, dict.fromkeys(range(1001), 1)]),
        (f"multipliers.role.{A}", NOT_FACTOR),
        (f"multipliers.user.{A}", NOT_FACTOR),
        ("theme", NOT_OBJECT),
        ("theme.embedColor", [*NOT_WHOLE, 0x1000000, "#ffffff"]),
        ("theme.backgroundUrl", NOT_URL),
        ("labels", NOT_OBJECT),
        ("labels.xpDisplayName", NOT_LABEL),
        ("levels", [*NOT_OBJECT, {}, {"type": "cubic"}]),
    ],
)
def test_a_wrong_value_is_found_in_any_document(key: str, values: list[Any]) -> None:
    """One wrong value in a right document is found, at its place, and nothing else is."""
    for value in values:
        faults = XP.faults_of(XP.set(FULL, key, value))

        assert faults, value
        assert all(fault.where.startswith(key) for fault in faults), (value, faults)
        assert all(str(fault).isprintable() for fault in faults), value


@pytest.mark.parametrize(
    ("own", "where", "said"),
    [
        ({"cooldownseconds": 5}, "cooldownseconds", "'cooldownSeconds'"),
        ({"cooldown": 5}, "cooldown", "'cooldownSeconds'"),
        ({"xp_rate": 5}, "xp_rate", "'xpRate'"),
        ({"public": True}, "public", "'leaderboard.public'"),
        ({"theme": {"embedColour": 5}}, "theme.embedColour", "'theme.embedColor'"),
        ({"theme": {"xpRate": 5}}, "theme.xpRate", "'xpRate'"),
        ({"multipliers": {"servr": 2}}, "multipliers.servr", "'multipliers.server'"),
        ({"zzz": 5}, "zzz", "unknown setting"),
        ({5: 5}, "5", "unknown setting"),
        ({"\x1b[0m": 5}, r"'\x1b[0m'", "unknown setting"),
        ({"xpRate": 1.2345}, "xpRate", "at most 3 decimals"),
        ({"cooldownSeconds": None}, "cooldownSeconds", "use unset"),
        ({"rewardsMode": "replce"}, "rewardsMode", "'replace'"),
        ({"announcements": {"template": "{membr}"}}, "announcements.template", "'member'"),
        ({"announcements": {"template": "{xyz}"}}, "announcements.template", "{oldLevel}"),
        ({"noXpRoleIds": [A, "x"]}, "noXpRoleIds[1]", "17 to 20 digits"),
        ({"noXpRoleIds": [A, B, A]}, "noXpRoleIds[2]", "twice"),
        ({"levels": {"type": "linear"}}, "levels.params.xpPerLevel", "missing"),
        ({"levels": 5}, "levels", "an object"),
        (
            {"roleRewards": [{"level": 3, "roleId": A}, {"level": 3, "roleId": A}]},
            "roleRewards[1].level",
            "roleRewards[0]",
        ),
    ],
)
def test_faults_say_what_to_do(own: dict[str, Any], where: str, said: str) -> None:
    """A fault names the place and, for a name that is unknown, the nearest one that is."""
    (fault,) = XP.faults_of(own)

    assert fault.where == where
    assert said in fault.message


def test_lists_and_maps_have_a_limit() -> None:
    """1,000 entries are right; one more is one fault, whatever the entries are."""
    ids = [str(10**17 + n) for n in range(1001)]
    rewards = [{"level": n + 1, "roleId": A} for n in range(1001)]

    def sized(size: int) -> dict[str, Any]:
        return {
            "noXpRoleIds": ids[:size],
            "roleRewards": rewards[:size],
            "multipliers": {"role": dict.fromkeys(ids[:size], 2)},
        }

    assert XP.faults_of(sized(1000)) == []
    assert [str(fault) for fault in XP.faults_of(sized(1001))] == [
        f"{where}: can have at most 1000 entries, not 1001"
        for where in ("noXpRoleIds", "roleRewards", "multipliers.role")
    ]


def test_every_fault_is_reported() -> None:
    """All faults of a document come at once, however deep they lie."""
    own = {
        "cooldownSeconds": -1,
        "colour": 1,
        "roleRewards": [{"level": 0}, {"level": 2, "roleId": "x", "extra": 1}],
        "multipliers": {"server": 11, "role": {"x": -1}},
        "levels": {"type": "lookup", "params": {"thresholds": [1, 1]}},
    }

    assert {fault.where for fault in XP.faults_of(own)} == {
        "cooldownSeconds",
        "colour",
        "roleRewards[0].level",
        "roleRewards[0].roleId",
        "roleRewards[1].roleId",
        "roleRewards[1].extra",
        "multipliers.server",
        "multipliers.role.x",
        "levels.params.thresholds[0]",
        "levels.params.thresholds[1]",
    }


@pytest.mark.parametrize("own", [None, 5, "text", [], True])
def test_a_document_is_an_object(own: Any) -> None:
    """Anything but an object is a fault, not a crash."""
    assert [fault.where for fault in XP.faults_of(own)] == [""]


_names = st.sampled_from([key for full in XP.known_keys for key in full.split(".")]) | st.text()


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text() | st.integers() | _ids,
        lambda inner: st.lists(inner) | st.dictionaries(_names, inner),
    )
)
def test_faults_of_anything_never_crash(own: Any) -> None:
    """Whatever JSON can hold is either right, and then usable, or has faults."""
    assert XP.faults_of(own) or settings_of(XP.effective({}, own))


def test_same_role_twice_is_allowed_with_a_warning() -> None:
    """A role that two rewards name is right, but worth a word about which one counts."""
    own = {
        "roleRewards": [
            {"level": 9, "roleId": A},
            {"level": 5, "roleId": B},
            {"level": 3, "roleId": A},
        ]
    }

    assert XP.faults_of(own) == []
    (warning,) = warnings_of(own)
    assert warning == f"role {A} is the reward of levels 3, 9: only level 9 counts"
    assert warnings_of({}) == warnings_of(FULL) == []


# -- layers ---------------------------------------------------------------------------------


def test_later_layers_are_stronger() -> None:
    """Values and lists replace; objects merge by key, multipliers deeply; a curve replaces."""
    below = {
        "xpRate": 2,
        "noXpRoleIds": [A, B],
        "multipliers": {"server": 2, "role": {A: 1, B: 1}, "user": {C: 3}},
        "theme": {"embedColor": 1, "backgroundUrl": "https://example.org/"},
        "levels": {"type": "linear", "params": {"xpPerLevel": 5}, "maxLevel": 9},
    }
    above = {
        "noXpRoleIds": [],
        "multipliers": {"role": {B: 2, C: 2}},
        "theme": {"embedColor": 2},
        "levels": {"type": "mee6"},
    }

    assert XP.merge(below, above) == {
        "xpRate": 2,
        "noXpRoleIds": [],
        "multipliers": {"server": 2, "role": {A: 1, B: 2, C: 2}, "user": {C: 3}},
        "theme": {"embedColor": 2, "backgroundUrl": "https://example.org/"},
        "levels": {"type": "mee6"},
    }


@given(_documents, _documents, _documents)
def test_merge_laws(one: dict[str, Any], two: dict[str, Any], three: dict[str, Any]) -> None:
    """Merging is associative, merging with nothing or itself changes nothing, the last one wins."""
    merge = XP.merge
    assert merge(merge(one, two), three) == merge(one, merge(two, three)) == merge(one, two, three)
    assert merge(one, {}) == merge({}, one) == merge(one, one) == one
    assert XP.merge(XP.merge(one, two), two) == XP.merge(one, two)


@given(_documents, _documents)
def test_effective_is_complete_and_right(global_own: dict[str, Any], own: dict[str, Any]) -> None:
    """The effective document has every field that must be there, and is right."""
    document = XP.effective(global_own, own)

    assert document.keys() >= XP.effective().keys()
    assert XP.faults_of(document) == []


def test_merge_shares_nothing() -> None:
    """Changing a merged document leaves its layers, and the defaults, as they were."""
    own = copy.deepcopy(FULL)
    merged = XP.effective({}, own)

    merged["noXpRoleIds"].append(C)
    merged["roleRewards"][0]["level"] = 1
    merged["multipliers"]["role"].clear()
    merged["levels"]["params"].clear()
    XP.effective({}, {})["leaderboard"]["public"] = True
    XP.effective({}, {})["noXpRoleIds"].append(A)

    assert own == FULL
    assert XP.effective({}, {})["leaderboard"] == {"public": False, "page": "off"}
    assert XP.effective({}, {})["noXpRoleIds"] == []


def test_defaults_are_json() -> None:
    """The effective defaults are plain data with the documented values."""
    assert json.loads(json.dumps(XP.effective({}, {}))) == {
        "cooldownSeconds": 60,
        "onLeave": "keep",
        "onBan": False,
        "xpRate": 1.0,
        "noXpRoleIds": [],
        "noXpChannelIds": [],
        "roleRewards": [],
        "rewardsMode": "stack",
        "removeRewardOnXpLoss": False,
        "leaderboard": {"public": False, "page": "off"},
        "announcements": {
            "mode": "off",
            "template": "{member} has reached level {level}!",
            "maxAge": "1h",
        },
        "boosts": {"stack": "highest", "announce": False},
        "voice": {
            "xpPerMinute": 0,
            "minOthers": 1,
            "allowMuted": False,
            "stageListeners": False,
        },
        "periods": {
            "timezone": "UTC",
            "firstDay": "mon",
            "hour": 0,
            "count": ["message", "voice"],
            "prizes": [],
        },
        "decay": {
            "afterDays": 0,
            "percent": 0,
            "amount": 0,
            "floorLevel": 0,
            "exemptRoleIds": [],
        },
    }


# -- dotted keys ----------------------------------------------------------------------------


@given(_documents, _keys, _values)
def test_set_then_get_then_unset(own: dict[str, Any], key: str, value: Any) -> None:
    """What was set is read back; unset leaves no trace of it; the document itself never changes."""
    before = copy.deepcopy(own)

    there = XP.set(own, key, value)

    assert XP.get(there, key) == value
    gone = XP.unset(there, key)
    assert XP.get(gone, key) is None
    assert gone == XP.unset(own, key)
    assert XP.set(gone, key, value) == XP.set(own, key, value)
    assert own == before


@given(_documents, _keys, _keys, _values)
def test_keys_are_independent(own: dict[str, Any], key: str, other: str, value: Any) -> None:
    """Setting or unsetting one key leaves every other key alone."""
    if key != other:
        assert XP.get(XP.set(own, key, value), other) == XP.get(own, other)
        assert XP.get(XP.unset(own, key), other) == XP.get(own, other)


def test_unset_removes_groups_left_empty() -> None:
    """The last key of a group takes the group with it."""
    own = {"multipliers": {"role": {A: 2}}, "theme": {"embedColor": 1}}

    assert XP.unset(own, f"multipliers.role.{A}") == {"theme": {"embedColor": 1}}
    assert XP.unset(own, "theme.backgroundUrl") == own
    assert XP.unset({}, "theme.embedColor") == {}


@pytest.mark.parametrize(
    "group", [*XP.groups, "multipliers.role", "multipliers.user", "boosts.list"]
)
def test_groups_are_read_and_unset_as_a_whole(group: str) -> None:
    """A key that holds others stands for all of them."""
    values = XP.get(FULL, group)

    assert values
    assert XP.set(XP.unset(FULL, group), group, values) == FULL
    assert XP.get(XP.unset(FULL, group), group) is None


def test_values_got_and_set_are_copies() -> None:
    """Neither the value that was given nor the one that was read is part of a document."""
    given_list = [A]
    own = XP.set({}, "noXpRoleIds", given_list)

    given_list.append(B)
    XP.get(own, "noXpRoleIds").append(C)

    assert own == {"noXpRoleIds": [A]}


def test_set_key_replaces_what_is_no_group() -> None:
    """A document damaged by hand, with a value where a group belongs, can be mended by key."""
    assert XP.set({"theme": 5}, "theme.embedColor", 1) == {"theme": {"embedColor": 1}}
    assert XP.get({"theme": 5}, "theme.embedColor") is None
    assert XP.unset({"theme": 5}, "theme.embedColor") == {"theme": 5}
    assert XP.unset({"theme": 5}, "theme") == {}


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("cooldown", "'cooldownSeconds'"),
        ("public", "'leaderboard.public'"),
        ("leaderboard.publc", "'leaderboard.public'"),
        ("theme.embedcolor", "'theme.embedColor'"),
        ("levels.maxLevel", "'levels' is set as a whole"),
        ("cooldownSeconds.x", "unknown setting"),
        ("multipliers.rol.100000000000000000", "'multipliers.role'"),
        ("multipliers.role.<id>", "17 to 20 digits"),
        ("multipliers.role.5", "17 to 20 digits"),
        ("multipliers.role.", "17 to 20 digits"),
        ("", "unknown setting"),
        (".", "unknown setting"),
        ("\x1b[0m", "unknown setting"),
    ],
)
def test_unknown_keys_are_refused(key: str, said: str) -> None:
    """A key that no setting has is refused by every verb, with the nearest one."""
    for act in (XP.get, XP.unset, lambda doc, k: XP.set(doc, k, 1)):
        with pytest.raises(InvalidConfig, match=said) as caught:
            act({}, key)
        assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    ("global_own", "guild_own", "source"),
    [
        ({}, {}, "default"),
        ({"xpRate": 2}, {}, "global"),
        ({"xpRate": 2}, {"xpRate": 1.0}, "guild"),
        ({}, {"xpRate": 1.0}, "guild"),
    ],
)
def test_source_is_the_strongest_layer(
    global_own: dict[str, Any], guild_own: dict[str, Any], source: str
) -> None:
    """A value comes from the strongest layer that sets it, even to what the default says."""
    assert XP.source_of("xpRate", global_own, guild_own) == source


def test_source_of_lists_and_groups() -> None:
    """An empty list is a setting; a group without entries is none."""
    assert XP.source_of("noXpRoleIds", {}, {"noXpRoleIds": []}) == "guild"
    assert XP.source_of("theme", {"theme": {"embedColor": 1}}, {"theme": {}}) == "global"


# -- for the rules --------------------------------------------------------------------------


def test_settings_of_the_defaults() -> None:
    """Without any setting the rules get the documented defaults."""
    settings = settings_of(XP.effective({}, {}))

    assert (settings.cooldown_ms, settings.rate) == (60_000, Fraction(1))
    assert settings.no_xp_role_ids == settings.no_xp_channel_ids == frozenset()
    assert (settings.rewards, settings.rewards_mode) == ((), "stack")
    assert (settings.remove_on_loss, settings.leaderboard_public) == (False, False)
    assert settings.multipliers.server is None
    assert (settings.levels, settings.xp_display_name) == (None, "XP")
    assert settings.embed_color == 0x5865F2


def test_settings_of_a_full_document() -> None:
    """Every field reaches the rules, decimals as the fractions that they say."""
    settings = settings_of(XP.effective({}, FULL))

    assert settings.cooldown_ms == 30_000
    assert (settings.rate, settings.rate_num, settings.rate_den) == (Fraction(6, 5), 6, 5)
    assert settings.no_xp_role_ids == {A}
    assert settings.no_xp_channel_ids == {B, C}
    assert settings.rewards == (RoleReward(5, A), RoleReward(20, B))
    assert (settings.rewards_mode, settings.remove_on_loss) == ("replace", True)
    assert settings.leaderboard_public
    assert settings.multipliers.server == Fraction(3, 2)
    assert settings.multipliers.role == {A: 2, B: 0}
    assert settings.multipliers.user == {C: Fraction(11, 10)}
    assert settings.levels is not None
    assert build_curve(settings.levels).cap == 5000
    assert (settings.xp_display_name, settings.embed_color) == ("Stars", 0xFFFFFF)


def test_settings_name_a_repeated_role_once() -> None:
    """The rules see a role at the highest level that names it."""
    own = {"roleRewards": [{"level": 9, "roleId": A}, {"level": 3, "roleId": A}]}

    assert settings_of(XP.effective({}, own)).rewards == (RoleReward(9, A),)


def test_settings_of_a_wrong_document_are_refused() -> None:
    """A document damaged by hand is refused with its faults, not used in part."""
    with pytest.raises(InvalidConfig, match="xpRate.*rewardsMode"):
        settings_of(XP.effective({}, {"xpRate": "fast", "rewardsMode": "both"}))
