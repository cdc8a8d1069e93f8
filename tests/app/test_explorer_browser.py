"""The explorer in a real browser: what a person sees, how fast, and that nothing leaves."""

import logging
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.explorer.launch import command
from ingest.texts import say
from tests.app import sample

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
ROOT = Path(__file__).parents[2]
SETTLEMENTS = 340_000
CHART = '[data-testid="stVegaLiteChart"] :is(canvas, svg)'
TABLE = '[data-testid="stDataFrame"] canvas'
FIRST_CONTENT = 1.5  # seconds, warm; the target of the issue
FIRST_VISIT = 4.0  # seconds, empty cache; the target of the interface page


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if CHROMIUM is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("REQUIRE_BROWSER=1, but there is no chromium on the path")
        pytest.skip("NO BROWSER TEST RAN: there is no chromium on the path")
    root = sample.build(tmp_path_factory.mktemp("browser") / "county", crowd=SETTLEMENTS).root
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments, environment = command(root, port, True, language="zh")
    log = tmp_path_factory.mktemp("log") / "server.txt"
    with log.open("w") as out:
        process = subprocess.Popen(  # noqa: S603 - our own python
            arguments, env=environment, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT
        )
    base = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{base}/_stcore/health", process, log)
        yield base
    finally:
        process.terminate()
        process.wait(10)
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture(scope="module")
def chromium() -> Iterator:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


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
    """Return a page that fails the test on an error in its console or a request to elsewhere."""
    page = context.new_page()
    page.set_default_timeout(8_000 * _wall_for_cpu(0.1))
    wrong: list[str] = []
    local = (server, server.replace("http", "ws", 1), "data:", "blob:")

    def heard(message) -> None:
        # Streamlit looks for its own address below the page first; that 404 is its habit.
        if message.type == "error" and "/_stcore/" not in message.location.get("url", ""):
            wrong.append(f"console: {message.text}")

    def asked(request) -> None:
        if not request.url.startswith(local):
            wrong.append(f"request: {request.url}")

    page.on("console", heard)
    page.on("pageerror", lambda error: wrong.append(f"page: {error}"))
    page.on("request", asked)
    page.on("websocket", lambda ws: None if ws.url.startswith(local) else wrong.append(ws.url))
    yield page
    page.close()
    assert not wrong


def test_first_visit_and_first_content_are_quick(page, server: str) -> None:
    """The targets hold for a machine that does nothing else; a busy one is given its share."""
    busy = _wall_for_cpu()
    begun = time.perf_counter()
    page.goto(server)
    page.wait_for_selector(TABLE)
    first = time.perf_counter() - begun
    took: dict[str, list[float]] = {"list": [], "ring": []}
    for _ in range(3):
        for name, address in (("list", server), ("ring", f"{server}/ring?ring={sample.POOL}")):
            begun = time.perf_counter()
            page.goto(address)
            page.wait_for_selector(TABLE if name == "list" else CHART)
            took[name].append(round(time.perf_counter() - begun, 2))
    busy = max(busy, _wall_for_cpu())
    figures = f"first visit {first:.2f} s, warm {took}, machine {busy:.1f} times slowed"
    logging.getLogger(__name__).info(figures)
    assert first < FIRST_VISIT * busy, figures
    assert min(took["list"]) < FIRST_CONTENT * busy, figures
    assert min(took["ring"]) < FIRST_CONTENT * busy, figures


def test_from_the_list_to_a_ring_to_its_raster_and_back(page, server: str) -> None:
    page.goto(f"{server}/?lang=zh")
    table = page.locator(TABLE).first
    table.wait_for()
    box = table.bounding_box()
    page.mouse.click(box["x"] + 200, box["y"] + 55)
    page.get_by_text(
        say("explorer.ring.title", "zh", kind=say("kind.card_pool", "zh")), exact=True
    ).wait_for()
    assert f"ring={sample.POOL}" in page.url
    page.locator(f"{CHART}:visible").wait_for()
    page.get_by_role("tab", name=say("explorer.tab.time", "zh")).click()
    page.get_by_text(say("explorer.raster.hint", "zh")).wait_for()
    raster = page.locator(f"{CHART}:visible")
    raster.wait_for()
    assert _vermilion(raster), "joint sessions are drawn"
    page.get_by_role("radio", name=say("explorer.raster.hours", "zh")).click()
    page.wait_for_timeout(800)
    assert _vermilion(page.locator(f"{CHART}:visible"))
    page.go_back()
    page.get_by_text(say("explorer.rings.title", "zh"), exact=True).wait_for()


def test_each_part_of_a_ring_shows_up(page, server: str) -> None:
    page.goto(f"{server}/?ring={sample.POOL}&lang=en")
    seen = {"network": CHART, "members": TABLE, "settlements": TABLE}
    for name, what in seen.items():
        page.get_by_role("tab", name=say(f"explorer.tab.{name}", "en")).click()
        page.locator(what).first.wait_for()
    page.locator('[data-testid="stPagination"]').wait_for()


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


def _wall_for_cpu(seconds: float = 0.3) -> float:
    """Return how much longer than its computing time a piece of work takes just now."""
    wall, cpu = time.perf_counter(), time.process_time()
    while time.process_time() - cpu < seconds:
        pass
    return max(1.0, (time.perf_counter() - wall) / seconds)


def _wait(address: str, process: subprocess.Popen, log: Path, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"the explorer did not start: {log.read_text()}")
        try:
            with urllib.request.urlopen(address, timeout=1) as answer:  # noqa: S310 - ours
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the explorer did not answer within {seconds} s: {log.read_text()}")
