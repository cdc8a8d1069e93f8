"""Whom work can be given to: the officers of one's own unit who do it and may sign in."""

import pytest

from casework import accounts
from casework.cases import assign_case, read_case
from casework.colleagues import list_colleagues
from casework.ledger import Ledger
from casework.rights import NotFound, Officer
from tests.casework.office import (
    CERTIFICATES,
    DISCIPLINE,
    INES,
    LIN,
    OTHER,
    SUE,
    UNIT,
    case,
    county,
    log,
    officer,
)

ROOT = officer("root", "administrator", "it")


@pytest.fixture
def staffed(sqlite: Ledger) -> Ledger:
    accounts.first_account(sqlite, ROOT.name, ROOT.unit)
    for name, role, unit in (
        ("ines", "investigator", UNIT),
        ("ivo", "investigator", UNIT),
        ("ida", "investigator", OTHER),
        ("ilse", "investigator", DISCIPLINE),
        ("sue", "supervisor", UNIT),
        ("ann", "analyst", UNIT),
        ("lou", "liaison", UNIT),
        ("lin", "liaison", DISCIPLINE),
        ("leo", "liaison", DISCIPLINE),
        ("aud", "auditor", ""),
    ):
        accounts.create_account(
            sqlite, ROOT, name=name, role=role, unit=unit, display=name.capitalize()
        )
    return sqlite


def names(ledger: Ledger, who: Officer) -> list[str]:
    return [one.name for one in list_colleagues(ledger, who)]


def test_a_supervisor_is_told_the_investigators_of_the_unit_and_a_liaison_the_liaisons(
    staffed: Ledger,
) -> None:
    assert names(staffed, SUE) == ["ines", "ivo"]
    assert names(staffed, LIN) == ["leo", "lin"]
    assert names(staffed, officer("sid", "supervisor", OTHER)) == ["ida"]
    (first, _) = list_colleagues(staffed, SUE)
    assert (first.display, first.role) == ("Ines", "investigator")
    (row,) = log(staffed, "colleague.listed")[-1:]
    assert (row.who, row.object_class) == ("sue", "account")


def test_who_is_locked_out_is_left_out_until_unlocked(staffed: Ledger) -> None:
    accounts.lock_account(staffed, ROOT, "ivo", reason="on leave")
    assert names(staffed, SUE) == ["ines"]
    accounts.unlock_account(staffed, ROOT, "ivo")
    assert names(staffed, SUE) == ["ines", "ivo"]


def test_without_a_unit_or_the_right_nobody_is_told(staffed: Ledger) -> None:
    assert names(staffed, officer("nobody", "supervisor", "")) == []
    with pytest.raises(NotFound):
        list_colleagues(staffed, INES)
    assert log(staffed, "access.refused")[-1].object_class == "colleagues.list_colleagues"


def test_whoever_has_no_account_is_a_guest_of_the_case(staffed: Ledger) -> None:
    county(staffed)
    made = case(staffed)
    guest = "inspector of the district"
    assert read_case(staffed, SUE, made.case_id).guests == ()
    to = {**CERTIFICATES, "ida": None, guest: "C-3"}  # ida: an account, of another unit
    assign_case(staffed, SUE, made.case_id, to=to, revision=made.revision)
    for who in (SUE, INES):
        assert read_case(staffed, who, made.case_id).guests == (guest,)
    accounts.lock_account(staffed, ROOT, "ivo", reason="on leave")
    assert read_case(staffed, SUE, made.case_id).guests == (guest,), "locked is not without"
