"""Leaving: whoever comes next at a browser finds nothing of who was there, and is told why."""

from collections.abc import Iterator

import pytest

from app.explorer import session
from app.explorer.desk import informing
from app.explorer.papers import shown
from app.explorer.screens import sign_in
from casework import accounts
from casework.ledger import open_ledger
from ingest.texts import say
from ingest.workspace import Workspace
from tests.app.signed_in import ADMIN, at_work, door, said
from tests.casework.office import SUE

SECRET = "what only she may see"  # noqa: S105 - a mark that the test looks for


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with at_work(tmp_path_factory.mktemp("leaving") / "county", [SUE]) as ledger:
        yield ledger.workspace


def test_signing_out_forgets_whatever_a_page_kept(monkeypatch, space) -> None:
    kept = {
        shown.RESULT: shown.Result(choice=("K-1", "case"), error=SECRET),
        informing.SEEN: (SUE.name, "T-1", {"telling": SECRET}),
        "search_named": ("K-1", (SECRET,)),
        "some_field_of_a_form": SECRET,
    }
    page = door(monkeypatch, space)(SUE, "rings", **kept)
    assert SECRET in str(page.session_state.to_dict())
    page.button(key="sign_out").click().run()
    assert not page.exception
    left = page.session_state.to_dict()
    assert SECRET not in str(left)
    assert not {session.OFFICER, sign_in.TOKEN, *kept} & set(left)
    assert left["lang"] == "en"


def test_a_session_that_ended_says_so_once_and_forgets_too(monkeypatch, space) -> None:
    page = door(monkeypatch, space)(SUE, "rings", search_named=("K-1", (SECRET,)))
    with open_ledger(space) as ledger:
        accounts.lock_account(ledger, ADMIN, SUE.name, reason="left")
    try:
        page.run()
        assert say("sign_in.over", "en") in said(page)
        assert SECRET not in str(page.session_state.to_dict())
        page.run()
        assert say("sign_in.over", "en") not in said(page)
    finally:
        with open_ledger(space) as ledger:
            accounts.unlock_account(ledger, ADMIN, SUE.name)
