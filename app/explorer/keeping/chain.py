"""Whether the audit log is as it was written, told in sentences."""

from dataclasses import asdict

import streamlit as st

from app.explorer.keeping import common
from app.explorer.words import plain
from casework.audit import Verdict
from casework.audit_reading import verify_audit
from casework.ledger import Ledger
from casework.rights import Officer
from ingest.texts import Language, say

FOUND = "audit_verdict"


def shown(ledger: Ledger, officer: Officer, lang: Language) -> None:
    """Draw the check, and its verdict: which row, and what is wrong with it."""
    st.write(say("keeping.chain.what", lang))
    if st.button(say("keeping.chain.check", lang), key="chain_check", type="primary"):
        with st.spinner(say("keeping.chain.checking", lang)):
            st.session_state[FOUND] = common.attempt(lambda: verify_audit(ledger, officer), lang)
    verdict: Verdict | None = st.session_state.get(FOUND)
    if verdict is None:
        return
    if verdict.faults:
        st.error(plain(say("keeping.chain.changed", lang, faults=len(verdict.faults),
                           rows=f"{verdict.rows:,}")))  # fmt: skip
        for fault in verdict.faults:
            st.markdown(f"- {plain(say(f'audit_fault.{fault.kind}', lang, **asdict(fault)))}")
        st.write(say("keeping.chain.next", lang))
    else:
        st.success(plain(say("keeping.chain.whole", lang, rows=f"{verdict.rows:,}")))
    for name, end in (("head", verdict.head), ("anchor", verdict.anchor)):
        if end is not None:
            st.caption(plain(say(f"keeping.chain.{name}", lang, seq=f"{end.seq:,}")))
            st.code(end.hash, language=None)
