"""The cases of the liaison's own scope: what is overdue first, with what is due when."""

from datetime import date

import pandas as pd
import streamlit as st

from app.explorer.canvas import services
from app.explorer.insider.links import to_case
from app.explorer.supervision import common
from app.explorer.supervision.office import Office
from app.explorer.words import name_of
from casework.cases import Case
from casework.deadlines import Deadline, list_deadlines
from casework.rights import Officer
from ingest.texts import Language, say

ENDED = frozenset({"not_filed", "terminated", "closed", "archived"})


def shown(office: Office) -> None:
    """Draw the cases and the way to the one that is chosen."""
    lang = office.lang
    limits = _running(_deadlines(office.root, office.officer))
    found = sorted(office.cases(), key=lambda one: _order(one, limits.get(one.case_id)))
    if not found:
        st.write(say("insider.cases.none", lang))
        to_case(None, lang)
        return
    table = pd.DataFrame([_row(one, limits.get(one.case_id), lang) for one in found])
    labels = {one.case_id: f"{one.title} · {one.case_id}" for one in found}
    chosen = common.choose("insider_cases", table, list(labels), labels, lang)
    if any(not one.limit.verified for one in limits.values()):
        sources = ", ".join(sorted({one.limit.source for one in limits.values()}))
        st.caption(say("limit_note.unverified", lang, source=sources))
    to_case(chosen, lang)


def _order(case: Case, limit: Deadline | None) -> tuple[bool, bool, date, str]:
    late = limit is not None and limit.status == "overdue"
    due = limit.due if limit is not None and limit.due else date.max
    return (case.state in ENDED, not late, due, case.case_id)


def _row(case: Case, limit: Deadline | None, lang: Language) -> dict[str, object]:
    return {
        "title": case.title,
        "state": name_of("case_state", case.state, lang),
        "limit": name_of("limit", limit.limit.name, lang) if limit else None,
        "due": limit.due if limit else None,
        "status": name_of("deadline_status", limit.status, lang) if limit else None,
        "grave": say("insider.cases.grave", lang) if case.grave else None,
        "officers": ", ".join(case.officers),
        "case_id": case.case_id,
    }


def _running(found: list[Deadline]) -> dict[str, Deadline]:
    """Return the most urgent deadline of each case that still runs; they come urgent ones first."""
    held: dict[str, Deadline] = {}
    for one in found:
        if one.ended is None:
            held.setdefault(one.case_id, one)
    return held


@st.cache_data(show_spinner=False, ttl=60)
def _deadlines(root: str, held: Officer) -> list[Deadline]:
    """Ask for an officer's deadlines once a minute: every asking is a row of the audit log."""
    return list_deadlines(services.ledger(root), held)
