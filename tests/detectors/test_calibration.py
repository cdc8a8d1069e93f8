"""Calibration: null worlds may only raise an expectation, and only where they show more."""

import numpy as np
import pytest

from detectors.calibration import calibrated
from detectors.pairs import poisson_tail
from detectors.world import Pairs


def pairs(*rows: tuple[int, int, int, float]) -> Pairs:
    lo, hi, days = (np.array([row[i] for row in rows], dtype=np.int64) for i in range(3))
    expected = np.array([row[3] for row in rows], dtype=float)
    p = poisson_tail(days, expected)
    return Pairs(
        lo=lo, hi=hi, days=days, places=np.ones_like(days), expected=expected, p_value=p, q_value=p
    )


REAL = pairs((1, 2, 40, 10.0), (1, 3, 8, 0.5), (4, 9, 5, 0.1))


def test_a_shift_that_null_worlds_also_keep_is_no_longer_unlikely() -> None:
    worlds = [pairs((1, 2, 38, 10.0)), pairs((1, 2, 42, 10.0), (7, 8, 3, 0.1))]
    result = calibrated(REAL, worlds, tests=100.0)
    assert result.expected[0] == 40.0
    assert result.p_value[0] > 0.4
    assert (result.expected[1:] == REAL.expected[1:]).all()
    assert (result.p_value[1:] == REAL.p_value[1:]).all()


def test_a_world_without_the_pair_counts_as_none() -> None:
    result = calibrated(REAL, [pairs((1, 3, 4, 0.5)), pairs((4, 5, 3, 0.1))], tests=100.0)
    assert result.expected[1] == pytest.approx(2.0)


def test_q_counts_every_test() -> None:
    few = calibrated(REAL, [pairs((4, 5, 3, 0.1))], tests=3.0)
    many = calibrated(REAL, [pairs((4, 5, 3, 0.1))], tests=1e6)
    assert (many.q_value > few.q_value).all()


def test_without_worlds_nothing_changes() -> None:
    assert calibrated(REAL, [], tests=10.0) is REAL
