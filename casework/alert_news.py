"""What an alert found for the first time: kept once, named by a pseudonym, told once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    bindparam,
    exists,
    func,
    insert,
    literal,
    null,
    select,
    update,
)

from casework.alerts import Alert
from casework.canonical import canonical, stamp
from casework.ledger import Ledger, writing
from casework.runs import Hit, hit_of
from casework.tables import alert_seen, motif_hits, motif_runs
from ingest.pseudonyms import pseudonym, read_key


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A hit that its alert met for the first time; ``pseudonym`` is its name in messages."""

    hit: Hit
    pseudonym: str


def insert_new(connection: Connection, alert: Alert, run_id: str, *, baseline: bool) -> list[Hit]:
    """Remember the identities that this alert never met; return their hits."""
    met = exists().where(
        alert_seen.c.alert_id == alert.alert_id,
        alert_seen.c.identity_hash == motif_hits.c.identity_hash,
    )
    fresh = (
        select(
            literal(alert.alert_id),
            motif_hits.c.identity_hash,
            literal(run_id),
            func.min(motif_hits.c.position),
            literal(baseline),
            null(),
        )
        .where(motif_hits.c.run_id == run_id, ~met)
        .group_by(motif_hits.c.identity_hash)
    )
    columns = ["alert_id", "identity_hash", "run_id", "position", "baseline", "told_at"]
    connection.execute(insert(alert_seen).from_select(columns, fresh))
    query = _met(alert).where(alert_seen.c.run_id == run_id).order_by(motif_hits.c.position)
    return [hit_of(row) for row in connection.execute(query)]


def untold(connection: Connection, ledger: Ledger, alert: Alert) -> tuple[News, ...]:
    """Return what an alert found and nobody was told yet, in the order it was found."""
    query = (
        _met(alert)
        .join(motif_runs, motif_runs.c.run_id == motif_hits.c.run_id)
        .where(alert_seen.c.baseline.is_(False), alert_seen.c.told_at.is_(None))
        .order_by(motif_runs.c.at, motif_hits.c.run_id, motif_hits.c.position)
    )
    found = [hit_of(row) for row in connection.execute(query)]
    names = pseudonyms(ledger, alert, found)
    return tuple(News(hit=hit, pseudonym=name) for hit, name in zip(found, names, strict=True))


def mark_told(ledger: Ledger, told: Iterable[tuple[Alert, News]]) -> None:
    """Remember that news of alerts was shown to somebody."""
    rows = [{"alert": alert.alert_id, "hash": news.hit.identity_hash} for alert, news in told]
    if not rows:
        return
    with writing(ledger) as connection:
        connection.execute(
            update(alert_seen)
            .where(
                alert_seen.c.alert_id == bindparam("alert"),
                alert_seen.c.identity_hash == bindparam("hash"),
                alert_seen.c.told_at.is_(None),
            )
            .values(told_at=stamp(ledger.clock())),
            rows,
        )


def pseudonyms(ledger: Ledger, alert: Alert, hits: Sequence[Hit]) -> list[str]:
    """Name hits so that only this deployment can tell whom they are about; the same hit, the same.

    The motif is part of what is hashed: two motifs with one identity are two questions.
    """
    if not hits:
        return []
    key = read_key(ledger.workspace)
    return [
        pseudonym(key, "hit", canonical([alert.motif, hit.identity]), prefix="H") for hit in hits
    ]


def _met(alert: Alert) -> Select[Any]:
    """Return the question for the hits by which an alert met its identities."""
    return (
        select(motif_hits)
        .join(
            alert_seen,
            (alert_seen.c.run_id == motif_hits.c.run_id)
            & (alert_seen.c.position == motif_hits.c.position),
        )
        .where(alert_seen.c.alert_id == alert.alert_id)
    )
