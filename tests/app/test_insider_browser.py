"""An insider lead in a real browser with a real graph: the liaison sees it, and nobody else.

Screenshots lie in the folder that ``RINGFENCE_SHOTS`` names, if it is set.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from app.explorer.tickets import COOKIE
from casework.leads import take_in
from casework.ledger import open_ledger
from casework.rights import Officer
from graph.load import clear
from graph.store import open_store
from ingest.texts import say
from ingest.workspace import Workspace
from tests.app import canvas_county as county
from tests.app.browser import launched, served, wall_for_cpu
from tests.app.signed_in import ANN, CONCERNED, TEAM, hire, token_of
from tests.casework.office import INES, LIN, SUE, log

pytestmark = [pytest.mark.browser, pytest.mark.graph]
SHOTS = os.environ.get("RINGFENCE_SHOTS")
HIDDEN = county.SECOND
READ = """() => [document.body.innerText, ...[...document.querySelectorAll("input, table")]
  .map(one => one.value || one.textContent)].join(" ")"""
"""What stands on a page, in its fields, and in the tables that a list keeps for screen readers."""
STILL = """() => { const app = document.querySelector('[data-testid="stApp"]');
  return app?.dataset.testScriptState === "notRunning"
    && !document.querySelector('[data-testid="stSkeleton"]'); }"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, embedded_folder) -> Iterator[Workspace]:
    """A county whose second ring is of insiders, taken in, with its graph and its accounts."""
    space = county.build(tmp_path_factory.mktemp("insider") / "county")
    path = space.latest_run() / "rings.parquet"
    table = pq.read_table(path)
    of_insiders = pc.equal(table["ring_id"], HIDDEN)
    kinds = pc.if_else(of_insiders, "insider_reimbursement", table["kind"])
    at = table.schema.get_field_index("kind")
    pq.write_table(table.set_column(at, table.schema.field(at), kinds), path)
    space.graph.symlink_to(embedded_folder)
    with open_store(space, environ={}) as store, open_ledger(space, environ={}) as ledger:
        county.fill(store, space)
        take_in(ledger, SUE)
        hire(ledger, *TEAM)
        yield space
        clear(store)


@pytest.fixture(scope="module")
def server(workspace: Workspace, tmp_path_factory) -> Iterator[str]:
    log_file = tmp_path_factory.mktemp("log") / "server.txt"
    with served(workspace.root, log_file, language="en") as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator:
    with launched() as browser:
        yield browser


@pytest.fixture
def come(chromium, server: str, workspace: Workspace) -> Iterator:
    """Return a function that opens a browser as somebody who is signed in."""
    opened = []

    def as_(who: Officer):
        context = chromium.new_context(viewport={"width": 1366, "height": 768})
        with open_ledger(workspace, environ={}) as ledger:
            token = token_of(ledger, who.name)
        context.add_cookies([{"name": COOKIE, "value": token, "url": server}])
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(25_000 * wall_for_cpu(0.1))
        return page

    yield as_
    for context in opened:
        context.close()


def settled(page, server: str, path: str) -> str:
    """Open an address, wait until it stands still, and return all that can be read on it."""
    page.goto(f"{server}/{path}")
    page.get_by_text(say("explorer.page.motto", "en")).wait_for()
    read, before = "", None
    while read != before:
        page.wait_for_function(STILL)
        page.wait_for_timeout(700)
        read, before = str(page.evaluate(READ)), read
    return read


@pytest.mark.parametrize("who", [ANN, INES, SUE, CONCERNED], ids=lambda one: one.role)
def test_it_is_absent_for_others_in_lists_search_counts_and_by_address(come, server, who) -> None:
    page = come(who)
    for path in ("home", "rings", "insider"):
        held = settled(page, server, f"{path}?lang=en")
        assert HIDDEN not in held, path
        if path == "rings" and who in (ANN, SUE):
            assert county.POOL in held, "the list is read at all"
    if who is CONCERNED:
        assert say("insider.leads.none", "en") in held
    for path in ("ring", "report", "explore"):
        held = settled(page, server, f"{path}?lang=en&ring={HIDDEN}")
        assert HIDDEN not in held, path
        if path == "ring":
            assert say("explorer.ring.unknown", "en") in held
    settled(page, server, "search?lang=en")
    field = page.get_by_role("textbox", name=say("canvas.search.label", "en"))
    field.fill(HIDDEN)
    field.press("Enter")
    page.get_by_text(say("search.none", "en", text=HIDDEN, least=2)).wait_for()


def test_the_liaison_sees_it_and_each_view_is_in_the_audit_log(come, server, workspace) -> None:
    page = come(LIN)
    page.goto(f"{server}/insider?lang=en")
    page.get_by_text(HIDDEN).first.wait_for()
    page.get_by_text(say("insider.leads.history", "en")).wait_for()
    with open_ledger(workspace, environ={}) as ledger:
        assert [one.who for one in log(ledger, "lead.opened")] == ["lin"]
    shot(page, "insider_en")
    page.get_by_role("link", name=say("insider.leads.ring", "en")).click()
    page.get_by_text(say("explorer.ring.back", "en")).wait_for()
    page.get_by_text(HIDDEN).first.wait_for()


def shot(page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)
