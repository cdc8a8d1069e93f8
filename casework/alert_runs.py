"""Runs the alerts that are due, each for itself, and tells only what it has not told before."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, select, update

from casework.alert_news import News, insert_new, pseudonyms, untold
from casework.alerts import Alert, alerts, find_alert, is_due
from casework.alone import alone
from casework.audit import Actor, append
from casework.canonical import stamp
from casework.deliveries import queue
from casework.ledger import Ledger, reading, writing
from casework.questions import Asked, ask_motif
from casework.runs import text_of
from casework.tables import alerts as alerts_table
from casework.tool_rights import permit
from detectors.motif import Motif, motif, read_motif
from graph.store import Store
from ingest.errors import RingfenceError
from ingest.progress import Progress, silent

State = Literal["baseline", "ran", "failed", "not_due"]
MotifFile = Literal["same", "changed", "gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What became of one alert.

    ``news`` is everything that was found and never told, also by an earlier run that was killed
    before it told. ``file`` says what became of the motif's file since the alert was made.
    """

    alert: Alert
    state: State
    run_id: str | None = None
    rows: int | None = None
    truncated: bool = False
    error: str | None = None
    file: MotifFile = "same"
    news: tuple[News, ...] = ()


def run_alerts(
    ledger: Ledger,
    open_graph: Callable[[], AbstractContextManager[Store]],
    actor: Actor,
    *,
    names: Sequence[str] = (),
    due_only: bool = False,
    progress: Progress = silent,
) -> list[Ran]:
    """Run the named alerts, or all; with ``due_only`` those whose period has no run yet.

    Each alert's first run that ends well is its baseline and tells nothing. Later ones tell the
    hits whose identity the alert never met. One that fails is said and keeps no other from running;
    it stays due. News is in the ledger exactly once from the moment it is found; call
    :func:`casework.alert_news.mark_told` when it was shown. The graph is opened only if something
    is to be run.

    Raises
    ------
    RingfenceError
        If a name is unknown, another process runs alerts on this ledger, or the graph cannot be
        opened.
    """
    permit(ledger, actor, "alert_runs.run_alerts", "alerts")
    with alone(ledger):
        with reading(ledger) as connection:
            chosen = [find_alert(connection, name) for name in names] or alerts(connection)
        now = ledger.clock()
        due = [alert for alert in chosen if not due_only or is_due(alert, now)]
        ran: dict[str, Ran] = {}
        if due:
            with open_graph() as store:
                for done, alert in enumerate(due):
                    progress("alerts", done, len(due))
                    ran[alert.alert_id] = _run(ledger, store, actor, alert)
                progress("alerts", len(due), len(due))
        with reading(ledger) as connection:
            return [
                replace(
                    ran.get(alert.alert_id, Ran(alert=alert, state="not_due")),
                    news=untold(connection, ledger, alert),
                )
                for alert in chosen
            ]


def _run(ledger: Ledger, store: Store, actor: Actor, alert: Alert) -> Ran:
    """Run one alert; what a user can mend is said, and the others go on."""
    began = ledger.clock()
    file = _file(ledger, alert)
    try:
        with reading(ledger) as connection:
            question = _from_text(alert.motif, text_of(connection, alert.digest))
        asked = ask_motif(
            ledger,
            store,
            question,
            actor,
            parameters=_given(alert),
            limit=alert.row_limit,
            timeout_seconds=alert.timeout_seconds,
            alert_id=alert.alert_id,
        )
    except RingfenceError as error:
        with writing(ledger) as connection:
            _set(connection, alert, {"last_error": str(error)})
        return Ran(alert=alert, state="failed", error=str(error), file=file)
    first = _keep(ledger, actor, alert, asked, began)
    return Ran(
        alert=alert,
        state="baseline" if first else "ran",
        run_id=asked.run_id,
        rows=len(asked.answer.rows),
        truncated=asked.answer.truncated,
        file=file,
    )


def _keep(ledger: Ledger, actor: Actor, alert: Alert, asked: Asked, began: datetime) -> bool:
    """Keep what is new, the message about it and the audit row in one transaction.

    Returns whether this run is the baseline.
    """
    with writing(ledger) as connection:
        known = select(alerts_table.c.baseline_at).where(alerts_table.c.alert_id == alert.alert_id)
        first = connection.execute(known).scalar_one() is None
        new = insert_new(connection, alert, asked.run_id, baseline=first)
        sent: dict[str, str] = {}
        export_hash = None
        if new and alert.webhook and not first:
            delivery_id, export_hash = queue(
                connection,
                ledger,
                alert,
                run_id=asked.run_id,
                hits=pseudonyms(ledger, alert, new),
                rows=len(asked.answer.rows),
                truncated=asked.answer.truncated,
            )
            sent = {"delivery": delivery_id}
        ended = {"last_ran_at": stamp(began), "last_error": None}
        _set(connection, alert, {**ended, "baseline_at": stamp(began)} if first else ended)
        append(
            connection,
            actor,
            at=ledger.clock(),
            action="alert.baseline" if first else "alert.ran",
            object_class="alert",
            object=alert.alert_id,
            count=len(new),
            details={"run": asked.run_id, "rows": len(asked.answer.rows), **sent},
            export_hash=export_hash,
        )
    return first


def _set(connection: Connection, alert: Alert, values: dict[str, Any]) -> None:
    table = alerts_table
    connection.execute(update(table).where(table.c.alert_id == alert.alert_id), values)


def _file(ledger: Ledger, alert: Alert) -> MotifFile:
    try:
        return "same" if _now(ledger, alert).digest == alert.digest else "changed"
    except RingfenceError:
        return "gone"


def _now(ledger: Ledger, alert: Alert) -> Motif:
    return motif(alert.motif, ledger.workspace.motifs)


def _from_text(name: str, content: str) -> Motif:
    """Read a motif that is kept as text, with every check of a file."""
    with tempfile.TemporaryDirectory(prefix="ringfence-") as folder:
        path = Path(folder) / f"{name}.cypher"
        path.write_bytes(content.encode())
        return read_motif(path)


def _given(alert: Alert) -> dict[str, object]:
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in alert.parameters.items()
    }
