"""Papers that go out: built from the lead or case as it stands, kept, logged, then handed over.

A paper that says the same for the same recipient and purpose is issued once: asking again gives the
bytes that were kept, under the same number and day. The audit log has the SHA-256 of the file
before anybody holds it.
"""

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from casework.audit import NAME_LENGTH, append
from casework.canonical import stamp
from casework.ledger import Ledger
from casework.limits import local_day
from casework.paper_drafts import Draft, case_held, draft_case, draft_ring
from casework.reports.docx_file import docx
from casework.reports.model import Fact, FileFormat, Paper
from casework.reports.network import Spot
from casework.reports.pdf import pdf
from casework.rights import NotFound, Officer, Refused, reaches, require, serving
from casework.subjects import names, subject_of
from casework.tables import cases, contents, leads
from casework.tables_papers import issued_papers
from ingest.telling import to_say, word
from ingest.texts import Language, say

WRITERS: Mapping[FileFormat, Callable[[Paper], bytes]] = {"pdf": pdf, "docx": docx}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a paper is wanted: language, file format, for whom and what for."""

    language: Language = "zh"
    format: FileFormat = "pdf"
    recipient: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A paper that went out; ``digest`` is printed on it, ``sha256`` is that of the file."""

    paper_id: str
    kind: str
    subject: str | None
    unit: str
    number: str
    day: str
    language: str
    format: str
    recipient: str
    purpose: str
    content: str
    digest: str
    sha256: str
    size: int
    at: str
    who: str


def issue_ring(
    ledger: Ledger,
    officer: Officer,
    key: str,
    wanted: Wanted,
    *,
    positions: Mapping[str, Spot] | None = None,
) -> tuple[Issued, bytes]:
    """Return the report of a lead, named by its number or that of its ring, and its file.

    ``positions`` are those of a saved view, by ``Type:key``, for the picture of the network.

    Raises
    ------
    NotFound
        If there is no such lead, or the officer may not know of it.
    Refused
        If recipient or purpose cannot be printed.
    RingfenceError
        If the run is gone, or the fonts are not installed.
    """
    function = "issuing.issue_ring"
    with serving(ledger, officer, function, key) as connection:
        draft = draft_ring(
            connection, ledger, officer, function, key, wanted.language, positions=positions
        )
        return issue_draft(connection, ledger, officer, draft, wanted)


def issue_case(
    ledger: Ledger, officer: Officer, case_id: str, wanted: Wanted
) -> tuple[Issued, bytes]:
    """Return the file of a case as one paper: leads, moves, papers, notes, deadlines.

    Reading the case and its deadlines leaves rows of its own; errors as :func:`issue_ring`.
    """
    function = "issuing.issue_case"
    held, limits = case_held(
        case_id, wanted.purpose or None, ledger=ledger, officer=officer, function=function
    )
    with serving(ledger, officer, function, case_id) as connection:
        draft = draft_case(connection, ledger, officer, function, held, limits, wanted.language)
        return issue_draft(connection, ledger, officer, draft, wanted)


def list_papers(ledger: Ledger, officer: Officer) -> list[Issued]:
    """Return the papers about what the officer may see, the newest first."""
    function = "issuing.list_papers"
    with serving(ledger, officer, function, "papers") as connection:
        query = select(issued_papers).order_by(issued_papers.c.at.desc(), issued_papers.c.paper_id)
        rows = connection.execute(query).all()
        return [_issued(row) for row in _seen(connection, officer, function, rows)]


def read_paper(ledger: Ledger, officer: Officer, paper_id: str) -> tuple[Issued, bytes]:
    """Return a paper that was issued, as it went out; the audit log has a row before.

    Raises
    ------
    NotFound
        If there is none, or the officer may not know of it.
    """
    function = "issuing.read_paper"
    with serving(ledger, officer, function, paper_id) as connection:
        query = select(issued_papers).where(issued_papers.c.paper_id == paper_id)
        row = connection.execute(query).one_or_none()
        if row is None or not _seen(connection, officer, function, [row]):
            raise NotFound(paper_id)
        found = _issued(row)
        _noted(connection, ledger, officer, found, "paper.read")
        return found, file_of_paper(connection, found.sha256)


def issue_draft(
    connection: Connection, ledger: Ledger, officer: Officer, draft: Draft, wanted: Wanted
) -> tuple[Issued, bytes]:
    """Give a draft its number and day; as :func:`issue`."""
    return issue(
        connection,
        ledger,
        officer,
        draft.paper,
        wanted,
        draft.unit,
        draft.subject,
        draft.case_id,
    )


def issue(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    paper: Paper,
    wanted: Wanted,
    unit: str,
    subject: str | None,
    case_id: str | None = None,
) -> tuple[Issued, bytes]:
    """Give a paper its number and day, keep its file and log it, in the caller's transaction.

    Raises
    ------
    Refused
        If recipient or purpose are too long or cannot be printed.
    """
    whole = addressed(paper, officer, wanted)
    content = whole.digest
    found = known_paper(connection, content, wanted.format)
    if found is not None:
        _noted(connection, ledger, officer, found, "paper.issued_again", case_id)
        return found, file_of_paper(connection, found.sha256)
    at = ledger.clock()
    day = local_day(at).isoformat()
    number = say(
        f"report.number.{paper.kind}", wanted.language, year=day[:4], code=content[:8].upper()
    )
    final = replace(whole, number=number, day=day)
    file = WRITERS[wanted.format](final)
    made = keep(
        connection,
        officer,
        file,
        kind=paper.kind,
        subject=subject,
        unit=unit,
        number=number,
        day=day,
        wanted=wanted,
        format=wanted.format,
        content=content,
        digest=final.digest,
        at=stamp(at),
    )
    _noted(connection, ledger, officer, made, "paper.issued", case_id)
    return made, file


def keep(
    connection: Connection, officer: Officer, file: bytes, *, wanted: Wanted, **values: Any
) -> Issued:
    """Write a file and its row, in the caller's transaction; the file is kept once."""
    made = Issued(
        paper_id=f"F-{secrets.token_hex(6)}",
        language=wanted.language,
        recipient=wanted.recipient,
        purpose=wanted.purpose,
        sha256=hashlib.sha256(file).hexdigest(),
        size=len(file),
        who=officer.name,
        **values,
    )
    held = select(contents.c.sha256).where(contents.c.sha256 == made.sha256)
    if connection.execute(held).one_or_none() is None:
        connection.execute(insert(contents), {"sha256": made.sha256, "bytes": file})
    row = {name: getattr(made, name) for name in Issued.__slots__}
    connection.execute(insert(issued_papers), row)
    return made


def addressed(paper: Paper, officer: Officer, wanted: Wanted) -> Paper:
    """Return the paper with for whom and what for in its head, and whose it is in the watermark.

    A notice says neither: the place inspected learns no more than what is checked.

    Raises
    ------
    Refused
        If recipient or purpose are too long or cannot be printed.
    """
    for name, text in (("recipient", wanted.recipient), ("purpose", wanted.purpose)):
        if len(text) > NAME_LENGTH or (text and not text.isprintable()):
            raise Refused(
                to_say(
                    "refused.paper.line",
                    name=word("refused.paper_line", name),
                    text=text,
                    most=NAME_LENGTH,
                )
            )
    if paper.kind == "notice":
        return replace(paper, day="2000-01-01")
    rows = [
        (name, value)
        for name, value in (("recipient", wanted.recipient), ("purpose", wanted.purpose))
        if value
    ]
    head = tuple(
        Fact(name=say(f"report.head.{name}", wanted.language), value=value) for name, value in rows
    )
    mark = "　".join(one for one in (paper.watermark, wanted.recipient or officer.name) if one)
    return replace(
        paper,
        head=(*paper.head, *head),
        watermark=mark if paper.watermark else "",
        day="2000-01-01",
    )


def _noted(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    paper: Issued,
    action: str,
    case_id: str | None = None,
) -> None:
    append(
        connection,
        officer,
        at=ledger.clock(),
        action=action,
        object_class="paper",
        object=paper.subject or paper.paper_id,
        case_id=case_id,
        purpose=paper.purpose or None,
        details={
            "paper": paper.paper_id,
            "kind": paper.kind,
            "number": paper.number,
            "format": paper.format,
            "language": paper.language,
            "recipient": paper.recipient,
            "digest": paper.digest,
        },
        export_hash=paper.sha256,
    )


def known_paper(connection: Connection, content: str, format: str) -> Issued | None:
    """Return the paper of that content and format that went out before, if one did."""
    query = select(issued_papers).where(
        issued_papers.c.content == content, issued_papers.c.format == format
    )
    row = connection.execute(query.order_by(issued_papers.c.at)).first()
    return None if row is None else _issued(row)


def file_of_paper(connection: Connection, sha256: str) -> bytes:
    """Return the bytes of a paper that went out.

    Raises
    ------
    Refused
        If the ledger holds other bytes than went out.
    """
    query = select(contents.c.bytes).where(contents.c.sha256 == sha256)
    held = bytes(connection.execute(query).scalar_one())
    if hashlib.sha256(held).hexdigest() != sha256:
        raise Refused(to_say("refused.paper.altered", sha256=sha256))
    return held


def _seen(
    connection: Connection, officer: Officer, function: str, rows: Sequence[Row[Any]]
) -> list[Row[Any]]:
    """Return the papers that a right reaches: by the lead or case each is about, else by unit."""
    scope = require(officer, function)
    keys = sorted({row.subject for row in rows if row.subject is not None})
    assigned, held = names(connection, keys), {}
    for table in (leads, cases):
        key = next(iter(table.c))
        for found in connection.execute(select(table).where(key.in_(keys))):
            held[found[0]] = subject_of(found[0], found, assigned[found[0]])
    own = scope in ("unit", "insider") and bool(officer.unit)
    return [
        row
        for row in rows
        if (
            own and officer.unit == row.unit
            if row.subject is None
            else reaches(scope, officer, held[row.subject])
        )
    ]


def _issued(row: Row[Any]) -> Issued:
    return Issued(**row._mapping)
