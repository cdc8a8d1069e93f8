"""A new proposal on a closed case: of whom, by which rule, how much, and why."""

from typing import get_args

import streamlit as st

from app.explorer.supervision import common
from app.explorer.supervision.office import Office
from app.explorer.words import name_of, plain
from casework.cases import Case, read_case
from casework.registers import propose
from casework.registers_evidence import CLOSED, subjects_of
from casework.registers_rules import Kind, Rule
from ingest.errors import RingfenceError
from ingest.texts import say

FORM = "propose"
SEEN = "proposing_members"


def form(office: Office) -> None:
    """Draw the choice of a closed case of the officer's, then what its decision allows."""
    lang = office.lang
    closed = {one.case_id: one for one in office.cases() if one.state in CLOSED}
    if not closed:
        st.write(say("supervision.propose.no_case", lang))
        return
    chosen = st.selectbox(
        say("supervision.propose.case", lang),
        list(closed),
        index=None,
        format_func=lambda one: f"{closed[one].title} · {one}",
        placeholder=say("supervision.propose.choose", lang),
        key="propose_case",
        persist_state="page",
    )
    if chosen is None:
        return
    case = closed[chosen]
    kinds: tuple[Kind, ...] = get_args(Kind)
    label = say("supervision.column.proposal_kind", lang)
    kind = common.one_of(label, kinds, "supervision.proposal_kind", "propose_kind", lang)
    rules = [
        rule
        for (of, _), rule in office.rules().rules.items()
        if of == kind and case.decision in rule.decisions
    ]
    subjects = subjects_of(kind, _members(office, case))
    if not rules or not subjects:
        decision = name_of("case_decision", case.decision, lang)
        st.caption(plain(say("supervision.propose.nothing", lang, decision=decision)))
        return
    _send(office, case, kind, rules, subjects)


def _send(office: Office, case: Case, kind: Kind, rules: list[Rule], subjects: list[str]) -> None:
    lang, again = office.lang, common.number(FORM)
    name = f"{FORM}_{case.case_id}_{kind}_{again}"
    with st.form(name):
        left, middle, right = st.columns([2, 2.4, 1])
        subject = left.selectbox(
            say("supervision.column.subject", lang), subjects, key=f"{name}_subject"
        )
        rule = middle.selectbox(
            say("supervision.column.rule", lang),
            rules,
            format_func=lambda one: _rule(one, office),
            key=f"{name}_rule",
        )
        least, most = min(one.least for one in rules), max(one.most for one in rules)
        amount = (
            right.number_input(
                say("supervision.column.amount", lang),
                min_value=least,
                max_value=most,
                key=f"{name}_amount",
            )
            if least < most
            else least
        )
        reason = st.text_area(say("supervision.reason", lang), key=f"{name}_reason", height=80)
        sent = st.form_submit_button(say("supervision.propose.save", lang), type="primary")
    if sent:
        common.attempt(
            lambda: propose(
                office.ledger, office.officer, case.case_id, kind=kind, subject=subject,
                rule=rule.name, amount=int(amount), reason=reason,
            ),
            lambda made: common.chosen(
                "proposals", made.proposal_id,
                say("supervision.propose.saved", lang, subject=made.subject),
            ),
            lang,
            FORM,
        )  # fmt: skip


def _rule(rule: Rule, office: Office) -> str:
    told = name_of(f"supervision.rule.{rule.kind}", rule.name, office.lang)
    return told if rule.least == rule.most else f"{told} ({rule.least} … {rule.most})"


def _members(office: Office, case: Case) -> list[tuple[str, str, str]]:
    """Return the members of a case's leads; opening a case is a row of the audit log, once."""
    held = st.session_state.get(SEEN)
    if held is None or held[0] != (case.case_id, case.revision):
        purpose = say("supervision.propose.purpose", office.lang)
        try:
            found = read_case(office.ledger, office.officer, case.case_id, purpose=purpose)
        except RingfenceError as refusal:
            st.error(plain(refusal.told(office.lang)))
            return []
        told = [tuple(member) for lead in found.leads for member in lead.facts["members"]]
        held = st.session_state[SEEN] = ((case.case_id, case.revision), told)
    members: list[tuple[str, str, str]] = held[1]
    return members
