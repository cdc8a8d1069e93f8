"""Other systems: who may call the API, as what, and where each is told of its leads."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app.explorer.keeping import common, secret
from app.explorer.words import local, name_of, plain
from casework.accounts_clients import (
    CLIENT_ROLES,
    MOST_PER_MINUTE,
    Client,
    add_client,
    list_clients,
    remove_client,
)
from casework.ledger import Ledger
from casework.news import READS, Address, list_addresses, remove_address, set_address
from casework.rights import RIGHTS, Officer
from ingest.texts import Language, say

NEW = ("client_new_name", "client_new_unit")


def shown(ledger: Ledger, officer: Officer, lang: Language) -> None:
    """Draw the systems there are, the one that is chosen, and the form of a new one."""
    found = common.attempt(lambda: _listed(officer), lang)
    if found is None:
        return
    clients, addresses = found
    left, right = st.columns([2.1, 1], gap="large")
    with left:
        if not clients:
            st.info(say("keeping.clients.none", lang))
        else:
            chosen = _list(clients, addresses, lang)
            if chosen is None:
                st.caption(say("keeping.clients.tick", lang))
            else:
                _one(ledger, officer, chosen, addresses.get(chosen.name), lang)
    with right:
        _new(ledger, officer, lang)


def _list(
    clients: Sequence[Client], addresses: dict[str, Address], lang: Language
) -> Client | None:
    keys = [one.client_id for one in clients]
    chosen = common.picked(
        "clients",
        [_row(one, addresses.get(one.name), lang) for one in clients],
        keys,
        lang,
        alt=say("keeping.admin.tab.clients", lang),
        numbers=("per_minute", "waiting"),
    )
    return clients[keys.index(chosen)] if chosen is not None else None


def _one(
    ledger: Ledger, officer: Officer, one: Client, address: Address | None, lang: Language
) -> None:
    """Draw where a system is told of leads, and the way to take its right away."""
    st.markdown(f"##### {plain(one.name)}")
    if address is not None and address.last_error:
        st.warning(plain(say("keeping.clients.failing", lang, reason=address.last_error)))
    if one.role in RIGHTS[READS]:
        _address(ledger, officer, one, address, lang)
    else:
        st.caption(say("keeping.clients.no_leads", lang))
    sure = st.checkbox(
        say("keeping.clients.sure", lang, name=one.name), key=f"client_sure_{one.client_id}"
    )
    if st.button(say("keeping.clients.remove", lang), key="client_remove", disabled=not sure):
        _do(lambda: remove_client(ledger, officer, one.name), "removed", one, lang)


def _address(
    ledger: Ledger, officer: Officer, one: Client, address: Address | None, lang: Language
) -> None:
    key = f"client_webhook_{one.client_id}"
    with st.form("client_address", border=True):
        webhook = st.text_input(
            say("keeping.clients.webhook", lang), key=key, placeholder="https://HOST/PATH",
            help=say("keeping.clients.webhook_help", lang), max_chars=2000,
        )  # fmt: skip
        if st.form_submit_button(say("keeping.clients.tell", lang)):
            _do(
                lambda: set_address(ledger, officer, one.name, webhook=webhook),
                "told", one, lang, forget=(key,),
            )  # fmt: skip
    if address is not None and st.button(
        say("keeping.clients.no_more", lang), key="client_no_more"
    ):
        _do(lambda: remove_address(ledger, officer, one.name), "told_no_more", one, lang)


def _new(ledger: Ledger, officer: Officer, lang: Language) -> None:
    """Draw the form of a new system."""
    st.markdown(f"##### {say('keeping.clients.new', lang)}")
    with st.form("client_new", border=True):
        name = st.text_input(say("keeping.column.name", lang), key=NEW[0], max_chars=200)
        role = st.selectbox(
            say("keeping.column.role", lang),
            CLIENT_ROLES,
            format_func=lambda one: name_of("role", one, lang),
            key="client_new_role",
        )
        unit = st.text_input(say("keeping.column.unit", lang), key=NEW[1], max_chars=200)
        rate = st.number_input(
            say("keeping.column.per_minute", lang), 1, MOST_PER_MINUTE, 60, key="client_new_rate"
        )
        sent = st.form_submit_button(say("keeping.clients.add", lang), type="primary")
    if not sent:
        return
    token = common.attempt(
        lambda: add_client(ledger, officer, name=name, role=role, unit=unit, per_minute=int(rate)),
        lang,
    )
    if token is not None:
        secret.keep(officer, say("keeping.secret.token", lang, name=name.strip()), token)
        _listed.clear()
        common.done(say("keeping.clients.added", lang, name=name.strip()), NEW)


def _do(act: Any, what: str, one: Client, lang: Language, *, forget: Sequence[str] = ()) -> None:
    """Do something to a system, and say at the top that it was done."""
    done = say(f"keeping.clients.{what}", lang, name=one.name)
    common.step(act, done, lang, again=_listed.clear, forget=forget)


@st.cache_data(show_spinner=False, ttl=60)
def _listed(officer: Officer) -> tuple[list[Client], dict[str, Address]]:
    """Ask the services once a minute: every asking is a row of the audit log."""
    ledger = common.ledger()
    told = {one.client: one for one in list_addresses(ledger, officer)}
    return list_clients(ledger, officer), told


def _row(one: Client, address: Address | None, lang: Language) -> dict[str, Any]:
    return {
        "name": one.name,
        "role": name_of("role", one.role, lang),
        "unit": one.unit,
        "per_minute": one.per_minute,
        "made_at": f"{local(one.made_at):%Y-%m-%d}",
        "receiver": address.receiver if address else None,
        "waiting": address.waiting if address else None,
    }
