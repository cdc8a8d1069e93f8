"""The door: nobody passes unasked once there is an account, and each role has its own pages."""

import asyncio
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from app.explorer import data, roles, session, tickets
from app.explorer.canvas import services
from app.explorer.launch import WORKSPACE
from app.explorer.screens import sign_in
from casework import accounts
from casework.audit import entries
from casework.ledger import open_ledger, reading
from casework.rights import ROLES, Officer
from ingest.texts import say
from tests.app import sample

MAIN = str(Path(__file__).parents[2] / "app" / "explorer" / "main.py")
PASSWORD = "a horse in correct batteries"  # noqa: S105 - of invented people
AGENCY = "https://sign-in.county.invalid"
FIELDS = ("old", "new", "again")
ADMIN = Officer(name="root-admin", role="administrator", unit="it")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """A workspace with an account for each role, linked to an agency; one has a password too."""
    space = sample.build(tmp_path_factory.mktemp("sign_in") / "county")
    with open_ledger(space) as ledger:
        accounts.first_account(ledger, ADMIN.name, ADMIN.unit)
        for role in ROLES:
            name = role.replace("_", "-")
            given = accounts.create_account(
                ledger, ADMIN, name=name, role=role, unit="u1", display=role
            )
            accounts.link_account(ledger, ADMIN, name, issuer=AGENCY, subject=name)
            if role == "analyst":
                token = accounts.sign_in(ledger, name, given).token
                accounts.change_password(ledger, token, given, PASSWORD)
    services.forget()
    yield space
    services.forget()


@pytest.fixture
def ledger(workspace):
    with open_ledger(workspace) as opened:
        yield opened


@pytest.fixture
def door(monkeypatch, workspace):
    """Return a function that comes to an address as somebody signed in, or as nobody."""

    def open_(name: str = "", screen: str = "", **query: str) -> AppTest:
        monkeypatch.setenv(WORKSPACE, str(workspace.root))
        page = AppTest.from_file(MAIN, default_timeout=30)
        page.query_params["lang"] = "en"
        if name:
            with open_ledger(workspace) as ledger:
                claims = {"iss": AGENCY, "sub": name, "iat": ledger.clock().timestamp()}
                page.session_state[sign_in.TOKEN] = accounts.sign_in_claims(ledger, claims).token
        page.run()
        if screen:
            page.switch_page(f"screens/{screen}.py")
            for word, value in query.items():
                page.query_params[word] = value
            page.run()
        assert not page.exception, page.exception
        return page

    return open_


def headings(page: AppTest) -> list[str]:
    return [one.value for one in page.subheader]


def fill(page: AppTest, **values: str) -> AppTest:
    for name, value in values.items():
        label = say(f"sign_in.{'field.' if name in FIELDS else ''}{name}", "en")
        next(one for one in page.text_input if one.label == label).set_value(value)
    page.button[0].click()
    page.run()
    assert not page.exception, page.exception
    return page


def test_without_accounts_the_explorer_is_open_and_says_so(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv(WORKSPACE, str(sample.build(tmp_path / "county").root))
    page = AppTest.from_file(MAIN, default_timeout=30)
    page.query_params["lang"] = "en"
    page.run()
    assert say("sign_in.open", "en") in [one.value for one in page.caption]
    assert headings(page) == [say("home.title", "en")]


@pytest.mark.parametrize("screen", ["", "rings", "motifs", "quality", "explore"])
def test_nothing_is_drawn_for_nobody(door, screen) -> None:
    page = door(screen=screen)
    assert headings(page) == [say("sign_in.title", "en")]
    assert not page.dataframe
    assert not page.metric


def test_a_wrong_password_is_refused_in_one_sentence_and_is_in_the_audit_log(door, ledger) -> None:
    for name in ("analyst", "nobody-here"):
        page = fill(door(), name=name, password="wrong wrong wrong")  # noqa: S106
        assert page.error[0].value == say("sign_in.refused", "en")
        assert headings(page) == [say("sign_in.title", "en")]
    with reading(ledger) as connection:
        last = list(entries(connection))[-2:]
    assert {one.action for one in last} == {"account.refused"} or all(
        "refused" in one.action for one in last
    )


def test_the_right_password_opens_the_pages_of_the_role(door) -> None:
    page = fill(door(), name="analyst", password=PASSWORD)
    assert headings(page)[0] == say("home.title", "en")
    assert "analyst" in " ".join(one.value for one in page.caption)
    assert page.session_state[session.OFFICER].role == "analyst"


def test_a_password_for_one_use_is_changed_first(door, ledger) -> None:
    given = accounts.create_account(
        ledger, ADMIN, name="newcomer", role="analyst", unit="u1", display="new"
    )
    page = fill(door(), name="newcomer", password=given)
    assert headings(page) == [say("sign_in.change_title", "en")]
    page = fill(page, old=given, new="quite another phrase 7", again="quite another phrase 8")
    assert page.error[0].value == say("sign_in.differ", "en")
    page = fill(page, old=given, new="quite another phrase 7", again="quite another phrase 7")
    assert headings(page)[0] == say("home.title", "en")


def test_signing_out_ends_the_session_for_good(door, ledger) -> None:
    page = door("analyst")
    token = page.session_state[sign_in.TOKEN]
    page.button(key="sign_out").click()
    page.run()
    assert headings(page) == [say("sign_in.title", "en")]
    assert session.OFFICER not in page.session_state
    with pytest.raises(accounts.SessionOver):
        accounts.officer_of(ledger, token)


def test_a_lock_counts_from_the_next_click(door, ledger) -> None:
    page = door("expert")
    accounts.lock_account(ledger, ADMIN, "expert", reason="left")
    page.run()
    assert headings(page) == [say("sign_in.title", "en")]
    accounts.unlock_account(ledger, ADMIN, "expert")


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_its_pages_and_no_other(door, role) -> None:
    page = door(role.replace("_", "-"))
    here = Path(MAIN).with_name("screens")
    for name in roles.PAGES:
        if not (here / f"{name}.py").is_file() or name in ("explore", "search", "ring"):
            continue
        if role in roles.PAGES[name]:
            page.switch_page(f"screens/{name}.py").run()
            assert not page.exception, (name, page.exception)
        else:
            with pytest.raises(ValueError, match=name):
                page.switch_page(f"screens/{name}.py")


def test_a_role_without_pages_is_told_so(door) -> None:
    told = [one.value for one in door("expert").markdown]
    assert say("explorer.page.nothing_text", "en") in told


def test_a_supervisor_sees_the_leads_that_the_service_gives_and_takes_them_in(door) -> None:
    page = door("supervisor", "rings")
    assert say("explorer.no_leads.title", "en") in headings(page)
    page.button(key="take_in").click()
    page.run()
    assert not page.exception
    shown = page.dataframe[0].value
    assert set(shown["ring_id"]) == {sample.POOL, sample.STEERED}
    assert set(shown["lead_state"]) == {say("lead_state.open", "en")}
    assert say("explorer.no_leads.title", "en") in headings(door("investigator", "rings"))


def test_rings_of_insiders_are_absent_for_all_but_the_liaison(monkeypatch, door, workspace) -> None:
    monkeypatch.setattr(session, "_of_insiders", lambda _: frozenset({sample.POOL}))
    page = door("analyst", "rings")
    shown = page.dataframe[0].value
    assert shown["ring_id"].tolist() == [sample.STEERED]
    assert shown["rank"].tolist() == [1], "no gap tells that there is another"
    page = door("analyst", "ring", ring=sample.POOL)
    assert headings(page) == [say("explorer.ring.unknown", "en")]
    found = data.find(str(workspace.root))
    assert isinstance(found, data.Source)


def test_a_ticket_is_good_once_and_not_for_long(monkeypatch) -> None:
    ticket = tickets.issue("token-1")
    assert tickets.redeem(ticket) == "token-1"
    assert tickets.redeem(ticket) is None
    monkeypatch.setattr(tickets, "SECONDS", -1.0)
    assert tickets.redeem(tickets.issue("token-2")) is None
    assert tickets.redeem("no ticket") is None


def test_a_ticket_is_swapped_for_a_cookie_that_no_script_reads() -> None:
    answer = swapped(tickets.issue("token-3"))
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{tickets.COOKIE}=token-3;")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert "Max-Age" not in cookie, "it ends with the browser"
    for body in ("", "nonsense", "x" * 10_000):
        refused = swapped(body)
        assert refused.status_code == 403
        assert "set-cookie" not in refused.headers
    assert "Max-Age=0" in swapped(tickets.issue("")).headers["set-cookie"]
    kept = swapped(tickets.issue("token-4"), "https").headers["set-cookie"]
    assert "Secure" in kept.split("; ")


def swapped(body: str, scheme: str = "http") -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=list(tickets.ROUTES)))
        base = f"{scheme}://county"
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            assert (await client.get(f"/{tickets.PATH}")).status_code == 405
            return await client.post(f"/{tickets.PATH}", content=body)

    return asyncio.run(ask())
