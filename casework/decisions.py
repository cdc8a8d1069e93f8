"""Moves of leads and cases: drafted by one, approved by another, each in one transaction.

A draft stays open until somebody else approves or returns it, or its author withdraws it. Whoever
drafted a move, and whoever works on the case, does not approve it. What the move requires is
checked when it is drafted and again when it is approved. Everyone names the revision they read: of
two who decide at once the first wins and the second is told.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, insert, select, update

from casework.audit import append
from casework.canonical import stamp
from casework.cases import Made
from casework.ledger import Ledger
from casework.moving import class_of, make, noted, wish_of
from casework.rights import NotFound, Officer, Refused, Subject, reaches, require, serving
from casework.subjects import Stale, find, names, subject_of, table_of
from casework.tables import cases, drafts, leads, moves
from casework.workflow import check, find_move
from ingest.telling import to_say, word


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A move that somebody asks for; ``revision`` is that of the subject when it was drafted."""

    draft_id: str
    subject: str
    revision: int
    move: str
    choice: str | None
    explanation: str | None
    reason: str
    state: str
    at: str
    who: str
    ended_at: str | None = None
    ended_by: str | None = None
    ended_reason: str | None = None


class SameHands(Refused):
    """Whoever drafted a move, or works on the case, was to approve it."""


def propose_outcome(
    ledger: Ledger,
    officer: Officer,
    lead_id: str,
    *,
    move: str,
    reason: str,
    revision: int,
    choice: str | None = None,
    explanation: str | None = None,
) -> Draft:
    """Draft that a lead is judged (``judge``, with an outcome) or looked at again (``reopen``).

    ``explanation`` names the honest explanation of a look-alike.

    Raises
    ------
    NoSuchMove, Unmet, Stale, Refused
        If the move is none from this state, lacks something, the lead was changed since
        ``revision``, or a draft is open.
    """
    function = "decisions.propose_outcome"
    with serving(ledger, officer, function, lead_id) as connection:
        row = find(connection, officer, function, lead_id, of=leads)
        return _propose(
            connection, ledger, officer, row, move, revision, reason, choice, explanation
        )


def propose_move(
    ledger: Ledger,
    officer: Officer,
    case_id: str,
    *,
    move: str,
    reason: str,
    revision: int,
    choice: str | None = None,
) -> Draft:
    """Draft a move of a case for approval; errors as :func:`propose_outcome`."""
    function = "decisions.propose_move"
    with serving(ledger, officer, function, case_id) as connection:
        row = find(connection, officer, function, case_id, of=cases)
        return _propose(connection, ledger, officer, row, move, revision, reason, choice, None)


def make_move(
    ledger: Ledger, officer: Officer, case_id: str, *, move: str, reason: str, revision: int
) -> Made:
    """Make a move of a case that needs no second person; errors as :func:`propose_outcome`."""
    function = "decisions.make_move"
    with serving(ledger, officer, function, case_id) as connection:
        row = find(connection, officer, function, case_id, of=cases)
        found = find_move("case", move, row.state, four_eyes=False)
        wish = wish_of(connection, row, officer.name, reason, None, None)
        return make(connection, ledger, officer, row, found, wish, revision, officer.name)


def approve(ledger: Ledger, officer: Officer, draft_id: str, *, revision: int) -> Made:
    """Approve a draft and so make its move; ``revision`` is that of the subject as it was read.

    Raises
    ------
    SameHands
        If the officer drafted it or works on the case.
    Stale
        If the subject was changed since.
    Unmet, NoSuchMove, Refused
        If something is missing by now, the state is another, or the draft is not open any more.
    """
    with serving(ledger, officer, "decisions.approve", draft_id) as connection:
        draft, row = _draft(connection, officer, "decisions.approve", draft_id)
        busy = names(connection, [draft.subject])[draft.subject]
        if officer.name == draft.who or officer.name in busy:
            raise SameHands(to_say("refused.draft.own", draft_id=draft_id, name=officer.name))
        found = find_move(class_of(row), draft.move, row.state, four_eyes=True)
        wish = wish_of(connection, row, draft.who, draft.reason, draft.choice, draft.explanation)
        made = make(connection, ledger, officer, row, found, wish, revision, draft.who)
        _end(connection, ledger, officer, draft, "approved", None)
        return made


def return_draft(ledger: Ledger, officer: Officer, draft_id: str, *, reason: str) -> None:
    """Return a draft to its author, with the reason.

    Raises
    ------
    Refused
        If the reason is empty, or the draft is not open any more.
    """
    with serving(ledger, officer, "decisions.return_draft", draft_id) as connection:
        draft, row = _draft(connection, officer, "decisions.return_draft", draft_id)
        if not reason.strip():
            raise Refused(to_say("refused.draft.return_reason", draft_id=draft_id))
        _end(connection, ledger, officer, draft, "returned", reason)
        noted(connection, ledger, officer, row, "returned", {"draft": draft_id, "reason": reason})


def withdraw(ledger: Ledger, officer: Officer, draft_id: str) -> None:
    """Take one's own draft back.

    Raises
    ------
    Refused
        If it is not open any more.
    """
    with serving(ledger, officer, "decisions.withdraw", draft_id) as connection:
        draft, row = _draft(connection, officer, "decisions.withdraw", draft_id)
        _end(connection, ledger, officer, draft, "withdrawn", None)
        noted(connection, ledger, officer, row, "withdrawn", {"draft": draft_id})


def list_drafts(ledger: Ledger, officer: Officer) -> list[Draft]:
    """Return the open drafts that an officer may see, the oldest first."""
    function = "decisions.list_drafts"
    with serving(ledger, officer, function, "drafts") as connection:
        scope = require(officer, function)
        query = select(drafts).where(drafts.c.state == "open")
        rows = connection.execute(query.order_by(drafts.c.at, drafts.c.draft_id)).all()
        found = [
            Draft(**row._mapping)
            for row in rows
            if reaches(scope, officer, _subject(connection, row.subject, row.who))
        ]
        append(
            connection,
            officer,
            at=ledger.clock(),
            action="draft.listed",
            object_class="draft",
            object="list",
            count=len(found),
        )
        return found


def returned_draft(key: str, *, ledger: Ledger, officer: Officer) -> Draft | None:
    """Return the last draft on a lead or case if it was returned and no move was made since.

    Whoever may read the lead or case may see it; this leaves no row, since reading that does.

    Raises
    ------
    NotFound
        If there is no such lead or case, or the officer may not know of it.
    """
    function = "leads.read_lead" if table_of(key) is leads else "cases.read_case"
    with serving(ledger, officer, function, key) as connection:
        find(connection, officer, function, key)
        of_subject = select(drafts).where(drafts.c.subject == key)
        row = connection.execute(of_subject.order_by(drafts.c.at.desc()).limit(1)).one_or_none()
        if row is None or row.state != "returned":
            return None
        later = select(moves.c.number).where(moves.c.subject == key, moves.c.at > row.ended_at)
        moved = connection.execute(later.limit(1)).one_or_none() is not None
        return None if moved else Draft(**row._mapping)


def _propose(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    row: Row[Any],
    move: str,
    revision: int,
    reason: str,
    choice: str | None,
    explanation: str | None,
) -> Draft:
    if row.revision != revision:
        raise Stale(row[0], expected=revision, row=row)
    found = find_move(class_of(row), move, row.state, four_eyes=True)
    check(found, wish_of(connection, row, officer.name, reason, choice, explanation))
    waiting = select(drafts.c.draft_id).where(drafts.c.subject == row[0], drafts.c.state == "open")
    if other := connection.execute(waiting).scalar_one_or_none():
        raise Refused(to_say("refused.draft.waits", subject=row[0], draft=other))
    draft = Draft(
        draft_id=f"E-{secrets.token_hex(6)}",
        subject=row[0],
        revision=revision,
        move=move,
        choice=choice,
        explanation=explanation,
        reason=reason.strip(),
        state="open",
        at=stamp(ledger.clock()),
        who=officer.name,
    )
    connection.execute(insert(drafts), {name: getattr(draft, name) for name in Draft.__slots__})
    told = {"draft": draft.draft_id, "move": move, "choice": choice, "explanation": explanation}
    noted(connection, ledger, officer, row, "drafted", {**told, "reason": draft.reason})
    return draft


def _draft(
    connection: Connection, officer: Officer, function: str, draft_id: str
) -> tuple[Draft, Row[Any]]:
    """Return an open draft with its subject, if a right reaches it."""
    found = connection.execute(select(drafts).where(drafts.c.draft_id == draft_id)).one_or_none()
    if found is None:
        raise NotFound(draft_id)
    try:
        row = find(connection, officer, function, found.subject, author=found.who)
    except NotFound:
        raise NotFound(draft_id) from None
    if found.state != "open":
        raise Refused(
            to_say(
                "refused.draft.ended",
                draft_id=draft_id,
                state=word("refused.draft_state", found.state),
                ended_by=found.ended_by,
                ended_at=found.ended_at,
                subject=found.subject,
            )
        )
    return Draft(**found._mapping), row


def _end(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    draft: Draft,
    state: str,
    reason: str | None,
) -> None:
    values = {
        "state": state,
        "ended_at": stamp(ledger.clock()),
        "ended_by": officer.name,
        "ended_reason": reason,
    }
    key = drafts.c.draft_id == draft.draft_id
    connection.execute(update(drafts).where(key).values(**values))


def _subject(connection: Connection, key: str, author: str) -> Subject:
    table = table_of(key)
    row = connection.execute(select(table).where(_id(table) == key)).one()
    return subject_of(key, row, names(connection, [key])[key], author=author)


def _id(table: Table) -> Any:
    return next(iter(table.c))
