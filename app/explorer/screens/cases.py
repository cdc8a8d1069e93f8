"""Leads and cases: what waits for whom, one of them with all that may be done, and the figures."""

import os
from collections.abc import Callable

import streamlit as st

from app.explorer import data, roles, session
from app.explorer.cases import acts, approvals, case, figures, lead, listing, queue
from app.explorer.launch import WORKSPACE
from casework.rights import Officer
from ingest.texts import Language, say


def show() -> None:
    """Draw the case or lead that the address names, else the lists of who is signed in."""
    lang = session.language()
    if session.officer() is None:
        st.subheader(say("cases.title", lang), anchor=False)
    officer = session.signed_in("cases.no_accounts", lang)
    if officer is None:
        return
    seen, root = session.found(), os.environ[WORKSPACE]
    run = seen if isinstance(seen, data.Source) else None
    acts.told()
    if case_id := st.query_params.get("case"):
        case.shown(run, root, officer, case_id, lang)
    elif lead_id := st.query_params.get("lead"):
        lead.shown(run, root, officer, lead_id, lang)
    else:
        _lists(run, root, officer, lang)


def _lists(run: data.Source | None, root: str, officer: Officer, lang: Language) -> None:
    """Draw the list that is open; ``?tab=`` names it."""
    st.subheader(say("cases.title", lang), anchor=False)
    parts: dict[str, Callable[[], None]] = {
        "leads": lambda: queue.shown(run, root, officer, lang),
        "cases": lambda: listing.shown(root, officer, lang),
    }
    if roles.serves("decisions.approve", officer.role):
        parts["approvals"] = lambda: approvals.shown(run, root, officer, lang)
    if roles.serves("kpis.figures", officer.role):
        parts["figures"] = lambda: figures.shown(root, officer, lang)
    wanted = st.query_params.get("tab", "")
    # The choice is forgotten while a case is looked at; the way back names the part.
    if "cases_part" not in st.session_state or st.session_state.get("cases_arrived") != wanted:
        st.session_state["cases_part"] = wanted if wanted in parts else "leads"
    part = st.segmented_control(
        say("cases.parts", lang),
        list(parts),
        format_func=lambda one: _named(one, root, officer, lang),
        required=True,
        key="cases_part",
        label_visibility="collapsed",
        width="stretch",
    )
    part = part if part in parts else "leads"
    st.query_params["tab"] = st.session_state["cases_arrived"] = part
    parts[part]()


def _named(part: str, root: str, officer: Officer, lang: Language) -> str:
    """Say a part of the page, with how many wait where somebody has to decide."""
    told = say(f"cases.part.{part}", lang)
    if part != "approvals":
        return told
    drafts, reveals = approvals.waiting(root, officer)
    count = len(drafts) + len(reveals)
    return say("cases.part.counted", lang, part=told, count=count) if count else told


if __name__ == "__main__":
    show()
