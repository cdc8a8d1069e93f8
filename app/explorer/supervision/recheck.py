"""Leads to look at again: judged ones whose ring a later run still raises, or changed."""

import pandas as pd
import streamlit as st

from app.explorer.supervision import common, drafting
from app.explorer.supervision.office import Office, said_of
from app.explorer.words import name_of
from casework.plans import recheck_list
from ingest.texts import say


def shown(office: Office) -> None:
    """Draw the list, those that a later run changed first, and the way to a plan of them."""
    lang = office.lang
    st.caption(say("supervision.recheck.hint", lang))
    by_id = {one.lead_id: one for one in office.leads()}
    found = [
        (by_id[lead_id], why)
        for lead_id, why in recheck_list(office.ledger, office.officer)
        if lead_id in by_id
    ]
    if not found:
        st.write(say("supervision.recheck.none", lang))
        return
    table = pd.DataFrame(
        [
            {
                "why": name_of("supervision.recheck_why", why, lang),
                "kind": name_of("kind", lead.facts["kind"], lang),
                "outcome": name_of("lead_outcome", lead.outcome, lang),
                "loss": float(lead.facts["loss_mid"]),
                "last_seen": lead.facts["last_seen"][:10],
                "ring_id": lead.ring_id,
            }
            for lead, why in found
        ]
    )
    labels = {lead.lead_id: said_of(lead, lang) for lead, _ in found}
    money = {
        "loss": st.column_config.NumberColumn(say("supervision.column.loss", lang), format="¥%,.0f")
    }
    chosen = common.choose(
        "recheck",
        table,
        {lead.lead_id: lead for lead, _ in found},
        lambda lead: said_of(lead, lang),
        lang,
        config=money,
    )
    st.page_link(
        "screens/ring.py",
        label=say("supervision.recheck.ring", lang),
        icon=":material/arrow_forward:",
        query_params={"lang": lang, "ring": chosen.ring_id},
    )
    wanted = st.multiselect(
        say("supervision.recheck.which", lang),
        list(labels),
        default=list(labels),
        format_func=labels.__getitem__,
        key="recheck_wanted",
    )
    again = common.number(drafting.FORM)
    st.button(
        say("supervision.recheck.plan", lang, count=len(wanted)),
        key="recheck_plan",
        type="primary",
        disabled=not wanted,
        on_click=lambda: st.session_state.update(
            {
                "plans_open": "plans",
                "plan_drafting": True,
                "draft_leads": list(wanted),
                f"{drafting.FORM}_kind_{again}": "recheck",
            }
        ),
    )
