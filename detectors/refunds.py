"""Refunds: cards that are settled, refunded and settled again at one counter, over and over.

Domain signature 7 and motif swipe_refund_swipe (sham swipes, cash-out of accounts). A cycle is a
payment that was refunded, followed on the same day by another payment of the same person at the
same place after the refund. The domain page starts from 30 minutes; here the day is the window and
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
are settled again on a later day or elsewhere, and refunds that only lower a payment.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy import stats

from detectors.candidates import Candidates, Context
from detectors.chance import group_p_values
from detectors.refunds_cycles import Visitors, cycle_table, payments, visitors
from detectors.refunds_signs import SIGNS, held, measured, others
from detectors.settings import DetectSettings
from detectors.world import Floats, Ints

__all__ = ["SIGNS", "find"]

MEMBER_Q = 0.1  # one in ten of a group's people may be there by chance
LEAST_CYCLES = 2  # one correction is no habit
NULL_DRAWS = 20_000_000  # counts drawn in all null worlds together


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows of the visitors (person at place) that belong together, and how far beyond chance."""

    rows: Ints
    statistic: float


def find(context: Context) -> Candidates:
    """Return the candidate groups."""
    backend, settings = context.backend, context.settings
    paid = payments(backend, context.workspace)
    cycles = cycle_table(backend, paid)
    seen = visitors(backend, paid, cycles)
    rate, size = _fitted(seen)
    groups = _groups(seen, seen.cycles, rate, size, settings)
    if not groups:
        return _none()
    worlds = int(np.clip(NULL_DRAWS // len(rate), 20, 100))
    null = []
    for world in range(worlds):
        draw = np.random.default_rng([settings.seed, world])
        drawn = draw.poisson(draw.gamma(size, seen.visits * rate / size))
        null.append(_statistics(_groups(seen, drawn, rate, size, settings)))
    observed = _statistics(groups)
    p = group_p_values(observed, null)
    one, lead = _joined(seen, groups, settings.same_ring)
    rows = np.concatenate([np.empty(0, np.int64)] + [group.rows for group in groups])
    gid = np.repeat(one, [len(group.rows) for group in groups]).astype(np.int64)
    least = np.full(len(lead), 1.0)
    np.minimum.at(least, one, p)
    expected = seen.visits * rate
    parts = pa.table({"gid": gid, "person": seen.person[rows], "place": seen.place[rows]})
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


def _none(tests: float = 0.0) -> Candidates:
    none, nothing = np.empty(0, np.int64), np.empty(0)
    return Candidates(
        gid=none, person=none, stability=nothing, statistic=nothing, p_value=nothing, tests=tests
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


def _groups(
    seen: Visitors, cycles: Ints, rate: Floats, size: float, settings: DetectSettings
) -> list[Group]:
    """Return for each place the visitors with more cycles than their payments explain."""
    rows = np.flatnonzero(cycles >= LEAST_CYCLES)
    expected = seen.visits[rows] * rate[rows]
    tail = stats.nbinom.sf(cycles[rows] - 1, size, size / (size + expected))
    order = np.lexsort((seen.person[rows], tail, seen.place[rows]))
    rows, tail = rows[order], tail[order]
    places, start = np.unique(seen.place[rows], return_index=True)
    tests = np.bincount(seen.place)
    groups = []
    ends = np.r_[start, len(rows)][1:]
    for place, begin, end in zip(places, start, ends, strict=True):
        part = np.arange(begin, end)
        rank = np.arange(1, len(part) + 1)
        passed = np.flatnonzero(tail[part] * tests[place] <= MEMBER_Q * rank)
        taken = part[: passed[-1] + 1] if len(passed) else part[:0]
        if len(taken) >= settings.least_people:
            far = float(-np.log(np.maximum(tail[taken], 1e-300)).sum())
            groups.append(Group(rows=rows[taken], statistic=far))
    return groups


def _statistics(groups: list[Group]) -> Floats:
    return np.asarray([group.statistic for group in groups], dtype=np.float64)


def _as_many(
    seen: Visitors, gid: Ints, rows: Ints, expected: Floats, size: float, count: int
) -> Floats:
    """Return how many visitors of its places would have as many cycles as the group's least."""
    found = np.zeros(count)
    for group in range(count):
        own = rows[gid == group]
        here = np.isin(seen.place, seen.place[own])
        mean = expected[here]
        least = int(seen.cycles[own].min())
        found[group] = stats.nbinom.sf(least - 1, size, size / (size + mean)).sum()
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
