"""Honest explanations: a hit, a near miss and an unknown for each."""

import math
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from detectors.evidence import verdicts
from detectors.honest import EXPLANATIONS
from ingest.texts import catalogue
from tests.detectors.groups import MONDAY, PLAIN, RESALE, county, share, without
from tests.world import Line, Person, World


def homes(
    *address: str | None, employer: str | None = None, born: int = 1980
) -> tuple[Person, ...]:
    return tuple(
        Person(person=f"m{m:02}", address=a, birth_year=born, employer=employer)
        for m, a in enumerate(address)
    )


class TestFamily:
    def test_one_address(self, tmp_path: Path) -> None:
        world = county(persons=homes("a", "a", "a", "a", "a"))
        assert share(world, tmp_path, "family") == 1.0

    def test_one_address_clears_no_ring_that_buys_to_resell(self, tmp_path: Path) -> None:
        world = county(persons=homes("a", "a", "a", "a", "a"), drug=RESALE, amount="400.00")
        assert share(world, tmp_path, "family") == 0.0

    def test_a_ring_that_contains_a_family_stays_a_ring(self, tmp_path: Path) -> None:
        world = county(persons=homes("a", "a", "b", "c", "d"))
        assert share(world, tmp_path, "family") == pytest.approx(1 / 10)

    def test_a_house_of_nine_is_no_family(self, tmp_path: Path) -> None:
        more = tuple(Person(person=f"x{i}", address="a") for i in range(4))
        world = county(persons=homes("a", "a", "a", "a", "a") + more)
        assert share(world, tmp_path, "family") == 0.0

    def test_without_persons_not_testable(self, tmp_path: Path) -> None:
        assert math.isnan(share(without(county(), "persons"), tmp_path, "family"))


class TestNeighbours:
    def test_three_friends(self, tmp_path: Path) -> None:
        assert share(county(members=3), tmp_path, "neighbours") == 1.0

    def test_five_are_too_many(self, tmp_path: Path) -> None:
        assert share(county(members=5), tmp_path, "neighbours") == 0.0

    def test_three_with_resale_drugs_are_not_ordinary(self, tmp_path: Path) -> None:
        assert share(county(members=3, drug=RESALE), tmp_path, "neighbours") == 0.0

    def test_without_lines_not_testable(self, tmp_path: Path) -> None:
        assert math.isnan(share(without(county(members=3), "lines"), tmp_path, "neighbours"))


class TestDialysis:
    def treated(self, item: str, **options) -> World:
        world = county(place="H1", **options)
        treatment = tuple(
            Line(setl_id=s.setl_id, drug=item)
            for s in world.settlements
            if s.setl_id.startswith("J")
        )
        return replace(world, lines=world.lines + treatment)

    def test_one_treatment_on_fixed_weekdays(self, tmp_path: Path) -> None:
        assert share(self.treated("003107000010000"), tmp_path, "dialysis") == 1.0

    def test_a_drug_is_no_treatment(self, tmp_path: Path) -> None:
        assert share(self.treated(PLAIN), tmp_path, "dialysis") == 0.0

    def test_any_weekday_is_no_shift(self, tmp_path: Path) -> None:
        world = self.treated("003107000010000", every_days=8, sessions=14)
        assert share(world, tmp_path, "dialysis") == 0.0

    def test_without_lines_not_testable(self, tmp_path: Path) -> None:
        assert math.isnan(share(without(county(place="H1"), "lines"), tmp_path, "dialysis"))


class TestClinicDay:
    def test_elders_at_a_clinic(self, tmp_path: Path) -> None:
        world = county(place="H1", persons=homes(*"abcde", born=1945))
        assert share(world, tmp_path, "clinic_day") == 1.0

    def test_the_same_people_at_a_pharmacy(self, tmp_path: Path) -> None:
        world = county(place="P1", persons=homes(*"abcde", born=1945))
        assert share(world, tmp_path, "clinic_day") == 0.0

    def test_elders_with_resale_drugs(self, tmp_path: Path) -> None:
        world = county(place="H1", persons=homes(*"abcde", born=1945), drug=RESALE)
        assert share(world, tmp_path, "clinic_day") == 0.0

    def test_without_persons_not_testable(self, tmp_path: Path) -> None:
        world = without(county(place="H1"), "persons")
        assert math.isnan(share(world, tmp_path, "clinic_day"))


class TestCommonRoof:
    def test_one_employer(self, tmp_path: Path) -> None:
        world = county(persons=homes(*"abcde", employer="E-1"))
        assert share(world, tmp_path, "common_roof") == 1.0

    def test_a_nursing_home(self, tmp_path: Path) -> None:
        more = tuple(Person(person=f"x{i}", address="a") for i in range(6))
        world = county(persons=homes("a", "a", "a", "a", "a") + more)
        assert share(world, tmp_path, "common_roof") == 1.0

    def test_strangers(self, tmp_path: Path) -> None:
        assert share(county(), tmp_path, "common_roof") == 0.0

    def test_without_persons_not_testable(self, tmp_path: Path) -> None:
        assert math.isnan(share(without(county(), "persons"), tmp_path, "common_roof"))


class TestHealthCheck:
    def test_one_big_day(self, tmp_path: Path) -> None:
        attend = frozenset({(0, m) for m in range(9)} | {(s, m) for s in (1, 2) for m in (0, 1)})
        world = county(members=9, sessions=3, attend=attend)
        assert share(world, tmp_path, "health_check") == pytest.approx(9 / 13)

    def test_eight_days_alike(self, tmp_path: Path) -> None:
        assert share(county(), tmp_path, "health_check") == pytest.approx(1 / 8)


class TestBusyPlace:
    def test_people_who_come_every_day_meet_by_chance(self, tmp_path: Path) -> None:
        world = county(sessions=56, every_days=1, gap_seconds=1)
        assert share(world, tmp_path, "busy_place") > 0.3

    def test_eight_mondays_of_five_strangers_are_no_chance(self, tmp_path: Path) -> None:
        crowd = county(bystanders=200)
        rare = tuple(
            replace(s, at=s.at + timedelta(days=int(s.setl_id[1:4]) % 5))
            if s.setl_id.startswith("J")
            else s
            for s in crowd.settlements
        )
        assert share(replace(crowd, settlements=rare), tmp_path, "busy_place") < 0.2


class TestBatchUpload:
    def test_all_on_one_second(self, tmp_path: Path) -> None:
        assert share(county(gap_seconds=0), tmp_path, "batch_upload") == 1.0

    def test_a_minute_apart(self, tmp_path: Path) -> None:
        assert share(county(), tmp_path, "batch_upload") == 0.0


def test_verdicts_follow_the_share() -> None:
    import numpy as np

    assert verdicts(np.array([0.9, 0.6, 0.3, 0.1, np.nan])) == [
        "explains",
        "explains",
        "partly",
        "refuted",
        "not_testable",
    ]


def test_every_explanation_has_its_texts() -> None:
    texts = catalogue()
    for explanation in EXPLANATIONS:
        assert f"honest.name.{explanation.name}" in texts
        assert f"measure.honest_{explanation.name}" in texts


def test_monday_is_a_monday() -> None:
    assert MONDAY.weekday() == 0
