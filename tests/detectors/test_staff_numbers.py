"""Staff numbers: the same people under a number whose owner is elsewhere, and honest relief."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from detectors import staff_numbers
from ingest.texts import say
from tests.detectors.alone import found, members, parties
from tests.detectors.groups import MONDAY
from tests.world import Person, Settlement, World

GROUP = ("m0", "m1", "m2", "m3")


def row(day: int, hour: float, who: str, clerk: str, device: str | None, n: int) -> Settlement:
    at = MONDAY + timedelta(days=day, hours=hour)
    return Settlement(
        setl_id=f"S{n:05}", person=who, place="H1", at=at, clerk=clerk, device=device,
        kind="institution",
    )  # fmt: skip


def place(*, seed: int = 1, days: int = 60, relief: bool = False) -> list[Settlement]:
    """Two terminals, three clerks in turn; ten ordinary people each morning and afternoon.

    With ``relief`` the clerk off the roster takes the first terminal from eleven to noon.
    """
    draw = np.random.default_rng(seed)
    rows = []
    for day in range(days):
        for half in (0, 1):
            turn = (day + half) % 3
            on = [f"K{turn}", f"K{(turn + 1) % 3}"]
            for _ in range(10):
                desk = int(draw.integers(2))
                hour = 8 + 4 * half + 4 * draw.random()
                clerk = on[desk]
                if relief and desk == 0 and 11 <= hour < 12:
                    clerk = f"K{(turn + 2) % 3}"
                rows.append(
                    row(day, hour, f"p{draw.integers(80):02}", clerk, f"D{desk}", len(rows))
                )
    return rows


def county(rows: list[Settlement]) -> World:
    people = sorted({settlement.person for settlement in rows})
    return World(settlements=tuple(rows), persons=tuple(Person(person=p) for p in people))


def sessions(rows: list[Settlement], clerk: str | None, device: str, *, hour: float = 9.0) -> World:
    """Add the group every fifth day, at the other terminal where the number holds this one.

    ``clerk`` None takes whoever holds the terminal.
    """
    rows = list(rows)
    for day in range(0, 60, 5):
        held = f"K{(day + (hour >= 12)) % 3}"
        for place, who in enumerate(GROUP):
            at = hour + 0.05 * place
            desk = "D1" if held == clerk else device
            rows.append(row(day, at, who, clerk or held, desk, len(rows)))
    return county(rows)


def test_people_settled_under_an_absent_clerks_number_are_found(tmp_path):
    world = sessions(place(), "K2", "D0")
    got = found(staff_numbers, world, tmp_path)
    assert len(got) == 1
    assert members(world, got) == set(GROUP)
    assert parties(got) == {("K2", "number_used"), ("H1", "place")}
    assert got.p_value[0] * got.tests <= 1e-3
    rows = got.settlements.to_pylist()
    assert len(rows) == 48
    assert all(row["certain"] for row in rows)
    observed, expected = (values[0] for values in got.signs["number_off_post"])
    assert observed > 0.9
    assert expected < 0.2
    assert got.signs["number_overlap"][0][0] > 0
    assert got.honest["relief"][0] < 0.2
    assert {sign.name for sign in staff_numbers.SIGNS} == set(got.signs)


def test_input_order_does_not_matter(tmp_path):
    world = sessions(place(), "K2", "D0")
    turned = replace(world, settlements=world.settlements[::-1], persons=world.persons[::-1])
    got = []
    for name, one in (("a", world), ("b", turned)):
        (tmp_path / name).mkdir()
        got.append(found(staff_numbers, one, tmp_path / name))
    assert got[0].others.equals(got[1].others)
    assert sorted(members(world, got[0])) == sorted(GROUP)
    assert got[0].p_value.tolist() == got[1].p_value.tolist()


def test_people_under_whoever_is_on_duty_are_not_found(tmp_path):
    assert len(found(staff_numbers, sessions(place(), None, "D0"), tmp_path)) == 0


def test_a_clerk_at_his_own_post_is_not_found(tmp_path):
    """Pooled cards settled by the clerk who holds the terminal are another matter."""
    rows = place()
    for day in range(60):
        if day % 3 == 0:
            rows += [
                row(day, 9 + 0.1 * n, who, "K0", "D0", len(rows) + n) for n, who in enumerate(GROUP)
            ]
    assert len(found(staff_numbers, county(rows), tmp_path)) == 0


def test_relief_at_noon_is_not_found(tmp_path):
    """People who come at the hour of relief meet the reliever, and so do others."""
    rows = place(relief=True)
    for day in range(0, 60, 3):
        for n, who in enumerate(GROUP):
            rows.append(row(day, 11.1 + 0.1 * n, who, f"K{(day + 2) % 3}", "D0", len(rows)))
    assert len(found(staff_numbers, county(rows), tmp_path)) == 0


def test_without_terminals_an_absent_owner_still_shows(tmp_path):
    world = sessions(place(), "K2", "D0")
    blind = tuple(
        replace(s, device=f"proxy:{s.clerk}", device_proxy=True) for s in world.settlements
    )
    got = found(staff_numbers, replace(world, settlements=blind), tmp_path)
    assert len(got) <= 1  # K2 is on duty on two days in three: less to see, never more
    for gid in range(len(got)):
        assert members(world, got, gid) <= set(GROUP)
        assert np.isnan(got.honest["relief"][gid])


def test_one_clerk_has_no_roster(tmp_path):
    rows = [replace(s, clerk="K0") for s in place(days=20)]
    got = found(staff_numbers, county(rows), tmp_path)
    assert (len(got), got.tests) == (0, 0.0)


@pytest.mark.parametrize("seed", range(3))
def test_nobody_is_proposed_by_chance(tmp_path, seed):
    got = found(staff_numbers, county(place(seed=seed)), tmp_path)
    assert len(got) == 0
    assert got.tests == 3


def test_every_sign_has_words():
    for sign in staff_numbers.SIGNS:
        assert say(f"measure.{sign.name}", "en", observed=0.5, expected=0.1)
        assert say(f"measure.name.{sign.name}", "zh")
    assert say("honest.name.relief", "en")
