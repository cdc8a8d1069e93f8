"""Owner circles: staff and their homes as heaviest patients, and ordinary care at work."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np

from detectors import owners
from detectors.owners_data import Customers
from ingest.texts import say
from tests.detectors.alone import found, members, parties
from tests.detectors.groups import MONDAY
from tests.world import Person, Settlement, StaffMember, World

STAFF = (
    StaffMember(staff="S1", org="P1", role="owner", address="L-1", phone="T-1"),
    StaffMember(staff="S2", org="P1", role="cashier", address="L-2"),
    StaffMember(staff="S3", org="P2", role="cashier", address="L-3"),
)
TIED = {"a1": "L-1", "a2": "L-1", "b1": "L-2", "b2": "L-2"}


def county(*, visits: int, fee: str = "80.00", staff=STAFF, seed: int = 2) -> World:
    """Two hundred customers of two pharmacies; the tied people come to P1 ``visits`` times each."""
    draw = np.random.default_rng(seed)
    rows = []

    def buys(who: str, place: str, times: int, price: str) -> None:
        for day in draw.choice(360, times, replace=False):
            at = MONDAY + timedelta(days=int(day), hours=9 + 8 * draw.random())
            money = Decimal(price)
            rows.append(
                Settlement(
                    setl_id=f"S{len(rows):05}",
                    person=who,
                    place=place,
                    at=at,
                    clerk="S1",
                    amount=money,
                    fund=money,
                )
            )

    for n in range(200):
        times = 1 + int(draw.negative_binomial(1, 0.2))
        buys(f"c{n:03}", "P1" if n % 2 else "P2", min(times, 60), "40.00")
    for who in TIED:
        buys(who, "P1", visits, fee)
    people = [Person(person=f"c{n:03}", address=f"L-c{n // 2:03}") for n in range(200)]
    people += [Person(person=who, address=home) for who, home in TIED.items()]
    return World(settlements=tuple(rows), persons=tuple(people), staff=staff)


def test_staff_and_their_homes_as_heaviest_patients_are_found(tmp_path):
    world = county(visits=45)
    got = found(owners, world, tmp_path)
    assert len(got) == 1
    assert members(world, got) == set(TIED)
    assert parties(got) == {("S1", "owner"), ("S2", "tied_staff"), ("P1", "place")}
    assert got.p_value[0] * got.tests <= 0.01
    assert got.settlements.num_rows == 4 * 45
    observed, expected = (values[0] for values in got.signs["own_each"])
    assert observed == 45
    assert expected < 12
    assert got.signs["own_homes"][0][0] == 2
    assert got.signs["own_fee"][0][0] == 80
    assert got.honest["staff_care"][0] < 0.6
    assert {sign.name for sign in owners.SIGNS} == set(got.signs)


def test_a_few_who_come_every_second_day_hide_nobody(tmp_path):
    """Dialysis: two customers with six times the days of a member, at the same place."""
    world = county(visits=30, fee="40.00")
    model = next(s for s in world.settlements if s.place == "P1")
    patients = [
        replace(model, setl_id=f"D{who}{day:03}", person=who, at=MONDAY + timedelta(days=2 * day))
        for who in ("c001", "c101")
        for day in range(180)
    ]
    ill = replace(world, settlements=(*world.settlements, *patients))
    got = found(owners, ill, tmp_path)
    assert members(ill, got) == set(TIED)


def test_care_like_a_regular_customers_is_not_found(tmp_path):
    assert len(found(owners, county(visits=6, fee="40.00"), tmp_path)) == 0


def test_heavy_patients_of_another_place_are_not_an_owner_circle(tmp_path):
    elsewhere = tuple(replace(one, org="P2") for one in STAFF)
    assert len(found(owners, county(visits=45, staff=elsewhere), tmp_path)) == 0


def test_an_address_of_many_ties_nobody(tmp_path):
    world = county(visits=45)
    crowd = tuple(Person(person=f"z{n}", address=home) for n in range(9) for home in ("L-1", "L-2"))
    crowd = tuple(replace(p, person=f"z{n:02}") for n, p in enumerate(crowd))
    got = found(owners, replace(world, persons=world.persons + crowd), tmp_path)
    assert len(got) == 0


def crowded(*, visitors: int, doors: bool = True) -> World:
    """Twelve people registered at the head's address; so many of them come, 45 times each."""
    world = county(visits=45)
    crowd = [f"a{n:02}" for n in range(12)]
    turn = [s for s in world.settlements if s.person not in TIED]
    model = next(s for s in world.settlements if s.person == "a1")
    for n, who in enumerate(crowd[:visitors]):
        turn += [
            replace(
                model, setl_id=f"T{n:02}{day:03}", person=who, at=MONDAY + timedelta(days=7 * day)
            )
            for day in range(45)
        ]
    people = [p for p in world.persons if p.person not in TIED]
    people = [p if doors else replace(p, address=f"L-{int(p.person[1:]) // 20}") for p in people]
    people += [Person(person=who, address="L-1") for who in crowd]
    return replace(world, settlements=tuple(turn), persons=tuple(people))


def test_relatives_who_gave_one_address_are_found(tmp_path):
    world = crowded(visitors=10)
    got = found(owners, world, tmp_path)
    assert members(world, got) == {f"a{n:02}" for n in range(10)}
    assert got.p_value[0] * got.tests <= 0.01


def test_a_block_or_a_village_ties_nobody(tmp_path):
    """Near misses: few of those registered come; or addresses are no doors."""
    for name, world in (("few", crowded(visitors=5)), ("no", crowded(visitors=10, doors=False))):
        (tmp_path / name).mkdir()
        assert len(found(owners, world, tmp_path / name)) == 0


def test_a_telephone_ties_and_so_does_the_home_behind_it(tmp_path):
    world = county(visits=45)
    moved = tuple(
        replace(p, address="L-new", phone="T-1" if p.person == "a1" else None)
        if p.person in ("a1", "a2")
        else p
        for p in world.persons
    )
    got = found(owners, replace(world, persons=moved), tmp_path)
    assert members(world, got) == set(TIED)


def test_without_staff_nothing_is_looked_at(tmp_path):
    got = found(owners, county(visits=45, staff=None), tmp_path)
    assert (len(got), got.tests) == (0, 0.0)


def test_p_values_are_not_too_small_where_the_tied_are_like_the_others(monkeypatch):
    """Null: any homes of the heavy-tailed customers are called tied; p is at least uniform."""
    monkeypatch.setattr(owners, "PROPOSED", 1.0)
    draw = np.random.default_rng(11)
    places, homes, size = 150, 60, 2
    rows = places * homes * size
    place = np.repeat(np.arange(places), homes * size)
    home = np.arange(rows) // size
    days = 1.0 + draw.negative_binomial(0.5, 0.1, rows)
    fund = days * draw.lognormal(3, 1, rows)
    tied = draw.random(rows // size)[home] < 0.08
    mean = {"days": days.mean(), "fund": fund.mean()}
    customers = Customers(
        place=place, person=np.arange(rows), home=home, tied=tied, days=days, fund=fund,
        usual_days=np.full(rows, mean["days"]), usual_fund=np.full(rows, mean["fund"]),
        places=places,
    )  # fmt: skip
    tests, chosen, p_value, _ = owners._tested(customers, 1)
    assert tests == len(chosen) > 100
    for level in (0.01, 0.05, 0.2):
        limit = level + 3 * np.sqrt(level * (1 - level) / tests)
        assert (p_value <= level).mean() <= limit


def test_every_sign_has_words():
    for sign in owners.SIGNS:
        assert say(f"measure.{sign.name}", "en", observed=0.5, expected=0.1)
        assert say(f"measure.name.{sign.name}", "zh")
    assert say("honest.name.staff_care", "en")
