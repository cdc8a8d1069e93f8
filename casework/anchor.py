"""The head of the audit chain, written beside the ledger: what a cut or an old copy is held to."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from casework.tables import audit
from graph.lock import locked
from ingest.errors import RingfenceError
from ingest.telling import to_say

LOCK_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """Number and hash of the newest audit row at some time."""

    seq: int
    hash: str


def read_anchor(path: Path) -> Anchor | None:
    """Return what an anchor file says, None if there is no such file.

    Raises
    ------
    RingfenceError
        If the file is not an anchor.
    """
    if not path.exists():
        return None
    try:
        held = json.loads(path.read_text("utf-8"))
        return Anchor(seq=int(held["seq"]), hash=str(held["hash"]))
    except (ValueError, KeyError, TypeError) as error:
        raise RingfenceError(to_say("refused.audit.anchor", path=path, error=error)) from error


def advance(path: Path, connection: Connection, head: Anchor) -> None:
    """Write the new head, unless the chain no longer holds what the file says.

    A chain that lost rows must not overwrite the proof of it: then the file stays, and
    :func:`casework.audit.verify` goes on to say so. An anchor never goes back; a process that died
    before this call leaves an older one, which holds too and is caught up by the next.
    """
    with locked(path.with_name(f".{path.name}.lock"), timeout_seconds=LOCK_SECONDS):
        before = read_anchor(path)
        if before is not None and (before.seq >= head.seq or not _holds(connection, before)):
            return
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(json.dumps({"seq": head.seq, "hash": head.hash}) + "\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)


def _holds(connection: Connection, anchor: Anchor) -> bool:
    found = connection.execute(select(audit.c.hash).where(audit.c.seq == anchor.seq))
    return found.scalar_one_or_none() == anchor.hash
