"""Places with opening hours, terminals, clerks and doctors."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from ingest.simulate.towns import Towns

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class PlaceKind(IntEnum):
    """Kind of a place."""

    PHARMACY = 0
    CLINIC = 1
    VILLAGE_CLINIC = 2
    HOSPITAL = 3
    NURSING_HOME = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """One row for each place, and the owners of its terminals, clerks and doctors.

    ``*_first`` has one row more than there are places: terminals of place p are the numbers from
    ``device_first[p]`` up to ``device_first[p + 1]``; the same for clerks and doctors. Places far
    away (``far``) are used by people who travel. ``pooled``: the fund pays at this pharmacy.
    ``shifts``: how many clerks share a terminal's day, 1 or 2.
    """

    kind: Ints
    town: Ints
    village: Ints
    x: Floats
    y: Floats
    size: Floats
    opens: Floats
    closes: Floats
    closed_weekday: Ints
    evening: Floats
    division: Ints
    far: NDArray[np.bool_]
    pooled: NDArray[np.bool_]
    grade: Ints
    beside: Ints
    device_first: Ints
    clerk_first: Ints
    doctor_first: Ints
    kiosk: NDArray[np.bool_]
    shifts: Ints

    def __len__(self) -> int:
        return len(self.kind)

    def of(self, *kinds: PlaceKind) -> Ints:
        """Return the near places of those kinds."""
        return np.flatnonzero(np.isin(self.kind, kinds) & ~self.far)

    def devices(self, place: int) -> Ints:
        """Return the terminals of a place."""
        return np.arange(self.device_first[place], self.device_first[place + 1])

    def clerks(self, place: int) -> Ints:
        """Return the clerks of a place."""
        return np.arange(self.clerk_first[place], self.clerk_first[place + 1])

    def doctors(self, place: int) -> Ints:
        """Return the doctors of a place."""
        return np.arange(self.doctor_first[place], self.doctor_first[place + 1])

    def distance_km(self, place: int) -> NDArray[np.float64]:
        """Return how far every place is from one of them, in kilometres."""
        away: NDArray[np.float64] = np.hypot(self.x - self.x[place], self.y - self.y[place])
        return away


def build_places(rng: np.random.Generator, towns: Towns) -> Places:
    """Found places in every town, some far away, and pharmacies beside hospitals."""
    kind, village, grade = _found(rng, towns)
    far_count = 8 + int(towns.people.sum()) // 2_500
    n_near = len(kind)
    far_kind = np.where(rng.random(far_count) < 0.3, PlaceKind.PHARMACY, PlaceKind.HOSPITAL)
    kind = np.concatenate([kind, far_kind]).astype(np.int64)
    n = len(kind)
    far = np.arange(n) >= n_near
    village = np.concatenate([village, np.zeros(far_count, np.int64)])
    grade = np.concatenate([grade, np.where(far_kind == PlaceKind.HOSPITAL, 3, 0)])
    town = np.where(far, -1, towns.village_town[village])
    angle, far_km = rng.uniform(0, 2 * np.pi, n), rng.uniform(120, 900, n)
    x = np.where(far, far_km * np.cos(angle), towns.x[village] + rng.normal(0, 0.5, n))
    y = np.where(far, far_km * np.sin(angle), towns.y[village] + rng.normal(0, 0.5, n))
    size = rng.lognormal(0, 0.85, n) * np.where(kind == PlaceKind.HOSPITAL, 3.0, 1.0)
    size *= np.where(grade == 2, 2.5, 1.0)
    size[kind == PlaceKind.VILLAGE_CLINIC] **= 0.5
    beside = _stand_beside_hospitals(rng, kind, village, grade, far, x, y)
    size[beside >= 0] *= 1.8
    pharmacy, hospital = kind == PlaceKind.PHARMACY, kind == PlaceKind.HOSPITAL
    opens, closes, closed = _hours(rng, kind)
    terminals, doctors = _desks(rng, kind, grade, size > np.quantile(size[~far], 0.8))
    device_first = np.concatenate([[0], np.cumsum(terminals)])
    kiosk = np.zeros(device_first[-1], np.bool_)
    kiosk[(device_first[1:] - 1)[hospital & (terminals >= 3) & (rng.random(n) < 0.7)]] = True
    division = towns.division[np.maximum(town, 0)]
    return Places(
        kind=kind,
        town=town,
        village=village,
        x=x,
        y=y,
        size=size,
        opens=opens,
        closes=closes,
        closed_weekday=closed,
        evening=np.where(pharmacy, rng.uniform(0.05, 0.3, n), 0.03),
        division=np.where(far, rng.choice(towns.foreign, n), division),
        far=far,
        pooled=~pharmacy | (rng.random(n) < 0.65),
        grade=grade.astype(np.int64),
        beside=beside,
        device_first=device_first.astype(np.int64),
        clerk_first=np.concatenate([[0], np.cumsum(2 * terminals + 1)]).astype(np.int64),
        doctor_first=np.concatenate([[0], np.cumsum(doctors)]).astype(np.int64),
        kiosk=kiosk,
        shifts=np.full(n, 2),
    )


def _found(rng: np.random.Generator, towns: Towns) -> tuple[Ints, Ints, Ints]:
    kinds: list[int] = []
    villages: list[int] = []
    grades: list[int] = []
    for town in range(towns.count):
        here = np.arange(towns.villages[town], towns.villages[town + 1])
        weight = np.where(here == here[0], len(here), 1.0)
        people = int(towns.people[town])
        seat = town == 0 or towns.division[town] != towns.division[town - 1]
        for kind, count in (
            (PlaceKind.PHARMACY, max(4, people // 900)),
            (PlaceKind.CLINIC, max(2, people // 1_500)),
        ):
            kinds += [kind] * count
            villages += rng.choice(here, count, p=weight / weight.sum()).tolist()
            grades += [0] * count
        kinds += [PlaceKind.VILLAGE_CLINIC] * (len(here) - 1)
        villages += here[1:].tolist()
        grades += [0] * (len(here) - 1)
        hospitals = 2 if seat else 1
        kinds += [PlaceKind.HOSPITAL] * hospitals + [PlaceKind.NURSING_HOME]
        villages += [int(here[0])] * (hospitals + 1)
        grades += ([2, 1] if seat else [1]) + [0]
    return np.array(kinds), np.array(villages), np.array(grades)


def _hours(rng: np.random.Generator, kind: Ints) -> tuple[Floats, Floats, Ints]:
    """Return opening and closing hour and the closed weekday, -1 for none."""
    n, pharmacy = len(kind), kind == PlaceKind.PHARMACY
    opens = np.where(pharmacy, rng.choice([7.0, 7.5, 8.0, 8.5], n), rng.choice([7.5, 8.0, 8.0], n))
    closes = np.where(
        pharmacy, rng.choice([20.0, 20.5, 21.0, 22.0], n), rng.choice([17.0, 17.5, 18.0], n)
    )
    closes = np.where(kind == PlaceKind.HOSPITAL, 20.0, closes)
    small = np.isin(kind, [PlaceKind.CLINIC, PlaceKind.VILLAGE_CLINIC])
    closed = np.where(small & (rng.random(n) < 0.3), rng.choice([5, 6, 6, 6], n), -1)
    closed = np.where(pharmacy & (rng.random(n) < 0.06), rng.integers(0, 7, n), closed)
    return opens, closes, closed.astype(np.int64)


def _desks(
    rng: np.random.Generator, kind: Ints, grade: Ints, busy: NDArray[np.bool_]
) -> tuple[Ints, Ints]:
    """Return how many terminals and doctors each place has."""
    n, hospital = len(kind), kind == PlaceKind.HOSPITAL
    terminals = 1 + (rng.random(n) < 0.4) + busy * rng.integers(0, 3, n)
    terminals = terminals + hospital * rng.integers(1, 5, n)
    doctors = np.where(hospital, 8 + 8 * (grade >= 2), 0)
    doctors = np.where(kind == PlaceKind.CLINIC, rng.integers(2, 6, n), doctors)
    doctors = np.where(kind == PlaceKind.VILLAGE_CLINIC, rng.integers(1, 3, n), doctors)
    return terminals, np.where(kind == PlaceKind.NURSING_HOME, 2, doctors)


def _stand_beside_hospitals(
    rng: np.random.Generator,
    kind: Ints,
    village: Ints,
    grade: Ints,
    far: NDArray[np.bool_],
    x: Floats,
    y: Floats,
) -> Ints:
    """Return for each place the hospital it stands beside, -1 for none; moves it there."""
    beside = np.full(len(kind), -1)
    for hospital in np.flatnonzero((grade >= 1) & ~far):
        near = np.flatnonzero(
            (kind == PlaceKind.PHARMACY) & ~far & (village == village[hospital]) & (beside < 0)
        )
        if len(near):
            chosen = rng.choice(near)
            beside[chosen] = hospital
            x[chosen], y[chosen] = x[hospital] + 0.05, y[hospital] + 0.03
    return beside
