"""Settle, refund, settle again: a hit, near misses, honest corrections, and chance alone."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from detectors import refunds
from detectors.candidates import Candidates, Context
from detectors.columns import columns
from detectors.settings import DetectSettings
from tests.world import Place, Settlement, World, write_world

START = datetime(2025, 3, 3, 9)
SETTINGS = DetectSettings(threads=1)
PLACES = tuple(Place(place=f"P{number}", kind="pharmacy") for number in range(3))


def cycle(
    name: str,
    person: str,
    at: datetime,
    *,
    place: str = "P0",
    clerk: str = "K0",
    minutes: int = 6,
    amount: str = "200.00",
    again: bool = True,
) -> list[Settlement]:
    paid = Settlement(
        setl_id=f"{name}a",
        person=person,
        place=place,
        at=at,
        device=f"D-{place}",
        clerk=clerk,
        amount=Decimal(amount),
        fund=Decimal(amount),
        refunded=True,
    )
    back = replace(
        paid,
        setl_id=f"{name}b",
        at=at + timedelta(minutes=minutes),
        amount=-paid.amount,
        fund=-paid.fund,
        refunded=False,
        is_refund=True,
        refunds=paid.setl_id,
    )
    last = replace(paid, setl_id=f"{name}c", at=at + timedelta(minutes=2 * minutes), refunded=False)
    return [paid, back, last] if again else [paid, back]


def ordinary(seed: int, *, corrections: float = 0.004) -> list[Settlement]:
    """Purchases of 240 people at three places; a few are corrected on the spot."""
    draw = np.random.default_rng(seed)
    rows: list[Settlement] = []
    for number in range(2_400):
        person, place = number % 240, f"P{(number % 240) % 3}"
        at = START + timedelta(days=int(draw.integers(0, 200)), minutes=int(draw.integers(0, 600)))
        name, clerk = f"B{number:04}", f"K{int(draw.integers(0, 3))}"
        amount = f"{draw.uniform(20, 200):.2f}"
        if draw.random() < corrections:
            rows += cycle(name, f"b{person}", at, place=place, clerk=clerk, amount=amount)
        else:
            rows.append(
                Settlement(
                    setl_id=name,
                    person=f"b{person}",
                    place=place,
                    at=at,
                    device=f"D-{place}",
                    clerk=clerk,
                    amount=Decimal(amount),
                    fund=Decimal(amount),
                )
            )
    return rows


def group(times: int, *, people: int = 5, minutes: int = 6, again: bool = True) -> list[Settlement]:
    rows: list[Settlement] = []
    for turn in range(times):
        for m in range(people):
            at = START + timedelta(days=9 * turn, hours=2, minutes=m)
            rows += cycle(f"J{turn}-{m}", f"m{m}", at, minutes=minutes, again=again)
    return rows


def world(rows: list[Settlement]) -> World:
    return World(settlements=tuple(rows), places=PLACES)


def found(county: World, folder: Path) -> Candidates:
    space = write_world(county, folder)
    with columns(folder, SETTINGS) as backend:
        return refunds.find(
            Context(
                backend=backend,
                workspace=space,
                settings=SETTINGS,
                ground=None,  # type: ignore[arg-type] # a cycle is no meeting
                pairs=None,  # type: ignore[arg-type]
                null_pairs=(),
            )
        )


def people(county: World, candidates: Candidates) -> list[str]:
    names = sorted({s.person for s in county.settlements})
    return [names[number] for number in candidates.person]


@pytest.mark.parametrize("minutes", [2, 6, 50])
def test_the_cards_of_one_counter(tmp_path: Path, minutes: int) -> None:
    rows = group(4, minutes=minutes)
    county = world(ordinary(1) + rows)
    candidates = found(county, tmp_path)
    assert len(candidates) == 1
    assert people(county, candidates) == [f"m{m}" for m in range(5)]
    assert candidates.p_value[0] <= 0.01
    assert candidates.others is not None
    assert candidates.settlements is not None
    others = {(row["entity_type"], row["entity_id"]) for row in candidates.others.to_pylist()}
    assert others == {("place", "P0"), ("device", "D-P0"), ("staff", "K0")}
    held = candidates.settlements.filter(candidates.settlements["certain"])
    assert sorted(held["setl_id"].to_pylist()) == sorted(s.setl_id for s in rows)
    assert candidates.signs["refund_cycles"][0][0] == 20
    assert candidates.signs["refund_minutes"][0][0] == minutes + 1
    assert candidates.signs["refund_same_amount"][0][0] == 1.0
    assert candidates.signs["refund_share"][0][0] == 0.5
    assert candidates.honest["system_fault"].tolist() == [0.0]


def test_other_settlements_of_the_members_may_belong_to_it(tmp_path: Path) -> None:
    extra = Settlement(setl_id="X", person="m0", place="P0", at=START + timedelta(days=12))
    candidates = found(world([*ordinary(1), *group(4), extra]), tmp_path)
    assert candidates.settlements is not None
    rest = candidates.settlements.filter(
        [not sure for sure in candidates.settlements["certain"].to_pylist()]
    )
    assert rest["setl_id"].to_pylist() == ["X"]


@pytest.mark.parametrize(
    "rows",
    [
        group(1),  # a correction each
        group(4, again=False),  # given back, not settled again
        group(4, people=2),  # fewer people than a group has
        group(4, minutes=30 * 60),  # settled again days later
    ],
)
def test_near_misses(tmp_path: Path, rows: list[Settlement]) -> None:
    assert len(found(world(ordinary(2) + rows), tmp_path)) == 0


@pytest.mark.parametrize("corrections", [0.0, 0.004, 0.1])
def test_corrections_alone_are_usual_wherever_they_are_many(
    tmp_path: Path, corrections: float
) -> None:
    candidates = found(world(ordinary(3, corrections=corrections)), tmp_path)
    assert not (candidates.p_value <= 0.01).any()


def test_input_order_does_not_matter(tmp_path: Path) -> None:
    county = world(ordinary(1) + group(3))
    there = found(county, tmp_path / "a")
    back = found(replace(county, settlements=county.settlements[::-1]), tmp_path / "b")
    assert np.array_equal(there.person, back.person)
    assert np.array_equal(there.p_value, back.p_value)
    assert there.signs["refund_cycles"][1] == back.signs["refund_cycles"][1]
