"""The audit log as the auditor reads it: rows, who saw a name, and whether the chain holds."""

import csv
import hashlib
import io
from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import text

from app.explorer import roles
from app.explorer.keeping import rows
from casework.audit import entries
from casework.audit_reading import PAGE, Filter, search_audit
from casework.ledger import open_ledger, reading, writing
from casework.rights import ROLES
from ingest.texts import say
from ingest.workspace import Workspace
from tests.app import keeping_office as office
from tests.app import sample
from tests.app.keeping_office import CLEAR_NAME, PERSON, come, looked_at, press, who, words
from tests.app.signed_in import arrive

pytestmark = pytest.mark.usefixtures("space")


@pytest.fixture(scope="module")
def space(tmp_path_factory) -> Iterator[Workspace]:
    with office.opened(office.build(tmp_path_factory.mktemp("audit") / "county")) as held:
        yield held


@pytest.fixture(scope="module")
def case(ledger) -> str:
    found = looked_at(ledger)
    for _ in range(60):
        search_audit(ledger, who("analyst"), Filter())
    return found


@pytest.mark.parametrize("role", [one for one in ROLES if one not in roles.PAGES["audit"]])
def test_other_roles_have_no_such_page(role) -> None:
    with pytest.raises(ValueError, match="audit"):
        come(role, "audit")


def test_the_auditor_has_this_page_alone() -> None:
    assert roles.pages("auditor") == ["audit"]


@pytest.mark.usefixtures("case")
def test_rows_come_newest_first_in_pages_that_stand_still(ledger) -> None:
    page = come("auditor", "audit")
    first = page.dataframe[0].value
    assert len(first) == PAGE
    assert first["seq"].is_monotonic_decreasing
    search_audit(ledger, who("analyst"), Filter())
    page.session_state[rows.PAGER] = 2
    office.ran(page.run())
    second = page.dataframe[0].value
    assert second["seq"].iloc[0] == first["seq"].iloc[-1] - 1, "nothing slid in between"
    total = search_audit(ledger, who("auditor"), Filter()).total
    assert total > PAGE + len(second) - 1


def test_a_filter_finds_the_rows_and_one_is_shown_whole(ledger, case) -> None:
    page = come("auditor", "audit")
    page.selectbox(key="audit_who").set_value("investigator")
    page.text_input(key="audit_case_id").set_value(case)
    press(page, say("keeping.rows.search", "en"))
    found = page.dataframe[0].value
    assert set(found["who"]) == {"investigator"}
    assert set(found["case_id"]) == {case}
    assert found["action"].tolist()[0] == "identity.revealed"
    for tab in ("chain", "rows"):
        page.session_state["audit_tab"] = say(f"keeping.audit.tab.{tab}", "en")
        office.ran(page.run())
    assert page.selectbox(key="audit_who").value == "investigator", "the filter in force is shown"
    assert page.text_input(key="audit_case_id").value == case
    assert page.selectbox(key="audit_action").value is None
    assert len(page.dataframe[0].value) == len(found)
    page = office.choose(page, "audit_rows", str(found["seq"].iloc[0]))
    with reading(ledger) as connection:
        row = next(one for one in entries(connection) if one.seq == found["seq"].iloc[0])
    assert row.hash in words(page)
    assert row.previous_hash in words(page)
    assert PERSON in page.json[0].value
    assert CLEAR_NAME not in words(page) + page.json[0].value


@pytest.mark.usefixtures("case")
def test_what_fits_no_row_is_said_and_days_in_the_wrong_order_too() -> None:
    page = come("auditor", "audit")
    page.date_input(key="audit_days").set_value((date(2020, 1, 1), date(2020, 1, 2)))
    press(page, say("keeping.rows.search", "en"))
    assert say("keeping.rows.none", "en") in words(page)
    assert not page.dataframe


def test_who_saw_a_name_by_person_and_by_case(case) -> None:
    page = come("auditor", "audit", "zh")
    page.session_state["audit_tab"] = say("keeping.audit.tab.sights", "zh")
    page.run()
    page.text_input(key="sights_entity").set_value(PERSON)
    press(page, say("keeping.sights.ask", "zh"))
    told = say("keeping.sights.said", "zh", clear="investigator", masked="investigator")
    assert told in words(page)
    found = page.dataframe[0].value
    assert found["sight"].tolist() == [
        say("keeping.sight.masked", "zh"), say("keeping.sight.revealed", "zh"),
    ]  # fmt: skip
    assert found["entity"].tolist()[-1] == PERSON
    assert found["purpose"].tolist()[-1] == "contact: to be heard"
    page.text_input(key="sights_entity").set_value("")
    page.text_input(key="sights_case").set_value(case)
    press(page, say("keeping.sights.ask", "zh"))
    assert len(page.dataframe[0].value) == 2
    assert CLEAR_NAME not in words(page)


@pytest.mark.usefixtures("case")
def test_a_name_typed_into_the_wrong_field_stays_out_of_the_log(ledger) -> None:
    page = come("auditor", "audit")
    page.text_input(key="audit_object").set_value(CLEAR_NAME)
    press(page, say("keeping.rows.search", "en"))
    page.session_state["audit_tab"] = say("keeping.audit.tab.sights", "en")
    page.run()
    page.text_input(key="sights_entity").set_value(CLEAR_NAME)
    press(page, say("keeping.sights.ask", "en"))
    assert say("keeping.sights.none", "en") in words(page)
    with reading(ledger) as connection:
        kept = [f"{one.details}{one.object}{one.purpose}" for one in entries(connection)]
    coded = CLEAR_NAME.encode("ascii", "backslashreplace").decode()
    assert not [one for one in kept if CLEAR_NAME in one or coded in one]


def test_an_extract_is_a_row_with_the_digest_of_the_file(ledger, case) -> None:
    page = come("auditor", "audit")
    (button,) = page.get("download_button")
    assert not button.proto.disabled
    content = rows._exported(ledger, who("auditor"), Filter(case_id=case))
    table = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert {one["case_id"] for one in table} == {case}
    assert all(len(one["hash"]) == 64 for one in table)
    with reading(ledger) as connection:
        last = list(entries(connection))[-1]
    assert (last.action, last.count) == ("audit.exported", len(table))
    assert last.export_hash == hashlib.sha256(content).hexdigest()


def test_the_chain_is_whole_until_somebody_edits_a_row(tmp_path) -> None:
    held = office.build(tmp_path / "county")
    with office.opened(held), open_ledger(held, environ={}) as ledger:
        page = come("auditor", "audit")
        page.session_state["audit_tab"] = say("keeping.audit.tab.chain", "en")
        page.run()
        press(page, say("keeping.chain.check", "en"))
        assert "The log is whole" in page.success[0].value.replace("\\", "")
        with writing(ledger) as connection:
            connection.execute(text("DROP TRIGGER audit_no_update"))
            connection.execute(text("UPDATE audit SET who = 'else' WHERE seq = 3"))
        press(page, say("keeping.chain.check", "en"))
        assert not page.success
        assert say("audit_fault.edited", "en", seq=3, other=None) in words(page)
        assert say("keeping.chain.next", "en") in words(page)


def test_an_open_explorer_says_that_the_page_needs_accounts(tmp_path) -> None:
    held = sample.build(tmp_path / "county")
    with office.opened(held):
        for screen in ("audit", "admin", "tips"):
            page = arrive(screen)
            assert say("keeping.needs_accounts", "en") in words(page)
            assert "ringfence accounts first" in words(page)
            assert not page.dataframe
