"""The loop looks names up as the system does, and does not wait for them at the end."""

from __future__ import annotations

import asyncio
import socket
from threading import Event

import pytest

from robo_xp_daemon.base.loop import Loop


def test_it_ends_while_a_name_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that is silent holds nothing up."""
    asked, answered, over = Event(), Event(), Event()

    def silent(*_: object, **__: object) -> list[object]:
        asked.set()
        answered.wait(20.0)
        over.set()
        return []

    async def give_up() -> None:
        look_up = asyncio.ensure_future(asyncio.get_running_loop().getaddrinfo("name", 443))
        await asyncio.to_thread(asked.wait)
        look_up.cancel()

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(give_up())
    is_over = over.is_set()
    answered.set()

    assert not is_over
    assert over.wait(20.0)


def test_it_finds_what_the_system_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks gets the addresses, or the error."""

    async def found(name: str) -> object:
        return await asyncio.get_running_loop().getaddrinfo(name, 80, type=socket.SOCK_STREAM)

    with asyncio.Runner(loop_factory=Loop) as runner:
        known = socket.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)
        assert runner.run(found("127.0.0.1")) == known

        def unknown(*_: object, **__: object) -> None:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        with pytest.raises(socket.gaierror, match="unknown"):
            runner.run(found("name"))
