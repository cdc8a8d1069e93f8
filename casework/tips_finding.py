"""Which tips an officer may know of: one rule for finding and for listing them.

A tip is of insiders if the desk or a supervisor said so, or if a lead it was linked to is. The desk
that took a tip goes on seeing it, unless its own unit is concerned; rings it never sees.
"""

import json
from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, Row, select, union

from casework.rights import NotFound, Officer, Scope, Subject, reaches, require
from casework.tables import assignments, case_leads, leads
from casework.tables_people import tip_leads, tips


def find_tip(connection: Connection, officer: Officer, function: str, tip_id: str) -> Row[Any]:
    """Return the row of a tip that a right reaches.

    Raises
    ------
    NotFound
        If there is none, or the officer may not know of it.
    """
    scope = require(officer, function)
    rows = _reached(connection, officer, scope, tip_id)
    if not rows:
        raise NotFound(tip_id)
    return rows[0]


def visible_tips(connection: Connection, officer: Officer, function: str) -> list[Row[Any]]:
    """Return the rows of all tips that a right reaches, by key."""
    return _reached(connection, officer, require(officer, function), None)


def _reached(
    connection: Connection, officer: Officer, scope: Scope, tip_id: str | None
) -> list[Row[Any]]:
    query = select(tips).order_by(tips.c.tip_id)
    linked = select(tip_leads.c.tip_id, leads.c.insider, leads.c.concerned).join(
        leads, leads.c.lead_id == tip_leads.c.lead_id
    )
    if tip_id is not None:
        query = query.where(tips.c.tip_id == tip_id)
        linked = linked.where(tip_leads.c.tip_id == tip_id)
    inside: defaultdict[str, bool] = defaultdict(bool)
    kept_from: defaultdict[str, set[str]] = defaultdict(set)
    for key, is_inside, concerned in connection.execute(linked):
        inside[key] |= is_inside
        kept_from[key] |= set(json.loads(concerned))
    assigned = _assigned(connection)
    return [
        row
        for row in connection.execute(query)
        if _reaches(
            scope,
            officer,
            row,
            Subject(
                key=row.tip_id,
                unit=row.unit,
                insider=row.insider or inside[row.tip_id],
                concerned=frozenset({*json.loads(row.concerned), *kept_from[row.tip_id]}),
                assigned=frozenset(assigned[row.tip_id]),
            ),
        )
    ]


def _reaches(scope: Scope, officer: Officer, row: Row[Any], subject: Subject) -> bool:
    if scope == "desk":
        own = bool(officer.unit) and officer.unit == row.desk
        return own and not (subject.insider and officer.unit in subject.concerned)
    return reaches(scope, officer, subject)


def _assigned(connection: Connection) -> defaultdict[str, set[str]]:
    """Return who works on a lead that a tip is linked to, or on its case, by tip."""
    on_lead = select(tip_leads.c.tip_id, assignments.c.name).join(
        assignments, assignments.c.subject == tip_leads.c.lead_id
    )
    on_case = (
        select(tip_leads.c.tip_id, assignments.c.name)
        .join(case_leads, case_leads.c.lead_id == tip_leads.c.lead_id)
        .join(assignments, assignments.c.subject == case_leads.c.case_id)
    )
    held: defaultdict[str, set[str]] = defaultdict(set)
    for tip_id, name in connection.execute(union(on_lead, on_case)):
        held[tip_id].add(name)
    return held
