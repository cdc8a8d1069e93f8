"""On a ring's page: the lead that people have of it, and what may be done with it there."""

import streamlit as st

from app.explorer import data, roles, session
from app.explorer.cases import acts, drafts, held, lead, lead_forms
from ingest.texts import Language, say


def handling(run: data.Source, ring_id: str, lang: Language) -> None:
    """Draw the lead of a ring with its forms; nothing where nobody has an account."""
    officer = session.officer()
    if officer is None or not roles.serves("leads.list_leads", officer.role):
        return
    acts.told()
    every = held.leads(run.root, officer)
    mine = next((one for one in every if one.ring_id == ring_id), None)
    if mine is None:
        st.caption(say("cases.ring.no_lead", lang))
        lead_forms.take_in(run.root, run, officer, every, lang)
        return
    with st.container(border=True):
        lead.status(mine, lang)
        if not drafts.of_subject(mine.lead_id, mine.revision, run.root, officer, lang):
            with st.container(horizontal=True):
                lead.forms(mine, run.root, officer, lang, drawer=st.popover)
