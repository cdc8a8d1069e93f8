"""The monthly control sheet: made from the claims, answered check by check, then printed."""

from datetime import date
from typing import get_args

import pandas as pd
import streamlit as st

from app.explorer.insider import printing, sheet_risks
from app.explorer.supervision import common
from app.explorer.supervision.office import Office
from app.explorer.words import name_of, plain
from casework.control import (
    CHECKS,
    ControlSheet,
    Found,
    Judged,
    answer_check,
    list_sheets,
    make_sheet,
    months_of,
)
from casework.limits import local_day
from casework.risk_points import list_points
from ingest.texts import say

MONTHS = 12
"""Months back that are offered where the extract has no manual claims."""


def shown(office: Office) -> None:
    """Draw the sheets of the unit, and the one that is chosen with its checks."""
    lang = office.lang
    st.caption(say("insider.control.hint", lang))
    found = list_sheets(office.ledger, office.officer)
    _make(office, {one.month for one in found})
    if not found:
        st.write(say("insider.control.none", lang))
        return
    found = sorted(found, key=lambda one: one.whole)
    table = pd.DataFrame(
        [
            {
                "month": one.month,
                "progress": f"{len(one.answers)} / {len(CHECKS)}",
                "state": say(f"insider.control.{'whole' if one.whole else 'open'}", lang),
                "at": common.day(one.at),
                "made_by": one.who,
                "sheet_id": one.sheet_id,
            }
            for one in found
        ]
    )
    chosen = common.choose(
        "sheets",
        table,
        {one.sheet_id: one for one in found},
        lambda one: f"{one.month} · {common.day(one.at)} · {one.sheet_id}",
        lang,
    )
    _sheet(office, chosen)


def _make(office: Office, known: set[str]) -> None:
    lang = office.lang
    months = months_of(office.ledger.workspace)
    if not months:
        st.info(say("insider.control.no_claims", lang))
        months = _months_back(local_day(office.ledger.clock()))
    again = common.number("sheet")
    with st.form(f"sheet_{again}", border=False):
        left, right = st.columns([2, 3], vertical_alignment="bottom")
        month = left.selectbox(
            say("supervision.column.month", lang),
            months,
            format_func=lambda one: (
                f"{one} ({say('insider.control.made', lang)})" if one in known else one
            ),
            key=f"sheet_month_{again}",
        )
        sent = right.form_submit_button(say("insider.control.make", lang), type="primary")
    if sent:
        common.attempt(
            lambda: make_sheet(office.ledger, office.officer, month=month),
            lambda made: common.chosen(
                "sheets", made.sheet_id, say("insider.control.done", lang, month=made.month)
            ),
            lang,
            "sheet",
        )


def _months_back(today: date) -> list[str]:
    whole = today.year * 12 + today.month - 1
    return [
        f"{one // 12:04d}-{one % 12 + 1:02d}" for one in range(whole - 1, whole - 1 - MONTHS, -1)
    ]


def _sheet(office: Office, sheet: ControlSheet) -> None:
    lang = office.lang
    with st.container(border=True):
        st.markdown(f"##### {plain(say('report.title.control', lang))} · {sheet.month}")
        st.caption(plain(say("insider.control.from", lang, data=sheet.import_id)))
        st.caption(say("report.control.note", lang))
        seen = common.shown(sheet.sheet_id, sheet.revision, lang)
        points = list_points(office.ledger, office.officer)
        known = {one.source_key: one.risk_id for one in points if one.source_key}
        for one in sheet.rows:
            _check(office, sheet, one, seen)
            sheet_risks.offered(office, sheet, one, known)
        printing.paper(office, sheet)


def _check(office: Office, sheet: ControlSheet, found: Found, seen: int) -> None:
    lang, name = office.lang, f"check_{sheet.sheet_id}_{found.check}"
    judged, words, who = sheet.answers.get(found.check, ("", "", ""))
    title = name_of("control_check", found.check, lang)
    count = "–" if found.of is None else f"{found.count:,} / {found.of:,}"
    with st.form(name):
        left, right = st.columns([4, 1])
        left.markdown(f"**{plain(title)}**")
        right.markdown(f"**{count}**")
        if found.of is None:
            st.caption(say("insider.control.not_delivered", lang))
        if found.keys:
            st.caption(say("insider.control.keys", lang, count=found.count))
            st.code(", ".join(found.keys), language=None, wrap_lines=True)
        ways: tuple[Judged, ...] = get_args(Judged)
        how, said, send = st.columns([1.6, 3, 0.7], vertical_alignment="bottom")
        answer = how.radio(
            say("insider.control.judged", lang),
            ways,
            index=ways.index(judged) if judged in ways else None,
            format_func=lambda one: name_of("control_judged", one, lang),
            horizontal=True,
            key=f"{name}_judged",
        )
        remark = said.text_area(
            say("insider.control.words", lang), words, key=f"{name}_words", height=70
        )
        sent = send.form_submit_button(
            say("insider.control.change" if judged else "insider.control.save", lang),
            width="stretch",
        )
        if who:
            st.caption(plain(say("insider.control.by", lang, who=who)))
    if sent and answer is None:
        st.error(say("insider.control.choose", lang))
    elif sent and answer is not None:
        common.attempt(
            lambda: answer_check(
                office.ledger, office.officer, sheet.sheet_id,
                check=found.check, judged=answer, words=remark, revision=seen,
            ),
            lambda _: say("insider.control.saved", lang, check=title),
            lang,
        )  # fmt: skip
