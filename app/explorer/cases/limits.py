"""The deadlines of a case: what runs until when, what stands still, and how that is changed."""

from typing import get_args

import streamlit as st

from app.explorer import roles
from app.explorer.canvas import services
from app.explorer.cases import acts, held, said
from app.explorer.words import plain
from casework.deadlines import Cause, Deadline, extend_deadline, pause_deadline, resume_deadline
from casework.limits import local_day
from casework.rights import Officer
from casework.working_days import NoCalendar
from ingest.texts import Language, say


def shown(case_id: str, root: str, officer: Officer, lang: Language) -> None:
    """Draw every deadline of the case, those that still count first."""
    found = held.deadlines(root, officer).get(case_id, ())
    if not found:
        st.write(say("cases.limits.none", lang))
        return
    for one in found:
        with st.container(border=True):
            _one(one, root, officer, lang)


def _one(one: Deadline, root: str, officer: Officer, lang: Language) -> None:
    whole = say(f"limit_unit.{one.limit.unit}", lang, days=f"{one.limit.days:,}")
    status = say(f"deadline_status.{one.status}", lang)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(say(f'limit.{one.limit.name}', lang))}**", width="content")
        late = one.status in ("overdue", "no_calendar", "done_late")
        st.badge(status, color="red" if late else "gray")
        told = {"began": one.began, "whole": whole, "extensions": one.extensions}
        key = "cases.limits.line_ended" if one.ended else "cases.limits.line"
        due, end = one.due or "–", one.ended or said.left(one, lang)
        st.caption(plain(say(key, lang, due=due, end=end, **told)))
    if one.unknown_year is not None:
        st.error(plain(NoCalendar(one.unknown_year).told(lang)))
    if not one.limit.verified:
        source = one.limit.source
        st.caption(f":material/info: {plain(say('limit_note.unverified', lang, source=source))}")
    if one.ended is None and roles.serves("deadlines.pause_deadline", officer.role):
        _change(one, root, officer, lang)


def _change(one: Deadline, root: str, officer: Officer, lang: Language) -> None:
    """Draw the ways of changing a deadline that counts."""
    room = one.limit.extend[one.extensions] if one.extensions < len(one.limit.extend) else 0
    with st.expander(say("cases.limits.change", lang)):
        left, right = st.columns(2, gap="large")
        with left:
            if one.status == "paused":
                _resume(one, root, officer, lang)
            else:
                _pause(one, root, officer, lang)
        with right:
            if room:
                _extend(one, room, root, officer, lang)
            else:
                st.caption(say("cases.limits.no_extension", lang))


def _pause(one: Deadline, root: str, officer: Officer, lang: Language) -> None:
    form, ledger = f"pause_{one.deadline_id}", services.ledger(root)
    with st.form(acts.name(form), border=False):
        cause = st.selectbox(
            say("cases.limits.cause", lang),
            get_args(Cause),
            format_func=lambda word: say(f"pause_cause.{word}", lang),
            key=f"{acts.name(form)}_cause",
        )
        first = st.date_input(
            say("cases.limits.first", lang),
            value=local_day(ledger.clock()),
            min_value=one.began,
            max_value=local_day(ledger.clock()),
            key=f"{acts.name(form)}_first",
        )
        reason = _reason(form, lang)
        read = acts.sent(say("cases.limits.pause", lang), f"{form}_send", True)
    if read is not None:
        acts.do(
            lambda: pause_deadline(
                ledger, officer, one.deadline_id, cause=cause, reason=reason, first=first
            ),
            lang,
            form=form,
            said=lambda now: _said(now, lang),
        )


def _resume(one: Deadline, root: str, officer: Officer, lang: Language) -> None:
    form, ledger = f"resume_{one.deadline_id}", services.ledger(root)
    with st.form(acts.name(form), border=False):
        day = st.date_input(
            say("cases.limits.again", lang),
            value=local_day(ledger.clock()),
            min_value=one.began,
            key=f"{acts.name(form)}_day",
        )
        reason = _reason(form, lang)
        read = acts.sent(say("cases.limits.resume", lang), f"{form}_send", True)
    if read is not None:
        acts.do(
            lambda: resume_deadline(ledger, officer, one.deadline_id, reason=reason, day=day),
            lang,
            form=form,
            said=lambda now: _said(now, lang),
        )


def _extend(one: Deadline, room: int, root: str, officer: Officer, lang: Language) -> None:
    form, ledger = f"extend_{one.deadline_id}", services.ledger(root)
    with st.form(acts.name(form), border=False):
        unit = say(f"limit_unit.{one.limit.unit}", lang, days=room)
        days = st.number_input(
            say("cases.limits.days", lang, most=unit),
            min_value=1, max_value=room, value=room, step=1, key=f"{acts.name(form)}_days",
        )  # fmt: skip
        reason = _reason(form, lang)
        read = acts.sent(say("cases.limits.extend", lang), f"{form}_send", True)
    if read is not None:
        acts.do(
            lambda: extend_deadline(
                ledger, officer, one.deadline_id, days=int(days), reason=reason
            ),
            lang,
            form=form,
            said=lambda now: _said(now, lang),
        )


def _reason(form: str, lang: Language) -> str:
    return str(st.text_input(say("cases.act.reason", lang), key=f"{acts.name(form)}_reason"))


def _said(now: Deadline, lang: Language) -> str:
    return say("cases.limits.changed", lang, line=said.deadline(now, lang))
