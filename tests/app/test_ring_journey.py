"""From a tip about a pharmacy to a saved view, in a real browser with a real graph; and axe-core.

Screenshots of every step lie in the folder that ``RINGFENCE_SHOTS`` names, if it is set.
"""

import logging
import re
import time
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.explorer.charts.picture import UNRECORDED
from detectors.rings import CONTRACT
from ingest.texts import Language, say
from ingest.workspace import Workspace
from tests.app import canvas_county as county
from tests.app.browser import AXE, served, wall_for_cpu, watched
from tests.app.canvas_county import BROKER, PEOPLE, POOL, SECOND, SESSIONS, node
from tests.app.hands import TABLE, settled, shot

pytestmark = [pytest.mark.browser, pytest.mark.graph]

CHART = '[data-testid="stVegaLiteChart"] :is(canvas, svg)'
READY = ".rf[data-ready]"
BRUSH_SECONDS = 0.7


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, embedded_folder) -> Iterator[Workspace]:
    root = tmp_path_factory.mktemp("journey") / "county"
    with county.loaded(root, embedded_folder, _explain) as space:
        yield space


@pytest.fixture(scope="module")
def server(workspace: Workspace, tmp_path_factory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("log") / "server.txt"
    known = {"RINGFENCE_CANVAS_TEST": "1", "RINGFENCE_USER": "ann"}
    with served(workspace.root, log, language="en", variables=known) as address:
        yield address


@pytest.fixture
def page(server: str, chromium) -> Iterator:
    with watched(chromium, server, patience=20 * wall_for_cpu(0.1)) as page:
        yield page


def _explain(space: Workspace) -> None:
    """Give the first ring evidence and honest tests, so that there is something to check."""
    folder = space.runs / county.RUN
    evidence = [
        {"ring_id": POOL, "measure": name, "observed": 6.0, "expected": 0.4, "unit": "",
         "log2_bayes_factor": factor, "sentence_zh": zh, "sentence_en": en, "motif": None}
        for name, factor, zh, en in (
            ("prior", -3.0, "先验", "prior"),
            ("joint_share", 7.247928, "同刷 6 次", "6 joint sessions"),
        )
    ]  # fmt: skip
    tests = [
        {"ring_id": POOL, "explanation": "family", "verdict": "refuted", "share_explained": 0.0,
         "sentence_zh": "不是同一家庭", "sentence_en": "no shared household"},
        {"ring_id": POOL, "explanation": "common_roof", "verdict": "not_testable",
         "share_explained": None, "sentence_zh": "缺少单位信息",
         "sentence_en": "employers were not delivered"},
    ]  # fmt: skip
    for name, rows in (("ring_evidence", evidence), ("ring_honest_tests", tests)):
        pq.write_table(pa.Table.from_pylist(rows, CONTRACT[name]), folder / f"{name}.parquet")


def until(page, condition: str, argument=None) -> None:
    page.wait_for_function(condition, arg=argument)


def dblclick(page, one: str) -> None:
    page.locator(".rf").focus()
    page.keyboard.press("f")
    page.wait_for_timeout(300)
    x, y = page.evaluate(
        "one => { const p = __cy.getElementById(one).renderedPosition(); return [p.x, p.y]; }", one
    )
    box = page.locator(".rf .cv").bounding_box()
    page.mouse.dblclick(box["x"] + x, box["y"] + y)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_from_a_pharmacy_to_a_broker_in_a_second_ring_and_back_by_link(
    page, server, lang: Language
) -> None:
    page.goto(f"{server}/search?lang={lang}")
    field = page.get_by_role("textbox", name=say("canvas.search.label", lang))
    field.fill("P1")
    page.keyboard.press("Enter")
    ring = page.get_by_role("link", name=re.compile(POOL))
    ring.wait_for()
    shot(page, f"1_search_{lang}")
    ring.click()
    page.get_by_text(say("explorer.honest_tests.title", lang), exact=True).wait_for()
    page.locator(CHART).first.wait_for()
    for verdict in ("refuted", "not_testable"):
        page.get_by_text(say(f"explorer.verdict.{verdict}", lang), exact=True).wait_for()
    untested = page.get_by_text(say("ring_page.untested.title", lang), exact=True)
    untested.scroll_into_view_if_needed()
    shot(page, f"2_honest_{lang}")
    page.get_by_role("link", name=say("canvas.page.open", lang)).click()
    page.wait_for_selector(READY)
    until(page, "one => window.__cy && __cy.getElementById(one).length", node(BROKER))
    dblclick(page, node(BROKER))
    until(page, "__cy.getElementById('Phone:T-shared').length")
    dblclick(page, "Phone:T-shared")
    until(page, "__cy.getElementById('Staff:C2').length")
    page.wait_for_timeout(300)
    dblclick(page, "Staff:C2")
    until(page, "one => __cy.getElementById(one).length", f"Ring:{SECOND}")
    shot(page, f"3_broker_{lang}")
    page.evaluate("__cy.$(':selected').unselect(); void __cy.getElementById('Staff:C2').select()")
    page.get_by_role("link", name=re.compile(re.escape(SECOND))).first.wait_for()
    page.locator(".rf").focus()
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    settled(page)
    dialog.get_by_role("textbox").fill("shares a telephone with the broker")
    dialog.get_by_role("button", name=say("canvas.details.note_save", lang), exact=True).click()
    until(page, "__cy.getElementById('Staff:C2').data('caption').includes('※')")
    name = page.get_by_role("textbox", name=re.compile(re.escape(say("canvas.view.name", lang))))
    name.fill("tip of the pharmacy")
    page.keyboard.press("Enter")
    settled(page)
    shot(page, f"4_noted_{lang}")
    places = (
        "Object.fromEntries(__cy.nodes().map(n => [n.id(), [n.position('x'), n.position('y')]]))"
    )
    before = page.evaluate(places)
    view = page.evaluate("new URLSearchParams(location.search).get('view')")
    assert view.startswith("V-")
    page.goto(f"{server}/explore?view={view}&lang={lang}")
    page.wait_for_selector(READY)
    until(page, "n => window.__cy && __cy.nodes().length === n", len(before))
    assert page.evaluate(places) == before
    assert page.evaluate("__cy.getElementById('Staff:C2').data('caption').includes('※')")
    assert name.input_value() == "tip of the pharmacy"
    assert not re.search(r"330100|P-|tip", page.url.split("/explore")[1].replace(view, ""))
    shot(page, f"5_reopened_{lang}")


def test_no_chart_can_be_saved_unrecorded_and_a_bar_shows_its_settlements(page, server) -> None:
    page.goto(f"{server}/ring?ring={POOL}&lang=en")
    page.locator(CHART).nth(1).wait_for()
    charts = page.locator('[data-testid="stVegaLiteChart"]')
    for number in range(charts.count()):
        charts.nth(number).hover()
        page.get_by_role("button", name=re.compile("^Fullscreen")).nth(number).wait_for()
    for name in UNRECORDED:
        there = page.locator(f'button[aria-label^="{name}"]')
        assert there.count() == charts.count(), "Streamlit calls it otherwise: hide it again"
        assert page.get_by_role("button", name=re.compile(f"^{name}")).count() == 0
    bar = charts.nth(1).locator('path[aria-roledescription="bar"]').nth(1)
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    dialog = page.get_by_role("dialog")
    dialog.locator(TABLE).first.wait_for()
    count = SESSIONS * len(PEOPLE)
    dialog.get_by_text(f"tie the members together: {count},").wait_for()
    shot(page, "7_claims")


@pytest.mark.timed
def test_a_brush_filters_every_picture_and_the_table(page, server) -> None:
    """And within the budget, for a machine that does nothing else."""
    page.goto(f"{server}/ring?ring={POOL}&lang=en")
    page.get_by_role("tab", name=say("explorer.tab.time", "en"), exact=True).click()
    page.locator(CHART).nth(2).wait_for()
    page.locator(TABLE).first.wait_for()
    settled(page)
    busy, took = wall_for_cpu(), []
    bars = page.locator(CHART).first.bounding_box()
    for share in (0.15, 0.3):
        drawn = "[...document.querySelectorAll('[data-testid=stVegaLiteChart]')].slice(1)"
        before = page.evaluate(f"{drawn}.map(one => one.innerHTML)")
        x, y = bars["x"] + share * bars["width"], bars["y"] + 0.45 * bars["height"]
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 0.2 * bars["width"], y, steps=4)
        page.mouse.up()
        begun = time.perf_counter()
        until(
            page,
            f"before => {drawn}.some((one, n) => one.innerHTML !== before[n])"
            " && document.body.innerText.includes('settlements that count')",
            before,
        )
        took.append(round(time.perf_counter() - begun, 2))
        settled(page)
    told = page.get_by_text(re.compile(r"Period 2025-0\d-\d\d to")).inner_text()
    chosen, total = map(int, re.search(r": (\d+) of (\d+) settlements", told).groups())
    assert 0 < chosen < total == county.SESSIONS * len(county.PEOPLE)
    page.get_by_text(say("explorer.settlements.hint", "en", total=str(chosen))).wait_for()
    page.get_by_role("button", name=say("ring_page.timeline.whole", "en")).click()
    page.get_by_text(say("explorer.settlements.hint", "en", total=str(total))).wait_for()
    figures = f"brush {took} s, machine {max(busy, wall_for_cpu()):.1f} times slowed"
    logging.getLogger(__name__).info(figures)
    assert min(took) < 2 * BRUSH_SECONDS * max(busy, wall_for_cpu()), figures


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier_on_any_page_of_the_investigator(page, server, axe, scheme) -> None:
    page.emulate_media(color_scheme=scheme)
    page.add_init_script(axe)
    pages = {
        "home": ("/home?lang=zh", TABLE),
        "explore": (f"/explore?ring={POOL}&lang=zh", READY),
        "list": ("/rings?lang=zh", TABLE),
        "search": ("/search?lang=zh", "input"),
        "motifs": ("/motifs?lang=zh", TABLE),
        "motif": ("/motifs?motif=cards_swiped_together&lang=zh", "input"),
        "quality": ("/quality?lang=zh", TABLE),
        "ring": (f"/ring?ring={POOL}&lang=zh", CHART),
    }
    found = {}
    for name, (address, ready) in pages.items():
        page.goto(server + address)
        page.locator(ready).first.wait_for()
        settled(page)
        found[name] = page.evaluate(AXE)
        shot(page, f"axe_{name}_{scheme}")
    for part in page.get_by_role("tab").all():
        part.click()
        settled(page)
        found[f"ring: {part.inner_text()}"] = page.evaluate(AXE)
    assert len(found) == len(pages) + 8
    assert not any(found.values()), found
