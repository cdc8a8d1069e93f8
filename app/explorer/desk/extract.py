"""The tips that came with the extract and were not taken in yet, with the press that does it."""

import streamlit as st

from app.explorer import roles
from app.explorer.desk import reading
from app.explorer.keeping import common
from app.explorer.words import plain
from casework.ledger import Ledger
from casework.rights import Officer
from casework.tips_extract import take_in_extract
from ingest.texts import Language, say

UNIT = "tips_extract_unit"


def offered(ledger: Ledger, officer: Officer, lang: Language) -> None:
    """Draw how many wait and the form that takes them in; nothing where none wait."""
    if not roles.serves("tips_extract.take_in_extract", officer.role):
        return
    count = common.attempt(lambda: reading.waiting(officer), lang)
    if not count:
        return
    with st.form("tips_extract", border=True):
        st.markdown(f"**{plain(say('desk.extract.waiting', lang, count=count))}**")
        st.caption(say("desk.extract.hint", lang))
        left, right = st.columns([3, 1], vertical_alignment="bottom")
        unit = left.text_input(
            say("desk.field.unit", lang), key=UNIT, max_chars=200,
            help=say("desk.field.unit_help", lang),
        )  # fmt: skip
        sent = right.form_submit_button(
            say("desk.extract.take", lang), type="primary", width="stretch"
        )
    if not sent:
        return
    taken = common.attempt(
        lambda: take_in_extract(ledger, officer, unit=unit), lang, again=reading.forget
    )
    if taken is not None:
        reading.forget()
        told = say("desk.extract.done", lang, count=len(taken.tips))
        if taken.left:
            told = f"{told} {say('desk.extract.left', lang, count=taken.left)}"
        common.done(told, [UNIT])
