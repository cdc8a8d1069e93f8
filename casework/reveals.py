"""Showing who somebody is: masked inside a case, clear for one subject, one field group, a while.

Clear values are never written to the ledger, its audit log or any other log: a reveal is kept as
the subject's key of the import and the name of the field group. The row of the audit log is there
before a clear value is read.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Row, func, insert, select, update

from casework.audit import noted
from casework.canonical import stamp, unstamp
from casework.decisions import SameHands
from casework.ledger import Ledger
from casework.limits import local_day
from casework.reveals_values import (
    Fields,
    Subject,
    clear_values,
    groups_of,
    mask,
    name_pseudonym,
    pseudonyms_of,
)
from casework.rights import NotFound, Officer, Refused, serving
from casework.subjects import find, members_of, visible
from casework.tables import cases
from casework.tables_people import reveals
from ingest.telling import to_say, word, words
from ingest.workspace import Workspace

_noted = partial(noted, object_class="identity")

Reason = Literal["verify_identity", "contact", "site_visit", "paper", "hand_over"]
State = Literal["open", "waiting", "approved", "returned"]

LAPSES = timedelta(minutes=30)
"""How long a clear value may be shown."""

SUBJECTS_A_DAY = 20
"""Subjects of one case that may be revealed on one day before a supervisor has to approve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """A member of a ring of the case; ``values`` are masked, by column of the import."""

    entity_type: str
    entity_id: str
    fields: tuple[Fields, ...]
    values: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reveal:
    """A reveal: ``open`` or ``approved`` with a time (UTC) until which values may be shown.

    ``waiting``: a second person has to approve it; then call :func:`reveal` again. ``values`` are
    clear, by column of the import; they are empty in lists, while it waits, and where the import
    brought none.
    """

    reveal_id: str
    case_id: str
    entity_type: str
    entity_id: str
    fields: Fields
    reason: Reason
    text: str
    state: State
    at: str
    who: str
    decided_by: str | None
    until: str | None
    values: Mapping[str, tuple[str, ...]]


def masked(ledger: Ledger, workspace: Workspace, officer: Officer, *, case: str) -> list[Masked]:
    """Return every member of the case's rings with its masked values, by entity type and key."""
    function = "reveals.masked"
    with serving(ledger, officer, function, case) as connection:
        find(connection, officer, function, case, of=cases)
        subjects = _members(connection, case)
        _noted(
            connection,
            officer,
            ledger.clock(),
            "identity.masked",
            "members",
            case_id=case,
            count=len(subjects),
        )
    shown = clear_values(workspace, pseudonyms_of(workspace, subjects))
    return [
        Masked(
            entity_type=kind,
            entity_id=key,
            fields=groups_of(kind),
            values={
                column: tuple(mask(column, value) for value in many)
                for column, many in shown[kind, key].items()
            },
        )
        for kind, key in subjects
    ]


def reveal(
    ledger: Ledger,
    workspace: Workspace,
    officer: Officer,
    *,
    case: str,
    subject: Subject,
    fields: str,
    reason: str,
    text: str,
) -> Reveal:
    """Show one field group of one member of the case's rings, for thirty minutes.

    Asked again meanwhile, it is the same reveal with the same end. From the 21st subject of a case
    on one day, and in a case of insiders always, the reveal waits for a second person, who approves
    with :func:`approve_reveal`; asked again after that it shows the values.

    Raises
    ------
    NotFound
        If the case is not the officer's, or the subject is in no ring of it.
    Refused
        If field group or reason is not of the list, or the reason has no words.
    """
    function, subject = "reveals.reveal", (subject[0], subject[1])
    with serving(ledger, officer, function, case) as connection:
        held = find(connection, officer, function, case, of=cases)
        if subject not in _members(connection, case):
            raise NotFound(case)
        _check(case, subject, fields, reason, text)
        at = ledger.clock()
        row = _current(connection, officer, case, subject, fields, at)
        if row is None:
            second = held.insider or _many(connection, case, subject, at)
            values = {"fields": fields, "reason": reason, "text": text.strip()}
            row = _ask(connection, officer, case, subject, values, at, waits=second)
        action = "identity.asked" if row.state == "waiting" else "identity.revealed"
        _noted(
            connection, officer, ledger.clock(), action, row.reveal_id, case_id=case, count=1,
            purpose=f"{reason}: {text.strip()}", entity=list(subject), fields=fields,
        )  # fmt: skip
    # The row above is kept by now; only then is a clear value read.
    if row.state == "waiting":
        return _reveal(row, {})
    group: Fields = row.fields
    found = clear_values(workspace, pseudonyms_of(workspace, [subject], [group]))
    return _reveal(row, found[subject])


def find_by_name(
    ledger: Ledger, workspace: Workspace, officer: Officer, *, case: str, name: str, text: str
) -> list[Subject]:
    """Return the members of the case's rings of exactly this name, without showing anything.

    The name is compared as its keyed pseudonym; the audit log holds that, never the name.

    Raises
    ------
    Refused
        If the name or the reason (``text``) is empty.
    """
    function = "reveals.find_by_name"
    with serving(ledger, officer, function, case) as connection:
        find(connection, officer, function, case, of=cases)
        if not name.strip() or not text.strip():
            raise Refused(to_say("refused.reveal.nobody", case=case))
        wanted = name_pseudonym(workspace, name)
        hidden = pseudonyms_of(workspace, _members(connection, case), ["identity"])
        found = [one for one, of in hidden.items() if any(wanted in many for many in of.values())]
        _noted(
            connection, officer, ledger.clock(), "identity.searched", "members",
            case_id=case, count=len(found), purpose=text.strip(), name=wanted,
        )  # fmt: skip
        return sorted(found)


def list_reveals(ledger: Ledger, officer: Officer, *, case: str | None = None) -> list[Reveal]:
    """Return the reveals of the cases an officer may see, the newest first, without values."""
    function = "reveals.list_reveals"
    with serving(ledger, officer, function, case or "reveals") as connection:
        seen = [row.case_id for row, _ in visible(connection, officer, function, cases)]
        if case is not None:
            find(connection, officer, function, case, of=cases)
            seen = [case]
        query = select(reveals).order_by(reveals.c.at.desc(), reveals.c.reveal_id)
        rows = connection.execute(query.where(reveals.c.case_id.in_(seen))).all()
        _noted(
            connection,
            officer,
            ledger.clock(),
            "identity.listed",
            "reveals",
            case_id=case,
            count=len(rows),
        )
        return [_reveal(row, {}) for row in rows]


def approve_reveal(ledger: Ledger, officer: Officer, reveal_id: str) -> Reveal:
    """Let somebody else's reveal show its values for thirty minutes from now.

    Raises
    ------
    SameHands
        If the officer asked for it.
    Refused
        If it does not wait, or was asked for on an earlier day.
    """
    return _decide(ledger, officer, "reveals.approve_reveal", reveal_id, "approved")


def return_reveal(ledger: Ledger, officer: Officer, reveal_id: str) -> Reveal:
    """Refuse somebody else's reveal; errors as :func:`approve_reveal`."""
    return _decide(ledger, officer, "reveals.return_reveal", reveal_id, "returned")


def _decide(
    ledger: Ledger, officer: Officer, function: str, reveal_id: str, state: State
) -> Reveal:
    with serving(ledger, officer, function, reveal_id) as connection:
        own = reveals.c.reveal_id == reveal_id
        row = connection.execute(select(reveals).where(own)).one_or_none()
        if row is None:
            raise NotFound(reveal_id)
        try:
            find(connection, officer, function, row.case_id, of=cases)
        except NotFound as error:
            raise NotFound(reveal_id) from error
        at = ledger.clock()
        if row.who == officer.name:
            raise SameHands(to_say("refused.reveal.own", reveal_id=reveal_id))
        if row.state != "waiting" or row.day != local_day(at).isoformat():
            raise Refused(
                to_say(
                    "refused.reveal.not_waiting",
                    reveal_id=reveal_id,
                    state=word("reveal_state", row.state),
                    day=row.day,
                )
            )
        until = stamp(at + LAPSES) if state == "approved" else None
        values = {"state": state, "decided_at": stamp(at), "decided_by": officer.name}
        connection.execute(update(reveals).where(own).values(**values, until=until))
        _noted(
            connection,
            officer,
            ledger.clock(),
            f"identity.{state}",
            reveal_id,
            case_id=row.case_id,
            count=1,
        )
        return _reveal(connection.execute(select(reveals).where(own)).one(), {})


def _members(connection: Connection, case: str) -> list[Subject]:
    return sorted({(kind, key) for kind, key, _ in members_of(connection, case)})


def _check(case: str, subject: Subject, fields: str, reason: str, text: str) -> None:
    if fields not in groups_of(subject[0]) or reason not in get_args(Reason) or not text.strip():
        raise Refused(
            to_say(
                "refused.reveal.unfit",
                case=case,
                fields=word("reveal_fields", fields),
                reason=word("reveal_reason", reason),
                kind=word("explorer.entity", subject[0]),
                groups=words("reveal_fields", groups_of(subject[0])),
                choices=words("reveal_reason", get_args(Reason)),
            )
        )


def _current(
    connection: Connection, officer: Officer, case: str, subject: Subject, fields: str, at: datetime
) -> Row[Any] | None:
    """Return the officer's reveal of this subject that has not lapsed, or still waits today."""
    live = (reveals.c.state.in_(("open", "approved")) & (reveals.c.until > stamp(at))) | (
        (reveals.c.state == "waiting") & (reveals.c.day == local_day(at).isoformat())
    )
    query = (
        select(reveals)
        .where(
            reveals.c.case_id == case,
            reveals.c.entity_type == subject[0],
            reveals.c.entity_id == subject[1],
            reveals.c.fields == fields,
            reveals.c.who == officer.name,
            live,
        )
        .order_by(reveals.c.at.desc())
        .limit(1)
    )
    return connection.execute(query).one_or_none()


def _many(connection: Connection, case: str, subject: Subject, at: datetime) -> bool:
    """Whether this would be one subject too many of the case today."""
    shown = (
        select(reveals.c.entity_type, reveals.c.entity_id)
        .where(
            reveals.c.case_id == case,
            reveals.c.day == local_day(at).isoformat(),
            reveals.c.state.in_(("open", "approved")),
        )
        .distinct()
        .subquery()
    )
    others = select(func.count()).where(
        (shown.c.entity_type != subject[0]) | (shown.c.entity_id != subject[1])
    )
    return connection.execute(others).scalar_one() >= SUBJECTS_A_DAY


def _ask(
    connection: Connection,
    officer: Officer,
    case: str,
    subject: Subject,
    values: Mapping[str, str],
    at: datetime,
    *,
    waits: bool,
) -> Row[Any]:
    reveal_id = f"I-{secrets.token_hex(6)}"
    row = {
        "reveal_id": reveal_id,
        "case_id": case,
        "day": local_day(at).isoformat(),
        "entity_type": subject[0],
        "entity_id": subject[1],
        **values,
        "state": "waiting" if waits else "open",
        "at": stamp(at),
        "who": officer.name,
        "role": officer.role,
        "until": None if waits else stamp(at + LAPSES),
    }
    connection.execute(insert(reveals), row)
    return connection.execute(select(reveals).where(reveals.c.reveal_id == reveal_id)).one()


def _reveal(row: Row[Any], values: Mapping[str, tuple[str, ...]]) -> Reveal:
    kept = {name: getattr(row, name) for name in Reveal.__slots__ if name != "values"}
    return Reveal(**kept, values=values)


def shows(reveal: Reveal, at: datetime) -> bool:
    """Whether the values of a reveal may still be shown at a time (UTC)."""
    return reveal.until is not None and at < unstamp(reveal.until)
