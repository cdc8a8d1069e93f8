"""The HTTP API over a real server: who is let in, what is told, what is never told."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from app.api.rates import Rates
from app.api.service import LARGEST, STRANGERS_PER_MINUTE, make_api
from casework.accounts import create_account
from casework.accounts_clients import add_client, list_clients, remove_client
from casework.anchor import read_anchor
from casework.audit import Entry, entries, verify
from casework.decisions import approve, list_drafts
from casework.informants import read_informant
from casework.ledger import Ledger, open_ledger, reading
from casework.rights import NotFound, Refused
from ingest.workspace import Workspace
from tests.casework.office import DISCIPLINE, LIN, OTHER, SUE, UNIT, county, lead_of, officer

ROOT = officer("root", "administrator", "")
TIP = {
    "unit": UNIT,
    "channel": "online",
    "received": "2026-03-02",
    "summary": "Cards are said to be collected.",
    "telling": "我叫安娜娜",
    "informant": {"name": "安娜娜"},
    "entities": [{"type": "person", "key": "p1"}],
}


@dataclass(kw_only=True)
class Office:
    """A running API with its ledger; ``seconds`` is the clock of its rates."""

    ledger: Ledger
    url: str = ""
    seconds: list[float] = field(default_factory=lambda: [0.0])

    def client(self, name: str, role: str = "analyst", unit: str = UNIT, rate: int = 60) -> str:
        return add_client(self.ledger, ROOT, name=name, role=role, unit=unit, per_minute=rate)

    def call(self, token: str | None, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        return httpx.request(method, self.url + path, headers=headers, timeout=30, **options)

    def log(self, action: str) -> list[Entry]:
        with reading(self.ledger) as connection:
            return [row for row in entries(connection) if row.action == action]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A ledger with a plain and an insider lead, and the API over it on a free local port."""
    workspace = Workspace(tmp_path / "county")
    workspace.root.mkdir()
    with open_ledger(workspace, environ={}) as ledger:
        county(ledger)
        held = Office(ledger=ledger)
        api = make_api(ledger, clock=lambda: held.seconds[0])
        config = uvicorn.Config(api, host="127.0.0.1", port=0, log_level="error")
        socket = config.bind_socket()
        held.url = f"http://127.0.0.1:{socket.getsockname()[1]}"
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield held
        server.should_exit = True
        thread.join()
        socket.close()


def test_nobody_gets_in_without_a_token(office: Office) -> None:
    good = office.client("platform")
    office.client("old")
    remove_client(office.ledger, ROOT, "old")
    for token in (None, "-", "wrong", good[:-1], f"{good}x", "密"):
        headers = {} if token is None else {"Authorization": f"Bearer {token}".encode()}
        answer = httpx.get(f"{office.url}/v1/leads", headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert "L-" not in answer.text
    basic = httpx.get(f"{office.url}/v1/leads", auth=("platform", good))
    assert basic.status_code == 401
    assert office.call(good, "GET", "/v1/leads").status_code == 200
    refused = office.log("client.refused")
    assert len(refused) == 7
    with reading(office.ledger) as connection:
        assert good not in repr(list(entries(connection)))


def test_strangers_are_answered_so_often_and_clients_none_the_less(office: Office) -> None:
    good = office.client("platform")
    with httpx.Client(base_url=office.url) as browser:
        got = [browser.get("/v1/leads").status_code for _ in range(STRANGERS_PER_MINUTE + 2)]
    assert got == [401] * STRANGERS_PER_MINUTE + [429] * 2
    assert len(office.log("client.refused")) == STRANGERS_PER_MINUTE
    assert office.call(good, "GET", "/v1/leads").status_code == 200
    office.seconds[0] += 61
    assert office.call(None, "GET", "/v1/leads").status_code == 401


def test_a_client_has_so_many_calls_a_minute(office: Office) -> None:
    slow, other = office.client("slow", rate=3), office.client("other")
    got = [office.call(slow, "GET", "/v1/leads").status_code for _ in range(5)]
    assert got == [200, 200, 200, 429, 429]
    answer = office.call(slow, "GET", "/v1/leads")
    assert 1 <= int(answer.headers["retry-after"]) <= 61
    assert office.call(other, "GET", "/v1/leads").status_code == 200
    assert len(office.log("client.limited")) == 1
    office.seconds[0] += 60.5
    assert office.call(slow, "GET", "/v1/leads").status_code == 200


def test_a_rate_is_that_of_any_sixty_seconds() -> None:
    now = [0.0]
    rates = Rates(lambda: now[0])
    assert [rates.wait("a", 2) for _ in range(2)] == [None, None]
    now[0] = 59.0
    assert rates.wait("a", 2) == pytest.approx(1.0)
    assert rates.wait("b", 2) is None
    now[0] = 60.0
    assert rates.wait("a", 2) is None


def test_leads_are_read_and_insider_leads_only_by_the_liaison(office: Office) -> None:
    inside = lead_of(office.ledger, LIN, "R-inside").lead_id
    plain = lead_of(office.ledger, SUE, "R-plain").lead_id
    tokens = {
        "analyst": office.client("a"),
        "supervisor": office.client("s", "supervisor"),
        "elsewhere": office.client("e", "supervisor", OTHER),
        "desk": office.client("d", "informant_desk", "desk"),
        "liaison": office.client("l", "liaison", DISCIPLINE),
        "concerned": office.client("c", "liaison", UNIT),
    }
    for name, token in tokens.items():
        listed = office.call(token, "GET", "/v1/leads")
        known = {"analyst": [plain], "supervisor": [plain], "liaison": [inside]}.get(name, [])
        if name == "desk":
            assert listed.status_code == 404
        else:
            assert [one["lead_id"] for one in listed.json()] == known
        for lead_id in (plain, inside):
            answer = office.call(token, "GET", f"/v1/leads/{lead_id}")
            assert answer.status_code == (200 if lead_id in known else 404)
            absent = office.call(token, "GET", "/v1/leads/L-absent")
            if answer.status_code == 404:
                assert answer.text == absent.text.replace("L-absent", lead_id)
    told = office.call(tokens["analyst"], "GET", f"/v1/leads/{plain}").json()
    assert (told["kind"], told["loss_mid"], told["people"]) == ("card_pool", "1000.00", 2)
    assert "members" not in json.dumps(told)
    assert "p1" not in json.dumps(told)


def test_an_outcome_is_a_draft_that_a_person_approves(office: Office) -> None:
    token = office.client("field")
    lead = lead_of(office.ledger, SUE, "R-plain")
    path = f"/v1/leads/{lead.lead_id}/outcome"
    form = {"outcome": "confirmed", "reason": "visited", "revision": lead.revision}
    assert office.call(token, "POST", path, json={**form, "revision": 7}).status_code == 409
    answer = office.call(token, "POST", path, json=form)
    assert (answer.status_code, answer.json()["state"]) == (201, "open")
    assert lead_of(office.ledger, SUE, "R-plain").state == "open"
    (draft,) = list_drafts(office.ledger, SUE)
    assert (draft.draft_id, draft.who) == (answer.json()["draft_id"], "api:field")
    approve(office.ledger, SUE, draft.draft_id, revision=lead.revision)
    assert lead_of(office.ledger, SUE, "R-plain").outcome == "confirmed"
    boss = office.client("boss", "supervisor")
    assert office.call(boss, "POST", path, json=form).status_code == 404


def test_a_tip_comes_in_and_nothing_of_the_informant_goes_out(office: Office) -> None:
    token = office.client("hotline", "informant_desk", "desk")
    answer = office.call(token, "POST", "/v1/tips", json=TIP)
    assert answer.status_code == 201
    tip_id = answer.json()["tip_id"]
    again = office.call(token, "GET", f"/v1/tips/{tip_id}")
    assert (again.json()["state"], again.headers["cache-control"]) == ("registered", "no-store")
    assert "安" not in answer.text + again.text
    desk = officer("dora", "informant_desk", "desk")
    assert read_informant(office.ledger, desk, tip_id, reason="to answer").name == "安娜娜"
    analyst = office.client("a")
    assert office.call(analyst, "POST", "/v1/tips", json=TIP).status_code == 404
    assert office.call(analyst, "GET", f"/v1/tips/{tip_id}").status_code == 404


def test_a_wrong_call_is_told_what_is_wrong_and_never_what_it_sent(office: Office) -> None:
    token = office.client("hotline", "informant_desk", "desk")
    told = "安娜娜"
    for wrong in (
        {**TIP, "channel": told},
        {**TIP, "informant": {"name": [told]}},
        {**TIP, "received": told},
        {**TIP, told: 1, "unit": ""},
        {**TIP, "received": "2199-01-01"},
        [told],
    ):
        answer = office.call(token, "POST", "/v1/tips", json=wrong)
        assert answer.status_code == 422
        assert set(answer.json()) == {"error"}
        assert told not in answer.text
    broken = office.call(token, "POST", "/v1/tips", content=f'{{"a": "{told}'.encode())
    assert broken.status_code == 422
    assert told not in broken.text
    large = office.call(token, "POST", "/v1/tips", content=b"x" * (LARGEST + 1))
    assert large.status_code == 413
    chunked = office.call(token, "POST", "/v1/tips", content=iter([b"x"]))
    assert chunked.status_code == 413
    assert office.call(token, "GET", "/v1/nothing").status_code == 404
    assert office.call(token, "DELETE", "/v1/leads").status_code == 405
    assert not (office.ledger.workspace.root / "informants").exists()


def test_every_call_is_in_the_log(office: Office) -> None:
    token = office.client("platform")
    plain = lead_of(office.ledger, SUE, "R-plain").lead_id
    office.call(token, "GET", "/v1/leads", params={"state": "open"})
    office.call(token, "GET", f"/v1/leads/{plain}")
    office.call(token, "GET", "/v1/leads/L-absent")
    calls = [json.loads(row.details) for row in office.log("client.called")]
    assert [(call["path"], call["status"]) for call in calls] == [
        ("/v1/leads", 200),
        ("/v1/leads/{lead_id}", 200),
        ("/v1/leads/{lead_id}", 404),
    ]
    (row,) = [row for row in office.log("lead.opened") if row.who == "api:platform"]
    assert (row.object, row.purpose) == (plain, "api")
    with reading(office.ledger) as connection:
        assert verify(connection, read_anchor(office.ledger.anchor)).faults == ()


def test_the_document_describes_the_calls(office: Office) -> None:
    document = httpx.get(f"{office.url}/v1/openapi.json").json()
    assert set(document["paths"]) == {
        "/v1/leads",
        "/v1/leads/{lead_id}",
        "/v1/leads/{lead_id}/outcome",
        "/v1/tips",
        "/v1/tips/{tip_id}",
    }
    for path in document["paths"].values():
        for call in path.values():
            assert call["security"]
            assert call["summary"]
            assert {"401", "404", "429"} <= set(call["responses"])


def test_who_may_be_a_client(office: Office) -> None:
    office.client("platform")
    wrong: list[dict[str, Any]] = [
        {"name": "platform"},
        {"name": " "},
        {"role": "investigator"},
        {"role": "administrator"},
        {"unit": ""},
        {"rate": 0},
    ]
    for options in wrong:
        with pytest.raises(Refused):
            office.client(**({"name": "new"} | options))
    with pytest.raises(NotFound):
        list_clients(office.ledger, SUE)
    assert [one.name for one in list_clients(office.ledger, ROOT)] == ["platform"]
    with pytest.raises(Refused, match="of a system"):
        create_account(
            office.ledger, ROOT, name="api:platform", role="analyst", unit=UNIT, display=""
        )
