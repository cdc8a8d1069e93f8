"""How the probability comes about: prior, measures and honest explanations in log2 odds."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from app.explorer.charts import AGAINST, AXIS, FOR, NEUTRAL
from app.explorer.words import count, share, wrapped
from ingest.texts import Language, say

PRIOR, SUM = "prior", "sum"
BAR = "bar"
"""The name of the selection: a click on a bar, its label or its figure."""
LINE = 17
TOLERANCE = 1e-4
SILENT = 0.005


def probability(evidence: pd.DataFrame) -> float:
    """Return the probability that the rows of evidence add up to."""
    total = float(evidence["log2_bayes_factor"].sum())
    return float(1 / (1 + 2 ** -max(-1000.0, min(1000.0, total))))


def adds_up(evidence: pd.DataFrame, stored: float) -> bool:
    """Tell whether the rows give the stored probability, to a hundredth of a percentage point."""
    return len(evidence) > 0 and abs(probability(evidence) - stored) <= TOLERANCE


def steps(evidence: pd.DataFrame, lang: Language) -> pd.DataFrame:
    """Return one bar for each row, each beginning where the one above ended, and their sum.

    Rows that add nothing (below ``SILENT``) have no bar; the prior always has.

    Columns: order, measure (``sum`` for the last), sentence (whole), label (broken into lines),
    begin, end, factor, side (``prior``, ``for``, ``against``, ``sum``), figures (signed factor as
    text).
    """
    bars, at = [], 0.0
    for row in evidence.to_dict("records"):
        factor = float(row["log2_bayes_factor"])
        side = "prior" if row["measure"] == PRIOR else "for" if factor >= 0 else "against"
        if side == "prior" or abs(factor) >= SILENT:
            bars.append((str(row["measure"]), said(row, lang), at, at + factor, factor, side))
        at += factor
    sum_up = say(
        "explorer.waterfall.sum", lang, sum=f"{at:+.1f}", probability=share(probability(evidence))
    )
    bars.append((SUM, sum_up, 0.0, at, at, SUM))
    frame = pd.DataFrame(bars, columns=["measure", "sentence", "begin", "end", "factor", "side"])
    frame.insert(0, "order", range(1, len(frame) + 1))
    frame["label"] = [wrapped(text, 56) for text in frame["sentence"]]
    frame["edge"] = frame[["begin", "end"]].max(axis="columns")
    frame["figures"] = [f"{factor:+.1f}".replace("-", "−") for factor in frame["factor"]]
    return frame


def clicked(event: Mapping[str, Any] | None) -> str | None:
    """Return the measure of the bar that was clicked; None without one."""
    told = ((event or {}).get("selection") or {}).get(BAR) or []
    return next((str(one["measure"]) for one in told if one.get("measure")), None)


def said(row: dict[str, object], lang: Language) -> str:
    """Return the sentence of a row of evidence, or its bare figures where it has none."""
    sentence = row.get(f"sentence_{lang}")
    if isinstance(sentence, str) and sentence:
        return sentence
    return f"{row['measure']}: {count(row['observed'])} / {count(row['expected'])}"


def waterfall(frame: pd.DataFrame, lang: Language, *, ink: str) -> alt.LayerChart:
    """Draw the bars of :func:`steps` from top to bottom, sentences at the left.

    Each can be clicked; what is not clicked pales beside what is.
    """
    click = alt.selection_point(fields=["measure"], name=BAR)
    lines = frame["label"].str.count("\n") + 1
    low, high = min(0.0, frame[["begin", "end"]].min().min()), frame[["begin", "end"]].max().max()
    room = max(1.0, 0.12 * (high - low))
    rows = alt.Y("order:O", title=None, axis=None)
    base = alt.Chart(frame).encode(y=rows)
    side = alt.Color(
        "side:N",
        scale=alt.Scale(
            domain=["prior", "for", "against", "sum"], range=[NEUTRAL, FOR, AGAINST, ink]
        ),
        legend=None,
    )
    tooltip = [
        alt.Tooltip("sentence:N", title=say("explorer.waterfall.row", lang)),
        alt.Tooltip("figures:N", title=say("explorer.waterfall.axis", lang)),
    ]
    across = alt.Scale(domain=[low - room, high + room], nice=False)
    bars = base.mark_bar(height={"band": 0.55}, minBandSize=2, cursor="pointer").encode(
        x=alt.X(
            "begin:Q",
            title=say("explorer.waterfall.axis", lang),
            scale=across,
            axis=alt.Axis(tickCount=8, format="d"),
        ),
        x2="end:Q",
        color=side,
        opacity=alt.when(click).then(alt.value(1)).otherwise(alt.value(0.35)),
        tooltip=tooltip,
    )
    bars = bars.add_params(click)
    figures = base.mark_text(fontSize=12, fontWeight=600, dx=4, align="left", color=ink).encode(
        x=alt.X("edge:Q"), text="figures:N"
    )
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=NEUTRAL).encode(x="x:Q")
    labels = [
        alt.Chart(frame[lines == many])
        .mark_text(
            align="right",
            baseline="middle",
            lineBreak="\n",
            lineHeight=LINE,
            fontSize=12.5,
            dx=-12,
            dy=-LINE * (many - 1) / 2,
            color=ink,
            cursor="pointer",
        )
        .encode(x=alt.value(0), y=rows, text="label:N", tooltip=tooltip)
        for many in sorted(set(lines))
    ]
    height = AXIS + len(frame) * max(30, 10 + LINE * int(lines.max()))
    return alt.LayerChart(layer=[zero, bars, figures, *labels], height=height)
