"""Pieces that several pages are drawn from: parts as tabs, tables in which a row is chosen."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.explorer import session


def tabs(parts: Mapping[str, Callable[[], None]], *, key: str) -> None:
    """Draw parts by their names side by side; only the one that is open is worked out.

    ``key`` keeps which is open; a name of another language or role gives way to the first part.
    """
    names = list(parts)
    if st.session_state.get(key) not in names:
        st.session_state.pop(key, None)
    for tab, draw in zip(st.tabs(names, key=key, on_change="rerun"), parts.values(), strict=True):
        if tab.open:
            with tab:
                draw()


def opening(
    name: str, table: pd.DataFrame, *, ticks: bool = False, **how: Any
) -> tuple[int | None, list[int]]:
    """Draw a table in which choosing a cell opens its row; return that row, and those ticked.

    Rows are places in ``table``; ``how`` is as for :func:`row`. The browser keeps a choice under
    its key: with each opening the table becomes another widget, so that nothing is opened again on
    the way back.
    """
    opened = st.session_state.setdefault(f"{name}_opened", 0)
    mode = ["multi-row", "single-cell"] if ticks else "single-cell"
    chosen = _chosen(f"{name}_{opened}", table, mode=mode, **how)
    cell = next((int(row) for row, _ in chosen.cells if row < len(table)), None)
    if cell is not None:
        st.session_state[f"{name}_opened"] = opened + 1
    return cell, [int(row) for row in chosen.rows if row < len(table)]


def row(name: str, table: pd.DataFrame, **how: Any) -> int | None:
    """Draw a table of which one row may be ticked; return its place, None while none is.

    ``how``: ``config`` of the columns and ``alt``, what the table shows; ``order`` of the columns
    if not all; ``most`` pixels from which on it scrolls.
    """
    rows = _chosen(name, table, mode="single-row", **how).rows
    return next((int(one) for one in rows if one < len(table)), None)


def _chosen(
    key: str,
    table: pd.DataFrame,
    *,
    mode: Any,
    config: Mapping[str, Any],
    alt: str,
    order: Sequence[str] | None = None,
    most: int = 680,
) -> Any:
    """Draw a table and return what is chosen in it."""
    return st.dataframe(
        table,
        column_order=order,
        column_config=dict(config),
        hide_index=True,
        height=session.table_height(len(table), most=most),
        placeholder="–",
        on_select="rerun",
        selection_mode=mode,
        key=key,
        alt=alt,
    ).selection
