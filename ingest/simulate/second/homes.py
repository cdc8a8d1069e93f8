"""Honest company: families with two homes, dancers, dormitories, market days, stocking up."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.simulate import clock
from ingest.simulate.cast import Cast, pick, where
from ingest.simulate.catalogue import Basket
from ingest.simulate.events import AUTO, Events, make
from ingest.simulate.ordinary import visit_time
from ingest.simulate.places import PlaceKind
from ingest.simulate.plant import Draft, Planted
from ingest.simulate.second.hands import moods, party, turnout
from ingest.simulate.sessions import swipe
from ingest.simulate.world import World

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


def together(
    world: World,
    rng: np.random.Generator,
    name: str,
    people: Ints,
    place: int | Ints,
    day: Ints,
    present: Mask,
    *,
    hour: tuple[float, float],
    gap: tuple[float, float],
    basket: Basket,
    said: dict[str, Any] | None = None,
    **columns: Any,
) -> Planted:
    """Return a group that comes on those days around an hour (and its spread) and queues up."""
    at = np.broadcast_to(np.asarray(place, np.int64), len(day))
    day = clock.next_open(day, world.places.closed_weekday[at])
    opens, closes = world.places.opens[at] + 0.1, world.places.closes[at] - 1.2
    start = clock.seconds(day, np.clip(rng.normal(*hour, len(day)), opens, closes))
    swipes = swipe(rng, start, present, gap=gap, disorder=1.0)
    usual = {PlaceKind.PHARMACY: Basket.CHRONIC_PHARMACY}
    kind = PlaceKind(int(world.places.kind[at[0]])) if len(at) else PlaceKind.CLINIC
    ill = world.people.chronic[people][swipes.member] & (rng.random(len(swipes)) < 0.6)
    own = usual.get(kind, Basket.CHRONIC_CLINIC)
    mixed = basket in (Basket.PHARMACY, Basket.CLINIC)
    return Planted(
        draft=Draft(
            name=name,
            people=people,
            places=tuple(np.unique(at).tolist()),
            parameters={"sessions": len(day), **(said or {})},
        ),
        events=make(
            len(swipes),
            person=people[swipes.member],
            place=at[swipes.session],
            time=swipes.time,
            basket=np.where(mixed & ill, own, basket),
            **columns,
        ),
    )


def weekly(rng: np.random.Generator, days: int, weekday: int, *, least: int = 8) -> Ints:
    """Return that weekday of most weeks over a part of the time."""
    day = np.arange(days)
    day = day[clock.weekday(day) == weekday]
    length = int(rng.integers(min(least, len(day)), len(day) + 1))
    first = int(rng.integers(0, len(day) - length + 1))
    day = day[first : first + length]
    kept: Ints = day[rng.random(len(day)) < 0.9] if len(day) > least else day
    return kept


def family(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a household that shops now and then in twos and threes; large ones have two homes."""
    del life
    large = rng.random() < 0.2
    people = cast.household(rng, 4 if large else 2, 6 if large else int(rng.integers(2, 5)))
    if not len(people):
        return Planted(draft=Draft(name="family", people=people))
    shops = world.people.pharmacies[people[0]].astype(np.int64)
    day = moods(rng, (0, world.days), max(6, int(world.days / rng.uniform(8, 40))))
    place = shops[np.minimum(rng.geometric(0.65, len(day)) - 1, 2)]
    present = turnout(rng, len(day), len(people), float(rng.uniform(0.5, 0.85)), leaving=0.1)
    two_homes = bool(large and rng.random() < 0.7)
    group = together(
        world,
        rng,
        "family",
        people,
        place,
        day,
        present,
        hour=(float(world.people.hour[people[0]]), 2.5),
        gap=(15, float(rng.uniform(40, 400))),
        basket=Basket.PHARMACY,
        said={"two_homes": two_homes},
    )
    return _moved(group, world, people[len(people) // 2 :]) if two_homes else group


def one_buys_for_another(
    world: World, cast: Cast, rng: np.random.Generator, life: Events
) -> Planted:
    """Plant a daughter who buys for parents who live elsewhere, with all their credentials."""
    del life
    people = cast.household(rng, 2, 3)
    if not len(people):
        return Planted(draft=Draft(name="one_buys_for_another", people=people))
    shop = int(world.people.pharmacies[people[0], 0])
    day = moods(rng, (0, world.days), max(6, world.days // int(rng.integers(12, 35))))
    group = together(
        world,
        rng,
        "one_buys_for_another",
        people,
        shop,
        day,
        rng.random((len(day), len(people))) < 0.9,
        hour=(18.2, 1.2),
        gap=(15, 60),
        basket=Basket.CHRONIC_PHARMACY,
        cert=1,
    )
    return _moved(group, world, people[:1]) if rng.random() < 0.5 else group


def _moved(group: Planted, world: World, people: Ints) -> Planted:
    """Return the group with some of its people at an address of their own."""
    household = world.people.household
    home = int(household[-1] + 1 + household[people[0]])
    return replace(group, moves=((people, "address", home),))


def neighbours(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant two to five friends of one village who go to town together when they feel like it."""
    del life
    village = int(rng.integers(0, len(world.towns.village_town)))
    people = cast.strangers(
        rng, int(rng.integers(2, 6)), village=village, least_age=float(pick(rng, (25.0, 60.0)))
    )
    if not len(people):
        return Planted(draft=Draft(name="neighbours", people=people))
    shops = world.people.pharmacies[people[0]].astype(np.int64)
    day = moods(rng, (0, world.days), max(6, world.days // int(rng.integers(9, 30))))
    return together(
        world,
        rng,
        "neighbours",
        people,
        shops[rng.integers(0, 2, len(day))],
        day,
        turnout(rng, len(day), len(people), float(rng.uniform(0.5, 0.85)), leaving=0.2),
        hour=(float(world.people.hour[people[0]]), 2.0),
        gap=(30, 600),
        basket=Basket.PHARMACY,
    )


def dance_group(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant elderly dancers who pass by one pharmacy after dancing, one weekday a week."""
    del life
    place = int(cast.place(rng, PlaceKind.PHARMACY, again=True)[0])
    people = cast.strangers(
        rng,
        party(world, rng, 8, 26),
        near=where(world.places, place),
        reach_km=2.0,
        least_age=52,
        most_age=80,
    )
    day = weekly(rng, world.days, int(rng.integers(0, 7)))
    return together(
        world,
        rng,
        "dance_group",
        people,
        place,
        day,
        turnout(rng, len(day), len(people), float(rng.uniform(0.25, 0.6)), leaving=0.5),
        hour=(float(pick(rng, (9.2, 19.0))), 0.3),
        gap=(20, 240),
        basket=Basket.PHARMACY,
    )


def dormitory(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant workers of one dormitory who go to the pharmacy next door after the shift."""
    del life
    place = int(cast.place(rng, PlaceKind.PHARMACY, again=True)[0])
    at = where(world.places, place)
    people = cast.strangers(
        rng, party(world, rng, 8, 41), near=at, reach_km=10.0, least_age=18, most_age=50
    )
    day = moods(rng, (0, world.days), max(10, world.days // int(rng.integers(3, 9))))
    share = min(0.5, 4.5 / max(1, len(people)))
    group = together(
        world,
        rng,
        "dormitory",
        people,
        place,
        day,
        turnout(rng, len(day), len(people), share, leaving=0.6),
        hour=(float(pick(rng, (12.3, 18.6))), 0.7),
        gap=(20, 200),
        basket=Basket.PHARMACY,
        cert=1,
    )
    home = len(world.people) + place
    employer = int(world.people.employer[people[0]])
    return replace(group, moves=((people, "address", home), (people, "employer", employer)))


def market_day(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant villagers who use the weekly market day for pharmacy or clinic in town."""
    del life
    village = int(rng.integers(0, len(world.towns.village_town)))
    people = cast.strangers(rng, party(world, rng, 8, 31), village=village, least_age=40)
    if not len(people):
        return Planted(draft=Draft(name="market_day", people=people))
    town = int(world.towns.village_town[village])
    centre = int(world.towns.villages[town])
    near = (float(world.towns.x[centre]), float(world.towns.y[centre]))
    place = cast.place(rng, PlaceKind.PHARMACY, PlaceKind.CLINIC, count=2, near=near, again=True)
    day = weekly(rng, world.days, town * 5 % 7)
    return together(
        world,
        rng,
        "market_day",
        people,
        place[rng.integers(0, len(place), len(day))],
        day,
        turnout(rng, len(day), len(people), float(rng.uniform(0.15, 0.4)), leaving=0.2),
        hour=(9.6, 0.6),
        gap=(30, 420),
        basket=Basket.PHARMACY,
    )


def stock_up_day(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a pharmacy's rush before the new year, when allowances end: one or two days, once."""
    del life
    place = int(cast.place(rng, PlaceKind.PHARMACY, again=True)[0])
    at = where(world.places, place)
    people = cast.strangers(rng, party(world, rng, 40, 151), near=at, reach_km=6, least_age=25)
    last = int(pick(rng, (world.days - 2, 24))) if world.days > 300 else int(rng.integers(5, 25))
    person = np.concatenate([people, people[rng.random(len(people)) < 0.2]])
    n = len(person)
    day = last - (rng.random(n) < 0.4).astype(np.int64)
    time = visit_time(world, rng, person, np.full(n, place), day, 0.2)
    return Planted(
        draft=Draft(name="stock_up_day", people=people, places=(place,), parameters={"day": last}),
        events=make(n, person=person, place=place, time=time, basket=Basket.PHARMACY, device=AUTO),
    )
