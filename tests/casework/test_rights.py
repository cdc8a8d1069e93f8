"""Every service function called as every role on every kind of subject, held to the table."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from sqlalchemy import Connection, insert

import casework
from casework import audit_reading, cases, deadlines, decisions, draws, feedback, leads, papers
from casework.anchor import read_anchor
from casework.audit import entries, verify
from casework.canonical import stamp
from casework.ledger import Ledger, reading, writing
from casework.rights import RIGHTS, ROLES, NotFound, Officer, Scope, matrix
from casework.tables import (
    assignments,
    attachments,
    case_leads,
    contents,
    deadline_pauses,
    drafts,
)
from casework.tables import cases as case_table
from casework.tables import deadlines as deadline_table
from casework.tables import draws as draw_table
from casework.tables import leads as lead_table
from ingest.workspace import Workspace
from tests.casework import checks_calls, papers_calls, people_calls
from tests.casework.office import DISCIPLINE, OTHER, UNIT, Ring, officer, write_run

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "casework.md"
Relation = Literal["unit", "assigned", "elsewhere", "insider", "concerned", "own"]

# What each reach covers, written down a second time and by hand.
COVERED: dict[Scope | None, set[Relation]] = {
    None: set(),
    "unit": {"unit", "assigned", "own"},
    "assigned": {"assigned"},
    "insider": {"insider"},
    "own": {"own"},
    "desk": {"unit", "assigned", "insider"},
    "accounts": set(),
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """One subject that was put into the ledger for one role: its keys share a number."""

    relation: Relation
    number: str

    def key(self, letter: str) -> str:
        return f"{letter}-{self.number}"


def call(ledger: Ledger, who: Officer, function: str, at: Place, folder: Path) -> Any:
    """Call a service function as it is meant to be called, on the subject of a place."""
    lead, case, draft, deadline = (at.key(letter) for letter in "LKED")
    calls: dict[str, Callable[[], Any]] = {
        "leads.take_in": lambda: leads.take_in(ledger, who),
        "leads.list_leads": lambda: [one.lead_id for one in leads.list_leads(ledger, who)],
        "leads.read_lead": lambda: leads.read_lead(ledger, who, lead),
        "leads.assign_lead": lambda: leads.assign_lead(ledger, who, lead, to=["x"], revision=1),
        "leads.hand_to_unit": lambda: leads.hand_to_unit(
            ledger, who, lead, unit="third", revision=1
        ),
        "feedback.export_feedback": lambda: feedback.export_feedback(
            ledger, who, folder / "decisions.csv"
        ),
        "cases.open_case": lambda: cases.open_case(ledger, who, {lead: 1}, title="t"),
        "cases.list_cases": lambda: [one.case_id for one in cases.list_cases(ledger, who)],
        "cases.read_case": lambda: cases.read_case(ledger, who, case),
        "cases.assign_case": lambda: cases.assign_case(
            ledger, who, case, to={"x": "C"}, revision=1
        ),
        "cases.mark_case": lambda: cases.mark_case(
            ledger, who, case, grave=True, supervised_until=None, reason="r", revision=1
        ),
        "papers.add_note": lambda: papers.add_note(ledger, who, case, "a note"),
        "papers.attach_evidence": lambda: papers.attach_evidence(
            ledger, who, case, b"e", name="e", paper="statement"
        ),
        "papers.attach_paper": lambda: papers.attach_paper(
            ledger, who, case, b"p", name="p", paper="notice"
        ),
        "papers.read_attachment": lambda: papers.read_attachment(ledger, who, case, 1),
        "decisions.propose_outcome": lambda: decisions.propose_outcome(
            ledger, who, lead, move="judge", reason="r", revision=1, choice="confirmed"
        ),
        "decisions.propose_move": lambda: decisions.propose_move(
            ledger, who, case, move="not_file", reason="r", revision=1
        ),
        "decisions.make_move": lambda: decisions.make_move(
            ledger, who, case, move="archive", reason="r", revision=1
        ),
        "decisions.list_drafts": lambda: [
            one.draft_id for one in decisions.list_drafts(ledger, who)
        ],
        "decisions.approve": lambda: decisions.approve(ledger, who, draft, revision=1),
        "decisions.return_draft": lambda: decisions.return_draft(ledger, who, draft, reason="r"),
        "decisions.withdraw": lambda: decisions.withdraw(ledger, who, draft),
        "deadlines.list_deadlines": lambda: [
            one.deadline_id for one in deadlines.list_deadlines(ledger, who)
        ],
        "deadlines.pause_deadline": lambda: deadlines.pause_deadline(
            ledger, who, deadline, cause="test", reason="r"
        ),
        "deadlines.resume_deadline": lambda: deadlines.resume_deadline(
            ledger, who, deadline, reason="r"
        ),
        "deadlines.extend_deadline": lambda: deadlines.extend_deadline(
            ledger, who, deadline, days=1, reason="r"
        ),
        "draws.draw": lambda: draws.draw(ledger, who, "targets", {"a": 1}, wanted=1, purpose="p"),
        "audit_reading.read_audit": lambda: audit_reading.read_audit(ledger, who),
        "audit_reading.verify_audit": lambda: audit_reading.verify_audit(ledger, who),
        "audit_reading.search_audit": lambda: audit_reading.search_audit(
            ledger, who, audit_reading.Filter()
        ),
        "audit_reading.who_saw": lambda: audit_reading.who_saw(ledger, who, case_id=case),
        "audit_reading.export_audit": lambda: audit_reading.export_audit(
            ledger, who, audit_reading.Filter()
        ),
        "draws.list_draws": lambda: [one.draw_id for one in draws.list_draws(ledger, who)],
    }
    calls |= people_calls.people_calls(ledger, who, at.number)
    calls |= papers_calls.papers_calls(ledger, who, at.number)
    calls |= checks_calls.checks_calls(ledger, who, at.number)
    return calls[function]()


LISTS = {
    "leads.list_leads": "L",
    "cases.list_cases": "K",
    "decisions.list_drafts": "E",
    "deadlines.list_deadlines": "D",
    "draws.list_draws": "Z",
    **people_calls.LISTS,
    **papers_calls.LISTS,
    **checks_calls.LISTS,
}
WITHOUT_SUBJECT = (
    people_calls.WITHOUT_SUBJECT
    | papers_calls.WITHOUT_SUBJECT
    | checks_calls.WITHOUT_SUBJECT
    | {
        "leads.take_in",
        "feedback.export_feedback",
        "draws.draw",
        "audit_reading.read_audit",
        "audit_reading.search_audit",
        "audit_reading.who_saw",
        "audit_reading.export_audit",
        "audit_reading.verify_audit",
    }
)
DRAFTED = {
    "decisions.approve",
    "decisions.return_draft",
    "decisions.withdraw",
    "decisions.list_drafts",
}


def plant(connection: Connection, who: Officer, function: str, place: Place, at: str) -> None:
    """Put a lead and a case with their parts into the ledger, as they stand to an officer."""
    inside = place.relation in ("insider", "concerned")
    held = {
        "revision": 1,
        "unit": OTHER if place.relation == "elsewhere" else who.unit,
        "insider": inside,
        "concerned": f'["{who.unit}"]' if place.relation == "concerned" else "[]",
        "made_at": at,
        "made_by": "somebody",
        "changed_at": at,
        "changed_by": "somebody",
    }
    facts = (
        '{"kind":"card_pool","probability":0.5,"loss_mid":"1.00",'
        '"members":[["person","p1","holder"]]}'
    )
    run = {"run": "run-0", "present": True, "facts": facts}
    for letter, state in (("L", "checking"), ("M", "in_case")):
        lead = {"lead_id": place.key(letter), "ring_id": place.key(f"R{letter}"), "state": state}
        connection.execute(insert(lead_table), {**held, **run, **lead})
    case, closed = place.key("K"), function == "decisions.make_move"
    state = {"state": "closed" if closed else "checking", "grave": False, "title": "t"}
    connection.execute(insert(case_table), {**held, **state, "case_id": case})
    connection.execute(insert(case_leads), {"case_id": case, "lead_id": place.key("M")})
    connection.execute(
        insert(attachments),
        {
            **{"case_id": case, "number": 1, "sha256": EMPTY, "name": "n", "size": 1},
            **{"paper": "check_record", "at": at, "who": "somebody"},
        },
    )
    deadline = {"deadline_id": place.key("D"), "case_id": case, "limit": "check"}
    connection.execute(insert(deadline_table), {**deadline, "began": "2026-02-24"})
    if function == "deadlines.resume_deadline":
        pause = {"deadline_id": place.key("D"), "began": "2026-02-25", "cause": "test"}
        connection.execute(insert(deadline_pauses), {**pause, "reason": "r", "who": "somebody"})
    if function == "draws.list_draws":
        drawn = {"draw_id": place.key("Z"), "kind": "targets", "purpose": "p", "pool": "{}"}
        rest = {"excluded": "{}", "wanted": 1, "seed": "s", "drawn": "[]", "at": at, "who": "s"}
        connection.execute(insert(draw_table), {**drawn, **rest, "unit": held["unit"]})
    if place.relation == "assigned":
        for letter in "LK":
            row = {"subject": place.key(letter), "name": who.name, "at": at, "assigned_by": "s"}
            connection.execute(insert(assignments), row)
    if function in DRAFTED:
        draft = {"draft_id": place.key("E"), "subject": case, "revision": 1, "move": "not_file"}
        author = who.name if place.relation == "own" else "somebody"
        told = {"reason": "r", "state": "open", "at": at, "who": author}
        connection.execute(insert(drafts), {**draft, **told})


EMPTY = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"  # of b"x"


def relations(function: str) -> tuple[Relation, ...]:
    if function == "draws.list_draws" or function in papers_calls.OF_UNIT:
        return ("unit", "elsewhere")
    if function in papers_calls.OF_INSIDERS | checks_calls.OF_INSIDERS:
        return ("insider",)
    every: tuple[Relation, ...] = ("unit", "assigned", "elsewhere", "insider", "concerned")
    authored = {"decisions.withdraw", "decisions.list_drafts"}
    return (*every, "own") if function in authored else every


def covered(function: str, role: str) -> set[Relation]:
    """Return the subjects that the table opens to a role; working on a case bars approving."""
    scope = RIGHTS[function].get(role)  # type: ignore[call-overload]  # a Role
    found = COVERED[scope] & set(relations(function))
    return found - {"assigned"} if function == "decisions.approve" else found


@pytest.fixture
def planted(sqlite: Ledger) -> Ledger:
    with writing(sqlite) as connection:
        connection.execute(insert(contents), {"sha256": EMPTY, "bytes": b"x"})
    return sqlite


@pytest.mark.parametrize("function", RIGHTS)
def test_every_role_meets_what_the_table_says(
    planted: Ledger, tmp_path: Path, function: str
) -> None:
    write_run(planted.workspace, Ring(ring_id="R-new"))
    team, places = {}, {}
    with writing(planted) as connection:
        people_calls.prepare(planted, connection, stamp(planted.clock()))
        for role in ROLES:
            who = team[role] = officer(
                f"the {role}", role, DISCIPLINE if role == "liaison" else UNIT
            )
            for relation in relations(function):
                number = f"{role}-{relation}"
                places[role, relation] = place = Place(relation=relation, number=number)
                plant(connection, who, function, place, stamp(planted.clock()))
                unit = OTHER if relation == "elsewhere" else who.unit
                people_calls.plant_people(planted, connection, who, function, number, unit)
                at = stamp(planted.clock())
                papers_calls.plant_papers(connection, number, unit, at, EMPTY)
                checks_calls.plant_checks(connection, number, unit, at)
    for role, who in team.items():
        got = {
            relation
            for relation in relations(function)
            if allowed(planted, who, function, places[role, relation], tmp_path)
        }
        if function in WITHOUT_SUBJECT:
            assert bool(got) is (role in RIGHTS[function]), role
        else:
            assert got == covered(function, role), role
    with reading(planted) as connection:
        refused = [row for row in entries(connection) if row.action == "access.refused"]
        assert {row.object_class for row in refused} == {function}
        assert {row.role for row in refused} >= set(ROLES) - set(RIGHTS[function])
        assert verify(connection, read_anchor(planted.anchor)).faults == ()


def allowed(ledger: Ledger, who: Officer, function: str, place: Place, folder: Path) -> bool:
    """Whether a call goes through; where it does not, the error tells nothing."""
    try:
        result = call(ledger, who, function, place, folder)
    except NotFound as refusal:
        said = str(refusal)
        if function not in (*LISTS, *WITHOUT_SUBJECT):
            with pytest.raises(NotFound) as absent:
                call(ledger, who, function, Place(relation="unit", number="absent"), folder)
            for letter in f"LKEDITB{papers_calls.LETTERS}{checks_calls.LETTERS}":
                said = said.replace(place.key(letter), f"{letter}-absent")
            assert said == str(absent.value)
        return False
    except decisions.SameHands:
        return False
    return place.key(LISTS[function]) in result if function in LISTS else True


def test_every_service_function_is_in_the_table_and_none_else() -> None:
    found = set()
    for module in pkgutil.iter_modules(casework.__path__):
        loaded = importlib.import_module(f"casework.{module.name}")
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            kinds = [p.annotation for p in inspect.signature(function).parameters.values()]
            who = [kind for kind in kinds if kind is not Workspace][:2]
            ours = function.__module__ == loaded.__name__ and not name.startswith("_")
            if ours and who == [Ledger, Officer] and name != "serving":
                found.add(f"{module.name}.{name}")
    assert found == set(RIGHTS)


def test_what_the_practice_says_of_the_roles() -> None:
    held = {role: {f for f, given in RIGHTS.items() if role in given} for role in ROLES}
    assert held["expert"] == set()
    areas = {role: {name.partition(".")[0] for name in found} for role, found in held.items()}
    assert areas["administrator"] == {"accounts", "accounts_clients", "news"}
    assert areas["informant_desk"] == {"tips", "tips_extract", "tips_rewards", "informants"}
    for area, role in (("informants", "informant_desk"), ("accounts", "administrator")):
        alone = [given for f, given in RIGHTS.items() if f.startswith(f"{area}.")]
        assert all(set(given) == {role} for given in alone), area
    everywhere = {function for function, given in RIGHTS.items() if "auditor" in given}
    assert everywhere == {function for function in RIGHTS if function.startswith("audit_reading.")}
    assert {f for f, given in RIGHTS.items() if "all" in given.values()} == everywhere
    for function, given in RIGHTS.items():
        assert given.get("liaison", "insider") in ("insider", "own"), function
        assert "insider" not in {given.get(role) for role in ROLES if role != "liaison"}, function
        assert given.get("investigator", "assigned") in ("assigned", "own"), function
    for function in ("papers.attach_evidence", "decisions.propose_move", "decisions.make_move"):
        assert "supervisor" not in RIGHTS[function], "a supervisor never edits evidence or drafts"
    for function in ("decisions.approve", "cases.read_case", "cases.list_cases"):
        assert "analyst" not in RIGHTS[function]
    assert "investigator" not in RIGHTS["decisions.approve"]


def test_the_table_in_the_documents_is_this_one() -> None:
    assert matrix() in DOCUMENT.read_text("utf-8")


def test_a_name_and_a_role_alone_reach_nothing(planted: Ledger) -> None:
    nobody = officer("nobody", "supervisor", "")
    assert leads.list_leads(planted, nobody) == []
    with pytest.raises(NotFound):
        deadlines.list_deadlines(planted, nobody, case_id="K-1")
