"""SynchroTrap re-implemented: people whose actions match in time at the same objects.

Cao, Yang, Yu & Palow 2014, doi:10.1145/2660267.2660269: two actions match if they are on one
constraint object (here a place or a terminal) within T_sim; the similarity of two users is the sum
over objects of matched actions divided by the sum of all their actions, a Jaccard index; clusters
by single linkage, cut at a similarity, are the connected parts of the pairs above it. Departure:
computed over the whole time at once instead of by day on Hadoop, and pairs need ``LEAST`` matches.
"""

import numpy as np
import pandas as pd

from benchmarks.peers.frame import met
from benchmarks.peers.linked import parts, scored

LEAST = 2  # days with a match; one match of two cards seen once would be a similarity of 1


def synchrotrap(visits: pd.DataFrame, *, by: str, window: int, similarity: float) -> list[set[int]]:
    """Return the clusters at ``similarity``; score: similarity of a member with all others."""
    pairs = met(visits, by=by, window=window)
    actions = visits[["person", "day"]].drop_duplicates()
    count = np.bincount(actions["person"], minlength=int(visits["person"].max()) + 1)
    lo, hi, both = (pairs[name].to_numpy() for name in ("lo", "hi", "days"))
    alike = both / (count[lo] + count[hi] - both)
    kept = (alike >= similarity) & (both >= LEAST)
    lo, hi, alike = lo[kept], hi[kept], alike[kept]
    return scored(parts(lo, hi), lo, hi, alike)
