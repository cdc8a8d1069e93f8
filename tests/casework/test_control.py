"""The internal control sheet: what the tables show, for the liaison alone, answered by people."""

import pytest

from casework.control import (
    CHECKS,
    answer_check,
    list_sheets,
    make_sheet,
    months_of,
    print_sheet,
)
from casework.issuing import Wanted, list_papers
from casework.ledger import Ledger
from casework.rights import NotFound, Refused
from tests.casework.office import LEO, LIN, OTHER, SUE, log, officer
from tests.casework.paper_county import taken_in
from tests.casework.test_reports import text_of


def test_the_sheet_finds_what_is_in_the_claims(ledger: Ledger) -> None:
    taken_in(ledger)
    sheet = make_sheet(ledger, LIN, month="2026-03")
    found = {one.check: one for one in sheet.rows}
    assert {name: found[name].count for name in CHECKS[:5]} == {
        "same_hand": 1,
        "no_review": 1,
        "late_review": 1,
        "invoice_twice": 2,
        "both_posts": 1,
    }
    assert found["same_hand"].of == 6
    assert found["unknown_staff"].of is None, "no staff table is no clean bill"
    assert found["both_posts"].keys == ("S-9",)
    for n, check in enumerate(CHECKS):
        assert not sheet.whole
        sheet = answer_check(
            ledger, LEO, sheet.sheet_id, check=check, judged="to_check", words="w", revision=n + 1
        )
    assert sheet.whole
    assert list_sheets(ledger, LIN) == [sheet]
    assert len(log(ledger, "control.answered")) == len(CHECKS)
    assert {one.count for one in make_sheet(ledger, LIN, month="2025-01").rows} == {0}


def test_nobody_but_the_liaison_sees_it(sqlite: Ledger) -> None:
    taken_in(sqlite)
    with pytest.raises(NotFound):
        make_sheet(sqlite, SUE, month="2026-03")
    sheet = make_sheet(sqlite, LIN, month="2026-03")
    _, file = print_sheet(sqlite, LIN, sheet.sheet_id, Wanted(language="zh"))
    said = text_of(file)
    assert "仅限纪检联络员" in said
    assert "登记与复核为同一人" in said
    assert list_papers(sqlite, SUE) == []
    with pytest.raises(NotFound):
        print_sheet(sqlite, SUE, sheet.sheet_id, Wanted())


def test_a_month_or_an_answer_that_is_none_is_refused(sqlite: Ledger) -> None:
    taken_in(sqlite)
    with pytest.raises(Refused, match="no month"):
        make_sheet(sqlite, LIN, month="2026-13")
    sheet = make_sheet(sqlite, LIN, month="2026-03")
    for change in ({"check": "none"}, {"judged": "fine"}, {"words": " "}, {"revision": 2}):
        call = {"check": "no_review", "judged": "in_order", "words": "w", "revision": 1}
        with pytest.raises(Refused, match="has no such answer"):
            answer_check(sqlite, LIN, sheet.sheet_id, **{**call, **change})  # type: ignore[arg-type]


def test_a_sheet_is_of_its_unit_and_offered_for_months_with_claims(sqlite: Ledger) -> None:
    assert months_of(sqlite.workspace) == []
    taken_in(sqlite)
    assert months_of(sqlite.workspace) == ["2026-03"]
    sheet = make_sheet(sqlite, LIN, month="2026-03")
    other = officer("lou", "liaison", OTHER)
    assert list_sheets(sqlite, other) == []
    with pytest.raises(NotFound):
        print_sheet(sqlite, other, sheet.sheet_id, Wanted())
    with pytest.raises(NotFound):
        answer_check(
            sqlite, other, sheet.sheet_id, check="no_review", judged="in_order", words="w",
            revision=1,
        )  # fmt: skip
    assert list_sheets(sqlite, LEO) == [sheet]
