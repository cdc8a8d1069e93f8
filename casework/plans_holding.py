"""A plan with its places as it stands in the ledger: found, read, changed by who was quicker."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Literal

from sqlalchemy import Connection, Row, select, update

from casework.audit import noted
from casework.canonical import canonical
from casework.rights import NotFound, Officer, Refused, Subject, require
from casework.subjects import plain_subject
from casework.tables_papers import plan_targets, plans
from ingest.telling import to_say

note_plan = partial(noted, object_class="plan")
Kind = Literal["campaign", "unannounced", "recheck", "self_check"]
Origin = Literal["ring", "closed", "draw", "named"]
Done = Literal["answered", "checked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A place of a plan; ``hours`` are those in which its lead was settled most (0–23).

    ``noted_at`` is when its answer, or what was found there, was written down last (UTC).
    """

    place: str
    origin: Origin
    reason: str
    due: date
    lead_id: str | None = None
    hours: tuple[int, ...] = ()
    state: str = "open"
    answer: str | None = None
    returned_yuan: str | None = None
    noted_at: str | None = None
    noted_by: str | None = None


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
        super().__init__(to_say("refused.plan.outdated", key=key, now=now, expected=expected))


def row_of_target(plan_id: str, target: Target) -> dict[str, Any]:
    """Return the row of a place that is to be visited."""
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


def find_plan(connection: Connection, officer: Officer, function: str, plan_id: str) -> Row[Any]:
    """Return the row of a plan that a right reaches.

    Raises
    ------
    NotFound
        If there is none, or the officer may not know of it.
    """
    row = connection.execute(select(plans).where(plans.c.plan_id == plan_id)).one_or_none()
    if row is None:
        raise NotFound(plan_id)
    require(officer, function, subject_of_plan(row))
    return row


def change_plan(connection: Connection, row: Row[Any], revision: int, **values: object) -> None:
    """Change a plan that is still at ``revision``.

    Raises
    ------
    Outdated
        If it is not.
    """
    done = connection.execute(
        update(plans)
        .where(plans.c.plan_id == row.plan_id, plans.c.revision == revision)
        .values(revision=revision + 1, **values)
    )
    if done.rowcount != 1:
        raise Outdated(row.plan_id, now=row.revision, expected=revision)


def subject_of_plan(row: Row[Any]) -> Subject:
    """Return what rights ask about a plan."""
    return plain_subject(row.plan_id, row.unit, author=row.made_by)


def plan_of(connection: Connection, plan_id: str) -> Plan:
    """Return a plan with its places."""
    row = connection.execute(select(plans).where(plans.c.plan_id == plan_id)).one()
    return plans_of(connection, [row])[0]


def plans_of(connection: Connection, rows: Sequence[Row[Any]]) -> list[Plan]:
    """Return plans with their places, in the order of their rows."""
    held: dict[str, list[Target]] = {row.plan_id: [] for row in rows}
    query = select(plan_targets).where(plan_targets.c.plan_id.in_(list(held)))
    for one in connection.execute(query.order_by(plan_targets.c.plan_id, plan_targets.c.place)):
        held[one.plan_id].append(_target(one))
    return [_plan(row, tuple(held[row.plan_id])) for row in rows]


def _target(row: Row[Any]) -> Target:
    return Target(
        place=row.place,
        origin=row.origin,
        reason=row.reason,
        due=date.fromisoformat(row.due),
        lead_id=row.lead_id,
        hours=tuple(json.loads(row.hours)),
        state=row.state,
        answer=row.answer,
        returned_yuan=row.returned_yuan,
        noted_at=row.changed_at,
        noted_by=row.changed_by,
    )


def _plan(row: Row[Any], targets: tuple[Target, ...]) -> Plan:
    values = {name: getattr(row, name) for name in Plan.__slots__ if name != "targets"}
    days = {name: date.fromisoformat(values[name]) for name in ("first", "last")}
    return Plan(**{**values, **days, "targets": targets})
