"""The form of a paper: which kind, in which language and format, for whom and what for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import cast, get_args

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.explorer.canvas.document import from_text
from app.explorer.papers.about import PERIOD, PUBLIC, About
from app.explorer.session import LANGUAGES
from app.explorer.words import plain
from casework.audit import NAME_LENGTH
from casework.handover import Authority
from casework.issuing import Wanted
from casework.ledger import Ledger
from casework.letters import letter_areas
from casework.limits import local_day
from casework.ordering import NO_DAY, Order, lacking
from casework.paper_lacks import Lack, sentence
from casework.reports.model import FileFormat, PaperKind
from casework.reports.network import Spot
from casework.rights import Officer
from casework.sheets import Inspection
from casework.views import list_views, load_view
from ingest.errors import RingfenceError
from ingest.texts import Language, say

FORMATS: tuple[FileFormat, ...] = get_args(FileFormat)
VIEWS = 30
"""Saved views offered for the picture of the network, the newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the form says, and which of its buttons was pressed, if one was."""

    order: Order
    look: bool
    issue: bool


def kind(about: About, lang: Language) -> str:
    """Draw the choice of the paper; one that the subject has not gives way to the first."""
    if st.session_state.get("paper_kind") not in about.kinds:
        st.session_state["paper_kind"] = about.kinds[0]
    chosen = st.segmented_control(
        say("report_page.kind", lang),
        list(about.kinds),
        format_func=lambda one: say(f"report_page.kinds.{one}", lang),
        key="paper_kind",
        required=True,
    )
    return str(chosen)


def form(ledger: Ledger, officer: Officer, about: About, named: str, lang: Language) -> Asked:
    """Draw what the paper lacks and its form; return what is asked for."""
    order = _begun(ledger, about, named, lang)
    if order.kind == "handover":
        order = replace(order, authority=_authority(lang))
    if order.kind == "letter":
        order = replace(order, area=_area(ledger, officer, about, lang))
    lacks = lacking(order, ledger=ledger, officer=officer)
    _told(lacks, lang)
    blocked = any(lack.blocks for lack in lacks)
    with st.form("paper_form", border=True):
        order = _filled(ledger, officer, about, order, lang)
        left, right = st.columns(2)
        look = left.form_submit_button(
            say("report_page.look", lang), icon=":material/visibility:", width="stretch",
            key="paper_look", disabled=blocked,
        )  # fmt: skip
        issue = right.form_submit_button(
            say("report_page.issue", lang), icon=":material/verified:", width="stretch",
            key="paper_issue", disabled=blocked,
        )  # fmt: skip
        st.caption(say("report_page.issue_hint", lang))
    return Asked(order=order, look=look, issue=issue)


def _begun(ledger: Ledger, about: About, named: str, lang: Language) -> Order:
    """Return the order before the form is filled in, with what was sent before."""
    held = st.session_state
    if named in (PERIOD, PUBLIC):
        first, last = _last_month(local_day(ledger.clock()))
        held.setdefault("paper_first", first)
        held.setdefault("paper_last", last)
    return Order(
        kind=cast(PaperKind, PERIOD if named == PUBLIC else named),
        wanted=Wanted(language=lang, purpose=str(held.get("paper_purpose", "")).strip()),
        key=about.key,
        publication=named == PUBLIC,
        first=held.get("paper_first", NO_DAY),
        last=held.get("paper_last", NO_DAY),
    )


def _last_month(today: date) -> tuple[date, date]:
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def _authority(lang: Language) -> Authority:
    names: tuple[Authority, ...] = get_args(Authority)
    st.session_state.setdefault("paper_authority", names[0])
    chosen = st.segmented_control(
        say("report_page.authority", lang),
        list(names),
        format_func=lambda one: say(f"authority.{one}", lang),
        key="paper_authority",
        required=True,
    )
    st.caption(say(f"report.handover.{chosen}", lang))
    return cast(Authority, chosen)


def _area(ledger: Ledger, officer: Officer, about: About, lang: Language) -> str:
    """Draw which other area a letter goes to; none where the case has no care out of the area."""
    try:
        areas = letter_areas(ledger, officer, about.key)
    except RingfenceError:
        return ""  # what it lacks is said below
    if not areas:
        return ""
    if st.session_state.get("paper_area") not in areas:
        st.session_state["paper_area"] = next(iter(areas))
    chosen = st.selectbox(
        say("report_page.area", lang),
        list(areas),
        format_func=lambda one: say("report_page.area_of", lang, area=one, count=areas[one]),
        key="paper_area",
    )
    return str(chosen)


def _told(lacks: Sequence[Lack], lang: Language) -> None:
    """Say what is lacking before anything is made: what it is refused without, then the rest."""
    lines = [
        f"{':material/block:' if lack.blocks else ':material/info:'} {plain(sentence(lack, lang))}"
        for lack in lacks
    ]
    lines = lines or [f":material/check: {plain(say('report_page.lacks_nothing', lang))}"]
    st.markdown("  \n".join([f"**{plain(say('report_page.lacks', lang))}**", *lines]))


def _filled(ledger: Ledger, officer: Officer, about: About, order: Order, lang: Language) -> Order:
    """Draw the fields of a kind of paper and return the order with what stands in them."""
    left, right = st.columns(2)
    st.session_state.setdefault("paper_language", lang)
    language = left.selectbox(
        say("report_page.language", lang),
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        key="paper_language",
    )
    wanted = Wanted(language=language)
    if order.kind != "handover":
        format_ = right.selectbox(
            say("report_page.format", lang), FORMATS, format_func=str.upper, key="paper_format"
        )
        wanted = replace(wanted, format=format_)
    if order.kind == "period":
        first = left.date_input(say("report_page.first", lang), key="paper_first")
        last = right.date_input(say("report_page.last", lang), key="paper_last")
        order = replace(order, first=first, last=last)
    if order.kind == "sheet":
        inspection = st.selectbox(
            say("report_page.inspection", lang),
            get_args(Inspection),
            index=get_args(Inspection).index(order.inspection),
            format_func=lambda one: say(f"inspection.{one}", lang),
            key="paper_inspection",
        )
        order = replace(order, inspection=inspection)
    if order.kind == "ring":
        order = replace(order, positions=_positions(ledger, officer, about, lang))
    return replace(order, wanted=_addressed(order, wanted, lang, left=left, right=right))


def _addressed(
    order: Order, wanted: Wanted, lang: Language, *, left: DeltaGenerator, right: DeltaGenerator
) -> Wanted:
    """Draw for whom and what for; a notice says neither, a package goes to its authority."""
    if order.kind == "notice":
        return wanted
    if order.kind != "handover":
        recipient = left.text_input(
            say("report_page.recipient", lang),
            max_chars=NAME_LENGTH,
            key="paper_recipient",
            help=say("report_page.recipient_help", lang),
        )
        wanted = replace(wanted, recipient=recipient.strip())
    purpose = right.text_input(
        say("report_page.purpose", lang),
        max_chars=NAME_LENGTH,
        key="paper_purpose",
        help=say("report_page.purpose_help", lang),
    )
    return replace(wanted, purpose=purpose.strip())


def _positions(
    ledger: Ledger, officer: Officer, about: About, lang: Language
) -> dict[str, Spot] | None:
    """Draw the choice of a saved view of the ring, and return where its nodes stand."""
    views = [one for one in list_views(ledger, officer) if one.about == about.ring_id][:VIEWS]
    if not views:
        return None
    titles = {one.view_id: one.title for one in views}
    chosen = st.selectbox(
        say("report_page.view", lang),
        ["", *titles],
        format_func=lambda one: titles.get(one, say("report_page.no_view", lang)),
        key="paper_view",
    )
    if not chosen:
        return None
    state = from_text(load_view(ledger, officer, chosen).document, view=chosen)
    return {node: (float(x), float(y)) for node, (x, y) in state.scene.at.items()}
