"""The discipline liaison's page: leads and cases with agency staff, control sheet, risks."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from app.explorer import data, pieces, session
from app.explorer.insider import cases, leads, risks, sheets
from app.explorer.lists import left_out
from app.explorer.supervision import common, registers
from app.explorer.supervision.office import Office, at_work
from ingest.texts import say

PARTS: dict[str, Callable[[Office], None]] = {
    "leads": leads.shown,
    "cases": cases.shown,
    "groups": lambda office: _groups(office),
    "control": sheets.shown,
    "risks": risks.shown,
    "registers": registers.shown,
}
"""Parts in their order, with how each is drawn."""


def show() -> None:
    """Draw the part that is open."""
    lang = session.language()
    st.subheader(say("insider.title", lang), anchor=False)
    office = at_work(lang)
    if office is None:
        return
    st.caption(say("insider.hint", lang))
    common.told()
    parts = {say(f"insider.tab.{one}", lang): partial(draw, office) for one, draw in PARTS.items()}
    pieces.tabs(parts, key="insider_tab")


def _groups(office: Office) -> None:
    """Draw the candidates of insider kinds that were not raised, each with its reason."""
    run = session.found()
    if isinstance(run, data.Source) and not (found := session.groups(run)).empty:
        left_out.shown(run, found, office.lang)
    else:
        st.write(say("insider.groups.none", office.lang))


if __name__ == "__main__":
    show()
