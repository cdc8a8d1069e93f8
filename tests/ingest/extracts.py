"""Small extracts for the tests of the import: rows as dictionaries, files as agencies send them."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from ingest.importing import import_extract
from ingest.manifest import Manifest
from ingest.tables import TABLES
from ingest.workspace import Workspace

Row = Mapping[str, object]


def settlement(number: int | str, **changes: object) -> dict[str, object]:
    """Return one plain pharmacy settlement; ``changes`` replace its columns."""
    row: dict[str, object] = {
        "setl_id": f"S{number}",
        "psn_no": "32010001",
        "fixmedins_code": "P32010200001",
        "dev_no": "POS1",
        "opter_id": "clerk1",
        "med_type": "41",
        "setl_type": "2",
        "setl_time": "2024-03-01 09:00:00",
        "medfee_sumamt": "100.00",
        "fund_pay_sumamt": "60.00",
        "vali_flag": "1",
        "refd_setl_flag": "0",
    }
    return row | changes


def to_csv(rows: Iterable[Row], columns: Iterable[str] | None = None) -> str:
    """Return rows as CSV text with a header."""
    rows = list(rows)
    names = list(columns or dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write_extract(folder: Path, **tables: Iterable[Row] | str | bytes) -> Path:
    """Write a CSV file for each table: from rows, text, or bytes; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, content in tables.items():
        assert table in TABLES
        if not isinstance(content, str | bytes):
            content = to_csv(content)
        data = content if isinstance(content, bytes) else content.encode()
        (folder / f"{table}.csv").write_bytes(data)
    return folder


def load(extract: Path, root: Path, **options: object) -> tuple[Manifest, Workspace]:
    """Import an extract into a workspace and return both."""
    workspace = Workspace(root)
    return import_extract(extract, workspace, **options), workspace  # type: ignore[arg-type]


def rows_of(path: Path) -> list[dict[str, object]]:
    """Return the rows of a Parquet file as dictionaries."""
    relation = duckdb.connect().execute("SELECT * FROM read_parquet(?)", [str(path)])
    names = [column[0] for column in relation.description or ()]
    return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]


def table(workspace: Workspace, name: str = "settlements") -> list[dict[str, object]]:
    """Return the rows of a clean table."""
    return rows_of(workspace.table(name))


def by_id(workspace: Workspace) -> dict[str, dict[str, object]]:
    """Return the clean settlements by number."""
    return {str(row["setl_id"]): row for row in table(workspace)}


def flags(manifest: Manifest) -> dict[tuple[str, str, str], int]:
    """Return the flags of a manifest as counts by table, field and reason."""
    return {(flag.table, flag.field, flag.reason): flag.rows for flag in manifest.flags}
