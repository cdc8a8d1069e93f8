"""One case as its officers and their supervisor meet it, with the people in it."""

import re
from datetime import timedelta

from app.explorer.cases import clear, moves
from app.explorer.screens import sign_in
from casework import reveals as revealing
from casework.cases import assign_case, read_case
from casework.deadlines import list_deadlines
from casework.decisions import list_drafts, propose_move
from casework.leads import take_in
from casework.ledger import reading
from casework.moving import wish_of
from casework.papers import add_note
from casework.subjects import find
from casework.tables import cases as case_table
from casework.workflow import MOVES, Unmet, check
from ingest.texts import say
from tests.app import cases_office as office_of
from tests.app.cases_office import (
    CROWD,
    INSIDE,
    PLAIN,
    SECRETS,
    headings,
    log_of,
    part,
    press,
    shown_to_browser,
    tab,
    text,
    words,
)
from tests.app.signed_in import ran
from tests.casework.conftest import AWAY
from tests.casework.office import (
    CERTIFICATES,
    INES,
    IVO,
    LIN,
    SAM,
    SUE,
    WAY,
    attach,
    details,
    go,
    lead_of,
    log,
)
from tests.casework.office import case as case_in


def test_what_lacks_for_a_move_is_what_the_service_would_say(office) -> None:
    """For every move in its state, with and without the papers: same verdict as the workflow."""
    case_id = case_in(office.ledger).case_id
    met = set()

    def compare() -> None:
        file = read_case(office.ledger, INES, case_id)
        for move in moves.from_state(file.case.state):
            for choice in move.choices or (None,):
                found = moves.needs(move, file, choice, "ines", "en")
                with reading(office.ledger) as connection:
                    row = find(connection, INES, "cases.read_case", case_id, of=case_table)
                    wish = wish_of(connection, row, "ines", "due", choice, None)
                try:
                    check(move, wish)
                    missing: tuple[str, ...] = ()
                except Unmet as unmet:
                    missing = unmet.missing
                assert sum(not one.met for one in found) == len(missing), (move.name, missing)
                met.add((move.name, not missing))

    for name in WAY:
        compare()
        (move,) = [one for one in MOVES if one.name == name]
        attach(office.ledger, INES, case_id, *move.papers)
        compare()
        go(office.ledger, case_id, name)
    every = {move.name for move in MOVES if move.subject == "case"} - {"resume"}
    assert {name for name, ready in met if ready} == every
    needing = {move.name for move in MOVES if move.subject == "case" and move.papers}
    assert {name for name, ready in met if not ready} == needing


def test_a_grave_case_needs_review_and_minutes_before_the_decision(office) -> None:
    case_id = case_in(office.ledger).case_id
    go(office.ledger, case_id, "file", "begin", "conclude")
    from casework.cases import mark_case

    revision = read_case(office.ledger, SUE, case_id).case.revision
    mark_case(office.ledger, SUE, case_id, grave=True, supervised_until=None, reason="large",
              revision=revision)  # fmt: skip
    go(office.ledger, case_id, "notify")
    file = read_case(office.ledger, INES, case_id)
    (decide,) = moves.from_state("notified")
    told = [one for one in moves.needs(decide, file, "no_penalty", "ines", "en") if not one.met]
    assert say("cases.need.review", "en") in [one.text for one in told]
    assert say("cases.need.minutes", "en") in [one.text for one in told]
    attach(office.ledger, INES, case_id, "legal_review", signed_by="ivo")
    file = read_case(office.ledger, INES, case_id)
    told = [one for one in moves.needs(decide, file, "no_penalty", "ines", "en") if not one.met]
    assert say("cases.need.review", "en") in [one.text for one in told], "ivo works on the case"


def test_a_move_is_off_until_its_papers_are_there_then_drafted(visit, office) -> None:
    case_id = case_in(office.ledger).case_id
    page = visit("ines", case=case_id)
    send = f"move_form_{case_id}_send"
    assert page.button(key=send).disabled
    assert say("case_paper.filing_form", "en") in words(page)
    page = tab(page, "folder")
    page.selectbox(key=f"attach_{case_id}.0_kind").set_value("check_record")
    ran(page)
    page.file_uploader(key=f"attach_{case_id}.0_file").set_value(
        ("r.pdf", b"one", "application/pdf")
    )
    press(page, f"attach_{case_id}_send")
    assert "Attached r.pdf" in words(page)
    attach(office.ledger, INES, case_id, "filing_form")
    page = visit("ines", case=case_id)
    text(page, f"move_form_{case_id}.0_reason", "facts hold")
    press(page, send)
    (draft,) = list_drafts(office.ledger, SUE)
    assert (draft.move, draft.who, draft.reason) == ("file", "ines", "facts hold")
    page = visit("sue", case=case_id)
    press(page, f"decide_{draft.draft_id}_approve")
    assert read_case(office.ledger, SUE, case_id).case.state == "filed"
    page = tab(page, "history")
    assert "drafted by ines, approved by sue" in words(page)


def test_a_file_needs_a_kind_and_keeps_what_was_chosen(visit, office) -> None:
    case_id = case_in(office.ledger).case_id
    page = tab(visit("ines", case=case_id), "folder")
    page.file_uploader(key=f"attach_{case_id}.0_file").set_value(("r.pdf", b"one", "text/plain"))
    press(page, f"attach_{case_id}_send")
    assert say("cases.folder.no_file", "en") in words(page)
    page.selectbox(key=f"attach_{case_id}.0_kind").set_value("footage")
    ran(page)
    press(page, f"attach_{case_id}_send")
    (one,) = read_case(office.ledger, INES, case_id).attachments
    assert (one.paper, one.name, one.size) == ("footage", "r.pdf", 3)
    page = tab(visit("sue", case=case_id), "folder")
    offered = page.selectbox(key=f"attach_{case_id}.0_kind").options
    assert say("case_paper.footage", "en") not in offered, "a supervisor adds no evidence"


def test_officers_of_a_case_do_not_approve_and_supervisors_do_not_propose(visit, office) -> None:
    case_id = case_in(office.ledger).case_id
    attach(office.ledger, INES, case_id, "check_record", "filing_form")
    one = read_case(office.ledger, SUE, case_id).case
    assert f"move_form_{case_id}_send" not in [
        each.key for each in visit("sue", case=case_id).button
    ]
    one = assign_case(
        office.ledger, SUE, case_id, to={**CERTIFICATES, "sue": None}, revision=one.revision
    )
    draft = propose_move(
        office.ledger, INES, case_id, move="file", reason="due", revision=one.revision
    )
    page = visit("sue", case=case_id)
    press(page, f"decide_{draft.draft_id}_approve")
    assert "somebody else approves it" in words(page)
    assert read_case(office.ledger, SAM, case_id).case.state == "checking"
    page = visit("ivo", case=case_id)
    assert say("cases.draft.waits", "en") in words(page)
    page = visit("ines", case=case_id)
    press(page, f"withdraw_{draft.draft_id}")
    assert list_drafts(office.ledger, SUE) == []


def test_a_case_of_others_reads_as_one_that_is_not_there(visit, office) -> None:
    lead = lead_of(office.ledger, SUE, PLAIN)
    case_id = case_in(office.ledger).case_id
    inside = case_in(office.ledger, INSIDE).case_id
    for name, key in (("lin", case_id), ("sue", inside), ("ines", inside), ("sue", "K-none")):
        page = visit(name, case=key)
        assert headings(page) == [say("cases.case.unknown", "en")]
        assert "invented" not in words(page)
    page = visit("ivo", lead=lead.lead_id)
    assert headings(page) == [say("cases.lead.unknown", "en")]
    assert headings(visit("lin", case=inside)) == ["An invented case"]


def test_deadlines_say_what_is_unverified_and_are_changed_by_the_supervisor_alone(
    visit, office
) -> None:
    case_id = case_in(office.ledger).case_id
    (limit,) = list_deadlines(office.ledger, SUE)
    page = tab(visit("ines", case=case_id), "limits")
    assert limit.limit.source in words(page)
    assert say("deadline_status.running", "en") in words(page)
    assert f"pause_{limit.deadline_id}_send" not in [one.key for one in page.button]
    page = tab(visit("sue", case=case_id), "limits")
    press(page, f"pause_{limit.deadline_id}_send")
    assert "the reason is empty" in words(page)
    text(page, f"pause_{limit.deadline_id}.0_reason", "at the laboratory")
    press(page, f"pause_{limit.deadline_id}_send")
    assert list_deadlines(office.ledger, SUE)[0].status == "paused"
    text(page, f"resume_{limit.deadline_id}.0_reason", "it is back")
    press(page, f"resume_{limit.deadline_id}_send")
    text(page, f"extend_{limit.deadline_id}.0_reason", "many places")
    page.number_input(key=f"extend_{limit.deadline_id}.0_days").set_value(5)
    press(page, f"extend_{limit.deadline_id}_send")
    (now,) = list_deadlines(office.ledger, SUE)
    assert (now.extensions, now.status) == (1, "running")
    assert str(now.due) > str(limit.due)
    told = [entry.action for entry in log_of(office, "deadline.")]
    assert told == ["deadline.pause", "deadline.resume", "deadline.extend"]
    office.clock.now = AWAY + timedelta(days=80)
    table = part(visit("sue", tab="cases"), "cases").dataframe[0].value
    assert "over" in table["left"].iloc[0]


def test_notes_officers_marks_and_money_are_kept(visit, office) -> None:
    case_id = case_in(office.ledger).case_id
    page = tab(visit("ines", case=case_id), "folder")
    text(page, f"note_{case_id}.0_text", "asked the *pharmacist*")
    press(page, f"note_{case_id}_send")
    (note,) = read_case(office.ledger, INES, case_id).notes
    assert note.text == "asked the *pharmacist*"
    assert "asked the *pharmacist*" in words(page)
    page = visit("ines", case=case_id)
    text(page, f"recovery_{case_id}.0_amount", "one thousand")
    text(page, f"recovery_{case_id}.0_reason", "paid back")
    press(page, f"recovery_{case_id}_send")
    assert say("cases.recovery.no_amount", "en", typed="one thousand") in words(page)
    text(page, f"recovery_{case_id}.0_amount", "1,234.56")
    press(page, f"recovery_{case_id}_send")
    assert "1,234.56" in words(page)
    assert details(log(office.ledger, "case.recovered")[0])["fen"] == 123_456
    page = tab(visit("sue", case=case_id), "team")
    page.selectbox(key=f"team_{case_id}.0_name_3").set_value("ida")
    text(page, f"team_{case_id}.0_certificate_3", "C-2")
    press(page, f"team_{case_id}_send")
    assert "a certificate of their own" in words(page)
    text(page, f"team_{case_id}.0_certificate_3", "C-3")
    press(page, f"team_{case_id}_send")
    now = read_case(office.ledger, SUE, case_id)
    assert now.certificates == {**CERTIFICATES, "ida": "C-3"}
    page.checkbox(key=f"marks_{case_id}.0_grave").check()
    text(page, f"marks_{case_id}.0_reason", "much money")
    press(page, f"marks_{case_id}_send")
    assert read_case(office.ledger, SUE, case_id).case.grave
    assert say("cases.mark.grave", "en") in words(page)


def test_a_lead_that_a_later_run_dropped_is_told_in_its_case(visit, office) -> None:
    case_id = case_in(office.ledger).case_id
    office_of.rings(office.workspace, loss="2500.00")
    take_in(office.ledger, SUE)
    page = visit("ines", case=case_id)
    assert say("lead_change.changed", "en") in words(page)
    assert "→" in words(page)
    lead = lead_of(office.ledger, SUE, PLAIN)
    page = visit("ines", lead=lead.lead_id)
    assert say("lead_change.new", "en") in words(page)
    assert "¥1,000" in words(page)
    assert "¥2,500" in words(page)


def test_reading_is_audited_once_a_minute_and_not_for_each_click(visit, office) -> None:
    case_id = case_in(office.ledger).case_id
    page = visit("ines", case=case_id)
    before = len(log(office.ledger, "case.read"))
    for name in ("limits", "folder", "history", "next"):
        tab(page, name)
    assert len(log(office.ledger, "case.read")) == before


def test_a_note_of_somebody_else_is_there_after_the_next_act(visit, office) -> None:
    case_id = case_in(office.ledger).case_id
    page = tab(visit("ines", case=case_id), "folder")
    add_note(office.ledger, IVO, case_id, "from ivo")
    text(page, f"note_{case_id}.0_text", "from ines")
    press(page, f"note_{case_id}_send")
    assert "from ivo" in words(page)
    assert "from ines" in words(page)
    assert page.text_area(key=f"note_{case_id}.1_text").value == "", "the form is empty again"


def test_people_are_masked_and_shown_with_a_reason_for_a_while(visit, office) -> None:
    case_id = case_in(office.ledger).case_id
    page = tab(visit("ines", case=case_id), "people")
    table = page.dataframe[0].value
    assert len(table) == len(CROWD)
    assert set(table["name"]) == {"张*", "李*"}
    assert not any(secret in shown_to_browser(page) for secret in (*SECRETS, *CROWD))
    row = table.index[table["name"] == "张*"][0]
    choose = {"selection": {"rows": [int(row)], "columns": [], "cells": []}}
    page.session_state[f"people_{case_id}"] = choose
    ran(page)
    press(page, f"reveal_{case_id}_send")
    assert say("cases.people.no_reason", "en") in words(page)
    page.selectbox(key=f"reveal_{case_id}.0_reason").set_value("contact")
    press(page, f"reveal_{case_id}_send")
    assert "needs words" in words(page)
    assert not log(office.ledger, "identity.revealed")
    text(page, f"reveal_{case_id}.0_text", "to be heard")
    press(page, f"reveal_{case_id}_send")
    assert SECRETS[0] in words(page)
    assert SECRETS[1] in words(page)
    assert SECRETS[2] not in words(page), "another field group"
    (entry,) = log(office.ledger, "identity.revealed")
    assert (entry.who, entry.purpose) == ("ines", "contact: to be heard")
    assert not any(secret in repr(entry) for secret in SECRETS)
    assert len(log(office.ledger, "identity.revealed")) == 1, "drawing it again asks nothing"
    page.session_state["case_tab"] = say("cases.tab.next", "en")
    assert SECRETS[0] not in words(ran(page))
    tab(page, "people")
    assert SECRETS[0] in words(page)
    for _ in range(2):  # nobody stays signed in for the whole of it without a click
        office.clock.now += revealing.LAPSES * 0.6
        ran(page)
    assert say("cases.people.log", "en") in words(page)
    assert SECRETS[0] not in words(page)
    assert page.session_state[clear.KEPT][1] == {}


def test_clear_values_go_with_the_officer(visit, office) -> None:
    case_id = case_in(office.ledger).case_id
    page = visit("ines", case=case_id)
    shown = revealing.reveal(
        office.ledger, office.workspace, INES, case=case_id, subject=("person", "p1"),
        fields="identity", reason="contact", text="to be heard",
    )  # fmt: skip
    page.session_state[clear.KEPT] = (INES, {shown.reveal_id: shown})
    assert SECRETS[0] in words(tab(page, "people"))
    page.session_state[sign_in.TOKEN] = office.token("ivo")
    assert SECRETS[0] not in words(tab(page, "people"))
    assert clear.KEPT not in page.session_state
    page = tab(visit("ines", case=case_id), "people")
    press(page, f"again_{shown.reveal_id}")
    assert SECRETS[0] in words(page)
    press(page, f"hide_{shown.reveal_id}")
    assert SECRETS[0] not in words(page)


def test_a_reveal_about_insiders_waits_for_the_other_liaison(visit, office) -> None:
    case_id = case_in(office.ledger, INSIDE).case_id
    waiting = revealing.reveal(
        office.ledger, office.workspace, LIN, case=case_id, subject=("staff", "S-9"),
        fields="identity", reason="verify_identity", text="the handler",
    )  # fmt: skip
    assert waiting.state == "waiting"
    page = part(visit("lin"), "approvals")
    assert f"approve_{waiting.reveal_id}" not in [one.key for one in page.button]
    page = part(visit("leo"), "approvals")
    assert "verify who it is: the handler" in words(page)
    press(page, f"approve_{waiting.reveal_id}")
    assert SECRETS[4] not in words(page), "who approves is not shown it"
    page = tab(visit("lin", case=case_id), "people")
    press(page, f"again_{waiting.reveal_id}")
    assert SECRETS[4] in words(page)
    assert [one.who for one in log(office.ledger, "identity.approved")] == ["leo"]


def test_a_name_finds_a_pseudonym_and_stays_nowhere(visit, office) -> None:
    case_id = case_in(office.ledger).case_id
    page = tab(visit("ines", case=case_id), "people")
    text(page, f"find_{case_id}.0_name", SECRETS[0])
    press(page, f"find_{case_id}_send")
    assert "give a name, and the reason" in words(page)
    text(page, f"find_{case_id}.0_reason", "named in a tip")
    press(page, f"find_{case_id}_send")
    assert "Members found: 1" in words(page)
    found = re.findall(r"P-[0-9a-f]{16}", words(page))
    assert len(set(found)) == 1
    assert SECRETS[0] not in shown_to_browser(page)
    assert SECRETS[0] not in repr(page.session_state._state.filtered_state)
    assert log(office.ledger, "identity.searched")[0].purpose == "named in a tip"
    assert not any(SECRETS[0] in str(value) for value in page.query_params.values())
