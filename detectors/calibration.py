"""Calibration: no pair is expected to meet less often than null worlds show it does.

The formula of :mod:`detectors.pairs` knows a person's place, weekday and two-hour part of the
day. Who comes at ten past eight every Monday, Wednesday and Friday, for dialysis say, meets the
others of that shift more often than two hours suggest. Null worlds keep every visit's very time of
day, so the mean of days met over the worlds is the same expectation without that coarseness.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from detectors.pairs import benjamini_hochberg, poisson_tail
from detectors.world import Ints, Pairs


def calibrated(pairs: Pairs, worlds: Sequence[Pairs], *, tests: float) -> Pairs:
    """Return the pairs with λ raised to their mean days met over null worlds, p and q made anew.

    ``worlds`` hold every pair with support; a pair without support in a world counts as 0 there.
    Only pairs whose λ rises change their p. ``tests`` is M, as for the pairs themselves. A null
    world itself is calibrated by the other worlds. Without worlds the pairs are returned as given.
    """
    if not worlds or not len(pairs.lo):
        return pairs
    own = _key(pairs)
    mean = np.zeros(len(own))
    for world in worlds:
        keys = _key(world)
        if len(keys):
            at = np.minimum(np.searchsorted(keys, own), len(keys) - 1)
            mean += np.where(keys[at] == own, world.days[at], 0)
    mean /= len(worlds)
    rises = mean > pairs.expected
    expected = np.where(rises, mean, pairs.expected)
    p = np.where(rises, poisson_tail(pairs.days, expected), pairs.p_value)
    p = np.maximum(p, pairs.p_value)
    q = benjamini_hochberg(p, max(tests, float(len(p))))
    return replace(pairs, expected=expected, p_value=p, q_value=q)


def _key(pairs: Pairs) -> Ints:
    """Return one number a pair; pairs come in the order of (lo, hi), so the keys are sorted."""
    return pairs.lo << 32 | pairs.hi
