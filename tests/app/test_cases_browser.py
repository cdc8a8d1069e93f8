"""A lead becomes a filed case in a real browser, each step checked in the ledger; and axe-core.

Screenshots of every step lie in the folder that ``RINGFENCE_SHOTS`` names, if it is set.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.explorer.tickets import COOKIE
from casework.accounts import sign_in_claims
from casework.audit import entries
from casework.cases import list_cases, read_case
from casework.decisions import list_drafts
from casework.leads import list_leads, take_in
from casework.ledger import Ledger, open_ledger, reading
from ingest.texts import say
from ingest.workspace import Workspace
from tests.app.browser import launched, served, wall_for_cpu
from tests.app.cases_office import AGENCY, CROWD, SECRETS, build
from tests.app.test_ring_journey import AXE, axe  # noqa: F401 - axe is a fixture
from tests.casework.office import INES, SUE
from tests.casework.office import case as case_in

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("RINGFENCE_SHOTS")
GRID = '[data-testid="stDataFrame"] canvas'
ROW = 35  # pixels of a row and of the header of a table
TITLE, NOTE, WHY = "An invented case", "asked at the counter", "the record lacks the date"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Workspace:
    return Workspace(build(tmp_path_factory.mktemp("journey"), taken=False))


@pytest.fixture(scope="module")
def server(workspace: Workspace, tmp_path_factory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("log") / "server.txt"
    with served(workspace.root, log, language="en") as address:
        yield address
    assert not any(secret in log.read_text() for secret in SECRETS)


@pytest.fixture(scope="module")
def chromium() -> Iterator:
    with launched() as browser:
        yield browser


@pytest.fixture
def ledger(workspace: Workspace) -> Iterator[Ledger]:
    with open_ledger(workspace, environ={}) as opened:
        yield opened


@pytest.fixture
def seat(server: str, chromium, ledger: Ledger) -> Iterator:
    """Return a function that seats somebody who is signed in before a browser of their own."""
    opened, wrong = [], []

    def come(name: str, scheme: str = "light"):
        claims = {"iss": AGENCY, "sub": name, "iat": ledger.clock().timestamp()}
        token = sign_in_claims(ledger, claims).token
        context = chromium.new_context(
            viewport={"width": 1366, "height": 768}, timezone_id="Asia/Shanghai",
            color_scheme=scheme,
        )  # fmt: skip
        context.add_cookies([{"name": COOKIE, "value": token, "url": server}])
        page = context.new_page()
        page.set_default_timeout(20_000 * wall_for_cpu(0.1))
        page.on("pageerror", lambda error: wrong.append(f"page: {error}"))
        local = (server, server.replace("http", "ws", 1), "data:", "blob:")
        page.on("request", lambda r: None if r.url.startswith(local) else wrong.append(r.url))
        opened.append(context)
        return page

    yield come
    for one in opened:
        one.close()
    assert not wrong


def settled(page) -> None:
    """Wait until the page is drawn whole: what is done while it is drawn may be lost."""
    page.wait_for_timeout(700)
    page.wait_for_selector('[data-test-script-state="notRunning"]')
    page.wait_for_timeout(300)


def told(page, key: str, **values: object) -> None:
    page.get_by_text(say(key, "en", **values), exact=False).first.wait_for()
    settled(page)
    address = page.url
    assert not any(one in address for one in (*SECRETS, *CROWD, "P-")), address


def button(page, key: str, **values: object):
    """Return a button by its words; an icon before them is read as a word too."""
    words = re.escape(say(key, "en", **values))
    return page.get_by_role("button", name=re.compile(rf"^(?:\w+ )?{words}$"))


def row(page, number: int) -> None:
    """Click into a row of the first table."""
    grid = page.locator(GRID).first
    grid.wait_for()
    settled(page)
    box = grid.bounding_box()
    page.mouse.click(box["x"] + 240, box["y"] + ROW * (number + 0.5))


def write(page, key: str, value: str, **values: object) -> None:
    field = page.get_by_role("textbox", name=say(key, "en", **values)).first
    field.wait_for()
    settled(page)
    field.fill(value)
    field.press("Tab")


def drawer(page, key: str) -> None:
    """Open a drawer once the page stands still; what is typed while it opens would be lost."""
    settled(page)
    page.get_by_text(say(key, "en"), exact=True).first.click()
    settled(page)


def tab(page, name: str) -> None:
    page.get_by_role("tab", name=say(f"cases.tab.{name}", "en"), exact=True).click()
    settled(page)


def shot(page, name: str) -> None:
    if SHOTS:
        page.wait_for_timeout(600)
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


def log(ledger: Ledger, action: str) -> list:
    with reading(ledger) as connection:
        return [one for one in entries(connection) if one.action == action]


def attach(page, folder: Path, kind: str) -> Path:
    """Attach a file of a kind and return it, once the page says that it is attached."""
    from playwright.sync_api import expect

    path, name = folder / f"{kind}.txt", say(f"case_paper.{kind}", "en")
    path.write_bytes(f"an invented {kind}".encode())
    kinds = page.get_by_role("combobox", name=re.compile(say("cases.folder.kind", "en"))).first
    kinds.fill(name)
    expect(page.get_by_role("option")).to_have_text([name], timeout=60_000)
    kinds.press("Enter")
    settled(page)
    page.locator('input[type="file"]').first.set_input_files(path)
    page.get_by_text(path.name).first.wait_for()
    settled(page)
    button(page, "cases.folder.add").click()
    page.get_by_text(f"Attached {path.name}").wait_for()
    settled(page)
    return path


def test_a_lead_becomes_a_filed_case(seat, server, ledger, tmp_path) -> None:
    sue, ines = seat("sue"), seat("ines")
    sue.goto(f"{server}/cases?lang=en")
    button(sue, "explorer.rings.take_in").click()
    told(sue, "cases.queue.tick")
    assert [one.state for one in list_leads(ledger, SUE)] == ["open", "open"]
    shot(sue, "cases_1_queue")
    row(sue, 2)
    drawer(sue, "cases.lead.assign")
    names = sue.get_by_role("combobox", name=re.compile("Officers"))
    names.fill("ines")
    sue.get_by_role("option").first.wait_for()
    names.press("Enter")
    sue.get_by_text("ines", exact=True).first.wait_for()
    sue.get_by_text(say("cases.lead.history", "en")).click()  # away from the list of names
    shot(sue, "cases_2_lead")
    button(sue, "cases.lead.assign").click()
    told(sue, "cases.lead.assigned", names="ines")
    (lead,) = list_leads(ledger, INES)
    assert (lead.state, log(ledger, "lead.assigned")[-1].who) == ("checking", "sue")

    ines.goto(f"{server}/cases?lang=en")
    row(ines, 1)
    drawer(ines, "cases.lead.open_case_of")
    write(ines, "cases.lead.title", TITLE)
    button(ines, "cases.lead.open_case", count=1).click()
    told(ines, "cases.lead.case_opened", title=TITLE)
    (case,) = list_cases(ledger, INES)
    assert f"case={case.case_id}" in ines.url
    shot(ines, "cases_3_case")
    tab(ines, "folder")
    write(ines, "cases.folder.note", NOTE)
    button(ines, "cases.folder.note_add").click()
    told(ines, "cases.folder.noted")
    for kind in ("check_record", "filing_form"):
        path = attach(ines, tmp_path, kind)
        with ines.expect_download() as got:
            button(ines, "cases.folder.read").first.click()
        assert Path(got.value.path()).read_bytes() == path.read_bytes()
        assert read_case(ledger, INES, case.case_id).attachments[-1].paper == kind
    shot(ines, "cases_4_folder")
    file = read_case(ledger, INES, case.case_id)
    assert [one.text for one in file.notes] == [NOTE]
    assert [one.export_hash for one in log(ledger, "case.attachment_read")] == [
        one.sha256 for one in file.attachments
    ]
    tab(ines, "next")
    write(ines, "cases.act.reason", "the facts hold")
    button(ines, "cases.moves.propose").click()
    told(ines, "cases.draft.own")
    (draft,) = list_drafts(ledger, SUE)
    assert (draft.move, draft.who) == ("file", "ines")

    sue.goto(f"{server}/cases?case={case.case_id}&lang=en")
    tab(sue, "team")
    write(sue, "cases.team.certificate", "C-1", number=1)
    write(sue, "cases.team.name", "ivo", number=2)
    write(sue, "cases.team.certificate", "C-2", number=2)
    button(sue, "cases.team.save").click()
    told(sue, "cases.lead.assigned", names="ines, ivo")
    assert read_case(ledger, SUE, case.case_id).certificates == {"ines": "C-1", "ivo": "C-2"}
    shot(sue, "cases_5_team")
    sue.goto(f"{server}/cases?tab=approvals&lang=en")
    write(sue, "cases.draft.return_reason", WHY)
    shot(sue, "cases_6_approvals")
    button(sue, "cases.draft.return").click()
    told(sue, "cases.approvals.none")
    assert not list_drafts(ledger, SUE)
    assert WHY in log(ledger, "case.returned")[-1].details

    ines.goto(f"{server}/cases?case={case.case_id}&lang=en")
    ines.get_by_text(WHY).wait_for()
    write(ines, "cases.act.reason", "the date is added")
    button(ines, "cases.moves.propose").click()
    told(ines, "cases.draft.own")
    sue.goto(f"{server}/cases?tab=approvals&lang=en")
    button(sue, "cases.draft.approve").click()
    told(sue, "cases.draft.approved", wanted=say("case_move.file", "en"))
    made = read_case(ledger, SUE, case.case_id)
    assert made.case.state == "filed"
    assert [(one.move, one.drafted_by, one.who) for one in made.moves] == [("file", "ines", "sue")]


def test_axe_finds_no_barrier_on_the_parts_of_the_page(seat, server, ledger, axe) -> None:  # noqa: F811
    take_in(ledger, SUE)
    if not list_cases(ledger, SUE):
        case_in(ledger)
    case_id = list_cases(ledger, SUE)[0].case_id
    lead_id = list_leads(ledger, SUE)[0].lead_id
    found = {}
    for scheme, lang in (("light", "zh"), ("dark", "en")):
        page = seat("sue", scheme)
        page.add_init_script(axe)
        addresses = {
            **{name: f"tab={name}" for name in ("leads", "cases", "approvals", "figures")},
            "lead": f"lead={lead_id}",
            "case": f"case={case_id}",
        }
        for name, query in addresses.items():
            page.goto(f"{server}/cases?{query}&lang={lang}")
            page.locator("h3").first.wait_for()
            page.wait_for_timeout(1_500)
            found[name, scheme] = page.evaluate(AXE)
            shot(page, f"cases_axe_{name}_{scheme}_{lang}")
        for name in ("limits", "folder", "people", "team", "history"):
            page.get_by_role("tab", name=say(f"cases.tab.{name}", lang), exact=True).click()
            page.wait_for_timeout(1_500)
            found[name, scheme] = page.evaluate(AXE)
            shot(page, f"cases_axe_{name}_{scheme}_{lang}")
    assert not any(found.values()), {name: said for name, said in found.items() if said}
