"""Registers: proposals rest on closed cases and rules, a person decides, an exit bars a place."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.leads import take_in
from casework.ledger import Ledger
from casework.plans import decide_plan, draft_plan, note_answer
from casework.registers import (
    decide_proposal,
    list_proposals,
    propose,
    propose_for_answer,
    standings,
)
from casework.registers_agreements import list_agreements, set_agreement
from casework.registers_rules import bar, consequence, grade, read_rules, weighted
from casework.rights import NotFound, Refused
from ingest.errors import RingfenceError
from ingest.workspace import Workspace
from tests.casework.office import (
    INES,
    IVO,
    OTHER,
    SAM,
    SUE,
    Ring,
    case,
    details,
    go,
    log,
    officer,
    write_run,
)  # fmt: skip
from tests.casework.paper_county import PLACE, POOL, taken_in

DAY = date(2026, 3, 2)
CLOSED = ("file", "begin", "conclude", "notify", "decide", "serve", "close")


def closed(ledger: Ledger, choice: str = "penalty") -> str:
    """A closed case of a ring with a staff member of a place, and a place."""
    write_run(
        ledger.workspace, Ring(ring_id="R-plain", staff={"S-1": "cashier"}), staff={"S-1": "H1"}
    )
    take_in(ledger, SUE)
    opened = case(ledger)
    go(ledger, opened.case_id, *CLOSED, choice=choice)
    return opened.case_id


def test_points_are_proposed_on_a_closed_case_and_decided_by_another(ledger: Ledger) -> None:
    key = closed(ledger)
    made = propose(
        ledger, INES, key, kind="points", subject="S-1", rule="punished_38_39", amount=5, reason="r"
    )
    assert made.state == "open"
    assert [table for table, _ in made.evidence] == ["moves", "attachments"]
    assert standings(ledger, SUE, year=2026) == [], "nothing counts before it is approved"
    for who in (INES, IVO):
        with pytest.raises(NotFound):
            decide_proposal(ledger, who, made.proposal_id, approve=True, reason="r")
    done = decide_proposal(ledger, SUE, made.proposal_id, approve=True, reason="fits")
    assert (done.state, done.decided_by) == ("approved", "sue")
    (standing,) = standings(ledger, SUE, year=2026)
    assert (standing.subject, standing.points, standing.consequence) == ("S-1", 5, "none")
    assert standings(ledger, SUE, year=2027) == []
    with pytest.raises(Refused, match="state approved"):
        decide_proposal(ledger, SAM, made.proposal_id, approve=False, reason="r")
    again = propose(
        ledger, INES, key, kind="points", subject="S-1", rule="repeated", amount=7, reason="again"
    )
    decide_proposal(ledger, SUE, again.proposal_id, approve=True, reason="r")
    assert standings(ledger, SUE, year=2026)[0].consequence == "end_one_year"
    with pytest.raises(Refused, match="a year 12 points"):
        propose(
            ledger, INES, key, kind="points", subject="S-1", rule="general", amount=1, reason="r"
        )
    assert [details(row)["amount"] for row in log(ledger, "proposal.approved")] == [5, 7]


@pytest.mark.parametrize(
    "change",
    [
        {"rule": "none"},
        {"amount": 7},
        {"amount": 0},
        {"reason": " "},
        {"subject": "S-2"},
        {"subject": "p1"},
        {"rule": "repeated", "amount": 7},
        {"kind": "exit", "rule": "decided", "amount": 0},
    ],
)
def test_what_no_rule_allows_is_not_proposed(sqlite: Ledger, change: dict[str, object]) -> None:
    key = closed(sqlite)
    call = {
        "kind": "points",
        "subject": "S-1",
        "rule": "punished_38_39",
        "amount": 4,
        "reason": "r",
    }
    with pytest.raises(Refused):
        propose(sqlite, INES, key, **{**call, **change})  # type: ignore[arg-type]
    assert list_proposals(sqlite, SUE) == []


def test_an_open_case_or_another_decision_carries_no_points(sqlite: Ledger) -> None:
    key = closed(sqlite, "no_penalty")
    with pytest.raises(Refused, match="decision no_penalty"):
        propose(
            sqlite, INES, key, kind="points", subject="S-1", rule="general", amount=1, reason="r"
        )


def test_an_exit_ends_the_agreement_and_bars_a_new_one(ledger: Ledger) -> None:
    taken_in(ledger)
    opened = case(ledger, POOL)
    go(ledger, opened.case_id, *CLOSED)
    set_agreement(ledger, SUE, PLACE, state="active", since=date(2025, 1, 1), reason="imported")
    made = propose(
        ledger,
        INES,
        opened.case_id,
        kind="exit",
        subject=PLACE,
        rule="decided",
        amount=0,
        reason="r",
    )
    decide_proposal(ledger, SUE, made.proposal_id, approve=True, reason="decided")
    (entry,) = list_agreements(ledger, SUE)
    assert (entry.state, entry.barred, entry.barred_until) == ("ended", True, date(2029, 3, 2))
    assert entry.case_id == opened.case_id
    with pytest.raises(Refused, match="barred until 2029-03-02"):
        set_agreement(ledger, SUE, PLACE, state="active", since=DAY, reason="r", revision=2)
    later = set_agreement(
        ledger, SUE, PLACE, state="active", since=date(2029, 3, 2), reason="new", revision=2
    )
    assert later.barred_until is None
    assert len(log(ledger, "agreement.changed")) == 3


def test_an_entry_belongs_to_its_unit_and_the_quicker_wins(sqlite: Ledger) -> None:
    set_agreement(sqlite, SUE, "P1", state="active", since=DAY, reason="r")
    with pytest.raises(NotFound):
        set_agreement(
            sqlite, officer("sid", "supervisor", OTHER), "P1", state="suspended", since=DAY,
            reason="r", revision=1,
        )  # fmt: skip
    suspended = set_agreement(
        sqlite,
        SAM,
        "P1",
        state="suspended",
        since=DAY,
        until=date(2026, 9, 1),
        reason="r",
        revision=1,
    )
    assert suspended.revision == 2
    with pytest.raises(Refused, match="revision 2, yours 1"):
        set_agreement(sqlite, SUE, "P1", state="active", since=DAY, reason="r", revision=1)


def test_a_place_that_answered_may_get_a_plus_item(sqlite: Ledger) -> None:
    told = {"title": "t", "purpose": "p", "first": DAY, "last": DAY, "places": {"P7": "r"}}
    plan = draft_plan(sqlite, SUE, kind="self_check", **told)  # type: ignore[arg-type]
    call = {"place": "P7", "rule": "self_corrected", "amount": 3, "reason": "paid back"}
    with pytest.raises(Refused, match="has not answered"):
        propose_for_answer(sqlite, SUE, plan.plan_id, **call)  # type: ignore[arg-type]
    decide_plan(sqlite, SAM, plan.plan_id, approve=True, reason="r", revision=1)
    note_answer(sqlite, SUE, plan.plan_id, "P7", done="answered", answer="a", revision=2)
    made = propose_for_answer(sqlite, SUE, plan.plan_id, **call)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="neither drafted"):
        decide_proposal(sqlite, SUE, made.proposal_id, approve=True, reason="r")
    decide_proposal(sqlite, SAM, made.proposal_id, approve=True, reason="r")
    (standing,) = standings(sqlite, SUE, year=2026)
    assert (standing.credit, standing.grade) == (3, "A")


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)))
def test_a_bar_lasts_three_years(day: date) -> None:
    rules = read_rules(Workspace(Path("nowhere")))
    assert bar(rules, day) >= day.replace(year=day.year + 3, day=min(day.day, 28))
    assert (bar(rules, day) - day).days in (1095, 1096)


@given(st.lists(st.integers(1, 12), max_size=4))
def test_more_points_never_weigh_less(points: list[int]) -> None:
    order = ("none", "suspend", "end_one_year", "end_three_years")
    assert order.index(consequence([*points, 1])) >= order.index(consequence(points))


def test_a_lower_grade_comes_into_the_draw_more_often() -> None:
    assert weighted({"a": 10, "d": 10, "n": 10}, {"a": "A", "d": "D"}) == {
        "a": 10,
        "d": 30,
        "n": 10,
    }
    assert [grade([amount]) for amount in (1, 0, -9, -10, -29, -30)] == list("ABBCCD")


def test_a_workspace_may_have_its_own_rules_and_broken_ones_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "registers_rules.toml"
    file.write_text("[points.general]\nleast = 2\nmost = 2\n")
    held = read_rules(Workspace(tmp_path))
    assert (held.rules["points", "general"].least, held.verified) == (2, False)
    assert ("points", "punished_40") in held.rules
    file.write_text("[points.general]\nleast = 3\nmost = 2\n")
    with pytest.raises(RingfenceError, match=r"points\.general allows nothing"):
        read_rules(Workspace(tmp_path))
