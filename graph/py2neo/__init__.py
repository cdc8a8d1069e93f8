"""py2neo, as notebooks know it, over the official driver: change one import line.

``from py2neo import Graph`` becomes ``from graph.py2neo import Graph``, and so for ``py2neo.data``,
``.matching``, ``.bulk``, ``.errors``, ``.cypher``, ``.database`` and ``.integration``. A package
and not one file, so that those modules are found under the names that notebooks import.

Behaviour follows py2neo 2021.2; what differs and what was left out stands in ``docs/py2neo.md``.
Written for this package from py2neo's documentation and behaviour; none of its code is in here.
"""

from graph.py2neo import data, database, errors, matching
from graph.py2neo.cypher import Cursor, Record
from graph.py2neo.data import *  # noqa: F403
from graph.py2neo.database import *  # noqa: F403
from graph.py2neo.errors import *  # noqa: F403
from graph.py2neo.integration import Table
from graph.py2neo.matching import *  # noqa: F403
from graph.py2neo.profiles import (
    DEFAULT_BOLT_PORT,
    DEFAULT_HOST,
    DEFAULT_HTTP_PORT,
    DEFAULT_HTTPS_PORT,
    DEFAULT_PASSWORD,
    DEFAULT_PROTOCOL,
    DEFAULT_SECURE,
    DEFAULT_USER,
    DEFAULT_VERIFY,
    ConnectionProfile,
    ServiceProfile,
)

__all__ = [  # noqa: PLE0604, RUF100
    "DEFAULT_BOLT_PORT",
    "DEFAULT_HOST",
    "DEFAULT_HTTPS_PORT",
    "DEFAULT_HTTP_PORT",
    "DEFAULT_PASSWORD",
    "DEFAULT_PROTOCOL",
    "DEFAULT_SECURE",
    "DEFAULT_USER",
    "DEFAULT_VERIFY",
    "ConnectionProfile",
    "Cursor",
    "Record",
    "ServiceProfile",
    "Table",
    *data.__all__,
    *database.__all__,
    *errors.__all__,
    *matching.__all__,
]
