"""How one file of an extract is to be read: its columns, their types, its place after FROM."""

import csv
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.errors import InputError
from ingest.rules import BLANKS
from ingest.scan import scan_csv, sha256
from ingest.sql import literal
from ingest.telling import to_say

DELIMITERS = (",", "\t", ";", "|")
"""What may part the columns; the one that makes most columns of the header line wins."""

HEADER_BYTES = 1 << 20
"""How far into a file its header line may reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file about to be read: ``label`` is its name below the extract folder."""

    path: Path
    label: str
    digest: str

    @property
    def parquet(self) -> bool:
        """Whether it is Parquet, by its ending."""
        return self.path.name.lower().endswith(".parquet")


def source(path: Path, root: Path) -> Source:
    """Return a file with its digest, named below the folder of the extract."""
    label = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
    return Source(path=path, label=label or path.name, digest=sha256(path))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a file is to be read.

    ``types`` are DuckDB's; ``relation`` stands after FROM and calls the columns c0, c1 …; ``path``
    is the file to read, a copy in UTF-8 where that was needed; ``records`` counts the header.
    """

    headers: list[str]
    types: list[str]
    relation: str
    encoding: str
    path: Path
    delimiter: str = ""
    records: int = 0
    one_line_each: bool = True


def shape_of(con: duckdb.DuckDBPyConnection, item: Source, scratch: Path) -> Shape:
    """Return how a file is to be read; ``scratch`` takes its copy in UTF-8, if it needs one.

    Raises
    ------
    InputError
        If the file is empty, damaged, or in no known encoding.
    """
    if item.parquet:
        return _shape_of_parquet(con, item)
    scratch.mkdir(parents=True)
    scan = scan_csv(item.path, item.label, scratch)
    with scan.path.open("rb") as stream:
        start = stream.read(HEADER_BYTES)
    line = start.partition(b"\n")[0].decode("utf-8-sig", "replace").rstrip("\r")
    if not line.strip(BLANKS):
        raise InputError(to_say("refused.extract.empty_line", label=item.label))
    delimiter = max(DELIMITERS, key=line.count)
    headers = next(csv.reader([line], delimiter=delimiter))
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(headers)))
    relation = (
        f"read_csv({literal(str(scan.path))}, auto_detect=false, header=true, "
        f"delim={literal(delimiter)}, quote='\"', escape='\"', columns={{{columns}}}, "
        "store_rejects=true, rejects_limit=0, rejects_line_size_limit=200)"
    )
    return Shape(
        headers=headers,
        types=["VARCHAR"] * len(headers),
        relation=relation,
        encoding=scan.encoding,
        path=scan.path,
        delimiter=delimiter,
        records=scan.records,
        one_line_each=scan.plain,
    )


def _shape_of_parquet(con: duckdb.DuckDBPyConnection, item: Source) -> Shape:
    relation = f"read_parquet({literal(str(item.path))}, binary_as_string=true)"
    try:
        described = con.execute(f"DESCRIBE FROM {relation}").fetchall()
    except duckdb.Error as error:
        raise not_parquet(item, error) from None
    inner = ", ".join(f"c{i}" for i in range(len(described)))
    return Shape(
        headers=[row[0] for row in described],
        types=[row[1] for row in described],
        relation=f"{relation} AS f({inner})",
        encoding="parquet",
        path=item.path,
    )


def not_parquet(item: Source, error: duckdb.Error) -> InputError:
    """Return the error of a Parquet file that DuckDB cannot read."""
    if item.path.stat().st_size == 0:
        return InputError(to_say("refused.extract.empty", label=item.label))
    reason = str(error).splitlines()[0].replace(str(item.path), item.label)
    return InputError(
        to_say("refused.extract.parquet", label=item.label, reason=reason.rstrip("."))
    )
