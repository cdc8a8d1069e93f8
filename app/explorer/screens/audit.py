"""The audit log: its rows, who saw a name, and whether it is as it was written."""

from functools import partial

import streamlit as st

from app.explorer import pieces, session
from app.explorer.keeping import chain, common, rows, sights
from ingest.texts import say


def show() -> None:
    """Draw the part that is open, for the auditor."""
    lang = session.language()
    st.subheader(say("keeping.audit.title", lang), anchor=False)
    st.caption(say("keeping.audit.hint", lang))
    officer = session.signed_in("keeping.needs_accounts", lang)
    if officer is None:
        return
    ledger = common.ledger()
    parts = {"rows": rows.shown, "sights": sights.shown, "chain": chain.shown}
    pieces.tabs(
        {
            say(f"keeping.audit.tab.{part}", lang): partial(draw, ledger, officer, lang)
            for part, draw in parts.items()
        },
        key="audit_tab",
    )


if __name__ == "__main__":
    show()
