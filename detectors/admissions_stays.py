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
STRATA = 16  # nights 0, 1, 2–3, 4–7, 8–15, …: the class is the number of binary digits
LONGEST = 3_650  # nights; a longer one is a wrong date
WIDTH, DAYS, FIRST = 4_096, 120_000, -40_000  # of the numbering of (place, day in, nights)
HALF = ((0, 0), (0, 1), (1, -1), (1, 0), (1, 1))  # days between two stays in and out, one way round


@dataclass(frozen=True, slots=True, kw_only=True)
class Stays:
    """Stays in the order of (person, place, begin): ``begin`` and ``end`` are days since 1970.

    ``stratum`` is the class of nights; ``weight`` is one over the stays of the person at the
    place, so that those who come often do not make the institution's calendar their own;
    ``slack`` the days by which two stays may differ at either end.
    """

    person: Ints
    place: Ints
    begin: Ints
    end: Ints
    stratum: Ints
    weight: Floats
    slack: Ints

    def __len__(self) -> int:
        return len(self.person)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """The chance that two stays of two classes at one place coincide, by (place, l, m), sorted."""

    key: Ints
    rate: Floats

    def of(self, place: Ints, own: Ints, other: Ints) -> Floats:
        """Return the chances of pairs of stays at one place."""
        key = _rate_id(place, own, other)
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


def stays_of(backend: Backend, table: Table, settings: DetectSettings) -> Stays:
    """Return the stays as arrays. Where chance brings too many together, the slack is no day."""
    one = table.select("stay", "person", "place", "begin", "end", "stratum").distinct()
    rows = backend.to_pyarrow(one.order_by("stay"))
    person, place, begin, end, stratum = (
        rows[name].to_numpy().astype(np.int64)
        for name in ("person", "place", "begin", "end", "stratum")
    )
    stays = Stays(
        person=person,
        place=place,
        begin=begin,
        end=end,
        stratum=stratum,
        weight=_weights(person, place),
        slack=np.ones(len(person), np.int64),
    )
    first, counts, key = _cells(stays)
    partners = np.zeros(len(key))
    for days_in, days_out in HALF:
        for sign in (1,) if days_in == days_out == 0 else (1, -1):
            shift = sign * (days_in * WIDTH + days_out - days_in)
            spot = np.minimum(np.searchsorted(key, key + shift), len(key) - 1)
            partners += np.where(key[spot] == key + shift, counts[spot], 0)
    sums = np.bincount(place[first], counts * (partners - 1))
    mean = sums / np.maximum(np.bincount(place[first], counts), 1)
    return changed(stays, slack=(mean <= settings.most_chance_partners)[place].astype(np.int64))


def changed(stays: Stays, **columns: Ints) -> Stays:
    """Return the stays with some columns replaced."""
    values = {name: getattr(stays, name) for name in Stays.__slots__}
    return Stays(**(values | columns))


def chosen(stays: Stays, rows: Ints) -> Stays:
    """Return some of the stays."""
    return Stays(**{name: getattr(stays, name)[rows] for name in Stays.__slots__})


def joint(stays: Stays, *, most_people: int) -> tuple[Ints, Ints]:
    """Return the pairs of stays (row numbers, that of the lower person first) that coincide.

    Two stays of different persons at one place whose days in and whose days out differ by at most
    the slack. A day on which more than twice ``most_people`` came and went alike is a crowd or a
    default value, and pairs nobody.
    """
    key = _keys(stays)
    order = np.argsort(key, kind="stable")
    held = key[order]
    pairs = []
    for days_in, days_out in HALF:
        rows = np.flatnonzero(stays.slack >= max(abs(days_in), abs(days_out)))
        target = key[rows] + days_in * WIDTH + days_out - days_in
        low, high = np.searchsorted(held, target, "left"), np.searchsorted(held, target, "right")
        size = np.where(high - low <= 2 * most_people, high - low, 0)
        a = np.repeat(rows, size)
        step = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
        pairs.append((a, order[np.repeat(low, size) + step]))
    a, b = (np.concatenate(side) for side in zip(*pairs, strict=True))
    other = stays.person[a] != stays.person[b]
    a, b = a[other], b[other]
    swap = stays.person[a] > stays.person[b]
    a, b = np.where(swap, b, a), np.where(swap, a, b)
    both = np.unique(np.stack([a, b]), axis=1)
    return both[0], both[1]


def pairs_of(stays: Stays, rates: Rates, settings: DetectSettings) -> Pairs:
    """Return the pairs of persons with two joint stays or more, with expectation and tail."""
    a, b = joint(stays, most_people=settings.most_people)
    span = int(stays.person.max(initial=0)) + 1
    seen, first = np.unique(
        np.stack([stays.person[a] * span + stays.person[b], a]), axis=1, return_index=True
    )
    ids, days = np.unique(seen[0], return_counts=True)
    kept = days >= LEAST_STAYS
    pair = seen[0]
    where = np.unique(np.stack([pair, stays.place[a[first]]]), axis=1)
    places = np.bincount(np.searchsorted(ids, where[0]), minlength=len(ids))
    lo, hi, days = ids[kept] // span, ids[kept] % span, days[kept].astype(np.int64)
    expected = _expected(stays, lo, hi, rates)
    tail = poisson_tail(days, expected)
    return Pairs(
        lo=lo,
        hi=hi,
        days=days,
        places=places[kept].astype(np.int64),
        expected=expected,
        p_value=tail,
        q_value=np.ones(len(tail)),
    )


def chances(stays: Stays) -> Rates:
    """Return the chance that two stays of two classes at one place coincide, by (place, l, m).

    From the place's own calendar of (day in, day out), each person weighing one.
    """
    first, _, key = _cells(stays)
    weight = np.bincount(np.searchsorted(key, _keys(stays)), stays.weight)
    place, stratum, slack = stays.place[first], stays.stratum[first], stays.slack[first]
    ids, mass = [], []
    for days_in, days_out in HALF:
        for sign in (1,) if days_in == days_out == 0 else (1, -1):
            shift = sign * (days_in * WIDTH + days_out - days_in)
            spot = np.minimum(np.searchsorted(key, key + shift), len(key) - 1)
            hit = (key[spot] == key + shift) & (slack >= max(abs(days_in), abs(days_out)))
            rows, near = np.flatnonzero(hit), spot[hit]
            ids.append(_rate_id(place[rows], stratum[rows], stratum[near]))
            mass.append(weight[rows] * weight[near])
    own = _rate_id(stays.place, stays.stratum, stays.stratum)
    ids.append(own)
    mass.append(-(stays.weight**2))
    keys, at = np.unique(np.concatenate(ids), return_inverse=True)
    total = np.bincount(at, np.concatenate(mass), minlength=len(keys))
    classes, inside = np.unique(own // STRATA, return_inverse=True)
    held = np.bincount(inside, stays.weight)
    squares = np.bincount(inside, stays.weight**2)
    one = np.searchsorted(classes, keys // STRATA)
    place_of = keys // STRATA // STRATA
    two = np.minimum(np.searchsorted(classes, place_of * STRATA + keys % STRATA), len(classes) - 1)
    out_of = held[one] * held[two] - np.where(one == two, squares[one], 0.0)
    rate = np.clip(total / np.maximum(out_of, 1e-9), 0.0, 1.0)
    return Rates(key=keys, rate=np.round(rate, 12))


def dealt(stays: Stays, pool: Stays, draw: np.random.Generator) -> Stays:
    """Return the stays with (day in, day out) drawn from their place's stays of like length."""
    order = np.lexsort((pool.stratum, pool.place))
    key = pool.place[order] * STRATA + pool.stratum[order]
    total = np.concatenate([[0.0], np.cumsum(pool.weight[order])])
    wanted = stays.place * STRATA + stays.stratum
    low, high = np.searchsorted(key, wanted, "left"), np.searchsorted(key, wanted, "right")
    point = total[low] + draw.random(len(stays)) * (total[high] - total[low])
    spot = np.clip(np.searchsorted(total, point, side="right") - 1, low, high - 1)
    slot = order[spot]
    return changed(stays, begin=pool.begin[slot], end=pool.end[slot])


def _expected(stays: Stays, lo: Ints, hi: Ints, rates: Rates) -> Floats:
    """Return λ: over the stays of one and of the other at one place, the chance to coincide."""
    if not len(lo):
        return np.empty(0)
    first = np.searchsorted(stays.person, np.arange(int(stays.person.max()) + 2))
    own, other = first[lo + 1] - first[lo], first[hi + 1] - first[hi]
    size = own * other
    pair = np.repeat(np.arange(len(lo)), size)
    step = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    a = first[lo][pair] + step // other[pair]
    b = first[hi][pair] + step % other[pair]
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


def _cells(stays: Stays) -> tuple[Ints, Ints, Ints]:
    """Return for each (place, day in, day out) its first stay, its stays and its key, sorted."""
    key, first, counts = np.unique(_keys(stays), return_index=True, return_counts=True)
    return first, counts, key


def _keys(stays: Stays) -> Ints:
    """Return one number for (place, day in, nights): neighbours are a fixed step away."""
    day = stays.begin - FIRST + 2
    return (stays.place * DAYS + day) * WIDTH + (stays.end - stays.begin) + 2
