"""Clear values that a visit was shown: on the page until they lapse, and nowhere else.

They are kept in the session of who asked for them, never in a cache or an address, and go with the
end of the half hour, with another officer, or at a press.
"""

import math
from collections.abc import Mapping
from datetime import datetime

import pandas as pd
import streamlit as st

from app.explorer import session
from app.explorer.canvas import services
from app.explorer.cases import acts, held, said
from app.explorer.words import name_of, plain
from casework.canonical import unstamp
from casework.limits import local_day
from casework.reveals import Reveal, reveal, shows
from casework.rights import Officer
from ingest.texts import Language, say

KEPT = "clear_values"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("psn_name", "name", "prac_psn_name", "legal_rep", "acctname"),
    "certificate": ("certno", "agnter_certno"),
    "contact": ("mob",),
    "address": ("live_addr",),
    "account": ("ssc_cardno", "bankacct"),
}
"""Columns of the page, and the restricted columns of the import that each holds."""


def keep(officer: Officer, one: Reveal) -> Reveal:
    """Keep a reveal for this visit and return it."""
    mine = dict(_mine(officer))
    if one.values:
        mine[one.reveal_id] = one
    st.session_state[KEPT] = (officer, mine)
    return one


@st.fragment(run_every="15s")
def shown(
    case_id: str,
    named: Mapping[tuple[str, str], str],
    root: str,
    officer: Officer,
    lang: Language,
) -> None:
    """Draw the values of the case that have not lapsed, with how long they still stand."""
    now = services.ledger(root).clock()
    if session.officer() != officer:
        return
    for key, one in list(_mine(officer).items()):
        if not shows(one, now):
            del st.session_state[KEPT][1][key]
        elif one.case_id == case_id:
            _card(one, named, now, lang)


def listed(
    case_id: str,
    named: Mapping[tuple[str, str], str],
    root: str,
    officer: Officer,
    lang: Language,
) -> None:
    """Draw who was shown what in this case and why, the newest first; own ones show again."""
    st.markdown(f"##### {say('cases.people.log', lang)}")
    found = held.reveals(root, officer, case_id)
    if not found:
        st.caption(say("cases.people.no_log", lang))
        return
    again = [one for one in found if one.who == officer.name and _stands(one, root)]
    for one in again:
        _again(one, named, root, officer, lang)
    table = pd.DataFrame(
        [
            {
                "at": said.at(one.at),
                "who": one.who,
                "code": named.get((one.entity_type, one.entity_id), "–"),
                "fields": say(f"reveal_fields.{one.fields}", lang),
                "reason": f"{say(f'reveal_reason.{one.reason}', lang)}: {one.text}",
                "state": say(f"reveal_state.{one.state}", lang),
                "until": said.at(one.until)[11:] if one.until else None,
                "decided_by": one.decided_by,
            }
            for one in found
        ]
    )
    st.dataframe(
        table,
        column_config={name: say(f"cases.column.{name}", lang) for name in table.columns},
        hide_index=True,
        height=session.table_height(len(table), most=320),
        placeholder="–",
        alt=say("cases.people.log", lang),
    )


def _card(one: Reveal, named: Mapping[tuple[str, str], str], now: datetime, lang: Language) -> None:
    with st.container(border=True):
        code = named.get((one.entity_type, one.entity_id), "–")
        kind = name_of("entity", one.entity_type, lang)
        st.markdown(f"**{plain(kind)} {plain(code)}**")
        for column, many in one.values.items():
            told = say("cases.people.joiner", lang).join(many)
            st.markdown(f":gray[{say(f'cases.clear.{column}', lang)}] {plain(told)}")
        minutes = math.ceil((unstamp(one.until or one.at) - now).total_seconds() / 60)
        st.caption(say("cases.people.lapses", lang, minutes=minutes))
        st.button(
            say("cases.people.hide", lang),
            key=f"hide_{one.reveal_id}",
            on_click=lambda: st.session_state[KEPT][1].pop(one.reveal_id, None),
        )


def _again(
    one: Reveal,
    named: Mapping[tuple[str, str], str],
    root: str,
    officer: Officer,
    lang: Language,
) -> None:
    """Tell of an own reveal that is not on the page; shown again while it stands."""
    if one.reveal_id in _mine(officer):
        return
    told, look = st.columns([4, 1], vertical_alignment="center")
    code = named.get((one.entity_type, one.entity_id), "–")
    fields = say(f"reveal_fields.{one.fields}", lang)
    state = say(f"reveal_state.{one.state}", lang)
    told.caption(plain(say("cases.people.own", lang, code=code, fields=fields, state=state)))
    if one.state == "waiting":
        return
    if look.button(say("cases.people.show", lang), key=f"again_{one.reveal_id}", width="stretch"):
        ledger = services.ledger(root)
        acts.do(
            lambda: keep(
                officer,
                reveal(
                    ledger, ledger.workspace, officer, case=one.case_id,
                    subject=(one.entity_type, one.entity_id), fields=one.fields,
                    reason=one.reason, text=one.text,
                ),
            ),
            lang,
            form=f"again_{one.reveal_id}",
            said=lambda got: say(f"cases.people.said_{got.state}", lang),
        )  # fmt: skip


def _stands(one: Reveal, root: str) -> bool:
    """Whether a reveal may still be shown, or waits since today."""
    now = services.ledger(root).clock()
    if one.state == "waiting":
        return local_day(unstamp(one.at)) == local_day(now)
    return one.state in ("open", "approved") and shows(one, now)


def _mine(officer: Officer) -> dict[str, Reveal]:
    """Return what this visit was shown as this officer; another officer begins with nothing."""
    whose, found = st.session_state.get(KEPT, (None, {}))
    if whose != officer:
        st.session_state.pop(KEPT, None)
        return {}
    kept: dict[str, Reveal] = found
    return kept
