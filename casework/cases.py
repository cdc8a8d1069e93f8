"""Cases: opened from leads, given to officers, marked, listed and read."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from casework.audit import NAME_LENGTH, noted
from casework.canonical import canonical, stamp
from casework.lead_history import LeadChange, history
from casework.leads import Lead, assign, cases_of, lead_of
from casework.ledger import Ledger
from casework.limits import local_day
from casework.papers import Attachment, Note, attachments_of, notes_of
from casework.periods import begin_limit
from casework.rights import Officer, Refused, serving
from casework.subjects import find, names, touch, visible
from casework.tables import assignments, case_leads, cases, leads, moves
from casework.tables_people import accounts
from casework.workflow import DONE
from ingest.telling import listed, to_say, word

_noted = partial(noted, object_class="case")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case; its times are UTC, ``supervised_until`` is a local day (挂牌督办)."""

    case_id: str
    revision: int
    title: str
    unit: str
    insider: bool
    state: str
    grave: bool
    decision: str | None
    supervised_until: str | None
    officers: tuple[str, ...]
    made_at: str
    made_by: str
    changed_at: str
    changed_by: str


def mark_passed(case: Case, today: date) -> bool:
    """Whether a case is still open after the day by which it was to end (挂牌督办).

    That day itself still counts as in time; ``today`` is a local day.
    """
    until = case.supervised_until
    return until is not None and until < today.isoformat() and case.state not in DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A move: drafted by one, made or approved by ``who``; papers as (kind, SHA-256)."""

    subject: str
    number: int
    move: str
    before: str
    after: str
    choice: str | None
    explanation: str | None
    reason: str
    papers: tuple[tuple[str, str], ...]
    drafted_by: str
    at: str
    who: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """All that a case holds; ``news`` is what later runs changed of its leads since it was opened.

    ``certificates`` are the officers' certificate numbers by name, None where none was given;
    ``guests`` are those of them without an account: inspectors who come along from outside.
    """

    case: Case
    leads: tuple[Lead, ...]
    news: tuple[LeadChange, ...]
    moves: tuple[Made, ...]
    notes: tuple[Note, ...]
    attachments: tuple[Attachment, ...]
    certificates: Mapping[str, str | None]
    guests: tuple[str, ...]


def open_case(
    ledger: Ledger, officer: Officer, from_leads: Mapping[str, int], *, title: str
) -> Case:
    """Open a case from leads of one unit, each named with the revision that was read.

    The officers of the leads become those of the case, an investigator who opens it too. The limit
    ``check`` begins.

    Raises
    ------
    Stale
        If a lead was changed since.
    Refused
        If there is no lead, one is judged or in a case, their units differ, or the title is none.
    """
    key = ", ".join(sorted(from_leads)) or "leads"
    with serving(ledger, officer, "cases.open_case", key) as connection:
        rows = [
            find(connection, officer, "cases.open_case", lead_id, of=leads)
            for lead_id in sorted(from_leads)
        ]
        _can_open(rows, cases_of(connection, from_leads), title)
        at, case_id = ledger.clock(), f"K-{secrets.token_hex(6)}"
        held = names(connection, from_leads)
        officers = {name for lead_id in from_leads for name in held[lead_id]}
        if officer.role == "investigator":
            officers.add(officer.name)
        concerned = {unit for row in rows for unit in json.loads(row.concerned)}
        values = {
            "case_id": case_id,
            "revision": 1,
            "title": title.strip(),
            "unit": rows[0].unit,
            "insider": any(row.insider for row in rows),
            "concerned": canonical(sorted(concerned)),
            "state": "checking",
            "grave": False,
            "made_at": stamp(at),
            "made_by": officer.name,
            "changed_at": stamp(at),
            "changed_by": officer.name,
        }
        connection.execute(insert(cases), values)
        for row in rows:
            revision = from_leads[row.lead_id]
            touch(connection, officer, row, revision=revision, at=at, state="in_case")
            connection.execute(insert(case_leads), {"lead_id": row.lead_id, "case_id": case_id})
        assign(connection, officer, case_id, dict.fromkeys(officers), at)
        begin_limit(connection, case_id, "check", local_day(at))
        _noted(
            connection,
            officer,
            ledger.clock(),
            "case.opened",
            case_id,
            case_id=case_id,
            leads=sorted(from_leads),
        )
        return case_of(connection, case_id)


def list_cases(ledger: Ledger, officer: Officer) -> list[Case]:
    """Return the cases an officer may see, the oldest first."""
    function = "cases.list_cases"
    with serving(ledger, officer, function, "cases") as connection:
        found = [_case(row, held) for row, held in visible(connection, officer, function, cases)]
        _noted(connection, officer, ledger.clock(), "case.listed", "list", cases=len(found))
    return sorted(found, key=lambda one: (one.made_at, one.case_id))


def read_case(
    ledger: Ledger, officer: Officer, case_id: str, *, purpose: str | None = None
) -> CaseFile:
    """Return a case with all it holds; the audit log has a row of the reading."""
    with serving(ledger, officer, "cases.read_case", case_id) as connection:
        find(connection, officer, "cases.read_case", case_id, of=cases)
        _noted(
            connection,
            officer,
            ledger.clock(),
            "case.read",
            case_id,
            case_id=case_id,
            purpose=purpose,
        )
        return _file(connection, case_id)


def assign_case(
    ledger: Ledger,
    officer: Officer,
    case_id: str,
    *,
    to: Mapping[str, str | None],
    revision: int,
) -> Case:
    """Give a case to these officers and no others: certificate number by name, None for none.

    Raises
    ------
    Stale
        If it was changed since ``revision``.
    Refused
        If nobody is named, two share a certificate, or the case is archived.
    """
    with serving(ledger, officer, "cases.assign_case", case_id) as connection:
        row = find(connection, officer, "cases.assign_case", case_id, of=cases)
        shown = [number.strip() for number in to.values() if number and number.strip()]
        if not to or len(set(shown)) != len(shown) or row.state == "archived":
            raise Refused(
                to_say(
                    "refused.case.assign",
                    case_id=case_id,
                    state=word("case_state", row.state),
                    officers=listed(sorted(to)),
                )
            )
        at = ledger.clock()
        touch(connection, officer, row, revision=revision, at=at)
        clean = {name: (number or "").strip() or None for name, number in to.items()}
        assign(connection, officer, case_id, clean, at)
        _noted(
            connection,
            officer,
            ledger.clock(),
            "case.assigned",
            case_id,
            case_id=case_id,
            to=sorted(to),
        )
        return case_of(connection, case_id)


def mark_case(
    ledger: Ledger,
    officer: Officer,
    case_id: str,
    *,
    grave: bool,
    supervised_until: date | None,
    reason: str,
    revision: int,
) -> Case:
    """Say whether a case is grave (group decision) and supervised until a day (挂牌督办), and why.

    Raises
    ------
    Stale
        If it was changed since ``revision``.
    Refused
        If the reason is empty, or the case is decided already.
    """
    with serving(ledger, officer, "cases.mark_case", case_id) as connection:
        row = find(connection, officer, "cases.mark_case", case_id, of=cases)
        if not reason.strip() or row.decision is not None:
            raise Refused(
                to_say(
                    "refused.case.mark",
                    case_id=case_id,
                    decision=word("case_decision", row.decision),
                )
            )
        until = supervised_until.isoformat() if supervised_until else None
        values: dict[str, Any] = {"grave": grave, "supervised_until": until}
        touch(connection, officer, row, revision=revision, at=ledger.clock(), **values)
        _noted(
            connection,
            officer,
            ledger.clock(),
            "case.marked",
            case_id,
            case_id=case_id,
            reason=reason,
            **values,
        )
        return case_of(connection, case_id)


def case_of(connection: Connection, case_id: str) -> Case:
    """Return a case as the ledger holds it now."""
    row = connection.execute(select(cases).where(cases.c.case_id == case_id)).one()
    return _case(row, names(connection, [case_id])[case_id])


def moves_of(connection: Connection, subject: str) -> list[Made]:
    """Return the moves of a lead or case, in order."""
    query = select(moves).where(moves.c.subject == subject).order_by(moves.c.number)
    return [
        Made(**{**row._mapping, "papers": tuple(tuple(one) for one in json.loads(row.papers))})
        for row in connection.execute(query)
    ]


def _can_open(rows: list[Row[Any]], taken: Mapping[str, str], title: str) -> None:
    name = title.strip()
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        raise Refused(to_say("refused.case.title", title=title, most=NAME_LENGTH))
    busy = [
        row.lead_id for row in rows if row.state not in ("open", "checking") or row.lead_id in taken
    ]
    units = sorted({row.unit for row in rows})
    if not rows or busy or len(units) > 1:
        raise Refused(to_say("refused.case.open", busy=listed(busy), units=listed(units)))


def _file(connection: Connection, case_id: str) -> CaseFile:
    case = case_of(connection, case_id)
    rows = connection.execute(
        select(leads)
        .join(case_leads)
        .where(case_leads.c.case_id == case_id)
        .order_by(leads.c.lead_id)
    ).all()
    told = history(connection, [row.lead_id for row in rows])
    certificates = connection.execute(
        select(assignments.c.name, assignments.c.certificate, accounts.c.name.label("account"))
        .outerjoin(accounts, accounts.c.name == assignments.c.name)
        .where(assignments.c.subject == case_id)
        .order_by(assignments.c.name)
    ).all()
    return CaseFile(
        case=case,
        leads=tuple(lead_of(connection, row) for row in rows),
        news=tuple(one for one in told if one.at > case.made_at),
        moves=tuple(moves_of(connection, case_id)),
        notes=tuple(notes_of(connection, case_id)),
        attachments=tuple(attachments_of(connection, case_id)),
        certificates={row.name: row.certificate for row in certificates},
        guests=tuple(row.name for row in certificates if row.account is None),
    )


def _case(row: Row[Any], officers: tuple[str, ...]) -> Case:
    values = {name: getattr(row, name) for name in Case.__slots__ if name != "officers"}
    return Case(**values, officers=officers)
