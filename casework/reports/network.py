"""Who hangs on what, as a vector picture: at the explorer's saved positions, or laid out anew."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import igraph
import numpy as np

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
LEAST, ROUNDS = 22.0, 60
"""Points that two nodes are apart where they were laid out, and how often they are pushed."""

_ROOM = ((EDGE + 14, EDGE * 0.6), (WIDTH - EDGE - 14, HEIGHT - LEGEND - EDGE))
"""The corners, upper left and lower right, between which nodes stand."""

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
    whole = len(spots) == len(kept)
    fitted = _fitted(spots) if whole else _apart(_fitted(_laid_out(kept, drawn)))
    placed = dict(zip(kept, fitted, strict=True))
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
    """Draw the nodes, and their names where there is room: those of places and staff before people.

    A person's name that would lie on another is left out; the table of members has all of them.
    """
    marks: list[str] = []
    labels: list[str] = []
    taken: list[Box] = []
    for kind, key in kept:
        marks.append(_mark(kind, *placed[kind, key], 5.2 if kind == "Patient" else 6.8))
    for one in sorted(kept, key=lambda one: (one[0] == "Patient", one)):
        person = one[0] == "Patient"
        if person and len(kept) > LABELS:
            break
        label = names.get(one[1], one[1]).removeprefix("proxy:")
        size = 5.6 if person else 6.6
        spots = [_label(*placed[one], label, size, side) for side in _SIDES]
        free = [spot for spot in spots if not any(_meet(spot.box, other) for other in taken)]
        if free or not person:
            spot = (free or spots)[0]
            taken.append(spot.box)
            labels.append(words(spot.x, spot.y, label, size=size, anchor=spot.anchor, halo=True))
    return [*marks, *labels]


_SIDES = ((0.0, 12.5, "middle"), (0.0, -8.5, "middle"), (9.0, 2.3, "start"), (-9.0, 2.3, "end"))
"""Where the name of a node may stand: below, above, right, left of it."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Label:
    x: float
    y: float
    anchor: str
    box: Box


def _label(x: float, y: float, text: str, size: float, side: tuple[float, float, str]) -> _Label:
    across, down, anchor = side
    width = columns_of(text) * size * 0.54
    left = x + across - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
    box = (left, y + down - size, left + width, y + down + 1.0)
    return _Label(x + across, y + down, anchor, box)


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


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


def _apart(spots: Sequence[Spot]) -> list[Spot]:
    """Push nodes that lie on each other apart, so that each can be seen; none leaves the picture.

    Two at one spot, such as two officers whom everybody is tied to, part in a fixed direction.
    """
    at = np.array(spots, dtype=float).reshape(-1, 2)
    order = np.arange(len(at))
    angle = (order[:, None] + order[None, :]) * 2.4
    side = np.sign(order[:, None] - order[None, :])
    fixed = np.stack([np.cos(angle) * side, np.sin(angle) * side], axis=-1)
    for _ in range(ROUNDS):
        gap = at[:, None] - at[None, :]
        far = np.hypot(gap[..., 0], gap[..., 1])
        near = (far < LEAST) & (side != 0)
        if not near.any():
            break
        away = np.where((far > 0.01)[..., None], gap / np.maximum(far, 0.01)[..., None], fixed)
        push = np.where(near, (LEAST - far) / 2, 0.0)
        at = np.clip(at + (away * push[..., None]).sum(axis=1) * 0.6, *_ROOM)
    return [(float(x), float(y)) for x, y in at]


def _fitted(spots: Sequence[Spot]) -> list[Spot]:
    """Stretch positions over the room there is; a single one stands in the middle."""
    axes = []
    for axis, (low, high) in enumerate(zip(*_ROOM, strict=True)):
        values = [spot[axis] for spot in spots]
        least, most = min(values, default=0.0), max(values, default=0.0)
        span = most - least
        axes.append(
            [low + (high - low) * ((v - least) / span if span > 1e-9 else 0.5) for v in values]
        )
    return list(zip(*axes, strict=True)) if spots else []
