"""Honest concentration: employers, borders, rare drugs, helpers with papers, faulty machines."""

import numpy as np
from numpy.typing import NDArray

from ingest.simulate import claims as manual
from ingest.simulate.cast import Cast, pick, where
from ingest.simulate.catalogue import Basket
from ingest.simulate.clock import DAY
from ingest.simulate.events import AUTO, Events, make
from ingest.simulate.ordinary import visit_time
from ingest.simulate.places import PlaceKind
from ingest.simulate.plant import Claims, Draft, Planted, Rewrite
from ingest.simulate.second.claims import looked_at
from ingest.simulate.second.hands import moods, party, turnout
from ingest.simulate.second.homes import together
from ingest.simulate.sessions import window, within
from ingest.simulate.staff import Role
from ingest.simulate.world import World

Ints = NDArray[np.int64]
_NOBODY = np.zeros(0, np.int64)


def school(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant pupils whom the clinic next door sees in waves of colds."""
    del life
    return _organisation(world, cast, rng, "school", (6.0, 18.0), (12.2, 16.4))


def works_clinic(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant an employer whose people see one clinic before, between or after shifts."""
    del life
    return _organisation(world, cast, rng, "works_clinic", (20.0, 62.0), (7.9, 12.2, 16.8))


def _organisation(
    world: World,
    cast: Cast,
    rng: np.random.Generator,
    name: str,
    ages: tuple[float, float],
    hours: tuple[float, ...],
) -> Planted:
    place = int(cast.place(rng, PlaceKind.CLINIC)[0])
    p = world.people
    fit = (p.employed if ages[0] > 18 else ~p.employed) & (p.age >= ages[0]) & (p.age < ages[1])
    fit &= p.employer >= len(world.towns.village_town)
    here = fit & (p.town == world.places.town[place])
    employers, counts = np.unique(p.employer[here if here.any() else fit], return_counts=True)
    employer = int(rng.choice(employers, p=counts / counts.sum()))
    people = cast.strangers(
        rng, party(world, rng, 6, 31), employer=employer, least_age=ages[0], most_age=ages[1]
    )
    day = moods(rng, (0, world.days), max(8, world.days // int(rng.integers(8, 20))))
    return together(
        world,
        rng,
        name,
        people,
        place,
        day,
        turnout(rng, len(day), len(people), float(rng.uniform(0.25, 0.6)), leaving=0.3),
        hour=(float(pick(rng, hours)), 0.4),
        gap=(30, 500),
        basket=Basket.CLINIC,
    )


def staff_clinic(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a hospital whose own people are treated there, in ordinary baskets."""
    place = cast.hub(rng, world.places.of(PlaceKind.HOSPITAL), "staff_clinic")
    if place < 0:
        return Planted(draft=Draft(name="staff_clinic", people=_NOBODY))
    del life
    numbers = np.flatnonzero((world.staff.place == place) & (world.staff.role == Role.CLERK))
    people = np.unique(world.staff.person[numbers])
    each = np.maximum(2, rng.poisson(rng.uniform(5, 14), len(people)) * world.days // 365)
    person = np.repeat(people, each)
    n = len(person)
    day = rng.integers(0, world.days, n)
    return Planted(
        draft=Draft(
            name="staff_clinic",
            people=people,
            places=(place,),
            staff=tuple(numbers.tolist()),
            parameters={"visits_each": round(float(each.mean()), 1)},
        ),
        events=make(
            n,
            person=person,
            place=place,
            time=visit_time(world, rng, person, np.full(n, place), day, 0.2),
            basket=np.where(rng.random(n) < 0.6, Basket.HOSPITAL, Basket.CLINIC),
        ),
    )


def border_pharmacy(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant people insured elsewhere who work here: e-credentials, all kinds of drugs, for long."""
    del life
    place = int(cast.place(rng, PlaceKind.PHARMACY, again=True)[0])
    at = where(world.places, place)
    clinic = int(cast.place(rng, PlaceKind.CLINIC, near=at, again=True)[0])
    people = cast.travellers(rng, party(world, rng, 15, 61, one_in=300))
    each = np.maximum(2, rng.poisson(rng.uniform(4, 12), len(people)) * world.days // 365)
    person = np.repeat(people, each)
    n = len(person)
    there = np.where(rng.random(n) < 0.75, place, clinic)
    day = rng.integers(0, world.days, n)
    kind = world.places.kind[there]
    return Planted(
        draft=Draft(
            name="border_pharmacy",
            people=people,
            places=(place, clinic),
            parameters={"visits_each": round(float(each.mean()), 1)},
        ),
        events=make(
            n,
            person=person,
            place=there,
            time=visit_time(world, rng, person, there, day, 0.5),
            basket=np.where(kind == PlaceKind.PHARMACY, Basket.PHARMACY, Basket.CLINIC),
            cert=np.where(rng.random(n) < 0.9, 1, AUTO),
        ),
    )


def dual_channel_pharmacy(
    world: World, cast: Cast, rng: np.random.Generator, life: Events
) -> Planted:
    """Plant the one pharmacy that stocks a costly drug; several doctors' patients must go there."""
    shops = world.places.of(PlaceKind.PHARMACY)
    pharmacy = cast.hub(rng, shops[world.places.pooled[shops]], "dual_channel_pharmacy")
    if pharmacy < 0:
        return Planted(draft=Draft(name="dual_channel_pharmacy", people=_NOBODY))
    drug = int(rng.choice(world.catalogue.resale))
    hospitals = world.places.of(PlaceKind.HOSPITAL)
    doctors, sent = [], []
    for hospital in rng.permutation(hospitals)[: int(rng.integers(2, 5))].tolist():
        doctor = int(rng.choice(world.places.doctors(hospital)))
        seen = cast.settled_at(hospital)
        seen = seen[life.doctor[seen] == doctor]
        doctors.append(doctor)
        sent.append(seen[rng.random(len(seen)) < float(rng.uniform(0.2, 0.5))])
    which = np.concatenate([_NOBODY, *sent])
    person = life.person[which].astype(np.int64)
    n = len(which)
    day = life.time[which] // DAY + (rng.random(n) < 0.5)
    return Planted(
        draft=Draft(
            name="dual_channel_pharmacy",
            people=_NOBODY,
            places=(pharmacy,),
            doctors=tuple(sorted(doctors)),
            parameters={"purchases": n},
        ),
        events=make(
            n,
            person=person,
            place=pharmacy,
            time=visit_time(world, rng, person, np.full(n, pharmacy), day, 0.3),
            basket=Basket.PRESCRIPTION,
            doctor=life.doctor[which],
            drug=drug,
        ),
    )


def village_agent(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a village clerk who files for many, each into the claimant's own account."""
    del life
    village = int(rng.integers(0, len(world.towns.village_town)))
    people = cast.strangers(rng, party(world, rng, 8, 26), village=village, least_age=30)
    if len(people) < 4:
        return Planted(draft=Draft(name="village_agent", people=_NOBODY))
    return _filed(world, rng, "village_agent", people[1:], int(people[0]), people[1:])


def employer_files(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a personnel officer who files for colleagues who had paid abroad or far away."""
    del life
    p = world.people
    works, counts = np.unique(p.employer[p.employed], return_counts=True)
    large = works[counts >= min(12, int(counts.max()))]
    people = cast.strangers(
        rng, party(world, rng, 7, 22), employer=int(rng.choice(large)), least_age=20
    )
    if len(people) < 4:
        return Planted(draft=Draft(name="employer_files", people=_NOBODY))
    return _filed(world, rng, "employer_files", people[1:], int(people[0]), people[1:])


def _filed(
    world: World, rng: np.random.Generator, name: str, people: Ints, agent: int, payee: Ints
) -> Planted:
    n = len(people)
    office = int(manual.office_of(world, people[:1])[0])
    handlers, reviewers = manual.desks(world)
    registered = manual.office_hours(world, rng, n)
    reason = rng.choice([2, 3, 3], n)
    filed = Claims(
        reason=reason,
        invoice=rng.integers(10**9, 10**10, n),
        registrar=np.full(n, handlers[office, int(rng.integers(handlers.shape[1]))]),
        reviewer=reviewers[office, rng.integers(0, 2, n)],
        account=payee,
        payee=payee,
        agent=np.full(n, agent),
        agent_phone=np.full(n, world.people.phone[agent]),
        registered=registered,
        reviewed=looked_at(world, rng, registered, 6.0),
    )
    place = manual.claim_places(world, rng, reason)
    fee = np.clip(rng.lognormal(7.4, 1.0, n), 60, 60_000)
    return Planted(
        draft=Draft(name=name, people=people, places=(), parameters={"claims": n}),
        events=manual.claim_events(people, place, filed, fee),
        claims=filed,
    )


def lazy_scanning(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a shop that scans one box again and again instead of each that it sells."""
    shop = cast.hub(rng, world.places.of(PlaceKind.PHARMACY), "lazy_scanning")
    if shop < 0 or len(cast.settled_at(shop)) < 20:
        return Planted(draft=Draft(name="lazy_scanning", people=_NOBODY))
    visitors = life.person[cast.settled_at(shop)].astype(np.int64)
    boxes = int(rng.integers(3, 9))
    sold = rng.integers(3, 20, boxes)
    box = np.repeat(cast.boxes(boxes), sold)
    drug = np.repeat(rng.integers(0, 400, boxes), sold)
    n = len(box)
    person = rng.choice(visitors, n)
    day = np.repeat(rng.integers(0, max(1, world.days - 30), boxes), sold) + rng.integers(0, 25, n)
    return Planted(
        draft=Draft(
            name="lazy_scanning",
            people=_NOBODY,
            places=(shop,),
            parameters={"boxes": boxes, "sales": n},
        ),
        events=make(
            n,
            person=person,
            place=shop,
            time=visit_time(world, rng, person, np.full(n, shop), day, 0.3),
            basket=Basket.PHARMACY,
            drug=drug,
            box=box,
        ),
    )


def faulty_terminal(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a terminal that fails for some days: many customers settle, are refunded, settle."""
    shops = world.places.of(PlaceKind.PHARMACY, PlaceKind.CLINIC)
    busy = [p for p in shops.tolist() if len(cast.settled_at(p)) >= 2 * world.days]
    shop = cast.hub(rng, np.array(busy or shops.tolist()), "faulty_terminal")
    here = cast.settled_at(shop) if shop >= 0 else _NOBODY
    first = int(rng.integers(0, max(1, world.days - 12)))
    bad = within(life, here, (first, first + 12))
    if len(bad) < 6:
        return Planted(draft=Draft(name="faulty_terminal", people=_NOBODY))
    n = len(bad)
    device = int(rng.choice(world.places.devices(shop)))
    return Planted(
        draft=Draft(
            name="faulty_terminal", people=_NOBODY, places=(shop,), parameters={"visits": n}
        ),
        events=make(
            n,
            person=life.person[bad],
            place=shop,
            time=life.time[bad] - rng.integers(90, 600, n),
            basket=life.basket[bad],
            device=device,
            refund=1,
            refund_delay=rng.integers(20, 85, n),
        ),
    )


def shared_login(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a small place that works under one staff number at all its terminals for some weeks."""
    places = world.places
    several = np.flatnonzero((np.diff(places.device_first) >= 2) & ~places.far)
    several = several[places.kind[several] != PlaceKind.HOSPITAL]
    place = cast.hub(rng, several, "shared_login")
    if place < 0:
        return Planted(draft=Draft(name="shared_login", people=_NOBODY))
    first, last = window(rng, world.days, 0.3)
    here = within(life, cast.settled_at(place), (first, last))
    clerk = int(rng.choice(places.clerks(place)))
    return Planted(
        draft=Draft(
            name="shared_login",
            people=_NOBODY,
            places=(place,),
            staff=(clerk,),
            parameters={"days": last - first, "visits": len(here)},
        ),
        rewrites=(Rewrite(which=here, column="clerk", values=clerk),),
    )
