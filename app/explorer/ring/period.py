"""A ring over time: months to brush, and the pictures and the table that follow the brush."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from app.explorer import data, ring_data
from app.explorer.charts import network as drawn_network
from app.explorer.charts import places as drawn_places
from app.explorer.charts import raster as drawn_raster
from app.explorer.charts import timeline as drawn_timeline
from app.explorer.charts.picture import put
from app.explorer.ring.common import ink
from app.explorer.ring.settlements import table
from app.explorer.ring_data import Window
from app.explorer.words import day
from ingest.texts import Language, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The settlements of a ring that were read, those of the period, and how many there are."""

    run: data.Source
    ring_id: str
    every: pd.DataFrame
    rows: pd.DataFrame
    total: int
    window: Window | None


def brush(run: data.Source, ring_id: str, lang: Language) -> Seen:
    """Draw the months of a ring and return what the chosen period holds."""
    every, total = data.raster(run, ring_id)
    seen = Seen(run=run, ring_id=ring_id, every=every, rows=every, total=total, window=None)
    monthly = ring_data.monthly(every)
    if monthly.empty:
        st.caption(say("ring_page.timeline.none", lang))
        return seen
    turn = f"period_turn_{ring_id}"
    key = f"period_{ring_id}_{st.session_state.setdefault(turn, 0)}"
    chart, choice = st.columns([6, 1.15], vertical_alignment="center", gap="small")
    with chart:
        event = put(
            drawn_timeline.timeline(monthly, lang),
            key=key,
            on_select="rerun",
            selection_mode=drawn_timeline.BRUSH,
            alt=say("ring_page.timeline.title", lang),
        )
    window = drawn_timeline.brushed(event, st.context.timezone)
    with choice:
        by_month = _months(monthly, key, lang)
        window = window or by_month
        if window is not None:
            st.button(
                say("ring_page.timeline.whole", lang),
                key=f"{key}_whole",
                width="stretch",
                on_click=lambda: st.session_state.update({turn: st.session_state[turn] + 1}),
            )
    rows = ring_data.within(every, window)
    own = ring_data.counted(rows)
    if window is None:
        st.caption(say("ring_page.timeline.hint", lang))
    else:
        told = say(
            "ring_page.timeline.chosen",
            lang,
            since=day(window.since),
            until=day(window.until),
            settlements=f"{own['setl_id'].nunique():,}",
            total=f"{ring_data.counted(every)['setl_id'].nunique():,}",
            people=f"{own['person'].nunique():,}",
            fund=f"{own['fund'].sum():,.0f}",
        )
        st.caption(told)
    return replace(seen, rows=rows, window=window)


def together(seen: Seen, lang: Language) -> None:
    """Draw raster, network, map and table of the period, one below the other."""
    if _empty(seen, lang):
        return
    raster(seen, lang)
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"##### {say('explorer.tab.network', lang)}")
        network(seen, lang, key="together_network", height=420)
    with right:
        st.markdown(f"##### {say('ring_page.tab.map', lang)}")
        places(seen, lang, key="together_map", height=420, width=540)
    st.markdown(f"##### {say('explorer.tab.settlements', lang)}")
    table(seen.run, seen.ring_id, seen.window, seen.every, lang, key="together")


def raster(seen: Seen, lang: Language) -> None:
    """Draw who swiped when."""
    joint = bool((seen.rows["why"] == "joint_session").any())
    axis, colour = st.columns([1, 1], gap="small")
    views = {one: say(f"explorer.raster.{one}", lang) for one in ("calendar", "hours")}
    colours = {one: say(f"ring_page.raster.{one}", lang) for one in ("stack", "state")}
    with axis:
        chosen = _switch("raster_view", say("explorer.raster.view", lang), views)
    with colour:
        by = (
            _switch("raster_colour", say("ring_page.raster.colour", lang), colours) if joint else ""
        )
    by = by or "state"
    st.caption(say(f"ring_page.raster.hint_{by}", lang))
    frame = drawn_raster.lines(seen.rows, lang)
    put(
        drawn_raster.raster(
            frame, lang, by_hour=chosen == "hours",
            by_stack=by == "stack" and bool(frame["stack"].notna().any()),
        ),
        alt=say("explorer.tab.time", lang),
        key="raster",
    )  # fmt: skip
    if seen.total > len(seen.every):
        st.caption(say("explorer.raster.limited", lang, shown=len(seen.every), total=seen.total))
    coarse = data.day_precision(seen.run, tuple(sorted(seen.rows["place"].dropna().unique())))
    if coarse:
        st.caption(say("explorer.raster.day_precision", lang, places=", ".join(coarse[:8])))


def network(seen: Seen, lang: Language, *, key: str = "network", height: int = 520) -> None:
    """Draw who hangs on what in the period; nodes stay where the whole ring has them."""
    ties = data.ties(seen.run, seen.ring_id)
    if ties.empty:
        st.write(say("explorer.network.none", lang))
        return
    picture = _laid_out(seen.run, seen.ring_id)
    if seen.window is not None:
        picture = drawn_network.narrowed(picture, ring_data.ties_within(ties, seen.rows))
        if picture.nodes.empty:
            st.write(say("ring_page.timeline.empty", lang))
            return
    text, paper = ink()
    put(
        drawn_network.network(picture, lang, ink=text, paper=paper, height=height),
        alt=say("explorer.tab.network", lang),
        key=key,
    )
    st.caption(say("explorer.network.hint", lang))
    if picture.left_out:
        total = len(picture.nodes) + picture.left_out
        st.caption(say("explorer.network.limited", lang, shown=len(picture.nodes), total=total))


def places(
    seen: Seen, lang: Language, *, key: str = "map", height: int = 560, width: int = 1140
) -> None:
    """Draw the places of the period on plain ground."""
    codes = tuple(sorted(seen.rows["place"].dropna().unique()))
    known = ring_data.places(seen.run, codes)
    spots = drawn_places.spots(known, seen.rows)
    missing = sorted(set(codes) - set(spots["place"]))
    if spots.empty:
        st.write(say("ring_page.map.none", lang))
        return
    text, paper = ink()
    drawn = drawn_places.near(spots)
    ways = drawn_places.ways(seen.rows, drawn)
    put(
        drawn_places.ground(drawn, ways, lang, ink=text, paper=paper, height=height, width=width),
        alt=say("ring_page.tab.map", lang),
        key=key,
    )
    st.caption(say("ring_page.map.hint", lang))
    if len(drawn) < len(spots):
        far = len(spots) - len(drawn)
        told = say("ring_page.map.far", lang, count=far, km=f"{drawn_places.NEAR_KM:.0f}")
        st.caption(told)
    if missing:
        named = ", ".join(missing[:8])
        st.caption(say("ring_page.map.missing", lang, count=len(missing), places=named))


def of_period(draw: Callable[[Seen, Language], None], seen: Seen, lang: Language) -> None:
    """Draw a picture by itself, or say why it is empty."""
    if not _empty(seen, lang):
        draw(seen, lang)


@st.cache_data(show_spinner=False, max_entries=50)
def _laid_out(run: data.Source, ring_id: str) -> drawn_network.Picture:
    """Lay a ring out once: a brush narrows the picture, and what stays does not move."""
    return drawn_network.picture(data.ties(run, ring_id))


def _empty(seen: Seen, lang: Language) -> bool:
    if seen.every.empty:
        st.write(say("explorer.raster.none", lang))
    elif seen.rows.empty:
        st.write(say("ring_page.timeline.empty", lang))
    return len(seen.rows) == 0


def _months(monthly: pd.DataFrame, key: str, lang: Language) -> Window | None:
    """Let the months be chosen by keyboard: what the brush does with the mouse."""
    names = monthly["month"].dt.strftime("%Y-%m").tolist()
    if len(names) < 2:
        return None
    with st.popover(say("ring_page.timeline.months", lang), width="stretch"):
        first, last = st.select_slider(
            say("ring_page.timeline.months", lang),
            names,
            value=(names[0], names[-1]),
            key=f"{key}_months",
        )
    if (first, last) == (names[0], names[-1]):
        return None
    starts = dict(zip(names, monthly["month"], strict=True))
    until = starts[last] + pd.offsets.MonthBegin(1) - pd.Timedelta(seconds=1)
    return Window(since=starts[first].to_pydatetime(), until=until.to_pydatetime())


def _switch(key: str, label: str, options: dict[str, str]) -> str:
    return str(
        st.segmented_control(
            label,
            list(options),
            default=next(iter(options)),
            required=True,
            format_func=options.__getitem__,
            key=key,
            label_visibility="collapsed",
        )
    )
