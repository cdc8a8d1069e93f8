"""The columnar engine a run counts on: DuckDB behind Ibis, on a throw-away file of its own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr.types import BooleanValue, DateValue, IntegerValue, Scalar, Table

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
    if lines is None:
        return None
    found = resale_bought(backend, workspace, lines.select("setl_id", "med_list_codg"))
    if found is None:
        return None
    return found.select("setl_id").distinct().mutate(resale=ibis.literal(True))


def resale_bought(backend: Backend, workspace: Workspace, lines: Table) -> Table | None:
    """Return the distinct lines (setl_id, med_list_codg) of a drug listed on its day of settlement.

    None where no list was delivered. What a settlement without a row among the clean ones bought
    counts only for drugs that are always listed.
    """
    listed = resale_listed(backend, workspace)
    if listed is None:
        return None
    lines = lines.select("setl_id", "med_list_codg").distinct()
    found = lines.join(listed, "med_list_codg")
    if not value(backend, (listed.valid_from.notnull() | listed.valid_to.notnull()).any()):
        return found.select("setl_id", "med_list_codg")
    days = clean(backend, workspace, "settlements").select("setl_id", "day")
    found = found.left_join(days, "setl_id")
    found = found.filter(on_list(found.day, found.valid_from, found.valid_to))
    return found.select("setl_id", "med_list_codg")


def resale_listed(backend: Backend, workspace: Workspace) -> Table | None:
    """Return med_list_codg, valid_from, valid_to: the days a drug is listed, both inclusive.

    Missing is without end, also in tables of an import that knew no dates. None where no list was
    delivered.
    """
    listed = delivered(backend, workspace, "resale_drugs")
    if listed is None:
        return None
    dates = {
        name: listed[name] if name in listed.columns else ibis.null("date")
        for name in ("valid_from", "valid_to")
    }
    return listed.select("med_list_codg", **dates).distinct()


def on_list(day: IntegerValue, since: DateValue, until: DateValue) -> BooleanValue:
    """Whether a day (since 1970-01-01) lies within the days listed."""
    since_day, until_day = (each.epoch_seconds() // 86_400 for each in (since, until))
    after = since.isnull() | (day >= since_day).fill_null(False)
    return after & (until.isnull() | (day <= until_day).fill_null(False))


def keep(backend: Backend, name: str, table: Table) -> Table:
    """Compute a table once and return it under ``name``; what was there before is replaced."""
    return backend.create_table(name, table, overwrite=True)


def value(backend: Backend, scalar: Scalar) -> Any:
    """Compute one value."""
    return backend.to_pyarrow(scalar).as_py()
