"""A browser for the tests of a file that want one, axe-core for all, and a desk of commands."""

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.app.browser import ROOT, launched
from tests.app.command_desk import Desk, opened


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
