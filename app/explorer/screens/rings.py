"""The list of rings of the latest run, and of the groups that were not raised."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from app.explorer import data, session
from app.explorer.words import name_of, small
from ingest.texts import Language, say

RING_COLUMNS = (
    "rank", "kind", "probability", "q_value", "loss_low", "loss_mid", "loss_high",
    "people", "places", "settlements", "first_seen", "last_seen", "stability", "ring_id",
)  # fmt: skip
GROUP_COLUMNS = (
    "kind", "reason", "sentence", "probability", "q_value", "loss_mid",
    "people", "places", "settlements", "first_seen", "last_seen", "ring_id",
)  # fmt: skip
FILTERS = ("kinds", "least_probability", "least_loss", "person")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What the list is narrowed to; () , 0 and "" leave everything in."""

    kinds: tuple[str, ...] = ()
    least_probability: float = 0.0
    least_loss: int = 0
    person: str = ""


def show() -> None:
    """Draw both lists; choosing a ring opens its page."""
    lang = session.language()
    run = session.source()
    if run is None:
        return
    st.subheader(say("explorer.rings.title", lang))
    session.limits(run, lang)
    rings, groups = data.rings(run), data.not_raised(run)
    tabs = st.tabs(
        [
            say("explorer.rings.raised", lang, count=len(rings)),
            say("explorer.rings.not_raised", lang, count=len(groups)),
        ]
    )
    with tabs[0]:
        _raised(run, rings, lang)
    with tabs[1]:
        _not_raised(run, groups, lang)


def narrowed(rings: pd.DataFrame, by: Filter, having: frozenset[str]) -> pd.DataFrame:
    """Return the rings that pass every filter, in their order."""
    keep = (rings["probability"] >= by.least_probability) & (rings["loss_mid"] >= by.least_loss)
    if by.kinds:
        keep &= rings["kind"].isin(by.kinds)
    if by.person:
        keep &= rings["ring_id"].isin(having)
    return rings[keep]


def emptying(rings: pd.DataFrame, by: Filter, having: frozenset[str]) -> list[str]:
    """Return the filters that exclude every ring all by themselves."""
    alone = {
        "kinds": Filter(kinds=by.kinds),
        "least_probability": Filter(least_probability=by.least_probability),
        "least_loss": Filter(least_loss=by.least_loss),
        "person": Filter(person=by.person),
    }
    return [name for name, one in alone.items() if narrowed(rings, one, having).empty]


def _raised(run: data.Source, rings: pd.DataFrame, lang: Language) -> None:
    if rings.empty:
        session.empty("no_rings", lang)
        return
    by = _filters(rings, lang)
    having = data.groups_with(run, by.person) if by.person else frozenset()
    shown = narrowed(rings, by, having).reset_index(drop=True)
    if shown.empty:
        which = [say(f"explorer.filter.{name}", lang) for name in emptying(rings, by, having)]
        st.info(
            say("explorer.filter.excludes", lang, which=", ".join(which))
            if which
            else say("explorer.filter.together", lang)
        )
        st.button(say("explorer.filter.reset", lang), on_click=_reset)
        return
    st.caption(say("explorer.rings.hint", lang, shown=len(shown), total=len(rings)))
    table = shown.assign(
        kind=[name_of("kind", kind, lang) for kind in shown["kind"]],
        q_value=[small(q) for q in shown["q_value"]],
    )
    # The browser keeps a choice under its key: on the way back it must not open the ring again.
    opened = st.session_state.setdefault("opened", 0)
    event = st.dataframe(
        table,
        column_order=RING_COLUMNS,
        column_config=_columns(lang),
        hide_index=True,
        height=session.table_height(len(table)),
        placeholder="–",
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
        key=f"ring_list_{opened}",
        alt=say("explorer.rings.title", lang),
    )
    chosen = [*event.selection.rows, *(row for row, _ in event.selection.cells)]
    if chosen:
        st.session_state["opened"] = opened + 1
        ring_id = str(shown["ring_id"].iloc[chosen[0]])
        st.switch_page("screens/ring.py", query_params={"ring": ring_id, "lang": lang})


def _filters(rings: pd.DataFrame, lang: Language) -> Filter:
    kinds, probability, loss, person = st.columns([3, 2, 2, 2])
    chosen = kinds.multiselect(
        say("explorer.filter.kinds", lang),
        sorted(rings["kind"].unique()),
        format_func=lambda kind: name_of("kind", kind, lang),
        placeholder=say("explorer.filter.all", lang),
        key="kinds",
    )
    least = probability.slider(
        say("explorer.filter.least_probability", lang),
        0,
        100,
        0,
        5,
        "%d%%",
        key="least_probability",
    )
    yuan = loss.number_input(
        say("explorer.filter.least_loss", lang), 0, None, 0, 1000, key="least_loss"
    )
    who = person.text_input(
        say("explorer.filter.person", lang), placeholder="P-7f3a91", key="person"
    )
    return Filter(
        kinds=tuple(chosen), least_probability=least / 100, least_loss=int(yuan), person=who.strip()
    )


def _reset() -> None:
    for name in FILTERS:
        st.session_state.pop(name, None)


def _not_raised(run: data.Source, groups: pd.DataFrame, lang: Language) -> None:
    st.caption(say("explorer.not_raised.hint", lang))
    if groups.empty:
        st.write(say("explorer.not_raised.none", lang))
        return
    reasons, person = st.columns([3, 2])
    wanted = reasons.multiselect(
        say("explorer.column.reason", lang),
        sorted(groups["reason"].unique()),
        format_func=lambda reason: name_of("reason", reason, lang),
        placeholder=say("explorer.filter.all", lang),
        key="reasons",
    )
    who = person.text_input(
        say("explorer.filter.person", lang), placeholder="P-7f3a91", key="group_person"
    )
    shown = groups[groups["reason"].isin(wanted)] if wanted else groups
    if who.strip():
        shown = shown[shown["ring_id"].isin(data.groups_with(run, who))]
    if shown.empty:
        st.write(say("explorer.not_raised.no_match", lang))
        return
    table = shown.assign(
        kind=[name_of("kind", kind, lang) for kind in shown["kind"]],
        reason=[name_of("reason", reason, lang) for reason in shown["reason"]],
        explanation=[name_of("honest.name", one, lang) for one in shown["explanation"]],
        sentence=shown[f"sentence_{lang}"],
        q_value=[small(q) for q in shown["q_value"]],
    )
    st.dataframe(
        table,
        column_order=GROUP_COLUMNS,
        column_config=_columns(lang),
        hide_index=True,
        height=session.table_height(len(table)),
        placeholder="–",
        alt=say("explorer.rings.not_raised", lang, count=len(table)),
    )


def _columns(lang: Language) -> dict[str, Any]:
    def named(word: str) -> str:
        return say(f"explorer.column.{word}", lang)

    as_is, figures = st.column_config.TextColumn, st.column_config.NumberColumn
    columns: dict[str, Any] = {
        name: figures(named(name), format="%,d")
        for name in ("rank", "people", "places", "settlements")
    }
    columns |= {
        name: figures(named(name), format="¥%,.0f")
        for name in ("loss_low", "loss_mid", "loss_high")
    }
    columns |= {
        name: st.column_config.DateColumn(named(name), format="YYYY-MM-DD")
        for name in ("first_seen", "last_seen")
    }
    columns |= {
        name: as_is(named(name)) for name in ("kind", "q_value", "reason", "explanation", "ring_id")
    }
    return columns | {
        "probability": st.column_config.ProgressColumn(
            named("probability"), format="percent", min_value=0, max_value=1, width=130
        ),
        "stability": figures(named("stability"), format="%.2f"),
        "sentence": as_is(named("sentence"), width="large"),
    }


if __name__ == "__main__":
    show()
