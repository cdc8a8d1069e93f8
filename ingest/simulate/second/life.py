"""Another ordinary life: illnesses of several visits, long prescriptions, shops near work."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ingest.simulate import clock
from ingest.simulate.catalogue import Basket
from ingest.simulate.clock import DAY
from ingest.simulate.events import Events, concat, make, take
from ingest.simulate.ordinary import (
    alive_and_inside,
    any_place,
    at_the_hall,
    bought_along,
    hospital_stays,
    outside_stays,
    prescriptions_filled,
    seen_by,
    visit_time,
)
from ingest.simulate.places import PlaceKind
from ingest.simulate.world import World

Ints = NDArray[np.int64]

ILLNESSES_PER_YEAR = 2.1
REFILL_DAYS = (14.0, 28.0, 30.0, 60.0, 84.0)
REFILL_SHARE = (0.1, 0.3, 0.25, 0.2, 0.15)


def ordinary_life(world: World, rng: np.random.Generator) -> Events:
    """Return the settlements of a county in which nobody acts together."""
    ill = _illnesses(world, rng)
    refills = _refills(world, rng)
    stays = hospital_stays(world, rng, each_year=0.11, nights=(1.5, 0.75), one_day=0.1, travel=0.18)
    visits = outside_stays(concat([ill, refills]), stays)
    along = bought_along(world, rng, visits, share=0.04)
    filled = prescriptions_filled(world, rng, visits, share=0.15)
    life = concat([visits, along, filled, stays])
    life = take(life, alive_and_inside(world, life))
    back = rng.random(len(life)) < 0.009
    life.refund[back] = np.where(rng.random(back.sum()) < 0.85, 1, 2)
    life.refund_delay[back] = np.exp(rng.uniform(np.log(60), np.log(5 * DAY), back.sum()))
    return replace(life, doctor=seen_by(world, rng, life))


def _illnesses(world: World, rng: np.random.Generator) -> Events:
    """Return illnesses: a first visit, and for some a second and a third within days."""
    people = world.people
    number = rng.poisson(people.rate * ILLNESSES_PER_YEAR * world.days / 365)
    person = np.repeat(np.arange(len(people)), number)
    day = _market(world, rng, person, rng.choice(world.days, len(person), p=world.day_weight))
    place = _where(world, rng, person, day)
    parts = [_visits(world, rng, person, place, day)]
    for share, least, most in ((0.38, 1, 6), (0.3, 3, 12)):
        again = rng.random(len(person)) < share
        person, place, day = person[again], place[again], day[again]
        day = day + rng.integers(least, most + 1, len(day))
        other = rng.random(len(day)) < 0.35
        place = np.where(other, _where(world, rng, person, day), place)
        parts.append(_visits(world, rng, person, place, day))
    visits = concat(parts)
    visits = take(visits, visits.time < world.days * DAY)
    return concat([visits, at_the_hall(world, rng, visits)])


def _where(world: World, rng: np.random.Generator, person: Ints, day: Ints) -> Ints:
    """Return where each goes: near home, near work on working days, now and then anywhere."""
    people, n = world.people, len(person)
    rank = np.minimum(rng.geometric(0.6, n) - 1, 2)
    what = rng.random(n)
    place = np.select(
        [what < 0.46, what < 0.8],
        [people.pharmacies[person, rank], people.clinics[person, np.minimum(rank, 1)]],
        people.hospitals[person, np.minimum(rank, 1)],
    ).astype(np.int64)
    works = people.employed[person] & (clock.weekday(day) < 5) & (rng.random(n) < 0.3)
    shops = world.places.of(PlaceKind.PHARMACY, PlaceKind.CLINIC)
    near_work = shops[people.employer[person] * 2_654_435_761 % 1_000_003 % len(shops)]
    place = np.where(works, near_work, place)
    anywhere = rng.random(n) < 0.07
    place[anywhere] = any_place(world, rng, int(anywhere.sum()))
    return place


def _visits(world: World, rng: np.random.Generator, person: Ints, place: Ints, day: Ints) -> Events:
    kind = world.places.kind[place]
    basket = np.select(
        [kind == PlaceKind.PHARMACY, kind == PlaceKind.HOSPITAL],
        [Basket.PHARMACY, Basket.HOSPITAL],
        Basket.CLINIC,
    )
    time = visit_time(world, rng, person, place, day, 0.3)
    return make(len(person), person=person, place=place, time=time, basket=basket)


def _market(world: World, rng: np.random.Generator, person: Ints, day: Ints) -> Ints:
    """Move a quarter of the visits of country people to the town's next market day."""
    market = world.people.town[person] * 5 % 7
    country = world.people.village[person] != world.towns.villages[world.people.town[person]]
    goes = country & (rng.random(len(day)) < 0.25)
    wait = (market - clock.weekday(day)) % 7
    return np.minimum(day + np.where(goes, wait, 0), world.days - 1)


def _refills(world: World, rng: np.random.Generator) -> Events:
    """Return the visits of chronic patients, each at an own interval, many after pay day."""
    people = world.people
    patients = np.flatnonzero(people.chronic)
    period = rng.choice(REFILL_DAYS, len(patients), p=REFILL_SHARE)
    most = world.days // int(min(REFILL_DAYS)) + 2
    gap = period[:, None] * rng.lognormal(0, 0.12, (len(patients), most))
    day = np.cumsum(gap, axis=1) - period[:, None] * rng.random((len(patients), 1))
    row, column = np.nonzero((day >= 0) & (day < world.days - 7))
    person, when = patients[row], day[row, column].astype(np.int64)
    pay_day = (person * 7_919 % 10 < 3) & (period[row] >= 28)
    when = np.where(pay_day, when // 30 * 30 + 1 + person % 4, when)
    n = len(person)
    clinic = (person * 40_503 >> 5) % 100 < 42
    rank = (rng.random(n) > 0.85).astype(np.int64)
    place = np.where(clinic, people.clinics[person, rank], people.pharmacies[person, rank])
    time = visit_time(world, rng, person, place.astype(np.int64), when, 0.6)
    basket = np.where(clinic, Basket.CHRONIC_CLINIC, Basket.CHRONIC_PHARMACY)
    return make(n, person=person, place=place, time=time, basket=basket)
