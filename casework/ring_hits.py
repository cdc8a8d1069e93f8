"""Hits of motifs that somebody put beside a ring as evidence."""

from dataclasses import dataclass

from pyarrow import parquet
from sqlalchemy import Connection, insert, select

from casework.audit import Actor, append
from casework.canonical import stamp
from casework.ledger import Ledger, reading, writing
from casework.runs import Hit, Recorded, find_run, hit_of
from casework.tables import motif_hits, ring_hits
from casework.tool_rights import permit
from ingest.errors import RingfenceError
from ingest.telling import to_say, word
from ingest.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedHit:
    """A hit beside a ring: what it is, the run it came from, who put it there and when (UTC)."""

    ring_id: str
    hit: Hit
    run: Recorded
    who: str
    at: str


def attach(ledger: Ledger, actor: Actor, run_id: str, position: int, ring_id: str) -> AttachedHit:
    """Put hit number ``position`` of a run beside a ring of the newest detection run.

    The ring itself is not changed: its probability rests on what the detectors found. Attaching a
    hit twice is one attachment; the first one stands.

    Raises
    ------
    RingfenceError
        If the run, the hit or the ring is not there.
    """
    permit(ledger, actor, "ring_hits.attach", ring_id, ring=ring_id)
    _require_ring(ledger.workspace, ring_id)
    with writing(ledger) as connection:
        run = find_run(connection, run_id)
        key = (motif_hits.c.run_id == run.run_id) & (motif_hits.c.position == position)
        hit = connection.execute(select(motif_hits).where(key)).one_or_none()
        if hit is None:
            raise RingfenceError(
                to_say(
                    "refused.run.no_hit",
                    run_id=run.run_id,
                    position=position,
                    rows=run.rows or 0,
                    outcome=word("outcome", run.outcome),
                )
            )
        if found := _attached(connection, ring_id, run.run_id, position):
            return found
        at = ledger.clock()
        connection.execute(
            insert(ring_hits),
            {
                "ring_id": ring_id,
                "run_id": run.run_id,
                "position": position,
                "at": stamp(at),
                "who": actor.name,
            },
        )
        append(
            connection,
            actor,
            at=at,
            action="ring.hit_attached",
            object_class="ring",
            object=ring_id,
            count=1,
            details={"run": run.run_id, "hit": position, "motif": run.motif, "digest": run.digest},
        )
        return AttachedHit(ring_id=ring_id, hit=hit_of(hit), run=run, who=actor.name, at=stamp(at))


def read_hits(ledger: Ledger, actor: Actor, ring_id: str) -> list[AttachedHit]:
    """Return the hits beside a ring whose lead is the officer's, in order of attachment."""
    permit(ledger, actor, "ring_hits.read_hits", ring_id, ring=ring_id)
    with reading(ledger) as connection:
        return hits_of_ring(connection, ring_id)


def hits_of_ring(connection: Connection, ring_id: str) -> list[AttachedHit]:
    """Return the hits beside a ring in the order in which they were attached."""
    query = (
        select(motif_hits, ring_hits.c.at.label("attached_at"), ring_hits.c.who.label("by"))
        .join(
            ring_hits,
            (ring_hits.c.run_id == motif_hits.c.run_id)
            & (ring_hits.c.position == motif_hits.c.position),
        )
        .where(ring_hits.c.ring_id == ring_id)
        .order_by(ring_hits.c.at, ring_hits.c.run_id, ring_hits.c.position)
    )
    rows = connection.execute(query).all()
    asked = {run_id: find_run(connection, run_id) for run_id in {row.run_id for row in rows}}
    return [
        AttachedHit(
            ring_id=ring_id,
            hit=hit_of(row),
            run=asked[row.run_id],
            who=row.by,
            at=row.attached_at,
        )
        for row in rows
    ]


def _attached(
    connection: Connection, ring_id: str, run_id: str, position: int
) -> AttachedHit | None:
    for found in hits_of_ring(connection, ring_id):
        if (found.hit.run_id, found.hit.position) == (run_id, position):
            return found
    return None


def _require_ring(workspace: Workspace, ring_id: str) -> None:
    run = workspace.latest_run()
    known = parquet.read_table(run / "rings.parquet", columns=["ring_id"])["ring_id"].to_pylist()
    if ring_id not in known:
        raise RingfenceError(
            to_say("refused.run.no_ring", run=run.name, ring_id=ring_id, count=len(known))
        )
