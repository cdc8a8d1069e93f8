"""Search by name: only inside a case, with a reason; the name itself is kept nowhere.

What comes back are pseudonyms. The service writes the audit row, with the keyed pseudonym of the
name in it, before anything is shown.
"""

from typing import get_args

import streamlit as st

from app.explorer import data, roles, search_data, session
from app.explorer.canvas import services
from app.explorer.cases.held import cases as cases_of
from app.explorer.words import plain
from casework.cases import Case
from casework.reveals import Reason, find_by_name
from casework.rights import Officer
from ingest.errors import RingfenceError
from ingest.texts import Language, say

FOUND = "search_named"
NAME, TEXT = "search_name", "search_name_text"


def asked(run: data.Source, lang: Language) -> tuple[str, tuple[str, ...]] | None:
    """Draw the form; return the case and the nodes of the name that was last looked for, if any."""
    with st.expander(say("search.name.title", lang), icon=":material/badge:", key="search_by_name"):
        held = session.officer()
        why_not = _why_not(held)
        if held is None or why_not:
            st.write(say(f"search.name.{why_not}", lang))
            return None
        try:
            cases = cases_of(run.root, held)
        except RingfenceError as error:
            st.error(plain(error.told(lang)))
            return None
        if not cases:
            st.write(say("search.name.no_case", lang))
            return None
        _form(run, held, cases, lang)
    found = st.session_state.get(FOUND)
    return found if found and found[0] in {one.case_id for one in cases} else None


def forget() -> None:
    """Forget what was found by name, and the name."""
    for key in (FOUND, NAME, TEXT):
        st.session_state.pop(key, None)


def done() -> None:
    """Leave what was found by name, since somebody looks for something else."""
    st.session_state.pop(FOUND, None)


def _why_not(held: Officer | None) -> str:
    """Return why nobody can be looked for by name here; empty if somebody can."""
    if held is None:
        return "no_accounts"
    return "" if roles.serves("reveals.find_by_name", held.role) else "not_yours"


def _form(run: data.Source, held: Officer, cases: list[Case], lang: Language) -> None:
    st.caption(say("search.name.hint", lang))
    titles = {one.case_id: f"{one.case_id} · {one.title}" for one in cases}
    with st.form("search_name_form", border=False):
        first, second = st.columns(2)
        case = first.selectbox(
            say("search.name.case", lang),
            list(titles),
            format_func=titles.__getitem__,
            key="search_name_case",
        )
        reason = second.selectbox(
            say("search.name.reason", lang),
            get_args(Reason),
            format_func=lambda one: say(f"search.reason.{one}", lang),
            key="search_name_reason",
        )
        name = first.text_input(
            say("search.name.name", lang), key=NAME, max_chars=64, autocomplete="off"
        )
        text = second.text_input(say("search.name.text", lang), key=TEXT, max_chars=200)
        sent = st.form_submit_button(say("search.name.go", lang), type="primary")
    if not sent:
        return
    if not name.strip() or not text.strip():
        st.error(say("search.name.both", lang))
        return
    try:
        found = find_by_name(
            services.ledger(run.root), run.workspace, held,
            case=str(case), name=name, text=f"{reason}: {text.strip()}",
        )  # fmt: skip
    except RingfenceError as error:
        st.error(plain(error.told(lang)))
        return
    st.session_state[FOUND] = (str(case), search_data.nodes_of(run, tuple(found)))
