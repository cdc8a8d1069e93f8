"""Begin a visit of the network explorer from another page, with nodes that were found there."""

from collections.abc import Iterable

import streamlit as st

from app.explorer.canvas import services
from app.explorer.canvas.visit import Visit
from app.explorer.data import Source

MOST = 50
"""Nodes that another page puts on the canvas at once."""


def begin(run: Source, ids: Iterable[str], *, title: str = "", case_id: str | None = None) -> None:
    """Make a visit with these nodes the one that the explorer shows next, unsaved as yet.

    With a case, what is saved of it belongs to that case.
    It travels within the session and never in the address, which holds no identifier of a person.
    """
    visit = Visit(ask=services.graph(run.root), title=title, case_id=case_id)
    visit.open(list(ids)[:MOST])
    st.session_state["visit"], st.session_state["visit_of"] = visit, (run, "", "", "")
