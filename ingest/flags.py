"""Values that are kept but suspicious: counted, with one example each."""

# ruff: noqa: S608 - SQL is put together from declared names, never from data

import duckdb

from ingest.checks import masked
from ingest.rules import FORMATS, FlagReason
from ingest.sql import literal, literals, name
from ingest.tables import Table


def create_flags(con: duckdb.DuckDBPyConnection) -> None:
    """Create the empty table of flags."""
    con.execute(
        'CREATE TABLE flags ("table" VARCHAR, field VARCHAR, reason VARCHAR, rows BIGINT, '
        "example VARCHAR)"
    )


def flag(
    con: duckdb.DuckDBPyConnection, table: str, field: str, reason: FlagReason, query: str
) -> None:
    """Add a flag with the count and example a query returns, unless the count is nought."""
    con.execute(
        f"INSERT INTO flags SELECT ?, ?, ?, n, e FROM ({query}) AS counted(n, e) WHERE n > 0",
        [table, field, reason],
    )


def flag_spoiled(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Count the optional values that could not be read, by field and reason."""
    hidden = literals(c.name for c in table.columns if c.restricted is not None) or "''"
    con.execute(
        f"INSERT INTO flags SELECT {literal(table.name)}, s.field, s.reason, count(*), "
        f"min(CASE WHEN s.field IN ({hidden}) THEN {masked('s.value', 'text')} "
        f"ELSE {masked('s.value', None)} END) FROM (SELECT unnest(_spoiled) AS s "
        f"FROM raw_{table.name} WHERE _spoiled IS NOT NULL AND _reason IS NULL) GROUP BY ALL"
    )


def flag_formats(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Count values that do not look like the code they should be; distinct values are checked."""
    for column in table.columns:
        field = name(column.name)
        distinct = (
            f"SELECT {field} AS v, count(*) AS n FROM raw_{table.name} "
            f"WHERE _reason IS NULL AND {field} IS NOT NULL GROUP BY v"
        )
        shown = masked("v", column.restricted)
        if column.name in FORMATS:
            odd = f"NOT regexp_full_match(v, {literal(FORMATS[column.name])})"
            flag(
                con, table.name, column.name, "code_format",
                f"SELECT sum(n), min({shown}) FROM ({distinct}) WHERE {odd}",
            )  # fmt: skip
        if column.restricted == "certificate":
            flag(
                con, table.name, column.name, "certificate_check_digit",
                f"SELECT sum(n), min({shown}) FROM ({distinct}) WHERE NOT {_certificate('v')}",
            )  # fmt: skip
        if column.type == "str" and column.name in table.key:
            flag(
                con, table.name, column.name, "lost_digits",
                f"SELECT count(*), min({shown}) FROM (SELECT {field} AS v FROM raw_{table.name} "
                "WHERE _reason IS NULL AND contains(v, 'E+')) "
                "WHERE regexp_full_match(v, '[0-9]([.][0-9]+)?E[+][0-9]+')",
            )  # fmt: skip


def flag_places(con: duckdb.DuckDBPyConnection, delivered: frozenset[str]) -> None:
    """Flag places that lie outside China; their coordinates stay as they are."""
    if "providers" not in delivered:
        return
    outside = "lnt NOT BETWEEN 73 AND 136 OR lat NOT BETWEEN 3 AND 54"
    flag(
        con, "providers", "lnt", "outside_china",
        "SELECT count(*), min(fixmedins_code) FROM raw_providers "
        f"WHERE _reason IS NULL AND ({outside})",
    )  # fmt: skip


def flag_orphans(con: duckdb.DuckDBPyConnection, delivered: frozenset[str]) -> None:
    """Flag rows of other tables whose settlement is not among those read, void ones included."""
    for table in ("fee_list", "manual_claims"):
        if table in delivered:
            flag(
                con, table, "setl_id", "unknown_settlement",
                f"SELECT count(*), min(setl_id) FROM raw_{table} WHERE _reason IS NULL AND "
                "hash(setl_id) NOT IN (SELECT hash(setl_id) FROM raw_settlements "
                "WHERE _reason IS NULL)",
            )  # fmt: skip


def _certificate(value: str) -> str:
    """Return whether an ID number has 18 characters, a possible birth date and its check digit."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = " + ".join(
        f"TRY_CAST({value}[{i}] AS INTEGER) * {weight}" for i, weight in enumerate(weights, 1)
    )
    return (
        f"coalesce(regexp_full_match({value}, '[0-9]{{17}}[0-9X]') "
        f"AND try_strptime({value}[7:14], '%Y%m%d') IS NOT NULL "
        f"AND '10X98765432'[({total}) % 11 + 1] = {value}[18], false)"
    )
