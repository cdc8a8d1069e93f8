"""Somebody in hand by name: found among the members of a case, as a pseudonym and nothing more."""

import streamlit as st

from app.explorer import data
from app.explorer.canvas import services
from app.explorer.cases import acts, people
from app.explorer.console.onto_canvas import open_nodes
from app.explorer.words import name_of, plain
from casework.reveals import find_by_name
from casework.reveals_values import Subject
from casework.rights import Officer
from ingest.errors import RingfenceError
from ingest.texts import Language, say

FOUND = "found_by_name"
LABELS = {
    "person": "Patient", "staff": "Staff", "doctor": "Doctor", "account": "Account",
    "agent": "Agent", "card": "Card",
}  # fmt: skip
"""Entities with a name, or known by one, and how the graph calls them."""


def form(
    run: data.Source | None, case_id: str, root: str, officer: Officer, lang: Language
) -> None:
    """Draw the search by name with what it found; the name itself is kept nowhere."""
    st.markdown(f"##### {say('cases.find.title', lang)}")
    key, ledger = f"find_{case_id}", services.ledger(root)
    with st.form(acts.name(key), border=True):
        name = st.text_input(
            say("cases.find.name", lang), key=f"{acts.name(key)}_name", autocomplete="off"
        )
        text = st.text_input(say("cases.find.reason", lang), key=f"{acts.name(key)}_reason")
        read = acts.sent(say("cases.find.go", lang), f"{key}_send", True, icon="search")
    if read is not None:
        acts.do(
            lambda: _keep(
                case_id, officer,
                find_by_name(ledger, ledger.workspace, officer, case=case_id, name=name, text=text),
            ),
            lang,
            form=key,
            said=lambda found: say("cases.find.said", lang, count=len(found)),
        )  # fmt: skip
    _found(run, case_id, root, officer, lang)


def _keep(case_id: str, officer: Officer, found: list[Subject]) -> list[Subject]:
    st.session_state[FOUND] = (officer, case_id, found)
    return found


def _found(
    run: data.Source | None, case_id: str, root: str, officer: Officer, lang: Language
) -> None:
    whose, of, found = st.session_state.get(FOUND, (None, "", []))
    if whose != officer or of != case_id:
        return
    named = people.codes(run, root, found)
    for n, subject in enumerate(found):
        told, look, canvas = st.columns([3, 1, 1], vertical_alignment="center")
        told.markdown(plain(f"{name_of('entity', subject[0], lang)} {named[subject]}"))
        if look.button(say("cases.find.search", lang), key=f"found_search_{n}", width="stretch"):
            st.session_state["search_text"] = named[subject]
            st.switch_page("screens/search.py", query_params={"lang": lang})
        label = LABELS.get(subject[0])
        if canvas.button(
            say("cases.find.canvas", lang), key=f"found_canvas_{n}", width="stretch",
            disabled=run is None or label is None,
        ) and run is not None:  # fmt: skip
            try:
                title = say("cases.find.view", lang)
                open_nodes(run, [f"{label}:{named[subject]}"], title=title, lang=lang)
            except RingfenceError as error:
                st.error(plain(error.told(lang)))
