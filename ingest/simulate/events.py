"""The table every planter appends to: one row for each settlement before it is priced."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

AUTO, NONE = -1, -2

_FIELDS: dict[str, tuple[type[np.generic], float]] = {
    "person": (np.int32, 0),
    "place": (np.int32, 0),
    "time": (np.int64, 0),
    "basket": (np.int8, 0),
    "device": (np.int32, AUTO),
    "clerk": (np.int32, AUTO),
    "doctor": (np.int32, AUTO),
    "cert": (np.int8, AUTO),
    "stay": (np.int16, 0),
    "bed": (np.int16, AUTO),
    "refund": (np.int8, 0),
    "refund_delay": (np.int32, 0),
    "box": (np.int64, AUTO),
    "drug": (np.int16, AUTO),
    "claim": (np.int32, AUTO),
    "group": (np.int32, AUTO),
    "scale": (np.float32, 1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """Columns of equal length.

    ``time`` is seconds since the county's first midnight. AUTO (-1) leaves a party to the pricing
    stage (the roster, the person's habit), NONE (-2) leaves it empty. ``refund``: 1 full, 2
    partial, ``refund_delay`` seconds later. ``box``: events with one number share one physical
    box. ``claim`` is a row of the manual claims, ``group`` a row of the planted groups.
    """

    person: NDArray[np.int32]
    place: NDArray[np.int32]
    time: NDArray[np.int64]
    basket: NDArray[np.int8]
    device: NDArray[np.int32]
    clerk: NDArray[np.int32]
    doctor: NDArray[np.int32]
    cert: NDArray[np.int8]
    stay: NDArray[np.int16]
    bed: NDArray[np.int16]
    refund: NDArray[np.int8]
    refund_delay: NDArray[np.int32]
    box: NDArray[np.int64]
    drug: NDArray[np.int16]
    claim: NDArray[np.int32]
    group: NDArray[np.int32]
    scale: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.person)


def make(count: int, **columns: Any) -> Events:
    """Return ``count`` events; a column that is not given holds its default, a scalar spreads."""
    unknown = set(columns) - set(_FIELDS)
    if unknown:
        raise TypeError(f"events have no column {sorted(unknown)}")
    filled = {
        name: np.array(np.broadcast_to(np.asarray(columns.get(name, default)), count), dtype=kind)
        for name, (kind, default) in _FIELDS.items()
    }
    return Events(**filled)


def take(events: Events, which: NDArray[Any]) -> Events:
    """Return the events at those positions, or where the mask holds."""
    return Events(**{name: getattr(events, name)[which] for name in _FIELDS})


def concat(parts: Sequence[Events]) -> Events:
    """Return one table of all parts, in their order."""
    return Events(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in _FIELDS})
