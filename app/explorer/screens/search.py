"""Search first: from an identifier in hand to what it is, its rings, and the canvas."""

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from app.explorer import data, search_data, search_names, session
from app.explorer.canvas import services
from app.explorer.canvas.asking import AGENCY, key_shown
from app.explorer.canvas.neighbours import Facts, facts, parted
from app.explorer.canvas.opening import MOST, begin
from app.explorer.canvas.records import parties
from app.explorer.canvas.search import FOUND, SHORTEST, find
from app.explorer.ring.common import chance
from app.explorer.ring.settlements import record
from app.explorer.words import name_of, plain, small
from ingest.errors import RingfenceError
from ingest.texts import Language, say
from ringfence_canvas import TYPES

SETTLEMENT = "Settlement"
ORDER = ("Ring", *(label for label in TYPES if label != "Ring"))


def show() -> None:
    """Draw the search field and what was found."""
    lang = session.language()
    run = session.source()
    if run is None:
        return
    st.subheader(say("search.title", lang), anchor=False)
    field, button = st.columns([5, 1], vertical_alignment="bottom")
    text = field.text_input(
        say("canvas.search.label", lang),
        key="search_text",
        placeholder=say("canvas.search.hint", lang),
        max_chars=64,
        on_change=search_names.done,
    ).strip()
    button.button(say("search.button", lang), key="search_go", width="stretch")
    st.caption(say("search.names", lang))
    named = search_names.asked(run, lang)
    session.limits(run, lang)
    if named is not None:
        _named(run, named[0], named[1], lang)
    elif text:
        _found(run, text, lang)
    else:
        _start(run, lang)


def _found(run: data.Source, text: str, lang: Language) -> None:
    """Draw what has this identifier, or one that begins with it."""
    try:
        with st.spinner(say("canvas.page.loading", lang)):
            ask = services.graph(run.root)
            ids, more = find(ask, text)
            settlement = search_data.settlement(run, text)
            if settlement and not ids:
                ids = parties(run, text)
            known = facts(ask, ids)
    except RingfenceError as error:
        _failed(error, lang)
        return
    _results(run, text if settlement else None, text, ids, known, more, lang)


def _named(run: data.Source, case_id: str, ids: tuple[str, ...], lang: Language) -> None:
    """Draw who of a case has the name that was looked for, as pseudonyms."""
    told, back = st.columns([5, 1], vertical_alignment="center")
    told.markdown(f"##### {plain(say('search.name.found', lang, case=case_id, count=len(ids)))}")
    back.button(
        say("search.name.forget", lang),
        key="search_name_forget",
        width="stretch",
        on_click=search_names.forget,
    )
    if not ids:
        st.info(say("search.name.none", lang))
        return
    try:
        known = facts(services.graph(run.root), ids)
    except RingfenceError as error:
        _failed(error, lang)
        return
    _results(run, None, "", ids, known, False, lang, case_id=case_id)


def _start(run: data.Source, lang: Language) -> None:
    st.write(say("search.empty", lang))
    rings, _ = session.rings(run)
    with st.container(horizontal=True):
        for one in search_data.examples(run, list(rings["ring_id"])):
            st.button(
                plain(one),
                key=f"search_example_{one}",
                on_click=lambda value=one: st.session_state.update(search_text=value),
            )


def _results(
    run: data.Source,
    settlement: str | None,
    text: str,
    ids: tuple[str, ...],
    known: dict[str, Facts],
    more: bool,
    lang: Language,
    *,
    case_id: str | None = None,
) -> None:
    allowed, _ = session.rings(run)
    visible = set(allowed["ring_id"])
    ids = tuple(
        one for one in ids
        if one in known and (parted(one)[0] != "Ring" or parted(one)[1] in visible)
    )  # fmt: skip
    if not ids and not settlement:
        short = len(text) < SHORTEST
        key = "search.short" if short else "search.none"
        st.info(plain(say(key, lang, text=text, least=SHORTEST)))
        return
    asked = (*ids, *([f"{SETTLEMENT}:{settlement}"] if settlement else []))
    rings = search_data.rings_of(run, asked)
    rings = rings[rings["ring_id"].isin(visible)]
    st.caption(
        say("search.found_more" if more else "search.found", lang, count=len(asked), most=FOUND)
    )
    if settlement:
        _settlement(run, settlement, rings, lang)
    chosen: list[str] = []
    for label in ORDER:
        of_type = [one for one in ids if parted(one)[0] == label and one in known]
        if of_type:
            chosen += _group(label, of_type, known, rings, lang)
    _open(run, chosen or list(ids), chosen=bool(chosen), case_id=case_id, lang=lang)
    _rings(allowed, rings, lang)
    people = tuple(parted(one)[1] for one in ids if parted(one)[0] == "Patient")
    if people:
        _not_raised(run, people, lang)


def _group(
    label: str, ids: list[str], known: dict[str, Facts], rings: pd.DataFrame, lang: Language
) -> list[str]:
    """Draw the nodes of one type; returns those that were ticked."""
    name = say(f"canvas.type.{label}", lang)
    st.markdown(f"##### {plain(say('search.group', lang, type=name, count=len(ids)))}")
    visible = frozenset(rings["ring_id"])
    table = pd.DataFrame([_row(one, known[one], rings, visible, lang) for one in ids])
    if AGENCY in ids:
        st.caption(say("canvas.agency.text", lang))
    event = st.dataframe(
        table,
        key=f"search_{label}_{hash(tuple(ids))}",
        hide_index=True,
        height=session.table_height(len(table)) if len(table) <= 8 else 320,
        placeholder="–",
        alt=name,
        on_select="rerun",
        selection_mode="multi-row",
        column_config={
            **{
                one: st.column_config.TextColumn(say(f"search.column.{one}", lang))
                for one in ("identifier", "rings", "what")
            },
            "risk": st.column_config.ProgressColumn(
                say("canvas.details.risk", lang), format="%.2f", min_value=0, max_value=1,
                help=say("canvas.details.risk_help", lang),
            ),
        },
    )  # fmt: skip
    return [ids[n] for n in event.selection.rows if n < len(ids)]


def _row(
    one: str, told: Facts, rings: pd.DataFrame, visible: frozenset[str], lang: Language
) -> dict[str, Any]:
    """Return a row; what is not to be seen has no part in its closeness either."""
    mine = rings[rings["id"] == one]
    inside = [
        f"{row['ring_id']} ({name_of('role', row['role'], lang)})"
        if isinstance(row["role"], str)
        else str(row["ring_id"])
        for row in mine.to_dict("records")
    ]
    known = [
        name_of("kind" if told.label == "Ring" else "canvas.value", told.properties[name], lang)
        for name in ("kind", "role")
        if name in told.properties
    ]
    return {
        "identifier": key_shown(one, lang),
        "what": ", ".join(known) or None,
        "rings": ", ".join(inside) or None,
        "risk": replace(told, rings=tuple(ring for ring in told.rings if ring[0] in visible)).risk,
    }


def _settlement(run: data.Source, setl_id: str, rings: pd.DataFrame, lang: Language) -> None:
    st.markdown(f"##### {say('search.settlement', lang)}")
    record(run, setl_id, lang)
    mine = sorted(rings[rings["id"] == f"{SETTLEMENT}:{setl_id}"]["ring_id"])
    told = ", ".join(mine) or say("search.no_ring", lang)
    st.caption(plain(say("search.settlement_rings", lang, rings=told)))


def _open(
    run: data.Source, ids: list[str], *, chosen: bool, case_id: str | None, lang: Language
) -> None:
    count = min(len(ids), MOST)
    key = "search.open_chosen" if chosen else "search.open_all"
    if ids and st.button(
        say(key, lang, count=count), key="search_open", icon=":material/hub:",
        help=say("search.open_help", lang, most=MOST),
    ):  # fmt: skip
        try:
            begin(run, ids, case_id=case_id)
        except RingfenceError as error:
            _failed(error, lang)
            return
        st.switch_page("screens/explore.py", query_params={"lang": lang})


def _rings(allowed: pd.DataFrame, rings: pd.DataFrame, lang: Language) -> None:
    st.markdown(f"##### {say('search.rings', lang)}")
    counts = rings.groupby("ring_id")["id"].nunique()
    mine = allowed[allowed["ring_id"].isin(counts.index)]
    if mine.empty:
        st.write(say("search.no_ring", lang))
        return
    for row in mine.to_dict("records"):
        told = say(
            "search.ring",
            lang,
            ring=row["ring_id"],
            kind=name_of("kind", row["kind"], lang),
            probability=chance(row["probability"]),
            count=int(counts[row["ring_id"]]),
        )
        st.page_link(
            "screens/ring.py",
            label=plain(told),
            icon=":material/arrow_forward:",
            query_params={"lang": lang, "ring": str(row["ring_id"])},
        )


def _not_raised(run: data.Source, people: tuple[str, ...], lang: Language) -> None:
    st.markdown(f"##### {say('search.not_raised', lang)}")
    found = search_data.not_raised_with(run, people)
    found = found[found["ring_id"].isin(set(session.groups(run)["ring_id"]))]
    if found.empty:
        st.write(say("search.not_raised_none", lang))
        return
    st.caption(say("search.not_raised_hint", lang))
    table = found.assign(
        kind=[name_of("kind", one, lang) for one in found["kind"]],
        reason=[name_of("reason", one, lang) for one in found["reason"]],
        explanation=[name_of("honest.name", one, lang) for one in found["explanation"]],
        sentence=found[f"sentence_{lang}"],
        q_value=[small(one) for one in found["q_value"]],
    )
    names = ("person", "ring_id", "kind", "reason", "explanation", "sentence", "q_value")
    st.dataframe(
        table,
        column_order=names,
        hide_index=True,
        placeholder="–",
        height=session.table_height(len(table)),
        alt=say("search.not_raised", lang),
        column_config={
            one: st.column_config.TextColumn(say(f"explorer.column.{one}", lang)) for one in names
        },
    )


def _failed(error: RingfenceError, lang: Language) -> None:
    st.subheader(say("search.failed", lang), anchor=False)
    st.write(plain(say("canvas.page.failed_text", lang, reason=error.told(lang))))
    st.code("ringfence load", language=None)
    if st.button(say("canvas.page.retry", lang), key="search_retry"):
        services.forget()
        st.rerun()


if __name__ == "__main__":
    show()
