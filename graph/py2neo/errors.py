"""Errors with the names, attributes and messages of py2neo's, raised from those of the driver."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from neo4j import exceptions as raised
from typing_extensions import override

__all__ = [
    "ClientError",
    "ConnectionBroken",
    "ConnectionLimit",
    "ConnectionUnavailable",
    "DatabaseError",
    "Neo4jError",
    "ProtocolError",
    "ServiceUnavailable",
    "TransientError",
    "WriteServiceUnavailable",
]

NOT_A_LEADER = ("Cluster", "NotALeader")
UNKNOWN = "Neo.DatabaseError.General.UnknownError"
NO_TRANSACTION = "Neo.ClientError.Transaction.TransactionNotFound"


class Neo4jError(Exception):
    """What a server answered instead of a result; its status code decides the subclass.

    Raises
    ------
    ValueError
        If ``code`` is not ``Neo.<classification>.<category>.<title>``.
    """

    def __new__(cls, message: str, code: Any) -> "Neo4jError":  # noqa: ARG004 - __init__ takes it
        """Return an error of the class that the code names."""
        kind = _KINDS.get(cls.split_code(code)[0], cls)
        return super().__new__(kind if issubclass(kind, cls) else cls)

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.classification, self.category, self.title = self.split_code(code)

    @override
    def __str__(self) -> str:
        return f"[{self.category}.{self.title}] {self.message}"

    @override
    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.code)

    @staticmethod
    def split_code(code: Any) -> tuple[str, str, str]:
        """Return classification, category and title of a status code."""
        parts = code.split(".") if isinstance(code, str) else []
        if len(parts) != 4 or parts[0] != "Neo":
            raise ValueError(code)
        return parts[1], parts[2], parts[3]

    @classmethod
    def hydrate(cls, data: dict[str, Any]) -> "Neo4jError":
        """Return the error for a server's ``{"code": ..., "message": ...}``."""
        return cls(data.get("message") or "", data.get("code") or "")

    def should_retry(self) -> bool:
        """Whether the same work may succeed when done again."""
        return False

    def should_invalidate_routing_table(self) -> bool:
        """Whether the server says that another one leads now; the driver looks that up itself."""
        return False


class ClientError(Neo4jError):
    """The statement was wrong, or not allowed."""

    @override
    def should_retry(self) -> bool:
        return (self.category, self.title) == NOT_A_LEADER

    @override
    def should_invalidate_routing_table(self) -> bool:
        return self.should_retry()


class DatabaseError(Neo4jError):
    """The server failed."""


class TransientError(Neo4jError):
    """The server could not do it this time."""

    @override
    def should_retry(self) -> bool:
        return True


class ConnectionUnavailable(Exception):
    """No connection could be opened, or its user was refused."""


class ConnectionBroken(Exception):
    """A connection broke while it was used."""


class ConnectionLimit(Exception):
    """All permitted connections are in use."""


class ServiceUnavailable(Exception):
    """No server of the installation took the work, after several tries."""


class WriteServiceUnavailable(ServiceUnavailable):
    """No server took the write, though one may still answer questions."""


class ProtocolError(Exception):
    """What came over the wire was not understood."""


_KINDS: dict[str, type[Neo4jError]] = {
    "ClientError": ClientError,
    "DatabaseError": DatabaseError,
    "TransientError": TransientError,
}


@contextmanager
def translated() -> Iterator[None]:
    """Raise what the driver raises inside as the error that py2neo has for it."""
    try:
        yield
    except raised.AuthError as error:
        raise ConnectionUnavailable(f"The server refused the user: {_message(error)}") from error
    except raised.Neo4jError as error:
        raise _answered(error) from error
    except raised.WriteServiceUnavailable as error:
        raise WriteServiceUnavailable(str(error)) from error
    except (raised.RoutingServiceUnavailable, raised.ReadServiceUnavailable) as error:
        raise ServiceUnavailable(str(error)) from error
    except raised.ConnectionAcquisitionTimeoutError as error:
        raise ConnectionLimit(str(error)) from error
    except (raised.IncompleteCommit, raised.SessionExpired) as error:
        raise ConnectionBroken(str(error)) from error
    except raised.ServiceUnavailable as error:
        raise ConnectionUnavailable(str(error)) from error
    except (raised.TransactionError, raised.SessionError) as error:
        raise Neo4jError(str(error), NO_TRANSACTION) from error
    except raised.UnsupportedServerProduct as error:
        raise ProtocolError(str(error)) from error


def _answered(error: raised.Neo4jError) -> Neo4jError:
    try:
        return Neo4jError(_message(error), error.code or UNKNOWN)
    except ValueError:
        return Neo4jError(_message(error), UNKNOWN)


def _message(error: raised.Neo4jError) -> str:
    return error.message or str(error)
