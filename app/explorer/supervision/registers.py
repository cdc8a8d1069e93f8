"""Proposals of points, credit items and exits; who stands how in a year; the rules they follow."""

import pandas as pd
import streamlit as st

from app.explorer.papers import about
from app.explorer.supervision import common, proposing, rules
from app.explorer.supervision.office import Office
from app.explorer.words import name_of, plain
from casework.limits import local_day
from casework.registers import Proposal, decide_proposal, list_proposals, standings
from ingest.texts import Language, say


def shown(office: Office) -> None:
    """Draw what waits for a decision, who stands how, and the rules in force."""
    lang = office.lang
    st.caption(say("supervision.register.hint", lang))
    if not office.rules().verified:
        st.warning(say("supervision.unverified", lang))
    found = list_proposals(office.ledger, office.officer)
    if office.may("registers.propose"):
        with st.expander(
            say("supervision.propose.new", lang), icon=":material/add:", key="proposal_new"
        ):
            proposing.form(office)
    if found:
        _proposals(office, found)
    else:
        st.write(say("supervision.register.none", lang))
    _standings(office)
    with st.expander(say("supervision.rules.title", lang), key="rules"):
        rules.shown(office)


def _proposals(office: Office, found: list[Proposal]) -> None:
    lang = office.lang
    table = pd.DataFrame(
        [
            {
                "state": name_of("supervision.proposal_state", one.state, lang),
                "proposal_kind": name_of("supervision.proposal_kind", one.kind, lang),
                "subject": one.subject,
                "rule": name_of(f"supervision.rule.{one.kind}", one.rule, lang),
                "amount": one.amount if one.kind != "exit" else None,
                "year": str(one.year),
                "made_by": one.who,
                "rests_on": one.case_id or one.plan_id,
            }
            for one in found
        ]
    )
    by_id = {one.proposal_id: one for one in found}
    _proposal(office, common.choose("proposals", table, by_id, lambda one: _label(one, lang), lang))


def _label(one: Proposal, lang: Language) -> str:
    kind = name_of("supervision.proposal_kind", one.kind, lang)
    return f"{one.subject} · {kind} · {one.proposal_id}"


def _proposal(office: Office, one: Proposal) -> None:
    lang = office.lang
    with st.container(border=True):
        rule = name_of(f"supervision.rule.{one.kind}", one.rule, lang)
        title, papers = st.columns([4, 1], vertical_alignment="center")
        title.markdown(f"##### {plain(_label(one, lang))}")
        about.link_to(papers, lang, proposal=one.proposal_id)
        st.markdown(plain(one.reason))
        st.caption(
            plain(
                say(
                    "supervision.register.made", lang, rule=rule, amount=one.amount,
                    year=one.year, who=one.who, day=common.day(one.at),
                )
            )
        )  # fmt: skip
        st.markdown(f"**{say('supervision.register.evidence', lang)}**")
        for table, key in one.evidence:
            st.markdown(f"- {plain(name_of('supervision.evidence', table, lang))}: `{key}`")
        if one.state != "open":
            told = {"who": one.decided_by or "", "reason": one.decided_reason or ""}
            st.caption(plain(say("supervision.plan.decided", lang, **told)))
            return
        _decide(office, one)


def _decide(office: Office, one: Proposal) -> None:
    lang = office.lang
    if not office.may("registers.decide_proposal") or one.who == office.officer.name:
        st.caption(say("supervision.four_eyes", lang))
        return
    if one.kind == "exit":
        st.caption(say("supervision.register.exit", lang, years=office.rules().bar_years))
    common.decision(
        f"proposal_decide_{one.proposal_id}",
        lambda yes, why: decide_proposal(
            office.ledger, office.officer, one.proposal_id, approve=yes, reason=why
        ),
        lambda done: say(
            "supervision.register.done",
            lang,
            subject=done.subject,
            state=name_of("supervision.proposal_state", done.state, lang),
        ),
        lang,
    )


def _standings(office: Office) -> None:
    """Draw how each place and practitioner stands; a person decides what follows."""
    lang, today = office.lang, local_day(office.ledger.clock())
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    left.markdown(f"##### {say('supervision.standing.title', lang)}")
    year = right.number_input(
        say("supervision.column.year", lang),
        min_value=2000, max_value=today.year, value=today.year, step=1,
        key="standing_year", persist_state="page",
    )  # fmt: skip
    found = standings(office.ledger, office.officer, year=int(year))
    if not found:
        st.caption(say("supervision.standing.none", lang, year=int(year)))
        return
    table = pd.DataFrame(
        [
            {
                "subject": one.subject,
                "points": one.points,
                "consequence": name_of("supervision.consequence", one.consequence, lang),
                "credit": one.credit,
                "grade": one.grade,
            }
            for one in sorted(found, key=lambda one: (-one.points, one.credit, one.subject))
        ]
    )
    common.listed(table, say("supervision.standing.title", lang), lang)
    st.caption(say("supervision.standing.hint", lang))
