"""Tips: taken by the informant desk, checked by a unit, tied to leads, answered in time."""

import streamlit as st

from app.explorer import session
from app.explorer.desk import listing, one, register, rewards
from app.explorer.desk.reading import TIP, offers
from app.explorer.keeping import common
from ingest.texts import say


def show() -> None:
    """Draw the tip that the address names, else the list and what the role may do beside it."""
    lang = session.language()
    st.subheader(say("desk.title", lang), anchor=False)
    officer = common.officer(lang)
    if officer is None:
        return
    common.told()
    ledger = common.ledger()
    if st.query_params.get(TIP):
        one.shown(ledger, officer, str(st.query_params[TIP]), lang)
        return
    parts = {"list": listing.shown}
    if offers("tips.register_tip", officer):
        parts["register"] = register.shown
    if offers("tips_rewards.list_rewards", officer):
        parts["rewards"] = rewards.shown
    names = [say(f"desk.tab.{part}", lang) for part in parts]
    drawn = st.tabs(names, key="tips_tab", on_change="rerun")
    for draw, tab in zip(parts.values(), drawn, strict=True):
        if tab.open:
            with tab:
                draw(ledger, officer, lang)


if __name__ == "__main__":
    show()
