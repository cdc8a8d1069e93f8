"""How a browser comes to hold a session: a ticket for one use is swapped for a cookie.

A page of Streamlit cannot set a cookie, and a script in the browser could only set one that scripts
can read. So the page is given a ticket, worth nothing but this one swap within seconds; the browser
brings it to the server, which answers with the session's token in a cookie that no script can read
(HttpOnly) and no other site can cause to be sent (SameSite=Strict). It lives as long as the
browser; the ledger ends the session itself. The token is in no page, no address and no log.
"""

import secrets
import threading
import time

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from streamlit.components.v2.types import ComponentRenderer

COOKIE = "ringfence_session"
PATH = "_ringfence/session"
SECONDS = 30.0
LARGEST = 200
"""Bytes that a swap may have: a ticket and its wrapping."""

_SCRIPT = """
export default function ({ data }) {
  if (window.__ringfenceTicket === data.ticket) return;
  window.__ringfenceTicket = data.ticket;
  fetch(new URL("%s", document.baseURI), {
    method: "POST", credentials: "same-origin", body: data.ticket,
    headers: { "Content-Type": "text/plain" },
  });
}
"""


def issue(token: str) -> str:
    """Return a ticket for the token of a session; an empty token is for taking the cookie away."""
    ticket, now = secrets.token_urlsafe(32), time.monotonic()
    with _lock:
        for old in [one for one, (_, until) in _tickets.items() if until < now]:
            del _tickets[old]
        _tickets[ticket] = (token, now + SECONDS)
    return ticket


def redeem(ticket: str) -> str | None:
    """Return what a ticket stands for, once; None if it is none, was used, or is too old."""
    with _lock:
        token, until = _tickets.pop(ticket, (None, 0.0))
    return token if time.monotonic() <= until else None


async def swap(request: Request) -> Response:
    """Answer a ticket with its cookie, and anything else with nothing."""
    body = await request.body()
    token = redeem(body.decode("ascii", "replace")) if len(body) <= LARGEST else None
    answer = Response(status_code=204 if token is not None else 403)
    answer.headers["Cache-Control"] = "no-store"
    if token:
        answer.set_cookie(
            COOKIE, token, httponly=True, samesite="strict", path="/",
            secure=request.url.scheme == "https",
        )  # fmt: skip
    elif token == "":
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return answer


ROUTES = (Route(f"/{PATH}", swap, methods=["POST"]),)
"""What :mod:`app.explorer.door` serves beside the pages."""


def component() -> ComponentRenderer:
    """Return what brings a ticket to the server, unseen; to be called with key and ticket."""
    return st.components.v2.component(
        "ringfence_ticket", html="<span hidden></span>", js=_SCRIPT % PATH
    )


_lock = threading.Lock()
_tickets: dict[str, tuple[str, float]] = {}
