"""Where the records of a CSV file begin, counted without DuckDB.

DuckDB numbers records, not lines, and its parallel reader may pass over lines after a quotation
mark that is never closed. So the records are counted here as well, and the two are compared.
"""

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CHUNK = 16 << 20
"""Bytes looked at together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """First line of every record, the header and blank ones included, counted from 1.

    ``broken`` is the line of the first quotation mark that opens a value and never closes it,
    where :func:`find_records_at_edges` found one.
    """

    lines: NDArray[np.int64]
    blank: NDArray[np.bool_]
    broken: int | None = None

    @property
    def filled(self) -> int:
        """How many records are not blank, the header counted."""
        return int((~self.blank).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many records of a file are filled or blank, and how many line ends stand in quotes."""

    filled: int
    blank: int
    inner_newlines: int


def count_records(path: Path) -> Counted:
    """Count the records of a UTF-8 file in one pass, taking quotation marks strictly in turn."""
    filled = blank = inner = 0
    for ends in _line_ends(path):
        inner += int(ends.quoted.sum())
        empty = ends.empty[~ends.quoted]
        blank += int(empty.sum())
        filled += int(empty.size - empty.sum())
    return Counted(filled=filled, blank=blank, inner_newlines=inner)


def find_records(path: Path) -> Records:
    """Find the records of a UTF-8 file, taking quotation marks strictly in turn."""
    quoted, empty = [], []
    for ends in _line_ends(path):
        quoted.append(ends.quoted)
        empty.append(ends.empty)
    return _records(np.concatenate(quoted), np.concatenate(empty))


def find_records_at_edges(path: Path, delimiter: str) -> Records:
    """Find the records of a UTF-8 file, taking a quotation mark only at the edge of a value.

    A line end inside a properly closed quoted value belongs to the value; a quotation mark that is
    never properly closed ends no line. Slow: for a file whose quotation marks do not add up.
    """
    sep = re.escape(delimiter.encode())
    opening = rb"(?:\A(?:\xef\xbb\xbf)?|(?<=[\n" + sep + rb']))"'
    value = re.compile(opening + rb'(?:([^"]*(?:""[^"]*)*)"(?=[\r\n' + sep + rb"]|\Z))?")
    empty = np.concatenate([ends.empty for ends in _line_ends(path)])
    starts = np.concatenate([ends.at for ends in _line_ends(path)])
    quoted = np.zeros(empty.size, bool)
    broken: int | None = None
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for found in value.finditer(data):
            if found.group(1) is None:
                if broken is None:
                    broken = int(np.searchsorted(starts, found.start())) + 1
            elif b"\n" in found.group(1):
                first, last = np.searchsorted(starts, found.span(1))
                quoted[first:last] = True
    records = _records(quoted, empty)
    return Records(lines=records.lines, blank=records.blank, broken=broken)


def line_of_accepted(
    accepted: NDArray[np.int64], malformed: NDArray[np.int64], records: Records | None
) -> NDArray[np.int64]:
    """Return the file's line of rows that were read, by their position among all rows read.

    ``malformed`` are the record numbers that DuckDB left out, counted from 1 with the header and
    blank lines. Without ``records`` every line is a record.
    """
    if records is None:
        left_out = np.sort(malformed) - 2
        before = np.searchsorted(left_out - np.arange(left_out.size), accepted, "right")
        return accepted + 2 + before
    kept = ~records.blank
    kept[0] = False
    kept[malformed - 1] = False
    return records.lines[kept][accepted]


@dataclass(frozen=True, slots=True, kw_only=True)
class _LineEnds:
    """Line ends of one chunk: where, whether inside quotes, and whether their line is empty."""

    at: NDArray[np.int64]
    quoted: NDArray[np.bool_]
    empty: NDArray[np.bool_]


def _line_ends(path: Path) -> Iterator[_LineEnds]:
    """Yield the line ends of a file; a last line without one ends with the file."""
    offset = 0
    last_end = -1
    before = 0
    inside = False
    with path.open("rb") as stream:
        while piece := stream.read(CHUNK):
            data = np.frombuffer(piece, np.uint8)
            here = np.flatnonzero(data == ord("\n"))
            quotes = np.flatnonzero(data == ord('"'))
            quoted = (np.searchsorted(quotes, here) + inside) % 2 == 1
            at = here + offset
            previous = np.where(here > 0, data[here - 1], before)
            lengths = np.diff(at, prepend=last_end) - 1
            empty = (lengths == 0) | ((lengths == 1) & (previous == ord("\r")))
            yield _LineEnds(at=at, quoted=quoted, empty=empty)
            inside = bool((quotes.size + inside) % 2)
            last_end = int(at[-1]) if at.size else last_end
            before = piece[-1]
            offset += len(piece)
    if last_end != offset - 1:
        yield _LineEnds(at=np.array([offset]), quoted=np.zeros(1, bool), empty=np.zeros(1, bool))


def _records(quoted: NDArray[np.bool_], empty: NDArray[np.bool_]) -> Records:
    ends = np.flatnonzero(~quoted)
    lines = np.concatenate((np.zeros(1, np.int64), ends[:-1] + 1)) + 1
    one_line = np.diff(ends, prepend=-1) == 1
    return Records(lines=lines, blank=empty[ends] & one_line)
