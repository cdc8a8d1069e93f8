"""The question that shows a ring again: in words, as Cypher to take along, and asked from here."""

import json
import shlex
from typing import Any

import pandas as pd
import streamlit as st

from app.explorer import data, ring_data, roles, session
from app.explorer.canvas import services
from app.explorer.words import plain
from casework.questions import Asked
from detectors.motif import Motif, in_words, motif, values
from ingest.errors import RingfenceError
from ingest.texts import Language, catalogue, say

ROWS = 50
LISTED = 6


def query(run: data.Source, ring_id: str, lang: Language) -> None:
    """Draw the motif of a ring with its parameters filled in, and a button that asks it."""
    st.markdown(f"##### {say('ring_page.query.title', lang)}")
    wanted = ring_data.question(run, ring_id)
    if wanted is None:
        st.write(say("ring_page.query.none", lang))
        return
    try:
        asked = motif(wanted.motif)
        used = values(asked, wanted.parameters)
        words = {
            field: in_words(asked, field, language=lang, parameters=wanted.parameters)
            for field in ("question", "honest", "unknown")
        }
    except RingfenceError as error:
        st.warning(plain(say("ring_page.query.broken", lang, reason=error.told(lang))))
        return
    st.markdown(plain(words["question"]))
    st.caption(plain(f"{words['honest']} {words['unknown']}"))
    _run(run, ring_id, asked, wanted, lang)
    st.caption(say("ring_page.query.copy", lang))
    st.code(command(asked, wanted.parameters), language="bash", wrap_lines=True)
    st.code(cypher(asked, used), language="cypher")


def command(asked: Motif, parameters: Any) -> str:
    """Return the command that asks the motif with these parameters."""
    given = [
        f"--param {shlex.quote(f'{name}={_typed(value)}')}" for name, value in parameters.items()
    ]
    return " ".join(["ringfence motifs run", asked.name, *given])


def cypher(asked: Motif, used: Any) -> str:
    """Return a motif's query without its header, below parameters as Neo4j's browser takes."""
    shown = {
        name: list(value) if isinstance(value, tuple) else value for name, value in used.items()
    }
    inside = ", ".join(
        f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in shown.items()
    )
    _, _, below = asked.text.partition("*/")
    return f":params {{{inside}}}\n\n{below.strip()}"


def _run(
    run: data.Source, ring_id: str, asked: Motif, wanted: ring_data.Question, lang: Language
) -> None:
    key = f"asked_{run.run}_{ring_id}"
    if not roles.may("run_motifs", session.role()):
        return
    leads = session.rings(run)[1]
    case_id = next((lead.case_id for lead in leads if lead.ring_id == ring_id), None)
    if roles.within_case(session.role()) and case_id is None:
        st.caption(say("explorer.query.case_first", lang))
        return
    if st.button(
        say("ring_page.query.run", lang),
        key="ring_query_run",
        icon=":material/play_arrow:",
        help=say("ring_page.query.run_help", lang),
    ):
        with st.spinner(say("ring_page.query.running", lang)):
            try:
                st.session_state[key] = services.ask_motif(
                    run.root, asked, wanted.parameters,
                    case_id=case_id, purpose=say("explorer.query.purpose", lang, ring=ring_id),
                )  # fmt: skip
            except RingfenceError as error:
                st.session_state.pop(key, None)
                st.error(plain(say("ring_page.query.failed", lang, reason=error.told(lang))))
    answer: Asked | None = st.session_state.get(key)
    if answer is None:
        return
    place = answer.answer.columns.index("setl_ids")
    found = {str(one) for row in answer.answer.rows for one in row[place]}
    told = say(
        "ring_page.query.answer",
        lang,
        rows=f"{len(answer.answer.rows):,}",
        seconds=f"{answer.answer.seconds:.1f}",
        back=f"{len(wanted.settlements & found):,}",
        expected=f"{len(wanted.settlements):,}",
        run=answer.run_id,
    )
    (st.success if wanted.settlements <= found else st.warning)(plain(told))
    rows = [
        {name: _cell(value) for name, value in zip(answer.answer.columns, row, strict=True)}
        for row in answer.answer.rows[:ROWS]
    ]
    st.dataframe(
        pd.DataFrame(rows, columns=list(answer.answer.columns)),
        hide_index=True,
        alt=say("ring_page.query.title", lang),
        column_config={
            name: st.column_config.Column(name, help=_meaning(asked, name, lang))
            for name in answer.answer.columns
        },
    )


def _meaning(asked: Motif, column: str, lang: Language) -> str:
    key = f"motif.{asked.name}.column.{column}"
    return say(key, lang) if key in catalogue() else asked.columns.get(column, column)


def _typed(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _cell(value: Any) -> str:
    if isinstance(value, list):
        more = f" … ({len(value)})" if len(value) > LISTED else ""
        return ", ".join(map(str, value[:LISTED])) + more
    return "–" if value is None else str(value)
