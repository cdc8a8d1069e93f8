"""What a place answered, or what was found there, written into the plan; a plus item for it."""

from typing import get_args

import streamlit as st

from app.explorer.supervision import common
from app.explorer.supervision.office import Office
from app.explorer.words import name_of
from casework.plans import Done, Plan, note_answer
from casework.registers import propose_for_answer
from ingest.texts import say


def form(office: Office, plan: Plan, seen: int) -> None:
    """Draw the form of an answer for one place, those first that have none."""
    lang = office.lang
    targets = sorted(plan.targets, key=lambda one: (one.state != "open", one.place))
    states = {one.place: name_of("supervision.place_state", one.state, lang) for one in targets}
    name = f"note_{plan.plan_id}"
    again = common.number(name)
    ways: tuple[Done, ...] = get_args(Done)
    ways = ways if plan.kind == "self_check" else ways[::-1]
    with st.form(f"{name}_{again}"):
        st.markdown(f"**{say('supervision.note.title', lang)}**")
        left, middle, right = st.columns([2, 1.4, 1.2])
        place = left.selectbox(
            say("supervision.column.place", lang),
            list(states),
            format_func=lambda one: f"{one} ({states[one]})",
            key=f"{name}_place_{again}",
        )
        done = middle.radio(
            say("supervision.note.done", lang),
            ways,
            format_func=lambda one: name_of("supervision.place_state", one, lang),
            horizontal=True,
            key=f"{name}_done_{again}",
        )
        paid = right.text_input(
            say("supervision.note.returned", lang),
            placeholder="1200.50",
            help=say("supervision.note.returned_help", lang),
            key=f"{name}_paid_{again}",
        )
        answer = st.text_area(
            say("supervision.note.answer", lang), key=f"{name}_answer_{again}", height=90
        )
        sent = st.form_submit_button(say("supervision.note.save", lang), type="primary")
    if sent:
        common.attempt(
            lambda: note_answer(
                office.ledger, office.officer, plan.plan_id, place,
                done=done, answer=answer, revision=seen, returned_yuan=paid.strip() or None,
            ),
            lambda _: say("supervision.note.saved", lang, place=place),
            lang,
            name,
        )  # fmt: skip
    _plus(office, plan)


def _plus(office: Office, plan: Plan) -> None:
    """Offer a plus item of credit for a place that answered."""
    answered = [one.place for one in plan.targets if one.state != "open"]
    rules = [rule for (kind, _), rule in office.rules().rules.items() if kind == "credit"]
    rules = [rule for rule in rules if rule.plan]
    if not answered or not rules or not office.may("registers.propose_for_answer"):
        return
    lang, name = office.lang, f"plus_{plan.plan_id}"
    again = common.number(name)
    with st.expander(say("supervision.plus.title", lang)), st.form(f"{name}_{again}"):
        if not office.rules().verified:
            st.caption(say("supervision.unverified", lang))
        left, middle, right = st.columns([2, 2, 1])
        place = left.selectbox(
            say("supervision.column.place", lang), answered, key=f"{name}_place_{again}"
        )
        rule = middle.selectbox(
            say("supervision.column.rule", lang),
            rules,
            format_func=lambda one: (
                f"{name_of('supervision.rule.credit', one.name, lang)} ({one.least}–{one.most})"
            ),
            key=f"{name}_rule_{again}",
        )
        amount = right.number_input(
            say("supervision.column.amount", lang),
            min_value=min(one.least for one in rules),
            max_value=max(one.most for one in rules),
            key=f"{name}_amount_{again}",
        )
        reason = st.text_area(
            say("supervision.reason", lang), key=f"{name}_reason_{again}", height=80
        )
        sent = st.form_submit_button(say("supervision.propose.save", lang))
    if sent:
        common.attempt(
            lambda: propose_for_answer(
                office.ledger, office.officer, plan.plan_id,
                place=place, rule=rule.name, amount=int(amount), reason=reason,
            ),
            lambda made: say("supervision.propose.saved", lang, subject=made.subject),
            lang,
            name,
        )  # fmt: skip
