"""Small histograms above the sliders of a list: how many rings lie where, chosen ones in colour."""

import math
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import pandas as pd

from app.explorer.lists.filters import Range

BINS = 20
HEIGHT = 38  # pixels
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
            "chosen": [begin + width > chosen[0] and begin <= chosen[1] for begin in begins],
        }
    )


def drawn(table: pd.DataFrame, *, name: str, rings: str, form: Callable[[Any], str]) -> str:
    """Return the HTML of a histogram without axes, low enough to stand above its slider.

    A page with it needs no chart library, so the list is there sooner. ``form`` writes an end of a
    bin.
    """
    most = max(int(table["rings"].max()), 1)
    bars = "".join(
        f'<div title="{escape(f"{form(bar.begin)} – {form(bar.end)}: {bar.rings} {rings}")}" '
        f'style="flex:1;background:{CHOSEN if bar.chosen else LEFT_OUT};'
        f'height:{100 * bar.rings / most:.0f}%"></div>'
        for bar in table.itertuples()
    )
    return (
        f'<div role="img" aria-label="{escape(name)}" style="display:flex;align-items:flex-end;'
        f'height:{HEIGHT}px;padding:2px 8px 0">{bars}</div>'
    )


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
