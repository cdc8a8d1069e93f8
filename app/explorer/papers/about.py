"""What a paper can be about: the leads and cases of who is signed in, or a period of the unit."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.explorer import data, roles, session
from app.explorer.canvas import services
from app.explorer.cases import held
from app.explorer.ring.common import chance
from app.explorer.words import name_of
from casework.cases import Case
from casework.leads import Lead
from casework.ordering import kinds_of
from casework.plans import list_plans
from casework.registers import list_proposals
from casework.reports.model import PaperKind
from casework.rights import Officer
from casework.workflow import DONE
from ingest.texts import Language, say

PERIOD = "period"
PUBLIC = "public"
WORDS = ("case", "ring", "lead", "plan", "proposal", "period")
OF_LEAD: tuple[PaperKind, ...] = ("ring", "sheet", "notice")
OF_CASE: tuple[PaperKind, ...] = ("case", "sheet", "notice", "letter", "handover")


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """One thing that papers are written of.

    ``kinds`` are those the role may issue, :data:`PUBLIC` being the figures of a period as they
    may be published. ``subjects`` are the leads and cases whose papers belong to it, ``address``
    what the address of the page says of it.
    """

    key: str
    label: str
    kinds: tuple[str, ...]
    ring_id: str | None = None
    address: Mapping[str, str] = field(default_factory=dict)
    subjects: frozenset[str] = frozenset()


def chosen(run: data.Source, officer: Officer, lang: Language) -> About | None:
    """Draw the choice of what the paper is about; the address follows it. None for an unknown one.

    The address decides on arrival: ``?case=``, ``?ring=``, or ``?lead=`` for a lead whose ring this
    run does not have; without any the first is taken.
    """
    wanted = next((st.query_params[word] for word in WORDS if word in st.query_params), None)
    found = _all(run, officer, lang)
    if wanted and wanted not in found:
        session.forget_leads()  # it may have been made a moment ago
        held.cases.clear()
        found = _all(run, officer, lang)
    if "paper_about" not in st.session_state and wanted and wanted not in found:
        st.warning(say("report_page.unknown", lang))
        return None
    if not found:
        st.write(say("report_page.nothing", lang))
        return None
    if st.session_state.get("paper_about") not in found:
        st.session_state["paper_about"] = wanted if wanted in found else next(iter(found))
    name = st.selectbox(
        say("report_page.about", lang),
        list(found),
        format_func=lambda one: found[one].label,
        key="paper_about",
    )
    _follow(found[name])
    return found[name]


def link_to(place: DeltaGenerator, lang: Language, **about: str) -> None:
    """Draw the way to the papers of what ``about`` names by one of :data:`WORDS`."""
    if "report" in roles.pages(session.role()):
        place.page_link(
            "screens/report.py",
            label=say("report_page.link", lang),
            icon=":material/description:",
            query_params={"lang": lang, **about},
        )


def _follow(about: About) -> None:
    """Let the address name what is shown, so that it can be sent to somebody."""
    for word in WORDS:
        value = about.address.get(word)
        if value is None and word in st.query_params:
            del st.query_params[word]
        elif value is not None and st.query_params.get(word) != value:
            st.query_params[word] = value


def _all(run: data.Source, officer: Officer, lang: Language) -> Mapping[str, About]:
    """Return what there is by its name in the address: cases, leads, and the unit's period."""
    kinds = kinds_of(officer.role)
    rings, leads = session.rings(run)
    here = set(rings["ring_id"])
    found = {}
    if set(OF_CASE) & set(kinds):
        for case in _in_order(held.cases(run.root, officer)):
            found[case.case_id] = _of_case(case, leads, kinds, lang)
    for lead in sorted(leads, key=lambda one: not one.present):
        word = "ring" if lead.ring_id in here else "lead"
        name = lead.ring_id if word == "ring" else lead.lead_id
        found[name] = _of_lead(lead, kinds, {word: name}, lang)
    found |= _of_registers(run.root, officer, lang)
    if PERIOD in kinds:
        found[PERIOD] = About(
            key="",
            label=say("report_page.period", lang),
            kinds=(PERIOD, PUBLIC),
            address={"period": PERIOD},
        )
    return {name: one for name, one in found.items() if one.kinds}


def _in_order(found: list[Case]) -> list[Case]:
    """Return cases that are worked on before those that are over, the last changed first."""
    newest = sorted(found, key=lambda one: (one.changed_at, one.case_id), reverse=True)
    return sorted(newest, key=lambda one: one.state in DONE)


def _of_case(case: Case, leads: list[Lead], kinds: tuple[PaperKind, ...], lang: Language) -> About:
    state = name_of("case_state", case.state, lang)
    return About(
        key=case.case_id,
        label=say("report_page.case", lang, title=case.title, state=state, case_id=case.case_id),
        kinds=tuple(kind for kind in OF_CASE if kind in kinds),
        address={"case": case.case_id},
        subjects=frozenset(
            {case.case_id, *(one.lead_id for one in leads if one.case_id == case.case_id)}
        ),
    )


def _of_registers(root: str, officer: Officer, lang: Language) -> Mapping[str, About]:
    """Return the plans and proposals that the officer may list, open ones first."""
    ledger, kinds = services.ledger(root), kinds_of(officer.role)
    plans = list_plans(ledger, officer) if "plan" in kinds else []
    found = {
        one.plan_id: About(
            key=one.plan_id,
            label=say(
                "report_page.plan",
                lang,
                title=one.title,
                state=name_of("supervision.plan_state", one.state, lang),
                plan_id=one.plan_id,
            ),
            kinds=("plan",),
            address={"plan": one.plan_id},
        )
        for one in plans
    }
    for one in list_proposals(ledger, officer) if "proposal" in kinds else []:
        found[one.proposal_id] = About(
            key=one.proposal_id,
            label=say(
                "report_page.proposal",
                lang,
                kind=name_of("supervision.proposal_kind", one.kind, lang),
                subject=one.subject,
                state=name_of("supervision.proposal_state", one.state, lang),
            ),
            kinds=("proposal",),
            address={"proposal": one.proposal_id},
            subjects=frozenset({one.case_id} if one.case_id else ()),
        )
    return found


def _of_lead(
    lead: Lead, kinds: tuple[PaperKind, ...], address: Mapping[str, str], lang: Language
) -> About:
    return About(
        key=lead.lead_id,
        label=say(
            "report_page.lead",
            lang,
            kind=name_of("kind", lead.facts["kind"], lang),
            probability=chance(float(lead.facts["probability"])),
            state=name_of("lead_state", lead.state, lang),
            ring=lead.ring_id,
        ),
        kinds=tuple(kind for kind in OF_LEAD if kind in kinds),
        ring_id=lead.ring_id,
        address=address,
        subjects=frozenset({lead.lead_id}),
    )
