"""Families who shop together, one who buys for another, neighbours and friends."""

import numpy as np
from numpy.typing import NDArray

from ingest.simulate.cast import Cast, pick
from ingest.simulate.catalogue import Basket
from ingest.simulate.events import AUTO, Events, make
from ingest.simulate.plant import Draft, Planted
from ingest.simulate.sessions import attendance, rhythm, starts, swipe
from ingest.simulate.world import World

Ints = NDArray[np.int64]


def family(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a household that shops together; the hard one is five who buy weekly in minutes."""
    del life
    hard = rng.random() < 0.12
    people = cast.household(rng, 4 if hard else 2, 6 if hard else int(rng.integers(2, 5)))
    period = 7.0 if hard else float(pick(rng, (7, 10, 14, 21, 30)))
    share = float(rng.uniform(0.7, 0.95))
    return _shop(world, rng, people, "family", period, share, (25, 90) if hard else (30, 300))


def one_buys_for_another(
    world: World, cast: Cast, rng: np.random.Generator, life: Events
) -> Planted:
    """Plant someone who buys with two credentials, their own and a parent's."""
    del life
    people = cast.household(rng, 2, 2)
    period = float(pick(rng, (14, 21, 30)))
    return _shop(world, rng, people, "one_buys_for_another", period, 0.95, (61, 180))


def neighbours(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant two to four people of one village who go together; often elderly friends."""
    del life
    elderly = rng.random() < 0.6
    village = int(rng.integers(0, len(world.towns.village_town)))
    people = cast.strangers(
        rng, int(rng.integers(2, 5)), village=village, least_age=60 if elderly else 25
    )
    period = float(pick(rng, (7, 10, 14, 21, 30)))
    share = float(rng.uniform(0.55, 0.9))
    return _shop(world, rng, people, "neighbours", period, share, (45, 420))


def _shop(
    world: World,
    rng: np.random.Generator,
    people: Ints,
    name: str,
    period: float,
    share: float,
    gap: tuple[float, float],
) -> Planted:
    own = world.people.pharmacies[people[0]].astype(np.int64)
    near = np.array(own[: int(rng.integers(1, 3))])
    span = (0, world.days)
    day = rhythm(rng, span, period=period, jitter=period * 0.25, least=5)
    start = starts(
        rng, day, opens=8.6, closes=19.0, hour=float(world.people.hour[people[0]]), spread=1.6
    )
    place = near[(rng.random(len(day)) > 0.8).astype(np.int64) % len(near)]
    swipes = swipe(rng, start, attendance(rng, len(day), len(people), share), gap=gap, disorder=0.5)
    chronic = world.people.chronic[people][swipes.member] & (rng.random(len(swipes)) < 0.7)
    device = world.places.device_first[place]
    events = make(
        len(swipes),
        person=people[swipes.member],
        place=place[swipes.session],
        time=swipes.time,
        basket=np.where(chronic, Basket.CHRONIC_PHARMACY, Basket.PHARMACY),
        device=np.where(rng.random(len(swipes)) < 0.8, device[swipes.session], AUTO),
    )
    return Planted(
        draft=Draft(
            name=name,
            people=people,
            places=tuple(np.unique(place).tolist()),
            parameters={"period_days": period, "attendance": round(share, 2)},
        ),
        events=events,
    )
