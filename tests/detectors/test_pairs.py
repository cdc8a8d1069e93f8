"""Pairs: the set-based count against plain loops, and the tails against scipy."""

import itertools
from collections import Counter, defaultdict

import ibis
import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from detectors import pairs as p
from detectors.columns import value
from detectors.settings import DetectSettings
from detectors.visits import place_windows, scoped

SETTINGS = DetectSettings()


def visits(
    seed: int, *, people: int = 12, places: int = 3, days: int = 40, n: int = 600
) -> pa.Table:
    """Draw random visits; a third of them are made in company, so that meetings abound."""
    draw = np.random.default_rng(seed)
    table = pa.table(
        {
            "person": draw.integers(0, people, n).astype(np.int32),
            "place": draw.integers(0, places, n).astype(np.int32),
            "device": draw.integers(0, 4, n).astype(np.int32),
            "day": (20_000 + draw.integers(0, days, n)).astype(np.int32),
            "clock": draw.integers(8 * 60, 18 * 60, n) * 60,
        }
    )
    at = np.asarray(table["day"], dtype=np.int64) * 86_400 + np.asarray(table["clock"])
    return table.drop(["clock"]).append_column("at", pa.array(at))


def places(*, day_precision: int | None = None) -> pa.Table:
    number = np.arange(3, dtype=np.int32)
    return pa.table(
        {
            "place": number,
            "place_kind": ["pharmacy", "institution", "pharmacy"],
            "day_precision": number == (-1 if day_precision is None else day_precision),
        }
    )


@pytest.fixture
def backend():
    connection = ibis.duckdb.connect()
    yield connection
    connection.disconnect()


def laid(backend, table: pa.Table, where: pa.Table, settings: DetectSettings = SETTINGS):
    able = backend.create_table("visits", table, overwrite=True)
    known = backend.create_table("places", where, overwrite=True)
    windows = backend.create_table("windows", place_windows(known, able, settings), overwrite=True)
    return windows, backend.create_table("scoped", scoped(able, windows), overwrite=True)


def met(rows: list[dict], windows: dict[int, dict]) -> dict[tuple[int, int], set[tuple[int, int]]]:
    """Answer the projection by plain loops: pairs and the (day, place) where they met."""
    found: defaultdict[tuple[int, int], set[tuple[int, int]]] = defaultdict(set)
    for a, b in itertools.combinations(rows, 2):
        rule = windows[a["place"]]
        if a["person"] == b["person"] or a["place"] != b["place"]:
            continue
        if rule["by_device"] and a["device"] != b["device"]:
            continue
        if rule["day_precision"]:
            near = a["day"] == b["day"]
        else:
            near = abs(a["at"] - b["at"]) <= rule["window"]
        if near:
            day = min((a["at"], a["day"]), (b["at"], b["day"]))[1]
            found[tuple(sorted((a["person"], b["person"])))].add((day, a["place"]))
    return found


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("day_precision", [None, 1])
def test_counted_equals_plain_loops(backend, seed: int, day_precision: int | None) -> None:
    table = visits(seed)
    windows, able = laid(backend, table, places(day_precision=day_precision))
    rules = {row["place"]: row for row in backend.to_pyarrow(windows).to_pylist()}
    expected = {
        pair: (len({day for day, _ in at}), len({place for _, place in at}))
        for pair, at in met(table.to_pylist(), rules).items()
    }
    expected = {
        pair: (days, spots)
        for pair, (days, spots) in expected.items()
        if days >= 3 or (days >= 2 and spots >= 2)
    }
    meetings = p.meetings(able, least_days=2)
    found = backend.to_pyarrow(p.counted(meetings, least_days=3, rotating_days=2)).to_pylist()
    assert {(r["lo"], r["hi"]): (r["days"], r["places"]) for r in found} == expected
    assert expected, f"seed {seed} made no pair"


@pytest.mark.parametrize("seed", range(3))
def test_expected_equals_plain_loops(backend, seed: int) -> None:
    table = visits(seed)
    windows, able = laid(backend, table, places())
    rules = {row["place"]: row for row in backend.to_pyarrow(windows).to_pylist()}
    assert not any(rule["by_device"] for rule in rules.values())
    habit: defaultdict[tuple[int, int, int, int], set[int]] = defaultdict(set)
    opened: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
    bins: defaultdict[tuple[int, int], Counter[int]] = defaultdict(Counter)
    for row in table.to_pylist():
        weekday, clock = (row["day"] + 3) % 7, row["at"] % 86_400
        habit[row["person"], row["place"], weekday, clock // 7_200].add(row["day"])
        opened[row["place"], weekday].add(row["day"])
        bins[row["place"], clock // 7_200][clock // rules[row["place"]]["window"]] += 1

    def kappa(place: int, part: int) -> float:
        n = bins[place, part]
        meet = sum(c * c + c * n.get(b + 1, 0) for b, c in n.items())
        return min(1.0, meet / sum(n.values()) ** 2)

    def chance(lo: int, hi: int) -> float:
        return sum(
            kappa(place, part)
            * len(days)
            * len(habit[hi, place, weekday, part])
            / len(opened[place, weekday])
            for (person, place, weekday, part), days in list(habit.items())
            if person == lo
        )

    pairs = backend.create_table(
        "pairs", pa.table({"lo": pa.array([0, 1], pa.int32()), "hi": pa.array([5, 7], pa.int32())})
    )
    parts = p.terms(pairs, p.habits(able), p.rates(able))
    found = backend.to_pyarrow(p.expected(parts)).to_pylist()
    for row in found:
        assert row["expected"] == pytest.approx(chance(row["lo"], row["hi"]), abs=1e-6)
    assert len(found) == 2


def test_testable_counts_every_pair_that_shares_a_place(backend) -> None:
    table = visits(1)
    _, able = laid(backend, table, places())
    rows = table.to_pylist()
    often = {q for q, n in Counter(r["person"] for r in rows).items() if n >= 2}
    at: defaultdict[int, set[int]] = defaultdict(set)
    for row in rows:
        if row["person"] in often:
            at[row["place"]].add(row["person"])
    expected = sum(len(q) * (len(q) - 1) / 2 for q in at.values())
    assert value(backend, p.testable(able, least_days=2)) == expected


def test_exact_tail_is_the_tail_of_a_sum_of_binomials() -> None:
    trials = [(26.0, 0.02), (26.0, 0.01)], [(10.0, 0.3)], [(100.0, 0.05), (3.0, 0.9)]
    days = np.array([3, 1, 11])
    pair = np.repeat(np.arange(3), [len(t) for t in trials])
    flat = [term for terms in trials for term in terms]
    tail = p.exact_tail(days, pair, np.array([t for t, _ in flat]), np.array([c for _, c in flat]))
    for n, terms, got in zip(days, trials, tail, strict=True):
        mass = np.ones(1)
        for count, chance in terms:
            mass = np.convolve(mass, stats.binom.pmf(np.arange(count + 1), count, chance))
        assert got == pytest.approx(mass[n:].sum(), rel=1e-9)


def test_poisson_tail_is_no_smaller_than_the_exact_one_above_the_mean() -> None:
    days, trials, chance = np.arange(3, 12), np.full(9, 50.0), np.full(9, 0.04)
    exact = p.exact_tail(days, np.arange(9), trials, chance)
    poisson = p.poisson_tail(days, trials * chance)
    assert (poisson >= exact).all()
    assert poisson == pytest.approx(stats.poisson.sf(days - 1, 2.0))


def test_benjamini_hochberg_equals_scipy_when_every_test_was_seen() -> None:
    draw = np.random.default_rng(7).random(200) ** 3
    draw[50:60] = draw[50]
    assert p.benjamini_hochberg(draw, 200.0) == pytest.approx(
        stats.false_discovery_control(draw, method="bh")
    )


def test_unseen_tests_weaken_every_pair() -> None:
    few = np.array([1e-6, 1e-4, 0.01])
    assert (p.benjamini_hochberg(few, 1e5) > p.benjamini_hochberg(few, 3.0)).all()


def test_a_busy_place_is_divided_by_terminal_and_its_window_shrinks(backend) -> None:
    crowd = visits(3, people=400, places=1, days=2, n=8_000)
    where = pa.table(
        {"place": pa.array([0], pa.int32()), "place_kind": ["pharmacy"], "day_precision": [False]}
    )
    windows, able = laid(backend, crowd, where)
    rule = backend.to_pyarrow(windows).to_pylist()[0]
    assert rule["by_device"]
    assert rule["window"] < SETTINGS.pharmacy_window_seconds
    meetings = value(backend, p.meetings(able, least_days=1).count())
    assert meetings <= 8_000 * SETTINGS.most_chance_partners


def test_a_busy_place_known_only_to_the_day_is_skipped(backend) -> None:
    crowd = visits(3, people=400, places=1, days=2, n=8_000)
    where = pa.table(
        {"place": pa.array([0], pa.int32()), "place_kind": ["pharmacy"], "day_precision": [True]}
    )
    windows, able = laid(backend, crowd, where)
    assert backend.to_pyarrow(windows).to_pylist()[0]["skipped"]
    assert value(backend, able.count()) == 0
