"""A Python that has done the daemon's imports, and forks where a test starts a daemon.

A daemon that is started this way is a process like any other, with its environment, signals and
memory of its own; only the second that its imports take is spent once for all tests of a run.
"""

from __future__ import annotations

import asyncio
import atexit
import gc
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

_MOST = 1 << 20


@dataclass
class Forked:
    """A process that was forked; to be waited for and signalled as one of asyncio's."""

    pid: int
    _server: Server
    _end: int  # becomes readable when the process is gone, since it alone holds the other side
    _code: int | None = None

    @property
    def returncode(self) -> int | None:
        """Its exit code, negative after a signal; None while it runs."""
        if self._code is None and select.select([self._end], [], [], 0)[0]:
            self._code = self._server.code_of(self.pid)
            os.close(self._end)
        return self._code

    async def wait(self) -> int:
        """Its exit code, once it has ended."""
        if self.returncode is None:
            loop, gone = asyncio.get_running_loop(), asyncio.Event()
            loop.add_reader(self._end, gone.set)
            try:
                await gone.wait()
            finally:
                loop.remove_reader(self._end)
        code = self.returncode
        assert code is not None
        return code

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        if self.returncode is None:
            os.kill(self.pid, number)


class Server:
    """The process that forks, one for all tests of this process."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.daemon.warm", str(theirs.fileno())],
            env=dict(environ),
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        atexit.register(self._end)

    def _end(self) -> None:
        self._control.close()
        self._process.wait()

    def start(self, words: Sequence[str], environ: Mapping[str, str], stderr: int) -> Forked:
        """Start the daemon with these arguments, this environment and this file as stderr."""
        end, held = os.pipe()
        asked = json.dumps([list(words), dict(environ)]).encode()
        socket.send_fds(self._control, [asked], [stderr, held])
        os.close(held)
        return Forked(int(self._control.recv(_MOST)), self, end)

    def code_of(self, pid: int) -> int:
        """The exit code of a process that has ended, or is about to."""
        self._control.send(json.dumps(pid).encode())
        return int(self._control.recv(_MOST))


@cache
def server(environ: tuple[tuple[str, str], ...]) -> Server:
    """The server whose imports are done in this environment."""
    return Server(dict(environ))


def _serve(control: socket.socket) -> list[str]:
    """Fork on request until nobody asks; returns in each child, with its arguments."""
    while True:
        message, passed, _, _ = socket.recv_fds(control, _MOST, 2)
        if not message:
            os._exit(0)
        asked = json.loads(message)
        if isinstance(asked, int):
            answer = os.waitstatus_to_exitcode(os.waitpid(asked, 0)[1])
        else:
            answer = os.fork()
            if answer == 0:
                control.close()
                os.dup2(passed[0], sys.stderr.fileno())
                os.close(passed[0])
                words, environ = asked
                os.environ.clear()
                os.environ.update(environ)
                time.tzset()
                random.seed()
                return [str(word) for word in words]
            for one in passed:
                os.close(one)
        control.send(str(answer).encode())


def _load() -> None:
    """Import what a daemon imports before it serves."""
    import robo_xp_daemon.app
    import robo_xp_daemon.main

    assert robo_xp_daemon.app
    gc.freeze()


if __name__ == "__main__":
    _load()
    arguments = _serve(socket.socket(fileno=int(sys.argv[1])))
    from robo_xp_daemon.main import main

    sys.exit(main(arguments))
