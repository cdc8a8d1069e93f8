"""Accounts of an invented agency for tests of the pages, and a page opened as one of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.explorer import session
from app.explorer.canvas import services
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
from tests.casework.paper_county import taken_in

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


@contextmanager
def at_work(root: Path, team: Sequence[Officer] = TEAM) -> Iterator[Ledger]:
    """Open a county made there: its leads are taken in, one of them of insiders, a team is hired.

    No page works on it afterwards.
    """
    root.mkdir()
    with open_ledger(Workspace(root), environ={}) as ledger:
        taken_in(ledger)
        hire(ledger, *team)
        services.forget()
        yield ledger
    services.forget()


def token_of(ledger: Ledger, name: str) -> str:
    """Return the token of a session that begins now."""
    claims = {"iss": AGENCY, "sub": name, "iat": ledger.clock().timestamp()}
    return accounts.sign_in_claims(ledger, claims).token


def door(monkeypatch: pytest.MonkeyPatch, space: Workspace, *, lang: str = "en") -> Door:
    """Return how to come to a page as somebody, or as nobody."""

    def opened(who: Officer | None, screen: str, **state: object) -> AppTest:
        monkeypatch.setenv(WORKSPACE, str(space.root))
        session.forget_leads()
        token = ""
        if who is not None:
            with open_ledger(space) as ledger:
                token = token_of(ledger, who.name)
        return arrive(screen, lang, token=token, state=state)

    return opened


def arrive(
    screen: str,
    lang: str = "en",
    query: Mapping[str, str] | None = None,
    *,
    token: str = "",
    state: Mapping[str, object] | None = None,
    seconds: float = 60,
) -> AppTest:
    """Come to a page by its address, with the token of a session or as nobody."""
    page = AppTest.from_file(MAIN, default_timeout=seconds)
    page.query_params["lang"] = lang
    if token:
        page.session_state[sign_in.TOKEN] = token
    page.run()
    page.switch_page(f"screens/{screen}.py")
    for word, value in (query or {}).items():
        page.query_params[word] = value
    for name, held in (state or {}).items():
        page.session_state[name] = held
    return ran(page)


def ran(page: AppTest) -> AppTest:
    """Run a page, which shows no fault of ours."""
    return whole(page.run())


def whole(page: AppTest) -> AppTest:
    """Return a page that ran and shows no fault of ours."""
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
