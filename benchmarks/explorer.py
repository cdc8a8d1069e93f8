"""How long people wait for the explorer, in headless Chromium; in explorer.csv.

    python -m benchmarks.explorer WORKSPACE [--times 5]

The workspace must hold a run and a loaded graph. Seconds are those of the clock, from the press
of a key or button to what the row names; the middle of ``--times`` counts, the worst stands beside
it. The figures are the machine's as much as ours: ``slowed`` says how much longer than its
computing time a piece of work took meanwhile, and only near 1 do they speak of the explorer. The
table of docs/explorer.md is written anew from them.
"""

import argparse
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from playwright.sync_api import Browser, FloatRect, Page
from playwright.sync_api import TimeoutError as Late

from app.explorer.canvas.state import SOFT_LIMIT
from benchmarks.figures import placed, write
from ingest.texts import say
from ingest.workspace import Workspace
from tests.app.browser import launched, served, wall_for_cpu, watched
from tests.app.hands import settled

FIGURES = Path(__file__).parent / "explorer.csv"
PAGE = Path(__file__).parents[1] / "docs" / "explorer.md"
CHART = '[data-testid="stVegaLiteChart"] :is(canvas, svg)'
TABLE = '[data-testid="stDataFrame"] canvas'
READY = ".rf[data-ready]"
LAST_CHANGE = "window.__told.at / 1000"  # of :data:`tests.app.hands.STILL`, since the page's start
MOVES = """() => {
  window.__asked = performance.now(); window.__moved = 0;
  __cy.on('position', () => { window.__moved = performance.now(); });
}"""
UNTRIED = """() => {
  const tried = window.__tried ??= new Set();
  const one = __cy.nodes("[type = 'Patient'], [type = 'Doctor']")
    .filter(n => !tried.has(n.id()))[0];
  tried.add(one.id());
  __cy.$(':selected').unselect();
  return [one.id(), __cy.nodes().length];
}"""
# A locator is looked for again after 20, 50, 100, 100 and 500 ms, these at every frame.
SHOWN = "one => document.querySelector(one)?.checkVisibility()"
TOLD = "key => [...document.querySelectorAll('code')].some(one => one.textContent === key)"
FRAMES = """() => {
  const mine = window.__frames = [performance.now()];
  const note = now => { if (mine === __frames) { mine.push(now); requestAnimationFrame(note); } };
  requestAnimationFrame(note);
}"""
BARS = {
    "first_visit": (4.0, "first visit, empty cache: list"),
    "ring_first": (1.5, "ring page, first content"),
    "ring_complete": (3.0, "ring page, complete"),
    "brush": (0.7, "brush to all pictures and the table"),
    "select": (0.4, "select to details, a ring"),
    "expand": (0.5, "expand, a ring"),
    "select_many": (0.4, f"select to details, over {SOFT_LIMIT} nodes"),
    "expand_many": (0.5, f"expand, over {SOFT_LIMIT} nodes"),
    "reopen_many": (3.0, f"over {SOFT_LIMIT} nodes reopened and at rest"),
    "arrange_many": (3.0, f"over {SOFT_LIMIT} nodes arranged anew and at rest"),
    "frames": (30.0, f"frames a second while over {SOFT_LIMIT} nodes are moved (at least)"),
    "session_mb": (150.0, "server memory for one session more, MB"),
}
"""What is measured: the bar, in seconds where the name tells no other unit, and what it means."""


def main() -> None:
    """Measure everything and write the figures, and the table of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--times", type=int, default=5)
    chosen = parser.parse_args()
    workspace = Workspace(chosen.workspace)
    rings = pq.read_table(workspace.latest_run() / "rings.parquet", columns=["ring_id", "people"])
    ring = max(rings.to_pylist(), key=lambda one: (one["people"], one["ring_id"]))
    settlements = pq.read_metadata(workspace.table("settlements")).num_rows
    known = {"RINGFENCE_CANVAS_TEST": "1", "RINGFENCE_USER": "benchmark"}
    slowed, took = [wall_for_cpu()], {}
    with (
        tempfile.TemporaryDirectory() as folder,
        served(workspace.root, Path(folder) / "log", language="en", variables=known) as server,
        launched() as chromium,
    ):
        before = _memory(server)
        for part in (_ring_page, _canvas, _sessions):
            for name, values in part(chromium, server, ring["ring_id"], chosen.times):
                took[name] = values
                print(f"{name}: {[round(value, 2) for value in values]}", flush=True)
            slowed.append(wall_for_cpu())
    rows = [
        {
            "what": name,
            "bar": bar,
            "middle": round(statistics.median(took[name]), 2),
            "worst": round((min if name == "frames" else max)(took[name]), 2),
            "times": len(took[name]),
            "settlements": settlements,
            "members": ring["people"],
            "server_mb": round(before),
            "slowed": round(max(slowed), 2),
        }
        for name, (bar, _) in BARS.items()
    ]
    write(FIGURES, rows)
    PAGE.write_text(shown(PAGE.read_text("utf-8"), rows), "utf-8")


def _ring_page(
    chromium: Browser, server: str, ring: str, times: int
) -> Iterator[tuple[str, list[float]]]:
    first, complete = [], []
    with watched(chromium, server) as page:
        yield "first_visit", [_seconds(lambda: _open(page, f"{server}/rings", TABLE))]
        for _ in range(times):
            first.append(_seconds(lambda: _open(page, f"{server}/ring?ring={ring}&lang=en", CHART)))
            settled(page)
            complete.append(page.evaluate(LAST_CHANGE))
        yield "ring_first", first
        yield "ring_complete", complete
        page.get_by_role("tab", name=say("explorer.tab.time", "en"), exact=True).click()
        page.locator(CHART).nth(2).wait_for()
        yield "brush", [_brush(page, 0.1 + 0.5 * n / times) for n in range(times)]


def _brush(page: Page, share: float) -> float:
    settled(page)
    bars = _box(page, CHART)
    x, y = bars["x"] + share * bars["width"], bars["y"] + 0.45 * bars["height"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 0.25 * bars["width"], y, steps=4)
    page.evaluate("window.__told.at = 0")
    begun = page.evaluate("performance.now() / 1000")
    page.mouse.up()
    page.wait_for_function("window.__told.at > 0")
    settled(page)
    return float(page.evaluate(LAST_CHANGE) - begun)


def _canvas(
    chromium: Browser, server: str, ring: str, times: int
) -> Iterator[tuple[str, list[float]]]:
    with watched(chromium, server) as page:
        _open(page, f"{server}/explore?ring={ring}&lang=en", READY)
        page.wait_for_function("window.__cy && __cy.nodes().length > 0")
        yield "select", [_select(page, n) for n in range(times)]
        yield "expand", [_expand(page) for _ in range(times)]
        for _ in range(100):
            if page.evaluate("__cy.nodes().length") > SOFT_LIMIT:
                break
            _expand(page)
        yield "select_many", [_select(page, n) for n in range(times)]
        yield "expand_many", [_expand(page) for _ in range(times)]
        yield "frames", [_frames(page) for _ in range(times)]
        yield "arrange_many", [_arrange(page) for _ in range(times)]
        view = page.evaluate("location.search")
        yield "reopen_many", [_reopen(page, f"{server}/explore{view}") for _ in range(times)]


def _select(page: Page, number: int) -> float:
    one = page.evaluate(f"__cy.nodes('[type = \"Patient\"]')[{number}].id()")
    settled(page)
    words = one.partition(":")[2]
    page.evaluate("void __cy.$(':selected').unselect()")
    settled(page)
    begun = time.perf_counter()
    page.evaluate("one => void __cy.getElementById(one).select()", one)
    page.wait_for_function(TOLD, arg=words)
    return time.perf_counter() - begun


def _expand(page: Page) -> float:
    """Expand the first node that brings something; return the seconds until that is drawn."""
    while True:
        page.keyboard.press("Escape")  # the dialog of a node with too many neighbours
        one, count = page.evaluate(UNTRIED)
        settled(page)
        begun = time.perf_counter()
        page.evaluate("one => void __cy.getElementById(one).emit('dbltap')", one)
        try:
            page.wait_for_function("n => __cy.nodes().length > n", arg=count, timeout=5_000)
        except Late:
            continue
        return time.perf_counter() - begun


def _frames(page: Page) -> float:
    """Return the frames a second while the picture is dragged about."""
    settled(page)
    box = _box(page, ".rf .cv")
    x, y = box["x"] + 15, box["y"] + 15
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(FRAMES)
    for step in range(60):
        page.mouse.move(x + 4 * (step % 20), y + 3 * (step % 15))
        page.wait_for_timeout(30)
    drawn, seconds = page.evaluate("[__frames.length - 1, (__frames.at(-1) - __frames[0]) / 1000]")
    page.mouse.up()
    return float(drawn / seconds)


def _arrange(page: Page) -> float:
    settled(page)
    page.evaluate(MOVES)
    page.get_by_role("button", name=say("canvas.tip.lay", "en"), exact=True).click()
    page.wait_for_function("window.__moved > 0")
    settled(page)
    return float(page.evaluate("(window.__moved - window.__asked) / 1000"))


def _reopen(page: Page, address: str) -> float:
    page.goto(address)
    page.wait_for_function(f"window.__cy && __cy.nodes().length > {SOFT_LIMIT}")
    drawn = page.evaluate("performance.now() / 1000")
    settled(page)
    return float(max(drawn, page.evaluate(LAST_CHANGE)))


def _sessions(
    chromium: Browser, server: str, ring: str, times: int
) -> Iterator[tuple[str, list[float]]]:
    """One more investigator after the other opens a ring and its network, and stays."""
    grown = []
    with ExitStack() as seats:
        for _ in range(times):
            before = _memory(server)
            page = seats.enter_context(watched(chromium, server))
            _open(page, f"{server}/ring?ring={ring}&lang=en", CHART)
            settled(page)
            _open(page, f"{server}/explore?ring={ring}&lang=en", READY)
            settled(page)
            grown.append(_memory(server) - before)
        yield "session_mb", grown


def _box(page: Page, selector: str) -> FloatRect:
    box = page.locator(selector).first.bounding_box()
    if box is None:
        raise RuntimeError(f"{selector} is not to be seen on {page.url}")
    return box


def _open(page: Page, address: str, awaited: str) -> None:
    page.goto(address)
    if awaited == READY:
        page.wait_for_selector(READY)  # below a shadow root, where a script does not look
    else:
        page.wait_for_function(SHOWN, arg=awaited)


def _seconds(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _memory(server: str) -> float:
    """Return the memory of the server at that address, in MB."""
    port = server.rpartition(":")[2].encode()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            said = (process / "cmdline").read_bytes().split(b"\0")
            if b"app.explorer.serve" in said and port in said:
                told = re.search(r"VmRSS:\s+(\d+) kB", (process / "status").read_text())
                return int(told[1]) / 1024 if told else 0.0
    raise RuntimeError(f"no server of the explorer runs at {server}")


def shown(page: str, rows: list[dict[str, Any]]) -> str:
    """Return the page with the table of these figures between its two marks."""
    lines = ["| | bar | middle | worst |", "|---|---:|---:|---:|"]
    for row in rows:
        bar, middle, worst = (float(row[name]) for name in ("bar", "middle", "worst"))
        lines.append(f"| {BARS[row['what']][1]} | {bar:g} | {middle:g} | {worst:g} |")
    return placed(page, lines)


if __name__ == "__main__":
    main()
