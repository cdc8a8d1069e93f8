"""One lead: what it says, what later runs changed, who has it, and what may be done with it."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import streamlit as st

from app.explorer import data, roles, session
from app.explorer.cases import acts, drafts, held, lead_forms, said
from app.explorer.words import name_of, plain
from casework.lead_history import LeadChange
from casework.leads import Lead
from casework.rights import NotFound, Officer
from ingest.texts import Language, say


def shown(
    run: data.Source | None, root: str, officer: Officer, lead_id: str, lang: Language
) -> None:
    """Draw the lead that the address names; one that is not there reads as one not allowed."""
    from app.explorer.screens.ring import headline  # that page draws `handling`, which rests on us

    st.page_link(
        acts.PAGE,
        label=say("cases.back.leads", lang),
        icon=":material/arrow_back:",
        query_params={"lang": lang, "tab": "leads"},
    )
    try:
        one, told = held.lead(root, officer, lead_id)
    except NotFound:
        st.subheader(say("cases.lead.unknown", lang), anchor=False)
        st.write(say("cases.unknown_text", lang))
        return
    kind = name_of("kind", one.facts["kind"], lang)
    st.subheader(say("explorer.ring.title", lang, kind=kind), anchor=False)
    st.markdown(plain(headline(said.facts(one.facts), lang)))
    if run is not None and session.may_see(run, one.ring_id):
        st.page_link(
            "screens/ring.py",
            label=say("cases.lead.ring", lang),
            icon=":material/groups:",
            query_params={"lang": lang, "ring": one.ring_id},
        )
    status(one, lang)
    left, right = st.columns([1.2, 1], gap="large")
    with left:
        drafts.of_subject(one.lead_id, one.revision, root, officer, lang)
        forms(one, root, officer, lang)
    with right:
        _history(told, lang)


def status(one: Lead, lang: Language) -> None:
    """Draw in one line how a lead stands and who has it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(say(f"lead_state.{one.state}", lang), color="blue")
        if one.outcome:
            told = say(f"lead_outcome.{one.outcome}", lang)
            why = f" · {say(f'honest.name.{one.explanation}', lang)}" if one.explanation else ""
            st.badge(f"{told}{why}", color="gray")
        if not one.present:
            st.badge(say("lead_change.dropped", lang), color="orange")
        if one.insider:
            st.badge(say("cases.mark.insider", lang), color="violet")
        names = ", ".join(one.officers) or say("cases.queue.nobody", lang)
        st.caption(plain(say("cases.lead.whose", lang, names=names, unit=one.unit)))
        if one.case_id and "cases" in roles.pages(session.role()):
            st.page_link(
                acts.PAGE,
                label=say("cases.lead.to_case", lang, case=one.case_id),
                icon=":material/folder_open:",
                query_params={"lang": lang, "case": one.case_id},
            )


def forms(
    one: Lead,
    root: str,
    officer: Officer,
    lang: Language,
    drawer: Callable[[str], AbstractContextManager[Any]] = st.expander,
) -> None:
    """Draw what the officer may do with a lead, each in a drawer of its own."""
    may: dict[str, Callable[[], None]] = {}
    if roles.serves("leads.assign_lead", officer.role):
        may["assign"] = lambda: lead_forms.assign(one, root, officer, lang)
    if roles.serves("cases.open_case", officer.role) and one.state in ("open", "checking"):
        may["open_case_of"] = lambda: lead_forms.open_case(
            [one], root, officer, lang, key=one.lead_id
        )
    if roles.serves("decisions.propose_outcome", officer.role) and not _waits(one, root, officer):
        judged = one.state == "judged"
        may["reopen" if judged else "judge"] = lambda: lead_forms.judge(one, root, officer, lang)
    if roles.serves("leads.hand_to_unit", officer.role) and not one.case_id:
        may["hand"] = lambda: lead_forms.hand_over(one, root, officer, lang)
    for name, draw in may.items():
        with drawer(say(f"cases.lead.{name}", lang)):
            draw()
    if not may:
        st.caption(say("cases.lead.nothing", lang))


def _waits(one: Lead, root: str, officer: Officer) -> bool:
    """Whether a draft on this lead is open, as far as the officer may see it."""
    return any(draft.subject == one.lead_id for draft in held.drafts(root, officer))


def _history(told: Sequence[LeadChange], lang: Language) -> None:
    st.markdown(f"##### {say('cases.lead.history', lang)}")
    for one in reversed(told):
        st.markdown(
            plain(
                say(
                    "cases.lead.history_line", lang, at=said.at(one.at),
                    change=say(f"lead_change.{one.change}", lang), run=one.run,
                )
            )
        )  # fmt: skip
        if one.change in ("changed", "returned"):
            st.caption(plain(said.change(one, lang)))
        if one.outcome:
            st.caption(
                say(
                    "cases.lead.decided_by_then",
                    lang,
                    outcome=say(f"lead_outcome.{one.outcome}", lang),
                )
            )
