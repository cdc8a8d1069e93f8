"""The papers that went out about a subject: their list, and any of them again, the same bytes."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.explorer import session
from app.explorer.papers.about import PERIOD, About
from app.explorer.papers.shown import AGAIN, MIME, file_name, size
from app.explorer.words import local
from casework.issuing import Issued, list_papers, read_paper
from casework.ledger import Ledger
from casework.rights import Officer
from ingest.texts import Language, say

COLUMNS = ("number", "kind", "at", "who", "recipient", "purpose", "format", "language", "sha256")


def issued(ledger: Ledger, officer: Officer, about: About, lang: Language) -> None:
    """Draw the list of what went out about a subject; a download of one is in the audit log."""
    st.markdown(f"##### {say('report_page.issued', lang)}")
    found = [one for one in list_papers(ledger, officer) if _of(one, about)]
    if not found:
        st.caption(say("report_page.none_issued", lang))
        return
    st.dataframe(
        _table(found, lang),
        column_config={
            name: st.column_config.TextColumn(
                say(f"report_page.column.{name}", lang),
                width="medium" if name in ("purpose", "sha256") else None,
            )
            for name in COLUMNS
        },
        hide_index=True,
        height=session.table_height(len(found), most=320),
        placeholder="–",
        alt=say("report_page.issued", lang),
    )
    _again(ledger, officer, found, lang)


def _of(paper: Issued, about: About) -> bool:
    """Whether a paper belongs to what is looked at: by its lead or case, else by its kind."""
    if about.subjects:
        return paper.subject in about.subjects
    return paper.subject is None and (paper.kind in about.kinds or PERIOD in about.kinds)


def _table(found: Sequence[Issued], lang: Language) -> pd.DataFrame:
    rows = [
        {
            "number": one.number,
            "kind": say(f"report_page.kinds.{one.kind}", lang),
            "at": f"{local(one.at):%Y-%m-%d %H:%M}",
            "who": one.who,
            "recipient": one.recipient,
            "purpose": one.purpose,
            "format": one.format.upper(),
            "language": session.LANGUAGES["en" if one.language == "en" else "zh"],
            "sha256": one.sha256,
        }
        for one in found
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _again(ledger: Ledger, officer: Officer, found: Sequence[Issued], lang: Language) -> None:
    """Draw the way to get one of them again: read, and logged, when the button is pressed."""
    by_id = {one.paper_id: one for one in found}
    if st.session_state.get(AGAIN) not in by_id:
        st.session_state.pop(AGAIN, None)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    chosen = left.selectbox(
        say("report_page.again", lang),
        list(by_id),
        format_func=lambda one: f"{by_id[one].number} · {by_id[one].format.upper()}",
        key=AGAIN,
    )
    paper = by_id[chosen]
    right.download_button(
        say("report_page.download", lang, format=paper.format.upper(), size=size(paper.size)),
        lambda: read_paper(ledger, officer, paper.paper_id)[1],
        file_name=file_name(paper),
        mime=MIME[paper.format],
        icon=":material/download:",
        key="paper_again_download",
        on_click="ignore",
        width="stretch",
    )
