"""What the informant desk does with a tip: completes it, tells the informant, opens its store."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import streamlit as st

from app.explorer import roles
from app.explorer.console.form import as_list
from app.explorer.desk import entities, reading, register
from app.explorer.keeping import common
from app.explorer.words import plain
from casework.informants import Informant, keep_informant, read_informant, read_telling
from casework.ledger import Ledger
from casework.rights import Officer
from casework.tips import answer_tip, inform_of_filing, mark_insider, name_entities
from casework.tips_holding import Tip
from ingest.texts import Language, say

SEEN = "desk_seen"


def due(ledger: Ledger, officer: Officer, one: Tip, lang: Language) -> None:
    """Draw what the desk owes the informant now."""
    if roles.serves("tips.inform_of_filing", officer.role):
        _filing(ledger, officer, one, lang)
    if roles.serves("tips.answer_tip", officer.role) and one.state in ("concluded", "not_accepted"):
        _answer(ledger, officer, one, lang)


def more(ledger: Ledger, officer: Officer, one: Tip, lang: Language) -> None:
    """Draw what may be added to a tip at any time."""
    if roles.serves("tips.name_entities", officer.role):
        _name(ledger, officer, one, lang)
    if roles.serves("tips.mark_insider", officer.role) and not one.insider:
        _insider(ledger, officer, one, lang)


def step(
    act: Callable[[], Any], what: str, one: Tip, lang: Language, *, forget: Sequence[str] = ()
) -> None:
    """Do something with a tip, and say at the top of the page that it was done."""
    done = say(f"desk.done.{what}", lang, tip=one.tip_id)
    common.step(act, done, lang, again=reading.forget, forget=forget)


def _filing(ledger: Ledger, officer: Officer, one: Tip, lang: Language) -> None:
    """Offer to record that a real-name informant was told, while that is due."""
    steps = [each for each in one.deadlines if each.limit.name == "tip_informing"]
    if not steps or steps[0].ended is not None:
        return
    with st.container(border=True):
        st.write(plain(say("desk.filed", lang, day=steps[0].began, due=steps[0].due or "–")))
        if st.button(say("desk.inform", lang), key="tip_inform", type="primary"):
            told = partial(inform_of_filing, ledger, officer, one.tip_id, revision=one.revision)
            step(told, "informed", one, lang)


def _answer(ledger: Ledger, officer: Officer, one: Tip, lang: Language) -> None:
    key = f"tip_answer_{one.tip_id}"
    with st.form("tip_answer", border=True):
        answer = st.text_area(say("desk.field.answer", lang), key=key, height=110)
        if st.form_submit_button(say("desk.answer", lang), type="primary"):
            act = partial(
                answer_tip, ledger, officer, one.tip_id, answer=answer, revision=one.revision
            )
            step(act, "answered", one, lang, forget=(key,))


def _name(ledger: Ledger, officer: Officer, one: Tip, lang: Language) -> None:
    prefix = f"tip_name_{one.tip_id}"
    with st.expander(say("desk.name", lang)), st.form("tip_name", border=False):
        about = entities.fields(prefix, lang, across=2)
        if st.form_submit_button(say("desk.add", lang)):
            act = partial(name_entities, ledger, officer, one.tip_id, about, revision=one.revision)
            step(act, "named", one, lang, forget=entities.keys(prefix))


def _insider(ledger: Ledger, officer: Officer, one: Tip, lang: Language) -> None:
    prefix = f"tip_inside_{one.tip_id}"
    with st.expander(say("desk.mark_insider", lang)), st.form("tip_inside", border=False):
        st.caption(say("desk.mark_insider_hint", lang))
        concerned = st.text_input(
            say("desk.field.concerned", lang), key=f"{prefix}_units", max_chars=2000
        )
        reason = st.text_input(say("desk.field.reason", lang), key=f"{prefix}_why", max_chars=500)
        if st.form_submit_button(say("desk.hand_over", lang)):
            act = partial(
                mark_insider, ledger, officer, one.tip_id, concerned=as_list(concerned),
                reason=reason, revision=one.revision,
            )  # fmt: skip
            if common.did(act, lang, again=reading.forget):
                reading.forget()
                reading.open_tip(None)  # it may be nobody's of here any more
                gone = (f"{prefix}_units", f"{prefix}_why")
                common.done(say("desk.done.insider", lang, tip=one.tip_id), gone)


def identity(ledger: Ledger, officer: Officer, one: Tip, lang: Language) -> None:
    """Draw the desk's own store: who told it, in which words, shown for a reason until hidden."""
    if not roles.serves("informants.read_informant", officer.role):
        return
    with st.expander(say("desk.store", lang)):
        st.caption(say("desk.store_hint", lang))
        _ask(ledger, officer, one, lang)
        _shown(officer, one, lang)
        with st.form("tip_keep", border=False):
            prefix = f"tip_keep_{one.tip_id}"
            known = register.informant_fields(prefix, lang, across=2)
            if st.form_submit_button(say("desk.keep", lang)):
                act = partial(keep_informant, ledger, officer, one.tip_id, known or Informant())
                gone = [f"{prefix}_{name}" for name in register.KNOWN]
                step(act, "kept", one, lang, forget=gone)


def _ask(ledger: Ledger, officer: Officer, one: Tip, lang: Language) -> None:
    key = f"tip_read_{one.tip_id}"
    with st.form("tip_read", border=False):
        reason = st.text_input(say("desk.field.read_reason", lang), key=key, max_chars=500)
        first, second = st.columns(2)
        who = first.form_submit_button(say("desk.read_informant", lang), width="stretch")
        words = second.form_submit_button(say("desk.read_telling", lang), width="stretch")
    if who:
        found = common.attempt(
            lambda: read_informant(ledger, officer, one.tip_id, reason=reason), lang
        )
        if found is not None:
            st.session_state[SEEN] = (officer.name, one.tip_id, asdict(found))
    if words:
        told = common.attempt(
            lambda: read_telling(ledger, officer, one.tip_id, reason=reason), lang
        )
        if told is not None:
            st.session_state[SEEN] = (officer.name, one.tip_id, {"telling": told})


def _shown(officer: Officer, one: Tip, lang: Language) -> None:
    """Draw what was opened, to whom opened it and on this tip alone; leaving the tip hides it."""
    whose, tip_id, values = st.session_state.get(SEEN, ("", "", {}))
    if (whose, tip_id) != (officer.name, one.tip_id):
        st.session_state.pop(SEEN, None)
        return
    with st.container(border=True):
        for name, value in values.items():
            if value:
                st.markdown(f"{say(f'desk.informant.{name}', lang)}: **{plain(str(value))}**")
        st.button(
            say("desk.hide", lang), key="tip_hide",
            on_click=lambda: st.session_state.pop(SEEN, None),
        )  # fmt: skip
