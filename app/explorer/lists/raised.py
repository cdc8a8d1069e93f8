"""The list of rings that were raised: filters with histograms, the table, what to do with many."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.explorer import data, pieces, roles, session
from app.explorer.canvas import services
from app.explorer.cases import lead_forms
from app.explorer.console.onto_canvas import open_rings
from app.explorer.lists import columns, filters, kept
from app.explorer.lists.controls import chosen, reset
from app.explorer.lists.filters import Beside, Filter
from app.explorer.words import name_of, plain, small
from casework.leads import Lead, take_in
from casework.rights import Refused
from ingest.errors import RingfenceError
from ingest.texts import Language, say

SHOWN = (
    "news", "rank", "kind", "probability", "q_value", "loss_mid", "loss_low", "loss_high",
    "people", "places", "settlements", "first_seen", "last_seen", "stability", "lead_state",
    "ring_id",
)  # fmt: skip
AT_ONCE = 12
"""Rings that are opened on one canvas at most."""


def shown(run: data.Source, rings: pd.DataFrame, leads: Sequence[Lead], lang: Language) -> None:
    """Draw the list; choosing a cell opens the ring, ticking rows offers what many can do."""
    _leads(run, rings, leads, lang)
    if rings.empty:
        if session.role() is None:
            session.empty("no_rings", lang)
        else:
            st.subheader(say("explorer.no_leads.title", lang), anchor=False)
            st.write(say("explorer.no_leads.text", lang))
        return
    since = data.since_last(run)
    by = chosen(run, rings, since, lang)
    beside = Beside(
        of_person=data.groups_with(run, by.person) if by.person else frozenset(),
        at_places=data.rings_at(run) if by.places else {},
        new=since.new if since else frozenset(),
    )
    found = filters.narrowed(rings, by, beside).reset_index(drop=True)
    left, right = st.columns([5, 1.3], vertical_alignment="center")
    with left:
        _news(since, rings, lang)
    with right:
        kept.shown(run.root, by, lang)
    if found.empty:
        _none(run, rings, by, beside, lang)
        return
    st.caption(say("explorer.rings.hint", lang, shown=len(found), total=len(rings)))
    _table(run, found, since, leads, lang)


def _table(
    run: data.Source,
    found: pd.DataFrame,
    since: data.Since | None,
    leads: Sequence[Lead],
    lang: Language,
) -> None:
    states = {lead.ring_id: lead.state for lead in leads}
    new = since.new if since else frozenset()
    table = found.assign(
        news=[say("explorer.rings.new", lang) if one in new else "" for one in found["ring_id"]],
        kind=[name_of("kind", kind, lang) for kind in found["kind"]],
        q_value=[small(q) for q in found["q_value"]],
        probability=columns.unsure(found["probability"]),
        lead_state=[name_of("lead_state", states.get(one), lang) for one in found["ring_id"]],
    )
    left_out = {"news"} if not new else set()
    left_out |= {"lead_state"} if not states else set()
    opened, ticked = pieces.opening(
        "ring_list",
        table,
        config=columns.config(lang),
        alt=say("explorer.rings.title", lang),
        order=[name for name in SHOWN if name not in left_out],
        ticks=True,
    )
    if opened is not None:
        ring_id = str(found["ring_id"].iloc[opened])
        st.switch_page("screens/ring.py", query_params={"ring": ring_id, "lang": lang})
    _many(run, found, ticked, lang)


def _many(run: data.Source, found: pd.DataFrame, rows: Sequence[int], lang: Language) -> None:
    """Draw what can be done with the rows that are ticked."""
    if not rows:
        st.caption(say("explorer.rings.tick", lang))
        return
    ring_ids = [str(found["ring_id"].iloc[row]) for row in rows]
    left, middle, right = st.columns([1.6, 1.6, 5], vertical_alignment="center")
    if left.button(
        say("explorer.rings.to_canvas", lang, count=len(ring_ids)),
        key="rings_canvas",
        type="primary",
        disabled=len(ring_ids) > AT_ONCE,
        width="stretch",
    ):
        try:
            open_rings(run, ring_ids, lang=lang)
        except RingfenceError as error:
            st.error(plain(error.told(lang)))
    total = float(found["loss_mid"].iloc[list(rows)].sum())
    people = int(found["people"].iloc[list(rows)].sum())
    middle.caption(say("explorer.rings.sum", lang, loss=f"{total:,.0f}", people=f"{people:,}"))
    if len(ring_ids) > AT_ONCE:
        right.caption(say("explorer.rings.too_many", lang, limit=AT_ONCE))


def _leads(run: data.Source, rings: pd.DataFrame, leads: Sequence[Lead], lang: Language) -> None:
    """Offer to make leads of the run's rings, to whom the service would let do it."""
    officer = session.officer()
    if officer is None or not roles.may("take_leads", officer.role):
        return
    waiting = len(set(rings["ring_id"]) - {lead.ring_id for lead in leads})
    if not waiting and len(rings):
        return
    told, take = st.columns([5, 1.4], vertical_alignment="center")
    told.caption(say("explorer.rings.no_leads_yet", lang))
    if take.button(say("explorer.rings.take_in", lang), key="take_in", width="stretch"):
        try:
            taken = take_in(services.ledger(run.root), officer)
        except Refused as refusal:
            st.error(plain(refusal.told(lang)))
            return
        session.forget_leads()
        st.toast(plain(lead_forms.taken_in(taken, lang)))
        st.rerun()


def _news(since: data.Since | None, rings: pd.DataFrame, lang: Language) -> None:
    """Say what is new since the run before, of what may be seen here."""
    if since is None:
        return
    new = len(since.new & set(rings["ring_id"]))
    if session.officer() is None:
        gone = len(since.vanished)
        st.caption(say("explorer.rings.since", lang, run=since.run, new=new, gone=gone))
    else:
        st.caption(say("explorer.rings.since_seen", lang, run=since.run, new=new))


def _none(
    run: data.Source, rings: pd.DataFrame, by: Filter, beside: Beside, lang: Language
) -> None:
    """Say which condition leaves nothing over, and the way on."""

    def named(names: Any) -> str:
        return ", ".join(say(f"explorer.filter.{name}", lang) for name in names)

    alone = filters.emptying(rings, by, beside)
    st.info(
        say("explorer.filter.excludes", lang, which=named(alone))
        if alone
        else say("explorer.filter.together", lang)
    )
    for name, count in filters.loosening(rings, by, beside).items():
        st.caption(say("explorer.filter.without", lang, which=named([name]), count=count))
    st.button(say("explorer.filter.reset", lang), on_click=reset, key="filter_reset")
    if by.person:
        _elsewhere(run, by.person, beside, lang)


def _elsewhere(run: data.Source, person: str, beside: Beside, lang: Language) -> None:
    """Say where a person is who stands in no ring shown: among the groups that were not raised."""
    groups = set(session.groups(run)["ring_id"]) & beside.of_person
    if not groups:
        st.caption(say("explorer.filter.person_nowhere", lang))
        return
    st.caption(say("explorer.filter.person_not_raised", lang, count=len(groups)))
    if st.button(say("explorer.filter.see_why", lang), key="see_why", type="primary"):
        reset()
        st.session_state["group_person"] = person
        st.session_state["rings_open"] = "not_raised"
        st.rerun()
