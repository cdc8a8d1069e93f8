"""Tips: taken by the informant desk, checked by a unit, tied to leads, answered in time."""

from collections.abc import Callable

import streamlit as st

from app.explorer import pieces, roles, session
from app.explorer.desk import listing, one, register, rewards
from app.explorer.desk.reading import TIP
from app.explorer.keeping import common
from ingest.texts import say


def show() -> None:
    """Draw the tip that the address names, else the list and what the role may do beside it."""
    lang = session.language()
    st.subheader(say("desk.title", lang), anchor=False)
    officer = session.signed_in("keeping.needs_accounts", lang)
    if officer is None:
        return
    common.told()
    ledger = common.ledger()
    if st.query_params.get(TIP):
        one.shown(ledger, officer, str(st.query_params[TIP]), lang)
        return
    parts: dict[str, Callable[[], None]] = {"list": lambda: listing.shown(ledger, officer, lang)}
    if roles.serves("tips.register_tip", officer.role):
        parts["register"] = lambda: register.shown(ledger, officer, lang)
    if roles.serves("tips_rewards.list_rewards", officer.role):
        parts["rewards"] = lambda: rewards.shown(officer, lang)
    named = {say(f"desk.tab.{part}", lang): draw for part, draw in parts.items()}
    pieces.tabs(named, key="tips_tab")


if __name__ == "__main__":
    show()
