"""Translate what was planted into the identifiers of the extract."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ingest.simulate import rings as ring_kinds
from ingest.simulate.events import Events
from ingest.simulate.identifiers import Codes
from ingest.simulate.plant import Planted
from ingest.simulate.pricing import Rows
from ingest.simulate.truth import PlantedHonest, PlantedRing, Truth
from ingest.simulate.world import World

Ints = NDArray[np.int64]


def answer(
    world: World,
    codes: Codes,
    events: Events,
    rows: Rows,
    planted: list[Planted],
    counts: dict[str, int],
) -> Truth:
    """Return the truth: people are those of a group who came at least once."""
    row = np.flatnonzero(events.group[rows.event] >= 0)
    group = events.group[rows.event[row]]
    row = row[np.argsort(group, kind="stable")]
    bounds = np.searchsorted(np.sort(group), np.arange(len(planted) + 1))
    rings: list[PlantedRing] = []
    honest: list[PlantedHonest] = []
    for number, one in enumerate(planted):
        draft, own = one.draft, row[bounds[number] : bounds[number + 1]]
        people = np.intersect1d(draft.people, events.person[rows.event[own]])
        named: dict[str, Any] = {
            "people": _names(codes.person, people),
            "places": _names(codes.place, draft.places),
            "doctors": _names(codes.doctor, draft.doctors),
            "staff": _names(codes.staff, draft.staff),
            "accounts": _names(codes.account, draft.accounts),
            "settlements": tuple(sorted(str(s) for s in codes.settlement[own].tolist())),
            "parameters": draft.parameters,
        }
        if draft.name in ring_kinds.PER_60_000:
            loss = round(int(rows.fund[own].sum()) / 100, 2)
            ring_id = f"R{len(rings) + 1:04d}"
            rings.append(PlantedRing(ring_id=ring_id, kind=draft.name, loss=loss, **named))
        else:
            group_id = f"G{len(honest) + 1:05d}"
            honest.append(PlantedHonest(group_id=group_id, type=draft.name, **named))
    return Truth(
        seed=world.seed,
        persons=len(world.people),
        days=world.days,
        rings=tuple(rings),
        honest=tuple(honest),
        counts=counts,
    )


def _names(values: pa.Array, which: Sequence[int] | Ints) -> tuple[str, ...]:
    return tuple(sorted(values.take(pa.array(np.asarray(which, np.int64))).to_pylist()))
