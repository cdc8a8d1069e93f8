"""Honest care: courses on other weekdays, day wards, rounds at the bedside, clinic regulars."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ingest.simulate import clock
from ingest.simulate.cast import Cast, pick, where
from ingest.simulate.catalogue import Basket
from ingest.simulate.events import AUTO, Events, make
from ingest.simulate.ordinary import visit_time
from ingest.simulate.places import PlaceKind
from ingest.simulate.plant import Draft, Planted
from ingest.simulate.second.hands import party, turnout
from ingest.simulate.second.homes import together, weekly
from ingest.simulate.sessions import course, swipe
from ingest.simulate.world import World

Ints = NDArray[np.int64]


def dialysis(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant one dialysis shift on two or four weekdays, mornings, afternoons or nights."""
    del life
    weekdays = pick(rng, ((1, 4), (2, 5), (0, 2, 4, 6), (1, 3, 5, 6), (0, 2, 4)))
    hours = (7.2, 12.5, 17.6)
    return _course(world, cast, rng, "dialysis", Basket.DIALYSIS, (5, 16), weekdays, hours, 1.0)


def infusion(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a course of infusions: every day but Sunday, or every second weekday."""
    del life
    weekdays = pick(rng, ((0, 1, 2, 3, 4, 5), (0, 2, 4), (0, 1, 2, 3)))
    length = float(rng.uniform(0.08, 0.3))
    return _course(
        world, cast, rng, "infusion", Basket.INFUSION, (3, 10), weekdays, (8.0, 15.0), length
    )


def rehabilitation(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a rehabilitation group on one to four weekdays."""
    del life
    weekdays = pick(rng, ((1,), (0, 3), (1, 2, 4, 5)))
    length = float(rng.uniform(0.3, 0.7))
    hours = (10.0, 15.5, 17.0)
    return _course(
        world, cast, rng, "rehabilitation", Basket.REHABILITATION, (4, 13), weekdays, hours, length
    )


def methadone(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a methadone clinic whose patients come daily, some with doses for the week-end."""
    del life
    weekdays = pick(rng, ((0, 1, 2, 3, 4, 5, 6), (0, 1, 2, 3, 4)))
    length = float(rng.uniform(0.3, 0.8))
    return _course(
        world, cast, rng, "methadone", Basket.METHADONE, (5, 16), weekdays, (16.5, 18.0), length
    )


def _course(
    world: World,
    cast: Cast,
    rng: np.random.Generator,
    name: str,
    basket: Basket,
    size: tuple[int, int],
    weekdays: tuple[int, ...],
    hours: tuple[float, ...],
    length: float,
) -> Planted:
    place = int(cast.place(rng, PlaceKind.HOSPITAL, again=True)[0])
    at = where(world.places, place)
    people = cast.strangers(rng, int(rng.integers(*size)), near=at, reach_km=25, least_age=25)
    day = course(rng, world.days, weekdays, length=length, least=24)
    share = float(rng.uniform(0.65, 0.97))
    doctors = rng.permutation(world.places.doctors(place))[:3]
    present = rng.random((len(day), len(people))) < share
    doctor = doctors[rng.integers(0, len(doctors), int(present.sum()))]
    group = together(
        world,
        rng,
        name,
        people,
        place,
        day,
        present,
        hour=(float(pick(rng, hours)), 0.25),
        gap=(20, 500),
        basket=basket,
        said={"weekdays": "".join(str(d + 1) for d in weekdays), "attendance": round(share, 2)},
        doctor=doctor,
    )
    named = replace(group.draft, doctors=tuple(sorted(int(d) for d in doctors)))
    return replace(group, draft=named, keep=0.9)


def day_ward(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a ward of courses every 14 or 21 days: one or two nights, the same faces, full cost."""
    del life
    place = int(cast.place(rng, PlaceKind.HOSPITAL, again=True)[0])
    at = where(world.places, place)
    people = cast.strangers(rng, int(rng.integers(4, 15)), near=at, reach_km=40, least_age=30)
    period = int(pick(rng, (14, 21, 21, 28)))
    begin = rng.integers(3, max(4, world.days // 3)) + 7 * rng.integers(0, 2, len(people))
    cycles = np.minimum(rng.integers(4, 9, len(people)), (world.days - 2 - begin) // period + 1)
    cycles = np.maximum(2, cycles)
    who = np.repeat(np.arange(len(people)), cycles)
    turn = np.arange(len(who)) - np.repeat(np.cumsum(cycles) - cycles, cycles)
    slip = (rng.random(len(who)) < 0.2) * rng.integers(-1, 3, len(who))
    day = begin[who] + turn * period + slip
    doctors = rng.permutation(world.places.doctors(place))[:2]
    inside = np.flatnonzero(day < world.days)
    who, day = who[inside], day[inside]
    n = len(who)
    return Planted(
        draft=Draft(
            name="day_ward",
            people=people,
            places=(place,),
            doctors=tuple(sorted(int(d) for d in doctors)),
            parameters={"period_days": period, "stays": n},
        ),
        events=make(
            n,
            person=people[who],
            place=place,
            time=clock.seconds(day, rng.uniform(9.0, 16.0, n)),
            basket=Basket.INPATIENT,
            stay=1 + rng.integers(1, 3, n),
            doctor=doctors[who % len(doctors)],
        ),
    )


def tcm_clinic(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant regulars of one doctor who sits two half days a week."""
    del life
    place = int(cast.place(rng, PlaceKind.CLINIC, again=True)[0])
    at = where(world.places, place)
    people = cast.strangers(rng, party(world, rng, 12, 41), near=at, reach_km=8, least_age=40)
    weekdays = rng.permutation(6)[:2]
    day = np.arange(world.days)
    day = day[np.isin(clock.weekday(day), weekdays)]
    doctor = int(rng.choice(world.places.doctors(place)))
    share = min(0.45, 5.0 / max(1, len(people)) + float(rng.uniform(0, 0.15)))
    group = together(
        world,
        rng,
        "tcm_clinic",
        people,
        place,
        day,
        turnout(rng, len(day), len(people), share, leaving=0.6),
        hour=(float(pick(rng, (8.6, 14.2))), 0.2),
        gap=(120, 700),
        basket=Basket.CLINIC,
        doctor=doctor,
    )
    return replace(group, draft=replace(group.draft, doctors=(doctor,)))


def home_nurse(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a nurse who settles for bedridden elders on her round, ten to forty minutes apart."""
    del life
    kinds = (PlaceKind.VILLAGE_CLINIC, PlaceKind.CLINIC)
    place = int(cast.place(rng, *kinds, again=True)[0])
    at = where(world.places, place)
    people = cast.strangers(rng, int(rng.integers(5, 13)), near=at, reach_km=3, least_age=72)
    day = weekly(rng, world.days, int(rng.integers(0, 5)))
    present = turnout(rng, len(day), len(people), float(rng.uniform(0.75, 0.95)), leaving=0.3)
    start = clock.seconds(day, rng.normal(9.0, 0.3, len(day)).clip(8.6, 10))
    swipes = swipe(rng, start, present, gap=(420, 2_200), disorder=0.15)
    device = int(world.places.device_first[place])
    doctor = int(world.places.doctor_first[place])
    return Planted(
        draft=Draft(
            name="home_nurse",
            people=people,
            places=(place,),
            doctors=(doctor,),
            parameters={"rounds": len(day)},
        ),
        events=make(
            len(swipes),
            person=people[swipes.member],
            place=place,
            time=swipes.time,
            basket=Basket.CARE,
            device=device,
            doctor=doctor,
        ),
        keep=0.5,
    )


def nursing_home(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a nursing home whose carer takes all the cards to a pharmacy or its own clinic."""
    del life
    home = int(cast.place(rng, PlaceKind.NURSING_HOME)[0])
    at = where(world.places, home)
    people = cast.strangers(rng, party(world, rng, 6, 46), near=at, reach_km=20, least_age=65)
    outside = rng.random() < 0.6
    shop = cast.place(rng, PlaceKind.PHARMACY, near=at, again=True)
    place = int(shop[0]) if outside else home
    day = np.arange(int(rng.integers(2, 12)), world.days, int(pick(rng, (10, 15, 30))))
    day = np.minimum(day + rng.integers(0, 4, len(day)), world.days - 1)
    group = together(
        world,
        rng,
        "nursing_home",
        people,
        place,
        np.unique(day),
        turnout(rng, len(np.unique(day)), len(people), 0.8, leaving=0.5),
        hour=(float(rng.uniform(9, 16)), 0.8),
        gap=(15, 90),
        basket=Basket.CHRONIC_PHARMACY if outside else Basket.CARE,
    )
    return replace(group, moves=((people, "address", len(world.people) + home),), keep=0.3)


def village_doctor(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a village doctor who enters the week's home visits in one evening."""
    del life
    place = int(cast.place(rng, PlaceKind.VILLAGE_CLINIC)[0])
    village = int(world.places.village[place])
    people = cast.strangers(rng, int(rng.integers(4, 26)), village=village, least_age=55)
    if not len(people):
        return Planted(draft=Draft(name="village_doctor", people=people))
    day = weekly(rng, world.days, int(rng.integers(0, 7)))
    if rng.random() < 0.5:
        day = day[::2]
    doctor = int(world.places.doctor_first[place])
    group = together(
        world,
        rng,
        "village_doctor",
        people,
        place,
        day,
        turnout(rng, len(day), len(people), float(rng.uniform(0.35, 0.85)), leaving=0.2),
        hour=(float(pick(rng, (7.4, 18.8))), 0.5),
        gap=(15, float(rng.uniform(60, 300))),
        basket=Basket.CHRONIC_CLINIC,
        doctor=doctor,
    )
    return replace(group, draft=replace(group.draft, doctors=(doctor,)))


def chronic_day(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a clinic's chronic-disease week: each comes once, on any of its days."""
    del life
    place = int(cast.place(rng, PlaceKind.CLINIC)[0])
    at = where(world.places, place)
    people = cast.strangers(
        rng, party(world, rng, 10, 51), near=at, reach_km=6, least_age=45, chronic=True
    )
    period = int(pick(rng, (14, 30, 30, 60)))
    month = np.arange(int(rng.integers(1, 8)), world.days - 3, period)
    row, who = np.nonzero(rng.random((len(month), len(people))) < float(rng.uniform(0.5, 0.9)))
    day = month[row] + rng.choice([0, 0, 1, 2], len(row))
    person = people[who]
    doctors = rng.permutation(world.places.doctors(place))[:3]
    return Planted(
        draft=Draft(
            name="chronic_day",
            people=people,
            places=(place,),
            doctors=tuple(sorted(int(d) for d in doctors)),
            parameters={"period_days": period},
        ),
        events=make(
            len(person),
            person=person,
            place=place,
            time=visit_time(world, rng, person, np.full(len(person), place), day, 0.1),
            basket=Basket.CHRONIC_CLINIC,
            doctor=doctors[rng.integers(0, len(doctors), len(person))],
        ),
    )


def health_check(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant an employer's health checks: a hospital over two to five days, once."""
    del life
    place = int(cast.place(rng, PlaceKind.HOSPITAL, again=True)[0])
    at = where(world.places, place)
    people = cast.strangers(rng, party(world, rng, 25, 161), near=at, reach_km=15, least_age=22)
    return _campaign(world, rng, "health_check", people, place, Basket.HEALTH_CHECK)


def vaccination_day(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a vaccination campaign at a clinic over two to five days."""
    del life
    place = int(cast.place(rng, PlaceKind.CLINIC, PlaceKind.VILLAGE_CLINIC, again=True)[0])
    at = where(world.places, place)
    people = cast.strangers(rng, party(world, rng, 20, 121), near=at, reach_km=5, least_age=0.5)
    return _campaign(world, rng, "vaccination_day", people, place, Basket.VACCINATION)


def _campaign(
    world: World, rng: np.random.Generator, name: str, people: Ints, place: int, basket: Basket
) -> Planted:
    first = int(rng.integers(3, max(4, world.days - 8)))
    day = first + rng.integers(0, int(rng.integers(2, 6)), len(people))
    return Planted(
        draft=Draft(name=name, people=people, places=(place,), parameters={"day": first}),
        events=make(
            len(people),
            person=people,
            place=place,
            time=visit_time(world, rng, people, np.full(len(people), place), day, 0.0),
            basket=basket,
            device=AUTO,
        ),
    )
