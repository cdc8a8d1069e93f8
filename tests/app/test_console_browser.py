"""The console and the lists in a real browser, step by step, with pictures to be looked at."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.explorer.canvas import services
from casework.alerts import alerts
from casework.audit import entries
from casework.ledger import open_ledger, reading
from casework.runs import runs
from detectors.motif_template import template
from detectors.rings import CONTRACT
from ingest.texts import say
from ingest.workspace import Workspace
from tests.app import canvas_county as county
from tests.app.browser import served, wall_for_cpu, watched
from tests.app.hands import shot

pytestmark = [pytest.mark.browser, pytest.mark.graph]

PAIRS = len(county.PEOPLE) * (len(county.PEOPLE) - 1) // 2
MOTIF = "cards_swiped_together"
STOP_SECONDS = 2.0
FAMILY = county.CROWD[20:23]
SLOW = template("slow_one").replace(
    "MATCH (device:Device)\n",
    "UNWIND range(1, 30000) AS a\nUNWIND range(1, 30000) AS b\nWITH sum(a % 7 + b % 5) AS busy\n"
    "MATCH (device:Device)\n",
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, embedded_folder):
    root = tmp_path_factory.mktemp("console") / "county"
    with county.loaded(root, embedded_folder, _leave_out, _slow_motif) as space:
        yield space


def _slow_motif(space: Workspace) -> None:
    space.motifs.mkdir()
    (space.motifs / "slow_one.cypher").write_text(SLOW, "utf-8")


def _leave_out(space: Workspace) -> None:
    """Add a group that was looked at and not raised: a family that shops together."""
    group = {
        "ring_id": "R-family", "kind": "card_pool", "reason": "honest", "explanation": "family",
        "sentence_zh": "家庭同住可解释 100%", "sentence_en": "a family explains 100%",
        "probability": 0.03, "p_value": 1e-4, "q_value": 1e-3, "stability": 1.0, "people": 3,
        "places": 1, "settlements": 9, "first_seen": county.START, "last_seen": county.START,
        "loss_mid": Decimal("10.00"), "members": FAMILY,
    }  # fmt: skip
    path = space.runs / county.RUN / "not_raised.parquet"
    pq.write_table(pa.Table.from_pylist([group], CONTRACT["not_raised"]), path)


@pytest.fixture(scope="module")
def server(workspace, tmp_path_factory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("log") / "server.txt"
    with served(workspace.root, log, language="en", variables={services.USER: "ann"}) as address:
        yield address


@pytest.fixture
def look(chromium, server: str) -> Iterator:
    """Return a function that opens an address; the test fails on a fault or a foreign request."""
    with ExitStack() as opened:

        def open_(path: str, *, dark: bool = False, size: tuple[int, int] = (1366, 768)):
            scheme = "dark" if dark else "light"
            page = opened.enter_context(
                watched(chromium, server, patience=30, size=size, color_scheme=scheme)
            )
            page.goto(f"{server}/{path}")
            return page

        yield open_


def press(page, key: str, lang: str = "en", **values: object) -> None:
    page.get_by_role("button", name=say(key, lang, **values), exact=True).click()


def text(page, words: str) -> None:
    # A table keeps its cells a second time, unseen, for whoever has them read out.
    page.get_by_text(words, exact=False).locator("visible=true").first.wait_for(timeout=60_000)


def test_analyst_changes_a_value_compares_opens_a_hit_and_saves_an_alert(look, workspace) -> None:
    """Journey two: yesterday's run, another value, what differs, a hit on the canvas, an alert."""
    page = look(f"motifs?lang=en&motif={MOTIF}")
    press(page, "console.run.start")
    text(page, f"{PAIRS} rows")
    shot(page, "analyst-1-yesterday")
    days = page.get_by_role("spinbutton", name=say(f"motif.{MOTIF}.param.min_days", "en"))
    days.fill("7")
    days.press("Enter")
    text(page, "on 7 or more different days")
    press(page, "console.run.dry")
    text(page, say("console.dry.plan", "en"))
    shot(page, "analyst-2-dry-run")
    press(page, "console.run.start")
    text(page, say("console.hits.none", "en"))
    page.get_by_role("tab", name=say("console.tab.compare", "en")).click()
    text(page, say("difference.parameters", "en"))
    gone = page.locator('[data-testid="stMetric"]', has_text=say("console.compare.gone", "en"))
    assert str(PAIRS) in gone.inner_text()
    shot(page, "analyst-3-compared")
    page.get_by_role("tab", name=say("console.tab.alert", "en")).click()
    name = page.get_by_role("textbox", name=say("console.alert.name", "en"))
    name.fill("stacks that come back")
    name.press("Enter")
    press(page, "console.alert.save")
    text(page, say("console.alert.made", "en", alert="stacks that come back"))
    shot(page, "analyst-4-alert")
    days.fill("3")
    days.press("Enter")
    text(page, "on 3 or more different days")
    page.get_by_role("tab", name=say("console.tab.hits", "en")).click()
    press(page, "console.run.start")
    text(page, f"{PAIRS} rows")
    table = page.locator('[data-testid="stDataFrame"] canvas').first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    page.mouse.click(box["x"] + 18, box["y"] + 55)
    press(page, "console.hits.canvas")
    page.wait_for_selector(".rf[data-ready]", timeout=60_000)
    assert "/explore" in page.url
    shot(page, "analyst-5-canvas")
    with open_ledger(workspace) as ledger, reading(ledger) as connection:
        asked = [one for one in runs(connection, motif=MOTIF) if one.outcome == "answered"]
        assert [one.rows for one in asked] == [PAIRS, 0, PAIRS]
        assert {one.who for one in asked} == {"ann"}
        (alert,) = alerts(connection)
    assert (alert.motif, alert.parameters["min_days"]) == (MOTIF, 7)


def test_from_a_person_who_was_not_raised_to_the_reason_why(look) -> None:
    """Journey three: the list has no ring of this person; a group that was not raised has."""
    person = county.person_id(FAMILY[0])
    page = look("?lang=zh", size=(1920, 1080))
    text(page, say("home.rings", "zh"))
    shot(page, "why-1-home")
    page.get_by_role("link", name=say("home.to_rings", "zh")).click()
    field = page.get_by_role("textbox", name=say("explorer.filter.person", "zh"))
    field.fill(person)
    field.press("Enter")
    press(page, "explorer.filter.see_why", "zh")
    text(page, say("explorer.why_not.honest", "zh"))
    text(page, "家庭同住可解释 100%")
    text(page, person)
    assert "tab=not_raised" in page.url
    shot(page, "why-2-reason")
    press(page, "explorer.why_not.canvas", "zh")
    page.wait_for_selector(".rf[data-ready]", timeout=60_000)
    shot(page, "why-3-canvas")


@pytest.mark.timed
def test_a_run_is_stopped_within_two_seconds_and_may_be_left_by_a_reload(look, workspace) -> None:
    page = look("motifs?lang=zh&motif=slow_one", dark=True)
    press(page, "console.run.start", "zh")
    page.get_by_role("button", name=say("console.run.stop", "zh")).wait_for()
    page.reload()
    stop = page.get_by_role("button", name=say("console.run.stop", "zh"))
    stop.wait_for()
    shot(page, "stop-1-running")
    busy, begun = wall_for_cpu(), time.perf_counter()
    stop.click()
    page.get_by_text(say("console.run.stopped", "zh", seconds="0").split("0")[0]).wait_for()
    took = time.perf_counter() - begun
    shot(page, "stop-2-stopped")
    assert took < STOP_SECONDS * max(busy, wall_for_cpu()), f"{took:.1f} s"
    with open_ledger(workspace) as ledger, reading(ledger) as connection:
        assert runs(connection, motif="slow_one")[0].outcome == "stopped"


def test_an_export_is_one_click_and_its_hash_is_in_the_audit_log(look, workspace) -> None:
    page = look(f"motifs?lang=en&motif={MOTIF}")
    press(page, "console.run.start")
    text(page, "Done in")
    with page.expect_download() as coming:
        press(page, "console.hits.download", format="CSV")
    content = Path(coming.value.path()).read_bytes()
    assert content.count(b"\n") == PAIRS + 1
    with open_ledger(workspace) as ledger, reading(ledger) as connection:
        last = [one for one in entries(connection) if one.action == "motif.exported"][-1]
    assert last.export_hash == hashlib.sha256(content).hexdigest()
    assert last.who == "ann"
