"""What may be done with a lead: taken in, given out, judged, made a case, handed to a unit."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from app.explorer import data, roles
from app.explorer.canvas import services
from app.explorer.cases import acts, held
from app.explorer.words import name_of, plain
from casework import cases, decisions, leads
from casework.leads import Lead, TakenIn, assign_lead, hand_to_unit
from casework.rights import Officer
from casework.ring_facts import read_rings
from casework.workflow import explanations
from ingest.errors import RingfenceError
from ingest.texts import Language, say
from ingest.workspace import Workspace

OUTCOMES = ("confirmed", "rejected", "look_alike")


def take_in(
    root: str, run: data.Source, officer: Officer, known: Sequence[Lead], lang: Language
) -> None:
    """Offer to make leads of the newest run's rings, if the run was not taken in yet."""
    if not roles.serves("leads.take_in", officer.role) or not _news(run, known):
        return
    told, take = st.columns([5, 1.6], vertical_alignment="center")
    told.caption(say("explorer.rings.no_leads_yet", lang))
    if take.button(say("explorer.rings.take_in", lang), key="take_in", width="stretch"):
        acts.do(
            lambda: leads.take_in(services.ledger(root), officer),
            lang,
            form="take_in",
            said=lambda taken: taken_in(taken, lang),
        )


def assign(lead: Lead, root: str, officer: Officer, lang: Language) -> None:
    """Draw the form that gives a lead to officers."""
    form = f"assign_{lead.lead_id}"
    with st.form(acts.name(form), border=False):
        to = officers(
            held.colleagues(root, officer), lead.officers, lang, key=f"{acts.name(form)}_to"
        )
        read = acts.sent(say("cases.lead.assign", lang), f"{form}_send", lead.revision)
    if read is not None:
        acts.do(
            lambda: assign_lead(services.ledger(root), officer, lead.lead_id, to=to, revision=read),
            lang,
            form=form,
            said=lambda now: say("cases.lead.assigned", lang, names=", ".join(now.officers)),
        )


def officers(
    known: Mapping[str, str], now: Sequence[str], lang: Language, *, key: str
) -> list[str]:
    """Draw the choice of officers: those of the unit and those who have it now.

    Each is one press: a list that opens would lie over the button below it.
    """
    choice = [*known, *sorted({*now} - {*known})]
    if not choice:
        st.caption(say("cases.lead.no_officers", lang))
        return []
    return st.pills(
        say("cases.lead.officers", lang),
        choice,
        default=list(now),
        format_func=lambda one: plain(known.get(one) or say("cases.lead.guest", lang, name=one)),
        selection_mode="multi",
        key=key,
    )


def open_case(
    found: Sequence[Lead], root: str, officer: Officer, lang: Language, *, key: str
) -> None:
    """Draw the form that opens a case from leads, and lead on to the case."""
    form = f"open_case_{key}"
    with st.form(acts.name(form), border=key == "bulk"):
        title = st.text_input(
            say("cases.lead.title", lang), key=f"{acts.name(form)}_title", max_chars=128
        )
        revisions = {one.lead_id: one.revision for one in found}
        label = say("cases.lead.open_case", lang, count=len(found))
        read = acts.sent(label, f"{form}_send", revisions, icon="create_new_folder")
    if read is None:
        return
    try:
        made = cases.open_case(services.ledger(root), officer, read, title=title)
    except RingfenceError as error:
        acts.refused(error, lang, key=form)
        return
    acts.done(say("cases.lead.case_opened", lang, title=made.title), form=form)
    acts.go(lang, case=made.case_id)


def judge(lead: Lead, root: str, officer: Officer, lang: Language) -> None:
    """Draw the form that proposes an outcome of a lead, or that it is looked at again."""
    form = f"judge_{lead.lead_id}"
    again = lead.state == "judged"
    choice: str | None = None
    explanation: str | None = None
    with st.container():
        if not again:
            choice = st.segmented_control(
                say("cases.lead.outcome", lang),
                OUTCOMES,
                format_func=lambda one: say(f"lead_outcome.{one}", lang),
                default="rejected",
                required=True,
                key=f"{form}_choice",
            )
        with st.form(acts.name(form), border=False):
            if choice == "look_alike":
                explanation = st.selectbox(
                    say("cases.lead.explanation", lang),
                    explanations(),
                    index=None,
                    format_func=lambda one: say(f"honest.name.{one}", lang),
                    placeholder=say("cases.lead.which", lang),
                    key=f"{form}_explanation",
                )
            reason = st.text_area(
                say("cases.act.reason", lang), key=f"{acts.name(form)}_reason", height=90
            )
            label = say("cases.lead.reopen" if again else "cases.lead.judge", lang)
            read = acts.sent(label, f"{form}_send", lead.revision)
        if read is not None:
            acts.do(
                lambda: decisions.propose_outcome(
                    services.ledger(root), officer, lead.lead_id,
                    move="reopen" if again else "judge", reason=reason, revision=read,
                    choice=choice, explanation=explanation,
                ),
                lang,
                form=form,
                said=say("cases.act.proposed", lang),
            )  # fmt: skip


def hand_over(lead: Lead, root: str, officer: Officer, lang: Language) -> None:
    """Draw the form that gives a lead to another unit."""
    form = f"unit_{lead.lead_id}"
    with st.form(acts.name(form), border=False):
        unit = st.text_input(say("cases.lead.unit", lang), key=f"{acts.name(form)}_unit")
        st.caption(say("cases.lead.unit_hint", lang))
        read = acts.sent(say("cases.lead.hand", lang), f"{form}_send", lead.revision)
    if read is not None:
        acts.do(
            lambda: hand_to_unit(
                services.ledger(root), officer, lead.lead_id, unit=unit, revision=read
            ),
            lang,
            form=form,
            said=say("cases.lead.handed", lang, unit=unit),
        )


def taken_in(taken: TakenIn, lang: Language) -> str:
    """Say what taking in changed: how many leads are new, changed, gone or the same."""
    changes = pd.Series([one.change for one in taken.changes], dtype="object").value_counts()
    told = ", ".join(
        f"{name_of('lead_change', name, lang)} {count:,}" for name, count in changes.items()
    )
    return say("explorer.rings.taken_in", lang, changes=told or "–", same=taken.same)


def _news(run: data.Source, known: Sequence[Lead]) -> bool:
    """Whether the newest run has something to tell the leads that the officer may see."""
    stale = any(one.present and one.run != run.run for one in known)
    return stale or bool(_open_to_all(run.root, run.run) - {one.ring_id for one in known})


@st.cache_data(show_spinner=False)
def _open_to_all(root: str, run: str) -> frozenset[str]:  # noqa: ARG001 - run: part of the key
    """Return the rings of the newest run without agency staff."""
    found = read_rings(Workspace(Path(root)))
    return frozenset(one.ring_id for one in found.rings.values() if not one.insider)
