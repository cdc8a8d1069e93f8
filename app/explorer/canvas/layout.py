"""Where nodes stand: a whole picture laid out, or new nodes placed round what is there.

Every function is deterministic. Nothing that already has a place is moved by :func:`beside`.
Units are those of the canvas; a node is some 40 wide.
"""

import math
import random
from collections.abc import Iterable, Mapping, Sequence

import igraph
import numpy as np
import numpy.typing as npt

from app.explorer.canvas.state import Spot

SEED = 7
NODE = 62.0
"""Least distance between the centres of two nodes, so that the names below them can be read."""
GAP = 110.0
ROUNDS = 60

Pairs = Sequence[tuple[str, str]]
Points = npt.NDArray[np.float64]


def whole(
    ids: Iterable[str], pairs: Pairs, *, groups: Mapping[str, str] | None = None
) -> dict[str, Spot]:
    """Return a place for every node: parts that hang together laid out alone, then packed.

    With ``groups`` (node to group) the parts are the groups, and the rest; only lines inside a
    group pull then. Fruchterman and Reingold without the grid that igraph uses by default for
    large graphs, on which they collapse; then nodes that stand too close are pushed apart.
    """
    order = sorted(set(ids))
    parts = _grouped(order, groups) if groups else _parts(order, pairs)
    laid = []
    for part in parts:
        points = _apart(_sprung(part, pairs))
        laid.append((part, points))
    return packed(laid)


def packed(parts: Sequence[tuple[Sequence[str], Points]], *, gap: float = GAP) -> dict[str, Spot]:
    """Put parts side by side on shelves, the largest first, in about the shape of a screen.

    ``parts`` are (ids, one point each); the result has whole numbers.
    """
    boxes = []
    for ids, points in parts:
        if not len(ids):
            continue
        low = points.min(axis=0)
        width, height = points.max(axis=0) - low
        boxes.append((float(width), float(height), list(ids), points - low))
    if not boxes:
        return {}
    boxes.sort(key=lambda box: (-box[0] * box[1], -len(box[2]), box[2]))
    area = sum((width + gap) * (height + gap) for width, height, *_ in boxes)
    limit = max(boxes[0][0] + gap, 1.6 * math.sqrt(area))
    spots: dict[str, Spot] = {}
    x = y = row = 0.0
    for width, height, ids, points in boxes:
        if x and x + width > limit:
            x, y, row = 0.0, y + row + gap, 0.0
        for one, (left, top) in zip(ids, points, strict=True):
            spots[one] = (round(x + float(left)), round(y + float(top)))
        x, row = x + width + gap, max(row, height)
    return spots


def beside(
    at: Mapping[str, Spot], new: Iterable[str], pairs: Pairs, *, anchor: str | None = None
) -> dict[str, Spot]:
    """Return a place for each new node near what it is joined to; nothing placed is moved.

    A node goes to the free spot nearest to the middle of its neighbours, away from the rest of
    the picture; one without a placed neighbour goes beside the anchor, or below the picture.
    """
    fresh = [one for one in dict.fromkeys(new) if one not in at]
    if not fresh:
        return {}
    if not at:
        return whole(fresh, pairs)
    near: dict[str, list[str]] = {one: [] for one in fresh}
    for a, b in pairs:
        if a in near and b in at:
            near[a].append(b)
        if b in near and a in at:
            near[b].append(a)
    standing = np.array(list(at.values()), dtype=float)
    taken = np.vstack([standing, np.empty((len(fresh), 2))])
    count = len(standing)
    middle = standing.mean(axis=0)
    below = np.array([middle[0], standing[:, 1].max() + 2 * NODE])
    spots: dict[str, Spot] = {}
    loose = sorted(fresh, key=lambda one: (-len(near[one]), fresh.index(one)))
    for one in loose:
        ends = near[one] or ([anchor] if anchor is not None and anchor in at else [])
        home = np.mean([at[end] for end in ends], axis=0) if ends else below
        spot = _free(home, middle, taken[:count], alone=len(ends) <= 1)
        taken[count] = spot
        count += 1
        spots[one] = (round(float(spot[0])), round(float(spot[1])))
    return {one: spots[one] for one in fresh}


def _free(home: Points, middle: Points, taken: Points, *, alone: bool) -> Points:
    """Return the nearest free spot to ``home``, on rings round it, first away from the middle."""
    away = math.atan2(float(home[1] - middle[1]), float(home[0] - middle[0]))
    radius = 1.7 * NODE if alone else 0.0
    while True:
        size = max(1, int(2 * math.pi * radius / NODE))
        turns = np.arange(size)
        signs = np.where(turns % 2, 1, -1) * ((turns + 1) // 2)
        angles = away + signs * (2 * math.pi / size)
        spots = home + radius * np.column_stack([np.cos(angles), np.sin(angles)])
        distance = np.linalg.norm(spots[:, None, :] - taken[None, :, :], axis=2).min(axis=1)
        free = np.flatnonzero(distance >= NODE * 0.98)
        if len(free):
            return np.asarray(spots[free[0]])
        radius += NODE * 0.8


def _parts(order: Sequence[str], pairs: Pairs) -> list[list[str]]:
    graph = _graph(order, pairs)
    return [[order[n] for n in part] for part in graph.connected_components()]


def _grouped(order: Sequence[str], groups: Mapping[str, str]) -> list[list[str]]:
    parts: dict[str, list[str]] = {}
    for one in order:
        parts.setdefault(groups.get(one, ""), []).append(one)
    return [parts[name] for name in sorted(parts)]


def _graph(order: Sequence[str], pairs: Pairs) -> igraph.Graph:
    index = {one: n for n, one in enumerate(order)}
    inside = {
        (min(index[a], index[b]), max(index[a], index[b]))
        for a, b in pairs
        if a in index and b in index and a != b
    }
    return igraph.Graph(n=len(order), edges=sorted(inside))


def _sprung(part: Sequence[str], pairs: Pairs) -> Points:
    if len(part) == 1:
        return np.zeros((1, 2))
    graph = _graph(part, pairs)
    igraph.set_random_number_generator(random.Random(SEED))  # noqa: S311 - a picture, no secret
    try:
        if len(part) <= 250 and graph.is_connected():
            start = graph.layout_kamada_kawai(seed=graph.layout_circle(), maxiter=20 * len(part))
        else:
            start = graph.layout_fruchterman_reingold(
                seed=graph.layout_circle(), grid=False, niter=400 if len(part) < 800 else 150
            )
    finally:
        igraph.set_random_number_generator(random)
    points = np.array(start.coords, dtype=float)
    points -= points.mean(axis=0)
    spread = float(np.sqrt((points**2).sum(axis=1).mean())) or 1.0
    return np.asarray(points / spread * NODE * 0.8 * math.sqrt(len(part)))


def _apart(points: Points) -> Points:
    """Push nodes that stand too close from each other, a little in each round."""
    if len(points) < 2:
        return points
    points = points.copy()
    for _ in range(ROUNDS if len(points) < 600 else 12):
        gap = points[:, None, :] - points[None, :, :]
        distance = np.linalg.norm(gap, axis=2)
        np.fill_diagonal(distance, np.inf)
        close = distance < NODE
        if not close.any():
            break
        # Two nodes on one spot are pushed along a line of their own.
        same = distance < 1e-6
        angle = np.arange(len(points)) * 2.399963
        way = np.column_stack([np.cos(angle), np.sin(angle)])
        gap = np.where(same[..., None], way[:, None, :] - way[None, :, :], gap)
        distance = np.where(same, 1.0, distance)
        push = np.where(close, (NODE - np.minimum(distance, NODE)) / distance, 0.0)
        points += (gap * push[..., None]).sum(axis=1) * 0.35
    return points
