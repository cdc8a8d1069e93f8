"""The columnar engine a run counts on: DuckDB behind Ibis, on a throw-away file of its own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr.types import Scalar, Table

from detectors.settings import DetectSettings
from ingest.workspace import Workspace


@contextmanager
def columns(scratch: Path, settings: DetectSettings) -> Iterator[Backend]:
    """Yield a connection whose tables live in a temporary file below ``scratch``.

    On a file rather than in memory, intermediate tables are compressed and spilled, so a run keeps
    to ``settings.memory`` whatever the size of the extract.
    """
    with tempfile.TemporaryDirectory(dir=scratch, prefix=".columns.") as folder:
        backend = ibis.duckdb.connect(
            Path(folder) / "columns.duckdb",
            threads=settings.threads,
            memory_limit=settings.memory,
            temp_directory=folder,
            preserve_insertion_order=False,
        )
        backend.con.execute("SET enable_progress_bar = false")  # the program tells its own
        try:
            yield backend
        finally:
            backend.disconnect()


def clean(backend: Backend, workspace: Workspace, name: str) -> Table:
    """Return a clean table that every import has, or that the caller knows was delivered."""
    return backend.read_parquet(workspace.table(name), table_name=f"clean_{name}")


def delivered(backend: Backend, workspace: Workspace, name: str) -> Table | None:
    """Return a clean table, None where it was not delivered."""
    return clean(backend, workspace, name) if workspace.table(name).exists() else None


def resale_prone(backend: Backend, workspace: Workspace) -> Table | None:
    """Return setl_id, resale (true) of settlements with a resale-prone drug, each once.

    None where lines or list were not delivered.
    """
    lines = delivered(backend, workspace, "fee_list")
    listed = delivered(backend, workspace, "resale_drugs")
    if lines is None or listed is None:
        return None
    found = lines.semi_join(listed, "med_list_codg").select("setl_id").distinct()
    return found.mutate(resale=ibis.literal(True))


def keep(backend: Backend, name: str, table: Table) -> Table:
    """Compute a table once and return it under ``name``; what was there before is replaced."""
    return backend.create_table(name, table, overwrite=True)


def value(backend: Backend, scalar: Scalar) -> Any:
    """Compute one value."""
    return backend.to_pyarrow(scalar).as_py()
