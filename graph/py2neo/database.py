"""A graph: the door to all else."""

import os
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from inspect import isgenerator
from pathlib import Path
from typing import Any, Self

from typing_extensions import override

from graph.py2neo.cypher import Cursor
from graph.py2neo.cypher.proc import ProcedureLibrary
from graph.py2neo.errors import (
    ConnectionBroken,
    ConnectionLimit,
    ConnectionUnavailable,
    Neo4jError,
    ServiceUnavailable,
    WriteServiceUnavailable,
)
from graph.py2neo.matching import NodeMatcher, RelationshipMatch, RelationshipMatcher
from graph.py2neo.schema import Schema
from graph.py2neo.service import GraphService
from graph.py2neo.work import Transaction
from graph.store import Store, open_store
from ingest.workspace import Workspace

__all__ = ["Graph", "GraphService", "Schema", "SystemGraph", "Transaction"]

LEAST_TRIES = 3
DELETED_AT_ONCE = 10_000
AGAIN = (ConnectionUnavailable, ConnectionBroken, ConnectionLimit)


class Graph:
    """A graph of a server: ``Graph("bolt://host:7687", auth=("neo4j", "…"), name="sales")``.

    The profile and the settings are those of :class:`GraphService`; ``name`` is the database, None
    the server's default. ``Graph()`` alone is the graph that the environment names: the server of
    ``NEO4J_URI``, as in py2neo, and its database ``NEO4J_DATABASE``, as in the rest of Ringfence.
    ``Graph.of("county")`` opens the graph of a Ringfence workspace.
    """

    def __init__(self, profile: Any = None, name: str | None = None, **settings: Any) -> None:
        if profile is None and name is None and not settings:
            name = os.environ.get("NEO4J_DATABASE") or None
        self._set(GraphService(profile, **settings), name)

    @classmethod
    def on(cls, service: GraphService, name: str | None = None) -> Self:
        """Return a graph of a service that is open."""
        graph = cls.__new__(cls)
        graph._set(service, name)
        return graph

    @classmethod
    def of(
        cls, workspace: str | Path | Workspace | Store, *, environ: Mapping[str, str] | None = None
    ) -> Self:
        """Return the graph of a workspace, by its folder or an open store.

        Its server is started if need be, as by ``ringfence`` itself; with ``NEO4J_URI`` set it is
        that Neo4j. :meth:`query` and read-only transactions use the account that cannot write;
        everything else can, and a run's rings are in there: write to a copy.

        Raises
        ------
        RingfenceError
            If the server cannot be started or reached.
        """
        if isinstance(workspace, Store):
            return cls.on(GraphService(workspace))
        space = workspace if isinstance(workspace, Workspace) else Workspace(Path(workspace))
        with ExitStack() as stack:
            service = GraphService(stack.enter_context(open_store(space, environ=environ)))
            service.keep(stack.pop_all())
        return cls.on(service)

    def _set(self, service: GraphService, name: str | None) -> None:
        self.service = service
        self.name = name
        self.schema = Schema(self)

    @override
    def __repr__(self) -> str:
        named = "" if self.name is None else f", name={self.name!r}"
        return f"{type(self).__name__}({self.service.uri!r}{named})"

    @override
    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Graph) and self.service == other.service and self.name == other.name
        )

    @override
    def __hash__(self) -> int:
        return hash((self.service, self.name))

    def __len__(self) -> int:
        return len(self.relationships)

    def __bool__(self) -> bool:
        return True

    @property
    def call(self) -> ProcedureLibrary:
        """Procedures: ``graph.call.dbms.components()`` or ``graph.call("dbms.components")``."""
        return ProcedureLibrary(self)

    @property
    def nodes(self) -> NodeMatcher:
        """Find nodes."""
        return NodeMatcher(self)

    @property
    def relationships(self) -> RelationshipMatcher:
        """Find relationships."""
        return RelationshipMatcher(self)

    def auto(self, readonly: bool = False) -> Transaction:
        """Return a transaction for one statement, which commits by itself."""
        return Transaction(self, autocommit=True, readonly=readonly)

    def begin(self, readonly: bool = False) -> Transaction:
        """Return a transaction that takes effect by :meth:`commit`."""
        return Transaction(self, readonly=readonly)

    def commit(self, tx: Transaction | None) -> None:
        """Let everything in a transaction take effect.

        Raises
        ------
        TypeError
            If it is none, or closed.
        """
        if tx is None:
            return
        if not isinstance(tx, Transaction):
            raise TypeError(f"Bad transaction {tx!r}")
        if tx.closed:
            raise TypeError("Cannot commit closed transaction")
        tx.end(commit=True)

    def rollback(self, tx: Transaction | None) -> None:
        """Undo everything in a transaction; what is closed stays as it is.

        Raises
        ------
        TypeError
            If it is none.
        """
        if tx is None:
            return
        if not isinstance(tx, Transaction):
            raise TypeError(f"Bad transaction {tx!r}")
        if not tx.closed:
            tx.end(commit=False)

    def run(self, cypher: str, parameters: Any = None, **kwparameters: Any) -> Cursor:
        """Run a statement, once, and return its rows."""
        return self.auto().run(cypher, parameters, **kwparameters)

    def evaluate(self, cypher: str, parameters: Any = None, **kwparameters: Any) -> Any:
        """Run a statement and return the first value of the first row, or None."""
        return self.run(cypher, parameters, **kwparameters).evaluate()

    def query(self, cypher: str, parameters: Any = None, timeout: float | None = None) -> Cursor:
        """Ask without being able to write; again, if the server could not answer this time.

        ``timeout`` is in seconds: after three tries, no new one is begun later than this.

        Raises
        ------
        ServiceUnavailable
            If it never could.
        """
        for _ in _tries(timeout):
            try:
                return self.auto(readonly=True).run(cypher, parameters)
            except AGAIN:
                continue
            except Neo4jError as error:
                if not error.should_retry():
                    raise
        raise ServiceUnavailable("The question failed each time it was tried")

    def read(self, cypher: str, parameters: Any = None, **kwparameters: Any) -> Cursor:
        """Use ``graph.query``: this is the older form."""
        warnings.warn("Use graph.query(...)", DeprecationWarning, stacklevel=2)
        return self.query(cypher, dict(parameters or {}, **kwparameters))

    def update(self, cypher: Any, parameters: Any = None, timeout: float | None = None) -> None:
        """Do a unit of work that changes the graph, again if the server could not this time.

        The work is a statement with its parameters, or a function of a transaction with its
        arguments: a sequence, a mapping, or a pair of both. It may be called several times.

        Raises
        ------
        TypeError
            If the work is neither, or a function's arguments are none of those.
        WriteServiceUnavailable
            If it never could.
        """
        if isinstance(cypher, str):
            self._update(lambda tx: tx.update(cypher, parameters), timeout)
            return
        if not callable(cypher):
            raise TypeError(f"{cypher!r} is neither a statement nor a function")
        args, kwargs = _arguments(parameters)
        self._update(lambda tx: cypher(tx, *args, **kwargs), timeout)

    def delete_all(self) -> None:
        """Delete every node and relationship, ten thousand nodes at a time: not as one work."""
        text = f"MATCH (a) WITH a LIMIT {DELETED_AT_ONCE} DETACH DELETE a"
        while self.run(text).stats().get("nodes_deleted"):
            pass

    def create(self, subgraph: Any) -> None:
        """Create nodes that are not bound, and relationships that are not, as MERGE does."""
        self.update(lambda tx: tx.create(subgraph))

    def delete(self, subgraph: Any) -> None:
        """Delete bound nodes, a relationship's ends too, with every relationship they have."""
        self.update(lambda tx: tx.delete(subgraph))

    def exists(self, subgraph: Any) -> bool:
        """Whether all of it is bound and in the graph."""
        return self.auto(readonly=True).exists(subgraph)

    def merge(self, subgraph: Any, label: Any = None, *property_keys: Any) -> None:
        """Find nodes by label and properties or create them; see :meth:`Transaction.merge`."""
        self.update(lambda tx: tx.merge(subgraph, label, property_keys or None))

    def pull(self, subgraph: Any) -> None:
        """Bring the local side of what is bound up to date."""
        self.update(lambda tx: tx.pull(subgraph))

    def push(self, subgraph: Any) -> None:
        """Bring the graph's side of what is bound up to date."""
        self.update(lambda tx: tx.push(subgraph))

    def separate(self, subgraph: Any) -> None:
        """Delete bound relationships and leave the nodes."""
        self.update(lambda tx: tx.separate(subgraph))

    def match(
        self, nodes: Any = None, r_type: Any = None, limit: int | None = None
    ) -> RelationshipMatch:
        """Return the relationships between these nodes, of these types."""
        return self.relationships.match(nodes, r_type).limit(limit)

    def match_one(self, nodes: Any = None, r_type: Any = None) -> Any:
        """Return one such relationship, or None."""
        return self.match(nodes, r_type).first()

    def close(self) -> None:
        """Close the connections of the service, for every graph of it."""
        self.service.close()

    def _update(self, work: Callable[[Transaction], Any], timeout: float | None) -> None:
        for _ in _tries(timeout):
            tx: Transaction | None = None
            try:
                tx = self.begin()
                value = work(tx)
                if isgenerator(value):
                    list(value)
                self.commit(tx)
            except AGAIN:
                self.rollback(tx)
            except Neo4jError as error:
                self.rollback(tx)
                if not error.should_retry():
                    raise
            except BaseException:
                self.rollback(tx)
                raise
            else:
                return
        raise WriteServiceUnavailable("The update failed each time it was tried")


class SystemGraph(Graph):
    """The graph of the server's own administration."""

    def __init__(self, profile: Any = None, **settings: Any) -> None:
        super().__init__(profile, **{**settings, "name": "system"})

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.service.uri!r})"


def _tries(timeout: float | None) -> Iterator[int]:
    """Yield at least three times, and until the time is up."""
    deadline = time.monotonic() + (timeout or 0)
    tried = 0
    while tried < LEAST_TRIES or time.monotonic() < deadline:
        yield tried
        tried += 1


def _arguments(parameters: Any) -> tuple[Sequence[Any], Mapping[str, Any]]:
    if parameters is None:
        return (), {}
    if isinstance(parameters, Mapping):
        return (), parameters
    if isinstance(parameters, Sequence):
        if (
            isinstance(parameters, tuple)
            and len(parameters) == 2
            and isinstance(parameters[0], Sequence)
            and isinstance(parameters[1], Mapping)
        ):
            return parameters
        return parameters, {}
    raise TypeError("The arguments are a sequence, a mapping, or a pair of both")
