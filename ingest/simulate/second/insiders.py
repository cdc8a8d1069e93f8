"""Insiders: small claims into many accounts, a number used after hours, a large house of kin."""

import numpy as np
from numpy.typing import NDArray

from ingest.simulate import claims as manual
from ingest.simulate import clock, roster
from ingest.simulate.cast import Cast, pick, where
from ingest.simulate.catalogue import Basket
from ingest.simulate.events import AUTO, Events, make
from ingest.simulate.places import PlaceKind
from ingest.simulate.plant import Claims, Draft, Planted
from ingest.simulate.second.claims import looked_at
from ingest.simulate.second.hands import moods, turnout
from ingest.simulate.sessions import swipe, window
from ingest.simulate.world import World

Ints = NDArray[np.int64]


def insider_reimbursement(
    world: World, cast: Cast, rng: np.random.Generator, life: Events
) -> Planted:
    """Plant a registrar and a reviewer who pay small claims into four to eight accounts."""
    del life
    office = int(rng.integers(0, world.staff.offices))
    handler = cast.handler(rng, world.staff.handlers(office))
    reviewer = int(rng.choice(world.staff.reviewers(office)))
    payees = cast.strangers(rng, int(rng.integers(4, 9)), least_age=20)
    if rng.random() < 0.4:
        kin = cast.kin(int(world.staff.person[pick(rng, (handler, reviewer))]), 2)
        payees = np.unique(np.concatenate([payees[len(kin) :], kin]))
    each = rng.integers(2, 5, len(payees))
    account = rng.permutation(np.repeat(payees, each))
    n = len(account)
    people = cast.strangers(rng, max(6, int(n * rng.uniform(0.7, 1.0))), least_age=20)
    person = people[np.arange(n) % len(people)]
    first, last = window(rng, max(40, world.days - 12), 0.5)
    day = np.sort(rng.integers(first, last, n))
    day = np.maximum(day - np.maximum(clock.weekday(day) - 4, 0), 0)
    registered = clock.seconds(day, rng.uniform(8.8, 17.2, n))
    agent = np.full(n, -1)
    filed = Claims(
        reason=rng.choice([1, 2, 3, 5], n),
        invoice=rng.integers(10**9, 10**10, n),
        registrar=np.full(n, handler),
        reviewer=np.full(n, reviewer),
        account=account,
        payee=account,
        agent=agent,
        agent_phone=agent,
        registered=registered,
        reviewed=looked_at(world, rng, registered, 3.0),
    )
    fee = np.clip(rng.lognormal(7.1, 0.5, n), 200, 4_000)
    hospitals = world.places.of(PlaceKind.HOSPITAL)
    far = np.flatnonzero(world.places.far & (world.places.kind == PlaceKind.HOSPITAL))
    place = rng.choice(far if rng.random() < 0.5 else hospitals, n)
    return Planted(
        draft=Draft(
            name="insider_reimbursement",
            people=people,
            places=tuple(np.unique(place).tolist()),
            staff=tuple(sorted({handler, reviewer})),
            accounts=tuple(np.unique(account).tolist()),
            parameters={"claims": n, "accounts": len(payees), "agents": 0},
        ),
        events=manual.claim_events(person, place, filed, fee),
        claims=filed,
    )


def staff_number_misuse(
    world: World, cast: Cast, rng: np.random.Generator, life: Events
) -> Planted:
    """Plant kept cards swiped in the evening at one shared terminal under a colleague's number.

    The colleague has gone home, or sits at another terminal meanwhile.
    """
    del life
    places = world.places
    kinds = (PlaceKind.HOSPITAL, PlaceKind.HOSPITAL, PlaceKind.CLINIC)
    place = int(cast.place(rng, pick(rng, kinds))[0])
    clerk = int(rng.choice(places.clerks(place)))
    shared = int(pick(rng, places.devices(place)[:2].tolist()))
    people = cast.strangers(
        rng, int(rng.integers(4, 26)), near=where(places, place), reach_km=20.0, least_age=30
    )
    way, day = _evenings(world, rng, place, clerk, shared)
    closes = float(places.closes[place])
    hour = rng.uniform(max(13.2, closes - 4.5), closes - 0.9, len(day))
    share = float(rng.uniform(0.3, 0.7))
    present = turnout(rng, len(day), len(people), share, leaving=0.3)
    slow = min(500.0, 2_600 / max(1.0, float(present.sum(1).max(initial=1))))
    swipes = swipe(rng, clock.seconds(day, hour), present, gap=(18, 20 + slow), disorder=0.8)
    doctor = int(rng.choice(places.doctors(place)))
    n = len(swipes)
    return Planted(
        draft=Draft(
            name="staff_number_misuse",
            people=people,
            places=(place,),
            doctors=(doctor,),
            staff=(clerk,),
            parameters={"way": way, "attendance": round(share, 2), "sessions": len(day)},
        ),
        events=make(
            n,
            person=people[swipes.member],
            place=place,
            time=swipes.time,
            basket=np.where(rng.random(n) < 0.6, Basket.RESALE, Basket.CHRONIC_CLINIC),
            device=shared,
            clerk=clerk,
            doctor=doctor,
        ),
    )


def _evenings(
    world: World, rng: np.random.Generator, place: int, clerk: int, shared: int
) -> tuple[str, Ints]:
    """Return how and on which days: after the owner's hours, or while they sit elsewhere."""
    span = window(rng, world.days, 0.5)
    wanted = max(14, int((span[1] - span[0]) / rng.uniform(2.5, 8)))
    every = np.arange(*span)
    post, half = roster.post_of(world.places, clerk, every, place)
    evening = (post >= 0) & ((world.places.shifts[place] == 1) | (half == 1))
    elsewhere, gone = every[evening & (post != shared)], every[~evening]
    if len(elsewhere) >= wanted // 2 and rng.random() < 0.5:
        return "elsewhere", np.unique(rng.choice(elsewhere, wanted))
    if len(gone) >= wanted // 2:
        return "after_hours", np.unique(rng.choice(gone, wanted))
    return "beside", moods(rng, span, wanted)


def owner_circle(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant owner, many of the staff and 15 to 40 relatives who use their own house heavily."""
    del life
    places, members = world.places, world.staff
    kind = pick(rng, (PlaceKind.HOSPITAL, PlaceKind.PHARMACY, PlaceKind.CLINIC))
    place = int(cast.place(rng, kind, least_size=0.8)[0])
    clerks = rng.permutation(places.clerks(place))[: int(rng.integers(3, 11))]
    numbers = np.concatenate([[members.owner_first + place], clerks])
    employed = members.person[numbers]
    kin = [cast.kin(int(one), 5) for one in employed]
    people = np.unique(np.concatenate([employed, *kin]))
    wanted = int(rng.integers(15, 41))
    aunts = cast.strangers(
        rng, max(0, wanted - len(people)), near=where(places, place), reach_km=8.0, least_age=20
    )
    homes = world.people.address[employed]
    moves = tuple(
        (aunts[i :: len(homes)], "address", int(home)) for i, home in enumerate(homes.tolist())
    )
    people = np.union1d(people, aunts)
    first, last = window(rng, world.days, 0.7)
    each = np.maximum(3, rng.integers(6, 46, len(people)) * (last - first) // 365)
    person = np.repeat(people, each)
    n = len(person)
    time = _any_time(world, rng, person, place, (first, last))
    heavy = float(rng.uniform(0.3, 0.9))
    costly = Basket.RESALE if kind == PlaceKind.PHARMACY else Basket.COHORT
    usual = {
        PlaceKind.PHARMACY: Basket.PHARMACY,
        PlaceKind.CLINIC: Basket.CLINIC,
        PlaceKind.HOSPITAL: Basket.HOSPITAL,
    }[kind]
    return Planted(
        draft=Draft(
            name="owner_circle",
            people=people,
            places=(place,),
            staff=tuple(sorted(int(s) for s in numbers)),
            parameters={
                "visits_each": round(float(each.mean()), 1),
                "share_of_visits": round(n / max(1, n + len(cast.settled_at(place))), 2),
                "costly_share": round(heavy, 2),
                "addresses": len(np.unique(homes)),
            },
        ),
        events=make(
            n,
            person=person,
            place=place,
            time=time,
            basket=np.where(rng.random(n) < heavy, costly, usual),
            clerk=AUTO,
        ),
        moves=moves,
    )


def _any_time(
    world: World, rng: np.random.Generator, person: Ints, place: int, span: tuple[int, int]
) -> Ints:
    """Return a second inside opening hours on a random open day of a span for each person."""
    n = len(person)
    day = rng.integers(span[0], max(span[0] + 1, span[1] - 1), n)
    day = clock.next_open(day, np.full(n, world.places.closed_weekday[place]))
    opens, closes = float(world.places.opens[place]), float(world.places.closes[place])
    return clock.seconds(day, rng.uniform(opens + 0.3, closes - 0.3, n))
