"""The accounts there are, the form of a new one, and what can be done with the one chosen."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import streamlit as st

from app.explorer.keeping import common, secret
from app.explorer.words import local, name_of, plain
from casework import accounts
from casework.accounts import Account
from casework.accounts_sign_in import account_name
from casework.canonical import unstamp
from casework.ledger import Ledger
from casework.rights import ROLES, Officer
from ingest.texts import Language, say

NEW = ("account_new_name", "account_new_unit", "account_new_display")


def shown(ledger: Ledger, officer: Officer, lang: Language) -> None:
    """Draw the list, then the account that is chosen, then the form of a new one."""
    found = common.attempt(lambda: _listed(officer), lang)
    if found is None:
        return
    left, right = st.columns([2.1, 1], gap="large")
    with left:
        chosen = _list(found, lang)
        if chosen is None:
            st.caption(say("keeping.accounts.tick", lang))
        else:
            _one(ledger, officer, chosen, lang)
    with right:
        _new(ledger, officer, lang)


def _list(found: Sequence[Account], lang: Language) -> Account | None:
    """Draw the accounts, by name; return the one that is chosen."""
    keys = [one.name for one in found]
    chosen = common.picked(
        "accounts",
        [_row(one, lang) for one in found],
        keys,
        lang,
        alt=say("keeping.admin.tab.accounts", lang),
    )
    return found[keys.index(chosen)] if chosen is not None else None


def _one(ledger: Ledger, officer: Officer, one: Account, lang: Language) -> None:
    """Draw what can be done with an account."""
    st.markdown(f"##### {plain(one.name)}")
    _facts(one, lang)
    state = _state(one)
    first, second = st.columns(2, gap="medium")
    with first:
        stopped = state in ("locked", "paused")
        if stopped and st.button(say("keeping.accounts.unlock", lang), key="account_unlock"):
            unlock = partial(accounts.unlock_account, ledger, officer, one.name)
            _do(unlock, "unlocked", one, lang)
        if state != "locked":
            _lock(ledger, officer, one, lang)
        if st.button(
            say("keeping.accounts.reset", lang), key="account_reset",
            help=say("keeping.accounts.reset_help", lang),
        ):  # fmt: skip
            _reset(ledger, officer, one, lang)
    with second:
        _role(ledger, officer, one, lang)
    _link(ledger, officer, one, lang)


def _facts(one: Account, lang: Language) -> None:
    by = say("keeping.accounts.made", lang, who=one.made_by, at=f"{local(one.made_at):%Y-%m-%d}")
    st.caption(plain(by))
    if one.must_change:
        st.caption(say("keeping.accounts.must_change", lang))
    if one.subject:
        # As text: an address would become a link that leads out of the agency.
        st.text(say("keeping.accounts.linked", lang, issuer=one.issuer, subject=one.subject))


def _lock(ledger: Ledger, officer: Officer, one: Account, lang: Language) -> None:
    with st.form("account_lock", border=True):
        reason = st.text_input(
            say("keeping.accounts.lock_reason", lang), key="account_lock_reason", max_chars=200
        )
        if st.form_submit_button(say("keeping.accounts.lock", lang)):
            _do(
                lambda: accounts.lock_account(ledger, officer, one.name, reason=reason),
                "locked", one, lang, forget=("account_lock_reason",),
            )  # fmt: skip


def _role(ledger: Ledger, officer: Officer, one: Account, lang: Language) -> None:
    """Draw role and unit, as they are until changed; they belong to the account in the key."""
    with st.form("account_role", border=True):
        role = st.selectbox(
            say("keeping.column.role", lang),
            ROLES,
            index=ROLES.index(one.role),
            format_func=lambda name: name_of("role", name, lang),
            key=f"account_role_{one.name}",
        )
        unit = st.text_input(
            say("keeping.column.unit", lang), value=one.unit, key=f"account_unit_{one.name}",
            max_chars=200,
        )  # fmt: skip
        if st.form_submit_button(say("keeping.accounts.change_role", lang)):
            _do(
                lambda: accounts.change_role(ledger, officer, one.name, role=role, unit=unit),
                "role_changed", one, lang,
            )  # fmt: skip


def _link(ledger: Ledger, officer: Officer, one: Account, lang: Language) -> None:
    with st.expander(say("keeping.accounts.link_title", lang)), st.form("link", border=False):
        issuer = st.text_input(
            say("keeping.accounts.issuer", lang), value=one.issuer or "", max_chars=200,
            key=f"account_issuer_{one.name}", placeholder="https://",
        )  # fmt: skip
        subject = st.text_input(
            say("keeping.accounts.subject", lang), value=one.subject or "", max_chars=200,
            key=f"account_subject_{one.name}",
        )  # fmt: skip
        if st.form_submit_button(say("keeping.accounts.link", lang)):
            _do(
                lambda: accounts.link_account(
                    ledger, officer, one.name, issuer=issuer.strip(), subject=subject.strip()
                ),
                "was_linked", one, lang,
            )  # fmt: skip


def _reset(ledger: Ledger, officer: Officer, one: Account, lang: Language) -> None:
    given = common.attempt(lambda: accounts.reset_password(ledger, officer, one.name), lang)
    if given is not None:
        secret.keep(officer, say("keeping.secret.password", lang, name=one.name), given)
        _listed.clear()
        st.rerun()


def _new(ledger: Ledger, officer: Officer, lang: Language) -> None:
    """Draw the form of a new account."""
    st.markdown(f"##### {say('keeping.accounts.new', lang)}")
    with st.form("account_new", border=True):
        name = st.text_input(say("keeping.column.name", lang), key=NEW[0], max_chars=200)
        role = st.selectbox(
            say("keeping.column.role", lang),
            ROLES,
            format_func=lambda one: name_of("role", one, lang),
            key="account_new_role",
        )
        unit = st.text_input(
            say("keeping.column.unit", lang), key=NEW[1], max_chars=200,
            help=say("keeping.accounts.unit_help", lang),
        )  # fmt: skip
        display = st.text_input(say("keeping.column.display", lang), key=NEW[2], max_chars=200)
        sent = st.form_submit_button(say("keeping.accounts.create", lang), type="primary")
    if not sent:
        return
    given = common.attempt(
        lambda: accounts.create_account(
            ledger, officer, name=name, role=role, unit=unit, display=display
        ),
        lang,
    )
    if given is not None:
        shown_name = account_name(name)
        secret.keep(officer, say("keeping.secret.password", lang, name=shown_name), given)
        _listed.clear()
        common.done(say("keeping.accounts.made_now", lang, name=shown_name), NEW)


def _do(act: Any, what: str, one: Account, lang: Language, *, forget: Sequence[str] = ()) -> None:
    """Do something to an account, and say at the top that it was done."""
    done = say(f"keeping.accounts.{what}", lang, name=one.name)
    common.step(act, done, lang, again=_listed.clear, forget=forget)


def _state(one: Account) -> str:
    """Return whether an account can sign in now, and if not, why."""
    if one.locked_at:
        return "locked"
    if one.paused_until and unstamp(one.paused_until) > datetime.now(UTC):
        return "paused"
    return "waiting" if one.must_change else "good"


@st.cache_data(show_spinner=False, ttl=60)
def _listed(officer: Officer) -> list[Account]:
    """Ask the service once a minute: every asking is a row of the audit log."""
    return accounts.list_accounts(common.ledger(), officer)


def _row(one: Account, lang: Language) -> dict[str, Any]:
    return {
        "name": one.name,
        "display": one.display,
        "role": name_of("role", one.role, lang),
        "unit": one.unit or None,
        "state": say(f"keeping.account_state.{_state(one)}", lang),
        "signed_in_at": f"{local(one.signed_in_at):%Y-%m-%d %H:%M}" if one.signed_in_at else None,
    }
