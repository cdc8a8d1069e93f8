"""Boxes and money that come back: resold boxes, settle-and-refund, credentials from far away."""

import numpy as np
from numpy.typing import NDArray

from ingest.simulate.cast import Cast, pick, where
from ingest.simulate.catalogue import Basket
from ingest.simulate.clock import DAY
from ingest.simulate.events import AUTO, Events, concat, make
from ingest.simulate.places import PlaceKind
from ingest.simulate.plant import Draft, Planted
from ingest.simulate.sessions import attendance, rhythm, starts, swipe, window
from ingest.simulate.world import World

Ints = NDArray[np.int64]


def trace_resale(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant sellers whose boxes are settled again weeks later at another place of a small loop."""
    places = world.places
    first_place = cast.place(rng, PlaceKind.PHARMACY, most_size=3.0)
    others = cast.place(
        rng,
        PlaceKind.PHARMACY,
        PlaceKind.CLINIC,
        count=int(rng.integers(1, 4)),
        near=where(places, int(first_place[0])),
        again=True,
        but=first_place.tolist(),
    )
    loop = np.unique(np.concatenate([first_place, others]))
    sellers = cast.strangers(
        rng, int(rng.integers(5, 21)), near=where(places, int(loop[0])), least_age=40
    )
    first, last = window(rng, world.days, 0.6)
    each = rng.integers(6, 19, len(sellers))
    n = int(each.sum())
    seller = np.repeat(sellers, each)
    favourite = rng.integers(0, len(loop), len(sellers))
    at = np.where(rng.random(n) < 0.75, np.repeat(favourite, each), rng.integers(0, len(loop), n))
    later = int(max(last - first - 14, (last - first) * 0.7))
    sold = (first + rng.integers(0, max(1, later), n)) * DAY + _daytime(rng, n)
    wanted = rng.choice(world.catalogue.resale, int(rng.integers(2, 7)), replace=False)
    drug = wanted[rng.integers(0, len(wanted), n)]
    box = cast.boxes(n)
    back = rng.random(n) < rng.uniform(0.45, 0.85)
    goes_to = (at + rng.integers(1, max(2, len(loop)), n)) % len(loop)
    buyer = _customers(rng, cast, life, loop, goes_to)
    again = sold + rng.integers(5, 45, n) * DAY + rng.integers(-7_200, 7_200, n)
    again = np.minimum(again, (world.days - 1) * DAY + _daytime(rng, n))
    twice = back & (buyer >= 0) & (again > sold) & (loop[goes_to] != loop[at])
    bought = make(
        n, person=seller, place=loop[at], time=sold, basket=Basket.ONE_DRUG, drug=drug, box=box
    )
    resold = make(
        int(twice.sum()),
        person=buyer[twice],
        place=loop[goes_to][twice],
        time=again[twice],
        basket=Basket.PHARMACY,
        drug=drug[twice],
        box=box[twice],
    )
    return Planted(
        draft=Draft(
            name="trace_resale",
            people=sellers,
            places=tuple(loop.tolist()),
            parameters={
                "boxes": n,
                "settled_twice": int(twice.sum()),
                "loop": len(loop),
                "drugs": len(wanted),
            },
        ),
        events=concat([bought, resold]),
    )


def swipe_refund(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant cards settled, refunded and settled again at one terminal in round sums."""
    del life
    places = world.places
    place = int(cast.place(rng, PlaceKind.PHARMACY, most_size=2.5)[0])
    people = cast.strangers(rng, int(rng.integers(3, 13)), near=where(places, place), least_age=25)
    period, jitter = pick(rng, ((4.0, 1.5), (7.0, 2.0), (10.0, 3.0)))
    day = rhythm(rng, window(rng, world.days, 0.4), period=period, jitter=jitter)
    start = starts(rng, day, opens=8.6, closes=18.0, hour=float(rng.uniform(9, 17)), spread=2.0)
    share = float(rng.uniform(0.3, 0.7))
    present = attendance(rng, len(day), len(people), share, least=1)
    swipes = swipe(rng, start, present, gap=(60, 400), disorder=0.7)
    cycles = rng.integers(1, 4, len(swipes))
    row = np.repeat(np.arange(len(swipes)), cycles + 1)
    turn = np.arange(len(row)) - np.repeat(np.cumsum(cycles + 1) - cycles - 1, cycles + 1)
    delay = rng.integers(150, 700, len(row))
    ends = turn == np.repeat(cycles, cycles + 1)
    clerk = int(rng.choice(places.clerks(place)))
    amount = np.repeat(rng.choice([100, 200, 300, 500, 800], len(swipes)), cycles + 1)
    return Planted(
        draft=Draft(
            name="swipe_refund",
            people=people,
            places=(place,),
            staff=(clerk,),
            parameters={
                "sessions": len(day),
                "cycles": round(float(cycles.mean()), 2),
                "attendance": round(share, 2),
            },
        ),
        events=make(
            len(row),
            person=people[swipes.member[row]],
            place=place,
            time=swipes.time[row] + turn * 900,
            basket=Basket.EMPTY,
            device=int(rng.choice(places.devices(place))),
            clerk=clerk,
            refund=np.where(ends, 0, 1),
            refund_delay=delay,
            scale=amount,
        ),
    )


def remote_credential(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant far-away people whose e-credentials buy one costly drug at one pharmacy terminal."""
    del life
    places = world.places
    place = cast.place(rng, PlaceKind.PHARMACY, most_size=1.5)
    if rng.random() < 0.3:
        place = np.unique(
            np.concatenate([place, cast.place(rng, PlaceKind.PHARMACY, most_size=1.5)])
        )
    people = cast.travellers(rng, int(rng.integers(12, 61)))
    first, last = window(rng, world.days, 0.15)
    last = min(last, first + int(rng.integers(40, 150)))
    each = rng.integers(2, 7, len(people))
    person = rng.permutation(np.repeat(people, each))
    bursts = max(6, len(person) // int(rng.integers(2, 8)))
    of = np.sort(rng.integers(0, bursts, len(person)))
    day = np.sort(rng.integers(first, last, bursts))
    start = day * DAY + (rng.uniform(8.6, 19.5, bursts) * 3600).astype(np.int64)
    within = np.arange(len(of)) - np.searchsorted(of, of)
    time = start[of] + within * rng.integers(45, 200, len(of))
    shop = place[rng.integers(0, len(place), bursts)]
    terminal = places.device_first[shop]
    drug = int(rng.choice(world.catalogue.resale))
    return Planted(
        draft=Draft(
            name="remote_credential",
            people=people,
            places=tuple(place.tolist()),
            parameters={
                "bursts": bursts,
                "days": last - first,
                "purchases_each": round(float(each.mean()), 1),
            },
        ),
        events=make(
            len(of),
            person=person,
            place=shop[of],
            time=time,
            basket=Basket.ONE_DRUG,
            device=terminal[of],
            cert=1,
            drug=np.where(rng.random(len(of)) < 0.93, drug, AUTO),
        ),
        keep=0.3,
    )


def _daytime(rng: np.random.Generator, count: int) -> Ints:
    return (rng.uniform(8.7, 18.5, count) * 3600).astype(np.int64)


def _customers(
    rng: np.random.Generator, cast: Cast, life: Events, loop: Ints, goes_to: Ints
) -> Ints:
    """Return an ordinary customer of the place each box goes to, -1 where it has none."""
    buyer = np.full(len(goes_to), -1)
    for i, place in enumerate(loop):
        here = np.flatnonzero(goes_to == i)
        visitors = life.person[cast.settled_at(int(place))]
        if len(visitors):
            buyer[here] = rng.choice(visitors, len(here))
    return buyer
