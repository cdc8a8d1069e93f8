"""Null worlds: the same people at the same places on the same weekdays, meeting only by chance.

Every visit keeps its person, its place and its time of day. The days on which a person was at a
place on a weekday are drawn anew among the days the place was open on that weekday, as many as
before, none twice, busier days more often (market days, vaccination days, batch uploads). So a
person keeps how often it goes where, on which weekday and at what hour, and nothing but the
coincidence of two persons is destroyed. Re-running a pipeline on such worlds says what it finds
where there is nothing to find.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

SECONDS = 86_400
BLOCK = 4_000_000  # rows of person and open day looked at together

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deck:
    """The visits of an extract, laid out so that any number of null worlds can be dealt.

    A counter is a place on a weekday, a slot one open day of a counter (``slot_day``, ``weight``
    visits), a habit a person at a counter, an outing one day of a habit; ``outing`` says which
    outing a visit belongs to. Slots and outings are sorted by counter and habit.
    """

    visits: pa.Table
    outing: Ints
    first_slot: Ints  # of the outing's counter
    open_days: Ints  # of the outing's counter
    starts: Ints  # first outing of each habit
    sizes: Ints  # outings of each habit
    slot_day: Ints
    weight: Ints


def deck(visits: pa.Table, sparse: Ints | None = None, *, stratified: bool = True) -> Deck:
    """Lay out visits (columns person, place, at in seconds, day, and any others).

    At the places in ``sparse`` (numbers) few come, on days far apart: every day between the first
    visit and the last is a slot of one counter, all alike. Without ``stratified`` days are drawn
    over all weekdays.

    The rows must come in an order that does not depend on the extract: the same order and seed
    give the same world.
    """
    day = visits["day"].to_numpy().astype(np.int64)
    least = int(day.min(initial=0))
    place = visits["place"].to_numpy().astype(np.int64)
    thin = np.isin(place, np.empty(0, np.int64) if sparse is None else sparse)
    counter = place * 7 + np.where(thin | (not stratified), 0, (day + 3) % 7)
    slots, weight = np.unique(counter << 24 | (day - least), return_counts=True)
    slots, weight = _every_day(slots, weight, counter[thin])
    # Seven weekdays and 2^21 places leave 39 bits for the person.
    habits, habit = np.unique(
        visits["person"].to_numpy().astype(np.int64) << 24 | counter, return_inverse=True
    )
    outings, outing = np.unique(habit.astype(np.int64) << 24 | (day - least), return_inverse=True)
    owner = outings >> 24
    where = habits[owner] & 0xFFFFFF
    slot_counter = slots >> 24
    first = np.searchsorted(slot_counter, where, side="left")
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]]) if len(owner) else owner
    return Deck(
        visits=visits,
        outing=outing.astype(np.int64),
        first_slot=first,
        open_days=np.searchsorted(slot_counter, where, side="right") - first,
        starts=starts,
        sizes=np.diff(np.r_[starts, len(owner)]),
        slot_day=(slots & 0xFFFFFF) + least,
        weight=weight,
    )


def _every_day(slots: Ints, weight: Ints, thin: Ints) -> tuple[Ints, Ints]:
    """Replace the slots of thin counters by one for each day from their first to their last."""
    apart = np.isin(slots >> 24, thin)
    counter, first = np.unique(slots[apart] >> 24, return_index=True)
    if not len(counter):
        return slots, weight
    days = slots[apart] & 0xFFFFFF
    last = np.maximum.reduceat(days, first)
    span = last - days[first] + 1
    rank = np.arange(span.sum()) - np.repeat(np.cumsum(span) - span, span)
    whole = np.repeat(counter << 24 | days[first], span) + rank
    both = np.concatenate([slots[~apart], whole])
    weights = np.concatenate([weight[~apart], np.ones(len(whole), weight.dtype)])
    order = np.argsort(both, kind="stable")
    return both[order], weights[order]


def dealt(deck: Deck, *, seed: int) -> pa.Table:
    """Return the visits with days drawn anew within person, place and weekday."""
    draw = np.random.default_rng(seed)
    new = np.empty(len(deck.first_slot), np.int64)
    single = deck.sizes == 1
    _draw_one(deck, deck.starts[single], new, draw)
    _draw_many(deck, deck.starts[~single], deck.sizes[~single], new, draw)
    day = deck.slot_day[new][deck.outing]
    visits = deck.visits
    moved = visits["at"].to_numpy() + (day - visits["day"].to_numpy()) * SECONDS
    for name, column in (("day", pa.array(day.astype(np.int32))), ("at", pa.array(moved))):
        visits = visits.set_column(visits.schema.get_field_index(name), name, column)
    return visits


def _draw_one(deck: Deck, outings: Ints, new: Ints, draw: np.random.Generator) -> None:
    """Draw a slot for habits of one day: busier days more often."""
    total = np.concatenate([[0], np.cumsum(deck.weight)])
    first = deck.first_slot[outings]
    low, high = total[first], total[first + deck.open_days[outings]]
    point = low + draw.random(len(outings)) * (high - low)
    chosen = np.searchsorted(total, point, side="right") - 1
    new[outings] = np.clip(chosen, first, first + deck.open_days[outings] - 1)


def _draw_many(deck: Deck, starts: Ints, sizes: Ints, new: Ints, draw: np.random.Generator) -> None:
    """Draw slots for habits of several days, weighted and without repeats.

    Sampling without replacement by exponential keys (Efraimidis & Spirakis 2006,
    doi:10.1016/j.ipl.2005.11.003): the k smallest of E/w among the open days of the counter.
    """
    for begin, end in _blocks(deck.open_days[starts]):
        rows = deck.open_days[starts[begin:end]]
        owner = np.repeat(np.arange(end - begin), rows)
        rank = np.arange(rows.sum()) - np.repeat(np.cumsum(rows) - rows, rows)
        choice = deck.first_slot[starts[begin:end]][owner] + rank
        key = -np.expm1(-draw.exponential(size=len(choice)) / deck.weight[choice])
        order = np.argsort(owner + key)  # keys lie in [0, 1): owners stay apart
        taken = order[rank < sizes[begin:end][owner]]
        size = sizes[begin:end]
        place = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
        new[np.repeat(starts[begin:end], size) + place] = choice[taken]


def _blocks(rows: Ints) -> Iterator[tuple[int, int]]:
    """Cut habits into pieces whose open days together stay below ``BLOCK`` rows."""
    total = np.cumsum(rows)
    begin = 0
    while begin < len(rows):
        done = total[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(total, done + BLOCK, side="right")))
        yield begin, end
        begin = end
