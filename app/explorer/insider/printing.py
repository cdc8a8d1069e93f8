"""The control sheet as a paper: issued and logged by the service, then handed to the browser."""

from typing import get_args

import streamlit as st

from app.explorer.papers.shown import MIME
from app.explorer.supervision.office import Office
from app.explorer.words import plain
from casework.control import ControlSheet, print_sheet
from casework.issuing import Issued, Wanted
from casework.reports.model import FileFormat
from ingest.errors import RingfenceError
from ingest.texts import say

MADE = "insider_paper"


def paper(office: Office, sheet: ControlSheet) -> None:
    """Draw the form that issues the sheet, and the file once the audit log has its row."""
    lang, name = office.lang, f"print_{sheet.sheet_id}"
    mine = (sheet.sheet_id, sheet.revision, office.officer)
    if not sheet.whole:
        st.caption(say("insider.control.not_whole", lang))
    with st.form(name):
        left, middle, right = st.columns([1, 2, 2])
        shape: FileFormat = left.radio(
            say("insider.control.format", lang),
            get_args(FileFormat),
            format_func=str.upper,
            horizontal=True,
            key=f"{name}_format",
        )
        recipient = middle.text_input(
            say("report.head.recipient", lang), key=f"{name}_recipient", max_chars=100
        )
        purpose = right.text_input(
            say("report.head.purpose", lang), key=f"{name}_purpose", max_chars=100
        )
        sent = st.form_submit_button(say("insider.control.print", lang), icon=":material/print:")
    if sent:
        st.session_state.pop(MADE, None)
        wanted = Wanted(
            language=lang, format=shape, recipient=recipient.strip(), purpose=purpose.strip()
        )
        try:
            issued = print_sheet(office.ledger, office.officer, sheet.sheet_id, wanted)
        except RingfenceError as refusal:
            st.error(plain(refusal.told(lang)))
            return
        st.session_state[MADE] = (mine, *issued)
    held = st.session_state.get(MADE)
    if held is None or held[0] != mine:
        return
    made: Issued = held[1]
    st.success(plain(say("insider.control.issued", lang, number=made.number, sha=made.sha256[:16])))
    st.download_button(
        say("insider.control.download", lang),
        data=held[2],
        file_name=f"control-{sheet.month}.{made.format}",
        mime=MIME[made.format],
        on_click="ignore",
        key=f"{name}_file",
        icon=":material/download:",
    )
