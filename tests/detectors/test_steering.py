"""Doctor and pharmacy: a hit, near misses, honest neighbours, and chance alone."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from detectors import steering
from detectors.steering_bayes import eb05, fitted, log_tail
from tests.detectors.alone import found, parties
from tests.world import Line, Place, Registration, Settlement, StaffMember, World

START = datetime(2025, 1, 6)
SHOPS = 12
PLACES = (
    *(
        Place(place=f"P{n:02}", kind="pharmacy", longitude=104.0 + n / 50, latitude=30.0)
        for n in range(SHOPS)
    ),
    *(
        Place(place=f"H{n}", kind="clinic", longitude=104.0 + n / 25, latitude=30.01)
        for n in range(6)
    ),
)


def purchases(
    doctor: str,
    house: str,
    patients: list[str],
    shops: list[str],
    *,
    named: bool = True,
    minutes: int = 30,
) -> list[Settlement]:
    """Each patient sees the doctor and then buys; without ``named`` the number is missing."""
    rows = []
    for number, (patient, shop) in enumerate(zip(patients, shops, strict=True)):
        at = START + timedelta(days=number % 60, hours=8 + number % 7, minutes=number % 50)
        key = f"{doctor}-{house}-{patient}-{number:03}"
        rows.append(
            Settlement(
                setl_id=f"V{key}",
                person=patient,
                place=house,
                at=at,
                doctor=doctor,
                kind="outpatient",
            )
        )
        rows.append(
            Settlement(
                setl_id=f"B{key}",
                person=patient,
                place=shop,
                at=at + timedelta(minutes=minutes),
                doctor=doctor if named else None,
            )
        )
    return rows


def county(
    seed: int, *, named: bool = True, skip: tuple[str, ...] = (), habit: float = 0.5
) -> list[Settlement]:
    """Four doctors in each of six houses; patients use their own pharmacy or any other."""
    draw = np.random.default_rng(seed)
    rows = []
    for doctor in range(24):
        name, house = f"D{doctor:02}", f"H{doctor % 6}"
        patients = [f"p{draw.integers(0, 400):03}" for _ in range(40)]
        own = [int(p[1:]) % SHOPS for p in patients]
        shops = [f"P{o if draw.random() < habit else int(draw.integers(0, SHOPS)):02}" for o in own]
        if name not in skip:
            rows += purchases(name, house, patients, shops, named=named)
    for turn in range(1_600):
        person = int(draw.integers(0, 400))
        shop = person % SHOPS if draw.random() < habit else int(draw.integers(0, SHOPS))
        at = START + timedelta(days=int(draw.integers(0, 60)), hours=17, minutes=turn % 60)
        rows.append(
            Settlement(setl_id=f"O{turn:04}", person=f"p{person:03}", place=f"P{shop:02}", at=at)
        )
    return rows


PATIENTS = [f"p{(number * 7) % 400:03}" for number in range(40)]
SENT = ["P11"] * 32 + [f"P{number:02}" for number in range(8)]


def world(*rows: list[Settlement], **tables: object) -> World:
    every = tuple(row for part in rows for row in part)
    return replace(World(settlements=every, places=PLACES), **tables)


@pytest.mark.parametrize("named", [True, False])
def test_a_hit_with_and_without_the_number(tmp_path: Path, named: bool) -> None:
    steered = purchases("D00", "H0", PATIENTS, SENT, named=named)
    result = found(steering, world(county(1, named=named, skip=("D00",)), steered), tmp_path)
    assert len(result) == 1
    assert parties(result) == {("D00", "doctor"), ("H0", "sends"), ("P11", "receives")}
    assert result.p_value[0] * result.tests < 0.05
    assert not len(result.person)
    share, expected = (column[0] for column in result.signs["sent_share"])
    assert share == pytest.approx(32 / 40, abs=0.06)
    assert expected < 0.25
    assert result.signs["sent_eb05"][0][0] > 2
    assert result.signs["sent_minutes"][0][0] == pytest.approx(30)
    further, nearest = (column[0] for column in result.signs["sent_further"])
    assert further > 15 * nearest
    assert result.honest["beside_each_other"][0] < 0.5
    assert result.settlements is not None
    held = result.settlements.to_pylist()
    assert sum(row["certain"] for row in held) >= 32
    assert all(row["setl_id"].startswith("BD00") for row in held)


@pytest.mark.parametrize("who", ["colleagues", "own habit", "few patients", "one patient"])
def test_near_misses(tmp_path: Path, who: str) -> None:
    draw = np.random.default_rng(2)
    if who == "colleagues":  # a busy pharmacy beside a hospital
        rows = []
        for doctor in ("D00", "D06", "D12", "D18"):
            patients = [f"p{draw.integers(0, 400):03}" for _ in range(40)]
            rows += purchases(doctor, "H0", patients, SENT)
        skip: tuple[str, ...] = ("D00", "D06", "D12", "D18")
    elif who == "own habit":  # the patients of a village with one pharmacy
        rows = purchases("D00", "H0", [f"q{n:03}" for n in range(40)], SENT)
        rows += [
            replace(row, setl_id=f"X{turn}{row.setl_id}", doctor=None, at=row.at + timedelta(turn))
            for row in rows
            if row.place == "P11"
            for turn in range(1, 6)
        ]
        skip = ("D00",)
    elif who == "few patients":
        rows, skip = purchases("D00", "H0", PATIENTS[:2], SENT[:2]), ("D00",)
    else:
        rows, skip = purchases("D00", "H0", ["p001"] * 40, ["P11"] * 40), ("D00",)
    assert not len(found(steering, world(county(2, skip=skip), rows), tmp_path))


def test_the_only_pharmacy_with_a_drug_is_expected(tmp_path: Path) -> None:
    base, rows = county(3, skip=("D00",)), purchases("D00", "H0", PATIENTS, SENT)
    others = [
        Settlement(setl_id=f"R{n:03}", person=f"p{n:03}", place="P11", at=START + timedelta(n % 60))
        for n in range(60)
    ]
    rare = {row.setl_id for row in [*rows, *others] if row.place == "P11"}
    every = [row for row in [*base, *rows, *others] if row.place.startswith("P")]
    lines = [Line(setl_id=r.setl_id, drug="XR" if r.setl_id in rare else "XC") for r in every]
    assert not len(found(steering, world(base, rows, others, lines=tuple(lines)), tmp_path / "a"))
    lines = [Line(setl_id=r.setl_id, drug="XC") for r in every]
    result = found(steering, world(base, rows, others, lines=tuple(lines)), tmp_path / "b")
    assert len(result) == 1
    assert result.signs["sent_top_drug"][0][0] == 1.0


def channel(drug: str, doctors: dict[str, str]) -> tuple[list[Settlement], list[Line]]:
    """Each of these doctors sends one drug to P11 and everything else anywhere."""
    rows, lines = [], []
    for number, (doctor, house) in enumerate(doctors.items()):
        who = [f"p{(n * 7 + number * 31) % 400:03}" for n in range(40)]
        here = purchases(doctor, house, who, SENT)
        rows += here
        shops = [row for row in here if row.place.startswith("P")]
        lines += [Line(setl_id=r.setl_id, drug=drug if r.place == "P11" else "XC") for r in shops]
        lines += [Line(setl_id=r.setl_id, drug="XO") for r in shops]
    return rows, lines


def freely(rows: list[Settlement]) -> list[Line]:
    """Every second purchase holds the drug, whoever sends it."""
    shops = [row for row in rows if row.place.startswith("P")]
    return [Line(setl_id=r.setl_id, drug="XR" if n % 2 else "XO") for n, r in enumerate(shops)]


def test_a_drug_of_designated_pharmacies_is_expected(tmp_path: Path) -> None:
    """Whoever prescribes it sends it there (双通道); sold freely elsewhere, it does not matter."""
    houses = {"D00": "H0", "D01": "H1", "D02": "H2", "D03": "H3"}
    base = county(3, skip=tuple(houses))
    free = [Line(setl_id=r.setl_id, drug="XR") for r in base if r.setl_id.startswith("O")]
    rest = [Line(setl_id=r.setl_id, drug="XO") for r in base if r.setl_id.startswith("B")]
    rows, lines = channel("XR", houses)
    tables = {"lines": (*free, *rest, *lines)}
    assert not len(found(steering, world(base, rows, **tables), tmp_path / "a"))


def test_a_designated_drug_covers_what_it_decides(tmp_path: Path) -> None:
    """Many doctors prescribe it as they like, two send it there; a doctor alone is not covered."""
    houses = {"D00": "H0", "D01": "H1"}
    base = county(3, skip=tuple(houses))
    rest = freely(base)
    rows, lines = channel("XR", houses)
    both = found(steering, world(base, rows, lines=(*rest, *lines)), tmp_path / "a")
    assert len(both) == 2
    assert np.all(both.honest["designated_drug"] > 0.5)
    rows, lines = channel("XR", {"D00": "H0"})
    base = county(3, skip=("D00",))
    rest = freely(base)
    alone = found(steering, world(base, rows, lines=(*rest, *lines)), tmp_path / "b")
    assert alone.honest["designated_drug"].max() < 0.2


def test_ties_of_the_doctor(tmp_path: Path) -> None:
    names = tuple(Registration(doctor=f"D{n:02}", place=f"H{n % 6}") for n in range(24))
    staff = (
        StaffMember(staff="S1", org="H0", name="N-0", phone="T-1", account="B-1"),
        StaffMember(staff="S2", org="P11", name="N-9", phone="T-1", account="B-2"),
    )
    rows = [county(4, skip=("D00",)), purchases("D00", "H0", PATIENTS, SENT)]
    result = found(steering, world(*rows, registrations=names, staff=staff), tmp_path / "a")
    # The tiny world has no names of practitioners, so nothing ties and nothing is refuted.
    assert result.signs["sent_linked"][0].tolist() == [0.0]
    bare = found(steering, world(*rows), tmp_path / "b")
    assert np.isnan(bare.signs["sent_linked"][0]).all()
    assert np.isnan(bare.signs["sent_resale"][0]).all()
    assert bare.p_value.tolist() == result.p_value.tolist()


def test_input_order_does_not_matter(tmp_path: Path) -> None:
    one = world(county(5, skip=("D00",)), purchases("D00", "H0", PATIENTS, SENT))
    two = replace(one, settlements=one.settlements[::-1])
    a, b = (found(steering, w, tmp_path / str(n)) for n, w in enumerate((one, two)))
    assert a.others == b.others
    assert a.settlements == b.settlements
    assert a.p_value.tolist() == b.p_value.tolist()


def test_no_prescription_no_group(tmp_path: Path) -> None:
    rows = [replace(row, doctor=None) for row in county(6)]
    assert not len(found(steering, world(rows), tmp_path))


@pytest.mark.parametrize("seed", [7, 8])
def test_chance_alone(tmp_path: Path, seed: int) -> None:
    result = found(steering, world(county(seed)), tmp_path)
    assert np.all(result.p_value * result.tests > 0.05)


def test_ratios_are_found_again_and_tails_hold() -> None:
    """Counts drawn from the null: the shape comes back, p-values are uniform or cautious."""
    draw = np.random.default_rng(9)
    expected = draw.gamma(2.0, 2.0, 6_000)
    count = draw.poisson(expected * draw.gamma(4.0, 1 / 4.0, 6_000)).astype(np.float64)
    seen = count > 0
    ratios = fitted(count[seen], expected[seen])
    assert ratios.shape == pytest.approx(4.0, rel=0.25)
    assert ratios.mean == pytest.approx(1.0, rel=0.05)
    size = np.full(int(seen.sum()), 10_000.0)
    p = np.exp(log_tail(count[seen], expected[seen], size, ratios))
    for level in (0.1, 0.01, 0.001):
        assert np.mean(p <= level) <= 1.6 * level + 2 / len(p)
    few, many = eb05(np.array([2.0, 40.0]), np.array([0.2, 4.0]), ratios)
    assert few < many < 10.0
