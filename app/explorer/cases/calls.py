"""People of a case who are called back: drawn at random, with what each of them said."""

from collections.abc import Mapping, Sequence
from typing import get_args

import pandas as pd
import streamlit as st

from app.explorer import data, pieces
from app.explorer.canvas import services
from app.explorer.cases import acts, held, people, said
from app.explorer.words import name_of, plain
from casework.call_backs import CallBack, Called, Result, draw_people, note_result
from casework.cases import CaseFile
from casework.reports.call_back_part import QUESTIONS
from casework.rights import Officer
from ingest.texts import Language, say

Names = Mapping[str, str]


def shown(
    run: data.Source | None, file: CaseFile, root: str, officer: Officer, lang: Language
) -> None:
    """Draw who was drawn, the newest first; a row that is chosen takes what came of the call."""
    st.caption(say("cases.calls.hint", lang))
    members = sorted(
        {key for lead in file.leads for kind, key, _ in lead.facts["members"] if kind == "person"}
    )
    if not members:
        st.write(say("cases.calls.nobody", lang))
        return
    coded = people.codes(run, root, [("person", key) for key in members])
    named = {key: name for (_, key), name in coded.items()}
    found = held.calls(root, officer, file.case.case_id)
    left, right = st.columns([1.7, 1], gap="large")
    chosen = None
    with left:
        if not found:
            st.info(say("cases.calls.none", lang))
        for call in found:
            picked = _draw(call, named, lang)
            chosen = chosen or picked
    with right:
        if found:
            _note(chosen, named, root, officer, lang)
        _new(file.case.case_id, named, root, officer, lang, first=not found)
        with st.expander(say("report.call_back.ask", lang), expanded=bool(found)):
            told = (say(f"report.call_back.{name}", lang) for name in QUESTIONS)
            st.markdown("\n".join(f"{n}. {plain(one)}" for n, one in enumerate(told, 1)))


def _draw(call: CallBack, named: Names, lang: Language) -> tuple[CallBack, Called] | None:
    """Draw one draw with its people; return the one that is chosen."""
    made, called = call.made, call.people
    done = sum(one.result is not None for one in called)
    st.markdown(f"##### {plain(made.purpose)}")
    head = say(
        "cases.calls.head", lang, at=said.at(made.at), who=made.who, done=done,
        drawn=len(called), pool=len(made.pool), draw=made.draw_id,
    )  # fmt: skip
    st.caption(plain(head))
    unknown = say("cases.people.unknown", lang)
    for key, reason in made.excluded.items():
        told = {"person": named.get(key, unknown), "reason": reason}
        st.caption(plain(say("report.call_back.out", lang, **told)))
    table = pd.DataFrame([_row(one, named, unknown, lang) for one in called])
    row = pieces.row(
        f"calls_{made.draw_id}",
        table,
        config={name: say(f"cases.calls.column.{name}", lang) for name in table.columns},
        alt=say("cases.tab.calls", lang),
        most=360,
    )
    with st.expander(say("cases.calls.again", lang)):
        st.code(made.seed, language=None, wrap_lines=True)
    return None if row is None else (call, called[row])


def _row(one: Called, named: Names, unknown: str, lang: Language) -> dict[str, object]:
    return {
        "position": one.position,
        "person": named.get(one.person, unknown),
        "result": name_of("call_back_result", one.result, lang) if one.result else None,
        "by": one.changed_by,
        "words": one.words,
    }


def _note(
    chosen: tuple[CallBack, Called] | None,
    named: Names,
    root: str,
    officer: Officer,
    lang: Language,
) -> None:
    """Draw the form for what came of the call to the one that is chosen."""
    st.markdown(f"##### {say('cases.calls.note', lang)}")
    if chosen is None:
        st.caption(say("cases.calls.choose", lang))
        return
    call, one = chosen
    draw_id, form = call.made.draw_id, f"called_{call.made.draw_id}_{one.position}"
    ways: Sequence[Result] = get_args(Result)
    with st.form(acts.name(form), border=True):
        st.markdown(f"**{plain(named.get(one.person, say('cases.people.unknown', lang)))}**")
        result = st.radio(
            say("cases.calls.column.result", lang),
            ways,
            index=ways.index(one.result) if one.result else None,
            format_func=lambda name: name_of("call_back_result", name, lang),
            key=f"{acts.name(form)}_result",
        )
        words = st.text_area(
            say("cases.calls.words", lang), one.words or "", key=f"{acts.name(form)}_words",
            height=90,
        )  # fmt: skip
        read = acts.sent(say("cases.calls.save", lang), f"{form}_send", (one.person, one.revision))
    if read is None:
        return
    person, revision = read
    acts.do(
        lambda: note_result(
            services.ledger(root), officer, draw_id, person,
            result=result or "", words=words, revision=revision,
        ),
        lang,
        form=form,
        said=say("cases.calls.noted", lang, person=named.get(person, "")),
    )  # fmt: skip


def _new(
    case_id: str, named: Names, root: str, officer: Officer, lang: Language, *, first: bool
) -> None:
    """Draw the form that draws people; who is left out needs a reason."""
    form = f"calls_new_{case_id}"
    with (
        st.expander(say("cases.calls.new", lang), expanded=first),
        st.form(acts.name(form), border=False),
    ):
        wanted = st.number_input(
            say("cases.calls.wanted", lang), min_value=1, max_value=len(named),
            value=min(5, len(named)), key=f"{acts.name(form)}_wanted",
        )  # fmt: skip
        purpose = st.text_input(
            say("cases.calls.purpose", lang), max_chars=200, key=f"{acts.name(form)}_purpose"
        )
        out = st.multiselect(
            say("cases.calls.out", lang), list(named), format_func=named.__getitem__,
            placeholder=say("cases.calls.out_none", lang), key=f"{acts.name(form)}_out",
        )  # fmt: skip
        reason = st.text_input(
            say("cases.calls.reason", lang), max_chars=200, key=f"{acts.name(form)}_reason"
        )
        read = acts.sent(say("cases.calls.draw", lang), f"{form}_send", case_id, icon="casino")
    if read is None:
        return
    acts.do(
        lambda: draw_people(
            services.ledger(root), officer, case_id, wanted=int(wanted), purpose=purpose,
            excluded=dict.fromkeys(out, reason),
        ),
        lang,
        form=form,
        said=lambda call: say("cases.calls.drawn", lang, count=len(call.people)),
    )  # fmt: skip
