"""A lead becomes a filed case in a real browser, each step checked in the ledger; and axe-core.

Screenshots of every step lie in the folder that ``RINGFENCE_SHOTS`` names, if it is set.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from casework.cases import list_cases, read_case
from casework.decisions import list_drafts
from casework.leads import list_leads, take_in
from casework.ledger import Ledger
from ingest.texts import say
from ingest.workspace import Workspace
from tests.app.browser import AXE, served
from tests.app.cases_office import SECRETS, build
from tests.app.hands import (
    attach,
    button,
    choose,
    drawer,
    pick,
    row,
    seats,
    settled,
    shot,
    tab,
    told,
    write,
)  # fmt: skip
from tests.casework.office import INES, SUE, log
from tests.casework.office import case as case_in

pytestmark = pytest.mark.browser

GUEST = "inspector of the district"  # without an account: typed
TITLE, NOTE, WHY = "An invented case", "asked at the counter", "the record lacks the date"


@pytest.fixture(scope="module")
def space(tmp_path_factory) -> Workspace:
    return Workspace(build(tmp_path_factory.mktemp("journey"), taken=False))


@pytest.fixture(scope="module")
def server(space: Workspace, tmp_path_factory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("log") / "server.txt"
    with served(space.root, log, language="en") as address:
        yield address
    assert not any(secret in log.read_text() for secret in SECRETS)


@pytest.fixture
def seat(server: str, chromium, ledger: Ledger) -> Iterator[Callable]:
    """Return a function that seats somebody who is signed in before a browser of their own."""
    with seats(chromium, server, ledger) as come:
        yield come


def test_a_lead_becomes_a_filed_case(seat, server, ledger, tmp_path) -> None:
    sue, ines = seat("sue"), seat("ines")
    sue.goto(f"{server}/cases?lang=en")
    button(sue, "explorer.rings.take_in").click()
    told(sue, "cases.queue.tick")
    assert [one.state for one in list_leads(ledger, SUE)] == ["open", "open"]
    shot(sue, "cases_1_queue")
    row(sue, 2)
    drawer(sue, "cases.lead.assign")
    pick(sue, "ines")
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
    tab(ines, "cases.tab.folder")
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
    tab(ines, "cases.tab.next")
    write(ines, "cases.act.reason", "the facts hold")
    button(ines, "cases.moves.propose").click()
    told(ines, "cases.draft.own")
    (draft,) = list_drafts(ledger, SUE)
    assert (draft.move, draft.who) == ("file", "ines")

    sue.goto(f"{server}/cases?case={case.case_id}&lang=en")
    tab(sue, "cases.tab.team")
    write(sue, "cases.team.certificate", "C-1", number=1)
    choose(sue, "cases.team.name", "ivo", number=2)
    write(sue, "cases.team.certificate", "C-2", number=2)
    choose(sue, "cases.team.name", GUEST, number=3)
    button(sue, "cases.team.save").click()
    told(sue, "cases.lead.assigned", names=f"ines, {GUEST}, ivo")
    told(sue, "cases.team.guest", names=GUEST)
    team = read_case(ledger, SUE, case.case_id).certificates
    assert team == {"ines": "C-1", "ivo": "C-2", GUEST: None}
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


def test_axe_finds_no_barrier_on_the_parts_of_the_page(seat, server, ledger, axe) -> None:
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
            settled(page)
            found[name, scheme] = page.evaluate(AXE)
            shot(page, f"cases_axe_{name}_{scheme}_{lang}")
        for name in ("limits", "folder", "people", "team", "history"):
            tab(page, f"cases.tab.{name}", lang)
            found[name, scheme] = page.evaluate(AXE)
            shot(page, f"cases_axe_{name}_{scheme}_{lang}")
    assert not any(found.values()), {name: said for name, said in found.items() if said}
