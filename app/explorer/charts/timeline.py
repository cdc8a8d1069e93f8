"""When the money went: a bar for each month, on which a period can be brushed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import altair as alt
import pandas as pd

from app.explorer.charts import FOR, NEUTRAL
from app.explorer.ring_data import Window
from ingest.texts import Language, say

HEIGHT = 124
BRUSH = "period"


def timeline(monthly: pd.DataFrame, lang: Language, *, height: int = HEIGHT) -> alt.Chart:
    """Draw the months of :func:`app.explorer.ring_data.monthly`; what is not brushed turns grey."""
    brush = alt.selection_interval(encodings=["x"], name=BRUSH)
    ends = monthly.assign(
        until=monthly["month"] + pd.offsets.MonthBegin(1),
        named=monthly["month"].dt.strftime("%Y-%m"),
    )
    across = alt.X(
        "month:T",
        title=None,
        axis=alt.Axis(format="%Y-%m", labelOverlap=True, grid=False, tickCount="month"),
    )
    chart: alt.Chart = (
        alt.Chart(ends, height=height)
        .mark_bar(xOffset=1, x2Offset=-1)
        .encode(
            x=across,
            x2="until:T",
            y2=alt.datum(0),
            y=alt.Y(
                "fund:Q",
                title=say("ring_page.timeline.axis", lang),
                axis=alt.Axis(tickCount=2, format="~s"),
                scale=alt.Scale(zero=True, nice=True),
            ),
            color=alt.when(brush).then(alt.value(FOR)).otherwise(alt.value(NEUTRAL)),
            tooltip=[
                alt.Tooltip("named:N", title=say("ring_page.timeline.month", lang)),
                alt.Tooltip("fund:Q", title=say("explorer.column.fund", lang), format=",.0f"),
                alt.Tooltip("settlements:Q", title=say("explorer.column.settlements", lang)),
            ],
        )
        .add_params(brush)
    )
    return chart


def brushed(event: Mapping[str, Any] | None, zone: str | None) -> Window | None:
    """Return the period of a brush; None without one.

    The browser draws a time without a zone as one of its own, and tells the brush in milliseconds
    since 1970 (UTC): ``zone`` is the browser's, such as ``Asia/Shanghai``, and gives it back.
    """
    told = ((event or {}).get("selection") or {}).get(BRUSH) or {}
    ends = next((value for value in told.values() if isinstance(value, list | tuple)), None)
    if not ends or len(ends) != 2:
        return None
    low, high = sorted(float(end) for end in ends)
    if high - low < 1:
        return None
    return Window(since=_at(low, zone), until=_at(high, zone))


def _at(milliseconds: float, zone: str | None) -> datetime:
    try:
        local = ZoneInfo(zone) if zone else UTC
    except (ZoneInfoNotFoundError, ValueError):
        local = UTC
    return datetime.fromtimestamp(milliseconds / 1000, local).replace(tzinfo=None, microsecond=0)
