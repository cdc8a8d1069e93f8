"""What the manifest counts, read from the staging tables."""

# ruff: noqa: S608 - SQL is put together from declared names, never from data

import duckdb

from ingest.manifest import FileCount, Flag, Reject, TableCount
from ingest.reading import ReadFile
from ingest.sql import literal
from ingest.tables import SETTLEMENTS, TABLES


def count_files(
    con: duckdb.DuckDBPyConnection, files: list[ReadFile], delivered: set[str]
) -> tuple[FileCount, ...]:
    """Return the counts of every file; each row is counted once.

    A row is rejected, else a duplicate, else void, else kept, in this order.
    """
    counted: list[FileCount] = []
    for table in TABLES:
        of_table = [file for file in files if file.table == table]
        by_file = _by_file(con, table) if table in delivered else {}
        for number, file in enumerate(of_table):
            rejected, duplicates, void = by_file.get(number, (0, 0, 0))
            counted.append(
                FileCount(
                    table=table,
                    file=file.file,
                    sha256=file.sha256,
                    bytes=file.bytes,
                    encoding=file.encoding,
                    rows_in=file.rows_in,
                    rejected=rejected + file.malformed,
                    duplicates=duplicates,
                    void=void,
                    kept=file.accepted - rejected - duplicates - void,
                )
            )
    return tuple(counted)


def count_tables(files: tuple[FileCount, ...]) -> dict[str, TableCount]:
    """Return the sums over the files of each table."""
    totals: dict[str, TableCount] = {}
    for table in dict.fromkeys(file.table for file in files):
        of_table = [file for file in files if file.table == table]
        totals[table] = TableCount(
            rows_in=sum(file.rows_in for file in of_table),
            rejected=sum(file.rejected for file in of_table),
            duplicates=sum(file.duplicates for file in of_table),
            void=sum(file.void for file in of_table),
            kept=sum(file.kept for file in of_table),
        )
    return totals


def read_rejects(con: duckdb.DuckDBPyConnection) -> tuple[Reject, ...]:
    """Return how many rows were rejected, by table, field and reason, and the first of each."""
    names = ("table", "field", "reason", "rows", "file", "line", "value")
    rows = con.execute(
        'WITH numbered AS (SELECT * REPLACE (coalesce(line, "row") AS line) FROM rejects) '
        'SELECT "table", field, reason, count(*), arg_min(file, (file, line)), '
        "arg_min(line, (file, line)), arg_min_null(left(value, 80), (file, line)) "
        "FROM numbered GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return tuple(Reject(**dict(zip(names, row, strict=True))) for row in rows)


def read_flags(con: duckdb.DuckDBPyConnection) -> tuple[Flag, ...]:
    """Return the flags."""
    rows = con.execute("SELECT * FROM flags ORDER BY ALL").fetchall()
    return tuple(Flag(table=t, field=f, reason=r, rows=n, example=e) for t, f, r, n, e in rows)


def write_reports(con: duckdb.DuckDBPyConnection, rejects: str, flags: str, clear: str) -> None:
    """Write rejects, flags and the clear values behind pseudonyms to the files named."""
    for query, path in (
        ("SELECT * FROM rejects ORDER BY ALL", rejects),
        ("SELECT * FROM flags ORDER BY ALL", flags),
        ("SELECT DISTINCT kind, pseudonym, value FROM clear ORDER BY ALL", clear),
    ):
        con.execute(f"COPY ({query}) TO {literal(path)} (FORMAT parquet, COMPRESSION zstd)")


def _by_file(con: duckdb.DuckDBPyConnection, table: str) -> dict[int, tuple[int, int, int]]:
    yields = f"rowid IN (SELECT rid FROM dropped_{table})"
    void = "coalesce(vali_flag, 1) = 0" if table == SETTLEMENTS.name else "false"
    rows = con.execute(
        "SELECT _file, count(*) FILTER (judged = 'rejected'), count(*) FILTER "
        "(judged = 'duplicate'), count(*) FILTER (judged = 'void') FROM (SELECT _file, "
        f"CASE WHEN _reason IS NOT NULL THEN 'rejected' WHEN {yields} THEN 'duplicate' "
        f"WHEN {void} THEN 'void' END AS judged FROM raw_{table}) GROUP BY _file"
    ).fetchall()
    return {number: (rejected, twice, void) for number, rejected, twice, void in rows}
