"""A tip as the ledger holds it: read with its entities, leads and deadlines, and changed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, insert, select, update

from casework.audit import NAME_LENGTH
from casework.canonical import stamp, unstamp
from casework.deadlines import calendar_of
from casework.ledger import Ledger
from casework.limits import local_day
from casework.rights import NotFound, Officer, Refused, require
from casework.subjects import Stale, visible
from casework.tables import case_leads, leads, moves
from casework.tables_people import tip_entities, tip_leads, tips
from casework.tips_rules import TipDeadline, TipRules, deadline, read_tip_rules
from casework.working_days import Calendar
from ingest.telling import to_say

Channel = Literal["hotline", "letter", "visit", "online", "supervisor", "other_body"]
"""How a tip came; ``supervisor`` is a social supervisor (社会监督员)."""

State = Literal["registered", "accepted", "not_accepted", "concluded", "answered"]
Outcome = Literal["confirmed", "partly", "not_confirmed"]
Entity = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """A tip; days are local, times UTC.

    ``leads`` are those it was linked to that the officer may see: the desk sees none.
    ``deadlines``: the check, telling an informant of the filing, the answer, as far as they began.
    """

    tip_id: str
    revision: int
    unit: str
    desk: str
    insider: bool
    channel: Channel
    received: str
    real_name: bool
    summary: str
    state: State
    outcome: Outcome | None
    answer: str | None
    accepted_on: str | None
    informed_on: str | None
    answered_on: str | None
    made_at: str
    made_by: str
    changed_at: str
    changed_by: str
    entities: tuple[Entity, ...]
    leads: tuple[str, ...]
    deadlines: tuple[TipDeadline, ...]


def tip_of(connection: Connection, ledger: Ledger, officer: Officer, row: Row[Any]) -> Tip:
    """Return one tip as an officer may see it."""
    (found,) = tips_of(connection, ledger, officer, [row])
    return found


def tips_of(
    connection: Connection, ledger: Ledger, officer: Officer, rows: list[Row[Any]]
) -> list[Tip]:
    """Return tips as an officer may see them, in the order of the rows."""
    keys = [row.tip_id for row in rows]
    entities, linked = entities_of(connection, keys), _links(connection, officer, keys)
    filed, inside = filed_on(connection, keys), _inside(connection, keys)
    rules = read_tip_rules(ledger.workspace.root / "calendar")
    calendar, today = calendar_of(ledger), local_day(ledger.clock())
    plain = [name for name in Tip.__slots__ if name in tips.c and name != "insider"]
    return [
        Tip(
            **{name: getattr(row, name) for name in plain},
            insider=row.insider or row.tip_id in inside,
            entities=tuple(entities.get(row.tip_id, ())),
            leads=tuple(linked.get(row.tip_id, ())),
            deadlines=_deadlines(row, filed.get(row.tip_id), rules, calendar, today),
        )
        for row in rows
    ]


def _deadlines(
    row: Row[Any], filed: date | None, rules: TipRules, calendar: Calendar, today: date
) -> tuple[TipDeadline, ...]:
    def day(text: str | None) -> date | None:
        return date.fromisoformat(text) if text else None

    ended = day(row.accepted_on if row.state == "not_accepted" else row.concluded_on)
    ended = ended or (day(row.accepted_on) if row.outcome is None and row.answered_on else None)
    steps = [("tip_check", day(row.received), ended or filed)]
    if row.real_name and filed is not None:
        steps.append(("tip_informing", filed, day(row.informed_on)))
    if ended:
        steps.append(("tip_answer", ended, day(row.answered_on)))
    return tuple(
        deadline(rules.limits[name], began, end, today, calendar)
        for name, began, end in steps
        if began is not None
    )


def entities_of(connection: Connection, keys: Collection[str]) -> dict[str, list[Entity]]:
    """Return what each tip is about, by type and key."""
    held: dict[str, list[Entity]] = {}
    query = select(tip_entities).where(tip_entities.c.tip_id.in_(list(keys)))
    for row in connection.execute(
        query.order_by(tip_entities.c.entity_type, tip_entities.c.entity_id)
    ):
        held.setdefault(row.tip_id, []).append((row.entity_type, row.entity_id))
    return held


def _inside(connection: Connection, keys: Collection[str]) -> set[str]:
    """Return which of these tips are tied to a lead of insiders."""
    query = select(tip_leads.c.tip_id).join(leads, leads.c.lead_id == tip_leads.c.lead_id)
    found = connection.execute(query.where(leads.c.insider, tip_leads.c.tip_id.in_(list(keys))))
    return set(found.scalars())


def _links(connection: Connection, officer: Officer, keys: Collection[str]) -> dict[str, list[str]]:
    """Return the linked leads that the officer may see."""
    try:
        require(officer, "leads.list_leads")
    except NotFound:
        return {}
    seen = {row.lead_id for row, _ in visible(connection, officer, "leads.list_leads", leads)}
    held: dict[str, list[str]] = {}
    query = select(tip_leads).where(tip_leads.c.tip_id.in_(list(keys)))
    for row in connection.execute(query.order_by(tip_leads.c.lead_id)):
        if row.lead_id in seen:
            held.setdefault(row.tip_id, []).append(row.lead_id)
    return held


def filed_on(connection: Connection, keys: Collection[str]) -> dict[str, date]:
    """Return the local day on which the first case of each tip was filed."""
    query = (
        select(tip_leads.c.tip_id, func.min(moves.c.at))
        .join(case_leads, case_leads.c.lead_id == tip_leads.c.lead_id)
        .join(moves, moves.c.subject == case_leads.c.case_id)
        .where(moves.c.move == "file", tip_leads.c.tip_id.in_(list(keys)))
        .group_by(tip_leads.c.tip_id)
    )
    return {tip_id: local_day(unstamp(at)) for tip_id, at in connection.execute(query)}


def add_entities(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    tip_id: str,
    entities: Collection[Entity],
) -> None:
    """Add to what a tip is about; what it has already stays.

    Raises
    ------
    Refused
        If a type or key is empty or too long.
    """
    wrong = [one for pair in entities for one in pair if not one.strip() or len(one) > NAME_LENGTH]
    if wrong:
        raise Refused(to_say("refused.tip.key", key=wrong[0]))
    known = set(entities_of(connection, [tip_id]).get(tip_id, ()))
    made = {"tip_id": tip_id, "at": stamp(ledger.clock()), "who": officer.name}
    new = [
        {**made, "entity_type": kind, "entity_id": key}
        for kind, key in sorted({(pair[0], pair[1]) for pair in entities} - known)
    ]
    if new:
        connection.execute(insert(tip_entities), new)


def touch_tip(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    row: Row[Any],
    revision: int,
    **values: object,
) -> Row[Any]:
    """Change a tip that is still at ``revision``, and return it as it now is.

    Raises
    ------
    Stale
        If it is not.
    """
    own = tips.c.tip_id == row.tip_id
    changed = {"changed_at": stamp(ledger.clock()), "changed_by": officer.name}
    done = connection.execute(
        update(tips)
        .where(own, tips.c.revision == revision)
        .values(revision=revision + 1, **changed, **values)
    )
    now = connection.execute(select(tips).where(own)).one()
    if done.rowcount != 1:
        raise Stale(row.tip_id, expected=revision, row=now)
    return now
