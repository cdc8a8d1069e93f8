"""Candidates: what a detector hands on, and how those that are one group become one."""

import math
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ibis.backends.duckdb import Backend
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from detectors.pairs import benjamini_hochberg
from detectors.settings import DetectSettings
from detectors.world import Floats, Ground, Ints, Pairs
from ingest.workspace import Workspace

Score = Literal["log2_ratio", "difference", "observed"]
CONTAINED = 0.8  # a group of which so much lies within another is part of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What every detector is given. Detectors read; none decides, none writes.

    ``pairs`` and ``null_pairs`` are calibrated (:mod:`detectors.calibration`); ``pools`` are the
    merged groups that meet, for detectors that build on them: all for those that join, the ones at
    institutions for the rest.
    """

    backend: Backend
    workspace: Workspace
    settings: DetectSettings
    ground: Ground
    pairs: Pairs
    null_pairs: tuple[Pairs, ...]
    pools: "Candidates | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Something measured: its sentence is ``measure.<name>``, its name ``measure.name.<name>``.

    ``score`` says on what scale the learnt factors read it; ``rising`` whether a larger score may
    only speak more for a ring (else: a smaller one). A score below ``least`` says no more than
    ``least``: what it might clear is for an honest explanation to test.
    """

    name: str
    unit: str
    score: Score
    rising: bool = True
    least: float = -math.inf


OTHERS = pa.schema(
    [
        ("gid", pa.int64()),
        ("entity_type", pa.string()),
        ("entity_id", pa.string()),
        ("role", pa.string()),
        ("weight", pa.float64()),
    ]
)
HELD = pa.schema([("gid", pa.int64()), ("setl_id", pa.string()), ("certain", pa.bool_())])


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Candidate groups 0 … n − 1 of one detector.

    ``gid`` and ``person`` are member rows, ``person`` the row number in the sorted clean persons; a
    group may have no persons. ``stability`` (0–1), ``statistic`` and ``p_value`` have one value a
    group; ``tests`` is how many groups were looked at in all, for the false-discovery rate, unless
    ``q_value`` gives it (for groups made of parts that were tested).
    ``others`` (:data:`OTHERS`) holds members that are not insured persons. ``settlements``
    (:data:`HELD`) holds what a group rests on where that is not its joint sessions: ``certain``
    rows show it, the rest are the same parties' other settlements that may belong to it.
    ``signs`` maps a sign of the detector to observed and expected values, ``honest`` an explanation
    to the share it covers; NaN where a group could not be measured.
    """

    gid: Ints
    person: Ints
    stability: Floats
    statistic: Floats
    p_value: Floats
    tests: float = 0.0
    q_value: Floats | None = None
    others: pa.Table | None = None
    settlements: pa.Table | None = None
    signs: dict[str, tuple[Floats, Floats]] = field(default_factory=dict)
    honest: dict[str, Floats] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.stability)


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """All candidates of a run, numbered 0 … n − 1, with what found them.

    ``kind`` is empty where the sessions of the group decide it. ``q_value`` is
    Benjamini–Hochberg's within a detector's own tests.
    """

    detector: NDArray[np.str_]
    family: NDArray[np.str_]
    kind: NDArray[np.str_]
    role: NDArray[np.str_]
    q_value: Floats
    found: Candidates

    def __len__(self) -> int:
        return len(self.found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The candidates of one detector on their way into :class:`Groups`."""

    detector: str
    family: str
    kind: str
    role: str
    found: Candidates


def united(parts: list[Part]) -> Groups:
    """Give the candidates of all detectors one numbering."""
    sizes = [len(part.found) for part in parts]

    def spread(values: list[str]) -> NDArray[np.str_]:
        return np.repeat(np.array(values, np.str_), sizes)

    found = stacked([part.found for part in parts])
    return Groups(
        detector=spread([part.detector for part in parts]),
        family=spread([part.family for part in parts]),
        kind=spread([part.kind for part in parts]),
        role=spread([part.role for part in parts]),
        q_value=q_values(found),
        found=found,
    )


def q_values(found: Candidates) -> Floats:
    """Return the false-discovery rate of each candidate of a detector: given, or by its tests."""
    if found.q_value is not None:
        return found.q_value
    return benjamini_hochberg(found.p_value, max(found.tests, float(len(found)), 1.0))


def stacked(every: list[Candidates]) -> Candidates:
    """Return the candidates of all lists under one numbering, each with the q of its own list.

    What one list does not tell of its candidates is NaN for them.
    """
    sizes = np.array([len(found) for found in every], np.int64)
    shift = np.concatenate([[0], np.cumsum(sizes)])

    def dense(columns: list[Floats | None]) -> Floats:
        filled = [
            np.full(size, np.nan) if c is None else c
            for c, size in zip(columns, sizes, strict=True)
        ]
        return np.concatenate(filled).astype(np.float64)

    def sign(name: str, turn: int) -> Floats:
        return dense([f.signs[name][turn] if name in f.signs else None for f in every])

    def rows(tables: list[pa.Table | None], schema: pa.Schema) -> pa.Table:
        moved = [
            table.set_column(0, "gid", pc.add(table["gid"], int(first))).cast(schema)
            for table, first in zip(tables, shift[:-1], strict=True)
            if table is not None
        ]
        return pa.concat_tables([schema.empty_table(), *moved])

    signs = sorted({name for found in every for name in found.signs})
    honest = sorted({name for found in every for name in found.honest})
    return Candidates(
        gid=np.concatenate([f.gid + s for f, s in zip(every, shift[:-1], strict=True)]),
        person=np.concatenate([f.person for f in every]),
        stability=np.concatenate([f.stability for f in every]),
        statistic=np.concatenate([f.statistic for f in every]),
        p_value=np.concatenate([f.p_value for f in every]),
        q_value=np.concatenate([q_values(f) for f in every]),
        tests=float(sum(max(f.tests, len(f)) for f in every)),
        others=rows([f.others for f in every], OTHERS),
        settlements=rows([f.settlements for f in every], HELD),
        signs={name: (sign(name, 0), sign(name, 1)) for name in signs},
        honest={name: dense([f.honest.get(name) for f in every]) for name in honest},
    )


def only(found: Candidates, keep: NDArray[np.bool_]) -> Candidates:
    """Return the groups to keep, renumbered, each with the q it had among all.

    For groups that are known by their persons alone, as those that meet.
    """
    number = np.cumsum(keep) - 1
    rows = keep[found.gid]
    return replace(
        found,
        gid=number[found.gid[rows]],
        person=found.person[rows],
        stability=found.stability[keep],
        statistic=found.statistic[keep],
        p_value=found.p_value[keep],
        q_value=q_values(found)[keep],
        signs={name: (a[keep], b[keep]) for name, (a, b) in found.signs.items()},
    )


def merged(found: list[Candidates], settings: DetectSettings) -> Candidates:
    """Return all candidates with those that are one group merged.

    Two are one from a Jaccard index of ``same_ring``, or where four fifths of one lie within the
    other. The one furthest beyond chance lends its members; p is the least of the parts.
    """
    shift = np.cumsum([0] + [len(part) for part in found])
    gid = np.concatenate([part.gid + s for part, s in zip(found, shift[:-1], strict=True)])
    person = np.concatenate([part.person for part in found])
    stability = np.concatenate([part.stability for part in found])
    statistic = np.concatenate([part.statistic for part in found])
    p_value = np.concatenate([part.p_value for part in found])
    count = int(shift[-1])
    one = _same(gid, person, count, settings.same_ring)
    sizes = np.bincount(gid, minlength=count)
    best = np.lexsort((np.arange(count), -statistic * sizes, one))
    _, first = np.unique(one[best], return_index=True)
    chosen = best[first]
    least = np.full(len(chosen), np.inf)
    np.minimum.at(least, one, p_value)
    number = np.full(count, -1, np.int64)
    number[chosen] = np.arange(len(chosen))
    before = [part.signs.get("found_by", (np.ones(len(part)), None))[0] for part in found]
    agreeing = np.zeros((len(chosen), len(found)))
    np.maximum.at(
        agreeing, (one, np.repeat(np.arange(len(found)), np.diff(shift))), np.concatenate(before)
    )
    keep = number[gid] >= 0
    order = np.lexsort((person[keep], number[gid[keep]]))
    return Candidates(
        gid=number[gid[keep]][order],
        person=person[keep][order],
        stability=stability[chosen],
        statistic=statistic[chosen],
        p_value=least,
        signs={"found_by": (agreeing.sum(axis=1), np.ones(len(chosen)))},
    )


def _same(gid: Ints, person: Ints, count: int, jaccard: float) -> NDArray[np.int64]:
    if not count:
        return np.empty(0, np.int64)
    columns, column = np.unique(person, return_inverse=True)
    held = coo_array(
        (np.ones(len(gid), np.int64), (gid, column)), shape=(count, len(columns))
    ).tocsr()
    shared = (held @ held.T).tocoo()
    size = np.asarray(held.sum(axis=1)).ravel()
    a, b = shared.coords
    both = shared.data
    union = size[a] + size[b] - both
    one = (both / union >= jaccard) | (both / np.minimum(size[a], size[b]) >= CONTAINED)
    links = coo_array((np.ones(int(one.sum())), (a[one], b[one])), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)
