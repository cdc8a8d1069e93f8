"""The explorer in a real browser: what a person sees, how fast, and that nothing leaves."""

import logging
import time
from collections.abc import Iterator

import pytest

from ingest.texts import say
from tests.app import sample
from tests.app.browser import served, wall_for_cpu, watching
from tests.app.hands import settled

pytestmark = pytest.mark.browser

SETTLEMENTS = 340_000
CHART = '[data-testid="stVegaLiteChart"] :is(canvas, svg)'
TABLE = '[data-testid="stDataFrame"] canvas'
FIRST_CONTENT = 1.5  # seconds, warm; the target of the issue
FIRST_VISIT = 4.0  # seconds, empty cache; the target of the interface page


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = sample.build(tmp_path_factory.mktemp("browser") / "county", crowd=SETTLEMENTS).root
    log = tmp_path_factory.mktemp("log") / "server.txt"
    with served(root, log, language="zh") as address:
        yield address


@pytest.fixture(scope="module")
def context(chromium) -> Iterator:
    """Return one visitor, whose browser keeps its cache from page to page."""
    context = chromium.new_context(
        viewport={"width": 1400, "height": 1200}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    yield context
    context.close()


@pytest.fixture
def page(server: str, context) -> Iterator:
    page = context.new_page()
    page.set_default_timeout(8_000 * wall_for_cpu(0.1))
    with watching(page, server):
        yield page
        page.close()


@pytest.mark.timed
def test_first_visit_and_first_content_are_quick(page, server: str) -> None:
    """The targets hold for a machine that does nothing else; a busy one is given its share."""
    busy = wall_for_cpu()
    begun = time.perf_counter()
    page.goto(f"{server}/rings")
    page.wait_for_selector(TABLE)
    first = time.perf_counter() - begun
    took: dict[str, list[float]] = {"list": [], "ring": []}
    for _ in range(3):
        for name, path in (("list", "rings"), ("ring", f"ring?ring={sample.POOL}")):
            begun = time.perf_counter()
            page.goto(f"{server}/{path}")
            page.wait_for_selector(TABLE if name == "list" else CHART)
            took[name].append(round(time.perf_counter() - begun, 2))
    busy = max(busy, wall_for_cpu())
    figures = f"first visit {first:.2f} s, warm {took}, machine {busy:.1f} times slowed"
    logging.getLogger(__name__).info(figures)
    assert first < FIRST_VISIT * busy, figures
    assert min(took["list"]) < FIRST_CONTENT * busy, figures
    assert min(took["ring"]) < FIRST_CONTENT * busy, figures


def test_from_the_list_to_a_ring_to_its_raster_and_back(page, server: str) -> None:
    page.goto(f"{server}/rings?lang=zh")
    table = page.locator(TABLE).first
    table.wait_for()
    box = table.bounding_box()
    page.mouse.click(box["x"] + 200, box["y"] + 55)
    page.get_by_text(
        say("explorer.ring.title", "zh", kind=say("kind.card_pool", "zh")), exact=True
    ).wait_for()
    assert f"ring={sample.POOL}" in page.url
    page.locator(CHART).nth(1).wait_for()
    page.get_by_role("tab", name=say("explorer.tab.time", "zh")).click()
    page.get_by_text(say("ring_page.raster.hint_stack", "zh")).wait_for()
    raster = page.locator(CHART).nth(1)
    raster.wait_for()
    page.get_by_role("radio", name=say("ring_page.raster.state", "zh")).click()
    page.get_by_text(say("ring_page.raster.hint_state", "zh")).wait_for()
    settled(page)
    assert _vermilion(raster), "joint sessions are drawn"
    page.get_by_role("radio", name=say("explorer.raster.hours", "zh")).click()
    settled(page)
    assert _vermilion(raster)
    page.go_back()
    page.get_by_text(say("explorer.rings.title", "zh"), exact=True).wait_for()


def test_each_part_of_a_ring_shows_up(page, server: str) -> None:
    page.goto(f"{server}/?ring={sample.POOL}&lang=en")
    seen = {"network": CHART, "members": TABLE, "settlements": TABLE}
    for name, what in seen.items():
        page.get_by_role("tab", name=say(f"explorer.tab.{name}", "en")).click()
        page.locator(what).nth(1 if what == CHART else 0).wait_for()
    page.locator('[data-testid="stPagination"]').wait_for()
    table = page.locator(TABLE).first.bounding_box()
    page.mouse.click(table["x"] + 18, table["y"] + 52)
    page.get_by_text(say("ring_page.record.no_table", "en"), exact=True).wait_for()
    page.get_by_role("tab", name=say("ring_page.tab.compare", "en")).click()
    page.get_by_text(say("ring_page.compare.rasters", "en"), exact=True).wait_for()
    page.locator(CHART).nth(2).wait_for()


def test_language_switch_keeps_the_ring(page, server: str) -> None:
    page.goto(f"{server}/?ring={sample.POOL}&lang=zh")
    page.get_by_text(say("explorer.waterfall.title", "zh"), exact=True).wait_for()
    page.get_by_text("English", exact=True).click()
    page.get_by_text(say("explorer.waterfall.title", "en"), exact=True).wait_for()
    page.wait_for_function("location.search.includes('lang=en')")
    assert f"ring={sample.POOL}" in page.url
    page.get_by_role("link", name=say("explorer.page.quality", "en")).click()
    page.get_by_text(say("explorer.quality.inputs", "en"), exact=True).wait_for()


def _vermilion(chart) -> bool:
    """Tell whether the picture holds pixels of the colour of joint sessions."""
    from io import BytesIO

    import numpy as np
    from PIL import Image

    pixels = np.asarray(Image.open(BytesIO(chart.screenshot())).convert("RGB")).astype(int)
    return bool((np.abs(pixels - (0xD5, 0x5E, 0x00)).sum(axis=2) < 12).sum() > 100)
