"""What the page of a ring reads beside the ring itself: a period of it, places, records, peers.

A period is chosen on rows that were read once (:func:`app.explorer.data.raster`), so that a brush
asks no file anything. People leave this module as pseudonyms only, as in :mod:`app.explorer.data`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import streamlit as st

from app.explorer.data import RASTER_LIMIT, Source

COLUMNS_OF_A_RECORD = (
    "setl_id", "settled_at", "person", "card_kind", "card_id", "place", "device", "clerk", "doctor",
    "med_class", "net_sum", "net_fund", "acct_pay", "acct_mulaid_pay", "psn_cash_pay",
    "refunded", "is_refund", "init_setl_id", "visit_id", "invoice", "registered_by", "reviewed_by",
    "account", "agent",
)  # fmt: skip
TOGETHER_SECONDS = 1_800
"""Two members of a group at one place within so many seconds are drawn as together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A period that was brushed: whole months or less, both ends belong to it."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The motif that shows a ring again: its name, its parameters, and what must come back."""

    motif: str
    parameters: Mapping[str, Any]
    settlements: frozenset[str]


def within(rows: pd.DataFrame, window: Window | None) -> pd.DataFrame:
    """Return the settlements of the period, in their order; all of them without one."""
    if window is None or rows.empty:
        return rows
    at = rows["settled_at"]
    return rows[(at >= window.since) & (at <= window.until)]


def counted(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the settlements that the ring rests on."""
    return rows[rows["why"].notna()]


def monthly(rows: pd.DataFrame) -> pd.DataFrame:
    """Return money and settlements of the ring by month: month (its first day), fund, settlements.

    Months without any are there with nought, so that a gap is seen as one.
    """
    own = counted(rows).dropna(subset=["settled_at"])
    if own.empty:
        return pd.DataFrame({"month": [], "fund": [], "settlements": []})
    months = own["settled_at"].dt.to_period("M")
    table = own.groupby(months).agg(fund=("fund", "sum"), settlements=("setl_id", "nunique"))
    table = table.reindex(pd.period_range(months.min(), months.max(), freq="M"), fill_value=0)
    return table.rename_axis("month").reset_index().assign(month=lambda t: t["month"].dt.start_time)


def ties_within(ties: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the ties that these settlements of the ring make, with their own counts.

    ``ties`` are those of the whole ring: they say what type a party is and who belongs to it.
    Validated pairs are of the whole period; they stay where both people are in ``rows``.
    """
    own = counted(rows).assign(spot=lambda t: t["device"].fillna(t["place"]))
    of_kind = {
        "swiped_at": ("person", "spot"),
        "installed_at": ("device", "place"),
        "prescribed_for": ("person", "doctor"),
        "rang_up": ("person", "clerk"),
    }
    parts = [
        own[[left, right, "setl_id"]].set_axis(["left", "right", "one"], axis="columns")
        .dropna().assign(tie=tie)
        for tie, (left, right) in of_kind.items()
    ]  # fmt: skip
    times = pd.concat(parts).groupby(["tie", "left", "right"])["one"].nunique().rename("times")
    found = ties.drop(columns="times").merge(times.reset_index(), on=["tie", "left", "right"])
    here = set(own["person"].dropna())
    pairs = ties[(ties["tie"] == "swiped_with") & ties["left"].isin(here)]
    pairs = pairs[pairs["right"].isin(here)]
    whole = pd.concat([found, pairs])[list(ties.columns)]
    return whole.sort_values(["tie", "left", "right"], kind="stable").reset_index(drop=True)


@st.cache_data(show_spinner=False, max_entries=200)
def places(source: Source, codes: tuple[str, ...]) -> pd.DataFrame:
    """Return where these places lie: place, kind, lnt, lat; those without coordinates are NULL."""
    columns = ", ".join(f"{_number(source, 'providers', one)} AS {one}" for one in ("lnt", "lat"))
    return _ask(
        f"SELECT fixmedins_code AS place, place_kind AS kind, {columns} FROM"  # noqa: S608 - ours
        " read_parquet($providers) WHERE fixmedins_code IN (SELECT unnest($codes)) ORDER BY 1",
        providers=_table(source, "providers"),
        codes=list(codes),
    )


@st.cache_data(show_spinner=False, max_entries=500)
def record(source: Source, setl_id: str) -> dict[str, Any] | None:
    """Return what the clean tables say of one settlement, by column; None if there is no such.

    Certificate, name, address and diagnosis are not among it. A settlement by hand also has who
    registered and who reviewed it, the account and the agent, as pseudonyms.
    """
    manual = _table(source, "manual_claims")
    by_hand = (
        "LEFT JOIN (SELECT setl_id, crter_id AS registered_by, rchker_id AS reviewed_by,"
        " bankacct AS account, agnter_certno AS agent, invono AS invoice"
        " FROM read_parquet($manual)) m USING (setl_id)"
        if Path(manual).exists()
        else ""
    )
    values = {"manual": manual} if by_hand else {}
    found = _ask(
        f"""
        SELECT s.* EXCLUDE (psn_no), p.person_id AS person, s.setl_time AS settled_at,
               s.fixmedins_code AS place, s.device_id AS device, s.opter_id AS clerk,
               s.dr_code AS doctor {", m.* EXCLUDE (setl_id)" if by_hand else ""}
        FROM read_parquet($settlements) s LEFT JOIN read_parquet($persons) p USING (psn_no)
        {by_hand} WHERE s.setl_id = $setl_id
        """,  # noqa: S608 - constants of this file
        settlements=_table(source, "settlements"),
        persons=_table(source, "persons"),
        setl_id=setl_id,
        **values,
    )
    if found.empty:
        return None
    row = found.iloc[0]
    return {
        name: row[name]
        for name in COLUMNS_OF_A_RECORD
        if name in found.columns and not pd.isna(row[name])
    }


@st.cache_data(show_spinner=False, max_entries=500)
def lines(source: Source, setl_id: str) -> pd.DataFrame | None:
    """Return the lines of a settlement: drug, count, price, amount, trace code, in their order.

    None where the table of lines was not delivered.
    """
    path = _table(source, "fee_list")
    if not Path(path).exists():
        return None
    return _ask(
        "SELECT feedetl_sn AS line, med_list_codg AS drug, cnt AS number, pric::DOUBLE AS price,"
        " det_item_fee_sumamt::DOUBLE AS amount, drug_trac_codg AS trace"
        " FROM read_parquet($lines) WHERE setl_id = $setl_id"
        " ORDER BY try_cast(feedetl_sn AS BIGINT), feedetl_sn",
        lines=path,
        setl_id=setl_id,
    )


@st.cache_data(show_spinner=False, max_entries=200)
def question(source: Source, ring_id: str) -> Question | None:
    """Return the motif that shows a ring again; None where the run names none."""
    path = _part(source, "ring_motifs")
    if not Path(path).exists():
        return None
    found = _ask(
        "SELECT motif, parameters, settlements FROM read_parquet($path) WHERE ring_id = $ring",
        path=path,
        ring=ring_id,
    )
    if found.empty:
        return None
    row = found.iloc[0]
    return Question(
        motif=str(row["motif"]),
        parameters=json.loads(row["parameters"]),
        settlements=frozenset(map(str, row["settlements"])),
    )


@st.cache_data(show_spinner=False, max_entries=4)
def shown_by(source: Source) -> dict[str, str]:
    """Return the motif that shows each ring again; empty where the run names none."""
    path = _part(source, "ring_motifs")
    if not Path(path).exists():
        return {}
    found = _ask("SELECT ring_id, motif FROM read_parquet($path)", path=path)
    return dict(zip(found["ring_id"], found["motif"], strict=True))


@st.cache_data(show_spinner=False, max_entries=200)
def measured(source: Source, ids: tuple[str, ...]) -> pd.DataFrame:
    """Return what was measured of these rings and groups: a row for each measure, a column each.

    Measures that none of them has are left out. Empty where the run kept no measures.
    """
    path = _part(source, "scores")
    if not Path(path).exists():
        return pd.DataFrame(index=pd.Index([], name="measure"), columns=list(ids))
    found = _ask(
        "SELECT * EXCLUDE (kind, probability, q_value, family, given, raised)"
        " FROM read_parquet($path) WHERE ring_id IN (SELECT unnest($ids))",
        path=path,
        ids=list(ids),
    )
    table = found.set_index("ring_id").T.rename_axis("measure")
    return table.reindex(columns=list(ids)).dropna(how="all")


@st.cache_data(show_spinner=False, max_entries=200)
def nearest_honest(source: Source, ring_id: str) -> str | None:
    """Return the group with an honest explanation that is most like a ring; None without any.

    Like: of the ring's own kind where there is one, then by the mean distance of the measures both
    have, each divided by its spread over the run; shares explained by honest life do not count, or
    the nearest honest group would be the least honest one. Ties go to the lower number.
    """
    groups = _ask(
        "SELECT ring_id, kind FROM read_parquet($groups) WHERE reason = 'honest' ORDER BY ring_id",
        groups=_part(source, "not_raised"),
    )
    kinds = _ask(
        "SELECT kind FROM read_parquet($rings) WHERE ring_id = $ring",
        rings=_part(source, "rings"),
        ring=ring_id,
    )
    if groups.empty or kinds.empty:
        return None
    alike = groups[groups["kind"] == kinds["kind"].iloc[0]]
    ids = tuple((alike if len(alike) else groups)["ring_id"])
    table = measured(source, (ring_id, *ids))
    table = table[~table.index.str.startswith("honest_")].astype(float)
    if table.empty:
        return str(ids[0])
    spread = table.std(axis="columns").replace(0.0, 1.0).fillna(1.0)
    apart = table[list(ids)].sub(table[ring_id], axis="index").abs().div(spread, axis="index")
    mean = apart.mean()
    return str(ids[0]) if mean.isna().all() else str(mean.idxmin())


@st.cache_data(show_spinner=False, max_entries=100)
def group_rows(source: Source, group_id: str) -> pd.DataFrame:
    """Return the live settlements of a group's people, in the columns that a raster is drawn from.

    ``why`` is ``joint_session`` where another of them was at the same place within
    ``TOGETHER_SECONDS``, else missing: a run keeps no settlements of a group it did not raise.
    """
    return _ask(
        f"""
        WITH people AS (
            SELECT unnest(members) AS psn_no FROM read_parquet($groups) WHERE ring_id = $group
        ), rows AS (
            SELECT s.setl_id, s.setl_time AS settled_at, p.person_id AS person, s.card_id,
                   s.card_kind, s.fixmedins_code AS place, s.device_id AS device,
                   s.net_fund::DOUBLE AS fund
            FROM read_parquet($settlements) s SEMI JOIN people USING (psn_no)
            LEFT JOIN read_parquet($persons) p USING (psn_no) WHERE s.live
        )
        SELECT rows.*, CASE WHEN EXISTS (
            SELECT 1 FROM rows o WHERE o.place = rows.place AND o.person <> rows.person
            AND abs(epoch(o.settled_at) - epoch(rows.settled_at)) <= {TOGETHER_SECONDS}
        ) THEN 'joint_session' END AS why
        FROM rows ORDER BY settled_at, setl_id LIMIT {RASTER_LIMIT}
        """,  # noqa: S608 - constants
        groups=_part(source, "not_raised"),
        settlements=_table(source, "settlements"),
        persons=_table(source, "persons"),
        group=group_id,
    )


def _number(source: Source, table: str, column: str) -> str:
    """Return a column as a number, or NULL where the extract had none."""
    described = _ask("DESCRIBE SELECT * FROM read_parquet($path)", path=_table(source, table))
    held = column in set(described["column_name"])
    return f"try_cast({column} AS DOUBLE)" if held else "NULL::DOUBLE"


def _part(source: Source, name: str) -> str:
    return str(source.workspace.runs / source.run / f"{name}.parquet")


def _table(source: Source, name: str) -> str:
    return str(source.workspace.table(name))


def _ask(query: str, **parameters: Any) -> pd.DataFrame:
    frame: pd.DataFrame = _engine().cursor().execute(query, parameters).df()
    return frame


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """Open one engine for all visits; it may not fetch extensions."""
    return duckdb.connect(":memory:", config={"threads": 2, "autoinstall_known_extensions": False})
