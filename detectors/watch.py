"""Score settlements as they arrive: each new file read once, its warnings kept beside the runs.

``watch/`` of a workspace holds one folder for each file that was read, ``files/<id>/``, written
beside and renamed, so that a process killed at any moment leaves a file read or not read. What
people read, ``warnings.parquet`` and ``rejects.parquet``, is put together from those and replaced
in one step; it only grows: a warning that was given is not taken back.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from detectors.warned import WARNINGS, read_warnings, rejects_file, warnings_file, watch_folder
from detectors.watching import Known, import_stamp, known, warnings
from graph.lock import locked
from ingest.arriving import Arrived, arrival_id, read_account, read_arrival
from ingest.errors import RingfenceError
from ingest.files import source
from ingest.mapping import read_mapping
from ingest.telling import to_say
from ingest.workspace import Workspace, staged

FILES = "files"
KEY = ["run", "ring_id", "setl_id", "why"]
SORTED = [(name, "ascending") for name in ("run", "ring_id", "at", "setl_id", "why")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What came of one file: its account, whether it was read before, and the new warnings."""

    account: Arrived
    again: bool
    new: pa.Table


@dataclass(slots=True, kw_only=True)
class Watch:
    """One watcher of a workspace; what the run knows is laid out once and kept."""

    workspace: Workspace
    known: Known
    mapping: Path | None
    memory: str
    threads: int


@contextmanager
def watching(
    workspace: Workspace, *, mapping: Path | None = None, memory: str = "2GB", threads: int = 2
) -> Iterator[Watch]:
    """Watch with what the newest run knows, alone on this workspace.

    Raises
    ------
    RingfenceError
        If there is no import or run, an import is running, or another process watches.
    """
    workspace.require_import()
    run = workspace.latest_run()
    home = watch_folder(workspace)
    (home / FILES).mkdir(mode=0o700, parents=True, exist_ok=True)
    with (
        _alone(workspace),
        known(workspace, run, home, memory=memory, threads=threads) as laid_out,
    ):
        yield Watch(
            workspace=workspace, known=laid_out, mapping=mapping, memory=memory, threads=threads
        )


def overtaken(watch: Watch) -> bool:
    """Whether there is a newer run or import than the one this watcher knows."""
    workspace = watch.workspace
    run = workspace.latest_run()
    return run.name != watch.known.run or import_stamp(workspace) != watch.known.stamp


def take(watch: Watch, path: Path, folder: Path) -> Batch:
    """Read one whole file below ``folder`` and keep its warnings; a file read before adds nothing.

    Raises
    ------
    RingfenceError
        If the file is gone or cannot be read as settlements: one sentence with file, place and
        remedy.
    """
    mapping = read_mapping(watch.mapping, folder)
    try:
        item = source(path, folder)
    except OSError as error:  # whoever writes the files may take one away between two looks
        raise RingfenceError(
            to_say("refused.import.system", file=path, strerror=error.strerror)
        ) from None
    files = watch_folder(watch.workspace) / FILES
    name = arrival_id(item, mapping, watch.workspace)
    again = (files / name).is_dir()
    if not again:
        with staged(files, name) as beside:
            read_arrival(
                item, watch.workspace, mapping, beside, memory=watch.memory, threads=watch.threads
            )
    return Batch(account=read_account(files / name), again=again, new=rescore(watch))


def rescore(watch: Watch) -> pa.Table:
    """Bring warnings and rejects up to all files read, and return the warnings that are new."""
    home = watch_folder(watch.workspace)
    folders = sorted(path for path in (home / FILES).iterdir() if not path.name.startswith("."))
    found = warnings(watch.known, [folder / "arrived.parquet" for folder in folders])
    before = read_warnings(watch.workspace)
    new = _without(found, before)
    if new.num_rows or not warnings_file(watch.workspace).exists():
        _replace(pa.concat_tables([before, new]).sort_by(SORTED), warnings_file(watch.workspace))
    _write_rejects(rejects_file(watch.workspace), folders)
    return new


@contextmanager
def _alone(workspace: Workspace) -> Iterator[None]:
    with ExitStack() as held:
        try:
            held.enter_context(locked(watch_folder(workspace) / ".lock", timeout_seconds=1.0))
        except RingfenceError:
            raise RingfenceError(to_say("refused.watch.busy", root=workspace.root)) from None
        yield


def _without(found: pa.Table, before: pa.Table) -> pa.Table:
    """Return the warnings of ``found`` that were not given before, sorted."""
    new = found.join(before.select(KEY), KEY, join_type="left anti")
    return new.select(WARNINGS.names).sort_by(SORTED)


def _write_rejects(path: Path, folders: list[Path]) -> None:
    if not folders:
        return
    parts = [_nullable(parquet.read_table(folder / "rejects.parquet")) for folder in folders]
    table = pa.concat_tables(parts)
    order = [(name, "ascending") for name in table.column_names]
    _replace(table.sort_by(order), path)


def _nullable(table: pa.Table) -> pa.Table:
    """Return the table with every column allowed to be empty: files differ in what is."""
    return table.cast(pa.schema([field.with_nullable(True) for field in table.schema]))


def _replace(table: pa.Table, path: Path) -> None:
    """Write a file beside its place and put it there in one step."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        parquet.write_table(table, beside, compression="zstd")
        beside.chmod(0o600)
        with beside.open("rb") as stream:
            os.fsync(stream.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
