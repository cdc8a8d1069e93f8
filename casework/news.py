"""News of leads for other systems: what a run changed of a lead, and what people decided on it.

The ledger has both already (``lead_history``, ``moves``), so nothing has to be remembered when it
happens: :func:`collect` looks what an address was not told yet and writes the messages, each once.
A client is told of the leads it could read itself, by the same table of rights; the right is asked
again before each sending, and a message about a lead that the client lost meanwhile is withdrawn.
"""

import hashlib
import secrets
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, func, insert, literal, null, select, update

from casework.accounts_clients import PREFIX
from casework.audit import Actor, noted
from casework.canonical import canonical, stamp
from casework.ledger import Ledger
from casework.rights import RIGHTS, NotFound, Officer, Refused, serving
from casework.subjects import visible
from casework.tables import lead_history, leads, moves
from casework.tables_news import news_addresses, news_deliveries
from casework.tables_people import api_clients
from casework.webhook import checked_address, host_of
from ingest.telling import to_say, word, words

VERSION = 1
"""Of the message's form; a field that is added does not change it."""

READS = "leads.list_leads"
"""The right by which a client is told of a lead: that of listing it."""

EVENTS = {"judge": "judged", "reopen": "reopened"}
"""What moves of a lead are called in messages; changes of runs keep their names."""

_noted = partial(noted, object_class="client")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a client is told: ``receiver`` is its host, since the path may hold a token.

    ``waiting`` messages were not taken yet, ``last_error`` says why the newest try failed. Times
    are UTC; what happened before ``made_at`` is not told.
    """

    address_id: str
    client: str
    receiver: str
    made_at: str
    made_by: str
    waiting: int
    last_error: str | None


def set_address(ledger: Ledger, officer: Officer, client: str, *, webhook: str) -> Address:
    """Tell a client of its leads at an address from now on, instead of at an earlier one.

    Messages that wait for the earlier address are not sent any more.

    Raises
    ------
    NotFound
        If there is no such client.
    Refused
        If the client's role may list no leads.
    RingfenceError
        If messages may not go to the address.
    """
    with serving(ledger, officer, "news.set_address", client) as connection:
        found = _client(connection, client)
        if found.role not in RIGHTS[READS]:
            known = sorted(RIGHTS[READS])
            raise Refused(
                to_say(
                    "refused.news.role",
                    client=client,
                    role=word("role", found.role),
                    known=words("role", known),
                )
            )
        kept, at = checked_address(webhook.strip()), ledger.clock()
        _end(connection, officer, found.client_id, stamp(at))
        values = {
            "address_id": f"N-{secrets.token_hex(6)}",
            "client_id": found.client_id,
            "webhook": kept,
            "made_at": stamp(at),
            "made_by": officer.name,
        }
        connection.execute(insert(news_addresses), values)
        _noted(
            connection, officer, at, "client.address_set", found.client_id, name=client,
            receiver=host_of(kept),
        )  # fmt: skip
        return next(one for one in _addresses(connection) if one.client == client)


def list_addresses(ledger: Ledger, officer: Officer) -> list[Address]:
    """Return where clients are told of leads, by the client's name."""
    with serving(ledger, officer, "news.list_addresses", "addresses") as connection:
        found = _addresses(connection)
        at = ledger.clock()
        _noted(connection, officer, at, "client.addresses_listed", "list", addresses=len(found))
        return found


def remove_address(ledger: Ledger, officer: Officer, client: str) -> None:
    """Tell a client nothing any more; what waits is not sent.

    Raises
    ------
    NotFound
        If there is no such client, or it has no address.
    """
    with serving(ledger, officer, "news.remove_address", client) as connection:
        found, at = _client(connection, client), ledger.clock()
        if not _end(connection, officer, found.client_id, stamp(at)):
            raise NotFound(client)
        _noted(connection, officer, at, "client.address_removed", found.client_id, name=client)


def collect(connection: Connection, ledger: Ledger, actor: Actor) -> int:
    """Write what addresses were not told yet, withdraw what they lost; return how many are new.

    To be called in a transaction that writes. Each message names the lead, the event, the run or
    the outcome; no member, place, settlement or sum: who was told reads the lead by its id.
    """
    written = 0
    for address in connection.execute(_kept()).all():
        seen = _seen(connection, address)
        withdrawn = _withdraw(connection, ledger, address, seen)
        found = [row for row in connection.execute(_untold(address)).all() if row.lead_id in seen]
        rows = [_message(ledger, address, row) for row in found]
        if rows:
            connection.execute(insert(news_deliveries), rows)
        if rows or withdrawn:
            events = Counter(row.event for row in found)
            _noted(
                connection, actor, ledger.clock(), "news.queued", address.client_id,
                count=len(rows), name=address.name, withdrawn=withdrawn, events=dict(events),
                sha256=[hashlib.sha256(row["body"].encode()).hexdigest() for row in rows],
            )  # fmt: skip
        written += len(rows)
    return written


def waiting_news() -> Select[Any]:
    """Return the question for what waits to be sent: delivery, body, client's name, address."""
    return (
        select(
            news_deliveries.c.delivery_id,
            news_deliveries.c.body,
            api_clients.c.name,
            news_addresses.c.webhook,
            news_deliveries.c.made_at,
        )
        .join(news_addresses, news_addresses.c.address_id == news_deliveries.c.address_id)
        .join(api_clients, api_clients.c.client_id == news_addresses.c.client_id)
        .where(
            news_deliveries.c.delivered_at.is_(None),
            news_deliveries.c.withdrawn_at.is_(None),
            news_addresses.c.removed_at.is_(None),
            api_clients.c.removed_at.is_(None),
        )
        .order_by(news_deliveries.c.made_at, news_deliveries.c.delivery_id)
    )


def _kept() -> Select[Any]:
    return (
        select(
            news_addresses,
            api_clients.c.name,
            api_clients.c.role,
            api_clients.c.unit,
        )
        .join(api_clients, api_clients.c.client_id == news_addresses.c.client_id)
        .where(news_addresses.c.removed_at.is_(None), api_clients.c.removed_at.is_(None))
        .order_by(api_clients.c.name)
    )


def _seen(connection: Connection, address: Row[Any]) -> set[str]:
    """Return the leads that the client may list now."""
    officer = Officer(name=f"{PREFIX}{address.name}", role=address.role, unit=address.unit)
    return {row.lead_id for row, _ in visible(connection, officer, READS, leads)}


def _untold(address: Row[Any]) -> Select[Any]:
    """Return the question for what happened since the address was given and it was not told."""
    of_runs = select(
        literal("run").label("source"),
        lead_history.c.lead_id,
        lead_history.c.number,
        lead_history.c.at,
        lead_history.c.change.label("event"),
        lead_history.c.run,
        null().label("outcome"),
        null().label("explanation"),
    ).where(lead_history.c.at > address.made_at)
    of_people = (
        select(
            literal("move").label("source"),
            leads.c.lead_id,
            moves.c.number,
            moves.c.at,
            moves.c.move.label("event"),
            null().label("run"),
            moves.c.choice.label("outcome"),
            moves.c.explanation,
        )
        .join(leads, leads.c.lead_id == moves.c.subject)
        .where(moves.c.at > address.made_at, moves.c.move.in_(EVENTS))
    )
    both = of_runs.union_all(of_people).subquery()
    told = exists().where(
        news_deliveries.c.address_id == address.address_id,
        news_deliveries.c.source == both.c.source,
        news_deliveries.c.lead_id == both.c.lead_id,
        news_deliveries.c.number == both.c.number,
    )
    order = (both.c.at, both.c.lead_id, both.c.source.desc(), both.c.number)
    return select(both).where(~told).order_by(*order)


def _message(ledger: Ledger, address: Row[Any], row: Row[Any]) -> dict[str, Any]:
    delivery_id = f"W-{secrets.token_hex(10)}"
    body = {
        "version": VERSION,
        "delivery": delivery_id,
        "client": address.name,
        "at": row.at,
        "event": EVENTS.get(row.event, row.event),
        "lead": row.lead_id,
        "run": row.run,
        "outcome": row.outcome,
        "explanation": row.explanation,
    }
    return {
        "delivery_id": delivery_id,
        "address_id": address.address_id,
        "source": row.source,
        "lead_id": row.lead_id,
        "number": row.number,
        "made_at": stamp(ledger.clock()),
        "body": canonical(body),
        "tries": 0,
    }


def _withdraw(connection: Connection, ledger: Ledger, address: Row[Any], seen: set[str]) -> int:
    """Keep from being sent what waits about leads that the client may not list any more."""
    of = news_deliveries.c
    waits = (
        (of.address_id == address.address_id)
        & of.delivered_at.is_(None)
        & of.withdrawn_at.is_(None)
    )
    about = set(connection.execute(select(of.lead_id).where(waits).distinct()).scalars())
    lost = sorted(about - seen)
    if not lost:
        return 0
    values = {"withdrawn_at": stamp(ledger.clock())}
    done = connection.execute(
        update(news_deliveries).where(waits, of.lead_id.in_(lost)).values(**values)
    )
    return done.rowcount


def _client(connection: Connection, name: str) -> Row[Any]:
    kept = select(api_clients).where(api_clients.c.name == name, api_clients.c.removed_at.is_(None))
    row = connection.execute(kept).one_or_none()
    if row is None:
        raise NotFound(name)
    return row


def _end(connection: Connection, officer: Officer, client_id: str, at: str) -> bool:
    """Take away the address that a client has; whether it had one."""
    of = news_addresses.c
    done = connection.execute(
        update(news_addresses)
        .where(of.client_id == client_id, of.removed_at.is_(None))
        .values(removed_at=at, removed_by=officer.name)
    )
    return done.rowcount > 0


def _addresses(connection: Connection) -> list[Address]:
    waits = waiting_news().subquery()
    counted = connection.execute(select(waits.c.name, func.count()).group_by(waits.c.name))
    held: dict[str, int] = {name: count for name, count in counted}
    of = news_deliveries.c
    failed = connection.execute(
        select(of.address_id, of.last_error)
        .where(of.last_error.is_not(None), of.delivered_at.is_(None), of.withdrawn_at.is_(None))
        .order_by(of.made_at)
    )
    errors: dict[str, str | None] = {address_id: error for address_id, error in failed}
    return [
        Address(
            address_id=row.address_id,
            client=row.name,
            receiver=host_of(row.webhook),
            made_at=row.made_at,
            made_by=row.made_by,
            waiting=held.get(row.name, 0),
            last_error=errors.get(row.address_id),
        )
        for row in connection.execute(_kept())
    ]
