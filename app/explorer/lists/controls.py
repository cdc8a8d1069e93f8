"""The widgets of the ring list's filter, begun from the address and written back to it."""

import math
from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from app.explorer import data
from app.explorer.lists import filters, histogram
from app.explorer.lists.filters import WHOLE, Filter, Range
from app.explorer.words import name_of
from ingest.texts import Language, say

KEYS = (
    "kinds", "least_probability", "loss_range", "people_range", "seen_range", "places_chosen",
    "only_new", "person",
)  # fmt: skip
ADDRESS = "rings_address"


def chosen(
    run: data.Source, rings: pd.DataFrame, since: data.Since | None, lang: Language
) -> Filter:
    """Draw the filter and return what is chosen; the address then reproduces the list."""
    begin = _begin(rings)
    first, second, third, fourth = st.columns(4, gap="medium")
    probability = _slider(
        first, "probability", rings["probability"] * 100, 1.0, _times(begin.probability, 100),
        key="least_probability", lang=lang, form="%d%%",
    )  # fmt: skip
    loss = _slider(
        second, "loss", rings["loss_mid"], _step(rings["loss_mid"]), begin.loss,
        key="loss_range", lang=lang, form="¥%,.0f",
    )  # fmt: skip
    people = _slider(
        third, "people", rings["people"].astype(float), 1.0, begin.people,
        key="people_range", lang=lang, form="%d",
    )  # fmt: skip
    days = _days(fourth, rings, begin, lang)
    rest = _rest(run, rings, since, begin, lang)
    by = Filter(
        probability=_times(probability, 0.01), loss=loss, people=people,
        since=days[0], until=days[1], **rest,
    )  # fmt: skip
    _address(by)
    return by


def reset() -> None:
    """Take every condition away."""
    for key in KEYS:
        st.session_state.pop(key, None)
    for name in filters.NAMES:
        if name in st.query_params:
            del st.query_params[name]
    st.session_state[ADDRESS] = {}


def _begin(rings: pd.DataFrame) -> Filter:
    """Return the filter of the address; widgets begin anew where it is not what they wrote."""
    asked = {name: st.query_params[name] for name in filters.NAMES if name in st.query_params}
    if st.session_state.get(ADDRESS) != asked:
        for key in KEYS:
            st.session_state.pop(key, None)
    return filters.from_query(asked, set(rings["kind"]))


def _address(by: Filter) -> None:
    told = filters.to_query(by)
    for name in filters.NAMES:
        if name in told:
            if st.query_params.get(name) != told[name]:
                st.query_params[name] = told[name]
        elif name in st.query_params:
            del st.query_params[name]
    st.session_state[ADDRESS] = told


def _slider(
    place: Any,
    name: str,
    values: pd.Series,
    step: float,
    begin: Range,
    *,
    key: str,
    lang: Language,
    form: str,
) -> Range:
    """Draw a histogram with its slider; a handle that stands at its end leaves that side open."""
    low, high = histogram.ends(values, step=step)
    held = st.session_state.get(key, begin)
    # A handle stands on a step of its slider: an end of the address goes to the nearest one.
    left, right = (low + step * round((min(max(end, low), high) - low) / step) for end in held)
    st.session_state[key] = (min(left, right), max(left, right))
    with place:
        table = histogram.bins(values, low, high, chosen=st.session_state[key])
        _bars(table, name, lang, "{:,.4g}".format)
        st.slider(say(f"explorer.filter.{name}", lang), low, high, step=step, format=form, key=key)
    got: Range = st.session_state[key]
    return (got[0] if got[0] > low else WHOLE[0], got[1] if got[1] < high else WHOLE[1])


def _bars(table: pd.DataFrame, name: str, lang: Language, form: Callable[[Any], str]) -> None:
    of, rings = say(f"explorer.filter.{name}", lang), say("explorer.filter.rings", lang)
    st.html(histogram.drawn(table, name=of, rings=rings, form=form))


def _days(
    place: Any, rings: pd.DataFrame, begin: Filter, lang: Language
) -> tuple[date | None, date | None]:
    """Draw the months in which rings were first seen, and the choice of days."""
    first = rings["first_seen"]
    low, high = first.min().date(), first.max().date()
    if "seen_range" not in st.session_state:
        ends = (begin.since or low, begin.until or high)
        st.session_state["seen_range"] = tuple(min(max(one, low), high) for one in ends)
    ordinals = first.dt.date.map(date.toordinal).astype(float)
    held = tuple(float(one.toordinal()) for one in st.session_state["seen_range"])
    table = histogram.bins(
        ordinals, float(low.toordinal()), float(high.toordinal()), chosen=(held[0], held[-1])
    )
    with place:
        _bars(table, "since", lang, lambda end: str(date.fromordinal(int(end))))
        if low == high:
            st.caption(f"{say('explorer.filter.since', lang)}: {low}")
            return None, None
        got = st.slider(say("explorer.filter.since", lang), low, high, key="seen_range")
    return (got[0] if got[0] > low else None, got[1] if got[1] < high else None)


def _rest(
    run: data.Source,
    rings: pd.DataFrame,
    since: data.Since | None,
    begin: Filter,
    lang: Language,
) -> dict[str, Any]:
    kinds, places, person, new = st.columns([3, 2.2, 2, 1.4], vertical_alignment="bottom")
    at = data.rings_at(run)
    here = set(rings["ring_id"])
    options = [place for place, found in at.items() if found & here]
    counts = rings["kind"].value_counts()
    for key, value in (
        ("kinds", list(begin.kinds)),
        ("places_chosen", [one for one in begin.places if one in options]),
        ("person", begin.person),
        ("only_new", begin.new and since is not None),
    ):
        st.session_state.setdefault(key, value)
    told: dict[str, Any] = {
        "kinds": tuple(
            kinds.multiselect(
                say("explorer.filter.kinds", lang),
                sorted(counts.index),
                format_func=lambda kind: f"{name_of('kind', kind, lang)} ({counts[kind]})",
                placeholder=say("explorer.filter.all", lang),
                key="kinds",
            )
        ),
        "places": tuple(
            places.multiselect(
                say("explorer.filter.places", lang),
                options,
                format_func=lambda place: f"{place} ({len(at[place] & here)})",
                placeholder=say("explorer.filter.all", lang),
                key="places_chosen",
            )
        ),
        "person": person.text_input(
            say("explorer.filter.person", lang), placeholder="P-7f3a91", key="person"
        ).strip(),
    }
    told["new"] = new.toggle(
        say("explorer.filter.new", lang),
        key="only_new",
        disabled=since is None,
        help=say("explorer.filter.new_help", lang),
    )
    return told


def _times(pair: Range, factor: float) -> Range:
    """Return a range in another unit, without the crumbs of binary fractions."""
    low, high = (end if math.isinf(end) else round(end * factor, 6) for end in pair)
    return low, high


def _step(values: pd.Series) -> float:
    """Return a round step that makes some twenty to two hundred of the largest value."""
    largest = max(float(values.max()), 1.0)
    return float(10 ** max(0, math.floor(math.log10(largest / 20))))
