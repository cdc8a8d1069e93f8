"""What a supervisor or liaison does with a tip: accepts it, ties it to leads, ends its check."""

from functools import partial
from typing import get_args

import streamlit as st

from app.explorer import roles
from app.explorer.desk import reading
from app.explorer.desk.informing import step
from app.explorer.keeping import common
from app.explorer.words import name_of, plain
from casework.ledger import Ledger
from casework.rights import Officer
from casework.tips import Tied, accept_tip, conclude_tip, link_lead
from casework.tips_holding import Outcome, Tip
from ingest.texts import Language, say


def acts(ledger: Ledger, officer: Officer, one: Tip, lang: Language) -> None:
    """Draw the decision that the tip waits for."""
    if roles.serves("tips.accept_tip", officer.role) and one.state == "registered":
        _accept(ledger, officer, one, lang)
    if roles.serves("tips.conclude_tip", officer.role) and one.state == "accepted":
        _conclude(ledger, officer, one, lang)


def leads(ledger: Ledger, officer: Officer, one: Tip, lang: Language) -> None:
    """Draw the leads it is tied to, and those it may belong to, with the way to ring and tie."""
    if not roles.serves("tips.leads_of_tip", officer.role):
        return
    st.markdown(f"##### {say('desk.leads', lang)}")
    found = common.attempt(lambda: reading.tied(officer, one.tip_id), lang) or []
    for lead_id in sorted(set(one.leads) - {each.lead_id for each in found}):
        st.markdown(plain(say("desk.tied_lead", lang, lead=lead_id)))
    if not found:
        st.caption(say("desk.no_leads", lang))
    for each in found:
        _lead(ledger, officer, one, each, lang)


def _lead(ledger: Ledger, officer: Officer, one: Tip, each: Tied, lang: Language) -> None:
    """Draw one lead: which entities it shares with the tip, its ring, and the button that ties."""
    told, tie = st.columns([4, 1], vertical_alignment="center")
    shared = ", ".join(
        f"{name_of('explorer.entity', kind, lang)} {key}" for kind, key in each.entities
    )
    with told:
        st.page_link(
            "screens/ring.py",
            label=plain(say("desk.ring", lang, lead=each.lead_id, ring=each.ring_id)),
            icon=":material/hub:",
            query_params={"ring": each.ring_id, "lang": lang},
        )
        st.caption(plain(say("desk.shares", lang, entities=shared)))
    if each.lead_id in one.leads:
        tie.caption(say("desk.is_tied", lang))
    elif tie.button(say("desk.tie", lang), key=f"tip_tie_{each.lead_id}", width="stretch"):
        act = partial(link_lead, ledger, officer, one.tip_id, each.lead_id, revision=one.revision)
        step(act, "tied", one, lang)


def _accept(ledger: Ledger, officer: Officer, one: Tip, lang: Language) -> None:
    key = f"tip_accept_{one.tip_id}"
    with st.form("tip_accept", border=True):
        reason = st.text_area(say("desk.field.accept_reason", lang), key=key, height=90)
        first, second = st.columns(2)
        yes = first.form_submit_button(say("desk.accept", lang), type="primary", width="stretch")
        no = second.form_submit_button(say("desk.refuse", lang), width="stretch")
    if yes or no:
        act = partial(
            accept_tip, ledger, officer, one.tip_id, accept=yes, reason=reason,
            revision=one.revision,
        )  # fmt: skip
        step(act, "accepted" if yes else "refused", one, lang, forget=(key,))


def _conclude(ledger: Ledger, officer: Officer, one: Tip, lang: Language) -> None:
    prefix = f"tip_conclude_{one.tip_id}"
    with st.form("tip_conclude", border=True):
        outcome = st.selectbox(
            say("desk.field.outcome", lang),
            get_args(Outcome),
            index=None,
            format_func=lambda name: name_of("tip_outcome", name, lang),
            placeholder=say("desk.choose", lang),
            key=f"{prefix}_outcome",
        )
        reason = st.text_area(say("desk.field.found", lang), key=f"{prefix}_reason", height=90)
        if st.form_submit_button(say("desk.conclude", lang), type="primary"):
            act = partial(
                conclude_tip, ledger, officer, one.tip_id, outcome=outcome or "", reason=reason,
                revision=one.revision,
            )  # fmt: skip
            step(act, "concluded", one, lang, forget=(f"{prefix}_reason",))
