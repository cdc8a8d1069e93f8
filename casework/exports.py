"""Files that leave the workspace: the audit log holds their digest before they are there."""

import hashlib
import secrets
from pathlib import Path

from casework.audit import Actor, append
from casework.ledger import Ledger, writing
from casework.questions import Asked
from casework.sight import cut, sight
from casework.tool_rights import permit
from detectors.hits_file import Format, save
from ingest.errors import RingfenceError
from ingest.telling import to_say


def export_hits(ledger: Ledger, actor: Actor, asked: Asked, path: Path, *, format: Format) -> str:
    """Write the hits of a run into a file, replacing it; return the file's SHA-256.

    The file takes its name only once its digest is in the audit log. A process that is killed in
    between leaves a row for a file that never was, and a hidden leftover, never a file without row.
    An officer's file holds what that officer may see, whoever asked.

    Raises
    ------
    NotFound
        If an officer's role takes no hits away.
    RingfenceError
        If the file or the ledger cannot be written.
    """
    permit(ledger, actor, "exports.export_hits", asked.run_id)
    answer = cut(sight(ledger, actor), asked.answer)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        save(answer.columns, answer.rows, beside, format=format)
        sha256 = hashlib.sha256(beside.read_bytes()).hexdigest()
        with writing(ledger) as connection:
            append(
                connection,
                actor,
                at=ledger.clock(),
                action="motif.exported",
                object_class="motif",
                object=asked.motif.name,
                count=len(answer.rows),
                details={"run": asked.run_id, "format": format, "file": path.name},
                export_hash=sha256,
            )
        beside.replace(path)
    except OSError as error:
        raise RingfenceError(
            to_say("refused.file.not_written", path=path, strerror=error.strerror)
        ) from error
    finally:
        beside.unlink(missing_ok=True)
    return sha256
