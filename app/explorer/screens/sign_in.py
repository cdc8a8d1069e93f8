"""The door: who it is, before anything is shown; a password given for one use is changed first."""

import os

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.explorer import session, tickets
from app.explorer.canvas import services
from app.explorer.launch import WORKSPACE
from app.explorer.words import plain
from casework import accounts
from casework.ledger import Ledger
from casework.rights import Refused
from ingest.texts import Language, say

TOKEN = "session_token"  # noqa: S105 - where the visit keeps it
USER = "user"
FRAME = ("lang", "found", "arrived")
"""What the frame of all pages keeps, whoever is signed in."""


def entered(lang: Language, place: DeltaGenerator) -> bool:
    """Whether the page may be drawn; draws the door where it may not.

    While nobody has an account the explorer is open and says so. Role and unit are asked of the
    ledger at every run of the page, so that a lock or another role counts from the next click on.
    """
    ledger = services.ledger(os.environ[WORKSPACE])
    if not accounts.exists(ledger):
        _leave()
        place.caption(say("sign_in.open", lang), help=say("sign_in.open_help", lang))
        return True
    token = st.session_state.get(TOKEN) or _kept()
    if not token or st.session_state.get("signed_out"):
        _ask(ledger, lang)
        return False
    try:
        officer = accounts.officer_of(ledger, token)
    except accounts.MustChange:
        _change(ledger, token, lang)
        return False
    except accounts.SessionOver:
        was_here = session.officer() is not None
        st.session_state.pop(TOKEN, None)
        _leave()
        _ask(ledger, lang, over=was_here)
        return False
    if st.session_state.get(TOKEN) != token:
        st.session_state[TOKEN] = token
    st.session_state[session.OFFICER], st.session_state[USER] = officer, officer.name
    _who(ledger, place, lang)
    _hand_over(token)
    return True


def _ask(ledger: Ledger, lang: Language, *, over: bool = False) -> None:
    if "signed_out" in st.session_state:
        tickets.component()(key="ticket_out", data={"ticket": st.session_state["signed_out"]})
    _, middle, _ = st.columns([1, 1.2, 1])
    with middle:
        st.subheader(say("sign_in.title", lang), anchor=False)
        if over:
            st.info(plain(say("sign_in.over", lang)))
        with st.form("sign_in", border=True):
            name = st.text_input(say("sign_in.name", lang), autocomplete="username")
            password = st.text_input(
                say("sign_in.password", lang), type="password", autocomplete="current-password"
            )
            sent = st.form_submit_button(say("sign_in.enter", lang), type="primary")
        _agency(ledger, lang)
        st.caption(say("sign_in.hint", lang))
        if sent:
            try:
                _begin(accounts.sign_in(ledger, name.strip(), password))
            except Refused:
                st.error(say("sign_in.refused", lang))


def _agency(ledger: Ledger, lang: Language) -> None:
    """Offer the agency's own sign-in where the server is configured for it."""
    if not _configured():
        return
    if st.user.is_logged_in and not st.session_state.get("signed_out"):
        try:
            _begin(accounts.sign_in_claims(ledger, st.user.to_dict()))
        except Refused:
            st.error(say("sign_in.not_linked", lang))
    if st.button(say("sign_in.agency", lang), key="agency", width="stretch"):
        st.session_state.pop("signed_out", None)
        st.login()


def _configured() -> bool:
    """Whether the server was given an agency's sign-in, in Streamlit's own file of secrets."""
    return bool(st.secrets.load_if_toml_exists()) and "auth" in st.secrets


def _begin(signed: accounts.SignedIn) -> None:
    st.session_state[TOKEN] = signed.token
    st.session_state.pop("signed_out", None)
    st.rerun()


def _change(ledger: Ledger, token: str, lang: Language) -> None:
    st.session_state[TOKEN] = token
    _, middle, _ = st.columns([1, 1.2, 1])
    with middle:
        st.subheader(say("sign_in.change_title", lang), anchor=False)
        st.write(say("sign_in.change_text", lang))
        with st.form("change", border=True):
            old, new, again = (
                st.text_input(say(f"sign_in.field.{name}", lang), type="password")
                for name in ("old", "new", "again")
            )
            sent = st.form_submit_button(say("sign_in.change", lang), type="primary")
        if not sent:
            return
        if new != again:
            st.error(say("sign_in.differ", lang))
            return
        try:
            accounts.change_password(ledger, token, old, new)
        except accounts.SignInRefused:
            st.error(say("sign_in.wrong_old", lang))
            return
        except Refused as refusal:
            st.error(plain(refusal.told(lang)))
            return
    st.rerun()


def _who(ledger: Ledger, place: DeltaGenerator, lang: Language) -> None:
    """Say who is signed in, as what, with the way out."""
    officer = session.officer()
    if officer is None:
        return
    told, out = place.columns([3, 1], vertical_alignment="center")
    role = say(f"role.{officer.role}", lang)
    told.caption(
        plain(say("sign_in.who", lang, name=officer.name, role=role, unit=officer.unit or "–"))
    )
    if out.button(say("sign_in.leave", lang), key="sign_out", type="tertiary"):
        accounts.sign_out(ledger, str(st.session_state.pop(TOKEN)))
        _leave()
        st.session_state["signed_out"] = tickets.issue("")
        st.rerun()


def _hand_over(token: str) -> None:
    """Let the browser keep the session through a reload.

    The ticket stays on the page while the visit lasts, since a run that leads on to another page is
    cut off before it is drawn; the browser brings each ticket once.
    """
    if _kept() == token:
        return
    held = st.session_state.get("ticket_of", ("", ""))
    if held[0] != token:
        held = st.session_state["ticket_of"] = (token, tickets.issue(token))
    tickets.component()(key="ticket", data={"ticket": held[1]})


def _kept() -> str | None:
    """Return the token that the browser brought along when this visit began."""
    held = st.context.cookies.get(tickets.COOKIE)
    return held if isinstance(held, str) else None


def _leave() -> None:
    """Forget who was signed in and all that the visit held; without anybody nothing is forgotten.

    Whoever comes next at this browser begins with an empty session, whatever pages kept in it.
    """
    if session.OFFICER not in st.session_state:
        return
    for name in [one for one in st.session_state if one not in FRAME]:
        del st.session_state[name]
