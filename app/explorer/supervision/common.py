"""What the pages of officers share: acts and what came of them, choosing from a list."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from app.explorer import pieces, session
from app.explorer.words import local, name_of, plain
from ingest.errors import RingfenceError
from ingest.texts import Language, say

TOLD = "supervision_told"
T = TypeVar("T")


def told() -> None:
    """Say what came of the act that was made last, once."""
    if (words := st.session_state.pop(TOLD, None)) is not None:
        st.success(plain(words), icon=":material/check:")


def attempt(do: Callable[[], T], said: Callable[[T], str], lang: Language, *forms: str) -> None:
    """Do what a form asks for; say what came of it, or why not, and keep what was typed then.

    ``forms`` are begun anew once it is done.
    """
    try:
        done = do()
    except RingfenceError as refusal:
        st.error(plain(say("supervision.refused", lang, reason=refusal.told(lang))))
        return
    for name in forms:
        st.session_state[f"{name}_number"] = number(name) + 1
    for key in [one for one in st.session_state if str(one).startswith("seen_")]:
        del st.session_state[key]
    st.session_state[TOLD] = said(done)
    st.rerun()


def chosen(name: str, key: str, words: str) -> str:
    """Choose in a list what was just made, and return the words that say so.

    The list is drawn below the form that makes it: a choice cannot be set once it is drawn.
    """
    st.session_state[f"{name}_chosen"] = key
    return words


def number(form: str) -> int:
    """Return how often a form was sent: part of the keys of its fields, so that it begins anew."""
    held: int = st.session_state.setdefault(f"{form}_number", 0)
    return held


def shown(key: str, revision: int, lang: Language) -> int:
    """Return the revision that stood on the page when it was pressed; say if it changed meanwhile.

    A page is read anew before its press is worked off: without this, somebody would decide on what
    they had not seen.
    """
    before: int = st.session_state.get(f"seen_{key}", revision)
    st.session_state[f"seen_{key}"] = revision
    if before != revision:
        st.info(say("supervision.changed", lang))
    return before


def decision(
    form: str, decide: Callable[[bool, str], T], said: Callable[[T], str], lang: Language
) -> None:
    """Draw the form in which somebody approves or returns what another drafted, with a reason.

    Nothing is chosen at the beginning: a decision is never a press of the button alone.
    """
    with st.form(form):
        approve = st.radio(
            say("supervision.decision", lang),
            (True, False),
            index=None,
            format_func=lambda yes: say(f"supervision.{'approve' if yes else 'return'}", lang),
            horizontal=True,
            key=f"{form}_approve",
        )
        reason = st.text_area(say("supervision.reason", lang), key=f"{form}_reason", height=80)
        sent = st.form_submit_button(say("supervision.decide", lang), type="primary")
    if sent and approve is None:
        st.error(say("supervision.choose_first", lang))
    elif sent:
        attempt(lambda: decide(bool(approve), reason), said, lang)


def one_of(label: str, ways: Sequence[T], area: str, key: str, lang: Language) -> T:
    """Draw a choice between a few ways side by side, the first at the beginning."""
    chosen = st.segmented_control(
        label,
        ways,
        format_func=lambda one: name_of(area, one, lang),
        default=None if key in st.session_state else ways[0],
        key=key,
        required=True,
        persist_state="page",
    )
    return ways[0] if chosen is None else chosen


def choose(
    name: str,
    table: pd.DataFrame,
    found: Mapping[str, T],
    label: Callable[[T], str],
    lang: Language,
    *,
    config: Mapping[str, Any] | None = None,
) -> T:
    """Draw a list with its choice below; a click on a row chooses it. Returns what is chosen.

    ``found`` has what is listed by id, in the order of the rows. The choice is kept by id: it stays
    with its row when the list is sorted anew after an act.
    """
    ids, kept = list(found), f"{name}_chosen"
    row, _ = pieces.opening(
        f"{name}_table",
        table,
        config={**named(table, lang), **(config or {})},
        alt=say(f"supervision.choose.{name}", lang),
        most=330,
    )
    if row is not None:
        st.session_state[kept] = ids[row]
        st.rerun()
    if st.session_state.get(kept) not in found:
        st.session_state[kept] = ids[0]
    chosen: str = st.selectbox(
        say(f"supervision.choose.{name}", lang),
        ids,
        format_func=lambda one: label(found[one]) if one in found else one,
        key=kept,
    )
    return found[chosen]


def named(table: pd.DataFrame, lang: Language) -> dict[str, Any]:
    """Return the headings of a table by its columns."""
    return {
        str(name): st.column_config.Column(say(f"supervision.column.{name}", lang))
        for name in table.columns
    }


def day(at: str) -> str:
    """Return the day of a time of the ledger by the clock of this machine."""
    return clock(at)[:10]


def clock(at: str) -> str:
    """Return a time of the ledger to the minute, by the clock of this machine."""
    return f"{local(at):%Y-%m-%d %H:%M}"


def listed(table: pd.DataFrame, title: str, lang: Language, *, most: int = 330) -> None:
    """Draw a table that is only to be read."""
    st.dataframe(
        table,
        column_config=named(table, lang),
        hide_index=True,
        height=session.table_height(len(table), most=most),
        placeholder="–",
        alt=title,
    )
