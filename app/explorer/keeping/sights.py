"""Who saw who somebody is: of one member of a ring, or in one case."""

from typing import Any

import streamlit as st

from app.explorer.keeping import common, rows
from app.explorer.words import local, name_of, plain
from casework.audit_reading import Sight, who_saw
from casework.ledger import Ledger
from casework.rights import Officer
from ingest.texts import Language, say

FOUND = "audit_sights"


def shown(ledger: Ledger, officer: Officer, lang: Language) -> None:
    """Draw the question, and who saw what."""
    with st.form("audit_sights_form", border=True):
        left, middle, right = st.columns([2, 2, 1], vertical_alignment="bottom")
        entity = left.text_input(
            say("keeping.sights.entity", lang), key="sights_entity", max_chars=200,
            help=say("keeping.sights.entity_help", lang),
        )  # fmt: skip
        case_id = middle.text_input(
            say("keeping.column.case_id", lang), key="sights_case", max_chars=200
        )
        sent = right.form_submit_button(
            say("keeping.sights.ask", lang), type="primary", width="stretch"
        )
    if sent:
        st.session_state[FOUND] = common.attempt(
            lambda: who_saw(ledger, officer, entity=entity, case_id=case_id), lang
        )
    found: list[Sight] | None = st.session_state.get(FOUND)
    if found is None:
        st.caption(say("keeping.sights.hint", lang))
        return
    if not found:
        st.info(say("keeping.sights.none", lang))
        return
    _said(found, lang)
    keys = [str(one.row.seq) for one in found]
    chosen = common.picked(
        "sights",
        [_row(one, lang) for one in found],
        keys,
        lang,
        alt=say("keeping.audit.tab.sights", lang),
        most=14,
        numbers=rows.NUMBERS,
    )
    if chosen is not None:
        rows.whole(found[keys.index(chosen)].row, lang)


def _said(found: list[Sight], lang: Language) -> None:
    """Say in one sentence who saw clear values, and who only masked ones."""
    clear = sorted({one.row.who for one in found if one.row.action == "identity.revealed"})
    masked = sorted({one.row.who for one in found if one.row.action == "identity.masked"})
    st.write(
        plain(
            say(
                "keeping.sights.said",
                lang,
                clear=", ".join(clear) or "–",
                masked=", ".join(masked) or "–",
            )
        )
    )


def _row(one: Sight, lang: Language) -> dict[str, Any]:
    kind, key = one.entity or (None, None)
    return {
        "seq": one.row.seq,
        "at": f"{local(one.row.at):%Y-%m-%d %H:%M:%S}",
        "who": one.row.who,
        "role": name_of("role", one.row.role, lang),
        "sight": name_of("keeping.sight", one.row.action.partition(".")[2], lang),
        "case_id": one.row.case_id,
        "entity_type": name_of("explorer.entity", kind, lang),
        "entity": key,
        "fields": name_of("reveal_fields", one.fields, lang),
        "purpose": one.row.purpose,
    }
