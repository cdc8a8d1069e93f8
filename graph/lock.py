"""A lock between processes that the system frees when its holder dies."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import RingfenceError
from ingest.telling import to_say


@contextmanager
def locked(path: Path, *, timeout_seconds: float) -> Iterator[None]:
    """Hold the lock file ``path`` during the block, waiting for it at most ``timeout_seconds``.

    Raises
    ------
    RingfenceError
        If another process holds it for longer.
    """
    deadline = time.monotonic() + timeout_seconds
    with path.open("ab") as file:
        while not _take(file.fileno()):
            if time.monotonic() > deadline:
                raise RingfenceError(to_say("refused.graph.busy", parent=path.parent))
            time.sleep(0.05)
        yield


def _take(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
