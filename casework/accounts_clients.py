"""Other systems that may use the HTTP API: each with a token, a role, a unit and a rate."""

import hashlib
import secrets
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Row, insert, select, update

from casework.audit import NAME_LENGTH, Actor, Role, noted
from casework.canonical import stamp
from casework.ledger import Ledger, reading, writing
from casework.rights import NotFound, Officer, Refused, serving
from casework.tables_people import api_clients
from ingest.telling import to_say, words

_noted = partial(noted, object_class="client")

CLIENT_ROLES: tuple[Role, ...] = ("analyst", "supervisor", "liaison", "informant_desk")
"""Roles that a system may act in; it is never assigned to a case, so an investigator sees none."""

MOST_PER_MINUTE = 6000

PREFIX = "api:"
"""How the names begin under which systems act; no account's name begins so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A system that may call: ``per_minute`` calls at most; times are UTC."""

    client_id: str
    name: str
    role: Role
    unit: str
    per_minute: int
    made_at: str
    made_by: str
    removed_at: str | None


class UnknownClient(Refused):
    """A call came without the token of a client."""

    def __init__(self) -> None:
        """Say what to send."""
        super().__init__(to_say("refused.account.unknown_client"))


def add_client(
    ledger: Ledger, officer: Officer, *, name: str, role: str, unit: str, per_minute: int = 60
) -> str:
    """Let a system call, and return its token, which is told once and kept as its SHA-256.

    Raises
    ------
    Refused
        If the name is taken or none, the role is none for a system, or the rate is not 1 to 6,000.
    """
    with serving(ledger, officer, "accounts_clients.add_client", name or "-") as connection:
        kept = name.strip()
        wrong = [one for one in (kept, unit) if not one.strip() or len(one) > NAME_LENGTH]
        if wrong or not kept.isprintable() or not unit.isprintable():
            raise Refused(
                to_say("refused.account.client_text", name=kept, unit=unit, most=NAME_LENGTH)
            )
        if role not in CLIENT_ROLES or not 1 <= per_minute <= MOST_PER_MINUTE:
            raise Refused(
                to_say(
                    "refused.account.client_role",
                    role=role,
                    per_minute=per_minute,
                    choices=words("role", CLIENT_ROLES),
                    calls=MOST_PER_MINUTE,
                )
            )
        if connection.execute(_kept().where(api_clients.c.name == kept)).one_or_none():
            raise Refused(to_say("refused.account.client_taken", name=kept))
        token, at = f"rf_{secrets.token_urlsafe(32)}", ledger.clock()
        client_id = f"A-{secrets.token_hex(6)}"
        values = {
            "client_id": client_id,
            "name": kept,
            "role": role,
            "unit": unit.strip(),
            "token_hash": _hash(token),
            "per_minute": per_minute,
            "made_at": stamp(at),
            "made_by": officer.name,
        }
        connection.execute(insert(api_clients), values)
        _noted(connection, officer, at, "client.added", client_id, name=kept, role=role)
        return token


def list_clients(ledger: Ledger, officer: Officer) -> list[Client]:
    """Return the clients that were not removed, by name."""
    with serving(ledger, officer, "accounts_clients.list_clients", "clients") as connection:
        rows = connection.execute(_kept().order_by(api_clients.c.name)).all()
        _noted(connection, officer, ledger.clock(), "client.listed", "list", clients=len(rows))
        return [_client(row) for row in rows]


def remove_client(ledger: Ledger, officer: Officer, name: str) -> None:
    """Take away a client's right to call, at once."""
    with serving(ledger, officer, "accounts_clients.remove_client", name) as connection:
        row = connection.execute(_kept().where(api_clients.c.name == name)).one_or_none()
        if row is None:
            raise NotFound(name)
        at = ledger.clock()
        own = api_clients.c.client_id == row.client_id
        ended = {"removed_at": stamp(at), "removed_by": officer.name}
        connection.execute(update(api_clients).where(own).values(**ended))
        _noted(connection, officer, at, "client.removed", row.client_id, name=name)


def client_of(ledger: Ledger, token: str) -> tuple[Client, Officer]:
    """Return the client of a token, and the officer as whom it acts: ``api:NAME``.

    Raises
    ------
    UnknownClient
        If there is none.
    """
    with reading(ledger) as connection:
        wanted = _kept().where(api_clients.c.token_hash == _hash(token))
        row = connection.execute(wanted).one_or_none()
    if row is None:
        raise UnknownClient
    client = _client(row)
    return client, Officer(name=f"{PREFIX}{client.name}", role=client.role, unit=client.unit)


def note_call(ledger: Ledger, actor: Actor, action: str, client: str, **details: Any) -> None:
    """Write a row about a call into the audit log; ``details`` hold no value that was sent."""
    with writing(ledger) as connection:
        _noted(connection, actor, ledger.clock(), action, client, **details)


def _kept() -> Any:
    return select(api_clients).where(api_clients.c.removed_at.is_(None))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _client(row: Row[Any]) -> Client:
    return Client(**{name: getattr(row, name) for name in Client.__slots__})
