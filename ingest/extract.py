"""Which files of an extract hold which table."""

from dataclasses import dataclass
from pathlib import Path

from ingest.errors import InputError
from ingest.tables import SETTLEMENTS, TABLES
from ingest.telling import to_say

SUFFIXES = (".csv", ".csv.gz", ".parquet")
"""What a table file may end in, compared in lower case."""

OTHER_DATA = (".txt", ".tsv", ".xls", ".xlsx", ".zip", ".dbf", ".gz", *SUFFIXES)
"""Endings of files that look like data; those that belong to no table are named in a note."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Files by table, each list sorted by name, and names of data files that belong to none."""

    files: dict[str, tuple[Path, ...]]
    ignored: tuple[str, ...]


def find_tables(extract: Path) -> Found:
    """Return the files of every table delivered in a folder, or the one file of settlements.

    A table is ``<table>.csv``, ``.csv.gz`` or ``.parquet``, or a folder ``<table>/`` of such
    files; letter case does not matter. Hidden files are passed over.

    Raises
    ------
    InputError
        If there is nothing there, no settlements, or a table in two shapes.
    """
    if not extract.exists():
        raise InputError(to_say("refused.extract.none", extract=extract))
    if extract.is_file():
        if table_file(extract) is None:
            raise InputError(to_say("refused.extract.no_table", name=extract.name))
        return Found(files={SETTLEMENTS.name: (extract,)}, ignored=())
    files: dict[str, tuple[Path, ...]] = {}
    ignored: list[str] = []
    for entry in sorted(extract.iterdir()):
        table = entry.name.lower() if entry.is_dir() else table_file(entry)
        if entry.name.startswith("."):
            continue
        if table not in TABLES:
            if entry.is_file() and entry.name.lower().endswith(OTHER_DATA):
                ignored.append(entry.name)
            continue
        if table in files:
            raise InputError(
                to_say(
                    "refused.extract.twice",
                    name=extract.name,
                    table=table,
                    file=files[table][0].name,
                    other=entry.name,
                )
            )
        files[table] = _files_of(entry) if entry.is_dir() else (entry,)
    if SETTLEMENTS.name not in files:
        raise InputError(to_say("refused.extract.no_settlements", extract=extract))
    return Found(files=files, ignored=tuple(ignored))


def _files_of(folder: Path) -> tuple[Path, ...]:
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith((".", "_")) and table_file(path) is not None
    )
    if not found:
        raise InputError(to_say("refused.extract.empty_folder", name=folder.name))
    return tuple(found)


def table_file(path: Path) -> str | None:
    """Return the name of a table file without its ending, in lower case; None for other files."""
    lower = path.name.lower()
    for suffix in SUFFIXES:
        if lower.endswith(suffix):
            return lower.removesuffix(suffix)
    return None
