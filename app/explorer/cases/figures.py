"""Figures for whoever runs a unit, money that came back, and decisions handed to the detectors."""

import tempfile
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from app.explorer import roles, session
from app.explorer.canvas import services
from app.explorer.cases import acts, held, standing
from app.explorer.papers import about
from app.explorer.words import money, name_of, plain, share
from casework.feedback import export_feedback
from casework.kpis import KindFigures, record_recovery
from casework.ledger import Ledger
from casework.limits import local_day
from casework.rights import Officer
from ingest.texts import Language, say

FILE = "decisions.csv"


def shown(root: str, officer: Officer, lang: Language) -> None:
    """Draw the figures of the unit, by kind too, and the export of what was decided."""
    found = held.figures(root, officer)
    figures = {
        "leads_open": f"{found.leads_open:,}",
        "cases_open": f"{found.cases_open:,}",
        "overdue": f"{found.deadlines_overdue + found.marks_overdue:,}",
        "judged": f"{found.leads_judged:,}",
        "confirmed_rate": share(found.confirmed_rate),
        "days": "–" if found.days_per_lead is None else f"{found.days_per_lead:,.1f}",
        "recovered": money(found.recovered, lang),
    }
    for place, (name, value) in zip(st.columns(len(figures)), figures.items(), strict=True):
        over = say("cases.figures.overdue", lang, marks=found.marks_overdue)
        place.metric(
            say(f"cases.figure.{name}", lang), value, help=over if name == "overdue" else None
        )
    states = ", ".join(
        f"{say(f'case_state.{state}', lang)} {count:,}"
        for state, count in found.cases_by_state.items()
    )
    st.caption(plain(say("cases.figures.states", lang, states=states or "–")))
    st.markdown(f"##### {say('cases.figures.kinds', lang)}")
    if not found.kinds:
        st.write(say("cases.queue.none", lang))
    else:
        _kinds([_kind(one, lang) for one in found.kinds], lang)
    standing.ages(found.ages, lang)
    standing.joint(held.joint(root, officer), lang)
    about.link_to(st.container(), lang, period="period")
    if roles.serves("feedback.export_feedback", officer.role):
        _export(services.ledger(root), officer, lang)


def record(case_id: str, root: str, officer: Officer, lang: Language) -> None:
    """Draw the form that records money that came back in a case."""
    form, ledger = f"recovery_{case_id}", services.ledger(root)
    with st.expander(say("cases.recovery.title", lang)):
        with st.form(acts.name(form), border=False):
            typed = st.text_input(
                say("cases.recovery.amount", lang),
                key=f"{acts.name(form)}_amount",
                placeholder="1234.56",
                help=say("cases.recovery.help", lang),
            )
            day = st.date_input(
                say("cases.recovery.day", lang),
                value=local_day(ledger.clock()),
                max_value=local_day(ledger.clock()),
                key=f"{acts.name(form)}_day",
            )
            reason = st.text_input(say("cases.act.reason", lang), key=f"{acts.name(form)}_reason")
            read = acts.sent(say("cases.recovery.save", lang), f"{form}_send", True)
        if read is None:
            return
        amount = _yuan(typed)
        if amount is None:
            st.error(plain(say("cases.recovery.no_amount", lang, typed=typed)))
            return
        acts.do(
            lambda: record_recovery(
                ledger, officer, case_id, amount=amount, day=day, reason=reason
            ),
            lang,
            form=form,
            said=lambda number: say(
                "cases.recovery.saved", lang, number=number, amount=f"{amount:,.2f}"
            ),
        )


def _kind(one: KindFigures, lang: Language) -> dict[str, Any]:
    return {
        "kind": name_of("kind", one.kind, lang),
        "leads": one.leads,
        "open": one.open,
        "judged": one.judged,
        "confirmed": one.confirmed,
        "look_alike": one.look_alike,
        "confirmed_rate": one.confirmed_rate,
        "days": one.days,
    }


def _kinds(rows: list[dict[str, Any]], lang: Language) -> None:
    table = pd.DataFrame(rows)
    number = st.column_config.NumberColumn
    form = {"confirmed_rate": "percent", "days": "%.1f"}
    st.dataframe(
        table,
        column_config={
            name: st.column_config.TextColumn(say("explorer.column.kind", lang), width="large")
            if name == "kind"
            else number(say(f"cases.figure.{name}", lang), format=form.get(name, "%,d"))
            for name in table.columns
        },
        hide_index=True,
        height=session.table_height(len(table)),
        placeholder="–",
        alt=say("cases.figures.kinds", lang),
    )
    st.caption(say("cases.figures.kinds_hint", lang))


def _export(ledger: Ledger, officer: Officer, lang: Language) -> None:
    st.markdown(f"##### {say('cases.figures.feedback', lang)}")
    st.caption(say("cases.figures.feedback_hint", lang))
    st.code(f"ringfence learn DIR --out factors.csv --decided {FILE}", language=None)
    st.download_button(
        say("cases.figures.export", lang),
        data=partial(_feedback, ledger, officer),
        file_name=FILE,
        mime="text/csv",
        on_click="ignore",
        key="feedback",
        icon=":material/download:",
    )


def _feedback(ledger: Ledger, officer: Officer) -> bytes:
    """Return the table of decisions; its digest is in the audit log before anybody holds it."""
    with tempfile.TemporaryDirectory(prefix="ringfence-") as folder:
        path = Path(folder) / FILE
        export_feedback(ledger, officer, path)
        return path.read_bytes()


def _yuan(typed: str) -> Decimal | None:
    try:
        return Decimal(typed.replace(",", "").replace("，", "").strip())
    except InvalidOperation:
        return None
