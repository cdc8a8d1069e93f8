"""What a paper tells of the handling of a lead or case, read from the ledger."""

from typing import Any

from sqlalchemy import Connection, Row, or_, select

from casework.audit import Entry
from casework.leads import cases_of
from casework.reports.frame import Handling
from casework.reports.words import name_of
from casework.rights import NotFound, Officer
from casework.subjects import find
from casework.tables import assignments, audit, cases
from ingest.texts import Language, say

READS = (
    "access.refused",
    "service.refused",
    "lead.opened",
    "lead.listed",
    "case.read",
    "case.listed",
    "case.attachment_read",
    "draft.listed",
    "deadline.listed",
    "case.handed_over",
    "call_back.listed",
    "identity.masked",
    "identity.listed",
    "identity.searched",
    "paper.issued",
    "paper.issued_again",
    "paper.read",
    "paper.previewed",
)
"""Rows that say only that somebody looked: a paper would differ each time it is asked for."""


def handling_of_lead(
    connection: Connection, officer: Officer, row: Row[Any], lang: Language
) -> Handling:
    """Return the handling of a lead, or that of its case where the officer may read it."""
    case_id = cases_of(connection, [row.lead_id]).get(row.lead_id)
    if case_id is not None and not _readable(connection, officer, case_id):
        case_id = None
    if case_id is None:
        state = row.state if row.present else "dropped"
        status, filed = say(f"report.status.{state}", lang), False
    else:
        held = connection.execute(select(cases.c.state).where(cases.c.case_id == case_id))
        state = held.scalar_one()
        status, filed = name_of("case_state", state, lang), state not in _NOT_FILED
    return Handling(
        status=status,
        unit=row.unit,
        lead_id=row.lead_id,
        case_id=case_id,
        insider=row.insider,
        filed=filed,
        certificates=_certificates(connection, case_id or row.lead_id),
        log=_log(connection, row.lead_id, case_id),
    )


def _readable(connection: Connection, officer: Officer, case_id: str) -> bool:
    try:
        find(connection, officer, "cases.read_case", case_id, of=cases)
    except NotFound:
        return False
    return True


def handling_of_case(connection: Connection, row: Row[Any], lang: Language) -> Handling:
    """Return the handling of a case."""
    return Handling(
        status=name_of("case_state", row.state, lang),
        unit=row.unit,
        lead_id=None,
        case_id=row.case_id,
        insider=row.insider,
        filed=row.state not in _NOT_FILED,
        certificates=_certificates(connection, row.case_id),
        log=_log(connection, row.case_id, row.case_id),
    )


_NOT_FILED = frozenset({"checking", "not_filed"})


def _certificates(connection: Connection, key: str) -> tuple[tuple[str, str | None], ...]:
    query = (
        select(assignments.c.name, assignments.c.certificate)
        .where(assignments.c.subject == key)
        .order_by(assignments.c.name)
    )
    return tuple((name, certificate) for name, certificate in connection.execute(query))


def _log(connection: Connection, key: str, case_id: str | None) -> tuple[Entry, ...]:
    about = (
        or_(audit.c.object == key, audit.c.case_id == case_id)
        if case_id
        else (audit.c.object == key)
    )
    query = select(audit).where(about, audit.c.action.not_in(READS)).order_by(audit.c.seq)
    return tuple(Entry(**row._mapping) for row in connection.execute(query))
