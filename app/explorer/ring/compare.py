"""A ring beside another one, or beside the honest group that is most like it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from app.explorer import data, ring_data, session
from app.explorer.charts import raster as drawn_raster
from app.explorer.charts.picture import put
from app.explorer.ring.common import chance
from app.explorer.words import count, day, money, name_of, plain, share, small, span
from casework.reports.words import HONEST, measure_name
from ingest.texts import Language, say

FACTS = (
    "kind", "probability", "q_value", "people", "places", "settlements", "days", "loss_mid",
    "stability", "first_seen", "last_seen",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two: its facts, its settlements for the raster, and why it was not raised."""

    id: str
    facts: dict[str, Any]
    rows: pd.DataFrame
    not_raised: bool


def compare(run: data.Source, ring: data.Ring, lang: Language) -> None:
    """Let another ring or honest group be chosen, and draw both side by side."""
    ring_id = str(ring.facts["ring_id"])
    nearest = ring_data.nearest_honest(run, ring_id)
    if nearest not in set(session.groups(run)["ring_id"]):
        nearest = None
    rings, _ = session.rings(run)
    others = [one for one in rings["ring_id"] if one != ring_id]
    options = [*([nearest] if nearest else []), *others]
    st.markdown(f"##### {say('ring_page.compare.title', lang)}")
    if not options:
        st.write(say("ring_page.compare.none", lang))
        return
    if nearest is None:
        st.caption(say("ring_page.compare.no_honest", lang))
    named = _named(rings, nearest, lang)
    chosen = st.selectbox(
        say("ring_page.compare.with", lang),
        options,
        format_func=named.__getitem__,
        key=f"compare_{ring_id}",
    )
    mine = Side(id=ring_id, facts=ring.facts, rows=data.raster(run, ring_id)[0], not_raised=False)
    other = _side(run, str(chosen), rings)
    if other is None:
        st.write(say("explorer.ring.unknown", lang))
        return
    if other.not_raised:
        st.info(plain(_reason(other.facts, lang)))
    _facts(mine, other, lang)
    _measures(run, mine, other, lang)
    _rasters(mine, other, lang)


def facts(one: Side, lang: Language) -> dict[str, str]:
    """Return the facts of a side as they are read."""
    told = one.facts
    days = span(told["first_seen"], told["last_seen"])
    return {
        "kind": name_of("kind", told["kind"], lang),
        "probability": chance(told["probability"]),
        "q_value": small(told["q_value"]),
        **{name: count(told[name]) for name in ("people", "places", "settlements")},
        "days": f"{days:,}",
        "loss_mid": money(told["loss_mid"], lang),
        "stability": "–" if pd.isna(told["stability"]) else f"{told['stability']:.2f}",
        "first_seen": day(told["first_seen"]),
        "last_seen": day(told["last_seen"]),
    }


def _named(rings: pd.DataFrame, nearest: str | None, lang: Language) -> dict[str, str]:
    named = {
        str(row["ring_id"]): say(
            "ring_page.compare.ring",
            lang,
            ring=row["ring_id"],
            kind=name_of("kind", row["kind"], lang),
            probability=chance(row["probability"]),
        )
        for row in rings.to_dict("records")
    }
    if nearest:
        named[nearest] = say("ring_page.compare.nearest", lang, group=nearest)
    return named


def _side(run: data.Source, chosen: str, rings: pd.DataFrame) -> Side | None:
    if chosen in set(rings["ring_id"]):
        told = rings[rings["ring_id"] == chosen].to_dict("records")[0]
        rows = data.raster(run, chosen)[0]
        return Side(
            id=chosen, facts={str(k): v for k, v in told.items()}, rows=rows, not_raised=False
        )
    found = data.group(run, chosen)
    if found is None:
        return None
    return Side(id=chosen, facts=found[0], rows=ring_data.group_rows(run, chosen), not_raised=True)


def _reason(told: dict[str, Any], lang: Language) -> str:
    explanation = told.get("explanation")
    return say(
        "ring_page.compare.reason",
        lang,
        reason=name_of("reason", told["reason"], lang),
        explanation=name_of("honest.name", explanation, lang),
        sentence=told[f"sentence_{lang}"] or "–",
    )


def _facts(mine: Side, other: Side, lang: Language) -> None:
    left, right = facts(mine, lang), facts(other, lang)
    shared = set(mine.rows["person"].dropna()) & set(other.rows["person"].dropna())
    table = pd.DataFrame(
        [
            {
                "what": say(
                    "ring_page.compare.days" if name == "days" else f"explorer.column.{name}", lang
                ),
                "mine": left[name],
                "other": right[name],
            }
            for name in FACTS
        ]
        + [
            {
                "what": say("ring_page.compare.shared", lang),
                "mine": f"{len(shared):,}",
                "other": f"{len(shared):,}",
            }
        ]
    )
    _table(table, mine, other, "ring_page.compare.facts", lang)


def _measures(run: data.Source, mine: Side, other: Side, lang: Language) -> None:
    table = ring_data.measured(run, (mine.id, other.id))
    st.markdown(f"##### {say('ring_page.compare.measures', lang)}")
    if table.empty:
        st.write(say("ring_page.compare.no_measures", lang))
        return
    honest = table.index.str.startswith(HONEST)
    rows = [
        {
            "what": measure_name(name, lang),
            **{
                side: share(value) if is_honest else _figure(value)
                for side, value in (("mine", values.iloc[0]), ("other", values.iloc[1]))
            },
        }
        for (name, values), is_honest in zip(table.iterrows(), honest, strict=True)
    ]
    plain_, explained = (
        pd.DataFrame([row for row, one in zip(rows, honest, strict=True) if one == wanted])
        for wanted in (False, True)
    )
    left, right = st.columns(2, gap="medium")
    for column, part, title in (
        (left, plain_, "ring_page.compare.measured"),
        (right, explained, "ring_page.compare.explained"),
    ):
        with column:
            st.caption(say(title, lang))
            if part.empty:
                st.write("–")
            else:
                _table(part, mine, other, title, lang)


def _rasters(mine: Side, other: Side, lang: Language) -> None:
    st.markdown(f"##### {say('ring_page.compare.rasters', lang)}")
    st.caption(say("ring_page.compare.rasters_hint", lang))
    ends = _ends(mine.rows, other.rows)
    for column, side, key in zip(
        st.columns(2, gap="medium"), (mine, other), ("mine", "other"), strict=True
    ):
        with column:
            st.markdown(f"**{plain(side.id)}**")
            if side.rows.empty:
                st.write(say("explorer.raster.none", lang))
                continue
            frame = drawn_raster.lines(side.rows, lang)
            put(
                drawn_raster.raster(
                    frame, lang, by_hour=False, span=ends, legend=False,
                    by_stack=bool(frame["stack"].notna().any()),
                ),
                alt=f"{say('explorer.tab.time', lang)} {side.id}",
                key=f"compare_{key}",
            )  # fmt: skip


def _ends(*frames: pd.DataFrame) -> tuple[datetime, datetime] | None:
    times = pd.concat([frame["settled_at"] for frame in frames if len(frame)] or [pd.Series()])
    times = times.dropna()
    if times.empty:
        return None
    return times.min().to_pydatetime(), (times.max() + pd.Timedelta(days=1)).to_pydatetime()


def _table(table: pd.DataFrame, mine: Side, other: Side, alt: str, lang: Language) -> None:
    st.dataframe(
        table,
        hide_index=True,
        placeholder="–",
        height=session.table_height(len(table)) if len(table) <= 18 else 460,
        alt=say(alt, lang),
        column_config={
            "what": st.column_config.TextColumn(say("ring_page.compare.what", lang)),
            "mine": st.column_config.TextColumn(mine.id),
            "other": st.column_config.TextColumn(other.id),
        },
    )


def _figure(value: Any) -> str:
    return "–" if pd.isna(value) else f"{float(value):.3g}"
