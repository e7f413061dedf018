"""The real daemon over HTTP: what it does shows in the command line; control; who is let in."""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import sys
from pathlib import Path
from typing import Any

import pytest

from robo_xp.machine.daemon_lock import daemon_of
from tests.daemon.http.stage import READER, TOKENS, WRITER, Answer, ask_at, bearer
from tests.daemon.loopback import Loopback
from tests.daemon.process import CONFIG, ROOT, Daemon, daemon, environment
from tests.daemon.stage import played

ME = f"rest:unix:{pwd.getpwuid(os.geteuid()).pw_name}"


async def ask(run: Daemon, method: str, path: str, body: Any = None, token: str = "") -> Answer:
    """Ask on the socket that the lock file names."""
    holder = daemon_of(run.data_dir)
    assert holder is not None
    headers = bearer(token) if token else {}
    return await asyncio.to_thread(ask_at, holder.socket, method, path, body, headers)


async def told(run: Daemon, *words: str) -> Any:
    """What a command of ``robo-xp`` prints as JSON."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "robo_xp_cli", *words, "--config", str(run.folder / CONFIG), "--json",
        env=environment(), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode == 0
    return json.loads(said)


def add_tokens(run: Daemon, text: str = TOKENS) -> None:
    """Put tokens beside the configuration."""
    path = run.folder / "tokens"
    path.touch(mode=0o600)
    path.write_text(text)
    run.rest |= {"tokens_file": '"tokens"'}


@played
async def test_a_change_over_http_shows_in_the_history_with_its_actor(tmp_path: Path) -> None:
    """The user at the other end of the socket, or the name of the token, is who made the batch; the
    member's role follows as after any change.
    """
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        guild = discord.add_guild("G", roles=["One"], members=["ann"])
        ann = guild.member("ann")
        add_tokens(run)
        await run.start()
        await run.cli(guild, "reward", "add", "1", str(guild.role("One").id))
        path = f"/api/xp/users/{guild.id}/{ann.id}"
        by_user = await ask(run, "POST", path, {"amount": 200, "reason": "quiz"})
        by_token = await ask(run, "POST", path, {"amount": 1}, WRITER)
        await discord.until(lambda: ann.has("One"))
        rows = await told(run, "history", "-g", str(guild.id))
        assert await run.stop() == 0

    found = {row["seq"]: (row["by"], row["cmd"], row.get("reason")) for row in rows}
    assert found[by_user.data["seq"]] == (ME, "xp give", "quiz")
    assert found[by_token.data["seq"]] == ("rest:token:panel", "xp give", None)


@played
async def test_control(tmp_path: Path) -> None:
    """Status, a reload that counts, one whose tokens are faulty, the end, all over the socket."""
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        discord.add_guild("G")
        await run.start()
        assert run.process is not None
        await discord.until(lambda: "connected to Discord as" in run.log)
        status = (await ask(run, "GET", "/api/daemon")).data
        holder = daemon_of(run.data_dir)
        assert holder is not None
        assert (status["pid"], status["socket"]) == (run.process.pid, holder.socket)
        assert (status["state"], status["guilds"], status["listen"]) == ("connected", 1, [])
        assert (status["dataDir"], status["config"]) == (str(run.data_dir), str(tmp_path / CONFIG))

        add_tokens(run)
        run.durability = "interval"
        run.rest |= {"listen": '"127.0.0.1:0"'}
        run.write_config()
        reloaded = await ask(run, "POST", "/api/daemon/reload")
        assert reloaded.data == {"needsRestart": ["durability", "rest.listen"]}
        assert (await ask(run, "GET", "/api/xp/config/global", token=READER)).status == 200
        assert "durability" in (await ask(run, "GET", "/api/daemon")).data["warnings"][0]

        add_tokens(run, "nonsense\n")
        faulty = await ask(run, "POST", "/api/daemon/reload")
        assert (faulty.status, faulty.code) == (400, "INVALID_CONFIG")
        assert faulty.json["error"]["advice"]
        assert (await ask(run, "GET", "/api/xp/config/global", token=READER)).status == 401
        add_tokens(run)
        assert (await ask(run, "POST", "/api/daemon/reload")).status == 200
        assert (await ask(run, "GET", "/api/xp/config/global", token=READER)).status == 200

        assert (await ask(run, "POST", "/api/daemon/stop")).data == {"pid": run.process.pid}
        assert await run.ended() == 0
        assert f"asked by {ME}" in run.log
        assert not Path(holder.socket).exists()


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ({"listen": '"127.0.0.1:0"'}, "there is no API token"),
        ({"listen": '"0.0.0.0:0"'}, "there is no API token"),
        ({"socket": '"robo-xp.toml"'}, "which is no socket"),
    ],
)
@played
async def test_it_does_not_start_open(tmp_path: Path, rest: dict[str, str], said: str) -> None:
    """TCP without a token, on this machine alone as well, and a socket that cannot be: exit 78."""
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        run.rest |= rest
        await run.start(connected=False)

        assert await run.ended() == 78
        assert said in run.log
        assert not discord.sessions


@played
async def test_tcp_asks_for_a_token_and_a_public_address_is_warned_of(tmp_path: Path) -> None:
    """Only who has a token is answered; a port in use ends the daemon with 78."""
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        add_tokens(run)
        run.rest |= {"listen": '"0.0.0.0:0"'}
        await run.start()
        status = (await ask(run, "GET", "/api/daemon")).data
        port = status["listen"][0].rpartition(":")[2]
        door = f"127.0.0.1:{port}"
        for method, path in (("GET", "/"), ("GET", "/metrics"), ("POST", "/api/daemon/stop")):
            assert (await asyncio.to_thread(ask_at, door, method, path)).status == 401
        page = await asyncio.to_thread(ask_at, door, "GET", "/metrics", None, bearer(READER))
        assert page.status == 200
        assert "are not encrypted there" in run.log
        assert any("nothing is encrypted" in warning for warning in status["warnings"])

        (tmp_path / "other").mkdir()
        async with daemon(discord, tmp_path / "other") as second:
            add_tokens(second)
            second.rest |= {"listen": f'"{door}"'}
            await second.start(connected=False)
            assert await second.ended() == 78
            assert f"cannot listen on {door}" in second.log
        assert await run.stop() == 0
        assert READER not in run.log and WRITER not in run.log


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@played
async def test_the_daemon_of_another_user_does_not_answer(tmp_path: Path) -> None:
    """Somebody else on the machine, who can see the socket, gets no word out of the daemon."""
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        run.rest |= {"socket": f'"/tmp/robo-xp-test-{os.getpid()}.sock"'}
        await run.start()
        holder = daemon_of(run.data_dir)
        assert holder is not None
        program = (
            "import os, sys\n"
            "sys.path.insert(0, sys.argv[2])\n"
            "from tests.daemon.http.stage import ask_at\n"
            "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
            "print(ask_at(sys.argv[1], 'GET', '/api/daemon').status)\n"
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, holder.socket, str(ROOT),
            env=environment(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        said, complaint = await process.communicate()
        assert await run.stop() == 0

    assert said == b""
    assert b"PermissionError" in complaint
