"""A served explorer and a real browser, for the tests that look at the page."""

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.explorer.launch import command
from ingest.texts import Language

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
ROOT = Path(__file__).parents[2]
AXE = """() => axe.run(
  {exclude: [['.period_brush'], ['.period_brush_bg']]},
  {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']},
).then(said => said.violations.map(one => [
  one.id, one.nodes.map(n => n.html.slice(0, 120)).slice(0, 4), one.nodes[0].failureSummary]))"""
"""What axe-core says of a page. Left out are the two rectangles of a brush alone: Vega draws them
without a name and takes none; the months can be chosen by keyboard beside them."""


@contextmanager
def served(
    workspace: Path, log: Path, *, language: Language, variables: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Serve the explorer and yield its address; what it wrote to ``log`` may hold no traceback."""
    if CHROMIUM is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("REQUIRE_BROWSER=1, but there is no chromium on the path")
        pytest.skip("NO BROWSER TEST RAN: there is no chromium on the path")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments, environment = command(workspace, port, True, language=language)
    environment.pop("NEO4J_URI", None)
    with log.open("w") as out:
        process = subprocess.Popen(  # noqa: S603 - our own python
            arguments,
            env={**environment, **(variables or {})},
            cwd=ROOT,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    base = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{base}/_stcore/health", process, log)
        yield base
    finally:
        process.terminate()
        process.wait(10)
    assert "Traceback" not in log.read_text(), log.read_text()


@contextmanager
def launched() -> Iterator:
    """Yield a running Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def watched(
    chromium,
    server: str,
    *,
    patience: float = 20.0,
    size: tuple[int, int] = (1366, 768),
    expected: str | None = None,
    **context,
) -> Iterator:
    """Yield a page that fails the test on an error in its console or a request to elsewhere.

    ``patience`` are the seconds that it waits for anything, ``expected`` the words of an error that
    the test brings about, ``context`` more about the visitor.
    What the server sent over its socket is collected in ``page.sent``; ``page.unanswered`` is
    whether it was asked for something that it has not answered whole yet.
    """
    visitor = chromium.new_context(
        viewport={"width": size[0], "height": size[1]},
        **{"locale": "zh-CN", "timezone_id": "Asia/Shanghai", **context},
    )
    page = visitor.new_page()
    page.set_default_timeout(1_000 * patience)
    with watching(page, server, expected):
        yield page
        visitor.close()


@contextmanager
def watching(page, server: str, expected: str | None = None) -> Iterator[None]:
    """Watch a page that is there already, as :func:`watched` does."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    wrong: list[str] = []
    page.sent, page.unanswered = [], True
    for_another_run = ForwardMsg.ScriptFinishedStatus.FINISHED_EARLY_FOR_RERUN
    local = (server, server.replace("http", "ws", 1), "data:", "blob:")

    def heard(message) -> None:
        if expected and expected in message.text:
            return
        # Streamlit looks for its own address below the page first; that 404 is its habit.
        if message.type == "error" and "/_stcore/" not in message.location.get("url", ""):
            wrong.append(f"console: {message.text}")

    def asked(address: str) -> None:
        if not address.startswith(local):
            wrong.append(f"request: {address}")

    def sent(frame) -> None:
        if BackMsg.FromString(frame).WhichOneof("type") == "rerun_script":
            page.unanswered = True

    def received(frame) -> None:
        page.sent.append(str(frame))
        message = ForwardMsg.FromString(frame)
        if message.WhichOneof("type") == "script_finished":
            page.unanswered = message.script_finished == for_another_run

    def loaded(_: object) -> None:
        page.unanswered = True

    def opened(socket_) -> None:
        asked(socket_.url)
        socket_.on("framesent", sent)
        socket_.on("framereceived", received)

    page.on("console", heard)
    page.on("pageerror", lambda error: wrong.append(f"page: {error}"))
    page.on("request", lambda request: asked(request.url))
    page.on("domcontentloaded", loaded)
    page.on("websocket", opened)
    yield
    assert not wrong, wrong


def wall_for_cpu(seconds: float = 0.3) -> float:
    """Return how much longer than its computing time a piece of work takes just now."""
    wall, cpu = time.perf_counter(), time.process_time()
    while time.process_time() - cpu < seconds:
        pass
    return max(1.0, (time.perf_counter() - wall) / seconds)


def _wait(address: str, process: subprocess.Popen, log: Path, seconds: float = 60) -> None:
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
