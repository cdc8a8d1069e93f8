"""What a person does on a page of the explorer in a real browser, and when the page stands still.

Screenshots lie in the folder that ``RINGFENCE_SHOTS`` names, if it is set.
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from app.explorer.tickets import COOKIE
from casework.ledger import Ledger
from ingest.texts import Language, say
from tests.app.browser import wall_for_cpu, watched
from tests.app.cases_office import CROWD, SECRETS
from tests.app.signed_in import token_of

SHOTS = os.environ.get("RINGFENCE_SHOTS")
TABLE = '[data-testid="stDataFrame"] canvas'
ROW = 35  # pixels of a row and of the header of a table
PATIENCE = 120.0
"""Seconds within which a server answers, however busy the machine."""
STILL = """() => {
  const told = window.__told ??= (() => {
    const last = {at: performance.now()};
    const seen = new MutationObserver(() => { last.at = performance.now(); });
    seen.observe(document.body, {childList: true, subtree: true, characterData: true});
    return last;
  })();
  const app = document.querySelector('[data-testid="stApp"]');
  return app?.dataset.testScriptState === "notRunning"
    && !document.querySelector('[data-testid="stSkeleton"]')
    && !document.getAnimations().some(one => one.playState === "running"
      && one.effect?.getComputedTiming().endTime !== Infinity)
    && performance.now() - told.at > 250;
}"""
"""Whether nothing is drawn any more: no script runs, nothing fades, a quarter of a second of rest.
"""


@contextmanager
def seats(
    chromium,
    server: str,
    ledger: Ledger,
    *,
    size: tuple[int, int] = (1366, 768),
    patience: float = 20.0,
    expected: str | None = None,
) -> Iterator[Callable]:
    """Yield a function that seats somebody who is signed in before a browser of their own.

    The last sight of each is kept, where screenshots are.
    """
    with ExitStack() as opened:

        def come(name: str, scheme: str = "light"):
            page = opened.enter_context(
                watched(
                    chromium,
                    server,
                    patience=patience * wall_for_cpu(0.1),
                    size=size,
                    expected=expected,
                    color_scheme=scheme,
                )
            )
            enter(page, server, token_of(ledger, name))
            opened.callback(shot, page, f"last_{name}_{scheme}")
            return page

        yield come


def enter(page, server: str, token: str) -> None:
    """Give a browser the session of somebody, as after a reload."""
    page.context.add_cookies([{"name": COOKIE, "value": token, "url": server}])


def settled(page) -> None:
    """Wait until the page is answered and drawn: what is done while it is drawn may be lost."""
    until = time.monotonic() + PATIENCE
    page.wait_for_timeout(120)  # by then the page has asked, the canvas too
    while page.unanswered:
        if time.monotonic() > until:
            pytest.fail(f"the server did not answer {page.url} within {PATIENCE} s")
        page.wait_for_timeout(40)
    page.wait_for_function(STILL, polling=60)  # at every frame it would slow the page down


def told(page, key: str, **values: object) -> None:
    page.get_by_text(say(key, "en", **values), exact=False).first.wait_for()
    settled(page)
    address = page.url
    assert not any(one in address for one in (*SECRETS, *CROWD, "P-")), address


def button(page, key: str, **values: object):
    """Return a button by its words; an icon before them is read as a word too."""
    words = re.escape(say(key, "en", **values))
    return page.get_by_role("button", name=re.compile(rf"^(?:\w+ )?{words}$"))


def row(page, number: int, *, x: float = 240) -> None:
    """Click into a row of the first table, counted from 1, so far from its left edge."""
    grid = page.locator(TABLE).first
    grid.wait_for()
    settled(page)
    box = grid.bounding_box()
    page.mouse.click(box["x"] + x, box["y"] + ROW * (number + 0.5))


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


def choose(page, key: str, value: str, **values: object) -> None:
    """Type into a list of choices and take it, once nothing else is offered first."""
    from playwright.sync_api import expect

    field = page.get_by_role("combobox", name=re.compile(re.escape(say(key, "en", **values)))).first
    field.wait_for()
    settled(page)
    field.fill(value)
    offered = re.compile(rf"^(Add: )?{re.escape(value)}$")
    expect(page.get_by_role("option").first).to_have_text(offered, timeout=60_000)
    field.press("Enter")
    settled(page)


def pick(page, name: str) -> None:
    """Press one of several choices that stand side by side, and see it pressed."""
    page.get_by_role("button", name=name, exact=True).click()
    page.get_by_role("button", name=name, exact=True, pressed=True).wait_for()


def tab(page, key: str, lang: Language = "en") -> None:
    page.get_by_role("tab", name=say(key, lang), exact=True).click()
    settled(page)


def attach(page, folder: Path, kind: str) -> Path:
    """Attach a file of a kind and return it, once the page says that it is attached."""
    # A longer name would be shortened in its middle.
    path = folder / f"{kind.partition('_')[0]}.txt"
    path.write_bytes(f"an invented {kind}".encode())
    choose(page, "cases.folder.kind", say(f"case_paper.{kind}", "en"))
    page.locator('input[type="file"]').first.set_input_files(path)
    page.get_by_text(path.name).first.wait_for()
    settled(page)
    button(page, "cases.folder.add").click()
    page.get_by_text(f"Attached {path.name}").wait_for()
    settled(page)
    return path


def shot(page, name: str, *, whole: bool = False) -> None:
    """Keep a picture of what is in sight, or of the ``whole`` page, to be looked at by a person."""
    if SHOTS:
        page.wait_for_timeout(600)
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=whole)
