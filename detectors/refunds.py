"""Refunds: cards that are settled, refunded and settled again at one counter, over and over.

Domain signature 7 and motif swipe_refund_swipe (sham swipes, cash-out of accounts). A cycle is a
payment that was refunded, followed by the next day by another payment of the same person at the
same place after the refund. The domain page starts from 30 minutes; here a day is the window and
the minutes are a sign, so that slow counters and day-precise clocks are judged alike: the longer
window lets in more honest corrections, but these are in the expectation too.

For each person and place the cycles c are compared with the payments v there: c ~ negative
binomial, mean v·r_p. The rate r_p is the place's own, counting each person with a cycle once (a few
people with many cycles do not set their own expectation) and shrunk to that of all places
(empirical Bayes, gamma). The dispersion comes from how many people of the extract have two cycles
for each that has one. People with two cycles or more whose tail passes Benjamini–Hochberg at
``MEMBER_Q`` within the place are a candidate.

Null: the cycles of every person at every place drawn from that fitted distribution, then the same
steps. A candidate's p-value is that of Σ −ln(tail) over its people among the candidates of many
such worlds.

Needs settlements only. Misses rings of fewer than ``least_people`` cards at a place, refunds that
are settled again days later or elsewhere, and refunds that only lower a payment.
"""

from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr.types import Table
from scipy import special

from detectors.candidates import Candidates, Context
from detectors.chance import group_p_values
from detectors.columns import keep
from detectors.refunds_cycles import (
    Visitors,
    cycle_table,
    known_by_number,
    payments,
    visitors,
)
from detectors.refunds_signs import HONEST, SIGNS, held, measured, others
from detectors.settings import DetectSettings
from detectors.tallies import nothing
from detectors.world import Floats, Ints

__all__ = ["SIGNS", "find"]

MEMBER_Q = 0.1  # one in ten of a group's people may be there by chance
LEAST_CYCLES = 2  # one correction is no habit
WORLDS = 100  # null worlds


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows of the visitors (person at place) that belong together, and how far beyond chance."""

    rows: Ints
    statistic: float


def find(context: Context) -> Candidates:
    """Return the candidate groups."""
    backend, settings = context.backend, context.settings
    every = payments(backend, context.workspace)
    cycles = cycle_table(backend, context.workspace, every)
    seen = visitors(backend, context.workspace, every, cycles)
    rate, size = _fitted(seen)
    expected = seen.visits * rate
    rows = np.flatnonzero(seen.cycles >= LEAST_CYCLES)
    tail = _tail(seen.cycles[rows], expected[rows], size)
    groups = _groups(seen, rows, tail, np.zeros(len(rows), np.int64), settings)[0]
    if not groups:
        return nothing(SIGNS, HONEST)
    null = _null(seen, expected, size, settings)
    observed = _statistics(groups)
    p = group_p_values(observed, null)
    one, lead = _joined(seen, groups, settings.same_ring)
    rows = np.concatenate([np.empty(0, np.int64)] + [group.rows for group in groups])
    gid = np.repeat(one, [len(group.rows) for group in groups]).astype(np.int64)
    least = np.full(len(lead), 1.0)
    np.minimum.at(least, one, p)
    parts = pa.table({"gid": gid, "person": seen.person[rows], "place": seen.place[rows]})
    paid = _paid(context, every, parts)
    signs, honest = measured(
        context,
        paid,
        cycles,
        parts,
        cycles_expected=np.bincount(gid, expected[rows], len(lead)).astype(np.float64),
        people_expected=_as_many(seen, gid, rows, expected, size, len(lead)),
    )
    people = np.unique(np.stack([gid, seen.person[rows]]), axis=1)
    return Candidates(
        gid=people[0],
        person=people[1],
        stability=np.ones(len(lead)),
        statistic=observed[lead],
        p_value=least,
        tests=float(len(p)),
        others=others(context, paid, cycles, parts),
        settlements=held(context, paid, cycles, parts),
        signs=signs,
        honest=honest,
    )


def _fitted(seen: Visitors) -> tuple[Floats, float]:
    """Return the rate of cycles a payment for each visitor, and the size of the distribution."""
    count = int(seen.place.max(initial=-1)) + 1
    hit = np.bincount(seen.place, seen.cycles > 0, minlength=count)
    paid = np.bincount(seen.place, seen.visits, minlength=count)
    mean = max(float(hit.sum()) / max(float(paid.sum()), 1.0), 1e-6)
    # Gamma prior by moments: the variance of places beyond that of counts.
    spread = float(((hit - mean * paid) ** 2 - hit).sum()) / max(
        float((mean * paid) @ (mean * paid)), 1e-12
    )
    shape = 1.0 / max(spread, 1e-3)
    rate = (hit + shape) / (paid + shape / mean)
    each = rate[seen.place]
    expected = seen.visits * each
    # Among small means, P(2) / P(1) = μ (1 + 1/k) / 2; half a person is added to each side.
    two = float((seen.cycles == LEAST_CYCLES).sum()) + 0.5
    heterogeneity = two / (float((expected**2).sum()) / 2.0 + 0.5)
    return each, 1.0 / max(heterogeneity - 1.0, 1e-3)


def _tail(cycles: Ints | float, expected: Floats, size: float) -> Floats:
    """Return P(X ≥ cycles), X negative binomial."""
    tail = special.betainc(cycles, size, expected / (size + expected))
    return np.asarray(np.maximum(tail, 1e-300), np.float64)


def _groups(
    seen: Visitors, rows: Ints, tail: Floats, world: Ints, settings: DetectSettings
) -> list[list[Group]]:
    """Return by world, for each place, the visitors with more cycles than payments explain.

    ``rows`` are visitors with ``LEAST_CYCLES`` or more, each in its ``world``.
    """
    place = seen.place[rows]
    order = np.lexsort((seen.person[rows], tail, place, world))
    rows, tail, place, world = rows[order], tail[order], place[order], world[order]
    new = np.r_[True, (np.diff(place) != 0) | (np.diff(world) != 0)][: len(rows)]
    starts = np.flatnonzero(new)
    number = np.cumsum(new) - 1
    rank = np.arange(len(rows)) - starts[number] + 1
    passed = tail * np.bincount(seen.place)[place] <= MEMBER_Q * rank
    last = np.zeros(len(starts), np.int64)
    np.maximum.at(last, number[passed], rank[passed])
    far = np.bincount(number, np.where(rank <= last[number], -np.log(tail), 0.0), len(starts))
    groups: list[list[Group]] = [[] for _ in range(int(world.max(initial=0)) + 1)]
    for g in np.flatnonzero(last >= settings.least_people):
        taken = rows[starts[g] : starts[g] + last[g]]
        groups[int(world[starts[g]])].append(Group(rows=taken, statistic=float(far[g])))
    return groups


def _null(seen: Visitors, expected: Floats, size: float, settings: DetectSettings) -> list[Floats]:
    """Return the statistics of the groups of each null world.

    Only visitors with ``LEAST_CYCLES`` or more matter: they are drawn from the cumulated chances of
    all (who is drawn twice in a world counts once), then each gets its cycles, given that many.
    """
    draw = np.random.default_rng(settings.seed)
    chance = _tail(float(LEAST_CYCLES), expected, size)
    total = np.cumsum(-np.log1p(-np.minimum(chance, 0.999)))
    count = int(draw.poisson(WORLDS * total[-1]))
    hit = np.searchsorted(total, draw.random(count) * total[-1])
    both = np.unique(draw.integers(0, WORLDS, count) * len(total) + hit)
    world, row = both // len(total), both % len(total)
    level = draw.random(len(row)) * chance[row]
    cycles = np.full(len(row), LEAST_CYCLES, np.int64)
    more = np.arange(len(row))
    while len(more):
        more = more[_tail(cycles[more] + 1, expected[row[more]], size) > level[more]]
        cycles[more] += 1
    tail = _tail(cycles, expected[row], size)
    worlds = _groups(seen, row, tail, world, settings)
    worlds += [[] for _ in range(WORLDS - len(worlds))]
    return [_statistics(groups) for groups in worlds]


def _paid(context: Context, every: Table, parts: pa.Table) -> Table:
    """Return the payments at the groups' places, with the numbers of person and place."""
    codes = known_by_number(
        context.backend, context.workspace, every.select("psn_no", "fixmedins_code").distinct()
    )
    places = ibis.memtable(pa.table({"place": np.unique(parts["place"].to_numpy())}))
    here = keep(context.backend, "refund_codes", codes.semi_join(places, "place"))
    return keep(context.backend, "refund_paid", every.join(here, ["psn_no", "fixmedins_code"]))


def _statistics(groups: list[Group]) -> Floats:
    return np.asarray([group.statistic for group in groups], dtype=np.float64)


def _as_many(
    seen: Visitors, gid: Ints, rows: Ints, expected: Floats, size: float, count: int
) -> Floats:
    """Return how many visitors of its places would have as many cycles as the group's least."""
    found = np.zeros(count)
    order = np.argsort(seen.place, kind="stable")
    places = seen.place[order]
    for group in range(count):
        own = rows[gid == group]
        at = np.unique(seen.place[own])
        low, high = np.searchsorted(places, at), np.searchsorted(places, at, "right")
        here = np.concatenate([order[i:j] for i, j in zip(low, high, strict=True)])
        found[group] = _tail(float(seen.cycles[own].min()), expected[here], size).sum()
    return found


def _joined(seen: Visitors, groups: list[Group], jaccard: float) -> tuple[Ints, Ints]:
    """Return which places' groups are one (the same people at several), and the first of each."""
    one = np.arange(len(groups))
    order = np.argsort(-_statistics(groups), kind="stable")
    people = [np.unique(seen.person[group.rows]) for group in groups]
    for turn, g in enumerate(order):
        for k in order[:turn]:
            shared = len(np.intersect1d(people[g], people[k]))
            if shared >= jaccard * len(np.union1d(people[g], people[k])):
                one[g] = one[k]
                break
    lead, number = np.unique(one, return_inverse=True)
    return number.astype(np.int64), lead.astype(np.int64)
