"""Accounts and the API on the command line: passwords typed in, a server that ends well."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.app.command_desk import GOOD, Desk

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-c", "from app.cli import main; main()"]


@pytest.mark.slow
def test_an_administrator_manages_accounts(desk: Desk) -> None:
    by = ("--by", "root")
    made = ("accounts", "add", "ines", "--role", "investigator", "--unit", "u1", *by)
    first = desk.run(*made, typed=f"{GOOD}\n")["password"]
    desk.run("accounts", "lock", "ines", "--reason", "left", *by, typed=f"{GOOD}\n")
    desk.run("accounts", "unlock", "ines", *by, typed=f"{GOOD}\n")
    again = desk.run("accounts", "reset", "ines", *by, typed=f"{GOOD}\n")["password"]
    assert again != first
    changed = f"{first}\nsome other words\nsome other words\n"
    assert "not right" in desk.run("accounts", "password", "ines", typed=changed, code=1)
    differ = f"{again}\nsome other words\nsome other word\n"
    assert "differ" in desk.run("accounts", "password", "ines", typed=differ, code=1)
    link = ("accounts", "link", "ines", "--issuer", "https://id.test", "--subject", "7", *by)
    desk.run(*link, typed=f"{GOOD}\n")
    told = desk.run("accounts", "list", *by, typed=f"{GOOD}\n")["accounts"]
    ines = next(one for one in told if one["name"] == "ines")
    assert (ines["role"], ines["must_change"], ines["subject"]) == ("investigator", True, "7")
    assert "argon2" not in json.dumps(told)
    assert "not right" in desk.run("accounts", "list", *by, typed="wrong\n", code=1)
    assert "standard input" in desk.run("accounts", "list", *by, code=1)
    first_change = desk.run("accounts", "list", "--by", "ines", typed=f"{again}\n", code=1)
    assert "change it first" in first_change


@pytest.mark.slow
def test_the_api_is_served_on_this_machine_until_it_is_stopped(desk: Desk) -> None:
    add = ("api", "client", "add", "platform", "--role", "analyst", "--unit", "u1", "--by", "root")
    token = desk.run(*add, typed=f"{GOOD}\n")["token"]
    listed = desk.run("api", "client", "list", "--by", "root", typed=f"{GOOD}\n")["clients"]
    assert [one["name"] for one in listed] == ["platform"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = ["api", "serve", "--workspace", str(desk.folder), "--port", str(port), "--json"]
    served = subprocess.Popen(  # noqa: S603 - our own command
        [*COMMAND, *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "RINGFENCE_LANG": "en"},
        text=True,
    )
    try:
        headers = {"Authorization": f"Bearer {token}"}
        answer = _answer(f"http://127.0.0.1:{port}/v1/leads", headers, served)
        assert (answer.status_code, answer.json()) == (200, [])
        assert "server" not in answer.headers
        desk.run("api", "client", "remove", "platform", "--by", "root", typed=f"{GOOD}\n")
        assert httpx.get(str(answer.url), headers=headers).status_code == 401
    finally:
        served.send_signal(signal.SIGTERM)
        out, err = served.communicate(timeout=30)
    assert json.loads(out)["url"] == f"http://127.0.0.1:{port}"
    assert "Traceback" not in err
    assert token not in out + err


def _answer(url: str, headers: dict[str, str], served: "subprocess.Popen[str]") -> httpx.Response:
    """Return the first answer of a server that is starting."""
    until = time.monotonic() + 60
    while True:
        try:
            return httpx.get(url, headers=headers)
        except httpx.ConnectError:
            if served.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.1)
