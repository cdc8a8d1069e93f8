"""Trace loops: boxes that are settled again, by way of the same few people.

A trace code names one box of a drug, so two live settlements of one code to two people mean that
the box was sold, came back into trade and was billed again (domain.md B07, signature 5: other
person or place; cases Ulanqab, Dezhou and Jiangxi 2024–2025, where provinces count exactly this).
Split packs (``trdn_flag``), returned lines, refunds and same-visit corrections are lawful and left
out, and so is a code settled more often than any case on record.

From first to later settlement each box is one step in a directed graph of places. Steps beyond
chance (:mod:`detectors.trace_loops_graph`) form parts; a part's members are the people whose
boxes, settled first, came back through it more often than chance: two or more beyond the rate of
error of their places, or a single one where it is most of what they bought there.

A place that bills its own boxes again is a step onto itself (another person, another day). A till
that scans one box for many customers makes such steps too, so there the boxes must also come from
fewer people than a draw from the place's sales of these drugs would meet.

Needs settlements and fee_list with trace codes. Misses sellers none of whose boxes came back, boxes
billed again for the same person at the same place, and whatever is sold outside the extract.

Null: codes are settled again by misreads and clones. As many as were seen are dealt to places by
volume, each place with its own proneness to errors (exponential between places), those settled
again at the same place apart; the same edges, parts and statistic are run on these worlds
(:mod:`detectors.chance`).
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
from detectors.tallies import nothing
from detectors.trace_loops_graph import (
    Edges,
    Floats,
    Ints,
    beyond,
    edges,
    fewer,
    joined,
    null_statistics,
    statistic,
    trades,
)
from detectors.trace_loops_signs import (
    HONEST,
    SIGNS,
    Loops,
    drawn,
    explained,
    held,
    others,
    sales,
    signs,
)
from detectors.visits import numbered

__all__ = ["SIGNS", "find"]

MOST_SETTLED = 10  # settlements of one code; the case with most has 8, more is an entry habit
LEAST_SELLERS = 2
SELLER_Q = 0.05  # false discoveries among the people of one part
SINGLE_P = 0.01  # a person of a single box
GATHERED_P = 0.01  # so few people, where the number of boxes is beyond chance already
WORLD_BOXES = 2_000_000  # boxes dealt over all null worlds: bounds their time


def find(context: Context) -> Candidates:
    """Return the candidate groups."""
    backend, settings = context.backend, context.settings
    lines = delivered(backend, context.workspace, "fee_list")
    if lines is None:
        return nothing(SIGNS, HONEST)
    lines = lines.filter(lines.drug_trac_codg.notnull())
    live = _live(clean(backend, context.workspace, "settlements"))
    often = lines.group_by("drug_trac_codg").aggregate(n=lines.count())
    often = keep(backend, "trace_often", often.filter(often.n > 1))
    again = keep(backend, "trace_again", sales(lines.semi_join(often, "drug_trac_codg"), live))
    places = keep(backend, "trace_places", _volumes(lines, live))
    moves = keep(backend, "trace_moves", _moves(again, places))
    rows = backend.to_pyarrow(moves.order_by(["code", "first_no", "later_no"]))
    if not rows.num_rows:
        return nothing(SIGNS, HONEST)
    boxes = backend.to_pyarrow(places.order_by("place_no"))["boxes"].to_numpy()
    share = boxes / boxes.sum()
    first, later = (rows[name].to_numpy().astype(np.int64) for name in ("first_no", "later_no"))
    found = beyond(edges(first, later, share), settings.link_p)
    found = _gathered(backend, found, moves, (lines, live))
    if not len(found.first):
        return nothing(SIGNS, HONEST)
    part, where = _parts(rows, found, share)
    null = null_statistics(
        int(np.sum(first != later)),
        int(np.sum(first == later)),
        share,
        link_p=settings.link_p,
        worlds=int(np.clip(WORLD_BOXES // len(first), 20, 400)),
        seed=settings.seed * 1_000,
    )
    loops = _loops(context, (lines, live), (again, moves), (found, part, where))
    return _candidates(backend, context, loops, found, part, boxes, null)


def _live(settlements: Table) -> Table:
    return settlements.filter(settlements.live).select(
        "setl_id",
        "psn_no",
        "day",
        "opter_id",
        place="fixmedins_code",
        at=settlements.setl_time.epoch_seconds().cast("int64"),
    )


def _volumes(lines: Table, live: Table) -> Table:
    """Return place, place_no (in the order of the key) and the coded lines it settled."""
    whole = lines.filter(lines.trdn_flag.fill_null(0) != 1)
    n = whole.group_by("setl_id").aggregate(n=whole.count())
    n = n.join(live.select("setl_id", "place"), "setl_id")
    boxes = n.group_by("place").aggregate(boxes=n.n.sum().cast("int64"))
    return boxes.join(numbered(boxes, "place", "place_no"), "place")


def _moves(again: Table, places: Table) -> Table:
    """Return one row for each code and pair of places: first and next settlement.

    At the same place only another person's on another day: the rest is correction.
    """
    often = again.group_by("code").aggregate(times=again.count())
    often = often.filter((often.times > 1) & (often.times <= MOST_SETTLED))
    s = again.semi_join(often, "code")
    row = ibis.window(group_by="code", order_by=["at", "setl_id"])
    columns = ("psn_no", "place", "setl_id", "day", "drug")
    s = s.mutate(**{f"first_{name}": s[name].lag().over(row) for name in columns})
    elsewhere = s.first_place != s.place
    s = s.filter(
        s.first_place.notnull()
        & (elsewhere | ((s.first_psn_no != s.psn_no) & (s.first_day != s.day)))
    )
    turn = ibis.row_number().over(
        ibis.window(group_by=["code", "first_place", "place"], order_by=["at", "setl_id"])
    )
    s = s.mutate(turn=turn)
    s = s.filter(s.turn == 0)
    first = places.select(first_place="place", first_no="place_no")
    s = s.join(first, "first_place").join(places.select("place", later_no="place_no"), "place")
    return s.drop("turn")


def _gathered(
    backend: Backend,
    found: Edges,
    moves: Table,
    sold: tuple[Table, Table],
) -> Edges:
    """Return the edges without the steps of a place onto itself that anybody's boxes make.

    Kept are those whose first settlements belong to fewer people than as many settlements drawn
    from the place's sales of these drugs would meet.
    """
    own = found.first == found.later
    if not own.any():
        return found
    wanted = backend.create_table(
        "trace_own", pa.table({"later_no": found.later[own]}), overwrite=True
    )
    lines, live = sold
    back = moves.filter(moves.first_no == moves.later_no).semi_join(wanted, "later_no")
    seen = back.group_by(gid=back.later_no).aggregate(
        n=back.first_setl_id.nunique(), people=back.first_psn_no.nunique()
    )
    drugs = back.select(gid="later_no", drug="first_drug", own="place").distinct()
    every = keep(
        backend,
        "trace_own_drugs",
        sales(lines.semi_join(drugs, lines.med_list_codg == drugs.drug), live),
    )
    every = every.join(drugs, "drug")
    every = every.group_by(["gid", "psn_no", "place", "own"]).aggregate(b=every.setl_id.nunique())
    met = drawn(
        seen, every.filter(every.place == every.own), every.filter(every.place != every.own)
    )
    rows = backend.to_pyarrow(met.join(seen, "gid").select("gid", "people", "drawn"))
    chance = np.ones(int(found.later.max()) + 1)
    chance[rows["gid"].to_numpy()] = fewer(
        rows["people"].to_numpy().astype(np.float64), rows["drawn"].to_numpy()
    )
    return found.where(~own | (chance[found.later] <= GATHERED_P))


def _parts(rows: pa.Table, found: Edges, share: Floats) -> tuple[Ints, tuple[Ints, Ints]]:
    """Return the part of each edge and the places of the parts."""
    first, later = (rows[name].to_numpy().astype(np.int64) for name in ("first_no", "later_no"))
    edge = _edge_of(found, first, later, len(share))
    inside = edge >= 0
    person, drug = (
        np.unique(rows[name].to_numpy(zero_copy_only=False), return_inverse=True)[1]
        for name in ("first_psn_no", "first_drug")
    )
    part = trades(found, edge[inside], person[inside], drug[inside])
    return part, joined(found, part, (first, later, person), share, most_p=SINGLE_P)


def _edge_of(found: Edges, first: Ints, later: Ints, size: int) -> Ints:
    """Return the edge of each box, −1 for none."""
    keys = found.first * size + found.later
    place = np.minimum(np.searchsorted(keys, first * size + later), len(keys) - 1)
    return np.where(keys[place] == first * size + later, place, -1)


def _loops(
    context: Context,
    sold: tuple[Table, Table],
    repeated: tuple[Table, Table],
    parts: tuple[Edges, Ints, tuple[Ints, Ints]],
) -> Loops:
    """Lay out the parts as tables: every box between two of a part's places belongs to it.

    A step against the stream is too rare to be an edge, yet moves within the same trade. Where two
    parts hold both places, the part whose edge it lies on has it, else the earlier one. A step of
    a place onto itself counts only on an edge.
    """
    backend = context.backend
    (lines, live), (again, moves) = sold, repeated
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
    m = m.filter((m.first_no != m.later_no) | (m.part == m.gid).fill_null(False))
    rank = ibis.row_number().over(
        ibis.window(
            group_by=["code", "first_no", "later_no"],
            order_by=[(m.part == m.gid).fill_null(False).desc(), m.gid],
        )
    )
    m = m.mutate(rank=rank)
    m = keep(backend, "trace_inside", m.filter(m.rank == 0).drop("rank", "part"))
    places = m.select("place").union(m.select(place="first_place"))
    here = lines.semi_join(live.semi_join(places, "place"), "setl_id")
    drug = lines.semi_join(m, [lines.med_list_codg == m.first_drug])
    return Loops(
        backend=backend,
        workspace=context.workspace,
        sales=keep(backend, "trace_sales", sales(here, live)),
        bought=keep(backend, "trace_bought", sales(drug, live)),
        again=again,
        inside=m,
    )


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
    own = np.zeros(count, np.bool_)
    own[part[found.first == found.later]] = True
    member = _sellers(tally, errors / np.maximum(sold, 1), own)
    gid = tally["gid"].to_numpy().astype(np.int64)[member]
    enough = np.bincount(gid, minlength=count) >= LEAST_SELLERS
    kept = np.flatnonzero(enough)
    if not len(kept):
        return nothing(SIGNS, HONEST)
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
    measured = signs(loops, np.asarray(errors[kept], dtype=np.float64))
    return Candidates(
        gid=member_rows["gid"].to_numpy().astype(np.int64),
        person=member_rows["person"].to_numpy().astype(np.int64),
        stability=np.ones(len(kept)),
        statistic=score[kept],
        p_value=group_p_values(score, null)[kept],
        tests=float(count),
        others=others(loops),
        settlements=held(loops),
        signs=measured,
        honest={HONEST[0]: explained(loops, measured["loop_per_seller"])},
    )


def _sellers(tally: pa.Table, rate: Floats, own: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say who is a member: whose boxes came back beyond the chance ``rate`` of the part.

    ``tally`` counts for each person of a part the boxes of its drugs bought at its places and how
    many came back. False discoveries are controlled among the people of each part. In a part with
    a place that bills its ``own`` boxes again, a single box may be one scanned for many.
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
    single = (back == 1) & (p <= SINGLE_P) & (2 * back > bought) & ~own[gid]
    return np.asarray(member | single, dtype=np.bool_)
