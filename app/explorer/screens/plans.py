"""Supervision at work: plans of checks, what to look at again, draws, registers, agreements."""

from collections.abc import Callable

import streamlit as st

from app.explorer import roles, session
from app.explorer.canvas import services
from app.explorer.supervision import (
    agreements,
    common,
    coverage,
    draws,
    plans,
    recheck,
    registers,
)
from app.explorer.supervision.office import Office
from ingest.texts import say

PARTS: dict[str, tuple[str, Callable[[Office], None]]] = {
    "plans": ("plans.list_plans", plans.shown),
    "recheck": ("plans.recheck_list", recheck.shown),
    "coverage": ("coverage.board", coverage.shown),
    "draws": ("draws.list_draws", draws.shown),
    "registers": ("registers.list_proposals", registers.shown),
    "agreements": ("registers_agreements.list_agreements", agreements.shown),
}
"""Parts in their order, each with the service that it shows and how it is drawn."""


def show() -> None:
    """Draw the parts that the role of who is signed in may use."""
    lang = session.language()
    st.subheader(say("supervision.title", lang), anchor=False)
    officer = common.officer(lang)
    if officer is None:
        return
    root, _ = session.current_import()
    office = Office(ledger=services.ledger(root), officer=officer, root=root, lang=lang)
    parts = {
        name: draw for name, (service, draw) in PARTS.items() if roles.serves(service, officer.role)
    }
    names = {name: say(f"supervision.tab.{name}", lang) for name in parts}
    if (wanted := st.session_state.pop("plans_open", None)) in names:
        st.session_state["plans_tab"] = names[wanted]
    if st.session_state.get("plans_tab") not in names.values():
        st.session_state.pop("plans_tab", None)
    common.told()
    tabs = st.tabs(list(names.values()), key="plans_tab", on_change="rerun")
    for draw, tab in zip(parts.values(), tabs, strict=True):
        if tab.open:
            with tab:
                draw(office)


if __name__ == "__main__":
    show()
