"""The rows derived from the clean tables, against answers worked out by hand or by plain loops."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.rows import LOADED_RELATIONSHIPS, prepared
from graph.schema import node
from tests.world import (
    NOON,
    Line,
    ManualClaim,
    Person,
    Place,
    Registration,
    Settlement,
    StaffMember,
    Terminal,
    World,
    write_world,
)

ENDS = ["start_label", "start_key", "end_label", "end_key"]


def rows(world: World, folder: Path, query: str) -> list[tuple[Any, ...]]:
    with prepared(write_world(world, folder)) as connection:
        return connection.execute(query).fetchall()


def one(**changes: Any) -> Settlement:
    return replace(Settlement(setl_id="s1", person="p1"), **changes)


def test_a_refund_is_no_event_and_its_original_is_marked(tmp_path: Path) -> None:
    world = World(
        settlements=(
            one(refunded=True),
            one(setl_id="s2", is_refund=True, refunds="s1", amount=Decimal("-10.00")),
            one(setl_id="s3", online=False),
        )
    )
    found = rows(world, tmp_path, "SELECT setl_id, refunded FROM rel_SWIPED_AT")
    assert found == [("s1", True)]


def test_a_settlement_without_terminal_and_clerk_swipes_at_the_place(tmp_path: Path) -> None:
    world = World(settlements=(one(device=None), one(setl_id="s2", device="D1")))
    devices = "SELECT device_id, proxy, basis, known FROM node_Device ORDER BY ALL"
    assert rows(world, tmp_path, devices) == [
        ("D1", False, "terminal", False),
        ("proxy:P1:", True, "place", False),
    ]
    placed = "SELECT start_key, end_label, end_key FROM rel_INSTALLED_AT ORDER BY ALL"
    assert rows(world, tmp_path, placed) == [
        ("D1", "Pharmacy", "P1"),
        ("proxy:P1:", "Pharmacy", "P1"),
    ]


def test_money_is_fen_and_time_is_local_seconds(tmp_path: Path) -> None:
    world = World(settlements=(one(amount=Decimal("0.29"), fund=Decimal("1234567.89")),))
    found = rows(world, tmp_path, 'SELECT amount, fund, "at", day FROM rel_SWIPED_AT')
    assert found == [(29, 123456789, 1741003200, 20150)]


def test_whoever_is_only_mentioned_gets_a_node(tmp_path: Path) -> None:
    world = World(
        settlements=(one(doctor="Z1", clerk="K1"),),
        registrations=(Registration(doctor="Z2", place="H9", since=date(1970, 1, 11)),),
        staff=(StaffMember(staff="K2", org="P8", role="cashier"),),
        manual_claims=(
            ManualClaim(setl_id="m1", patient="p9", creator="K3", reviewer="K4", agent="G-1"),
        ),
        terminals=(Terminal(device="D7", place="P7"),),
    )
    with prepared(write_world(world, tmp_path)) as connection:

        def keys(label: str) -> set[str]:
            column = connection.table(f"node_{label}").select(node(label).key)
            return {key for (key,) in column.fetchall()}

        assert keys("Doctor") == {"Z1", "Z2"}
        assert keys("Staff") == {"K1", "K2", "K3", "K4"}
        assert keys("Pharmacy") == {"P1", "P7", "P8"}
        assert keys("Institution") == {"H1", "H9"}
        assert keys("Device") == {"D1", "D7"}
        assert keys("Patient") == {"P-p1", "P-p9"}
        assert connection.execute("SELECT since, until FROM rel_REGISTERED_AT").fetchall() == [
            (10, None)
        ]
        known = connection.execute("SELECT staff_id FROM node_Staff WHERE known").fetchall()
        assert known == [("K2",)]


def test_an_account_is_the_patients_where_the_payee_has_their_name(tmp_path: Path) -> None:
    claims = (
        ManualClaim(setl_id="m1", patient="p1", account="A-1", account_name="N-1"),
        ManualClaim(setl_id="m2", patient="p2", account="A-1", account_name="N-1"),
        ManualClaim(setl_id="m3", patient="p3", account="A-1"),
    )
    people = (Person(person="p1", name="N-1"), Person(person="p2", name="N-2"), Person(person="p3"))
    world = World(
        manual_claims=claims,
        persons=people,
        staff=(StaffMember(staff="K1", account="A-1"),),
        places=(Place(place="P1", account="A-2"),),
    )
    found = rows(world, tmp_path, "SELECT start_key, end_key FROM rel_OWNS ORDER BY ALL")
    assert found == [("K1", "A-1"), ("P-p1", "A-1"), ("P1", "A-2")]
    assert world.owns == {("p1", "A-1")}


def test_an_agent_who_is_insured_is_recognised(tmp_path: Path) -> None:
    world = World(
        manual_claims=(ManualClaim(setl_id="m1", patient="p1", agent="G-2", agent_phone="T-2"),),
        persons=(Person(person="p2", certificate="G-2", phone="T-2"),),
    )
    assert rows(world, tmp_path, "FROM node_Agent") == [("G-2", "P-p2")]
    used = rows(world, tmp_path, "SELECT start_label, end_key FROM rel_USES ORDER BY ALL")
    assert used == [("Agent", "T-2"), ("Patient", "T-2")]


@pytest.mark.parametrize(
    ("lines", "resale", "boxes"),
    [
        ((Line(setl_id="s1", drug="X", trace="8"), Line(setl_id="s2", drug="X", trace="8")), (), 1),
        ((Line(setl_id="s1", drug="X", trace="8"), Line(setl_id="s1", drug="X", trace="8")), (), 0),
        (
            (
                Line(setl_id="s1", drug="X", trace="8", split=True),
                Line(setl_id="s2", drug="X", trace="8", split=True),
            ),
            (),
            0,
        ),
        (
            (
                Line(setl_id="s1", drug="X", trace="8", returned=True),
                Line(setl_id="s2", drug="X", trace="8"),
            ),
            (),
            0,
        ),
        ((Line(setl_id="s1", drug="X", trace="8"),), ("X",), 1),
        ((Line(setl_id="s1", drug="X"),), ("X",), 0),
    ],
    ids=["twice", "one settlement", "split packs", "returned", "resale drug", "no trace code"],
)
def test_a_box_is_loaded_where_it_was_settled_twice_or_is_resale_prone(
    tmp_path: Path, lines: tuple[Line, ...], resale: tuple[str, ...], boxes: int
) -> None:
    world = World(
        settlements=(one(), one(setl_id="s2", person="p2", at=NOON + timedelta(days=9))),
        lines=lines,
        resale_drugs=resale,
    )
    assert rows(world, tmp_path, "SELECT count(*) FROM node_Box") == [(boxes,)]
    bought = len(lines) if boxes else 0
    assert rows(world, tmp_path, "SELECT count(*) FROM rel_BOUGHT") == [(bought,)]


PRESCRIBED = st.lists(
    st.tuples(
        st.sampled_from(["Z1", "Z2", "Z3"]),
        st.sampled_from(["P1", "P2", "P3", "H1"]),
        st.sampled_from(["p1", "p2"]),
    ),
    min_size=1,
    max_size=30,
)


@given(drawn=PRESCRIBED)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_sent_to_equals_plain_loops(tmp_path: Path, drawn: list[tuple[str, str, str]]) -> None:
    division = {"P1": "330101", "P2": "330101", "P3": "330102"}
    world = World(
        settlements=tuple(
            one(setl_id=f"s{n}", doctor=doctor, place=place, person=person)
            for n, (doctor, place, person) in enumerate(drawn)
        ),
        places=tuple(Place(place=place, division=code) for place, code in division.items()),
    )
    outside = [(doctor, place, person) for doctor, place, person in drawn if place != "H1"]
    sent = Counter((doctor, place) for doctor, place, _ in outside)
    expected = {}
    for doctor, place in sent:
        here = [row for row in outside if division[row[1]] == division[place]]
        by_doctor = sum(row[0] == doctor for row in here)
        at_place = sum(row[1] == place for row in here)
        patients = len({row[2] for row in outside if row[:2] == (doctor, place)})
        expected[doctor, place] = (
            sent[doctor, place],
            pytest.approx(by_doctor * at_place / len(here)),
            patients,
        )

    found = rows(
        world,
        tmp_path,
        "SELECT start_key, end_key, prescriptions, expected, patients FROM rel_SENT_TO",
    )

    assert {row[:2]: row[2:] for row in found} == expected


def test_without_optional_tables_every_query_still_runs(tmp_path: Path) -> None:
    with prepared(write_world(World(settlements=(one(),)), tmp_path)) as connection:
        for item in LOADED_RELATIONSHIPS:
            assert connection.table(f"rel_{item.type}").columns[:4] == ENDS
        assert connection.execute("FROM node_Agent").fetchall() == []
