"""One ring: what is claimed, how sure, why, what else could explain it, and the settlements."""

from collections.abc import Callable
from typing import Any, Literal

import pandas as pd
import streamlit as st

from app.explorer import data, session
from app.explorer.charts import network as drawn_network
from app.explorer.charts import raster as drawn_raster
from app.explorer.charts import waterfall as drawn_waterfall
from app.explorer.words import counted, day, money, name_of, plain, share, small, span
from ingest.texts import Language, say

PAGE = 50
BADGES: dict[str, Literal["blue", "violet", "orange", "gray"]] = {
    "explains": "blue",
    "partly": "violet",
    "refuted": "orange",
    "not_testable": "gray",
}


def show() -> None:
    """Draw the ring that the address names."""
    lang = session.language()
    run = session.source()
    if run is None:
        return
    ring_id = st.query_params.get("ring", "")
    ring = data.ring(run, ring_id)
    back, onward = st.columns([1, 1])
    back.page_link(
        "screens/rings.py",
        label=say("explorer.ring.back", lang),
        icon=":material/arrow_back:",
        query_params={"lang": lang},
    )
    if ring is None:
        st.subheader(say("explorer.ring.unknown", lang))
        st.write(say("explorer.ring.unknown_text", lang))
        return
    onward.page_link(
        "screens/explore.py",
        label=say("canvas.page.open", lang),
        icon=":material/hub:",
        query_params={"lang": lang, "ring": ring_id},
    )
    _header(ring, lang)
    session.limits(run, lang)
    parts: dict[str, Callable[[], None]] = {
        "evidence": lambda: _evidence(ring, lang),
        "time": lambda: _raster(run, ring_id, lang),
        "network": lambda: _network(run, ring_id, lang),
        "members": lambda: _members(ring.members, lang),
        "settlements": lambda: _settlements(run, ring_id, lang),
    }
    names = [say(f"explorer.tab.{name}", lang) for name in parts]
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
        probability=share(facts["probability"]),
    )


def _header(ring: data.Ring, lang: Language) -> None:
    facts = ring.facts
    kind = name_of("kind", facts["kind"], lang)
    st.subheader(say("explorer.ring.title", lang, kind=kind), anchor=False)
    st.markdown(plain(headline(facts, lang)))
    strip = {
        "probability": share(facts["probability"]),
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


def _evidence(ring: data.Ring, lang: Language) -> None:
    _waterfall(ring, lang)
    _hangs_on(ring.hangs_on, lang)
    _honest(ring.honest, lang)


def _waterfall(ring: data.Ring, lang: Language) -> None:
    st.markdown(f"##### {say('explorer.waterfall.title', lang)}")
    if ring.evidence.empty:
        st.write(say("explorer.waterfall.none", lang))
        return
    st.caption(say("explorer.waterfall.hint", lang))
    st.altair_chart(
        drawn_waterfall.waterfall(drawn_waterfall.steps(ring.evidence, lang), lang, ink=_ink()[0]),
        alt=say("explorer.waterfall.title", lang),
        key="waterfall",
    )
    total = float(ring.evidence["log2_bayes_factor"].sum())
    values = {
        "sum": f"{total:+.2f}",
        "computed": share(drawn_waterfall.probability(ring.evidence)),
        "stored": share(ring.facts["probability"]),
    }
    if drawn_waterfall.adds_up(ring.evidence, ring.facts["probability"]):
        st.caption(say("explorer.waterfall.adds_up", lang, **values))
    else:
        st.error(say("explorer.waterfall.differs", lang, **values))
    with st.expander(say("explorer.waterfall.figures", lang)):
        st.dataframe(
            ring.evidence.assign(
                sentence=ring.evidence[f"sentence_{lang}"],
            ),
            column_order=(
                "measure", "observed", "expected", "unit", "log2_bayes_factor", "sentence", "motif",
            ),
            column_config=_config(
                lang, "measure", "unit", "sentence", "motif",
                numbers={"observed": "%.4g", "expected": "%.4g", "log2_bayes_factor": "%+.2f"},
            ),
            hide_index=True,
            alt=say("explorer.waterfall.figures", lang),
        )  # fmt: skip


def _hangs_on(parts: pd.DataFrame, lang: Language) -> None:
    if parts.empty:
        return
    st.markdown(f"##### {say('explorer.hangs_on.title', lang)}")
    st.caption(say("explorer.hangs_on.hint", lang))
    for row in parts.to_dict("records"):
        sentence, bar = st.columns([5, 3], vertical_alignment="center")
        told = say(
            "explorer.hangs_on.sentence",
            lang,
            kind=name_of("entity", row["entity_type"], lang),
            entity=row["entity"],
            share=row["share"],
            before=share(row["probability"]),
            after=share(row["probability_without"]),
        )
        sentence.markdown(plain(told))
        bar.progress(float(row["probability_without"]))


def _honest(tests: pd.DataFrame, lang: Language) -> None:
    st.markdown(f"##### {say('explorer.honest_tests.title', lang)}")
    st.caption(say("explorer.honest_tests.hint", lang))
    if tests.empty:
        st.write(say("explorer.honest_tests.none", lang))
        return
    order = {verdict: place for place, verdict in enumerate(BADGES)}
    for row in sorted(tests.to_dict("records"), key=lambda row: order.get(row["verdict"], 9)):
        badge, name, explained, sentence = st.columns([1.1, 1.8, 1, 5], vertical_alignment="center")
        badge.badge(
            name_of("verdict", row["verdict"], lang), color=BADGES.get(row["verdict"], "gray")
        )
        name.markdown(f"**{plain(name_of('honest.name', row['explanation'], lang))}**")
        testable = row["verdict"] != "not_testable"
        explained.markdown(plain(share(row["share_explained"]) if testable else "–"))
        sentence.markdown(plain(row[f"sentence_{lang}"] or ""))


def _raster(run: data.Source, ring_id: str, lang: Language) -> None:
    frame, total = data.raster(run, ring_id)
    if frame.empty:
        st.write(say("explorer.raster.none", lang))
        return
    views = ("calendar", "hours")
    chosen = st.segmented_control(
        say("explorer.raster.view", lang),
        views,
        default="calendar",
        required=True,
        format_func=lambda view: say(f"explorer.raster.{view}", lang),
        key="raster_view",
        label_visibility="collapsed",
    )
    st.caption(say("explorer.raster.hint", lang))
    st.altair_chart(
        drawn_raster.raster(drawn_raster.lines(frame, lang), lang, by_hour=chosen == "hours"),
        alt=say("explorer.tab.time", lang),
        key="raster",
    )
    if total > len(frame):
        st.caption(say("explorer.raster.limited", lang, shown=len(frame), total=total))
    coarse = data.day_precision(run, tuple(sorted(frame["place"].unique())))
    if coarse:
        st.caption(say("explorer.raster.day_precision", lang, places=", ".join(coarse[:8])))


def _network(run: data.Source, ring_id: str, lang: Language) -> None:
    ties = data.ties(run, ring_id)
    if ties.empty:
        st.write(say("explorer.network.none", lang))
        return
    picture = drawn_network.picture(ties)
    ink, paper = _ink()
    st.caption(say("explorer.network.hint", lang))
    st.altair_chart(
        drawn_network.network(picture, lang, ink=ink, paper=paper),
        alt=say("explorer.tab.network", lang),
        key="network",
    )
    if picture.left_out:
        st.caption(
            say(
                "explorer.network.limited",
                lang,
                shown=len(picture.nodes),
                total=len(picture.nodes) + picture.left_out,
            )
        )


def _members(members: pd.DataFrame, lang: Language) -> None:
    st.caption(say("explorer.members.hint", lang))
    table = members.assign(
        entity_type=[name_of("entity", one, lang) for one in members["entity_type"]],
        role=[name_of("role", one, lang) for one in members["role"]],
    )
    st.dataframe(
        table,
        column_order=("entity_type", "entity", "role", "weight", "since", "until"),
        column_config={
            **_config(lang, "entity_type", "entity", "role", days=("since", "until")),
            "weight": st.column_config.ProgressColumn(
                say("explorer.column.weight", lang), format="%.2f", min_value=0, max_value=1
            ),
        },
        hide_index=True,
        height=session.table_height(len(table)),
        placeholder="–",
        alt=say("explorer.tab.members", lang),
    )


def _settlements(run: data.Source, ring_id: str, lang: Language) -> None:
    others = st.toggle(say("explorer.settlements.others", lang), key="others")
    page = int(st.session_state.get("settlement_page", 1))
    frame, total = data.settlements(run, ring_id, others=others, page=page, size=PAGE)
    if frame.empty and page > 1:
        page = 1
        frame, total = data.settlements(run, ring_id, others=others, page=page, size=PAGE)
    if frame.empty:
        st.write(say("explorer.settlements.none", lang))
        return
    st.caption(say("explorer.settlements.hint", lang, total=total))
    table = frame.assign(
        why=[
            say("explorer.raster.alone", lang) if pd.isna(why) else name_of("why", why, lang)
            for why in frame["why"]
        ],
        med_class=[name_of("med_class", one, lang) for one in frame["med_class"]],
        card_kind=[name_of("card_kind", one, lang) for one in frame["card_kind"]],
    )
    st.dataframe(
        table,
        column_order=(
            "settled_at", "person", "place", "device", "clerk", "doctor", "med_class", "card_kind",
            "total", "fund", "why", "setl_id",
        ),
        column_config={
            **_config(
                lang, "person", "place", "device", "clerk", "doctor", "med_class", "card_kind",
                "why", "setl_id", numbers={"total": "¥%,.2f", "fund": "¥%,.2f"},
            ),
            "settled_at": st.column_config.DatetimeColumn(
                say("explorer.column.settled_at", lang), format="YYYY-MM-DD HH:mm:ss"
            ),
        },
        hide_index=True,
        height=session.table_height(len(table)),
        placeholder="–",
        alt=say("explorer.tab.settlements", lang),
    )  # fmt: skip
    pages = -(-total // PAGE)
    if pages > 1:
        st.pagination(pages, key="settlement_page")


def _config(
    lang: Language, *texts: str, numbers: dict[str, str] | None = None, days: tuple[str, ...] = ()
) -> dict[str, Any]:
    columns: dict[str, Any] = {
        name: st.column_config.TextColumn(say(f"explorer.column.{name}", lang)) for name in texts
    }
    for name, form in (numbers or {}).items():
        columns[name] = st.column_config.NumberColumn(
            say(f"explorer.column.{name}", lang), format=form
        )
    for name in days:
        columns[name] = st.column_config.DateColumn(
            say(f"explorer.column.{name}", lang), format="YYYY-MM-DD"
        )
    return columns


def _ink() -> tuple[str, str]:
    """Return the colours of text and ground of the theme in use."""
    return ("#E6E6E6", "#0E1117") if st.context.theme.type == "dark" else ("#262730", "#FFFFFF")


if __name__ == "__main__":
    show()
