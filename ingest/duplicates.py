"""Rows that share a key: which one stays.

The rule does not look at the order of rows or files. Of settlements with one number the valid one
stays before a void one, then the latest, then the one whose content has the greatest digest. Of
other rows with one key the one with most fields filled stays, then the greatest digest.
"""

# ruff: noqa: S608 - SQL is put together from declared names, never from data

import duckdb

from ingest.flags import flag
from ingest.sql import name
from ingest.tables import SETTLEMENTS, Table


def find_duplicates(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Create ``dropped_<table>`` with the rows that yield to another one of the same key.

    Columns: ``rid`` (rowid in ``raw_<table>``) and ``same`` (whether the copy is identical).
    """
    raw, dropped = f"raw_{table.name}", f"dropped_{table.name}"
    if not table.key:
        con.execute(f"CREATE TABLE {dropped} (rid BIGINT, same BOOLEAN)")
        return
    key = ", ".join(name(column) for column in table.key)
    content = ", ".join(name(column.name) for column in table.columns)
    if table is SETTLEMENTS:
        preference = "coalesce(vali_flag, 1) DESC, setl_time DESC"
    else:
        filled = " + ".join(f"({name(column.name)} IS NOT NULL)::INT" for column in table.columns)
        preference = f"({filled}) DESC"
    con.execute(
        f"CREATE TABLE {dropped} AS "
        f"WITH twice AS (SELECT hash({key}) AS h FROM {raw} WHERE _reason IS NULL "
        "GROUP BY h HAVING count(*) > 1), "
        f"rows AS (SELECT rowid AS rid, _file, {content}, md5(row({content})::VARCHAR) AS digest "
        f"FROM {raw} WHERE _reason IS NULL AND hash({key}) IN (SELECT h FROM twice)), "
        f"ranked AS (SELECT rid, digest = first_value(digest) OVER best AS same, "
        f"row_number() OVER best AS place FROM rows "
        f"WINDOW best AS (PARTITION BY {key} ORDER BY {preference}, digest DESC, _file, rid)) "
        "SELECT rid, same FROM ranked WHERE place > 1"
    )
    for same in (True, False):
        flag(
            con,
            table.name,
            table.key[0],
            "same_copy" if same else "conflicting_copy",
            f"SELECT count(*), min({name(table.key[0])}) FROM {raw} AS r "
            f"JOIN {dropped} AS d ON d.rid = r.rowid WHERE d.same = {same}",
        )
