"""The page of papers, for each role and state, and once in a real browser."""

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.explorer import session
from app.explorer.launch import WORKSPACE
from app.explorer.papers.shown import RESULT, Result, file_name, size
from app.explorer.screens import report
from casework import accounts
from casework.audit import Entry
from casework.issuing import list_papers, read_paper
from casework.ledger import Ledger
from ingest.texts import Language, catalogue, say
from tests.app import sample
from tests.app.browser import AXE, served, wall_for_cpu, watched
from tests.app.hands import settled, shot
from tests.app.signed_in import ADMIN, AGENCY, ANN, arrive, at_work, ran, token_of
from tests.casework.office import INES, IVO, LIN, SUE, case, go, log, officer
from tests.casework.paper_county import BIG, INSIDE, POOL

PASSWORD = "a horse in correct batteries"  # noqa: S105 - of invented people
TEAM = (INES, IVO, LIN, ANN, officer("idle", "investigator"))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ledger, str]]:
    """A workspace with rings, accounts and a case of the pool that was sent to the police."""
    with at_work(tmp_path_factory.mktemp("papers") / "county", TEAM) as ledger:
        key = case(ledger, POOL).case_id
        given = accounts.create_account(
            ledger, ADMIN, name=SUE.name, role=SUE.role, unit=SUE.unit, display=SUE.name
        )
        accounts.link_account(ledger, ADMIN, SUE.name, issuer=AGENCY, subject=SUE.name)
        token = accounts.sign_in(ledger, SUE.name, given).token
        accounts.change_password(ledger, token, given, PASSWORD)
        yield ledger, key


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, office: tuple[Ledger, str]) -> Callable[..., AppTest]:
    """Return a function that opens the page of papers as somebody signed in."""
    ledger, _ = office

    def open_(name: str, lang: Language = "en", **query: str) -> AppTest:
        monkeypatch.setenv(WORKSPACE, str(ledger.workspace.root))
        return arrive("report", lang, query, token=token_of(ledger, name))

    return open_


def kinds(page: AppTest) -> list[str]:
    (found,) = [one for one in page.get("button_group") if one.key == "paper_kind"]
    return list(found.options)


def words(*names: str) -> list[str]:
    return [say(f"report_page.kinds.{name}", "en") for name in names]


def told(page: AppTest) -> str:
    return "\n".join(one.value for one in (*page.markdown, *page.caption, *page.error))


def press(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click()
    return ran(page)


def choose(page: AppTest, kind: str) -> AppTest:
    page.session_state["paper_kind"] = kind
    return ran(page)


def newest(ledger: Ledger, action: str) -> Entry:
    return log(ledger, action)[-1]


def test_without_accounts_it_says_which_command_makes_the_first(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv(WORKSPACE, str(sample.build(tmp_path / "county").root))
    found = arrive("report")
    assert say("report_page.no_accounts", "en") in [one.value for one in found.markdown]
    assert [one.value for one in found.code] == [session.FIRST_ACCOUNT]


def test_a_supervisor_looks_issues_and_finds_it_in_the_list(page, office) -> None:
    ledger, _ = office
    here = page("sue", ring=BIG)
    assert kinds(here) == words("ring", "sheet", "notice")
    assert say("report_page.none_issued", "en") in [one.value for one in here.caption]
    here.text_input(key="paper_recipient").set_value("Audit desk")
    here.text_input(key="paper_purpose").set_value("spring")
    before = len(list_papers(ledger, SUE))
    press(here, "paper_look")
    looked = here.session_state[RESULT]
    assert len(looked.pages) > 5
    assert looked.pages[0].startswith(b"\x89PNG")
    assert len(list_papers(ledger, SUE)) == before
    assert newest(ledger, "paper.previewed").who == "sue"
    press(here, "paper_issue")
    made = here.session_state[RESULT]
    assert isinstance(made, Result)
    assert made.made is not None
    row = newest(ledger, "paper.issued")
    assert row.export_hash == hashlib.sha256(made.file).hexdigest() == made.made.sha256
    assert made.made.sha256 in [one.value for one in here.code]
    (paper,) = list_papers(ledger, SUE)
    assert (paper.recipient, paper.purpose, paper.kind) == ("Audit desk", "spring", "ring")
    assert here.dataframe[0].value["sha256"].tolist() == [paper.sha256]
    assert read_paper(ledger, SUE, paper.paper_id)[1] == made.file
    assert here.text_input(key="paper_purpose").value == "spring", "nothing typed is lost"
    press(here, "paper_issue")
    assert here.session_state[RESULT].made == made.made
    assert len(list_papers(ledger, SUE)) == 1


def test_the_result_of_another_paper_is_not_shown(page) -> None:
    here = page("sue", ring=POOL)
    press(choose(here, "notice"), "paper_look")
    assert not here.info
    choose(here, "sheet")
    assert "nothing is issued" in here.info[0].value


def test_coming_again_from_another_ring_the_address_decides(page) -> None:
    here = page("sue", ring=BIG)
    here.switch_page("screens/rings.py").run()
    here.switch_page("screens/report.py")
    here.query_params["ring"] = POOL
    here.run()
    assert POOL in here.selectbox(key="paper_about").value
    assert here.query_params["ring"] == POOL


def test_what_a_package_lacks_stands_there_and_it_cannot_be_made(page, office) -> None:
    ledger, key = office
    here = choose(page("sue", case=key), "handover")
    assert kinds(here) == words("case", "sheet", "notice", "letter", "handover")
    said = told(here)
    assert say("case_decision.transfer_justice", "en") in said
    assert say("case_paper.investigation_report", "en") in said
    assert here.button(key="paper_look").disabled
    assert here.button(key="paper_issue").disabled
    steps = ("file", "begin", "conclude", "notify", "decide")
    go(ledger, key, *steps, choice="transfer_justice")
    here.run()
    assert not here.button(key="paper_issue").disabled
    press(here, "paper_issue")
    made = here.session_state[RESULT].made
    assert made is not None
    assert (made.format, made.recipient) == ("zip", say("authority.police", "en"))
    assert made.sha256 == newest(ledger, "case.handed_over").export_hash


def test_an_investigator_has_the_papers_of_own_leads_alone(page, office) -> None:
    _, key = office
    here = page("ines", case=key)
    assert kinds(here) == words("case", "sheet", "notice", "letter")
    for name in (say("report_page.period", "en"), BIG, INSIDE):
        assert all(name not in one for one in here.selectbox(key="paper_about").options)
    press(choose(here, "sheet"), "paper_issue")
    assert here.session_state[RESULT].made.kind == "sheet"
    nothing = page("idle")
    assert say("report_page.nothing", "en") in [one.value for one in nothing.markdown]


def test_a_case_that_is_not_theirs_reads_as_one_that_is_not_there(page, office) -> None:
    _, key = office
    for name, wanted in (("lin", key), ("lin", "K-none"), ("idle", key)):
        here = page(name, case=wanted)
        assert [one.value for one in here.warning][-1:] == [say("report_page.unknown", "en")]
        assert not here.get("button_group") or all(
            one.key != "paper_kind" for one in here.get("button_group")
        )


def test_the_liaison_alone_has_papers_of_insiders(page) -> None:
    here = page("lin", ring=INSIDE)
    assert kinds(here) == words("ring", "sheet", "notice")
    press(choose(here, "notice"), "paper_look")
    assert here.session_state[RESULT].pages
    assert all(INSIDE not in one for one in page("sue").selectbox(key="paper_about").options)


def test_a_period_is_reached_without_a_ring_and_published_without_small_counts(
    page,
) -> None:
    here = page("sue")
    here.selectbox(key="paper_about").select_index(
        here.selectbox(key="paper_about").options.index(say("report_page.period", "en"))
    )
    here.run()
    assert kinds(here) == words("period", "public")
    choose(here, "public")
    here.date_input(key="paper_first").set_value(date(2026, 1, 1))
    here.date_input(key="paper_last").set_value(date(2030, 12, 31))
    press(here, "paper_issue")
    made = here.session_state[RESULT].made
    assert made is not None
    assert made.kind == "period"
    assert made.subject is None
    assert any("not over" in one for one in told(here).splitlines())
    assert here.dataframe[0].value["number"].tolist() == [made.number]
    here.date_input(key="paper_last").set_value(date(2025, 1, 1))
    press(here, "paper_issue")
    assert any("turn them round" in one.value for one in here.error)
    assert here.date_input(key="paper_first").value == date(2026, 1, 1)


def test_names_of_files_and_sizes(office) -> None:
    ledger, _ = office
    for paper in list_papers(ledger, SUE):
        assert re.fullmatch(r"[\w-]+\.(pdf|docx|zip)", file_name(paper))
    assert (size(812), size(248_000), size(3_400_000)) == ("0.8 kB", "248 kB", "3.4 MB")


def test_every_text_of_the_page_is_used_and_accuses_nobody() -> None:
    folder = Path(report.__file__).parents[1]
    code = "".join(
        path.read_text("utf-8")
        for path in (*(folder / "papers").glob("*.py"), Path(report.__file__))
    )
    keys = [key for key in catalogue() if key.startswith("report_page.")]
    assert len(keys) > 50
    for key in keys:
        last = key.rpartition(".")[2]
        assert re.search(rf"\b{last}\b", code), key
        for text in catalogue()[key].values():
            assert not re.search("骗保|诈骗|违法|主犯|fraud|guilty|criminal", text), key


@pytest.mark.browser
def test_a_paper_is_looked_at_issued_and_downloaded_in_a_browser(
    office, chromium, axe, tmp_path
) -> None:
    ledger, _ = office
    log_file = tmp_path / "server.txt"
    root = ledger.workspace.root
    with (
        served(root, log_file, language="en") as server,
        watched(chromium, server, patience=20 * wall_for_cpu(0.1)) as page,
    ):
        page.goto(f"{server}/report?ring={BIG}&lang=en")
        for field, value in (("name", "sue"), ("password", PASSWORD)):
            page.get_by_role("textbox", name=say(f"sign_in.{field}", "en")).fill(value)
        page.keyboard.press("Enter")
        look = page.get_by_role("button", name=say("report_page.look", "en"))
        look.wait_for()
        shot(page, "report_begun", whole=True)
        page.get_by_role("textbox", name=say("report_page.purpose", "en")).fill("seen in a browser")
        look.click()
        page.locator("[data-testid=stImage] img").wait_for()
        shot(page, "report_looked_at", whole=True)
        page.get_by_test_id("stFormSubmitButton").get_by_text(
            say("report_page.issue", "en"), exact=True
        ).click()
        button = page.locator(".st-key-paper_download button")
        button.wait_for()
        shot(page, "report_issued", whole=True)
        with page.expect_download() as waiting:
            button.click()
        file = Path(waiting.value.path()).read_bytes()
        assert hashlib.sha256(file).hexdigest() == newest(ledger, "paper.issued").export_hash
        assert waiting.value.suggested_filename.endswith(".pdf")
        with page.expect_download() as waiting:
            page.locator(".st-key-paper_again_download button").click()
        assert Path(waiting.value.path()).read_bytes() == file
        assert newest(ledger, "paper.read").export_hash == hashlib.sha256(file).hexdigest()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            settled(page)
            page.evaluate(axe)
            assert page.evaluate(AXE) == [], scheme
            shot(page, f"report_{scheme}", whole=True)
