"""Ordinary life: falling ill, chronic habits, companions, stays, prescriptions taken along."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ingest.simulate import clock
from ingest.simulate.catalogue import Basket
from ingest.simulate.clock import DAY
from ingest.simulate.events import AUTO, NONE, Events, concat, make, take
from ingest.simulate.places import PlaceKind
from ingest.simulate.world import World

Ints = NDArray[np.int64]

ACUTE_PER_YEAR = 2.62
CHRONIC_DAYS = 30.4
STAYS_PER_YEAR = 0.13
REFUND_SHARE = 0.006


def ordinary_life(world: World, rng: np.random.Generator) -> Events:
    """Return the settlements of a county in which nobody acts together."""
    acute = _acute(world, rng)
    chronic = _chronic(world, rng)
    stays = hospital_stays(world, rng)
    visits = outside_stays(concat([acute, chronic]), stays)
    companions = bought_along(world, rng, visits)
    followed = prescriptions_filled(world, rng, visits)
    life = concat([visits, companions, followed, stays])
    life = take(life, alive_and_inside(world, life))
    refunded = rng.random(len(life)) < REFUND_SHARE
    life.refund[refunded] = np.where(rng.random(refunded.sum()) < 0.7, 1, 2)
    soon = rng.random(refunded.sum()) < 0.6
    delay = np.where(soon, rng.integers(120, 3_600, len(soon)), rng.integers(1, 4, len(soon)) * DAY)
    life.refund_delay[refunded] = delay
    return replace(life, doctor=seen_by(world, rng, life))


def seen_by(world: World, rng: np.random.Generator, life: Events) -> NDArray[np.int32]:
    """Return who sees each patient: mostly the doctor they always see, else any of the place."""
    first = world.places.doctor_first
    place = life.place.astype(np.int64)
    doctors = first[place + 1] - first[place]
    drawn = first[place] + (rng.random(len(life)) * doctors).astype(np.int64)
    usual = preferred_doctor(world, life.person, life.place)
    doctor = np.where(rng.random(len(life)) < 0.6, usual, drawn)
    seen = (doctors > 0) & (life.basket != Basket.REGISTRATION)
    doctor = np.where(seen, doctor, NONE)
    return np.where(life.doctor == AUTO, doctor, life.doctor).astype(np.int32)


def visit_time(
    world: World, rng: np.random.Generator, person: Ints, place: Ints, day: Ints, habit: float
) -> Ints:
    """Return seconds on a day: a share ``habit`` near the person's own hour, else the place's."""
    places = world.places
    day = clock.next_open(day, places.closed_weekday[place])
    n = len(person)
    opens, closes = places.opens[place], places.closes[place]
    peak = rng.random(n)
    evening = places.evening[place]
    hour = np.where(peak < evening, rng.normal(19.2, 0.9, n), rng.normal(15.6, 1.2, n))
    hour = np.where(peak > 0.42, rng.normal(9.5, 1.1, n), hour)
    own = rng.random(n) < habit
    hour = np.where(own, world.people.hour[person] + rng.normal(0, 0.9, n), hour)
    outside = (hour < opens) | (hour >= closes - 0.05)
    hour = np.where(outside, opens + rng.random(n) * (closes - opens - 0.1), hour)
    return clock.seconds(day, hour)


def _acute(world: World, rng: np.random.Generator) -> Events:
    people = world.people
    expected = people.rate * ACUTE_PER_YEAR * world.days / 365
    count = rng.poisson(expected)
    person = np.repeat(np.arange(len(people)), count)
    n = len(person)
    day = rng.choice(world.days, n, p=world.day_weight)
    what = rng.random(n)
    rank = np.searchsorted([0.62, 0.9], rng.random(n))
    pharmacy = people.pharmacies[person, rank]
    clinic = people.clinics[person, np.minimum(rank, 1)]
    hospital = people.hospitals[person, np.minimum(rank, 1)]
    place = np.select([what < 0.5, what < 0.83], [pharmacy, clinic], hospital).astype(np.int64)
    anywhere = rng.random(n) < 0.05
    place[anywhere] = any_place(world, rng, int(anywhere.sum()))
    kind = world.places.kind[place]
    basket = np.select(
        [kind == PlaceKind.PHARMACY, kind == PlaceKind.HOSPITAL],
        [Basket.PHARMACY, Basket.HOSPITAL],
        Basket.CLINIC,
    )
    time = visit_time(world, rng, person, place, day, 0.45)
    visits = make(n, person=person, place=place, time=time, basket=basket)
    return concat([visits, at_the_hall(world, rng, visits)])


def at_the_hall(world: World, rng: np.random.Generator, visits: Events) -> Events:
    """Hospital visits begin at the registration hall or its kiosk."""
    at = np.flatnonzero((visits.basket == Basket.HOSPITAL) & (rng.random(len(visits)) < 0.35))
    place = visits.place[at]
    first = world.places.device_first
    kiosk = world.places.kiosk[first[place + 1] - 1] & (rng.random(len(at)) < 0.6)
    device = np.where(kiosk, first[place + 1] - 1, first[place])
    return make(
        len(at),
        person=visits.person[at],
        place=place,
        time=visits.time[at] - rng.integers(600, 3600, len(at)),
        basket=Basket.REGISTRATION,
        device=device,
    )


def any_place(world: World, rng: np.random.Generator, count: int) -> Ints:
    """Draw places by their size, those far away more often."""
    places = world.places
    open_to_all = places.kind != PlaceKind.NURSING_HOME
    weight = places.size * open_to_all * np.where(places.far, 2.5, 1.0)
    return rng.choice(len(places), count, p=weight / weight.sum())


def _chronic(world: World, rng: np.random.Generator) -> Events:
    """Monthly visits with a personal weekday and hour, mostly to one place."""
    people = world.people
    patients = np.flatnonzero(people.chronic)
    most = int(world.days / CHRONIC_DAYS) + 2
    period = rng.normal(CHRONIC_DAYS, 3.0, len(patients)).clip(20, 45)
    phase = rng.uniform(0, 1, len(patients)) * period
    day = phase[:, None] + period[:, None] * np.arange(most)
    day += rng.normal(0, 1, day.shape) * rng.uniform(0.8, 5, len(patients))[:, None]
    row, column = np.nonzero((day >= 0) & (day < world.days) & (rng.random(day.shape) < 0.93))
    person, when = patients[row], day[row, column].astype(np.int64)
    to_habit = (people.weekday[person] - clock.weekday(when) + 3) % 7 - 3
    faithful = (people.weekday[person] * 7 + person) % 5 < 3
    when = np.clip(when + np.where(faithful, to_habit, 0), 0, world.days - 1)
    n = len(person)
    at_clinic = (person * 2_654_435_761 >> 7) % 100 < 30
    rank = np.searchsorted([0.78, 0.95], rng.random(n))
    pharmacy = people.pharmacies[person, rank]
    clinic = people.clinics[person, np.minimum(rank, 1)]
    place = np.where(at_clinic, clinic, pharmacy).astype(np.int64)
    basket = np.where(at_clinic, Basket.CHRONIC_CLINIC, Basket.CHRONIC_PHARMACY)
    time = visit_time(world, rng, person, place, when, 0.75)
    return make(n, person=person, place=place, time=time, basket=basket)


def hospital_stays(
    world: World,
    rng: np.random.Generator,
    *,
    each_year: float = STAYS_PER_YEAR,
    nights: tuple[float, float] = (1.75, 0.6),
    one_day: float = 0.06,
    travel: float = 0.13,
) -> Events:
    """Return stays that do not overlap; ``nights`` is the mean and spread of their logarithm."""
    people = world.people
    expected = people.rate * each_year * world.days / 365 * (1 + (people.age > 60))
    person = np.repeat(np.arange(len(people)), rng.poisson(expected))
    n = len(person)
    slept = np.clip(rng.lognormal(*nights, n), 0, 40).astype(np.int64)
    slept[rng.random(n) < one_day] = 0
    day = rng.choice(world.days, n, p=world.day_weight)
    place = people.hospitals[person, rng.integers(0, 2, n)].astype(np.int64)
    away = np.flatnonzero(world.places.far & (world.places.kind == PlaceKind.HOSPITAL))
    travels = rng.random(n) < travel
    place[travels] = rng.choice(away, int(travels.sum()))
    stays = make(
        n,
        person=person,
        place=place,
        time=clock.seconds(day, rng.uniform(8.5, 16.5, n)),
        basket=Basket.INPATIENT,
        stay=slept + 1,
    )
    order = np.lexsort((stays.time, stays.person))
    stays = take(stays, order)
    begin = stays.time // DAY - stays.stay + 1
    clash = (stays.person[1:] == stays.person[:-1]) & (begin[1:] <= stays.time[:-1] // DAY)
    return take(stays, np.concatenate([[True], ~clash]))


def outside_stays(visits: Events, stays: Events) -> Events:
    """Drop visits inside a stay, but for the few that real data hold."""
    key = stays.person.astype(np.int64) * 100_000
    ends = key + stays.time // DAY
    begins = ends - stays.stay + 1
    own = visits.person.astype(np.int64) * 100_000 + visits.time // DAY
    following = np.searchsorted(ends, own)
    found = following < len(ends)
    inside = found.copy()
    inside[found] = begins[following[found]] <= own[found]
    rare = (visits.time * 48_271 % 1_000) < 8
    return take(visits, ~inside | rare)


def bought_along(
    world: World, rng: np.random.Generator, visits: Events, share: float = 0.025
) -> Events:
    """Now and then someone of the same household buys at the same counter."""
    at = np.flatnonzero(rng.random(len(visits)) < share)
    person = visits.person[at].astype(np.int64)
    household = world.people.household
    other = np.clip(person + rng.choice([-1, 1], len(at)), 0, len(household) - 1)
    same = (household[other] == household[person]) & (other != person)
    at, other = at[same], other[same]
    kind = world.places.kind[visits.place[at]]
    return make(
        len(at),
        person=other,
        place=visits.place[at],
        time=visits.time[at] + rng.integers(20, 420, len(at)),
        basket=np.where(kind == PlaceKind.PHARMACY, Basket.PHARMACY, Basket.CLINIC),
        device=visits.device[at],
    )


def prescriptions_filled(
    world: World, rng: np.random.Generator, visits: Events, share: float = 0.09
) -> Events:
    """Return purchases on a doctor's prescription, beside the hospital or at one's own shop."""
    seen = np.isin(visits.basket, [Basket.CLINIC, Basket.HOSPITAL, Basket.CHRONIC_CLINIC])
    at = np.flatnonzero(seen & (rng.random(len(visits)) < share) & ~world.places.far[visits.place])
    person, clinic = visits.person[at], visits.place[at]
    beside = np.full(len(world.places), -1)
    shops = np.flatnonzero(world.places.beside >= 0)
    beside[world.places.beside[shops]] = shops
    own = world.people.pharmacies[person, np.minimum(rng.geometric(0.7, len(at)) - 1, 2)]
    place = np.where((beside[clinic] >= 0) & (rng.random(len(at)) < 0.7), beside[clinic], own)
    doctor = preferred_doctor(world, person, clinic)
    visits.doctor[at] = doctor
    time = visits.time[at] + rng.integers(600, 5_400, len(at))
    hour = time % DAY / 3600
    usable = (doctor >= 0) & (hour < world.places.closes[place])
    return make(
        int(usable.sum()),
        person=person[usable],
        place=place[usable],
        time=time[usable],
        basket=Basket.PRESCRIPTION,
        doctor=doctor[usable],
    )


def preferred_doctor(world: World, person: NDArray[np.integer], place: NDArray[np.integer]) -> Ints:
    """Return the doctor a person usually sees at a place, -1 where it has none."""
    first = world.places.doctor_first
    doctors = first[place + 1] - first[place]
    mixed = (person.astype(np.int64) * 48_611 + place * 7_877) % 1_000_003
    return np.where(doctors > 0, first[place] + mixed % np.maximum(doctors, 1), -1)


def alive_and_inside(world: World, life: Events) -> NDArray[np.bool_]:
    """Return which events fall into the county's days and their person's life."""
    death = world.people.death[life.person]
    day = life.time // DAY
    return (day < world.days) & (life.time >= 0) & ((death < 0) | (day <= death))
