"""Manual reimbursement as it should be: desks, reviewers, payees and the odd helper."""

import numpy as np
from numpy.typing import NDArray

from ingest.simulate import clock
from ingest.simulate.catalogue import Basket
from ingest.simulate.clock import DAY
from ingest.simulate.events import Events, make
from ingest.simulate.places import PlaceKind
from ingest.simulate.plant import Claims
from ingest.simulate.staff import TOWNS_PER_OFFICE
from ingest.simulate.world import World

Ints = NDArray[np.int64]

CLAIMS_PER_YEAR = 0.02
REVIEW_LIMIT_YUAN = 5_000
OUT_OF_AREA = 3


def ordinary_claims(world: World, rng: np.random.Generator) -> tuple[Events, Claims]:
    """Return honest manual claims: mostly one's own account, filed in office hours.

    Every second office has a single reviewer, and one desk of each office takes all claims from
    outside the area: concentration without collusion.
    """
    people = world.people
    adult = np.flatnonzero(people.age > 1)
    n = int(rng.poisson(len(people) * CLAIMS_PER_YEAR * world.days / 365))
    person = rng.choice(adult, n)
    office = office_of(world, person)
    reason = rng.choice([1, 2, 3, 4, 5, 7], n, p=[0.2, 0.22, 0.33, 0.13, 0.07, 0.05])
    registered = office_hours(world, rng, n)
    elder = village_elder(world)
    payee = np.where(rng.random(n) < 0.84, person, housemate(world, rng, person))
    payee = np.where(rng.random(n) < 0.02, elder[people.village[person]], payee)
    helped = rng.random(n)
    agent = np.where(helped < 0.25, housemate(world, rng, person), -1)
    agent = np.where(helped > 0.95, elder[people.village[person]], agent)
    handlers, reviewers = desks(world)
    drawn = rng.integers(0, handlers.shape[1] - 1, n) + 1
    registrar = handlers[office, np.where(reason == OUT_OF_AREA, 0, drawn)]
    reviewer = reviewers[office, np.where(office % 2 == 1, 0, rng.integers(0, 2, n))]
    fee = np.clip(rng.lognormal(8.0, 0.85, n), 80, 60_000)
    claims = Claims(
        reason=reason,
        invoice=rng.integers(10**9, 10**10, n),
        registrar=registrar,
        reviewer=reviewer,
        account=payee,
        payee=payee,
        agent=agent,
        agent_phone=np.where(agent >= 0, people.phone[np.maximum(agent, 0)], -1),
        registered=registered,
        reviewed=registered + rng.integers(1, 6, n) * DAY + rng.integers(-3_600, 3_600, n),
    )
    return claim_events(person, claim_places(world, rng, reason), claims, fee), claims


def claim_events(person: Ints, place: Ints, claims: Claims, fee: NDArray[np.float64]) -> Events:
    """Return one settlement for each claim, at the second it was reviewed."""
    return make(
        len(claims),
        person=person,
        place=place,
        time=claims.reviewed,
        basket=Basket.CLAIM,
        clerk=claims.registrar,
        claim=np.arange(len(claims)),
        scale=np.round(fee, 2),
        cert=2,
    )


def office_of(world: World, person: Ints) -> Ints:
    """Return the agency office of each person: neighbouring towns share one."""
    return world.people.town[person] // TOWNS_PER_OFFICE


def desks(world: World) -> tuple[Ints, Ints]:
    """Return handlers and reviewers, offices × people."""
    staff, offices = world.staff, range(world.staff.offices)
    return (
        np.array([staff.handlers(office) for office in offices]),
        np.array([staff.reviewers(office) for office in offices]),
    )


def office_hours(world: World, rng: np.random.Generator, count: int) -> Ints:
    """Return seconds on working days between nine and five."""
    day = rng.integers(0, max(1, world.days - 8), count)
    weekend = np.maximum(clock.weekday(day) - 4, 0)
    return clock.seconds(np.maximum(day - weekend, 0), rng.uniform(9.0, 16.9, count))


def claim_places(world: World, rng: np.random.Generator, reason: Ints) -> Ints:
    """Return a hospital far away for claims from outside, else one of the county."""
    places = world.places
    far = np.flatnonzero(places.far & (places.kind == PlaceKind.HOSPITAL))
    near = places.of(PlaceKind.HOSPITAL)
    outside = np.isin(reason, (OUT_OF_AREA, 4, 5))
    return np.where(outside, rng.choice(far, len(reason)), rng.choice(near, len(reason)))


def housemate(world: World, rng: np.random.Generator, person: Ints) -> Ints:
    """Return somebody of the same household, the person where there is nobody near at hand."""
    household = world.people.household
    other = np.clip(person + rng.choice([-1, 1], len(person)), 0, len(household) - 1)
    return np.where(household[other] == household[person], other, person)


def village_elder(world: World) -> Ints:
    """Return for each village the person who runs errands for it."""
    people = world.people
    elder = np.zeros(len(world.towns.village_town), np.int64)
    fit = np.flatnonzero((people.age > 40) & (people.age < 65))
    elder[people.village[fit]] = fit
    return elder
