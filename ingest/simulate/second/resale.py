"""Boxes through a dealer's hands, terminals that give money back, credentials from next door."""

import numpy as np
from numpy.typing import NDArray

from ingest.simulate.cast import Cast, pick, where
from ingest.simulate.catalogue import Basket
from ingest.simulate.clock import DAY
from ingest.simulate.events import AUTO, Events, concat, make
from ingest.simulate.ordinary import visit_time
from ingest.simulate.places import PlaceKind
from ingest.simulate.plant import Draft, Planted
from ingest.simulate.second.world import dealt
from ingest.simulate.sessions import window
from ingest.simulate.world import World

Ints = NDArray[np.int64]


def trace_resale(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant sellers and a dealer: boxes come back after 1 to 120 days, here or elsewhere."""
    places = world.places
    source = cast.place(rng, PlaceKind.PHARMACY, PlaceKind.CLINIC, most_size=12.0)
    same = bool(rng.random() < 0.3)
    outlet = (
        source
        if same
        else cast.place(
            rng,
            PlaceKind.PHARMACY,
            PlaceKind.CLINIC,
            count=int(rng.integers(1, 3)),
            again=True,
            but=source.tolist(),
        )
    )
    sellers = cast.strangers(
        rng,
        int(np.exp(rng.uniform(np.log(3), np.log(40)))),
        near=where(places, int(source[0])),
        reach_km=20.0,
        least_age=25,
    )
    first, last = window(rng, world.days, 0.6)
    each = rng.integers(4, 16, len(sellers))
    seller = np.repeat(sellers, each)
    n = len(seller)
    wanted = dealt(world, rng, int(rng.integers(1, 6)))
    drug = wanted[rng.integers(0, len(wanted), n)]
    box = cast.boxes(n)
    until = int(first + 0.85 * (last - first))
    day = rng.integers(first, max(first + 1, until), n)
    bought_at = np.full(n, source[0])
    sold = visit_time(world, rng, seller, bought_at, day, 0.3)
    most = float(rng.uniform(15, 120))
    again_day = sold // DAY + 1 + (rng.random(n) * most).astype(np.int64)
    goes_to = outlet[rng.integers(0, len(outlet), n)]
    buyer = _buyers(rng, cast, life, goes_to, sellers)
    again = visit_time(world, rng, np.maximum(buyer, 0), goes_to, again_day, 0.3)
    back = (rng.random(n) < rng.uniform(0.4, 0.9)) & (buyer >= 0) & (again_day < world.days - 1)
    loop = np.unique(np.concatenate([source, outlet]))
    return Planted(
        draft=Draft(
            name="trace_resale",
            people=sellers,
            places=tuple(loop.tolist()),
            parameters={
                "boxes": n,
                "settled_twice": int(back.sum()),
                "same_place": same,
                "longest_days": round(most),
            },
        ),
        events=concat(
            [
                make(
                    n,
                    person=seller,
                    place=bought_at,
                    time=sold,
                    basket=Basket.ONE_DRUG,
                    drug=drug,
                    box=box,
                ),
                make(
                    int(back.sum()),
                    person=buyer[back],
                    place=goes_to[back],
                    time=again[back],
                    basket=Basket.PHARMACY,
                    drug=drug[back],
                    box=box[back],
                ),
            ]
        ),
    )


def _buyers(
    rng: np.random.Generator, cast: Cast, life: Events, goes_to: Ints, sellers: Ints
) -> Ints:
    """Return an ordinary customer of each box's outlet, -1 where it has none."""
    buyer = np.full(len(goes_to), -1)
    for place in np.unique(goes_to):
        here = np.flatnonzero(goes_to == place)
        visitors = np.setdiff1d(life.person[cast.settled_at(int(place))], sellers)
        if len(visitors):
            buyer[here] = rng.choice(visitors, len(here))
    return buyer


def swipe_refund(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant cards settled and refunded in odd sums, one by one, some refunds on the next day."""
    del life
    places = world.places
    kinds = (PlaceKind.PHARMACY, PlaceKind.PHARMACY, PlaceKind.CLINIC)
    place = int(cast.place(rng, pick(rng, kinds), most_size=10.0)[0])
    people = cast.strangers(
        rng, int(rng.integers(3, 21)), near=where(places, place), reach_km=20.0, least_age=20
    )
    first, last = window(rng, world.days, 0.5)
    each = rng.integers(2, 9, len(people))
    person = np.repeat(people, each)
    day = rng.integers(first, last, len(person))
    start = visit_time(world, rng, person, np.full(len(person), place), day, 0.2)
    cycles = 1 + (rng.random(len(person)) < 0.35)
    row = np.repeat(np.arange(len(person)), cycles + 1)
    turn = np.arange(len(row)) - np.repeat(np.cumsum(cycles + 1) - cycles - 1, cycles + 1)
    final = turn == cycles[row]
    stays = ~final | (rng.random(len(row)) < 0.6)
    tomorrow = rng.random(len(row)) < 0.12
    delay = np.exp(rng.uniform(np.log(40), np.log(1_500), len(row)))
    delay = np.where(tomorrow, DAY - rng.integers(0, 7_200, len(row)), delay).astype(np.int64)
    clerks = rng.permutation(places.clerks(place))[:2]
    devices = rng.permutation(places.devices(place))[:2]
    hand = rng.integers(0, len(clerks), len(person))[row]
    amount = np.round(rng.lognormal(5.2, 0.7, len(person)), 2)[row]
    other = np.round(amount * rng.uniform(0.8, 1.25, len(row)), 2)
    amount = np.where(rng.random(len(row)) < 0.5, amount, other)
    at = np.flatnonzero(stays)
    return Planted(
        draft=Draft(
            name="swipe_refund",
            people=people,
            places=(place,),
            staff=tuple(sorted(int(c) for c in clerks)),
            parameters={
                "visits": len(person),
                "cycles": round(float(cycles.mean()), 2),
                "next_day": round(float(tomorrow.mean()), 2),
            },
        ),
        events=make(
            len(at),
            person=person[row[at]],
            place=place,
            time=start[row[at]] + turn[at] * rng.integers(1_600, 2_600),
            basket=Basket.EMPTY,
            device=devices[hand[at] % len(devices)],
            clerk=clerks[hand[at]],
            refund=np.where(final[at], 0, 1),
            refund_delay=delay[at],
            scale=amount[at],
        ),
    )


def remote_credential(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant people from elsewhere whose credentials trickle in for months at one to three shops."""
    del life
    places = world.places
    shops = cast.place(rng, PlaceKind.PHARMACY, most_size=10.0, count=int(rng.integers(1, 4)))
    most = min(91, max(16, len(world.people) // 400))
    people = cast.travellers(rng, int(rng.integers(12, most)))
    first, last = window(rng, world.days, 0.5)
    each = rng.integers(2, 4, len(people))
    person = rng.permutation(np.repeat(people, each))
    n = len(person)
    shop = shops[rng.integers(0, len(shops), n)]
    day = rng.integers(first, last, n)
    time = visit_time(world, rng, person, shop, day, 0.0)
    pairs = np.flatnonzero(rng.random(n) < 0.3)[::2]
    pairs = pairs[pairs + 1 < n]
    shop[pairs + 1], time[pairs + 1] = shop[pairs], time[pairs] + rng.integers(60, 900, len(pairs))
    wanted = dealt(world, rng, int(rng.integers(2, 9)))
    terminals = places.device_first[shop + 1] - places.device_first[shop]
    device = places.device_first[shop] + rng.integers(0, 1_000, n) % terminals
    favourite = bool(rng.random() < 0.6)
    return Planted(
        draft=Draft(
            name="remote_credential",
            people=people,
            places=tuple(sorted(int(one) for one in shops)),
            parameters={
                "purchases": n,
                "days": last - first,
                "drugs": len(wanted),
                "one_terminal": favourite,
            },
        ),
        events=make(
            n,
            person=person,
            place=shop,
            time=time,
            basket=Basket.ONE_DRUG,
            device=places.device_first[shop] if favourite else device,
            cert=1,
            drug=np.where(rng.random(n) < 0.85, wanted[rng.integers(0, len(wanted), n)], AUTO),
        ),
    )
