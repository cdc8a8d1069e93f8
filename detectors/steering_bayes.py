"""How far a count exceeds its expectation when there are thousands of such counts.

Gamma–Poisson shrinkage (DuMouchel 1999, doi:10.1080/00031305.1999.10474456; MGPS: DuMouchel &
Pregibon 2001, doi:10.1145/502512.502526): the ratio of count to expectation varies between pairs as
a mixture of two gammas that is fitted to the extract itself. A ratio resting on few counts shrinks
to the bulk; EB05 is the 5 % point of what is then believed about it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

Floats = NDArray[np.float64]
MOST_FITTED = 50_000  # pairs a fit looks at
BOUNDS = (-7.0, 7.0)  # of the logarithms of shapes and rates
HALVINGS = 60  # of the interval in which EB05 lies
ROUNDS = 5  # of fitting the single gamma to what it can explain
EXACT = 0.1  # below this negative binomial tail the bounded one is worth its sum


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratios:
    """What the extract says about ratios: a single gamma (for tails) and a mixture (for EB05)."""

    shape: float
    mean: float
    mixture: tuple[float, float, float, float, float]  # two shapes, two rates, weight of the first


def fitted(count: Floats, expected: Floats) -> Ratios:
    """Fit the ratios of pairs with a count of one or more, by truncated likelihood.

    Pairs never seen are not listed, so the likelihood is that of a count given it is not zero
    (DuMouchel & Pregibon 2001). The single gamma is the null: pairs that it makes less likely than
    one in as many as there are leave the fit, which is repeated without them, so that what is
    looked for does not widen what is ordinary (as in Efron 2004, doi:10.1198/016214504000000089).
    The rows are sorted first, so their order does not matter.
    """
    order = np.lexsort((expected, count))
    order = order[:: max(1, len(order) // MOST_FITTED)]
    n, e = count[order], np.maximum(expected[order], 1e-9)
    kept = np.ones(len(n), np.bool_)
    shape, mean = 1.0, 1.0
    for _ in range(ROUNDS):
        shape, mean = _single(n[kept], e[kept])
        ordinary = _log_tail(n, e, shape, mean) >= -np.log(len(n))
        if (ordinary == kept).all() or not ordinary.any():
            break
        kept = ordinary

    def two(x: Floats) -> float:
        shapes, rates, weight = np.exp(x[:2]), np.exp(x[2:4]), special.expit(x[4])
        first = np.log(weight) + _log_mass(n, e, shapes[0], rates[0])
        second = np.log1p(-weight) + _log_mass(n, e, shapes[1], rates[1])
        zero = (
            weight * (rates[0] / (rates[0] + e)) ** shapes[0]
            + (1 - weight) * (rates[1] / (rates[1] + e)) ** shapes[1]
        )
        some = np.log(np.maximum(1.0 - zero, 1e-300))
        return -float(np.sum(np.logaddexp(first, second) - some))

    # The start of DuMouchel 1999: a third of the pairs wide, the rest near their expectation.
    start = np.array([np.log(0.2), np.log(2.0), np.log(0.1), np.log(4.0), special.logit(1 / 3)])
    mixed = _least(two, start, [BOUNDS] * 4 + [(-6.0, 6.0)])
    a, b, c, d = np.exp(mixed[:4])
    return Ratios(
        shape=float(shape),
        mean=float(mean),
        mixture=(float(a), float(b), float(c), float(d), float(special.expit(mixed[4]))),
    )


def _single(n: Floats, e: Floats) -> tuple[float, float]:
    def minus(x: Floats) -> float:
        shape, mean = np.exp(x)
        zero = shape * np.log(shape / (shape + mean * e))
        some = np.log(np.maximum(-np.expm1(zero), 1e-300))
        return -float(np.sum(_log_mass(n, e, shape, shape / mean) - some))

    shape, mean = np.exp(_least(minus, np.zeros(2), [BOUNDS] * 2))
    return float(shape), float(mean)


def log_tail(count: Floats, expected: Floats, size: Floats, ratios: Ratios) -> Floats:
    """Return ln P(N ≥ count | N ≥ 1) of ``size`` votes, the ratio varying as the single gamma.

    A negative binomial; where that is small, its bounded form, the beta–binomial whose share has
    the mean m = expected / size and the squared variation (1 − m) / shape of a gamma that cannot
    exceed one. The mean ratio is taken as one at least: a cautious expectation stays cautious.
    """
    out = _log_tail(count, expected, ratios.shape, ratios.mean)
    mean = np.clip(max(ratios.mean, 1.0) * expected / size, 1e-9, 0.999)
    for row in np.flatnonzero(out < np.log(EXACT)):
        total = max(ratios.shape / mean[row] - 1.0, 1e-3)
        a, b = mean[row] * total, (1.0 - mean[row]) * total
        n, k = size[row], np.arange(count[row], size[row] + 1.0)
        mass = -np.log1p(n) - special.betaln(n - k + 1.0, k + 1.0)
        mass += special.betaln(k + a, n - k + b) - special.betaln(a, b)
        out[row] = special.logsumexp(mass)
    some = _log_tail(np.ones(len(count)), expected, ratios.shape, ratios.mean)
    return np.minimum(out - some, 0.0)


def _log_tail(count: Floats, expected: Floats, shape: float, mean: float) -> Floats:
    rate = max(mean, 1.0) * np.maximum(expected, 1e-9)
    tail = special.betainc(np.maximum(count, 1.0), shape, rate / (shape + rate))
    return np.asarray(np.log(np.maximum(tail, 1e-300)), dtype=np.float64)


def eb05(count: Floats, expected: Floats, ratios: Ratios) -> Floats:
    """Return the ratio that is exceeded with probability 95 %, given the count."""
    e = np.maximum(expected, 1e-9)
    shape_1, shape_2, rate_1, rate_2, weight = ratios.mixture
    first = np.log(weight) + _log_mass(count, e, shape_1, rate_1)
    second = np.log1p(-weight) + _log_mass(count, e, shape_2, rate_2)
    near = special.expit(first - second)
    low, high = np.zeros(len(e)), (count + shape_1 + shape_2 + 1.0) / e * 4.0 + 10.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below = near * special.gammainc(shape_1 + count, (rate_1 + e) * middle) + (
            1 - near
        ) * special.gammainc(shape_2 + count, (rate_2 + e) * middle)
        low, high = np.where(below < 0.05, middle, low), np.where(below < 0.05, high, middle)
    return np.asarray(np.round((low + high) / 2, 9), dtype=np.float64)


def _log_mass(n: Floats, e: Floats, shape: float, rate: float) -> Floats:
    """Return ln P(N = n) of a Poisson count whose ratio is gamma: a negative binomial."""
    return np.asarray(
        special.gammaln(shape + n)
        - special.gammaln(shape)
        - special.gammaln(n + 1.0)
        + shape * np.log(rate / (rate + e))
        + n * np.log(e / (rate + e)),
        dtype=np.float64,
    )


def _least(
    of: Callable[[Floats], float], start: Floats, bounds: list[tuple[float, float]]
) -> Floats:
    found = optimize.minimize(of, start, method="L-BFGS-B", bounds=bounds)
    return np.asarray(found.x, dtype=np.float64)
