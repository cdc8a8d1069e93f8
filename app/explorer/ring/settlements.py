"""The settlements of a ring as a table, and one of them down to its lines."""

from typing import Any

import pandas as pd
import streamlit as st

from app.explorer import data, ring_data, session
from app.explorer.canvas import services
from app.explorer.canvas.records import unnamed
from app.explorer.ring.common import config
from app.explorer.ring_data import Window
from app.explorer.words import name_of, plain
from ingest.texts import Language, catalogue, say

PAGE = 50
ORDER = (
    "settled_at", "person", "place", "device", "clerk", "doctor", "med_class", "card_kind",
    "total", "fund", "why", "setl_id",
)  # fmt: skip
WHO = ("clerk", "registered_by", "reviewed_by")
"""Columns of a record that may name staff of the agency."""
MONEY = ("net_sum", "net_fund", "acct_pay", "acct_mulaid_pay", "psn_cash_pay")


def table(
    run: data.Source,
    ring_id: str,
    window: Window | None,
    every: pd.DataFrame,
    lang: Language,
    *,
    key: str = "",
) -> None:
    """Draw a page of the settlements of the period; a row that is chosen opens its record.

    Without a period the pages come from the tables, so that none is missing; with one, from
    ``every``, the rows that the pictures are drawn from.
    """
    others = st.toggle(say("explorer.settlements.others", lang), key=f"{key}others")
    at = f"{key}settlement_page"
    page = int(st.session_state.get(at, 1))
    frame, total = _page(run, ring_id, window, every, others=others, page=page)
    if frame.empty and page > 1:
        page = 1
        frame, total = _page(run, ring_id, window, every, others=others, page=page)
    if frame.empty:
        st.write(say("explorer.settlements.none", lang))
        return
    st.caption(say("explorer.settlements.hint", lang, total=f"{total:,}"))
    at_row = _rows(
        run, frame, lang, height=session.table_height(len(frame)) if not key else 420,
        key=f"{key}settlements_{ring_id}_{page}_{others}_{_named(window)}",
    )  # fmt: skip
    pages = -(-total // PAGE)
    if pages > 1:
        st.pagination(pages, key=at)
    _chosen(run, frame, at_row, lang)


def few(run: data.Source, frame: pd.DataFrame, lang: Language, *, key: str) -> None:
    """Draw settlements that somebody chose, by time, at once; a row opens its record."""
    rows = frame.sort_values(["settled_at", "setl_id"], kind="stable").reset_index(drop=True)
    at_row = _rows(run, rows, lang, height=session.table_height(len(rows), most=420), key=key)
    _chosen(run, rows, at_row, lang)


def _rows(
    run: data.Source, frame: pd.DataFrame, lang: Language, *, height: Any, key: str
) -> int | None:
    """Draw settlements in words, and return the number of the row that was chosen."""
    shown = unnamed(frame, services.unnamed_staff(run.root), lang).assign(
        why=[
            say("explorer.raster.alone", lang) if pd.isna(why) else name_of("why", why, lang)
            for why in frame["why"]
        ],
        med_class=[name_of("med_class", one, lang) for one in frame["med_class"]],
        card_kind=[name_of("card_kind", one, lang) for one in frame["card_kind"]],
    )
    event = st.dataframe(
        shown,
        column_order=ORDER,
        column_config={
            **config(
                lang, "person", "place", "device", "clerk", "doctor", "med_class", "card_kind",
                "why", "setl_id", numbers={"total": "¥%,.2f", "fund": "¥%,.2f"},
            ),
            "settled_at": st.column_config.DatetimeColumn(
                say("explorer.column.settled_at", lang), format="YYYY-MM-DD HH:mm:ss"
            ),
        },
        hide_index=True,
        height=height,
        placeholder="–",
        alt=say("explorer.tab.settlements", lang),
        on_select="rerun",
        selection_mode="single-row",
        key=key,
    )  # fmt: skip
    return next((int(row) for row in event.selection.rows if row < len(frame)), None)


def _chosen(run: data.Source, frame: pd.DataFrame, row: int | None, lang: Language) -> None:
    if row is None:
        st.caption(say("ring_page.record.hint", lang))
    else:
        record(run, str(frame["setl_id"].iloc[row]), lang)


def record(run: data.Source, setl_id: str, lang: Language) -> None:
    """Draw one settlement with every column that may be shown, and its lines."""
    found = ring_data.record(run, setl_id)
    if found is not None:
        staff, word = services.unnamed_staff(run.root), say("canvas.agency.name", lang)
        found = {
            name: word if name in WHO and value in staff else value for name, value in found.items()
        }
    with st.container(border=True):
        st.markdown(f"##### {plain(say('ring_page.record.title', lang, setl_id=setl_id))}")
        if found is None:
            st.write(plain(say("ring_page.record.unknown", lang, setl_id=setl_id)))
            return
        told = [(_column(name, lang), _value(name, value, lang)) for name, value in found.items()]
        third = -(-len(told) // 3)
        for column, start in zip(st.columns(3), range(0, 3 * third, third), strict=True):
            column.markdown(
                "  \n".join(
                    f":gray[{plain(name)}] {plain(value)}"
                    for name, value in told[start : start + third]
                )
            )
        _lines(ring_data.lines(run, setl_id), lang)


def _lines(lines: pd.DataFrame | None, lang: Language) -> None:
    if lines is None:
        st.caption(say("ring_page.record.no_table", lang))
        return
    if lines.empty:
        st.caption(say("ring_page.record.no_lines", lang))
        return
    names = {name: say(f"ring_page.line.{name}", lang) for name in lines.columns}
    st.dataframe(
        lines,
        hide_index=True,
        placeholder="–",
        height=session.table_height(len(lines)),
        alt=say("ring_page.record.lines", lang),
        column_config={
            **{
                name: st.column_config.TextColumn(names[name]) for name in ("line", "drug", "trace")
            },
            "number": st.column_config.NumberColumn(names["number"], format="%.4g"),
            **{
                name: st.column_config.NumberColumn(names[name], format="¥%,.2f")
                for name in ("price", "amount")
            },
        },
    )


def _page(
    run: data.Source,
    ring_id: str,
    window: Window | None,
    every: pd.DataFrame,
    *,
    others: bool,
    page: int,
) -> tuple[pd.DataFrame, int]:
    if window is None:
        return data.settlements(run, ring_id, others=others, page=page, size=PAGE)
    rows = ring_data.within(every, window)
    rows = rows if others else ring_data.counted(rows)
    rows = rows.sort_values(["settled_at", "setl_id"], kind="stable")
    return rows.iloc[(page - 1) * PAGE : page * PAGE], len(rows)


def _named(window: Window | None) -> str:
    return f"{window.since:%y%m%d%H}_{window.until:%y%m%d%H}" if window else ""


def _column(name: str, lang: Language) -> str:
    own = f"ring_page.record.column.{name}"
    return say(own if own in catalogue() else f"explorer.column.{name}", lang)


def _value(name: str, value: Any, lang: Language) -> str:
    if name in MONEY:
        return f"¥{float(value):,.2f}"
    if name in ("refunded", "is_refund"):
        return say(f"canvas.details.{'yes' if value else 'no'}", lang)
    if name in ("med_class", "card_kind"):
        return name_of(name, value, lang)
    if name == "settled_at":
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return str(value)
