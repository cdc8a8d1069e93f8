"""Messages go out signed, only where they may, and never hold a run up for long."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from casework.webhook import (
    DELIVERY,
    SECRET,
    SIGNATURE,
    SWITCH,
    TIMESTAMP,
    Webhooks,
    checked_address,
    host_of,
    send,
    signature,
    webhooks,
)
from ingest.errors import RingfenceError
from tests.casework.receiver import receiving

KEY = "k" * 32
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
QUICK = Webhooks(secret=KEY.encode(), timeout_seconds=0.3, retries=3, backoff_seconds=0.02)
PAGE = Path(__file__).resolve().parents[2] / "docs" / "alerts.md"


def documented() -> Callable[..., Any]:
    """Return the check that docs/alerts.md gives to whoever writes a receiver."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - our own page
    check: Callable[..., Any] = names["verified"]
    return check


def test_they_are_off_unless_switched_on() -> None:
    assert webhooks({}) is None
    assert webhooks({SECRET: KEY}) is None
    assert webhooks({SWITCH: "0", SECRET: KEY}) is None
    found = webhooks({SWITCH: "1", SECRET: KEY})
    assert found is not None
    assert found.secret == KEY.encode()
    assert KEY not in repr(found)


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({SWITCH: "1"}, "0 bytes"),
        ({SWITCH: "1", SECRET: "k" * 31}, "31 bytes"),
        ({SWITCH: "yes", SECRET: KEY}, "'yes'"),
    ],
)
def test_a_switch_without_a_good_secret_is_refused(environ: dict[str, str], named: str) -> None:
    with pytest.raises(RingfenceError, match=named) as refused:
        webhooks(environ)
    assert "k" * 31 not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        "https://example.test/hook",
        "https://example.test:8443/hook?token=1",
        "http://127.0.0.1:8080/",
        "http://[::1]:8080/",
        "http://localhost/hook",
    ],
)
def test_addresses_that_messages_may_go_to(address: str) -> None:
    assert checked_address(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "http://example.test/hook",
        "http://10.0.0.5/hook",
        "http://127.0.0.1.example.test/",
        "http://localhost.example.test/",
        "ftp://example.test/",
        "file:///etc/hosts",
        "example.test/hook",
        "https://",
        "",
        "https://name:word@example.test/",
        "http://localhost@example.test/",
    ],
)
def test_addresses_that_they_may_not_go_to(address: str) -> None:
    with pytest.raises(RingfenceError, match="webhook"):
        checked_address(address)


def test_a_log_shows_the_receiver_and_not_its_token() -> None:
    assert host_of("https://example.test:8443/hook?token=secret") == "https://example.test:8443"


def test_a_message_arrives_signed() -> None:
    body = b'{"new":1}'
    with receiving() as receiver:
        error = send(QUICK, receiver.url, body, delivery_id="W-1", at=NOW)
    (got,) = receiver.received
    assert error is None
    assert got.body == body
    assert got.headers["Content-Type"] == "application/json"
    assert got.headers[DELIVERY] == "W-1"
    assert got.headers[TIMESTAMP] == str(int(NOW.timestamp()))
    assert got.headers[SIGNATURE] == signature(KEY.encode(), got.headers[TIMESTAMP], body)


def test_the_documented_check_takes_ours_and_no_other() -> None:
    verified = documented()
    body, at = b'{"new":1}', int(NOW.timestamp())
    headers = {TIMESTAMP: str(at), SIGNATURE: signature(KEY.encode(), str(at), body)}
    assert verified(headers, body, KEY.encode(), now=at + 10)
    assert not verified(headers, body + b" ", KEY.encode(), now=at)
    assert not verified(headers, body, b"x" * 32, now=at)
    assert not verified({**headers, TIMESTAMP: str(at + 1)}, body, KEY.encode(), now=at)
    assert not verified(headers, body, KEY.encode(), now=at + 3600)
    assert not verified({}, body, KEY.encode(), now=at)


def test_a_receiver_that_fails_twice_is_tried_again() -> None:
    with receiving([503, 500, 204]) as receiver:
        assert send(QUICK, receiver.url, b"{}", delivery_id="W-1", at=NOW) is None
    assert len(receiver.received) == 3
    assert {got.headers[DELIVERY] for got in receiver.received} == {"W-1"}


def test_tries_are_limited_and_a_receiver_cannot_make_us_wait() -> None:
    """It asks for an hour in Retry-After."""
    began = time.monotonic()
    with receiving([503]) as receiver:
        assert send(QUICK, receiver.url, b"{}", delivery_id="W-1", at=NOW) == "HTTP 503"
    assert len(receiver.received) == 1 + QUICK.retries
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("code", [400, 401, 404, 410])
def test_an_answer_that_will_not_change_is_taken_at_once(code: int) -> None:
    with receiving([code]) as receiver:
        assert send(QUICK, receiver.url, b"{}", delivery_id="W-1", at=NOW) == f"HTTP {code}"
    assert len(receiver.received) == 1


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(code: int) -> None:
    with receiving([code, 200]) as receiver:
        assert send(QUICK, receiver.url, b"{}", delivery_id="W-1", at=NOW) == f"HTTP {code}"
    assert len(receiver.received) == 1


def test_a_receiver_that_never_answers_is_given_up() -> None:
    began = time.monotonic()
    with receiving([0]) as receiver:
        error = send(QUICK, receiver.url, b"{}", delivery_id="W-1", at=NOW)
        took = time.monotonic() - began
    assert error == "ReadTimeoutError"
    assert len(receiver.received) == 1 + QUICK.retries
    assert took < 5


def test_a_receiver_that_is_not_there_is_said_without_its_token() -> None:
    with receiving() as receiver:
        pass
    error = send(QUICK, receiver.url, b"{}", delivery_id="W-1", at=NOW)
    assert error == "NewConnectionError"
