"""The liaison's page: leads of insiders are there for the liaison, and for nobody else anywhere."""

import re
from pathlib import Path

import pytest
import streamlit as st
from pypdf import PdfReader

from app.explorer import data, session
from app.explorer.insider import views
from app.explorer.launch import WORKSPACE
from casework.cases import open_case
from casework.control import CHECKS, answer_check, list_sheets, print_sheet
from casework.issuing import Wanted
from casework.leads import list_leads
from casework.ledger import Ledger
from casework.rights import Officer
from ingest.texts import say
from ingest.workspace import Workspace
from tests.app import sample
from tests.app.signed_in import ANN, AUD, CONCERNED, EXA, SID, TESS, Door, door, ran, said, send
from tests.casework.office import INES, LEO, LIN, SUE, lead_of, log
from tests.casework.paper_county import INSIDE


def tab(name: str) -> str:
    return say(f"insider.tab.{name}", "en")


@pytest.mark.parametrize(
    "who", [ANN, INES, SUE, SID, TESS, AUD, EXA], ids=lambda one: f"{one.role} {one.name}"
)
def test_the_page_is_not_there_for_other_roles(come: Door, who: Officer) -> None:
    with pytest.raises(ValueError, match="insider"):
        come(who, "insider")


def test_without_accounts_the_page_says_which_command_makes_one(monkeypatch, tmp_path) -> None:
    page = door(monkeypatch, sample.build(tmp_path / "open"))(None, "insider")
    assert say("supervision.no_accounts", "en") in said(page)
    assert not page.tabs


def test_the_queue_tells_the_lead_and_each_view_is_in_the_audit_log(come, ledger) -> None:
    lead = lead_of(ledger, LIN, INSIDE)
    before = len(log(ledger, "lead.opened"))
    page = come(LIN, "insider")
    assert page.dataframe[0].value["ring_id"].tolist() == [INSIDE]
    assert "S-9" in page.dataframe[1].value["member"].tolist()
    opened = log(ledger, "lead.opened")[before:]
    assert [(one.who, one.object) for one in opened] == [("lin", lead.lead_id)]
    ran(page)
    assert len(log(ledger, "lead.opened")) == before + 1, "the same view is one row"
    come(LEO, "insider")
    assert log(ledger, "lead.opened")[-1].who == "leo"
    assert len(log(ledger, "lead.opened")) == before + 2
    links = [one.proto.page for one in page.get("page_link")]
    assert any("ring" in one for one in links)


def test_a_page_that_reads_the_run_leaves_a_row_for_each_stay_on_a_ring(
    monkeypatch, space: Workspace, ledger: Ledger
) -> None:
    found = data.find(str(space.root))
    assert isinstance(found, data.Source)
    monkeypatch.setenv(WORKSPACE, str(space.root))
    rows = len(log(ledger, "lead.opened"))
    for who, ring, more in (
        (LIN, INSIDE, 1), (LIN, INSIDE, 0), (LIN, "", 0), (LIN, INSIDE, 1), (LIN, "R-none", 0),
        (CONCERNED, INSIDE, 0), (SUE, INSIDE, 0), (LIN, INSIDE, 1),
    ):  # fmt: skip
        monkeypatch.setitem(st.session_state, session.OFFICER, who)
        views.note_view(found, ring)
        rows += more
        assert len(log(ledger, "lead.opened")) == rows, (who, ring)
    monkeypatch.delitem(st.session_state, views.VIEWED)


def test_the_liaison_of_the_unit_concerned_finds_neutral_words(come, ledger) -> None:
    assert list_leads(ledger, CONCERNED) == []
    page = come(CONCERNED, "insider")
    assert say("insider.leads.none", "en") in said(page)
    assert not page.dataframe
    for name, empty in (("cases", "insider.cases.none"), ("control", "insider.control.none")):
        page = come(CONCERNED, "insider", insider_tab=tab(name))
        assert say(empty, "en") in said(page)
        assert INSIDE not in said(page)


def test_groups_not_raised_of_insider_kinds_are_told_or_neutral(come) -> None:
    page = come(LIN, "insider", insider_tab=tab("groups"))
    assert say("insider.groups.none", "en") in said(page), "the one of this run is of no insider"
    assert sample.HONEST not in said(page)


def test_cases_stand_with_what_is_due_and_that_limits_are_unverified(come, ledger) -> None:
    lead = lead_of(ledger, LIN, INSIDE)
    made = open_case(ledger, LIN, {lead.lead_id: lead.revision}, title="An invented case")
    page = come(LIN, "insider", insider_tab=tab("cases"))
    table = page.dataframe[0].value
    assert table["case_id"].tolist() == [made.case_id]
    assert table["limit"].tolist() == [say("limit.check", "en")]
    assert re.search("not been compared", said(page))


def test_a_control_sheet_is_made_answered_and_printed(come, ledger: Ledger) -> None:
    page = come(LIN, "insider", insider_tab=tab("control"))
    assert page.selectbox(key="sheet_month_0").options == ["2026-03"]
    send(page, say("insider.control.make", "en"))
    (sheet,) = list_sheets(ledger, LIN)
    assert say("insider.control.done", "en", month="2026-03") in said(page)
    assert "1 / 6" in said(page)
    first = f"check_{sheet.sheet_id}_same_hand"
    page.text_area(key=f"{first}_words").set_value("one person holds both posts")
    (button, *_) = [one for one in page.button if one.label == say("insider.control.save", "en")]
    button.click()
    ran(page)
    assert say("insider.control.choose", "en") in said(page), "words alone are no answer"
    page.radio(key=f"{first}_judged").set_value("to_mend")
    (button, *_) = [one for one in page.button if one.label == say("insider.control.save", "en")]
    button.click()
    ran(page)
    (sheet,) = list_sheets(ledger, LIN)
    assert sheet.answers["same_hand"] == ("to_mend", "one person holds both posts", "lin")
    answer_check(
        ledger, LEO, sheet.sheet_id, check=CHECKS[1], judged="in_order", words="w", revision=2
    )
    second = f"check_{sheet.sheet_id}_late_review"
    page.text_area(key=f"{second}_words").set_value("closed in April")
    page.radio(key=f"{second}_judged").set_value("to_check")
    (button,) = [one for one in page.button if second in str(one.form_id) or second in one.key]
    button.click()
    ran(page)
    assert say("supervision.changed", "en") in said(page)
    assert page.text_area(key=f"{second}_words").value == "closed in April"
    send(page, say("insider.control.print", "en"))
    (issued,) = [one for one in log(ledger, "paper.issued") if one.who == "lin"]
    assert (issued.export_hash or "")[:16] in said(page)
    assert page.get("download_button")


def test_the_paper_holds_what_was_answered(ledger: Ledger, tmp_path: Path) -> None:
    (sheet,) = list_sheets(ledger, LIN)
    _, file = print_sheet(ledger, LIN, sheet.sheet_id, Wanted(language="en"))
    (tmp_path / "sheet.pdf").write_bytes(file)
    words = "".join(page.extract_text() for page in PdfReader(tmp_path / "sheet.pdf").pages)
    assert "one person holds both posts" in " ".join(words.split())


@pytest.mark.parametrize("who", [ANN, INES, SUE, CONCERNED], ids=lambda one: one.role)
def test_lists_and_counts_of_others_do_not_have_it(come: Door, who: Officer) -> None:
    for screen in ("home", "rings"):
        page = come(who, screen)
        for table in page.dataframe:
            assert INSIDE not in table.value.to_string()
        assert INSIDE not in said(page)
        if screen == "home":
            label = say("home.figure.rings", "en")
            (figure,) = [one.value for one in page.metric if one.label == label]
            assert figure == {"analyst": "3", "supervisor": "3"}.get(who.role, "0")


@pytest.mark.parametrize("who", [ANN, INES, SUE, CONCERNED], ids=lambda one: one.role)
def test_the_address_of_the_ring_reads_as_one_that_is_not_there(
    monkeypatch, space: Workspace, who: Officer
) -> None:
    heard = []
    for ring in (INSIDE, "R-none"):
        page = door(monkeypatch, space)(who, "home")
        page.switch_page("screens/ring.py")
        page.query_params["ring"] = ring
        ran(page)
        heard.append((said(page), [one.value for one in page.subheader]))
    assert heard[0] == heard[1]
    assert heard[0][1] == [say("explorer.ring.unknown", "en")]


def test_both_languages_draw_every_part(monkeypatch, space: Workspace) -> None:
    for name in ("leads", "cases", "groups", "control", "registers"):
        page = door(monkeypatch, space, lang="zh")(LIN, "insider")
        page.session_state["insider_tab"] = say(f"insider.tab.{name}", "zh")
        assert ran(page).subheader[0].value == say("insider.title", "zh")
