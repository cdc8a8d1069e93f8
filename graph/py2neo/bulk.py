"""Create or merge many nodes or relationships by one statement.

Rows are lists of values with ``keys`` naming them, or dictionaries. A key is ``("Person", "name")``
with more properties if need be, ``(("Person", "Female"), "name")`` for several labels; where None
may stand for a node's key, its identity is meant. Split what is large: one call is one statement.
"""

from collections.abc import Iterable
from typing import Any

from graph.py2neo.cypher.queries import (
    unwind_create_nodes_query,
    unwind_create_relationships_query,
    unwind_merge_nodes_query,
    unwind_merge_relationships_query,
)

__all__ = ["create_nodes", "create_relationships", "merge_nodes", "merge_relationships"]


def create_nodes(tx: Any, data: Iterable[Any], labels: Any = None, keys: Any = None) -> None:
    """Create a node with these labels for each row."""
    tx.run(*unwind_create_nodes_query(data, labels, keys))


def merge_nodes(
    tx: Any,
    data: Iterable[Any],
    merge_key: Any,
    labels: Any = None,
    keys: Any = None,
    preserve: Any = None,
) -> None:
    """Update the node that has the row's values of ``merge_key``, or create it.

    ``labels`` are added to new and old nodes; properties in ``preserve`` are set on new ones only.
    """
    tx.run(*unwind_merge_nodes_query(data, merge_key, labels, keys, preserve))


def create_relationships(
    tx: Any,
    data: Iterable[Any],
    rel_type: str,
    start_node_key: Any = None,
    end_node_key: Any = None,
    keys: Any = None,
) -> None:
    """Create a relationship for each row of start node, properties and end node.

    A row whose start or end is not in the graph creates nothing; several matches create several.
    """
    tx.run(*unwind_create_relationships_query(data, rel_type, start_node_key, end_node_key, keys))


def merge_relationships(
    tx: Any,
    data: Iterable[Any],
    merge_key: Any,
    start_node_key: Any = None,
    end_node_key: Any = None,
    keys: Any = None,
    preserve: Any = None,
) -> None:
    """Update the relationship between the row's nodes with the type and values, or create it."""
    tx.run(
        *unwind_merge_relationships_query(
            data, merge_key, start_node_key, end_node_key, keys, preserve
        )
    )
