"""Read every file of a table into one staging table: typed, checked, nothing left out in silence.

The staging table ``raw_<table>`` has the declared columns with their types, the extra columns as
``x_0`` … and three more: ``_file`` (index), ``_reason`` (why a row is rejected, else null) and
``_spoiled`` (optional values that could not be read). Its rows are in no order; where rows are
rejected, their file is read once more, on one thread, for their lines.
"""

# ruff: noqa: S608 - SQL is put together from declared names, never from data

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.checks import SQL_TYPES, as_checked, as_parsed, as_text, masked, why_unreadable
from ingest.database import could_not_write
from ingest.errors import InputError
from ingest.files import Shape, Source, not_parquet, shape_of
from ingest.mapping import Mapping, match, plain
from ingest.rejecting import find_malformed, note_rejects
from ingest.rules import BLANKS
from ingest.sql import literal, name
from ingest.tables import Column, Table
from ingest.telling import to_say


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    """One file that was read: what the manifest says about it.

    ``accepted`` are its rows in the staging table, rejected ones included; ``malformed`` the
    records that are no row.
    """

    table: str
    file: str
    sha256: str
    bytes: int
    encoding: str
    accepted: int
    malformed: int

    @property
    def rows_in(self) -> int:
        """Every record of the file but its header."""
        return self.accepted + self.malformed


def read_table(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    sources: tuple[Source, ...],
    mapping: Mapping,
    scratch: Path,
) -> tuple[list[ReadFile], list[str]]:
    """Fill ``raw_<table>`` and ``rejects``; return the files read and the extra columns' names.

    Raises
    ------
    InputError
        If a file cannot be read as this table.
    """
    shapes = [shape_of(con, item, scratch / str(number)) for number, item in enumerate(sources)]
    matches = [
        match(table, shape.headers, mapping, item.label)
        for shape, item in zip(shapes, sources, strict=True)
    ]
    _require_mapped(table, mapping, shapes)
    extras = _extra_columns(shapes, matches)
    _create(con, table, len(extras))
    files: list[ReadFile] = []
    for number, (item, shape, columns) in enumerate(zip(sources, shapes, matches, strict=True)):
        positions = _positions(extras, shape, columns)
        rows = _rows(table, shape, columns, positions, number)
        accepted = _insert(con, table, rows, item)
        malformed = find_malformed(con, table, item, shape, accepted)
        if _any_rejected(con, table, number) or malformed.records.size:
            note_rejects(con, table, item, shape, malformed, _rejected(table, shape, columns))
        files.append(
            ReadFile(
                table=table.name,
                file=item.label,
                sha256=item.digest,
                bytes=item.path.stat().st_size,
                encoding=shape.encoding,
                accepted=accepted,
                malformed=malformed.records.size,
            )
        )
        shutil.rmtree(scratch / str(number), ignore_errors=True)
    return files, list(extras.values())


def _require_mapped(table: Table, mapping: Mapping, shapes: list[Shape]) -> None:
    met = {plain(header) for shape in shapes for header in shape.headers}
    for local, target in mapping.of(table.name).items():
        if local not in met:
            raise InputError(
                to_say(
                    "refused.mapping.no_column",
                    source=mapping.source,
                    table=table.name,
                    local=local,
                    target=target,
                )
            )


def _extra_columns(shapes: list[Shape], matches: list[dict[str, int]]) -> dict[str, str]:
    """Return the names of columns the table does not declare, by how they are compared."""
    extras: dict[str, str] = {}
    for shape, columns in zip(shapes, matches, strict=True):
        used = set(columns.values())
        for position, header in enumerate(shape.headers):
            if position not in used:
                extras.setdefault(plain(header), header.strip(BLANKS))
    return dict(sorted(extras.items()))


def _positions(extras: dict[str, str], shape: Shape, columns: dict[str, int]) -> list[int | None]:
    """Return where a file holds each extra column, None where it does not."""
    used = set(columns.values())
    at: dict[str, int] = {}
    for position, header in enumerate(shape.headers):
        if position not in used:
            at.setdefault(plain(header), position)
    return [at.get(extra) for extra in extras]


def _create(con: duckdb.DuckDBPyConnection, table: Table, extras: int) -> None:
    columns = [f"{name(column.name)} {SQL_TYPES[column.type]}" for column in table.columns]
    columns += [f"x_{i} VARCHAR" for i in range(extras)]
    columns += ["_file INTEGER", "_reason VARCHAR"]
    columns += ["_spoiled STRUCT(field VARCHAR, reason VARCHAR, value VARCHAR)[]"]
    con.execute(f"CREATE TABLE raw_{table.name} ({', '.join(columns)})")


def _rows(
    table: Table, shape: Shape, columns: dict[str, int], extras: list[int | None], number: int
) -> str:
    """Return the query of one file's rows for the staging table."""
    kept = {
        f"e{i}": "NULL::VARCHAR" if at is None else f"c{at}::VARCHAR" for i, at in enumerate(extras)
    }
    values = [f"v{i}" for i in range(len(table.columns))]
    return (
        f"SELECT {', '.join([*values, *kept])}, {number}, {_reason(table.columns)}, "
        f"{_spoiled(table.columns)} FROM {_typed(table.columns, shape, columns, kept)}"
    )


def _rejected(table: Table, shape: Shape, columns: dict[str, int]) -> str:
    """Return the query of one file's rejected rows: position from 0, field, value, reason.

    The position is right only on one thread: with more, DuckDB hands rows on in any order.
    """
    required = tuple(column for column in table.columns if column.required)
    first_bad = " ".join(
        f"WHEN v{i} IS NULL THEN {{'field': {literal(column.name)}, "
        f"'value': {masked(f't{i}', column.restricted)}}}"
        for i, column in enumerate(required)
    )
    kept = {"n": "row_number() OVER () - 1"}
    return (
        "SELECT n AS position, bad.field AS field, bad.value AS value, reason FROM (SELECT n, "
        f"CASE {first_bad} END AS bad, {_reason(required)} AS reason "
        f"FROM {_typed(required, shape, columns, kept)}) WHERE reason IS NOT NULL ORDER BY n"
    )


def _typed(
    wanted: tuple[Column, ...], shape: Shape, columns: dict[str, int], kept: dict[str, str]
) -> str:
    """Return a sub-query with text, parsed and checked value (t0, p0, v0 …) of wanted columns.

    ``kept`` are further columns by name, as expressions over the file's own.
    """
    text, parsed, checked = [], [], []
    for i, column in enumerate(wanted):
        at = columns.get(column.name)
        sql_type = "VARCHAR" if at is None else shape.types[at]
        raw = "NULL::VARCHAR" if at is None else f"c{at}"
        text.append(f"{as_text(column, raw, sql_type)} AS t{i}")
        parsed.append(f"t{i}, {as_parsed(column, f't{i}', sql_type)} AS p{i}")
        checked.append(f"t{i}, p{i}, {as_checked(column, f'p{i}')} AS v{i}")
    made = [f"{expression} AS {alias}" for alias, expression in kept.items()]
    return (
        f"(SELECT {', '.join([*checked, *kept])} FROM (SELECT {', '.join([*parsed, *kept])} "
        f"FROM (SELECT {', '.join([*text, *made])} FROM {shape.relation})))"
    )


def _reason(columns: tuple[Column, ...]) -> str:
    """Return the expression of why a row is rejected, by its first bad field; else null."""
    cases = [
        f"WHEN v{i} IS NULL THEN CASE WHEN t{i} IS NULL THEN 'missing' "
        f"ELSE {why_unreadable(column, f't{i}', f'p{i}')} END"
        for i, column in enumerate(columns)
        if column.required
    ]
    return f"CASE {' '.join(cases)} END"


def _spoiled(columns: tuple[Column, ...]) -> str:
    """Return the expression of the list of optional values that could not be read, or null."""
    conditions, entries = [], []
    for i, column in enumerate(columns):
        if not column.required:
            met = f"(t{i} IS NOT NULL AND v{i} IS NULL)"
            why = why_unreadable(column, f"t{i}", f"p{i}")
            entry = f"{{'field': {literal(column.name)}, 'reason': {why}, 'value': t{i}::VARCHAR}}"
            conditions.append(met)
            entries.append(f"CASE WHEN {met} THEN {entry} END")
    if not entries:
        return "NULL"
    listed = f"list_filter([{', '.join(entries)}], lambda e: e IS NOT NULL)"
    return f"CASE WHEN {' OR '.join(conditions)} THEN {listed} END"


def _insert(con: duckdb.DuckDBPyConnection, table: Table, query: str, item: Source) -> int:
    try:
        inserted = con.execute(f"INSERT INTO raw_{table.name} {query}").fetchone()
    except (duckdb.OutOfMemoryException, duckdb.InterruptException):
        raise
    except duckdb.Error as error:
        if could_not_write(error):
            raise
        if item.parquet:
            raise not_parquet(item, error) from None
        reason = str(error).splitlines()[0].replace(str(item.path), item.label)
        raise InputError(to_say("refused.extract.csv", label=item.label, reason=reason)) from None
    return int(inserted[0]) if inserted else 0


def _any_rejected(con: duckdb.DuckDBPyConnection, table: Table, number: int) -> bool:
    query = f"SELECT 1 FROM raw_{table.name} WHERE _reason IS NOT NULL AND _file = ? LIMIT 1"
    return con.execute(query, [number]).fetchone() is not None
