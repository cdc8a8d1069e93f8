"""Figures for whoever runs a unit: what is open and late, what held, what came back, how long.

Counted in the database over the leads and cases that a right reaches, in one query for each figure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Float,
    Table,
    and_,
    case,
    cast,
    false,
    func,
    insert,
    not_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects import postgresql

from casework.audit import append
from casework.canonical import stamp
from casework.deadlines import list_deadlines
from casework.ledger import Ledger
from casework.limits import local_day
from casework.rights import NotFound, Officer, Refused, require, serving
from casework.subjects import find, next_number
from casework.tables import cases, leads, moves
from casework.tables_people import recoveries
from casework.workflow import DONE
from ingest.telling import to_say

AGES: tuple[tuple[int, int | None], ...] = ((0, 30), (31, 90), (91, 180), (181, None))
"""Bands of age in whole days, first and last; the last band has no end."""

_LARGEST = Decimal(10) ** 13  # yuan; more is a slip of the hand


@dataclass(frozen=True, slots=True, kw_only=True)
class KindFigures:
    """Leads of one kind of ring; a detector raises the kinds it is named for.

    ``confirmed_rate`` is the share of confirmed among the judged, None where none was judged;
    ``days`` the mean time from a lead to its judgement, None likewise.
    """

    kind: str
    leads: int
    open: int
    judged: int
    confirmed: int
    look_alike: int
    confirmed_rate: float | None
    days: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeFigures:
    """How long what is open has been open, in one unit: ``counts`` for each of :data:`AGES`.

    ``what`` is ``leads`` or ``cases``; days run from when it was taken in or opened.
    """

    unit: str
    what: Literal["leads", "cases"]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a unit has before it. ``recovered`` in yuan; cases by state, leads by kind.

    ``marks_overdue`` are open cases whose day of 挂牌督办 has passed. ``ages`` are those of the
    officer's unit, of every unit not concerned for the liaison.
    """

    leads_open: int
    leads_judged: int
    confirmed_rate: float | None
    days_per_lead: float | None
    cases_open: int
    cases_by_state: Mapping[str, int]
    deadlines_overdue: int
    marks_overdue: int
    recovered: Decimal
    kinds: tuple[KindFigures, ...]
    ages: tuple[AgeFigures, ...]


def record_recovery(
    ledger: Ledger, officer: Officer, case_id: str, *, amount: Decimal, day: date, reason: str
) -> int:
    """Record that money came back to the fund in a case, and return the entry's number.

    ``amount`` in yuan; below nought takes an earlier entry back, never more than came in.

    Raises
    ------
    Refused
        If the amount is nought or not exact to the fen, more is taken back than came in, the day
        lies ahead, or the reason is empty.
    """
    function = "kpis.record_recovery"
    with serving(ledger, officer, function, case_id) as connection:
        find(connection, officer, function, case_id, of=cases)
        at = ledger.clock()
        exact = amount.is_finite() and amount == round(amount, 2)
        if not exact or not amount or abs(amount) >= _LARGEST or not reason.strip():
            raise Refused(to_say("refused.recovery.amount", amount=amount, case_id=case_id))
        own = recoveries.c.case_id == case_id
        held = connection.execute(select(_fen()).where(own)).scalar_one()
        fen = int(amount * 100)
        if held + fen < 0 or day > local_day(at):
            raise Refused(
                to_say(
                    "refused.recovery.held",
                    amount=amount,
                    day=day,
                    case_id=case_id,
                    held=Decimal(held).scaleb(-2),
                )
            )
        number = next_number(connection, recoveries, case_id)
        values = {"case_id": case_id, "number": number, "amount_fen": fen, "day": day.isoformat()}
        made = {"reason": reason.strip(), "at": stamp(at), "who": officer.name}
        connection.execute(insert(recoveries), {**values, **made})
        append(
            connection, officer, at=at, action="case.recovered", object_class="case",
            object=case_id, case_id=case_id, details={"number": number, "fen": fen},
        )  # fmt: skip
        return number


def figures(ledger: Ledger, officer: Officer) -> Figures:
    """Return the figures of an officer's unit, or of the insider leads for the liaison."""
    function = "kpis.figures"
    with serving(ledger, officer, function, "figures") as connection:
        mine = _mine(connection, officer, leads)
        kinds = tuple(_kinds(connection, mine))
        theirs = _mine(connection, officer, cases)
        now = ledger.clock()
        ages = tuple(_ages(connection, mine, theirs, now))
        marks = connection.execute(
            select(func.count()).where(
                theirs,
                cases.c.supervised_until < local_day(now).isoformat(),
                cases.c.state.not_in(DONE),
            )
        ).scalar_one()
        states = _states(connection, theirs)
        recovered = connection.execute(
            select(_fen()).join(cases, cases.c.case_id == recoveries.c.case_id).where(theirs)
        ).scalar_one()
        append(
            connection, officer, at=ledger.clock(), action="figures.read",
            object_class="figures", object=officer.unit or "-",
        )  # fmt: skip
    overdue = sum(one.status == "overdue" for one in list_deadlines(ledger, officer))
    judged = sum(one.judged for one in kinds)
    confirmed = sum(one.confirmed for one in kinds)
    days = sum(one.days * one.judged for one in kinds if one.days is not None)
    return Figures(
        leads_open=sum(one.open for one in kinds),
        leads_judged=judged,
        confirmed_rate=confirmed / judged if judged else None,
        days_per_lead=days / judged if judged else None,
        cases_open=sum(count for state, count in states.items() if state not in DONE),
        cases_by_state=states,
        deadlines_overdue=overdue,
        marks_overdue=marks,
        recovered=Decimal(recovered).scaleb(-2),
        kinds=kinds,
        ages=ages,
    )


def _mine(connection: Connection, officer: Officer, table: Table) -> ColumnElement[bool]:
    """Return the condition of :func:`casework.rights.reaches` for a unit or for insiders."""
    scope = require(officer, "kpis.figures")
    if not officer.unit:
        return false()
    if scope == "unit":
        return and_(table.c.unit == officer.unit, not_(table.c.insider))
    if scope != "insider":
        raise NotFound("figures")
    if connection.dialect.name == "postgresql":
        named: ColumnElement[bool] = cast(table.c.concerned, postgresql.JSONB).contains(
            [officer.unit]
        )
    else:
        each = func.json_each(table.c.concerned).table_valued("value")
        named = select(each.c.value).where(each.c.value == officer.unit).exists()
    inside: ColumnElement[bool] = and_(table.c.insider, not_(named))
    return inside


def _kinds(connection: Connection, mine: ColumnElement[bool]) -> list[KindFigures]:
    postgres = connection.dialect.name == "postgresql"
    facts = cast(leads.c.facts, JSON) if postgres else type_coerce(leads.c.facts, JSON)
    kind = facts["kind"].as_string()
    judged = leads.c.state == "judged"
    last = (
        select(moves.c.subject, func.max(moves.c.at).label("at"))
        .where(moves.c.move == "judge")
        .group_by(moves.c.subject)
        .subquery()
    )
    days = _days(last.c.at, postgres=postgres) - _days(leads.c.made_at, postgres=postgres)
    query = (
        select(
            kind,
            func.count(),
            _count(leads.c.state != "judged"),
            _count(judged),
            _count(judged & (leads.c.outcome == "confirmed")),
            _count(judged & (leads.c.outcome == "look_alike")),
            func.avg(case((judged, days))),
        )
        .outerjoin(last, last.c.subject == leads.c.lead_id)
        .where(mine)
        .group_by(kind)
        .order_by(kind)
    )
    return [
        KindFigures(
            kind=name,
            leads=total,
            open=open_,
            judged=done,
            confirmed=confirmed,
            look_alike=alike,
            confirmed_rate=confirmed / done if done else None,
            days=mean,
        )
        for name, total, open_, done, confirmed, alike, mean in connection.execute(query)
    ]


def _ages(
    connection: Connection,
    of_leads: ColumnElement[bool],
    of_cases: ColumnElement[bool],
    now: datetime,
) -> list[AgeFigures]:
    """Count what is open by unit and age; a unit with nothing open has no row."""
    found: list[AgeFigures] = []
    open_: tuple[tuple[Literal["leads", "cases"], Table, ColumnElement[bool]], ...] = (
        ("leads", leads, of_leads & (leads.c.state != "judged")),
        ("cases", cases, of_cases & cases.c.state.not_in(DONE)),
    )
    for what, table, mine in open_:
        rows = connection.execute(
            select(table.c.unit, *_bands(table.c.made_at, now))
            .where(mine)
            .group_by(table.c.unit)
            .order_by(table.c.unit)
        )
        found += [AgeFigures(unit=unit, what=what, counts=tuple(n)) for unit, *n in rows]
    return sorted(found, key=lambda one: (one.unit, one.what == "cases"))


def _bands(made_at: ColumnElement[str], now: datetime) -> list[ColumnElement[int]]:
    """Return the counts of :data:`AGES`: times of the ledger are text that sorts as time does."""
    older = [made_at <= stamp(now - timedelta(days=last + 1)) for _, last in AGES if last]
    edges: list[ColumnElement[bool]] = [true(), *older]
    inside = [first & not_(then) for first, then in pairwise(edges)]
    return [_count(one) for one in (*inside, edges[-1])]


def _states(connection: Connection, mine: ColumnElement[bool]) -> dict[str, int]:
    query = select(cases.c.state, func.count()).where(mine).group_by(cases.c.state)
    return {state: count for state, count in connection.execute(query.order_by(cases.c.state))}


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _fen() -> ColumnElement[int]:
    return func.coalesce(func.sum(recoveries.c.amount_fen), 0)


def _days(at: ColumnElement[str], *, postgres: bool) -> ColumnElement[float]:
    """Return a time of the ledger as days, to the millisecond."""
    if postgres:
        seconds = func.extract("epoch", cast(at, postgresql.TIMESTAMP(timezone=True)))
        return cast(cast(seconds, Float) / 86400.0, Float)
    days: ColumnElement[float] = func.julianday(at)
    return days
