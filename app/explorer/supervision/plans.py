"""The plans of a unit: what waits for a decision, what runs out, and how far each has come."""

from datetime import date
from decimal import Decimal

import pandas as pd
import streamlit as st

from app.explorer.papers import about
from app.explorer.supervision import common, drafting, noting
from app.explorer.supervision.office import Office
from app.explorer.words import name_of, plain
from casework.draws import draws_for, list_draws
from casework.limits import local_day
from casework.plans import Plan, Target, decide_plan
from casework.reports.words import hours
from ingest.texts import Language, say


def shown(office: Office) -> None:
    """Draw the plans, what waits longest first, then the one that is chosen."""
    lang, today = office.lang, local_day(office.ledger.clock())
    found = sorted(office.plans(), key=lambda one: _order(one, office.officer.name, today))
    if office.may("plans.draft_plan"):
        with st.expander(
            say("supervision.plan.new", lang),
            icon=":material/add:",
            expanded=not found or bool(st.session_state.pop("plan_drafting", False)),
            key="plan_new",
        ):
            drafting.form(office)
    if not found:
        st.write(say("supervision.plan.none", lang))
        return
    table = pd.DataFrame([_row(one, today, lang) for one in found])
    by_id = {one.plan_id: one for one in found}
    chosen = common.choose("plans", table, by_id, lambda one: f"{one.title} · {one.plan_id}", lang)
    _plan(office, chosen, today)


def _order(plan: Plan, name: str, today: date) -> tuple[bool, bool, bool, date, str]:
    """Return the order of urgency: what this officer may decide, what is late, what runs."""
    mine = plan.state == "drafted" and plan.made_by != name
    return (not mine, not _late(plan, today), not _runs(plan), plan.last, plan.plan_id)


def _runs(plan: Plan) -> bool:
    return plan.state in ("drafted", "approved") and _left(plan) > 0


def _late(plan: Plan, today: date) -> bool:
    return _runs(plan) and plan.last < today


def _left(plan: Plan) -> int:
    return sum(one.state == "open" for one in plan.targets)


def _row(plan: Plan, today: date, lang: Language) -> dict[str, object]:
    done = len(plan.targets) - _left(plan)
    late = _late(plan, today)
    return {
        "title": plan.title,
        "plan_kind": name_of("supervision.plan_kind", plan.kind, lang),
        "state": name_of(
            "supervision.late" if late else "supervision.plan_state", plan.state, lang
        ),
        "last": plan.last,
        "progress": f"{done} / {len(plan.targets)}",
        "made_by": plan.made_by,
        "plan_id": plan.plan_id,
    }


def _plan(office: Office, plan: Plan, today: date) -> None:
    lang = office.lang
    with st.container(border=True):
        title, papers = st.columns([4, 1], vertical_alignment="center")
        title.markdown(f"##### {plain(plan.title)}")
        about.link_to(papers, lang, plan=plan.plan_id)
        _facts(plan, today, lang)
        _inspectors(office, plan)
        targets = pd.DataFrame(
            [
                {
                    "place": one.place,
                    "origin": name_of("supervision.origin", one.origin, lang),
                    "reason": _reason(one, lang),
                    "hours": hours(one.hours) or None,
                    "due": one.due,
                    "state": name_of("supervision.place_state", one.state, lang),
                    "answer": one.answer,
                    "returned": one.returned_yuan,
                }
                for one in plan.targets
            ]
        )
        common.listed(targets, plan.title, lang)
        seen = common.shown(plan.plan_id, plan.revision, lang)
        if plan.state == "drafted":
            _decide(office, plan, seen)
        elif plan.state == "approved" and office.may("plans.note_answer"):
            noting.form(office, plan, seen)


def _reason(target: Target, lang: Language) -> str:
    """Return why a place is in the plan; the kind of a ring is said in the language of the page."""
    ring, kind = target.reason.partition(" (")[::2]
    if target.lead_id is None or not kind.endswith(")"):
        return target.reason
    return f"{name_of('kind', kind.removesuffix(')'), lang)} · {ring}"


def _facts(plan: Plan, today: date, lang: Language) -> None:
    paid = sum((Decimal(one.returned_yuan or 0) for one in plan.targets), Decimal(0))
    figures = {
        "places": f"{len(plan.targets):,}",
        "open": f"{_left(plan):,}",
        "days_left": f"{(plan.last - today).days:,}",
        "returned": f"¥{paid:,.2f}",
    }
    for place, (name, value) in zip(st.columns(len(figures)), figures.items(), strict=True):
        place.metric(say(f"supervision.figure.{name}", lang), value)
    st.markdown(plain(plan.purpose))
    st.caption(
        plain(
            say(
                "supervision.plan.made", lang,
                kind=name_of("supervision.plan_kind", plan.kind, lang),
                first=plan.first, last=plan.last, who=plan.made_by, day=common.day(plan.made_at),
                state=name_of("supervision.plan_state", plan.state, lang),
            )
        )
    )  # fmt: skip
    if plan.draw_id:
        st.caption(plain(say("supervision.plan.drawn", lang, draw=plan.draw_id)))
    if plan.decided_by:
        told = {"who": plan.decided_by, "reason": plan.decided_reason or ""}
        st.caption(plain(say("supervision.plan.decided", lang, **told)))


def _inspectors(office: Office, plan: Plan) -> None:
    """Say who was drawn for a plan, or offer to draw: two or more go, by the rule.

    A place checks itself without any.
    """
    if not office.may("draws.list_draws"):
        return
    found = draws_for(plan.plan_id, list_draws(office.ledger, office.officer))
    for one in found:
        told = {"kind": name_of("draw_kind", one.kind, office.lang), "draw": one.draw_id}
        names = ", ".join(one.drawn)
        st.markdown(plain(say("supervision.plan.inspectors", office.lang, names=names, **told)))
    if plan.state == "returned" or plan.kind == "self_check":
        return
    if not found:
        st.caption(say("supervision.plan.no_inspectors", office.lang))
    st.button(
        say("supervision.plan.draw_inspectors", office.lang),
        key="plan_draw_inspectors",
        icon=":material/casino:",
        on_click=lambda: st.session_state.update(
            plans_open="draws",
            draw_kind="inspectors",
            draw_plan=plan.plan_id,
            draw_drawing=True,
        ),
    )


def _decide(office: Office, plan: Plan, seen: int) -> None:
    lang = office.lang
    if not office.may("plans.decide_plan") or plan.made_by == office.officer.name:
        st.caption(say("supervision.four_eyes", lang))
        return
    common.decision(
        f"plan_decide_{plan.plan_id}",
        lambda yes, why: decide_plan(
            office.ledger, office.officer, plan.plan_id, approve=yes, reason=why, revision=seen
        ),
        lambda done: say(
            "supervision.plan.done",
            lang,
            plan=done.title,
            state=name_of("supervision.plan_state", done.state, lang),
        ),
        lang,
    )
