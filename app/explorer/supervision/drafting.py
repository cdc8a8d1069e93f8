"""A new plan: which rings, draw and places, what each is proposed for, and from when to when."""

from collections.abc import Sequence
from datetime import timedelta
from typing import get_args

import pandas as pd
import streamlit as st

from app.explorer.supervision import common
from app.explorer.supervision.office import Office, hours_of, said_of
from app.explorer.words import name_of, plain
from casework.draws import Draw, list_draws
from casework.leads import Lead
from casework.limits import local_day
from casework.plans import Kind, draft_plan
from casework.plans_places import busiest, ring_places
from casework.reports.words import hours
from ingest.texts import say

FORM = "draft"
DAYS = 30
"""How long a plan lasts if nobody says otherwise; each form can say otherwise."""


def form(office: Office) -> None:
    """Draw what is chosen, the places that follow from it, and the form that drafts the plan."""
    lang, again = office.lang, common.number(FORM)
    kinds: tuple[Kind, ...] = get_args(Kind)
    kind = common.one_of(
        say("supervision.column.plan_kind", lang),
        kinds,
        "supervision.plan_kind",
        f"{FORM}_kind_{again}",
        lang,
    )
    st.caption(say(f"supervision.plan_hint.{kind}", lang))
    leads = _leads(office, again)
    drawn = _draw(office, again)
    named = st.multiselect(
        say("supervision.draft.named", lang),
        [one.place for one in office.places()],
        placeholder=say("supervision.draft.named_hint", lang),
        key=f"{FORM}_named_{again}",
        persist_state="page",
    )
    without = _proposed(office, kind, leads, drawn, named, again)
    _send(office, kind, leads, drawn, named, without, again)


def _leads(office: Office, again: int) -> list[Lead]:
    by_id = {one.lead_id: one for one in office.leads()}
    key = f"{FORM}_leads_{again}"
    if (wanted := st.session_state.pop("draft_leads", None)) is not None:
        st.session_state[key] = [one for one in wanted if one in by_id]
    chosen = st.multiselect(
        say("supervision.draft.leads", office.lang),
        list(by_id),
        format_func=lambda one: said_of(by_id[one], office.lang),
        placeholder=say("supervision.draft.leads_hint", office.lang),
        key=key,
        persist_state="page",
    )
    return [by_id[one] for one in chosen]


def _draw(office: Office, again: int) -> Draw | None:
    """Return the draw of places that is chosen; none is where the role may see none."""
    if not office.may("draws.list_draws"):
        return None
    found = {
        one.draw_id: one
        for one in list_draws(office.ledger, office.officer)
        if one.kind == "targets"
    }
    if not found:
        return None
    chosen = st.selectbox(
        say("supervision.draft.draw", office.lang),
        list(found),
        index=None,
        format_func=lambda one: f"{found[one].purpose} · {common.day(found[one].at)} · {one}",
        placeholder=say("supervision.draft.draw_hint", office.lang),
        key=f"{FORM}_draw_{again}",
        persist_state="page",
    )
    return found.get(chosen) if chosen else None


def _proposed(
    office: Office,
    kind: Kind,
    leads: Sequence[Lead],
    drawn: Draw | None,
    named: Sequence[str],
    again: int,
) -> list[str]:
    """Draw the places with what each is proposed for; return those of rings to leave out."""
    lang = office.lang
    rows: dict[str, tuple[str, str, str | None]] = {}
    origin_of_rings = "closed" if kind == "recheck" else "ring"
    for lead in leads:
        what, seen = name_of("kind", lead.facts["kind"], lang), hours_of(office, lead)
        for place in ring_places(lead.facts):
            told = hours(busiest(seen.get(place, {}))) or None
            rows.setdefault(place, (origin_of_rings, f"{what} · {lead.ring_id}", told))
    of_rings = sorted(rows)
    for place in drawn.drawn if drawn else ():
        rows[place] = ("draw", drawn.draw_id if drawn else "", None)
    for place in named:
        rows.setdefault(place, ("named", say("supervision.draft.named_why", lang), None))
    if not rows:
        st.caption(say("supervision.draft.no_place", lang))
        return []
    out = st.multiselect(
        say("supervision.draft.without", lang),
        [place for place in of_rings if rows[place][0] == origin_of_rings],
        placeholder=say("supervision.draft.nothing_out", lang),
        key=f"{FORM}_without_{again}",
        persist_state="page",
    )
    table = pd.DataFrame(
        [
            {
                "place": place,
                "origin": name_of("supervision.origin", origin, lang),
                "reason": why,
                "hours": told,
            }
            for place, (origin, why, told) in sorted(rows.items())
            if place not in out
        ]
    )
    if table.empty:
        st.caption(say("supervision.draft.no_place", lang))
    else:
        common.listed(table, say("supervision.draft.proposed", lang), lang, most=250)
    silent = sorted({lead.ring_id for lead in leads if not ring_places(lead.facts)})
    if silent:
        st.caption(plain(say("supervision.draft.placeless", lang, rings=", ".join(silent))))
    return out


def _send(
    office: Office,
    kind: Kind,
    leads: Sequence[Lead],
    drawn: Draw | None,
    named: Sequence[str],
    without: Sequence[str],
    again: int,
) -> None:
    lang, today = office.lang, local_day(office.ledger.clock())
    with st.form(f"{FORM}_{again}"):
        left, first, last = st.columns([3, 1, 1])
        title = left.text_input(
            say("supervision.column.title", lang), key=f"{FORM}_title_{again}", max_chars=120
        )
        begin = first.date_input(
            say("supervision.column.first", lang), today, key=f"{FORM}_first_{again}"
        )
        end = last.date_input(
            say("supervision.column.last", lang),
            today + timedelta(days=DAYS),
            key=f"{FORM}_last_{again}",
        )
        purpose = st.text_area(
            say("supervision.column.purpose", lang), key=f"{FORM}_purpose_{again}", height=80
        )
        why = st.text_input(
            say("supervision.draft.why", lang),
            key=f"{FORM}_why_{again}",
            help=say("supervision.draft.why_help", lang),
        )
        sent = st.form_submit_button(say("supervision.draft.save", lang), type="primary")
    if sent:
        common.attempt(
            lambda: draft_plan(
                office.ledger, office.officer, kind=kind, title=title, purpose=purpose,
                first=begin, last=end, lead_ids=[one.lead_id for one in leads],
                draw_id=drawn.draw_id if drawn else None,
                places=dict.fromkeys(named, why), without=without,
            ),
            lambda made: common.chosen(
                "plans", made.plan_id,
                say("supervision.draft.saved", lang, plan=made.title, count=len(made.targets)),
            ),
            lang,
            FORM,
        )  # fmt: skip
