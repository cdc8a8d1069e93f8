"""Insiders: invented claims, a colleague's number, an owner's circle."""

import numpy as np
from numpy.typing import NDArray

from ingest.simulate import claims as manual
from ingest.simulate import clock, roster
from ingest.simulate.cast import Cast, pick, where
from ingest.simulate.catalogue import Basket
from ingest.simulate.clock import DAY
from ingest.simulate.events import AUTO, Events, make
from ingest.simulate.places import PlaceKind
from ingest.simulate.plant import Claims, Draft, Planted
from ingest.simulate.sessions import attendance, rhythm, swipe, window
from ingest.simulate.world import World

Ints = NDArray[np.int64]


def insider_reimbursement(
    world: World, cast: Cast, rng: np.random.Generator, life: Events
) -> Planted:
    """Plant a handler whose invented claims in many names are paid into a few accounts."""
    del life
    office = int(rng.integers(0, world.staff.offices))
    handler = cast.handler(rng, world.staff.handlers(office)[1:])
    alone = bool(rng.random() < 0.35)
    reviewer = handler if alone else int(rng.choice(world.staff.reviewers(office)))
    n = int(rng.integers(18, 65))
    people = cast.strangers(rng, max(6, int(n * rng.uniform(0.5, 0.95))), least_age=25)
    accounts = _payees(world, cast, rng, handler)
    agents = cast.strangers(rng, int(rng.integers(1, 3)), least_age=25)
    first, last = window(rng, max(40, world.days - 8), 0.4)
    day = np.sort(rng.integers(first, last, n))
    late = rng.random(n) < rng.uniform(0.1, 0.5)
    hour = np.where(late, rng.uniform(17.6, 21.0, n), rng.uniform(9.0, 16.9, n))
    weekend = np.where(late, 0, np.maximum(clock.weekday(day) - 4, 0))
    registered = clock.seconds(np.maximum(day - weekend, 0), hour)
    quick = registered + rng.integers(240, 5_400, n)
    slow = registered + rng.integers(1, 4, n) * DAY
    near_limit = rng.random(n) < rng.uniform(0.25, 0.7)
    limit = manual.REVIEW_LIMIT_YUAN
    fee = np.where(
        near_limit, rng.uniform(0.92, 0.998, n) * limit, rng.uniform(0.3, 0.92, n) * limit
    )
    serial = int(rng.integers(10**9, 9 * 10**9)) + np.cumsum(rng.integers(0, 4, n))
    serial = np.where(rng.random(n) < 0.7, serial, rng.integers(10**9, 10**10, n))
    account = accounts[rng.integers(0, len(accounts), n)]
    agent = agents[rng.integers(0, len(agents), n)]
    boss_phone = world.people.phone[world.staff.person[handler]]
    filed = Claims(
        reason=rng.choice([2, 3, 3, 5], n),
        invoice=serial,
        registrar=np.full(n, handler),
        reviewer=np.full(n, reviewer),
        account=account,
        payee=account,
        agent=agent,
        agent_phone=np.where(rng.random(n) < 0.3, boss_phone, world.people.phone[agent]),
        registered=registered,
        reviewed=np.where(alone | (rng.random(n) < 0.5), quick, slow),
    )
    person = people[np.concatenate([np.arange(len(people)), rng.integers(0, len(people), n)])[:n]]
    far = np.flatnonzero(world.places.far & (world.places.kind == PlaceKind.HOSPITAL))
    places = rng.choice(far, int(rng.integers(1, 4)), replace=False)
    place = places[rng.integers(0, len(places), n)]
    return Planted(
        draft=Draft(
            name="insider_reimbursement",
            people=people,
            places=tuple(np.unique(place).tolist()),
            staff=tuple(sorted({handler, reviewer})),
            accounts=tuple(np.unique(account).tolist()),
            parameters={
                "claims": n,
                "reviewer_is_registrar": alone,
                "accounts": len(accounts),
                "near_limit": round(float(near_limit.mean()), 2),
                "out_of_hours": round(float(late.mean()), 2),
            },
        ),
        events=manual.claim_events(person, place, filed, fee),
        claims=filed,
    )


def _payees(world: World, cast: Cast, rng: np.random.Generator, handler: int) -> Ints:
    """Return one to four people whose accounts are paid: the handler's kin, or straw men."""
    boss = int(world.staff.person[handler])
    kin = np.concatenate([cast.kin(boss, 2), [boss]])[: int(rng.integers(1, 3))]
    straw = cast.strangers(rng, int(rng.integers(1, 4)), least_age=25)
    way = rng.random()
    if way < 0.45:
        return kin
    return straw if way < 0.75 else np.concatenate([kin[:1], straw[:2]])


def staff_number_misuse(
    world: World, cast: Cast, rng: np.random.Generator, life: Events
) -> Planted:
    """Plant kept cards swiped under a colleague's number, who is off or at another terminal."""
    del life
    places = world.places
    place = int(cast.place(rng, PlaceKind.HOSPITAL, least_size=3.0)[0])
    clerk = int(rng.choice(places.clerks(place)))
    people = cast.strangers(rng, int(rng.integers(5, 19)), near=where(places, place), least_age=45)
    period, jitter = pick(rng, ((3.0, 1.0), (5.0, 2.0), (7.0, 2.0)))
    day = rhythm(rng, window(rng, world.days, 0.4), period=period, jitter=jitter)
    post, half = roster.post_of(places, clerk, day, place)
    on_duty = rng.random(len(day)) < 0.7
    hour = np.where(
        on_duty & (half == 0), rng.uniform(8.4, 11.5, len(day)), rng.uniform(13.4, 16.5, len(day))
    )
    hour = np.where(~on_duty & (half == 1), rng.uniform(8.4, 11.5, len(day)), hour)
    start = clock.seconds(day, hour)
    share = float(rng.uniform(0.4, 0.8))
    swipes = swipe(
        rng, start, attendance(rng, len(day), len(people), share), gap=(40, 420), disorder=0.4
    )
    here = places.devices(place)
    here = here[~places.kiosk[here]]
    other = here[rng.integers(0, len(here), len(day))]
    other = np.where(other == post, here[(other - here[0] + 1) % len(here)], other)
    doctors = rng.permutation(places.doctors(place))[:2]
    return Planted(
        draft=Draft(
            name="staff_number_misuse",
            people=people,
            places=(place,),
            doctors=tuple(sorted(int(d) for d in doctors)),
            staff=(clerk,),
            parameters={
                "period_days": period,
                "attendance": round(share, 2),
                "sessions": len(day),
                "on_duty_elsewhere": round(float(on_duty.mean()), 2),
            },
        ),
        events=make(
            len(swipes),
            person=people[swipes.member],
            place=place,
            time=swipes.time,
            basket=Basket.RESALE,
            device=other[swipes.session],
            clerk=clerk,
            doctor=doctors[rng.integers(0, len(doctors), len(swipes))],
            cert=3,
        ),
        keep=float(rng.choice([0.4, 0.8])),
    )


def owner_circle(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant owner, clerks and their families as the heaviest patients of their own place."""
    del life
    places, members = world.places, world.staff
    kind = pick(rng, (PlaceKind.CLINIC, PlaceKind.PHARMACY))
    place = int(cast.place(rng, kind, most_size=1.2)[0])
    clerks = rng.permutation(places.clerks(place))[: int(rng.integers(1, 4))]
    numbers = np.concatenate([[members.owner_first + place], clerks])
    people = np.unique(
        np.concatenate(
            [np.append(cast.kin(int(p), 4), p) for p in members.person[numbers].tolist()]
        )
    )
    first, last = window(rng, world.days, 0.6)
    each = rng.integers(20, 71, len(people)) * (last - first) // 365 + 3
    person = np.repeat(people, each)
    n = len(person)
    day = clock.next_open(
        rng.integers(first, last - 1, n), np.full(n, places.closed_weekday[place])
    )
    opens, closes = float(places.opens[place]), float(places.closes[place])
    hour = rng.uniform(opens + 0.1, closes - 0.1, n)
    basket = Basket.RESALE if kind == PlaceKind.PHARMACY else Basket.COHORT
    usual = Basket.PHARMACY if kind == PlaceKind.PHARMACY else Basket.CLINIC
    heavy = float(rng.uniform(0.5, 0.9))
    volume = len(cast.settled_at(place))
    return Planted(
        draft=Draft(
            name="owner_circle",
            people=people,
            places=(place,),
            staff=tuple(sorted(int(s) for s in numbers)),
            parameters={
                "visits_each": round(float(each.mean()), 1),
                "share_of_visits": round(n / max(1, n + volume), 2),
                "costly_share": round(heavy, 2),
            },
        ),
        events=make(
            n,
            person=person,
            place=place,
            time=clock.seconds(day, hour),
            basket=np.where(rng.random(n) < heavy, basket, usual),
            clerk=np.where(rng.random(n) < 0.5, rng.choice(clerks, n), AUTO),
        ),
    )
