"""The audit log: who did what, when and why, in a chain that shows what was changed afterwards.

Each row holds the SHA-256 over the canonical JSON of its named values, among them the hash of the
row before. A row that is edited, deleted or moved breaks the chain there. A tail that is cut off,
and an old copy put in place of the ledger, leave a chain that is whole in itself: they are seen
against an anchor, the head that was written beside the ledger. Whoever can write both files can
forge both; a copy of the anchor kept elsewhere shows that too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, insert, select, text

from casework.anchor import Anchor
from casework.canonical import canonical, digest, stamp
from casework.ledger import HEAD, LOCK_KEY
from casework.tables import audit
from ingest.errors import RingfenceError
from ingest.telling import to_say

Role = Literal[
    "analyst",
    "investigator",
    "supervisor",
    "liaison",
    "informant_desk",
    "administrator",
    "auditor",
    "expert",
]
FaultKind = Literal["edited", "moved", "deleted", "broken", "cut", "replaced", "no_anchor"]
START = "0" * 64
"""What the first row names as the hash before it."""

NAME_LENGTH = 200
_BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, and as what."""

    name: str
    role: Role = "analyst"

    def __post_init__(self) -> None:
        """Refuse a name that could not be written or read."""
        if not self.name.strip() or len(self.name) > NAME_LENGTH or not self.name.isprintable():
            raise RingfenceError(to_say("refused.account.actor", name=self.name, most=NAME_LENGTH))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the log; ``details`` is canonical JSON, ``at`` UTC."""

    seq: int
    at: str
    who: str
    role: str
    action: str
    case_id: str | None
    purpose: str | None
    object_class: str
    object: str
    count: int | None
    details: str
    export_hash: str | None
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong at a row.

    ``edited``: the row is not what it was. ``moved``: it is whole but stood at ``other``.
    ``deleted``: rows from here to ``other`` are gone. ``broken``: it follows another row than the
    one before it. ``cut``: rows after this one, up to the anchor's ``other``, are gone.
    ``replaced``: it is not the row that the anchor was written for. ``no_anchor``: there are rows
    but nothing to hold their end to.
    """

    seq: int
    kind: FaultKind
    other: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether the log is as it was written: it is if there are no faults."""

    rows: int
    head: Anchor | None
    anchor: Anchor | None
    faults: tuple[Fault, ...]


def append(
    connection: Connection,
    actor: Actor,
    *,
    at: datetime,
    action: str,
    object_class: str,
    object: str,
    count: int | None = None,
    details: Mapping[str, object] | None = None,
    case_id: str | None = None,
    purpose: str | None = None,
    export_hash: str | None = None,
) -> Entry:
    """Add one row at the end of the chain, in the caller's transaction.

    Kept or lost with the rest of that transaction, so that nothing is done without its row and no
    row says what was not done. Use a connection of :func:`casework.ledger.writing`: it lets one
    process in at a time.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
    before = _head(connection)
    values: dict[str, Any] = {
        "seq": before.seq + 1 if before else 1,
        "at": stamp(at),
        "who": actor.name,
        "role": actor.role,
        "action": action,
        "case_id": case_id,
        "purpose": purpose,
        "object_class": object_class,
        "object": object,
        "count": count,
        "details": canonical(details or {}),
        "export_hash": export_hash,
        "previous_hash": before.hash if before else START,
    }
    entry = Entry(**values, hash=digest(values))
    connection.execute(insert(audit), asdict(entry))
    connection.info[HEAD] = Anchor(seq=entry.seq, hash=entry.hash)
    return entry


def noted(
    connection: Connection,
    actor: Actor,
    at: datetime,
    action: str,
    key: str,
    /,
    *,
    object_class: str,
    case_id: str | None = None,
    purpose: str | None = None,
    count: int | None = None,
    **details: object,
) -> None:
    """Append one row, its details by their names; a module binds its class of objects once."""
    append(
        connection,
        actor,
        at=at,
        action=action,
        object_class=object_class,
        object=key,
        count=count,
        details=details,
        case_id=case_id,
        purpose=purpose,
    )


def entries(connection: Connection, *, newest: int | None = None) -> Iterator[Entry]:
    """Yield the rows in their order; with ``newest`` only that many of the last ones."""
    query = select(audit).order_by(audit.c.seq)
    if newest is not None:
        last = connection.execute(select(func.max(audit.c.seq))).scalar_one() or 0
        query = query.where(audit.c.seq > last - newest)
    for row in connection.execute(query.execution_options(yield_per=_BATCH)):
        yield _entry(row)


def verify(connection: Connection, anchor: Anchor | None) -> Verdict:
    """Check every row against its hash and the row before, and the end against an anchor.

    Any anchor ever written for this log must still hold, an old copy too; the newest one leaves the
    least room. Time grows with the number of rows, memory does not.
    """
    faults: list[Fault] = []
    rows, head = 0, Anchor(seq=0, hash=START)
    anchored: str | None = None
    for entry in entries(connection):
        faults += _faults_of(connection, entry, head)
        head = Anchor(seq=entry.seq, hash=entry.hash)
        rows += 1
        if anchor is not None and entry.seq == anchor.seq:
            anchored = entry.hash
    if anchor is None:
        faults += [Fault(seq=head.seq, kind="no_anchor")] if rows else []
    elif anchor.seq > head.seq:
        faults.append(Fault(seq=head.seq, kind="cut", other=anchor.seq))
    elif anchored is not None and anchored != anchor.hash:
        faults.append(Fault(seq=anchor.seq, kind="replaced"))
    return Verdict(rows=rows, head=head if rows else None, anchor=anchor, faults=tuple(faults))


def _faults_of(connection: Connection, entry: Entry, before: Anchor) -> list[Fault]:
    """Compare one row with its hash and the row before it."""
    faults = []
    if entry.seq != before.seq + 1:
        faults.append(Fault(seq=before.seq + 1, kind="deleted", other=entry.seq - 1))
    if _hash(entry, entry.seq) != entry.hash:
        stood = connection.execute(
            select(audit.c.seq).where(audit.c.hash == entry.previous_hash)
        ).scalar_one_or_none()
        origin = 1 if entry.previous_hash == START else (stood or 0) + 1
        if origin != entry.seq and _hash(entry, origin) == entry.hash:
            faults.append(Fault(seq=entry.seq, kind="moved", other=origin))
        else:
            faults.append(Fault(seq=entry.seq, kind="edited"))
    elif not faults and entry.previous_hash != before.hash:
        faults.append(Fault(seq=entry.seq, kind="broken"))
    return faults


def _hash(entry: Entry, seq: int) -> str:
    return digest({**{k: v for k, v in asdict(entry).items() if k != "hash"}, "seq": seq})


def _head(connection: Connection) -> Anchor | None:
    found = connection.execute(
        select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    ).one_or_none()
    return Anchor(seq=found.seq, hash=found.hash) if found else None


def _entry(row: Row[Any]) -> Entry:
    return Entry(**row._mapping)
