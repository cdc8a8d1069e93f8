"""Papers as they stand: built from the ledger and a run, not yet issued, with whose they are.

The service that issues a paper and the look at it beforehand build it here, so that what was looked
at is what goes out. ``function`` names the right that is asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from casework.call_backs import of_case
from casework.cases import CaseFile, read_case
from casework.deadlines import Deadline, list_deadlines
from casework.ledger import Ledger
from casework.reports.call_back_part import called_sections
from casework.reports.case_paper import case_paper
from casework.reports.handling import handling_of_case, handling_of_lead
from casework.reports.model import Paper
from casework.reports.network import Spot
from casework.reports.ring_data import read_ring
from casework.reports.ring_paper import ring_paper
from casework.reports.sheet_parts import checks
from casework.rights import NotFound, Officer, serving
from casework.ring_facts import pseudonyms
from casework.subjects import find
from casework.tables import cases, leads
from ingest.texts import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A paper as it would go out now, and whose it is; nothing is issued yet."""

    paper: Paper
    unit: str
    subject: str | None
    case_id: str | None = None


def draft_ring(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    function: str,
    key: str,
    lang: Language,
    *,
    positions: Mapping[str, Spot] | None = None,
) -> Draft:
    """Return the report of a lead as it stands; errors as :func:`issue_ring`."""
    row = lead_row(connection, officer, function, key)
    ring = read_ring(ledger.workspace, row.run, row.ring_id)
    handling = handling_of_lead(connection, officer, row, lang)
    on_site = checks(ledger.workspace, ring, insider=row.insider)
    paper = ring_paper(ring, handling, on_site, lang, positions=positions)
    return Draft(paper=paper, unit=row.unit, subject=row.lead_id, case_id=handling.case_id)


def case_held(
    case_id: str, purpose: str | None, *, ledger: Ledger, officer: Officer, function: str
) -> tuple[CaseFile, list[Deadline]]:
    """Read what a case holds and its deadlines, where the right of ``function`` reaches it."""
    with serving(ledger, officer, function, case_id) as connection:
        find(connection, officer, function, case_id, of=cases)
    held = read_case(ledger, officer, case_id, purpose=purpose)
    return held, list_deadlines(ledger, officer, case_id=case_id)


def draft_case(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    function: str,
    held: CaseFile,
    limits: Sequence[Deadline],
    lang: Language,
) -> Draft:
    """Return the file of a case as it stands; errors as :func:`issue_case`."""
    case_id = held.case.case_id
    row = find(connection, officer, function, case_id, of=cases)
    handling = handling_of_case(connection, row, lang)
    calls = of_case(connection, case_id)
    named = pseudonyms(ledger.workspace, {one.person for call in calls for one in call.people})
    paper = case_paper(held, limits, handling, lang, called=called_sections(calls, named, lang))
    return Draft(paper=paper, unit=row.unit, subject=case_id, case_id=case_id)


def lead_row(connection: Connection, officer: Officer, function: str, key: str) -> Row[Any]:
    """Return the row of a lead by its number, or by that of its ring."""
    known = connection.execute(select(leads.c.lead_id).where(leads.c.ring_id == key)).scalar()
    try:
        return find(connection, officer, function, known or key, of=leads)
    except NotFound:
        raise NotFound(key) from None
