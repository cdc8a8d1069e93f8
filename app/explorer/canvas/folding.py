"""More nodes than can be drawn: those that say the same are folded into one, and counted.

First nodes of one type that hang on the same neighbours, the largest such set first; then the
members of one ring by type; then whatever of one type hangs on the same strongest neighbour.
Folding is for drawing only: the state keeps every node.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.explorer.canvas.neighbours import Facts, Line

LEAST = 3
"""Fewer nodes are not folded into one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Nodes of one type that are drawn as one."""

    id: str
    type: str
    members: tuple[str, ...]


def folded(
    ids: Sequence[str], lines: Iterable[Line], facts: Mapping[str, Facts], *, limit: int,
    keep: Iterable[str] = (),
) -> dict[str, Fold]:  # fmt: skip
    """Return the fold of every node that is folded, so that at most ``limit`` are drawn.

    ``keep`` are never folded: selected, pinned, noted ones. Where even that leaves too many, the
    rest of each type is one node.
    """
    if len(ids) <= limit:
        return {}
    beside = _beside(lines)
    kept = set(keep)
    loose = [one for one in ids if one not in kept]
    rings = {one: facts[one].rings[0][0] for one in loose if one in facts and facts[one].rings}
    ways: list[Callable[[str], str]] = [
        lambda one: "=" + "|".join(sorted(beside.get(one, ()))),
        lambda one: f"ring|{rings[one]}" if one in rings else "",
        lambda one: "~" + max(beside[one].items(), key=lambda near: (near[1], near[0]))[0]
        if beside.get(one) else "",
        lambda _: "rest",
    ]  # fmt: skip
    folds: dict[str, Fold] = {}
    for way in ways:
        sets: dict[tuple[str, str], list[str]] = {}
        for one in loose:
            if one not in folds and (name := way(one)):
                sets.setdefault((one.partition(":")[0], name), []).append(one)
        for (type_, name), members in sorted(
            sets.items(), key=lambda each: (-len(each[1]), each[0])
        ):
            if _drawn(ids, folds) <= limit:
                return folds
            if len(members) >= LEAST:
                fold = _fold(type_, name, members)
                folds.update(dict.fromkeys(members, fold))
    return folds


def _drawn(ids: Sequence[str], folds: Mapping[str, Fold]) -> int:
    return len(ids) - len(folds) + len({fold.id for fold in folds.values()})


def _fold(type_: str, name: str, members: Sequence[str]) -> Fold:
    digest = hashlib.sha256(f"{type_}{name}".encode()).hexdigest()[:12]
    return Fold(id=f"Fold:{type_}:{digest}", type=type_, members=tuple(sorted(members)))


def _beside(lines: Iterable[Line]) -> dict[str, Counter[str]]:
    near: dict[str, Counter[str]] = {}
    for line in lines:
        near.setdefault(line.start, Counter())[line.end] += line.times
        near.setdefault(line.end, Counter())[line.start] += line.times
    return near
