"""Where the ledger is kept: SQLite in the workspace, or the PostgreSQL that RINGFENCE_LEDGER names.

Both behave alike: one writer at a time, a transaction is whole or absent, and opening the ledger
brings its tables up to date.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError, OperationalError

from casework import tables_checks, tables_news, tables_papers, tables_people  # noqa: F401 - declared
from casework.anchor import Anchor, advance
from casework.canonical import utc_now
from casework.tables import REVISION
from graph.lock import locked
from ingest.errors import RingfenceError
from ingest.telling import Text, to_say
from ingest.workspace import Workspace

VARIABLE = "RINGFENCE_LEDGER"
MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 30  # how long a writer waits for another
WRITES = "ledger_writes"  # execution option of a connection that may write
HEAD = "ledger_audit_head"  # where audit.append leaves the new head, in Connection.info
LOCK_KEY = 0x52494E47  # the advisory lock of writers on PostgreSQL, "RING"
_HEIRS = (OperationalError, InterfaceError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """An open ledger; ``clock`` tells the time in UTC."""

    engine: Engine
    workspace: Workspace
    clock: Callable[[], datetime]

    @property
    def anchor(self) -> Path:
        """Where the head of the audit chain is written after each change."""
        return self.workspace.ledger.with_name("ledger.anchor")


@contextmanager
def open_ledger(
    workspace: Workspace,
    *,
    environ: Mapping[str, str] | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Iterator[Ledger]:
    """Yield the ledger of a workspace, made if need be, its tables those of this version.

    ``environ`` stands in for the process environment. Only the owner can read a new SQLite file.

    Raises
    ------
    RingfenceError
        If there is no such workspace, the address is none, the database does not answer, or a newer
        version of Ringfence wrote the ledger.
    """
    if not workspace.root.is_dir():
        raise RingfenceError(to_say("refused.ledger.no_workspace", root=workspace.root))
    engine = _engine(workspace, os.environ if environ is None else environ)
    ledger = Ledger(engine=engine, workspace=workspace, clock=clock)
    try:
        _bring_up_to_date(ledger)
        yield ledger
    finally:
        engine.dispose()


@contextmanager
def writing(ledger: Ledger) -> Iterator[Connection]:
    """Yield a connection in one transaction that may write; it is kept if the block ends well.

    No other process writes meanwhile. The anchor follows once the transaction is kept.
    """
    with _spoken(ledger), ledger.engine.connect() as plain:
        connection = plain.execution_options(**{WRITES: True})
        connection.info.pop(HEAD, None)
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
            yield connection
        head: Anchor | None = connection.info.pop(HEAD, None)
    if head is not None:
        with reading(ledger) as connection:
            advance(ledger.anchor, connection, head)


@contextmanager
def reading(ledger: Ledger) -> Iterator[Connection]:
    """Yield a connection that sees one state of the ledger and waits for no writer."""
    with _spoken(ledger), ledger.engine.connect() as plain:
        level = "REPEATABLE READ" if plain.dialect.name == "postgresql" else None
        connection = plain.execution_options(isolation_level=level) if level else plain
        with connection.begin():
            yield connection


def revision(connection: Connection) -> str | None:
    """Return the migration that a database stands at, None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version"))
    return found.scalar_one_or_none()


def _engine(workspace: Workspace, environ: Mapping[str, str]) -> Engine:
    named = environ.get(VARIABLE)
    if not named:
        _new_file(workspace.ledger)
        return _sqlite(URL.create("sqlite", database=str(workspace.ledger.resolve())))
    try:
        url = make_url(named)
    except (ArgumentError, ValueError) as error:
        raise RingfenceError(to_say("refused.ledger.address", variable=VARIABLE)) from error
    if url.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise RingfenceError(
            to_say("refused.ledger.database", variable=VARIABLE, drivername=url.drivername)
        )
    try:
        return create_engine(url.set(drivername="postgresql+psycopg"), pool_size=2)
    except ModuleNotFoundError as error:
        raise RingfenceError(to_say("refused.ledger.no_driver", variable=VARIABLE)) from error


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # transactions begin where the handler below says so
        for pragma in ("foreign_keys = ON", "synchronous = FULL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _new_file(path: Path) -> None:
    """Make the SQLite file, never open to others, in WAL mode, which it keeps.

    The switch to WAL waits for nobody, so that two processes must not try it at once.
    """
    if path.exists() and path.stat().st_size:
        return
    with locked(path.with_name(f".{path.name}.lock"), timeout_seconds=BUSY_SECONDS):
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")


def _bring_up_to_date(ledger: Ledger) -> None:
    with reading(ledger) as connection:
        if revision(connection) == REVISION:
            return
    # Heavy, and needed only where something is to be done.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with writing(ledger) as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise RingfenceError(
                to_say("refused.ledger.newer", place=_place(ledger), error=error)
            ) from error


@contextmanager
def _spoken(ledger: Ledger) -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        if not isinstance(error, _HEIRS) and type(error) is not DatabaseError:
            raise  # a broken rule of the tables: a fault of ours
        raise _refusal(ledger, error.orig) from error
    except InterfaceError as error:
        raise _refusal(ledger, error.orig) from error


def _refusal(ledger: Ledger, error: Any) -> RingfenceError:
    said = " ".join(str(error).split())
    return RingfenceError(to_say("refused.ledger.unusable", place=_place(ledger), said=said))


def _place(ledger: Ledger) -> Text:
    return to_say(
        "refused.ledger.place", address=ledger.engine.url.render_as_string(hide_password=True)
    )
