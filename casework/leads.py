"""Leads: one for each ring, kept through later runs, with what changed and was decided."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from casework.audit import NAME_LENGTH, append, noted
from casework.canonical import stamp
from casework.lead_history import LeadChange, apply_run, history
from casework.ledger import Ledger
from casework.rights import Officer, Refused, serving
from casework.ring_facts import read_rings
from casework.subjects import find, names, touch, visible
from casework.tables import assignments, case_leads, leads
from ingest.telling import to_say, word

_noted = partial(noted, object_class="lead")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A ring handed to people to check. ``facts`` are those of ``run``, the run that held it last.

    Money in ``facts`` is exact text in yuan, times are local ISO 8601; times of the lead itself are
    UTC. ``present`` is false if the newest run that was taken in no longer has the ring.
    """

    lead_id: str
    ring_id: str
    revision: int
    unit: str
    insider: bool
    state: str
    run: str
    present: bool
    facts: Mapping[str, Any]
    outcome: str | None
    explanation: str | None
    officers: tuple[str, ...]
    case_id: str | None
    changed_at: str
    changed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What taking in a run did to the leads that the officer may see; ``same`` did not change."""

    run: str
    changes: tuple[LeadChange, ...]
    same: int


def take_in(
    ledger: Ledger, officer: Officer, *, staff_units: Mapping[str, str] | None = None
) -> TakenIn:
    """Make leads of the newest run's rings, and tell the known ones what changed.

    A new lead belongs to the officer's unit. One with agency staff goes to the discipline liaison
    instead; the officer's unit and the units of that staff (``staff_units``, by staff number) are
    kept from it for good, and so is its case. Taking in a run twice changes nothing.

    Raises
    ------
    NotFound
        If the role may not do this.
    RingfenceError
        If nothing was detected yet.
    """
    function = "leads.take_in"
    with serving(ledger, officer, function, "run") as connection:
        found, at = read_rings(ledger.workspace), ledger.clock()
        changes = apply_run(connection, officer, found, staff_units or {}, at)
        seen = {row.lead_id: row for row, _ in visible(connection, officer, function, leads)}
        told = tuple(one for one in changes if one.lead_id in seen)
        here = sum(row.ring_id in found.rings for row in seen.values())
        moved = sum(one.change != "dropped" for one in told)
        append(
            connection,
            officer,
            at=at,
            action="lead.taken_in",
            object_class="run",
            object=found.run,
            count=here,
            details={"changes": [[one.lead_id, one.change] for one in told]},
        )
        return TakenIn(run=found.run, changes=told, same=here - moved)


def list_leads(ledger: Ledger, officer: Officer) -> list[Lead]:
    """Return the leads an officer may see: largest probability × mid loss first, then id."""
    function = "leads.list_leads"
    with serving(ledger, officer, function, "leads") as connection:
        rows = visible(connection, officer, function, leads)
        case_of = cases_of(connection, None)
        found = [_lead(row, officers, case_of) for row, officers in rows]
        _noted(connection, officer, ledger.clock(), "lead.listed", "list", leads=len(found))
    return sorted(found, key=lambda one: (-_weight(one), one.lead_id))


def read_lead(
    ledger: Ledger, officer: Officer, lead_id: str, *, purpose: str | None = None
) -> tuple[Lead, list[LeadChange]]:
    """Return a lead and its history, oldest first; the audit log has a row of the reading."""
    with serving(ledger, officer, "leads.read_lead", lead_id) as connection:
        row = find(connection, officer, "leads.read_lead", lead_id, of=leads)
        _noted(
            connection, officer, ledger.clock(), "lead.opened", lead_id, count=1, purpose=purpose
        )
        return lead_of(connection, row), history(connection, [lead_id])


def assign_lead(
    ledger: Ledger, officer: Officer, lead_id: str, *, to: Collection[str], revision: int
) -> Lead:
    """Give a lead to these officers and no others; an open lead is then being checked.

    Raises
    ------
    Stale
        If it was changed since ``revision``.
    Refused
        If nobody is named.
    """
    with serving(ledger, officer, "leads.assign_lead", lead_id) as connection:
        row = find(connection, officer, "leads.assign_lead", lead_id, of=leads)
        at = ledger.clock()
        if not to:
            raise Refused(to_say("refused.lead.nobody", lead_id=lead_id))
        state = "checking" if row.state == "open" else row.state
        now = touch(connection, officer, row, revision=revision, at=at, state=state)
        assign(connection, officer, lead_id, dict.fromkeys(to), at)
        _noted(
            connection, officer, ledger.clock(), "lead.assigned", lead_id, count=1, to=sorted(to)
        )
        return lead_of(connection, now)


def hand_to_unit(
    ledger: Ledger, officer: Officer, lead_id: str, *, unit: str, revision: int
) -> None:
    """Give a lead that is in no case to another unit; its officers lose it.

    Raises
    ------
    Stale
        If it was changed since ``revision``.
    Refused
        If it is in a case, or no unit is named.
    """
    with serving(ledger, officer, "leads.hand_to_unit", lead_id) as connection:
        row = find(connection, officer, "leads.hand_to_unit", lead_id, of=leads)
        if not unit.strip() or cases_of(connection, [lead_id]):
            raise Refused(
                to_say(
                    "refused.lead.hand",
                    lead_id=lead_id,
                    state=word("lead_state", row.state),
                    unit=unit,
                )
            )
        at = ledger.clock()
        state = "open" if row.state == "checking" else row.state
        touch(connection, officer, row, revision=revision, at=at, unit=unit, state=state)
        connection.execute(delete(assignments).where(assignments.c.subject == lead_id))
        _noted(
            connection,
            officer,
            ledger.clock(),
            "lead.handed_over",
            lead_id,
            count=1,
            before=row.unit,
            to=unit,
        )


def assign(
    connection: Connection,
    officer: Officer,
    subject: str,
    to: Mapping[str, str | None],
    at: datetime,
) -> None:
    """Replace the officers of a lead or case: certificate number by name.

    Raises
    ------
    Refused
        If a name cannot be written or read.
    """
    wrong = [n for n in to if not n.strip() or len(n) > NAME_LENGTH or not n.isprintable()]
    if wrong:
        raise Refused(to_say("refused.lead.name", name=wrong[0], most=NAME_LENGTH))
    connection.execute(delete(assignments).where(assignments.c.subject == subject))
    rows = [
        {
            "subject": subject,
            "name": name,
            "certificate": certificate,
            "at": stamp(at),
            "assigned_by": officer.name,
        }
        for name, certificate in sorted(to.items())
    ]
    if rows:
        connection.execute(insert(assignments), rows)


def lead_of(connection: Connection, row: Row[Any]) -> Lead:
    """Return a row of leads as a lead."""
    key = row.lead_id
    return _lead(row, names(connection, [key])[key], cases_of(connection, [key]))


def cases_of(connection: Connection, lead_ids: Iterable[str] | None) -> dict[str, str]:
    """Return the case of each of these leads that is in one, of all leads if none are named."""
    query = select(case_leads.c.lead_id, case_leads.c.case_id)
    if lead_ids is not None:
        query = query.where(case_leads.c.lead_id.in_(list(lead_ids)))
    return {lead_id: case_id for lead_id, case_id in connection.execute(query)}


def _lead(row: Row[Any], officers: tuple[str, ...], case_of: Mapping[str, str]) -> Lead:
    values = {name: getattr(row, name) for name in Lead.__slots__ if hasattr(row, name)}
    return Lead(
        **{
            **values,
            "facts": json.loads(row.facts),
            "officers": officers,
            "case_id": case_of.get(row.lead_id),
        }
    )


def _weight(lead: Lead) -> float:
    return float(lead.facts["probability"]) * float(lead.facts["loss_mid"])
