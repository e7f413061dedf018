"""Pseudonyms in the archive: each folded journal and base that names an erased id is written anew.

One file after the other, each in one step, so a crash in between is made up for the next time.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence

from robo_xp.vault.files.archive import Archive
from robo_xp.vault.files.disk import Files, explained
from robo_xp.vault.files.snapshot import content_of, parse, replace_file
from robo_xp.vault.pseudonyms import ERASED, Pseudonym, in_line


def forget(archive: Archive, files: Files, pseudonyms: Sequence[Pseudonym], *, mode: int) -> None:
    """Put the pseudonyms in place in all that is kept; VaultDamaged for what is not whole."""
    for path, (first, _) in archive.folded():
        if first <= max(one.until for one in pseudonyms):
            seqs = [batch.seq for batch in archive.read(path)]
            with explained("write", path):
                lines = gzip.decompress(files.read_whole(path)).splitlines(keepends=True)
                pairs = zip(lines, seqs, strict=True)
                after = [in_line(line, seq, pseudonyms) for line, seq in pairs]
                if after != lines:
                    replace_file(files, path, gzip.compress(b"".join(after), 1, mtime=0), mode)
    for path, _ in archive.bases():
        with explained("read", path):
            before = files.read_whole(path)
        tables, mark = parse(before, path)
        tables.pop(ERASED, None)
        values = dict(tables)
        for one in pseudonyms:
            if mark.seq <= one.until:
                values = one.in_value(values)
        content = content_of(values, mark)
        if content != before:
            with explained("write", path):
                replace_file(files, path, content, mode)
