"""What ``doctor`` looks at about the daemon: its token, itself, what waits for it."""

from __future__ import annotations

import os
import shlex
import stat
from pathlib import Path
from typing import Any

from robo_xp.errors import (
    DaemonNotRunning,
    InvalidValue,
    NotConfigured,
    RoboXPError,
    VaultUnavailable,
)
from robo_xp.machine import config_file as settings_file
from robo_xp.machine.daemon_lock import Holder, daemon_of
from robo_xp.machine.token_place import TokenPlace, check_place, token_place
from robo_xp.text import count_text, first_of
from robo_xp_cli.nouns.daemon import views as daemon_views
from robo_xp_cli.nouns.doctor import advice as doctor_commands
from robo_xp_cli.nouns.doctor.finding import Finding, failure, ok, omission, warning
from robo_xp_cli.nouns.doctor.machine import credential_of_unit
from robo_xp_cli.nouns.shared import refusals
from robo_xp_cli.run.context import Run

_CONNECTED = "connected"

_FEW = 5
_MOST_ASKED = 500


def token(run: Run) -> Finding:
    """Where the daemon would find the bot's token, and who may read that; never what it says."""
    named = ""
    if run.config_error is None and run.settings.path is not None:
        try:
            named = settings_file.load_daemon(run.settings.path)[1].token_file
        except RoboXPError:
            return omission("token", "the configuration is wrong")
    place = token_place(run.environ, named)
    if place is None:
        if (credential := credential_of_unit(run.environ)) is not None:
            return _of_unit(credential)
        return _without(run)
    try:
        check_place(place)
    except InvalidValue as error:
        return _open_to_others(place, error)
    except RoboXPError as error:
        return failure("token", error.message, doctor_commands.store_token(run), error.exit_code)
    return _usable(run, place)


def daemon(run: Run) -> Finding:
    """Whether daemons work on the data folder, and how they are."""
    from robo_xp_cli.daemon_link import client as daemon_client
    from robo_xp_cli.daemon_link import process as daemon_process

    try:
        holders = daemon_process.running(run.data_dir)
    except VaultUnavailable as error:
        return omission("daemon", error.message)
    except DaemonNotRunning:
        told = "none runs: no message is counted, and Discord is told nothing"
        return warning("daemon", told, doctor_commands.start(run))
    found = []
    for holder in holders:
        try:
            status = daemon_client.ask(holder.socket, daemon_client.STATUS)
        except RoboXPError as error:
            return _silent(run, holder, error)
        found.append(daemon_views.status_data(run.vault_address, holder, status))
    return _state(run, daemon_views.together(found))


def waiting_effects(run: Run) -> Finding:
    """What waits for a daemon while none runs."""
    if not run.is_in_database and not os.path.isdir(run.data_dir):
        return omission("waiting", "there is no vault yet")
    if daemon_of(run.data_dir) is not None:
        return ok("waiting", "the daemon is there to carry changes to Discord")
    from robo_xp.usecases.history.behind import waiting

    try:
        robo = run.robo(to_mend=True)
        found = waiting(robo.vault, robo.giveaways, robo.outbox)
    except RoboXPError:
        return omission("waiting", "the vault cannot be read")
    parts = [
        *([count_text(found.batches, "change") + " of XP"] if found.batches else []),
        *([count_text(found.effects, "message") + " of giveaways"] if found.effects else []),
    ]
    if parts:
        told = f"{' and '.join(parts)}, for Discord when the daemon starts"
        return warning("waiting", told, doctor_commands.start(run))
    return ok("waiting", "nothing" if found.was_followed else "nothing; no daemon ever ran here")


def refused_by_discord(run: Run) -> Finding:
    """What Discord refuses until somebody mends it, in all guilds."""
    if not run.is_in_database and not os.path.isdir(run.data_dir):
        return omission("discord", "there is no vault yet")
    try:
        found = refusals.of_all_guilds(run)
        listed = "; ".join(
            f"{refusals.refusal_line(run, one)} (guild {one.guild_id})" for one in found[:_FEW]
        )
    except RoboXPError:
        return omission("discord", "the vault cannot be read")
    if not found:
        return ok("discord", "it refuses nothing that was tried")
    left = len(found) - _FEW
    more = f"; and {count_text(left, 'other refusal')}" if left > 0 else ""
    return warning("discord", f"refuses: {listed}{more}", "robo-xp daemon status lists them all")


def rewards(run: Run) -> Finding:
    """Roles that the bot could not give, or that let members manage a guild, in all guilds."""
    from robo_xp_cli.nouns.shared import outlook

    if daemon_of(run.data_dir) is None:
        return omission("rewards", "no daemon runs that knows the roles")
    try:
        robo = run.robo(to_mend=True)
        listed = [(one, robo.rewards.list(one)) for one in robo.stores.guild_ids()]
    except RoboXPError:
        return omission("rewards", "the vault cannot be read")
    asked = [(guild_id, one) for guild_id, found in listed for one in found]
    found = [
        (guild_id, line)
        for guild_id, one in asked[:_MOST_ASKED]
        for line in outlook.rewards_in_trouble(run, guild_id, [one])
    ]
    if found:
        told = first_of([line for _, line in found], _FEW)
        listing = doctor_commands.robo_xp(run, "reward", "list", "--guild", found[0][0])
        return warning("rewards", told, f"{listing} says more")
    looked = f"{count_text(min(len(asked), _MOST_ASKED), 'role')} looked at"
    return ok("rewards", looked if len(asked) <= _MOST_ASKED else f"{looked} of {len(asked)}")


def _of_unit(path: Path) -> Finding:
    """The file of which systemd makes the daemon's credential; only root has to read it."""
    try:
        check_place(TokenPlace(str(path), path, is_private=True))
    except InvalidValue as error:
        return warning("token", error.message, doctor_commands.on("chmod 600", path))
    except RoboXPError as error:
        mend = shlex.join(["robo-xp", "init", "--token-file", str(path), "--read-token"])
        return failure("token", error.message, mend, error.exit_code)
    return _by_systemd(path)


def _without(run: Run) -> Finding:
    """No place that this account knows of; the daemon may know another one."""
    from robo_xp_cli.daemon_link import process as daemon_process

    try:
        if daemon_process.there(run.data_dir) is not None:
            return ok("token", "the running daemon has one")
    except VaultUnavailable:
        return omission("token", "this account has none, and cannot see the daemon's")
    mend = doctor_commands.store_token(run)
    return warning("token", "there is none, so no daemon can start", mend)


def _by_systemd(path: Path) -> Finding:
    return ok("token", f"{path}, which systemd hands to the daemon")


def _open_to_others(place: TokenPlace, error: RoboXPError) -> Finding:
    """A token that others may have read."""
    told = f"{error.message}; reset the token if somebody may have read it"
    mend = doctor_commands.on("chmod 600", place.path or Path())
    return failure("token", told, mend, error.exit_code)


def _usable(run: Run, place: TokenPlace) -> Finding:
    """What can be said of a place that may hold a token."""
    mend = doctor_commands.store_token(run)
    if place.path is None:
        return ok("token", f"in the variable {place.name}")
    path = Path(place.path)
    try:
        found = path.stat()
    except OSError as error:
        told = f"{path}: {error.strerror}"
        return failure("token", told, mend, NotConfigured.exit_code)
    told = f"{path}, mode {stat.S_IMODE(found.st_mode):04o}"
    if not found.st_size:
        return failure("token", f"{told}, is empty", mend, NotConfigured.exit_code)
    if path == credential_of_unit(run.environ):
        return _by_systemd(path)
    if not os.access(path, os.R_OK):
        told = f"{told}, is not for this account; the daemon's account has to read it"
        return warning("token", told, doctor_commands.on("ls -l", path))
    return ok("token", told)


def _silent(run: Run, holder: Holder, error: RoboXPError) -> Finding:
    told = f"process {holder.pid}, version {holder.version or 'unknown'}"
    if holder.socket and not os.access(holder.socket, os.W_OK) and os.path.exists(holder.socket):
        told = f"{told}; its socket is not for this account (socket_group in robo-xp.toml)"
        return warning("daemon", told, doctor_commands.on("ls -l", Path(holder.socket)))
    return warning("daemon", f"{told}; {error.message}", doctor_commands.log(run))


def _state(run: Run, data: dict[str, Any]) -> Finding:
    """What the daemon says of itself."""
    parts = [f"{daemon_views.state_words(data)}, process {data['pid']}, version {data['version']}"]
    if data.get("guilds") is not None:
        parts.append(count_text(data["guilds"], "guild"))
    if data.get("latencySeconds") is not None:
        parts.append(f"{data['latencySeconds'] * 1000:.0f} ms")
    told = ", ".join(parts)
    if data.get("healthy") is False and data["state"] != "starting":
        return failure("daemon", told, doctor_commands.log(run))
    if data["state"] != _CONNECTED:
        return warning("daemon", told, doctor_commands.log(run))
    if notes := daemon_views.version_notes(data):
        return warning("daemon", notes[0], doctor_commands.restart(run))
    return ok("daemon", told)
