"""Where: the places of a ring on plain ground, by their coordinates alone; no tiles are fetched."""

import math

import altair as alt
import pandas as pd

from app.explorer.charts import FOR, NEUTRAL
from app.explorer.ring_data import counted
from ingest.texts import Language, say

LEAST_DEGREES = 0.02  # about two kilometres: a single place is not drawn as if it were the world
NEAR_KM = 60.0  # what lies further from every place of the ring is told, not drawn
LABELS = 30
EARTH_KM = 6_371.0


def spots(places: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the places that have coordinates with what happened there.

    Added columns: times and fund (what the ring rests on), others (settlements of its people that
    do not count), counts (whether the ring rests on any there), name.
    """
    own, rest = counted(rows), rows[rows["why"].isna()]
    known = places.dropna(subset=["lnt", "lat"]).copy()
    times = own.groupby("place").agg(times=("setl_id", "nunique"), fund=("fund", "sum"))
    known = known.join(times, on="place").join(
        rest.groupby("place")["setl_id"].nunique().rename("others"), on="place"
    )
    known[["times", "fund", "others"]] = known[["times", "fund", "others"]].fillna(0)
    known["counts"] = known["times"] > 0
    known["all"] = known["times"] + known["others"]
    return known.sort_values(["counts", "all", "place"], kind="stable").reset_index(drop=True)


def near(spots_: pd.DataFrame) -> pd.DataFrame:
    """Return the places that count and those of the others within ``NEAR_KM`` of one of them.

    Where none counts, all of them: a period may hold nothing but what its people did alone.
    """
    own = list(zip(*(spots_.loc[spots_["counts"], name] for name in ("lnt", "lat")), strict=True))
    if not own:
        return spots_
    within = [
        counts or min(distance_km((x, y), one) for one in own) <= NEAR_KM
        for x, y, counts in zip(spots_["lnt"], spots_["lat"], spots_["counts"], strict=True)
    ]
    return spots_[within].reset_index(drop=True)


def ways(rows: pd.DataFrame, spots_: pd.DataFrame) -> pd.DataFrame:
    """Return how cards went from place to place within a day: lnt, lat, lnt2, lat2, times, km.

    A card's settlements of one day in order of time; two in a row at different places are one way.
    """
    own = rows.sort_values(["card_id", "settled_at", "setl_id"], kind="stable")
    own = own.assign(
        day=own["settled_at"].dt.date,
        onward=own.groupby(["card_id", own["settled_at"].dt.date])["place"].shift(-1),
    )
    gone = own.dropna(subset=["onward"])
    gone = gone[gone["place"] != gone["onward"]]
    table = gone.groupby(["place", "onward"]).size().rename("times").reset_index()
    at = spots_.set_index("place")[["lnt", "lat"]]
    table = table.join(at, on="place", how="inner")
    table = table.join(at.rename(columns=lambda name: f"{name}2"), on="onward", how="inner")
    table["km"] = [
        distance_km((a, b), (c, d))
        for a, b, c, d in zip(table["lnt"], table["lat"], table["lnt2"], table["lat2"], strict=True)
    ]
    return table.reset_index(drop=True)


def ground(
    places: pd.DataFrame,
    gone: pd.DataFrame,
    lang: Language,
    *,
    ink: str,
    paper: str,
    height: int = 420,
    width: int = 840,
) -> alt.LayerChart:
    """Draw places as circles, larger with more settlements, and the ways between them as lines.

    ``width`` and ``height`` are in pixels, about: a kilometre is as long in both directions.
    """
    across, up = _reach(places, width / height)
    x = alt.X(
        "lnt:Q",
        title=say("ring_page.map.east", lang),
        scale=alt.Scale(domain=across, nice=False, zero=False),
        axis=alt.Axis(tickCount=5, format=".2f", gridDash=[2, 4]),
    )
    y = alt.Y(
        "lat:Q",
        title=say("ring_page.map.north", lang),
        scale=alt.Scale(domain=up, nice=False, zero=False),
        axis=alt.Axis(tickCount=5, format=".2f", gridDash=[2, 4]),
    )
    lines = (
        alt.Chart(gone)
        .mark_rule(color=NEUTRAL, opacity=0.6, clip=True)
        .encode(
            x=x,
            y=y,
            x2="lnt2:Q",
            y2="lat2:Q",
            size=alt.Size("times:Q", scale=alt.Scale(type="sqrt", range=[1, 5]), legend=None),
            tooltip=[
                alt.Tooltip("place:N", title=say("ring_page.map.from", lang)),
                alt.Tooltip("onward:N", title=say("ring_page.map.to", lang)),
                alt.Tooltip("times:Q", title=say("explorer.column.times", lang)),
                alt.Tooltip("km:Q", title=say("ring_page.map.km", lang), format=".1f"),
            ],
        )
    )
    names = {True: say("ring_page.map.ring", lang), False: say("ring_page.map.others", lang)}
    circles = (
        alt.Chart(places.assign(state=places["counts"].map(names)))
        .mark_circle(opacity=0.85, clip=True, stroke=paper, strokeWidth=1)
        .encode(
            x=x,
            y=y,
            size=alt.Size("all:Q", scale=alt.Scale(type="sqrt", range=[60, 900]), legend=None),
            color=alt.Color(
                "state:N",
                title=None,
                scale=alt.Scale(domain=[names[True], names[False]], range=[FOR, NEUTRAL]),
                legend=alt.Legend(orient="top", labelLimit=400),
            ),
            tooltip=[
                alt.Tooltip("place:N", title=say("explorer.column.place", lang)),
                alt.Tooltip("times:Q", title=say("ring_page.map.ring", lang)),
                alt.Tooltip("fund:Q", title=say("explorer.column.fund", lang), format=",.0f"),
                alt.Tooltip("others:Q", title=say("ring_page.map.others", lang)),
            ],
        )
    )
    named = places[places["counts"]].tail(LABELS)
    text = alt.Chart(named).encode(x=x, y=y, text="place:N")
    halo = text.mark_text(fontSize=11, dy=-16, stroke=paper, strokeWidth=4, opacity=0.85)
    labels = text.mark_text(fontSize=11, dy=-16, color=ink)
    chart: alt.LayerChart = alt.layer(lines, circles, halo, labels, height=height).resolve_scale(
        size="independent"
    )
    return chart


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance of two points (east, north, in degrees) over the ground.

    Examples
    --------
    >>> round(distance_km((120.0, 30.0), (120.0, 31.0)))
    111
    """
    (a, b), (c, d) = ((math.radians(x), math.radians(y)) for x, y in (one, other))
    h = math.sin((d - b) / 2) ** 2 + math.cos(b) * math.cos(d) * math.sin((c - a) / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(h)))


def _reach(places: pd.DataFrame, shape: float) -> tuple[list[float], list[float]]:
    """Return the ends of both axes: the places with a margin, and never less than a village."""
    middle, half = {}, {}
    for name in ("lnt", "lat"):
        low, high = float(places[name].min()), float(places[name].max())
        middle[name], half[name] = (low + high) / 2, max(LEAST_DEGREES, 0.62 * (high - low))
    shrink = math.cos(math.radians(middle["lat"]))  # a degree east is shorter than one north
    half["lat"] = max(half["lat"], half["lnt"] * shrink / shape)
    half["lnt"] = half["lat"] * shape / shrink
    east, north = ([middle[one] - half[one], middle[one] + half[one]] for one in ("lnt", "lat"))
    return east, north
