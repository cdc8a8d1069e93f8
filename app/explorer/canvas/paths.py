"""How two nodes hang together: the shortest chains of lines, hubs left out and named."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.explorer.canvas.asking import AGENCY, Asked, shown
from app.explorer.canvas.neighbours import MANY, all_of, parted
from app.explorer.canvas.ties import touching
from graph import schema

HOPS = 4
CHAINS = 5
FRONTIER = 400
"""Nodes of one distance that are looked round at most; beyond, the answer says it is partial."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """The shortest chains between two nodes, both ends included, in order of their names.

    ``hubs`` were met and left out because they have more than ``MANY`` neighbours: that two people
    were at a busy hospital says little. ``partial``: there was too much to look at all of it.
    ``agency``: staff of the agency who may not be told apart were met or asked for, and left out.
    """

    chains: tuple[tuple[str, ...], ...]
    hubs: tuple[str, ...]
    partial: bool = False
    agency: bool = False


def between(ask: Asked, first: str, second: str, *, hops: int = HOPS) -> Paths:
    """Return up to ``CHAINS`` shortest chains of at most ``hops`` lines.

    Both ends are looked round in turn, the one with less to look at first, until they meet. The
    ends themselves may be hubs.
    """
    if first == second or AGENCY in (first, second):
        return Paths(chains=(), hubs=(), agency=AGENCY in (first, second))
    sides: tuple[_Side, _Side] = (_Side(first), _Side(second))
    hubs: set[str] = set()
    partial = agency = False
    for _ in range(hops):
        side = min(sides, key=lambda each: (len(each.edge), each is sides[1]))
        other = sides[1] if side is sides[0] else sides[0]
        if not side.edge:
            break
        partial |= len(side.edge) > FRONTIER
        looked = sorted(side.edge)[:FRONTIER]
        beside, cut = _beside(ask, looked)
        partial |= cut
        agency |= any(AGENCY in near for near in beside.values())
        for near in beside.values():
            near.discard(AGENCY)
        crowded = {one for one in looked if len(beside.get(one, ())) > MANY} - {first, second}
        hubs |= crowded
        side.grow({one: beside.get(one, set()) for one in looked if one not in crowded}, hubs)
        met = side.reached.keys() & other.reached.keys()
        inner = sorted(met - {first, second})
        if inner:
            busy = {one for one, near in _beside(ask, inner)[0].items() if len(near) > MANY}
            hubs |= busy
            for each in sides:
                each.drop(busy)
            met -= busy
        if met:
            chains = _chains(sides[0], sides[1], met)
            return Paths(chains=chains, hubs=tuple(sorted(hubs)), partial=partial, agency=agency)
    return Paths(chains=(), hubs=tuple(sorted(hubs)), partial=partial, agency=agency)


class _Side:
    """What was reached from one end: every node with those one step nearer to that end."""

    def __init__(self, origin: str) -> None:
        self.reached: dict[str, set[str]] = {origin: set()}
        self.depth: dict[str, int] = {origin: 0}
        self.edge: set[str] = {origin}
        self.steps = 0

    def grow(self, beside: Mapping[str, set[str]], without: set[str]) -> None:
        """Take one step outwards."""
        self.steps += 1
        self.edge = set()
        for one in sorted(beside):
            for near in beside[one] - without:
                if self.depth.setdefault(near, self.steps) == self.steps:
                    self.reached.setdefault(near, set()).add(one)
                    self.edge.add(near)

    def drop(self, ids: set[str]) -> None:
        """Forget nodes through which no chain may lead."""
        self.edge -= ids
        for one in ids:
            self.reached.pop(one, None)

    def back(self, one: str) -> list[tuple[str, ...]]:
        """Return the ways from a node to the origin, in order of their names."""
        if self.depth[one] == 0:
            return [(one,)]
        return [
            (one, *rest) for near in sorted(self.reached[one]) for rest in self.back(near)[:CHAINS]
        ]


def _chains(first: _Side, second: _Side, met: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    found = sorted(
        (*reversed(there), *back[1:])
        for one in met
        for there in first.back(one)[:CHAINS]
        for back in second.back(one)[:CHAINS]
    )
    least = min((len(chain) for chain in found), default=0)
    return tuple(dict.fromkeys(chain for chain in found if len(chain) == least))[:CHAINS]


def _beside(ask: Asked, ids: Iterable[str]) -> tuple[dict[str, set[str]], bool]:
    """Return the neighbours of each node, one more than ``MANY`` for a hub; and if some are cut."""
    by_label: dict[str, list[str]] = {}
    for one in ids:
        label, key = parted(one)
        by_label.setdefault(label, []).append(key)
    asked: list[tuple[str, str, str, dict[str, list[str]]]] = []
    for label, keys in sorted(by_label.items()):
        start = f"UNWIND $keys AS one MATCH (n:{label} {{{schema.node(label).key}: one}})"
        for tie, side in touching(label):
            if not tie.default(label):
                continue
            other = tie.other(label)
            near = f"(o:{other})"
            ends = {"a": "(n)", "b": near} if side == "a" else {"a": near, "b": "(n)"}
            pattern = tie.seen_from(side, quick=bool(tie.quick)).format(**ends)
            text = (
                f"{start}\nCALL (n) {{\n  MATCH {pattern}\n"
                f"  WITH DISTINCT o.{schema.node(other).key} AS key LIMIT {MANY + 1}\n"
                "  RETURN key\n}\nRETURN one, key ORDER BY one, key"
            )
            asked.append((label, other, text, {"keys": keys}))
    found: dict[str, set[str]] = {}
    cut = False
    answers = all_of(ask, [(text, values) for *_, text, values in asked])
    for (label, other, *_), answer in zip(asked, answers, strict=True):
        cut |= answer.truncated
        for one, key in answer.rows:
            found.setdefault(f"{label}:{one}", set()).update(shown(ask, [f"{other}:{key}"]))
    return found, cut
