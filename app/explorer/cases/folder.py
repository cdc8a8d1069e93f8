"""The file of a case: notes, evidence and papers; a file is known by its SHA-256 and read again."""

from functools import partial
from typing import get_args

import streamlit as st

from app.explorer import roles
from app.explorer.canvas import services
from app.explorer.cases import acts, said
from app.explorer.words import name_of, plain
from casework.cases import CaseFile
from casework.handover import NEEDS
from casework.joint import ANSWER, Authority
from casework.ledger import Ledger
from casework.papers import (
    LARGEST,
    Attachment,
    add_note,
    attach_evidence,
    attach_paper,
    read_attachment,
)
from casework.rights import Officer
from casework.workflow import EVIDENCE, PAPERS
from ingest.texts import Language, say

SIGNED = ("legal_review", "group_minutes")


def shown(file: CaseFile, root: str, officer: Officer, lang: Language) -> None:
    """Draw the papers beside the notes, each with its form."""
    left, right = st.columns(2, gap="large")
    with left:
        _papers(file, root, officer, lang)
    with right:
        _notes(file, root, officer, lang)


def _papers(file: CaseFile, root: str, officer: Officer, lang: Language) -> None:
    st.markdown(f"##### {say('cases.folder.papers', lang)}")
    if kinds := _kinds(file, officer):
        _attach(file, kinds, root, officer, lang)
    if not file.attachments:
        st.caption(say("cases.folder.no_papers", lang))
    for one in reversed(file.attachments):
        _paper(one, services.ledger(root), officer, lang)


def _paper(one: Attachment, ledger: Ledger, officer: Officer, lang: Language) -> None:
    told, read = st.columns([4, 1], vertical_alignment="center")
    kind = say(f"case_paper.{one.paper}", lang)
    who = one.signed_by
    if one.paper == ANSWER:
        who = name_of("authority", who, lang)
    signed = say("cases.folder.signed", lang, who=who) if who else ""
    line = say(
        "cases.folder.line", lang, name=one.name, size=f"{one.size:,}", who=one.who,
        at=said.at(one.at), sha256=one.sha256[:16],
    )  # fmt: skip
    told.markdown(f"**{plain(kind)}** {plain(signed)}  \n:gray[{plain(line)}]", help=one.sha256)
    # Read only when it is asked for: the audit log then has the digest before the browser the file.
    read.download_button(
        say("cases.folder.read", lang),
        data=partial(_read, ledger, officer, one.case_id, one.number),
        file_name=one.name,
        mime="application/octet-stream",
        on_click="ignore",
        key=f"read_{one.case_id}_{one.number}",
        icon=":material/download:",
        width="stretch",
    )


def _read(ledger: Ledger, officer: Officer, case_id: str, number: int) -> bytes:
    return read_attachment(ledger, officer, case_id, number)[1]


def _kinds(file: CaseFile, officer: Officer) -> tuple[str, ...]:
    """Return what may be added: evidence by those who work on the case, papers by all.

    To an archived case that was decided to be handed over, what an authority answers, no more.
    """
    if not roles.serves("papers.attach_paper", officer.role):
        return ()
    if file.case.state == "archived":
        handed = any(file.case.decision in need.decisions for need in NEEDS.values())
        return (ANSWER,) if handed else ()
    evidence = EVIDENCE if roles.serves("papers.attach_evidence", officer.role) else ()
    return (*PAPERS, *evidence)


def _attach(
    file: CaseFile, kinds: tuple[str, ...], root: str, officer: Officer, lang: Language
) -> None:
    """Draw the form that adds a file of one of these kinds."""
    key, form = file.case.case_id, f"attach_{file.case.case_id}"
    with st.container(border=True):
        st.markdown(f"**{say('cases.folder.attach', lang)}**")
        if file.case.state == "archived":
            st.caption(say("cases.folder.archived", lang))
        paper = st.selectbox(
            say("cases.folder.kind", lang),
            kinds,
            index=0 if len(kinds) == 1 else None,
            format_func=lambda one: say(f"case_paper.{one}", lang),
            placeholder=say("cases.lead.which", lang),
            key=f"{acts.name(form)}_kind",
        )
        signed = None
        with st.form(acts.name(form), border=False):
            sent = st.file_uploader(
                say("cases.folder.file", lang, most=f"{LARGEST // 1_000_000:,}"),
                max_upload_size=LARGEST // 1_000_000,
                key=f"{acts.name(form)}_file",
            )
            if paper == ANSWER:
                signed = st.selectbox(
                    say("cases.folder.by_authority_answer", lang),
                    get_args(Authority),
                    index=None,
                    format_func=lambda one: say(f"authority.{one}", lang),
                    placeholder=say("cases.lead.which", lang),
                    key=f"{acts.name(form)}_authority",
                )
            if paper in SIGNED:
                signed = st.text_input(
                    say(f"cases.folder.by_{paper}", lang), key=f"{acts.name(form)}_signed"
                )
            read = acts.sent(say("cases.folder.add", lang), f"{form}_send", True)
        if read is None:
            return
        if sent is None or paper is None:
            st.error(say("cases.folder.no_file", lang))
            return
        acts.do(
            lambda: _attached(
                services.ledger(root), officer, key, sent.getvalue(), sent.name, paper, signed
            ),
            lang,
            form=form,
            said=lambda made: say(
                "cases.folder.added", lang, name=made.name, sha256=made.sha256[:16]
            ),
        )


def _attached(
    ledger: Ledger,
    officer: Officer,
    case_id: str,
    content: bytes,
    name: str,
    paper: str,
    signed_by: str | None,
) -> Attachment:
    if paper in EVIDENCE:
        return attach_evidence(ledger, officer, case_id, content, name=name, paper=paper)
    return attach_paper(
        ledger, officer, case_id, content, name=name, paper=paper, signed_by=signed_by
    )


def _notes(file: CaseFile, root: str, officer: Officer, lang: Language) -> None:
    st.markdown(f"##### {say('cases.folder.notes', lang)}")
    key, form = file.case.case_id, f"note_{file.case.case_id}"
    if file.case.state != "archived" and roles.serves("papers.add_note", officer.role):
        with st.form(acts.name(form), border=False):
            text = st.text_area(
                say("cases.folder.note", lang), key=f"{acts.name(form)}_text", height=90
            )
            read = acts.sent(say("cases.folder.note_add", lang), f"{form}_send", True)
        if read is not None:
            acts.do(
                lambda: add_note(services.ledger(root), officer, key, text),
                lang,
                form=form,
                said=say("cases.folder.noted", lang),
            )
    if not file.notes:
        st.caption(say("cases.folder.no_notes", lang))
    for one in reversed(file.notes):
        by = plain(say("cases.folder.by", lang, who=one.who, at=said.at(one.at)))
        st.markdown(f":gray[{by}]  \n{plain(one.text)}")
