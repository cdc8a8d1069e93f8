"""The graph of boxes settled again elsewhere: edges beyond chance, the parts they form, the null.

Kept apart from the tables so that the null worlds run through exactly the same functions.
"""

from dataclasses import dataclass

import igraph
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
LEAST_BOXES = 2  # a single box that came back ties no two places together
SAME_DRUGS = 0.5  # cosine of the drugs of two edges from which they carry one trade


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """Directed edges in the order of (first, later): places, boxes, expected boxes, p-value."""

    first: Ints
    later: Ints
    boxes: Ints
    expected: Floats
    p_value: Floats

    def where(self, mask: NDArray[np.bool_] | Ints) -> "Edges":
        """Return the edges a mask selects, or those of these rows."""
        return Edges(**{name: getattr(self, name)[mask] for name in self.__slots__})


def edges(first: Ints, later: Ints, share: Floats) -> Edges:
    """Count boxes by directed pair of places and compare each pair with the rest of the county.

    ``share`` is each place's share of all boxes with a code. Without trade a code is settled again
    elsewhere by misreads and clones. Their number is taken from all **other** pairs of places (one
    more is assumed than was seen), and two expectations are drawn from it: by the volume of the two
    places, and by how prone each of them is to errors, so that a bad scanner is not news. Errors
    scatter and a trade does not, so proneness is read from **how many** other places a place
    exchanges codes with (:func:`_scatter`), which the few partners of a trade cannot raise. The
    larger expectation counts. What remains unknown of a pair's own rate is a gamma of shape 1 (all
    that follows from a mean alone), hence a geometric tail. Codes settled again at the same place
    are compared with those of all other places, by volume.
    """
    size = len(share)
    same = first == later
    own, repeated = np.unique(first[same], return_counts=True)
    first, later = first[~same], later[~same]
    key, boxes = np.unique(first * size + later, return_counts=True)
    i, j = key // size, key % size
    mirror = np.minimum(np.searchsorted(key, j * size + i), max(len(key) - 1, 0))
    returned = np.where(key[mirror] == j * size + i, boxes[mirror], 0) if len(key) else boxes
    rest = len(first) - boxes - returned + 1.0
    volume = rest * share[i] * share[j] / max(1.0 - float(np.sum(share**2)), 1e-9)
    out, back = np.bincount(i, minlength=size), np.bincount(j, minlength=size)
    total = max(float(_scatter(out, share).sum()), 1.0)
    prone = _scatter(out[i] - 1, share) * _scatter(back[j] - 1, share) / total
    expected = np.maximum(volume, prone)
    at_home = (same.sum() - repeated + 1.0) * share[own]
    i, j, boxes = (np.concatenate(p) for p in ((i, own), (j, own), (boxes, repeated)))
    expected = np.maximum(np.concatenate([expected, at_home]), 1e-9)
    p = np.exp(boxes * (np.log(expected) - np.log1p(expected)))
    found = Edges(first=i, later=j, boxes=boxes, expected=expected, p_value=p)
    return found.where(np.lexsort((j, i)))


def _scatter(partners: Ints, share: Floats) -> Floats:
    """Return how many boxes thrown at places at random hit so many different ones.

    The inverse of the occupancy D = P·(1 − e^(−m/P)), P the number of equally large places that
    would scatter codes as these do.
    """
    equal = max(1.0 / float(np.sum(share**2)), 1.0)
    hit = np.minimum(partners, equal - 0.5) / equal
    return np.asarray(-equal * np.log1p(-hit), dtype=np.float64)


def fewer(people: Floats, drawn: Floats) -> Floats:
    """Return a bound on P(so few people or fewer) where a draw meets ``drawn`` on average.

    Whether a draw without replacement meets one person and another is negatively associated, so
    Chernoff's bound holds (Dubhashi & Ranjan 1998): exp(−(x ln(x/μ) + μ − x)) below the mean.
    """
    x, mean = np.maximum(people, 1e-9), np.maximum(drawn, 1e-9)
    bound = np.exp(-(x * np.log(x / mean) + mean - x))
    return np.asarray(np.where(x < mean, bound, 1.0), dtype=np.float64)


def beyond(found: Edges, link_p: float) -> Edges:
    """Return the edges that may tie places together."""
    return found.where((found.p_value <= link_p) & (found.boxes >= LEAST_BOXES))


def parts(found: Edges) -> Ints:
    """Return the weakly connected part of each edge, numbered by its least edge."""
    if not len(found.first):
        return np.empty(0, np.int64)
    size = int(max(found.first.max(), found.later.max())) + 1
    links = coo_array((np.ones(len(found.first)), (found.first, found.later)), shape=(size, size))
    label = connected_components(links, directed=True, connection="weak")[1]
    return np.unique(label[found.first], return_inverse=True)[1].astype(np.int64)


def trades(found: Edges, edge: Ints, person: Ints, drug: Ints) -> Ints:
    """Return the part of each edge, where two trades that only share a place stay two.

    ``edge``, ``person`` and ``drug`` (numbers) are one row a box: its edge, who settled it first,
    what it was. Two edges that touch a common place are one trade if somebody's boxes travel on
    both, or if they carry the same drugs (cosine from ``SAME_DRUGS``), or if they close a circle;
    two circles that have one place in common are two.
    """
    count = len(found.first)
    if not count:
        return np.empty(0, np.int64)
    size = int(max(found.first.max(), found.later.max())) + 1
    ends = np.concatenate([found.first, found.later])
    at = _held(np.tile(np.arange(count), 2), ends, (count, size))
    touching = (at @ at.T).tocoo()
    a, b = touching.coords
    sellers = _held(edge, person, (count, int(person.max(initial=0)) + 1))
    sellers.data = np.minimum(sellers.data, 1.0)
    sold = _held(edge, drug, (count, int(drug.max(initial=0)) + 1))
    norm = np.sqrt(np.asarray(sold.multiply(sold).sum(axis=1)).ravel())
    inside = _circles(found, size)
    shared = np.asarray(sellers[a].multiply(sellers[b]).sum(axis=1)).ravel() > 0
    alike = np.asarray(sold[a].multiply(sold[b]).sum(axis=1)).ravel() / np.maximum(
        norm[a] * norm[b], 1e-9
    )
    one = shared | (alike >= SAME_DRUGS) | ((inside[a] >= 0) & (inside[a] == inside[b]))
    tied = coo_array((np.ones(int(one.sum())), (a[one], b[one])), shape=(count, count))
    return np.asarray(connected_components(tied, directed=False)[1], dtype=np.int64)


def _circles(found: Edges, size: int) -> Ints:
    """Return the circle each edge closes, −1 for none.

    Edges lie on one circle if they are of one strongly connected component and of one block, the
    largest part that no single place holds together (Tarjan 1972, doi:10.1137/0201010).
    """
    links = coo_array((np.ones(len(found.first)), (found.first, found.later)), shape=(size, size))
    strong = connected_components(links, directed=True, connection="strong")[1]
    graph = igraph.Graph(size, list(zip(found.first.tolist(), found.later.tolist(), strict=True)))
    block = np.empty(len(found.first), np.int64)
    for number, inside in enumerate(graph.biconnected_components()):
        here = np.isin(found.first, inside) & np.isin(found.later, inside)
        block[here & (found.first != found.later)] = number
    closed = (strong[found.first] == strong[found.later]) & (found.first != found.later)
    return np.where(closed, block, -1)


def joined(
    found: Edges, part: Ints, steps: tuple[Ints, Ints, Ints], share: Floats, *, most_p: float
) -> tuple[Ints, Ints]:
    """Return the places of each part (part, place; sorted), grown along its sellers' boxes.

    ``steps`` are first place, later place and first person of every box that came back. A seller of
    a part is who has two boxes on its edges. Where sellers' boxes step between a place of the part
    and one outside it more often than misreads fall on a place of that size (geometric tail below
    ``most_p``), that place belongs to it: in a loop of many places each single edge is thin.
    """
    first, later, person = steps
    size = len(share)
    if not len(part):
        return part, part
    inside = np.unique(np.concatenate([part * size + found.first, part * size + found.later]))
    keys = found.first * size + found.later
    spot = np.minimum(np.searchsorted(keys, first * size + later), max(len(keys) - 1, 0))
    on = keys[spot] == first * size + later
    people = int(person.max(initial=0)) + 1
    sellers, often = np.unique(part[spot[on]] * people + person[on], return_counts=True)
    sellers = sellers[often >= LEAST_BOXES]
    grown = [inside]
    for one in range(int(part.max(initial=-1)) + 1):
        theirs = np.isin(person, sellers[sellers // people == one] % people)
        here = inside[inside // size == one] % size
        near, far = np.isin(first, here), np.isin(later, here)
        rim = theirs & (near != far)
        outside, boxes = np.unique(np.where(near, later, first)[rim], return_counts=True)
        stray = rim.sum() - boxes + 1.0
        tail = boxes * (np.log(stray * share[outside]) - np.log1p(stray * share[outside]))
        more = outside[(boxes >= LEAST_BOXES) & (tail <= np.log(most_p))]
        grown.append(one * size + more)
    places = np.unique(np.concatenate(grown))
    return places // size, places % size


def statistic(found: Edges, part: Ints) -> Floats:
    """Return how far each part exceeds chance: Σ n ln(n/λ) − (n − λ) over its edges, in nats."""
    n = found.boxes.astype(np.float64)
    ratio = n * np.log(n / found.expected) - (n - found.expected)
    total = np.bincount(part, ratio, minlength=int(part.max(initial=-1)) + 1)
    return np.asarray(total, dtype=np.float64)


def null_statistics(
    moved: int, stayed: int, share: Floats, *, link_p: float, worlds: int, seed: int
) -> list[Floats]:
    """Return the statistics of the parts of null worlds.

    In each, as many codes as ``moved`` are settled again by error, first and later place drawn by
    volume, times a place's own proneness to errors, exponential between places; and as many as
    ``stayed`` at the place itself.
    """
    draw = np.random.default_rng(seed)
    found = []
    for _ in range(worlds):
        prone = draw.exponential(size=(3, len(share))) * share
        first, later, own = (
            draw.choice(len(share), size=size, p=row / row.sum()).astype(np.int64)
            for row, size in zip(prone, (moved, moved, stayed), strict=True)
        )
        apart = first != later
        first, later = (np.concatenate([part[apart], own]) for part in (first, later))
        linked = beyond(edges(first, later, share), link_p)
        found.append(statistic(linked, parts(linked)))
    return found


def _held(row: Ints, column: Ints, shape: tuple[int, int]) -> "coo_array":
    return coo_array((np.ones(len(row)), (row, column)), shape=shape).tocsr()
