"""``/giveaway start``: what is stored, where it is posted, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import discord
import pytest

from robo_xp.errors import Refused
from robo_xp.rules.giveaway.beacon import QUICKNET
from robo_xp_daemon.slash.giveaway import start as giveaway_start
from robo_xp_daemon.slash.giveaway.places import Place, check_place
from tests.daemon.loopback import Channel, ChannelType, NotOffered, Permission
from tests.daemon.scene import private
from tests.daemon.slash.giveaway.scenes import Table, table
from tests.daemon.stage import played

KINDS = discord.ChannelType
MAY = discord.Permissions(
    view_channel=True, send_messages=True, send_messages_in_threads=True, embed_links=True
)
SPEAKS = discord.Permissions(view_channel=True, send_messages=True)
SPEAKS_IN_THREADS = discord.Permissions(view_channel=True, send_messages_in_threads=True)
MANAGES = MAY | discord.Permissions(manage_threads=True)
HOUR_MS = 3_600_000


def refused(at: Table, told: str) -> str:
    """What was told, where nothing was started."""
    assert at.at.stage.robo.giveaways.list(at.guild_id) == []
    return told


@played
async def test_what_is_not_given_comes_from_the_settings(tmp_path: Path) -> None:
    """A prize is enough: the rest is as the server has set it, and the host is the member."""
    async with table(tmp_path) as at:
        red = at.role_id("Red")
        at.set(
            defaults={"winners": 3, "duration": "2h", "buttonLabel": "Join"},
            restrictions={"denyRoleIds": [red], "minAccountAgeDays": 7},
        )
        answer = await at.slash("bob", "start", prize="*Nitro* @everyone", reason="party")
        made = at.only()

        assert (made.prize, made.winners_count, made.button_label) == (
            "*Nitro* @everyone",
            3,
            "Join",
        )
        assert made.ends_at - made.created_at == 2 * HOUR_MS
        assert (made.deny_role_ids, made.min_account_age_days) == ((red,), 7)
        assert made.host == str(at.member("bob").id)
        assert made.channel_id == str(at.at.guild.channel("general").id)
        assert ("giveaway start", "party") in at.acts("bob")
        assert answer.shown is not None and not answer.shown.pings
        assert r"\*Nitro\*" in private(answer) and "@everyone" not in answer.text


@played
async def test_everything_that_can_be_given(tmp_path: Path) -> None:
    """Roles are chosen as roles, several of each; the answer links to the message."""
    async with table(tmp_path) as at:
        guild = at.at.guild
        names = ("A", "B", "C", "D", "E", "F")
        roles = {name: guild.add_role(name) for name in names}
        news = guild.add_channel("news", type=ChannelType.NEWS)
        answer = await at.slash(
            "ann", "start", prize="Nitro", duration="1h30m", winners=2, channel=news,
            allow_role=roles["A"], allow_role_2=roles["B"], allow_role_3=roles["A"],
            deny_role=roles["C"], deny_role_3=roles["D"], min_account_age=30,
            bonus_role=roles["E"], bonus_entries=5, bonus_role_3=roles["F"], bonus_entries_3=1,
            beacon="drand",
        )  # fmt: skip
        made = at.only()
        ids = {name: str(role.id) for name, role in roles.items()}

        assert made.ends_at - made.created_at == 1.5 * HOUR_MS
        assert made.allow_role_ids == (ids["A"], ids["B"])
        assert made.deny_role_ids == (ids["C"], ids["D"])
        assert made.bonus_entries == {ids["E"]: 5, ids["F"]: 1}
        assert (made.winners_count, made.min_account_age_days) == (2, 30)
        assert made.beacon is not None and made.beacon.chain == QUICKNET.hash
        assert news.last.id == int(made.message_id or 0)
        link = f"https://discord.com/channels/{guild.id}/{news.id}/{made.message_id}"
        assert f"It is posted in <#{news.id}>: {link}" in private(answer)


@played
async def test_where_the_command_is_given(tmp_path: Path) -> None:
    """Without a channel it is posted where the command was given, also in a thread."""
    async with table(tmp_path) as at:
        thread = at.at.guild.add_thread("general", "chat")
        options = {"prize": "Nitro"}
        answer = await at.at.guild.slash("ann", "giveaway start", options=options, channel=thread)

        assert at.only().channel_id == str(thread.id)
        assert f"posted in <#{thread.id}>" in private(answer)


@played
async def test_another_thread(tmp_path: Path) -> None:
    """A thread can be chosen, too; a private one once the bot is in it, or may manage threads."""
    async with table(tmp_path) as at:
        guild, general = at.at.guild, at.at.guild.channel("general")
        hidden = Channel(at.at.discord.world.ids.settled(), ChannelType.PRIVATE_THREAD, "s", guild)
        hidden.parent = general
        guild.channels[hidden.id] = at.at.discord.world.channels[hidden.id] = hidden
        strange = await at.slash("ann", "start", prize="Nitro", channel=hidden)
        told = refused(at, private(strange))
        thread = guild.add_thread(general, "chat")
        answer = await at.slash("ann", "start", prize="Nitro", channel=thread)

        assert told == f"The bot is not in <#{hidden.id}>; mention it there, so that it joins."
        assert f"posted in <#{thread.id}>" in private(answer)


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (Place(1, KINDS.text, MAY, MAY), None),
        (Place(1, KINDS.public_thread, MAY, MAY), None),
        (Place(1, KINDS.public_thread, MAY, MAY, is_joined=False), None),
        (
            Place(1, KINDS.news_thread, MAY, MAY, is_locked=True),
            "<#1> is locked; unlock the thread",
        ),
        (Place(1, KINDS.news_thread, MANAGES, MAY, is_locked=True), None),
        (Place(1, KINDS.private_thread, MAY, MAY, is_joined=False), "the bot is not in <#1>"),
        (Place(1, KINDS.private_thread, MANAGES, MAY, is_joined=False), None),
        (Place(1, KINDS.text, MAY, SPEAKS_IN_THREADS), "you cannot write in <#1> yourself"),
        (Place(1, KINDS.public_thread, MAY, SPEAKS), "you cannot write in <#1> yourself"),
        (Place(1, KINDS.private_thread, MANAGES, SPEAKS), "you cannot write in <#1> yourself"),
        (Place(1, KINDS.public_thread, MAY, SPEAKS_IN_THREADS), None),
        (Place(1, KINDS.text, MAY, SPEAKS), None),
        (Place(1, KINDS.forum, MANAGES, MAY), "giveaways are posted in text"),
    ],
)
def test_places(place: Place, told: str | None) -> None:
    """Locked threads, and private ones without the bot, need the permission Manage Threads."""
    if told is None:
        check_place(place)
        return
    with pytest.raises(Refused, match=re.escape(told)):
        check_place(place)


@played
async def test_a_message_that_is_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While Discord takes no message, the answer says that it is saved and will be posted."""
    monkeypatch.setattr(giveaway_start, "POSTED_SECONDS", 0.1)
    async with table(tmp_path) as at:
        general = at.at.guild.channel("general")
        at.at.discord.delay_rest(1.0, matching="POST */channels/*/messages")
        answer = await at.slash("ann", "start", prize="Nitro")

        assert f"It is saved, and will be posted in <#{general.id}>" in private(answer)
        at.at.discord.restore_rest()
        await at.at.stage.until(lambda: at.only().message_id)


@pytest.mark.parametrize("kind", [ChannelType.TEXT, ChannelType.NEWS, ChannelType.THREAD])
@pytest.mark.parametrize("is_here", [True, False])
@played
async def test_where_the_host_may_not_write(
    tmp_path: Path, kind: ChannelType, is_here: bool
) -> None:
    """Nobody has the bot speak where they may not write themselves, not even a manager."""
    async with table(tmp_path) as at:
        guild = at.at.guild
        is_thread = kind == ChannelType.THREAD
        denied = Permission.SEND_MESSAGES_IN_THREADS if is_thread else Permission.SEND_MESSAGES
        overwrites = {guild.id: (0, int(denied)), guild.me.id: (int(denied), 0)}
        parent = ChannelType.TEXT if is_thread else kind
        room = guild.add_channel("room", type=parent, overwrites=overwrites)
        place = guild.add_thread(room, "inside") if is_thread else room
        options: dict[str, object] = {"prize": "Nitro"}
        if is_here:
            how = {"options": options, "channel": place}
        else:
            how = {"options": {**options, "channel": place}}
        answer = await guild.slash("ann", "giveaway start", **how)

        told = refused(at, private(answer))
        assert told == f"You cannot write in <#{place.id}> yourself; choose another channel."


@pytest.mark.parametrize(
    ("kind", "missing", "told"),
    [
        (ChannelType.TEXT, Permission.VIEW_CHANNEL, "View Channel"),
        (ChannelType.TEXT, Permission.SEND_MESSAGES, "Send Messages"),
        (ChannelType.NEWS, Permission.SEND_MESSAGES, "Send Messages"),
        (ChannelType.TEXT, Permission.EMBED_LINKS, "Embed Links"),
        (ChannelType.THREAD, Permission.SEND_MESSAGES_IN_THREADS, "Send Messages In Threads"),
    ],
)
@pytest.mark.parametrize("is_here", [True, False])
@played
async def test_where_the_bot_may_not_speak(
    tmp_path: Path, kind: ChannelType, missing: Permission, told: str, is_here: bool
) -> None:
    """What the bot lacks in the channel is named, and nothing is started."""
    async with table(tmp_path) as at:
        guild = at.at.guild
        overwrites = {guild.me.id: (0, int(missing))}
        parent = ChannelType.TEXT if kind == ChannelType.THREAD else kind
        room = guild.add_channel("room", type=parent, overwrites=overwrites)
        place = guild.add_thread(room, "inside") if kind == ChannelType.THREAD else room
        options: dict[str, object] = {"prize": "Nitro"}
        if is_here:
            how = {"options": options, "channel": place}
        else:
            how = {"options": {**options, "channel": place}}
        answer = await guild.slash("ann", "giveaway start", **how)

        text = refused(at, private(answer))
        assert text.startswith(f"The bot cannot post in <#{place.id}>: give its role ")
        assert told in text


@played
async def test_other_kinds_of_channels(tmp_path: Path) -> None:
    """A voice channel is neither offered nor taken where the command is given."""
    async with table(tmp_path) as at:
        voice = at.at.guild.add_channel("voice", type=ChannelType.VOICE)
        options = {"prize": "Nitro"}
        answer = await at.at.guild.slash("ann", "giveaway start", options=options, channel=voice)
        told = refused(at, private(answer))

        assert told.startswith("Giveaways are posted in text and announcement channels")
        kinds = list(at.at.discord.commands["giveaway"]["options"])
        start = next(one for one in kinds if one["name"] == "start")
        channel = next(one for one in start["options"] if one["name"] == "channel")
        assert sorted(channel["channel_types"]) == [0, 5, 10, 11, 12]


@played
async def test_a_channel_that_the_member_cannot_see(tmp_path: Path) -> None:
    """A host cannot have the bot post where they cannot look themselves."""
    async with table(tmp_path) as at:
        hidden = {at.member("bob").id: (0, int(Permission.VIEW_CHANNEL))}
        room = at.at.guild.add_channel("room", overwrites=hidden)
        answer = await at.slash("bob", "start", prize="Nitro", channel=room)

        assert refused(at, private(answer)) == f"You cannot see <#{room.id}> yourself."


@played
async def test_things_of_another_guild(tmp_path: Path) -> None:
    """Roles and channels that are not of this guild are refused, not left out."""
    async with table(tmp_path) as at:
        strange = at.other.add_role("Strange")
        room = at.other.channel("general")
        roles = ("allow_role", "deny_role_2")
        for option in roles:
            answer = await at.slash("ann", "start", prize="Nitro", **{option: strange.id})
            assert refused(at, private(answer)) == "That role is not one of this server."
        answer = await at.slash("ann", "start", prize="Nitro", channel=room.id)

        assert refused(at, private(answer)) == "That channel is not in this server."


@played
async def test_roles_that_make_no_sense(tmp_path: Path) -> None:
    """@everyone, a bot's own role, contradictions and half a bonus are each told in words."""
    async with table(tmp_path) as at:
        guild = at.at.guild
        red, blue = at.role("Red"), at.role("Blue")
        at.set(restrictions={"denyRoleIds": [str(blue.id)]})
        everyone = "@everyone is every member, so it cannot be chosen; leave the option out."
        half = "A bonus needs both a role and how many entries it has on top."
        bot = guild.role("robo")
        cases: list[tuple[dict[str, object], str]] = [
            ({"allow_role": guild.everyone}, everyone),
            ({"deny_role": guild.everyone}, everyone),
            ({"bonus_role": guild.everyone, "bonus_entries": 2}, everyone),
            ({"allow_role": bot}, f"<@&{bot.id}> belongs to a bot; no member can have it."),
            (
                {"allow_role": red, "deny_role_2": red},
                f"Role <@&{red.id}> is allowed and denied at once.",
            ),
            ({"allow_role": blue}, f"Role <@&{blue.id}> is allowed and denied at once."),
            ({"bonus_role": red}, half),
            ({"bonus_entries_2": 3}, half),
            (
                {"bonus_role": red, "bonus_entries": 3, "bonus_role_2": red, "bonus_entries_2": 4},
                f"<@&{red.id}> cannot have two different bonuses.",
            ),
        ]
        for options, told in cases:
            answer = await at.slash("ann", "start", prize="Nitro", **options)
            assert refused(at, private(answer)) == told


@played
async def test_values_that_cannot_be(tmp_path: Path) -> None:
    """Lengths, winners and prizes out of bounds are refused with what is allowed."""
    async with table(tmp_path) as at:
        write = "write it like 10m, 1h30m, 2d, PT1H30M, 2026-05-01T18:30Z, or seconds since 1970."
        cases: list[tuple[dict[str, object], str]] = [
            ({"duration": "soon"}, f"'soon' is neither a length of time nor an instant; {write}"),
            ({"duration": "30"}, "'30' has no unit; add one: 30m, 30h, 30d."),
            ({"duration": "5s"}, f"'5s' is too soon: at least 10 seconds ahead; {write}"),
            (
                {"duration": "2020-05-01T18:30Z"},
                "'2020-05-01T18:30Z' is in the past; give an instant that is still to come.",
            ),
            ({"duration": "31d"}, "A giveaway of 31 days is too long: at most 30 days."),
            ({"winners": 21}, "21 winners are too many: at most 20."),
            ({"prize": "   "}, "The prize is empty."),
        ]
        for options, told in cases:
            answer = await at.slash("ann", "start", **{"prize": "Nitro", **options})
            assert refused(at, private(answer)) == told


@played
async def test_ranges(tmp_path: Path) -> None:
    """Discord itself takes prizes up to 200, 1 to 100 winners, ages and bonuses within bounds."""
    async with table(tmp_path) as at:
        red = at.role("Red")
        cases: list[dict[str, object]] = [
            {"prize": ""}, {"prize": "x" * 201}, {"winners": 0}, {"winners": 101},
            {"min_account_age": -1}, {"bonus_role": red, "bonus_entries": 0},
            {"bonus_role": red, "bonus_entries": 101}, {"reason": "x" * 513},
        ]  # fmt: skip
        for options in cases:
            with pytest.raises(NotOffered):
                await at.slash("ann", "start", **{"prize": "Nitro", **options})
        assert "Giveaway started" in private(await at.slash("ann", "start", prize="x" * 200))


@played
async def test_lengths_are_offered(tmp_path: Path) -> None:
    """With nothing typed, the server's own length comes first and none is too long for it."""
    async with table(tmp_path) as at:
        at.set(defaults={"duration": "12h"}, limits={"maxDurationDays": 3})
        found = await at.offered("bob", "start", "duration")

        assert list(found.items())[0] == ("12 hours (as set for this server)", "12h")
        assert list(found.values()) == ["12h", "10m", "1h", "6h", "1d", "3d"]
        assert found["3 days"] == "3d"


@played
async def test_what_was_typed_is_explained(tmp_path: Path) -> None:
    """A length comes back spelled out with its end, a number with units, others with a fault."""
    async with table(tmp_path) as at:
        (name,) = await at.offered("bob", "start", "duration", " 1d12h ")
        numbers = await at.offered("bob", "start", "duration", "30")
        (wrong,) = await at.offered("bob", "start", "duration", "half an hour")
        (long,) = await at.offered("bob", "start", "duration", "40d")

        assert name.startswith("1 day 12 hours · until 20") and name.endswith(" UTC")
        assert list(numbers.values()) == ["30m", "30h", "30d"]
        assert wrong.startswith("✗ 'half an hour' is neither a length of time nor an instant.")
        assert wrong.endswith(" Write it like 1h30m or 2d.")
        assert long.startswith("✗ A giveaway of 40 days is too long: at most 30 days.")
