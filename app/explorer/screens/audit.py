"""The audit log: its rows, who saw a name, and whether it is as it was written."""

import streamlit as st

from app.explorer import session
from app.explorer.keeping import chain, common, rows, sights
from ingest.texts import say

PARTS = ("rows", "sights", "chain")


def show() -> None:
    """Draw the part that is open, for the auditor."""
    lang = session.language()
    st.subheader(say("keeping.audit.title", lang), anchor=False)
    st.caption(say("keeping.audit.hint", lang))
    officer = common.officer(lang)
    if officer is None:
        return
    names = {part: say(f"keeping.audit.tab.{part}", lang) for part in PARTS}
    drawn = st.tabs(list(names.values()), key="audit_tab", on_change="rerun")
    parts = {"rows": rows.shown, "sights": sights.shown, "chain": chain.shown}
    for part, tab in zip(PARTS, drawn, strict=True):
        if tab.open:
            with tab:
                parts[part](common.ledger(), officer, lang)


if __name__ == "__main__":
    show()
