"""Load the clean tables into the graph, and prove by counting that it holds them."""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Any

import duckdb
from neo4j import Query

from graph import embedded, schema
from graph.counts import require_counts
from graph.embedded_fill import fill
from graph.lock import locked
from graph.rings import write_rings
from graph.rows import (
    BATCH,
    LOADED_NODES,
    LOADED_RELATIONSHIPS,
    batches,
    expected_counts,
    prepared,
    scratch,
)
from graph.store import Store, reading, settled, writing
from ingest.errors import RingfenceError
from ingest.imports import in_use
from ingest.progress import Progress, silent
from ingest.tables import TABLES
from ingest.workspace import Workspace

__all__ = ["LoadReport", "clear", "import_digest", "load", "write_rings"]

SECONDS = 3600.0
SMALL = 20_000  # rows below which statements are quicker than a fresh database


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What the graph holds after a load; ``changed`` is false where it held this import already.

    ``counts`` are rows by label and type, counted in the database and equal to the tables.
    """

    changed: bool
    digest: str
    counts: dict[str, int]
    nodes: int
    relationships: int
    seconds: float


def load(
    store: Store,
    workspace: Workspace,
    *,
    memory: str = "2GB",
    threads: int = 2,
    progress: Progress = silent,
) -> LoadReport:
    """Make the graph hold exactly the current import of a workspace; what is gone is removed.

    A graph that already holds it is only counted. Otherwise the embedded server fills a fresh
    database beside the current one, which answers until the fresh one has been counted. A few
    rows, and all rows on Neo4j Community, which has a single database, are replaced in place, and
    questions are refused until the load is whole. A load that was killed is completed by the next
    one. Rings of
    the last run go with the import they were found in: write them again with
    :func:`write_rings`.

    Raises
    ------
    RingfenceError
        If nothing was imported, an import is running, the server fails, or a label or type counts
        differently from the tables; the graph is then marked as unfinished, and loading again
        replaces it.
    """
    workspace.require_import()
    began = time.monotonic()
    workspace.graph.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locked(workspace.graph / ".load.lock", timeout_seconds=SECONDS), in_use(workspace):
        digest = import_digest(workspace)
        held = _held(store)
        changed = not (held.get("finished") and held.get("digest") == digest)
        if changed:
            with prepared(workspace, memory=memory, threads=threads, progress=progress) as rows:
                counts = expected_counts(rows)
                held_rows = sum(json.loads(held.get("counts", "{}")).values())
                if store.flavour == "embedded" and sum(counts.values()) + held_rows > SMALL:
                    _replace_beside(store, rows, digest, counts, progress)
                else:
                    _replace_in_place(store, rows, digest, counts, progress)
        else:
            counts = json.loads(held["counts"])
            _check(store, digest, counts, progress)
    labels = {item.label for item in LOADED_NODES}
    return LoadReport(
        changed=changed,
        digest=digest,
        counts=counts,
        nodes=sum(rows for name, rows in counts.items() if name in labels),
        relationships=sum(rows for name, rows in counts.items() if name not in labels),
        seconds=time.monotonic() - began,
    )


def clear(store: Store) -> None:
    """Remove every node and relationship of the schema, and nothing else."""
    types = "|".join(item.type for item in schema.RELATIONSHIPS)
    labels = "|".join(item.label for item in (*schema.NODES, schema.IMPORT))
    with writing(store) as session:
        for text in (
            f"MATCH ()-[r:{types}]->() CALL (r) {{ DELETE r }} IN TRANSACTIONS OF {BATCH} ROWS",
            f"MATCH (n:{labels}) CALL (n) {{ DETACH DELETE n }} IN TRANSACTIONS OF {BATCH} ROWS",
        ):
            session.run(Query(text, timeout=SECONDS)).consume()


def import_digest(workspace: Workspace) -> str:
    """Return what tells one import from another: the bytes of its clean tables and the schema."""
    digest = hashlib.sha256(f"schema {schema.VERSION}".encode())
    for name in TABLES:
        path = workspace.table(name)
        digest.update(f"\n{name} ".encode())
        if path.exists():
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _replace_beside(
    store: Store,
    rows: duckdb.DuckDBPyConnection,
    digest: str,
    counts: dict[str, int],
    progress: Progress,
) -> None:
    if store.server is None:
        raise TypeError("an embedded store without its server")
    embedded.drop_others(store.server)
    fresh = replace(store, fixed_database=f"graph_{digest[:12]}_{token_hex(3)}")
    with scratch(store.workspace) as folder:
        fill(store.server, fresh.database, rows, folder=folder, progress=progress)
    _constrain(fresh)
    _mark(fresh, digest, counts, finished=False)
    embedded.flush(store.server, fresh.database)
    _check(fresh, digest, counts, progress)
    _mark(fresh, digest, counts, finished=True)
    embedded.adopt(store.server, fresh.database)


def _replace_in_place(
    store: Store,
    rows: duckdb.DuckDBPyConnection,
    digest: str,
    counts: dict[str, int],
    progress: Progress,
) -> None:
    _constrain(store)
    _mark(store, digest, counts, finished=False)
    clear(store)
    _mark(store, digest, counts, finished=False)
    total, done = sum(counts.values()), 0
    with writing(store) as session:
        settled(store, session)
        for text, query in _statements():
            for batch in batches(rows, query):
                progress("graph_write", done, total)
                session.run(text, rows=batch).consume()
                done += len(batch)
    progress("graph_write", total, total)
    _check(store, digest, counts, progress)
    _mark(store, digest, counts, finished=True)


def _statements() -> Iterator[tuple[str, str]]:
    """Yield each statement with the query of its rows: all nodes, then all relationships."""
    for item in LOADED_NODES:
        yield schema.create_nodes(item), f"FROM node_{item.label}"
    for each in LOADED_RELATIONSHIPS:
        for start, end in each.pairs:
            yield (
                schema.create_relationships(each, start, end),
                f"SELECT * EXCLUDE (start_label, end_label) FROM rel_{each.type} "  # noqa: S608
                f"WHERE start_label = '{start}' AND end_label = '{end}'",
            )


def _constrain(store: Store) -> None:
    with writing(store) as session:
        for text in schema.constraints():
            session.run(text).consume()


def _check(store: Store, digest: str, counts: dict[str, int], progress: Progress) -> None:
    progress("graph_check", 0, 1)
    try:
        require_counts(store, counts)
    except RingfenceError:
        _mark(store, digest, counts, finished=False)
        raise
    progress("graph_check", 1, 1)


def _held(store: Store) -> dict[str, Any]:
    with reading(store, hints=False) as session:
        records = session.run(
            f"MATCH (i:{schema.IMPORT.label} {{{schema.IMPORT.key}: $key}}) "
            "RETURN i.digest AS digest, i.finished AS finished, i.counts AS counts",
            key=schema.CURRENT,
        ).data()
    return records[0] if records else {}


def _mark(store: Store, digest: str, counts: dict[str, int], *, finished: bool) -> None:
    with writing(store) as session:
        session.run(
            f"MERGE (i:{schema.IMPORT.label} {{{schema.IMPORT.key}: $key}}) "
            "SET i.digest = $digest, i.finished = $finished, i.counts = $counts",
            key=schema.CURRENT,
            digest=digest,
            finished=finished,
            counts=json.dumps(counts),
        ).consume()
