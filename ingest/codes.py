"""Code tables an agency keeps itself: which codes of a column exist, and from when to when.

A file ``codes/<column>.csv`` (or ``.parquet``), beside the extract or in the workspace, lists the
codes of one column. Values that it does not list, or not on their day, are kept and flagged, as all
that is odd but readable. A column without a file is checked by its format alone.
"""

# ruff: noqa: S608 - SQL is put together from declared names, never from data

from collections.abc import Iterable
from pathlib import Path

import duckdb

from ingest.checks import as_code
from ingest.errors import InputError
from ingest.extract import OTHER_DATA, table_file
from ingest.files import Source, source
from ingest.flags import flag_spoiled
from ingest.manifest import Note
from ingest.mapping import Mapping
from ingest.reading import read_table
from ingest.rules import CODED, RULES
from ingest.sql import literal, name
from ingest.tables import Column, Table
from ingest.telling import listed, to_say

FOLDER = "codes"

DAYS = {
    "settlements": "setl_time",
    "fee_list": "fee_ocur_time",
    "manual_claims": "reg_time",
    "mdtrt": "begntime",
}
"""Which time of a row says whether its code was in force; rows of other tables have none."""


def find_codes(extract: Path, workspace: Path) -> dict[str, Source]:
    """Return the code file of each column that has one; the extract's goes before the workspace's.

    Raises
    ------
    InputError
        If a file is named after no coded column or has another format, or a column has two files
        in one folder.
    """
    found = _in_folder(workspace / FOLDER)
    return dict(sorted((found | _in_folder(extract / FOLDER)).items()))


def read_codes(
    con: duckdb.DuckDBPyConnection, codes: dict[str, Source], work: Path
) -> tuple[Note, ...]:
    """Fill ``raw_codes_<column>`` from each file; return a note for each, with its rows.

    Raises
    ------
    InputError
        If a file cannot be read, has no column ``code``, or lists not one.
    """
    notes = []
    for column, item in codes.items():
        table = _table(column)
        read_table(con, table, (item,), Mapping(), work)
        flag_spoiled(con, table)
        counted = con.execute(
            f"SELECT count(*) FROM raw_{table.name} WHERE _reason IS NULL"
        ).fetchone()
        rows = counted[0] if counted else 0
        if not rows:
            raise InputError(to_say("refused.codes.empty", label=item.label))
        values = {"column": column, "file": item.label, "rows": rows}
        notes.append(Note(key="note.codes", values=values))
    return tuple(notes)


def flag_codes(con: duckdb.DuckDBPyConnection, table: Table, columns: Iterable[str]) -> None:
    """Count the values of coded columns that are not listed, or not on the day of their row.

    There is one flag for each of the most frequent values, as its example, and one without example
    for all others together. A code may be listed more than once, with different days.
    """
    declared = {column.name for column in table.columns}
    for column in sorted(declared.intersection(columns)):
        moment = DAYS.get(table.name)
        day = f"{name(moment)}::DATE" if moment else "NULL::DATE"
        con.execute(
            "INSERT INTO flags WITH seen AS ("
            f"SELECT {name(column)} AS v, {day} AS d, count(*) AS n FROM raw_{table.name} "
            f"WHERE _reason IS NULL AND {name(column)} IS NOT NULL GROUP BY ALL), "
            f"codes AS (SELECT {as_code(column, 'code')} AS code, valid_from, valid_to "
            f"FROM raw_codes_{column} "
            "WHERE _reason IS NULL), "
            "days AS (SELECT v, d, any_value(n) AS n, bool_or(code IS NOT NULL) AS known, "
            "bool_or(code IS NOT NULL AND (d IS NULL OR (coalesce(d >= valid_from, true) "
            "AND coalesce(d <= valid_to, true)))) AS in_force "
            "FROM seen LEFT JOIN codes ON code = v GROUP BY v, d), "
            "judged AS (SELECT v, CASE WHEN known THEN 'expired_code' ELSE 'unknown_code' END "
            "AS reason, sum(n) AS n FROM days WHERE NOT in_force GROUP BY ALL), "
            "ranked AS (SELECT reason, n, CASE WHEN row_number() OVER (PARTITION BY reason "
            f"ORDER BY n DESC, v) <= {RULES.code_values} THEN left(v, 80) END AS e FROM judged) "
            f"SELECT {literal(table.name)}, {literal(column)}, reason, sum(n)::BIGINT, e "
            "FROM ranked GROUP BY reason, e"
        )


def _in_folder(folder: Path) -> dict[str, Source]:
    found: dict[str, Source] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        column, label = table_file(path), f"{FOLDER}/{path.name}"
        if column is None and path.name.lower().endswith(OTHER_DATA):
            raise InputError(to_say("refused.codes.format", label=label))
        if column is None or column.startswith((".", "_")):
            continue
        if column not in CODED:
            raise InputError(
                to_say("refused.codes.column", label=label, column=column, columns=listed(CODED))
            )
        if column in found:
            raise InputError(to_say("refused.codes.twice", label=label, other=found[column].label))
        found[column] = source(path, folder.parent)
    return found


def _table(column: str) -> Table:
    return Table(
        name=f"codes_{column}",
        meaning=f"the codes of {column}",
        columns=(
            Column(name="code", required=True, meaning="a value the column may have"),
            Column(name="name", meaning="what it stands for"),
            Column(name="valid_from", type="date", meaning="first day in force"),
            Column(name="valid_to", type="date", meaning="last day in force"),
        ),
    )
