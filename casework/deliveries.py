"""Messages about news: written into the ledger first, sent afterwards, kept until they are taken.

Those of alerts are written with what the alert found, those of leads by :mod:`casework.news`.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from casework.alerts import Alert
from casework.alone import alone
from casework.audit import Actor, append
from casework.canonical import canonical, stamp
from casework.ledger import Ledger, reading, writing
from casework.news import collect, waiting_news
from casework.tables import alert_deliveries, alerts
from casework.tables_news import news_deliveries
from casework.webhook import Webhooks, host_of, send

VERSION = 1
"""Of the message's form; a field that is added does not change it."""


About = Literal["alert", "news"]
"""What a message is about: the hits of an alert, or a client's leads."""

_TABLES = {"alert": alert_deliveries, "news": news_deliveries}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One attempt to send: ``error`` is None if the receiver took the message.

    It is about what an alert found, or about leads that a client is told of: one of the two names
    is given.
    """

    delivery_id: str
    alert: str | None
    client: str | None
    receiver: str
    error: str | None


def queue(
    connection: Connection,
    ledger: Ledger,
    alert: Alert,
    *,
    run_id: str,
    hits: Sequence[str],
    rows: int,
    truncated: bool,
) -> tuple[str, str]:
    """Write a message into the ledger, in the transaction of its news; return its id and SHA-256.

    It holds counts, the alert's name and the hits' pseudonyms, nothing else of the county.
    """
    at, delivery_id = stamp(ledger.clock()), f"W-{secrets.token_hex(10)}"
    body = canonical(
        {
            "version": VERSION,
            "delivery": delivery_id,
            "alert": alert.name,
            "at": at,
            "new": len(hits),
            "rows": rows,
            "truncated": truncated,
            "hits": list(hits),
        }
    )
    connection.execute(
        insert(alert_deliveries),
        {
            "delivery_id": delivery_id,
            "alert_id": alert.alert_id,
            "run_id": run_id,
            "made_at": at,
            "body": body,
            "tries": 0,
        },
    )
    return delivery_id, hashlib.sha256(body.encode()).hexdigest()


def waiting(connection: Connection) -> int:
    """Return how many messages to addresses that were not removed have not been taken yet."""
    both = (_waiting(), waiting_news())
    return sum(
        connection.execute(select(func.count()).select_from(one.subquery())).scalar_one()
        for one in both
    )


def deliver(ledger: Ledger, actor: Actor, settings: Webhooks) -> list[Delivery]:
    """Collect the news of leads, then send what waits, the oldest first; what fails waits on.

    A receiver that failed once is left alone for the rest of the call, so that one that is down
    costs one attempt and not one for each message.

    Raises
    ------
    RingfenceError
        If another process is at work on the alerts of this ledger.
    """
    with alone(ledger):
        with writing(ledger) as connection:
            collect(connection, ledger, actor)
        with reading(ledger) as connection:
            found: list[tuple[About, Row[Any]]] = [
                *(("alert", row) for row in connection.execute(_waiting())),
                *(("news", row) for row in connection.execute(waiting_news())),
            ]
        found.sort(key=lambda pair: (pair[1].made_at, pair[1].delivery_id))
        sent: list[Delivery] = []
        down: set[str] = set()
        for about, message in found:
            if message.webhook in down:
                continue
            delivery = _sent(ledger, actor, settings, about, message)
            if delivery.error is not None:
                down.add(message.webhook)
            sent.append(delivery)
    return sent


def _waiting() -> Select[Any]:
    return (
        select(
            alert_deliveries.c.delivery_id,
            alert_deliveries.c.body,
            alerts.c.name,
            alerts.c.webhook,
            alert_deliveries.c.made_at,
        )
        .join(alerts, alerts.c.alert_id == alert_deliveries.c.alert_id)
        .where(alert_deliveries.c.delivered_at.is_(None), alerts.c.removed_at.is_(None))
        .order_by(alert_deliveries.c.made_at, alert_deliveries.c.delivery_id)
    )


def _sent(
    ledger: Ledger, actor: Actor, settings: Webhooks, about: About, message: Row[Any]
) -> Delivery:
    """Send one message and record what came of it."""
    body = message.body.encode()
    error = send(
        settings, message.webhook, body, delivery_id=message.delivery_id, at=ledger.clock()
    )
    delivery = Delivery(
        delivery_id=message.delivery_id,
        alert=message.name if about == "alert" else None,
        client=message.name if about == "news" else None,
        receiver=host_of(message.webhook),
        error=error,
    )
    _record(ledger, actor, about, delivery, hashlib.sha256(body).hexdigest())
    return delivery


def _record(
    ledger: Ledger, actor: Actor, about: About, delivery: Delivery, export_hash: str
) -> None:
    at, table = ledger.clock(), _TABLES[about]
    told = {"alert": delivery.alert} if about == "alert" else {"client": delivery.client}
    with writing(ledger) as connection:
        connection.execute(
            update(table)
            .where(table.c.delivery_id == delivery.delivery_id)
            .values(
                tries=table.c.tries + 1,
                last_error=delivery.error,
                delivered_at=None if delivery.error else stamp(at),
            )
        )
        append(
            connection,
            actor,
            at=at,
            action=f"{about}.{'not_' if delivery.error else ''}delivered",
            object_class="delivery",
            object=delivery.delivery_id,
            details={**told, "receiver": delivery.receiver, "error": delivery.error},
            export_hash=export_hash,
        )
