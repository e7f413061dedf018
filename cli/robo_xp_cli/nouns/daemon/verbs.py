"""``robo-xp daemon``: how the running daemon is, and telling it to reload or to stop."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from robo_xp.errors import DaemonNotRunning, DaemonNotSignalled, DaemonUnreachable, RoboXPError
from robo_xp.model.ids import check_snowflake
from robo_xp.model.shards import ALL, Shards
from robo_xp.text import count_text
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import option
from robo_xp_cli.nouns.daemon import views as daemon_views
from robo_xp_cli.nouns.shared import refusals
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run
from robo_xp_cli.show.results import One, Result

if TYPE_CHECKING:
    from robo_xp.machine.daemon_lock import Holder
    from robo_xp.model.outbox import RefusedByDiscord
    from robo_xp.views.daemon import RefusalRow

app = noun("daemon", "The running daemon")

NOT_RUNNING = 3
_STOP_SECONDS, _MOST_SECONDS = 30, 3600
_SYNC_SECONDS = 60.0

ShardsOption = Annotated[
    Shards | None,
    option(
        "--shards",
        help="Of several daemons the one of these shards, else all",
        metavar="A-B/N",
        parse=Shards.of,
    ),
]


@dataclass(frozen=True, slots=True)
class _Done:
    """What a daemon was told: the data for scripts, what became of it in words, notes."""

    holder: Holder
    data: dict[str, Any]
    words: str
    notes: list[str]


@app.verb("status", examples=("robo-xp daemon status", "robo-xp daemon status --json | jq .state"))
def status(run: Run) -> Result:
    """Show how the daemon of the data folder is, or all daemons where there are several.

    The exit code is 3 when none runs. One that gives no answer is shown with what its lock says.
    """
    from robo_xp_cli.daemon_link import process as daemon_process

    try:
        holders = daemon_process.running(run.data_dir)
    except DaemonNotRunning:
        return _not_running(run)
    found = [_ask_status(run, holder) for holder in holders]
    daemons = [one for one, _ in found]
    human = [pair for one in daemons for pair in daemon_views.status_pairs(one)]
    notes = [note for _, notes in found for note in notes]
    data = daemon_views.together(daemons)
    return One(data, human=human, id_key="pid", notes=list(dict.fromkeys(notes)))


def _ask_status(run: Run, holder: Holder) -> tuple[dict[str, Any], list[str]]:
    """How one daemon is, and what to note about it."""
    import msgspec

    from robo_xp.views.daemon import RefusalRow
    from robo_xp_cli.daemon_link import client as daemon_client

    try:
        told = dict(daemon_client.ask(holder.socket, daemon_client.STATUS))
        notes: list[str] = []
    except DaemonUnreachable as error:
        told, notes = {"state": "unknown"}, [error.message]
    data = daemon_views.status_data(run.vault_address, holder, told)
    notes += [*data.get("warnings", ()), *daemon_views.version_notes(data)]
    refused = msgspec.convert(data.get("refused", []), list[RefusalRow])
    return data, [*notes, *_refusal_notes(run, refused)]


@app.verb(
    "reload",
    changes=True,
    examples=("robo-xp daemon reload", "robo-xp daemon reload --shards 0-3/8"),
)
def reload(run: Run, shards: ShardsOption = None) -> Result:
    """Have the daemon read its configuration again, or all daemons where there are several.

    A faulty configuration changes nothing and is told here. Where the daemon's socket cannot be
    reached, the signal HUP does the same, and the daemon's log says what came of it.
    """
    from robo_xp_cli.daemon_link import process as daemon_process

    holders = daemon_process.running(run.data_dir, shards or ALL)
    return _all_of(run, [_reload_one(run, holder) for holder in holders])


def _reload_one(run: Run, holder: Holder) -> _Done:
    from robo_xp_cli.daemon_link import client as daemon_client

    data: dict[str, Any] = {"pid": holder.pid, "by": "socket", "needsRestart": []}
    notes: list[str] = []
    if not run.dry_run:
        try:
            told = daemon_client.order(holder.socket, daemon_client.RELOAD)
            data["needsRestart"] = list(told.get("needsRestart", ()))
        except DaemonUnreachable as error:
            _signal(run, holder, signal.SIGHUP, error)
            data["by"] = "signal"
            notes.append(f"{error.message}; HUP was sent instead, see the daemon's log")
    done = "would be told to reload" if run.dry_run else "reloaded"
    if data["by"] == "signal":
        done = "was told to reload"
    if data["needsRestart"]:
        notes.append(f"{', '.join(data['needsRestart'])} will count after a restart")
    return _Done(holder, data, done, notes)


@app.verb("sync", changes=True, examples=("robo-xp daemon sync",))
def sync(run: Run) -> Result:
    """Have the daemon tell Discord of the slash commands again.

    It does so by itself at each start where Discord has others. This is for commands that are
    missing in the midst of its work, as when another program used the bot's token.
    """
    from robo_xp_cli.daemon_link import client as daemon_client
    from robo_xp_cli.daemon_link import process as daemon_process

    holder = daemon_process.running(run.data_dir)[0]
    data: dict[str, Any] = {"pid": holder.pid, "commands": None}
    if not run.dry_run:
        told = daemon_client.order(holder.socket, daemon_client.SYNC, timeout=_SYNC_SECONDS)
        data["commands"] = told["commands"]
    done = (
        "would be told" if run.dry_run else f"was told of {count_text(data['commands'], 'command')}"
    )
    human = f"Discord {done}"
    return One({**data, "dryRun": run.dry_run}, human=human, id_key="pid")


@app.verb(
    "invite",
    examples=("robo-xp daemon invite", "robo-xp daemon invite --application 123456789012345678"),
)
def invite(
    run: Run,
    application: Annotated[
        str | None,
        option(
            "--application",
            help="Id of the application in the developer portal, else that of the bot's token",
            metavar="ID",
            parse=check_snowflake,
        ),
    ] = None,
) -> Result:
    """Show the link that invites the bot into a server, with the permissions that it needs."""
    from robo_xp.rules.invitation import PERMISSIONS, link
    from robo_xp_cli.nouns.daemon.invitation import application_of

    id_ = application or application_of(run)
    url = link(id_)
    data = {"url": url, "applicationId": id_, "permissions": list(PERMISSIONS)}
    return One(data, human=url, id_key="url")


@app.verb(
    "stop",
    changes=True,
    examples=("robo-xp daemon stop", "robo-xp daemon stop --shards 0-3/8 --timeout 120"),
)
def stop(
    run: Run,
    timeout: Annotated[
        int,
        option(
            "--timeout",
            help="Seconds to wait for its end",
            metavar="SECONDS",
            parse=values.whole(1, _MOST_SECONDS),
        ),
    ] = _STOP_SECONDS,
    shards: ShardsOption = None,
) -> Result:
    """Have the daemon finish what is in hand and end, or all daemons, and wait until they have.

    Messages in hand are committed; what waits for Discord is done at the next start. systemd
    leaves a service that was stopped so as it is. Where the daemon's socket cannot be reached,
    the signal TERM does the same. The exit code is 5 when it has not ended in time.
    """
    from robo_xp_cli.daemon_link import process as daemon_process

    holders = daemon_process.running(run.data_dir, shards or ALL)
    told = [_told_to_stop(run, holder) for holder in holders]
    return _all_of(run, [_wait_for_end(run, one, timeout) for one in told])


def _told_to_stop(run: Run, holder: Holder) -> _Done:
    from robo_xp_cli.daemon_link import client as daemon_client

    data: dict[str, Any] = {"pid": holder.pid, "by": "socket", "stopped": False, "seconds": None}
    notes: list[str] = []
    if not run.dry_run:
        try:
            daemon_client.order(holder.socket, daemon_client.STOP)
        except DaemonUnreachable as error:
            _signal(run, holder, signal.SIGTERM, error)
            data["by"] = "signal"
            notes.append(f"{error.message}; TERM was sent instead")
    return _Done(holder, data, "would be stopped", notes)


def _wait_for_end(run: Run, told: _Done, timeout: int) -> _Done:
    """The same once it has ended."""
    from robo_xp_cli.daemon_link import process as daemon_process

    if run.dry_run:
        return told
    with run.progress(None, "Waiting for the daemon to end"):
        seconds = daemon_process.wait_until_gone(told.holder, run.data_dir, timeout)
    data = {**told.data, "stopped": True, "seconds": round(seconds, 2)}
    return _Done(told.holder, data, f"stopped after {seconds:.1f} s", told.notes)


def _all_of(run: Run, done: Sequence[_Done]) -> One:
    """What came of telling daemons; of several each has its line, and its object in a list."""
    lines = [f"the daemon, process {one.holder.pid}, {one.words}" for one in done]
    notes = list(dict.fromkeys(note for one in done for note in one.notes))
    data: dict[str, Any] = {**done[0].data, "dryRun": run.dry_run}
    if len(done) > 1:
        data["daemons"] = [{**one.data, "shards": one.holder.shards} for one in done]
    return One(data, human="\n".join(lines), id_key="pid", notes=notes)


def _refusal_notes(run: Run, found: Sequence[RefusedByDiscord | RefusalRow]) -> list[str]:
    """A line for each refusal, of whichever guild."""
    lines = refusals.notes_of(run, found)
    return [f"guild {one.guild_id}: {line}" for one, line in zip(found, lines, strict=True)]


def _not_running(run: Run) -> One:
    data = {"running": False, "state": "stopped", "dataDir": run.vault_address}
    human = [("state", "not running"), ("folder", run.vault_address)]
    notes = ["what is changed meanwhile reaches Discord when a daemon starts: robo-xpd"]
    with suppress(RoboXPError):  # doctor says what is wrong with the vault
        notes += _refusal_notes(run, refusals.of_all_guilds(run))
    return One(data, human=human, id_key="pid", exit_code=NOT_RUNNING, notes=notes)


def _signal(run: Run, holder: Holder, number: signal.Signals, error: DaemonUnreachable) -> None:
    """Send the signal; where that is refused too, the error says both."""
    from robo_xp_cli.daemon_link import process as daemon_process

    try:
        daemon_process.send(holder, run.data_dir, number)
    except DaemonNotSignalled as refused:
        message = f"{error.message}; {refused.message}"
        raise DaemonNotSignalled(message, advice=refused.advice) from None
