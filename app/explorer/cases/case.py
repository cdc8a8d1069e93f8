"""One case: how it stands, what may be done next, its file, its people and its history."""

from collections.abc import Callable

import streamlit as st

from app.explorer import data, pieces, roles, session
from app.explorer.canvas import services
from app.explorer.cases import (
    acts,
    calls,
    conduct,
    drafts,
    figures,
    folder,
    held,
    limits,
    moves,
    people,
    said,
    team,
)
from app.explorer.papers import about
from app.explorer.words import money, name_of, plain
from casework.cases import CaseFile, mark_passed
from casework.limits import local_day
from casework.rights import NotFound, Officer
from ingest.texts import Language, say


def shown(
    run: data.Source | None, root: str, officer: Officer, case_id: str, lang: Language
) -> None:
    """Draw the case that the address names; one that is not there reads as one not allowed."""
    back, papers = st.columns([5, 1.2])
    back.page_link(
        acts.PAGE,
        label=say("cases.back.cases", lang),
        icon=":material/arrow_back:",
        query_params={"lang": lang, "tab": "cases"},
    )
    try:
        file = held.file(root, officer, case_id)
    except NotFound:
        st.subheader(say("cases.case.unknown", lang), anchor=False)
        st.write(say("cases.unknown_text", lang))
        return
    about.link_to(papers, lang, case=case_id)
    _header(file, root, officer, lang)
    parts: dict[str, Callable[[], None]] = {
        "next": lambda: _next(run, file, root, officer, lang),
        "limits": lambda: limits.shown(case_id, root, officer, lang),
        "folder": lambda: folder.shown(file, root, officer, lang),
        "people": lambda: people.shown(run, file, root, officer, lang),
        "calls": lambda: calls.shown(run, file, root, officer, lang),
        "team": lambda: team.shown(file, root, officer, lang),
        "history": lambda: conduct.shown(file, lang),
    }
    # Only the open tab is drawn: masked values are read when somebody looks at the people.
    pieces.tabs(
        {say(f"cases.tab.{name}", lang): draw for name, draw in parts.items()}, key="case_tab"
    )


def _header(file: CaseFile, root: str, officer: Officer, lang: Language) -> None:
    """Draw the title with the state, the marks, the officers and the most urgent deadline."""
    one = file.case
    st.subheader(plain(one.title), anchor=False)
    nearest = said.urgent(held.deadlines(root, officer).get(one.case_id, ()))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(say(f"case_state.{one.state}", lang), color="blue")
        if nearest is not None:
            late = nearest.status in ("overdue", "no_calendar")
            st.badge(said.deadline(nearest, lang), color="red" if late else "gray")
        if one.decision:
            st.badge(say(f"case_decision.{one.decision}", lang), color="gray")
        if one.grave:
            st.badge(say("cases.mark.grave", lang), color="orange")
        if one.supervised_until:
            today = local_day(services.ledger(root).clock())
            told = said.supervised(one, today, lang)
            st.badge(told, color="red" if mark_passed(one, today) else "orange")
        if one.insider:
            st.badge(say("cases.mark.insider", lang), color="violet")
        names = ", ".join(one.officers) or say("cases.queue.nobody", lang)
        line = say("cases.case.line", lang, case=one.case_id, names=names, unit=one.unit)
        st.caption(plain(line))


def _next(
    run: data.Source | None, file: CaseFile, root: str, officer: Officer, lang: Language
) -> None:
    """Draw what waits and what may be done next, beside the leads that the case rests on."""
    left, right = st.columns([1.3, 1], gap="large")
    with left:
        key, revision = file.case.case_id, file.case.revision
        if not drafts.of_subject(key, revision, root, officer, lang):
            moves.shown(file, root, officer, lang)
    with right:
        _leads(run, file, lang)
        if roles.serves("kpis.record_recovery", officer.role):
            figures.record(key, root, officer, lang)


def _leads(run: data.Source | None, file: CaseFile, lang: Language) -> None:
    st.markdown(f"##### {say('cases.case.leads', lang)}")
    told = {one.lead_id: one for one in file.news}
    # What is drawn from here is kept with the case.
    of_case: dict[str, dict[str, str]] = {"ring": {}, "explore": {"case": file.case.case_id}}
    for one in file.leads:
        facts = said.facts(one.facts)
        st.page_link(
            acts.PAGE,
            label=plain(
                say(
                    "cases.case.lead", lang, kind=name_of("kind", facts["kind"], lang),
                    loss=money(facts["loss_mid"], lang), people=f"{facts['people']:,}",
                )
            ),
            icon=":material/arrow_forward:",
            query_params={"lang": lang, "lead": one.lead_id},
        )  # fmt: skip
        if run is not None and session.may_see(run, one.ring_id):
            with st.container(horizontal=True):
                for page, icon in (("ring", "groups"), ("explore", "hub")):
                    st.page_link(
                        f"screens/{page}.py",
                        label=say(f"cases.case.to_{page}", lang),
                        icon=f":material/{icon}:",
                        query_params={"lang": lang, "ring": one.ring_id, **of_case[page]},
                    )
        if one.lead_id in told:
            change = told[one.lead_id]
            why = say(f"lead_change.{change.change}", lang)
            values = said.change(change, lang)
            st.warning(
                plain(say("cases.case.news", lang, at=said.at(change.at), change=why, now=values))
            )
