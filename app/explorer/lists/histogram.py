"""Small histograms above the sliders of a list: how many rings lie where, chosen ones in colour."""

import math
from collections.abc import Sequence

import altair as alt
import pandas as pd

from app.explorer.lists.filters import Range

BINS = 20
CHOSEN, LEFT_OUT = "#0072B2", "#9AA5B1"


def bins(values: pd.Series, low: float, high: float, *, chosen: Range) -> pd.DataFrame:
    """Return equal bins from low to high: begin, end, how many, and whether the choice covers it.

    A bin counts as chosen if any of it is. Values outside the ends are not counted.
    """
    width = (high - low) / BINS or 1.0
    place = ((values.clip(low, high) - low) / width).clip(0, BINS - 1).astype(int)
    count = place.value_counts().reindex(range(BINS), fill_value=0)
    begins = [low + n * width for n in range(BINS)]
    return pd.DataFrame(
        {
            "begin": begins,
            "end": [begin + width for begin in begins],
            "rings": count.to_list(),
            "ground": 0,
            "chosen": [begin + width > chosen[0] and begin <= chosen[1] for begin in begins],
        }
    )


def drawn(table: pd.DataFrame, *, rings: str, days: bool = False) -> alt.Chart:
    """Draw a histogram without axes, low enough to stand above its slider; of days or numbers."""
    kind, form = ("T", "%Y-%m-%d") if days else ("Q", ",.4~g")
    scale = alt.Scale(nice=False) if days else alt.Scale(nice=False, zero=False)
    chart: alt.Chart = (
        alt.Chart(table)
        .mark_bar()
        .encode(
            x=alt.X(f"begin:{kind}", axis=None, scale=scale),
            x2="end",
            y=alt.Y("rings:Q", axis=None),
            y2="ground",
            color=alt.condition(alt.datum["chosen"], alt.value(CHOSEN), alt.value(LEFT_OUT)),
            tooltip=[
                alt.Tooltip(f"begin:{kind}", format=form, title="≥"),
                alt.Tooltip(f"end:{kind}", format=form, title="<"),
                alt.Tooltip("rings:Q", title=rings),
            ],
        )
        .properties(height=38, padding={"left": 8, "right": 8, "top": 2, "bottom": 0})
        .configure_view(strokeWidth=0)
    )
    return chart


def ends(values: Sequence[float] | pd.Series, *, step: float) -> tuple[float, float]:
    """Return the ends of a slider that covers all values in whole steps; never one point.

    Examples
    --------
    >>> ends([3.2, 17.9], step=5)
    (0.0, 20.0)
    """
    if len(values) == 0:
        return 0.0, step
    low = math.floor(min(values) / step) * step
    high = math.ceil(max(values) / step) * step
    return float(low), float(high if high > low else low + step)
