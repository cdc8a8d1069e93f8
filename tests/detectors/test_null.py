"""Null worlds keep every habit and destroy only coincidence."""

from collections import Counter

import numpy as np
import pyarrow as pa

from detectors.null import dealt, deck
from detectors.pairs import poisson_tail


def drawn(n: int = 4_000) -> pa.Table:
    draw = np.random.default_rng(5)
    day = (20_000 + draw.integers(0, 90, n)).astype(np.int32)
    return pa.table(
        {
            "person": draw.integers(0, 200, n).astype(np.int32),
            "place": draw.integers(0, 6, n).astype(np.int32),
            "day": day,
            "at": day.astype(np.int64) * 86_400 + draw.integers(28_800, 64_800, n),
        }
    )


def habit(table: pa.Table) -> list[tuple]:
    weekday = (np.asarray(table["day"]) + 3) % 7
    clock = np.asarray(table["at"]) % 86_400
    columns = (np.asarray(table["person"]), np.asarray(table["place"]), weekday, clock)
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


def open_days(table: pa.Table) -> set[tuple[int, int]]:
    return set(zip(table["place"].to_pylist(), table["day"].to_pylist(), strict=True))


def days_at(table: pa.Table) -> dict[tuple[int, int], int]:
    seen = set(zip(*(table[c].to_pylist() for c in ("person", "place", "day")), strict=True))
    return Counter((person, place) for person, place, _ in seen)


def test_persons_keep_place_weekday_hour_and_number_of_days() -> None:
    real = drawn()
    null = dealt(deck(real), seed=3)
    assert habit(null) == habit(real)
    assert days_at(null) == days_at(real)
    assert open_days(null) <= open_days(real)
    assert (np.asarray(null["at"]) // 86_400 == np.asarray(null["day"])).all()
    assert (np.asarray(null["day"]) != np.asarray(real["day"])).mean() > 0.8


def test_a_busy_day_stays_busy() -> None:
    """A market day with ten times the visits of the others draws most of the outings again."""
    day = np.repeat(20_003 + 7 * np.arange(10), [300] + [30] * 9).astype(np.int32)
    real = pa.table(
        {
            "person": np.arange(len(day), dtype=np.int32),
            "place": np.zeros(len(day), np.int32),
            "day": day,
            "at": day.astype(np.int64) * 86_400 + 36_000,
        }
    )
    null = dealt(deck(real), seed=2)
    assert 250 < (np.asarray(null["day"]) == 20_003).sum() < 350


def test_someone_who_comes_every_open_day_still_does() -> None:
    day = (20_003 + 7 * np.arange(30)).astype(np.int32)
    real = pa.table(
        {
            "person": np.zeros(30, np.int32),
            "place": np.zeros(30, np.int32),
            "day": day,
            "at": day.astype(np.int64) * 86_400 + 36_000,
        }
    )
    assert sorted(dealt(deck(real), seed=1)["day"].to_pylist()) == day.tolist()


def test_the_same_seed_gives_the_same_world_and_another_seed_another() -> None:
    real = drawn()
    assert dealt(deck(real), seed=3).equals(dealt(deck(real), seed=3))
    assert not dealt(deck(real), seed=3).equals(dealt(deck(real), seed=4))


def test_a_couple_that_always_comes_together_meets_no_more_than_chance() -> None:
    """Two people, 30 joint Mondays out of 50: shuffled, they meet about 30 · 30 / 50 times."""
    draw = np.random.default_rng(1)
    mondays = 20_003 + 7 * np.arange(50)
    joint = np.sort(draw.choice(mondays, 30, replace=False))
    crowd = np.repeat(mondays, 20)
    day = np.concatenate([joint, joint, crowd]).astype(np.int32)
    person = np.concatenate([np.zeros(30), np.ones(30), 2 + np.arange(len(crowd)) % 300])
    real = pa.table(
        {
            "person": person.astype(np.int32),
            "place": np.zeros(len(day), np.int32),
            "day": day,
            "at": day.astype(np.int64) * 86_400 + 36_000,
        }
    )
    met = []
    for seed in range(20):
        null = dealt(deck(real), seed=seed)
        who, when = np.asarray(null["person"]), np.asarray(null["day"])
        met.append(len(set(when[who == 0]) & set(when[who == 1])))
    assert 12 < np.mean(met) < 22
    assert poisson_tail(np.array([30]), np.array([18.0]))[0] < 0.01
