"""Write the rings of a run into the graph: Ring, MEMBER_OF and the validated pairs."""

from pathlib import Path

import duckdb
from neo4j import Query

from graph import schema
from graph.counts import require_counts
from graph.lock import locked
from graph.rows import BATCH, MACROS, batches
from graph.store import Store, writing
from ingest.errors import RingfenceError
from ingest.progress import Progress, silent
from ingest.telling import to_say
from ingest.workspace import Workspace

SECONDS = 3600.0
FILES = ("rings", "ring_members", "pairs")

RINGS = """
    SELECT ring_id, kind, title, probability, q_value, fen(loss_low) AS loss_low,
           fen(loss_mid) AS loss_mid, fen(loss_high) AS loss_high, seconds(first_seen) AS first,
           seconds(last_seen) AS last, people, places, settlements, stability, rank
    FROM rings ORDER BY ring_id
"""

# A member that the import does not know keeps its own number, finds no node, and is counted.
MEMBERS = """
    SELECT CASE entity_type
               WHEN 'person' THEN 'Patient' WHEN 'card' THEN 'Card' WHEN 'doctor' THEN 'Doctor'
               WHEN 'staff' THEN 'Staff' WHEN 'device' THEN 'Device' WHEN 'account' THEN 'Account'
               WHEN 'agent' THEN 'Agent'
               WHEN 'place' THEN CASE WHEN place_kind = 'pharmacy' THEN 'Pharmacy'
                                      ELSE 'Institution' END
           END AS label,
           CASE entity_type WHEN 'person' THEN coalesce(person_id, entity_id)
                            ELSE entity_id END AS start_key,
           ring_id AS end_key, role, weight, seconds(since) AS since, seconds("until") AS "until"
    FROM ring_members
    LEFT JOIN persons ON entity_type = 'person' AND psn_no = entity_id
    LEFT JOIN providers ON entity_type = 'place' AND fixmedins_code = entity_id
"""

PAIRS = """
    SELECT card_a AS start_key, card_b AS end_key, days, places, expected, q_value AS q
    FROM pairs ORDER BY card_a, card_b
"""


def write_rings(
    store: Store, workspace: Workspace, run: Path, *, progress: Progress = silent
) -> None:
    """Replace the rings, members and validated pairs in the graph by those of one run.

    Raises
    ------
    RingfenceError
        If the run lacks a file, nothing is loaded, or the graph does not hold every ring, member
        and pair afterwards: a run of another import than the one that is loaded.
    """
    for name in FILES:
        if not (run / f"{name}.parquet").exists():
            raise RingfenceError(to_say("refused.graph.no_table", run=run, name=name))
    workspace.graph.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (
        locked(workspace.graph / ".load.lock", timeout_seconds=SECONDS),
        duckdb.connect() as rows,
    ):
        rows.execute(MACROS)
        for name, path in (
            *((name, run / f"{name}.parquet") for name in FILES),
            ("persons", workspace.table("persons")),
            ("providers", workspace.table("providers")),
        ):
            quoted = str(path).replace("'", "''")
            rows.execute(f"CREATE VIEW {name} AS FROM read_parquet('{quoted}')")
        _replace(store, rows, run.name, progress)


def _replace(store: Store, rows: duckdb.DuckDBPyConnection, run: str, progress: Progress) -> None:
    rows.execute(f"CREATE TABLE member AS {MEMBERS}")
    steps = [(schema.create_nodes(schema.node("Ring")), RINGS)]
    member = schema.relationship("MEMBER_OF")
    for start, end in member.pairs:
        columns = "SELECT * EXCLUDE (label)"
        query = f"{columns} FROM member WHERE label = '{start}' ORDER BY end_key, start_key"
        steps.append((schema.create_relationships(member, start, end), query))
    met = schema.relationship("SWIPED_WITH")
    steps.append((schema.create_relationships(met, "Card", "Card"), PAIRS))
    with writing(store) as session:
        forgotten = session.run(
            f"MATCH (i:{schema.IMPORT.label}) REMOVE i.run RETURN i.digest AS digest"
        ).data()
        if not forgotten:
            raise RingfenceError(to_say("refused.graph.nothing"))
        for text in (
            "MATCH ()-[r:SWIPED_WITH]->() CALL (r) { DELETE r }",
            "MATCH (n:Ring) CALL (n) { DETACH DELETE n }",
        ):
            whole = f"{text} IN TRANSACTIONS OF {BATCH} ROWS"
            session.run(Query(whole, timeout=SECONDS)).consume()
        for done, (text, query) in enumerate(steps):
            progress("graph_rings", done, len(steps))
            for batch in batches(rows, query):
                session.run(text, rows=batch).consume()
        progress("graph_rings", len(steps), len(steps))
    require_counts(store, _expected(rows))
    with writing(store) as session:
        session.run(f"MATCH (i:{schema.IMPORT.label}) SET i.run = $run", run=run).consume()


def _expected(rows: duckdb.DuckDBPyConnection) -> dict[str, int]:
    tables = {"Ring": "rings", "MEMBER_OF": "ring_members", "SWIPED_WITH": "pairs"}
    query = "SELECT count(*) FROM "
    return {
        name: int((rows.execute(query + table).fetchone() or (0,))[0])
        for name, table in tables.items()
    }
