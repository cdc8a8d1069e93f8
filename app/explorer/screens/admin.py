"""Accounts, other systems and settings: the administrator's page, without any data of a case."""

import streamlit as st

from app.explorer import session
from app.explorer.keeping import accounts, clients, common, secret, settings
from ingest.texts import say

PARTS = ("accounts", "clients", "settings")


def show() -> None:
    """Draw the part that is open, for the administrator."""
    lang = session.language()
    st.subheader(say("keeping.admin.title", lang), anchor=False)
    officer = common.officer(lang)
    if officer is None:
        return
    common.told()
    secret.shown(officer, lang)
    names = {part: say(f"keeping.admin.tab.{part}", lang) for part in PARTS}
    drawn = st.tabs(list(names.values()), key="admin_tab", on_change="rerun")
    parts = {"accounts": accounts.shown, "clients": clients.shown, "settings": settings.shown}
    for part, tab in zip(PARTS, drawn, strict=True):
        if tab.open:
            with tab:
                parts[part](common.ledger(), officer, lang)


if __name__ == "__main__":
    show()
