"""Supervision at work: plans of checks, what to look at again, draws, registers, agreements."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from app.explorer import pieces, session
from app.explorer.supervision import (
    agreements,
    common,
    coverage,
    draws,
    plans,
    recheck,
    registers,
)
from app.explorer.supervision.office import Office, at_work
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
    office = at_work(lang)
    if office is None:
        return
    if (wanted := st.session_state.pop("plans_open", None)) in PARTS:
        st.session_state["plans_tab"] = say(f"supervision.tab.{wanted}", lang)
    common.told()
    parts = {
        say(f"supervision.tab.{name}", lang): partial(draw, office)
        for name, (service, draw) in PARTS.items()
        if office.may(service)
    }
    pieces.tabs(parts, key="plans_tab")


if __name__ == "__main__":
    show()
