"""A browser for the tests of a file that want one."""

from collections.abc import Iterator

import pytest

from tests.app.browser import launched


@pytest.fixture(scope="module")
def chromium() -> Iterator:
    """A running Chromium; not for the whole session, since its loop would bar others' own."""
    with launched() as browser:
        yield browser
