"""A move is made: state, record, time limits and audit row, in the caller's transaction."""

from typing import Any

from sqlalchemy import Connection, Row, insert, select

from casework.audit import append
from casework.canonical import canonical, stamp
from casework.cases import Made, moves_of
from casework.ledger import Ledger
from casework.limits import local_day
from casework.papers import attachments_of
from casework.periods import begin_limit, end_limit, pause_from, pauses_of, resume_on, running
from casework.rights import Officer
from casework.subjects import next_number, table_of, touch
from casework.tables import assignments, leads, moves
from casework.workflow import Attached, Move, SubjectClass, Wish, check


def make(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    row: Row[Any],
    move: Move,
    wish: Wish,
    revision: int,
    drafted_by: str,
) -> Made:
    """Make a move that has all it requires, and return it.

    Raises
    ------
    Unmet, Stale
        If something is missing, or the subject is not at ``revision`` any more.
    """
    check(move, wish)
    at, key = ledger.clock(), row[0]
    chosen: dict[str, object] = {}
    if move.subject == "lead":
        chosen = {"outcome": wish.choice, "explanation": wish.explanation}
    elif move.choices:
        chosen = {"decision": wish.choice}
    touch(connection, officer, row, revision=revision, at=at, state=move.after, **chosen)
    values = {
        "subject": key,
        "number": next_number(connection, moves, key),
        "move": move.name,
        "before": row.state,
        "after": move.after,
        "choice": wish.choice,
        "explanation": wish.explanation,
        "reason": wish.reason,
        "papers": canonical([[one.paper, one.sha256] for one in wish.attached]),
        "drafted_by": drafted_by,
        "at": stamp(at),
        "who": officer.name,
        "role": officer.role,
    }
    connection.execute(insert(moves), values)
    if move.subject == "case":
        _limits(connection, ledger, officer, key, move)
    noted(connection, ledger, officer, row, f"moved.{move.name}", values)
    return moves_of(connection, key)[-1]


def wish_of(
    connection: Connection,
    row: Row[Any],
    drafted_by: str,
    reason: str,
    choice: str | None,
    explanation: str | None,
) -> Wish:
    """Return a move that is wanted, with what stands in the file now."""
    query = select(assignments.c.name, assignments.c.certificate)
    working = connection.execute(query.where(assignments.c.subject == row[0])).all()
    attached = [] if class_of(row) == "lead" else attachments_of(connection, row[0])
    return Wish(
        state=row.state,
        reason=reason,
        choice=choice,
        explanation=explanation,
        grave=class_of(row) == "case" and row.grave,
        certified=frozenset(name for name, certificate in working if certificate),
        involved=frozenset({drafted_by} | {name for name, _ in working}),
        attached=[
            Attached(paper=one.paper, sha256=one.sha256, signed_by=one.signed_by)
            for one in attached
        ],
    )


def class_of(row: Row[Any]) -> SubjectClass:
    """Whether a row is a lead or a case."""
    return "lead" if table_of(row[0]) is leads else "case"


def noted(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    row: Row[Any],
    action: str,
    details: dict[str, Any],
) -> None:
    """Write what was done to a lead or case into the audit log."""
    kind = class_of(row)
    append(
        connection,
        officer,
        at=ledger.clock(),
        action=f"{kind}.{action}",
        object_class=kind,
        object=row[0],
        case_id=row[0] if kind == "case" else None,
        details=details,
    )


def _limits(
    connection: Connection, ledger: Ledger, officer: Officer, case_id: str, move: Move
) -> None:
    """End, begin, pause and resume the limits that a move says."""
    day = local_day(ledger.clock())
    for limit in move.ends:
        end_limit(connection, case_id, limit, day)
    for limit in move.begins:
        begin_limit(connection, case_id, limit, day)
    for row in running(connection, case_id):
        stands = any(pause.ended is None for pause in pauses_of(connection, row.deadline_id))
        if move.pauses and not stands:
            pause_from(connection, officer, row, day=day, cause=move.pauses, reason=move.name)
        elif move.resumes and stands:
            resume_on(connection, row, day=day)
