"""How a page of officers acts: what a service refused, what an act did, one row chosen."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from app.explorer.canvas import services
from app.explorer.launch import WORKSPACE
from app.explorer.words import plain
from casework.canonical import digest
from casework.ledger import Ledger
from casework.subjects import Stale
from ingest.errors import RingfenceError
from ingest.texts import Language, say

_TOLD, _BLANK = "office_told", "office_blank"

T = TypeVar("T")


def ledger() -> Ledger:
    """Return the ledger of the workspace."""
    return services.ledger(os.environ[WORKSPACE])


def attempt(
    act: Callable[[], T], lang: Language, *, again: Callable[[], object] = lambda: None
) -> T | None:
    """Do something and return what came of it; a refusal is told here, in its own sentence.

    Nothing that was typed is lost by a refusal. ``again`` forgets what was read before, so that
    the next drawing shows what is there now: somebody else may have been quicker.
    """
    try:
        return act()
    except Stale as stale:
        again()
        st.warning(plain(say("keeping.stale", lang, sentence=stale.told(lang))))
    except RingfenceError as refusal:
        again()
        st.error(plain(refusal.told(lang)))
    return None


def did(
    act: Callable[[], object], lang: Language, *, again: Callable[[], object] = lambda: None
) -> bool:
    """Do something of which nothing is to be shown, as :func:`attempt`; whether it was done."""
    return attempt(lambda: (act(), True), lang, again=again) is not None


def step(
    act: Callable[[], object],
    sentence: str,
    lang: Language,
    *,
    again: Callable[[], object],
    forget: Iterable[str] = (),
) -> None:
    """Do something, as :func:`attempt`, and say at the top of the page that it was done."""
    if did(act, lang, again=again):
        again()
        done(sentence, forget)


def done(sentence: str, forget: Iterable[str] = ()) -> None:
    """Say at the top of the page, drawn anew, what an act did; empty the fields of its form.

    Emptied are fields of text and boxes to tick: a choice stays for the next one.
    """
    st.session_state[_TOLD] = sentence
    st.session_state[_BLANK] = list(forget)
    st.rerun()


def told() -> None:
    """Draw what the last act did, once, before any field is drawn."""
    for key in st.session_state.pop(_BLANK, ()):
        # A field that is only forgotten would go on showing what was typed in the browser.
        st.session_state[key] = False if st.session_state.get(key) is True else ""
    sentence = st.session_state.pop(_TOLD, None)
    if sentence:
        st.success(plain(sentence), icon=":material/check:")


def picked(
    name: str,
    rows: Sequence[Mapping[str, Any]],
    keys: Sequence[str],
    lang: Language,
    *,
    alt: str,
    most: int = 12,
    numbers: Iterable[str] = (),
) -> str | None:
    """Draw a table of which one row may be chosen; return the key of the row chosen last.

    What is chosen is kept by its key, under ``NAME_chosen``, never by its place: rows that come,
    go or change their order do not put another one under the hand. A table of other rows is
    another widget, so that no mark stands at a row that was not chosen.
    """
    held, widget = f"{name}_chosen", f"{name}_{digest(list(keys))[:12]}"

    def choose() -> None:
        places = st.session_state[widget].selection.rows
        st.session_state[held] = keys[places[0]] if places else None

    frame = pd.DataFrame(rows)
    st.dataframe(
        frame,
        column_config=columns(frame, lang, numbers),
        hide_index=True,
        height="content" if len(frame) <= most else 36 * (most + 1),
        placeholder="–",
        on_select=choose,
        selection_mode="single-row",
        key=widget,
        alt=alt,
    )
    chosen = st.session_state.get(held)
    return chosen if chosen in keys else None


def columns(frame: pd.DataFrame, lang: Language, numbers: Iterable[str] = ()) -> dict[str, Any]:
    """Return how the columns of a table are named; counts get their thousands separators."""
    return {
        name: st.column_config.NumberColumn(say(f"keeping.column.{name}", lang), format="%,d")
        if name in numbers
        else say(f"keeping.column.{name}", lang)
        for name in frame.columns
    }
