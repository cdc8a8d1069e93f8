"""The board of the three full coverages: counts, and the lists behind them."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from app.explorer.canvas import services
from app.explorer.supervision import common
from app.explorer.supervision.office import Office
from app.explorer.words import name_of, plain, share
from casework.coverage import Board, PlaceRow, board, counts
from casework.limits import local_day
from casework.rights import Officer
from ingest.errors import RingfenceError
from ingest.texts import Language, say

SECONDS = 60
VISITED = ("checked", "sheet")
WHICH: Mapping[str, Callable[[PlaceRow], bool]] = {
    "all": lambda _: True,
    "not_visited": lambda one: one.visit not in VISITED,
    "visited": lambda one: one.visit in VISITED,
    "with_rings": lambda one: one.rings > 0,
    "tips": lambda one: one.tips > 0,
    "not_watched": lambda one: not one.watched,
}


def shown(office: Office) -> None:
    """Draw the period, the counts of each coverage, and the lists they are counted from."""
    lang = office.lang
    st.caption(say("supervision.coverage.hint", lang))
    first, last = _period(local_day(office.ledger.clock()), lang)
    try:
        found = _board(office.root, office.officer, first, last)
    except RingfenceError as refusal:
        st.error(plain(say("supervision.refused", lang, reason=refusal.told(lang))))
        return
    for part, told in counts(found).items():
        _counts(part, told, lang)
        if part == "monitoring":
            _watched(found, lang)
    st.markdown(f"##### {say('supervision.coverage.places', lang)}")
    _places(found, lang)
    st.markdown(f"##### {say('supervision.coverage.tips', lang)}")
    _tips(found, lang)


def _period(today: date, lang: Language) -> tuple[date, date]:
    begin, end, _ = st.columns([1, 1, 3])
    first: Any = begin.date_input(
        say("supervision.coverage.first", lang),
        value=date(today.year, 1, 1),
        key="coverage_first",
        format="YYYY-MM-DD",
    )
    last: Any = end.date_input(
        say("supervision.coverage.last", lang), value=today, key="coverage_last",
        format="YYYY-MM-DD",
    )  # fmt: skip
    return first, last


def _counts(part: str, told: Mapping[str, int], lang: Language) -> None:
    """Draw the counts of one coverage; each as a share of the first of them."""
    st.markdown(f"##### {say(f'supervision.coverage_part.{part}', lang)}")
    whole = next(iter(told.values()))
    shown_ = {name: n for name, n in told.items() if name != "unknown" or n}
    for place, (number, (name, count)) in zip(
        st.columns(len(shown_)), enumerate(shown_.items()), strict=True
    ):
        place.metric(say(f"supervision.coverage_count.{name}", lang), f"{count:,}")
        if number and whole:
            part_of = {"share": share(count / whole), "of": f"{whole:,}"}
            place.caption(say("supervision.coverage.share", lang, **part_of))


def _watched(found: Board, lang: Language) -> None:
    """Say which share of the settlements was watched, or why none was."""
    if found.run is None:
        st.warning(say("supervision.coverage.no_run", lang))
    elif not found.current:
        st.warning(say("supervision.coverage.stale", lang))
    elif not found.taken_in:
        st.warning(say("supervision.coverage.not_taken_in", lang))
    if found.settlements:
        st.write(
            plain(
                say(
                    "supervision.coverage.settlements", lang,
                    watched=f"{found.settlements_watched:,}", all=f"{found.settlements:,}",
                    share=share(found.settlements_watched / found.settlements),
                )
            )
        )  # fmt: skip


def _places(found: Board, lang: Language) -> None:
    which = common.one_of(
        say("supervision.coverage.which", lang),
        tuple(WHICH),
        "supervision.coverage_which",
        "coverage_which",
        lang,
    )
    rows = [one for one in found.places if WHICH[which](one)]
    if not rows:
        st.write(say("supervision.coverage.nothing", lang))
        return
    table = pd.DataFrame(
        [
            {
                "place": one.place,
                "place_kind": name_of("supervision.place_kind", one.kind, lang),
                "division": one.division,
                "settlements": one.settlements,
                "visit": name_of("supervision.visit", one.visit, lang),
                "visited_on": one.day.isoformat() if one.day else None,
                "tips": one.tips,
                "rings": one.rings,
            }
            for one in rows
        ]
    )
    common.listed(table, say("supervision.coverage.places", lang), lang, most=420)


def _tips(found: Board, lang: Language) -> None:
    if not found.tips:
        st.write(say("supervision.coverage.no_tips", lang))
        return
    table = pd.DataFrame(
        [
            {
                "tip": one.tip_id,
                "received": one.received.isoformat(),
                "channel": name_of("tip_channel", one.channel, lang),
                "tip_state": name_of("tip_state", one.state, lang),
                "standing": say(f"supervision.coverage_count.{one.standing}", lang),
            }
            for one in found.tips
        ]
    )
    common.listed(table, say("supervision.coverage.tips", lang), lang)


@st.cache_data(show_spinner=False, ttl=SECONDS)
def _board(root: str, officer: Officer, first: date, last: date) -> Board:
    """Return the board, asked for once a minute: every asking is a row of the audit log."""
    return board(services.ledger(root), officer, first=first, last=last)
