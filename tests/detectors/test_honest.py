"""Honest explanations: a hit, a near miss and an unknown for each."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from math import nan

import numpy as np
import pytest

from detectors.evidence import verdicts
from detectors.honest import EXPLANATIONS
from ingest.texts import catalogue
from tests.detectors.groups import MONDAY, PLAIN, RESALE, county, shares, without
from tests.world import Line, Person, World

ITEM = "003107000010000"  # a treatment: an item, no drug


def homes(
    *address: str | None, employer: str | None = None, born: int = 1980
) -> tuple[Person, ...]:
    return tuple(
        Person(person=f"m{m:02}", address=a, birth_year=born, employer=employer)
        for m, a in enumerate(address)
    )


def lodgers(count: int) -> tuple[Person, ...]:
    """Return people of no group who live at the group's address."""
    return tuple(Person(person=f"x{i}", address="a") for i in range(count))


def treated(item: str, **options) -> World:
    """Return a group at a clinic whose joint settlements all hold an item."""
    world = county(place="H1", **options)
    joint = (s.setl_id for s in world.settlements if s.setl_id.startswith("J"))
    return replace(world, lines=world.lines + tuple(Line(setl_id=n, drug=item) for n in joint))


def one_big_day() -> World:
    """Return nine people of whom seven came once and two three times."""
    attend = frozenset({(0, m) for m in range(9)} | {(s, m) for s in (1, 2) for m in (0, 1)})
    return county(members=9, sessions=3, attend=attend)


def dear(members: int, amount: str) -> World:
    """Return people of one address who pay ``amount`` amid customers who pay 20 to 180 each."""
    world = county(members=members, persons=homes(*"a" * members), amount=amount, bystanders=200)
    own = {f"b{n:03}": Decimal(f"{20 * 1.5 ** (n % 5.5):.2f}") for n in range(200)}
    paid = (
        s if s.setl_id[0] == "J" else replace(s, amount=own[s.person], fund=own[s.person])
        for s in world.settlements
    )
    return replace(world, settlements=tuple(paid))


def mondays_apart() -> World:
    """Return a group at a place of 200 customers, on days that nobody else keeps."""
    crowd = county(bystanders=200)
    rare = tuple(
        replace(s, at=s.at + timedelta(days=int(s.setl_id[1:4]) % 5))
        if s.setl_id.startswith("J")
        else s
        for s in crowd.settlements
    )
    return replace(crowd, settlements=rare)


FAMILY = homes(*"aaaaa")
OLD = homes(*"abcde", born=1945)
CASES: dict[str, dict[str, tuple[World, float]]] = {
    "family": {
        "one address": (county(persons=FAMILY), 1.0),
        "one address clears no ring that buys to resell": (
            county(persons=FAMILY, drug=RESALE, amount="400.00"),
            0.0,
        ),
        "a ring that contains a family stays a ring": (county(persons=homes(*"aabcd")), 1 / 10),
        "three with costly medicines are one": (dear(3, "230.00"), 1.0),
        "eight are a ring at one address": (dear(8, "230.00"), 0.0),
        "a house of nine is no family": (county(persons=FAMILY + lodgers(4)), 0.0),
        "without persons": (without(county(), "persons"), nan),
    },
    "neighbours": {
        "three friends": (county(members=3), 1.0),
        "five are too many": (county(members=5), 0.0),
        "three with resale drugs are not ordinary": (county(members=3, drug=RESALE), 0.0),
        "without lines": (without(county(members=3), "lines"), nan),
    },
    "dialysis": {
        "one treatment on fixed weekdays": (treated(ITEM), 1.0),
        "a drug is no treatment": (treated(PLAIN), 0.0),
        "any weekday is no shift": (treated(ITEM, every_days=8, sessions=14), 0.0),
        "without lines": (without(county(place="H1"), "lines"), nan),
    },
    "clinic_day": {
        "elders at a clinic": (county(place="H1", persons=OLD), 1.0),
        "the same people at a pharmacy": (county(place="P1", persons=OLD), 0.0),
        "elders with resale drugs": (county(place="H1", persons=OLD, drug=RESALE), 0.0),
        "without persons": (without(county(place="H1"), "persons"), nan),
    },
    "common_roof": {
        "one employer": (county(persons=homes(*"abcde", employer="E-1")), 1.0),
        "a nursing home": (county(persons=FAMILY + lodgers(6)), 1.0),
        "strangers": (county(), 0.0),
        "without persons": (without(county(), "persons"), nan),
    },
    "health_check": {
        "one big day": (one_big_day(), 9 / 13),
        "eight days alike": (county(), 1 / 8),
    },
    "batch_upload": {
        "all on one second": (county(gap_seconds=0), 1.0),
        "a minute apart": (county(), 0.0),
    },
    "busy_place": {
        "people who come every day": (county(sessions=56, every_days=1, gap_seconds=1), nan),
        "eight mondays of five strangers": (mondays_apart(), nan),
    },
}
NAMES = [(name, case) for name, cases in CASES.items() for case in cases]
Told = dict[tuple[str, str], float]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """What each explanation covers of its cases: a county for each set of tables delivered."""
    found = {}
    for missing in ("", "without persons", "without lines"):
        keys = [key for key in NAMES if (key[1] if key[1].startswith("without") else "") == missing]
        worlds = [CASES[name][case][0] for name, case in keys]
        seen = shares(worlds, tmp_path_factory.mktemp("county"))
        found |= {key: share[key[0]] for key, share in zip(keys, seen, strict=True)}
    return found


@pytest.mark.parametrize(("name", "case"), [key for key in NAMES if key[0] != "busy_place"])
def test_what_an_explanation_covers(told: Told, name: str, case: str) -> None:
    expected = CASES[name][case][1]
    assert told[name, case] == pytest.approx(expected, nan_ok=True)


def test_people_who_come_every_day_meet_by_chance_and_on_eight_days_they_do_not(
    told: Told,
) -> None:
    assert told["busy_place", "people who come every day"] > 0.3
    assert told["busy_place", "eight mondays of five strangers"] < 0.2


def test_verdicts_follow_the_share() -> None:
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
