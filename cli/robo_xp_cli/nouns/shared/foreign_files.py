"""Files of other bots as documents: from paths, folders and stdin; errors name the file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from robo_xp.errors import FileFailed, FileMissing, FolderGiven, InvalidValue

_PIECE = 1 << 20

if TYPE_CHECKING:
    from robo_xp.usecases.reading.documents import Document
    from robo_xp_cli.run.context import Run


def documents_of(run: Run, files: Sequence[str]) -> list[Document]:
    """The documents in the files; ``-`` is stdin. FileMissing, or InvalidValue for no document."""
    from robo_xp.usecases.reading.documents import document_of

    documents = []
    for file in files:
        name = "stdin" if file == "-" else file
        content = _stdin(run) if file == "-" else _content(file)
        try:
            shown = name if len(files) > 1 else None
            documents.append(_folder(file) if content is None else document_of(content, shown))
        except InvalidValue as error:
            error.message = f"{name}: {error.message}"
            raise
    return documents


def content_of(run: Run, file: str) -> bytes:
    """All bytes of a file, or of stdin for ``-``; FolderGiven, and InvalidValue for none at all."""
    content = _stdin(run) if file == "-" else _content(file)
    if content is None:
        raise FolderGiven(f"{file} is a folder, not a file")
    if not content.strip():
        name = "stdin" if file == "-" else file
        raise InvalidValue(f"{name} is empty", advice="what was to write it may have failed")
    return content


def _stdin(run: Run) -> bytes:
    stdin = run.stdin()
    buffer = getattr(stdin, "buffer", None)
    if buffer is None:
        return stdin.read().encode()
    # piece by piece: in one long read a signal could wait until the other end closes
    return b"".join(iter(lambda: buffer.read1(_PIECE), b""))


def _content(file: str) -> bytes | None:
    """The bytes of a file; None of a folder."""
    try:
        return Path(file).read_bytes()
    except FileNotFoundError:
        raise FileMissing(f"there is no file {file}") from None
    except IsADirectoryError:
        return None
    except OSError as error:
        raise FileFailed.of(file, "read", error) from error


def _folder(file: str) -> Document:
    from robo_xp.usecases.reading.documents import Document
    from robo_xp.usecases.reading.flashcore import has_values

    if not has_values(Path(file)):
        raise InvalidValue(
            "the folder is none of a Robo.js bot",
            advice="name the files in it; of a Robo.js bot give the folder .robo/data",
        )
    return Document(folder=file)
