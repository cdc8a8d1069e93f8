"""An insider lead in a real browser with a real graph: the liaison sees it, and nobody else.

Screenshots lie in the folder that ``RINGFENCE_SHOTS`` names, if it is set.
"""

from collections.abc import Callable, Iterator

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from casework.leads import take_in
from casework.ledger import open_ledger
from graph.load import clear
from graph.store import open_store
from ingest.texts import say
from ingest.workspace import Workspace
from tests.app import canvas_county as county
from tests.app.browser import served
from tests.app.hands import seats, settled, shot
from tests.app.signed_in import ANN, CONCERNED, TEAM, hire
from tests.casework.office import INES, LIN, SUE, log

pytestmark = [pytest.mark.browser, pytest.mark.graph]
HIDDEN = county.SECOND
NO_SUCH_PAGE = "The page that you have requested does not seem to exist"
READ = """() => [document.body.innerText, ...[...document.querySelectorAll("input, table")]
  .map(one => one.value || one.textContent)].join(" ")"""
"""What stands on a page, in its fields, and in the tables that a list keeps for screen readers."""


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


@pytest.fixture
def come(chromium, server: str, workspace: Workspace) -> Iterator[Callable]:
    """Return a function that opens a browser as somebody who is signed in."""
    with (
        open_ledger(workspace, environ={}) as ledger,
        seats(chromium, server, ledger, patience=25, expected=NO_SUCH_PAGE) as seat,
    ):
        yield lambda who: seat(who.name)


def read(page, server: str, path: str) -> str:
    """Open an address, wait until it stands still, and return all that can be read on it."""
    page.goto(f"{server}/{path}")
    page.get_by_text(say("explorer.page.motto", "en")).wait_for()
    now, before = "", None
    while now != before:
        settled(page)
        page.wait_for_timeout(300)
        now, before = str(page.evaluate(READ)), now
    return now


@pytest.mark.parametrize("who", [ANN, INES, SUE, CONCERNED], ids=lambda one: one.role)
def test_it_is_absent_for_others_in_lists_search_counts_and_by_address(come, server, who) -> None:
    page = come(who)
    for path in ("home", "rings", "insider"):
        held = read(page, server, f"{path}?lang=en")
        assert HIDDEN not in held, path
        if path == "rings" and who in (ANN, SUE):
            assert county.POOL in held, "the list is read at all"
    if who is CONCERNED:
        assert say("insider.leads.none", "en") in held
    for path in ("ring", "report", "explore"):
        held = read(page, server, f"{path}?lang=en&ring={HIDDEN}")
        assert HIDDEN not in held, path
        if path == "ring":
            assert say("explorer.ring.unknown", "en") in held
    read(page, server, "search?lang=en")
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
    shot(page, "insider_en", whole=True)
    page.get_by_role("link", name=say("insider.leads.ring", "en")).click()
    page.get_by_text(say("explorer.ring.back", "en")).wait_for()
    page.get_by_text(HIDDEN).first.wait_for()
