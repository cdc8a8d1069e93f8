"""The inspection sheet and the notice of a lead or case: made for the places of its rings."""

from typing import Literal, get_args

from sqlalchemy import Connection, select

from casework.issuing import Issued, Wanted, issue_draft
from casework.ledger import Ledger
from casework.paper_drafts import Draft, lead_row
from casework.reports.frame import Handling
from casework.reports.handling import handling_of_case, handling_of_lead
from casework.reports.ring_data import read_ring
from casework.reports.sheet_paper import OFFICERS, notice_paper, sheet_paper
from casework.reports.sheet_parts import Check, checks
from casework.rights import Officer, Refused, serving
from casework.subjects import find
from casework.tables import case_leads, cases, leads
from ingest.telling import to_say, word, words
from ingest.texts import Language

Inspection = Literal["routine", "unannounced", "recheck", "night", "self_check"]


def issue_sheet(
    ledger: Ledger,
    officer: Officer,
    key: str,
    wanted: Wanted,
    *,
    inspection: Inspection = "unannounced",
) -> tuple[Issued, bytes]:
    """Return the on-site sheet for the places of a lead or case, and its file.

    A case needs two officers with a certificate each, whose numbers stand on the sheet; that of a
    lead has lines for them to fill in.

    Raises
    ------
    NotFound
        If there is no such lead or case, or the officer may not know of it.
    Refused
        If a case has fewer officers with certificates, or the kind of inspection is none.
    """
    function = "sheets.issue_sheet"
    if inspection not in get_args(Inspection):
        raise Refused(
            to_say(
                "refused.paper.inspection",
                inspection=word("inspection", inspection),
                choices=words("inspection", get_args(Inspection)),
            )
        )
    with serving(ledger, officer, function, key) as connection:
        draft = draft_sheet(
            connection, ledger, officer, function, key, wanted.language, inspection=inspection
        )
        return issue_draft(connection, ledger, officer, draft, wanted)


def issue_notice(
    ledger: Ledger, officer: Officer, key: str, wanted: Wanted
) -> tuple[Issued, bytes]:
    """Return the notices for the places of a lead or case; it tells them nothing of the lead.

    Raises as :func:`issue_sheet`.
    """
    function = "sheets.issue_notice"
    with serving(ledger, officer, function, key) as connection:
        draft = draft_notice(connection, ledger, officer, function, key, wanted.language)
        return issue_draft(connection, ledger, officer, draft, wanted)


def draft_sheet(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    function: str,
    key: str,
    lang: Language,
    *,
    inspection: Inspection,
) -> Draft:
    """Return the sheet of a lead or case as it stands; errors as :func:`issue_sheet`."""
    found, handling, unit = _about(connection, ledger, officer, function, key, lang)
    paper = sheet_paper(handling, found, lang, inspection=inspection)
    return Draft(paper=paper, unit=unit, subject=_subject(handling), case_id=handling.case_id)


def draft_notice(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    function: str,
    key: str,
    lang: Language,
) -> Draft:
    """Return the notices of a lead or case as they stand; errors as :func:`issue_sheet`."""
    found, handling, unit = _about(connection, ledger, officer, function, key, lang)
    paper = notice_paper(handling, found, lang)
    return Draft(paper=paper, unit=unit, subject=_subject(handling), case_id=handling.case_id)


def _about(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    function: str,
    key: str,
    lang: Language,
) -> tuple[tuple[Check, ...], Handling, str]:
    """Return what is checked where, for a lead or for all leads of a case, each place once."""
    if key.startswith("K-"):
        row = find(connection, officer, function, key, of=cases)
        handling = handling_of_case(connection, row, lang)
        if certified(handling) < OFFICERS:
            raise Refused(
                to_say(
                    "refused.paper.certificates", key=key, have=certified(handling), needs=OFFICERS
                )
            )
        of_case = select(leads).join(case_leads).where(case_leads.c.case_id == key)
        rows = connection.execute(of_case.order_by(leads.c.lead_id)).all()
    else:
        rows = [lead_row(connection, officer, function, key)]
        handling = handling_of_lead(connection, officer, rows[0], lang)
        row = rows[0]
    held: dict[str, Check] = {}
    for lead in rows:
        ring = read_ring(ledger.workspace, lead.run, lead.ring_id)
        for one in checks(ledger.workspace, ring, insider=lead.insider):
            held[one.place] = _joined(held[one.place], one) if one.place in held else one
    return tuple(held.values()), handling, row.unit


def certified(handling: Handling) -> int:
    """Return how many of the officers have a certificate."""
    return sum(bool(number) for _, number in handling.certificates)


def _joined(one: Check, other: Check) -> Check:
    """Return the sheet of a place that two rings share: the items and rows of both."""
    items = dict.fromkeys((*one.items, *other.items))
    names = dict.fromkeys((*one.fills, *other.fills))
    return Check(
        place=one.place,
        name=one.name,
        kind=one.kind,
        seed=f"{one.seed}; {other.seed}",
        items=tuple(items),
        fills={
            name: tuple(dict.fromkeys((*one.fills.get(name, ()), *other.fills.get(name, ()))))
            for name in names
        },
    )


def _subject(handling: Handling) -> str | None:
    return handling.lead_id or handling.case_id
