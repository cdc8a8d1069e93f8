"""What runs Cypher hands out, and names and values as Cypher text."""

from typing import Any

from graph.py2neo.cypher.cursor import Cursor
from graph.py2neo.cypher.encoding import (
    CypherExpression,
    cypher_escape,
    cypher_repr,
    cypher_str,
)
from graph.py2neo.cypher.records import Record

__all__ = [
    "Cursor",
    "CypherExpression",
    "Record",
    "cypher_escape",
    "cypher_join",
    "cypher_repr",
    "cypher_str",
]


def cypher_join(*clauses: Any, **parameters: Any) -> tuple[str, dict[str, Any]]:
    """Return one statement with its parameters from clauses with or without parameters.

    None is passed over; ``parameters`` go before those of the clauses.

    Raises
    ------
    ValueError
        If a clause is a tuple of other than text and parameters.
    """
    texts: list[str] = []
    joined: dict[str, Any] = {}
    for clause in clauses:
        if clause is None:
            continue
        if isinstance(clause, str):
            texts.append(clause)
        elif len(clause) == 2:
            texts.append(clause[0])
            joined.update(clause[1] or {})
        else:
            raise ValueError(f"Expected text, or text and parameters: {clause!r}")
    return "\n".join(texts), {**joined, **parameters}
