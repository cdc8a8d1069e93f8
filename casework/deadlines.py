"""Deadlines of a case: what runs, what is due, what stands still, what is late.

The limits are data (``calendar/limits.toml``); one that nobody compared with its rule yet is marked
``verified = false`` and every deadline says so. Days are those of China (UTC+8).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from sqlalchemy import Connection, Row, insert, select

from casework.audit import append
from casework.canonical import stamp
from casework.ledger import Ledger
from casework.limits import Limit, local_day, read_limits
from casework.periods import allow, ended_on, pause_from, pauses_of, resume_on
from casework.rights import NotFound, Officer, serving
from casework.subjects import find, next_number, visible
from casework.tables import cases, deadline_extensions, deadlines
from casework.working_days import (
    Calendar,
    NoCalendar,
    Period,
    due,
    read_calendar,
    used,
)
from ingest.telling import to_say, word, words

Status = Literal["running", "due_soon", "overdue", "paused", "done", "done_late", "no_calendar"]
Cause = Literal["test", "appraisal", "hearing", "announcement", "expert_review", "suspension"]
"""Why days do not count (令第4号 art. 45, not yet compared; suspension is our reading of 中止)."""

REMIND_DAYS = 3  # days left, in the unit of the limit, from which a deadline is due soon


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One limit in one case, as it stands on a day.

    ``due`` is the last day, None while the deadline is paused, and where the calendar of a year is
    missing (``no_calendar``, of ``unknown_year``). ``left`` counts days after today.
    """

    deadline_id: str
    case_id: str
    limit: Limit
    began: date
    ended: date | None
    due: date | None
    left: int | None
    status: Status
    extensions: int
    unknown_year: int | None

    @property
    def problem(self) -> str | None:
        """What to do where the holidays of a year are missing, in English."""
        return None if self.unknown_year is None else str(NoCalendar(self.unknown_year))


def list_deadlines(
    ledger: Ledger, officer: Officer, *, case_id: str | None = None, remind_days: int = REMIND_DAYS
) -> list[Deadline]:
    """Return the deadlines of the cases an officer may see: overdue first, then by last day.

    Raises
    ------
    NotFound
        If the case that is named is not one of them.
    """
    function = "deadlines.list_deadlines"
    with serving(ledger, officer, function, case_id or "deadlines") as connection:
        if case_id is not None:
            find(connection, officer, function, case_id, of=cases)
        known = {row.case_id for row, _ in visible(connection, officer, function, cases)}
        calendar, limits = calendar_of(ledger), read_limits(_own_folder(ledger))
        today = local_day(ledger.clock())
        query = select(deadlines).order_by(deadlines.c.deadline_id)
        found = [
            _deadline(connection, row, limits, calendar, today, remind_days)
            for row in connection.execute(query).all()
            if row.case_id in known and case_id in (None, row.case_id)
        ]
        append(
            connection,
            officer,
            at=ledger.clock(),
            action="deadline.listed",
            object_class="deadline",
            object=case_id or "list",
            case_id=case_id,
            count=len(found),
        )
    order = get_args(Status)
    first = ("overdue", "no_calendar", "due_soon")
    return sorted(
        found,
        key=lambda one: (
            first.index(one.status)
            if one.status in first
            else len(first) + order.index(one.status),
            one.due or date.max,
            one.deadline_id,
        ),
    )


def pause_deadline(
    ledger: Ledger,
    officer: Officer,
    deadline_id: str,
    *,
    cause: Cause,
    reason: str,
    first: date | None = None,
) -> Deadline:
    """Let a deadline stand still from a day on, today unless said.

    Raises
    ------
    Refused
        If it has ended or stands still already, the day is not within it, or the reason is empty.
    """
    day = first or local_day(ledger.clock())

    def pause(connection: Connection, row: Row[tuple[object, ...]]) -> Mapping[str, object]:
        known = words("pause_cause", get_args(Cause))
        allow(cause in get_args(Cause), to_say("refused.deadline.cause", cause=cause, known=known))
        allow(day <= local_day(ledger.clock()), to_say("refused.deadline.ahead", day=day))
        pause_from(connection, officer, row, day=day, cause=cause, reason=reason)
        return {"cause": cause, "first": day, "reason": reason}

    return _changed(ledger, officer, "deadlines.pause_deadline", deadline_id, pause, reason)


def resume_deadline(
    ledger: Ledger, officer: Officer, deadline_id: str, *, reason: str, day: date | None = None
) -> Deadline:
    """Let a deadline run again; ``day``, today unless said, is the first that counts.

    Raises
    ------
    Refused
        If it does not stand still, the day lies before the pause, or the reason is empty.
    """
    again = day or local_day(ledger.clock())

    def resume(connection: Connection, row: Row[tuple[object, ...]]) -> Mapping[str, object]:
        resume_on(connection, row, day=again)
        return {"day": again, "reason": reason}

    return _changed(ledger, officer, "deadlines.resume_deadline", deadline_id, resume, reason)


def extend_deadline(
    ledger: Ledger, officer: Officer, deadline_id: str, *, days: int, reason: str
) -> Deadline:
    """Add days to a deadline, at most what its limit allows for the next extension.

    Raises
    ------
    Refused
        If it has ended, no further extension is allowed, that many days are not, or the reason is
        empty; also for whoever opened the case.
    """

    def extend(connection: Connection, row: Row[tuple[object, ...]]) -> Mapping[str, object]:
        limit = read_limits(_own_folder(ledger))[row.limit]
        number = next_number(connection, deadline_extensions, deadline_id)
        allow(row.ended is None, ended_on(row))
        allow(
            number <= len(limit.extend) and 1 <= days <= limit.extend[number - 1],
            to_say(
                "refused.deadline.extend",
                number=number,
                limit=word("limit", limit.name),
                days=days,
                within=list(limit.extend),
            ),
        )
        opened_by = connection.execute(
            select(cases.c.made_by).where(cases.c.case_id == row.case_id)
        ).scalar_one()
        allow(opened_by != officer.name, to_say("refused.deadline.opener"))
        values = {
            "deadline_id": deadline_id,
            "number": number,
            "days": days,
            "reason": reason,
            "at": stamp(ledger.clock()),
            "who": officer.name,
        }
        connection.execute(insert(deadline_extensions), values)
        return {"days": days, "number": number, "reason": reason}

    return _changed(ledger, officer, "deadlines.extend_deadline", deadline_id, extend, reason)


def calendar_of(ledger: Ledger) -> Calendar:
    """Return the calendar that holds in a workspace."""
    return read_calendar(_own_folder(ledger))


def _own_folder(ledger: Ledger) -> Path:
    return ledger.workspace.root / "calendar"


def _changed(
    ledger: Ledger,
    officer: Officer,
    function: str,
    deadline_id: str,
    change: Callable[[Connection, Row[tuple[object, ...]]], Mapping[str, object]],
    reason: str,
) -> Deadline:
    """Change one deadline with its audit row, in one transaction."""
    with serving(ledger, officer, function, deadline_id) as connection:
        key = select(deadlines).where(deadlines.c.deadline_id == deadline_id)
        row = connection.execute(key).one_or_none()
        if row is None:
            raise NotFound(deadline_id)
        try:
            find(connection, officer, function, row.case_id, of=cases)
        except NotFound:
            raise NotFound(deadline_id) from None
        allow(bool(reason.strip()), to_say("refused.deadline.reason"))
        details = change(connection, row)
        append(
            connection,
            officer,
            at=ledger.clock(),
            action=function.replace("deadlines.", "deadline.").removesuffix("_deadline"),
            object_class="deadline",
            object=deadline_id,
            case_id=row.case_id,
            details=details,
        )
        calendar, limits = calendar_of(ledger), read_limits(_own_folder(ledger))
        today = local_day(ledger.clock())
        row = connection.execute(key).one()
        return _deadline(connection, row, limits, calendar, today, REMIND_DAYS)


def _deadline(
    connection: Connection,
    row: Row[tuple[object, ...]],
    limits: Mapping[str, Limit],
    calendar: Calendar,
    today: date,
    remind_days: int,
) -> Deadline:
    limit = limits[row.limit]
    added = connection.execute(
        select(deadline_extensions.c.days).where(
            deadline_extensions.c.deadline_id == row.deadline_id
        )
    ).scalars()
    days = list(added)
    period = Period(
        began=date.fromisoformat(row.began),
        days=limit.days,
        unit=limit.unit,
        pauses=pauses_of(connection, row.deadline_id),
        extended=sum(days),
    )
    ended = date.fromisoformat(row.ended) if row.ended else None
    last, left, unknown = None, None, None
    try:
        last = due(period, calendar)
        left = period.whole - used(period, calendar, ended or today)
    except NoCalendar as error:
        unknown = error.year
    return Deadline(
        deadline_id=row.deadline_id,
        case_id=row.case_id,
        limit=limit,
        began=period.began,
        ended=ended,
        due=last,
        left=left,
        status=_status(ended, last, left, today, remind_days, unknown=unknown is not None),
        extensions=len(days),
        unknown_year=unknown,
    )


def _status(
    ended: date | None,
    last: date | None,
    left: int | None,
    today: date,
    remind_days: int,
    *,
    unknown: bool,
) -> Status:
    if unknown:
        return "no_calendar"
    if ended is not None:
        return "done" if last is None or ended <= last else "done_late"
    if last is None:
        return "paused"
    if today > last:
        return "overdue"
    return "due_soon" if (left or 0) <= remind_days else "running"
