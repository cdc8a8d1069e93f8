"""One ring: what is claimed, how sure, why, what else could explain it, and the settlements."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from app.explorer import data, session
from app.explorer.papers.about import link_to
from app.explorer.ring import compare, evidence, period, query
from app.explorer.ring.common import chance, config
from app.explorer.ring.handling import handling
from app.explorer.ring.settlements import table
from app.explorer.words import counted, day, money, name_of, plain, small, span
from detectors.warned import since_run
from ingest.texts import Language, say

NEW = ("map", "query", "compare")


def show() -> None:
    """Draw the ring that the address names."""
    lang = session.language()
    run = session.source()
    if run is None:
        return
    ring_id = st.query_params.get("ring", "")
    ring = data.ring(run, ring_id)
    ways = st.container(horizontal=True, gap="large")
    ways.page_link(
        "screens/rings.py",
        label=say("explorer.ring.back", lang),
        icon=":material/arrow_back:",
        query_params={"lang": lang},
    )
    if ring is None:
        st.subheader(say("explorer.ring.unknown", lang))
        st.write(say("explorer.ring.unknown_text", lang))
        return
    ways.page_link(
        "screens/explore.py",
        label=say("canvas.page.open", lang),
        icon=":material/hub:",
        query_params={"lang": lang, "ring": ring_id},
    )
    link_to(ways, lang, ring=ring_id)
    _header(ring, lang)
    _since(run, ring_id, lang)
    handling(run, ring_id, lang)
    session.limits(run, lang)
    _body(run, ring, lang)


@st.fragment
def _body(run: data.Source, ring: data.Ring, lang: Language) -> None:
    """Draw the months of the ring and its parts; a brush or a tab draws nothing else anew."""
    ring_id = str(ring.facts["ring_id"])
    seen = period.brush(run, ring_id, lang)
    parts: dict[str, Callable[[], None]] = {
        "evidence": lambda: evidence.evidence(run, ring, lang),
        "time": lambda: period.together(seen, lang),
        "network": lambda: period.of_period(period.network, seen, lang),
        "map": lambda: period.of_period(period.places, seen, lang),
        "members": lambda: _members(ring.members, lang),
        "settlements": lambda: table(run, ring_id, seen.window, seen.every, lang),
        "query": lambda: query.query(run, ring_id, lang),
        "compare": lambda: compare.compare(run, ring, lang),
    }
    names = [
        say(f"ring_page.tab.{name}", lang) if name in NEW else say(f"explorer.tab.{name}", lang)
        for name in parts
    ]
    # Only the open tab is drawn: the page stands before the settlements are read.
    for tab, draw in zip(
        st.tabs(names, key="ring_tab", on_change="rerun"), parts.values(), strict=True
    ):
        if tab.open:
            with tab:
                draw()


def headline(facts: dict[str, Any], lang: Language) -> str:
    """Say in one sentence what, who, how long, how much and how sure."""
    return say(
        "explorer.ring.sentence",
        lang,
        kind=name_of("kind", facts["kind"], lang),
        people=counted("people", facts["people"], lang),
        places=counted("places", facts["places"], lang),
        settlements=counted("settlements", facts["settlements"], lang),
        days=counted("days", span(facts["first_seen"], facts["last_seen"]), lang),
        first=day(facts["first_seen"]),
        last=day(facts["last_seen"]),
        mid=money(facts["loss_mid"], lang),
        low=money(facts["loss_low"], lang),
        high=money(facts["loss_high"], lang),
        probability=chance(facts["probability"]),
    )


def _header(ring: data.Ring, lang: Language) -> None:
    facts = ring.facts
    kind = name_of("kind", facts["kind"], lang)
    st.subheader(say("explorer.ring.title", lang, kind=kind), anchor=False)
    st.markdown(plain(headline(facts, lang)))
    strip = {
        "probability": chance(facts["probability"]),
        "q_value": small(facts["q_value"]),
        "loss_mid": money(facts["loss_mid"], lang),
        "people": f"{facts['people']:,}",
        "places": f"{facts['places']:,}",
        "settlements": f"{facts['settlements']:,}",
        "stability": f"{facts['stability']:.2f}",
        "rank": f"{facts['rank']:,}",
    }
    for column, (name, value) in zip(
        st.columns([1.1, 1, 1.5, 1, 1, 1.1, 1, 0.8]), strip.items(), strict=True
    ):
        column.metric(say(f"explorer.column.{name}", lang), value)
    st.caption(say("explorer.ring.lead", lang, ring=facts["ring_id"]))


def _since(run: data.Source, ring_id: str, lang: Language) -> None:
    """Say how many settlements arrived at this ring since the run, where any did."""
    for one in since_run(run.workspace, run.run).to_pylist():
        if one["ring_id"] == ring_id:
            told = {"last": day(one["last"])} | {
                name: f"{one[name]:,}" for name in ("settlements", "together")
            }
            st.info(say("ring_page.since", lang, **told), icon=":material/notifications_active:")


def _members(members: pd.DataFrame, lang: Language) -> None:
    if members.empty:
        st.write(say("ring_page.members.none", lang))
        return
    st.caption(say("explorer.members.hint", lang))
    shown = members.assign(
        entity_type=[name_of("entity", one, lang) for one in members["entity_type"]],
        role=[name_of("role", one, lang) for one in members["role"]],
    )
    st.dataframe(
        shown,
        column_order=("entity_type", "entity", "role", "weight", "since", "until"),
        column_config={
            **config(lang, "entity_type", "entity", "role", days=("since", "until")),
            "weight": st.column_config.ProgressColumn(
                say("explorer.column.weight", lang), format="%.2f", min_value=0, max_value=1
            ),
        },
        hide_index=True,
        height=session.table_height(len(shown)),
        placeholder="–",
        alt=say("explorer.tab.members", lang),
    )


if __name__ == "__main__":
    show()
