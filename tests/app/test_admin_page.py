"""The administrator's page: accounts, other systems and settings; no data of any case."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from app.explorer import roles
from app.explorer.keeping import accounts as accounts_page
from app.explorer.keeping import clients as clients_page
from casework import accounts
from casework.accounts_clients import client_of, list_clients
from casework.ledger import Ledger, open_ledger
from casework.news import list_addresses
from casework.rights import ROLES
from ingest.texts import say
from ingest.workspace import Workspace
from tests.app import keeping_office as office
from tests.app import sample
from tests.app.keeping_office import ADMIN, choose, come, press, words

pytestmark = pytest.mark.usefixtures("space")


@pytest.fixture(scope="module")
def space(tmp_path_factory) -> Iterator[Workspace]:
    with office.opened(office.build(tmp_path_factory.mktemp("admin") / "county")) as held:
        yield held


@pytest.fixture(autouse=True)
def fresh() -> None:
    accounts_page._listed.clear()
    clients_page._listed.clear()


def account(ledger: Ledger, name: str) -> accounts.Account:
    return next(one for one in accounts.list_accounts(ledger, ADMIN) if one.name == name)


def at(page: AppTest, part: str) -> AppTest:
    page.session_state["admin_tab"] = say(f"keeping.admin.tab.{part}", "en")
    return office.ran(page.run())


def made(page: AppTest, name: str, role: str = "investigator", unit: str = "u1") -> AppTest:
    page.text_input(key="account_new_name").set_value(name)
    page.selectbox(key="account_new_role").set_value(role)
    page.text_input(key="account_new_unit").set_value(unit)
    return press(page, say("keeping.accounts.create", "en"))


@pytest.mark.parametrize("role", [one for one in ROLES if one not in roles.PAGES["admin"]])
def test_other_roles_have_no_such_page(role) -> None:
    with pytest.raises(ValueError, match="admin"):
        come(role, "admin")


def test_the_administrator_sees_no_case_data() -> None:
    page = come("administrator", "admin")
    assert roles.pages("administrator") == ["admin"]
    for part in ("accounts", "clients", "settings"):
        told = words(at(page, part)) + " ".join(str(one.value) for one in page.dataframe)
        for secret in (*sample.POOL_PEOPLE, sample.POOL, "P33010000001"):
            assert secret not in told


def test_a_new_account_and_its_password_are_shown_once(ledger) -> None:
    page = made(come("administrator", "admin"), "New.Comer", unit="")
    assert "needs a unit" in page.error[0].value.replace("\\", "")
    assert page.text_input(key="account_new_name").value == "New.Comer", "what was typed stays"
    made(page, "New.Comer")
    (given,) = [one.value for one in page.code]
    assert account(ledger, "new.comer").must_change
    assert accounts.sign_in(ledger, "new.comer", given).must_change
    assert "new.comer" in page.dataframe[0].value["name"].tolist()
    at(page, "settings")
    assert given in words(page), "a stray click does not take it away"
    press(page, say("keeping.secret.noted", "en"))
    assert given not in words(page)
    assert given not in str(page.session_state.to_dict())


def test_lock_unlock_role_reset_and_link(ledger) -> None:
    page = choose(made(come("administrator", "admin"), "ivo"), "accounts", "ivo")
    press(page, say("keeping.accounts.lock", "en"))
    assert "give a reason" in page.error[0].value.replace("\\", "")
    page.text_input(key="account_lock_reason").set_value("left the office")
    press(page, say("keeping.accounts.lock", "en"))
    assert account(ledger, "ivo").locked_at
    assert say("keeping.accounts.locked", "en", name="ivo") in words(page)
    assert say("keeping.accounts.lock", "en") not in [one.label for one in page.button]
    press(page, say("keeping.accounts.unlock", "en"))
    assert account(ledger, "ivo").locked_at is None
    page.selectbox(key="account_role_ivo").set_value("supervisor")
    page.text_input(key="account_unit_ivo").set_value("u2")
    press(page, say("keeping.accounts.change_role", "en"))
    assert (account(ledger, "ivo").role, account(ledger, "ivo").unit) == ("supervisor", "u2")
    press(page, say("keeping.accounts.reset", "en"))
    given = page.code[0].value
    assert accounts.sign_in(ledger, "ivo", given).must_change
    page.text_input(key="account_issuer_ivo").set_value(office.AGENCY)
    page.text_input(key="account_subject_ivo").set_value("4711")
    press(page, say("keeping.accounts.link", "en"))
    assert account(ledger, "ivo").subject == "4711"
    assert "4711" in words(page)


def test_the_last_administrator_is_kept_and_the_sentence_of_the_service_is_shown(tmp_path) -> None:
    held = office.build(tmp_path / "county")
    with office.opened(held), open_ledger(held, environ={}) as ledger:
        accounts.lock_account(ledger, ADMIN, ADMIN.name, reason="left")
        page = choose(come("administrator", "admin"), "accounts", "administrator")
        page.text_input(key="account_lock_reason").set_value("by mistake")
        press(page, say("keeping.accounts.lock", "en"))
        assert "last administrator" in page.error[0].value.replace("\\", "")
        assert account(ledger, "administrator").locked_at is None


def test_a_system_is_added_told_of_leads_and_removed(ledger) -> None:
    page = at(come("administrator", "admin"), "clients")
    assert say("keeping.clients.none", "en") in words(page)
    page.text_input(key="client_new_name").set_value("platform")
    page.text_input(key="client_new_unit").set_value("u1")
    press(page, say("keeping.clients.add", "en"))
    token = page.code[0].value
    client, _ = client_of(ledger, token)
    assert (client.name, client.role) == ("platform", "analyst")
    press(page, say("keeping.secret.noted", "en"))
    assert token not in words(page)
    page = choose(page, "clients", client.client_id)
    field = page.text_input(key=f"client_webhook_{client.client_id}")
    field.set_value("http://example.test/hook")
    press(page, say("keeping.clients.tell", "en"))
    assert "https" in page.error[0].value
    assert page.session_state[f"client_webhook_{client.client_id}"] == "http://example.test/hook"
    page.text_input(key=f"client_webhook_{client.client_id}").set_value(
        "https://example.test/hook?token=geheim"
    )
    press(page, say("keeping.clients.tell", "en"))
    (address,) = list_addresses(ledger, ADMIN)
    assert address.receiver == "https://example.test"
    assert page.dataframe[0].value["receiver"].tolist() == ["https://example.test"]
    assert "geheim" not in words(page)
    press(page, say("keeping.clients.no_more", "en"))
    assert list_addresses(ledger, ADMIN) == []
    (button,) = [one for one in page.button if one.key == "client_remove"]
    assert button.disabled, "taking a right away is confirmed first"
    page.checkbox(key=f"client_sure_{client.client_id}").check()
    page.run()
    press(page, say("keeping.clients.remove", "en"))
    assert list_clients(ledger, ADMIN) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_settings_say_what_holds_where_it_is_from_and_that_nobody_compared_it(space, lang) -> None:
    folder = space.root / "calendar"
    own = "[check]\n"
    own += 'days = 7\nunit = "working_days"\nextend = [15]\nverified = true\nsource = "ours"\n'
    (folder / "limits.toml").write_text(own, "utf-8")
    try:
        page = come("administrator", "admin", lang)
        page.session_state["admin_tab"] = say("keeping.admin.tab.settings", lang)
        office.ran(page.run())
        shown = page.dataframe[0].value.set_index("limit")
        changed = shown.loc[say("limit.check", lang)]
        assert changed["days"] == say("limit_unit.working_days", lang, days=7)
        assert changed["verified"] == say("keeping.settings.is_verified", lang)
        assert changed["from"] == say("keeping.settings.from_workspace", lang, file="limits.toml")
        packaged = shown.loc[say("limit.handling", lang)]
        assert packaged["from"] == say("keeping.settings.from_us", lang, file="limits.toml")
        assert packaged["verified"] == say("keeping.settings.not_verified", lang)
        assert say("tip_limit.tip_answer", lang) in shown.index
        assert "200,000" in words(page)
    finally:
        (folder / "limits.toml").unlink()


def test_a_broken_settings_file_is_named_and_the_rest_is_shown(space) -> None:
    path = space.root / "calendar" / "limits.toml"
    path.write_text("[check]\ndays = 0\n", "utf-8")
    try:
        page = at(come("administrator", "admin"), "settings")
        assert "limits.toml" in page.error[0].value.replace("\\", "")
        assert say("keeping.settings.reward", "en") in words(page)
    finally:
        path.unlink()
