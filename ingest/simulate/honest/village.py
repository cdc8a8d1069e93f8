"""Village doctors who collect for elders, and chronic-disease days."""

import numpy as np

from ingest.simulate import clock
from ingest.simulate.cast import Cast, pick, where
from ingest.simulate.catalogue import Basket
from ingest.simulate.events import Events, make
from ingest.simulate.places import PlaceKind
from ingest.simulate.plant import Draft, Planted
from ingest.simulate.sessions import attendance, rhythm, starts, swipe
from ingest.simulate.world import World


def village_doctor(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a village doctor who collects for elders; the hard one keeps the cards in order."""
    del life
    place = int(cast.place(rng, PlaceKind.VILLAGE_CLINIC)[0])
    village = int(world.places.village[place])
    people = cast.strangers(rng, int(rng.integers(4, 16)), village=village, least_age=58)
    hard = rng.random() < 0.35
    period = float(pick(rng, (7, 14, 15, 30)))
    day = rhythm(rng, (0, world.days), period=period, jitter=0.6)
    day = clock.next_open(day, world.places.closed_weekday[place])
    share = float(rng.uniform(0.6, 0.95))
    start = starts(rng, day, opens=8.1, closes=11.5, hour=9.0, spread=0.7)
    swipes = swipe(
        rng,
        start,
        attendance(rng, len(day), len(people), share),
        gap=(25, 100) if hard else (60, 400),
        disorder=0.08 if hard else 0.8,
    )
    doctor = int(world.places.doctor_first[place])
    return Planted(
        draft=Draft(
            name="village_doctor",
            people=people,
            places=(place,),
            doctors=(doctor,),
            parameters={"period_days": period, "attendance": round(share, 2), "hard": hard},
        ),
        events=make(
            len(swipes),
            person=people[swipes.member],
            place=place,
            time=swipes.time,
            basket=Basket.CHRONIC_CLINIC,
            doctor=doctor,
        ),
        keep=0.9,
    )


def chronic_day(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a clinic's chronic-disease day: many elders of the town, one weekday each month."""
    del life
    place = int(cast.place(rng, PlaceKind.CLINIC)[0])
    people = cast.strangers(
        rng,
        int(rng.integers(8, 31)),
        near=where(world.places, place),
        reach_km=4.0,
        least_age=50,
        chronic=True,
    )
    period = float(pick(rng, (14, 28)))
    day = rhythm(rng, (0, world.days), period=period, jitter=0.4)
    day = clock.next_open(day, world.places.closed_weekday[place])
    share = float(rng.uniform(0.5, 0.85))
    start = starts(rng, day, opens=8.1, closes=10.0, hour=8.4, spread=0.3)
    swipes = swipe(
        rng, start, attendance(rng, len(day), len(people), share), gap=(40, 700), disorder=1.0
    )
    doctors = rng.permutation(world.places.doctors(place))[:2]
    return Planted(
        draft=Draft(
            name="chronic_day",
            people=people,
            places=(place,),
            doctors=tuple(int(d) for d in np.sort(doctors)),
            parameters={"period_days": period, "attendance": round(share, 2)},
        ),
        events=make(
            len(swipes),
            person=people[swipes.member],
            place=place,
            time=swipes.time,
            basket=Basket.CHRONIC_CLINIC,
            doctor=doctors[rng.integers(0, len(doctors), len(swipes))],
        ),
        keep=0.9,
    )
