"""Chance at the level of groups: p-values from null worlds, false discoveries over candidates."""

import numpy as np

from detectors.pairs import benjamini_hochberg
from detectors.world import Floats

TAIL = 30  # so many null groups and more carry an exponential tail
FRACTION = 0.2  # of the null groups that the tail is fitted to


def group_p_values(observed: Floats, null: list[Floats]) -> Floats:
    """Return P(a candidate of a null world reaches the statistic), pooled over null worlds.

    A null world often holds fewer candidates than the real one; each is filled up with empty ones
    to the observed number, so that the pool answers "how often would this candidate's place be
    taken by chance". Beyond the 80th percentile of the null groups the tail is exponential with
    their mean excess, widened by its own standard error; below it, and where a pool has fewer than
    30 groups, the p-value is the plain (1 + exceedances) / (1 + pool).
    """
    pool = np.sort(np.concatenate(null)) if null else np.empty(0)
    size = sum(max(len(world), len(observed)) for world in null)
    above = len(pool) - np.searchsorted(pool, observed, side="left")
    p = (1.0 + above) / (1.0 + size)
    if len(pool) >= TAIL:
        kept = max(int(len(pool) * FRACTION), 10)
        start = pool[-kept - 1]
        excess = pool[-kept:] - start
        scale = max(float(excess.mean()), 1e-9) * (1.0 + 1.0 / np.sqrt(kept))
        beyond = observed > start
        tail = (kept / size) * np.exp(-(observed - start) / scale)
        p = np.where(beyond, np.maximum(tail, 1e-300), p)
    return np.asarray(np.minimum(p, 1.0), dtype=np.float64)


def group_q_values(p: Floats) -> Floats:
    """Return Benjamini–Hochberg q-values over the candidates."""
    return benjamini_hochberg(p, float(max(len(p), 1)))
