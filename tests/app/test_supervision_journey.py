"""From a tip to the police in a real browser: desk, supervisor, investigator, two officers, papers.

Screenshots of every step lie in the folder that ``RINGFENCE_SHOTS`` names, if it is set.
"""

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from casework.cases import list_cases, read_case
from casework.decisions import list_drafts, propose_move
from casework.leads import list_leads
from casework.ledger import Ledger, open_ledger
from casework.tips import list_tips
from ingest.texts import say
from ingest.workspace import Workspace
from tests.app import hands
from tests.app.browser import served
from tests.app.signed_in import TEAM, TESS, hire
from tests.casework.office import INES, SUE, UNIT, attach, details, go, log
from tests.casework.paper_county import PLACE, POOL, county

pytestmark = pytest.mark.browser

TITLE = "The drawer of cards"


@pytest.fixture(scope="module")
def space(tmp_path_factory) -> Workspace:
    space = county(tmp_path_factory.mktemp("supervision") / "county")
    with open_ledger(space, environ={}) as ledger:
        hire(ledger, *TEAM)
    return space


@pytest.fixture(scope="module")
def server(space: Workspace, tmp_path_factory) -> Iterator[str]:
    log_file = tmp_path_factory.mktemp("log") / "server.txt"
    with served(space.root, log_file, language="en") as address:
        yield address


@pytest.fixture
def seat(server: str, chromium, ledger: Ledger) -> Iterator[Callable]:
    """Return a function that seats somebody who is signed in before a browser of their own."""
    with hands.seats(chromium, server, ledger, size=(1366, 900)) as come:
        yield come


def area(page, key: str, value: str) -> None:
    page.get_by_role("textbox", name=say(key, "en"), exact=True).first.fill(value)


def issued(page, kind: str, folder: Path) -> bytes:
    """Issue a paper of a kind on the page of papers, and return the file that it hands out."""
    page.get_by_role("radio", name=say(f"report_page.kinds.{kind}", "en"), exact=True).click()
    page.get_by_text(say(f"report_page.holds.{kind}", "en")).wait_for()
    hands.write(page, "report_page.purpose", "to be checked on site")
    hands.button(page, "report_page.issue").click()
    made = page.get_by_test_id("stDownloadButton").first
    made.wait_for()
    page.get_by_text(say("report_page.sha256", "en")).wait_for()
    hands.shot(page, f"journey_issued_{kind}")
    with page.expect_download() as got:
        made.get_by_role("button").click()
    path = folder / kind
    got.value.save_as(path)
    return path.read_bytes()


def test_from_a_tip_to_the_police(seat, server, ledger, tmp_path) -> None:
    desk, sue, ines = seat("tess"), seat("sue"), seat("ines")
    # The desk takes the tip: a pharmacy, and the words of whoever told it.
    desk.goto(f"{server}/tips?lang=en")
    desk.get_by_role("tab", name=say("desk.tab.register", "en"), exact=True).click()
    area(desk, "desk.field.unit", UNIT)
    area(desk, "desk.field.summary", "Cards are said to lie in a drawer of this pharmacy.")
    area(desk, "desk.field.telling", "in their own words")
    area(desk, "explorer.entity.place", PLACE)
    hands.shot(desk, "journey_1_desk")
    hands.button(desk, "desk.register").click()
    desk.get_by_text("is registered.").first.wait_for()
    (tip,) = list_tips(ledger, TESS)
    assert tip.entities == (("place", PLACE),)

    # The supervisor accepts it, finds the ring it belongs to, and gives the lead to somebody.
    sue.goto(f"{server}/cases?lang=en")
    hands.button(sue, "explorer.rings.take_in").click()
    hands.told(sue, "cases.queue.tick")
    lead = next(one for one in list_leads(ledger, SUE) if one.ring_id == POOL)
    sue.goto(f"{server}/tips?tip={tip.tip_id}&lang=en")
    area(sue, "desk.field.accept_reason", "it names a place and a habit")
    hands.button(sue, "desk.accept").click()
    hands.button(sue, "desk.conclude").wait_for()
    ring = sue.get_by_role("link", name=say("desk.ring", "en", lead=lead.lead_id, ring=POOL))
    ring.wait_for()
    sue.locator(f".st-key-tip_tie_{lead.lead_id} button").click()
    sue.get_by_text(say("desk.is_tied", "en"), exact=True).wait_for()
    (tip,) = list_tips(ledger, SUE)
    assert (tip.state, tip.leads) == ("accepted", (lead.lead_id,))
    hands.shot(sue, "journey_2_tip")
    ring.click()
    sue.get_by_text(say("explorer.honest_tests.title", "en")).wait_for()
    hands.shot(sue, "journey_3_ring")
    hands.drawer(sue, "cases.lead.assign")
    hands.pick(sue, "ines")
    hands.shot(sue, "journey_4_assign")
    hands.button(sue, "cases.lead.assign").last.click()
    hands.told(sue, "cases.lead.assigned", names="ines")

    # The investigator opens a case of it, and the supervisor gives it a second officer.
    ines.goto(f"{server}/cases?lang=en")
    hands.row(ines, 1)
    hands.drawer(ines, "cases.lead.open_case_of")
    hands.write(ines, "cases.lead.title", TITLE)
    hands.button(ines, "cases.lead.open_case", count=1).click()
    hands.told(ines, "cases.lead.case_opened", title=TITLE)
    (case,) = list_cases(ledger, INES)
    sue.goto(f"{server}/cases?case={case.case_id}&lang=en")
    hands.tab(sue, "cases.tab.team")
    hands.write(sue, "cases.team.certificate", "C-1", number=1)
    hands.choose(sue, "cases.team.name", "ivo", number=2)
    hands.write(sue, "cases.team.certificate", "C-2", number=2)
    hands.button(sue, "cases.team.save").click()
    hands.told(sue, "cases.lead.assigned", names="ines, ivo")
    go(ledger, case.case_id, "file", "begin")

    # Two officers go there with the sheet; what they bring back goes into the file.
    ines.goto(f"{server}/report?case={case.case_id}&lang=en")
    sheet = issued(ines, "sheet", tmp_path)
    assert sheet.startswith(b"%PDF-")
    assert log(ledger, "paper.issued")[-1].export_hash == hashlib.sha256(sheet).hexdigest()
    ines.goto(f"{server}/cases?case={case.case_id}&lang=en")
    hands.tab(ines, "cases.tab.folder")
    hands.attach(ines, tmp_path, "inspection_record")
    go(ledger, case.case_id, "conclude", "notify")
    attach(ledger, INES, case.case_id, "decision_paper", "legal_review", "transfer_letter")
    now = read_case(ledger, INES, case.case_id).case
    propose_move(
        ledger, INES, case.case_id, move="decide", reason="a crime is suspected",
        revision=now.revision, choice="transfer_justice",
    )  # fmt: skip

    # The supervisor approves and hands the package over; its hash is in the log before it is out.
    sue.goto(f"{server}/cases?tab=approvals&lang=en")
    hands.button(sue, "cases.draft.approve").wait_for()
    hands.settled(sue)
    hands.shot(sue, "journey_7_approvals")
    hands.button(sue, "cases.draft.approve").click()
    decided = [say(key, "en") for key in ("case_move.decide", "case_decision.transfer_justice")]
    hands.told(sue, "cases.draft.approved", wanted=" · ".join(decided))
    assert not list_drafts(ledger, SUE)
    assert read_case(ledger, SUE, case.case_id).case.state == "decided"
    sue.goto(f"{server}/report?case={case.case_id}&lang=en")
    package = issued(sue, "handover", tmp_path)
    (handed,) = log(ledger, "case.handed_over")
    assert handed.export_hash == hashlib.sha256(package).hexdigest()
    assert (handed.who, details(handed)["authority"]) == ("sue", "police")
    with zipfile.ZipFile(io.BytesIO(package)) as files:
        held = set(files.namelist())
        report = files.read(f"reports/{POOL}.pdf")
    assert report.startswith(b"%PDF-")
    for kind in ("transfer_letter", "investigation_report", "inspection_record"):
        assert any(kind in name for name in held), kind
