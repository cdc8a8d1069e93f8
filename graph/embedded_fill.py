"""Fill a fresh database of the embedded server in one stream, many times faster than statements.

DuckDB writes every row as a line of JSON; the server's batch endpoint reads them over its loopback
port. Relationships name the ends by their position among the nodes, so that nothing is looked up.
The current graph goes on answering until the fresh database has been counted and takes over.
"""

# ruff: noqa: S608 - SQL is put together from names in the schema, never from data

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import duckdb

from graph import embedded
from graph.rows import LOADED_NODES, LOADED_RELATIONSHIPS
from graph.schema import IMPORT, NODES, RELATIONSHIPS, Node, Relationship
from ingest.progress import Progress

CHUNK = 1 << 20
SECONDS = 3600


def fill(
    server: embedded.Server,
    database: str,
    rows: duckdb.DuckDBPyConnection,
    *,
    folder: Path,
    progress: Progress,
) -> None:
    """Create ``database`` and load every row of :func:`graph.rows.prepared` into it.

    The lines pass through files in ``folder``.
    """
    embedded.command(server, f"create database {database}")
    types = [
        *(f"CREATE VERTEX TYPE {item.label} IF NOT EXISTS" for item in (*NODES, IMPORT)),
        *(f"CREATE EDGE TYPE {item.type} IF NOT EXISTS" for item in RELATIONSHIPS),
    ]
    script = {"language": "sqlscript", "command": ";\n".join(types)}
    embedded.request(server, f"/api/v1/command/{database}", json.dumps(script).encode())
    files, records = _write(rows, folder)
    size = sum(file.stat().st_size for file in files)
    if records:
        query = urlencode({"refMode": "ordinal", "expectedRecords": records})
        embedded.request(
            server,
            f"/api/v1/batch/{database}?{query}",
            _stream(files, size, progress),
            content="application/x-ndjson",
            size=size,
            seconds=SECONDS,
        )
    progress("graph_write", 1, 1)


def _write(rows: duckdb.DuckDBPyConnection, folder: Path) -> tuple[list[Path], int]:
    """Write nodes, then relationships; return the files in order and the number of lines."""
    positions = " UNION ALL ".join(
        f"SELECT {order} AS o, '{item.label}' AS label, {item.key} AS key FROM node_{item.label}"
        for order, item in enumerate(LOADED_NODES)
    )
    rows.execute(
        "CREATE OR REPLACE TABLE position AS "
        "SELECT label, key, row_number() OVER (ORDER BY o, key) - 1 AS n "
        f"FROM ({positions})"
    )
    parts = [(item.label, _node_lines(item)) for item in LOADED_NODES]
    parts += [(item.type, _relationship_lines(item)) for item in LOADED_RELATIONSHIPS]
    files, records = [], 0
    for name, lines in parts:
        file = folder / f"{name}.jsonl"
        quoted = str(file).replace("'", "''")
        result = rows.execute(
            f"COPY ({lines}) TO '{quoted}' "
            "(FORMAT csv, HEADER false, DELIMITER '\\t', QUOTE '', ESCAPE '')"
        ).fetchone()
        records += int(result[0]) if result else 0
        files.append(file)
    return files, records


def _node_lines(item: Node) -> str:
    fields = "".join(f", '{name}', {_quoted(name)}" for name in item.columns)
    return (
        f"SELECT {_present(item)}json_object('@type', 'vertex', '@class', '{item.label}'{fields}))"
        f"::VARCHAR FROM node_{item.label} "
        f"JOIN position ON label = '{item.label}' AND key = {item.key} ORDER BY n"
    )


def _relationship_lines(item: Relationship) -> str:
    fields = "".join(f", '{each.name}', {_quoted(each.name)}" for each in item.properties)
    return (
        f"SELECT {_present(item)}json_object('@type', 'edge', '@class', '{item.type}', "
        f"'@from', a.n::VARCHAR, '@to', b.n::VARCHAR{fields}))::VARCHAR FROM rel_{item.type} "
        "JOIN position AS a ON a.label = start_label AND a.key = start_key "
        "JOIN position AS b ON b.label = end_label AND b.key = end_key"
    )


def _present(item: Node | Relationship) -> str:
    """Return the opening of a call that leaves out properties without a value."""
    return "json_merge_patch('{}', " if item.properties else "("


def _quoted(name: str) -> str:
    return f'"{name}"'


def _stream(files: list[Path], size: int, progress: Progress) -> Iterator[bytes]:
    sent = 0
    for path in files:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                progress("graph_write", sent, size)
                yield chunk
                sent += len(chunk)
