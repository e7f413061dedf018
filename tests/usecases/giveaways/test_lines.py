"""Terms as somebody types them into a form."""

from __future__ import annotations

import pytest

from robo_xp.errors import InvalidConfig
from robo_xp.usecases.giveaways.starting.lines import terms_in
from tests.usecases.giveaways.drawn import OTHER_ROLE, ROLE, memory
from tests.usecases.small import CHANNEL, GUILD


def test_terms_one_a_line() -> None:
    """Each kind as people write it; all of it starts a giveaway."""
    asked = terms_in(
        f"minLevel=5\n\n rolesAll = <@&{ROLE}> <@&{OTHER_ROLE}>\nboosters\nclaim=24h\n"
        f"colour=#0000ff\nat=sat 18:00\nevery=1w\ntimes=4\nbonusEntries=<@&{ROLE}>:5\n"
        f"pingRoleId={ROLE}\nentriesPublic=yes\nminXp=1,000"
    )

    assert asked == {
        "requirements": {
            "minLevel": 5, "rolesAll": [ROLE, OTHER_ROLE], "boosters": True, "minXp": 1000,
        },
        "claim": "24h", "colour": 255, "at": "sat 18:00", "every": "1w", "times": 4,
        "bonus_entries": {ROLE: 5}, "ping_role_id": ROLE, "entries_public": True,
    }  # fmt: skip
    made = memory().giveaways.create(GUILD, prize="Tea", channel_id=CHANNEL, **asked).giveaway
    assert (made.status, made.requirements.min_level, made.colour) == ("scheduled", 5, 255)


@pytest.mark.parametrize(
    ("line", "where"),
    [("minLevle=5", "minLevle"), ("minLevel=x", "minLevel"), ("times=1", "times"),
     ("rolesAll=Regular", "rolesAll"), ("drop=perhaps", "drop"), ("claim=soon", "claim")],
)  # fmt: skip
def test_what_is_no_term(line: str, where: str) -> None:
    """It is named, and the right ones go no further either."""
    with pytest.raises(InvalidConfig) as caught:
        terms_in(f"minXp=5\n{line}")
    assert [fault.where for fault in caught.value.faults] == [where]
