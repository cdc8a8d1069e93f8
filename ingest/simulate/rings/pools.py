"""Card pools: one hand swipes a stack of cards, at one place or moving through several."""

import numpy as np
from numpy.typing import NDArray

from ingest.simulate import roster
from ingest.simulate.cast import Cast, pick, where
from ingest.simulate.catalogue import Basket
from ingest.simulate.clock import DAY
from ingest.simulate.events import AUTO, Events, make
from ingest.simulate.places import PlaceKind, Places
from ingest.simulate.plant import Draft, Planted
from ingest.simulate.sessions import Swipes, attendance, rhythm, starts, swipe, window
from ingest.simulate.world import World

Ints = NDArray[np.int64]
TEMPOS = ((3.0, 1.0), (5.0, 1.5), (7.0, 0.5), (7.0, 2.5), (12.0, 1.5), (24.0, 3.0))


def card_pool(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a stack of cards swiped again and again at one place."""
    del life
    kind = pick(rng, (PlaceKind.PHARMACY, PlaceKind.PHARMACY, PlaceKind.CLINIC))
    place = cast.place(rng, kind, most_size=3.0)
    return _pool(world, cast, rng, place, "card_pool")


def card_pool_rotating(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a stack of cards that moves through three to ten places."""
    del life
    first = cast.place(rng, PlaceKind.PHARMACY, most_size=4.0)
    more = cast.place(
        rng,
        PlaceKind.PHARMACY,
        PlaceKind.CLINIC,
        count=int(rng.integers(2, 10)),
        near=where(world.places, int(first[0])),
        most_size=6.0,
        again=True,
        but=first.tolist(),
    )
    return _pool(world, cast, rng, np.unique(np.concatenate([first, more])), "card_pool_rotating")


def _pool(world: World, cast: Cast, rng: np.random.Generator, place: Ints, name: str) -> Planted:
    hard = rng.random() < 0.3
    size = int(np.clip(rng.lognormal(2.35, 0.55), 4, 40))
    period, jitter = pick(rng, TEMPOS)
    share = rng.uniform(0.35, 0.6) if hard else rng.uniform(0.55, 0.95)
    growth = float(rng.choice([0.0, 0.0, 0.3, 0.5]))
    span = window(rng, world.days, 0.4 if period > 8 else 0.25)
    day = rhythm(rng, span, period=period, jitter=jitter * (2 if hard else 1))
    people = cast.strangers(
        rng, size, near=where(world.places, int(place[0])), reach_km=15.0, least_age=35
    )
    if rng.random() < 0.3 and len(people) >= 7:
        people = _with_family(cast, people)
    if rng.random() < 0.15:
        people = np.concatenate([people, cast.dead(rng)])
    present = attendance(rng, len(day), len(people), share, growth=growth)
    visited = place[_route(rng, len(day), len(place))]
    edge = rng.random() < 0.35
    split = hard and rng.random() < 0.6
    accomplice = rng.random() < 0.5
    swipes, visited = _lay(world.places, rng, day, visited, present, edge=edge, split=split)
    clerk, device, time = _desk(world.places, rng, swipes, visited, split, accomplice)
    resale = float(rng.uniform(0.55, 0.95))
    basket = np.where(rng.random(len(swipes)) < resale, Basket.RESALE, Basket.PHARMACY)
    events = make(
        len(swipes),
        person=people[swipes.member],
        place=visited[swipes.session],
        time=time,
        basket=basket,
        device=device,
        clerk=clerk,
        cert=np.where(rng.random(len(swipes)) < 0.92, 3, AUTO),
        drug=_bundle(world, rng, swipes, basket),
    )
    keep = float(rng.choice([0.3, 0.6, 1.0, 1.0]))
    staff = np.unique(clerk[clerk >= 0]) if accomplice else np.zeros(0, np.int64)
    return Planted(
        draft=Draft(
            name=name,
            people=people,
            places=tuple(np.unique(visited).tolist()),
            staff=tuple(staff.tolist()),
            parameters={
                "period_days": period,
                "jitter_days": jitter,
                "attendance": round(float(share), 2),
                "sessions": len(day),
                "growth": growth,
                "edge_hours": bool(edge),
                "split_sessions": bool(split),
                "resale_share": round(resale, 2),
                "ordinary_life_kept": keep,
                "hard": bool(hard),
            },
        ),
        events=events,
        keep=keep,
    )


def _with_family(cast: Cast, people: Ints) -> Ints:
    """Replace the last members by kin of the first, so that the ring contains a family."""
    kin = cast.kin(int(people[0]), 2)
    return np.concatenate([people[: len(people) - len(kin)], kin])


def _route(rng: np.random.Generator, sessions: int, places: int) -> Ints:
    """Return the place of each session: round and round with some liberty."""
    free = rng.integers(0, places, sessions)
    return np.where(rng.random(sessions) < 0.6, np.arange(sessions) % places, free)


def _lay(
    places: Places,
    rng: np.random.Generator,
    day: Ints,
    visited: Ints,
    present: NDArray[np.bool_],
    *,
    edge: bool,
    split: bool,
) -> tuple[Swipes, Ints]:
    opens, closes = places.opens[visited], places.closes[visited]
    usual = float(rng.uniform(9.5, 16.5))
    start = starts(rng, day, opens=7.6, closes=17.0, hour=usual, spread=1.8)
    if edge:
        early = rng.random(len(day)) < 0.6
        hour = np.where(early, opens + 0.05, closes - 0.8)
        start = day * DAY + (hour * 3600).astype(np.int64) + rng.integers(0, 900, len(day))
    quick, slow = (40, 240) if split else (20, float(rng.uniform(60, 120)))
    disorder = float(rng.choice([0.02, 0.1, 0.25, 0.6]))
    swipes = swipe(rng, start, present, gap=(quick, slow), disorder=disorder)
    open_until = (closes[swipes.session] * 3600 - 60).astype(np.int64)
    late = swipes.time % DAY > open_until
    excess = np.where(late, swipes.time % DAY - open_until, 0)
    push = np.zeros(len(day), np.int64)
    np.maximum.at(push, swipes.session, excess)
    return (
        Swipes(
            session=swipes.session,
            member=swipes.member,
            time=swipes.time - push[swipes.session],
        ),
        visited,
    )


def _desk(
    places: Places,
    rng: np.random.Generator,
    swipes: Swipes,
    visited: Ints,
    split: bool,
    accomplice: bool,
) -> tuple[Ints, Ints, Ints]:
    """Return clerk, terminal and second of each swipe.

    An accomplice is one clerk of the first place, and of some of the others; where the roster
    has them at a terminal, the stack goes there.
    """
    first = places.device_first[visited]
    terminals = places.device_first[visited + 1] - first
    device = (first + rng.integers(0, 1_000, len(visited)) % terminals)[swipes.session]
    if split:
        other = (
            first[swipes.session]
            + rng.integers(0, 1_000, len(swipes)) % (terminals[swipes.session])
        )
        device = np.where(rng.random(len(swipes)) < 0.4, other, device)
    clerk = np.full(len(swipes), AUTO, np.int64)
    time = swipes.time
    if not accomplice:
        return clerk, device, time
    for place in np.unique(visited):
        if place != visited[0] and rng.random() < 0.6:
            continue
        who = int(places.clerk_first[place] + rng.integers(0, len(places.clerks(place))))
        at = np.flatnonzero(visited[swipes.session] == place)
        post, half = roster.post_of(places, who, time[at] // DAY, int(place))
        on = (post >= 0) & ((time[at] % DAY >= roster.AFTERNOON_HOUR * 3600) == half)
        device[at] = np.where(on, post, device[at])
        clerk[at] = np.where(on | (rng.random() < 0.5), who, AUTO)
    return clerk, device, time


def _bundle(world: World, rng: np.random.Generator, swipes: Swipes, basket: Ints) -> Ints:
    """Return the resale drug asked for: two to five drugs, mostly one a session."""
    wanted = rng.choice(world.catalogue.resale, int(rng.integers(2, 6)), replace=False)
    of_session = wanted[rng.integers(0, len(wanted), int(swipes.session.max()) + 1)]
    own = wanted[rng.integers(0, len(wanted), len(swipes))]
    drug = np.where(rng.random(len(swipes)) < 0.6, of_session[swipes.session], own)
    return np.where(basket == Basket.RESALE, drug, AUTO)
