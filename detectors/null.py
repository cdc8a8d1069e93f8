"""Null worlds: the same people at the same places on the same weekdays, meeting only by chance.

Every visit keeps its person, its place and its time of day. The days on which a person was at a
place on a weekday are drawn anew among the days the place was open on that weekday, as many as
before, none twice, busier days more often (market days, vaccination days, batch uploads). So a
person keeps how often it goes where, on which weekday and at what hour, and nothing but the
coincidence of two persons is destroyed. Re-running a pipeline on such worlds says what it finds
where there is nothing to find.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

SECONDS = 86_400
BLOCK = 4_000_000  # rows of person and open day looked at together

Ints = NDArray[np.int64]


def shuffled(visits: pa.Table, *, seed: int) -> pa.Table:
    """Return the visits with days drawn anew within person, place and weekday.

    Parameters
    ----------
    visits
        Columns person, place, at (seconds), day, and any others, which are kept. The rows must
        come in an order that does not depend on the extract: the same order and seed give the same
        world.
    seed
        Of this world.
    """
    draw = np.random.default_rng(seed)
    day = visits["day"].to_numpy().astype(np.int64)
    counter = visits["place"].to_numpy().astype(np.int64) * 7 + (day + 3) % 7
    slots, slot, weight = np.unique(
        np.stack([counter, day]), axis=1, return_inverse=True, return_counts=True
    )
    habit = visits["person"].to_numpy().astype(np.int64) << 32 | counter
    outings, outing = np.unique(np.stack([habit, slot.ravel()]), axis=1, return_inverse=True)
    new = slots[1][_drawn(outings[0] & 0xFFFFFFFF, outings[0], slots[0], weight, draw)]
    dealt = new[outing.ravel()]
    moved = visits["at"].to_numpy() + (dealt - day) * SECONDS
    result = visits.set_column(
        visits.schema.get_field_index("day"), "day", pa.array(dealt.astype(np.int32))
    )
    return result.set_column(result.schema.get_field_index("at"), "at", pa.array(moved))


def _drawn(
    counter: Ints, habit: Ints, slots: Ints, weight: Ints, draw: np.random.Generator
) -> Ints:
    """Return a new slot for each outing (sorted by habit): weighted, without repeats in a habit.

    Sampling without replacement by exponential keys (Efraimidis & Spirakis 2006,
    doi:10.1016/j.ipl.2005.11.003): the k smallest of E/w among the open days of the counter.
    """
    first = np.searchsorted(slots, counter, side="left")
    open_days = np.searchsorted(slots, counter, side="right") - first
    starts = np.flatnonzero(np.r_[True, habit[1:] != habit[:-1]])
    sizes = np.diff(np.r_[starts, len(habit)])
    new = np.empty(len(habit), np.int64)
    for begin, end in _blocks(open_days[starts]):
        rows = open_days[starts[begin:end]]
        owner = np.repeat(np.arange(end - begin), rows)
        place = np.arange(rows.sum()) - np.repeat(np.cumsum(rows) - rows, rows)
        choice = first[starts[begin:end]][owner] + place
        key = draw.exponential(size=len(choice)) / weight[choice]
        order = np.lexsort((key, owner))
        rank = place  # within an owner, positions after sorting are 0, 1, 2 …
        taken = order[rank < sizes[begin:end][owner]]
        new[starts[begin] : starts[end - 1] + sizes[end - 1]] = choice[taken]
    return new


def _blocks(rows: Ints) -> Iterator[tuple[int, int]]:
    """Cut habits into pieces whose open days together stay below ``BLOCK`` rows."""
    total = np.cumsum(rows)
    begin = 0
    while begin < len(rows):
        done = total[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(total, done + BLOCK, side="right")))
        yield begin, end
        begin = end
