"""One process at a time runs the alerts of a ledger and sends their messages."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from casework.ledger import Ledger
from graph.lock import locked
from ingest.errors import RingfenceError
from ingest.telling import to_say

WAIT_SECONDS = 2.0  # a server may need a moment to see that a process died
_LOCK_KEY = 0x414C4552  # the advisory lock on PostgreSQL, "ALER"


@contextmanager
def alone(ledger: Ledger) -> Iterator[None]:
    """Hold what one process at a time can hold; the system frees it when the process dies.

    Raises
    ------
    RingfenceError
        If another process holds it.
    """
    if ledger.engine.dialect.name != "postgresql":
        path = ledger.workspace.ledger.with_name(".alerts.lock")
        with locked(path, timeout_seconds=WAIT_SECONDS):
            yield
        return
    with ledger.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        deadline = time.monotonic() + WAIT_SECONDS
        take = text("SELECT pg_try_advisory_lock(:key)")
        while not connection.execute(take, {"key": _LOCK_KEY}).scalar_one():
            if time.monotonic() > deadline:
                raise RingfenceError(to_say("refused.ledger.busy"))
            time.sleep(0.05)
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK_KEY})
