"""FRAUDAR re-implemented: dense blocks under column weights that camouflage cannot lower.

Hooi, Song, Beutel, Shah, Shin & Faloutsos 2016, doi:10.1145/2939672.2939747: greedy removal of the
node that adds least to f(S)/|S|, edges weighted 1/log(d + 5) with d the degree of their column,
and **binary** edges, as its ports have. Further blocks are sought after the edges of a block are
taken out, as its authors' code does. Departures, both in its favour: columns with one person are
left out (they only add bystanders), and a block is divided into its connected parts, because
blocks of like density come out as one.
"""

import heapq

import numpy as np
import pandas as pd

from benchmarks.peers.frame import LEAST_PEOPLE, Ints, ranked, remembered, scopes
from benchmarks.peers.linked import parts


@remembered
def fraudar(visits: pd.DataFrame, *, by: str, window: int, blocks: int) -> list[set[int]]:
    """Return the people of up to ``blocks`` blocks of person × (scope, slot of ``window`` s).

    Score: density of the block (the order in which they are found), then size.
    """
    person, column = _edges(visits, by, window)
    groups: list[set[int]] = []
    scores: list[float] = []
    for _ in range(blocks):
        if not len(person):
            break
        rows, columns, density = peeled(person, column)
        inside = np.isin(person, rows) & np.isin(column, columns)
        for group in _parts(person[inside], column[inside]):
            groups.append(group)
            scores.append(density)
        person, column = person[~inside], column[~inside]
    return ranked(groups, scores)


def _edges(visits: pd.DataFrame, by: str, window: int) -> tuple[Ints, Ints]:
    frame = pd.DataFrame({"person": visits["person"], "scope": scopes(visits, by)})
    frame["slot"] = visits["at"] // window
    frame = frame.drop_duplicates()
    frame = frame[frame.groupby(["scope", "slot"])["person"].transform("size") > 1]
    column = frame.groupby(["scope", "slot"], sort=True).ngroup()
    return frame["person"].to_numpy().astype(np.int64), column.to_numpy().astype(np.int64)


def peeled(person: Ints, column: Ints) -> tuple[Ints, Ints, float]:
    """Return rows, columns and density of the densest set met while peeling node by node."""
    rows, a = np.unique(person, return_inverse=True)
    columns, b = np.unique(column, return_inverse=True)
    b = b + len(rows)
    size = len(rows) + len(columns)
    degree = np.bincount(b, minlength=size)
    worth = (1.0 / np.log(degree[b] + 5.0)).astype(float)
    near: list[list[tuple[int, float]]] = [[] for _ in range(size)]
    for x, y, w in zip(a.tolist(), b.tolist(), worth.tolist(), strict=True):
        near[x].append((y, w))
        near[y].append((x, w))
    weight = (np.bincount(a, worth, size) + np.bincount(b, worth, size)).tolist()
    total, best, at_best = float(worth.sum()), -1.0, 0
    removed: list[int] = []
    heap = [(w, node) for node, w in enumerate(weight)]
    heapq.heapify(heap)
    alive = [True] * size
    while heap:
        w, node = heapq.heappop(heap)
        if not alive[node] or w != weight[node]:
            continue
        density = total / (size - len(removed))
        if density > best:
            best, at_best = density, len(removed)
        alive[node] = False
        removed.append(node)
        total -= w
        for other, edge in near[node]:
            if alive[other]:
                weight[other] -= edge
                heapq.heappush(heap, (weight[other], other))
    left = np.setdiff1d(np.arange(size), np.array(removed[:at_best], dtype=np.int64))
    return rows[left[left < len(rows)]], columns[left[left >= len(rows)] - len(rows)], best


def _parts(person: Ints, column: Ints) -> list[set[int]]:
    """Return the people of each connected part of a block."""
    far = int(person.max(initial=0)) + 1
    found = ({node for node in part if node < far} for part in parts(person, column + far))
    return [group for group in found if len(group) >= LEAST_PEOPLE]
