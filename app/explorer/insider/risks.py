"""The register of points of risk: open ones first, each to be looked at again and changed."""

from datetime import date
from typing import get_args

import pandas as pd
import streamlit as st

from app.explorer.supervision import common
from app.explorer.supervision.office import Office, said_of
from app.explorer.words import name_of, plain
from casework.limits import local_day
from casework.risk_points import (
    Entry,
    Grade,
    RiskPoint,
    State,
    add_point,
    change_point,
    due,
    list_points,
)
from ingest.texts import say

NONE = ""


def shown(office: Office) -> None:
    """Draw the register, the point that is chosen, and the form that adds one."""
    lang, today = office.lang, local_day(office.ledger.clock())
    st.caption(say("insider.risks.hint", lang))
    found = list_points(office.ledger, office.officer)
    if not found:
        st.info(say("insider.risks.none", lang))
        _new(office, open_=True)
        return
    late = sum(due(one, today) for one in found)
    left = sum(one.state == "open" for one in found)
    told = say("insider.risks.count", lang, count=len(found), open=left, late=late)
    st.markdown(f"**{plain(told)}**")
    table = pd.DataFrame([_row(office, one, today) for one in found])
    chosen = common.choose(
        "risks",
        table,
        {one.risk_id: one for one in found},
        lambda one: f"{one.post} · {one.process} · {one.risk_id}",
        lang,
    )
    _point(office, chosen)
    _new(office, open_=False)


def _row(office: Office, one: RiskPoint, today: date) -> dict[str, object]:
    lang = office.lang
    again = say("insider.risks.again", lang) if due(one, today) else None
    return {
        "risk_state": name_of("risk_state", one.state, lang),
        "risk_grade": name_of("risk_grade", one.grade, lang),
        "post": one.post,
        "process": one.process,
        "risk": one.risk,
        "owner": one.owner,
        "reviewed_on": " · ".join(part for part in (one.reviewed_on, again) if part),
        "risk_source": name_of("risk_source", one.source, lang),
    }


def _point(office: Office, one: RiskPoint) -> None:
    """Draw one point and the form that writes it anew."""
    lang, name = office.lang, f"risk_{one.risk_id}"
    seen = common.shown(one.risk_id, one.revision, lang)
    again = common.number(name)
    with st.form(f"{name}_{again}"):
        source = name_of("risk_source", one.source, lang)
        told = say(
            "insider.risks.from", lang, source=source, key=one.source_key or "–",
            at=common.day(one.made_at), who=one.made_by, by=one.changed_by,
        )  # fmt: skip
        st.caption(plain(told))
        entry = _fields(office, f"{name}_{again}", one)
        states: tuple[State, ...] = get_args(State)
        state = st.radio(
            say("risk_field.state", lang),
            states,
            index=states.index(one.state),
            format_func=lambda way: name_of("risk_state", way, lang),
            horizontal=True,
            key=f"{name}_{again}_state",
        )
        sent = st.form_submit_button(say("insider.risks.save", lang), type="primary")
    if sent:
        common.attempt(
            lambda: change_point(
                office.ledger, office.officer, one.risk_id, entry, state=state, revision=seen
            ),
            lambda now: say("insider.risks.saved", lang, risk=now.risk_id),
            lang,
            name,
        )


def _new(office: Office, *, open_: bool) -> None:
    """Draw the form that adds a point, by hand or from a lead of insiders."""
    lang, again = office.lang, common.number("risk_new")
    leads = {one.lead_id: said_of(one, lang) for one in office.leads()}
    with (
        st.expander(say("insider.risks.new", lang), expanded=open_),
        st.form(f"risk_new_{again}", border=False),
    ):
        entry = _fields(office, f"risk_new_{again}", None)
        lead = st.selectbox(
            say("insider.risks.lead", lang),
            [NONE, *leads],
            format_func=lambda key: leads.get(key, say("insider.risks.no_lead", lang)),
            key=f"risk_new_{again}_lead",
        )
        sent = st.form_submit_button(say("insider.risks.add", lang), type="primary")
    if sent:
        common.attempt(
            lambda: add_point(
                office.ledger, office.officer, entry,
                source="lead" if lead else "hand", source_key=lead or None,
            ),
            lambda made: common.chosen(
                "risks", made.risk_id, say("insider.risks.added", lang, risk=made.risk_id)
            ),
            lang,
            "risk_new",
        )  # fmt: skip


def _fields(office: Office, key: str, held: RiskPoint | None) -> Entry:
    """Draw the fields of a point, with what stands in it, and return what stands in them."""
    lang = office.lang
    first, second, third, fourth = st.columns([1.2, 1.2, 1, 0.8])
    lines = {
        name: place.text_input(
            say(f"risk_field.{name}", lang),
            getattr(held, name) if held else "",
            key=f"{key}_{name}",
            max_chars=200,
        )
        for name, place in (("post", first), ("process", second), ("owner", third))
    }
    grades: tuple[Grade, ...] = get_args(Grade)
    grade = fourth.selectbox(
        say("risk_field.grade", lang),
        grades,
        index=grades.index(held.grade) if held else 1,
        format_func=lambda one: name_of("risk_grade", one, lang),
        key=f"{key}_grade",
    )
    left, right = st.columns(2)
    risk = left.text_area(
        say("risk_field.risk", lang), held.risk if held else "", key=f"{key}_risk", height=90
    )
    measure = right.text_area(
        say("risk_field.measure", lang), held.measure if held else "", key=f"{key}_measure",
        height=90,
    )  # fmt: skip
    return Entry(**lines, risk=risk, measure=measure, grade=grade)
