"""One big session that does not come again: health checks, vaccinations."""

import numpy as np

from ingest.simulate import clock
from ingest.simulate.cast import Cast, where
from ingest.simulate.catalogue import Basket
from ingest.simulate.events import Events, make
from ingest.simulate.places import PlaceKind
from ingest.simulate.plant import Draft, Planted
from ingest.simulate.world import World


def health_check(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a health-check day: thirty to a hundred and twenty people at one hospital."""
    del life
    return _day(world, cast, rng, "health_check", Basket.HEALTH_CHECK, PlaceKind.HOSPITAL, 30.0)


def vaccination_day(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a vaccination day at a clinic; half of them come for a second dose."""
    del life
    return _day(world, cast, rng, "vaccination_day", Basket.VACCINATION, PlaceKind.CLINIC, 1.0)


def _day(
    world: World,
    cast: Cast,
    rng: np.random.Generator,
    name: str,
    basket: Basket,
    kind: PlaceKind,
    least_age: float,
) -> Planted:
    place = int(cast.place(rng, kind, again=True)[0])
    people = cast.strangers(
        rng,
        int(rng.integers(30, 121)),
        near=where(world.places, place),
        reach_km=8,
        least_age=least_age,
    )
    day = int(rng.integers(5, max(6, world.days - 35)))
    second = rng.random(len(people)) < (0.5 if basket == Basket.VACCINATION else 0)
    person = np.concatenate([people, people[second]])
    when = np.concatenate([np.full(len(people), day), np.full(int(second.sum()), day + 28)])
    when = clock.next_open(when, np.full(len(when), world.places.closed_weekday[place]))
    hour = rng.uniform(8.0, 11.5, len(person))
    return Planted(
        draft=Draft(name=name, people=people, places=(place,), parameters={"day": day}),
        events=make(
            len(person),
            person=person,
            place=place,
            time=clock.seconds(when, hour),
            basket=basket,
        ),
    )
