"""Who hangs on what, as a vector picture: at the explorer's saved positions, or laid out anew."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import igraph

from casework.reports.svg import (
    FOR,
    INK,
    NEUTRAL,
    circle,
    columns_of,
    corners,
    drawing,
    line,
    polygon,
    rectangle,
    words,
)
from ingest.texts import Language, say

Spot = tuple[float, float]
WIDTH, HEIGHT, EDGE, LEGEND = 520.0, 390.0, 26.0, 34.0
LIMIT = 220
"""Nodes drawn; of more, those with the most settlements."""

LABELS = 70
SEED = 7
# Colour is the family, shape the type, as in the explorer.
STYLE = {
    "Patient": "#0072B2",
    "Device": "#009E73",
    "Pharmacy": "#009E73",
    "Institution": "#009E73",
    "Doctor": "#CC79A7",
    "Staff": "#CC79A7",
    "Account": "#E69F00",
    "Agent": "#56B4E9",
}
CORNERS = {"Pharmacy": 6, "Institution": 5, "Doctor": 4, "Agent": 8}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """So many settlements (days, for ``swiped_with``) between two nodes, each (type, key)."""

    left: tuple[str, str]
    right: tuple[str, str]
    tie: str
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A picture, and how many of the nodes are in it."""

    svg: str
    shown: int
    total: int


def network(
    ties: Sequence[Tie],
    names: Mapping[str, str],
    lang: Language,
    *,
    positions: Mapping[str, Spot] | None = None,
) -> Drawn:
    """Draw ties; ``positions`` by ``Type:key`` are used where they hold every node drawn.

    The same ties and positions give the same picture. ``names`` are what is written at nodes.
    """
    weight: dict[tuple[str, str], int] = {}
    for tie in ties:
        for end in (tie.left, tie.right):
            weight[end] = weight.get(end, 0) + tie.times
    kept = sorted(sorted(weight, key=lambda one: (-weight[one], one))[:LIMIT])
    inside = set(kept)
    drawn = [tie for tie in ties if tie.left in inside and tie.right in inside]
    saved = positions or {}
    at = [saved.get(f"{kind}:{key}") for kind, key in kept]
    spots = [spot for spot in at if spot is not None]
    if len(spots) < len(kept):
        spots = _laid_out(kept, drawn)
    placed = dict(zip(kept, _fitted(spots), strict=True))
    shapes = [*_lines(drawn, placed), *_nodes(kept, placed, names), *_legend(kept, drawn, lang)]
    return Drawn(svg=drawing(WIDTH, HEIGHT, shapes), shown=len(kept), total=len(weight))


def _lines(ties: Sequence[Tie], placed: Mapping[tuple[str, str], Spot]) -> list[str]:
    ordered = sorted(ties, key=lambda tie: (tie.tie == "swiped_with", tie.left, tie.right))
    return [
        line(
            (*placed[tie.left], *placed[tie.right]),
            stroke=FOR if tie.tie == "swiped_with" else NEUTRAL,
            width=0.5 + min(2.2, 0.28 * math.log2(1 + tie.times)),
            dashed=tie.tie == "installed_at",
            opacity=0.75 if tie.tie == "swiped_with" else 0.6,
        )
        for tie in ordered
    ]


def _nodes(
    kept: Sequence[tuple[str, str]],
    placed: Mapping[tuple[str, str], Spot],
    names: Mapping[str, str],
) -> list[str]:
    marks, labels = [], []
    named = len(kept) <= LABELS
    for one in kept:
        kind, key = one
        x, y = placed[one]
        marks.append(_mark(kind, x, y, 5.2 if kind == "Patient" else 6.8))
        if named or kind != "Patient":
            size = 5.6 if kind == "Patient" else 6.6
            label = names.get(key, key)
            labels.append(words(x, y + 12.5, label, size=size, anchor="middle", halo=True))
    return [*marks, *labels]


def _mark(kind: str, x: float, y: float, radius: float) -> str:
    fill = STYLE.get(kind, NEUTRAL)
    if kind in CORNERS:
        turn = 0.5 / CORNERS[kind] if kind in ("Pharmacy", "Agent") else 0.0
        return polygon(corners(x, y, radius, CORNERS[kind], turn=turn), fill=fill)
    if kind == "Device":
        return rectangle(
            x - radius * 0.8, y - radius * 0.8, radius * 1.6, radius * 1.6, fill=fill, stroke=INK
        )
    if kind == "Staff":
        ends = [(-1.0, -0.7), (0.4, -0.7), (1.0, 0.0), (0.4, 0.7), (-1.0, 0.7)]
        return polygon([(x + a * radius, y + b * radius) for a, b in ends], fill=fill)
    if kind == "Account":
        return rectangle(
            x - radius, y - radius * 0.65, radius * 2, radius * 1.3, fill=fill, stroke=INK
        )
    return circle(x, y, radius, fill=fill)


def _legend(kept: Sequence[tuple[str, str]], ties: Sequence[Tie], lang: Language) -> list[str]:
    """Return the types and ties that are drawn, along the foot of the picture."""
    shapes, x, y = [], EDGE, HEIGHT - LEGEND + 10
    for kind in (kind for kind in STYLE if kind in {kind for kind, _ in kept}):
        text = say(f"report.node.{kind}", lang)
        shapes += [_mark(kind, x, y, 4.6), words(x + 8, y + 2.8, text, size=7.5)]
        x += 20 + columns_of(text) * 4.1
    x, y = EDGE, y + 15
    for tie in sorted({tie.tie for tie in ties}):
        text = say(f"report.tie.{tie}", lang)
        colour = FOR if tie == "swiped_with" else NEUTRAL
        shapes += [
            line((x - 5, y, x + 9, y), stroke=colour, width=1.6, dashed=tie == "installed_at"),
            words(x + 13, y + 2.8, text, size=7.5),
        ]
        x += 28 + columns_of(text) * 4.1
    return shapes


def _laid_out(kept: Sequence[tuple[str, str]], ties: Sequence[Tie]) -> list[Spot]:
    """Place the nodes by Kamada and Kawai, part by part where they do not hang together."""
    index = {one: n for n, one in enumerate(kept)}
    pairs = sorted(
        {
            tuple(sorted((index[tie.left], index[tie.right])))
            for tie in ties
            if tie.left != tie.right
        }
    )
    graph = igraph.Graph(n=len(kept), edges=pairs)
    igraph.set_random_number_generator(random.Random(SEED))  # noqa: S311 - a picture, no secret
    try:
        start = graph.layout_circle()
        if graph.is_connected():
            found = graph.layout_kamada_kawai(seed=start, maxiter=20 * max(1, len(kept)))
        else:
            found = graph.layout_fruchterman_reingold(seed=start, grid=False, niter=600)
    finally:
        igraph.set_random_number_generator(random)
    return [(float(x), float(y)) for x, y in found.coords]


def _fitted(spots: Sequence[Spot]) -> list[Spot]:
    """Stretch positions over the room there is; a single one stands in the middle."""
    room = ((EDGE + 14, WIDTH - EDGE - 14), (EDGE * 0.6, HEIGHT - LEGEND - EDGE))
    axes = []
    for axis, (low, high) in enumerate(room):
        values = [spot[axis] for spot in spots]
        least, most = min(values, default=0.0), max(values, default=0.0)
        span = most - least
        axes.append(
            [low + (high - low) * ((v - least) / span if span > 1e-9 else 0.5) for v in values]
        )
    return list(zip(*axes, strict=True)) if spots else []
