"""Plans of checks: campaigns, unannounced inspections, re-checks (回头看) and self-checks.

A plan is drafted from rings, closed cases or a draw, approved by somebody else, and then worked off
place by place. Self-checks are asked of a place and answered by it; what follows from an answer is
a person's decision. Places of leads with agency staff never come into a unit's plan.
"""

import json
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Row, insert, select, update

from casework.audit import NAME_LENGTH, append
from casework.canonical import canonical, stamp
from casework.lead_history import history
from casework.ledger import Ledger
from casework.plans_places import ring_hours, ring_places
from casework.rights import NotFound, Officer, Refused, Subject, reaches, require, serving
from casework.subjects import find, visible
from casework.tables import draws, leads, moves
from casework.tables_papers import plan_targets, plans

Kind = Literal["campaign", "unannounced", "recheck", "self_check"]
Origin = Literal["ring", "closed", "draw", "named"]
Done = Literal["answered", "checked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A place of a plan; ``hours`` are those in which its lead was settled most (0–23)."""

    place: str
    origin: Origin
    reason: str
    due: date
    lead_id: str | None = None
    hours: tuple[int, ...] = ()
    state: str = "open"
    answer: str | None = None
    returned_yuan: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan with its places in order of code; days are local, times UTC."""

    plan_id: str
    revision: int
    unit: str
    kind: Kind
    title: str
    purpose: str
    first: date
    last: date
    state: str
    draw_id: str | None
    made_at: str
    made_by: str
    decided_by: str | None
    decided_reason: str | None
    targets: tuple[Target, ...]


class Outdated(Refused):
    """Somebody changed it after it was read."""

    def __init__(self, key: str, *, now: int, expected: int) -> None:
        """Say which revision it has by now."""
        super().__init__(
            f"{key} was changed meanwhile (revision {now}, yours started from {expected}): read it "
            "again, then decide."
        )


def draft_plan(
    ledger: Ledger,
    officer: Officer,
    *,
    kind: Kind,
    title: str,
    purpose: str,
    first: date,
    last: date,
    lead_ids: Sequence[str] = (),
    draw_id: str | None = None,
    places: Mapping[str, str] | None = None,
) -> Plan:
    """Draft a plan: the places of these leads, of a draw of targets, and those named with a reason.

    A re-check takes the places of the leads that are named even if they are judged or their cases
    closed: that is what it is for. Each place stands in it once, due on the last day.

    Raises
    ------
    NotFound
        If a lead or draw is none that the officer may know of.
    Refused
        If it has no place, no purpose, a wrong kind, or ends before it begins.
    """
    function = "plans.draft_plan"
    with serving(ledger, officer, function, kind) as connection:
        _can_draft(kind, title, purpose, first, last)
        targets = _from_leads(connection, ledger, officer, function, kind, lead_ids, last)
        targets |= _from_draw(connection, officer, draw_id, last) if draw_id else {}
        for place, reason in (places or {}).items():
            if not reason.strip():
                raise Refused(f"Place {place} is named without a reason: say why.")
            targets.setdefault(
                place, Target(place=place, origin="named", reason=reason.strip(), due=last)
            )
        if not targets:
            raise Refused("The plan has no place: name leads, a draw of targets, or places.")
        at, plan_id = ledger.clock(), f"B-{secrets.token_hex(6)}"
        values = {
            "plan_id": plan_id,
            "revision": 1,
            "unit": officer.unit,
            "kind": kind,
            "title": title.strip(),
            "purpose": purpose.strip(),
            "first": first.isoformat(),
            "last": last.isoformat(),
            "state": "drafted",
            "draw_id": draw_id,
            "made_at": stamp(at),
            "made_by": officer.name,
        }
        connection.execute(insert(plans), values)
        connection.execute(insert(plan_targets), [_row(plan_id, t) for t in targets.values()])
        _noted(connection, ledger, officer, "plan.drafted", plan_id, count=len(targets))
        return _plan(connection, plan_id)


def list_plans(ledger: Ledger, officer: Officer) -> list[Plan]:
    """Return the plans of the officer's unit, those that end first on top."""
    function = "plans.list_plans"
    with serving(ledger, officer, function, "plans") as connection:
        scope = require(officer, function)
        rows = connection.execute(select(plans).order_by(plans.c.last, plans.c.plan_id)).all()
        return [
            _plan(connection, row.plan_id) for row in rows if reaches(scope, officer, _subject(row))
        ]


def decide_plan(
    ledger: Ledger, officer: Officer, plan_id: str, *, approve: bool, reason: str, revision: int
) -> Plan:
    """Approve a plan, or return it, with a reason; whoever drafted it does not.

    Raises
    ------
    Outdated
        If it was changed since ``revision``.
    Refused
        If the officer drafted it, it is decided already, or the reason is empty.
    """
    function = "plans.decide_plan"
    with serving(ledger, officer, function, plan_id) as connection:
        row = _found(connection, officer, function, plan_id)
        if row.made_by == officer.name or row.state != "drafted" or not reason.strip():
            raise Refused(
                f"Plan {plan_id} (state {row.state}, drafted by {row.made_by}) is not decided: "
                "somebody else decides a draft, and gives a reason."
            )
        state = "approved" if approve else "returned"
        _changed(
            connection,
            row,
            revision,
            state=state,
            decided_at=stamp(ledger.clock()),
            decided_by=officer.name,
            decided_reason=reason.strip(),
        )
        _noted(connection, ledger, officer, f"plan.{state}", plan_id, reason=reason)
        return _plan(connection, plan_id)


def note_answer(
    ledger: Ledger,
    officer: Officer,
    plan_id: str,
    place: str,
    *,
    done: Done,
    answer: str,
    revision: int,
    returned_yuan: str | None = None,
) -> Plan:
    """Write down what a place answered to its self-check, or what was found when it was checked.

    ``returned_yuan`` is what the place says it pays back. Nothing follows from it by itself.

    Raises
    ------
    NotFound
        If the plan has no such place.
    Outdated
        If the plan was changed since ``revision``.
    Refused
        If the plan is not approved, or the answer or the money is none.
    """
    function = "plans.note_answer"
    with serving(ledger, officer, function, plan_id) as connection:
        row = _found(connection, officer, function, plan_id)
        where = (plan_targets.c.plan_id == plan_id, plan_targets.c.place == place)
        if connection.execute(select(plan_targets.c.state).where(*where)).one_or_none() is None:
            raise NotFound(f"{plan_id} {place}")
        money = _yuan(returned_yuan)
        if row.state != "approved" or not answer.strip() or done not in get_args(Done):
            raise Refused(
                f"Nothing is noted for {place} in plan {plan_id} (state {row.state}): approve the "
                f"plan first, then give an answer and one of {', '.join(get_args(Done))}."
            )
        at = ledger.clock()
        connection.execute(
            update(plan_targets)
            .where(*where)
            .values(
                state=done,
                answer=answer.strip(),
                returned_yuan=money,
                changed_at=stamp(at),
                changed_by=officer.name,
            )
        )
        _changed(connection, row, revision)
        _noted(
            connection,
            ledger,
            officer,
            "plan.noted",
            plan_id,
            place=place,
            done=done,
            returned_yuan=money,
        )
        return _plan(connection, plan_id)


def recheck_list(ledger: Ledger, officer: Officer) -> list[tuple[str, str]]:
    """Return leads to look at again (回头看): judged ones whose ring a later run changed or kept.

    Each is (lead, why): ``returned`` or ``changed`` by a run after the last decision, else
    ``raised_still``. A lead that the newest run no longer raises is not among them.
    """
    function = "plans.recheck_list"
    with serving(ledger, officer, function, "leads") as connection:
        rows = [row for row, _ in visible(connection, officer, function, leads)]
        closed = {row.lead_id: row for row in rows if row.outcome is not None and row.present}
        decided: dict[str, str] = {}
        for move in connection.execute(select(moves).where(moves.c.move == "judge")):
            decided[move.subject] = max(move.at, decided.get(move.subject, ""))
        why = dict.fromkeys(closed, "raised_still")
        for change in history(connection, sorted(closed)):
            if change.at > decided.get(change.lead_id, "") and change.change != "new":
                why[change.lead_id] = change.change
        return sorted(why.items(), key=lambda one: (one[1] == "raised_still", one))


def _from_leads(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    function: str,
    kind: Kind,
    lead_ids: Sequence[str],
    due: date,
) -> dict[str, Target]:
    found: dict[str, Target] = {}
    for lead_id in sorted(set(lead_ids)):
        row = find(connection, officer, function, lead_id, of=leads)
        hours = ring_hours(ledger.workspace, row.run, row.ring_id)
        for place in ring_places(json.loads(row.facts)):
            busiest = Counter(hours.get(place, {})).most_common(3)
            found.setdefault(
                place,
                Target(
                    place=place,
                    origin="closed" if kind == "recheck" else "ring",
                    reason=f"{row.ring_id} ({json.loads(row.facts)['kind']})",
                    lead_id=lead_id,
                    hours=tuple(sorted(hour for hour, _ in busiest)),
                    due=due,
                ),
            )
    return found


def _from_draw(
    connection: Connection, officer: Officer, draw_id: str, due: date
) -> dict[str, Target]:
    row = connection.execute(select(draws).where(draws.c.draw_id == draw_id)).one_or_none()
    if row is None or row.unit != officer.unit or row.kind != "targets":
        raise NotFound(draw_id)
    return {
        place: Target(place=place, origin="draw", reason=draw_id, due=due)
        for place in json.loads(row.drawn)
    }


def _can_draft(kind: str, title: str, purpose: str, first: date, last: date) -> None:
    named = 0 < len(title.strip()) <= NAME_LENGTH and title.isprintable() and purpose.strip()
    if kind not in get_args(Kind) or not named or last < first:
        raise Refused(
            f"The plan {title!r} ({kind}, {first} to {last}) cannot be drafted: choose a kind of "
            f"{', '.join(get_args(Kind))}, give a title and a purpose, and end it after it begins."
        )


def _yuan(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        money = Decimal(text)
    except InvalidOperation:
        money = Decimal("NaN")
    if not money.is_finite() or money < 0:
        raise Refused(f"'{text}' is no sum in yuan: give a number from 0, such as 1200.50.")
    return f"{money:.2f}"


def _row(plan_id: str, target: Target) -> dict[str, Any]:
    return {
        "plan_id": plan_id,
        "place": target.place,
        "origin": target.origin,
        "lead_id": target.lead_id,
        "reason": target.reason,
        "hours": canonical(list(target.hours)),
        "due": target.due.isoformat(),
        "state": "open",
    }


def _found(connection: Connection, officer: Officer, function: str, plan_id: str) -> Row[Any]:
    row = connection.execute(select(plans).where(plans.c.plan_id == plan_id)).one_or_none()
    if row is None:
        raise NotFound(plan_id)
    require(officer, function, _subject(row))
    return row


def _changed(connection: Connection, row: Row[Any], revision: int, **values: object) -> None:
    done = connection.execute(
        update(plans)
        .where(plans.c.plan_id == row.plan_id, plans.c.revision == revision)
        .values(revision=revision + 1, **values)
    )
    if done.rowcount != 1:
        raise Outdated(row.plan_id, now=row.revision, expected=revision)


def _subject(row: Row[Any]) -> Subject:
    return Subject(
        key=row.plan_id,
        unit=row.unit,
        insider=False,
        concerned=frozenset(),
        assigned=frozenset(),
        author=row.made_by,
    )


def _plan(connection: Connection, plan_id: str) -> Plan:
    row = connection.execute(select(plans).where(plans.c.plan_id == plan_id)).one()
    query = select(plan_targets).where(plan_targets.c.plan_id == plan_id)
    targets = tuple(
        Target(
            place=one.place,
            origin=one.origin,
            reason=one.reason,
            due=date.fromisoformat(one.due),
            lead_id=one.lead_id,
            hours=tuple(json.loads(one.hours)),
            state=one.state,
            answer=one.answer,
            returned_yuan=one.returned_yuan,
        )
        for one in connection.execute(query.order_by(plan_targets.c.place))
    )
    values = {name: getattr(row, name) for name in Plan.__slots__ if name != "targets"}
    days = {name: date.fromisoformat(values[name]) for name in ("first", "last")}
    return Plan(**{**values, **days, "targets": targets})


def _noted(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    action: str,
    key: str,
    *,
    count: int | None = None,
    **details: object,
) -> None:
    append(
        connection,
        officer,
        at=ledger.clock(),
        action=action,
        object_class="plan",
        object=key,
        count=count,
        details=details,
    )
