"""``/member``: what managers do to members as persons, and what is asked before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from robo_xp.ports import SystemClock
from robo_xp_daemon.slash import member
from tests.daemon.scene import Scene, private, scene, seen
from tests.daemon.stage import played

A_DAY = 86_400_000


def left_long_ago(at: Scene, name: str) -> None:
    """The member left now, as the daemon saw it."""
    at.stage.robo.members.leaving.leave(at.guild_id, str(at.member(name).id))


@played
async def test_hiding_and_showing(tmp_path: Path) -> None:
    """A manager hides a member and shows it again, privately and in its own name."""
    async with scene(tmp_path) as at:
        at.give("bob", 400)
        bob = at.member("bob")
        said = [
            private(await at.slash("ann", f"member {verb}", user=bob))
            for verb in ("hide", "hide", "show")
        ]
        by = (at.last().by, at.last().cmd)

        assert said == [
            f"<@{bob.id}> is hidden.",
            f"<@{bob.id}> is hidden already.",
            f"<@{bob.id}> is shown.",
        ]
        assert by == (f"discord:{at.member('ann').id}", "member show")


@played
async def test_a_file_with_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The manager alone gets what the vault has about one person; too much of it is named."""
    async with scene(tmp_path) as at:
        at.give("bob", 400)
        bob = at.member("bob")
        answer = await at.slash("ann", "member export", user=bob)
        [file] = at.discord.calls("PATCH", "/webhooks/*")[-1].files
        unknown = private(await at.slash("ann", "member export", user=at.member("eve")))
        monkeypatch.setattr(member, "FILES_LIMIT", 10)
        large = await at.slash("ann", "member export", user=bob)

        data = json.loads(file.content)
        assert private(answer).startswith(f"All about <@{bob.id}>.")
        assert file.name == f"member-{bob.id}.json"
        assert (data["userId"], [one["xp"] for one in data["stores"]]) == (str(bob.id), [400])
        assert unknown == f"Nothing here speaks of <@{at.member('eve').id}>."
        assert "too large" in private(large) and "attachments" not in str(large.text)


@played
async def test_erasing_asks_first(tmp_path: Path) -> None:
    """Nothing goes before the button is pressed; then nothing is left, and what holds the id is
    named.
    """
    async with scene(tmp_path) as at:
        at.give("bob", 400)
        backup = Path(at.stage.robo.maintenance.create_backup().path)
        bob = str(at.member("bob").id)
        asked = await at.slash("ann", "member erase", user=at.member("bob"))
        question, before = private(asked), at.xp("bob")
        await at.click("ann", asked, "Erase for good")
        by = (at.last().by, at.last().cmd)

        assert "Erase" in question and "1 record" in question and before == 400
        assert "Erased 1 record" in asked.text and f"Still in {backup.name}" in asked.text
        assert by == (f"discord:{at.member('ann').id}", "member erase")
        assert at.stage.robo.xp.record(at.guild_id, bob) is None


@played
async def test_pruning_counts_first(tmp_path: Path) -> None:
    """The count and the first members stand above the button; undo brings all back."""
    async with scene(tmp_path) as at:
        at.give("bob", 40)
        at.give("eve", 50)
        left_long_ago(at, "eve")
        nobody = await at.slash("ann", "member prune", inactive=5)
        two = private(await at.slash("ann", "member prune", below=100, left=0))
        left = private(await at.slash("ann", "member prune", left=0))
        asked = await at.slash("ann", "member prune", below=45)
        await at.click("ann", asked, "Delete these records")
        seq = at.last().seq
        gone = at.stage.robo.xp.record(at.guild_id, str(at.member("bob").id))
        at.stage.robo.history.undo(f"xp/default/{at.guild_id}", seq)

        assert private(nobody) == "Prune members\n0 records with 0 XP would go."
        assert two == "Say one of left, inactive and below."
        assert f"<@{at.member('eve').id}> 50 XP" in left
        assert "1 record with 40 XP are gone." in asked.text
        assert f"robo-xp undo {seq}" in asked.text
        assert (gone, at.xp("bob"), at.xp("eve")) == (None, 40, 50)


@played
async def test_decay_asks_discord_who_is_exempt(tmp_path: Path) -> None:
    """Whoever has an exempt role now loses nothing; a second time on a day takes nothing."""
    async with scene(tmp_path) as at:
        long_ago = SystemClock().now_ms() - 40 * A_DAY
        for name in ("bob", "eve"):
            at.stage.robo.xp.award(
                at.guild_id, str(at.member(name).id), channel_id=at.guild_id, at=long_ago
            )
            at.stage.robo.xp.set(at.guild_id, str(at.member(name).id), 1_000)
        off = private(await at.slash("ann", "member decay"))
        at.guild.change_roles("eve", add=[at.guild.role("Bronze")])
        exempt = [str(at.guild.role("Bronze").id)]
        at.set(decay={"afterDays": 30, "amount": 50, "exemptRoleIds": exempt})
        options: dict[str, object] = {"dry-run": True}
        shown = private(await at.slash("ann", "member decay", **options))
        before = at.xp("bob")
        done = private(await at.slash("ann", "member decay"))
        again = private(await at.slash("ann", "member decay"))

        assert off == "Decay is off in this guild."
        assert (shown, before) == ("1 member would lose 50 XP.", 1_000)
        assert (done, again) == ("1 member lost 50 XP.", "Today had its decay already.")
        assert (at.xp("bob"), at.xp("eve")) == (950, 1_000)


@played
async def test_only_administrators(tmp_path: Path) -> None:
    """Each command is refused without the permission, and so is a button after it is gone."""
    async with scene(tmp_path) as at:
        at.give("bob", 400)
        bob = at.member("bob")
        for words in ("hide", "show", "export", "erase"):
            answer = await at.slash("eve", f"member {words}", user=bob)
            assert private(answer) == "You need the permission Manage Server for this."
        for words in ("prune", "decay"):
            answer = await at.slash("eve", f"member {words}")
            assert private(answer) == "You need the permission Manage Server for this."
        asked = await at.slash("ann", "member erase", user=bob)
        at.guild.change_roles("ann", remove=[at.guild.role("Mods")])
        refused = await at.click("ann", asked, "Erase for good")

        assert "Manage Server" in seen(refused)
        assert at.xp("bob") == 400
