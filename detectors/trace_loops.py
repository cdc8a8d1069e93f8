"""Trace loops: boxes that are settled again at another place, by way of the same few people.

A trace code names one box of a drug, so two live settlements of one code at two places mean that
the box was sold, came back into trade and was billed again (domain.md B07, signature 5; cases
Ulanqab, Dezhou and Jiangxi 2024–2025, where provinces count exactly this). Split packs
(``trdn_flag``), returned lines, refunds and same-visit corrections are lawful and left out, and so
is a code settled more often than any case on record.

From first to later settlement each box is one step in a directed graph of places. Steps beyond
chance (:mod:`detectors.trace_loops_graph`) form parts; a part's members are the people whose
boxes, settled first, came back through it more often than chance: two or more beyond the rate of
error of their places, or a single one where it is most of what they bought there.

Needs settlements and fee_list with trace codes. Misses a place that bills its own boxes again,
sellers none of whose boxes came back, and whatever is sold outside the extract.

Null: codes are settled again by misreads and clones. As many as were seen are dealt to places by
volume, each place with its own proneness to errors (exponential between places); the same edges,
parts and statistic are run on these worlds (:mod:`detectors.chance`).
"""

import ibis
import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table
from numpy.typing import NDArray
from scipy import special

from detectors.candidates import Candidates, Context
from detectors.chance import group_p_values
from detectors.columns import clean, delivered, keep
from detectors.pairs import benjamini_hochberg
from detectors.settings import DetectSettings
from detectors.trace_loops_graph import (
    Edges,
    Floats,
    Ints,
    beyond,
    edges,
    joined,
    null_statistics,
    statistic,
    trades,
)
from detectors.trace_loops_signs import SIGNS, Loops, explained, held, others, signs
from detectors.visits import numbered

__all__ = ["SIGNS", "find"]

MOST_SETTLED = 10  # settlements of one code; the case with most has 8, more is an entry habit
LEAST_SELLERS = 2
SELLER_Q = 0.05  # false discoveries among the people of one part
SINGLE_P = 0.01  # a person of a single box
WORLD_BOXES = 2_000_000  # boxes dealt over all null worlds: bounds their time


def find(context: Context) -> Candidates:
    """Return the candidate groups."""
    backend, settings = context.backend, context.settings
    lines = delivered(backend, context.workspace, "fee_list")
    if lines is None:
        return _none()
    settlements = clean(backend, context.workspace, "settlements")
    sales = keep(backend, "trace_sales", _sales(lines, settlements))
    places = keep(backend, "trace_places", _volumes(sales))
    moves = keep(backend, "trace_moves", _moves(sales, places))
    rows = backend.to_pyarrow(moves.order_by(["code", "first_no", "later_no"]))
    if not rows.num_rows:
        return _none()
    boxes = backend.to_pyarrow(places.order_by("place_no"))["boxes"].to_numpy()
    found, part, where = _parts(rows, boxes / boxes.sum(), settings)
    if not len(part):
        return _none()
    null = _null(rows.num_rows, boxes / boxes.sum(), settings)
    loops = _loops(context, sales, moves, (found, part, where))
    return _candidates(backend, context, loops, found, part, boxes, null)


def _sales(lines: Table, settlements: Table) -> Table:
    """Return one row for each box in a live settlement, split packs and returns left out."""
    coded = lines.filter(lines.drug_trac_codg.notnull())
    back = (coded.sel_retn_flag.fill_null(0) == 1) | (coded.cnt.fill_null(1.0) < 0)
    sold = coded.group_by(code=coded.drug_trac_codg, setl_id=coded.setl_id).aggregate(
        drug=coded.med_list_codg.min(),
        split=(coded.trdn_flag.fill_null(0) == 1).any(),
        returned=back.any(),
    )
    sold = sold.filter(~sold.split & ~sold.returned).drop("split", "returned")
    live = settlements.filter(settlements.live).select(
        "setl_id",
        "psn_no",
        "day",
        "device_id",
        "opter_id",
        place="fixmedins_code",
        at=settlements.setl_time.epoch_seconds().cast("int64"),
    )
    return sold.join(live, "setl_id")


def _volumes(sales: Table) -> Table:
    """Return place, place_no (in the order of the key) and the boxes it settled."""
    boxes = sales.group_by("place").aggregate(boxes=sales.count())
    return boxes.join(numbered(boxes, "place", "place_no"), "place")


def _moves(sales: Table, places: Table) -> Table:
    """Return one row for each code and pair of places: first and next settlement elsewhere."""
    often = sales.group_by("code").aggregate(times=sales.count(), drugs=sales.drug.nunique())
    often = often.filter((often.times > 1) & (often.times <= MOST_SETTLED))
    s = sales.join(often, "code")
    row = ibis.window(group_by="code", order_by=["at", "setl_id"])
    columns = ("psn_no", "place", "setl_id", "at", "day", "drug")
    s = s.mutate(**{f"first_{name}": s[name].lag().over(row) for name in columns})
    s = s.filter(s.first_place.notnull() & (s.first_place != s.place))
    turn = ibis.row_number().over(
        ibis.window(group_by=["code", "first_place", "place"], order_by=["at", "setl_id"])
    )
    s = s.mutate(turn=turn)
    s = s.filter(s.turn == 0)
    first = places.select(first_place="place", first_no="place_no")
    s = s.join(first, "first_place").join(places.select("place", later_no="place_no"), "place")
    return s.drop("turn")


def _parts(
    rows: pa.Table, share: Floats, settings: DetectSettings
) -> tuple[Edges, Ints, tuple[Ints, Ints]]:
    """Return the edges beyond chance, the part of each, and the places of the parts."""
    first, later = (rows[name].to_numpy().astype(np.int64) for name in ("first_no", "later_no"))
    found = beyond(edges(first, later, share), settings.link_p)
    edge = _edge_of(found, first, later, len(share))
    inside = edge >= 0
    person, drug = (
        np.unique(rows[name].to_numpy(zero_copy_only=False), return_inverse=True)[1]
        for name in ("first_psn_no", "first_drug")
    )
    part = trades(found, edge[inside], person[inside], drug[inside])
    where = joined(found, part, (first, later, person), share, most_p=SINGLE_P)
    return found, part, where


def _edge_of(found: Edges, first: Ints, later: Ints, size: int) -> Ints:
    """Return the edge of each box, −1 for none."""
    if not len(found.first):
        return np.full(len(first), -1, np.int64)
    keys = found.first * size + found.later
    place = np.minimum(np.searchsorted(keys, first * size + later), len(keys) - 1)
    return np.where(keys[place] == first * size + later, place, -1)


def _null(boxes: int, share: Floats, settings: DetectSettings) -> list[Floats]:
    worlds = int(np.clip(WORLD_BOXES // max(boxes, 1), 20, 400))
    return null_statistics(
        boxes, share, link_p=settings.link_p, worlds=worlds, seed=settings.seed * 1_000
    )


def _loops(
    context: Context, sales: Table, moves: Table, parts: tuple[Edges, Ints, tuple[Ints, Ints]]
) -> Loops:
    """Lay out the parts as tables: every box between two of a part's places belongs to it.

    A step against the stream is too rare to be an edge, yet moves within the same trade. Where two
    parts hold both places, the part whose edge it lies on has it, else the earlier one.
    """
    backend = context.backend
    found, part, (gid, place) = parts
    where = backend.create_table(
        "trace_where", pa.table({"gid": gid, "place_no": place}), overwrite=True
    )
    on = backend.create_table(
        "trace_edges",
        pa.table({"part": part, "first_no": found.first, "later_no": found.later}),
        overwrite=True,
    )
    m = moves.join(where.select("gid", first_no="place_no"), "first_no")
    m = m.semi_join(where.select("gid", later_no="place_no"), ["gid", "later_no"])
    m = m.left_join(on, [m.first_no == on.first_no, m.later_no == on.later_no]).select(m, on.part)
    rank = ibis.row_number().over(
        ibis.window(
            group_by=["code", "first_no", "later_no"],
            order_by=[(m.part == m.gid).fill_null(False).desc(), m.gid],
        )
    )
    m = m.mutate(rank=rank)
    m = keep(backend, "trace_inside", m.filter(m.rank == 0).drop("rank", "part"))
    return Loops(backend=backend, workspace=context.workspace, sales=sales, moves=moves, inside=m)


def _candidates(
    backend: Backend,
    context: Context,
    loops: Loops,
    found: Edges,
    part: Ints,
    boxes: Ints,
    null: list[Floats],
) -> Candidates:
    tally = backend.to_pyarrow(loops.tally().order_by(["gid", "psn_no"]))
    count = int(part.max()) + 1
    errors = np.bincount(part, found.expected, minlength=count)
    sold = np.array([boxes[np.unique(found.first[part == gid])].sum() for gid in range(count)])
    member = _sellers(tally, errors / np.maximum(sold, 1))
    gid = tally["gid"].to_numpy().astype(np.int64)[member]
    enough = np.bincount(gid, minlength=count) >= LEAST_SELLERS
    kept = np.flatnonzero(enough)
    if not len(kept):
        return _none()
    number = np.full(count, -1, np.int64)
    number[kept] = np.arange(len(kept))
    chosen = tally.filter(pa.array(member)).select(["gid", "psn_no", "back", "bought"])
    chosen = chosen.set_column(0, "gid", pa.array(number[gid])).filter(pa.array(number[gid] >= 0))
    loops = loops.of(chosen, pa.table({"gid": kept, "to": number[kept]}))
    people = numbered(clean(backend, context.workspace, "persons"), "psn_no", "person")
    member_rows = backend.to_pyarrow(
        loops.members.join(people, "psn_no").select("gid", "person").order_by(["gid", "person"])
    )
    score = statistic(found, part)
    expected = np.asarray(errors[kept], dtype=np.float64)
    return Candidates(
        gid=member_rows["gid"].to_numpy().astype(np.int64),
        person=member_rows["person"].to_numpy().astype(np.int64),
        stability=np.ones(len(kept)),
        statistic=score[kept],
        p_value=group_p_values(score, null)[kept],
        tests=float(count),
        others=others(loops),
        settlements=held(loops),
        signs=signs(loops, expected),
        honest={"code_errors": explained(loops, len(kept))},
    )


def _sellers(tally: pa.Table, rate: Floats) -> NDArray[np.bool_]:
    """Say who is a member: whose boxes came back beyond the chance ``rate`` of the part.

    ``tally`` counts for each person of a part the boxes of its drugs bought at its places and how
    many came back. False discoveries are controlled among the people of each part.
    """
    gid = tally["gid"].to_numpy().astype(np.int64)
    back, bought = (tally[name].to_numpy().astype(np.int64) for name in ("back", "bought"))
    bought = np.maximum(bought, back)
    p = special.bdtrc(back - 1, bought, np.clip(rate[gid], 1e-9, 1.0))
    member = np.zeros(len(gid), np.bool_)
    for one in np.unique(gid):
        rows = np.flatnonzero(gid == one)
        q = benjamini_hochberg(p[rows], float(len(rows)))
        member[rows] = (back[rows] >= 2) & (q <= SELLER_Q)
    single = (back == 1) & (p <= SINGLE_P) & (2 * back > bought)
    return np.asarray(member | single, dtype=np.bool_)


def _none() -> Candidates:
    empty = np.empty(0, np.int64)
    return Candidates(
        gid=empty,
        person=empty,
        stability=np.empty(0),
        statistic=np.empty(0),
        p_value=np.empty(0),
        signs={sign.name: (np.empty(0), np.empty(0)) for sign in SIGNS},
        honest={"code_errors": np.empty(0)},
    )
