"""Write the import tables, a slice of rows at a time."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from ingest.simulate.clock import START_DAY
from ingest.tables import TABLES

Format = Literal["csv", "parquet"]
SLICE = 400_000
_ARROW = {
    "str": pa.string(),
    "int": pa.int64(),
    "money": pa.decimal128(18, 2),
    "number": pa.float64(),
    "timestamp": pa.timestamp("s"),
    "date": pa.date32(),
    "flag": pa.int8(),
}


def schema(table: str) -> pa.Schema:
    """Return the Arrow schema of an import table, columns in their declared order."""
    return pa.schema([(c.name, _ARROW[c.type]) for c in TABLES[table].columns])


def write_table(
    folder: Path, table: str, slices: Iterator[dict[str, pa.Array]], format_: Format
) -> int:
    """Write one table and return its number of rows; columns not given are empty."""
    declared = schema(table)
    path = folder / f"{table}.{format_}"
    rows = 0
    with _writer(path, declared, format_) as write:
        for columns in slices:
            count = len(next(iter(columns.values())))
            filled = [
                columns[field.name].cast(field.type)
                if field.name in columns
                else pa.nulls(count, field.type)
                for field in declared
            ]
            write(pa.Table.from_arrays(filled, schema=declared))
            rows += count
    return rows


class _writer:
    """Open a CSV or Parquet file and hand out its write function."""

    def __init__(self, path: Path, declared: pa.Schema, format_: Format) -> None:
        if format_ == "csv":
            options = pa.csv.WriteOptions(quoting_style="needed")
            self._file = pa.csv.CSVWriter(str(path), declared, write_options=options)
        else:
            self._file = pa.parquet.ParquetWriter(str(path), declared, compression="zstd")

    def __enter__(self) -> Callable[[pa.Table], None]:
        return self._file.write_table  # type: ignore[no-any-return]  # pyarrow has no types

    def __exit__(self, *error: object) -> None:
        self._file.close()


def spans(rows: int) -> Iterator[tuple[int, int]]:
    """Yield the slices of so many rows; one empty slice where there are none."""
    for start in range(0, max(rows, 1), SLICE):
        yield start, min(start + SLICE, rows)


def money(fen: np.ndarray) -> pa.Array:
    """Return fen as yuan with two decimals, exactly."""
    words = np.empty((len(fen), 2), np.int64)
    words[:, 0] = fen
    words[:, 1] = words[:, 0] >> 63
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(fen), [None, pa.py_buffer(words)])


def moment(second: np.ndarray) -> pa.Array:
    """Return seconds since the county's first midnight as timestamps."""
    return pa.array(second.astype(np.int64) + START_DAY * 86_400).cast(pa.timestamp("s"))


def date(day: np.ndarray, known: np.ndarray | None = None) -> pa.Array:
    """Return days since the start as dates, empty where not known."""
    values = (day + START_DAY).astype(np.int32)
    return pa.array(values, mask=None if known is None else ~known).cast(pa.date32())


def coded(values: pa.Array, index: np.ndarray) -> pa.Array:
    """Return the strings at those positions; a negative position is empty."""
    safe = index.astype(np.int64)
    return values.take(pa.array(safe, mask=safe < 0))
