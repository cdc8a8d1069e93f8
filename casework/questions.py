"""A motif asked for somebody: answered, recorded with its hits, and in the audit log either way."""

import hashlib
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from sqlalchemy import Connection, insert, select, update

from casework.audit import Actor, append
from casework.canonical import canonical, digest, stamp
from casework.ledger import Ledger, writing
from casework.sight import cut, sight
from casework.tables import motif_hits, motif_runs, motif_texts
from casework.tool_rights import permit
from detectors.motif import Motif, run_motif, values
from graph.ask import Answer, ask
from graph.schema import IMPORT
from graph.store import Store
from ingest.errors import RingfenceError

Outcome = Literal["running", "answered", "refused", "timed_out", "failed", "stopped"]
# What the graph says of a question that ran too long, and of one that asked for too much.
_TIMED_OUT = ("ran longer than", "ran too long")
_REFUSED = ("may only read the graph", "no question that may be asked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A recorded run with its answer; hit ``n`` of the run is ``answer.rows[n - 1]``."""

    run_id: str
    motif: Motif
    parameters: dict[str, Any]
    answer: Answer


def ask_motif(
    ledger: Ledger,
    store: Store,
    motif: Motif,
    actor: Actor,
    *,
    parameters: Mapping[str, object] | None = None,
    limit: int = 5000,
    timeout_seconds: float = 60.0,
    alert_id: str | None = None,
    case_id: str | None = None,
    purpose: str | None = None,
) -> Asked:
    """Ask a motif as somebody, and keep the question, its answer and what came of it.

    Two rows go to the audit log: that it was asked, with text and parameters, before the graph
    hears of it, and what came of it afterwards. A process that is killed in between leaves the
    first, and a run whose outcome is ``running``. Hits are kept up to ``limit``. What an officer
    asks is answered, and kept, without what they may not see (:mod:`casework.sight`).

    Raises
    ------
    NotFound
        If an officer's role asks no motifs, or the case is not theirs; an investigator needs one.
    RingfenceError
        As :func:`detectors.motif.run_motif`; the run is recorded with that outcome. Also if the
        ledger cannot be written: then nothing is asked.
    """
    permit(ledger, actor, "questions.ask_motif", motif.name, case=case_id)
    given = dict(parameters or {})
    asked: dict[str, Any] = {"limit": limit, "timeout_seconds": timeout_seconds}
    reason = {"case_id": case_id, "purpose": purpose}
    try:
        used: dict[str, Any] = dict(values(motif, given))
    except RingfenceError as error:
        record_refused(ledger, actor, motif, parameters=given, error=error, **asked)
        raise
    run_id = _open(
        ledger, actor, motif, asked={"parameters": used, **asked}, alert_id=alert_id, reason=reason
    )
    began = time.monotonic()
    try:
        held = _held(store)
        answer = cut(sight(ledger, actor), run_motif(store, motif, parameters=given, **asked))
    except BaseException as error:
        seconds = time.monotonic() - began
        outcome, said = outcome_of(error), _said(error)
        _close(ledger, actor, run_id, motif, outcome=outcome, seconds=seconds, error=said)
        raise
    _close(ledger, actor, run_id, motif, outcome="answered", answer=answer, held=held)
    return Asked(run_id=run_id, motif=motif, parameters=used, answer=answer)


def ask_text(
    ledger: Ledger,
    store: Store,
    text: str,
    actor: Actor,
    *,
    limit: int = 5000,
    timeout_seconds: float = 60.0,
) -> Answer:
    """Ask a question that is no motif; it is in the audit log before it is asked, and what came.

    Raises
    ------
    RingfenceError
        As :func:`graph.ask.ask`. Also if the ledger cannot be written: then nothing is asked.
    """
    permit(ledger, actor, "questions.ask_text", "question")
    name = f"Q-{secrets.token_hex(5)}"

    def record(action: str, count: int | None = None, **details: object) -> None:
        with writing(ledger) as connection:
            append(
                connection,
                actor,
                at=ledger.clock(),
                action=action,
                object_class="question",
                object=name,
                count=count,
                details=details,
            )

    record("graph.asked", text=text, limit=limit, timeout_seconds=timeout_seconds)
    try:
        answer = ask(store, text, {}, limit=limit, timeout_seconds=timeout_seconds)
    except BaseException as error:
        record(f"graph.{outcome_of(error)}", error=_said(error))
        raise
    record("graph.answered", len(answer.rows), seconds=round(answer.seconds, 3))
    return answer


def record_refused(
    ledger: Ledger,
    actor: Actor,
    motif: Motif,
    *,
    parameters: Mapping[str, object],
    error: RingfenceError,
    limit: int,
    timeout_seconds: float,
) -> str:
    """Record a question that never reached the graph, since its parameters do not fit."""
    said = {name: v if isinstance(v, str | int) else repr(v) for name, v in parameters.items()}
    asked = {"parameters": said, "limit": limit, "timeout_seconds": timeout_seconds}
    run_id = _open(ledger, actor, motif, asked=asked)
    _close(ledger, actor, run_id, motif, outcome="refused", error=str(error))
    return run_id


def keep_text(connection: Connection, motif: Motif) -> None:
    """Keep the whole text of a motif under its digest, once."""
    known = select(motif_texts.c.digest).where(motif_texts.c.digest == motif.digest)
    if connection.execute(known).scalar_one_or_none() is None:
        connection.execute(insert(motif_texts), {"digest": motif.digest, "text": motif.text})


def outcome_of(error: BaseException) -> Outcome:
    """Return what a run that raised came to."""
    if not isinstance(error, Exception):
        return "stopped"
    if isinstance(error, RingfenceError):
        said = str(error)
        if any(part in said for part in _TIMED_OUT):
            return "timed_out"
        if any(part in said for part in _REFUSED):
            return "refused"
    return "failed"


def identified(
    columns: Sequence[str], identity: Sequence[str], row: Sequence[object]
) -> dict[str, Any]:
    """Return the columns of a row that make two rows the same hit."""
    by_name = dict(zip(columns, row, strict=True))
    return {name: by_name[name] for name in identity}


def _open(
    ledger: Ledger,
    actor: Actor,
    motif: Motif,
    *,
    asked: Mapping[str, Any],
    alert_id: str | None = None,
    reason: Mapping[str, Any] = MappingProxyType({}),
) -> str:
    """Record that a motif is about to be asked; return the id of the run."""
    run_id, at = f"Q-{secrets.token_hex(5)}", ledger.clock()
    row = {
        "run_id": run_id,
        "at": stamp(at),
        "who": actor.name,
        "motif": motif.name,
        "digest": motif.digest,
        "parameters": canonical(asked["parameters"]),
        "row_limit": asked["limit"],
        "timeout_seconds": asked["timeout_seconds"],
        "identity": canonical(motif.identity),
        "columns": canonical(list(motif.columns)),
        "outcome": "running",
        "alert_id": alert_id,
    }
    details = {"run": run_id, "digest": motif.digest, "text": motif.text, **asked}
    with writing(ledger) as connection:
        keep_text(connection, motif)
        connection.execute(insert(motif_runs), row)
        append(
            connection,
            actor,
            at=at,
            action="motif.asked",
            object_class="motif",
            object=motif.name,
            details={**details, "alert": alert_id} if alert_id else details,
            **reason,
        )
    return run_id


def _held(store: Store) -> tuple[str | None, str | None]:
    """Return the digest of the tables in the graph, and the run whose rings are in it."""
    answer = ask(store, f"MATCH (i:{IMPORT.label}) RETURN i.digest AS digest, i.run AS run")
    return answer.rows[0] if answer.rows else (None, None)


def _close(
    ledger: Ledger,
    actor: Actor,
    run_id: str,
    motif: Motif,
    *,
    outcome: Outcome,
    answer: Answer | None = None,
    held: tuple[str | None, str | None] = (None, None),
    seconds: float = 0.0,
    error: str | None = None,
) -> None:
    """Record what came of a run, and its hits, in one transaction with the audit row."""
    hits = _hits(run_id, motif, answer) if answer else []
    rows = len(hits) if answer else None
    known = {
        "outcome": outcome,
        "seconds": round(answer.seconds if answer else seconds, 3),
        "truncated": answer.truncated if answer else None,
        "rows": rows,
        "import_digest": held[0],
        "detection_run": held[1],
        "error": error,
    }
    with writing(ledger) as connection:
        connection.execute(update(motif_runs).where(motif_runs.c.run_id == run_id), known)
        if hits:
            connection.execute(insert(motif_hits), hits)
        append(
            connection,
            actor,
            at=ledger.clock(),
            action=f"motif.{outcome}",
            object_class="motif",
            object=motif.name,
            count=rows,
            details={
                "run": run_id,
                **{name: value for name, value in known.items() if value is not None},
                **({"hits_sha256": digest([hit["row"] for hit in hits])} if answer else {}),
            },
        )


def _said(error: BaseException) -> str:
    return str(error) if isinstance(error, RingfenceError) else f"{type(error).__name__}: {error}"


def _hits(run_id: str, motif: Motif, answer: Answer) -> list[dict[str, Any]]:
    rows = []
    for position, row in enumerate(answer.rows, start=1):
        identity = identified(answer.columns, motif.identity, row)
        rows.append(
            {
                "run_id": run_id,
                "position": position,
                "identity_hash": digest(identity),
                "identity": canonical(identity),
                "row": canonical(dict(zip(answer.columns, row, strict=True))),
            }
        )
    return rows


def record_check(ledger: Ledger, actor: Actor, path: Path) -> None:
    """Record that a motif file is about to be checked on the graph, which asks it."""
    permit(ledger, actor, "questions.record_check", path.stem)
    text = path.read_bytes()
    with writing(ledger) as connection:
        append(
            connection,
            actor,
            at=ledger.clock(),
            action="motif.checked",
            object_class="motif",
            object=path.stem,
            details={
                "digest": hashlib.sha256(text).hexdigest(),
                "text": text.decode("utf-8", "replace"),
            },
        )
