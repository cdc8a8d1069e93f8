"""Accounts, other systems and settings: the administrator's page, without any data of a case."""

import streamlit as st

from app.explorer import pieces, session
from app.explorer.keeping import accounts, clients, common, secret, settings
from ingest.texts import say


def show() -> None:
    """Draw the part that is open, for the administrator."""
    lang = session.language()
    st.subheader(say("keeping.admin.title", lang), anchor=False)
    officer = session.signed_in("keeping.needs_accounts", lang)
    if officer is None:
        return
    common.told()
    secret.shown(officer, lang)
    ledger = common.ledger()
    parts = {
        "accounts": lambda: accounts.shown(ledger, officer, lang),
        "clients": lambda: clients.shown(ledger, officer, lang),
        "settings": lambda: settings.shown(ledger, lang),
    }
    named = {say(f"keeping.admin.tab.{part}", lang): draw for part, draw in parts.items()}
    pieces.tabs(named, key="admin_tab")


if __name__ == "__main__":
    show()
