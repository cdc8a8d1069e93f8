"""What a case file holds: notes, evidence and papers, each file by its SHA-256."""

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from casework.audit import NAME_LENGTH, append, noted
from casework.canonical import stamp
from casework.joint import ANSWER, handed
from casework.ledger import Ledger
from casework.rights import NotFound, Officer, Refused, serving
from casework.subjects import find, next_number, touch
from casework.tables import attachments, cases, contents, notes
from casework.workflow import EVIDENCE, PAPERS
from ingest.telling import to_say, word, words

_noted = partial(noted, object_class="case")

LARGEST = 50_000_000
"""Bytes that an attachment may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What somebody wrote into a case; notes are added, never changed."""

    case_id: str
    number: int
    at: str
    who: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file of a case: evidence, or a paper that a move asks for; ``size`` in bytes."""

    case_id: str
    number: int
    sha256: str
    name: str
    paper: str
    signed_by: str | None
    size: int
    at: str
    who: str


def add_note(ledger: Ledger, officer: Officer, case_id: str, text: str) -> Note:
    """Add a note to a case.

    Raises
    ------
    Refused
        If it is empty, or the case is archived.
    """
    with serving(ledger, officer, "papers.add_note", case_id) as connection:
        row = find(connection, officer, "papers.add_note", case_id, of=cases)
        _open(row)
        if not text.strip():
            raise Refused(to_say("refused.paper.note", case_id=case_id))
        note = Note(
            case_id=case_id,
            number=next_number(connection, notes, case_id),
            at=stamp(ledger.clock()),
            who=officer.name,
            text=text.strip(),
        )
        values = {name: getattr(note, name) for name in Note.__slots__}
        connection.execute(insert(notes), values)
        _noted(
            connection,
            officer,
            ledger.clock(),
            "case.noted",
            case_id,
            case_id=case_id,
            number=note.number,
        )
        return note


def attach_evidence(
    ledger: Ledger, officer: Officer, case_id: str, content: bytes, *, name: str, paper: str
) -> Attachment:
    """Add evidence to a case: one of :data:`casework.workflow.EVIDENCE`. A supervisor adds none.

    Raises
    ------
    Refused
        If it is of another kind, empty or too large, has no name, or the case is archived.
    """
    function = "papers.attach_evidence"
    with serving(ledger, officer, function, case_id) as connection:
        row = find(connection, officer, function, case_id, of=cases)
        return _attach(connection, ledger, officer, row, content, EVIDENCE, name, paper, None)


def attach_paper(
    ledger: Ledger,
    officer: Officer,
    case_id: str,
    content: bytes,
    *,
    name: str,
    paper: str,
    signed_by: str | None = None,
) -> Attachment:
    """Add a paper that moves ask for: one of :data:`casework.workflow.PAPERS`.

    ``signed_by`` names who gave the opinion in a legal review, or took the minutes; for the answer
    of an authority it is the authority, one that the case was handed over to. An answer may come
    after the case was archived; it is added then too, and the case stays archived.

    Raises
    ------
    Refused
        If it is of another kind, empty or too large, has no name, is a legal review that nobody
        signed, an answer of an authority that never had the case, or anything but such an answer
        while the case is archived.
    """
    function = "papers.attach_paper"
    with serving(ledger, officer, function, case_id) as connection:
        row = find(connection, officer, function, case_id, of=cases)
        signed = (signed_by or "").strip() or None
        if paper == "legal_review" and signed is None:
            raise Refused(to_say("refused.paper.unsigned", case_id=case_id))
        if paper == ANSWER:
            _asked(connection, case_id, signed)
        return _attach(connection, ledger, officer, row, content, PAPERS, name, paper, signed)


def read_attachment(
    ledger: Ledger, officer: Officer, case_id: str, number: int
) -> tuple[Attachment, bytes]:
    """Return a file of a case; the audit log has a row with its SHA-256 before it is handed out.

    Raises
    ------
    NotFound
        If there is no such file, or the officer may not know of the case.
    Refused
        If the ledger holds other bytes than were attached.
    """
    with serving(ledger, officer, "papers.read_attachment", case_id) as connection:
        find(connection, officer, "papers.read_attachment", case_id, of=cases)
        found = [one for one in attachments_of(connection, case_id) if one.number == number]
        if not found:
            raise NotFound(f"{case_id} attachment {number}")
        query = select(contents.c.bytes).where(contents.c.sha256 == found[0].sha256)
        content = bytes(connection.execute(query).scalar_one())
        if hashlib.sha256(content).hexdigest() != found[0].sha256:
            raise Refused(to_say("refused.paper.altered_file", number=number, case_id=case_id))
        append(
            connection,
            officer,
            at=ledger.clock(),
            action="case.attachment_read",
            object_class="case",
            object=case_id,
            case_id=case_id,
            details={"number": number},
            export_hash=found[0].sha256,
        )
        return found[0], content


def notes_of(connection: Connection, case_id: str) -> list[Note]:
    """Return the notes of a case, in order."""
    query = select(notes).where(notes.c.case_id == case_id).order_by(notes.c.number)
    return [Note(**row._mapping) for row in connection.execute(query)]


def attachments_of(connection: Connection, case_id: str) -> list[Attachment]:
    """Return what is attached to a case, in order, without the bytes."""
    query = select(attachments).where(attachments.c.case_id == case_id)
    rows = connection.execute(query.order_by(attachments.c.number))
    return [Attachment(**row._mapping) for row in rows]


def _attach(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    row: Row[Any],
    content: bytes,
    kinds: tuple[str, ...],
    name: str,
    paper: str,
    signed_by: str | None,
) -> Attachment:
    if paper != ANSWER:
        _open(row)
    fits = 0 < len(content) <= LARGEST and 0 < len(name.strip()) <= NAME_LENGTH
    if paper not in kinds or not fits or not name.isprintable():
        raise Refused(
            to_say(
                "refused.paper.attach",
                name=name,
                size=len(content),
                paper=word("case_paper", paper),
                largest=LARGEST,
                kinds=words("case_paper", kinds),
            )
        )
    at = ledger.clock()
    added = Attachment(
        case_id=row.case_id,
        number=next_number(connection, attachments, row.case_id),
        sha256=hashlib.sha256(content).hexdigest(),
        name=name.strip(),
        paper=paper,
        signed_by=signed_by,
        size=len(content),
        at=stamp(at),
        who=officer.name,
    )
    known = select(contents.c.sha256).where(contents.c.sha256 == added.sha256)
    if connection.execute(known).one_or_none() is None:
        connection.execute(insert(contents), {"sha256": added.sha256, "bytes": content})
    values = {field: getattr(added, field) for field in Attachment.__slots__}
    connection.execute(insert(attachments), values)
    touch(connection, officer, row, revision=row.revision, at=at)
    told: dict[str, Any] = {
        "number": added.number,
        "sha256": added.sha256,
        "paper": paper,
        "signed_by": signed_by,
    }
    _noted(
        connection,
        officer,
        ledger.clock(),
        "case.attached",
        row.case_id,
        case_id=row.case_id,
        **told,
    )
    return added


def _asked(connection: Connection, case_id: str, authority: str | None) -> None:
    had = sorted(name for _, name in handed(connection, case_id))
    if authority not in had:
        raise Refused(
            to_say(
                "refused.paper.answer",
                case_id=case_id,
                authority=word("authority", authority),
                had=words("authority", had),
            )
        )


def _open(row: Row[Any]) -> None:
    if row.state == "archived":
        raise Refused(to_say("refused.paper.archived", case_id=row.case_id))
