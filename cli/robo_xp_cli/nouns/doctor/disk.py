"""What ``doctor`` looks at on the disk: configuration, data folder, room, vault, backups."""

from __future__ import annotations

import os
import shlex
import stat
import time
from pathlib import Path

from robo_xp.errors import RoboXPError, VaultDamaged, VaultUnavailable
from robo_xp.machine import config_file as settings_file
from robo_xp.machine.curve_code import curve_code
from robo_xp.mounts import elsewhere
from robo_xp.text import count_text, first_of, lasting, thousands
from robo_xp_cli.nouns.doctor.advice import on, robo_xp
from robo_xp_cli.nouns.doctor.finding import Finding, failure, of_error, ok, omission, warning
from robo_xp_cli.run.context import Run

_MIB = 1 << 20
_NO_ROOM, _LITTLE_ROOM = 64 * _MIB, 1024 * _MIB
_NO_INODES, _FEW_INODES = 1_000, 10_000
_OLD_DAYS = 7
_QUICK_SECONDS = 3.0
_FEW = 5
_DAMAGED = VaultDamaged.exit_code


def configuration(run: Run) -> Finding:
    """The file, all of its tables, and who may write it."""
    settings = run.settings
    if run.config_error is not None:
        return of_error("configuration", run.config_error)
    path = settings.path
    if path is None:
        told = "there is no file; the defaults hold"
        return omission("configuration", told, robo_xp(run, "init"))
    try:
        settings_file.load_daemon(path)
        if code := curve_code(settings.get_curve, path):
            code.load()
    except RoboXPError as error:
        return of_error("configuration", error)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o022:
        told = f"others may write {path} (mode {mode:04o})"
        return warning("configuration", told, on("chmod go-w", path))
    return ok("configuration", str(path))


def folder(run: Run) -> Finding:
    """The data folder: there, usable by this account, closed to others."""
    if run.is_in_database:
        return _database(run)
    path = run.data_dir
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return omission("data folder", f"{path} is not there yet", robo_xp(run, "init"))
    except OSError as error:
        return failure("data folder", f"{path}: {error.strerror}", _look(path))
    if not stat.S_ISDIR(found.st_mode):
        return failure("data folder", f"{path} is no folder; name another one", _look(path))
    mode = stat.S_IMODE(found.st_mode)
    told = f"{path}, {_owner(found)}, mode {mode:04o}"
    if os.statvfs(path).f_flag & os.ST_RDONLY:
        mend = on("findmnt --target", path)
        return failure("data folder", f"{told}: its disk is mounted for reading only", mend)
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        return failure("data folder", f"{told}: not for this account", _to_join(found, path))
    if mode & 0o007:
        mend = on("chmod 2770" if mode & 0o020 else "chmod 700", path)
        what = "change what is in it" if mode & 0o002 else "look into it"
        return warning("data folder", f"{told}: others may {what}", mend)
    if mode & 0o070 and not mode & stat.S_ISGID:
        mend = on("chmod g+s", path)
        return warning("data folder", f"{told}: new files do not get its group", mend)
    if system := elsewhere(str(path)):
        what = f"on {system}: a lock or a sync may not hold there, nor two machines write"
        mend = robo_xp(run, "vault", "move", str(path), "postgresql://HOST/DATABASE")
        return warning("data folder", f"{told}, {what}", f"use a local disk, or {mend}")
    return ok("data folder", told)


def _database(run: Run) -> Finding:
    """Whether the server of the vault answers this account."""
    try:
        run.robo(to_mend=True)
    except RoboXPError as error:
        return of_error("data folder", error)
    return ok("data folder", f"{run.vault_address} answers")


def room(run: Run) -> Finding:
    """Free space and inodes where the data folder is or would be."""
    if run.is_in_database:
        return omission("disk", "the vault is in a database; its operators see to its disk")
    place = run.data_dir.absolute()
    while not os.path.exists(place) and place != place.parent:
        place = place.parent
    try:
        disk = os.statvfs(place)
    except OSError as error:
        return failure("disk", f"{place}: {error.strerror}")
    free, inodes = disk.f_bavail * disk.f_frsize, disk.f_favail
    told = f"{_size(free)} free"
    if disk.f_files:  # some file systems have no fixed number of them
        told += f", {thousands(inodes)} inodes"
    if free < _NO_ROOM or (disk.f_files and inodes < _NO_INODES):
        return failure("disk", f"only {told}", on("du -xh --max-depth 1", place))
    if free < _LITTLE_ROOM or (disk.f_files and inodes < _FEW_INODES):
        return warning("disk", f"only {told}", on("du -xh --max-depth 1", place))
    return ok("disk", told)


def vault(run: Run, *, full: bool) -> Finding:
    """Whether the files can be read: each namespace once, or with ``full`` every line."""
    if not run.is_in_database and not os.path.isdir(run.data_dir):
        return omission("vault", "there is none yet; the first change makes it")
    try:
        return _whole(run) if full else _readable(run)
    except RoboXPError as error:
        return of_error("vault", error)


def backups(run: Run) -> Finding:
    """How old the last backup is, by the time of its file."""
    if run.is_in_database:
        return omission("backups", "the vault is in a database; see to its backups there")
    if os.path.isdir(run.data_dir) and not os.access(run.data_dir, os.X_OK):
        return omission("backups", "the data folder is not for this account")
    if not os.path.exists(run.data_dir / "format.json"):
        return omission("backups", "there is nothing to keep yet")
    place = Path(f"{run.data_dir.absolute()}-backups")
    try:
        times = [entry.stat().st_mtime for entry in place.glob("*.tar.gz")]
    except OSError as error:
        return warning("backups", f"{place}: {error.strerror}")
    if not times:
        return warning("backups", f"there are none in {place}", robo_xp(run, "backup", "create"))
    age = time.time() - max(times)
    told = f"{len(times)} in {place}, the last {lasting(age)} old"
    if age > _OLD_DAYS * 86_400:
        return warning("backups", told, robo_xp(run, "backup", "create"))
    return ok("backups", told)


def _readable(run: Run) -> Finding:
    """Read namespaces, as many as there is time for."""
    vault = run.robo(to_mend=True).vault
    version = vault.format
    names = vault.names()
    end, read = time.monotonic() + _QUICK_SECONDS, 0
    for name in names:
        vault.namespace(name).read()
        read += 1
        if time.monotonic() > end:
            break
    told = f"format {version}, " if version is not None else ""
    if lost := run.robo(to_mend=True).maintenance.lost_names():
        gone = f"nothing is left of {first_of(lost, _FEW)}"
        return warning("vault", gone, robo_xp(run, "vault", "check"))
    if read < len(names):
        return ok(
            "vault", f"{told}{read} of {count_text(len(names), 'namespace')} read; --full reads all"
        )
    return ok("vault", f"{told}{count_text(read, 'namespace')} read")


def _whole(run: Run) -> Finding:
    """The check of ``vault check``."""
    maintenance, check = run.robo(to_mend=True).maintenance, robo_xp(run, "vault", "check")
    with run.progress(len(maintenance.names()), "Checking") as progress:
        found = maintenance.check(step=lambda _: progress.step())
    if found.damaged:
        places = count_text(len(found.damaged), "damaged place")
        return failure("vault", places, check, _DAMAGED)
    if found.unread:
        told = f"{count_text(len(found.unread), 'namespace')} could not be read"
        return failure("vault", told, check, VaultUnavailable.exit_code)
    told = f"every line of {count_text(found.namespaces, 'namespace')} is whole"
    if found.warnings:
        return warning("vault", f"{told}; {count_text(len(found.warnings), 'warning')}", check)
    return ok("vault", told)


def _size(count: int) -> str:
    gib = count / (1 << 30)
    return f"{gib:,.1f} GiB" if gib >= 1 else f"{count // _MIB} MiB"


def _owner(found: os.stat_result) -> str:
    """Owner and group by name."""
    return f"{_account(found.st_uid) or found.st_uid}:{_group(found)}"


def _account(user_id: int | None = None) -> str:
    """The name of the account, without an id of this one; empty where it has none."""
    import pwd

    try:
        return pwd.getpwuid(os.geteuid() if user_id is None else user_id).pw_name
    except KeyError:
        return ""


def _group(found: os.stat_result) -> str:
    import grp

    try:
        return grp.getgrgid(found.st_gid).gr_name
    except KeyError:
        return str(found.st_gid)


def _to_join(found: os.stat_result, path: Path) -> str:
    """What lets this account in: the group, where the group may enter."""
    user, group = _account(), _group(found)
    if found.st_mode & 0o070 != 0o070 or found.st_gid == 0 or not user:
        return _look(path)
    return shlex.join(["sudo", "usermod", "-aG", group, user])


def _look(path: Path) -> str:
    return on("ls -ld", path)
