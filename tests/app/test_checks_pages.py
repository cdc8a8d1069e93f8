"""Call-backs on the page of a case, and the register of points of risk on the liaison's page."""

from streamlit.testing.v1 import AppTest

from casework.call_backs import draw_people, list_call_backs, note_result
from casework.control import make_sheet
from casework.ledger import Ledger
from casework.risk_points import list_points
from ingest.texts import say
from tests.app import cases_office as office_of
from tests.app.signed_in import Door, ran, said
from tests.casework.office import INES, LIN, SUE, case, log


def test_people_are_drawn_called_and_what_they_said_is_noted(office, visit) -> None:
    key = case(office.ledger).case_id
    page = office_of.tab(visit("ines", case=key), "calls")
    assert say("cases.calls.none", "en") in office_of.words(page)
    form = f"calls_new_{key}"
    page = office_of.press(page, f"{form}_send")
    assert "cannot be drawn" in office_of.words(page), "without a purpose nobody is drawn"
    office_of.text(page, f"{form}.0_purpose", "spring visits")
    page = office_of.press(page, f"{form}_send")
    (call,) = list_call_backs(office.ledger, INES, key)
    assert (call.made.purpose, len(call.people)) == ("spring visits", 5)
    assert say("cases.calls.drawn", "en", count=5) in office_of.words(page)
    one = call.people[0]
    note_result(
        office.ledger, SUE, call.made.draw_id, one.person,
        result="denies", words="never there", revision=1,
    )  # fmt: skip
    draw_people(office.ledger, SUE, key, wanted=1, purpose="once more")
    page = office_of.tab(visit("ines", case=key), "calls")
    tables = [frame.value for frame in page.dataframe]
    assert [len(table) for table in tables] == [1, 5], "the newest draw first"
    assert tables[1]["result"].iloc[0] == say("call_back_result.denies", "en")
    shown = office_of.shown_to_browser(page)
    assert one.person not in tables[1].to_csv().split(","), "people are pseudonyms"
    assert not any(secret in shown for secret in office_of.SECRETS)


def opened(come: Door, tab: str) -> AppTest:
    page = come(LIN, "insider")
    page.session_state["insider_tab"] = say(f"insider.tab.{tab}", "en")
    return ran(page)


def test_the_register_is_empty_then_filled_by_hand_and_from_a_sheet(
    come: Door, ledger: Ledger
) -> None:
    page = opened(come, "risks")
    assert say("insider.risks.none", "en") in said(page)
    page.text_input(key="risk_new_0_post").set_value("cashier")
    page.text_input(key="risk_new_0_process").set_value("monthly closing")
    page.text_input(key="risk_new_0_owner").set_value("lin")
    add = next(one for one in page.button if one.label == say("insider.risks.add", "en"))
    add.click()
    page = ran(page)
    assert "risk is ''" in said(page)
    assert page.text_input(key="risk_new_0_post").value == "cashier", "nothing typed is lost"
    page.text_area(key="risk_new_0_risk").set_value("pays without a second look")
    next(one for one in page.button if one.label == say("insider.risks.add", "en")).click()
    page = ran(page)
    (point,) = list_points(ledger, LIN)
    assert say("insider.risks.added", "en", risk=point.risk_id) in said(page)
    sheet = make_sheet(ledger, LIN, month="2026-03")
    page = opened(come, "control")
    page.button(key=f"risk_of_{sheet.sheet_id}_same_hand").click()
    page = ran(page)
    found = {one.source_key: one for one in list_points(ledger, LIN)}
    put = found[f"{sheet.sheet_id}/same_hand"]
    assert "1 of 6 in 2026-03" in put.risk
    assert say("insider.risks.is_in", "en", risk=put.risk_id) in said(page)
    assert len(log(ledger, "risk_point.added")) == 2
