"""Rows that are left out: each with its file, line, field, value and reason."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ingest.csv_lines import Records, find_records, find_records_at_edges, line_of_accepted
from ingest.errors import InputError
from ingest.files import Shape, Source
from ingest.tables import Table
from ingest.telling import to_say

_QUOTE_ERRORS = ("UNQUOTED VALUE", "LINE SIZE OVER MAXIMUM", "INVALID STATE", "INVALID ENCODING")


def create_rejects(con: duckdb.DuckDBPyConnection) -> None:
    """Create the empty table of rejected rows; ``line`` is for CSV, ``row`` for Parquet."""
    con.execute(
        'CREATE TABLE rejects ("table" VARCHAR, file VARCHAR, line BIGINT, "row" BIGINT, '
        "field VARCHAR, value VARCHAR, reason VARCHAR)"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """Records that are no row, by record number: line, found fields, and the reason."""

    records: NDArray[np.int64]
    values: list[str]
    reasons: list[str]
    found: Records | None


def note_rejects(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    item: Source,
    shape: Shape,
    malformed: Malformed,
    rejected: str,
) -> None:
    """Add the rejected rows of one file to ``rejects``, each with its line.

    ``rejected`` is the query of its rejected rows: position, field, value and reason.
    """
    with _in_order(con):
        bad = con.execute(rejected).fetchnumpy()
    _forget_malformed(con)
    positions = np.asarray(bad["position"], np.int64)
    lines: list[int] | None = None
    broken_lines = malformed.records
    if not item.parquet:
        found = malformed.found
        if found is None and not shape.one_line_each:
            found = find_records(shape.path)
        lines = line_of_accepted(positions, malformed.records, found).tolist()
        if found is not None:
            broken_lines = found.lines[malformed.records - 1]
    rows = positions.size + broken_lines.size
    noted = pa.table(
        {
            "table": pa.array([table.name] * rows),
            "file": pa.array([item.label] * rows),
            "line": pa.array(
                [None] * rows if lines is None else lines + broken_lines.tolist(), pa.int64()
            ),
            "row": pa.array(
                [None] * rows if lines is not None else (positions + 1).tolist(), pa.int64()
            ),
            "field": pa.array(_plain(bad["field"]) + [None] * broken_lines.size, pa.string()),
            "value": pa.array(_plain(bad["value"]) + malformed.values, pa.string()),
            "reason": pa.array(_plain(bad["reason"]) + malformed.reasons, pa.string()),
        }
    )
    con.register("noted", noted)
    con.execute("INSERT INTO rejects SELECT * FROM noted")
    con.unregister("noted")


def _plain(values: NDArray[np.object_]) -> list[str | None]:
    """Return strings as they are and whatever numpy has for null as None."""
    return [value if isinstance(value, str) else None for value in values.tolist()]


def find_malformed(
    con: duckdb.DuckDBPyConnection, table: Table, item: Source, shape: Shape, accepted: int
) -> Malformed:
    """Return the records DuckDB left out; refuse a file whose records do not add up."""
    empty = np.zeros(0, np.int64)
    if item.parquet:
        return Malformed(records=empty, values=[], reasons=[], found=None)
    rows = con.execute(
        "SELECT line, min(error_type::VARCHAR), arg_min(error_message, error_type::VARCHAR) "
        "FROM reject_errors GROUP BY line ORDER BY line"
    ).fetchall()
    _forget_malformed(con)
    quotes = any(kind in _QUOTE_ERRORS for _, kind, _ in rows)
    found = None
    if quotes or accepted + len(rows) + 1 != shape.records:
        found = find_records_at_edges(shape.path, shape.delimiter)
        if accepted + len(rows) + 1 != found.filled:
            raise InputError(
                to_say(
                    "refused.extract.quote",
                    label=item.label,
                    line=found.broken or 1,
                    table=table.name,
                )
            )
    return Malformed(
        records=np.array([row[0] for row in rows], np.int64),
        values=["" if kind in _QUOTE_ERRORS else _fields(message) for _, kind, message in rows],
        reasons=[
            "broken_quote" if kind in _QUOTE_ERRORS else "wrong_field_count" for _, kind, _ in rows
        ],
        found=found,
    )


def _forget_malformed(con: duckdb.DuckDBPyConnection) -> None:
    """Drop what DuckDB noted about the last file, so that the next one starts afresh."""
    con.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")


@contextmanager
def _in_order(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let DuckDB hand rows on as the file has them: one thread, order kept."""
    before = con.execute(
        "SELECT current_setting('threads'), current_setting('preserve_insertion_order')"
    ).fetchone()
    con.execute("SET threads = 1; SET preserve_insertion_order = true")
    try:
        yield
    finally:
        threads, ordered = before or (1, True)
        con.execute("SET threads = ?", [threads])
        con.execute("SET preserve_insertion_order = ?", [ordered])


def _fields(message: str) -> str:
    """Return 'found of expected' from 'Expected Number of Columns: 3 Found: 2'."""
    numbers = [word for word in message.replace(":", " ").split() if word.isdigit()]
    return f"{numbers[1]} of {numbers[0]}" if len(numbers) == 2 else message
