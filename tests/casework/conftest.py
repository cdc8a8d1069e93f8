"""Ledgers for the tests: SQLite in a new workspace, and a real PostgreSQL where one can run."""

import itertools
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from casework.audit import Actor
from casework.ledger import VARIABLE, Ledger, open_ledger
from graph.load import clear
from graph.store import Store, open_store
from ingest.workspace import Workspace
from tests.casework import postgres_local

AWAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_NUMBERS = itertools.count(1)


class Clock:
    """Tells the time it was set to, and a second more each time it is asked."""

    def __init__(self, now: datetime = AWAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_local.Postgres]:
    """A real PostgreSQL; where none can run the tests are skipped, or fail if it is required."""
    reason = postgres_local.unavailable()
    if reason is not None:
        say = pytest.fail if os.environ.get("REQUIRE_POSTGRESQL") == "1" else pytest.skip
        say(f"NOT TESTED ON POSTGRESQL: {reason}")
    server = postgres_local.start()
    yield server
    postgres_local.stop(server)


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_environ(request: pytest.FixtureRequest) -> dict[str, str]:
    """What the environment must hold for a new, empty ledger of each kind in turn."""
    if request.param == "sqlite":
        return {}
    server: postgres_local.Postgres = request.getfixturevalue("postgres")
    name = f"ledger_{next(_NUMBERS)}"
    url = server.url("postgres").replace("postgresql:", "postgresql+psycopg:")
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return {VARIABLE: server.url(name)}


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite ledger that was made as any is, to be copied: its steps are run once."""
    workspace = Workspace(tmp_path_factory.mktemp("ledger"))
    with open_ledger(workspace, environ={}):
        pass
    return workspace.ledger


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A new workspace with nothing in it."""
    found = Workspace(tmp_path / "county")
    found.root.mkdir()
    return found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(workspace: Workspace, ledger_environ: dict[str, str], clock: Clock) -> Iterator[Ledger]:
    """An open, empty ledger of each kind in turn."""
    with open_ledger(workspace, environ=ledger_environ, clock=clock) as opened:
        yield opened


@pytest.fixture
def sqlite(workspace: Workspace, clock: Clock, empty_ledger: Path) -> Iterator[Ledger]:
    """An open, empty ledger in a file of the workspace."""
    shutil.copy2(empty_ledger, workspace.ledger)
    with open_ledger(workspace, environ={}, clock=clock) as opened:
        yield opened


@pytest.fixture
def graph(embedded_folder: Path, workspace: Workspace) -> Iterator[Store]:
    """An open, empty graph of the workspace on the embedded server."""
    workspace.graph.symlink_to(embedded_folder)
    with open_store(workspace, environ={}) as opened:
        yield opened
        clear(opened)


@pytest.fixture
def analyst() -> Actor:
    return Actor(name="invented analyst")


assert VARIABLE not in os.environ, f"unset {VARIABLE}: tests make ledgers of their own"
