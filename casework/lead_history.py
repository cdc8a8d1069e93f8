"""What each run changed of the leads: rings that are new, changed, gone or back again."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, insert, select, update

from casework.canonical import canonical, stamp
from casework.rights import Officer
from casework.ring_facts import FactsOfRun, RingFacts, difference
from casework.subjects import next_number
from casework.tables import case_leads, cases, lead_history, leads

Change = Literal["new", "changed", "dropped", "returned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadChange:
    """What a run changed of a lead: values before and after by name.

    Under ``members`` stand those who left (``was``) and those who joined (``now``). ``outcome`` is
    what people had decided on the lead by then.
    """

    lead_id: str
    number: int
    at: str
    run: str
    change: Change
    was: Mapping[str, Any]
    now: Mapping[str, Any]
    outcome: str | None


def history(connection: Connection, lead_ids: Sequence[str]) -> list[LeadChange]:
    """Return what runs changed of these leads, oldest first."""
    query = (
        select(lead_history)
        .where(lead_history.c.lead_id.in_(lead_ids))
        .order_by(lead_history.c.at, lead_history.c.lead_id, lead_history.c.number)
    )
    return [
        LeadChange(**{**row._mapping, "was": json.loads(row.was), "now": json.loads(row.now)})
        for row in connection.execute(query)
    ]


def apply_run(
    connection: Connection,
    officer: Officer,
    found: FactsOfRun,
    staff_units: Mapping[str, str],
    at: datetime,
) -> list[LeadChange]:
    """Make leads of a run's new rings, write into the known ones what changed; return all of it.

    The run speaks, not the officer: leads that the officer may not see are told too.
    """
    known = {row.ring_id: row for row in connection.execute(select(leads))}
    changes = [
        _new(connection, officer, ring, found.run, _kept_from(officer.unit, ring, staff_units), at)
        for ring_id, ring in sorted(found.rings.items())
        if ring_id not in known
    ]
    for ring_id, row in sorted(known.items()):
        ring = found.rings.get(ring_id)
        kept_from = _kept_from(row.unit, ring, staff_units)
        if change := _again(connection, officer, row, ring, found.run, kept_from, at):
            changes.append(change)
    return changes


def _kept_from(unit: str, ring: RingFacts | None, staff_units: Mapping[str, str]) -> frozenset[str]:
    """Return the units that must not see a ring: those of its agency staff, and the lead's own."""
    if ring is None or not ring.insider:
        return frozenset()
    return frozenset({unit} | {staff_units[staff] for staff in ring.staff if staff in staff_units})


def _new(
    connection: Connection,
    officer: Officer,
    ring: RingFacts,
    run: str,
    kept_from: frozenset[str],
    at: datetime,
) -> LeadChange:
    lead_id = f"L-{secrets.token_hex(6)}"
    values = {
        "lead_id": lead_id,
        "ring_id": ring.ring_id,
        "revision": 1,
        "unit": officer.unit,
        "insider": ring.insider,
        "concerned": canonical(sorted(kept_from)),
        "state": "open",
        "run": run,
        "present": True,
        "facts": canonical(ring.facts),
        "made_at": stamp(at),
        "made_by": officer.name,
        "changed_at": stamp(at),
        "changed_by": officer.name,
    }
    connection.execute(insert(leads), values)
    return _told(connection, lead_id, run, at, "new", {}, {}, None)


def _again(
    connection: Connection,
    officer: Officer,
    row: Row[Any],
    ring: RingFacts | None,
    run: str,
    kept_from: frozenset[str],
    at: datetime,
) -> LeadChange | None:
    """Compare a lead with what the run says; write what changed, if anything did."""
    values: dict[str, Any]
    was: dict[str, Any]
    now: dict[str, Any]
    change: Change
    if ring is None:
        if not row.present:
            return None
        values = {"present": False}
        was, now, change = {"run": row.run}, {"run": None}, "dropped"
    else:
        values = {"present": True, "run": run, "facts": canonical(ring.facts)}
        was, now = difference(json.loads(row.facts), ring.facts)
        change = "changed" if row.present else "returned"
        if ring.insider and not row.insider:
            was["insider"], now["insider"] = False, True
        if ring.insider:
            values["insider"] = True
            values["concerned"] = canonical(sorted({*json.loads(row.concerned), *kept_from}))
            if values["concerned"] != row.concerned:
                was["concerned"] = json.loads(row.concerned)
                now["concerned"] = json.loads(values["concerned"])
        if row.present and not now:
            connection.execute(update(leads).where(leads.c.lead_id == row.lead_id).values(run=run))
            return None
    values |= {"revision": row.revision + 1, "changed_at": stamp(at), "changed_by": officer.name}
    connection.execute(update(leads).where(leads.c.lead_id == row.lead_id).values(**values))
    _tell_case(connection, officer, row.lead_id, values, at)
    return _told(connection, row.lead_id, run, at, change, was, now, row.outcome)


def _tell_case(
    connection: Connection,
    officer: Officer,
    lead_id: str,
    lead: Mapping[str, Any],
    at: datetime,
) -> None:
    """Raise the revision of the lead's case, so that nobody decides on what no longer holds.

    A lead that turned out to have agency staff takes its case with it.
    """
    found = connection.execute(
        select(cases).join(case_leads).where(case_leads.c.lead_id == lead_id)
    ).one_or_none()
    if found is None:
        return
    values = {
        "revision": found.revision + 1,
        "changed_at": stamp(at),
        "changed_by": officer.name,
    }
    if lead.get("insider"):
        concerned = {*json.loads(found.concerned), *json.loads(lead["concerned"])}
        values |= {"insider": True, "concerned": canonical(sorted(concerned))}
    connection.execute(update(cases).where(cases.c.case_id == found.case_id).values(**values))


def _told(
    connection: Connection,
    lead_id: str,
    run: str,
    at: datetime,
    change: Change,
    was: Mapping[str, Any],
    now: Mapping[str, Any],
    outcome: str | None,
) -> LeadChange:
    told = LeadChange(
        lead_id=lead_id,
        number=next_number(connection, lead_history, lead_id),
        at=stamp(at),
        run=run,
        change=change,
        was=was,
        now=now,
        outcome=outcome,
    )
    row = {**asdict(told), "was": canonical(was), "now": canonical(now)}
    connection.execute(insert(lead_history), row)
    return told
