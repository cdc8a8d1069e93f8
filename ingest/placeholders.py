"""Codes and values that stand for 'unknown' because they stand almost everywhere."""

# ruff: noqa: S608 - SQL is put together from declared names, never from data

import duckdb

from ingest.checks import masked
from ingest.flags import flag
from ingest.rules import RULES, SHARE_CHECKED, SHARED_CHECKED
from ingest.sql import literal, name
from ingest.tables import TABLES


def find_placeholders(con: duckdb.DuckDBPyConnection, delivered: frozenset[str]) -> None:
    """Create ``placeholders`` (``field``, ``value``): values that are to become missing.

    A doctor, clerk or terminal code is one if it stands on most of the filled settlements and at
    many places; a card number, telephone or address if very many people have it.
    """
    con.execute("CREATE TABLE placeholders (field VARCHAR, value VARCHAR)")
    for field in SHARE_CHECKED:
        con.execute(
            f"INSERT INTO placeholders SELECT {literal(field)}, value FROM ("
            f"SELECT {name(field)} AS value, count(*) AS n, "
            f"count(DISTINCT fixmedins_code) AS places, sum(count(*)) OVER () AS filled "
            f"FROM valid WHERE {name(field)} IS NOT NULL GROUP BY 1) "
            f"WHERE filled >= {RULES.placeholder_rows} AND places >= {RULES.placeholder_places} "
            f"AND n > {RULES.placeholder_share} * filled"
        )
        flag(
            con, "settlements", field, "placeholder_by_share",
            f"SELECT count(*), min({name(field)}) FROM valid WHERE {name(field)} IN "
            f"(SELECT value FROM placeholders WHERE field = {literal(field)})",
        )  # fmt: skip
    _shared(con, "settlements", "valid", "ssc_cardno", "psn_no", RULES.card_people)
    if "persons" in delivered:
        for field in SHARED_CHECKED:
            _shared(con, "persons", "raw_persons", field, "psn_no", RULES.shared_people)


def without_placeholders(field: str, value: str) -> str:
    """Return the expression of a column, null where its value is a placeholder."""
    known = f"SELECT value FROM placeholders WHERE field = {literal(field)}"
    return f"CASE WHEN {value} IN ({known}) THEN NULL ELSE {value} END"


def _shared(
    con: duckdb.DuckDBPyConnection, table: str, rows: str, field: str, key: str, people: int
) -> None:
    column = name(field)
    con.execute(
        f"INSERT INTO placeholders SELECT {literal(field)}, {column} FROM {rows} "
        f"WHERE {column} IS NOT NULL GROUP BY {column} "
        f"HAVING count(*) >= {people} AND count(DISTINCT {name(key)}) >= {people}"
    )
    kind = TABLES[table].column(field).restricted
    flag(
        con, table, field, "shared_by_many",
        f"SELECT count(*), min({masked(column, kind)}) FROM {rows} WHERE {column} IN "
        f"(SELECT value FROM placeholders WHERE field = {literal(field)})",
    )  # fmt: skip
