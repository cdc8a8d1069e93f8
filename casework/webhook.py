"""Sends one signed message to an address: off unless switched on, limited in time and tries."""

import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import urllib3
from urllib3.exceptions import HTTPError, LocationParseError, MaxRetryError
from urllib3.util import Retry, Timeout, Url, parse_url

from ingest.errors import RingfenceError
from ingest.telling import to_say

SWITCH, SECRET = "RINGFENCE_WEBHOOKS", "RINGFENCE_WEBHOOK_SECRET"
SECRET_BYTES = 32
DELIVERY, TIMESTAMP, SIGNATURE = (
    "Ringfence-Delivery",
    "Ringfence-Timestamp",
    "Ringfence-Signature",
)
AGAIN = (429, 500, 502, 503, 504)
"""Answers after which trying again may help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """How messages are sent: ``retries`` come after the first try, each after a doubled pause."""

    secret: bytes = field(repr=False)
    timeout_seconds: float = 10.0
    retries: int = 3
    backoff_seconds: float = 0.5


def webhooks(environ: Mapping[str, str]) -> Webhooks | None:
    """Return how to send, or None where webhooks are off, as they are unless switched on.

    Raises
    ------
    RingfenceError
        If they are on but the secret is missing or short.
    """
    switch = environ.get(SWITCH, "")
    if switch in ("", "0"):
        return None
    if switch != "1":
        raise RingfenceError(to_say("refused.webhook.switch", switch_name=SWITCH, switch=switch))
    secret = environ.get(SECRET, "").encode()
    if len(secret) < SECRET_BYTES:
        raise RingfenceError(
            to_say("refused.webhook.secret", name=SECRET, count=len(secret), least=SECRET_BYTES)
        )
    return Webhooks(secret=secret)


def checked_address(address: str) -> str:
    """Return an address that messages may go to: https, or http to this very machine.

    Raises
    ------
    RingfenceError
        If it is another kind of address, or holds a password.
    """
    try:
        url = parse_url(address)
    except LocationParseError as error:
        raise RingfenceError(to_say("refused.webhook.none", error=error)) from error
    if url.auth:
        raise RingfenceError(to_say("refused.webhook.password"))
    if not url.host or not (url.scheme == "https" or (url.scheme == "http" and _is_here(url))):
        raise RingfenceError(
            to_say("refused.webhook.scheme", scheme=url.scheme or "", host=url.host or "")
        )
    return address


def host_of(address: str) -> str:
    """Return scheme, host and port: the path may hold a token that no log should show."""
    url = parse_url(address)
    return f"{url.scheme}://{url.netloc}"


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """Return what stands in the signature header: HMAC-SHA256 over time, a dot and the body.

    Examples
    --------
    >>> signature(b"k" * 32, "1700000000", b"{}")[:14]
    'v1=c69bf62fb83'
    """
    return "v1=" + hmac.digest(secret, timestamp.encode() + b"." + body, "sha256").hex()


def send(
    settings: Webhooks, address: str, body: bytes, *, delivery_id: str, at: datetime
) -> str | None:
    """Send a message; return None if the receiver took it (2xx), else why not, without its path.

    Redirects are not followed. A message that was taken but whose answer was lost is sent again:
    the receiver drops a delivery id that it has met.
    """
    timestamp = str(int(at.timestamp()))
    headers = {
        "Content-Type": "application/json",
        DELIVERY: delivery_id,
        TIMESTAMP: timestamp,
        SIGNATURE: signature(settings.secret, timestamp, body),
    }
    pool = urllib3.PoolManager(
        timeout=Timeout(connect=settings.timeout_seconds, read=settings.timeout_seconds),
        retries=Retry(
            total=settings.retries,
            redirect=0,
            allowed_methods={"POST"},
            status_forcelist=AGAIN,
            backoff_factor=settings.backoff_seconds,
            respect_retry_after_header=False,  # a receiver does not decide how long we wait
            raise_on_status=False,
        ),
    )
    with pool:
        try:
            answer = pool.request(
                "POST", address, body=body, headers=headers, redirect=False, preload_content=False
            )
        except HTTPError as error:
            reason = error.reason if isinstance(error, MaxRetryError) else error
            return type(reason).__name__
        answer.close()
        return None if 200 <= answer.status < 300 else f"HTTP {answer.status}"


def _is_here(url: Url) -> bool:
    host = (url.host or "").strip("[]")
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
