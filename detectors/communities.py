"""Communities: sets of people tied by weighted pairs, kept only where many seeds agree.

Leiden (Traag, Waltman & van Eck 2019, doi:10.1038/s41598-019-41695-z) in igraph's C, objective CPM
(Traag, Van Dooren & Nesterov 2011): a group is held together while its mean edge weight per pair of
members stays above the resolution, whatever the size of the rest of the graph, so a small ring is
not swallowed in a large county as under modularity. Nodes and edges are sorted first; one seed
proves nothing, so two people belong together when they do in at least half of the seeds.
"""

import random
from dataclasses import dataclass

import igraph
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Communities:
    """Consensus groups: ``person`` belongs to ``group`` (both sorted), one stability per group."""

    group: Ints
    person: Ints
    stability: Floats


def communities(
    lo: Ints, hi: Ints, weight: Floats, *, resolution: float, seeds: int, seed: int, least: int
) -> Communities:
    """Return the groups of at least ``least`` people on which the seeds agree.

    Stability of a group is its best-match Jaccard index with a community of each seed, averaged
    (0–1). Every group is connected: it is a connected part of the edges that at least half of the
    seeds keep inside one community. The same edges in any order give the same groups.
    """
    if not len(lo):
        empty = np.empty(0, np.int64)
        return Communities(group=empty, person=empty, stability=np.empty(0))
    order = np.lexsort((hi, lo))
    lo, hi, weight = lo[order], hi[order], weight[order]
    people, ends = np.unique(np.concatenate([lo, hi]), return_inverse=True)
    a, b = ends[: len(lo)], ends[len(lo) :]
    graph = igraph.Graph(n=len(people), edges=np.column_stack([a, b]), directed=False)
    labels = np.stack(
        [_leiden(graph, weight, resolution=resolution, seed=seed + turn) for turn in range(seeds)]
    )
    together = (labels[:, a] == labels[:, b]).mean(axis=0) >= 0.5
    part = _parts(len(people), a[together], b[together])
    return _kept(people, part, labels, least=least)


def _leiden(graph: igraph.Graph, weight: Floats, *, resolution: float, seed: int) -> Ints:
    """Run Leiden once. igraph draws from one generator for the whole process: set it here only."""
    igraph.set_random_number_generator(random.Random(seed))  # noqa: S311, no secrets here
    found = graph.community_leiden(
        objective_function="CPM", weights=weight, resolution=resolution, n_iterations=4
    )
    return np.asarray(found.membership, dtype=np.int64)


def _parts(size: int, a: Ints, b: Ints) -> Ints:
    links = coo_array((np.ones(len(a)), (a, b)), shape=(size, size))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def _kept(people: Ints, part: Ints, labels: Ints, *, least: int) -> Communities:
    sizes = np.bincount(part)
    member = np.flatnonzero(sizes[part] >= least)
    by_part = member[np.argsort(part[member], kind="stable")]
    groups, group = np.unique(part[by_part], return_inverse=True)
    stability = np.zeros(len(groups))
    for turn in labels:
        community = turn[by_part]
        size = np.bincount(turn)
        both, shared = np.unique(np.stack([group, community]), axis=1, return_counts=True)
        union = sizes[groups][both[0]] + size[both[1]] - shared
        best = np.zeros(len(groups))
        np.maximum.at(best, both[0], shared / union)
        stability += best
    return Communities(
        group=group.astype(np.int64), person=people[by_part], stability=stability / len(labels)
    )
