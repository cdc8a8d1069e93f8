"""Writes rows into a file that others open: CSV, Parquet or JSON, whole or not at all."""

import csv
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TextIO, get_args

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.errors import RingfenceError
from ingest.telling import listed, to_say

Format = Literal["csv", "parquet", "json"]
Row = Sequence[Any] | Mapping[str, Any]

# A spreadsheet takes a cell that begins so for a formula, and runs it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def save(columns: Sequence[str], rows: Sequence[Row], path: Path, *, format: Format) -> None:
    """Write rows into ``path``, replacing it in one step: written beside, then renamed.

    A row is a mapping by column, or a sequence in the order of ``columns``. UTF-8, in the order
    given.

    - ``csv``: a header, lines ended by CRLF, missing values empty, yes or no as ``true`` and
      ``false``, times in ISO 8601, lists and maps as JSON text. A text that begins with ``=``,
      ``+``, ``-``, ``@``, tab or carriage return gets a ``'`` before it, so that no spreadsheet
      runs it; numbers stay numbers.
    - ``parquet``: columns typed by their values, lists as lists; a column whose values have no
      common type holds their JSON text.
    - ``json``: a list of objects, keys in the order of ``columns``, times in ISO 8601.

    Raises
    ------
    RingfenceError
        If the format is another, or the file cannot be written.
    """
    if format not in get_args(Format):
        known = listed(get_args(Format))
        raise RingfenceError(to_say("refused.motif.format", format=format, known=known))
    held = [_cells(row, columns) for row in rows]
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        _WRITE[format](list(columns), held, beside)
        beside.replace(path)
    except OSError as error:
        raise RingfenceError(
            to_say("refused.motif.not_written", path=path, strerror=error.strerror)
        ) from error
    finally:
        beside.unlink(missing_ok=True)


def _cells(row: Row, columns: Sequence[str]) -> list[Any]:
    return [row[name] for name in columns] if isinstance(row, Mapping) else list(row)


def _csv(columns: list[str], rows: list[list[Any]], path: Path) -> None:
    with _text(path) as file:
        writer = csv.writer(file)
        writer.writerow([_shown(name) for name in columns])
        writer.writerows([_shown(cell) for cell in row] for row in rows)


def _json(columns: list[str], rows: list[list[Any]], path: Path) -> None:
    objects = [dict(zip(columns, row, strict=True)) for row in rows]
    with _text(path) as file:
        json.dump(objects, file, ensure_ascii=False, indent=1, default=_said)
        file.write("\n")


def _parquet(columns: list[str], rows: list[list[Any]], path: Path) -> None:
    arrays = [_array([row[place] for row in rows]) for place in range(len(columns))]
    pq.write_table(pa.Table.from_arrays(arrays, names=columns), path)


def _array(cells: list[Any]) -> "pa.Array[Any]":
    try:
        return pa.array(cells)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if cell is None else _dumped(cell) for cell in cells])


def _text(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", newline="")


def _shown(cell: Any) -> Any:
    """Return a cell as a spreadsheet may have it."""
    if cell is None or (isinstance(cell, int | float) and not isinstance(cell, bool)):
        return cell
    text = _dumped(cell) if isinstance(cell, list | dict | bool) else _said(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


def _dumped(cell: Any) -> str:
    return json.dumps(cell, ensure_ascii=False, default=_said)


def _said(value: Any) -> str:
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


_WRITE: dict[Format, Callable[[list[str], list[list[Any]], Path], None]] = {
    "csv": _csv,
    "parquet": _parquet,
    "json": _json,
}
