"""A row of the audit log for each view of an insider lead on a page that reads the run itself."""

import streamlit as st

from app.explorer import data, session
from app.explorer.canvas import services
from casework.leads import read_lead

VIEWED = "insider_viewed"


def note_view(run: data.Source, ring_id: str) -> None:
    """Open the lead of the ring that the address names as the liaison, once for each stay on it.

    Pages of a ring read its facts from the run, which leaves no row; the liaison's leads are all of
    insiders. To be called on every run of a page, with an empty ``ring_id`` where it names none.
    """
    officer = session.officer()
    if officer is None or officer.role != "liaison" or not ring_id:
        st.session_state.pop(VIEWED, None)
        return
    if st.session_state.get(VIEWED) == (officer, ring_id):
        return
    for lead in session.rings(run)[1]:
        if lead.ring_id == ring_id:
            read_lead(services.ledger(run.root), officer, lead.lead_id)
            st.session_state[VIEWED] = (officer, ring_id)
