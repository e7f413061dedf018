"""The program ``robo-xpd``: its options, the order of its start, its exit codes."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import resource
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

from robo_xp import __version__
from robo_xp.errors import InvalidValue, NotConfigured, NotFound, RoboXPError
from robo_xp.machine.account import become_owner, check_readable
from robo_xp.machine.daemon_lock import DaemonLock
from robo_xp.model.shards import Shards
from robo_xp_daemon.setup import logs, options
from robo_xp_daemon.setup.options import Given, Options

STOPPED, FAILED, MISCONFIGURED = 0, 1, 78
_CONFIGURATION = (InvalidValue, NotConfigured, NotFound)

log = logging.getLogger("robo_xp_daemon")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until a signal ends it; the exit code."""
    given = _parsed_options(arguments)
    try:
        found = options.load(given, os.environ)
    except RoboXPError as error:
        _say(error)
        return MISCONFIGURED if isinstance(error, _CONFIGURATION) else error.exit_code
    logs.set_up(found.daemon.log_format, found.daemon.log_level, found.token.text, os.environ)
    return _run(given, found)


def _run(given: Given, found: Options) -> int:
    """Serve with these options, as the only daemon of its guilds."""
    # discord.py takes half a second, which --help and a faulty configuration need not wait for
    from robo_xp_daemon.app import Service, open_vault
    from robo_xp_daemon.base.counters import Counters
    from robo_xp_daemon.base.fatal import Fatal
    from robo_xp_daemon.base.loop import Loop
    from robo_xp_daemon.base.memory import keep_little

    keep_little()
    lock, counters = DaemonLock(found.data_dir, found.shards), Counters()
    try:
        name = become_owner(found.data_dir)
        if name is not None:
            check_readable(name)
            log.info("working as %s, who owns %s, and not as root", name, found.data_dir)
        lock.take()
        _open_many_files()
        with open_vault(found, counters) as robo, robo.vault.only("daemon", _end, found.shards):
            log.info("robo-xpd %s on %s, with the %s", __version__, found.address, found.token)
            service = Service(robo, given, os.environ, found, counters=counters)
            service.publish = lock.publish
            with asyncio.Runner(loop_factory=Loop) as runner:
                runner.run(service.run())
        return STOPPED
    except Fatal as fatal:
        log.critical("%s; to mend it: %s", fatal.message, fatal.advice)
        return fatal.exit_code
    except RoboXPError as error:
        log.critical("%s; %s", error.message, error.advice)
        return MISCONFIGURED if isinstance(error, _CONFIGURATION) else error.exit_code
    except Exception:
        log.critical("the daemon failed", exc_info=True)
        return FAILED
    finally:
        lock.release()


def _open_many_files() -> None:
    """Have as many open files as the system allows us: each guild has some."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _end() -> None:
    """End this daemon in good order: another one works in its place."""
    log.critical("another daemon has taken over the work of this one")
    os.kill(os.getpid(), signal.SIGTERM)


def _say(error: RoboXPError) -> None:
    """Tell an error before there is a log."""
    print(f"error: {error.message}", file=sys.stderr)
    if error.advice:
        print(f"hint: {error.advice}", file=sys.stderr)


def _parsed_options(arguments: Sequence[str] | None) -> Given:
    parser = argparse.ArgumentParser(
        prog="robo-xpd",
        description="The Robo XP daemon: counts the messages of a Discord bot's guilds, and carries"
        " what happens in the vault to Discord. It stays in the foreground.",
        epilog="signals: TERM and INT finish what is in hand and end, HUP reloads the"
        " configuration. exit codes: 0 stopped, 1 failed, 2 wrong usage, 5 another daemon has the"
        " data folder or some of the shards, 6 damaged data, 77 Discord refused the token, 78 wrong"
        " configuration",
    )
    parser.add_argument("--version", action="version", version=f"robo-xpd {__version__}")
    parser.add_argument("--config", metavar="FILE", default="", help="the configuration file")
    parser.add_argument(
        "--data-dir", metavar="DIR", default="", help="the data folder, or the address of the vault"
    )
    parser.add_argument(
        "--shards",
        metavar="A-B/N",
        default="",
        type=_range,
        help="look after the guilds of these shards alone, such as 0-3/8; other daemons of the"
        " same folder have the others",
    )
    given = parser.parse_args(arguments)
    return Given(given.config, given.data_dir, given.shards)


def _range(text: str) -> str:
    """The text, if it is a range of shards."""
    try:
        return str(Shards.of(text))
    except InvalidValue as error:
        raise argparse.ArgumentTypeError(error.message) from None


if __name__ == "__main__":
    sys.exit(main())
