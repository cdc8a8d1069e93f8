"""News of leads goes out once, signed, to who may read the lead, and says nothing of anybody."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from casework.accounts_clients import add_client, remove_client
from casework.audit import Actor
from casework.decisions import approve, propose_outcome
from casework.deliveries import deliver, waiting
from casework.leads import hand_to_unit, take_in
from casework.ledger import Ledger, reading, writing
from casework.news import collect, list_addresses, remove_address, set_address
from casework.rights import NotFound, Refused
from casework.tables import leads
from casework.tables_news import news_deliveries
from casework.webhook import DELIVERY, TIMESTAMP, Webhooks
from ingest.errors import RingfenceError
from tests.casework.conftest import Clock
from tests.casework.office import (
    ANALYST,
    DISCIPLINE,
    LIN,
    OTHER,
    SUE,
    UNIT,
    Ring,
    details,
    lead_of,
    log,
    officer,
    write_run,
)
from tests.casework.receiver import Receiver, receiving
from tests.casework.test_webhook import KEY, QUICK, documented

ADMIN = officer("root", "administrator", "")
CRON = Actor(name="cron")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
PLAIN = Ring(ring_id="R-plain", people=("330100001", "330100002"))
INSIDE = Ring(ring_id="R-inside", kind="mixed", staff={"S-9": "handler"})
STAFF = {"S-9": "agency", "S-1": "H1"}


def tell(ledger: Ledger, name: str, role: str, unit: str, receiver: Receiver) -> None:
    add_client(ledger, ADMIN, name=name, role=role, unit=unit)
    set_address(ledger, ADMIN, name, webhook=receiver.url)


def run(ledger: Ledger, *rings: Ring) -> None:
    write_run(ledger.workspace, *rings, staff=STAFF)
    take_in(ledger, ANALYST)


def waiting_for(ledger: Ledger, receiver: Receiver) -> None:
    """Let what an analyst's system is to be told of a lead wait to be sent."""
    tell(ledger, "platform", "analyst", UNIT, receiver)
    run(ledger, PLAIN)
    with writing(ledger) as connection:
        collect(connection, ledger, CRON)


def said(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(one.body) for one in receiver.received]


def judged(ledger: Ledger) -> None:
    lead = lead_of(ledger, ANALYST, "R-plain")
    draft = propose_outcome(
        ledger, ANALYST, lead.lead_id, move="judge", choice="look_alike", explanation="family",
        reason="one household, 330100001 told so", revision=lead.revision,
    )  # fmt: skip
    approve(ledger, SUE, draft.draft_id, revision=lead.revision)


def test_a_client_is_told_each_change_and_outcome_once_and_nothing_of_anybody(
    ledger: Ledger,
) -> None:
    with receiving() as receiver:
        tell(ledger, "platform", "analyst", UNIT, receiver)
        run(ledger, PLAIN)
        lead = lead_of(ledger, ANALYST, "R-plain")
        (sent,) = deliver(ledger, CRON, QUICK)
        assert (sent.alert, sent.client, sent.error) == (None, "platform", None)
        judged(ledger)
        run(ledger, Ring(ring_id="R-plain", probability=0.5, people=PLAIN.people))
        run(ledger)
        assert [one.error for one in deliver(ledger, CRON, QUICK)] == [None] * 3
        assert deliver(ledger, CRON, QUICK) == []
    told = said(receiver)
    assert [one["event"] for one in told] == ["new", "judged", "changed", "dropped"]
    assert {one["lead"] for one in told} == {lead.lead_id}
    assert [one["outcome"] for one in told] == [None, "look_alike", None, None]
    assert told[1]["explanation"] == "family"
    assert told[0]["run"] == lead.run
    got = receiver.received[0]
    assert documented()(got.headers, got.body, KEY.encode(), now=int(got.headers[TIMESTAMP]))
    assert told[0]["delivery"] == got.headers[DELIVERY] == sent.delivery_id
    for one in receiver.received:
        for secret in (b"330100001", b"R-plain", b"household", b"1000"):
            assert secret not in one.body
    page = PAGE.read_text("utf-8")
    assert all(f"| `{name}` |" in page for name in told[0])
    hashes = {one.export_hash for one in log(ledger, "news.delivered")}
    queued = [details(one)["sha256"] for one in log(ledger, "news.queued")]
    assert hashes == {each for some in queued for each in some}  # type: ignore[attr-defined]
    kept = "".join(one.details for one in log(ledger, "news.delivered"))
    assert "token" not in kept


def test_a_lead_of_insiders_reaches_the_liaison_alone(ledger: Ledger) -> None:
    with receiving() as unit, receiving() as head, receiving() as discipline, receiving() as own:
        tell(ledger, "platform", "analyst", UNIT, unit)
        tell(ledger, "office", "supervisor", UNIT, head)
        tell(ledger, "board", "liaison", DISCIPLINE, discipline)
        tell(ledger, "board of the unit", "liaison", UNIT, own)
        run(ledger, PLAIN, INSIDE)
        deliver(ledger, CRON, QUICK)
    inside = lead_of(ledger, LIN, "R-inside").lead_id
    plain = lead_of(ledger, ANALYST, "R-plain").lead_id
    assert [one["lead"] for one in said(unit)] == [plain]
    assert [one["lead"] for one in said(head)] == [plain]
    assert [one["lead"] for one in said(discipline)] == [inside]
    assert own.received == [], "the liaison of the unit concerned learns nothing"


def test_what_a_client_lost_before_it_was_sent_is_withdrawn(ledger: Ledger) -> None:
    """The lead turns out to be of insiders while the message waits."""
    with receiving([503]) as receiver:
        tell(ledger, "platform", "analyst", UNIT, receiver)
        run(ledger, PLAIN)
        assert [one.error for one in deliver(ledger, CRON, QUICK)] == ["HTTP 503"]
        tries = len(receiver.received)
        receiver.answers[:] = [200]
        run(ledger, Ring(ring_id="R-plain", people=PLAIN.people, staff={"S-9": "handler"}))
        assert deliver(ledger, CRON, QUICK) == []
        assert len(receiver.received) == tries
    with reading(ledger) as connection:
        assert waiting(connection) == 0
        (at,) = connection.execute(select(news_deliveries.c.withdrawn_at)).scalars()
    assert at is not None
    assert details(log(ledger, "news.queued")[-1])["withdrawn"] == 1


def test_a_lead_handed_over_is_told_where_it_comes_to(ledger: Ledger) -> None:
    with receiving() as here, receiving() as there:
        tell(ledger, "platform", "analyst", UNIT, here)
        tell(ledger, "district", "supervisor", OTHER, there)
        run(ledger, PLAIN)
        deliver(ledger, CRON, QUICK)
        assert there.received == []
        lead = lead_of(ledger, SUE, "R-plain")
        hand_to_unit(ledger, SUE, lead.lead_id, unit=OTHER, revision=lead.revision)
        deliver(ledger, CRON, QUICK)
    assert [one["lead"] for one in said(there)] == [lead.lead_id]
    assert len(here.received) == 1


def test_what_was_before_the_address_is_not_told_and_a_new_address_replaces_it(
    sqlite: Ledger,
) -> None:
    run(sqlite, PLAIN)
    with receiving() as old, receiving() as new:
        tell(sqlite, "platform", "analyst", UNIT, old)
        assert deliver(sqlite, CRON, QUICK) == []
        judged(sqlite)
        with writing(sqlite) as connection:
            assert collect(connection, sqlite, CRON) == 1
        set_address(sqlite, ADMIN, "platform", webhook=new.url)
        assert deliver(sqlite, CRON, QUICK) == [], "what waited for the old address is not sent"
        run(sqlite)
        deliver(sqlite, CRON, QUICK)
        (address,) = list_addresses(sqlite, ADMIN)
        assert (address.client, address.waiting) == ("platform", 0)
        assert "token" not in address.receiver
        remove_address(sqlite, ADMIN, "platform")
        run(sqlite, PLAIN)
        assert deliver(sqlite, CRON, QUICK) == []
    assert [one["event"] for one in said(new)] == ["dropped"]
    assert old.received == []
    with pytest.raises(NotFound):
        remove_address(sqlite, ADMIN, "platform")


def test_what_was_not_taken_waits_and_is_sent_again_as_the_same_message(sqlite: Ledger) -> None:
    quick = Webhooks(secret=KEY.encode(), timeout_seconds=0.3, retries=0)
    with receiving([0]) as receiver:
        tell(sqlite, "platform", "analyst", UNIT, receiver)
        run(sqlite, PLAIN)
        assert [one.error for one in deliver(sqlite, CRON, quick)] == ["ReadTimeoutError"]
        (address,) = list_addresses(sqlite, ADMIN)
        assert (address.waiting, address.last_error) == (1, "ReadTimeoutError")
        receiver.answers[:] = [200]
        assert [one.error for one in deliver(sqlite, CRON, quick)] == [None]
    assert len({one.headers[DELIVERY] for one in receiver.received}) == 1
    assert len({one.body for one in receiver.received}) == 1
    with reading(sqlite) as connection:
        assert connection.execute(select(news_deliveries.c.tries)).scalar_one() == 2
    told = [one.action for one in log(sqlite, "news.not_delivered")]
    assert len(told) == 1


def test_a_client_that_was_removed_is_told_nothing(sqlite: Ledger) -> None:
    with receiving() as receiver:
        waiting_for(sqlite, receiver)
        remove_client(sqlite, ADMIN, "platform")
        assert deliver(sqlite, CRON, QUICK) == []
    assert receiver.received == []
    assert list_addresses(sqlite, ADMIN) == []


def test_collecting_twice_writes_nothing_twice_whatever_the_clock_says(
    sqlite: Ledger, clock: Clock
) -> None:
    with receiving() as receiver:
        tell(sqlite, "platform", "analyst", UNIT, receiver)
        run(sqlite, PLAIN)
        for _ in range(2):
            with writing(sqlite) as connection:
                collect(connection, sqlite, CRON)
            clock.now -= timedelta(seconds=1)
    with reading(sqlite) as connection:
        counted = select(func.count()).select_from(news_deliveries)
        assert connection.execute(counted).scalar_one() == 1


@pytest.mark.parametrize(
    ("role", "address", "error"),
    [
        ("informant_desk", "https://example.test/", "lists no leads"),
        ("analyst", "http://example.test/", "https"),
        ("analyst", "https://name:word@example.test/", "password"),
    ],
)
def test_who_lists_no_leads_is_told_none_and_addresses_are_safe(
    sqlite: Ledger, role: str, address: str, error: str
) -> None:
    add_client(sqlite, ADMIN, name="hotline", role=role, unit=UNIT)
    with pytest.raises(RingfenceError, match=error) as refused:
        set_address(sqlite, ADMIN, "hotline", webhook=address)
    assert "word" not in str(refused.value).replace("password", "")
    assert list_addresses(sqlite, ADMIN) == []


def test_only_an_administrator_says_where_and_only_of_a_client(sqlite: Ledger) -> None:
    add_client(sqlite, ADMIN, name="platform", role="analyst", unit=UNIT)
    for name in ("nobody", ""):
        with pytest.raises(NotFound):
            set_address(sqlite, ADMIN, name, webhook="https://example.test/")
    with pytest.raises(Refused):
        set_address(sqlite, SUE, "platform", webhook="https://example.test/")


def test_the_right_is_asked_anew_before_each_sending(sqlite: Ledger) -> None:
    with receiving() as receiver:
        waiting_for(sqlite, receiver)
        with writing(sqlite) as connection:
            connection.execute(update(leads).values(unit=OTHER))
        assert deliver(sqlite, CRON, QUICK) == []
    assert receiver.received == []
