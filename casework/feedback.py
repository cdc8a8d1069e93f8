"""What people decided on leads, handed back to the detectors as the table they learn from."""

import csv
import hashlib
import io
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from casework.audit import append
from casework.ledger import Ledger
from casework.rights import Officer, serving
from casework.subjects import visible
from casework.tables import leads
from ingest.errors import RingfenceError
from ingest.telling import to_say

LEARNT: Mapping[str, Literal["confirmed", "refuted"]] = {
    "confirmed": "confirmed",
    "rejected": "refuted",
    "look_alike": "refuted",
}
"""What ``ringfence learn --decided`` calls each outcome of a lead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """A table of decisions that was written: its rows, and the SHA-256 of the file."""

    rows: int
    sha256: str


def export_feedback(ledger: Ledger, officer: Officer, path: Path) -> Feedback:
    """Write the judged leads that an officer may see into a CSV file, replacing it.

    Columns ring_id and decision as :func:`detectors.learning.read_decisions` reads them, then
    outcome, explanation (the honest one of a look-alike) and run, by ring_id. The file takes its
    name only once its digest is in the audit log.

    Raises
    ------
    RingfenceError
        If the file or the ledger cannot be written.
    """
    function = "feedback.export_feedback"
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        with serving(ledger, officer, function, path.name) as connection:
            rows = sorted(
                (row.ring_id, LEARNT[row.outcome], row.outcome, row.explanation or "", row.run)
                for row, _ in visible(connection, officer, function, leads)
                if row.state == "judged"
            )
            content = _table(rows)
            beside.write_bytes(content)
            sha256 = hashlib.sha256(content).hexdigest()
            append(
                connection,
                officer,
                at=ledger.clock(),
                action="lead.feedback_exported",
                object_class="lead",
                object="list",
                count=len(rows),
                details={"file": path.name},
                export_hash=sha256,
            )
        beside.replace(path)
    except OSError as error:
        raise RingfenceError(
            to_say("refused.file.not_written", path=path, strerror=error.strerror)
        ) from error
    finally:
        beside.unlink(missing_ok=True)
    return Feedback(rows=len(rows), sha256=sha256)


def _table(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("ring_id", "decision", "outcome", "explanation", "run"))
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")
