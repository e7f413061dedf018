"""Putting the files of a restore in place, so that it can be gone on with from any point."""

from __future__ import annotations

import os
from dataclasses import replace

from robo_xp.vault.files.options import FileOptions, Place
from robo_xp.vault.files.several.intent import Intent, Placing

READY = "ready"
"""The folder in the scratch folder that has the files which wait."""


def finish_placing(intent: Intent, placing: Placing, options: FileOptions) -> None:
    """Put all files in place that are not there yet, the archives last. Raises OSError."""
    waiting = os.path.join(options.root, placing.scratch, READY)
    places = [(Place.of(waiting, name), Place.of(options.root, name)) for name in intent.names]
    for fresh, place in places:
        options.files.make_folder(place.folder, root=options.root)
        for source, target in (
            (fresh.snapshot, place.snapshot),
            (fresh.journal, place.journal),
        ):
            if options.files.stat(source) is not None:
                options.files.rename(source, target)
    for fresh, place in places:
        _place_archive(fresh, place, placing, options)
    _sync([place for _, place in places], options)


def undo_placing(placing: Placing, options: FileOptions) -> None:
    """Remove what was prepared; nothing was replaced yet."""
    for folder in (placing.kept, placing.scratch):
        if folder:
            options.files.remove_tree(os.path.join(options.root, folder))


def _place_archive(fresh: Place, place: Place, placing: Placing, options: FileOptions) -> None:
    """Move the old archive to what is kept, and the new one to its place."""
    files, root = options.files, options.root
    is_archived = place.name in placing.archived
    if is_archived and not files.is_folder(fresh.archive):
        return  # what stands there is the new one
    if placing.kept is not None and files.is_folder(place.archive):
        target = os.path.join(root, placing.kept, os.path.relpath(place.archive, root))
        if files.is_folder(target):  # copied to another disk, and not removed yet
            files.remove_tree(place.archive)
        else:
            files.make_folder(os.path.dirname(target), root=root)
            files.move_folder(place.archive, target, root=root)
    if is_archived:
        files.make_folder(os.path.dirname(place.archive), root=root)
        files.move_folder(fresh.archive, place.archive, root=root)


def _sync(places: list[Place], options: FileOptions) -> None:
    """Wait until the new names are on the disk."""
    root = options.root
    folders = {folder for place in places for folder in place.folders(root)}
    for place in places:
        archived = replace(place, folder=os.path.dirname(place.archive))
        folders |= set(archived.folders(root))
    for folder in sorted(folders):
        if options.files.is_folder(folder):
            options.files.sync_folder(folder)
