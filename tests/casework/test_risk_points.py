"""The register of points of risk: the liaison's, empty at first, never changed unseen."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from casework.control import make_sheet
from casework.ledger import Ledger
from casework.rights import NotFound, Refused
from casework.risk_points import (
    REVIEWED_DAYS,
    Entry,
    add_point,
    change_point,
    control_key,
    due,
    list_points,
)
from casework.subjects import Stale
from tests.casework.conftest import Clock
from tests.casework.office import LEO, LIN, OTHER, SUE, county, details, lead_of, log, officer
from tests.casework.paper_county import taken_in

ENTRY = Entry(
    post="registering post",
    process="manual reimbursement",
    risk="one person registers and reviews",
    measure="",
    owner="lin",
    grade="middle",
)


def test_points_are_added_listed_changed_and_leave_rows(ledger: Ledger, clock: Clock) -> None:
    assert list_points(ledger, LIN) == [], "nothing is invented"
    low = add_point(ledger, LIN, replace(ENTRY, grade="low"))
    high = add_point(ledger, LIN, replace(ENTRY, grade="high", post=" a post "))
    assert (high.post, high.state, high.reviewed_on, high.revision) == (
        "a post", "open", "2026-03-02", 1,
    )  # fmt: skip
    assert list_points(ledger, LEO) == [high, low]
    clock.now += timedelta(days=9)
    whole = replace(ENTRY, measure="two hands", grade="high")
    done = change_point(ledger, LEO, high.risk_id, whole, state="controlled", revision=1)
    assert (done.state, done.reviewed_on, done.measure, done.changed_by, done.revision) == (
        "controlled", "2026-03-11", "two hands", "leo", 2,
    )  # fmt: skip
    assert list_points(ledger, LIN) == [low, done], "what is open comes first"
    with pytest.raises(Stale, match="leo"):
        change_point(ledger, LIN, high.risk_id, whole, state="open", revision=1)
    assert [row.object for row in log(ledger, "risk_point.added")] == [low.risk_id, high.risk_id]
    (row,) = log(ledger, "risk_point.changed")
    assert (row.who, details(row)["was"], details(row)["state"]) == ("leo", "open", "controlled")


def test_a_source_is_put_in_once_and_has_to_be_there(ledger: Ledger) -> None:
    taken_in(ledger)
    sheet = make_sheet(ledger, LIN, month="2026-03")
    key = control_key(sheet.sheet_id, "same_hand")
    made = add_point(ledger, LIN, ENTRY, source="control", source_key=key)
    assert (made.source, made.source_key) == ("control", key)
    with pytest.raises(Refused, match=f"as point {made.risk_id}"):
        add_point(ledger, LEO, ENTRY, source="control", source_key=key)
    (inside,) = {lead_of(ledger, LIN, "R-ba9876543210").lead_id}
    assert add_point(ledger, LIN, ENTRY, source="lead", source_key=inside).source == "lead"
    for source, unknown in (("control", "C-none/same_hand"), ("lead", "L-none")):
        with pytest.raises(NotFound):
            add_point(ledger, LIN, ENTRY, source=source, source_key=unknown)  # type: ignore[arg-type]
    for source, unfit in (("hand", key), ("control", None)):
        with pytest.raises(Refused, match="source is"):
            add_point(ledger, LIN, ENTRY, source=source, source_key=unfit)  # type: ignore[arg-type]
    assert len(list_points(ledger, LIN)) == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"post": " "}, "岗位"),
        ({"owner": "x" * 201}, "责任人"),
        ({"process": "a\nb"}, "业务环节"),
        ({"risk": ""}, "风险"),
        ({"grade": "huge"}, "等级"),
    ],
)
def test_a_field_that_is_not_fit_is_named(
    sqlite: Ledger, change: dict[str, str], field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        add_point(sqlite, LIN, replace(ENTRY, **change))
    (name,) = change
    assert f"{name} is" in str(refusal.value)
    assert f"“{field}”" in refusal.value.told("zh")
    assert list_points(sqlite, LIN) == []


def test_controlled_needs_a_measure(sqlite: Ledger) -> None:
    made = add_point(sqlite, LIN, ENTRY)
    with pytest.raises(Refused, match="measure is ''"):
        change_point(sqlite, LIN, made.risk_id, ENTRY, state="controlled", revision=1)


def test_it_is_the_liaisons_of_its_unit_alone(sqlite: Ledger) -> None:
    county(sqlite)
    made = add_point(sqlite, LIN, ENTRY)
    other = officer("lou", "liaison", OTHER)
    assert list_points(sqlite, other) == []
    for who in (SUE, other):
        with pytest.raises(NotFound):
            change_point(sqlite, who, made.risk_id, ENTRY, state="open", revision=1)
    with pytest.raises(NotFound):
        list_points(sqlite, SUE)


def test_a_point_is_due_after_a_year(sqlite: Ledger) -> None:
    made = add_point(sqlite, LIN, ENTRY)
    reviewed = date.fromisoformat(made.reviewed_on)
    assert not due(made, reviewed + timedelta(days=REVIEWED_DAYS))
    assert due(made, reviewed + timedelta(days=REVIEWED_DAYS + 1))
