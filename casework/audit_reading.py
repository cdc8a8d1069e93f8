"""The audit log as an officer may read it: the auditor all of it, others their own rows."""

from sqlalchemy import select

from casework.anchor import read_anchor
from casework.audit import Entry, Verdict, append, verify
from casework.ledger import Ledger
from casework.rights import Officer, require, serving
from casework.tables import audit

MOST = 10_000
"""Rows that are read at once."""


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
        query = select(audit).order_by(audit.c.seq.desc()).limit(min(newest, MOST))
        if scope != "all":
            query = query.where(audit.c.who == officer.name)
        rows = [Entry(**row._mapping) for row in connection.execute(query)][::-1]
        append(
            connection,
            officer,
            at=ledger.clock(),
            action="audit.read",
            object_class="audit",
            object=scope,
            count=len(rows),
        )
        return rows


def verify_audit(ledger: Ledger, officer: Officer) -> Verdict:
    """Check the whole chain against the anchor beside the ledger; the check is a row after it.

    Raises
    ------
    NotFound
        If the officer is no auditor.
    RingfenceError
        If the anchor's file is no anchor.
    """
    with serving(ledger, officer, "audit_reading.verify_audit", "audit") as connection:
        verdict = verify(connection, read_anchor(ledger.anchor))
        append(
            connection,
            officer,
            at=ledger.clock(),
            action="audit.verified",
            object_class="audit",
            object="chain",
            count=verdict.rows,
            details={"faults": [[one.seq, one.kind] for one in verdict.faults]},
        )
        return verdict
