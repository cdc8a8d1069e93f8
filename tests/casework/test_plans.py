"""Plans: made from rings, draws and judged leads; approved by another; answers are noted."""

from datetime import date

import pytest

from casework.draws import draw
from casework.leads import list_leads, take_in
from casework.ledger import Ledger
from casework.plans import Outdated, decide_plan, draft_plan, list_plans, note_answer, recheck_list
from casework.plans_places import last_visits, places_of
from casework.rights import NotFound, Refused
from tests.casework.office import (
    INES,
    LIN,
    OTHER,
    SAM,
    SUE,
    Ring,
    details,
    judge,
    lead_of,
    log,
    officer,
    write_run,
)
from tests.casework.paper_county import BIG, INSIDE, PLACE, POOL, taken_in

FIRST, LAST = date(2026, 4, 1), date(2026, 4, 30)
TOLD = {"title": "spring", "purpose": "p", "first": FIRST, "last": LAST}


def test_a_campaign_from_rings_a_draw_and_names_is_worked_off(ledger: Ledger) -> None:
    taken_in(ledger)
    lead = lead_of(ledger, SUE, BIG)
    drawn = draw(ledger, SUE, "targets", {"P8": 1, "P9": 1}, wanted=1, purpose="p")
    made = draft_plan(
        ledger,
        SUE,
        kind="campaign",
        lead_ids=[lead.lead_id],
        draw_id=drawn.draw_id,
        places={"P7": "a tip"},
        **TOLD,  # type: ignore[arg-type]
    )
    by_place = {target.place: target for target in made.targets}
    assert set(by_place) == {PLACE, drawn.drawn[0], "P7"}
    assert by_place[PLACE].origin == "ring"
    assert by_place[PLACE].hours, "the hours in which the ring was seen there"
    assert all(0 <= hour <= 23 for hour in by_place[PLACE].hours)
    with pytest.raises(Refused, match="approve the plan first"):
        note_answer(ledger, SUE, made.plan_id, "P7", done="answered", answer="a", revision=1)
    with pytest.raises(Refused, match="somebody else decides"):
        decide_plan(ledger, SUE, made.plan_id, approve=True, reason="r", revision=1)
    approved = decide_plan(ledger, SAM, made.plan_id, approve=True, reason="due", revision=1)
    assert approved.state == "approved"
    with pytest.raises(Outdated, match="revision 2, yours started from 1"):
        note_answer(ledger, SUE, made.plan_id, "P7", done="answered", answer="a", revision=1)
    answered = note_answer(
        ledger,
        SUE,
        made.plan_id,
        "P7",
        done="answered",
        answer="two lines mended",
        returned_yuan="120.5",
        revision=2,
    )
    (target,) = [one for one in answered.targets if one.place == "P7"]
    assert (target.state, target.returned_yuan) == ("answered", "120.50")
    assert list_plans(ledger, SAM) == [answered]
    assert list_plans(ledger, officer("sid", "supervisor", OTHER)) == []
    assert details(log(ledger, "plan.noted")[0])["place"] == "P7"


def test_a_plan_that_cannot_be_is_refused(sqlite: Ledger) -> None:
    taken_in(sqlite)
    for change in (
        {"kind": "feast"},
        {"title": " "},
        {"purpose": ""},
        {"last": date(2026, 3, 1)},
        {"places": {}},
        {"places": {"P7": " "}},
    ):
        call = {"kind": "campaign", "places": {"P7": "r"}, **TOLD, **change}
        with pytest.raises(Refused):
            draft_plan(sqlite, SUE, **call)  # type: ignore[arg-type]
    assert list_plans(sqlite, SUE) == []
    with pytest.raises(NotFound):
        draft_plan(sqlite, SUE, kind="campaign", draw_id="Z-none", **TOLD)  # type: ignore[arg-type]
    made = draft_plan(sqlite, SUE, kind="self_check", places={"P7": "r"}, **TOLD)  # type: ignore[arg-type]
    decide_plan(sqlite, SAM, made.plan_id, approve=True, reason="r", revision=1)
    for money in ("much", "-1", "nan"):
        with pytest.raises(Refused, match="no sum in yuan"):
            note_answer(
                sqlite, SUE, made.plan_id, "P7", done="answered", answer="a",
                returned_yuan=money, revision=2,
            )  # fmt: skip
    with pytest.raises(NotFound):
        note_answer(sqlite, SUE, made.plan_id, "P0", done="checked", answer="a", revision=2)


def test_places_of_insiders_come_into_no_plan(sqlite: Ledger) -> None:
    taken_in(sqlite)
    (hidden,) = [lead for lead in list_leads(sqlite, LIN) if lead.ring_id == INSIDE]
    with pytest.raises(NotFound):
        draft_plan(sqlite, SUE, kind="campaign", lead_ids=[hidden.lead_id], **TOLD)  # type: ignore[arg-type]


def test_judged_leads_that_go_on_are_to_be_looked_at_again(sqlite: Ledger) -> None:
    taken_in(sqlite)
    for ring in (POOL, BIG):
        judge(sqlite, ring, "confirmed", by=INES)
    pool, big = lead_of(sqlite, SUE, POOL).lead_id, lead_of(sqlite, SUE, BIG).lead_id
    assert dict(recheck_list(sqlite, SUE)) == {pool: "raised_still", big: "raised_still"}
    write_run(sqlite.workspace, Ring(ring_id=POOL, people=("p1", "p2", "p3")))
    take_in(sqlite, SUE)
    assert recheck_list(sqlite, SUE) == [(pool, "changed")], "the other is raised no more"
    made = draft_plan(sqlite, SUE, kind="recheck", lead_ids=[big], **TOLD)  # type: ignore[arg-type]
    assert {target.origin for target in made.targets} == {"closed"}


def test_places_of_rings_can_be_left_out_and_the_log_has_them(sqlite: Ledger) -> None:
    taken_in(sqlite)
    lead = lead_of(sqlite, SUE, BIG)
    call = {"kind": "campaign", "lead_ids": [lead.lead_id], "without": [PLACE], **TOLD}
    with pytest.raises(Refused, match="has no place"):
        draft_plan(sqlite, SUE, **call)  # type: ignore[arg-type]
    made = draft_plan(sqlite, SUE, places={"P7": "r"}, **call)  # type: ignore[arg-type]
    assert [target.place for target in made.targets] == ["P7"]
    assert details(log(sqlite, "plan.drafted")[0])["left_out"] == [PLACE]
    with pytest.raises(Refused, match="was drawn or named"):
        draft_plan(sqlite, SUE, places={PLACE: "r"}, **call)  # type: ignore[arg-type]


def test_a_visit_is_the_day_on_which_a_place_was_checked(sqlite: Ledger) -> None:
    taken_in(sqlite)
    made = draft_plan(sqlite, SUE, kind="campaign", places={"P7": "r", "P8": "r"}, **TOLD)  # type: ignore[arg-type]
    decide_plan(sqlite, SAM, made.plan_id, approve=True, reason="r", revision=1)
    note_answer(sqlite, SUE, made.plan_id, "P7", done="checked", answer="a", revision=2)
    now = note_answer(sqlite, SUE, made.plan_id, "P8", done="answered", answer="a", revision=3)
    assert {one.noted_by for one in now.targets} == {"sue"}
    assert last_visits(list_plans(sqlite, SUE)) == {"P7": date(2026, 3, 2)}, "P8 only answered"


def test_places_come_from_the_import_with_kind_and_division(sqlite: Ledger) -> None:
    taken_in(sqlite)
    found = {one.place: one for one in places_of(sqlite.workspace)}
    assert list(found) == sorted(found)
    assert (found[PLACE].kind, found[PLACE].division) == ("pharmacy", "330100")
    assert found["H33010000003"].kind == "institution"
