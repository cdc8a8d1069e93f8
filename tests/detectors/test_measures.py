"""Measures on counties small enough to work the answer out by hand."""

import math
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from detectors.evidence import SIGNS, score
from tests.detectors.groups import RESALE, county, facts_about, seen, without
from tests.world import Person


def observed(about, name: str) -> float:
    return seen(*about, name)[0]


def test_five_cards_eight_mondays(tmp_path: Path) -> None:
    with facts_about(county(drug=RESALE, amount="200.00"), tmp_path) as about:
        assert observed(about, "repeat_sessions") == 8 * 10  # ten pairs, eight days
        assert seen(*about, "repeat_sessions")[1] < 40
        assert observed(about, "joint_share") == 1.0
        assert observed(about, "people_together") == 5.0
        assert observed(about, "households") == 5.0
        assert observed(about, "stack_order") == 1.0
        assert observed(about, "session_gap") == 61.0  # a minute, plus one
        assert observed(about, "resale_share") == 1.0
        assert seen(*about, "resale_share")[1] == pytest.approx(20 * 0.2 / (160 + 20))
        assert observed(about, "fee_level") == 200.0
        assert observed(about, "places_together") == 1.0
        assert observed(about, "growth") == 0.0
        assert observed(about, "one_clerk") == 1.0


def test_visits_alone_lower_the_joint_share(tmp_path: Path) -> None:
    world = county()
    alone = tuple(
        replace(s, setl_id=f"A{s.setl_id}", at=s.at + timedelta(days=1))
        for s in world.settlements
        if s.person == "m00"
    )
    world = replace(world, settlements=world.settlements + alone)
    with facts_about(world, tmp_path) as about:
        assert observed(about, "joint_share") == pytest.approx(40 / 48)


def test_a_queue_has_no_order(tmp_path: Path) -> None:
    world = county()
    turned = tuple(
        replace(s, at=s.at + timedelta(seconds=120 * (4 - 2 * int(s.person[1:]))))
        if s.setl_id.startswith("J") and int(s.setl_id[1:4]) % 2
        else s
        for s in world.settlements
    )
    with facts_about(replace(world, settlements=turned), tmp_path) as about:
        assert observed(about, "stack_order") < 0.0


def test_a_shared_address_is_told_and_few_homes_are_not_held_against_a_group(
    tmp_path: Path,
) -> None:
    same = tuple(Person(person=f"m{m:02}", address="a", birth_year=1980) for m in range(5))
    with facts_about(county(persons=same), tmp_path) as about:
        assert observed(about, "shared_address") == 1.0
        assert observed(about, "households") == 1.0
    sign = SIGNS["households"]
    assert score(sign, np.array([1.0, 4.0]), np.ones(2)).tolist() == [4.0, 4.0]


def test_newcomers_are_growth(tmp_path: Path) -> None:
    attend = frozenset((s, m) for s in range(8) for m in range(5) if m < 3 or s >= 4)
    with facts_about(county(attend=attend), tmp_path) as about:
        assert observed(about, "growth") == pytest.approx(2 / 5)


@pytest.mark.parametrize(("hours", "share"), [((8,), 1.0), ((12,), 0.0), ((8, 12), 0.5)])
def test_swipes_just_after_opening_are_told_against_the_hours_of_the_place(
    tmp_path: Path, hours: tuple[int, ...], share: float
) -> None:
    """Session by session at one of these hours; the place's share is counted by plain loops."""
    world = county()
    moved = tuple(
        replace(s, at=s.at.replace(hour=hours[int(s.setl_id[1:4]) % len(hours)]))
        if s.setl_id.startswith("J")
        else s
        for s in world.settlements
    )
    clocks = [s.at.hour * 3600 + s.at.minute * 60 + s.at.second for s in moved]
    opens, closes = np.quantile(clocks, [0.02, 0.98])
    usual = sum(one <= opens + 2700 or one >= closes - 2700 for one in clocks) / len(clocks)
    assert 0.1 < usual < 0.5
    with facts_about(replace(world, settlements=moved), tmp_path) as about:
        assert seen(*about, "edge_hours") == (share, pytest.approx(usual))


def test_a_place_that_tells_days_alone_leaves_its_edge_hours_open(tmp_path: Path) -> None:
    world = county(hour=8)
    vague = tuple(replace(place, day_precision=True) for place in world.places)
    with facts_about(replace(world, places=vague), tmp_path) as about:
        assert math.isnan(observed(about, "edge_hours"))
        assert observed(about, "joint_share") == 1.0


@pytest.mark.parametrize(
    ("table", "names"),
    [("lines", {"resale_share"}), ("persons", {"households"})],
)
def test_a_missing_table_leaves_the_measure_open(
    tmp_path: Path, table: str, names: set[str]
) -> None:
    with facts_about(without(county(), table), tmp_path) as about:
        for name in names:
            assert math.isnan(observed(about, name))
        assert not math.isnan(observed(about, "repeat_sessions"))
