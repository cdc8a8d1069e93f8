"""What came of the form: pages to look at, or a paper with its number, hash and file."""

from dataclasses import dataclass

import streamlit as st

from app.explorer.words import plain
from casework.issuing import Issued
from casework.ledger import Ledger
from casework.ordering import Order, issue_order, preview
from casework.reports.pdf import pictures
from casework.rights import Officer
from ingest.errors import RingfenceError
from ingest.texts import Language, say

RESULT, AGAIN = "paper_result", "paper_again"
MIME = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "zip": "application/zip",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What the last press of a button gave, for the choice (subject, kind) it was pressed for."""

    choice: tuple[str, str]
    pages: tuple[bytes, ...] = ()
    made: Issued | None = None
    file: bytes = b""
    error: str = ""


def look(
    order: Order, choice: tuple[str, str], *, ledger: Ledger, officer: Officer, lang: Language
) -> None:
    """Set the pages of a paper as pictures; nothing is issued."""
    try:
        with st.spinner(say("report_page.looking", lang)):
            pages = tuple(pictures(preview(order, ledger=ledger, officer=officer)))
        st.session_state[RESULT] = Result(choice=choice, pages=pages)
        st.session_state["paper_page"] = 1
    except RingfenceError as error:
        st.session_state[RESULT] = Result(choice=choice, error=error.told(lang))


def issue(
    order: Order, choice: tuple[str, str], *, ledger: Ledger, officer: Officer, lang: Language
) -> None:
    """Issue a paper; its number and SHA-256 are in the audit log before its file is here."""
    try:
        with st.spinner(say("report_page.issuing", lang)):
            made, file = issue_order(order, ledger=ledger, officer=officer)
        st.session_state[RESULT] = Result(choice=choice, made=made, file=file)
        st.session_state[AGAIN] = made.paper_id
    except RingfenceError as error:
        st.session_state[RESULT] = Result(choice=choice, error=error.told(lang))


def result(choice: tuple[str, str], lang: Language) -> None:
    """Draw what the last press gave, if it was for what is chosen now."""
    held = st.session_state.get(RESULT)
    if not isinstance(held, Result) or held.choice != choice:
        st.info(
            f"{plain(say(f'report_page.holds.{choice[1]}', lang))}\n\n"
            f"{plain(say('report_page.look_first', lang))}",
            icon=":material/visibility:",
        )
    elif held.error:
        st.error(plain(held.error))
    elif held.made is not None:
        _made(held.made, held.file, lang)
    else:
        _pages(held.pages, lang)


def file_name(paper: Issued) -> str:
    """Return what the file of a paper is called: its kind, what it is about, and its content."""
    about = f"{paper.subject}-" if paper.subject else ""
    return f"{paper.kind}-{about}{paper.language}-{paper.content[:8]}.{paper.format}"


def _made(paper: Issued, file: bytes, lang: Language) -> None:
    told = say("report_page.made", lang, number=paper.number, day=paper.day)
    st.success(plain(told), icon=":material/verified:")
    st.caption(say("report_page.sha256", lang))
    st.code(paper.sha256, language=None)
    st.download_button(
        say("report_page.download", lang, format=paper.format.upper(), size=size(len(file))),
        file,
        file_name=file_name(paper),
        mime=MIME[paper.format],
        icon=":material/download:",
        key="paper_download",
        on_click="ignore",
    )
    st.caption(say("report_page.again_same", lang))


def size(count: int) -> str:
    """Return a number of bytes for reading.

    Examples
    --------
    >>> size(812), size(248_000), size(3_400_000)
    ('0.8 kB', '248 kB', '3.4 MB')
    """
    if count >= 1_000_000:
        return f"{count / 1_000_000:.1f} MB"
    return f"{count / 1000:.1f} kB" if count < 10_000 else f"{count / 1000:.0f} kB"


def _pages(pages: tuple[bytes, ...], lang: Language) -> None:
    number = 1
    if len(pages) > 1:
        number = st.pagination(len(pages), key="paper_page")
    caption = say("report_page.page", lang, page=number, pages=len(pages))
    shown = pages[min(number, len(pages)) - 1]
    st.image(shown, caption=caption, width="stretch", alt=caption)
