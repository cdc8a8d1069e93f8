"""Insured people: households, ages, employers, illnesses, habits and preferred places."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.simulate.catalogue import Catalogue
from ingest.simulate.clock import START_DAY
from ingest.simulate.places import PlaceKind, Places
from ingest.simulate.towns import Towns

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """One row for each insured person, households side by side.

    ``rate`` scales how often they fall ill; ``chronic`` ones come every month. ``phone`` is the
    person whose telephone they use, ``address`` and ``employer`` are numbers (an employer below
    the number of villages is that village's community). ``away``: insured in another province
    and rarely here. Preferred places are columns, best first.
    """

    household: Ints
    village: Ints
    town: Ints
    age: NDArray[np.float64]
    birth: Ints
    male: Mask
    employer: Ints
    employed: Mask
    chronic: Mask
    drugs: NDArray[np.int16]
    weekday: Ints
    hour: NDArray[np.float64]
    rate: NDArray[np.float64]
    phone: Ints
    address: Ints
    division: Ints
    away: Mask
    death: Ints
    assisted: Ints
    credit_fen: Ints
    cert: Ints
    pharmacies: NDArray[np.int32]
    clinics: NDArray[np.int32]
    hospitals: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.household)


def build_people(
    rng: np.random.Generator,
    persons: int,
    days: int,
    towns: Towns,
    places: Places,
    drugs: Catalogue,
) -> People:
    """Settle ``persons`` in households and give each one habits."""
    household, rank, size = _households(rng, persons)
    n_households = int(household[-1]) + 1
    village = _villages(rng, towns, household, n_households)
    town = towns.village_town[village]
    age, male = _ages(rng, household, rank, size)
    employed = (age > 20) & (age < 85) & (rng.random(persons) < 0.45)
    employer = _employers(rng, towns, age, employed, village, town)
    chronic = rng.random(persons) < np.interp(age, [20, 45, 60, 80], [0.01, 0.08, 0.3, 0.45])
    outside = np.repeat(rng.random(n_households) < 0.05, np.bincount(household))
    home = towns.division[town]
    division = np.where(outside, rng.choice(towns.foreign, n_households)[household], home)
    away = outside & (rng.random(persons) < 0.6)
    head = np.flatnonzero(rank == 0)[household]
    shares_phone = (age < 13) | ((age > 70) & (rng.random(persons) < 0.35))
    weight = drugs.popularity[:400] * np.where(np.isin(np.arange(400), drugs.resale), 0.35, 1.0)
    death = np.where(
        rng.random(persons) < np.interp(age, [0, 50, 70, 90], [0, 0.001, 0.01, 0.08]) * days / 365,
        rng.integers(0, days, persons),
        -1,
    )
    elder = np.clip((age - 30) / 40, 0, 1)
    cert = np.where(rng.random(persons) < 0.25 + 0.6 * elder, 3, 1)
    age_rate = np.interp(age, [0, 6, 20, 45, 65, 85], [1.2, 0.9, 0.6, 0.8, 1.5, 1.7])
    return People(
        household=household,
        village=village,
        town=town,
        age=age,
        birth=START_DAY - (age * 365.25).astype(np.int64),
        male=male,
        employer=employer,
        employed=employed,
        chronic=chronic & ~away,
        drugs=rng.choice(400, (persons, 3), p=weight / weight.sum()).astype(np.int16),
        weekday=rng.integers(0, 7, persons),
        hour=np.clip(rng.normal(10.8 - 1.4 * elder, 2.6), 7.2, 20.5),
        rate=rng.gamma(0.9, 1 / 0.9, persons) * age_rate * np.where(away, 0.12, 1.0),
        phone=np.where(shares_phone, head, np.arange(persons)),
        address=household.copy(),
        division=division,
        away=away,
        death=death,
        assisted=np.where(rng.random(persons) < 0.05, rng.integers(1, 4, persons), 0),
        credit_fen=np.where(employed, rng.integers(60, 420, persons) * 100, 0),
        cert=np.where(rng.random(persons) < 0.08, 2, cert),
        pharmacies=_preferred(rng, 3, household, village, town, towns, places, PlaceKind.PHARMACY),
        clinics=_preferred(
            rng,
            2,
            household,
            village,
            town,
            towns,
            places,
            PlaceKind.CLINIC,
            PlaceKind.VILLAGE_CLINIC,
        ),
        hospitals=_preferred(rng, 2, household, village, town, towns, places, PlaceKind.HOSPITAL),
    )


def _households(rng: np.random.Generator, persons: int) -> tuple[Ints, Ints, Ints]:
    sizes = rng.choice(np.arange(1, 7), persons, p=[0.18, 0.3, 0.26, 0.16, 0.07, 0.03])
    household = np.repeat(np.arange(persons), sizes)[:persons]
    first = np.concatenate([[True], household[1:] != household[:-1]])
    start = np.maximum.accumulate(np.where(first, np.arange(persons), 0))
    return household, np.arange(persons) - start, np.bincount(household)[household]


def _villages(rng: np.random.Generator, towns: Towns, household: Ints, n_households: int) -> Ints:
    share = np.repeat(towns.people / towns.people.sum(), np.diff(towns.villages))
    inside = np.ones(len(share))
    inside[towns.villages[:-1]] = np.diff(towns.villages) * 0.8
    town = np.repeat(np.arange(towns.count), np.diff(towns.villages))
    share = share * inside / np.bincount(town, inside)[town]
    return rng.choice(len(share), n_households, p=share / share.sum())[household]


def _ages(
    rng: np.random.Generator, household: Ints, rank: Ints, size: Ints
) -> tuple[NDArray[np.float64], Mask]:
    n_households = int(household[-1]) + 1
    adult = rng.uniform(24, 62, n_households)
    old = rng.uniform(60, 90, n_households)
    head = np.where(rng.random(n_households) < 0.3, old, adult)[household]
    n = len(household)
    child = np.where(head < 50, head - rng.normal(27, 3.5, n), head - rng.normal(26, 4, n))
    parent = head + rng.normal(26, 3, n)
    age = np.select(
        [rank == 0, (rank == 1) & (size > 1), (rank == 4) & (head < 62)],
        [head, head + rng.normal(0, 3, n), parent],
        child,
    )
    male_head = rng.random(n_households) < 0.6
    male = np.where(rank == 0, male_head[household], rng.random(n) < 0.5)
    return np.clip(age, 0.1, 98), np.where(rank == 1, ~male_head[household], male)


def _employers(
    rng: np.random.Generator,
    towns: Towns,
    age: NDArray[np.float64],
    employed: Mask,
    village: Ints,
    town: Ints,
) -> Ints:
    villages = len(towns.village_town)
    per_town = max(6, len(age) // towns.count // 60)
    rank = np.minimum((rng.pareto(1.1, len(age)) * 2).astype(np.int64), per_town - 1)
    work = villages + town * per_town + rank
    pupil = (age >= 6) & (age < 18) & (rng.random(len(age)) < 0.8)
    school = villages + towns.count * per_town + town * 2 + rng.integers(0, 2, len(age))
    return np.select([employed, pupil], [work, school], village)


def _preferred(
    rng: np.random.Generator,
    count: int,
    household: Ints,
    village: Ints,
    town: Ints,
    towns: Towns,
    places: Places,
    *kinds: PlaceKind,
) -> NDArray[np.int32]:
    """Return each one's best places by size, distance and taste; households taste alike."""
    chosen = np.zeros((len(household), count), np.int32)
    candidates = places.of(*kinds)
    order = np.argsort(town, kind="stable")
    bounds = np.searchsorted(town[order], np.arange(towns.count + 1))
    for here in range(towns.count):
        members = order[bounds[here] : bounds[here + 1]]
        if not len(members):
            continue
        centre = towns.villages[here]
        reach = np.hypot(
            places.x[candidates] - towns.x[centre], places.y[candidates] - towns.y[centre]
        )
        near = candidates[np.argsort(reach)[: max(12, (places.town[candidates] == here).sum() + 4)]]
        distance = np.hypot(
            places.x[near] - towns.x[village[members], None],
            places.y[near] - towns.y[village[members], None],
        )
        _, home = np.unique(household[members], return_inverse=True)
        taste = rng.gumbel(0, 0.7, (home.max() + 1, len(near)))[home]
        score = np.log(places.size[near]) - distance / 2.5 + taste
        score += rng.gumbel(0, 0.6, score.shape)
        best = np.argsort(-score, axis=1)[:, :count]
        if best.shape[1] < count:
            best = best[:, np.arange(count) % best.shape[1]]
        chosen[members] = near[best]
    return chosen
