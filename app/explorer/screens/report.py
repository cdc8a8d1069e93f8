"""Papers of a lead, a case or a period: what they lack, a look before, issued, and got again."""

import streamlit as st

from app.explorer import session
from app.explorer.canvas import services
from app.explorer.papers import about, form, shown
from app.explorer.papers.issued import issued
from ingest.texts import say


def show() -> None:
    """Draw the page for who is signed in."""
    lang = session.language()
    run = session.source()
    if run is None:
        return
    st.subheader(say("report_page.title", lang), anchor=False)
    officer = session.signed_in("report_page.no_accounts", lang)
    if officer is None:
        return
    session.limits(run, lang)
    chosen = about.chosen(run, officer, lang)
    if chosen is None:
        return
    ledger = services.ledger(run.root)
    left, right = st.columns([1, 1.35], gap="large")
    with left:
        named = form.kind(chosen, lang)
        asked = form.form(ledger, officer, chosen, named, lang)
    choice = (chosen.key, named)
    with right:
        if asked.look:
            shown.look(asked.order, choice, ledger=ledger, officer=officer, lang=lang)
        elif asked.issue:
            shown.issue(asked.order, choice, ledger=ledger, officer=officer, lang=lang)
        shown.result(choice, lang)
    issued(ledger, officer, chosen, lang)


if __name__ == "__main__":
    show()
