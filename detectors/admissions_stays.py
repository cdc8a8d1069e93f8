"""Stays: who lay in which institution from when to when, whose stays coincide, and by what chance.

Everything here works on arrays with one entry a stay, so that a null world (stays whose days are
drawn anew) goes through the same code as the extract.
"""

from dataclasses import dataclass

import ibis
import numpy as np
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from detectors.columns import clean, keep
from detectors.pairs import poisson_tail
from detectors.settings import DetectSettings
from detectors.visits import numbered
from detectors.world import Floats, Ints, Pairs
from ingest.workspace import Workspace

LEAST_STAYS = 2  # joint stays that make a pair: one coincidence is no repetition
PARTNERS = 50.0  # chance partners among those who come back; above, work grows with their square
STRATA = 16  # nights 0, 1, 2–3, 4–7, 8–15, …: the class is the number of binary digits
LONGEST = 3_650  # nights; a longer one is a wrong date
WIDTH, DAYS, FIRST = 4_096, 120_000, -40_000  # of the numbering of (place, day in, nights)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stays:
    """Stays in the order of (person, place, begin): ``begin`` and ``end`` are days since 1970.

    ``stratum`` is the class of nights; ``weight`` is one over the stays of the person at the
    place, so that those who come often do not make the institution's calendar their own.
    """

    person: Ints
    place: Ints
    begin: Ints
    end: Ints
    stratum: Ints
    weight: Floats

    def __len__(self) -> int:
        return len(self.person)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """The chance that two stays of two classes at one place coincide, by (place, l, m), sorted.

    ``slack`` is, by place, the days by which two stays that coincide may differ at either end.
    Places are counted modulo the number of places, so that worlds may lie side by side.
    """

    slack: Ints
    key: Ints
    rate: Floats

    def of(self, place: Ints, own: Ints, other: Ints) -> Floats:
        """Return the chances of pairs of stays at one place."""
        key = _rate_id(place % len(self.slack), own, other)
        spot = np.minimum(np.searchsorted(self.key, key), max(len(self.key) - 1, 0))
        return np.where(self.key[spot] == key, self.rate[spot], 0.0)

    def met(self, stays: Stays, people: Ints) -> float:
        """Return how many pairs of stays of some people would coincide by chance."""
        pairs = np.stack(np.triu_indices(len(people), 1))
        return float(_expected(stays, people[pairs[0]], people[pairs[1]], self).sum())


def stay_table(backend: Backend, workspace: Workspace) -> Table:
    """Return one row a settlement of a stay: ``stay`` (row number from 0) and what is known of it.

    Settlements of one person at one place with one day of admission are one stay: long stays are
    billed in parts. A stay without a known day of admission is left out; without a day of
    discharge it ends on the day it was settled.
    """
    settlements, persons, providers = (
        clean(backend, workspace, name) for name in ("settlements", "persons", "providers")
    )
    s = settlements.filter(
        settlements.live & (settlements.med_class == "inpatient") & settlements.begndate.notnull()
    )
    first = ibis.date(1970, 1, 1)
    s = s.mutate(
        begin=s.begndate.cast("date").delta(first, unit="day").cast("int64"),
        out=s.enddate.cast("date").delta(first, unit="day").cast("int64"),
    )
    s = s.mutate(out=s.out.fill_null(s.day.cast("int64")))
    s = s.filter((s.out >= s.begin) & (s.out - s.begin <= LONGEST))
    s = s.join(numbered(persons, "psn_no", "person"), "psn_no")
    s = s.join(numbered(providers, "fixmedins_code", "place"), "fixmedins_code")
    one = ibis.window(group_by=["person", "place", "begin"])
    turn = ibis.window(order_by=[s.person, s.place, s.begin])
    s = s.mutate(stay=ibis.dense_rank().over(turn).cast("int64"), end=s.out.max().over(one))
    s = s.select(
        "stay",
        "person",
        "place",
        "begin",
        "end",
        "psn_no",
        "fixmedins_code",
        "setl_id",
        "dr_code",
        "dise_no",
        nights=s.end - s.begin,
        stratum=ibis.ifelse(
            s.end > s.begin, (s.end - s.begin).cast("float64").log2().floor().cast("int64") + 1, 0
        ),
        fee=s.net_sum.cast("float64"),
    )
    return keep(backend, "admission_stays", s)


def stays_of(backend: Backend, table: Table) -> Stays:
    """Return the stays as arrays."""
    one = table.select("stay", "person", "place", "begin", "end", "stratum").distinct()
    rows = backend.to_pyarrow(one.order_by("stay"))
    person, place, begin, end, stratum = (
        rows[name].to_numpy().astype(np.int64)
        for name in ("person", "place", "begin", "end", "stratum")
    )
    return Stays(
        person=person,
        place=place,
        begin=begin,
        end=end,
        stratum=stratum,
        weight=_weights(person, place),
    )


def changed(stays: Stays, **columns: Ints) -> Stays:
    """Return the stays with some columns replaced."""
    values = {name: getattr(stays, name) for name in Stays.__slots__}
    return Stays(**(values | columns))


def chosen(stays: Stays, rows: Ints) -> Stays:
    """Return some of the stays."""
    return Stays(**{name: getattr(stays, name)[rows] for name in Stays.__slots__})


def joint(stays: Stays, slack: Ints, *, most_people: int) -> tuple[Ints, Ints]:
    """Return the pairs of stays (row numbers, that of the lower person first) that coincide.

    Two stays of different persons at one place that share a day and whose days in and whose days
    out differ by at most the place's slack. Days around which more than twice ``most_people`` came
    are a crowd or a default value, and pair nobody.
    """
    order = np.lexsort((stays.begin, stays.place))
    day = (stays.place * DAYS + stays.begin - FIRST)[order]
    slack = slack[stays.place % len(slack)][order]
    # Each pair once: the partner comes later in the order.
    last = np.searchsorted(day, day + slack, "right")
    size = last - np.arange(len(day)) - 1
    size = np.where(size <= 2 * most_people, size, 0)
    first = np.repeat(np.arange(len(day)), size)
    step = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    a, b, slack = order[first], order[first + 1 + step], slack[first]
    one = stays.person[a] != stays.person[b]
    one &= np.abs(stays.end[a] - stays.end[b]) <= slack
    one &= stays.begin[b] <= stays.end[a]
    a, b = a[one], b[one]
    swap = stays.person[a] > stays.person[b]
    return np.where(swap, b, a), np.where(swap, a, b)


def pairs_of(stays: Stays, rates: Rates, settings: DetectSettings) -> Pairs:
    """Return the pairs of persons with two joint stays or more, with expectation and tail."""
    a, b = joint(stays, rates.slack, most_people=settings.most_people)
    span = int(stays.person.max(initial=0)) + 1
    pair = stays.person[a] * span + stays.person[b]
    ids, at, seen = np.unique(pair, return_inverse=True, return_counts=True)
    often = seen[at] >= LEAST_STAYS
    a, b, pair = a[often], b[often], pair[often]
    ids, at = np.unique(pair, return_inverse=True)
    # A stay that coincides with two of the other person is one joint stay.
    days = np.minimum(_distinct(at, a, len(ids)), _distinct(at, b, len(ids)))
    kept = days >= LEAST_STAYS
    lo, hi, days = ids[kept] // span, ids[kept] % span, days[kept]
    expected = _expected(stays, lo, hi, rates)
    tail = poisson_tail(days, expected)
    return Pairs(
        lo=lo,
        hi=hi,
        days=days,
        places=_distinct(at, stays.place[a], len(ids))[kept],
        expected=expected,
        p_value=tail,
        q_value=np.ones(len(tail)),
    )


def chances(stays: Stays, settings: DetectSettings) -> Rates:
    """Return by how much stays may differ at each place, and the chance that two then coincide.

    From the place's own calendar of (day in, day out), each person weighing one. People who are
    brought within ``day_window`` days of a common day are up to twice as far apart. The slack of a
    place is the largest up to that at which two people with two stays each still coincide twice
    with a chance of at most ``weak_p``: the sparser a place, the wider.
    """
    key, first = np.unique(_keys(stays), return_index=True)
    weight = np.bincount(np.searchsorted(key, _keys(stays)), stays.weight)
    place, nights, stratum = stays.place[first], (key % WIDTH) - 2, stays.stratum[first]
    count = int(stays.place.max(initial=-1)) + 1
    widest = 2 * settings.day_window
    near: list[tuple[Ints, Ints]] = []
    apart: list[int] = []
    mass = np.zeros((widest + 1, count))
    for days_in in range(widest + 1):
        for days_out in range(-widest if days_in else 0, widest + 1):
            shift = days_in * WIDTH + days_out - days_in
            spot = np.minimum(np.searchsorted(key, key + shift), len(key) - 1)
            a = np.flatnonzero((key[spot] == key + shift) & (nights >= days_in))
            b = spot[a]
            near.append((a, b))
            apart.append(max(days_in, abs(days_out)))
            twice = 2.0 if shift else 1.0
            mass[apart[-1]] += twice * np.bincount(place[a], weight[a] * weight[b], count)
    total = np.bincount(stays.place, stays.weight, count)
    own = np.bincount(stays.place, stays.weight**2, count)
    chance = (np.cumsum(mass, axis=0) - own) / np.maximum(total**2 - own, 1e-9)
    back = np.bincount(stays.place, stays.weight < 1.0, count)
    able = (poisson_tail(np.array([[2]]), 4.0 * chance) <= settings.weak_p) & (
        chance * back <= PARTNERS
    )
    slack = np.maximum(np.cumprod(able, axis=0).sum(axis=0) - 1, 0)
    ids = [_rate_id(stays.place, stays.stratum, stays.stratum)]
    masses = [-(stays.weight**2)]
    for turn, ((a, b), days) in enumerate(zip(near, apart, strict=True)):
        inside = days <= slack[place[a]]
        a, b = a[inside], b[inside]
        for one, two in ((a, b), (b, a)) if turn else ((a, b),):
            ids.append(_rate_id(place[one], stratum[one], stratum[two]))
            masses.append(weight[one] * weight[two])
    keys, at = np.unique(np.concatenate(ids), return_inverse=True)
    mass_of = np.bincount(at, np.concatenate(masses), minlength=len(keys)).astype(np.float64)
    return Rates(slack=slack, key=keys, rate=_of_all(stays, keys, mass_of))


def _of_all(stays: Stays, keys: Ints, mass: Floats) -> Floats:
    """Return the mass of pairs that coincide over that of all pairs of their classes."""
    held, inside = np.unique(stays.place * STRATA + stays.stratum, return_inverse=True)
    weight = np.bincount(inside, stays.weight)
    squares = np.bincount(inside, stays.weight**2)
    one = np.searchsorted(held, keys // STRATA)
    two = np.searchsorted(held, keys // STRATA // STRATA * STRATA + keys % STRATA)
    out_of = weight[one] * weight[two] - np.where(one == two, squares[one], 0.0)
    rate = np.round(np.clip(mass / np.maximum(out_of, 1e-9), 0.0, 1.0), 12)
    return np.asarray(rate, np.float64)


def _distinct(group: Ints, value: Ints, count: int) -> Ints:
    """Return how many different values each group has."""
    order = np.lexsort((value, group))
    group, value = group[order], value[order]
    new = np.r_[True, (np.diff(group) != 0) | (np.diff(value) != 0)][: len(group)]
    return np.bincount(group[new], minlength=count).astype(np.int64)


def side_by_side(
    stays: Stays, pool: Stays, worlds: int, draw: np.random.Generator, *, whole: bool
) -> Stays:
    """Return that many null worlds as one, numbers of persons and places shifted for each.

    ``whole``: move each person's stays at a place together rather than one by one.
    """
    people, places = int(pool.person.max()) + 1, int(pool.place.max()) + 1
    world = np.repeat(np.arange(worlds), len(stays))
    every = chosen(stays, np.tile(np.arange(len(stays)), worlds))
    every = changed(every, person=every.person + world * people, place=every.place + world * places)
    days = dealt(every, pool, draw)
    return _moved(every, days, pool) if whole else days


def _moved(stays: Stays, days: Stays, pool: Stays) -> Stays:
    """Return the stays with those of a person at a place moved by as many whole weeks.

    By the weeks that bring the first to the day dealt to it; what leaves the extract's time at one
    end comes in at the other. Who comes back soon, or on a cycle, still does.
    """
    new = np.r_[True, (np.diff(stays.person) != 0) | (np.diff(stays.place) != 0)]
    first = np.flatnonzero(new)[np.cumsum(new) - 1]
    shift = 7 * np.rint((days.begin - stays.begin)[first] / 7).astype(np.int64)
    start = int(pool.begin.min())
    span = 7 * -(-(int(pool.begin.max()) - start + 1) // 7)
    begin = start + (stays.begin + shift - start) % span
    return changed(stays, begin=begin, end=begin + stays.end - stays.begin)


def dealt(stays: Stays, pool: Stays, draw: np.random.Generator) -> Stays:
    """Return the stays with (day in, day out) drawn from their place's stays of like length."""
    order = np.lexsort((pool.stratum, pool.place))
    key = pool.place[order] * STRATA + pool.stratum[order]
    total = np.concatenate([[0.0], np.cumsum(pool.weight[order])])
    wanted = stays.place % (int(pool.place.max()) + 1) * STRATA + stays.stratum
    low, high = np.searchsorted(key, wanted, "left"), np.searchsorted(key, wanted, "right")
    point = total[low] + draw.random(len(stays)) * (total[high] - total[low])
    spot = np.clip(np.searchsorted(total, point, side="right") - 1, low, high - 1)
    slot = order[spot]
    return changed(stays, begin=pool.begin[slot], end=pool.end[slot])


def _expected(stays: Stays, lo: Ints, hi: Ints, rates: Rates) -> Floats:
    """Return λ: over the stays of one and of the other at one place, the chance to coincide."""
    low, high = (np.searchsorted(stays.person, side, "left") for side in (lo, hi))
    own = np.searchsorted(stays.person, lo, "right") - low
    other = np.searchsorted(stays.person, hi, "right") - high
    size = own * other
    pair = np.repeat(np.arange(len(lo)), size)
    step = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    a = low[pair] + step // other[pair]
    b = high[pair] + step % other[pair]
    same = stays.place[a] == stays.place[b]
    a, b, pair = a[same], b[same], pair[same]
    rate = rates.of(stays.place[a], stays.stratum[a], stays.stratum[b])
    return np.asarray(np.bincount(pair, rate, minlength=len(lo)), dtype=np.float64)


def _rate_id(place: Ints, own: Ints, other: Ints) -> Ints:
    return (place * STRATA + own) * STRATA + other


def _weights(person: Ints, place: Ints) -> Floats:
    key = person * (int(place.max(initial=0)) + 1) + place
    _, at, size = np.unique(key, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / size[at], dtype=np.float64)


def _keys(stays: Stays) -> Ints:
    """Return one number for (place, day in, nights): neighbours are a fixed step away."""
    day = stays.begin - FIRST + 2
    return (stays.place * DAYS + day) * WIDTH + (stays.end - stays.begin) + 2
