"""Where the graph is kept: one driver, one dialect, two servers.

Without ``NEO4J_URI`` the workspace's own embedded server is used, and started if need be. With it
the same code uses that Neo4j. What differs between the two is in this file and in ``embedded*``.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from neo4j import READ_ACCESS, WRITE_ACCESS, Driver, GraphDatabase, Query, Session
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from graph import embedded
from ingest.errors import RingfenceError
from ingest.telling import to_say
from ingest.workspace import Workspace

Flavour = Literal["embedded", "neo4j"]

# Code of the error each server raises when a statement ran out of time, or tried to write.
TIMED_OUT = ("TransactionTimedOut", "TimeoutException", "timed out", "timeout")
FORBIDDEN = ("Security.Forbidden", "Statement.AccessMode")


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """An open graph. ``writer`` writes; ``reader`` is for questions and cannot.

    On the embedded server the two are different accounts; on Neo4j Community, which has no roles,
    they are one account and :func:`reading` asks in READ access mode, which that server enforces.
    """

    flavour: Flavour
    workspace: Workspace
    writer: Driver = field(repr=False)
    reader: Driver = field(repr=False)
    server: embedded.Server | None = None
    fixed_database: str | None = None

    @property
    def database(self) -> str:
        """The database that holds the graph; on the embedded server a load puts a new one there."""
        if self.fixed_database is None and self.server is not None:
            return embedded.database_of(self.server)
        return self.fixed_database or embedded.DATABASE


@contextmanager
def open_store(
    workspace: Workspace, *, environ: Mapping[str, str] | None = None, heap: str = "1g"
) -> Iterator[Store]:
    """Yield the graph of a workspace; ``environ`` stands in for the process environment.

    ``NEO4J_URI`` names a Neo4j server, with ``NEO4J_USER`` (default neo4j), ``NEO4J_PASSWORD`` and
    ``NEO4J_DATABASE`` (default neo4j). Otherwise the embedded server below ``workspace.graph`` is
    found or started with a JVM heap of ``heap``; it keeps running after the block, for the next.

    Raises
    ------
    RingfenceError
        If no server can be reached, or it refuses the password.
    """
    settings = os.environ if environ is None else environ
    if settings.get("NEO4J_URI"):
        with _neo4j(workspace, settings) as store:
            yield store
        return
    server = embedded.start(workspace.graph, heap=heap)
    with (
        GraphDatabase.driver(server.uri, auth=(embedded.WRITER, server.password)) as writer,
        GraphDatabase.driver(server.uri, auth=(embedded.READER, server.reader_password)) as reader,
    ):
        yield Store(
            flavour="embedded", workspace=workspace, writer=writer, reader=reader, server=server
        )


@contextmanager
def writing(store: Store) -> Iterator[Session]:
    """Yield a session that may write; a statement that fails raises a :class:`RingfenceError`."""
    with (
        _spoken(),
        store.writer.session(
            database=store.database, default_access_mode=WRITE_ACCESS, **_silence(store)
        ) as session,
    ):
        yield session


@contextmanager
def reading(store: Store, *, hints: bool = True) -> Iterator[Session]:
    """Yield a session that cannot write, whatever it is asked; failures as :func:`writing`.

    Without ``hints`` Neo4j keeps to itself what it has to say of a query, such as a label that no
    node has yet; with them they are in the result's summary, and in the log.
    """
    with (
        _spoken(),
        store.reader.session(
            database=store.database,
            default_access_mode=READ_ACCESS,
            **({} if hints else _silence(store)),
        ) as session,
    ):
        yield session


def limited(store: Store, text: str, seconds: float) -> Query:
    """Return a statement with its time limit, where the server takes one from the client."""
    if store.flavour == "embedded":
        return Query(text)
    return Query(text, timeout=max(seconds, 0.001))


def server_limit_seconds(store: Store) -> float | None:
    """Return the server's own limit for a statement where a client cannot ask for less."""
    return store.server.limit_seconds if store.server else None


def settled(store: Store, session: Session) -> None:
    """Wait until indexes are online; the embedded server builds them before it answers."""
    if store.flavour == "neo4j":
        session.run("CALL db.awaitIndexes(300)").consume()


def refusal(error: Exception) -> RingfenceError:
    """Say in one sentence why a server did not do what it was asked."""
    code = getattr(error, "code", None) or ""
    message = " ".join((getattr(error, "message", None) or str(error)).split())
    if any(part in code for part in FORBIDDEN):
        return RingfenceError(to_say("refused.question.forbidden", message=message))
    if any(part in code or part in message for part in TIMED_OUT):
        return RingfenceError(to_say("refused.question.stopped", message=message))
    if isinstance(error, DriverError):
        return RingfenceError(to_say("refused.graph.gone", message=message))
    return RingfenceError(to_say("refused.question.refused", message=message))


def _silence(store: Store) -> dict[str, Any]:
    """Return settings that stop Neo4j's hints (a label no row has yet) from reaching users' logs.

    The embedded server gives none and does not know the setting.
    """
    return {"notifications_min_severity": "OFF"} if store.flavour == "neo4j" else {}


@contextmanager
def _spoken() -> Iterator[None]:
    try:
        yield
    except (Neo4jError, DriverError) as error:
        raise refusal(error) from error


@contextmanager
def _neo4j(workspace: Workspace, settings: Mapping[str, str]) -> Iterator[Store]:
    uri, user = settings["NEO4J_URI"], settings.get("NEO4J_USER", "neo4j")
    password = settings.get("NEO4J_PASSWORD")
    if not password:
        raise RingfenceError(to_say("refused.graph.no_password", uri=uri))
    database = settings.get("NEO4J_DATABASE", "neo4j")
    try:
        driver = GraphDatabase.driver(uri, auth=(user, password))
    except (DriverError, ValueError) as wrong:
        raise RingfenceError(to_say("refused.graph.no_address", uri=uri, wrong=wrong)) from wrong
    with driver:
        _reach(driver, uri, user, database)
        yield Store(
            flavour="neo4j",
            workspace=workspace,
            writer=driver,
            reader=driver,
            fixed_database=database,
        )


def _reach(driver: Driver, uri: str, user: str, database: str) -> None:
    try:
        with driver.session(database=database) as session:
            session.run("RETURN 1 AS ready").consume()
    except AuthError as refused:
        raise RingfenceError(to_say("refused.graph.user", uri=uri, user=user)) from refused
    except (DriverError, Neo4jError, OSError) as broken:
        raise RingfenceError(
            to_say("refused.graph.database", uri=uri, database=database, broken=broken)
        ) from broken
