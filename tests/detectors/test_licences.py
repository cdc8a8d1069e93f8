"""A number at two sites: hits, near misses, honest practice, strays, and chance alone."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from detectors import licences
from detectors.licences_signs import divergence
from tests.detectors.alone import found, parties
from tests.world import Line, Place, Registration, Settlement, World

START = datetime(2025, 1, 6)
SITES = tuple(
    Place(place=f"H{number}", kind="clinic", longitude=104.0 + number / 10, latitude=30.0)
    for number in range(8)
)
DOCTORS = tuple(
    Registration(doctor=f"D{number:02}", place=f"H{number % 8}") for number in range(32)
)


def signed(
    doctor: str, site: str, day: int, hour: float, *, kind: str = "outpatient"
) -> Settlement:
    at = START + timedelta(days=day, hours=hour)
    name = f"{doctor}-{site}-{day:03}-{round(hour * 60):04}"
    return Settlement(
        setl_id=name, person=f"p{hash_(name):03}", place=site, at=at, doctor=doctor, kind=kind
    )


def hash_(name: str) -> int:
    return sum(ord(letter) * (number + 1) for number, letter in enumerate(name)) % 300


def ordinary(seed: int, *, strays: float = 0.0) -> list[Settlement]:
    """32 doctors at eight sites, four hours a day; some rows carry another doctor's number."""
    draw = np.random.default_rng(seed)
    rows = []
    for number in range(32):
        for day in range(0, 60):
            if day % 7 < 5 and draw.random() < 0.7:
                for hour in np.sort(draw.uniform(8, 12, 3)):
                    who = number if draw.random() >= strays else int(draw.integers(0, 32))
                    rows.append(signed(f"D{who:02}", f"H{number % 8}", day, float(hour)))
    return list({row.setl_id: row for row in rows}.values())


def second(
    doctor: str = "D00", site: str = "H5", *, days: range = range(0, 60, 2), hour: float = 9.0
) -> list[Settlement]:
    return [
        signed(doctor, site, day, hour + turn / 2)
        for day in days
        if day % 7 < 5
        for turn in range(4)
    ]


def world(*rows: list[Settlement], register: tuple[Registration, ...] | None = DOCTORS) -> World:
    every = [row for part in rows for row in part]
    return World(settlements=tuple(every), places=SITES, registrations=register)


@pytest.mark.parametrize("strays", [0.0, 0.03])
def test_a_hit(tmp_path: Path, strays: float) -> None:
    county = world(ordinary(1, strays=strays), second())
    result = found(licences, county, tmp_path)
    best = int(np.argmax(result.statistic))
    assert parties(result, best) == {("D00", "doctor"), ("H0", "home_site"), ("H5", "other_site")}
    assert result.p_value[best] * result.tests < 0.05
    assert not len(result.person)
    assert result.signs["lent_days"][0][best] >= 22
    assert result.signs["lent_overlap_days"][0][best] >= 10
    assert result.signs["lent_distance"][0][best] == pytest.approx(48.2, abs=0.5)
    assert result.honest["registered_sites"][best] == 0.0
    assert result.honest["moved_site"][best] < 0.1
    assert result.settlements is not None
    held = [row for row in result.settlements.to_pylist() if row["gid"] == best]
    assert {row["setl_id"][:6] for row in held} == {"D00-H5"}
    assert all(row["certain"] for row in held)


def test_a_number_lent_to_two_sites_is_one_group(tmp_path: Path) -> None:
    """A site where it is registered stays a group of its own: the register says another thing."""
    lawful = (*DOCTORS, Registration(doctor="D00", place="H2"))
    rows = [second(), second(site="H6", hour=9.2), second(site="H2", hour=9.4)]
    result = found(licences, world(ordinary(1), *rows, register=lawful), tmp_path)
    lent, registered = np.argsort(result.honest["registered_sites"]).tolist()
    assert parties(result, lent) >= {("H5", "other_site"), ("H6", "other_site")}
    assert {place for place, _ in parties(result, registered)} == {"D00", "H0", "H2"}
    assert len(parties(result, lent)) == 4
    assert result.settlements is not None
    held = [row["setl_id"][4:6] for row in result.settlements.to_pylist() if row["gid"] == lent]
    assert set(held) == {"H5", "H6"}
    assert len(result) == 2


def test_only_the_other_site_is_in_the_extract(tmp_path: Path) -> None:
    away = (*DOCTORS, Registration(doctor="D99", place="H999"))
    result = found(licences, world(ordinary(2), second("D99"), register=away), tmp_path)
    assert parties(result) == {("D99", "doctor"), ("H999", "home_site"), ("H5", "other_site")}
    assert np.isnan(result.honest["moved_site"][0])


def test_without_a_register_only_two_places_at_once_speak(tmp_path: Path) -> None:
    county = world(ordinary(3), second(), register=None)
    result = found(licences, county, tmp_path / "a")
    assert parties(result) == {("D00", "doctor"), ("H0", "home_site"), ("H5", "other_site")}
    assert np.isnan(result.signs["lent_days"][0][0])
    assert np.isnan(result.honest["registered_sites"][0])
    assert result.settlements is not None
    assert {row["certain"] for row in result.settlements.to_pylist()} == {True, False}
    evenings = world(ordinary(3), second(hour=16.0), register=None)
    assert not len(found(licences, evenings, tmp_path / "b"))


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        (second(days=range(0, 2)), DOCTORS),
        (second(hour=16.0), (*DOCTORS, Registration(doctor="D00", place="H5"))),
        ([replace(row, doctor=None) for row in second()], DOCTORS),
        ([replace(row, place="P1") for row in second()], DOCTORS),
    ],
    ids=["two days", "registered, afternoons", "unsigned", "prescriptions at a pharmacy"],
)
def test_near_misses(
    tmp_path: Path, rows: list[Settlement], names: tuple[Registration, ...]
) -> None:
    assert not len(found(licences, world(ordinary(4), rows, register=names), tmp_path))


def test_lawful_practice_is_covered(tmp_path: Path) -> None:
    """A supervising signature overlaps all day and is registered, for as long as it is."""
    both = Registration(doctor="D00", place="H5", since=date(2020, 1, 1))
    result = found(
        licences, world(ordinary(5), second(), register=(*DOCTORS, both)), tmp_path / "a"
    )
    assert result.honest["registered_sites"].tolist() == [1.0]
    ended = replace(both, until=(START + timedelta(days=29)).date())
    result = found(
        licences, world(ordinary(5), second(), register=(*DOCTORS, ended)), tmp_path / "b"
    )
    assert 0.3 < result.honest["registered_sites"][0] < 0.7


def test_a_change_of_workplace_is_covered(tmp_path: Path) -> None:
    stayed = [row for row in ordinary(6) if row.doctor != "D00" or row.at < START + timedelta(30)]
    county = world(stayed, second(days=range(31, 60)))
    assert found(licences, county, tmp_path).honest["moved_site"].tolist() == [1.0]


def test_a_placeholder_is_nobody(tmp_path: Path) -> None:
    many = tuple(Place(place=f"H{number}", kind="clinic") for number in range(12))
    rows = [row for number in range(12) for row in second("D77", f"H{number}")]
    assert not len(found(licences, replace(world(ordinary(7), rows), places=many), tmp_path))


def test_rough_clocks_say_nothing(tmp_path: Path) -> None:
    county = world(ordinary(8), second(), register=None)
    rough = tuple(replace(place, day_precision=True) for place in SITES)
    assert not len(found(licences, replace(county, places=rough), tmp_path))


def test_strays_alone(tmp_path: Path) -> None:
    """One row in twenty is mis-keyed: nothing survives the number of tests."""
    result = found(licences, world(ordinary(9, strays=0.05)), tmp_path)
    assert np.all(result.p_value * result.tests > 0.05)


def test_the_mix_differs_beyond_a_random_split(tmp_path: Path) -> None:
    county = world(ordinary(10), second())
    drug = {row.setl_id: f"X{row.place}" for row in county.settlements}
    lines = tuple(Line(setl_id=name, drug=code) for name, code in sorted(drug.items()))
    result = found(licences, replace(county, lines=lines), tmp_path)
    observed, expected = (column[0] for column in result.signs["lent_mix"])
    assert observed == pytest.approx(1.0)
    assert expected < 0.1
    assert divergence(np.array([[3.0, 1.0], [3.0, 1.0]])) == pytest.approx(0.0)
