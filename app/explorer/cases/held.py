"""What a visit reads of the ledger, once a minute and anew after each act.

Every asking of a service is a row of the audit log, and a page is drawn at every click: without
this the log would count clicks. What an officer was shown stands for a minute at most; the services
check rights and revisions again at every act.
"""

from collections.abc import Mapping

import streamlit as st

from app.explorer import session
from app.explorer.canvas import services
from casework.call_backs import CallBack, list_call_backs
from casework.cases import Case, CaseFile, list_cases, read_case
from casework.colleagues import list_colleagues
from casework.deadlines import Deadline, list_deadlines
from casework.decisions import Draft, list_drafts, returned_draft
from casework.joint import Joint, list_joint
from casework.kpis import Figures
from casework.kpis import figures as figures_of
from casework.lead_history import LeadChange, history
from casework.leads import Lead, list_leads, read_lead
from casework.ledger import reading
from casework.reveals import Masked, Reveal, list_reveals
from casework.reveals import masked as masked_of
from casework.rights import Officer

SECONDS = 60


@st.cache_data(show_spinner=False, ttl=SECONDS)
def leads(root: str, officer: Officer) -> list[Lead]:
    """Return the leads that an officer may see, largest probability × mid loss first."""
    return list_leads(services.ledger(root), officer)


@st.cache_data(show_spinner=False, ttl=SECONDS)
def news(root: str, officer: Officer) -> Mapping[str, LeadChange]:
    """Return the last change that a run made to each of an officer's leads, being new left out."""
    mine = [one.lead_id for one in leads(root, officer)]
    with reading(services.ledger(root)) as connection:
        told = history(connection, mine) if mine else []
    return {one.lead_id: one for one in told if one.change != "new"}


@st.cache_data(show_spinner=False, ttl=SECONDS)
def lead(root: str, officer: Officer, lead_id: str) -> tuple[Lead, list[LeadChange]]:
    """Return a lead with its history; :class:`casework.rights.NotFound` where it is not theirs."""
    return read_lead(services.ledger(root), officer, lead_id)


@st.cache_data(show_spinner=False, ttl=SECONDS)
def cases(root: str, officer: Officer) -> list[Case]:
    """Return the cases that an officer may see, the oldest first."""
    return list_cases(services.ledger(root), officer)


@st.cache_data(show_spinner=False, ttl=SECONDS)
def deadlines(root: str, officer: Officer) -> Mapping[str, tuple[Deadline, ...]]:
    """Return the deadlines of an officer's cases by case, the most urgent first."""
    found: dict[str, tuple[Deadline, ...]] = {}
    for one in list_deadlines(services.ledger(root), officer):
        found[one.case_id] = (*found.get(one.case_id, ()), one)
    return found


@st.cache_data(show_spinner=False, ttl=SECONDS)
def file(root: str, officer: Officer, case_id: str) -> CaseFile:
    """Return a case with all it holds; :class:`casework.rights.NotFound` where it is not theirs."""
    return read_case(services.ledger(root), officer, case_id)


@st.cache_data(show_spinner=False, ttl=SECONDS)
def drafts(root: str, officer: Officer) -> list[Draft]:
    """Return the open drafts that an officer may see, the oldest first."""
    return list_drafts(services.ledger(root), officer)


@st.cache_data(show_spinner=False, ttl=SECONDS)
def returned(root: str, officer: Officer, key: str) -> Draft | None:
    """Return the last draft on a lead or case if it was returned and nothing came of it since."""
    return returned_draft(key, ledger=services.ledger(root), officer=officer)


@st.cache_data(show_spinner=False, ttl=SECONDS)
def reveals(root: str, officer: Officer, case_id: str | None) -> list[Reveal]:
    """Return the reveals of a case, or of all cases that an officer may see, without values."""
    return list_reveals(services.ledger(root), officer, case=case_id)


@st.cache_data(show_spinner=False, ttl=SECONDS)
def masked(root: str, officer: Officer, case_id: str) -> list[Masked]:
    """Return the members of a case's rings with masked values."""
    ledger = services.ledger(root)
    return masked_of(ledger, ledger.workspace, officer, case=case_id)


@st.cache_data(show_spinner=False, ttl=SECONDS)
def figures(root: str, officer: Officer) -> Figures:
    """Return the figures of an officer's unit."""
    return figures_of(services.ledger(root), officer)


@st.cache_data(show_spinner=False, ttl=SECONDS)
def joint(root: str, officer: Officer) -> list[Joint]:
    """Return the cases of the unit that lie with other authorities, open ones first."""
    return list_joint(services.ledger(root), officer)


@st.cache_data(show_spinner=False, ttl=SECONDS)
def colleagues(root: str, officer: Officer) -> Mapping[str, str]:
    """Return whom of the unit work can be given to: how each is shown, by name of the account."""
    return {
        one.name: one.name if one.display == one.name else f"{one.display} ({one.name})"
        for one in list_colleagues(services.ledger(root), officer)
    }


@st.cache_data(show_spinner=False, ttl=SECONDS)
def calls(root: str, officer: Officer, case_id: str) -> list[CallBack]:
    """Return who was drawn to be called back in a case, the newest draw first."""
    return list_call_backs(services.ledger(root), officer, case_id)


def forget() -> None:
    """Ask everything anew at the next look, since something was done."""
    for one in (
        leads,
        news,
        lead,
        cases,
        deadlines,
        file,
        drafts,
        returned,
        reveals,
        masked,
        figures,
        joint,
        colleagues,
        calls,
    ):
        one.clear()
    session.forget_leads()
