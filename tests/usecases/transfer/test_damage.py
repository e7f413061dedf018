"""Files that are cut short or changed: one clear error, or whatever is missing is told."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from robo_xp.errors import RoboXPError
from robo_xp.usecases.reading.documents import document_of
from robo_xp.usecases.transfer.entry import Reading
from tests.usecases.small import memory
from tests.usecases.transfer.reading import SAMPLES
from tests.usecases.transfer.test_sources import EXPECTED, OWN

FILES = {
    **{name: (SAMPLES / name, EXPECTED["guild"], one) for name, one in EXPECTED["files"].items()},
    **{
        f"own/{name}": (SAMPLES / "own" / name, OWN["guild"], one)
        for name, one in OWN["files"].items()
        if (SAMPLES / "own" / name).is_file()
    },
}
PLACES = 200


def read(name: str, content: bytes) -> Reading | None:
    """What is read of a content in place of the sample's; None where it is refused."""
    _, guild, one = FILES[name]
    words = one["command"]
    options = dict(zip(words[3::2], words[4::2], strict=True))
    try:
        documents = [document_of(content)]
        return memory().transfer.read(guild, words[1], documents, key=options.get("--key"))[
            "default"
        ]
    except RoboXPError as error:
        assert error.message
        assert error.exit_code in (2, 4)
        return None


def content_of(name: str) -> bytes:
    """The bytes of the sample."""
    path: Path = FILES[name][0]
    return path.read_bytes()


def is_line_end(content: bytes, at: int) -> bool:
    """Whether a cut leaves whole lines, or whole documents: nobody can see that more followed."""
    rest = content[:at].rstrip()
    return (
        content[at - 1 : at] == b"\n"
        or content[at : at + 1] in (b"\n", b"\r", b"")
        or (rest.endswith(b"}") and content[at : at + 1] == b"{")
    )


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_cut_short(name: str) -> None:
    """It is refused, or says by a skipped line or a note that its end may be missing."""
    content = content_of(name)
    whole = read(name, content)
    dice = random.Random(name)
    for at in (dice.randrange(1, len(content)) for _ in range(PLACES)):
        found = read(name, content[:at])
        if found is None or whole is None or is_line_end(content, at):
            continue
        is_less = found.read < whole.read or found.entries != whole.entries
        assert not is_less or found.skipped or found.notes, at


@pytest.mark.parametrize("name", FILES)
def test_a_file_with_changed_bytes(name: str) -> None:
    """It is refused, or every entry is read or accounted for."""
    content = content_of(name)
    whole = read(name, content)
    dice = random.Random(name)
    for _ in range(PLACES):
        changed = bytearray(content)
        changed[dice.randrange(len(content))] = dice.randrange(256)
        found = read(name, bytes(changed))
        if found is not None and whole is not None:
            assert found.read >= whole.read - 1 or found.skipped or found.notes
