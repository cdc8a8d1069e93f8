"""How long what is open has been open, and which cases lie with other authorities."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.explorer import pieces, session
from app.explorer.cases import acts
from app.explorer.words import name_of
from casework.joint import Joint
from casework.kpis import AGES, AgeFigures
from ingest.texts import Language, say


def ages(found: Sequence[AgeFigures], lang: Language) -> None:
    """Draw what is open by unit and age; a unit with nothing open has no row."""
    st.markdown(f"##### {say('cases.ages.title', lang)}")
    if not found:
        st.caption(say("cases.ages.none", lang))
        return
    bands = [_band(first, last, lang) for first, last in AGES]
    table = pd.DataFrame(
        [
            {
                say("cases.ages.unit", lang): one.unit,
                say("cases.ages.what", lang): say(f"cases.part.{one.what}", lang),
                **dict(zip(bands, one.counts, strict=True)),
                say("cases.ages.all", lang): sum(one.counts),
            }
            for one in found
        ]
    )
    st.dataframe(
        table,
        hide_index=True,
        height=session.table_height(len(table)),
        alt=say("cases.ages.title", lang),
    )
    st.caption(say("cases.ages.hint", lang))


def joint(found: Sequence[Joint], lang: Language) -> None:
    """Draw the cases at other authorities, open first; choosing one opens it."""
    st.markdown(f"##### {say('cases.joint.title', lang)}")
    if not found:
        st.caption(say("cases.joint.none", lang))
        return
    open_ = Counter(one.authority for one in found if one.answered is None)
    every = Counter(one.authority for one in found)
    for place, (authority, count) in zip(st.columns(len(every)), every.items(), strict=True):
        place.metric(
            name_of("authority", authority, lang),
            say("cases.joint.count", lang, open=open_[authority], all=count),
        )
    table = pd.DataFrame([_row(one, lang) for one in found])
    opened, _ = pieces.opening(
        "joint",
        table,
        config={name: say(f"cases.column.{name}", lang) for name in table.columns},
        alt=say("cases.joint.title", lang),
        most=330,
    )
    if opened is not None:
        acts.go(lang, case=found[opened].case_id)
    st.caption(say("cases.joint.hint", lang))


def _row(one: Joint, lang: Language) -> dict[str, Any]:
    return {
        "authority": name_of("authority", one.authority, lang),
        "title": one.title,
        "case_state": say(f"case_state.{one.state}", lang),
        "sent": one.sent.isoformat(),
        "answered": one.answered.isoformat() if one.answered else say("cases.joint.open", lang),
        "case": one.case_id,
    }


def _band(first: int, last: int | None, lang: Language) -> str:
    if last is None:
        return say("cases.ages.over", lang, days=first - 1)
    return say("cases.ages.band", lang, first=first, last=last)
