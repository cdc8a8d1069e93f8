"""Measures on counties small enough to work the answer out by hand."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from detectors.measures import MEASURES
from tests.detectors.groups import RESALE, county, facts_about, without


def observed(evidence, name: str) -> float:
    return float(evidence.observed[name][0])


def test_five_cards_eight_mondays(tmp_path: Path) -> None:
    with facts_about(county(drug=RESALE, amount="200.00"), tmp_path) as (_, evidence):
        assert observed(evidence, "repeat_sessions") == 8 * 10  # ten pairs, eight days
        assert evidence.expected["repeat_sessions"][0] < 40
        assert observed(evidence, "joint_share") == 1.0
        assert observed(evidence, "people_together") == 5.0
        assert observed(evidence, "households") == 5.0
        assert observed(evidence, "stack_order") == 1.0
        assert observed(evidence, "session_gap") == 61.0  # a minute, plus one
        assert observed(evidence, "resale_share") == 1.0
        assert evidence.expected["resale_share"][0] == pytest.approx(40 / 200)
        assert observed(evidence, "fee_level") == 200.0
        assert observed(evidence, "places_together") == 1.0
        assert observed(evidence, "growth") == 0.0
        assert observed(evidence, "one_clerk") == 1.0


def test_visits_alone_lower_the_joint_share(tmp_path: Path) -> None:
    world = county()
    alone = tuple(
        replace(s, setl_id=f"A{s.setl_id}", at=s.at + timedelta(days=1))
        for s in world.settlements
        if s.person == "m00"
    )
    world = replace(world, settlements=world.settlements + alone)
    with facts_about(world, tmp_path) as (_, evidence):
        assert observed(evidence, "joint_share") == pytest.approx(40 / 48)


def test_a_queue_has_no_order(tmp_path: Path) -> None:
    world = county()
    turned = tuple(
        replace(s, at=s.at + timedelta(seconds=120 * (4 - 2 * int(s.person[1:]))))
        if s.setl_id.startswith("J") and int(s.setl_id[1:4]) % 2
        else s
        for s in world.settlements
    )
    with facts_about(replace(world, settlements=turned), tmp_path) as (_, evidence):
        assert observed(evidence, "stack_order") < 0.0


def test_newcomers_are_growth(tmp_path: Path) -> None:
    attend = frozenset((s, m) for s in range(8) for m in range(5) if m < 3 or s >= 4)
    with facts_about(county(attend=attend), tmp_path) as (_, evidence):
        assert observed(evidence, "growth") == pytest.approx(2 / 5)


@pytest.mark.parametrize(
    ("table", "names"),
    [("lines", {"resale_share"}), ("persons", {"households"})],
)
def test_a_missing_table_leaves_the_measure_open(
    tmp_path: Path, table: str, names: set[str]
) -> None:
    with facts_about(without(county(), table), tmp_path) as (_, evidence):
        missing = {
            m.name for m in MEASURES if evidence.observed[m.name][0] != evidence.observed[m.name][0]
        }
        assert names <= missing
        assert "repeat_sessions" not in missing
