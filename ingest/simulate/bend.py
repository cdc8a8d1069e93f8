"""Bend a planted ring: who comes, when, what else they do, whose cards these are."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ingest.simulate import roster
from ingest.simulate.cast import Cast, where
from ingest.simulate.catalogue import Basket
from ingest.simulate.clock import DAY
from ingest.simulate.events import AUTO, Events, concat, make, take
from ingest.simulate.mechanisms import Mechanisms
from ingest.simulate.ordinary import visit_time
from ingest.simulate.places import PlaceKind
from ingest.simulate.plant import Planted
from ingest.simulate.world import World

Ints = NDArray[np.int64]
POOLS = ("card_pool", "card_pool_rotating")
_PAUSE = 2 * 3_600
_ON_ROSTER = ("staff_number_misuse",)


def bend(
    world: World,
    cast: Cast,
    rng: np.random.Generator,
    group: Planted,
    mechanisms: Mechanisms,
) -> Planted:
    """Return the ring as the mechanisms want it; one without insured members stays as it is.

    Manual claims keep their days. A misused staff number keeps its sessions, which lie as the
    roster has them. Physical boxes keep both their sales and their days.
    """
    if not len(group.draft.people):
        return group
    if mechanisms.hijacked and group.draft.name in POOLS:
        group = _hijack(world, cast, rng, group, mechanisms.hijacked)
    if group.claims is None:
        events = _attend(rng, group, mechanisms.attendance)
        if group.draft.name not in _ON_ROSTER:
            events = _split(world, rng, events, mechanisms.splitting)
            events = _move(world, rng, events, mechanisms.jitter)
        if group.draft.name in POOLS:
            events = _at_their_desk(world, events)
        group = replace(group, events=events)
    if mechanisms.camouflage:
        beside = visits_of_their_own(world, rng, group, mechanisms.camouflage)
        group = replace(group, beside=concat([group.beside, beside]))
    return group


def join_pools(
    world: World, cast: Cast, rng: np.random.Generator, planted: list[Planted], brokers: int
) -> list[Planted]:
    """Return the groups with so many people of one card pool in the place of one of another."""
    pools = [i for i, group in enumerate(planted) if group.draft.name in POOLS]
    result = list(planted)
    if len(pools) < 2:
        return result
    at = np.array([where(world.places, planted[i].draft.places[0]) for i in pools])
    both: set[int] = set()
    for _ in range(brokers):
        one = int(rng.integers(len(pools)))
        off = np.hypot(*(at - at[one]).T)
        near = np.argsort(off, kind="stable")[1:4]
        source, target = pools[one], pools[int(rng.choice(near))]
        theirs, others = result[source].draft.people, result[target].draft.people
        able = np.setdiff1d(theirs, np.append(others, sorted(both)))
        given = np.setdiff1d(others, np.append(theirs, sorted(both)))
        if not len(able) or not len(given):
            continue
        broker, leaves = rng.choice(able, 1), rng.choice(given, 1)
        both.add(int(broker[0]))
        result[target] = _exchange(result[target], leaves, broker)
        cast.release(leaves)
    return result


def _hijack(
    world: World, cast: Cast, rng: np.random.Generator, group: Planted, share: float
) -> Planted:
    people = group.draft.people
    wanted = round(share * len(people))
    hosts = cast.hosts(rng, wanted, where(world.places, group.draft.places[0]))
    leave = rng.permutation(people)[: len(hosts)]
    cast.release(leave)
    group = _exchange(group, leave, hosts)
    return replace(group, unaware=np.union1d(group.unaware, hosts))


def _exchange(group: Planted, leave: Ints, come: Ints) -> Planted:
    """Return the group with the second people in the place of the first."""

    def now(people: NDArray[np.integer]) -> Ints:
        result: Ints = people.astype(np.int64)
        for old, new in zip(leave.tolist(), come.tolist(), strict=True):
            result = np.where(people == old, new, result)
        return result

    return replace(
        group,
        draft=replace(group.draft, people=now(group.draft.people)),
        events=replace(group.events, person=now(group.events.person).astype(np.int32)),
        beside=replace(group.beside, person=now(group.beside.person).astype(np.int32)),
    )


def _sessions(events: Events) -> Ints:
    """Return the session of each event: one place, no pause of two hours; -1 for boxes."""
    order = np.lexsort((events.time, events.place))
    place, time = events.place[order], events.time[order]
    new = np.append(True, (place[1:] != place[:-1]) | (np.diff(time) > _PAUSE))[: len(order)]
    session = np.empty(len(order), np.int64)
    session[order] = np.cumsum(new) - 1
    return np.where(events.box >= 0, -1, session)


def _attend(rng: np.random.Generator, group: Planted, share: float) -> Events:
    """Leave out visits of members, whole boxes for boxed ones, or add absent members."""
    events = group.events
    session = _sessions(events)
    if share < 1:
        first = np.where(session >= 0, session, -2 - events.box)
        second = np.where(session >= 0, events.person, 0)
        _, unit = np.unique(np.stack([first, second]), axis=1, return_inverse=True)
        stays = rng.random(int(unit.max(initial=0)) + 1) < share
        return take(events, stays[unit.ravel()])
    if share == 1:
        return events
    people = group.draft.people
    there = np.zeros((int(session.max(initial=-1)) + 1, len(people)), np.bool_)
    column = np.searchsorted(people, events.person, sorter=np.argsort(people))
    column = np.argsort(people)[np.minimum(column, len(people) - 1)]
    known = (session >= 0) & (people[column] == events.person)
    there[session[known], column[known]] = True
    together = there.sum(1) >= 2
    absent = ~there & together[:, None]
    added = min(1.0, (share - 1) * there[together].sum() / max(1, absent.sum()))
    row, who = np.nonzero(absent & (rng.random(absent.shape) < added))
    order = np.flatnonzero(known)[np.argsort(session[known], kind="stable")]
    bounds = np.searchsorted(session[order], np.arange(len(there) + 1))
    pattern = order[bounds[row] + (rng.random(len(row)) * np.diff(bounds)[row]).astype(np.int64)]
    more = take(events, pattern)
    later = rng.integers(20, 180, len(row))
    return concat(
        [events, replace(more, person=people[who].astype(np.int32), time=more.time + later)]
    )


def _split(world: World, rng: np.random.Generator, events: Events, share: float) -> Events:
    """Move the later half of some sessions by hours, or to the next day where it is too late."""
    session = _sessions(events)
    if not share or session.max(initial=-1) < 0:
        return events
    count = int(session.max()) + 1
    cut = rng.random(count) < share
    hours = rng.integers(2 * 3_600, 6 * 3_600, count)
    order = np.lexsort((events.time, session))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    bounds = np.searchsorted(session[order], np.arange(count + 1))
    later = (session >= 0) & cut[session] & (events.stay == 0)
    later &= rank - bounds[session] >= np.maximum(1, np.diff(bounds)[session] // 2)
    moved = events.time + hours[session]
    late = moved % DAY > world.places.closes[events.place] * 3_600 - 60
    late |= moved // DAY != events.time // DAY
    tomorrow = np.zeros(count, np.bool_)
    tomorrow[session[later & late]] = True
    moved = np.where(tomorrow[session], events.time + DAY, moved)
    return replace(events, time=np.where(later, moved, events.time))


def _move(world: World, rng: np.random.Generator, events: Events, days: float) -> Events:
    """Move each session by up to so many days, inside the county's time."""
    session = _sessions(events)
    if not days or session.max(initial=-1) < 0:
        return events
    shift = np.rint(rng.uniform(-days, days, int(session.max()) + 1)).astype(np.int64)
    moved = events.time + shift[session] * DAY
    inside = (moved // DAY >= events.stay) & (moved // DAY < world.days) & (session >= 0)
    return replace(events, time=np.where(inside, moved, events.time))


def _at_their_desk(world: World, events: Events) -> Events:
    """Put a named clerk to the terminal the roster now gives them, or leave it to the roster."""
    places, time = world.places, events.time
    device, clerk = events.device.astype(np.int64), events.clerk.astype(np.int64)
    half = time % DAY >= roster.AFTERNOON_HOUR * 3_600
    for place, who in np.unique(np.stack([events.place, clerk]), axis=1).T.tolist():
        if who < 0:
            continue
        at = np.flatnonzero((events.place == place) & (events.clerk == who))
        post, turn = roster.post_of(places, who, time[at] // DAY, place)
        on = (post >= 0) & ((half[at] == turn) | (places.shifts[place] == 1))
        device[at] = np.where(on, post, device[at])
        clerk[at] = np.where(on, who, AUTO)
    return replace(events, device=device.astype(np.int32), clerk=clerk.astype(np.int32))


def visits_of_their_own(
    world: World, rng: np.random.Generator, group: Planted, share: float
) -> Events:
    """Return visits of members at times of their own, half of them at the ring's places.

    There are ``share`` of them to each visit with the ring.
    """
    people = world.people
    members, each = np.unique(group.events.person, return_counts=True)
    mine = np.isin(members, group.draft.people)
    members, each = members[mine].astype(np.int64), each[mine]
    person: Ints = np.repeat(members, rng.poisson(share * each)).astype(np.int64)
    n = len(person)
    ring = np.array(group.draft.places, np.int64)
    ring = ring[~world.places.far[ring]]
    own = np.where(
        rng.random(n) < 0.6,
        people.pharmacies[person, rng.integers(0, 2, n)],
        people.clinics[person, rng.integers(0, 2, n)],
    ).astype(np.int64)
    theirs = rng.random(n) < (0.5 if len(ring) else 0)
    place = np.where(theirs, rng.choice(ring, n) if len(ring) else own, own)
    kind = world.places.kind[place]
    time = visit_time(world, rng, person, place, rng.integers(0, world.days, n), 0.5)
    death = people.death[person]
    alive = (death < 0) | (time // DAY <= death)
    basket = np.select(
        [kind == PlaceKind.PHARMACY, kind == PlaceKind.HOSPITAL],
        [Basket.PHARMACY, Basket.HOSPITAL],
        Basket.CLINIC,
    )
    visits = make(n, person=person, place=place, time=time, basket=basket)
    return take(visits, alive)
