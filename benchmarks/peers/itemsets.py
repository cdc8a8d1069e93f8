"""Frequent item sets, as patents on cards used together have it (CN111028088A, CN112991079B).

A transaction is the set of cards of one session; the item sets are the maximal ones of FP-max
(package `mlxtend`), of three cards or more; those that overlap are joined, because one ring gives
many. A session of more than ``MOST`` cards is divided in the order of time, never dropped.
"""

import numpy as np
import pandas as pd
from mlxtend.frequent_patterns import fpmax
from scipy.sparse import coo_matrix

from benchmarks.peers.frame import LEAST_PEOPLE, ranked, remembered, sessions

MOST = 20  # cards in a transaction; the number of sets is exponential in it


def item_sets(
    visits: pd.DataFrame, *, by: str, window: int, support: int, overlap: float
) -> list[set[int]]:
    """Return joined maximal sets in ``support`` sessions or more; score: support × size, summed."""
    sets, counts = _maximal(visits, by=by, window=window, support=support)
    return _joined(sets, counts, overlap)


@remembered
def _maximal(
    visits: pd.DataFrame, *, by: str, window: int, support: int
) -> tuple[list[set[int]], list[int]]:
    held = sessions(visits, by=by, window=window)
    turn = held.groupby("session").cumcount() // MOST
    session = held.groupby([held["session"], turn]).ngroup()
    held = pd.DataFrame({"person": held["person"], "session": session})
    while True:  # a card or a session that cannot be part of a set makes others so
        often = held.groupby("person")["session"].transform("size") >= support
        large = held.groupby("session")["person"].transform("size") >= LEAST_PEOPLE
        if (often & large).all():
            break
        held = held[often & large]
    if held.empty:
        return [], []
    people, column = np.unique(held["person"].to_numpy(), return_inverse=True)
    row = np.unique(held["session"].to_numpy(), return_inverse=True)[1]
    table = coo_matrix((np.ones(len(row), np.bool_), (row, column)))
    baskets = pd.DataFrame.sparse.from_spmatrix(table.tocsr(), columns=np.arange(len(people)))
    found = fpmax(baskets, min_support=(support - 0.5) / len(baskets))
    found = found[found["itemsets"].map(len) >= LEAST_PEOPLE]
    counts = np.rint(found["support"].to_numpy() * len(baskets)).astype(int).tolist()
    return [set(people[list(items)].tolist()) for items in found["itemsets"]], counts


def _joined(sets: list[set[int]], counts: list[int], overlap: float) -> list[set[int]]:
    """Join each set, the strongest first, to the group that holds ``overlap`` of it, if any."""
    groups: list[set[int]] = []
    scores: list[float] = []
    where: dict[int, set[int]] = {}
    order = sorted(range(len(sets)), key=lambda s: (-counts[s] * len(sets[s]), sorted(sets[s])))
    for number in order:
        items = sets[number]
        rivals = sorted({g for person in items for g in where.get(person, ())})
        best = max(rivals, key=lambda g: (len(items & groups[g]), -g), default=-1)
        if best < 0 or len(items & groups[best]) < overlap * len(items):
            best = len(groups)
            groups.append(set())
            scores.append(0.0)
        groups[best] |= items
        scores[best] += counts[number] * len(items)
        for person in items:
            where.setdefault(person, set()).add(best)
    return ranked(groups, scores)
