"""Signing in: attempts, pauses after wrong passwords, sessions that end by themselves.

Whether there is such an account, whether it is locked, and whether the password was wrong read the
same and take the same time. Every attempt is a row of the audit log. A name that is no account's is
not written there: people type passwords into the wrong field.
"""

import hashlib
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from casework.accounts_passwords import NOBODY, check_new, fits, hashed, outdated
from casework.audit import Actor, append, noted
from casework.canonical import stamp, unstamp
from casework.ledger import Ledger, reading, writing
from casework.rights import Officer, Refused
from casework.tables_people import accounts, sessions
from ingest.telling import Told, to_say

_noted = partial(noted, object_class="account")

FREE_FAILURES = 4
"""Wrong passwords in a row that cost no pause."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
"""How long no password is tried after the next wrong one; each further one doubles it."""

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=10)
"""A session ends when it was not used for so long, and after so long whatever its use."""

_SEEN = timedelta(minutes=1)  # how exactly the last use is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session that began: ``token`` is told once, ``expires`` (UTC) is its last possible moment.

    With ``must_change`` the session is good for :func:`change_password` alone.
    """

    token: str
    officer: Officer
    must_change: bool
    expires: datetime


class SignInRefused(Refused):
    """Nobody was signed in; the audit log knows why, the sentence does not say."""

    def __init__(self) -> None:
        """Say the one sentence."""
        super().__init__(to_say("refused.account.sign_in"))


class SessionOver(Refused):
    """The session ended or never was: sign in again."""

    def __init__(self, sentence: Told | None = None) -> None:
        """Say what to do."""
        super().__init__(sentence or to_say("refused.account.session_over"))


class MustChange(SessionOver):
    """The session is good for nothing but changing the password that was given for one use."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(to_say("refused.account.one_use"))


def sign_in(ledger: Ledger, name: str, password: str) -> SignedIn:
    """Begin a session of a local account.

    From the fifth wrong password in a row no password is tried for a minute, then for two, up to an
    hour; attempts meanwhile are refused and do not count.

    Raises
    ------
    SignInRefused
        If there is no such account, the password is wrong, or the account is locked or paused.
    """
    with reading(ledger) as connection:
        before = find_account(connection, name)
    # The slow part, outside of the transaction: it holds up nobody who writes.
    right = fits(before.password if before else NOBODY, password)
    with writing(ledger) as connection:
        at, row = ledger.clock(), find_account(connection, name)
        why = _why_not(row, before, right, at)
        if why is None and row is not None:
            values: dict[str, Any] = {"failures": 0, "paused_until": None}
            if outdated(row.password):
                values["password"] = hashed(password)
            return _begin(connection, row, "password", at, **values)
        if why == "wrong_password" and row is not None:
            _count_failure(connection, row, at)
        _refused(connection, row, "password", why or "unknown", at)
    raise SignInRefused


def sign_in_claims(ledger: Ledger, claims: Mapping[str, Any]) -> SignedIn:
    """Begin a session for whom the agency's own sign-in (OIDC) vouches.

    ``claims`` are those of an ID token that the caller has verified (signature, audience, expiry),
    as ``st.user`` holds them. ``iss`` and ``sub`` name the account that an administrator linked;
    nothing else of them is looked at, an e-mail address least of all. ``iat`` must be younger than
    a session may be, so that a cookie of last week signs nobody in.

    Raises
    ------
    SignInRefused
        If no account is linked, it is locked, or the claims are old or not whole.
    """
    at = ledger.clock()
    issuer, subject, issued = (claims.get(name) for name in ("iss", "sub", "iat"))
    whole = isinstance(issuer, str) and isinstance(subject, str) and bool(issuer and subject)
    now = at.timestamp()
    fresh = isinstance(issued, int | float) and now - LONGEST.total_seconds() < issued <= now + 300
    with writing(ledger) as connection:
        row = None
        if whole:
            named = (accounts.c.issuer == issuer) & (accounts.c.subject == subject)
            row = connection.execute(select(accounts).where(named)).one_or_none()
        if row is not None and fresh and row.locked_at is None:
            return _begin(connection, row, "oidc", at)
        why = "old_claims" if row is not None and not fresh else "locked" if row else "unknown"
        _refused(connection, row, "oidc", why, at)
    raise SignInRefused


def officer_of(ledger: Ledger, token: str) -> Officer:
    """Return who acts in a session, with role and unit as the account has them now.

    Raises
    ------
    MustChange
        If the password has to be changed first; it is a :class:`SessionOver`.
    SessionOver
        If the session was ended, lapsed, or never was.
    """
    at = ledger.clock()
    with reading(ledger) as connection:
        row = _session(connection, token, at)
    if row.means == "password" and row.one_time_until is not None:
        raise MustChange
    if at - unstamp(row.seen_at) >= _SEEN:
        with writing(ledger) as connection:
            _session(connection, token, at)  # it may have been ended meanwhile
            own = sessions.c.token_hash == _hash(token)
            connection.execute(update(sessions).where(own).values(seen_at=stamp(at)))
    return officer_from(row)


def change_password(ledger: Ledger, token: str, old: str, new: str) -> None:
    """Change the password of the session's account; its other sessions end.

    Raises
    ------
    SessionOver
        If the session is over.
    SignInRefused
        If the old password is wrong; it counts as an attempt to sign in.
    Refused
        If the new one is too simple.
    """
    with reading(ledger) as connection:
        before = _session(connection, token, ledger.clock())
    right = fits(before.password, old)
    if right:
        check_new(new, name=before.name, old=old)
    kept = hashed(new) if right else ""
    with writing(ledger) as connection:
        at = ledger.clock()
        row = _session(connection, token, at)
        why = _why_not(row, before, right, at)
        if why is None:
            own = accounts.c.name == row.name
            values = {"password": kept, "one_time_until": None, "failures": 0}
            values |= {"changed_at": stamp(at), "changed_by": row.name}
            connection.execute(update(accounts).where(own).values(**values))
            end_sessions(connection, row.name, at, but=_hash(token))
            _noted(connection, officer_from(row), at, "account.password_changed", row.name)
            return
        if why == "wrong_password":
            _count_failure(connection, row, at)
        _refused(connection, row, "change", why, at)
    raise SignInRefused


def sign_out(ledger: Ledger, token: str) -> None:
    """End a session; one that is over already stays so."""
    with writing(ledger) as connection:
        at = ledger.clock()
        try:
            row = _session(connection, token, at)
        except SessionOver:
            return
        own = sessions.c.token_hash == _hash(token)
        connection.execute(update(sessions).where(own).values(ended_at=stamp(at)))
        _noted(connection, officer_from(row), at, "account.signed_out", row.name)


def find_account(connection: Connection, name: str) -> Row[Any] | None:
    """Return the row of an account, None if there is none of that name."""
    found = connection.execute(select(accounts).where(accounts.c.name == account_name(name)))
    return found.one_or_none()


def account_name(name: str) -> str:
    """Return the one way in which an account's name is kept: capitals and width do not matter."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def officer_from(row: Row[Any]) -> Officer:
    """Return the officer of an account's row."""
    return Officer(name=row.name, role=row.role, unit=row.unit)


def end_sessions(
    connection: Connection, name: str, at: datetime, *, but: str | None = None
) -> None:
    """End the sessions of an account, all but the one of that token's hash."""
    theirs = (sessions.c.name == name) & sessions.c.ended_at.is_(None)
    if but is not None:
        theirs &= sessions.c.token_hash != but
    connection.execute(update(sessions).where(theirs).values(ended_at=stamp(at)))


def _why_not(
    row: Row[Any] | None, before: Row[Any] | None, right: bool, at: datetime
) -> str | None:
    """Return why nobody is signed in; decided in the transaction, so that no two slip through."""
    if row is None or before is None:
        return "unknown"
    if row.locked_at is not None:
        return "locked"
    if row.paused_until is not None and stamp(at) < row.paused_until:
        return "paused"
    if not right or row.password != before.password:
        return "wrong_password"
    if row.one_time_until is not None and row.one_time_until <= stamp(at):
        return "lapsed"
    return None


def _count_failure(connection: Connection, row: Row[Any], at: datetime) -> None:
    failures = row.failures + 1
    over = failures - FREE_FAILURES - 1
    # Beyond sixty doublings the pause is the longest anyway.
    pause = min(FIRST_PAUSE * 2 ** min(over, 10), LONGEST_PAUSE) if over >= 0 else None
    until = stamp(at + pause) if pause else None
    own = accounts.c.name == row.name
    values = {"failures": failures, "paused_until": until}
    connection.execute(update(accounts).where(own).values(**values))


def _begin(
    connection: Connection, row: Row[Any], means: str, at: datetime, **values: Any
) -> SignedIn:
    token, until = secrets.token_urlsafe(32), at + LONGEST
    own = accounts.c.name == row.name
    connection.execute(update(accounts).where(own).values(signed_in_at=stamp(at), **values))
    session = {"token_hash": _hash(token), "name": row.name, "means": means}
    times = {"made_at": stamp(at), "seen_at": stamp(at), "until": stamp(until)}
    connection.execute(insert(sessions), {**session, **times})
    _noted(connection, officer_from(row), at, "account.signed_in", row.name, means=means)
    return SignedIn(
        token=token,
        officer=officer_from(row),
        must_change=means == "password" and row.one_time_until is not None,
        expires=until,
    )


def _session(connection: Connection, token: str, at: datetime) -> Row[Any]:
    """Return a session that is not over, with its account."""
    query = (
        select(accounts, sessions.c.means, sessions.c.seen_at, sessions.c.until)
        .join(sessions, sessions.c.name == accounts.c.name)
        .where(
            sessions.c.token_hash == _hash(token),
            sessions.c.ended_at.is_(None),
            sessions.c.until > stamp(at),
            sessions.c.seen_at > stamp(at - IDLE),
            accounts.c.locked_at.is_(None),
        )
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise SessionOver
    return row


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _refused(
    connection: Connection, row: Row[Any] | None, means: str, why: str, at: datetime
) -> None:
    actor = officer_from(row) if row is not None else Actor(name="unknown", role="expert")
    append(
        connection,
        actor,
        at=at,
        action="account.refused",
        object_class="account",
        object=row.name if row is not None else "unknown",
        details={"means": means, "why": why},
    )
