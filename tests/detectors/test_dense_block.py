"""Dense blocks: camouflage does not hide them, and bundles of one stack are joined."""

import numpy as np
import pytest

from detectors import bundles
from detectors.candidates import Candidates
from detectors.dense_block import blocks, densest
from detectors.settings import DetectSettings
from detectors.world import Pairs

HOME = np.zeros(8, np.int64)


def clique(people: list[int], bits: float) -> list[tuple[int, int, float]]:
    return [(a, b, bits) for a in people for b in people if a < b]


def core(edges: list[tuple[int, int, float]], size: int) -> list[int]:
    a, b, bits = (np.array(column) for column in zip(*edges, strict=True))
    free = np.ones(size, np.bool_)
    return np.flatnonzero(densest(a, b, bits, np.zeros(size, np.int64), free)).tolist()


def test_the_densest_part_is_found_in_a_looser_community() -> None:
    edges = [*clique([0, 1, 2, 3], 4.0), (3, 4, 1.0), (4, 5, 1.0), (5, 6, 1.0)]
    assert core(edges, 7) == [0, 1, 2, 3]


def test_it_is_the_best_of_all_subsets() -> None:
    draw = np.random.default_rng(2)
    for _ in range(20):
        edges = [(a, b, float(draw.random())) for a, b, _ in clique(list(range(7)), 1.0)]
        edges = [e for e in edges if draw.random() < 0.6] or edges[:1]

        def density(people: set[int], edges=edges) -> float:
            return sum(w for a, b, w in edges if {a, b} <= people) / len(people)

        every = [{i for i in range(7) if mask >> i & 1} for mask in range(1, 128)]
        best = max(density(people) for people in every)
        assert density(set(core(edges, 7))) >= best / 2 - 1e-12  # Charikar's bound


def test_camouflage_with_strangers_does_not_hide_a_block() -> None:
    block = clique([0, 1, 2, 3, 4], 4.0)
    spread = [(member, 5 + stranger, 0.5) for member in range(5) for stranger in range(20)]
    assert core(block + spread, 25) == [0, 1, 2, 3, 4]


def test_blocks_are_taken_one_after_another() -> None:
    edges = clique([0, 1, 2, 3], 1.0) + clique([10, 11, 12], 1.0)
    lo, hi, _ = (np.array(column, np.int64) for column in zip(*edges, strict=True))
    size = len(lo)
    pairs = Pairs(
        lo=lo,
        hi=hi,
        days=np.full(size, 8),
        places=np.ones(size, np.int64),
        expected=np.full(size, 0.1),
        p_value=np.full(size, 1e-3),
        q_value=np.full(size, 0.5),
    )
    found = blocks(pairs, DetectSettings())
    groups = {frozenset(found.person[found.group == g].tolist()) for g in np.unique(found.group)}
    assert groups == {frozenset({0, 1, 2, 3}), frozenset({10, 11, 12})}


@pytest.mark.parametrize(("lag", "joined"), [(0, True), (1, True), (3, False)])
def test_days_of_two_bundles(lag: int, joined: bool) -> None:
    import pyarrow as pa

    draw = np.random.default_rng(4)
    first = np.sort(draw.choice(300, 12, replace=False)) + 20_000
    gid = np.repeat([0, 1], 12)
    days = pa.table({"gid": gid, "place": np.zeros(24, np.int64), "day": np.r_[first, first + lag]})
    opened = pa.table({"place": [0] * 7, "weekday": range(7), "opened": [43] * 7})
    order = np.lexsort((days["day"].to_numpy(), gid))
    a, b, n, p = bundles._common(days.take(order), opened)
    assert (a.tolist(), b.tolist()) == ([0], [1])
    assert (int(n[0]) == 12) is joined
    assert p[0] < 1e-12 if joined else p[0] > 1e-3


def test_shifts_on_the_same_weekdays_explain_each_other() -> None:
    import pyarrow as pa

    mondays = 20_003 + 7 * np.arange(40)  # a Monday, all year
    gid = np.repeat([0, 1], 40)
    days = pa.table({"gid": gid, "place": np.zeros(80, np.int64), "day": np.r_[mondays, mondays]})
    opened = pa.table({"place": [0] * 7, "weekday": range(7), "opened": [40] * 7})
    _, _, n, p = bundles._common(days, opened)
    assert n[0] == 40
    assert p[0] == 1.0


def test_joined_bundles_are_one_group() -> None:
    pools = Candidates(
        gid=np.array([0, 0, 1, 1, 2]),
        person=np.array([1, 2, 3, 4, 5]),
        stability=np.array([1.0, 0.8, 1.0]),
        statistic=np.array([2.0, 4.0, 1.0]),
        p_value=np.array([1e-6, 1e-4, 1e-3]),
    )
    found = bundles._joined(pools, np.array([0]), np.array([1]))
    assert found.person.tolist() == [1, 2, 3, 4]
    assert found.p_value.tolist() == [1e-4]
    assert found.stability.tolist() == pytest.approx([0.9])
