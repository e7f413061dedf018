"""A look at a whole data folder: every line, every file, modes and owners. Changes nothing.

It takes no lock and goes on after damage. What records mean is not known here.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from functools import partial

from robo_xp.vault.care.kept import Kept, kept_in
from robo_xp.vault.care.mend import mended_state
from robo_xp.vault.care.scratch import is_left, is_leftover
from robo_xp.vault.care.survey import JournalSurvey, Survey, survey
from robo_xp.vault.care_port import NamespaceCheck, Note, Where
from robo_xp.vault.files.archive import BASE_NAME, FOLDED_NAME
from robo_xp.vault.files.compaction import archive_of
from robo_xp.vault.files.options import FileOptions, Place
from robo_xp.vault.files.several.intent import KEPT_FOLDER, SCRATCH_FOLDER
from robo_xp.vault.state import State, Tables

_KNOWN_NAME = re.compile(r"[0-9a-z_-]+\.(json|journal|lock)")
_TORN = "ends in a batch that was never finished; the next writer cuts it off"
_KEPT_COPY = re.compile(r".+\.(torn(-\d+)*|damaged-\d{8}T\d{6}Z(-\d+)*)")
_FOLDERS = ("xp", "giveaways", "names", "outbox", "archive")


def check_namespace(name: str, options: FileOptions) -> NamespaceCheck:
    """All that is wrong in the files of one namespace, archive included.

    Raises VaultUnavailable when they cannot be read.
    """
    place, files = Place.of(options.root, name), options.files
    found = survey(place, files)
    archive = archive_of(place, options)
    kept = kept_in(archive, files, found.own, bodies=bool(found.damaged))
    damaged = [*found.damaged, *kept.damaged.values()]
    part = found.snapshot or found.journal
    where = partial(_place_of, found.journal, "" if part is None else part.path)
    checked = NamespaceCheck(name, where, damaged=damaged)
    if found.journal is not None:
        checked.batches = len(found.journal.kept)
        if found.journal.torn:
            checked.notes.append(Note(found.journal.path, _TORN))
    checked.tables = _tables(found, kept)
    checked.batches += sum(len(piece.lines) for piece in kept.pieces)
    checked.notes += [Note(path, f"goes on after {gap}, kept nowhere") for path, gap in kept.gaps]
    return checked


def _place_of(journal: JournalSurvey | None, path: str, table: str, doc_id: str) -> Where:
    """The file that has the last word on a record, and the byte of its line there."""
    if journal is not None:
        for line in reversed(journal.kept):
            if any(op[:2] == (table, doc_id) for op in line.batch.ops):
                return journal.path, line.start
    return path, None


def _tables(found: Survey, kept: Kept) -> Tables:
    """The tables as readers get them; of a damaged namespace those that a repair would give."""
    if found.damaged:
        rest = mended_state(found.own, kept, salvage=False)
        return {} if rest is None else rest.tables
    state = State()
    snapshot, mark = found.snapshot, found.mark
    if mark is not None:
        state.load({} if snapshot is None or snapshot.tables is None else snapshot.tables, mark)
        for line in found.journal.kept if found.journal is not None else ():
            if line.batch.seq > mark.seq:
                state.apply(line.batch)
    return state.tables


def folder_notes(options: FileOptions) -> list[Note]:
    """Leftovers, strange files, modes and owners in the data folder."""
    root = options.root
    top = options.files.stat(os.path.realpath(root))
    if top is None:
        return []
    notes = list(_modes(root, top, top, options))
    for below, found in options.files.tree(root, into=is_of_namespaces):
        path = os.path.join(root, below)
        if stat.S_ISDIR(found.st_mode) and below not in _FOLDERS and os.sep not in below:
            notes += _told_folder(path, options)
            continue
        notes += _modes(path, found, top, options)
        if not stat.S_ISDIR(found.st_mode):
            notes += _leftovers(path, options, is_top=os.sep not in below)
    return notes


def is_of_namespaces(below: str) -> bool:
    """Whether a path below the data folder is in a folder that the vault has itself."""
    return below.split(os.sep, 1)[0] in _FOLDERS


def _told_folder(path: str, options: FileOptions) -> Iterator[Note]:
    """A folder that a restore left."""
    name = os.path.basename(path)
    if SCRATCH_FOLDER.fullmatch(name):
        if is_left(path, options):
            what = "was left by a restore that did not finish; the next one, or vault repair,"
            yield Note(path, f"{what} removes it")
    elif KEPT_FOLDER.fullmatch(name):
        what = "keeps what a restore replaced; remove it when you do not need it any more"
        yield Note(path, what)


def _leftovers(path: str, options: FileOptions, *, is_top: bool) -> Iterator[Note]:
    """What to say about a file by its name."""
    name = os.path.basename(path)
    if _KEPT_COPY.fullmatch(name):
        what = "is a copy of damaged bytes; remove it when you do not need it any more"
        yield Note(path, what)
    elif name.endswith(".new"):
        if is_leftover(path, options):
            yield Note(path, "was left by a write that did not finish; it is safe to remove")
    elif not is_top and not _is_known(path, options.root):
        yield Note(path, "is no file of the vault")


def _is_known(path: str, root: str) -> bool:
    """Whether the vault has files of this name there."""
    name = os.path.basename(path)
    if os.path.relpath(path, root).split(os.sep)[0] == "archive":
        return bool(FOLDED_NAME.fullmatch(name) or BASE_NAME.fullmatch(name))
    return bool(_KNOWN_NAME.fullmatch(name))


def _modes(
    path: str, found: os.stat_result, top: os.stat_result, options: FileOptions
) -> Iterator[Note]:
    """What is wrong with who may read and write the file or folder; ``top`` is the data folder."""
    root = options.root
    if stat.S_ISLNK(found.st_mode):
        yield Note(path, "is a symbolic link, and none is followed; put the file itself here")
        return
    if stat.S_ISSOCK(found.st_mode):
        return  # where a machine has no folder for sockets, the daemon's stands here
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        yield Note(path, "is neither a file nor a folder; nothing here opens it")
        return
    is_shared = bool(top.st_mode & 0o020)
    mode = found.st_mode & 0o777
    allowed = 0o770 if is_shared else 0o700
    if mode & ~allowed & 0o666:
        who = "others" if mode & 0o006 else "the group"
        yield Note(path, f"has mode {mode:03o}, so {who} may read or write it")
    elif mode & 0o600 != 0o600 and path != root:
        yield Note(path, f"has mode {mode:03o}, so its owner cannot change it")
    if path != root and not is_shared and found.st_uid != top.st_uid:
        yield Note(path, f"belongs to user {found.st_uid}, the folder to user {top.st_uid}")
