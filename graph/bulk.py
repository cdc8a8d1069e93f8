"""Files for Neo4j's own bulk importer: the fastest way into an empty, stopped Neo4j."""

# ruff: noqa: S608 - SQL is put together from names in the schema, never from data

import json
import shlex
from dataclasses import dataclass
from pathlib import Path

import duckdb

from graph import schema
from graph.load import import_digest
from graph.lock import locked
from graph.rows import LOADED_NODES, LOADED_RELATIONSHIPS, expected_counts, prepared
from graph.schema import Node, Relationship
from ingest.errors import RingfenceError
from ingest.imports import in_use
from ingest.progress import Progress, silent
from ingest.telling import to_say
from ingest.workspace import Workspace

TYPES = {"str": "string", "int": "long", "float": "double", "bool": "boolean"}
SECONDS = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkFiles:
    """What was written. ``arguments`` go after ``neo4j-admin``; ``counts`` are rows by name."""

    folder: Path
    arguments: tuple[str, ...]
    counts: dict[str, int]

    @property
    def command(self) -> str:
        """The line to run as the user Neo4j runs as, with the server stopped."""
        return shlex.join(("neo4j-admin", *self.arguments))


def write_bulk_files(
    workspace: Workspace,
    folder: Path,
    *,
    database: str = "neo4j",
    memory: str = "2GB",
    threads: int = 2,
    progress: Progress = silent,
) -> BulkFiles:
    """Write the current import as CSV files into a new ``folder`` and return the command.

    Run the command on the machine of an empty and stopped Neo4j, start it, then run
    'ringfence load': it adds the constraints, counts back and finds nothing to change. The files
    hold what the graph holds, pseudonyms included: delete them afterwards.

    Raises
    ------
    RingfenceError
        If nothing was imported or the folder exists.
    """
    workspace.require_import()
    if folder.exists():
        raise RingfenceError(to_say("refused.graph.folder", folder=folder))
    folder.mkdir(mode=0o700, parents=True)
    arguments = ["database", "import", "full", database]
    workspace.graph.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (
        locked(workspace.graph / ".load.lock", timeout_seconds=SECONDS),
        in_use(workspace),
        prepared(workspace, memory=memory, threads=threads, progress=progress) as rows,
    ):
        counts = expected_counts(rows)
        _note_import(rows, import_digest(workspace), counts)
        for item in (*LOADED_NODES, schema.IMPORT):
            path = folder / f"{item.label}.csv"
            _copy(rows, _nodes(item), path)
            arguments.append(f"--nodes={item.label}={path.resolve()}")
        for each in LOADED_RELATIONSHIPS:
            for start, end in each.pairs:
                path = folder / f"{each.type}.{start}.{end}.csv"
                _copy(rows, _relationships(each, start, end), path)
                arguments.append(f"--relationships={each.type}={path.resolve()}")
    return BulkFiles(folder=folder, arguments=tuple(arguments), counts=counts)


def _note_import(rows: duckdb.DuckDBPyConnection, digest: str, counts: dict[str, int]) -> None:
    """Mark the load as finished: the importer writes everything or nothing."""
    rows.execute(
        f"CREATE OR REPLACE TABLE node_{schema.IMPORT.label} AS SELECT $key AS import_id, "
        "$digest AS digest, true AS finished, $counts AS counts, NULL::VARCHAR AS run",
        {"key": schema.CURRENT, "digest": digest, "counts": json.dumps(counts)},
    )


def _nodes(item: Node) -> str:
    columns = [f'{item.key} AS "{item.key}:ID({item.label})"', *_properties(item)]
    return f"SELECT {', '.join(columns)} FROM node_{item.label}"


def _relationships(item: Relationship, start: str, end: str) -> str:
    columns = [
        f'start_key AS ":START_ID({start})"',
        *_properties(item),
        f'end_key AS ":END_ID({end})"',
    ]
    return (
        f"SELECT {', '.join(columns)} FROM rel_{item.type} "
        f"WHERE start_label = '{start}' AND end_label = '{end}'"
    )


def _properties(item: Node | Relationship) -> list[str]:
    return [f'"{each.name}" AS "{each.name}:{TYPES[each.type]}"' for each in item.properties]


def _copy(rows: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    quoted = str(path).replace("'", "''")
    rows.execute(f"COPY ({query}) TO '{quoted}' (FORMAT csv, HEADER)")
