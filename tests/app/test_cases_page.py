"""Leads, approvals and figures as each role meets them, and what the ledger then says."""

import ast
import csv
import io
import json
import re
from datetime import date
from pathlib import Path

import pytest

from app.explorer.canvas import services
from app.explorer.cases import figures, held
from app.explorer.launch import WORKSPACE
from app.explorer.words import plain
from casework.accounts import lock_account
from casework.cases import list_cases, mark_case
from casework.decisions import list_drafts, propose_outcome
from casework.leads import assign_lead, list_leads
from detectors.learning import read_decisions
from ingest.texts import catalogue, say
from tests.app import cases_office as office_of
from tests.app import sample
from tests.app.cases_office import (
    ANN,
    INSIDE,
    PLAIN,
    SECOND,
    headings,
    part,
    press,
    text,
    words,
)
from tests.app.signed_in import ADMIN, MAIN, arrive, ran
from tests.casework.office import INES, SAM, SUE, case, details, give, lead_of, log

HERE = Path(MAIN).parent


def test_without_accounts_the_page_says_what_it_needs(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv(WORKSPACE, str(sample.build(tmp_path / "county").root))
    services.forget()
    page = arrive("cases")
    assert say("cases.no_accounts", "en") in words(page)
    assert page.code[0].value.startswith("ringfence accounts first")
    services.forget()


def test_each_role_has_its_parts(visit) -> None:
    for name, parts in {
        "ines": ["leads", "cases"],
        "sue": ["leads", "cases", "approvals", "figures"],
        "lin": ["leads", "cases", "approvals", "figures"],
    }.items():
        page = visit(name)
        shown = list(page.button_group(key="cases_part").options)
        assert shown == [say(f"cases.part.{one}", "en") for one in parts]
    with pytest.raises(ValueError, match="cases"):
        visit("ann")


def test_the_queue_is_by_money_probability_and_waiting_and_hides_insiders(visit, office) -> None:
    page = visit("sue")
    table = page.dataframe[0].value
    assert table["loss_mid"].tolist() == [90_000.0, 1_000.0]
    assert set(table["waits"]) == {40}
    assert set(table["officers"].isna()) == {True}
    give(office.ledger, SECOND)
    assert len(visit("lin").dataframe[0].value) == 1, "one with agency staff, the liaison's alone"
    page = visit("ines")
    assert page.dataframe[0].value["loss_mid"].tolist() == [90_000.0]
    assert page.dataframe[0].value["waits"].tolist() == [0], "it was given out just now"
    assert say("cases.queue.none_investigator", "en") in words(visit("ivo"))


def test_filters_narrow_the_queue_and_say_so_when_nothing_is_left(visit, office) -> None:
    page = visit("sue")
    page.multiselect(key="queue_kinds").set_value(["card_pool"])
    assert ran(page).dataframe[0].value["loss_mid"].tolist() == [1_000.0]
    page.toggle(key="queue_changed").set_value(True)
    assert say("cases.queue.empty", "en") in words(ran(page))
    office_of.rings(office.workspace, loss="2000.00")
    page = visit("sue")
    press(page, "take_in")
    assert [one.change for one in held.news(str(office.workspace.root), SUE).values()] == [
        "changed"
    ]
    page.toggle(key="queue_changed").set_value(True)
    ran(page)
    assert page.dataframe[0].value["news"].tolist() == [say("lead_change.changed", "en")]


def test_a_supervised_case_whose_day_has_passed_is_first_and_overdue(visit, office) -> None:
    ledger = office.ledger
    second, plain = (case(ledger, ring) for ring in (SECOND, PLAIN))
    assert visit("sue").dataframe[0].value["loss_mid"].tolist() == [90_000.0, 1_000.0]
    mark_case(
        ledger, SUE, plain.case_id, grave=False, supervised_until=date(2026, 3, 1), reason="r",
        revision=plain.revision,
    )  # fmt: skip
    held.forget()
    page = visit("sue")
    assert page.dataframe[0].value["loss_mid"].tolist() == [1_000.0, 90_000.0]
    over = say("cases.mark.supervised_over", "en", day="2026-03-01")
    assert page.dataframe[0].value["due"][0] == over
    page = part(page, "cases")
    assert page.dataframe[0].value["case"].tolist() == [plain.case_id, second.case_id]
    assert over in page.dataframe[0].value["marks"][0]
    page.toggle(key="listing_late").set_value(True)
    assert ran(page).dataframe[0].value["case"].tolist() == [plain.case_id]
    page = part(page, "figures")
    told = {one.label: one.value for one in page.metric}
    assert told[say("cases.figure.overdue", "en")] == "1"


def test_a_click_on_a_row_opens_the_lead(visit, office) -> None:
    page = visit("sue")
    chosen = {"rows": [], "columns": [], "cells": [(0, "kind")]}
    page.session_state["queue_0"] = {"selection": chosen}
    ran(page)
    assert page.query_params["lead"] == lead_of(office.ledger, SUE, SECOND).lead_id
    assert "doctor" in headings(page)[0].lower()


def test_several_leads_are_given_out_at_once_and_the_ledger_says_so(visit, office) -> None:
    page = visit("sue")
    page.session_state["queue_0"] = {"selection": {"rows": [0, 1], "columns": [], "cells": []}}
    ran(page)
    assert page.button_group(key="leads_bulk.0_to").options == ["ida", "ines", "ivo"]
    page.button_group(key="leads_bulk.0_to").set_value(["ines", "ivo"])
    press(page, "leads_bulk_send")
    assert "2 leads assigned to ines, ivo" in words(page)
    assert {one.officers for one in list_leads(office.ledger, SUE)} == {("ines", "ivo")}
    assert [entry.who for entry in log(office.ledger, "lead.assigned")] == ["sue", "sue"]


def test_where_nobody_can_be_given_a_lead_it_is_said_who_makes_accounts(visit, office) -> None:
    for name in ("ida", "ines", "ivo"):
        lock_account(office.ledger, ADMIN, name, reason="on leave")
    page = visit("sue", lead=lead_of(office.ledger, SUE, PLAIN).lead_id)
    assert say("cases.lead.no_officers", "en") in words(page)


def test_who_was_slower_is_told_and_loses_nothing(visit, office) -> None:
    """The revision that counts is the one on the page, not the one that a press reads."""
    lead = lead_of(office.ledger, SUE, PLAIN)
    page = visit("sue", lead=lead.lead_id)
    assign_lead(office.ledger, SAM, lead.lead_id, to=["ivo"], revision=lead.revision)
    held.forget()
    page.button_group(key=f"assign_{lead.lead_id}.0_to").set_value(["ines"])
    press(page, f"assign_{lead.lead_id}_send")
    assert say("cases.act.stale", "en") in words(page)
    assert "sam" in words(page)
    assert page.button_group(key=f"assign_{lead.lead_id}.0_to").value == ["ines"]
    assert lead_of(office.ledger, SUE, PLAIN).officers == ("ivo",)
    press(page, f"assign_{lead.lead_id}.again")
    press(page, f"assign_{lead.lead_id}_send")
    assert lead_of(office.ledger, SUE, PLAIN).officers == ("ines",)


def test_a_name_without_an_account_of_the_unit_says_so_where_a_lead_is_given_out(
    visit, office
) -> None:
    lead = lead_of(office.ledger, SUE, PLAIN)
    assign_lead(office.ledger, SUE, lead.lead_id, to=["ines", "a guest"], revision=lead.revision)
    page = visit("sue", lead=lead.lead_id)
    shown = page.button_group(key=f"assign_{lead.lead_id}.0_to").options
    assert plain(say("cases.lead.guest", "en", name="a guest")) in shown
    assert "ines" in shown


def test_a_look_alike_is_proposed_returned_with_a_reason_and_approved(visit, office) -> None:
    lead = give(office.ledger, PLAIN)
    form = f"judge_{lead.lead_id}"
    page = visit("ines", lead=lead.lead_id)
    page.button_group(key=f"{form}_choice").set_value("look_alike")
    ran(page)
    text(page, f"{form}.0_reason", "one household")
    press(page, f"{form}_send")
    assert "lacks explanation" in words(page), "in the sentence of the service"
    assert page.text_area(key=f"{form}.0_reason").value == "one household"
    page.selectbox(key=f"{form}_explanation").set_value("family")
    press(page, f"{form}_send")
    (draft,) = list_drafts(office.ledger, SUE)
    assert (draft.choice, draft.explanation, draft.who) == ("look_alike", "family", "ines")
    assert say("cases.draft.own", "en") in words(page)
    assert f"decide_{draft.draft_id}_approve" not in [one.key for one in page.button]
    page = part(visit("sue"), "approvals")
    press(page, f"decide_{draft.draft_id}_return")
    assert "returned without a reason" in words(page)
    text(page, f"decide_{draft.draft_id}.0_reason", "say which household")
    press(page, f"decide_{draft.draft_id}_return")
    assert say("cases.approvals.none", "en") in headings(page)
    assert details(log(office.ledger, "lead.returned")[0])["reason"] == "say which household"
    page = visit("ines", lead=lead.lead_id)
    assert "say which household" in words(page), "its author reads why it came back"
    page.button_group(key=f"{form}_choice").set_value("look_alike")
    ran(page)
    page.selectbox(key=f"{form}_explanation").set_value("family")
    text(page, f"{form}.0_reason", "the Li household")
    press(page, f"{form}_send")
    (draft,) = list_drafts(office.ledger, SUE)
    page = visit("sue", lead=lead.lead_id)
    press(page, f"decide_{draft.draft_id}_approve")
    now = lead_of(office.ledger, SUE, PLAIN)
    assert (now.state, now.outcome, now.explanation) == ("judged", "look_alike", "family")
    assert log(office.ledger, "lead.moved.judge")[0].who == "sue"


def test_a_case_is_opened_from_a_lead_and_stands_on_its_own_page(visit, office) -> None:
    lead = give(office.ledger, PLAIN)
    form = f"open_case_{lead.lead_id}"
    page = visit("ines", lead=lead.lead_id)
    press(page, f"{form}_send")
    assert "The title '' is none" in words(page)
    text(page, f"{form}.0_title", "An invented case")
    press(page, f"{form}_send")
    (case,) = list_cases(office.ledger, INES)
    assert page.query_params["case"] == case.case_id
    assert headings(page) == ["An invented case"]
    assert say("limit.check", "en") in words(page)
    assert "working days left" in words(page)
    table = part(visit("ines", tab="cases"), "cases").dataframe[0].value
    assert table["title"].tolist() == ["An invented case"]
    assert table["left"].tolist() == ["15 working days left"]


def test_a_ring_shows_its_lead_and_what_may_be_done_with_it(visit, office) -> None:
    office_of.rings(office.workspace, loss="1500.00")
    lead = give(office.ledger, PLAIN)
    page = visit("sue", "ring", ring=PLAIN)
    assert "Officers: ines" in words(page)
    keys = {one.key for one in page.button}
    assert {f"assign_{lead.lead_id}_send", f"open_case_{lead.lead_id}_send"} <= keys
    assert f"judge_{lead.lead_id}_send" not in keys
    page = visit("ann", "ring", ring=PLAIN)
    text(page, f"judge_{lead.lead_id}.0_reason", "an honest clinic day")
    press(page, f"judge_{lead.lead_id}_send")
    assert list_drafts(office.ledger, SUE)[0].who == "ann"
    page = visit("ines", "ring", ring=PLAIN)
    assert say("cases.draft.waits", "en") in words(page)
    assert f"decide_{list_drafts(office.ledger, SUE)[0].draft_id}_approve" not in {
        one.key for one in page.button
    }
    assert say("cases.mark.insider", "en") in words(visit("lin", "ring", ring=INSIDE))


def test_figures_and_the_table_of_decisions(visit, office, tmp_path) -> None:
    ledger = office.ledger
    lead = lead_of(ledger, SUE, PLAIN)
    draft = propose_outcome(
        ledger, ANN, lead.lead_id, move="judge", reason="seen", revision=lead.revision,
        choice="confirmed",
    )  # fmt: skip
    page = part(visit("sue"), "approvals")
    press(page, f"decide_{draft.draft_id}_approve")
    page = part(page, "figures")
    told = {one.label: one.value for one in page.metric}
    assert told[say("cases.figure.leads_open", "en")] == "1"
    assert told[say("cases.figure.judged", "en")] == "1"
    assert told[say("cases.figure.confirmed_rate", "en")] == "100.0%"
    table = page.dataframe[0].value
    assert table["leads"].tolist() == [1, 1]
    _, ages = (one.value for one in page.dataframe)
    assert ages[say("cases.ages.band", "en", first=31, last=90)].tolist() == [1]
    assert say("cases.joint.none", "en") in words(page)
    content = figures._feedback(ledger, SUE)
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert [(row["ring_id"], row["decision"]) for row in rows] == [(PLAIN, "confirmed")]
    path = tmp_path / figures.FILE
    path.write_bytes(content)
    assert len(read_decisions(path)) == 1
    assert log(ledger, "lead.feedback_exported")[0].who == "sue"


def test_every_text_is_used_and_accuses_nobody() -> None:
    paths = [*(HERE / "cases").glob("*.py"), HERE / "screens" / "cases.py",
             HERE / "ring" / "handling.py"]  # fmt: skip
    nodes = [node for path in paths for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    starts = tuple(
        node.values[0].value
        for node in nodes
        if isinstance(node, ast.JoinedStr)
        and isinstance(node.values[0], ast.Constant)
        and str(node.values[0].value).startswith("cases.")
    )
    whole = {node.value for node in nodes if isinstance(node, ast.Constant)}
    keys = {key for key in catalogue() if key.startswith("cases.")}
    assert len(keys) > 100
    assert not {key for key in keys if key not in whole and not key.startswith(starts)}
    for key in keys:
        entry = catalogue()[key]
        assert not re.search("骗保|诈骗|违法|主犯|罪|涉案", entry["zh"]), key
        assert not re.search(r"fraud|guilty|criminal|culprit|offend", entry["en"], re.I), key
        fields = [sorted(re.findall(r"\{(\w+)\}", text_)) for text_ in entry.values()]
        assert fields[0] == fields[1], key
    assert json.dumps(sorted(keys))
