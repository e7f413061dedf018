"""The form of ``/giveaway start``: for all that has no option."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.daemon.scene import private
from tests.daemon.slash.giveaway.scenes import table
from tests.daemon.stage import played


@played
async def test_a_giveaway_by_the_form(tmp_path: Path) -> None:
    """What was given stands in it; all that can be asked can be typed."""
    async with table(tmp_path) as at:
        red = at.role("Red")
        form = await at.slash(
            "bob", "start", prize="Tea", duration="2h", winners=3, allow_role=red, beacon="none",
            form=True,
        )  # fmt: skip
        assert at.at.stage.robo.giveaways.list(at.guild_id) == []
        parts = [part["component"] for part in form.components]
        shown = {part["custom_id"]: part.get("value") for part in parts}
        assert (shown["prize"], shown["duration"], shown["winners"]) == ("Tea", "2h", "3")
        assert shown["terms"] == f"allowRoleIds={red.id}\nbeacon=none"

        typed = f"allowRoleIds={red.id}\nminLevel=5\nclaim=24h\nat=3h\nevery=1w\ntimes=2"
        answer = await at.at.guild.submit(
            at.member("bob"), form, {"prize": "Cake", "winners": "2", "terms": typed}
        )
        await at.at.stage.until(lambda: at.at.stage.robo.giveaways.list(at.guild_id))
        made = at.only()

        assert (made.prize, made.winners_count, made.status) == ("Cake", 2, "scheduled")
        assert made.requirements.min_level == 5
        assert made.allow_role_ids == (str(red.id),)
        assert made.claim_for == 24 * 3_600_000
        assert made.host == str(at.member("bob").id)
        assert "Giveaway planned" in private(answer)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"terms": "minLevle=5"}, "MinLevle: unknown term; did you mean 'minLevel'?"),
        ({"terms": "minLevel=x"}, "MinLevel: must be a whole number from 0 to 1000, not 'x'"),
        ({"winners": "two"}, "'two' is not a number of winners"),
        ({"prize": ""}, "The prize is missing"),
        ({"terms": "at=2100-01-01"}, "The start is more than 365 days ahead."),
    ],
)
@played
async def test_what_the_form_refuses(tmp_path: Path, fields: dict[str, str], told: str) -> None:
    """It says what is wrong, and nothing is started."""
    async with table(tmp_path) as at:
        form = await at.slash("bob", "start", prize="Tea", form=True)
        answer = await at.at.guild.submit(at.member("bob"), form, fields)

        assert told in private(answer)
        assert at.at.stage.robo.giveaways.list(at.guild_id) == []


@played
async def test_who_may_not_start_one(tmp_path: Path) -> None:
    """A form opens for nobody's benefit: what is sent off is refused without the right."""
    async with table(tmp_path) as at:
        form = await at.slash("dan", "start", prize="Tea", form=True)
        answer = await at.at.guild.submit(at.member("dan"), form, {})

        assert "host giveaways" in private(answer)
        assert at.at.stage.robo.giveaways.list(at.guild_id) == []
