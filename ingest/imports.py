"""Imports as folders of a workspace: one at a time, made aside, made current by one link."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import RingfenceError
from ingest.telling import Text, to_say
from ingest.workspace import Workspace, point

IMPORTS = ".imports"
CURRENT = ".current"
LINKS = ("tables", "rejects.parquet", "flags.parquet", "manifest.json", "restricted")
"""What stands at the root of a workspace as a link into the current import."""


@contextmanager
def only_one(workspace: Workspace) -> Iterator[None]:
    """Hold the workspace for one import; the lock goes with the process, however it ends.

    Raises
    ------
    RingfenceError
        If another import holds it, or somebody reads its tables (:func:`in_use`).
    """
    workspace.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    told = to_say("refused.import.busy", root=workspace.root)
    with _held(workspace, fcntl.LOCK_EX, told):
        yield


@contextmanager
def in_use(workspace: Workspace) -> Iterator[None]:
    """Read the clean tables for long: until the end no import may put others in their place.

    Raises
    ------
    RingfenceError
        If an import is just running.
    """
    told = to_say("refused.import.running", root=workspace.root)
    with _held(workspace, fcntl.LOCK_SH, told):
        yield


@contextmanager
def _held(workspace: Workspace, how: int, told: Text) -> Iterator[None]:
    with (workspace.root / ".import.lock").open("a") as lock:
        try:
            fcntl.flock(lock, how | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RingfenceError(told) from None
        yield


def switch(workspace: Workspace, import_id: str) -> None:
    """Make an import the current one by one link, and remove the former ones.

    The links at the root lead through that one and never change, so a reader meets all of the
    former import or all of the new one.
    """
    for link in LINKS:
        path = workspace.root / link
        if not path.is_symlink():
            point(path, f"{CURRENT}/{link}")
    point(workspace.root / CURRENT, f"{IMPORTS}/{import_id}")
    _flush_folder(workspace.root)
    for other in (workspace.root / IMPORTS).iterdir():
        if other.name != import_id:
            shutil.rmtree(other, ignore_errors=True)
    for left in workspace.root.glob(f".*.{'[0-9a-f]' * 8}"):
        if left.is_symlink():
            left.unlink(missing_ok=True)


def flush(folder: Path) -> None:
    """Bring all files of an import to disk; only the owner may read them."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            path.chmod(0o600)
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
        else:
            _flush_folder(path)
    _flush_folder(folder)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
