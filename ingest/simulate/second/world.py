"""Another county: other opening hours, desks, prices, credentials and seasons."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ingest.simulate.catalogue import (
    CODES,
    DRUGS,
    RECIPES,
    Basket,
    Catalogue,
    Recipe,
    build_catalogue,
)
from ingest.simulate.people import People, build_people
from ingest.simulate.places import PlaceKind, Places, build_places
from ingest.simulate.staff import build_staff
from ingest.simulate.towns import Towns, build_towns
from ingest.simulate.world import World, stream

Ints = NDArray[np.int64]
LISTED = 28
_NEIGHBOURS = 8


def build_world(*, persons: int, days: int, seed: int) -> World:
    """Found the county."""
    rng = stream(seed, 20)
    towns = _with_neighbours(build_towns(rng, persons))
    places = _places(rng, build_places(rng, towns))
    catalogue = _catalogue(rng)
    people = _people(rng, build_people(rng, persons, days, towns, places, catalogue), catalogue)
    return World(
        seed=seed,
        days=days,
        towns=towns,
        places=places,
        people=people,
        staff=build_staff(rng, places, people, towns),
        catalogue=catalogue,
        day_weight=_seasons(rng, days),
    )


def dealt(world: World, rng: np.random.Generator, count: int) -> Ints:
    """Return drugs worth dealing in: mostly listed ones, now and then a costly one that is not."""
    catalogue = world.catalogue
    listed = rng.choice(catalogue.resale, count, replace=False)
    worth = catalogue.price_fen[catalogue.ordinary] * catalogue.popularity[catalogue.ordinary]
    unlisted = catalogue.ordinary[np.argsort(-worth, kind="stable")[:20]]
    return np.where(rng.random(count) < 0.2, rng.choice(unlisted, count, replace=False), listed)


def _with_neighbours(towns: Towns) -> Towns:
    """Let half of those insured elsewhere come from the next prefecture."""
    foreign = towns.foreign.copy()
    foreign[::2] = 990_501 + 100 * (np.arange(len(foreign[::2])) % _NEIGHBOURS)
    return replace(towns, foreign=foreign)


def _places(rng: np.random.Generator, places: Places) -> Places:
    """Give every place other hours, desks, clerks and doctors."""
    n, kind = len(places), places.kind
    shop, hospital = kind == PlaceKind.PHARMACY, kind == PlaceKind.HOSPITAL
    village = kind == PlaceKind.VILLAGE_CLINIC
    opens = np.where(shop, rng.choice([7.5, 8.0, 9.0], n), rng.choice([7.0, 8.0, 8.5], n))
    closes = np.where(shop, rng.choice([19.0, 20.0, 21.5, 22.5], n), rng.choice([17.5, 20.5], n))
    opens = np.where(village, 6.5, opens)
    closes = np.where(village, 21.0, np.where(hospital, 21.5, closes))
    always = shop & (rng.random(n) < 0.04)
    rests = (kind == PlaceKind.CLINIC) & (rng.random(n) < 0.5)
    size = np.exp(np.log(places.size) * 1.25)
    busy = size > np.quantile(size[~places.far], 0.75)
    terminals = np.where(hospital, rng.integers(3, 10, n), 1 + busy * rng.integers(0, 3, n))
    shifts = np.where(hospital | (rng.random(n) < 0.4), 2, 1)
    clerks = shifts * terminals + np.where(village, 0, rng.integers(0, 3, n))
    doctors = np.select(
        [hospital, kind == PlaceKind.CLINIC, village, shop],
        [rng.integers(8, 15, n) + 10 * (places.grade >= 2), rng.integers(1, 8, n), 1, 0],
        2,
    )
    first = np.concatenate([[0], np.cumsum(terminals)])
    kiosk = np.zeros(first[-1], np.bool_)
    kiosk[(first[1:] - 1)[hospital & (rng.random(n) < 0.9)]] = True
    return replace(
        places,
        size=size,
        opens=np.where(always, 0.0, opens),
        closes=np.where(always, 24.0, closes),
        closed_weekday=np.where(rests, rng.integers(0, 7, n), -1),
        evening=np.where(shop, rng.uniform(0.15, 0.45, n), 0.08),
        pooled=~shop | (rng.random(n) < 0.8),
        device_first=first,
        clerk_first=np.concatenate([[0], np.cumsum(clerks)]),
        doctor_first=np.concatenate([[0], np.cumsum(doctors)]),
        kiosk=kiosk,
        shifts=shifts,
    )


def _catalogue(rng: np.random.Generator) -> Catalogue:
    """Draw prices in another order of size; what dealers like, many honest people take too."""
    base = build_catalogue(rng)
    popularity = rng.lognormal(0, 1.1, CODES)
    wish = popularity[:DRUGS] ** 0.5
    listed = np.sort(rng.choice(DRUGS, LISTED, replace=False, p=wish / wish.sum()))
    yuan = base.price_fen * rng.lognormal(-0.25, 0.3, CODES) / 100
    yuan[:DRUGS] = rng.lognormal(2.9, 0.95, DRUGS)
    yuan[listed] = rng.lognormal(4.2, 0.6, LISTED)
    return Catalogue(
        price_fen=np.maximum(150, (yuan * 100).astype(np.int64)),
        popularity=popularity,
        resale=listed,
        ordinary=np.setdiff1d(np.arange(DRUGS), listed),
        recipes=_recipes(),
    )


def _recipes() -> dict[Basket, Recipe]:
    """Return what baskets hold: fewer extremes than in the first county."""
    changes: dict[Basket, dict[str, float | int]] = {
        Basket.PHARMACY: {"fund_rate": 0.4, "most": 4, "resale": 0.16, "most_count": 3},
        Basket.CHRONIC_PHARMACY: {"fund_rate": 0.55, "most": 4, "most_count": 4},
        Basket.CLINIC: {"fund_rate": 0.55, "most": 4, "resale": 0.14},
        Basket.HOSPITAL: {"fund_rate": 0.45, "most": 5, "level": 1.2},
        Basket.INPATIENT: {"fund_rate": 0.72, "most": 12, "level": 4.5},
        Basket.CHRONIC_CLINIC: {"fund_rate": 0.65, "most": 4, "most_count": 4},
        Basket.RESALE: {"most": 3, "resale": 0.97, "most_count": 2},
        Basket.ONE_DRUG: {"most_count": 2},
        Basket.COHORT: {"least": 2, "resale": 0.2, "level": 1.1},
        Basket.LIGHT_STAY: {"fund_rate": 0.72, "most": 7, "level": 5.0},
        Basket.PRESCRIPTION: {"most": 4, "resale": 0.2, "most_count": 3},
        Basket.BULK: {"resale": 0.22},
    }
    return {
        basket: replace(recipe, **changes.get(basket, {}))  # type: ignore[arg-type]
        for basket, recipe in RECIPES.items()
    }


def _people(rng: np.random.Generator, people: People, catalogue: Catalogue) -> People:
    """Give people other credentials, illnesses and hours."""
    n = len(people)
    elder = np.clip((people.age - 45) / 35, 0, 1)
    liking = catalogue.popularity[:DRUGS]
    sick = rng.random(n) < np.interp(people.age, [15, 40, 55, 75], [0.005, 0.06, 0.28, 0.5])
    young = np.interp(people.age, [0, 4, 15, 35, 60, 80], [1.6, 1.3, 0.5, 0.6, 1.2, 1.5])
    return replace(
        people,
        chronic=sick & ~people.away,
        drugs=rng.choice(DRUGS, (n, 3), p=liking / liking.sum()).astype(np.int16),
        hour=np.clip(rng.normal(12.5 - 3 * elder, 3.4), 7.0, 21.0),
        rate=rng.lognormal(-0.35, 0.85, n) * young * np.where(people.away, 0.25, 1.0),
        credit_fen=np.where(people.employed, rng.integers(90, 600, n) * 100, 0),
        cert=np.where(rng.random(n) < 0.2 + 0.4 * elder, 3, np.where(rng.random(n) < 0.06, 2, 1)),
    )


def _seasons(rng: np.random.Generator, days: int) -> NDArray[np.float64]:
    """Return how busy each day is: a wave each winter, quiet holidays, full Mondays."""
    day = np.arange(days)
    weight = rng.gamma(25, 1 / 25, days) * (1 + 0.3 * np.cos(2 * np.pi * (day - 15) / 365))
    holiday = (day % 365 >= 27) & (day % 365 < 35) | (day % 365 >= 273) & (day % 365 < 280)
    weight[holiday] *= 0.5
    weight[(day % 365 >= 20) & (day % 365 < 27)] *= 1.4
    weight[(day + 2) % 7 == 0] *= 1.25
    weight[(day + 2) % 7 >= 5] *= 0.9
    share: NDArray[np.float64] = weight / weight.sum()
    return share
