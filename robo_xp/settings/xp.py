"""The settings of XP: one line each, and what they are for the rules."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from robo_xp.errors import InvalidConfig
from robo_xp.model import MAX_XP, RoleReward
from robo_xp.rules.boost import DAYS, HIGHEST
from robo_xp.rules.checks import exact
from robo_xp.rules.decay import Decay
from robo_xp.rules.multiplier import Multipliers
from robo_xp.rules.period import MESSAGE, VOICE, Calendar, Periods
from robo_xp.rules.reward import REPLACE, STACK, distinct_rewards
from robo_xp.rules.terms import Announcements, Settings, Voice
from robo_xp.settings.boosts import STACKS, BoostDescription, Zone, boosts_of
from robo_xp.settings.kinds import (
    Choice,
    Colour,
    CurveDescription,
    Decimal,
    Duration,
    Flag,
    IdOf,
    IdsOf,
    PerId,
    RewardList,
    Template,
    Text,
    WebAddress,
    Whole,
)
from robo_xp.settings.periods import WEEK_DAYS, CountedWords, PrizeList, prize_of
from robo_xp.settings.table import Field, Table

_FACTOR: Final = Decimal(0, 10)
REWARD_MODES: Final = Choice(
    {
        STACK: ("Keep all", "Members keep all roles that they earned"),
        REPLACE: ("Only the highest", "Members keep only the highest role that they earned"),
    }
)
_PLACES: Final = Choice(
    {
        "off": ("Off", "New levels are not announced"),
        "same": ("Same channel", "Where the member wrote"),
        "channel": ("One channel", "In the channel that is chosen for it"),
        "dm": ("Direct message", "To the member alone"),
    }
)

_PAGES: Final = Choice(
    {
        "off": ("No page", "There is no page of this guild"),
        "public": ("Public page", "Everybody who knows the address can read it"),
    }
)

KEEP, HIDE, RESET = "keep", "hide", "reset"
_LEAVING: Final = Choice(
    {
        KEEP: ("Keep all", "Nothing changes when a member leaves"),
        HIDE: ("Hide", "Members who left stand on no board until they come back"),
        RESET: ("Reset", "The records of members who left are deleted, which undo takes back"),
    }
)

# fmt: off
XP: Final = Table(
    Field("cooldownSeconds", Whole(0, 3600), 60, "Cooldown", unit="seconds", panel="cooldown",
          help="How long after a message that earned XP the next one earns some again."),
    Field("xpRate", Decimal(0.001, 10), 1.0, "XP rate", unit="times", panel="xprate",
          help="Multiplies every award of the guild."),
    Field("noXpRoleIds", IdsOf("role"), (), "Roles without XP",
          help="Messages of members with one of these roles are only counted."),
    Field("noXpChannelIds", IdsOf("channel"), (), "Channels without XP",
          help="Messages in these channels or categories, threads included, are only counted."),
    Field("roleRewards", RewardList(), (), "Role rewards",
          help="The roles that members get, each at a level."),
    Field("rewardsMode", REWARD_MODES, STACK, "Reward mode",
          help="Whether a new reward comes beside the earlier ones or in their place."),
    Field("removeRewardOnXpLoss", Flag(), False, "Remove rewards on loss",
          help="Whether members who fall below a level lose its role."),
    Field("onLeave", _LEAVING, KEEP, "Members who leave",
          help="What becomes of members who leave; heard with the members intent only."),
    Field("onBan", Flag("as leaving", "as nothing"), False, "Banned members",
          help="Whether a ban counts as leaving."),
    Field("leaderboard.public", Flag("public", "for administrators"), False, "Leaderboard",
          panel="leaderboard", help="Whether every member sees the leaderboard."),
    Field("leaderboard.page", _PAGES, "off", "Web page", panel="leaderboard_page",
          help="Whether everybody can read the leaderboard as a web page."),
    Field("announcements.mode", _PLACES, "off", "Where", panel="announce_mode",
          help="Where a new level is announced."),
    Field("announcements.channelId", IdOf("channel"), None, "Channel", panel="announce_channel",
          help="The channel for announcements where the mode is channel."),
    Field("announcements.template", Template(), "{member} has reached level {level}!", "Wording",
          panel="announcement", help="What an announcement says."),
    Field("announcements.maxAge", Duration(), "1h", "Oldest news",
          help="How old a new level may be that is still announced to its member."),
    Field("multipliers.server", _FACTOR, None, "Multiplier", fallback=1.0, unit="times",
          help="Multiplies awards of every member; 0 switches them off."),
    Field("multipliers.role", PerId("role", _FACTOR), None, "Multipliers of roles", unit="times",
          help="Multiplies awards of members with a role; of several the highest counts."),
    Field("multipliers.channel", PerId("channel", _FACTOR), None, "Multipliers of channels",
          unit="times",
          help="Multiplies awards in a thread, channel or category; of these the nearest counts."),
    Field("multipliers.user", PerId("member", _FACTOR), None, "Multipliers of members",
          unit="times", help="Multiplies awards of one member."),
    Field("boosts.stack", STACKS, HIGHEST, "Several boosts",
          help="What several boosts at the same time come to."),
    Field("boosts.announce", Flag(), False, "Announce boosts",
          help="Whether the channel for announcements is told when a boost begins and ends."),
    Field("boosts.list", PerId("boost", BoostDescription()), None, "Boosts", unit="boosts",
          help="Multiplies awards for a time; robo-xp boost adds and ends them."),
    Field("alerts.channelId", IdOf("channel"), None, "Alerts",
          help="The channel in which operators read what Discord refuses; without it none do."),
    Field("voice.xpPerMinute", Whole(0, 1000), 0, "XP per minute", unit="XP",
          help="What a full minute in a voice channel earns; 0 switches voice off."),
    Field("voice.minOthers", Whole(0, 98), 1, "Company", unit="members",
          help="How many others who could earn must be in the channel; bots do not count."),
    Field("voice.allowMuted", Flag(), False, "Muted members",
          help="Whether members earn who are muted, by themselves or by the server."),
    Field("voice.stageListeners", Flag(), False, "Listeners",
          help="Whether members earn who only listen on a stage."),
    Field("voice.maxMinutesPerDay", Whole(0, 1440), None, "Longest day", unit="minutes",
          help="How many minutes a day earn at most; without it all do."),
    Field("periods.timezone", Zone(), "UTC", "Time zone",
          help="The IANA name of the time zone in which the guild's days begin."),
    Field("periods.firstDay", WEEK_DAYS, "mon", "First day",
          help="The day on which a week begins."),
    Field("periods.hour", Whole(0, 23), 0, "Hour", unit="o'clock",
          help="The hour at which a day, and with it a week or month, begins."),
    Field("periods.count", CountedWords(), (MESSAGE, VOICE), "What counts",
          help="Which XP count on boards of days, weeks and months."),
    Field("periods.prizes", PrizeList(), (), "Prizes",
          help="What the first ones of each day, week or month get; it is announced as well."),
    Field("decay.afterDays", Whole(0, 3650), 0, "Days away", unit="days",
          help="After how many days without an award members lose XP each day; 0 is never."),
    Field("decay.percent", Decimal(0, 100), 0, "Share", unit="percent",
          help="How much of the total a day takes; with an amount, whichever is more."),
    Field("decay.amount", Whole(0, MAX_XP), 0, "Amount", unit="XP",
          help="How many XP a day takes."),
    Field("decay.floorLevel", Whole(0, 1000), 0, "Lowest level", unit="levels",
          help="The level whose XP decay leaves."),
    Field("decay.exemptRoleIds", IdsOf("role"), (), "Exempt roles",
          help="Members with one of these roles lose nothing, as the daemon saw them last."),
    Field("theme.embedColor", Colour(), None, "Colour", fallback=0x5865F2,
          help="The colour of cards and boards, as a number or as #rrggbb."),
    Field("theme.backgroundUrl", WebAddress(), None, "Background",
          help="The picture behind cards, of at most 2 MB at an https address."),
    Field("labels.xpDisplayName", Text(20), None, "Name of XP", fallback="XP",
          help="What XP is called."),
    Field("levels", CurveDescription(), None, "Level curve", fallback={"type": "quadratic"},
          help="How much XP each level takes."),
    groups={
        "leaderboard": "Who sees the whole board",
        "announcements": "Announcements of new levels",
        "multipliers": "Factors of awards: for everybody, by role, by channel, by member",
        "boosts": "Factors of awards for a time",
        "alerts": "What operators are told on Discord",
        "voice": "XP for time in voice channels",
        "periods": "Days, weeks and months of the guild",
        "decay": "XP that members lose who are away for long",
        "theme": "How cards look",
        "labels": "What things are called",
    },
)
# fmt: on
"""Every setting of XP. To add one, add its line."""


def settings_of(effective: Mapping[str, Any]) -> Settings:
    """The settings of a complete document, ready for the rules: exact numbers, sets for lists.

    Raises InvalidConfig with every fault, so that a file edited by hand fails by name.
    """
    if faults := XP.value_faults(effective):
        raise InvalidConfig(faults)
    holds = XP.leaves_of(effective)
    rate = exact(holds["xpRate"])
    return Settings(
        cooldown_ms=holds["cooldownSeconds"] * 1000,
        rate=rate,
        rate_num=rate.numerator,
        rate_den=rate.denominator,
        no_xp_role_ids=frozenset(holds["noXpRoleIds"]),
        no_xp_channel_ids=frozenset(holds["noXpChannelIds"]),
        rewards=distinct_rewards(map(reward_of, holds["roleRewards"])),
        rewards_mode=holds["rewardsMode"],
        remove_on_loss=holds["removeRewardOnXpLoss"],
        leaderboard_public=holds["leaderboard.public"],
        multipliers=_multipliers(effective.get("multipliers", {}), effective["boosts"]),
        levels=holds.get("levels"),
        xp_display_name=_or_fallback(holds, "labels.xpDisplayName"),
        embed_color=_or_fallback(holds, "theme.embedColor"),
        announcements=Announcements(
            holds["announcements.mode"],
            holds.get("announcements.channelId"),
            holds["announcements.template"],
        ),
        voice=Voice(
            holds["voice.xpPerMinute"],
            holds["voice.minOthers"],
            holds["voice.allowMuted"],
            holds["voice.stageListeners"],
            holds.get("voice.maxMinutesPerDay"),
        ),
        periods=Periods(
            Calendar(
                holds["periods.timezone"],
                DAYS.index(holds["periods.firstDay"]),
                holds["periods.hour"],
            ),
            frozenset(holds["periods.count"]),
            tuple(map(prize_of, holds["periods.prizes"])),
        ),
        decay=Decay(
            holds["decay.afterDays"],
            exact(holds["decay.percent"]),
            holds["decay.amount"],
            holds["decay.floorLevel"],
            tuple(holds["decay.exemptRoleIds"]),
        ),
        values=effective,
    )


def given_roles(document: object) -> dict[str, RoleReward]:
    """The roles that members get by levels or as prizes, of level 0, in settings that may be
    wrong; ``dangerous`` where each mention says so.
    """
    found: dict[str, RoleReward] = {}
    leaves = XP.leaves_of(document) if isinstance(document, Mapping) else {}
    for listed in (leaves.get("roleRewards"), leaves.get("periods.prizes")):
        for one in listed if isinstance(listed, list | tuple) else ():
            if isinstance(one, Mapping) and isinstance(role_id := one.get("roleId"), str):
                level = given if isinstance(given := one.get("level"), int) else 0
                before = found.get(role_id, RoleReward(level, role_id, True))
                is_meant = before.dangerous and one.get("dangerous") is True
                found[role_id] = RoleReward(before.level, role_id, is_meant)
    return found


def reward_of(entry: Mapping[str, Any]) -> RoleReward:
    """The reward that an entry of ``roleRewards`` describes."""
    return RoleReward(entry["level"], entry["roleId"], entry.get("dangerous", False))


def warnings_of(own: Mapping[str, Any]) -> list[str]:
    """What is allowed in a valid document but seldom meant."""
    return [*_reward_doubts(own), *announcement_doubts(own)]


def announcement_doubts(own: Mapping[str, Any]) -> list[str]:
    """A doubt where levels or boosts are announced in a channel and none is chosen."""
    found = own.get("announcements", {})
    if "channelId" in found:
        return []
    missing = [
        *(["new level"] if found.get("mode") == "channel" else []),
        *(["boost"] if own.get("boosts", {}).get("announce") else []),
    ]
    return [f"announcements.channelId is not set, so no {what} is announced" for what in missing]


def _reward_doubts(own: Mapping[str, Any]) -> list[str]:
    """A doubt for each role that two rewards name."""
    levels: dict[str, list[int]] = {}
    for reward in own.get("roleRewards", ()):
        levels.setdefault(reward["roleId"], []).append(reward["level"])
    return [
        f"role {role_id} is the reward of levels {', '.join(map(str, sorted(at)))}: "
        f"only level {max(at)} counts"
        for role_id, at in levels.items()
        if len(at) > 1
    ]


def _or_fallback(holds: Mapping[str, Any], key: str) -> Any:
    return holds.get(key, XP[key].fallback)


def _multipliers(given: Mapping[str, Any], boosts: Mapping[str, Any]) -> Multipliers:
    server = given.get("server")
    return Multipliers(
        None if server is None else exact(server),
        _exact_map(given.get("role", {})),
        _exact_map(given.get("channel", {})),
        _exact_map(given.get("user", {})),
        boosts_of(boosts.get("list", {}), boosts["stack"]),
    )


def _exact_map(given: Mapping[str, Any]) -> Mapping[str, Fraction]:
    return MappingProxyType({key: exact(value) for key, value in given.items()})
