"""Pairs: who met whom more often than each one's own habits explain.

A meeting is two visits of different persons in one scope within its window. For a pair the number
of days with a meeting is compared with its expectation under independence,

    λ_ij = Σ_p Σ_w Σ_h κ_ph · v_ipwh · v_jpwh / D_pw,

with v_ipwh the days of i at scope p on weekday w in part h of the day (two hours), D_pw the open
days of that weekday there, and κ_ph the chance that two visits in that part of one day fall within
the window, from p's own rhythm. Weekdays and hours are kept apart, so that a clinic day, a dialysis
shift and two early risers are part of the expectation.

The tail is Poisson, exact Poisson–binomial where λ > ½ (a sum of binomials over scopes and
weekdays); the Poisson tail is the larger of the two above the mean (Hoeffding 1956), so it never
overstates a pair. False discoveries are controlled over **every** pair that could have been found
(Benjamini & Hochberg 1995), not over the pairs that happened to be seen.
"""

import ibis
import numpy as np
from ibis.expr.types import IntegerValue, Scalar, Table
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
DAY = 86_400  # seconds


def meetings(scoped: Table, *, least_days: int) -> Table:
    """Return every meeting: ``lo`` < ``hi`` (persons), place, day.

    An equality join on scope and slot: the earlier visit is offered to its own slot and the next,
    so each meeting is found once and no pair outside the window is built. Persons with fewer than
    ``least_days`` visits cannot reach the support of a pair and are left out.
    """
    counts = scoped.group_by("person").aggregate(visits=scoped.count())
    able = counts.filter(counts.visits >= least_days).select("person")
    v = scoped.semi_join(able, "person")
    early = v.select("scope", "slot", person_a="person", at_a="at", day_a="day")
    early = early.union(early.mutate(slot=early.slot + 1))
    m = early.join(v, ["scope", "slot"])
    apart = m.at - m.at_a
    m = m.filter(
        (apart >= 0)
        & (apart <= m.window)
        & (m.person != m.person_a)
        & ((apart > 0) | (m.person_a < m.person))
    )
    return m.select(
        lo=ibis.least(m.person_a, m.person),
        hi=ibis.greatest(m.person_a, m.person),
        place=m.place,
        day=m.day_a,
    )


def counted(meetings: Table, *, least_days: int, rotating_days: int) -> Table:
    """Return the pairs with support: lo, hi, days (distinct days met), places (distinct).

    Support is ``least_days`` days, or ``rotating_days`` days at two places or more.
    """
    often = meetings.group_by(["lo", "hi"]).aggregate(n=meetings.count())
    often = often.filter(often.n >= min(least_days, rotating_days)).select("lo", "hi")
    m = meetings.semi_join(often, ["lo", "hi"])
    c = m.group_by(["lo", "hi"]).aggregate(days=m.day.nunique(), places=m.place.nunique())
    return c.filter((c.days >= least_days) | ((c.days >= rotating_days) & (c.places >= 2)))


def habits(scoped: Table) -> Table:
    """Return v_ipwh: person, scope, weekday, part, v (distinct days)."""
    v = scoped
    return v.group_by(["person", "scope", "weekday", "part"]).aggregate(
        v=v.day.nunique().cast("float64")
    )


def rates(scoped: Table) -> Table:
    """Return what one joint day is worth by chance: scope, weekday, part, kappa, open_days.

    κ comes from the histogram h of the scope's visits over slots of one window, within a part of
    the day: two visits in one slot meet, in neighbouring slots every second time, hence
    κ = (Σ h_b² + Σ h_b h_{b+1}) / (Σ h_b)². At day precision κ is 1; where visits within k days
    meet (a sparse place) it is 2k + 1, and every day between the first visit and the last is open.
    """
    v = scoped.mutate(
        bin=ibis.ifelse(
            scoped.window > 0, (scoped["at"] % DAY) // ibis.greatest(scoped.window, 1), 0
        ),
    )
    open_days = v.group_by(["scope", "weekday"]).aggregate(
        visited=v.day.nunique(), span=v.day.max() - v.day.min() + 1, window=v.window.max()
    )
    sparse = open_days.window >= DAY
    open_days = open_days.select(
        "scope",
        "weekday",
        open_days=ibis.ifelse(sparse, open_days.span, open_days.visited).cast("int64"),
        near=ibis.ifelse(sparse, 2.0 * (open_days.window // DAY) + 1.0, 1.0),
    )
    bins = v.group_by(["scope", "part", "bin"]).aggregate(n=v.count().cast("float64"))
    near = bins.select("scope", "part", bin=bins.bin - 1, after="n")
    both = bins.left_join(near, ["scope", "part", "bin"])
    both = both.select("scope", "part", "n", after=both.after.fill_null(0.0))
    kappa = both.group_by(["scope", "part"]).aggregate(
        kappa=(both.n * both.n + both.n * both.after).sum() / (both.n.sum() * both.n.sum())
    )
    rate = open_days.join(kappa, "scope")
    return rate.select(
        "scope", "weekday", "part", "open_days", kappa=ibis.least(rate.kappa, 1.0) * rate.near
    )


def terms(pairs: Table, habits: Table, rates: Table) -> Table:
    """Return the parts of λ of each pair: lo, hi, trials (D_pw), chance (of one open day)."""
    h = habits.join(rates, ["scope", "weekday", "part"])
    a = h.select("scope", "weekday", "part", "kappa", "open_days", lo="person", v_a="v")
    b = h.select("scope", "weekday", "part", hi="person", v_b="v")
    t = pairs.select("lo", "hi").join(a, "lo").join(b, ["hi", "scope", "weekday", "part"])
    days = t.open_days.cast("float64")
    return t.select(
        "lo", "hi", trials=days, chance=ibis.least(t.kappa * t.v_a * t.v_b / (days * days), 1.0)
    )


def testable(scoped: Table, *, least_days: int) -> Scalar:
    """Return M, how many pairs share a place and could reach the support.

    A pair that shares several places is counted at each: M is an upper bound, which errs on the
    side of the people counted.
    """
    counts = scoped.group_by("person").aggregate(visits=scoped.count())
    able = counts.filter(counts.visits >= least_days).select("person")
    seen = scoped.semi_join(able, "person").select("person", "place").distinct()
    sizes = seen.group_by("place").aggregate(n=seen.count().cast("float64"))
    return (sizes.n * (sizes.n - 1) / 2).sum()


def expected(terms: Table) -> Table:
    """Return λ of each pair: lo, hi, expected (days).

    Summed as whole billionths, so that the order in which threads add does not show.
    """
    part = (terms.trials * terms.chance * 1e9).round().cast("int64")
    sums = terms.mutate(part=part).group_by(["lo", "hi"]).aggregate(total=ibis._.part.sum())
    return sums.select("lo", "hi", expected=sums.total.cast("float64") / 1e9)


def poisson_tail(days: NDArray[np.int64], expected: Floats) -> Floats:
    """Return P(Poisson(λ) ≥ n) for each pair; 1 for n = 0."""
    tail = special.pdtrc(np.maximum(days - 1, 0), np.maximum(expected, 1e-12))
    return np.asarray(np.where(days > 0, tail, 1.0), dtype=np.float64)


def exact_tail(
    days: NDArray[np.int64], pair: NDArray[np.int64], trials: Floats, chance: Floats
) -> Floats:
    """Return P(S ≥ n) for sums S of binomials, one for each pair.

    ``pair`` (sorted, 0 … len(days) − 1, each at least once) says whose term a row is. The mass
    comes from the characteristic function on a grid wider than the support that matters (Hong
    2013, doi:10.1016/j.csda.2012.10.006); it is exact to about 1e-13 and clipped there.
    """
    starts = np.searchsorted(pair, np.arange(len(days)))
    grid = 64
    while grid < 2 * int(days.max(initial=1)) + 64:
        grid *= 2
    tail = np.empty(len(days))
    angle = np.exp(2j * np.pi * np.arange(grid) / grid)
    block = max(1, 4_000_000 // grid)
    for begin in range(0, len(days), max(1, block // 16)):
        end = min(len(days), begin + max(1, block // 16))
        rows = slice(starts[begin], starts[end] if end < len(days) else len(pair))
        factors = trials[rows, None] * np.log1p(chance[rows, None] * (angle - 1.0)[None, :])
        sums = np.add.reduceat(factors, starts[begin:end] - starts[begin], axis=0)
        mass = np.fft.fft(np.exp(sums), axis=1).real / grid
        below = np.cumsum(mass, axis=1)[np.arange(end - begin), np.maximum(days[begin:end] - 1, 0)]
        tail[begin:end] = np.where(days[begin:end] <= 0, 1.0, 1.0 - below)
    return np.clip(tail, 1e-13, 1.0)


def benjamini_hochberg(p: Floats, tests: float) -> Floats:
    """Return q-values of the p-values met among ``tests`` tests; the others count as p = 1.

    Ties share the largest rank, so the order of the input does not matter.
    """
    order = np.argsort(p, kind="stable")
    rank = np.searchsorted(p[order], p[order], side="right")
    q = np.minimum(p[order] * tests / rank, 1.0)
    q = np.minimum.accumulate(q[::-1])[::-1]
    out = np.empty_like(q)
    out[order] = q
    return out


def weekday(day: IntegerValue) -> IntegerValue:
    """Return 0 for Monday … 6 for Sunday of days since 1970-01-01, a Thursday."""
    return (day + 3) % 7
