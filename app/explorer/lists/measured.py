"""What the benchmark measured: how many planted rings are found, how true the probability is."""

from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from app.explorer.charts.picture import put
from app.explorer.words import name_of
from ingest.texts import Language, say

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
"""Beside the packages in the source; an installed wheel does not carry it."""
TENTHS = 10
LEAST = 5
"""Candidates that a group needs to be drawn."""


def shown(lang: Language) -> None:
    """Draw the figures, or say where they are."""
    st.markdown(f"##### {say('explorer.measured.title', lang)}")
    quality, calibration = BENCHMARKS / "quality.csv", BENCHMARKS / "calibration.csv"
    if not (quality.is_file() and calibration.is_file()):
        st.write(say("explorer.measured.elsewhere", lang))
        return
    st.caption(say("explorer.measured.hint", lang))
    left, right = st.columns([1.5, 1], gap="large")
    with left:
        _settings(by_setting(pd.read_csv(quality)), lang)
    with right:
        st.caption(say("explorer.measured.reliability", lang))
        put(
            _drawn(reliability(pd.read_csv(calibration)), lang),
            alt=say("explorer.measured.reliability", lang),
            key="reliability",
        )


def by_setting(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each setting, in order: sums over its counties, and shares of sums.

    A ring is right from a Jaccard index of 0.5. A share of nothing is missing, not nought.
    """
    sums = rows.groupby("setting", sort=False).agg(
        counties=("seed", "size"),
        planted=("planted", "sum"),
        raised=("raised", "sum"),
        right=("right_0.5", "sum"),
        honest_raised=("honest_raised", "sum"),
        brier=("brier", "mean"),
    )
    sums["recall"] = sums["right"].div(sums["planted"].where(sums["planted"] > 0))
    sums["precision"] = sums["right"].div(sums["raised"].where(sums["raised"] > 0))
    return sums.reset_index()


def reliability(rows: pd.DataFrame) -> pd.DataFrame:
    """Return for each tenth of probability given: how many candidates, mean given, share found."""
    tenth = (rows["probability"] * TENTHS).clip(0, TENTHS - 1e-9).astype(int)
    told = rows.groupby(tenth).agg(
        candidates=("ring", "size"), given=("probability", "mean"), found=("ring", "mean")
    )
    return told[told["candidates"] >= LEAST].reset_index(drop=True)


def _settings(table: pd.DataFrame, lang: Language) -> None:
    table = table.assign(setting=[name_of("setting", one, lang) for one in table["setting"]])
    shares = {name: "percent" for name in ("recall", "precision")} | {"brier": "%.3f"}
    names = ("setting", "counties", "planted", "raised", "right", "recall", "precision")
    st.dataframe(
        table,
        column_order=(*names, "honest_raised", "brier"),
        column_config={
            name: st.column_config.NumberColumn(
                say(f"explorer.column.{name}", lang), format=shares.get(name)
            )
            if name != "setting"
            else say("explorer.column.setting", lang)
            for name in table.columns
        },
        hide_index=True,
        height="content",
        placeholder="–",
        alt=say("explorer.measured.title", lang),
    )


def _drawn(table: pd.DataFrame, lang: Language) -> Any:
    ideal = pd.DataFrame({"given": [0.0, 1.0], "found": [0.0, 1.0]})
    x = alt.X("given:Q", title=say("explorer.measured.given", lang), axis=alt.Axis(format="%"))
    y = alt.Y("found:Q", title=say("explorer.measured.found", lang), axis=alt.Axis(format="%"))
    return alt.layer(
        alt.Chart(ideal).mark_line(strokeDash=[4, 4], color="#9AA5B1").encode(x=x, y=y),
        alt.Chart(table)
        .mark_point(filled=True, color="#0072B2")
        .encode(
            x=x,
            y=y,
            size=alt.Size("candidates:Q", legend=None, scale=alt.Scale(range=[40, 400])),
            tooltip=[alt.Tooltip(f"{name}:Q", format=",.3~g") for name in table.columns],
        ),
    ).properties(height=260)
