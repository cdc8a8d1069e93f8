"""A new draw: who or what is in the pool and weighs how much, who is out and why, how many."""

from typing import get_args

import pandas as pd
import streamlit as st

from app.explorer.supervision import common
from app.explorer.supervision.office import Office
from app.explorer.words import name_of
from casework.draws import Kind, draw, purpose_for, weights_since
from casework.limits import local_day
from casework.plans_places import last_visits
from casework.registers import standings
from casework.registers_agreements import list_agreements
from casework.registers_rules import weighted
from ingest.texts import say

FORM = "draw"
TEAM = 2
"""Officers who go to an inspection at the least."""


def form(office: Office) -> None:
    """Draw the pool and the form that draws from it."""
    lang = office.lang
    kinds: tuple[Kind, ...] = get_args(Kind)
    label = say("supervision.column.draw_kind", lang)
    kind = common.one_of(label, kinds, "draw_kind", "draw_kind", lang)
    pool = _places(office) if kind == "targets" else _people(office, kind)
    if not pool:
        st.caption(say("supervision.draw.no_pool", lang))
        return
    out = st.multiselect(
        say("supervision.draw.out", lang),
        sorted(pool),
        placeholder=say("supervision.draw.nobody", lang),
        help=say("supervision.draw.out_help", lang),
        key=f"draw_out_{kind}",
        persist_state="page",
    )
    _send(office, kind, pool, out)


def _places(office: Office) -> dict[str, int]:
    """Return the weights of the places that are chosen: days since the last visit, by grade."""
    lang, today = office.lang, local_day(office.ledger.clock())
    every = office.places()
    left, right = st.columns(2)
    kinds = left.multiselect(
        say("supervision.draw.place_kinds", lang),
        sorted({one.kind for one in every if one.kind}),
        format_func=lambda one: name_of("supervision.place_kind", one, lang),
        placeholder=say("explorer.filter.all", lang),
        key="draw_place_kinds",
        persist_state="page",
    )
    divisions = right.multiselect(
        say("supervision.draw.divisions", lang),
        sorted({one.division for one in every if one.division}),
        placeholder=say("explorer.filter.all", lang),
        key="draw_divisions",
        persist_state="page",
    )
    ended = {
        one.place for one in list_agreements(office.ledger, office.officer) if one.state == "ended"
    }
    chosen = [
        one.place
        for one in every
        if (not kinds or one.kind in kinds)
        and (not divisions or one.division in divisions)
        and one.place not in ended
    ]
    visits = last_visits(office.plans())
    held = {
        one.subject: one.grade for one in standings(office.ledger, office.officer, year=today.year)
    }
    since = weights_since({place: visits.get(place) for place in chosen}, today=today)
    weights = weighted(since, held)
    st.caption(
        say(
            "supervision.draw.weights",
            lang,
            count=len(chosen),
            ended=len(ended),
            visited=len(visits),
        )
    )
    if not office.rules().verified:
        st.caption(say("supervision.unverified", lang))
    if chosen:
        table = pd.DataFrame(
            [
                {
                    "place": place,
                    "last_visit": visits.get(place),
                    "grade": held.get(place),
                    "weight": weights[place],
                }
                for place in chosen
            ]
        )
        common.listed(table, say("supervision.column.pool", lang), lang, most=220)
    return weights


def _people(office: Office, kind: Kind) -> dict[str, int]:
    """Return the people who are named, each with the same weight; a plan may be chosen."""
    lang = office.lang
    known = sorted({name for lead in office.leads() for name in lead.officers})
    key = f"draw_people_{kind}"
    st.session_state.setdefault(key, "\n".join(known) if kind == "inspectors" else "")
    typed = st.text_area(
        say("supervision.draw.people", lang),
        key=key,
        height=130,
        help=say("supervision.draw.people_help", lang),
        persist_state="page",
    )
    return dict.fromkeys((line.strip() for line in typed.splitlines() if line.strip()), 1)


def _send(office: Office, kind: Kind, pool: dict[str, int], out: list[str]) -> None:
    lang, again = office.lang, common.number(FORM)
    plans = {one.plan_id: one for one in office.plans() if one.state != "returned"}
    with st.form(f"{FORM}_{again}"):
        reasons = {
            one: st.text_input(
                say("supervision.draw.why_out", lang, who=one), key=f"{FORM}_why_{one}_{again}"
            )
            for one in out
        }
        plan_id: str | None = None
        if kind != "targets":
            if st.session_state.get("draw_plan") not in plans:
                st.session_state.pop("draw_plan", None)
            plan_id = st.selectbox(
                say("supervision.draw.for_plan", lang),
                list(plans),
                index=None,
                format_func=lambda one: f"{plans[one].title} · {one}",
                placeholder=say("supervision.draw.no_plan", lang),
                key="draw_plan",
                persist_state="page",
            )
        left, right = st.columns([1, 4])
        wanted = left.number_input(
            say("supervision.draw.wanted", lang),
            min_value=1,
            value=1 if kind == "targets" else TEAM,
            key=f"{FORM}_wanted_{kind}_{again}",
        )
        purpose = right.text_input(
            say("supervision.column.purpose", lang), key=f"{FORM}_purpose_{again}"
        )
        if kind == "inspectors":
            st.caption(say("supervision.draw.two", lang))
        sent = st.form_submit_button(
            say("supervision.draw.draw", lang), type="primary", icon=":material/casino:"
        )
    if sent:
        told = purpose_for(plan_id, purpose) if plan_id and purpose.strip() else purpose
        common.attempt(
            lambda: draw(
                office.ledger, office.officer, kind, pool,
                wanted=int(wanted), purpose=told, excluded=reasons,
            ),
            lambda made: common.chosen(
                "draws", made.draw_id,
                say("supervision.draw.done", lang, drawn=", ".join(made.drawn)),
            ),
            lang,
            FORM,
        )  # fmt: skip
