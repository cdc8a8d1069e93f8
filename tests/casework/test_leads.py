"""Leads: one for each ring, told what later runs change, kept from whom they concern, fed back."""

from pathlib import Path

import pandas as pd
import pytest

from casework.anchor import read_anchor
from casework.audit import verify
from casework.cases import open_case, read_case
from casework.decisions import approve, propose_outcome
from casework.feedback import export_feedback
from casework.leads import assign_lead, hand_to_unit, list_leads, read_lead, take_in
from casework.ledger import Ledger, reading
from casework.rights import NotFound, Refused
from casework.subjects import Stale
from casework.workflow import Unmet
from detectors.learning import decided, read_decisions
from tests.casework.office import (
    ANALYST,
    DISCIPLINE,
    INES,
    LIN,
    OTHER,
    SAM,
    SUE,
    Ring,
    case,
    county,
    details,
    judge,
    lead_of,
    log,
    officer,
    write_run,
)


def test_a_run_makes_one_lead_for_each_ring_and_only_once(ledger: Ledger) -> None:
    run = write_run(ledger.workspace, Ring(ring_id="R-1"), Ring(ring_id="R-2", loss="5000.50"))
    first = take_in(ledger, ANALYST)
    assert (first.run, first.same) == (run, 0)
    assert [change.change for change in first.changes] == ["new", "new"]
    again = take_in(ledger, SUE)
    assert (again.changes, again.same) == ((), 2)
    second, other = list_leads(ledger, SUE)
    assert [second.ring_id, other.ring_id] == ["R-2", "R-1"], "larger expected loss first"
    assert second.facts["loss_mid"] == "5000.50"
    assert second.facts["members"] == [["person", "p1", "holder"], ["person", "p2", "holder"]]
    assert (second.state, second.present, second.revision) == ("open", True, 1)


def test_a_later_run_tells_the_lead_what_it_changed(ledger: Ledger) -> None:
    write_run(ledger.workspace, Ring(ring_id="R-1"), Ring(ring_id="R-2"))
    take_in(ledger, ANALYST)
    lead = lead_of(ledger, SUE, "R-1")
    now = Ring(ring_id="R-1", probability=0.5, loss="7.00", people=("p2", "p3"))
    run = write_run(ledger.workspace, now, Ring(ring_id="R-2"))
    taken = take_in(ledger, ANALYST)
    assert (len(taken.changes), taken.same) == (1, 1)
    found, told = read_lead(ledger, SUE, lead.lead_id)
    assert [one.change for one in told] == ["new", "changed"]
    assert told[1] == taken.changes[0]
    assert told[1].run == run
    losses = ("loss_low", "loss_mid", "loss_high")
    assert told[1].was == {
        "probability": 0.9,
        **dict.fromkeys(losses, "1000.00"),
        "members": [["person", "p1", "holder"]],
    }
    assert told[1].now == {
        "probability": 0.5,
        **dict.fromkeys(losses, "7.00"),
        "members": [["person", "p3", "holder"]],
    }
    assert (found.lead_id, found.revision, found.run) == (lead.lead_id, 2, run)


def test_what_is_below_four_digits_is_no_news(ledger: Ledger) -> None:
    write_run(ledger.workspace, Ring(ring_id="R-1", probability=0.9))
    take_in(ledger, ANALYST)
    run = write_run(ledger.workspace, Ring(ring_id="R-1", probability=0.900001))
    assert take_in(ledger, ANALYST).changes == ()
    assert lead_of(ledger, SUE, "R-1").run == run


def test_a_ring_that_goes_and_comes_back_keeps_its_lead_and_its_decision(ledger: Ledger) -> None:
    write_run(ledger.workspace, Ring(ring_id="R-1"), Ring(ring_id="R-2"))
    take_in(ledger, ANALYST)
    judge(ledger, "R-1", "look_alike", "dialysis")
    lead = lead_of(ledger, SUE, "R-1")
    write_run(ledger.workspace, Ring(ring_id="R-2"))
    (gone,) = take_in(ledger, ANALYST).changes
    assert (gone.change, gone.outcome, gone.lead_id) == ("dropped", "look_alike", lead.lead_id)
    assert take_in(ledger, ANALYST).changes == (), "told once"
    assert not lead_of(ledger, SUE, "R-1").present
    write_run(ledger.workspace, Ring(ring_id="R-1"), Ring(ring_id="R-2", loss="1.00"))
    back, changed = take_in(ledger, ANALYST).changes
    assert (back.change, back.outcome, back.now) == ("returned", "look_alike", {})
    assert (changed.change, changed.outcome) == ("changed", None)
    again = lead_of(ledger, SUE, "R-1")
    assert (again.lead_id, again.outcome, again.explanation, again.state, again.present) == (
        lead.lead_id,
        "look_alike",
        "dialysis",
        "judged",
        True,
    )


def test_the_case_of_a_lead_is_told_too_and_nobody_decides_on_what_no_longer_holds(
    ledger: Ledger,
) -> None:
    county(ledger)
    before = case(ledger)
    assert read_case(ledger, INES, before.case_id).news == ()
    write_run(ledger.workspace, Ring(ring_id="R-plain", probability=0.2))
    take_in(ledger, ANALYST)
    now = read_case(ledger, INES, before.case_id)
    assert [(one.was, one.now) for one in now.news] == [
        ({"probability": 0.9}, {"probability": 0.2})
    ]
    assert now.case.revision == before.revision + 1


def test_insider_leads_are_the_liaisons_alone(ledger: Ledger) -> None:
    staff = {"S-agency": "agency", "S-shop": "P1", "S-unknown": None}
    rings = {
        "R-shop": Ring(ring_id="R-shop", staff={"S-shop": "cashier"}),
        "R-nobody": Ring(ring_id="R-nobody", staff={"S-none": "cashier"}),
        "R-agency": Ring(ring_id="R-agency", staff={"S-agency": "owner"}),
        "R-unknown": Ring(ring_id="R-unknown", staff={"S-unknown": "cashier"}),
        "R-review": Ring(ring_id="R-review", staff={"S-none": "reviewer"}),
        "R-kind": Ring(ring_id="R-kind", kind="insider_reimbursement"),
    }
    write_run(ledger.workspace, *rings.values(), staff=staff)
    taken = take_in(ledger, ANALYST)
    plain, inside = {"R-shop", "R-nobody"}, {"R-agency", "R-unknown", "R-review", "R-kind"}
    assert len(taken.changes) == 2, "not even their number is told"
    assert {lead.ring_id for lead in list_leads(ledger, SUE)} == plain
    assert {lead.ring_id for lead in list_leads(ledger, ANALYST)} == plain
    assert {lead.ring_id for lead in list_leads(ledger, LIN)} == inside
    assert "R-agency" not in "".join(entry.details for entry in log(ledger, "lead.taken_in"))
    one = lead_of(ledger, LIN, "R-agency")
    read_lead(ledger, LIN, one.lead_id, purpose="taking over")
    opened = log(ledger, "lead.opened")
    assert [(row.who, row.object, row.purpose) for row in opened] == [
        ("lin", one.lead_id, "taking over")
    ]


def test_the_unit_concerned_never_sees_its_lead_not_even_its_own_liaison(ledger: Ledger) -> None:
    write_run(
        ledger.workspace,
        Ring(ring_id="R-1", staff={"S-1": "handler"}),
        staff={"S-1": "agency"},
    )
    take_in(ledger, ANALYST, staff_units={"S-1": OTHER})
    for unit in (ANALYST.unit, OTHER, ""):
        assert list_leads(ledger, officer("liaison", "liaison", unit)) == []
    (lead,) = list_leads(ledger, officer("liaison", "liaison", DISCIPLINE))
    for who in (SUE, INES, ANALYST, officer("liaison", "liaison", OTHER)):
        with pytest.raises(NotFound) as hidden:
            read_lead(ledger, who, lead.lead_id)
        with pytest.raises(NotFound) as absent:
            read_lead(ledger, who, "L-000000000000")
        assert str(hidden.value).replace(lead.lead_id, "") == str(absent.value).replace(
            "L-000000000000", ""
        )
    assert len(log(ledger, "access.refused")) == 8


def test_a_unit_that_turns_out_to_be_concerned_loses_the_lead(ledger: Ledger) -> None:
    write_run(
        ledger.workspace, Ring(ring_id="R-1", staff={"S-1": "handler"}), staff={"S-1": "agency"}
    )
    take_in(ledger, ANALYST)
    theirs = officer("liaison", "liaison", OTHER)
    assert len(list_leads(ledger, theirs)) == 1
    take_in(ledger, ANALYST, staff_units={"S-1": OTHER})
    assert list_leads(ledger, theirs) == []
    lead = lead_of(ledger, LIN, "R-1")
    (_, told) = read_lead(ledger, LIN, lead.lead_id)[1]
    assert told.now == {"concerned": [OTHER, ANALYST.unit]}
    take_in(ledger, ANALYST)
    assert lead_of(ledger, LIN, "R-1").revision == lead.revision, "told once, kept for good"
    assert list_leads(ledger, theirs) == []


def test_a_lead_that_turns_out_to_have_agency_staff_leaves_with_its_case(ledger: Ledger) -> None:
    county(ledger)
    held = case(ledger)
    lead = lead_of(ledger, SUE, "R-plain")
    write_run(ledger.workspace, Ring(ring_id="R-plain", staff={"S-9": "cashier"}))
    assert take_in(ledger, ANALYST).changes == ()
    for who in (SUE, INES):
        with pytest.raises(NotFound):
            read_case(ledger, who, held.case_id)
    found = read_case(ledger, LIN, held.case_id)
    assert found.case.insider
    assert found.news[-1].now["insider"] is True
    write_run(ledger.workspace, Ring(ring_id="R-plain"))
    take_in(ledger, ANALYST)
    assert lead_of(ledger, LIN, "R-plain").lead_id == lead.lead_id, "it does not come back"


def test_assigning_and_handing_over(ledger: Ledger) -> None:
    county(ledger)
    lead = lead_of(ledger, SUE, "R-plain")
    with pytest.raises(NotFound):
        read_lead(ledger, INES, lead.lead_id)
    with pytest.raises(Refused, match="Nobody is named"):
        assign_lead(ledger, SUE, lead.lead_id, to=[], revision=1)
    given = assign_lead(ledger, SUE, lead.lead_id, to=["ines"], revision=1)
    assert (given.officers, given.state, given.revision) == (("ines",), "checking", 2)
    assert read_lead(ledger, INES, lead.lead_id)[0] == given
    with pytest.raises(Stale, match="changed by sue"):
        assign_lead(ledger, SAM, lead.lead_id, to=["ivo"], revision=1)
    assert read_lead(ledger, INES, lead.lead_id)[0] == given
    hand_to_unit(ledger, SUE, lead.lead_id, unit=OTHER, revision=2)
    for who in (INES, SUE):
        with pytest.raises(NotFound):
            read_lead(ledger, who, lead.lead_id)
    theirs = lead_of(ledger, officer("sid", "supervisor", OTHER), "R-plain")
    assert (theirs.state, theirs.officers, theirs.unit) == ("open", (), OTHER)


def test_a_lead_stays_with_its_case_even_when_it_is_judged_and_reopened(ledger: Ledger) -> None:
    county(ledger)
    held = case(ledger)
    judge(ledger, "R-plain", "rejected")
    lead = lead_of(ledger, SUE, "R-plain")
    with pytest.raises(Refused, match="before a case is opened"):
        hand_to_unit(ledger, SUE, lead.lead_id, unit=OTHER, revision=lead.revision)
    again = propose_outcome(
        ledger, INES, lead.lead_id, move="reopen", reason="回头看", revision=lead.revision
    )
    approve(ledger, SUE, again.draft_id, revision=lead.revision)
    lead = lead_of(ledger, SUE, "R-plain")
    assert (lead.state, lead.outcome, lead.case_id) == ("checking", None, held.case_id)
    with pytest.raises(Refused, match="in a case"):
        open_case(ledger, SUE, {lead.lead_id: lead.revision}, title="a second one")


@pytest.mark.parametrize("name", ["", " ", "two\nlines", "x" * 201])
def test_an_officer_has_a_name(sqlite: Ledger, name: str) -> None:
    county(sqlite)
    lead = lead_of(sqlite, SUE, "R-plain")
    with pytest.raises(Refused, match="no name"):
        assign_lead(sqlite, SUE, lead.lead_id, to=[name], revision=1)
    assert lead_of(sqlite, SUE, "R-plain") == lead


def test_a_look_alike_says_of_what(ledger: Ledger) -> None:
    county(ledger)
    for explanation in (None, "", "good people"):
        with pytest.raises(Unmet, match="explanation"):
            judge(ledger, "R-plain", "look_alike", explanation)
    with pytest.raises(Unmet, match="choice"):
        judge(ledger, "R-plain", "guilty")
    assert lead_of(ledger, SUE, "R-plain").outcome is None


def test_feedback_is_what_the_detectors_learn_from(ledger: Ledger, tmp_path: Path) -> None:
    write_run(ledger.workspace, *(Ring(ring_id=f"R-{n}") for n in range(4)))
    take_in(ledger, ANALYST)
    judge(ledger, "R-0", "confirmed")
    judge(ledger, "R-1", "rejected")
    judge(ledger, "R-2", "look_alike", "dialysis")
    path = tmp_path / "decisions.csv"
    told = export_feedback(ledger, SUE, path)
    assert told.rows == 3
    assert (
        path.read_text("utf-8").splitlines()[3].startswith("R-2,refuted,look_alike,dialysis,run-")
    )
    table = read_decisions(path)
    assert dict(zip(table["ring_id"], table["decision"], strict=True)) == {
        "R-0": "confirmed",
        "R-1": "refuted",
        "R-2": "refuted",
    }
    (row,) = log(ledger, "lead.feedback_exported")
    assert (row.export_hash, row.count, details(row)) == (told.sha256, 3, {"file": path.name})
    assert export_feedback(ledger, SUE, path) == told, "the same bytes"
    scores = pd.DataFrame(
        {
            "ring_id": ["R-0", "R-1", "R-3"],
            "given": "all",
            "family": "pool",
            "kind": "card_pool",
            "probability": 0.5,
            "q_value": 0.1,
            "raised": True,
        }
    )
    scores.to_parquet(ledger.workspace.latest_run() / "scores.parquet")
    learnt = decided(ledger.workspace, table)
    assert learnt["ring"].tolist() == [1.0, 0.0]
    with reading(ledger) as connection:
        assert verify(connection, read_anchor(ledger.anchor)).faults == ()


def test_feedback_on_insider_leads_stays_with_the_liaison(ledger: Ledger, tmp_path: Path) -> None:
    county(ledger)
    assert export_feedback(ledger, SUE, tmp_path / "a.csv").rows == 0
    with pytest.raises(NotFound):
        export_feedback(ledger, INES, tmp_path / "b.csv")
    assert not (tmp_path / "b.csv").exists()
