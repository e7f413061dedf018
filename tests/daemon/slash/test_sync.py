"""The slash commands are told to Discord when they changed, and not at each start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from robo_xp.errors import InvalidConfig, VaultUnavailable
from robo_xp_daemon.setup import options
from robo_xp_daemon.setup.options import Given
from robo_xp_daemon.slash import sync
from tests.daemon.loopback import Loopback
from tests.daemon.scene import at_work, private, scene
from tests.daemon.stage import everything, on_stage, played, warnings_in

ALL = ["boost", "giveaway", "leaderboard", "member", "period", "privacy", "rank", "xp"]
PUT = ("PUT", "/applications/*/commands")


@played
async def test_once(tmp_path: Path) -> None:
    """A second start finds the commands as they were told, and tells nothing."""
    async with scene(tmp_path) as at:
        await at.stage.client.close()
        async with at_work(at.discord, at.guild, tmp_path) as later:
            assert later.stage.session.syncing is not None
            await later.stage.session.syncing
            told = len(at.discord.calls(*PUT))
            later.stage.client.tree.remove_command("rank")
            again = await sync.sync(later.stage.session.context, later.stage.client.tree)

            assert (told, again) == (1, True)
            assert sorted(at.discord.commands) == [one for one in ALL if one != "rank"]


@played
async def test_what_is_told(tmp_path: Path) -> None:
    """Commands of guilds only, installed to guilds only, offered to everybody."""
    async with scene(tmp_path) as at:
        commands = at.discord.commands
        within, giveaways = (
            [part["name"] for part in commands[name]["options"]] for name in ("xp", "giveaway")
        )

        assert sorted(commands) == ALL
        assert all(one["contexts"] == [0] for one in commands.values())
        assert all(one["integration_types"] == [0] for one in commands.values())
        assert all(one["default_member_permissions"] is None for one in commands.values())
        assert within == ["give", "remove", "set", "recalc", "rewards", "config", "multiplier"]
        assert giveaways == [
            "start", "end", "cancel", "reroll", "list", "info", "edit", "handed-over", "entries",
            "proof", "settings",
        ]  # fmt: skip


@played
async def test_refused_by_discord(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The daemon goes on without; it says so, and tells the commands at its next start."""
    async with Loopback() as discord:
        guild = discord.add_guild("G", members=["ann"])
        discord.refuse_rest(403, count=1, matching="PUT *commands", code=50001)
        async with on_stage(discord, tmp_path, begin=everything) as stage:
            said = "a change of the slash commands was refused by Discord"
            await stage.until(lambda: said in caplog.text)
            assert discord.commands == {}
        async with at_work(discord, guild, tmp_path) as later:
            answer = await later.slash("ann", "xp config")

            assert "Manage Server" in private(answer)


@played
async def test_another_program_told_its_own(tmp_path: Path) -> None:
    """Where another program on the same application replaced or changed them, they come back."""
    async with scene(tmp_path) as at:
        for body in ([{"name": "theirs", "description": "x"}], []):
            await at.stage.client.http.bulk_upsert_global_commands(
                at.stage.client.application_id or 0,
                body,
            )
            assert "xp" not in at.discord.commands
            context, tree = at.stage.session.context, at.stage.client.tree

            assert await sync.sync(context, tree)
            assert not await sync.sync(context, tree)
            assert sorted(at.discord.commands) == ALL


@played
async def test_refused_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Discord refuses once is told later, without a restart."""
    monkeypatch.setattr(sync, "REFUSED_PAUSE", 0.01)
    async with Loopback() as discord:
        discord.add_guild("G")
        discord.refuse_rest(403, count=2, matching="PUT *commands", code=50001)
        async with on_stage(discord, tmp_path, begin=everything) as stage:
            await stage.until(lambda: "xp" in discord.commands)


@played
async def test_out_of_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An outage is waited for."""
    monkeypatch.setattr(sync, "FIRST_PAUSE", 0.01)
    async with Loopback() as discord:
        discord.add_guild("G")
        discord.refuse_rest(503, count=2, matching="PUT *commands")
        async with on_stage(discord, tmp_path, begin=everything) as stage:
            await stage.until(lambda: "xp" in discord.commands)

            assert [call.status for call in discord.calls(*PUT)] == [503, 503, 200]


@played
async def test_a_vault_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is waited for, too, and told in a line."""
    keep, tries = sync._keep, iter([VaultUnavailable("the disk is full", advice="make room")])

    def kept(*words: Any) -> None:
        if (error := next(tries, None)) is not None:
            raise error
        keep(*words)

    monkeypatch.setattr(sync, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(sync, "_keep", kept)
    async with Loopback() as discord:
        discord.add_guild("G")
        async with on_stage(discord, tmp_path, begin=everything) as stage:
            told = stage.robo.vault.namespace("cursors").read
            await stage.until(lambda: told().records("commands"))
    assert [one.getMessage() for one in warnings_in(caplog)] == [
        "slash commands: the disk is full (make room)"
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('admin_permission = "manage_guid"', "is no permission; did you mean 'manage_guild'?"),
        ('admin_permission = ""', "is no permission"),
        ("admin_permission = 5", "must be text in quotes"),
    ],
)
def test_unknown_permissions(tmp_path: Path, line: str, fault: str) -> None:
    """A permission that Discord does not have ends the start with its name."""
    with pytest.raises(InvalidConfig) as refused:
        options.load(_given(tmp_path, line), {"ROBO_XP_TOKEN": "a.b.c"})

    assert "daemon.admin_permission" in str(refused.value) and fault in str(refused.value)


def test_another_permission_wants_a_fresh_client(tmp_path: Path) -> None:
    """A reload with another permission takes effect at once."""
    environ = {"ROBO_XP_TOKEN": "a.b.c"}
    before = options.load(_given(tmp_path, ""), environ)
    after = options.load(_given(tmp_path, 'admin_permission = "moderate_members"'), environ)

    assert before.daemon.admin_permission == "manage_guild"
    assert before.needs_reconnect(after)


def _given(folder: Path, line: str) -> Given:
    path = folder / "robo-xp.toml"
    path.write_text(f"[daemon]\n{line}\n")
    return Given(config=str(path), data_dir=str(folder / "data"))
