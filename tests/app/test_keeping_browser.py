"""Accounts, the audit log and tips in a real browser; and axe-core.

Screenshots lie in the folder that ``RINGFENCE_SHOTS`` names, if it is set.
"""

import hashlib
from collections.abc import Iterator

import pytest

from casework.accounts import list_accounts, sign_in
from casework.audit import entries
from casework.ledger import Ledger, reading
from ingest.texts import Language, say
from ingest.workspace import Workspace
from tests.app import keeping_office as office
from tests.app.browser import AXE, served, watched
from tests.app.hands import TABLE, enter, row, settled, shot, tab
from tests.app.keeping_office import ADMIN, CLEAR_NAME, PERSON, looked_at, who
from tests.app.signed_in import token_of

pytestmark = pytest.mark.browser

TICK = 17  # pixels from the left edge of a table to its boxes
OWN = "four plain words of mine"


@pytest.fixture(scope="module")
def space(tmp_path_factory) -> Workspace:
    return office.build(tmp_path_factory.mktemp("keeping") / "county")


@pytest.fixture(scope="module")
def case(ledger) -> str:
    office.taken(ledger)
    return looked_at(ledger)


@pytest.fixture(scope="module")
def server(space, case, tmp_path_factory) -> Iterator[str]:  # noqa: ARG001 - the case is there
    log = tmp_path_factory.mktemp("log") / "server.txt"
    with served(space.root, log, language="en") as address:
        yield address
    assert CLEAR_NAME not in log.read_text("utf-8")


def come(page, server: str, ledger: Ledger, role: str, screen: str, lang: Language = "en") -> None:
    """Come to a page with the session of a role's account, as after a reload."""
    enter(page, server, token_of(ledger, who(role).name))
    page.goto(f"{server}/{screen}?lang={lang}")
    page.get_by_role("button", name=say("sign_in.leave", lang)).wait_for()


def click(page, key: str) -> None:
    page.get_by_role("button", name=say(key, "en"), exact=True).click()


def field(page, key: str):
    return page.get_by_role("textbox", name=say(key, "en"), exact=True)


def test_an_administrator_makes_an_account_and_its_owner_comes_in(server, chromium, ledger) -> None:
    with watched(chromium, server) as page:
        come(page, server, ledger, "administrator", "admin")
        page.locator(TABLE).first.wait_for()
        field(page, "keeping.column.name").fill("newcomer")
        field(page, "keeping.column.unit").fill("u1")
        click(page, "keeping.accounts.create")
        page.get_by_text(say("keeping.accounts.made_now", "en", name="newcomer")).wait_for()
        given = page.locator("code").first.inner_text().strip()
        assert field(page, "keeping.column.name").input_value() == ""
        shot(page, "admin_made")
        click(page, "keeping.secret.noted")
        page.get_by_text(given).wait_for(state="detached")
        row(page, 1, x=TICK)
        page.get_by_role("heading", name="administrator", exact=True).wait_for()
        click(page, "keeping.accounts.lock")
        page.get_by_text("give a reason").wait_for()
        shot(page, "admin_one")
    with watched(chromium, server) as page:
        page.goto(f"{server}/?lang=en")
        field(page, "sign_in.name").fill("newcomer")
        page.get_by_label(say("sign_in.password", "en"), exact=True).fill(given)
        click(page, "sign_in.enter")
        page.get_by_text(say("sign_in.change_text", "en")).wait_for()
        for name, value in (("old", given), ("new", OWN), ("again", OWN)):
            page.get_by_label(say(f"sign_in.field.{name}", "en"), exact=True).fill(value)
        click(page, "sign_in.change")
        page.get_by_role("heading", name=say("home.title", "en")).wait_for()
        assert page.get_by_role("link", name=say("explorer.page.admin", "en")).count() == 0
        assert given not in page.url
    made = next(one for one in list_accounts(ledger, ADMIN) if one.name == "newcomer")
    assert (made.made_by, made.role, made.must_change) == ("administrator", "analyst", False)
    assert sign_in(ledger, "newcomer", OWN).officer.role == "analyst"


def test_the_auditor_finds_out_who_saw_a_name_and_takes_the_proof_along(
    server, chromium, ledger, case, tmp_path
) -> None:
    with watched(chromium, server, accept_downloads=True) as page:
        come(page, server, ledger, "auditor", "audit")
        page.locator(TABLE).first.wait_for()
        shot(page, "audit_rows")
        tab(page, "keeping.audit.tab.sights")
        field(page, "keeping.sights.entity").fill(PERSON)
        click(page, "keeping.sights.ask")
        said = say("keeping.sights.said", "en", clear="investigator", masked="investigator")
        page.get_by_text(said).wait_for()
        shot(page, "audit_sights")
        tab(page, "keeping.audit.tab.rows")
        field(page, "keeping.column.case_id").fill(case)
        click(page, "keeping.rows.search")
        page.get_by_text("1–", exact=False).first.wait_for()
        settled(page)
        with page.expect_download() as download:
            click(page, "keeping.rows.export")
        path = tmp_path / "extract.csv"
        download.value.save_as(path)
        tab(page, "keeping.audit.tab.chain")
        click(page, "keeping.chain.check")
        page.get_by_text("The log is whole").wait_for()
        shot(page, "audit_chain")
        assert PERSON not in page.url
        assert CLEAR_NAME not in page.content() + "".join(page.sent)
    content = path.read_bytes()
    with reading(ledger) as connection:
        (row,) = [one for one in entries(connection) if one.action == "audit.exported"]
    assert row.export_hash == hashlib.sha256(content).hexdigest()
    text = content.decode("utf-8-sig")
    assert "identity.revealed" in text
    assert case in text
    assert CLEAR_NAME not in text


@pytest.mark.parametrize(("scheme", "lang"), [("light", "zh"), ("dark", "en")])
def test_axe_finds_no_barrier(server, chromium, ledger, axe, scheme, lang: Language) -> None:
    found = {}
    size = (1366, 768) if scheme == "light" else (1920, 1080)
    parts = {
        ("administrator", "admin"): [f"keeping.admin.tab.{one}" for one in ("clients", "settings")],
        ("auditor", "audit"): [f"keeping.audit.tab.{one}" for one in ("sights", "chain")],
        ("informant_desk", "tips"): ["desk.tab.register", "desk.tab.rewards"],
        ("supervisor", "tips"): [],
    }
    for (role, screen), tabs in parts.items():
        with watched(chromium, server, size=size, color_scheme=scheme) as page:
            page.add_init_script(axe)
            come(page, server, ledger, role, screen, lang)
            page.locator(TABLE).first.wait_for()
            for part in ["", *tabs]:
                if part:
                    tab(page, part, lang)
                settled(page)
                found[role, part] = page.evaluate(AXE)
                shot(page, f"{role}_{part.rpartition('.')[2] or screen}_{scheme}_{lang}")
            if screen == "tips":
                tab(page, "desk.tab.list", lang)
                row(page, 1, x=TICK)
                page.get_by_role("button", name=say("desk.back", lang)).wait_for()
                assert f"tip={office.tip_of(ledger)}" in page.url, "what is late comes first"
                settled(page)
                found[role, "one"] = page.evaluate(AXE)
                shot(page, f"{role}_tip_{scheme}_{lang}")
    assert not any(found.values()), {key: value for key, value in found.items() if value}
