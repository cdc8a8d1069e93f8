"""The groups that were looked at and not raised: each with its reason, found by person."""

import pandas as pd
import streamlit as st

from app.explorer import data, session
from app.explorer.canvas.state import SOFT_LIMIT
from app.explorer.console.onto_canvas import open_nodes
from app.explorer.lists import columns
from app.explorer.ring.common import SUREST
from app.explorer.words import counted, day, money, name_of, plain, share, small
from ingest.errors import RingfenceError
from ingest.texts import Language, say

SHOWN = ("kind", "reason", "explanation", "probability", "q_value", "loss_mid", "people", "ring_id")
"""As many as fit beside each other at 1366 pixels; the rest is told of the one that is chosen."""
LEAST = 0.0001
NAMED = 40


def shown(run: data.Source, groups: pd.DataFrame, lang: Language) -> None:
    """Draw the groups; one that is chosen is told whole."""
    st.caption(say("explorer.not_raised.hint", lang))
    if groups.empty:
        st.write(say("explorer.not_raised.none", lang))
        return
    found = _narrowed(run, groups, lang)
    if found.empty:
        st.info(say("explorer.not_raised.no_match", lang))
        st.button(say("explorer.filter.reset", lang), on_click=_reset, key="group_reset")
        return
    table = found.assign(
        kind=[name_of("kind", kind, lang) for kind in found["kind"]],
        reason=[name_of("reason", reason, lang) for reason in found["reason"]],
        explanation=[name_of("honest.name", one, lang) for one in found["explanation"]],
        q_value=[small(q) for q in found["q_value"]],
        probability=[_chance(one) for one in found["probability"]],
    )
    event = st.dataframe(
        table,
        column_order=SHOWN,
        column_config={
            **columns.config(lang),
            "probability": st.column_config.TextColumn(say("explorer.column.probability", lang)),
        },
        hide_index=True,
        height=session.table_height(len(table), most=430),
        placeholder="–",
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
        key="group_list",
        alt=say("explorer.rings.not_raised", lang, count=len(table)),
    )
    chosen = [*event.selection.rows, *(row for row, _ in event.selection.cells)]
    if not chosen and len(found) > 1:
        st.caption(say("explorer.not_raised.choose", lang))
        return
    _why(run, str(found["ring_id"].iloc[chosen[0] if chosen else 0]), lang)


def _narrowed(run: data.Source, groups: pd.DataFrame, lang: Language) -> pd.DataFrame:
    reasons, person = st.columns([3, 2])
    st.session_state.setdefault("group_person", st.query_params.get("person", ""))
    counts = groups["reason"].value_counts()
    wanted = reasons.multiselect(
        say("explorer.column.reason", lang),
        sorted(counts.index),
        format_func=lambda one: f"{name_of('reason', one, lang)} ({counts[one]})",
        placeholder=say("explorer.filter.all", lang),
        key="reasons",
    )
    who = person.text_input(
        say("explorer.filter.person", lang), placeholder="P-7f3a91", key="group_person"
    ).strip()
    if who:
        st.query_params["person"] = who
    elif "person" in st.query_params:
        del st.query_params["person"]
    found = groups[groups["reason"].isin(wanted)] if wanted else groups
    if who:
        found = found[found["ring_id"].isin(data.groups_with(run, who))]
    return found.reset_index(drop=True)


def _chance(probability: float) -> str:
    """Return a probability that never reads as certainty, neither that it is one nor that not."""
    return share(min(max(float(probability), LEAST), SUREST))


def _reset() -> None:
    st.session_state["group_person"], st.session_state["reasons"] = "", []
    if "person" in st.query_params:
        del st.query_params["person"]


def _why(run: data.Source, ring_id: str, lang: Language) -> None:
    """Tell in words why one group was not raised, and who was in it."""
    whole = data.group(run, ring_id)
    if whole is None:
        return
    facts, people = whole
    with st.container(border=True):
        kind = name_of("kind", facts["kind"], lang)
        reason = name_of("reason", facts["reason"], lang)
        st.markdown(f"##### {plain(say('explorer.why_not.title', lang, kind=kind))}")
        meaning = name_of("why_not", facts["reason"], lang)
        st.markdown(f"**{plain(reason)}** – {plain(meaning)}")
        sentence = str(facts[f"sentence_{lang}"] or "")
        if sentence:
            st.markdown(plain(sentence))
        st.caption(
            say(
                "explorer.why_not.facts", lang,
                people=counted("people", facts["people"], lang),
                places=counted("places", facts["places"], lang),
                settlements=counted("settlements", facts["settlements"], lang),
                first=day(facts["first_seen"]), last=day(facts["last_seen"]),
                probability=_chance(facts["probability"]), q=small(facts["q_value"]),
                loss=money(facts["loss_mid"], lang), ring=ring_id,
            )
        )  # fmt: skip
        listed = ", ".join(f"`{one}`" for one in people[:NAMED])
        more = len(people) - NAMED
        st.markdown(listed + (f" … (+{more})" if more > 0 else ""))
        if people and st.button(
            say("explorer.why_not.canvas", lang), key="group_canvas", type="primary"
        ):
            try:
                ids = [f"Patient:{one}" for one in people[:SOFT_LIMIT]]
                title = say("explorer.why_not.title", lang, kind=kind)
                open_nodes(run, ids, title=title, lang=lang)
            except RingfenceError as error:
                st.error(plain(error.told(lang)))
