"""Deadlines as the ledger holds them: begun, paused, resumed, ended, in a caller's transaction."""

import secrets
from datetime import date

from sqlalchemy import Connection, Row, insert, select, update

from casework.rights import Officer, Refused
from casework.tables import deadline_pauses, deadlines
from casework.working_days import Pause, check_pauses
from ingest.telling import Text, to_say


def begin_limit(connection: Connection, case_id: str, limit: str, day: date) -> None:
    """Start a limit of a case, in the caller's transaction."""
    values = {
        "deadline_id": f"D-{secrets.token_hex(6)}",
        "case_id": case_id,
        "limit": limit,
        "began": day.isoformat(),
    }
    connection.execute(insert(deadlines), values)


def end_limit(connection: Connection, case_id: str, limit: str, day: date) -> None:
    """End a limit of a case where it runs, in the caller's transaction; an open pause ends too."""
    for row in running(connection, case_id):
        if row.limit == limit:
            if any(pause.ended is None for pause in pauses_of(connection, row.deadline_id)):
                resume_on(connection, row, day=day)
            key = deadlines.c.deadline_id == row.deadline_id
            connection.execute(update(deadlines).where(key).values(ended=day.isoformat()))


def running(connection: Connection, case_id: str) -> list[Row[tuple[object, ...]]]:
    """Return the deadlines of a case that have not ended."""
    query = select(deadlines).where(deadlines.c.case_id == case_id, deadlines.c.ended.is_(None))
    return list(connection.execute(query.order_by(deadlines.c.deadline_id)).all())


def pause_from(
    connection: Connection,
    officer: Officer,
    row: Row[tuple[object, ...]],
    *,
    day: date,
    cause: str,
    reason: str,
) -> None:
    """Begin a pause of a deadline, in the caller's transaction."""
    held = pauses_of(connection, row.deadline_id)
    began = date.fromisoformat(row.began)
    last = max((pause.ended or date.max for pause in held), default=began)
    allow(row.ended is None, ended_on(row))
    allow(
        all(pause.ended is not None for pause in held),
        to_say("refused.deadline.still", deadline=row.deadline_id),
    )
    allow(
        day >= last and day not in {pause.began for pause in held},
        to_say("refused.deadline.pause_from", deadline=row.deadline_id, day=day, last=last),
    )
    values = {
        "deadline_id": row.deadline_id,
        "began": day.isoformat(),
        "cause": cause,
        "reason": reason,
        "who": officer.name,
    }
    connection.execute(insert(deadline_pauses), values)


def resume_on(connection: Connection, row: Row[tuple[object, ...]], *, day: date) -> None:
    """End the open pause of a deadline, in the caller's transaction."""
    open_ones = [p for p in pauses_of(connection, row.deadline_id) if p.ended is None]
    allow(bool(open_ones), to_say("refused.deadline.not_still", deadline=row.deadline_id))
    pause = open_ones[0]
    allow(day >= pause.began, to_say("refused.deadline.before", day=day, began=pause.began))
    connection.execute(
        update(deadline_pauses)
        .where(
            deadline_pauses.c.deadline_id == row.deadline_id,
            deadline_pauses.c.ended.is_(None),
        )
        .values(ended=day.isoformat())
    )


def pauses_of(connection: Connection, deadline_id: str) -> tuple[Pause, ...]:
    """Return the pauses of a deadline, in order."""
    query = (
        select(deadline_pauses.c.began, deadline_pauses.c.ended)
        .where(deadline_pauses.c.deadline_id == deadline_id)
        .order_by(deadline_pauses.c.began)
    )
    held = tuple(
        Pause(began=date.fromisoformat(began), ended=date.fromisoformat(ended) if ended else None)
        for began, ended in connection.execute(query)
    )
    check_pauses(held)
    return held


def allow(holds: bool, otherwise: Text) -> None:
    """Raise a :class:`Refused` that says what does not allow a change."""
    if not holds:
        raise Refused(to_say("refused.deadline.change", why=otherwise))


def ended_on(row: Row[tuple[object, ...]]) -> Text:
    """Return, to be told, that a deadline has ended."""
    return to_say("refused.deadline.ended", deadline=row.deadline_id, day=row.ended)
