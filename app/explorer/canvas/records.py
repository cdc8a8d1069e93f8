"""The settlements behind a line of the canvas, from the clean tables; people by pseudonym only."""

from functools import cache

import duckdb
import pandas as pd
import streamlit as st

from app.explorer.data import Source
from ingest.texts import Language, say

_ROWS = """
    SELECT s.setl_id, s.setl_time AS settled_at, p.person_id AS person,
           s.fixmedins_code AS place, s.device_id AS device, s.opter_id AS clerk,
           s.dr_code AS doctor, s.med_class, s.card_kind, s.net_sum::DOUBLE AS total,
           s.net_fund::DOUBLE AS fund
    FROM read_parquet($settlements) s LEFT JOIN read_parquet($persons) p USING (psn_no)
"""


@st.cache_data(show_spinner=False, max_entries=200)
def settlements(source: Source, setl_ids: tuple[str, ...]) -> pd.DataFrame:
    """Return these settlements, newest first; one that the tables do not know is left out."""
    return _ask(
        source,
        f"{_ROWS} WHERE s.setl_id IN (SELECT unnest($ids)) ORDER BY settled_at DESC, setl_id",
        ids=list(setl_ids),
    )


@st.cache_data(show_spinner=False, max_entries=200)
def together(source: Source, first: str, second: str, *, limit: int = 1_000) -> pd.DataFrame:
    """Return the settlements of two people on days when both were at the same place, newest first.

    Both are pseudonyms. Days are calendar days; how near in time the two were is for the reader.
    """
    return _ask(
        source,
        f"""
        WITH pair AS (
            SELECT * FROM ({_ROWS}) WHERE person IN ($first, $second)
        ), met AS (
            SELECT place, settled_at::DATE AS day FROM pair
            GROUP BY ALL HAVING count(DISTINCT person) = 2
        )
        SELECT pair.* FROM pair JOIN met
            ON met.place = pair.place AND met.day = pair.settled_at::DATE
        ORDER BY settled_at DESC, setl_id LIMIT {int(limit)}
        """,  # noqa: S608 - a constant of this file and a whole number
        first=first,
        second=second,
    )


@st.cache_data(show_spinner=False, max_entries=200)
def parties(source: Source, setl_id: str) -> tuple[str, ...]:
    """Return the nodes of one settlement: person, terminal, place, doctor; none if unknown."""
    found = _ask(
        source,
        f"""
        SELECT r.person, r.device, r.place, r.doctor, v.place_kind = 'pharmacy' AS shop
        FROM ({_ROWS} WHERE s.setl_id = $setl_id) r
        LEFT JOIN read_parquet($providers) v ON v.fixmedins_code = r.place
        """,  # noqa: S608 - a constant of this file
        setl_id=setl_id,
        providers=str(source.workspace.table("providers")),
    )
    if found.empty:
        return ()
    row = found.iloc[0]
    place = "Pharmacy" if row["shop"] is True or row["shop"] == 1 else "Institution"
    labels = {"Patient": "person", "Device": "device", place: "place", "Doctor": "doctor"}
    return tuple(f"{label}:{row[name]}" for label, name in labels.items() if not pd.isna(row[name]))


def unnamed(frame: pd.DataFrame, staff: frozenset[str], lang: Language) -> pd.DataFrame:
    """Return settlements in whose column ``clerk`` these staff of the agency are not told apart."""
    if not staff or "clerk" not in frame:
        return frame
    word = say("canvas.agency.name", lang)
    return frame.assign(clerk=[word if one in staff else one for one in frame["clerk"]])


def _ask(source: Source, query: str, **values: object) -> pd.DataFrame:
    tables = {name: str(source.workspace.table(name)) for name in ("settlements", "persons")}
    frame: pd.DataFrame = _engine().cursor().execute(query, {**tables, **values}).df()
    return frame


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """Open one engine for all visits; it may not fetch extensions."""
    return duckdb.connect(":memory:", config={"threads": 2, "autoinstall_known_extensions": False})
