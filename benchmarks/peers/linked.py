"""Peers that link people in pairs and take groups of the links: four ways to choose the links.

``components`` and ``leiden`` count meetings and know no chance. ``hypergeometric`` keeps the pairs
that share more sessions than two random subsets of all sessions would (Tumminello, Miccichè,
Lillo, Piilo & Mantegna 2011, doi:10.1371/journal.pone.0017994), by Benjamini and Hochberg instead
of Bonferroni. The fourth, `bicm`, is in :mod:`benchmarks.peers.bipartite`.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.stats import hypergeom

from benchmarks.peers.frame import LEAST_PEOPLE, Ints, met, ranked, remembered, sessions
from detectors.communities import communities
from detectors.pairs import benjamini_hochberg

Floats = NDArray[np.float64]


def components(visits: pd.DataFrame, *, by: str, window: int, least_days: int) -> list[set[int]]:
    """Link people who met on ``least_days`` days; a group is a connected part.

    Score: mean days met of a member with all others of the group.
    """
    pairs = met(visits, by=by, window=window)
    pairs = pairs[pairs["days"] >= least_days]
    lo, hi = pairs["lo"].to_numpy(), pairs["hi"].to_numpy()
    return scored(parts(lo, hi), lo, hi, pairs["days"].to_numpy().astype(float))


def leiden(
    visits: pd.DataFrame, *, by: str, window: int, least_days: int, resolution: float
) -> list[set[int]]:
    """Link as :func:`components`; a group is a Leiden community (CPM, weight: days met).

    Score: as there. One seed, as published uses do.
    """
    pairs = met(visits, by=by, window=window)
    pairs = pairs[pairs["days"] >= least_days]
    lo, hi = pairs["lo"].to_numpy(), pairs["hi"].to_numpy()
    weight = pairs["days"].to_numpy().astype(float)
    return scored(clustered(lo, hi, weight, resolution), lo, hi, weight)


def hypergeometric(
    visits: pd.DataFrame, *, by: str, window: int, alpha: float, resolution: float
) -> list[set[int]]:
    """Link pairs validated against a hypergeometric null at FDR ``alpha``; Leiden, binary edges.

    Score: mean −log10 p of a member with all others of the group.
    """
    pairs = _tailed(visits, by=by, window=window)
    people = visits["person"].nunique()
    q = benjamini_hochberg(pairs["p"].to_numpy(), people * (people - 1) / 2)
    pairs = pairs[q <= alpha]
    lo, hi = pairs["lo"].to_numpy(), pairs["hi"].to_numpy()
    surprise = -np.log10(np.maximum(pairs["p"].to_numpy(), 1e-300))
    return scored(clustered(lo, hi, np.ones(len(lo)), resolution), lo, hi, surprise)


@remembered
def _tailed(visits: pd.DataFrame, *, by: str, window: int) -> pd.DataFrame:
    """Return lo < hi and p of every pair that shares a session."""
    held = sessions(visits, by=by, window=window)
    pairs = shared(held)
    degree = np.bincount(held["person"], minlength=int(visits["person"].max()) + 1)
    total = int(held["session"].max()) + 1 if len(held) else 0
    ends = np.sort(np.column_stack([degree[pairs["lo"]], degree[pairs["hi"]]]), axis=1)
    cases, case = np.unique(np.column_stack([ends, pairs["n"]]), axis=0, return_inverse=True)
    p = hypergeom.sf(cases[:, 2] - 1, total, cases[:, 0], cases[:, 1])
    return pairs.assign(p=p[case])


def shared(held: pd.DataFrame) -> pd.DataFrame:
    """Return lo < hi and n, the sessions two people share."""
    people, person = np.unique(held["person"].to_numpy(), return_inverse=True)
    ones = np.ones(len(held), np.int32)
    table = coo_array((ones, (person, held["session"].to_numpy()))).tocsr()
    both = (table @ table.T).tocoo()
    upper = both.row < both.col
    pairs = pd.DataFrame(
        {"lo": people[both.row[upper]], "hi": people[both.col[upper]], "n": both.data[upper]}
    )
    return pairs.sort_values(["lo", "hi"], ignore_index=True)


def parts(lo: Ints, hi: Ints) -> list[set[int]]:
    """Return the connected parts of at least ``LEAST_PEOPLE``."""
    if not len(lo):
        return []
    people, ends = np.unique(np.concatenate([lo, hi]), return_inverse=True)
    a, b = ends[: len(lo)], ends[len(lo) :]
    links = coo_array((np.ones(len(a)), (a, b)), shape=(len(people), len(people)))
    part = connected_components(links, directed=False)[1]
    order = np.argsort(part, kind="stable")
    cuts = np.flatnonzero(np.diff(part[order])) + 1
    groups = np.split(people[order], cuts)
    return [set(group.tolist()) for group in groups if len(group) >= LEAST_PEOPLE]


def clustered(lo: Ints, hi: Ints, weight: Floats, resolution: float) -> list[set[int]]:
    """Return Leiden communities of at least ``LEAST_PEOPLE``."""
    found = communities(lo, hi, weight, resolution=resolution, seeds=1, seed=1, least=LEAST_PEOPLE)
    groups: dict[int, set[int]] = {}
    for group, person in zip(found.group.tolist(), found.person.tolist(), strict=True):
        groups.setdefault(group, set()).add(person)
    return list(groups.values())


def scored(groups: list[set[int]], lo: Ints, hi: Ints, weight: Floats) -> list[set[int]]:
    """Rank groups (disjoint) by their inner weight for each member."""
    of = {person: number for number, group in enumerate(groups) for person in group}
    inner = np.zeros(len(groups))
    for a, b, w in zip(lo.tolist(), hi.tolist(), weight.tolist(), strict=True):
        if a in of and of[a] == of.get(b):
            inner[of[a]] += w
    return ranked(groups, [inner[g] / len(groups[g]) for g in range(len(groups))])
