"""Messages about news: written with the news, sent afterwards, kept until they are taken."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from casework.alerts import Alert
from casework.alone import alone
from casework.audit import Actor, append
from casework.canonical import canonical, stamp
from casework.ledger import Ledger, reading, writing
from casework.tables import alert_deliveries, alerts
from casework.webhook import Webhooks, host_of, send

VERSION = 1
"""Of the message's form; a field that is added does not change it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One attempt to send: ``error`` is None if the receiver took the message."""

    delivery_id: str
    alert: str
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
    """Return how many messages of alerts that were not removed have not been taken yet."""
    return connection.execute(select(func.count()).select_from(_waiting().subquery())).scalar_one()


def deliver(ledger: Ledger, actor: Actor, settings: Webhooks) -> list[Delivery]:
    """Send what waits, the oldest first; what fails waits for the next call.

    A receiver that failed once is left alone for the rest of the call, so that one that is down
    costs one attempt and not one for each message.

    Raises
    ------
    RingfenceError
        If another process is at work on the alerts of this ledger.
    """
    with alone(ledger):
        with reading(ledger) as connection:
            messages = connection.execute(_waiting()).all()
        sent: list[Delivery] = []
        down: set[str] = set()
        for message in messages:
            if message.webhook in down:
                continue
            delivery = _sent(ledger, actor, settings, message)
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
        )
        .join(alerts, alerts.c.alert_id == alert_deliveries.c.alert_id)
        .where(alert_deliveries.c.delivered_at.is_(None), alerts.c.removed_at.is_(None))
        .order_by(alert_deliveries.c.made_at, alert_deliveries.c.delivery_id)
    )


def _sent(ledger: Ledger, actor: Actor, settings: Webhooks, message: Row[Any]) -> Delivery:
    """Send one message and record what came of it."""
    body = message.body.encode()
    error = send(
        settings, message.webhook, body, delivery_id=message.delivery_id, at=ledger.clock()
    )
    delivery = Delivery(
        delivery_id=message.delivery_id,
        alert=message.name,
        receiver=host_of(message.webhook),
        error=error,
    )
    _record(ledger, actor, delivery, hashlib.sha256(body).hexdigest())
    return delivery


def _record(ledger: Ledger, actor: Actor, delivery: Delivery, export_hash: str) -> None:
    at = ledger.clock()
    with writing(ledger) as connection:
        connection.execute(
            update(alert_deliveries)
            .where(alert_deliveries.c.delivery_id == delivery.delivery_id)
            .values(
                tries=alert_deliveries.c.tries + 1,
                last_error=delivery.error,
                delivered_at=None if delivery.error else stamp(at),
            )
        )
        append(
            connection,
            actor,
            at=at,
            action="alert.not_delivered" if delivery.error else "alert.delivered",
            object_class="delivery",
            object=delivery.delivery_id,
            details={
                "alert": delivery.alert,
                "receiver": delivery.receiver,
                "error": delivery.error,
            },
            export_hash=export_hash,
        )
