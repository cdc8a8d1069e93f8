"""``ringfence alerts tell`` and ``send``: a client is told of its leads, from the command line."""

import json
from pathlib import Path

import pytest

from casework.leads import take_in
from casework.ledger import open_ledger
from casework.webhook import SECRET, SWITCH
from ingest.workspace import Workspace
from tests.app.command_desk import GOOD, Desk
from tests.casework.office import ANALYST, UNIT, Ring, write_run
from tests.casework.receiver import receiving

BY = ("--by", "root")
KEY = "k" * 32


@pytest.mark.slow
def test_a_client_is_told_by_command(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    add = ("api", "client", "add", "platform", "--role", "analyst", "--unit", UNIT, *BY)
    desk.run(*add, typed=f"{GOOD}\n")
    said = desk.run("alerts", "tell", "platform", *BY, typed=f"{GOOD}\n", code=1)
    assert "--webhook URL" in said
    tell = ("alerts", "tell", "platform", *BY)
    plain = ("--webhook", "http://example.test/")
    assert "https" in desk.run(*tell, *plain, typed=f"{GOOD}\n", code=1)
    with receiving() as receiver:
        told = desk.run(*tell, "--webhook", receiver.url, typed=f"{GOOD}\n")
        assert told == {"client": "platform", "receiver": receiver.url.partition("/hook")[0]}
        _lead(desk.folder)
        assert SWITCH in desk.run("alerts", "send", code=1), "off unless it is switched on"
        assert receiver.received == []
        monkeypatch.setenv(SWITCH, "1")
        monkeypatch.setenv(SECRET, KEY)
        sent = desk.run("alerts", "send")
        assert (sent["waiting"], len(sent["deliveries"])) == (0, 1)
        assert sent["deliveries"][0]["client"] == "platform"
        assert desk.run("alerts", "send")["deliveries"] == []
        assert [json.loads(one.body)["event"] for one in receiver.received] == ["new"]
    assert desk.run(*tell, "--no-more", typed=f"{GOOD}\n")["done"] == "removed"


def _lead(folder: Path) -> None:
    space = Workspace(folder)
    write_run(space, Ring(ring_id="R-plain"))
    with open_ledger(space, environ={}) as ledger:
        take_in(ledger, ANALYST)
