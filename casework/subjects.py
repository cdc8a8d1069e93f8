"""A lead or a case as rights see it: found, listed, and changed by the one who was quickest."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, func, select, update

from casework.canonical import stamp
from casework.rights import NotFound, Officer, Refused, Subject, reaches, require
from casework.tables import assignments, case_leads, cases, leads
from ingest.telling import to_say


class Stale(Refused):
    """Somebody changed the subject after it was read."""

    def __init__(self, key: str, *, expected: int, row: Row[Any]) -> None:
        """Say who was quicker, and when."""
        super().__init__(
            to_say(
                "refused.case.stale",
                key=key,
                changed_by=row.changed_by,
                changed_at=row.changed_at,
                revision=row.revision,
                expected=expected,
            )
        )


def find(
    connection: Connection,
    officer: Officer,
    function: str,
    key: str,
    *,
    author: str | None = None,
    of: Table | None = None,
) -> Row[Any]:
    """Return the row of a lead or case that a right reaches; ``of`` says that it must be that.

    Raises
    ------
    NotFound
        If there is none, or the officer may not know of it.
    """
    table = table_of(key)
    if of is None or of is table:
        row = connection.execute(select(table).where(_key(table) == key)).one_or_none()
        if row is not None:
            found = subject_of(key, row, names(connection, [key])[key], author=author)
            require(officer, function, found)
            return row
    raise NotFound(key)


def visible(
    connection: Connection, officer: Officer, function: str, table: Table
) -> list[tuple[Row[Any], tuple[str, ...]]]:
    """Return every row of leads or cases that a right reaches, by key, with its officers."""
    scope = require(officer, function)
    rows = connection.execute(select(table).order_by(_key(table))).all()
    officers = names(connection)
    told = []
    for row in rows:
        assigned = officers.get(row[0], ())
        if reaches(scope, officer, subject_of(row[0], row, assigned)):
            told.append((row, assigned))
    return told


def touch(
    connection: Connection,
    officer: Officer,
    row: Row[Any],
    *,
    revision: int,
    at: datetime,
    **values: object,
) -> Row[Any]:
    """Change a lead or case that is still at ``revision``, and return it as it now is.

    Raises
    ------
    Stale
        If it is not.
    """
    key, table = row[0], table_of(row[0])
    done = connection.execute(
        update(table)
        .where(_key(table) == key, table.c.revision == revision)
        .values(revision=revision + 1, changed_at=stamp(at), changed_by=officer.name, **values)
    )
    now = connection.execute(select(table).where(_key(table) == key)).one()
    if done.rowcount != 1:
        raise Stale(key, expected=revision, row=now)
    return now


def table_of(key: str) -> Table:
    """Return the table that a key belongs to: leads are L-…, all others are looked for as cases."""
    return leads if key.startswith("L-") else cases


def names(
    connection: Connection, keys: Iterable[str] | None = None
) -> Mapping[str, tuple[str, ...]]:
    """Return the officers of each lead or case, in order of name."""
    query = select(assignments.c.subject, assignments.c.name).order_by(assignments.c.name)
    wanted = None if keys is None else list(keys)
    if wanted is not None:
        query = query.where(assignments.c.subject.in_(wanted))
    held: dict[str, tuple[str, ...]] = dict.fromkeys(wanted or (), ())
    for subject, name in connection.execute(query):
        held[subject] = (*held.get(subject, ()), name)
    return held


def subject_of(
    key: str, row: Row[Any], assigned: Iterable[str], *, author: str | None = None
) -> Subject:
    """Return what rights ask about a row of leads or cases."""
    return Subject(
        key=key,
        unit=row.unit,
        insider=row.insider,
        concerned=frozenset(json.loads(row.concerned)),
        assigned=frozenset(assigned),
        author=author,
    )


def plain_subject(
    key: str, unit: str, *, author: str | None = None, insider: bool = False
) -> Subject:
    """Return what rights ask about something of a unit that is no lead and no case."""
    return Subject(
        key=key,
        unit=unit,
        insider=insider,
        concerned=frozenset(),
        assigned=frozenset(),
        author=author,
    )


def members_of(connection: Connection, case_id: str) -> set[tuple[str, str, str]]:
    """Return the members of a case's rings: entity type, key of the import, inferred role."""
    query = select(leads.c.facts).join(case_leads).where(case_leads.c.case_id == case_id)
    told = (one for (facts,) in connection.execute(query) for one in json.loads(facts)["members"])
    return {(kind, key, role) for kind, key, role in told}


def next_number(connection: Connection, table: Table, key: str) -> int:
    """Return the number after the last of a table whose first two columns are key and number."""
    owner, number = list(table.c)[:2]
    last = connection.execute(select(func.max(number)).where(owner == key)).scalar_one()
    return (last or 0) + 1


def _key(table: Table) -> Any:
    return next(iter(table.c))
