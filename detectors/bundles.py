"""Bundles: one stack of cards, carried in parts that never meet.

A large stack is swiped in bundles: at different hours of a day, or one today and one tomorrow. Each
bundle is a group that meets; that they belong together shows in their days. For two groups that
have sessions at one place, the days on which both have one there (on the same day, or one always
the day after the other) are counted against

    Σ_w n_aw · n_bw / D_w,

with n_aw the days of a's sessions on weekday w and D_w the place's open days of that weekday: two
shifts of dialysis on the same weekdays all year explain each other fully. Groups are joined from
three common days where the binomial tail over the days of the group that has fewer (an upper bound
of the tail of unequal chances, Hoeffding 1956), over all pairs of groups that share a place and the
three lags, has a false-discovery rate of ``settings.pair_q`` (Benjamini & Hochberg 1995).

Only groups that null worlds do not explain are joined; a joined group has the largest p of its
parts. Needs settlements only. Misses bundles that keep one fixed weekday each.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from detectors.candidates import Candidates, Context
from detectors.pairs import benjamini_hochberg
from detectors.sessions import joint_sessions
from detectors.tallies import nothing, upper_tail
from detectors.world import Floats, Ints

LAGS = (0, 1)  # days from one bundle's session to the other's; in both orders


def find(context: Context) -> Candidates:
    """Return the groups that are joined from two bundles or more."""
    pools = context.pools
    if pools is None or len(pools) < 2:
        return nothing((), ())
    sure = benjamini_hochberg(pools.p_value, float(len(pools))) <= context.settings.group_q
    days, opened = _days(context, pools, sure)
    a, b, n, p = _common(days, opened)
    tests = float(len(p)) * (2 * len(LAGS) - 1)
    together = (n >= context.settings.least_days) & (
        benjamini_hochberg(p, max(tests, 1.0)) <= context.settings.pair_q
    )
    return _joined(pools, a[together], b[together])


def _days(
    context: Context, pools: Candidates, sure: NDArray[np.bool_]
) -> tuple[pa.Table, pa.Table]:
    """Return gid, place, day of the joint sessions, and place, weekday, open days."""
    backend = context.backend
    keep = sure[pools.gid]
    table = pa.table({"gid": pools.gid[keep], "person": pools.person[keep].astype(np.int32)})
    members = backend.create_table("bundle_members", table, overwrite=True)
    sessions = joint_sessions(members, context.ground.scoped)
    days = sessions.select("gid", "place", "day").distinct()
    days = backend.create_table(
        "bundle_days", days.order_by(["place", "gid", "day"]), overwrite=True
    )
    seen = context.ground.visits.semi_join(days, "place").select("place", "day").distinct()
    seen = seen.mutate(weekday=(seen.day + 3) % 7)
    opened = seen.group_by(["place", "weekday"]).aggregate(opened=seen.day.nunique())
    return backend.to_pyarrow(days), backend.to_pyarrow(opened)


def _common(days: pa.Table, opened: pa.Table) -> tuple[Ints, Ints, Ints, Floats]:
    """Return pairs of groups with a common place: a, b, common days and how likely so many are.

    Of the lags the one furthest beyond chance counts.
    """
    gid, place, day = (days[c].to_numpy().astype(np.int64) for c in ("gid", "place", "day"))
    spot, at = np.unique(np.stack([place, gid]), axis=1, return_inverse=True)
    at = at.ravel()
    first = int(day.min(initial=0))
    held = coo_array(
        (np.ones(len(day)), (at, day - first)),
        shape=(spot.shape[1], int(day.max(initial=0)) - first + 2),
    ).tocsr()
    by_weekday = coo_array(
        (np.ones(len(day)), (at, (day + 3) % 7)), shape=(spot.shape[1], 7)
    ).toarray()
    count = np.ones((int(place.max(initial=0)) + 1, 7))
    count[opened["place"].to_numpy(), opened["weekday"].to_numpy()] = opened["opened"].to_numpy()
    a, b = _pairs_within(spot[0])
    own = by_weekday.sum(axis=1)
    fewer = np.maximum(np.minimum(own[a], own[b]), 1.0)
    best_n, best_p = np.zeros(len(a), np.int64), np.full(len(a), 2.0)
    for lag in range(-max(LAGS), max(LAGS) + 1):
        moved = _shifted(held, lag)
        n = np.asarray(held[a].multiply(moved[b]).sum(axis=1)).ravel().astype(np.int64)
        rolled = np.roll(by_weekday, -lag, axis=1)
        rate = (by_weekday[a] * rolled[b] / count[spot[0][a]]).sum(axis=1)
        p = upper_tail(n, fewer, rate / fewer)
        better = (p < best_p) | ((p == best_p) & (n > best_n))
        best_n, best_p = np.where(better, n, best_n), np.where(better, p, best_p)
    return spot[1][a], spot[1][b], best_n, best_p


def _shifted(held: coo_array, lag: int) -> coo_array:
    """Return the days moved so that column d holds day d + lag."""
    table = held.tocoo()
    row, column = table.coords
    moved = column - lag
    fit = (moved >= 0) & (moved < held.shape[1])
    return coo_array((table.data[fit], (row[fit], moved[fit])), shape=held.shape).tocsr()


def _pairs_within(place: Ints) -> tuple[Ints, Ints]:
    """Return all pairs of rows with the same place; rows are sorted by place."""
    starts = np.searchsorted(place, place, side="left")
    rank = np.arange(len(place)) - starts
    b = np.repeat(np.arange(len(place)), rank)
    a = np.arange(rank.sum()) - np.repeat(np.cumsum(rank) - rank, rank) + np.repeat(starts, rank)
    return a, b


def _joined(pools: Candidates, a: Ints, b: Ints) -> Candidates:
    count = len(pools)
    links = coo_array((np.ones(len(a)), (a, b)), shape=(count, count))
    part = np.asarray(connected_components(links, directed=False)[1], np.int64)
    size = np.bincount(part)
    inside = size[part] > 1
    found, label = np.unique(part[inside], return_inverse=True)
    if not len(found):
        return nothing((), ())
    number = np.full(count, -1, np.int64)
    number[inside] = label
    of = number[pools.gid]
    rows = np.unique(np.stack([of[of >= 0], pools.person[of >= 0]]), axis=1)

    def mean(values: Floats) -> Floats:
        sums = np.bincount(label, values[inside], minlength=len(found))
        return np.asarray(sums / np.bincount(label), np.float64)

    p_value = np.zeros(len(found))
    np.maximum.at(p_value, label, pools.p_value[inside])
    return Candidates(
        gid=rows[0],
        person=rows[1],
        stability=mean(pools.stability),
        statistic=mean(pools.statistic),
        p_value=p_value,
    )
