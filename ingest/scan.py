"""One streaming pass over a file: its digest, its encoding and how many records it must hold.

DuckDB reads UTF-8 with one kind of line end. A file in GB18030, packed, or with mixed line ends is
rewritten once, as a temporary UTF-8 file. The number of records is counted here, apart from
DuckDB, because its parallel reader may pass over lines after an unclosed quotation mark without a
word; the import compares the two.
"""

import codecs
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, cast

import numpy as np

from ingest.csv_lines import count_records
from ingest.errors import InputError
from ingest.telling import to_say

CHUNK = 8 << 20
"""Bytes read at a time."""

SURE_UTF8 = 8
"""Characters beyond ASCII, in a row valid as UTF-8, that text in GB18030 never shows by chance."""

Encoding = Literal["utf-8", "gb18030"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What one pass over a CSV file found.

    ``path`` is the file to read: the original, or its temporary copy in UTF-8. ``records`` counts
    the header and leaves blank lines out; it takes quotation marks strictly in turn. ``plain``
    says that every line is one record.
    """

    path: Path
    encoding: Encoding
    records: int
    plain: bool


def sha256(path: Path) -> str:
    """Return the digest of a file's bytes, as hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def scan_csv(path: Path, label: str, scratch: Path) -> Scan:
    """Detect the encoding of a CSV file, count its records, and copy it to ``scratch`` if need be.

    Raises
    ------
    InputError
        If the file is empty, packed and damaged, or neither UTF-8 nor GB18030.
    """
    encoding, newlines = _sniff(path, label)
    packed = path.name.lower().endswith(".gz")
    readable = path
    if packed or encoding != "utf-8" or newlines == "mixed":
        readable = scratch / "copy.csv"
        with readable.open("wb") as copy:
            for piece in _utf8(path, encoding):
                copy.write(piece)
    counted = count_records(readable)
    return Scan(
        path=readable,
        encoding=encoding,
        records=counted.filled,
        plain=counted.blank == 0 and counted.inner_newlines == 0,
    )


def chunks(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, unpacked where its name ends in ``.gz``."""
    packed = path.name.lower().endswith(".gz")
    with cast("IO[bytes]", gzip.open(path, "rb")) if packed else path.open("rb") as stream:
        while piece := stream.read(CHUNK):
            yield piece


def _sniff(path: Path, label: str) -> tuple[Encoding, Literal["one", "mixed"]]:
    """Return the encoding and whether line ends are of one kind that DuckDB knows."""
    utf8 = codecs.getincrementaldecoder("utf-8")()
    broken_at: int | None = None
    offset = crlf = lf = cr = 0
    last = b""
    try:
        for piece in chunks(path):
            if offset == 0 and b"\0" in piece[:4096]:
                raise InputError(
                    to_say("refused.extract.no_text", label=label, byte=piece.index(0))
                )
            if broken_at is None:
                broken_at = _first_break(utf8, piece, offset)
            joined = last + piece
            crlf += joined.count(b"\r\n")
            lf += piece.count(b"\n")
            cr += piece.count(b"\r")
            last = piece[-1:] if piece.endswith(b"\r") else b""
            offset += len(piece)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise InputError(to_say("refused.extract.packed", label=label)) from None
    if offset == 0:
        raise InputError(to_say("refused.extract.empty", label=label))
    if broken_at is None:
        try:
            utf8.decode(b"", final=True)
        except UnicodeDecodeError:
            broken_at = offset
    mixed = not (lf == crlf == cr or (cr == 0 and crlf == 0))
    if broken_at is None:
        return "utf-8", "mixed" if mixed else "one"
    _require_gb18030(path, label, broken_at)
    return "gb18030", "mixed"


def _first_break(decoder: codecs.IncrementalDecoder, piece: bytes, offset: int) -> int | None:
    pending = len(decoder.getstate()[0])
    if not pending and piece.isascii():
        return None
    try:
        decoder.decode(piece)
    except UnicodeDecodeError as error:
        return offset - pending + error.start
    return None


def _require_gb18030(path: Path, label: str, utf8_breaks_at: int) -> None:
    """Refuse a file that is not GB18030 either; name the place to which it could be read.

    GB18030 gives a meaning to nearly any bytes. So a file that breaks as UTF-8 only after some
    characters beyond ASCII, or that starts with the mark of UTF-8, is damaged UTF-8.
    """
    if _is_utf8_until(path, utf8_breaks_at):
        raise InputError(
            to_say(
                "refused.extract.utf8",
                label=label,
                line=_line_at(path, utf8_breaks_at),
                byte=utf8_breaks_at,
            )
        )
    decoder = codecs.getincrementaldecoder("gb18030")()
    offset = 0
    try:
        for piece in chunks(path):
            decoder.decode(piece)
            offset += len(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        breaks_at = max(utf8_breaks_at, offset + error.start)
        raise InputError(
            to_say(
                "refused.extract.encoding",
                label=label,
                line=_line_at(path, breaks_at),
                byte=breaks_at,
            )
        ) from None


def _is_utf8_until(path: Path, offset: int) -> bool:
    characters = done = 0
    for piece in chunks(path):
        if done == 0 and piece.startswith(codecs.BOM_UTF8):
            return True
        head = np.frombuffer(piece[: max(offset - done, 0)], np.uint8)
        characters += int((head >= 0xC0).sum())
        done += len(piece)
    return characters >= SURE_UTF8


def _line_at(path: Path, offset: int) -> int:
    line, done = 1, 0
    for piece in chunks(path):
        line += piece[: max(offset - done, 0)].count(b"\n")
        done += len(piece)
    return line


def _utf8(path: Path, encoding: Encoding) -> Iterator[bytes]:
    """Yield the file in UTF-8, every line ending in one line feed."""
    decoder = codecs.getincrementaldecoder(encoding)()
    held = ""
    for piece in chunks(path):
        text = held + decoder.decode(piece)
        held = "\r" if text.endswith("\r") else ""
        text = text.removesuffix("\r") if held else text
        yield text.replace("\r\n", "\n").replace("\r", "\n").encode()
    yield (held.replace("\r", "\n") + decoder.decode(b"", final=True)).encode()
