"""Plans and proposals as papers, as they stand in the ledger; who may list them may print them."""

from sqlalchemy import Connection, select

from casework.ledger import Ledger
from casework.paper_drafts import Draft
from casework.plans_holding import find_plan, plan_of
from casework.registers import Proposal, list_proposals
from casework.registers_rules import read_rules
from casework.reports.plan_paper import plan_paper
from casework.reports.proposal_paper import proposal_paper
from casework.rights import NotFound, Officer
from casework.tables import cases
from ingest.texts import Language


def draft_plan_paper(
    connection: Connection, officer: Officer, function: str, plan_id: str, lang: Language
) -> Draft:
    """Return a plan as a paper; it is a unit's, and so are the papers of it.

    Raises
    ------
    NotFound
        If there is no such plan, or the officer may not know of it.
    """
    row = find_plan(connection, officer, function, plan_id)
    return Draft(paper=plan_paper(plan_of(connection, plan_id), lang), unit=row.unit, subject=None)


def proposal_held(proposal_id: str, *, ledger: Ledger, officer: Officer) -> Proposal:
    """Return a proposal that the officer may see.

    Raises
    ------
    NotFound
        If there is none.
    """
    for one in list_proposals(ledger, officer):
        if one.proposal_id == proposal_id:
            return one
    raise NotFound(proposal_id)


def draft_proposal(connection: Connection, ledger: Ledger, held: Proposal, lang: Language) -> Draft:
    """Return a proposal as a paper, kept with its case: of insiders where the case is."""
    query = select(cases.c.insider).where(cases.c.case_id == held.case_id)
    insider = bool(connection.execute(query).scalar())
    verified = read_rules(ledger.workspace).verified
    paper = proposal_paper(held, lang, insider=insider, rule=verified)
    return Draft(paper=paper, unit=held.unit, subject=held.case_id, case_id=held.case_id)
