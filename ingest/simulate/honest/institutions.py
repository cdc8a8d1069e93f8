"""People under one roof or one employer: nursing homes, schools, works clinics."""

import numpy as np

from ingest.simulate import clock
from ingest.simulate.cast import Cast, pick, where
from ingest.simulate.catalogue import Basket
from ingest.simulate.events import Events, make
from ingest.simulate.places import PlaceKind
from ingest.simulate.plant import Draft, Planted
from ingest.simulate.sessions import attendance, rhythm, starts, swipe
from ingest.simulate.world import World


def nursing_home(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a nursing home: one address; its clinic settles for the residents in one go."""
    del life
    place = int(cast.place(rng, PlaceKind.NURSING_HOME)[0])
    people = cast.strangers(
        rng, int(rng.integers(8, 36)), near=where(world.places, place), least_age=68
    )
    address = len(world.people) + place
    return _settle(
        world,
        rng,
        Draft(name="nursing_home", people=people, places=(place,)),
        period=float(pick(rng, (7, 14, 30))),
        share=float(rng.uniform(0.75, 0.97)),
        gap=(20, 120),
        basket=Basket.CARE,
        hour=float(rng.uniform(9, 15)),
        moves=((people, "address", address),),
        keep=0.35,
    )


def school(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a school whose pupils the clinic next door sees class by class."""
    del life
    return _organisation(world, cast, rng, "school", (6.0, 18.0))


def works_clinic(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant an employer whose clinic sees its people in the break."""
    del life
    return _organisation(world, cast, rng, "works_clinic", (22.0, 60.0))


def _organisation(
    world: World, cast: Cast, rng: np.random.Generator, name: str, ages: tuple[float, float]
) -> Planted:
    place = int(cast.place(rng, PlaceKind.CLINIC)[0])
    grown = world.people.employed if ages[0] > 20 else ~world.people.employed
    fit = grown & (world.people.age >= ages[0]) & (world.people.age < ages[1])
    fit &= world.people.employer >= len(world.towns.village_town)
    in_town = fit & (world.people.town == world.places.town[place])
    employers, counts = np.unique(
        world.people.employer[in_town if in_town.any() else fit], return_counts=True
    )
    employer = int(rng.choice(employers, p=counts / counts.sum()))
    people = cast.strangers(
        rng, int(rng.integers(5, 21)), employer=employer, least_age=ages[0], most_age=ages[1]
    )
    return _settle(
        world,
        rng,
        Draft(name=name, people=people, places=(place,)),
        period=float(pick(rng, (14, 30, 30))),
        share=float(rng.uniform(0.4, 0.8)),
        gap=(30, 240),
        basket=Basket.CLINIC,
        hour=12.4 if name == "works_clinic" else 15.8,
        moves=(),
        keep=1.0,
    )


def _settle(
    world: World,
    rng: np.random.Generator,
    draft: Draft,
    *,
    period: float,
    share: float,
    gap: tuple[float, float],
    basket: Basket,
    hour: float,
    moves: tuple[tuple[np.ndarray, str, int], ...],
    keep: float,
) -> Planted:
    place = draft.places[0]
    day = rhythm(rng, (0, world.days), period=period, jitter=0.8)
    day = clock.next_open(day, world.places.closed_weekday[place])
    start = starts(rng, day, opens=8.1, closes=16.6, hour=hour, spread=0.4)
    present = attendance(rng, len(day), len(draft.people), share)
    swipes = swipe(rng, start, present, gap=gap, disorder=0.4)
    return Planted(
        draft=Draft(
            name=draft.name,
            people=draft.people,
            places=draft.places,
            parameters={"period_days": period, "attendance": round(share, 2)},
        ),
        events=make(
            len(swipes),
            person=draft.people[swipes.member],
            place=place,
            time=swipes.time,
            basket=basket,
        ),
        moves=moves,
        keep=keep,
    )
