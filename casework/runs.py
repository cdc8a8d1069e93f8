"""Recorded runs of motifs: listed, read again, and two of them compared by identity."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, select

from casework.tables import motif_hits, motif_runs, motif_texts
from ingest.errors import RingfenceError
from ingest.telling import listed, to_say, word

Difference = Literal[
    "motif", "text", "parameters", "data", "detection_run", "cut_before", "cut_now"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One run as the ledger holds it; ``rows`` and ``seconds`` are None where it has not ended."""

    run_id: str
    at: str
    who: str
    motif: str
    digest: str
    parameters: Mapping[str, Any]
    row_limit: int
    timeout_seconds: float
    identity: tuple[str, ...]
    columns: tuple[str, ...]
    import_digest: str | None
    detection_run: str | None
    outcome: str
    error: str | None
    rows: int | None
    truncated: bool | None
    seconds: float | None
    alert_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One hit of a recorded run; ``row`` maps column to value, times as ISO 8601 text."""

    run_id: str
    position: int
    identity_hash: str
    identity: Mapping[str, Any]
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A hit that both runs have with other values in ``columns``."""

    before: Hit
    now: Hit
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a later run has that an earlier one has not, and the other way round.

    ``differences`` says what else than the county can be the reason: another motif, another text
    of it, other parameters, other data, other rings; ``cut_before`` and ``cut_now`` say that the
    run reached its row limit. Where ``cut_now`` stands a hit that is gone may only have been cut
    off, where ``cut_before`` stands a new one may be old.
    """

    before: Recorded
    now: Recorded
    new: tuple[Hit, ...]
    gone: tuple[Hit, ...]
    changed: tuple[Changed, ...]
    same: int
    differences: tuple[Difference, ...]

    @property
    def new_is_certain(self) -> bool:
        """Whether a new hit was certainly not there before."""
        return "cut_before" not in self.differences

    @property
    def gone_is_certain(self) -> bool:
        """Whether a hit that is gone is certainly not there any more."""
        return "cut_now" not in self.differences


def runs(
    connection: Connection, *, motif: str | None = None, limit: int | None = None
) -> list[Recorded]:
    """Return recorded runs, the newest first."""
    query = select(motif_runs).order_by(motif_runs.c.at.desc(), motif_runs.c.run_id).limit(limit)
    if motif is not None:
        query = query.where(motif_runs.c.motif == motif)
    return [_recorded(row) for row in connection.execute(query)]


def find_run(connection: Connection, run_id: str) -> Recorded:
    """Return a run by its id or the unmistakable beginning of it.

    Raises
    ------
    RingfenceError
        If none begins so, or several do.
    """
    starts = func.substr(motif_runs.c.run_id, 1, len(run_id)) == run_id
    found = connection.execute(select(motif_runs).where(starts).limit(2)).all()
    if len(found) > 1:
        raise RingfenceError(to_say("refused.run.several", begin=run_id))
    if not found or not run_id:
        raise RingfenceError(to_say("refused.run.none", begin=run_id))
    return _recorded(found[0])


def hits(connection: Connection, run_id: str) -> list[Hit]:
    """Return the hits of a run in the order of its answer."""
    query = select(motif_hits).where(motif_hits.c.run_id == run_id).order_by(motif_hits.c.position)
    return [hit_of(row) for row in connection.execute(query)]


def text_of(connection: Connection, digest: str) -> str:
    """Return the motif file that has this digest."""
    query = select(motif_texts.c.text).where(motif_texts.c.digest == digest)
    return str(connection.execute(query).scalar_one())


def compare(connection: Connection, before: str, now: str) -> Comparison:
    """Compare two answered runs hit by hit; each is named by its id or the beginning of it.

    Order: new and changed hits as in the later run, gone ones as in the earlier. A column that only
    one of the runs has is no change.

    Raises
    ------
    RingfenceError
        If a run is unknown or has no answer, or if the two make hits the same by other columns.
    """
    first, second = find_run(connection, before), find_run(connection, now)
    for run in (first, second):
        if run.outcome != "answered":
            raise RingfenceError(
                to_say(
                    "refused.run.no_answer", run_id=run.run_id, outcome=word("outcome", run.outcome)
                )
            )
    if sorted(first.identity) != sorted(second.identity):
        raise RingfenceError(
            to_say(
                "refused.run.not_alike",
                motif=first.motif,
                run=first.run_id,
                identity=listed(first.identity),
                other_motif=second.motif,
                other_run=second.run_id,
                other_identity=listed(second.identity),
            )
        )
    old, new = hits(connection, first.run_id), hits(connection, second.run_id)
    shared = [name for name in first.columns if name in second.columns]
    return _compared(first, second, old, new, shared)


def hit_of(row: Row[Any]) -> Hit:
    """Return a row of ``motif_hits`` as a hit."""
    return Hit(
        run_id=row.run_id,
        position=row.position,
        identity_hash=row.identity_hash,
        identity=json.loads(row.identity),
        row=json.loads(row.row),
    )


def _compared(
    first: Recorded, second: Recorded, old: list[Hit], new: list[Hit], shared: list[str]
) -> Comparison:
    # A motif promises one row for each identity; where one breaks that, equals are paired in order.
    waiting: defaultdict[str, list[Hit]] = defaultdict(list)
    for hit in reversed(old):
        waiting[hit.identity_hash].append(hit)
    added, changed, same = [], [], 0
    for hit in new:
        if not waiting[hit.identity_hash]:
            added.append(hit)
            continue
        was = waiting[hit.identity_hash].pop()
        columns = tuple(name for name in shared if was.row.get(name) != hit.row.get(name))
        if columns:
            changed.append(Changed(before=was, now=hit, columns=columns))
        else:
            same += 1
    left = {hit.position for rest in waiting.values() for hit in rest}
    return Comparison(
        before=first,
        now=second,
        new=tuple(added),
        gone=tuple(hit for hit in old if hit.position in left),
        changed=tuple(changed),
        same=same,
        differences=_differences(first, second),
    )


def _differences(first: Recorded, second: Recorded) -> tuple[Difference, ...]:
    told: dict[Difference, bool] = {
        "motif": first.motif != second.motif,
        "text": first.digest != second.digest,
        "parameters": first.parameters != second.parameters,
        "data": first.import_digest != second.import_digest,
        "detection_run": first.detection_run != second.detection_run,
        "cut_before": bool(first.truncated),
        "cut_now": bool(second.truncated),
    }
    return tuple(name for name, holds in told.items() if holds)


def _recorded(row: Row[Any]) -> Recorded:
    held = dict(row._mapping)
    for name in ("parameters", "identity", "columns"):
        held[name] = json.loads(held[name])
    held["identity"], held["columns"] = tuple(held["identity"]), tuple(held["columns"])
    return Recorded(**held)
