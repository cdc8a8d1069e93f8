"""Drafts that wait for a second person: approved, returned with a reason, or taken back."""

import streamlit as st

from app.explorer import roles
from app.explorer.canvas import services
from app.explorer.cases import acts, held, said
from app.explorer.words import plain
from casework import decisions
from casework.decisions import Draft
from casework.rights import Officer
from ingest.texts import Language, say


def of_subject(key: str, revision: int, root: str, officer: Officer, lang: Language) -> int:
    """Draw the open draft of a lead or case, and return how many there are."""
    found = [one for one in held.drafts(root, officer) if one.subject == key]
    for one in found:
        with st.container(border=True):
            card(one, revision, root, officer, lang)
    back = held.returned(root, officer, key)
    if back is not None and not found:
        told = {"wanted": wanted(back, lang), "who": back.ended_by, "reason": back.ended_reason}
        when = said.at(back.ended_at or back.at)
        st.warning(plain(say("cases.draft.came_back", lang, at=when, **told)))
    return len(found)


def card(one: Draft, revision: int, root: str, officer: Officer, lang: Language) -> None:
    """Draw a draft with what the officer may do about it; its author never approves it."""
    st.markdown(f"**{plain(wanted(one, lang))}**")
    st.markdown(plain(one.reason))
    st.caption(plain(say("cases.draft.by", lang, who=one.who, at=said.at(one.at))))
    if one.who == officer.name:
        st.caption(say("cases.draft.own", lang))
        if roles.serves("decisions.withdraw", officer.role):
            _withdraw(one, root, officer, lang)
    elif roles.serves("decisions.approve", officer.role):
        _decide(one, revision, root, officer, lang)
    else:
        st.caption(say("cases.draft.waits", lang))


def wanted(one: Draft, lang: Language) -> str:
    """Say what a draft asks for."""
    told = [say(f"case_move.{one.move}", lang)]
    if one.choice:
        area = "lead_outcome" if one.subject.startswith("L-") else "case_decision"
        told.append(say(f"{area}.{one.choice}", lang))
    if one.explanation:
        told.append(say(f"honest.name.{one.explanation}", lang))
    return " · ".join(told)


def _decide(one: Draft, revision: int, root: str, officer: Officer, lang: Language) -> None:
    form = f"decide_{one.draft_id}"
    ledger = services.ledger(root)
    # Enter would press the first button: whoever types why a draft goes back would approve it.
    with st.form(acts.name(form), border=False, enter_to_submit=False):
        reason = st.text_input(
            say("cases.draft.return_reason", lang), key=f"{acts.name(form)}_reason"
        )
        with st.container(horizontal=True):
            passed = acts.sent(say("cases.draft.approve", lang), f"{form}_approve", revision)
            back = acts.sent(
                say("cases.draft.return", lang), f"{form}_return", revision, icon="undo"
            )
    if passed is not None:
        acts.do(
            lambda: decisions.approve(ledger, officer, one.draft_id, revision=passed),
            lang,
            form=form,
            said=say("cases.draft.approved", lang, wanted=wanted(one, lang)),
        )
    elif back is not None:
        acts.do(
            lambda: decisions.return_draft(ledger, officer, one.draft_id, reason=reason),
            lang,
            form=form,
            said=say("cases.draft.returned", lang, who=one.who),
        )


def _withdraw(one: Draft, root: str, officer: Officer, lang: Language) -> None:
    form = f"withdraw_{one.draft_id}"
    if st.button(say("cases.draft.withdraw", lang), key=form):
        acts.do(
            lambda: decisions.withdraw(services.ledger(root), officer, one.draft_id),
            lang,
            form=form,
            said=say("cases.draft.withdrawn", lang),
        )
