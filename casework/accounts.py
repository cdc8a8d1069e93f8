"""Local accounts: made, listed, locked and reset by the administrator, who sees no case data.

Signing in is :mod:`casework.accounts_sign_in`; its functions are to be had here too.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from casework.accounts_clients import PREFIX
from casework.accounts_passwords import hashed, one_time
from casework.accounts_sign_in import (
    MustChange,
    SessionOver,
    SignedIn,
    SignInRefused,
    account_name,
    change_password,
    end_sessions,
    find_account,
    officer_of,
    sign_in,
    sign_in_claims,
    sign_out,
)
from casework.audit import NAME_LENGTH, Role, noted
from casework.canonical import stamp
from casework.ledger import Ledger, reading, writing
from casework.rights import ROLES, NotFound, Officer, Refused, serving
from casework.tables_people import accounts
from ingest.telling import to_say, word, words

_noted = partial(noted, object_class="account")

__all__ = [
    "Account",
    "MustChange",
    "SessionOver",
    "SignInRefused",
    "SignedIn",
    "change_password",
    "change_role",
    "create_account",
    "exists",
    "first_account",
    "link_account",
    "list_accounts",
    "lock_account",
    "officer_of",
    "reset_password",
    "sign_in",
    "sign_in_claims",
    "sign_out",
    "unlock_account",
]

ONE_TIME = timedelta(days=7)
"""How long a password that was given for one use waits to be used."""

WITHOUT_UNIT: frozenset[Role] = frozenset({"administrator", "auditor"})
"""Roles that need no unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as an administrator sees it; times are UTC.

    ``must_change``: it waits for its owner to change the given password. ``paused_until``: after
    wrong passwords. ``issuer`` and ``subject`` are who this is to the agency's own sign-in.
    """

    name: str
    display: str
    role: Role
    unit: str
    locked_at: str | None
    paused_until: str | None
    must_change: bool
    issuer: str | None
    subject: str | None
    made_at: str
    made_by: str
    signed_in_at: str | None


def exists(ledger: Ledger) -> bool:
    """Whether there is any account: where there is none, the explorer serves its local user."""
    with reading(ledger) as connection:
        return _any(connection)


def first_account(ledger: Ledger, name: str, unit: str) -> str:
    """Make the first account, of an administrator, and return its password for one use.

    Raises
    ------
    Refused
        If there is an account already, or the name is none.
    """
    kept = account_name(name)
    _check_text(name=kept, unit=unit or "-")
    password = one_time()
    hash_ = hashed(password)
    with writing(ledger) as connection:
        if _any(connection):
            raise Refused(to_say("refused.account.already"))
        maker = Officer(name=kept, role="administrator", unit=unit)
        _insert(connection, maker, ledger.clock(), kept, "administrator", unit, kept, hash_)
    return password


def create_account(
    ledger: Ledger, officer: Officer, *, name: str, role: str, unit: str, display: str
) -> str:
    """Make an account and return its password for one use, good for seven days.

    Raises
    ------
    NotFound
        If the officer is no administrator.
    Refused
        If the name is taken or none, the role is none, or the role needs a unit.
    """
    kept = account_name(name)
    with serving(ledger, officer, "accounts.create_account", kept or "-") as connection:
        shown = display.strip() or kept
        _check_text(name=kept, unit=unit or "-", display=shown)
        checked = _role(role, unit)
        if find_account(connection, kept) is not None:
            raise Refused(to_say("refused.account.taken", name=kept))
        password = one_time()
        made = hashed(password)
        _insert(connection, officer, ledger.clock(), kept, checked, unit.strip(), shown, made)
        return password


def list_accounts(ledger: Ledger, officer: Officer) -> list[Account]:
    """Return every account, by name."""
    with serving(ledger, officer, "accounts.list_accounts", "accounts") as connection:
        rows = connection.execute(select(accounts).order_by(accounts.c.name)).all()
        _noted(connection, officer, ledger.clock(), "account.listed", "list", count=len(rows))
        return [_account(row) for row in rows]


def lock_account(ledger: Ledger, officer: Officer, name: str, *, reason: str) -> None:
    """Lock an account, which ends its sessions at once.

    Raises
    ------
    NotFound
        If there is no such account, or the officer is no administrator.
    Refused
        If it is the last administrator who can sign in, or no reason is given.
    """
    with serving(ledger, officer, "accounts.lock_account", name) as connection:
        row, at = _found(connection, name), ledger.clock()
        if not reason.strip():
            raise Refused(to_say("refused.account.lock_reason", name=row.name))
        _keep_one(connection, row)
        _set(connection, officer, row, at, locked_at=stamp(at))
        end_sessions(connection, row.name, at)
        _noted(connection, officer, at, "account.locked", row.name, reason=reason.strip())


def unlock_account(ledger: Ledger, officer: Officer, name: str) -> None:
    """Let an account sign in again, whoever or whatever stopped it."""
    with serving(ledger, officer, "accounts.unlock_account", name) as connection:
        row, at = _found(connection, name), ledger.clock()
        _set(connection, officer, row, at, locked_at=None, paused_until=None, failures=0)
        _noted(connection, officer, at, "account.unlocked", row.name)


def change_role(ledger: Ledger, officer: Officer, name: str, *, role: str, unit: str) -> None:
    """Give an account another role and unit; its sessions end, so that nobody acts half as each.

    Raises
    ------
    Refused
        If the role is none or needs a unit, or it is the last administrator.
    """
    with serving(ledger, officer, "accounts.change_role", name) as connection:
        row, at = _found(connection, name), ledger.clock()
        _check_text(unit=unit or "-")
        checked = _role(role, unit)
        if checked != "administrator":
            _keep_one(connection, row)
        _set(connection, officer, row, at, role=checked, unit=unit.strip())
        end_sessions(connection, row.name, at)
        was = {"role": row.role, "unit": row.unit}
        now = {"role": checked, "unit": unit.strip()}
        _noted(connection, officer, at, "account.role_changed", row.name, was=was, now=now)


def reset_password(ledger: Ledger, officer: Officer, name: str) -> str:
    """Replace a password by one for one use, and return it; the account's sessions end."""
    with serving(ledger, officer, "accounts.reset_password", name) as connection:
        row, at, password = _found(connection, name), ledger.clock(), one_time()
        values = {"password": hashed(password), "one_time_until": stamp(at + ONE_TIME)}
        _set(connection, officer, row, at, **values, failures=0, paused_until=None)
        end_sessions(connection, row.name, at)
        _noted(connection, officer, at, "account.reset", row.name)
        return password


def link_account(ledger: Ledger, officer: Officer, name: str, *, issuer: str, subject: str) -> None:
    """Say who an account is to the agency's own sign-in (OIDC): ``iss`` and ``sub`` of its tokens.

    Raises
    ------
    Refused
        If either is empty, or another account has them.
    """
    with serving(ledger, officer, "accounts.link_account", name) as connection:
        row, at = _found(connection, name), ledger.clock()
        _check_text(issuer=issuer, subject=subject)
        taken = (accounts.c.issuer == issuer) & (accounts.c.subject == subject)
        other = connection.execute(select(accounts.c.name).where(taken)).scalar_one_or_none()
        if other not in (None, row.name):
            raise Refused(to_say("refused.account.linked", name=other))
        _set(connection, officer, row, at, issuer=issuer, subject=subject)
        _noted(connection, officer, at, "account.linked", row.name, issuer=issuer)


def _any(connection: Connection) -> bool:
    found = connection.execute(select(func.count()).select_from(accounts)).scalar_one()
    return found > 0


def _insert(
    connection: Connection,
    maker: Officer,
    at: datetime,
    name: str,
    role: Role,
    unit: str,
    display: str,
    password: str,
) -> None:
    values = {"name": name, "display": display, "role": role, "unit": unit, "password": password}
    times = {"made_at": stamp(at), "changed_at": stamp(at), "one_time_until": stamp(at + ONE_TIME)}
    made = {"made_by": maker.name, "changed_by": maker.name, "failures": 0}
    connection.execute(insert(accounts), {**values, **times, **made})
    _noted(connection, maker, at, "account.made", name, role=role, unit=unit)


def _found(connection: Connection, name: str) -> Row[Any]:
    row = find_account(connection, name)
    if row is None:
        raise NotFound(name)
    return row


def _keep_one(connection: Connection, row: Row[Any]) -> None:
    """Refuse to take away the last administrator who can sign in."""
    query = select(func.count()).where(
        accounts.c.role == "administrator",
        accounts.c.locked_at.is_(None),
        accounts.c.name != row.name,
    )
    if row.role == "administrator" and not connection.execute(query).scalar_one():
        raise Refused(to_say("refused.account.last", name=row.name))


def _set(
    connection: Connection, officer: Officer, row: Row[Any], at: datetime, **values: Any
) -> None:
    changed = {"changed_at": stamp(at), "changed_by": officer.name}
    own = accounts.c.name == row.name
    connection.execute(update(accounts).where(own).values(**changed, **values))


def _role(role: str, unit: str) -> Role:
    for known in ROLES:
        if known == role:
            if unit.strip() or known in WITHOUT_UNIT:
                return known
            raise Refused(to_say("refused.account.needs_unit", role=word("role", role)))
    raise Refused(to_say("refused.account.role", role=role, choices=words("role", ROLES)))


def _check_text(**values: str) -> None:
    for field, value in values.items():
        if field == "name" and value.startswith(PREFIX):
            raise Refused(to_say("refused.account.system_name", value=value))
        if not value.strip() or len(value) > NAME_LENGTH or not value.isprintable():
            raise Refused(
                to_say(
                    "refused.account.text",
                    field=word("refused.account_field", field),
                    value=value,
                    most=NAME_LENGTH,
                )
            )


def _account(row: Row[Any]) -> Account:
    values = {name: getattr(row, name) for name in Account.__slots__ if hasattr(row, name)}
    return Account(**values, must_change=row.one_time_until is not None)
