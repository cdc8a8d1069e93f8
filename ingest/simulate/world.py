"""The invented county before anybody falls ill."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.simulate.catalogue import Catalogue, build_catalogue
from ingest.simulate.people import People, build_people
from ingest.simulate.places import Places, build_places
from ingest.simulate.staff import Staff, build_staff
from ingest.simulate.towns import Towns, build_towns


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Towns, places, people and what can be billed, over a number of days.

    ``day_weight`` is how busy each day is: markets, the account credit day, the holidays.
    """

    seed: int
    days: int
    towns: Towns
    places: Places
    people: People
    staff: Staff
    catalogue: Catalogue
    day_weight: NDArray[np.float64]


def stream(seed: int, stage: int) -> np.random.Generator:
    """Return the generator of one stage; stages do not disturb each other."""
    return np.random.default_rng([seed, stage])


def build_world(*, persons: int, days: int, seed: int) -> World:
    """Found the county."""
    rng = stream(seed, 0)
    towns = build_towns(rng, persons)
    places = build_places(rng, towns)
    catalogue = build_catalogue(rng)
    people = build_people(rng, persons, days, towns, places, catalogue)
    return World(
        seed=seed,
        days=days,
        towns=towns,
        places=places,
        people=people,
        staff=build_staff(rng, places, people, towns),
        catalogue=catalogue,
        day_weight=_day_weight(rng, days),
    )


def _day_weight(rng: np.random.Generator, days: int) -> NDArray[np.float64]:
    day = np.arange(days)
    weight = rng.gamma(60, 1 / 60, days)
    weight[(day % 365 >= 27) & (day % 365 < 35)] *= 0.35
    weight[day % 30 < 2] *= 1.2
    weight[(day + 2) % 7 == 6] *= 0.85
    share: NDArray[np.float64] = weight / weight.sum()
    return share
