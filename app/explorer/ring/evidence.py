"""Why a ring was raised, what it hangs on, which honest explanations were tested, and what was not.

Hits of motifs that people put beside the ring stand here too; they change no probability.
"""

from typing import Any, Literal

import pandas as pd
import streamlit as st

from app.explorer import data
from app.explorer.canvas import services
from app.explorer.charts import waterfall as drawn_waterfall
from app.explorer.charts.picture import put
from app.explorer.ring.claims import claims_of
from app.explorer.ring.common import chance, config, ink
from app.explorer.ring.settlements import few
from app.explorer.words import local, name_of, plain, share
from casework.reports.words import measure_name
from casework.ring_hits import AttachedHit
from detectors.motif import in_words, motif
from ingest.errors import RingfenceError
from ingest.texts import Language, say

BADGES: dict[str, Literal["blue", "violet", "orange", "gray"]] = {
    "explains": "blue",
    "partly": "violet",
    "refuted": "orange",
    "not_testable": "gray",
}
SHOWN_SETTLEMENTS = 12
CLAIMS = "waterfall_claims"


def evidence(run: data.Source, ring: data.Ring, lang: Language) -> None:
    """Draw everything that speaks for or against a ring, the strongest picture first."""
    waterfall(run, ring, lang)
    hangs_on(ring.hangs_on, lang)
    honest(ring.honest, lang)
    untested(run, ring.honest, lang)
    attached(run, str(ring.facts["ring_id"]), lang)


def waterfall(run: data.Source, ring: data.Ring, lang: Language) -> None:
    """Draw how the probability comes about, and check that it is the stored one.

    A bar that is clicked, or chosen by its sentence, shows the settlements it speaks of.
    """
    st.markdown(f"##### {say('explorer.waterfall.title', lang)}")
    if ring.evidence.empty:
        st.write(say("explorer.waterfall.none", lang))
        return
    st.caption(say("explorer.waterfall.hint", lang))
    bars = drawn_waterfall.steps(ring.evidence, lang)
    ring_id = str(ring.facts["ring_id"])
    chart = f"waterfall_{ring_id}"
    _choose(bars, lang)
    put(
        drawn_waterfall.waterfall(bars, lang, ink=ink()[0]),
        alt=say("explorer.waterfall.title", lang),
        key=chart,
        on_select=lambda: _click(chart),
        selection_mode=drawn_waterfall.BAR,
    )
    total = float(ring.evidence["log2_bayes_factor"].sum())
    values = {
        "sum": f"{total:+.2f}",
        "computed": chance(drawn_waterfall.probability(ring.evidence)),
        "stored": chance(ring.facts["probability"]),
    }
    if drawn_waterfall.adds_up(ring.evidence, ring.facts["probability"]):
        st.caption(say("explorer.waterfall.adds_up", lang, **values))
    else:
        st.error(say("explorer.waterfall.differs", lang, **values))
    if measure := st.session_state.pop(CLAIMS, None):
        # The chart is taller than a screen, so what a bar shows comes to the bar.
        title = bars.loc[bars["measure"] == measure, "sentence"].iloc[0]
        st.dialog(plain(title), width="large")(_claims)(run, ring_id, measure, lang)
    with st.expander(say("explorer.waterfall.figures", lang)):
        st.dataframe(
            ring.evidence.assign(sentence=ring.evidence[f"sentence_{lang}"]),
            column_order=(
                "measure", "observed", "expected", "unit", "log2_bayes_factor", "sentence", "motif",
            ),
            column_config=config(
                lang, "measure", "unit", "sentence", "motif",
                numbers={"observed": "%.4g", "expected": "%.4g", "log2_bayes_factor": "%+.2f"},
            ),
            hide_index=True,
            alt=say("explorer.waterfall.figures", lang),
        )  # fmt: skip


def _click(chart: str) -> None:
    st.session_state[CLAIMS] = drawn_waterfall.clicked(st.session_state.get(chart))


def _choose(bars: pd.DataFrame, lang: Language) -> None:
    """Let a bar be chosen by its sentence: what a click does, by keyboard."""
    told = dict(zip(bars["measure"], bars["sentence"], strict=True))
    which, show = st.columns([5, 1.4], vertical_alignment="bottom")
    measure = which.selectbox(
        say("explorer.claims.choose", lang),
        list(told),
        index=None,
        format_func=lambda one: told.get(one, one),
        placeholder=say("explorer.claims.none_chosen", lang),
        key="waterfall_bar",
    )
    if show.button(
        say("explorer.claims.show", lang),
        key="waterfall_show",
        width="stretch",
        disabled=measure is None,
    ):
        st.session_state[CLAIMS] = measure


def _claims(run: data.Source, ring_id: str, measure: str, lang: Language) -> None:
    """Draw the settlements that a bar speaks of."""
    every, total = data.raster(run, ring_id)
    rows, which = claims_of(measure, every)
    fund = f"{rows['fund'].sum():,.0f}"
    st.markdown(say(f"explorer.claims.{which}", lang, count=f"{len(rows):,}", fund=fund))
    if total > len(every):
        st.caption(say("explorer.raster.limited", lang, shown=len(every), total=total))
    if len(rows):
        few(run, rows, lang, key=f"claims_{ring_id}_{measure}")


def hangs_on(parts: pd.DataFrame, lang: Language) -> None:
    """Draw the probability without each part; a run of an older kind tried none."""
    if not len(parts.columns):
        return
    st.markdown(f"##### {say('explorer.hangs_on.title', lang)}")
    if parts.empty:
        st.write(say("ring_page.without.none", lang))
        return
    st.caption(say("explorer.hangs_on.hint", lang))
    for row in parts.to_dict("records"):
        sentence, bar = st.columns([5, 3], vertical_alignment="center")
        sentence.markdown(plain(_without(row, lang)))
        bar.progress(
            float(row["probability_without"]),
            text=say("ring_page.without.bar", lang, after=chance(row["probability_without"])),
        )


def _without(row: dict[Any, Any], lang: Language) -> str:
    falls = {"before": chance(row["probability"]), "after": chance(row["probability_without"])}
    if row["entity_type"] == "evidence":
        name = measure_name(row["entity"], lang)
        return say("explorer.hangs_on.evidence", lang, name=name, **falls)
    kind = name_of("entity", row["entity_type"], lang)
    told = {"kind": kind, "entity": row["entity"], "share": row["share"]}
    return say("explorer.hangs_on.sentence", lang, **told, **falls)


def honest(tests: pd.DataFrame, lang: Language) -> None:
    """Draw each honest explanation with its verdict, those that explain first."""
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


def untested(run: data.Source, tests: pd.DataFrame, lang: Language) -> None:
    """Say what could not be tested for this ring or in this run, and for want of what."""
    st.markdown(f"##### {say('ring_page.untested.title', lang)}")
    st.caption(say("ring_page.untested.hint", lang))
    facts = data.run_facts(run)
    told = [
        say(
            "ring_page.untested.explanation",
            lang,
            name=name_of("honest.name", row["explanation"], lang),
            sentence=row[f"sentence_{lang}"] or "–",
        )
        for row in tests.to_dict("records")
        if row["verdict"] == "not_testable"
    ]
    told += [
        say(
            "ring_page.untested.detector",
            lang,
            name=name_of("kind", one.get("detector"), lang),
            tables=", ".join(one.get("missing", [])) or "–",
        )
        for one in facts.get("off", [])
    ]
    off = facts.get("measures_off", [])
    if off:
        names = ", ".join(name_of("measure.name", one, lang) for one in off)
        told.append(say("ring_page.untested.measures", lang, names=names))
    if not told:
        st.write(say("ring_page.untested.none", lang))
    st.markdown("\n".join(f"- {plain(one)}" for one in told))


def attached(run: data.Source, ring_id: str, lang: Language) -> None:
    """List the hits of motifs that people put beside the ring, with question and settlements."""
    st.markdown(f"##### {say('ring_page.hits.title', lang)}")
    try:
        found = services.hits_of(run.root, ring_id)
    except RingfenceError as error:
        st.warning(plain(say("ring_page.hits.failed", lang, reason=error.told(lang))))
        return
    if not found:
        st.write(say("ring_page.hits.none", lang))
        return
    st.caption(say("ring_page.hits.hint", lang))
    for one in found:
        with st.expander(plain(_headline(one, lang))):
            _hit(one, lang)


def _headline(one: AttachedHit, lang: Language) -> str:
    return say(
        "ring_page.hits.entry",
        lang,
        title=_words(one, "title", lang),
        number=one.hit.position,
        settlements=len(one.hit.row.get("setl_ids") or ()),
        who=one.who,
        at=f"{local(one.at):%Y-%m-%d %H:%M}",
    )


def _hit(one: AttachedHit, lang: Language) -> None:
    st.markdown(plain(_words(one, "question", lang)))
    st.markdown(f":gray[{plain(_words(one, 'honest', lang))}]")
    rows = [
        {"column": name, "value": _cell(value)}
        for name, value in one.hit.row.items()
        if name != "setl_ids"
    ]
    st.dataframe(
        pd.DataFrame(rows, columns=["column", "value"]),
        hide_index=True,
        alt=say("ring_page.hits.title", lang),
        column_config={
            "column": st.column_config.TextColumn(say("ring_page.hits.column", lang)),
            "value": st.column_config.TextColumn(say("ring_page.hits.value", lang)),
        },
    )
    ids = [str(each) for each in one.hit.row.get("setl_ids") or ()]
    if ids:
        more = len(ids) - SHOWN_SETTLEMENTS
        st.caption(
            plain(
                say(
                    "ring_page.hits.settlements",
                    lang,
                    ids=", ".join(ids[:SHOWN_SETTLEMENTS]) + (f" … +{more}" if more > 0 else ""),
                )
            )
        )
    st.caption(
        plain(say("ring_page.hits.run", lang, run=one.run.run_id, digest=one.run.digest[:12]))
    )


def _words(one: AttachedHit, field: str, lang: Language) -> str:
    """Return the words of the motif as it is now; its name where it is no longer there."""
    try:
        asked = motif(one.run.motif)
        return in_words(asked, field, language=lang, parameters=dict(one.run.parameters))
    except RingfenceError:
        return one.run.motif if field == "title" else ""


def _cell(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value[:SHOWN_SETTLEMENTS])) + (
            f" … ({len(value)})" if len(value) > SHOWN_SETTLEMENTS else ""
        )
    return "–" if value is None else str(value)
