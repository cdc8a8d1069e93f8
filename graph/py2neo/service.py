"""The server behind graphs: one driver, its sessions, its version and its list of graphs."""

import functools
import weakref
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

from neo4j import READ_ACCESS, WRITE_ACCESS, Driver, GraphDatabase, Session
from typing_extensions import override

from graph import embedded
from graph.py2neo.errors import ConnectionUnavailable, Neo4jError, translated
from graph.py2neo.profiles import ServiceProfile
from graph.store import Store

# Settings of py2neo's connector, and what the driver calls them.
DRIVER_SETTINGS = {
    "user_agent": "user_agent",
    "max_size": "max_connection_pool_size",
    "max_connections": "max_connection_pool_size",
    "max_age": "max_connection_lifetime",
}
# The driver opens connections and finds routes as they are needed.
OWN_BUSINESS = ("init_size", "routing_refresh_ttl")
# From this version of the protocol on, a server can be asked to keep its hints to itself; ``id()``,
# on which py2neo's identities rest, would be one with every statement.
SILENT_FROM = (5, 2)

# In the name of the server on which a change of labels changes identities.
MOVING = "ArcadeDB"


@functools.total_ordering
class KernelVersion:
    """A version such as 5.26.0, compared with another, with a tuple, or with what prints so."""

    def __init__(self, version: Any) -> None:
        # What follows a hyphen, such as -aura, is no part of the order.
        parts = version if isinstance(version, tuple) else str(version).split("-")[0].split(".")
        self.release = tuple(int(each) for each in parts)
        self.major, self.minor, self.micro = (*self.release, 0, 0)[:3]

    @override
    def __repr__(self) -> str:
        return f"<Version('{self}')>"

    @override
    def __str__(self) -> str:
        return ".".join(map(str, self.release))

    @override
    def __eq__(self, other: object) -> bool:
        return self._padded() == KernelVersion(other)._padded()

    def __lt__(self, other: object) -> bool:
        return self._padded() < KernelVersion(other)._padded()

    @override
    def __hash__(self) -> int:
        return hash(self._padded())

    def _padded(self) -> tuple[int, ...]:
        return (*self.release, *(0,) * (4 - len(self.release)))


class GraphService:
    """A server, or a cluster of them. Iterating gives the names of its graphs, an item the graph.

    ``profile`` is a URI, a profile, or an open :class:`graph.store.Store`; settings are those of
    :class:`ServiceProfile`, ``user_agent``, ``max_connections`` and ``max_age`` (seconds). The
    connection is tried at once; it is closed by :meth:`close`, or when nothing refers to it.
    ``moves`` says whether identities change with labels, as they do on the embedded server.

    Raises
    ------
    ConnectionUnavailable
        If the server cannot be reached or refuses the user.
    ValueError
        If a setting is not known or the protocol is HTTP.
    """

    def __init__(self, profile: Any = None, **settings: Any) -> None:
        self._store = profile if isinstance(profile, Store) else None
        self._stack = ExitStack()
        if self._store:
            self._writer, self._reader = self._store.writer, self._store.reader
            with translated():
                address = self._writer.get_server_info().address
            user = embedded.WRITER if self._store.server else None
            self.profile = ServiceProfile(address=tuple(address)[:2], user=user, **settings)
        else:
            options = {
                DRIVER_SETTINGS[k]: settings.pop(k) for k in DRIVER_SETTINGS if k in settings
            }
            for each in OWN_BUSINESS:
                settings.pop(each, None)
            self.profile = ServiceProfile(profile, **settings)
            self._writer = self._reader = self._stack.enter_context(_driver(self.profile, options))
        self._finish = weakref.finalize(self, self._stack.close)
        self.moves = False
        self._silence = self._greeted()

    @override
    def __repr__(self) -> str:
        return f"<{type(self).__name__} uri={self.uri!r} secure={self.profile.secure!r}>"

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, GraphService) and self.uri == other.uri

    @override
    def __hash__(self) -> int:
        return hash(self.uri)

    def __iter__(self) -> Iterator[str]:
        with self.session(None, readonly=True) as session, translated():
            rows = session.run("SHOW DATABASES YIELD name").values()
        return iter(sorted({name for (name,) in rows}))

    def __getitem__(self, name: str | None) -> Any:
        from graph.py2neo.database import Graph, SystemGraph  # which open a service themselves

        if name is not None and name not in self.keys():
            raise KeyError(f"Graph {name!r} does not exist for service {self.uri!r}")
        kind = SystemGraph if name == "system" else Graph
        return kind.on(self, name)

    def keep(self, stack: ExitStack) -> None:
        """Close ``stack`` too when this is closed."""
        self._stack.push(stack)

    def close(self) -> None:
        """Close every connection; the graphs of this service cannot be used any more."""
        self._finish()

    def session(self, name: str | None, *, readonly: bool) -> Session:
        """Return a session on a graph, None for the default one.

        Read-only ones use the account that cannot write where a workspace is open.
        """
        driver = self._reader if readonly else self._writer
        return driver.session(
            database=name or (self._store.database if self._store else None),
            default_access_mode=READ_ACCESS if readonly else WRITE_ACCESS,
            **self._silence,
        )

    @property
    def uri(self) -> str:
        """The address, without user and password."""
        return self.profile.uri

    @property
    def default_graph(self) -> Any:
        """The graph that is meant when none is named."""
        return self[None]

    @property
    def system_graph(self) -> Any:
        """The graph of the server's own administration."""
        return self["system"]

    def keys(self) -> list[str]:
        """Return the names of all graphs."""
        return list(self)

    @property
    def kernel_version(self) -> KernelVersion:
        """The version of the server; of the embedded one, the Neo4j it stands in for."""
        return KernelVersion(self._component()["versions"][0])

    @property
    def product(self) -> str:
        """Name, version and edition of the server."""
        found = self._component()
        return f"{found['name']} {' '.join(found['versions'])} ({found['edition'].title()})"

    @property
    def config(self) -> dict[str, Any]:
        """The server's settings.

        Raises
        ------
        Neo4jError
            If it does not tell, as the embedded one.
        """
        rows = self.default_graph.run("SHOW SETTINGS YIELD name, value")
        return {record["name"]: record["value"] for record in rows}

    def _component(self) -> Mapping[str, Any]:
        components = self.default_graph.run("CALL dbms.components()").data()
        (kernel,) = [each for each in components if each["name"] == "Neo4j Kernel"]
        found: Mapping[str, Any] = kernel
        return found

    def _greeted(self) -> dict[str, Any]:
        try:
            with translated():
                found = self._writer.get_server_info()
        except (ConnectionUnavailable, Neo4jError) as error:
            self.close()
            raise ConnectionUnavailable(f"Cannot open connection to {self.uri}: {error}") from error
        self.moves = MOVING in found.agent
        silent = found.protocol_version >= SILENT_FROM
        return {"notifications_min_severity": "OFF"} if silent else {}


def _driver(profile: ServiceProfile, options: dict[str, Any]) -> Driver:
    if profile.protocol != "bolt":
        raise ValueError(
            f"{profile.uri} asks for {profile.protocol.upper()}, and only Bolt is spoken: "
            "use bolt:// and the Bolt port, usually 7687."
        )
    return GraphDatabase.driver(profile.uri, auth=profile.auth, **options)
