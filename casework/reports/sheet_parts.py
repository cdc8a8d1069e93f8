"""What is checked on site at each place of a ring, with what the data fill in beforehand.

Days and visits to look at are drawn, not chosen: the seed is the ring and the place, both printed,
so that anyone can draw again (:func:`casework.draws.drawn_from`) and nobody picked them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from casework.draws import drawn_from
from casework.reports.model import Block, Column, Grid, Points, Text
from casework.reports.ring_data import RingData, Row
from casework.reports.rules import Item, items
from casework.reports.words import minute, number
from ingest.texts import Language, say
from ingest.workspace import Workspace

AGENCY = "agency"
PLACES, DAYS, VISITS, DRUGS, TIMES = 12, 5, 8, 12, 12
"""How many places have a sheet where no place is a member, and how many rows each list has."""

_SHOWS = frozenset({"joint_session", "rests_on"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One place to be checked; ``fills`` are the rows that stand in its lists, by name."""

    place: str
    name: str
    kind: str
    seed: str
    items: tuple[Item, ...]
    fills: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)


def checks(workspace: Workspace, ring: RingData, *, insider: bool = False) -> tuple[Check, ...]:
    """Return what is checked at the places of a ring, and at the agency where its staff are in it.

    The places are those that are members, or else the busiest where the ring was seen.
    """
    members = [one for one in ring.places if one["member"]]
    kind = str(ring.facts["kind"])
    stock = _stock(workspace, ring)
    found = [
        _check(workspace, ring, place, kind, stock.get(place["place"], ()))
        for place in (members or list(ring.places)[:PLACES])
    ]
    if insider:
        seed = f"{ring.ring_id} {AGENCY}"
        own = items(workspace, {kind}, AGENCY)
        found.append(Check(place=AGENCY, name="", kind=AGENCY, seed=seed, items=own))
    return tuple(found)


def overview(found: Sequence[Check], lang: Language) -> tuple[Block, ...]:
    """Return the items by place in short, as the ring report lists them."""
    blocks: list[Block] = []
    for check in found:
        blocks.append(Text(text=title(check, lang)))
        blocks.append(Points(items=tuple(said(item, lang) for item in check.items), boxes=True))
    return tuple(blocks)


def title(check: Check, lang: Language) -> str:
    """Return the name of a place with its code."""
    if check.kind == AGENCY:
        return say("report.sheet.agency", lang)
    return say("report.sheet.place", lang, code=check.place, name=check.name)


def said(item: Item, lang: Language) -> str:
    """Return an item with the behaviour it is about."""
    return f"[{item.behaviour}] {item.said(lang)}"


def filled(check: Check, name: str, lang: Language) -> Grid | None:
    """Return one of the lists of a place, with empty columns to write in; None without rows."""
    rows = check.fills.get(name, ())
    if not rows:
        return None
    given, asked = COLUMNS[name]
    columns = [
        Column(name=say(f"report.column.{one}", lang), code=one in ("setl_id", "drug"), width=wide)
        for one, wide in given
    ]
    columns += [Column(name=say(f"report.column.{one}", lang), width=wide) for one, wide in asked]
    return Grid(
        columns=tuple(columns),
        rows=tuple((*row, *("",) * len(asked)) for row in rows),
        tall=True,
        source=SOURCES[name],
    )


COLUMNS: Mapping[str, tuple[tuple[tuple[str, float], ...], tuple[tuple[str, float], ...]]] = {
    "stock": (
        (("drug", 2.6), ("settled_quantity", 1.0)),
        (("bought", 1.1), ("sold", 1.1), ("in_stock", 1.1), ("remark", 1.4)),
    ),
    "days": (
        (("date", 1.2), ("settlements", 1.0)),
        (("local_system", 1.4), ("difference", 1.2), ("remark", 2.0)),
    ),
    "visits": (
        (("setl_id", 2.2), ("settled_at", 2.0)),
        (("record_seen", 1.3), ("record_fits", 1.3), ("remark", 1.8)),
    ),
    "times": (
        (("date", 1.1), ("from", 0.9), ("to", 0.9), ("settlements", 0.8), ("devices", 1.6)),
        (("footage_kept", 1.2), ("people_seen", 1.2)),
    ),
}
"""The lists of the sheet: columns that the data fill, and columns that the officers do."""


SOURCES: Mapping[str, str] = {
    "stock": "fee_list.med_list_codg, cnt",
    "days": "settlements.setl_time, setl_id",
    "visits": "settlements.setl_id, setl_time",
    "times": "settlements.setl_time, setl_id, device_id; ring_settlements.why",
}
"""The tables and columns that fill each list."""


def _check(
    workspace: Workspace, ring: RingData, place: Row, kind: str, stock: Sequence[tuple[str, ...]]
) -> Check:
    rows = [row for row in ring.settlements if row["place"] == place["place"]]
    seed = f"{ring.ring_id} {place['place']}"
    return Check(
        place=place["place"],
        name=place["name"] or "",
        kind=place["kind"] or "institution",
        seed=seed,
        items=items(workspace, {kind}, place["kind"] or "institution"),
        fills={
            "stock": tuple(stock),
            "days": _drawn_days(rows, seed),
            "visits": _drawn_visits(rows, seed),
            "times": _times(rows),
        },
    )


def _drawn_days(rows: Sequence[Row], seed: str) -> tuple[tuple[str, ...], ...]:
    pool: dict[str, int] = {}
    for row in rows:
        date = row["settled_at"].strftime("%Y-%m-%d")
        pool[date] = pool.get(date, 0) + 1
    drawn = drawn_from(dict.fromkeys(pool, 1), wanted=min(DAYS, len(pool)), seed=seed)
    return tuple((date, number(pool[date])) for date in sorted(drawn))


def _drawn_visits(rows: Sequence[Row], seed: str) -> tuple[tuple[str, ...], ...]:
    at = {row["setl_id"]: row["settled_at"] for row in rows}
    drawn = drawn_from(dict.fromkeys(at, 1), wanted=min(VISITS, len(at)), seed=seed)
    return tuple((one, minute(at[one])) for one in sorted(drawn, key=lambda one: (at[one], one)))


def _times(rows: Sequence[Row]) -> tuple[tuple[str, ...], ...]:
    """Return the days with most settlements that show the ring, from first to last swipe."""
    held: dict[str, list[Row]] = {}
    for row in rows:
        if row["why"] in _SHOWS:
            held.setdefault(row["settled_at"].strftime("%Y-%m-%d"), []).append(row)
    busiest = sorted(held, key=lambda date: (-len(held[date]), date))[:TIMES]
    return tuple(
        (
            date,
            min(row["settled_at"] for row in held[date]).strftime("%H:%M:%S"),
            max(row["settled_at"] for row in held[date]).strftime("%H:%M:%S"),
            number(len(held[date])),
            ", ".join(sorted({row["device"] or "–" for row in held[date]})).replace("proxy:", ""),
        )
        for date in sorted(busiest)
    )


def _stock(workspace: Workspace, ring: RingData) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return for each place the drugs most paid for in the ring's settlements, with quantities."""
    path = workspace.table("fee_list")
    if not path.exists():
        return {}
    place_of = {row["setl_id"]: row["place"] for row in ring.settlements}
    with duckdb.connect(":memory:", config={"autoinstall_known_extensions": False}) as engine:
        found: Any = engine.execute(
            """
            SELECT k.place, f.med_list_codg, sum(f.cnt) AS quantity
            FROM read_parquet($lines) f
            JOIN (SELECT unnest($keys) AS setl_id, unnest($places) AS place) k USING (setl_id)
            WHERE regexp_matches(f.med_list_codg, '^[XZ]')
            GROUP BY k.place, f.med_list_codg
            QUALIFY row_number() OVER (
                PARTITION BY k.place ORDER BY sum(f.det_item_fee_sumamt) DESC, f.med_list_codg
            ) <= $most
            ORDER BY k.place, sum(f.det_item_fee_sumamt) DESC, f.med_list_codg
            """,
            {
                "lines": str(path),
                "keys": list(place_of),
                "places": list(place_of.values()),
                "most": DRUGS,
            },
        ).fetchall()
    held: dict[str, tuple[tuple[str, ...], ...]] = {}
    for place, drug, quantity in found:
        held[place] = (*held.get(place, ()), (drug, number(quantity)))
    return held
