"""What waits for a second person: drafts of leads and cases, and reveals above the daily limit."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from app.explorer import data
from app.explorer.canvas import services
from app.explorer.cases import acts, drafts, held, people, said
from app.explorer.words import name_of, plain
from casework.decisions import Draft
from casework.limits import local_day
from casework.reveals import SUBJECTS_A_DAY, Reveal, approve_reveal, return_reveal
from casework.rights import Officer
from ingest.texts import Language, say

ICONS = {"approve": "check", "refuse": "close"}


def waiting(root: str, officer: Officer) -> tuple[list[Draft], list[Reveal]]:
    """Return the drafts and the reveals that wait for somebody other than their author."""
    open_ = [one for one in held.drafts(root, officer) if one.who != officer.name]
    today = local_day(services.ledger(root).clock()).isoformat()
    asked = [
        one
        for one in held.reveals(root, officer, None)
        if one.state == "waiting" and one.who != officer.name and said.day(one.at) == today
    ]
    return open_, asked


def shown(run: data.Source | None, root: str, officer: Officer, lang: Language) -> None:
    """Draw what waits, the oldest first, and what the officer has drafted."""
    open_, asked = waiting(root, officer)
    if not open_ and not asked:
        st.subheader(say("cases.approvals.none", lang), anchor=False)
        st.write(say("cases.approvals.none_text", lang))
    if asked:
        st.markdown(f"##### {say('cases.approvals.reveals', lang, count=len(asked))}")
        st.caption(say("cases.approvals.reveals_hint", lang, limit=SUBJECTS_A_DAY))
        _reveals(run, asked, root, officer, lang)
    if open_:
        st.markdown(f"##### {say('cases.approvals.drafts', lang, count=len(open_))}")
        _drafts(open_, root, officer, lang)
    own = [one for one in held.drafts(root, officer) if one.who == officer.name]
    if own:
        st.markdown(f"##### {say('cases.approvals.own', lang)}")
        _drafts(own, root, officer, lang)


def _drafts(found: Sequence[Draft], root: str, officer: Officer, lang: Language) -> None:
    """Draw drafts, each with the way to what it is about."""
    of_cases = {one.case_id: one for one in held.cases(root, officer)}
    of_leads = {one.lead_id: one for one in held.leads(root, officer)}
    columns = st.columns(2)
    for n, one in enumerate(found):
        with columns[n % 2], st.container(border=True):
            if one.subject in of_cases:
                case = of_cases[one.subject]
                _link("case", one.subject, case.title, case.state, lang)
                drafts.card(one, case.revision, root, officer, lang)
            elif one.subject in of_leads:
                lead = of_leads[one.subject]
                kind = name_of("kind", lead.facts["kind"], lang)
                _link("lead", one.subject, kind, lead.state, lang)
                drafts.card(one, lead.revision, root, officer, lang)


def _link(what: str, key: str, title: str, state: str, lang: Language) -> None:
    told = say(f"{what}_state.{state}", lang)
    st.page_link(
        acts.PAGE,
        label=plain(say(f"cases.approvals.{what}", lang, title=title, state=told)),
        icon=":material/arrow_forward:",
        query_params={"lang": lang, what: key},
    )


def _reveals(
    run: data.Source | None,
    found: Sequence[Reveal],
    root: str,
    officer: Officer,
    lang: Language,
) -> None:
    named = people.codes(run, root, [(one.entity_type, one.entity_id) for one in found])
    titles = {one.case_id: one.title for one in held.cases(root, officer)}
    columns = st.columns(2)
    for n, one in enumerate(found):
        with columns[n % 2], st.container(border=True):
            kind = name_of("entity", one.entity_type, lang)
            code = named[one.entity_type, one.entity_id]
            fields = say(f"reveal_fields.{one.fields}", lang)
            st.markdown(f"**{plain(kind)} {plain(code)}** {plain(fields)}")
            st.markdown(plain(f"{say(f'reveal_reason.{one.reason}', lang)}: {one.text}"))
            told = {"who": one.who, "at": said.at(one.at), "title": titles.get(one.case_id, "–")}
            st.caption(plain(say("cases.approvals.asked", lang, **told)))
            _decide(one, root, officer, lang)


def _decide(one: Reveal, root: str, officer: Officer, lang: Language) -> None:
    """Draw the two ways of deciding on a reveal; who approves is not shown the values."""
    acts_of = {"approve": approve_reveal, "refuse": return_reveal}
    with st.container(horizontal=True):
        pressed = [
            word
            for word in acts_of
            if st.button(
                say(f"cases.approvals.{word}", lang),
                key=f"{word}_{one.reveal_id}",
                icon=f":material/{ICONS[word]}:",
            )
        ]
    for word in pressed:
        acts.do(
            partial(acts_of[word], services.ledger(root), officer, one.reveal_id),
            lang,
            form=f"reveal_{one.reveal_id}",
            said=say(f"cases.approvals.said_{word}", lang, who=one.who),
        )
