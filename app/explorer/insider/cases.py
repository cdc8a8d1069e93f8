"""The cases of the liaison's own scope: what is overdue first, with what is due when."""

from datetime import date

import pandas as pd
import streamlit as st

from app.explorer.cases import held, said
from app.explorer.insider.links import to_case
from app.explorer.supervision import common
from app.explorer.supervision.office import Office
from app.explorer.words import name_of
from casework.cases import Case
from casework.deadlines import Deadline
from casework.workflow import DONE
from ingest.texts import Language, say


def shown(office: Office) -> None:
    """Draw the cases and the way to the one that is chosen."""
    lang = office.lang
    due = held.deadlines(office.root, office.officer)
    limits = {key: one for key, many in due.items() if (one := said.urgent(many)) is not None}
    found = sorted(office.cases(), key=lambda one: _order(one, limits.get(one.case_id)))
    if not found:
        st.write(say("insider.cases.none", lang))
        to_case(None, lang)
        return
    table = pd.DataFrame([_row(one, limits.get(one.case_id), lang) for one in found])
    by_id = {one.case_id: one for one in found}
    chosen = common.choose(
        "insider_cases", table, by_id, lambda one: f"{one.title} · {one.case_id}", lang
    )
    if any(not one.limit.verified for one in limits.values()):
        sources = ", ".join(sorted({one.limit.source for one in limits.values()}))
        st.caption(say("limit_note.unverified", lang, source=sources))
    to_case(chosen.case_id, lang)


def _order(case: Case, limit: Deadline | None) -> tuple[bool, bool, date, str]:
    late = limit is not None and limit.status == "overdue"
    due = limit.due if limit is not None and limit.due else date.max
    return (case.state in DONE, not late, due, case.case_id)


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
