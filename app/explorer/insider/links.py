"""Ways from the liaison's page to pages that work on cases."""

import streamlit as st

from ingest.texts import Language, say


def to_case(case_id: str | None, lang: Language, *, lead_id: str | None = None) -> None:
    """Draw the way to a case, or to a lead and where its case is opened if it is in none yet."""
    query: dict[str, str] = {"lang": lang}
    if case_id or lead_id:
        query |= {"case": case_id} if case_id else {"lead": str(lead_id)}
    st.page_link(
        "screens/cases.py",
        label=say("insider.cases.open" if case_id else "insider.cases.begin", lang),
        icon=":material/folder_open:",
        query_params=query,
    )
