"""How a clean table is written, and what ships with the product."""

# ruff: noqa: S608 - SQL is put together from declared names, never from data

import csv
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.sql import literal

ROW_GROUP = 122_880
"""Rows in one row group of a Parquet file."""

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Where clean tables go and which tables were delivered."""

    tables: Path
    delivered: frozenset[str]


def write_sorted(
    con: duckdb.DuckDBPyConnection, query: str, order: str, path: Path, *, then: str = "*"
) -> None:
    """Write the rows of a query to Parquet in an order that leaves no ties but of equal rows.

    ``then`` names columns that are worked out after sorting, so that the sort carries less.
    """
    con.execute(
        f"COPY (SELECT {then} FROM (SELECT * FROM ({query}) ORDER BY {order})) "
        f"TO {literal(str(path))} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE {ROW_GROUP})"
    )


def shipped(file: str) -> list[dict[str, str]]:
    """Return the rows of a list that ships with the product, beside this file."""
    with (HERE / file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
