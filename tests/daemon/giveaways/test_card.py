"""What Discord shows of a giveaway: its message and the texts, whatever is in the record."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import Any

import pytest

from robo_xp.model.draws import Requirements
from robo_xp.model.giveaway import CANCELLED, ENDED, SUM, Giveaway
from robo_xp_daemon.client.port import Card
from robo_xp_daemon.giveaways import announcement_text as texts
from robo_xp_daemon.giveaways import format as wording
from robo_xp_daemon.giveaways.card import NOBODY, card_of, link_of
from tests.daemon.loopback.check_message import check_message
from tests.daemon.stage import played

GUILD, CHANNEL, MESSAGE = "746807687960896580", "746807687960896581", "746807687960896582"
HOST = "160686414550454520"
SECRET = "ab" * 32
COMMITMENT = hashlib.sha256(bytes.fromhex(SECRET)).hexdigest()
GIVEAWAY = Giveaway(
    id="01M7YJJ94WC4Q3344FK42H5P8Y",
    guild_id=GUILD,
    channel_id=CHANNEL,
    message_id=MESSAGE,
    prize="Nitro",
    winners_count=3,
    ends_at=1_750_003_600_000,
    started_by=HOST,
    host=HOST,
    bonus_entries={},
    button_label="Enter Giveaway",
    dm_winners=True,
    recheck_at_draw=True,
    created_at=1_750_000_000_000,
    commitment=COMMITMENT,
)
HOSTILE = {
    "markup": "*_~`|[]<\\" * 22 + "*_",
    "mentions": "@everyone @here <@160686414550454520> <@&746807687960896580> <#1>",
    "invitations": "discord.gg/abc DISCORD.GG/abc discord.com/invite/abc discordapp.com/INVITE/abc",
    "links": "[free](https://example.com) [a](b)[c](d) https://example.com/_x_",
    "lines": "# big\n> quoted\n- one\r\n-# small\u2028```\ncode\n```",
    "direction": "a\u202eb\u2066c\u202ad\u2069",
    "controls": "a\x00b\x1bc\x7f\x85d",
    "emoji": "🎁" * 200,
    "everyone, always": "@here" * 40,
    "invisible": "\u200b\u2060 \u202e",
    "marks": "e" + "\u0301" * 199,
}


def ids(count: int, first: int = 1) -> tuple[str, ...]:
    """So many ids as long as ids can be."""
    return tuple(str(18_000_000_000_000_000_000 + first + n) for n in range(count))


def ended(**more: Any) -> Giveaway:
    """The giveaway after its end."""
    over = {"status": ENDED, "finalized_at": 1_750_003_600_500, "secret": SECRET}
    return replace(GIVEAWAY, **{**over, **more})


def fields_of(made: Card) -> dict[str, str]:
    """The fields of the embed by name."""
    return {str(field.name): str(field.value) for field in made.embed.fields}


def check(made: Card) -> None:
    """Discord takes the message; lengths are counted as the strictest client would."""
    components = [] if made.view is None else made.view.to_components()
    body: dict[str, Any] = {"embeds": [made.embed.to_dict()], "components": components}
    check_message(_in_units(body))


def _in_units(part: Any) -> Any:
    """The same with two characters for each that takes two units of UTF-16."""
    if isinstance(part, dict):
        return {key: _in_units(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_in_units(value) for value in part]
    return "x" * units(part) if isinstance(part, str) and not part.startswith("xp_") else part


def units(text: str) -> int:
    """How long the text is in UTF-16."""
    return len(text.encode("utf-16-le")) // 2


@played
async def test_an_active_giveaway() -> None:
    """The message says what there is to win, until when, from whom, and how to take part."""
    made = card_of(GIVEAWAY, 1234)

    assert (made.embed.title, made.embed.description) == ("Giveaway", "**Nitro**")
    fields = fields_of(made)
    assert fields["Ends"] == "<t:1750003600:R>\n<t:1750003600:F>"
    assert (fields["Winners"], fields["Entries"], fields["Host"]) == ("3", "1,234", f"<@{HOST}>")
    assert fields["Commitment"].startswith(f"`{COMMITMENT}`\n")
    assert SECRET not in str(made.embed.to_dict())
    assert made.view is not None
    buttons = [(one.label, one.custom_id, one.style.name) for one in made.view.children]  # type: ignore[attr-defined]
    assert buttons == [
        ("Enter Giveaway", f"xp_ga_enter:{GIVEAWAY.id}", "primary"),
        ("Leave", f"xp_ga_leave:{GIVEAWAY.id}", "secondary"),
    ]


@played
async def test_nobody_known_started_it() -> None:
    """A giveaway from a terminal has an operator for its host."""
    assert fields_of(card_of(replace(GIVEAWAY, host=None), 0))["Host"] == "an operator"


ROLE, OTHER = "746807687960896590", "746807687960896591"
ASKED = [
    ({}, {}),
    ({"requirements": Requirements(allow_role_ids=(ROLE,))}, {"Needs this role": f"<@&{ROLE}>"}),
    (
        {"requirements": Requirements(allow_role_ids=(ROLE, OTHER))},
        {"Needs one of these roles": f"<@&{ROLE}>, <@&{OTHER}>"},
    ),
    ({"requirements": Requirements(deny_role_ids=(ROLE,))}, {"Not with this role": f"<@&{ROLE}>"}),
    (
        {"requirements": Requirements(deny_role_ids=(ROLE, OTHER))},
        {"Not with any of these roles": f"<@&{ROLE}>, <@&{OTHER}>"},
    ),
    ({"requirements": Requirements(min_account_age_days=1)}, {"Account age": "at least 1 day"}),
    ({"requirements": Requirements(min_account_age_days=30)}, {"Account age": "at least 30 days"}),
    ({"bonus_entries": {ROLE: 4}}, {"Bonus entries": f"<@&{ROLE}> +4"}),
    (
        {"bonus_entries": {ROLE: 4, OTHER: 1}},
        {"Bonus entries (the highest counts)": f"<@&{ROLE}> +4, <@&{OTHER}> +1"},
    ),
    (
        {"bonus_entries": {ROLE: 4, OTHER: 1}, "bonus_mode": SUM},
        {"Bonus entries (all of them count)": f"<@&{ROLE}> +4, <@&{OTHER}> +1"},
    ),
    (
        {"requirements": Requirements(min_level=5, min_xp=1000, min_messages=20)},
        {"Level": "at least 5", "XP": "at least 1,000", "Messages": "at least 20"},
    ),
    (
        {"requirements": Requirements(min_voice_minutes=60, min_member_days=7, boosters=True)},
        {
            "Voice": "at least 60 minutes",
            "Membership": "at least 7 days",
            "Boosters": "only who boosts the server",
        },
    ),
    (
        {"requirements": Requirements(all_role_ids=(ROLE, OTHER), bypass_role_ids=(ROLE,))},
        {
            "Needs all of these roles": f"<@&{ROLE}>, <@&{OTHER}>",
            "Needs none of this with": f"<@&{ROLE}>",
        },
    ),
]


@pytest.mark.parametrize(("asked", "said"), ASKED)
def test_requirements(asked: dict[str, Any], said: dict[str, str]) -> None:
    """Each requirement has a field, and nothing is said of those that there are not."""

    @played
    async def look() -> None:
        plain = fields_of(card_of(GIVEAWAY, 0))
        fields = fields_of(card_of(replace(GIVEAWAY, **asked), 0))

        assert {name: fields[name] for name in fields if name not in plain} == said

    look()


def test_an_ended_giveaway() -> None:
    """The message names winners, rerolls, the secret and how to check; no button is left."""
    first, second, third = ids(3)
    made = card_of(ended(winners=(first, second), rerolls=((third,),)), 2)

    fields = fields_of(made)
    assert made.view is None
    assert made.embed.title == "Giveaway ended"
    assert fields["Ended"] == "<t:1750003600:R>\n<t:1750003600:F>"
    assert fields["Winners (2 of 3)"] == f"<@{first}>, <@{second}>"
    assert fields["Reroll 1"] == f"<@{third}>"
    assert fields["Commitment"] == f"`{COMMITMENT}`"
    assert fields["Secret"].startswith(f"`{SECRET}`")
    assert f"robo-xp giveaway verify {GIVEAWAY.id}" in fields["Secret"]


def test_nobody_won() -> None:
    """The message says so, and there is nothing to announce."""
    assert fields_of(card_of(ended(), 0))["Winners (0 of 3)"] == NOBODY
    assert texts.announcement(ended(), 0) == []


def test_a_cancelled_giveaway() -> None:
    """The message says so, shows the secret, and has no winners and no buttons."""
    made = card_of(replace(ended(), status=CANCELLED), 5)

    assert made.view is None
    assert made.embed.title == "Giveaway cancelled"
    assert list(fields_of(made)) == ["Cancelled", "Entries", "Host", "Commitment", "Secret"]


def test_more_winners_than_fit() -> None:
    """The first of them are named whole, and the others are counted."""
    winners = ids(100)
    value = fields_of(card_of(ended(winners=winners, winners_count=100), 100))["Winners (100)"]

    named, _, more = value.partition(" and ")
    assert tuple(re.findall(r"<@(\d+)>", named)) == winners[: 100 - int(more.split()[0])]
    assert re.fullmatch(r"(<@\d{20}>(, )?)+ and \d+ more", value)
    assert 950 < len(value) <= 1024


@pytest.mark.parametrize("count", [1, 2, 40, 41, 42, 43, 100])
@pytest.mark.parametrize("limit", [40, 700, 1024])
def test_lists_are_cut_between_names(count: int, limit: int) -> None:
    """Names and the number of those left out make up the whole, within the limit."""
    names = [f"<@{one}>" for one in ids(count)]
    text = wording.list_within(names, limit)

    kept, _, more = text.partition(" and ")
    assert len(text) <= limit
    assert kept.split(", ") == names[: len(kept.split(", "))]
    assert len(kept.split(", ")) + int(more.split()[0] if more else 0) == count


@pytest.mark.parametrize("prize", HOSTILE.values(), ids=HOSTILE)
def test_everything_at_its_limit(prize: str) -> None:
    """Discord takes each message and text, with all of it as long as the record allows."""
    many = ids(1000)
    most: dict[str, Any] = {
        "prize": prize[:200],
        "winners_count": 100,
        "requirements": Requirements(
            many, many, 36_500, many, 1000, 10**9, 10**9, 10**9, 36_500, True, many
        ),
        "bonus_entries": dict.fromkeys(many, 100),
        "button_label": "x" * 80,
        "winners": ids(100),
        "rerolls": tuple(ids(100, 100 * n) for n in range(1, 8)),
    }
    over = ended(**most)

    @played
    async def look() -> None:
        check(card_of(replace(GIVEAWAY, **{**most, "winners": (), "rerolls": ()}), 10**9))
        check(card_of(over, 10**9))
        check(card_of(replace(over, status=CANCELLED), 10**9))

    look()
    said = [*texts.announcement(over, 0), *texts.announcement(over, 7), texts.dm(over, 3)]
    for text in [*said, *texts.cancellation(over)]:
        assert units(text) <= 2000
        assert wording.prize(over) in text


@pytest.mark.parametrize("prize", HOSTILE.values(), ids=HOSTILE)
def test_nothing_in_a_prize_acts(prize: str) -> None:
    """A prize stays on its line, mentions nobody, formats nothing and turns nothing round."""
    text = wording.prize(replace(GIVEAWAY, prize=prize))

    assert text.startswith("**") and text.endswith("**")
    within = text[2:-2]
    assert within == within.strip() and len(within.splitlines()) == 1
    assert not re.search(r"@(everyone|here|[!&]?\d{17})", within)
    bare = re.sub(r"\\[^0-9A-Za-z\s]", "", within)
    assert not re.search(r"[\\*_~`|\[\]<]|://", bare)
    assert not re.search(r"(?i)discord(app)?\.(gg|com/invite)/", bare)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", within)


@pytest.mark.parametrize(
    ("prize", "text"),
    [
        ("Nitro, 3 months (new!) - #1: 50% off", "Nitro, 3 months (new!) - #1: 50% off"),
        ("  two \n words\t", "two words"),
        ("snake_case", r"snake\_case"),
        ("ann@example.com", "ann@example.com"),
        ("هدية", "هدية"),
        ("\u200b", wording.NAMELESS),
    ],
)
def test_prizes(prize: str, text: str) -> None:
    """A harmless prize is shown as it was written."""
    assert wording.prize(replace(GIVEAWAY, prize=prize)) == f"**{text}**"


@pytest.mark.parametrize("count", [1, 40, 41, 100])
def test_announcements_are_whole(count: int) -> None:
    """Each winner is mentioned once, in order; each part has the prize and a marker of its own."""
    winners, prize = ids(count), HOSTILE["markup"]
    over = ended(winners=winners, winners_count=count, prize=prize)
    chunks = texts.announcement(over, 0)

    assert tuple(user for chunk in chunks for user in texts.users_of(chunk)) == winners
    assert all(len(texts.users_of(chunk)) <= 100 for chunk in chunks)
    assert all(units(chunk) <= 2000 and wording.prize(over) in chunk for chunk in chunks)
    assert len({texts.marker_of(chunk) for chunk in chunks}) == len(chunks)
    assert chunks[-1].splitlines()[-2] == link_of(over)


def test_a_reroll_announces_its_own_winners() -> None:
    """Neither the first winners nor those of other rerolls are named again."""
    first, second, third = ids(3)
    over = ended(winners=(first,), rerolls=((second,), (third,)))

    said = [[texts.users_of(chunk) for chunk in texts.announcement(over, n)] for n in range(3)]
    assert said == [[[first]], [[second]], [[third]]]


def test_markers() -> None:
    """Every text ends with small text that names the giveaway, and no two texts with the same."""
    over = ended(winners=ids(50), rerolls=(ids(1, 60),))
    said = [*texts.announcement(over, 0), *texts.announcement(over, 1), *texts.cancellation(over)]

    marks = [texts.marker_of(text) for text in said]
    assert marks[0] == f"-# Giveaway {GIVEAWAY.id} · draw 0, part 1 of 2"
    assert texts.marker_of(texts.dm(over, 1)) == texts.marker(GIVEAWAY.id, "draw 1")
    assert len(set(marks)) == len(marks) == 4


def test_a_mention_in_the_prize_is_no_winner() -> None:
    """Only winners are found among the mentions of a text."""
    over = ended(winners=ids(1), prize="<@160686414550454520>")

    assert texts.users_of(texts.announcement(over, 0)[0]) == list(ids(1))
    assert texts.users_of(texts.dm(over, 0)) == []


@pytest.mark.parametrize(
    ("message_id", "link"),
    [
        (MESSAGE, f"https://discord.com/channels/{GUILD}/{CHANNEL}/{MESSAGE}"),
        (None, f"https://discord.com/channels/{GUILD}/{CHANNEL}"),
    ],
)
def test_links(message_id: str | None, link: str) -> None:
    """A link leads to the message, or to the channel while there is none."""
    assert link_of(replace(GIVEAWAY, message_id=message_id)) == link
