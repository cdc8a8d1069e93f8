"""Values of the driver as ours: entities bound to the graph they came from."""

import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import neo4j.graph as remote

from graph.py2neo.data import Node, Path, Relationship

# Labels and properties of nodes, by identity.
LookUp = Callable[[list[int]], Iterable[tuple[int, list[str], dict[str, Any]]]]


def hydrated(graph: Any, rows: list[list[Any]], look_up: LookUp) -> list[list[Any]]:
    """Return rows with nodes, relationships and paths of ours, wherever in a value they are.

    A relationship that comes alone brings only the identities of its ends; these are looked up all
    at once, so that a row is whole (py2neo asks for each as it is touched).
    """
    # py2neo's identity is the number, which the driver deprecates and both servers still send.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        bare: dict[int, list[Node]] = {}
        found = [[_value(graph, value, bare) for value in row] for row in rows]
    if bare:
        for identity, labels, properties in look_up(sorted(bare)):
            for node in bare[identity]:
                _fill(node, labels, properties)
    return found


def _value(graph: Any, value: Any, bare: dict[int, list[Node]]) -> Any:
    if isinstance(value, remote.Node):
        return _node(graph, value)
    if isinstance(value, remote.Relationship):
        return _step(graph, value, bare)
    if isinstance(value, remote.Path):
        return Path(*_walked(graph, value, bare))
    if isinstance(value, list):
        return [_value(graph, each, bare) for each in value]
    if isinstance(value, dict):
        return {key: _value(graph, each, bare) for key, each in value.items()}
    return value


def _node(graph: Any, value: remote.Node) -> Node:
    node = Node()
    node.graph, node.identity = graph, value.id
    _fill(node, value.labels, dict(value.items()))
    return node


def _step(graph: Any, value: remote.Relationship, bare: dict[int, list[Node]]) -> Any:
    ends = []
    for each in value.nodes:
        if each is None:
            raise ValueError(f"The server sent a relationship without its ends: {value!r}")
        node = _node(graph, each)
        if not each.labels and not len(each):
            bare.setdefault(each.id, []).append(node)
        ends.append(node)
    step = Relationship(ends[0], value.type, ends[1], **dict(value.items()))
    step.graph, step.identity = graph, value.id
    return step


def _walked(graph: Any, value: remote.Path, bare: dict[int, list[Node]]) -> Iterator[Any]:
    yield _node(graph, value.start_node)
    for each in value.relationships:
        yield _step(graph, each, bare)


def _fill(node: Node, labels: Iterable[str], properties: dict[str, Any]) -> None:
    node.update_labels(sorted(labels))
    node._remote_labels = frozenset(labels)
    node.update(properties)
