"""One unit of work on a graph: statements that take effect together, or each at once."""

import time
import warnings
import weakref
from typing import Any

from neo4j import Result, Session
from neo4j import Transaction as RemoteTransaction

from graph.py2neo import sync
from graph.py2neo.cypher import Cursor
from graph.py2neo.data import Entity
from graph.py2neo.errors import ConnectionBroken, ConnectionUnavailable, Neo4jError, translated
from graph.py2neo.hydration import hydrated
from graph.py2neo.subgraph import Subgraph

__all__ = ["Transaction"]

# What the driver adds to what the server said of a statement.
DRIVER_ONLY = ("query", "parameters", "server", "database", "has_more", "statuses")
LOOK_UP = "UNWIND $x AS i MATCH (_) WHERE id(_) = i RETURN i, labels(_), properties(_)"


class Transaction:
    """What :meth:`Graph.begin` and :meth:`Graph.auto` return.

    One that commits by itself takes a single statement. What was created in one that is rolled back
    is unbound again.
    """

    def __init__(self, graph: Any, autocommit: bool = False, readonly: bool = False) -> None:
        self.graph = graph
        self.readonly = readonly
        self.closed = False
        self.bookmark: Any = None
        self.profile = graph.service.profile
        self.time: float | None = None
        self.bound_here: list[Entity] = []
        self._began = time.monotonic()
        self._session: Session | None = None
        self._remote: RemoteTransaction | None = None
        if not autocommit:
            self._session = graph.service.session(graph.name, readonly=readonly)
            self._finish = weakref.finalize(self, self._session.close)
            with translated():
                self._remote = self._session.begin_transaction()

    def run(self, cypher: str, parameters: Any = None, **kwparameters: Any) -> Cursor:
        """Run a statement and return its rows.

        Raises
        ------
        Neo4jError
            If the server refuses it.
        TypeError
            If the work is done already, or a parameter has a type the server does not take.
        """
        if self.closed:
            raise TypeError("Cannot run query in closed transaction")
        values = dict(parameters or {}, **kwparameters)
        if self._remote is not None:
            with translated():
                return self._cursor(self._remote, cypher, values)
        self.closed = True
        session = self.graph.service.session(self.graph.name, readonly=self.readonly)
        with translated(), session:
            cursor = self._cursor(session, cypher, values)
            self._note(session)
        return cursor

    def aside(self, cypher: str, parameters: Any = None) -> Cursor:
        """Run a question within this transaction, or before the one statement it is for."""
        if self._remote is not None:
            return self.run(cypher, parameters)
        return Transaction(self.graph, autocommit=True, readonly=True).run(cypher, parameters)

    def evaluate(self, cypher: str, parameters: Any = None, **kwparameters: Any) -> Any:
        """Run a statement and return the first value of the first row, or None."""
        return self.run(cypher, parameters, **kwparameters).evaluate()

    def update(self, cypher: str, parameters: Any = None, **kwparameters: Any) -> None:
        """Run a statement for what it changes."""
        self.run(cypher, parameters, **kwparameters)

    def commit(self) -> None:
        """Use ``graph.commit(tx)``: this is the older form."""
        warnings.warn("Use graph.commit(transaction)", DeprecationWarning, stacklevel=2)
        self.graph.commit(self)

    def rollback(self) -> None:
        """Use ``graph.rollback(tx)``: this is the older form."""
        warnings.warn("Use graph.rollback(transaction)", DeprecationWarning, stacklevel=2)
        self.graph.rollback(self)

    def create(self, subgraph: Any) -> None:
        """Create nodes that are not bound, and relationships that are not, as MERGE does."""
        if self._remote is None:
            raise TypeError("Nothing is created in a transaction that commits by itself")
        sync.create(self, _checked(subgraph, "create"))

    def delete(self, subgraph: Any) -> None:
        """Delete bound nodes, a relationship's ends too, with every relationship they have."""
        sync.delete(self, _checked(subgraph, "delete"))

    def exists(self, subgraph: Any) -> bool:
        """Whether all of it is bound and in the graph."""
        return sync.exists(self, _checked(subgraph, "check existence of"))

    def merge(self, subgraph: Any, primary_label: Any = None, primary_key: Any = None) -> None:
        """Find nodes by label and key or create them, then relationships by ends and type.

        ``__primarylabel__`` and ``__primarykey__`` of a node go before the arguments. What is found
        takes on the properties and labels given here, and keeps others.
        """
        sync.merge(self, _checked(subgraph, "merge"), primary_label, primary_key)

    def pull(self, subgraph: Any) -> None:
        """Bring the local side of what is bound up to date."""
        sync.pull(self, _checked(subgraph, "pull"))

    def push(self, subgraph: Any) -> None:
        """Bring the graph's side of what is bound up to date."""
        sync.push(self, _checked(subgraph, "push"))

    def separate(self, subgraph: Any) -> None:
        """Delete bound relationships and leave the nodes."""
        sync.separate(self, _checked(subgraph, "separate"))

    def end(self, *, commit: bool) -> None:
        """Commit or roll back and give the connection back; the graph's methods call this."""
        try:
            if self._remote is not None and self._session is not None:
                with translated():
                    if commit:
                        self._remote.commit()
                    else:
                        self._remote.rollback()
                self._note(self._session)
        except (ConnectionBroken, ConnectionUnavailable):
            if commit:
                raise
        except Neo4jError:
            self._unbind()
            raise
        finally:
            self.closed = True
            if self._remote is not None:
                self._finish()
        if not commit:
            self._unbind()

    def _unbind(self) -> None:
        for entity in self.bound_here:
            entity.graph = entity.identity = None
        self.bound_here.clear()

    def _cursor(self, runner: Any, cypher: str, values: dict[str, Any]) -> Cursor:
        result = _sent(runner, cypher, values)
        fields, rows = list(result.keys()), [record.values() for record in result]
        metadata = {
            key: value for key, value in result.consume().metadata.items() if key not in DRIVER_ONLY
        }

        def look_up(identities: list[int]) -> Any:
            return [record.values() for record in _sent(runner, LOOK_UP, {"x": identities})]

        metadata["connection"] = self.profile
        return Cursor(fields, hydrated(self.graph, rows, look_up), metadata, profile=self.profile)

    def _note(self, session: Session) -> None:
        self.time = time.monotonic() - self._began
        self.bookmark = next(iter(session.last_bookmarks().raw_values), None)


def _sent(runner: Any, cypher: str, values: dict[str, Any]) -> Result:
    try:
        result: Result = runner.run(cypher, values)
    except ValueError as unfit:
        raise TypeError(str(unfit)) from unfit
    return result


def _checked(subgraph: Any, what: str) -> Subgraph:
    if not isinstance(subgraph, Subgraph):
        raise TypeError(f"No method defined to {what} object {subgraph!r}")
    return subgraph
