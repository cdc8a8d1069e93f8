"""People on a fixed treatment: same faces, same weekdays, same facility, same item codes."""

import numpy as np

from ingest.simulate import clock
from ingest.simulate.cast import Cast, pick, where
from ingest.simulate.catalogue import Basket
from ingest.simulate.events import AUTO, Events, make
from ingest.simulate.places import PlaceKind
from ingest.simulate.plant import Draft, Planted
from ingest.simulate.sessions import course, swipe
from ingest.simulate.world import World

_WEEKDAYS = ((0, 2, 4), (1, 3, 5))


def dialysis(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant one dialysis shift: four to twelve patients, three fixed weekdays all year."""
    del life
    return _course(
        world,
        cast,
        rng,
        "dialysis",
        Basket.DIALYSIS,
        (4, 13),
        pick(rng, _WEEKDAYS),
        (0.9, 0.99),
        1.0,
    )


def infusion(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a course of infusions: every workday for some weeks."""
    del life
    return _course(
        world,
        cast,
        rng,
        "infusion",
        Basket.INFUSION,
        (3, 8),
        (0, 1, 2, 3, 4),
        (0.7, 0.95),
        float(rng.uniform(0.1, 0.2)),
    )


def rehabilitation(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a rehabilitation group: two or three weekdays for some months."""
    del life
    days = pick(rng, ((0, 2, 4), (1, 4), (1, 3, 5)))
    length = float(rng.uniform(0.25, 0.5))
    return _course(
        world, cast, rng, "rehabilitation", Basket.REHABILITATION, (3, 9), days, (0.7, 0.95), length
    )


def methadone(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a methadone clinic: daily doses at the counter."""
    del life
    return _course(
        world,
        cast,
        rng,
        "methadone",
        Basket.METHADONE,
        (4, 12),
        (0, 1, 2, 3, 4, 5, 6),
        (0.8, 0.97),
        float(rng.uniform(0.4, 0.9)),
    )


def _course(
    world: World,
    cast: Cast,
    rng: np.random.Generator,
    name: str,
    basket: Basket,
    size: tuple[int, int],
    weekdays: tuple[int, ...],
    attendance: tuple[float, float],
    length: float,
) -> Planted:
    place = int(cast.place(rng, PlaceKind.HOSPITAL, again=True)[0])
    people = cast.strangers(
        rng, int(rng.integers(*size)), near=where(world.places, place), reach_km=10, least_age=30
    )
    day = course(rng, world.days, weekdays, length=length, least=21)
    share = float(rng.uniform(*attendance))
    present = rng.random((len(day), len(people))) < share
    hour = float(rng.choice([8.2, 9.0, 13.2, 14.0]))
    start = clock.seconds(day, np.full(len(day), hour)) + rng.integers(0, 900, len(day))
    swipes = swipe(rng, start, present, gap=(30, 400), disorder=0.7)
    doctor = int(rng.choice(world.places.doctors(place)))
    return Planted(
        draft=Draft(
            name=name,
            people=people,
            places=(place,),
            doctors=(doctor,),
            parameters={
                "weekdays": "".join(str(d + 1) for d in weekdays),
                "attendance": round(share, 2),
                "days": len(day),
            },
        ),
        events=make(
            len(swipes),
            person=people[swipes.member],
            place=place,
            time=swipes.time,
            basket=basket,
            doctor=np.where(rng.random(len(swipes)) < 0.85, doctor, AUTO),
        ),
        keep=0.8,
    )
