"""The list of rings of the latest run, and of the groups that were not raised."""

import streamlit as st

from app.explorer import session
from app.explorer.lists import left_out, raised
from ingest.texts import say

PARTS = ("raised", "not_raised")


def show() -> None:
    """Draw the list that is open; ``?tab=not_raised`` opens the other one."""
    lang = session.language()
    run = session.source()
    if run is None:
        return
    st.subheader(say("explorer.rings.title", lang), anchor=False)
    session.limits(run, lang)
    rings, leads = session.rings(run)
    groups = session.groups(run)
    counts = dict(zip(PARTS, (len(rings), len(groups)), strict=True))
    names = {part: say(f"explorer.rings.{part}", lang, count=counts[part]) for part in PARTS}
    _open(names)
    drawn = st.tabs(list(names.values()), key="rings_tab", on_change="rerun")
    tabs = dict(zip(PARTS, drawn, strict=True))
    for part, tab in tabs.items():
        if not tab.open:
            continue
        st.session_state["rings_part"] = part
        if part == "raised":
            if "tab" in st.query_params:
                del st.query_params["tab"]
        elif st.query_params.get("tab") != part:
            st.query_params["tab"] = part
        with tab:
            if part == "raised":
                raised.shown(run, rings, leads, lang)
            else:
                left_out.shown(run, groups, lang)


def _open(names: dict[str, str]) -> None:
    """Open the list that another page, or the address, asks for, once."""
    asked = st.session_state.pop("rings_open", None)
    named = st.query_params.get("tab", "raised")
    drawn = st.session_state.get("rings_tab") in names.values()
    if asked is None and (not drawn or st.session_state.get("rings_part") != named):
        asked = named if not drawn or named != "raised" else None
    if asked in names:
        st.session_state["rings_tab"] = names[asked]


if __name__ == "__main__":
    show()
