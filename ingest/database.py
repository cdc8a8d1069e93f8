"""The throw-away DuckDB database in which one import is made."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from ingest.errors import RingfenceError
from ingest.telling import to_say


@contextmanager
def scratch_database(work: Path, memory: str, threads: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a database on disk below ``work``; what exceeds ``memory`` spills there too.

    Raises
    ------
    RingfenceError
        If memory or disk do not suffice, or ``memory`` is no amount.
    """
    try:
        with closing(duckdb.connect(str(work / "stage.duckdb"))) as con:
            _limit(con, memory)
            con.execute("SET threads = ?", [threads])
            con.execute("SET temp_directory = ?", [str(work / "spill")])
            con.execute("SET enable_progress_bar = false")
            yield con
    except duckdb.OutOfMemoryException:
        raise RingfenceError(to_say("refused.import.memory", memory=memory)) from None
    except duckdb.Error as error:
        if not could_not_write(error):
            raise
        raise RingfenceError(
            to_say("refused.import.disk", reason=str(error).splitlines()[0])
        ) from None


def could_not_write(error: duckdb.Error) -> bool:
    """Return whether DuckDB failed for want of disk; the class of such errors differs."""
    return any(words in str(error) for words in ("Could not write", "No space left"))


def _limit(con: duckdb.DuckDBPyConnection, memory: str) -> None:
    try:
        con.execute("SET memory_limit = ?", [memory])
    except duckdb.Error:
        raise RingfenceError(to_say("refused.import.no_memory", memory=memory)) from None
