"""Chance: p-values of groups are honest under the null and small far beyond it."""

import numpy as np
import pytest

from detectors.chance import group_p_values, group_q_values


def test_a_null_world_judged_by_others_gets_uniform_p_values() -> None:
    draw = np.random.default_rng(4)
    null = [draw.exponential(5.0, 200) for _ in range(10)]
    p = group_p_values(draw.exponential(5.0, 200), null)
    for level in (0.05, 0.2, 0.5):
        assert (p <= level).mean() <= level + 3 * np.sqrt(level / 200)


def test_far_beyond_the_null_the_tail_reaches_below_the_resolution_of_the_pool() -> None:
    null = [np.random.default_rng(s).exponential(5.0, 200) for s in range(5)]
    p = group_p_values(np.array([4.0, 150.0]), null)
    assert p[0] > 0.1
    assert p[1] < 1e-8


def test_no_null_group_at_all_gives_the_least_the_pool_can_say() -> None:
    p = group_p_values(np.array([50.0, 60.0, 70.0]), [np.empty(0)] * 9)
    assert p == pytest.approx(np.full(3, 1 / 28))


def test_without_null_worlds_nothing_is_significant() -> None:
    assert (group_p_values(np.array([50.0, 60.0]), []) == 1.0).all()


def test_q_is_at_least_p_and_keeps_its_order() -> None:
    p = np.array([0.001, 0.04, 0.5, 0.01])
    q = group_q_values(p)
    assert (q >= p).all()
    assert (np.argsort(q, kind="stable") == np.argsort(p, kind="stable")).all()
