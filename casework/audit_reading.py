"""The audit log as an officer may read it: the auditor all of it, others their own rows.

Each reading, search, check and extract is a row of the log itself.
"""

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from casework.anchor import read_anchor
from casework.audit import Entry, Verdict, append, noted, verify
from casework.canonical import stamp
from casework.ledger import Ledger, reading, writing
from casework.limits import midnight
from casework.rights import Officer, Refused, Scope, require, serving
from casework.tables import audit
from casework.tables_people import reveals
from detectors.hits_file import FORMULA
from ingest.telling import to_say

MOST = 10_000
"""Rows that are read at once."""

PAGE = 50
"""Rows of a page."""

LARGEST = 200_000
"""Rows of an extract."""

_noted = partial(noted, object_class="audit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What rows to show; empty fields ask for nothing. Days are local, the last one included.

    ``who``, ``case_id`` and ``object`` are whole names or keys; ``action`` is whole, or the part
    before its dot.
    """

    who: str = ""
    action: str = ""
    object_class: str = ""
    object: str = ""
    case_id: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Rows of one page, the newest first, of ``total``; ``upto`` is the row the search began at.

    Searching again with ``upto`` turns pages that stand still, whatever was written meanwhile.
    ``people``, ``actions`` and ``classes`` are what there is to choose from.
    """

    rows: tuple[Entry, ...]
    number: int
    total: int
    upto: int
    people: tuple[str, ...]
    actions: tuple[str, ...]
    classes: tuple[str, ...]

    @property
    def pages(self) -> int:
        """How many pages there are, one at least."""
        return _pages(self.total)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """That somebody saw, asked for or decided on who somebody is; ``row`` is its audit row.

    ``entity`` is the member of the rings by type and key of the import, ``fields`` the group of
    fields; both are None for what concerned all members of a case.
    """

    row: Entry
    entity: tuple[str, str] | None
    fields: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """A CSV file of rows as it goes out; ``sha256`` is in the audit log."""

    name: str
    content: bytes
    sha256: str
    rows: int


def read_audit(ledger: Ledger, officer: Officer, *, newest: int = 200) -> list[Entry]:
    """Return the newest rows that an officer may read, oldest first; this reading is a row too.

    ``newest`` counts rows of the officer's own where that is all they may read, at most
    :data:`MOST`.

    Raises
    ------
    NotFound
        If the role may read none.
    """
    function = "audit_reading.read_audit"
    with serving(ledger, officer, function, "audit") as connection:
        scope = require(officer, function)
        query = _reached(select(audit), scope, officer)
        query = query.order_by(audit.c.seq.desc()).limit(min(newest, MOST))
        rows = [Entry(**row._mapping) for row in connection.execute(query)][::-1]
        _noted(connection, officer, ledger.clock(), "audit.read", scope, count=len(rows))
        return rows


def search_audit(
    ledger: Ledger, officer: Officer, asked: Filter, *, page: int = 1, upto: int | None = None
) -> Page:
    """Return one page of the rows that an officer may read and that fit, the newest first.

    A page after the last is the last. This reading is a row too, after the page was made.

    Raises
    ------
    NotFound
        If the role may read none.
    Refused
        If the last day is before the first.
    """
    function = "audit_reading.search_audit"
    with serving(ledger, officer, function, "audit") as connection:
        scope = require(officer, function)
        head = connection.execute(select(func.max(audit.c.seq))).scalar_one() or 0
        end = head if upto is None else min(upto, head)
        wanted = [*_conditions(asked), audit.c.seq <= end]
        counted = _reached(select(func.count()).select_from(audit), scope, officer)
        total = connection.execute(counted.where(*wanted)).scalar_one()
        number = min(max(page, 1), _pages(total))
        query = _reached(select(audit), scope, officer).where(*wanted)
        query = query.order_by(audit.c.seq.desc()).limit(PAGE).offset((number - 1) * PAGE)
        rows = tuple(Entry(**row._mapping) for row in connection.execute(query))
        found = Page(
            rows=rows,
            number=number,
            total=total,
            upto=end,
            people=_values(connection, audit.c.who, scope, officer),
            actions=_values(connection, audit.c.action, scope, officer),
            classes=_values(connection, audit.c.object_class, scope, officer),
        )
        _noted(
            connection, officer, ledger.clock(), "audit.read", scope,
            count=len(rows), filter=_told(asked, matched=total > 0), page=number,
        )  # fmt: skip
        return found


def who_saw(
    ledger: Ledger, officer: Officer, *, entity: str = "", case_id: str = ""
) -> list[Sight]:
    """Return who saw who somebody is, or asked to, oldest first: of one member, or in one case.

    ``entity`` is the member's key of the import, as the rings and reveals have it. For a member the
    reveals of clear values are told, and the looks at the masked members of the cases in which it
    was revealed; for a case all looks, searches by name and reveals.

    Raises
    ------
    Refused
        If neither a member nor a case is named.
    """
    with serving(ledger, officer, "audit_reading.who_saw", "identity") as connection:
        entity, case_id = entity.strip(), case_id.strip()
        if not entity and not case_id:
            raise Refused(to_say("refused.audit.nobody"))
        shown = {
            row.reveal_id: row
            for row in connection.execute(
                select(reveals).where(
                    *([reveals.c.entity_id == entity] if entity else []),
                    *([reveals.c.case_id == case_id] if case_id else []),
                )
            )
        }
        cases = {row.case_id for row in shown.values()} if entity else {case_id}
        query = select(audit).where(
            audit.c.object_class == "identity",
            audit.c.action != "identity.listed",  # a list of reveals shows nobody
            audit.c.case_id.in_(sorted(cases)),
        )
        rows = [Entry(**row._mapping) for row in connection.execute(query.order_by(audit.c.seq))]
        found = [
            Sight(
                row=row,
                entity=(held.entity_type, held.entity_id) if held else None,
                fields=held.fields if held else None,
            )
            for row in rows
            for held in [shown.get(row.object)]
            if held is not None or not row.object.startswith("I-")
        ]
        # What was typed and is nobody's key stays out of the log: it may be a name.
        _noted(
            connection, officer, ledger.clock(), "audit.sights_read", "identity",
            case_id=case_id if found and case_id else None, count=len(found),
            entity=entity if shown and entity else None,
        )  # fmt: skip
        return found


def export_audit(ledger: Ledger, officer: Officer, asked: Filter) -> Extract:
    """Return the rows that fit as a CSV file, oldest first, with the hashes of the chain.

    The row of the audit log holds the file's SHA-256 and is kept before the file is handed out. A
    text that a spreadsheet would run gets a ``'`` before it, so check hashes on the ledger itself.

    Raises
    ------
    Refused
        If no row fits, more than :data:`LARGEST` do, or the last day is before the first.
    """
    function = "audit_reading.export_audit"
    with serving(ledger, officer, function, "audit") as connection:
        scope = require(officer, function)
        query = _reached(select(audit), scope, officer).where(*_conditions(asked))
        query = query.order_by(audit.c.seq).limit(LARGEST + 1)
        rows = [Entry(**row._mapping) for row in connection.execute(query)]
        if not 0 < len(rows) <= LARGEST:
            many = (
                to_say("refused.audit.extract_many", most=LARGEST)
                if rows
                else to_say("refused.audit.extract_none")
            )
            raise Refused(to_say("refused.audit.extract", many=many))
        content = _csv(rows)
        sha256 = hashlib.sha256(content).hexdigest()
        name = f"audit-{rows[0].seq}-{rows[-1].seq}.csv"
        append(
            connection,
            officer,
            at=ledger.clock(),
            action="audit.exported",
            object_class="audit",
            object=name,
            count=len(rows),
            details={"filter": _told(asked, matched=True)},
            export_hash=sha256,
        )
    return Extract(name=name, content=content, sha256=sha256, rows=len(rows))


def verify_audit(ledger: Ledger, officer: Officer) -> Verdict:
    """Check the whole chain against the anchor beside the ledger; the check is a row after it.

    It takes some seconds for each 100,000 rows; others go on writing meanwhile, and what they write
    is for the next check.

    Raises
    ------
    NotFound
        If the officer is no auditor.
    RingfenceError
        If the anchor's file is no anchor.
    """
    with serving(ledger, officer, "audit_reading.verify_audit", "audit"):
        anchor = read_anchor(ledger.anchor)  # before the rows: it must not be ahead of them
    with reading(ledger) as connection:
        verdict = verify(connection, anchor)
    with writing(ledger) as connection:
        faults = [[one.seq, one.kind] for one in verdict.faults]
        _noted(
            connection, officer, ledger.clock(), "audit.verified", "chain",
            count=verdict.rows, faults=faults,
        )  # fmt: skip
    return verdict


def _pages(total: int) -> int:
    return max(1, -(-total // PAGE))


def _reached(query: Select[Any], scope: Scope, officer: Officer) -> Select[Any]:
    return query if scope == "all" else query.where(audit.c.who == officer.name)


def _conditions(asked: Filter) -> list[ColumnElement[bool]]:
    """Return what rows have to fulfil."""
    if asked.first and asked.last and asked.last < asked.first:
        raise Refused(to_say("refused.audit.days", first=asked.first, last=asked.last))
    wanted: list[ColumnElement[bool]] = [
        getattr(audit.c, name) == value.strip()
        for name in ("who", "object_class", "object", "case_id")
        if (value := getattr(asked, name)).strip()
    ]
    if action := asked.action.strip():
        wanted.append(
            or_(audit.c.action == action, audit.c.action.startswith(f"{action}.", autoescape=True))
        )
    if asked.first:
        wanted.append(audit.c.at >= stamp(midnight(asked.first)))
    if asked.last:
        wanted.append(audit.c.at < stamp(midnight(asked.last + timedelta(days=1))))
    return wanted


def _values(
    connection: Connection, column: ColumnElement[str], scope: Scope, officer: Officer
) -> tuple[str, ...]:
    query = _reached(select(column).distinct().order_by(column), scope, officer)
    return tuple(connection.execute(query).scalars())


def _told(asked: Filter, *, matched: bool) -> dict[str, object] | list[str]:
    """Return what a filter asks for; of one that fits no row only the names of its fields.

    People type names into the wrong field: what is in no row does not get into the log this way.
    """
    given = {name: value for name, value in asdict(asked).items() if value}
    return given if matched else sorted(given)


def _csv(rows: Sequence[Entry]) -> bytes:
    """Return rows as CSV in UTF-8 with the mark by which spreadsheets know it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    names = [field.name for field in fields(Entry)]
    writer.writerow(names)
    writer.writerows([_cell(getattr(row, name)) for name in names] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
