"""Towns and villages: where the invented county lies, in kilometres."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FOREIGN_DIVISIONS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Towns:
    """Towns, and villages sorted by town; a town's first village is its centre.

    ``division`` is the six-digit division of each town; ``foreign`` those of other provinces.
    ``villages`` holds each town's first village and one past the last.
    """

    people: NDArray[np.int64]
    division: NDArray[np.int64]
    foreign: NDArray[np.int64]
    villages: NDArray[np.int64]
    village_town: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]

    @property
    def count(self) -> int:
        """Number of towns."""
        return len(self.people)


def build_towns(rng: np.random.Generator, persons: int) -> Towns:
    """Spread ``persons`` over towns of uneven size, four to a division."""
    count = max(3, round(persons / 7_500))
    share = rng.lognormal(0, 0.45, count)
    people = np.maximum(120, (share / share.sum() * persons).astype(np.int64))
    people[0] += persons - people.sum()
    side = 16 * np.sqrt(count)
    centre = rng.uniform(0, side, (count, 2))
    centre = centre[np.argsort(centre[:, 0] // (side / 2) * 10 + centre[:, 1] / side)]
    villages = np.concatenate([[0], np.cumsum(np.maximum(4, people // 700))])
    town = np.repeat(np.arange(count), np.diff(villages))
    place = centre[town] + rng.normal(0, 4.0, (villages[-1], 2))
    place[villages[:-1]] = centre
    return Towns(
        people=people,
        division=990_100 + 1 + np.arange(count) // 4 % 90 + np.arange(count) // 360 * 100,
        foreign=np.array(
            [900_000 + 10_000 * (i % 8) + 100 * (i // 8 + 1) + 1 for i in range(FOREIGN_DIVISIONS)]
        ),
        villages=villages,
        village_town=town,
        x=place[:, 0],
        y=place[:, 1],
    )
