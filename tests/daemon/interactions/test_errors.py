"""Errors as members see them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from discord import app_commands

from robo_xp.errors import (
    InvalidAmount,
    MemberNotFound,
    Refused,
    RoboXPError,
    VaultBusy,
    VaultDamaged,
    VaultUnavailable,
)
from robo_xp_daemon.interactions.errors import answer, private_text
from tests.daemon.fake_discord import refusal
from tests.daemon.stage import played


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (MemberNotFound("member 5 has no record"), "Member 5 has no record."),
        (InvalidAmount("amount must be less"), "Amount must be less."),
        (Refused("no"), "No."),
        (VaultBusy("process 5 holds it"), "Somebody else is changing this guild's data."),
        (app_commands.MissingPermissions(["manage_guild"]), "the permission Manage Server"),
        (app_commands.NoPrivateMessage(), "in a server only"),
        (app_commands.CheckFailure("x"), "You may not do this."),
        (app_commands.CommandNotFound("x", []), "has changed"),
    ],
)
def test_what_was_foreseen_has_words(error: Exception, text: str) -> None:
    """Errors of the core and of permissions are sentences, without advice for operators."""
    assert text in (private_text(error) or "")


@pytest.mark.parametrize(
    "error", [KeyError("x"), VaultUnavailable("disk full"), VaultDamaged("x", path="/secret")]
)
def test_what_is_not_for_members_has_none(error: Exception) -> None:
    """Troubles of the machine tell a member nothing about it."""
    assert private_text(error) is None


class Answered:
    """An interaction that notes how it was answered."""

    def __init__(self, *, done: bool) -> None:
        self.user = SimpleNamespace(id=7)
        self.guild_id = 5
        self.extras: dict[Any, Any] = {}
        self.sent: list[tuple[str, str, dict[str, Any]]] = []
        self.response = SimpleNamespace(is_done=lambda: done, send_message=self._note("first"))
        self.followup = SimpleNamespace(send=self._note("followup"))

    def _note(self, how: str) -> Any:
        async def send(text: str, **options: Any) -> None:
            self.sent.append((how, text, options))

        return send


@pytest.mark.parametrize(("done", "how"), [(False, "first"), (True, "followup")])
@played
async def test_an_answer_is_private(done: bool, how: str) -> None:
    """Before and after a first answer, only the member reads it, and nobody is notified."""
    interaction: Any = Answered(done=done)
    await answer(interaction, RoboXPError("@everyone"))

    ((way, text, options),) = interaction.sent
    assert (way, text, options["ephemeral"]) == (how, "@everyone.", True)
    assert options["allowed_mentions"].to_dict() == {"parse": []}


@played
async def test_what_nobody_foresaw_gets_a_number(caplog: pytest.LogCaptureFixture) -> None:
    """The member reads a number under which the operator finds the traceback."""
    interaction: Any = Answered(done=False)
    await answer(interaction, KeyError("x"))

    number = interaction.sent[0][1].split("`")[1]
    assert f"incident {number}" in caplog.text
    assert "KeyError" in caplog.text


@pytest.mark.parametrize(
    "error",
    [
        *(refusal(404, code) for code in (10062, 10008, 10015)),
        refusal(400, 40060),
        refusal(401, 50027),
        refusal(503),
        ConnectionResetError("gone"),
        aiohttp.ServerDisconnectedError(),
    ],
)
@played
async def test_what_comes_too_late_is_one_line(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """An answer that Discord does not take any more is no incident, and asks for nothing more."""
    caplog.set_level("INFO", "robo_xp_daemon")
    interaction: Any = SimpleNamespace(user=SimpleNamespace(id=1), guild_id=2)
    await answer(interaction, error)

    (record,) = caplog.records
    assert (record.levelname, record.exc_info) == ("INFO", None)
    assert "too late or got lost" in record.getMessage()
