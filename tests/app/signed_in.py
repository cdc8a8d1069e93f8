"""Accounts of an invented agency for tests of the pages, and a page opened as one of them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.explorer import session
from app.explorer.launch import WORKSPACE
from app.explorer.screens import sign_in
from casework import accounts
from casework.ledger import Ledger, open_ledger
from casework.rights import Officer
from ingest.workspace import Workspace
from tests.casework.office import (
    ANALYST,
    DISCIPLINE,
    INES,
    IVO,
    LEO,
    LIN,
    OTHER,
    SAM,
    SUE,
    UNIT,
    officer,
)

MAIN = str(Path(__file__).parents[2] / "app" / "explorer" / "main.py")
AGENCY = "https://sign-in.county.invalid"
ADMIN = officer("root-admin", "administrator", "it")
ANN = Officer(name="ann", role="analyst", unit=UNIT)
CONCERNED = officer("lou", "liaison", UNIT)
SID = officer("sid", "supervisor", OTHER)
TESS, AUD, EXA = (
    officer("tess", "informant_desk"),
    officer("aud", "auditor"),
    officer("exa", "expert"),
)
TEAM = (ANN, INES, IVO, SUE, SAM, SID, LIN, LEO, CONCERNED, TESS, AUD, EXA)
assert {ANALYST.role, LIN.unit} == {"analyst", DISCIPLINE}
Door = Callable[..., AppTest]


def hire(ledger: Ledger, *team: Officer) -> None:
    """Give each of these officers an account that the agency's own sign-in vouches for.

    Nobody types their passwords, so that one slow hash serves them all.
    """
    accounts.first_account(ledger, ADMIN.name, ADMIN.unit)
    one_hash = accounts.hashed("of nobody")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "hashed", lambda _: one_hash)
        for one in team:
            accounts.create_account(
                ledger, ADMIN, name=one.name, role=one.role, unit=one.unit, display=one.name
            )
            accounts.link_account(ledger, ADMIN, one.name, issuer=AGENCY, subject=one.name)


def token_of(ledger: Ledger, name: str) -> str:
    """Return the token of a session that begins now."""
    claims = {"iss": AGENCY, "sub": name, "iat": ledger.clock().timestamp()}
    return accounts.sign_in_claims(ledger, claims).token


def door(monkeypatch: pytest.MonkeyPatch, space: Workspace, *, lang: str = "en") -> Door:
    """Return how to come to a page as somebody, or as nobody."""

    def opened(who: Officer | None, screen: str, **state: object) -> AppTest:
        monkeypatch.setenv(WORKSPACE, str(space.root))
        session.forget_leads()
        page = AppTest.from_file(MAIN, default_timeout=60)
        page.query_params["lang"] = lang
        if who is not None:
            with open_ledger(space) as ledger:
                page.session_state[sign_in.TOKEN] = token_of(ledger, who.name)
        page.run()
        page.switch_page(f"screens/{screen}.py")
        for name, value in state.items():
            page.session_state[name] = value
        return ran(page)

    return opened


def ran(page: AppTest) -> AppTest:
    """Run a page, which shows no fault of ours."""
    page.run()
    assert not page.exception, page.exception
    assert session.FAILED not in page.session_state, [one.value for one in page.error]
    return page


def said(page: AppTest) -> str:
    """Return the words of a page, in one string, as they are read."""
    parts = [*page.markdown, *page.caption, *page.success, *page.error, *page.info, *page.warning]
    return "\n".join(str(one.value).replace("\\", "") for one in parts)


def send(page: AppTest, label: str) -> AppTest:
    """Press the one button of that label."""
    (found,) = [one for one in page.button if one.label == label]
    found.click()
    return ran(page)
