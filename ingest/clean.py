"""The clean tables but settlements: each sorted, each the same for any order of rows and files."""

# ruff: noqa: S608 - SQL is put together from declared names, never from data

import duckdb

from ingest.outputs import Output, shipped, write_sorted
from ingest.placeholders import without_placeholders
from ingest.pseudonyms import as_pseudonym
from ingest.sql import literal, name
from ingest.tables import TABLES, Table

DERIVED = frozenset({"settlements", "persons", "providers", "terminals", "resale_drugs"})
"""Tables that always exist; the others are there if they were delivered."""


def create_clear(con: duckdb.DuckDBPyConnection) -> None:
    """Create the empty table of clear values behind pseudonyms."""
    con.execute("CREATE TABLE clear (kind VARCHAR, pseudonym VARCHAR, value VARCHAR)")


def write_persons(con: duckdb.DuckDBPyConnection, out: Output) -> None:
    """Write a row for each person delivered or seen in a settlement."""
    table = TABLES["persons"]
    columns = [c.name for c in table.columns]
    if "persons" in out.delivered:
        _protect(con, table)
        known = f"SELECT {', '.join(name(c) for c in columns)}, true AS known FROM safe_persons"
    else:
        known = f"SELECT {_nulls(table)}, true AS known WHERE false"
    write_sorted(
        con,
        f"SELECT {', '.join(name(c) for c in columns)}, {as_pseudonym('person', 'psn_no')} AS "
        "person_id, year(brdy)::INTEGER AS birth_year, known, "
        f"{as_pseudonym('employer', 'emp_no')} AS employer_id FROM ({known} "
        f"UNION ALL BY NAME SELECT psn_no, false AS known FROM (SELECT DISTINCT psn_no FROM valid) "
        f"ANTI JOIN ({known}) USING (psn_no))",
        "psn_no",
        out.tables / "persons.parquet",
    )


def write_providers(con: duckdb.DuckDBPyConnection, out: Output) -> None:
    """Write a row for each place delivered or seen in another table."""
    table = TABLES["providers"]
    columns = [c.name for c in table.columns]
    if "providers" in out.delivered:
        _protect(con, table)
        known = f"SELECT {', '.join(name(c) for c in columns)}, true AS known FROM safe_providers"
    else:
        known = f"SELECT {_nulls(table)}, true AS known WHERE false"
    seen = ["SELECT fixmedins_code FROM valid"] + [
        f"SELECT fixmedins_code FROM raw_{other} WHERE _reason IS NULL"
        for other in ("practitioners", "terminals", "mdtrt")
        if other in out.delivered
    ]
    write_sorted(
        con,
        f"SELECT {', '.join(f'p.{name(c)}' for c in columns)}, "
        "CASE WHEN starts_with(fixmedins_code, 'P') OR (NOT starts_with(fixmedins_code, 'H') "
        "AND (coalesce(fixmedins_type, '') = '2' OR coalesce(fixmedins_kind, '') = 'pharmacy')) "
        "THEN 'pharmacy' ELSE 'institution' END AS place_kind, "
        "coalesce(day_precision, false) AS day_precision, coalesce(batch, false) AS batch, "
        "coalesce(settlements, 0)::INTEGER AS settlements, coalesce(open_days, 0)::INTEGER AS "
        f"open_days, known FROM ({known} UNION ALL BY NAME SELECT fixmedins_code, false AS known "
        f"FROM (SELECT DISTINCT fixmedins_code FROM ({' UNION ALL '.join(seen)}) "
        f"WHERE fixmedins_code IS NOT NULL) ANTI JOIN ({known}) USING (fixmedins_code)) p "
        "LEFT JOIN clocks USING (fixmedins_code)",
        "fixmedins_code",
        out.tables / "providers.parquet",
    )


def write_terminals(con: duckdb.DuckDBPyConnection, out: Output) -> None:
    """Write a row for each device declared or seen; unless declared, it stands where it is used."""
    table = TABLES["terminals"]
    columns = [c.name for c in table.columns]
    if "terminals" in out.delivered:
        known = (
            f"SELECT {', '.join(name(c) for c in columns)} FROM raw_terminals "
            f"WHERE {_kept('terminals')}"
        )
    else:
        known = f"SELECT {_nulls(table)} WHERE false"
    settled = literal(str(out.tables / "settlements.parquet"))
    write_sorted(
        con,
        "WITH used AS (SELECT device_id, device_proxy, fixmedins_code, count(*) AS n "
        f"FROM read_parquet({settled}) WHERE device_id IS NOT NULL GROUP BY ALL), "
        "seen AS (SELECT device_id, any_value(device_proxy) AS proxy, "
        "arg_min(fixmedins_code, (-n, fixmedins_code)) AS place FROM used GROUP BY device_id), "
        f"declared AS ({known}) "
        "SELECT coalesce(dev_no, device_id) AS dev_no, coalesce(fixmedins_code, place) AS "
        "fixmedins_code, mac, ip, opened, closed, coalesce(proxy, false) AS proxy, "
        "dev_no IS NOT NULL AS known FROM declared FULL JOIN seen ON device_id = dev_no",
        "dev_no",
        out.tables / "terminals.parquet",
    )


def write_resale_drugs(con: duckdb.DuckDBPyConnection, out: Output) -> None:
    """Write the delivered list, else the codes of the fee list that a starter class covers.

    The starter list has no dates: no source says since when a class is watched.
    """
    always = "NULL::DATE AS valid_from, NULL::DATE AS valid_to"
    if "resale_drugs" in out.delivered:
        query = (
            "SELECT med_list_codg, valid_from, valid_to FROM raw_resale_drugs "
            f"WHERE {_kept('resale_drugs')}"
        )
    elif "fee_list" in out.delivered:
        prefixes = " OR ".join(
            f"starts_with(med_list_codg, {literal(row['prefix'])})"
            for row in shipped("resale_drugs.csv")
        )
        query = (
            f"SELECT med_list_codg, {always} FROM (SELECT DISTINCT med_list_codg FROM raw_fee_list "
            f"WHERE _reason IS NULL) WHERE {prefixes}"
        )
    else:
        query = f"SELECT NULL::VARCHAR AS med_list_codg, {always} WHERE false"
    write_sorted(con, query, "med_list_codg", out.tables / "resale_drugs.parquet")


def write_plain(con: duckdb.DuckDBPyConnection, table: Table, out: Output) -> None:
    """Write a delivered table that only needs its restricted values replaced."""
    columns = [c.name for c in table.columns if c.restricted != "text"]
    listed = ", ".join(name(c) for c in columns)
    if any(c.restricted for c in table.columns):
        _protect(con, table)
        query = f"SELECT {listed} FROM safe_{table.name}"
    else:
        query = f"SELECT {listed} FROM raw_{table.name} WHERE {_kept(table.name)}"
    write_sorted(con, query, ", ".join(table.key) or listed, out.tables / f"{table.name}.parquet")


def _protect(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Create ``safe_<table>`` with pseudonyms and add what is behind them to ``clear``."""
    columns, clear = [], []
    for column in table.columns:
        field = name(column.name)
        if column.restricted is None:
            columns.append(field)
        elif column.restricted != "text":
            value = without_placeholders(column.name, field)
            columns.append(f"({value}) AS {name('clear ' + column.name)}")
            columns.append(f"{as_pseudonym(column.restricted, f'({value})')} AS {field}")
            clear.append((column.restricted, column.name))
    con.execute(
        f"CREATE TABLE safe_{table.name} AS SELECT {', '.join(columns)} FROM raw_{table.name} "
        f"WHERE {_kept(table.name)}"
    )
    for kind, field in clear:
        con.execute(
            f"INSERT INTO clear SELECT DISTINCT {literal(kind)}, {name(field)}, "
            f"{name('clear ' + field)} FROM safe_{table.name} WHERE {name(field)} IS NOT NULL"
        )


def _kept(table: str) -> str:
    return f"_reason IS NULL AND rowid NOT IN (SELECT rid FROM dropped_{table})"


def _nulls(table: Table) -> str:
    types = {"date": "DATE", "number": "DOUBLE"}
    return ", ".join(
        f"NULL::{types.get(column.type, 'VARCHAR')} AS {name(column.name)}"
        for column in table.columns
    )
