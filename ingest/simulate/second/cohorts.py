"""Vans that come when they come, and wards full of people who are well."""

import numpy as np
from numpy.typing import NDArray

from ingest.simulate import clock
from ingest.simulate.cast import Cast, pick, where
from ingest.simulate.catalogue import Basket
from ingest.simulate.events import Events, make
from ingest.simulate.places import PlaceKind
from ingest.simulate.plant import Draft, Planted
from ingest.simulate.second.hands import turnout
from ingest.simulate.sessions import swipe, window
from ingest.simulate.world import World

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


def induced_cohort(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a van of 8 to 25, teams that share their days, or a pool whose seats change."""
    del life
    kinds = (PlaceKind.CLINIC, PlaceKind.CLINIC, PlaceKind.HOSPITAL)
    place = int(cast.place(rng, pick(rng, kinds), most_size=10.0)[0])
    way = pick(rng, ("van", "teams", "seats"))
    people = _recruited(world, cast, rng, place, way)
    span = window(rng, world.days, 0.6)
    mean = float(rng.uniform(5, 30)) if way != "seats" else float(rng.uniform(3, 7))
    mean = min(mean, (span[1] - span[0]) / 9)
    gap = np.maximum(2.0, mean * rng.gamma(5, 1 / 5, int(3 * (span[1] - span[0]) / mean) + 10))
    day = span[0] + np.cumsum(gap)
    day = np.unique(day[day < span[1]].astype(np.int64))
    day = np.unique(clock.next_open(day, np.full(len(day), world.places.closed_weekday[place])))
    share = float(rng.uniform(0.55, 0.9)) if way != "seats" else float(rng.uniform(0.35, 0.5))
    present = turnout(rng, len(day), len(people), share, leaving=0.2)
    hour = rng.uniform(8.6, 15.0, len(day))
    swipes = swipe(
        rng,
        clock.seconds(day, hour),
        present,
        gap=(45, min(900.0, 12_600 / max(1.0, float(present.sum(1).max(initial=1))))),
        disorder=1.0,
    )
    doctors = rng.permutation(world.places.doctors(place))[: int(rng.integers(1, 4))]
    costly = float(pick(rng, (0.9, 0.5)))
    n = len(swipes)
    return Planted(
        draft=Draft(
            name="induced_cohort",
            people=people,
            places=(place,),
            doctors=tuple(sorted(int(d) for d in doctors)),
            parameters={
                "way": way,
                "mean_days": round(mean, 1),
                "attendance": round(share, 2),
                "trips": len(day),
            },
        ),
        events=make(
            n,
            person=people[swipes.member],
            place=place,
            time=swipes.time,
            basket=np.where(rng.random(n) < costly, Basket.COHORT, Basket.CLINIC),
            doctor=doctors[rng.integers(0, len(doctors), n)],
        ),
    )


def _recruited(world: World, cast: Cast, rng: np.random.Generator, place: int, way: str) -> Ints:
    """Draw people of one or several villages some way off."""
    at = where(world.places, place)
    off = np.hypot(world.towns.x - at[0], world.towns.y - at[1])
    far = np.flatnonzero((off > 4) & (off < 60))
    far = far if len(far) else np.arange(len(off))
    if way == "teams":
        sizes = rng.integers(4, 9, int(rng.integers(3, 6))).tolist()
    else:
        total = int(rng.integers(8, 26) if way == "van" else rng.integers(12, 26))
        sizes = [total - total // 2, total // 2]
    teams = [
        cast.strangers(rng, size, village=int(rng.choice(far)), least_age=35) for size in sizes
    ]
    missing = max(0, 8 - sum(len(team) for team in teams))
    if missing:
        teams.append(cast.strangers(rng, missing, near=at, reach_km=30, least_age=35))
    return np.concatenate(teams)


def fake_inpatient(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a ward of 10 to 60 filled two to four times, each in and out within a day or two."""
    del life
    place = int(cast.place(rng, PlaceKind.HOSPITAL, most_size=20.0)[0])
    at = where(world.places, place)
    most = min(61, max(16, len(world.people) // 300))
    people = cast.strangers(
        rng,
        int(rng.integers(10, most)),
        near=at,
        reach_km=float(pick(rng, (8.0, 30.0))),
        least_age=float(pick(rng, (35.0, 55.0))),
    )
    nights = int(rng.integers(3, 10))
    rounds = int(rng.integers(2, 5))
    rounds = max(2, min(rounds, (world.days - nights - 6) // (nights + 9)))
    room = (world.days - nights - 6) / rounds
    start = nights + 3 + (np.arange(rounds) + rng.uniform(0.05, 0.45, rounds)) * room
    share = float(rng.uniform(0.6, 0.9))
    present = rng.random((rounds, len(people))) < share
    present[:2, present.sum(0) < 2] = True
    round_, who = np.nonzero(present)
    n = len(who)
    out = start[round_].astype(np.int64) + rng.integers(-2, 3, n)
    stayed = np.maximum(1, nights + rng.integers(-2, 3, n))
    doctors = rng.permutation(world.places.doctors(place))[: int(rng.integers(1, 6))]
    return Planted(
        draft=Draft(
            name="fake_inpatient",
            people=people,
            places=(place,),
            doctors=tuple(sorted(int(d) for d in doctors)),
            parameters={
                "nights": nights,
                "admissions": rounds,
                "attendance": round(share, 2),
                "staggered_days": 2,
            },
        ),
        events=make(
            n,
            person=people[who],
            place=place,
            time=clock.seconds(np.minimum(out, world.days - 1), rng.uniform(8.5, 16.5, n)),
            basket=Basket.LIGHT_STAY,
            stay=stayed + 1,
            doctor=doctors[rng.integers(0, len(doctors), n)],
        ),
    )
