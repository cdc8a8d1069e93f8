"""The three full coverages: places visited, tips answered, places watched, as lists and counts."""

from collections import Counter
from datetime import date, timedelta

import pytest
from pyarrow import parquet

from casework.coverage import board, counts
from casework.issuing import Wanted
from casework.leads import take_in
from casework.ledger import Ledger
from casework.plans import decide_plan, draft_plan, note_answer
from casework.plans_places import places_of
from casework.rights import NotFound, Refused
from casework.sheets import issue_sheet
from casework.tips import accept_tip, answer_tip, conclude_tip, register_tip
from casework.tips_holding import Tip
from ingest.errors import RingfenceError
from ingest.workspace import point
from tests.casework.conftest import Clock
from tests.casework.office import ANALYST, DISCIPLINE, OTHER, SAM, SUE, UNIT, lead_of, officer
from tests.casework.paper_county import PLACE, POOL, county, taken_in

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
DESK = officer("dora", "informant_desk", DISCIPLINE)


def tip(ledger: Ledger, *places: str, unit: str = UNIT) -> Tip:
    """Register a tip about these places."""
    return register_tip(
        ledger, DESK, unit=unit, channel="hotline", received=date(2026, 3, 2), summary="s",
        telling="t", informant=None, entities=[("place", one) for one in places],
    )  # fmt: skip


def test_visits_sheets_and_plans_of_the_period_are_told_apart(ledger: Ledger) -> None:
    taken_in(ledger)
    known = [one.place for one in places_of(ledger.workspace)]
    planned, gone = [one for one in known if one.startswith("P330100001")][:2]
    plan = draft_plan(
        ledger, SUE, kind="campaign", title="t", purpose="p", first=FIRST, last=date(2026, 4, 30),
        places=dict.fromkeys((planned, gone, "P-unknown"), "r"),
    )  # fmt: skip
    before = board(ledger, SUE, first=FIRST, last=LAST)
    assert {one.visit for one in before.places} == {"none"}  # a draft sends nobody
    plan = decide_plan(ledger, SAM, plan.plan_id, approve=True, reason="r", revision=1)
    for place in (gone, "P-unknown"):
        plan = note_answer(
            ledger, SUE, plan.plan_id, place, done="checked", answer="a", revision=plan.revision
        )
    issue_sheet(ledger, SUE, lead_of(ledger, SUE, POOL).lead_id, Wanted(language="en"))
    found = board(ledger, SUE, first=FIRST, last=LAST)
    rows = {one.place: one for one in found.places}
    assert (rows[planned].visit, rows[planned].day) == ("planned", None)
    assert (rows[gone].visit, rows[gone].day) == ("checked", date(2026, 3, 2))
    assert (rows["P-unknown"].visit, rows["P-unknown"].known) == ("checked", False)
    sheets = {place for place, row in rows.items() if row.visit == "sheet"}
    assert PLACE in sheets
    assert counts(found)["on_site"] == {
        "places": len(known),
        "visited": 1 + len(sheets),
        "checked": 1,
        "sheet": len(sheets),
        "planned": 1,
        "not_visited": len(known) - 1 - len(sheets),
    }
    april = board(ledger, SUE, first=date(2026, 4, 1), last=date(2026, 4, 30))
    assert {one.visit for one in april.places} == {"none", "planned"}
    other = board(ledger, officer("sid", "supervisor", OTHER), first=FIRST, last=LAST)
    assert {(one.visit, one.rings, one.tips) for one in other.places} == {("none", 0, 0)}


def test_what_the_run_watched_and_where_it_raised_rings(sqlite: Ledger) -> None:
    county(sqlite.workspace.root)
    early = board(sqlite, SUE, first=FIRST, last=LAST)
    assert (early.current, early.taken_in) == (True, False)
    assert counts(early)["monitoring"]["with_rings"] == 0
    take_in(sqlite, SUE)
    found = board(sqlite, SUE, first=FIRST, last=LAST)
    assert found.taken_in
    told = counts(found)["monitoring"]
    table = parquet.read_table(sqlite.workspace.table("settlements"), columns=["fixmedins_code"])
    settled = Counter(table["fixmedins_code"].to_pylist())
    assert told["watched"] == len(settled)
    assert {one.place: one.settlements for one in found.places if one.watched} == settled
    with_rings = {one.place for one in found.places if one.rings}
    assert PLACE in with_rings
    assert told["with_rings"] == len(with_rings)
    assert told["with_rings"] + told["without_rings"] + told["not_watched"] == told["places"]
    assert 0 < found.settlements_watched <= found.settlements
    (sqlite.workspace.runs / "latest").unlink()
    none = board(sqlite, SUE, first=FIRST, last=LAST)
    assert (none.run, none.current, none.settlements_watched) == (None, False, 0)
    assert counts(none)["monitoring"]["watched"] == 0
    point(sqlite.workspace.runs / "latest", "run-1")


def test_tips_stand_by_how_their_limits_were_kept(ledger: Ledger, clock: Clock) -> None:
    taken_in(ledger)
    quick, slow, open_ = tip(ledger, PLACE), tip(ledger, PLACE), tip(ledger)
    tip(ledger, PLACE, unit=OTHER)
    running = counts(board(ledger, SUE, first=FIRST, last=LAST))["tips"]
    assert (running["received"], running["running"], running["overdue"]) == (3, 3, 0)
    answered(ledger, quick)
    clock.now += timedelta(days=120)
    answered(ledger, slow)
    found = board(ledger, SUE, first=FIRST, last=LAST)
    stands = {one.tip_id: one.standing for one in found.tips}
    assert stands == {quick.tip_id: "in_time", slow.tip_id: "late", open_.tip_id: "overdue"}
    assert {one.place: one.tips for one in found.places}[PLACE] == 2
    assert board(ledger, SUE, first=date(2026, 3, 3), last=LAST).tips == ()


def answered(ledger: Ledger, one: Tip) -> None:
    """Accept a tip, end its check, and answer it."""
    one = accept_tip(ledger, SUE, one.tip_id, accept=True, reason="r", revision=one.revision)
    one = conclude_tip(
        ledger, SUE, one.tip_id, outcome="not_confirmed", reason="r", revision=one.revision
    )
    answer_tip(ledger, DESK, one.tip_id, answer="a", revision=one.revision)


def test_the_board_is_the_supervisors(sqlite: Ledger) -> None:
    with pytest.raises(RingfenceError, match="import"):
        board(sqlite, SUE, first=FIRST, last=LAST)
    taken_in(sqlite)
    with pytest.raises(Refused, match="before it begins"):
        board(sqlite, SUE, first=LAST, last=FIRST)
    with pytest.raises(NotFound):
        board(sqlite, ANALYST, first=FIRST, last=LAST)
