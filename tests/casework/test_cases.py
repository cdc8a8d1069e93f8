"""Cases on their whole way: what each move requires, who may not, who is quicker, what survives."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from sqlalchemy import select, update

from casework.anchor import read_anchor
from casework.audit import Role, verify
from casework.call_backs import Result
from casework.cases import assign_case, list_cases, mark_case, open_case, read_case
from casework.deadlines import Cause, Status
from casework.decisions import (
    SameHands,
    approve,
    list_drafts,
    make_move,
    propose_move,
    propose_outcome,
    return_draft,
    withdraw,
)
from casework.draws import CALL_BACK, Kind
from casework.lead_history import Change
from casework.ledger import Ledger, reading, writing
from casework.limits import read_limits
from casework.papers import LARGEST, add_note, attach_evidence, attach_paper, read_attachment
from casework.rights import NotFound, Refused, Scope
from casework.risk_points import Entry, Grade, Source
from casework.risk_points import State as PointState
from casework.subjects import Stale
from casework.tables import contents
from casework.tables import moves as move_table
from casework.workflow import (
    EVIDENCE,
    MOVES,
    PAPERS,
    Decision,
    LeadState,
    NoSuchMove,
    Outcome,
    State,
    Unmet,
    find_move,
    moves_table,
)
from ingest.texts import catalogue
from tests.casework.office import (
    ANALYST,
    CERTIFICATES,
    INES,
    IVO,
    LEO,
    LIN,
    SAM,
    SUE,
    WAY,
    attach,
    case,
    county,
    details,
    go,
    lead_of,
    log,
    officer,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def held(ledger: Ledger) -> str:
    """A case that Ines and Ivo work on, in a ledger of each kind."""
    county(ledger)
    return case(ledger).case_id


def at_revision(ledger: Ledger, case_id: str) -> int:
    return read_case(ledger, SUE, case_id).case.revision


def sound(ledger: Ledger) -> bool:
    with reading(ledger) as connection:
        return verify(connection, read_anchor(ledger.anchor)).faults == ()


def draft(ledger: Ledger, case_id: str, move: str, choice: str | None = None) -> str:
    revision = at_revision(ledger, case_id)
    return propose_move(
        ledger, INES, case_id, move=move, reason="due", revision=revision, choice=choice
    ).draft_id


def test_a_case_goes_its_whole_way(ledger: Ledger, held: str) -> None:
    done = go(ledger, held, *WAY, choice="penalty")
    assert (done.state, done.decision) == ("archived", "penalty")
    whole = read_case(ledger, SUE, held)
    assert [move.move for move in whole.moves] == list(WAY)
    assert [move.before for move in whole.moves] == ["checking"] + [
        move.after for move in whole.moves[:-1]
    ]
    for made in whole.moves:
        (move,) = [one for one in MOVES if one.name == made.move]
        assert made.drafted_by == "ines"
        assert made.who == ("sue" if move.four_eyes else "ines")
        assert {paper for paper, _ in made.papers} >= set(move.papers)
        (row,) = log(ledger, f"case.moved.{made.move}")
        assert (row.who, row.case_id, details(row)["after"]) == (made.who, held, made.after)
    assert sound(ledger)


def test_a_case_keeps_its_leads_and_officers(ledger: Ledger, held: str) -> None:
    whole = read_case(ledger, IVO, held, purpose="taking part")
    assert [lead.ring_id for lead in whole.leads] == ["R-plain"]
    assert [(lead.state, lead.case_id) for lead in whole.leads] == [("in_case", held)]
    assert dict(whole.certificates) == CERTIFICATES
    assert [one.case_id for one in list_cases(ledger, SUE)] == [held]
    assert [(row.who, row.purpose) for row in log(ledger, "case.read")] == [("ivo", "taking part")]
    lead = whole.leads[0]
    with pytest.raises(Refused, match="in a case"):
        open_case(ledger, SUE, {lead.lead_id: lead.revision}, title="again")
    with pytest.raises(Refused, match="title"):
        open_case(ledger, SUE, {lead.lead_id: lead.revision}, title=" \n ")
    with pytest.raises(Refused, match="leads of one unit"):
        open_case(ledger, SUE, {}, title="of nothing")


@pytest.mark.parametrize(
    ("way", "papers", "move", "choice", "missing"),
    [
        ((), ("check_record",), "file", None, {"filing_form"}),
        ((), (), "not_file", None, {"check_record"}),
        (("file", "begin"), ("inspection_record",), "conclude", None, {"investigation_report"}),
        (("file", "begin", "conclude"), (), "notify", None, {"notice"}),
        (WAY[:4], ("decision_paper",), "decide", "penalty", {"legal_review"}),
        (WAY[:4], ("decision_paper",), "decide", "nothing", {"choice"}),
        (WAY[:4], (), "decide", "transfer", {"decision_paper", "transfer_letter"}),
        (WAY[:6], (), "close", None, {"closing_report"}),
    ],
)
def test_a_move_without_its_papers_is_refused(
    sqlite: Ledger,
    way: tuple[str, ...],
    papers: tuple[str, ...],
    move: str,
    choice: str | None,
    missing: set[str],
) -> None:
    county(sqlite)
    held = case(sqlite).case_id
    go(sqlite, held, *way, choice="no_penalty")
    attach(sqlite, INES, held, *papers)
    if way == WAY[:4]:
        assert "legal_review" not in {one.paper for one in read_case(sqlite, SUE, held).attachments}
    before = read_case(sqlite, SUE, held).case
    with pytest.raises(Unmet) as refused:
        draft(sqlite, held, move, choice)
    assert {one.split()[0] for one in refused.value.missing} == missing
    assert read_case(sqlite, SUE, held).case == before
    assert details(log(sqlite, "service.refused")[-1])["why"] == "Unmet"


def test_what_is_gone_when_the_draft_is_approved_counts(sqlite: Ledger) -> None:
    county(sqlite)
    held = case(sqlite).case_id
    go(sqlite, held, "file", "begin")
    attach(sqlite, INES, held, "inspection_record", "investigation_report")
    waiting = draft(sqlite, held, "conclude")
    revision = at_revision(sqlite, held)
    assign_case(sqlite, SUE, held, to={"ines": "C-1"}, revision=revision)
    with pytest.raises(Unmet, match="1 of 2"):
        approve(sqlite, SUE, waiting, revision=revision + 1)
    assert read_case(sqlite, SUE, held).case.state == "investigating"


def test_two_officers_with_a_certificate_each(ledger: Ledger, held: str) -> None:
    go(ledger, held, "file")
    for to in ({"ines": "C-1"}, {"ines": "C-1", "ivo": None}, {"ines": "C-1", "ivo": "  "}):
        assign_case(ledger, SUE, held, to=to, revision=at_revision(ledger, held))
        with pytest.raises(Unmet, match=r"officers with a certificate \(1 of 2\)"):
            make_move(
                ledger,
                INES,
                held,
                move="begin",
                reason="due",
                revision=at_revision(ledger, held),
            )
    with pytest.raises(Refused, match="certificate of their own"):
        assign_case(
            ledger,
            SUE,
            held,
            to={"ines": "C-1", "ivo": "C-1"},
            revision=at_revision(ledger, held),
        )
    assign_case(ledger, SUE, held, to=CERTIFICATES, revision=at_revision(ledger, held))
    go(ledger, held, "begin")


def test_a_legal_review_is_by_somebody_outside_the_case(ledger: Ledger, held: str) -> None:
    go(ledger, held, *WAY[:4])
    attach(ledger, INES, held, "decision_paper")
    for inside in ("ines", "ivo"):
        attach(ledger, INES, held, "legal_review", signed_by=inside)
    with pytest.raises(Refused, match="signed by nobody"):
        attach_paper(ledger, SUE, held, b"x", name="x", paper="legal_review")
    with pytest.raises(Unmet, match="legal_review by somebody outside"):
        draft(ledger, held, "decide", "penalty")
    attach(ledger, SUE, held, "legal_review", signed_by="law office")
    draft(ledger, held, "decide", "penalty")


def test_a_grave_case_needs_a_group_decision(ledger: Ledger, held: str) -> None:
    go(ledger, held, *WAY[:4])
    marked = mark_case(
        ledger,
        SUE,
        held,
        grave=True,
        supervised_until=date(2026, 6, 30),
        reason="large",
        revision=at_revision(ledger, held),
    )
    assert (marked.grave, marked.supervised_until) == (True, "2026-06-30")
    attach(ledger, INES, held, "decision_paper")
    with pytest.raises(Unmet) as refused:
        draft(ledger, held, "decide", "no_penalty")
    assert [one.split()[0] for one in refused.value.missing] == ["legal_review", "group_minutes"]
    attach(ledger, SUE, held, "legal_review", "group_minutes")
    approve(
        ledger,
        SUE,
        draft(ledger, held, "decide", "no_penalty"),
        revision=at_revision(ledger, held),
    )
    assert read_case(ledger, SUE, held).case.decision == "no_penalty"
    with pytest.raises(Refused, match="before the decision"):
        mark_case(
            ledger,
            SUE,
            held,
            grave=False,
            supervised_until=None,
            reason="x",
            revision=at_revision(ledger, held),
        )


def test_nobody_approves_what_they_drafted_or_work_on(ledger: Ledger) -> None:
    county(ledger)
    inside = case(ledger, "R-inside").case_id
    attach(ledger, LIN, inside, "check_record")
    mine = propose_move(ledger, LIN, inside, move="not_file", reason="r", revision=2)
    with pytest.raises(SameHands):
        approve(ledger, LIN, mine.draft_id, revision=2)
    assert [one.draft_id for one in list_drafts(ledger, LEO)] == [mine.draft_id]
    assert list_drafts(ledger, SUE) == []
    approve(ledger, LEO, mine.draft_id, revision=2)
    lead = lead_of(ledger, ANALYST, "R-plain")
    told = propose_outcome(
        ledger, ANALYST, lead.lead_id, move="judge", reason="r", revision=1, choice="confirmed"
    )
    double = officer(ANALYST.name, "supervisor")
    with pytest.raises(SameHands):
        approve(ledger, double, told.draft_id, revision=1)
    assert sound(ledger)


def test_a_supervisor_who_works_on_a_case_does_not_approve_it(ledger: Ledger, held: str) -> None:
    to = {**CERTIFICATES, "sue": "C-3"}
    assign_case(ledger, SAM, held, to=to, revision=at_revision(ledger, held))
    attach(ledger, INES, held, "check_record")
    waiting = draft(ledger, held, "not_file")
    with pytest.raises(SameHands):
        approve(ledger, SUE, waiting, revision=at_revision(ledger, held))
    approve(ledger, SAM, waiting, revision=at_revision(ledger, held))


def test_a_draft_is_returned_or_withdrawn_and_ends_there(ledger: Ledger, held: str) -> None:
    attach(ledger, INES, held, "check_record")
    first = draft(ledger, held, "not_file")
    with pytest.raises(Refused, match=f"waits for draft {first}"):
        draft(ledger, held, "not_file")
    with pytest.raises(Refused, match="without a reason"):
        return_draft(ledger, SUE, first, reason=" ")
    return_draft(ledger, SUE, first, reason="ask the place first")
    assert details(log(ledger, "case.returned")[0])["reason"] == "ask the place first"
    second = draft(ledger, held, "not_file")
    with pytest.raises(NotFound):
        withdraw(ledger, IVO, second)
    withdraw(ledger, INES, second)
    for ended in (first, second):
        with pytest.raises(Refused, match=r"was (returned|withdrawn)"):
            approve(ledger, SUE, ended, revision=at_revision(ledger, held))
    assert list_drafts(ledger, SUE) == []
    assert read_case(ledger, SUE, held).case.state == "checking"


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run calls at the same moment, each in a thread; return their results or errors."""
    gate, told = threading.Barrier(len(calls)), [None] * len(calls)

    def run(position: int, call: Callable[[], Any]) -> None:
        gate.wait()
        try:
            told[position] = call()
        except Refused as error:
            told[position] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def test_of_two_who_approve_at_once_one_wins_and_one_is_told(ledger: Ledger, held: str) -> None:
    attach(ledger, INES, held, "check_record")
    waiting, revision = draft(ledger, held, "not_file"), at_revision(ledger, held)
    told = at_once(
        lambda: approve(ledger, SUE, waiting, revision=revision),
        lambda: approve(ledger, SAM, waiting, revision=revision),
    )
    (lost,) = [one for one in told if isinstance(one, Refused)]
    (won,) = [one for one in told if not isinstance(one, Refused)]
    assert f"approved by {won.who}" in str(lost)
    assert [move.who for move in read_case(ledger, SUE, held).moves] == [won.who]
    assert sound(ledger)


def test_of_two_who_change_a_case_at_once_one_wins_and_one_is_told(
    ledger: Ledger, held: str
) -> None:
    revision = at_revision(ledger, held)
    told = at_once(
        *(
            lambda who=who: mark_case(
                ledger,
                who,
                held,
                grave=who is SUE,
                supervised_until=None,
                reason="r",
                revision=revision,
            )
            for who in (SUE, SAM)
        )
    )
    (lost,) = [one for one in told if isinstance(one, Stale)]
    (won,) = [one for one in told if not isinstance(one, Stale)]
    assert f"changed by {won.changed_by}" in str(lost)
    assert read_case(ledger, SUE, held).case == won
    assert sound(ledger)


def test_an_approval_of_what_was_changed_meanwhile_is_stale(ledger: Ledger, held: str) -> None:
    attach(ledger, INES, held, "check_record")
    waiting, revision = draft(ledger, held, "not_file"), at_revision(ledger, held)
    attach_evidence(ledger, IVO, held, b"new", name="new.txt", paper="statement")
    with pytest.raises(Stale, match="changed by ivo"):
        approve(ledger, SUE, waiting, revision=revision)
    assert read_case(ledger, SUE, held).case.state == "checking"
    approve(ledger, SUE, waiting, revision=revision + 1)


def test_files_are_kept_by_their_hash(ledger: Ledger, held: str) -> None:
    one = attach_evidence(ledger, INES, held, b"seen", name="a.txt", paper="statement")
    two = attach_evidence(ledger, IVO, held, b"seen", name="b.txt", paper="footage")
    assert (one.number, two.number, one.sha256 == two.sha256) == (1, 2, True)
    assert read_attachment(ledger, SUE, held, 2) == (two, b"seen")
    assert log(ledger, "case.attachment_read")[0].export_hash == two.sha256
    with pytest.raises(NotFound):
        read_attachment(ledger, SUE, held, 3)
    with reading(ledger) as connection:
        assert len(connection.execute(select(contents)).all()) == 1
    for content, name, paper in (
        (b"", "a", "statement"),
        (b"x" * (LARGEST + 1), "a", "statement"),
        (b"x", "", "statement"),
        (b"x", "a\nb", "statement"),
        (b"x", "a", "legal_review"),
        (b"x", "a", "gossip"),
    ):
        with pytest.raises(Refused, match="cannot be attached"):
            attach_evidence(ledger, INES, held, content, name=name, paper=paper)
    with pytest.raises(Refused, match="cannot be attached"):
        attach_paper(ledger, SUE, held, b"x", name="a", paper="statement")
    with writing(ledger) as connection:
        connection.execute(update(contents).values(bytes=b"unseen"))
    with pytest.raises(Refused, match="SHA-256"):
        read_attachment(ledger, SUE, held, 1)


def test_notes_are_added_and_nothing_is_added_to_the_archive(ledger: Ledger, held: str) -> None:
    add_note(ledger, INES, held, " asked the pharmacist ")
    add_note(ledger, SUE, held, "go on")
    assert [(note.number, note.who, note.text) for note in read_case(ledger, IVO, held).notes] == [
        (1, "ines", "asked the pharmacist"),
        (2, "sue", "go on"),
    ]
    with pytest.raises(Refused, match="empty"):
        add_note(ledger, INES, held, " ")
    go(ledger, held, "not_file", "archive")
    with pytest.raises(Refused, match="archived"):
        add_note(ledger, INES, held, "late")
    with pytest.raises(Refused, match="archived"):
        attach_evidence(ledger, INES, held, b"x", name="late", paper="statement")


def test_only_the_moves_of_the_table_exist() -> None:
    for state in get_args(State):
        for move in MOVES:
            for four_eyes in (True, False):
                fits = move.subject == "case" and state in move.before
                if fits and move.four_eyes is four_eyes:
                    assert find_move("case", move.name, state, four_eyes=four_eyes) is move
                else:
                    with pytest.raises(NoSuchMove):
                        find_move("case", move.name, state, four_eyes=four_eyes)


def test_the_table_holds_what_the_rules_say() -> None:
    case_moves = [move for move in MOVES if move.subject == "case"]
    reached = {"checking"}
    for _ in case_moves:
        reached |= {move.after for move in case_moves if reached & set(move.before)}
    assert reached == set(get_args(State)), "every state can be reached"
    into: dict[str, set[str]] = {}
    for move in case_moves:
        into.setdefault(move.after, set()).update(move.before)
    assert into["decided"] == {"notified"}, "no decision before the notice"
    assert into["notified"] == {"concluded"}
    assert into["suspended"] == {"investigating"}
    assert not any("archived" in move.before for move in case_moves)
    assert {move.after for move in MOVES if move.subject == "lead"} < set(get_args(LeadState))
    assert {move.name for move in case_moves if not move.four_eyes} == {"begin", "serve", "archive"}
    known = set(read_limits())
    assert {limit for move in MOVES for limit in (*move.begins, *move.ends)} <= known
    papers = {p for m in MOVES for p in (*m.papers, *(q for v in m.by_choice.values() for q in v))}
    assert papers <= {*EVIDENCE, *PAPERS}
    assert all(move.source for move in MOVES)


def test_the_table_in_the_documents_is_this_one() -> None:
    assert moves_table() in (ROOT / "docs" / "casework.md").read_text("utf-8")


KILLED = """
import os, signal, sys
from pathlib import Path
from casework import decisions, ledger as store, moving
from casework.ledger import open_ledger
from ingest.workspace import Workspace
from tests.casework.office import SUE

root, draft, revision, die, *address = sys.argv[1:]
kill = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
if die == "before the audit row":
    moving.append = kill
elif die == "before it is kept":
    decisions._end = kill
elif die == "before the anchor":
    store.advance = kill
environ = {"RINGFENCE_LEDGER": address[0]} if address else {}
with open_ledger(Workspace(Path(root)), environ=environ) as ledger:
    decisions.approve(ledger, SUE, draft, revision=int(revision))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("die", "kept"),
    [("before the audit row", 0), ("before it is kept", 0), ("before the anchor", 1)],
)
def test_a_decision_that_is_killed_is_whole_or_absent(
    ledger: Ledger, ledger_environ: dict[str, str], held: str, die: str, kept: int
) -> None:
    attach(ledger, INES, held, "check_record")
    waiting, revision = draft(ledger, held, "not_file"), at_revision(ledger, held)
    words = [str(ledger.workspace.root), waiting, str(revision), die, *ledger_environ.values()]
    process = subprocess.run(  # noqa: S603 - our own python
        [sys.executable, "-c", KILLED, *words], cwd=ROOT, capture_output=True, check=False
    )
    assert process.returncode == -signal.SIGKILL, process.stderr
    assert sound(ledger)
    whole = read_case(ledger, SUE, held)
    with reading(ledger) as connection:
        made = connection.execute(
            select(move_table.c.move).where(move_table.c.subject == held)
        ).scalars()
        assert len(list(made)) == kept
    assert len(log(ledger, "case.moved.not_file")) == kept
    assert whole.case.state == ("not_filed" if kept else "checking")
    assert len(list_drafts(ledger, SUE)) == 1 - kept
    if not kept:
        approve(ledger, SUE, waiting, revision=revision)
    assert sound(ledger)


def test_every_closed_choice_has_its_words_and_no_word_is_left_over() -> None:
    choices = {
        "role": get_args(Role),
        "scope": get_args(Scope),
        "lead_state": get_args(LeadState),
        "lead_change": get_args(Change),
        "lead_outcome": get_args(Outcome),
        "case_state": get_args(State),
        "case_decision": get_args(Decision),
        "case_move": tuple(move.name for move in MOVES),
        "case_paper": (*EVIDENCE, *PAPERS),
        "limit": tuple(read_limits()),
        "deadline_status": get_args(Status),
        "pause_cause": get_args(Cause),
        "draw_kind": (*get_args(Kind), CALL_BACK),
        "call_back_result": get_args(Result),
        "risk_grade": get_args(Grade),
        "risk_source": get_args(Source),
        "risk_state": get_args(PointState),
        "risk_field": (*Entry.__slots__, "source", "state"),
    }
    for section, known in choices.items():
        worded = {k.removeprefix(f"{section}.") for k in catalogue() if k.startswith(f"{section}.")}
        assert worded == set(known), section


def test_no_word_of_casework_condemns_anybody() -> None:
    sections = ("lead_", "case_", "deadline_", "limit", "pause_", "scope.", "role.")
    said = " ".join(
        text.lower()
        for key, entry in catalogue().items()
        if key.startswith(sections)
        for text in entry.values()
    )
    for word in ("骗保", "诈骗", "违法", "主犯", "涉案", "fraud", "guilty", "criminal", "offender"):
        assert word not in said
