"""One tip: how it stands, whom it is about, and what the officer who reads it may do next."""

import pandas as pd
import streamlit as st

from app.explorer import roles
from app.explorer.desk import checking, informing, reading, rewards
from app.explorer.keeping import common
from app.explorer.words import name_of, plain
from casework.ledger import Ledger
from casework.rights import Officer
from casework.tips_holding import Tip
from casework.working_days import NoCalendar
from ingest.texts import Language, say


def shown(ledger: Ledger, officer: Officer, tip_id: str, lang: Language) -> None:
    """Draw a tip, with the way back to the list."""
    if st.button(say("desk.back", lang), icon=":material/arrow_back:", key="tip_back"):
        reading.open_tip(None)
        st.rerun()
    one = common.attempt(lambda: reading.tip(officer, tip_id), lang)
    if one is None:
        return
    _head(one, lang)
    left, right = st.columns([1.5, 1], gap="large")
    with left:
        st.write(plain(one.summary))
        if one.answer:
            st.markdown(f"**{say('desk.answered', lang)}** {plain(one.answer)}")
        _deadlines(one, lang)
        _entities(officer, one, lang)
        checking.leads(ledger, officer, one, lang)
    with right:
        informing.due(ledger, officer, one, lang)
        checking.acts(ledger, officer, one, lang)
        rewards.of_tip(ledger, officer, one, lang)
        informing.more(ledger, officer, one, lang)
        informing.identity(ledger, officer, one, lang)


def _head(one: Tip, lang: Language) -> None:
    st.markdown(f"##### {plain(one.tip_id)} · {name_of('tip_state', one.state, lang)}")
    told = [
        name_of("tip_channel", one.channel, lang),
        say("desk.received_on", lang, day=one.received),
        say("desk.of_unit", lang, unit=one.unit),
        say("desk.real_name" if one.real_name else "desk.no_name", lang),
        *([say("desk.insider", lang)] if one.insider else []),
        *([name_of("tip_outcome", one.outcome, lang)] if one.outcome else []),
    ]
    st.caption(plain(" · ".join(told)))


def _deadlines(one: Tip, lang: Language) -> None:
    """Draw every step that began, what presses most first, and which limits nobody compared."""
    steps = sorted(
        one.deadlines,
        key=lambda step: reading.LATE.index(step.status) if step.status in reading.LATE else 9,
    )
    rows = [
        {
            "step": name_of("tip_limit", step.limit.name, lang),
            "state": name_of("deadline_status", step.status, lang),
            "due": f"{step.due}" if step.due else None,
            "left": reading.left(step, lang) if step.status in reading.LATE else None,
            "ended": f"{step.ended}" if step.ended else None,
        }
        for step in steps
    ]
    frame = pd.DataFrame(rows)
    st.dataframe(
        frame,
        column_config=common.columns(frame, lang),
        hide_index=True,
        height="content",
        placeholder="–",
        alt=say("desk.deadlines", lang),
    )
    for year in sorted({step.unknown_year for step in steps if step.unknown_year is not None}):
        st.warning(plain(NoCalendar(year).told(lang)))
    if sources := reading.unverified(steps):
        told = say("desk.joiner", lang).join(sources)
        st.caption(plain(say("desk.limit_unverified", lang, source=told)))


def _entities(officer: Officer, one: Tip, lang: Language) -> None:
    """Draw whom the tip names; each leads to the search where the role has one.

    What is looked for travels in the visit, not in the address.
    """
    st.markdown(f"##### {say('desk.entities', lang)}")
    if not one.entities:
        st.caption(say("desk.no_entities", lang))
        return
    searches = "search" in roles.pages(officer.role)
    for kind, key in one.entities:
        told, go = st.columns([4, 1], vertical_alignment="center")
        told.markdown(f"{name_of('explorer.entity', kind, lang)} **{plain(key)}**")
        if searches and go.button(
            say("desk.search", lang), key=f"tip_search_{kind}_{key}", icon=":material/search:",
            width="stretch",
        ):  # fmt: skip
            st.session_state["search_text"] = key
            st.switch_page("screens/search.py", query_params={"lang": lang})
