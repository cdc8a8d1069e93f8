"""The discipline liaison's page: leads and cases with agency staff, control sheet, risks."""

from collections.abc import Callable

import streamlit as st

from app.explorer import data, session
from app.explorer.canvas import services
from app.explorer.insider import cases, leads, risks, sheets
from app.explorer.lists import left_out
from app.explorer.supervision import common, registers
from app.explorer.supervision.office import Office
from ingest.texts import say

PARTS = ("leads", "cases", "groups", "control", "risks", "registers")


def show() -> None:
    """Draw the part that is open."""
    lang = session.language()
    st.subheader(say("insider.title", lang), anchor=False)
    officer = common.officer(lang)
    if officer is None:
        return
    st.caption(say("insider.hint", lang))
    root, _ = session.current_import()
    office = Office(ledger=services.ledger(root), officer=officer, root=root, lang=lang)
    draw: dict[str, Callable[[], None]] = {
        "leads": lambda: leads.shown(office),
        "cases": lambda: cases.shown(office),
        "groups": lambda: _groups(office),
        "control": lambda: sheets.shown(office),
        "risks": lambda: risks.shown(office),
        "registers": lambda: registers.shown(office),
    }
    names = {name: say(f"insider.tab.{name}", lang) for name in PARTS}
    if st.session_state.get("insider_tab") not in names.values():
        st.session_state.pop("insider_tab", None)
    common.told()
    tabs = st.tabs(list(names.values()), key="insider_tab", on_change="rerun")
    for name, tab in zip(PARTS, tabs, strict=True):
        if tab.open:
            with tab:
                draw[name]()


def _groups(office: Office) -> None:
    """Draw the candidates of insider kinds that were not raised, each with its reason."""
    run = session.found()
    if not isinstance(run, data.Source):
        st.write(say("insider.groups.none", office.lang))
        return
    found = session.groups(run)
    if found.empty:
        st.write(say("insider.groups.none", office.lang))
        return
    left_out.shown(run, found, office.lang)


if __name__ == "__main__":
    show()
