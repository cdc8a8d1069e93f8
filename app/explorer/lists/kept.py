"""Filters of the list that somebody keeps by name: opened again, renamed, removed."""

from collections.abc import Callable

import streamlit as st

from app.explorer import session
from app.explorer.canvas import services
from app.explorer.lists import filters
from app.explorer.lists.filters import Filter
from app.explorer.words import plain
from casework.saved_filters import (
    LONGEST,
    SavedFilter,
    list_filters,
    remove_filter,
    rename_filter,
    save_filter,
)
from ingest.errors import RingfenceError
from ingest.texts import Language, say

SAID = "filter_said"


def shown(root: str, by: Filter, lang: Language) -> None:
    """Draw the filters of who is here, and the way to keep the one in use."""
    if (said := st.session_state.pop(SAID, None)) is not None:
        st.toast(plain(said))
    try:
        held = list_filters(services.ledger(root), session.acting())
    except RingfenceError as error:
        st.caption(plain(error.told(lang)))
        return
    label = say("lists.kept.title", lang, count=len(held))
    with st.popover(label, icon=":material/bookmark:", width="stretch", key="filters_kept"):
        if not held:
            st.caption(say("lists.kept.none", lang))
        for one in held:
            st.button(
                plain(one.name),
                key=f"filter_open_{one.filter_id}",
                width="stretch",
                type="primary" if dict(one.query) == filters.to_query(by) else "secondary",
                on_click=_opened,
                args=(one,),
            )
        _keep(root, by, lang)
        if held:
            _change(root, held, lang)


def _opened(one: SavedFilter) -> None:
    """Put the address of a filter in place; the widgets of the list begin anew from it."""
    for name in filters.NAMES:
        if name in one.query:
            st.query_params[name] = one.query[name]
        elif name in st.query_params:
            del st.query_params[name]


def _keep(root: str, by: Filter, lang: Language) -> None:
    with st.form("filter_keep", border=False):
        name = st.text_input(say("lists.kept.name", lang), key="filter_name", max_chars=LONGEST)
        if st.form_submit_button(
            say("lists.kept.save", lang), disabled=not filters.active(by), width="stretch",
            help=say("lists.kept.save_help", lang),
        ):  # fmt: skip
            _done(
                lambda: save_filter(
                    services.ledger(root), session.acting(), name, filters.to_query(by)
                ),
                say("lists.kept.saved", lang, name=name.strip()),
                lang,
            )


def _change(root: str, held: list[SavedFilter], lang: Language) -> None:
    names = {one.filter_id: one.name for one in held}
    with st.form("filter_change", border=False):
        which = str(
            st.selectbox(
                say("lists.kept.which", lang),
                list(names),
                format_func=names.__getitem__,
                key="filter_which",
            )
        )
        name = st.text_input(
            say("lists.kept.new_name", lang), key="filter_new_name", max_chars=LONGEST
        )
        left, right = st.columns(2)
        rename = left.form_submit_button(say("lists.kept.rename", lang), width="stretch")
        remove = right.form_submit_button(say("lists.kept.remove", lang), width="stretch")
    if rename:
        _done(
            lambda: rename_filter(services.ledger(root), session.acting(), which, name),
            say("lists.kept.renamed", lang, name=name.strip()),
            lang,
        )
    if remove:
        _done(
            lambda: remove_filter(services.ledger(root), session.acting(), which),
            say("lists.kept.removed", lang, name=names.get(which, which)),
            lang,
        )


def _done(act: Callable[[], object], said: str, lang: Language) -> None:
    """Do something and say so on the page that is drawn next; a refusal stands beside the form."""
    try:
        act()
    except RingfenceError as error:
        st.error(plain(error.told(lang)))
        return
    st.session_state[SAID] = said
    st.rerun()
