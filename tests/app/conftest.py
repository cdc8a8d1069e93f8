"""A browser for the tests of a file that want one, axe-core for all, and offices to work in."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from casework.ledger import Ledger, open_ledger
from ingest.workspace import Workspace
from tests.app import cases_office
from tests.app.browser import ROOT, launched
from tests.app.command_desk import Desk, opened
from tests.app.signed_in import Door, at_work, door


@pytest.fixture(scope="module")
def chromium() -> Iterator:
    """A running Chromium; not for the whole session, since its loop would bar others' own."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """axe-core's script, installed from the lock of the canvas."""
    if shutil.which("npm") is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("REQUIRE_BROWSER=1, but there is no npm on the path")
        pytest.skip("ACCESSIBILITY WAS NOT CHECKED: there is no npm on the path")
    home = tmp_path_factory.mktemp("axe")
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(ROOT / "canvas" / name, home)
    clean = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts"]
    subprocess.run(clean, cwd=home, check=True, capture_output=True, timeout=300)  # noqa: S603
    return (home / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A workspace whose administrator has changed the first password."""
    return opened(tmp_path_factory.mktemp("county"))


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A county whose leads were taken in, one of them of insiders, with an account for each."""
    with at_work(tmp_path_factory.mktemp("space") / "county") as ledger:
        yield ledger.workspace


@pytest.fixture(scope="module")
def ledger(space: Workspace) -> Iterator[Ledger]:
    """The open ledger of the workspace that a file works on."""
    with open_ledger(space, environ={}) as held:
        yield held


@pytest.fixture
def come(monkeypatch: pytest.MonkeyPatch, space: Workspace) -> Door:
    """Return how to come to a page of that workspace as somebody."""
    return door(monkeypatch, space)


@pytest.fixture(scope="session")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The agency of ``cases_office``, to be copied."""
    return cases_office.build(tmp_path_factory.mktemp("agency"))


@pytest.fixture
def office(
    agency: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[cases_office.Office]:
    """A copy of that agency, with the explorer on its ledger."""
    with cases_office.explored(agency, tmp_path / "county", monkeypatch) as found:
        yield found


@pytest.fixture
def visit(office: cases_office.Office) -> Callable[..., AppTest]:
    """Return a function that comes to the cases page of that agency as somebody."""
    return partial(cases_office.come, office)
