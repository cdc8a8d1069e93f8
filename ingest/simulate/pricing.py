"""What each settlement costs: its lines, what fund, account, family and cash pay, refunds."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ingest.simulate import clock, roster
from ingest.simulate.catalogue import BED, CONSULT, DRUGS, NURSING, Basket
from ingest.simulate.clock import DAY
from ingest.simulate.events import AUTO, NONE, Events
from ingest.simulate.ordinary import preferred_doctor
from ingest.simulate.world import World

Ints = NDArray[np.int64]
_BIG = 1_000_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Fee lines side by side; lines of event e are ``first[e]`` up to ``first[e + 1]``."""

    first: Ints
    code: NDArray[np.int16]
    count: NDArray[np.int8]
    price_fen: NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """One row for each settlement to be written, in the order of time; money in fen.

    ``event`` is the event it settles; a refund row has ``original``, the row it reverses (-1
    otherwise). ``refunded``: a later row reverses this one, wholly or in part.
    """

    event: Ints
    time: Ints
    original: Ints
    refunded: NDArray[np.int8]
    fee: Ints
    fund: Ints
    account: Ints
    family: Ints
    cash: Ints
    before: Ints
    after: Ints

    def __len__(self) -> int:
        return len(self.event)


def fill_parties(world: World, rng: np.random.Generator, events: Events) -> Events:
    """Replace AUTO parties by the roster's and the person's own."""
    places, n = world.places, len(events)
    place = events.place.astype(np.int64)
    terminals = places.device_first[place + 1] - places.device_first[place]
    drawn = places.device_first[place] + (rng.random(n) ** 1.7 * terminals).astype(np.int64)
    device = np.where(events.device == AUTO, drawn, events.device)
    manual = events.claim >= 0
    clerk = roster.clerk_at(places, place, np.maximum(device, 0), events.time)
    clerk = np.where(events.clerk == AUTO, clerk, events.clerk)
    clerk = np.where(places.kiosk[np.maximum(device, 0)] & (events.clerk == AUTO), NONE, clerk)
    first = places.doctor_first
    doctors = first[place + 1] - first[place]
    usual = preferred_doctor(world, events.person, events.place)
    drawn = first[place] + (rng.random(n) * doctors).astype(np.int64)
    doctor = np.where(rng.random(n) < 0.6, usual, drawn)
    seen = (doctors > 0) & (events.basket != Basket.REGISTRATION) & ~manual
    doctor = np.where(events.doctor == AUTO, np.where(seen, doctor, NONE), events.doctor)
    habit = np.where(rng.random(n) < 0.86, world.people.cert[events.person], rng.integers(1, 4, n))
    return replace(
        events,
        device=np.where(manual, NONE, device).astype(np.int32),
        clerk=clerk.astype(np.int32),
        doctor=doctor.astype(np.int32),
        cert=np.where(events.cert == AUTO, habit, events.cert).astype(np.int8),
    )


def price_lines(world: World, rng: np.random.Generator, events: Events) -> Lines:
    """Fill each event's basket."""
    n = len(events)
    recipes = world.catalogue.recipes
    own = np.zeros(n, np.int64)
    for basket, recipe in recipes.items():
        at = np.flatnonzero(events.basket == basket)
        own[at] = len(recipe.fixed) + rng.integers(recipe.least, recipe.most + 1, len(at))
    first = np.concatenate([[0], np.cumsum(own)])
    code = np.zeros(first[-1], np.int16)
    most = np.ones(first[-1], np.int8)
    for basket in recipes:
        at = np.flatnonzero(events.basket == basket)
        if len(at):
            _fill(world, rng, events, at, basket, first, own, code, most)
    count = (1 + rng.random(first[-1]) ** 2 * most).astype(np.int8)
    count = np.minimum(count, most)
    event = np.repeat(np.arange(n), own)
    nights = events.stay[event]
    count = np.where(np.isin(code, (BED, NURSING)) & (nights > 0), nights, count).astype(np.int8)
    level = rng.lognormal(0, 0.06, len(world.places))
    height = np.array([recipes[basket].level for basket in Basket])[events.basket[event]]
    height = np.where(np.isin(code, (BED, NURSING, CONSULT)), 1.0, height)
    price = world.catalogue.price_fen[code] * level[events.place[event]] * height
    fixed_sum = np.isin(events.basket, (Basket.EMPTY, Basket.CLAIM))[event]
    price = np.where(fixed_sum, events.scale[event].astype(np.float64) * 100, price)
    count[fixed_sum] = 1
    return Lines(
        first=first,
        code=code,
        count=count,
        price_fen=np.maximum(1, np.rint(price)).astype(np.int32),
    )


def _fill(
    world: World,
    rng: np.random.Generator,
    events: Events,
    at: Ints,
    basket: Basket,
    first: Ints,
    own: Ints,
    code: NDArray[np.int16],
    most: NDArray[np.int8],
) -> None:
    """Write the codes of one basket's events into ``code`` and ``most``."""
    recipe, catalogue = world.catalogue.recipes[basket], world.catalogue
    within = np.arange(own[at].sum()) - np.repeat(np.cumsum(own[at]) - own[at], own[at])
    line = np.repeat(first[at], own[at]) + within
    event = np.repeat(at, own[at])
    m = len(line)
    ordinary = catalogue.popularity[catalogue.ordinary]
    resale = catalogue.popularity[catalogue.resale]
    drawn = rng.choice(catalogue.ordinary, m, p=ordinary / ordinary.sum())
    prone = rng.random(m) < recipe.resale
    drawn[prone] = rng.choice(catalogue.resale, int(prone.sum()), p=resale / resale.sum())
    if basket in (Basket.CHRONIC_PHARMACY, Basket.CHRONIC_CLINIC, Basket.CARE):
        usual = rng.random(m) < 0.85
        drawn = np.where(usual, world.people.drugs[events.person[event], within % 3], drawn)
    if recipe.items:
        item = rng.random(m) >= recipe.drugs
        drawn[item] = rng.choice(np.array(recipe.items), int(item.sum()))
    fixed = within < len(recipe.fixed)
    if recipe.fixed:
        drawn[fixed] = np.array(recipe.fixed)[within[fixed]]
    wanted = (within == len(recipe.fixed)) & (events.drug[event] >= 0)
    drawn = np.where(wanted, events.drug[event], drawn)
    code[line] = drawn
    most[line] = np.where(fixed | (drawn >= DRUGS), 1, recipe.most_count)


def settle(world: World, rng: np.random.Generator, events: Events, lines: Lines) -> Rows:
    """Split each fee between fund, personal account, family account and cash; add refunds.

    An account never falls below zero and its balances follow each other: the new balance of one
    row, plus the monthly credits between, is the old balance of the person's next row.
    """
    amount = lines.count.astype(np.int64) * lines.price_fen
    total = np.concatenate([[0], np.cumsum(amount)])
    fee = total[lines.first[1:]] - total[lines.first[:-1]]
    people, places = world.people, world.places
    recipes = world.catalogue.recipes
    rate = np.array([recipes[Basket(b)].fund_rate for b in range(len(Basket))])[events.basket]
    rate = rate * rng.uniform(0.88, 1.08, len(people))[events.person]
    rate = np.where(places.pooled[events.place], rate, 0.0)
    rate = np.where(places.far[events.place], rate * 0.8, rate)
    fund = np.minimum(fee, np.rint(fee * rate).astype(np.int64))
    rest = fee - fund
    paid, opening = _accounts(world, rng, events, rest)
    pooling = ~people.employed & ((np.arange(len(people)) * 31 + 7) % 5 < 2)
    shares = np.bincount(people.household, people.employed)[people.household] > 0
    family = np.where((pooling & shares)[events.person], rest - paid, 0)
    event, time, original, part = _with_refunds(events)
    back = original >= 0

    def of(values: Ints) -> Ints:
        own = values[event]
        return np.where(back, -np.rint(own * part).astype(np.int64), own)

    fund, account, family, cash = of(fund), of(paid), of(family), of(rest - paid - family)
    before, after = _balances(world, events, event, time, account, opening)
    refunded = np.zeros(len(event), np.int8)
    refunded[original[back]] = 1
    return Rows(
        event=event,
        time=time,
        original=original,
        refunded=refunded,
        fee=fund + account + family + cash,
        fund=fund,
        account=account,
        family=family,
        cash=cash,
        before=before,
        after=after,
    )


def _accounts(
    world: World, rng: np.random.Generator, events: Events, wanted: Ints
) -> tuple[Ints, Ints]:
    """Return what each event takes from the personal account, and everyone's opening balance.

    A reflected sum: what cannot be paid is the growth of the running minimum below zero.
    """
    people = world.people
    opening = np.where(
        people.employed, (rng.gamma(1.2, 900, len(people)) * 100).astype(np.int64), 0
    )
    order = np.argsort(events.person, kind="stable")
    person = events.person[order].astype(np.int64)
    paying = np.where(people.employed[person], wanted[order], 0)
    credited = opening[person] + _credits(world, person, events.time[order])
    new = np.concatenate([[True], person[1:] != person[:-1]])
    spent = _segmented_sum(paying, new)
    level = credited - spent
    floor = np.minimum.accumulate(np.minimum(level, 0) - person * _BIG) + person * _BIG
    taken = credited - (level - floor)
    paid = taken - np.where(new, 0, np.concatenate([[0], taken[:-1]]))
    result = np.empty(len(order), np.int64)
    result[order] = paid
    return result, opening


def _balances(
    world: World, events: Events, event: Ints, time: Ints, account: Ints, opening: Ints
) -> tuple[Ints, Ints]:
    """Return the account before and after each row, from the opening balance on."""
    owner = events.person[event].astype(np.int64)
    order = np.argsort(owner, kind="stable")
    person = owner[order]
    new = np.concatenate([[True], person[1:] != person[:-1]])
    moved = account[order]
    gone = _segmented_sum(moved, new)
    credited = opening[person] + _credits(world, person, time[order])
    before, after = np.empty(len(order), np.int64), np.empty(len(order), np.int64)
    after[order] = credited - gone
    before[order] = credited - gone + moved
    return before, after


def _credits(world: World, person: Ints, time: Ints) -> Ints:
    """Return what was credited since the start: once a month."""
    months = clock.month(np.arange(int(time.max(initial=0)) // DAY + 2))
    credited: Ints = world.people.credit_fen[person] * (months[time // DAY] - months[0])
    return credited


def _segmented_sum(values: Ints, new: NDArray[np.bool_]) -> Ints:
    total = np.cumsum(values)
    before = np.concatenate([[0], total[:-1]])
    return total - np.maximum.accumulate(np.where(new, before, np.iinfo(np.int64).min))


def _with_refunds(events: Events) -> tuple[Ints, Ints, Ints, NDArray[np.float64]]:
    """Return event, second, reversed row and reversed part of each row, in order of time."""
    n = len(events)
    back = np.flatnonzero(events.refund > 0)
    event = np.concatenate([np.arange(n), back])
    time = np.concatenate([events.time, events.time[back] + events.refund_delay[back]])
    part = np.concatenate([np.ones(n), np.where(events.refund[back] == 1, 1.0, 0.5)])
    order = np.argsort(time, kind="stable")
    row_of = np.empty(len(order), np.int64)
    row_of[order] = np.arange(len(order))
    original = np.where(order >= n, row_of[event[order]], -1)
    return event[order], time[order], original, part[order]
