"""The bytes of a file as text: unpacked and decoded where that is certain, refused where not."""

from __future__ import annotations

import re
import zlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from io import BytesIO

from robo_xp.errors import InvalidValue

SQLITE = b"SQLite format 3\x00"
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_LARGEST = 2**31
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")
# Latin-1 and its Windows sister agree outside these; three letters in a row are another alphabet
_UNCERTAIN = re.compile(rb"[\x7f-\x9f]|[\xa0-\xff]{3}")
_PAGE = re.compile(r"\s*<(!doctype|html|\?xml)", re.IGNORECASE)


def unpacked_content(content: bytes) -> bytes:
    """The content out of gzip or a zip with one file; as it is where it is not packed."""
    if content.startswith(_GZIP):
        return _gunzip(content)
    if content.startswith(_ZIP):
        return _unzip(content)
    return content


def text_of(content: bytes) -> str:
    """The unpacked content as text; InvalidValue for none, and for what cannot be certain."""
    text = _decoded_text(content)
    if not text.strip("\ufeff \t\r\n\x00"):
        raise InvalidValue("the file is empty")
    if "\x00" in text:
        raise InvalidValue("the file is not text", advice="give the file that the bot exported")
    if _PAGE.match(text):
        raise InvalidValue(
            "the file is a web page, not what the page shows",
            advice="save the JSON that the page loads, or what the bot exports",
        )
    return text


def _decoded_text(content: bytes) -> str:
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return _strict(content, "utf-16")
    if content[:4].count(0) == 2 and b"\x00\x00" not in content[:4]:
        return _strict(content, "utf-16-le" if content[1] == 0 else "utf-16-be")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        cut_short = error.reason == "unexpected end of data"
        if content.startswith(BOM_UTF8) or cut_short or _BINARY.search(content):
            raise _no_text(f"byte {error.start}") from error
    if _UNCERTAIN.search(content) or content.lstrip()[:1] in (b"{", b"["):
        raise _no_text("its encoding is not certain")
    return content.decode("latin-1")


def _strict(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _no_text(f"{encoding}, byte {error.start}") from error


def _no_text(why: str) -> InvalidValue:
    return InvalidValue(f"the file is not UTF-8 text ({why})", advice="save it as UTF-8")


def _gunzip(content: bytes) -> bytes:
    unpack = zlib.decompressobj(31)
    try:
        plain = unpack.decompress(content, _LARGEST)
    except zlib.error as error:
        raise InvalidValue(f"the gzip file is damaged: {error}") from error
    if not unpack.eof or unpack.unused_data.strip(b"\x00"):
        raise InvalidValue("the gzip file is cut short, or holds more than one file")
    return plain


def _unzip(content: bytes) -> bytes:
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(BytesIO(content)) as packed:
            files = [one for one in packed.infolist() if not one.is_dir()]
            if any(one.filename == "[Content_Types].xml" for one in files):
                raise InvalidValue(
                    "the file is a spreadsheet",
                    advice="save it as CSV, with the column of ids formatted as text",
                )
            if len(files) != 1 or files[0].file_size > _LARGEST:
                raise InvalidValue(
                    f"the zip file holds {len(files)} files, not one", advice="unpack it first"
                )
            return packed.read(files[0])
    except (BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise InvalidValue(f"the zip file cannot be read: {error}") from error
