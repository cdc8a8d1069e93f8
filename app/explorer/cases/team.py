"""Who works on a case, with which certificates, and how the case is marked."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st

from app.explorer import roles
from app.explorer.canvas import services
from app.explorer.cases import acts, held
from app.explorer.words import plain
from casework.cases import CaseFile, assign_case, mark_case
from casework.rights import Officer
from casework.workflow import OFFICERS
from ingest.texts import Language, say

SPARE = 2  # empty lines for further officers


def shown(file: CaseFile, root: str, officer: Officer, lang: Language) -> None:
    """Draw the officers beside the marks; forms for whoever may change them."""
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"##### {say('cases.team.officers', lang)}")
        st.caption(say("cases.team.hint", lang, count=OFFICERS))
        if file.guests:
            st.caption(plain(say("cases.team.guest", lang, names=", ".join(file.guests))))
        if roles.serves("cases.assign_case", officer.role) and file.case.state != "archived":
            _officers(file, root, officer, lang)
        else:
            _listed(file, lang)
    with right:
        st.markdown(f"##### {say('cases.team.marks', lang)}")
        if roles.serves("cases.mark_case", officer.role) and file.case.decision is None:
            _marks(file, root, officer, lang)
        else:
            st.caption(say("cases.team.marks_fixed", lang))


def _listed(file: CaseFile, lang: Language) -> None:
    for name, number in file.certificates.items():
        told = number or say("cases.team.no_certificate", lang)
        st.markdown(f"{plain(name)} :gray[{plain(told)}]")
    if not file.certificates:
        st.caption(say("cases.queue.nobody", lang))


def _officers(file: CaseFile, root: str, officer: Officer, lang: Language) -> None:
    """Draw a line for each officer, with name and certificate, and some for further ones."""
    form = f"team_{file.case.case_id}"
    now: list[tuple[str, str | None]] = [*file.certificates.items(), *[("", None)] * SPARE]
    known = held.colleagues(root, officer)
    with st.form(acts.name(form), border=False, enter_to_submit=False):
        lines = [_line(n, name, number, known, acts.name(form), lang) for n, (name, number) in
                 enumerate(now, start=1)]  # fmt: skip
        if not known:
            st.caption(say("cases.lead.no_officers", lang))
        read = acts.sent(say("cases.team.save", lang), f"{form}_send", file.case.revision)
    if read is None:
        return
    names = [name for name, _ in lines if name]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        st.error(plain(say("cases.team.twice", lang, names=", ".join(twice))))
        return
    acts.do(
        lambda: assign_case(
            services.ledger(root), officer, file.case.case_id,
            to={name: number or None for name, number in lines if name}, revision=read,
        ),
        lang,
        form=form,
        said=lambda one: say("cases.lead.assigned", lang, names=", ".join(one.officers)),
    )  # fmt: skip


def _line(
    number: int,
    name: str,
    certificate: str | None,
    known: Mapping[str, str],
    form: str,
    lang: Language,
) -> tuple[str, str]:
    """Draw an officer of the unit, or whoever else comes along, and the certificate number."""
    who, which = st.columns(2)
    choice = list({**known, name: name} if name else known)
    got = who.selectbox(
        say("cases.team.name", lang, number=number),
        choice,
        index=choice.index(name) if name else None,
        format_func=lambda one: known.get(one, one),
        placeholder=say("cases.team.choose", lang),
        accept_new_options=True,
        key=f"{form}_name_{number}",
    )
    shown_ = which.text_input(
        say("cases.team.certificate", lang, number=number),
        value=certificate or "",
        key=f"{form}_certificate_{number}",
    )
    return (got or "").strip(), shown_.strip()


def _marks(file: CaseFile, root: str, officer: Officer, lang: Language) -> None:
    form, one = f"marks_{file.case.case_id}", file.case
    until = date.fromisoformat(one.supervised_until) if one.supervised_until else None
    with st.form(acts.name(form), border=False):
        grave = st.checkbox(
            say("cases.team.grave", lang), value=one.grave, key=f"{acts.name(form)}_grave"
        )
        day: Any = st.date_input(
            say("cases.team.supervised", lang), value=until, key=f"{acts.name(form)}_until"
        )
        reason = st.text_input(say("cases.act.reason", lang), key=f"{acts.name(form)}_reason")
        read = acts.sent(say("cases.team.mark", lang), f"{form}_send", one.revision)
    if read is not None:
        acts.do(
            lambda: mark_case(
                services.ledger(root), officer, one.case_id,
                grave=grave, supervised_until=day, reason=reason, revision=read,
            ),
            lang,
            form=form,
            said=say("cases.team.marked", lang),
        )  # fmt: skip
