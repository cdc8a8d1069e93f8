"""The register of service agreements: where each place stands, and until when it is barred."""

from typing import get_args

import pandas as pd
import streamlit as st

from app.explorer.supervision import common
from app.explorer.supervision.office import Office
from app.explorer.words import name_of, plain
from casework.limits import local_day
from casework.registers_agreements import Agreement, State, list_agreements, set_agreement
from ingest.texts import say

FORM = "agreement"


def shown(office: Office) -> None:
    """Draw the entries, barred places first, and the form that registers one."""
    lang = office.lang
    st.caption(say("supervision.agreement.hint", lang))
    if not office.rules().verified:
        st.caption(say("supervision.unverified", lang))
    found = sorted(
        list_agreements(office.ledger, office.officer),
        key=lambda one: (not one.barred, one.state == "active", one.place),
    )
    if found:
        _entries(office, found)
    else:
        st.write(say("supervision.agreement.none", lang))
    if office.may("registers_agreements.set_agreement"):
        _form(office, {one.place: one for one in found})


def _entries(office: Office, found: list[Agreement]) -> None:
    lang = office.lang
    table = pd.DataFrame(
        [
            {
                "place": one.place,
                "state": name_of("supervision.agreement_state", one.state, lang),
                "since": one.since,
                "until": one.until,
                "barred_until": one.barred_until,
                "barred": say("supervision.agreement.barred", lang) if one.barred else None,
                "reason": one.reason,
                "rests_on": one.case_id,
                "made_by": one.changed_by,
            }
            for one in found
        ]
    )
    one = common.choose(
        "agreements",
        table,
        {entry.place: entry for entry in found},
        lambda entry: (
            f"{entry.place} · {name_of('supervision.agreement_state', entry.state, lang)}"
        ),
        lang,
    )
    if one.barred:
        st.warning(
            plain(say("supervision.agreement.bar", lang, place=one.place, day=one.barred_until))
        )


def _form(office: Office, known: dict[str, Agreement]) -> None:
    lang, again = office.lang, common.number(FORM)
    today = local_day(office.ledger.clock())
    with st.expander(say("supervision.agreement.new", lang), icon=":material/edit:"):
        options = sorted({*known, *(one.place for one in office.places())})
        place = st.selectbox(
            say("supervision.column.place", lang),
            options,
            index=None,
            placeholder=say("supervision.agreement.choose", lang),
            key=f"{FORM}_place_{again}",
            persist_state="page",
        )
        if place is None:
            return
        entry = known.get(place)
        seen = common.shown(f"agreement_{place}", entry.revision if entry else 0, lang)
        states: tuple[State, ...] = get_args(State)
        with st.form(f"{FORM}_{again}"):
            state = st.radio(
                say("supervision.column.state", lang),
                states,
                format_func=lambda one: name_of("supervision.agreement_state", one, lang),
                horizontal=True,
                key=f"{FORM}_state_{again}",
            )
            left, right = st.columns(2)
            since = left.date_input(
                say("supervision.column.since", lang), today, key=f"{FORM}_since_{again}"
            )
            until = right.date_input(
                say("supervision.column.until", lang),
                None,
                key=f"{FORM}_until_{again}",
                help=say("supervision.agreement.until_help", lang),
            )
            reason = st.text_area(
                say("supervision.reason", lang), key=f"{FORM}_reason_{again}", height=80
            )
            sent = st.form_submit_button(say("supervision.agreement.save", lang), type="primary")
        if sent:
            common.attempt(
                lambda: set_agreement(
                    office.ledger, office.officer, place, state=state, since=since,
                    until=until, reason=reason, revision=seen or None,
                ),
                lambda made: say("supervision.agreement.saved", lang, place=made.place),
                lang,
                FORM,
            )  # fmt: skip
