"""Bring what is bound and the graph into line: create, merge, push, pull, delete, separate, exist.

Everything runs by the identity of nodes, and of relationships from their start node, which both
servers find without a search. One statement serves all entities of the same labels or type; each
row carries its number, so the answer's order does not matter. On the embedded server a change of
labels moves a node: it gets another identity, and its relationships may. So every statement that
may do that returns the node's anew, and a relationship is found again between its ends.
"""

from collections.abc import Callable, Iterable
from typing import Any

from graph.py2neo.cypher.encoding import cypher_escape
from graph.py2neo.cypher.queries import label_text
from graph.py2neo.data import Entity, Node, Relationship, UniquenessError
from graph.py2neo.subgraph import Subgraph

NODE = "UNWIND $rows AS r MATCH (_) WHERE id(_) = r[1]"
STEP = "UNWIND $rows AS r MATCH (a) WHERE id(a) = r[1] MATCH (a)-[_]->() WHERE id(_) = r[2]"


def create(tx: Any, subgraph: Subgraph) -> None:
    """Create every node that is not bound, then merge every relationship that is not."""
    for labels, nodes in _grouped(_free(tx, subgraph.nodes), lambda node: frozenset(node.labels)):
        text = f"UNWIND $rows AS r CREATE (_{label_text(labels)}) SET _ = r[1] RETURN r[0], id(_)"
        rows = [[at, dict(node)] for at, node in enumerate(nodes)]
        for at, identity in tx.run(text, {"rows": rows}):
            _bind(tx, nodes[at], identity)
    _relate(tx, subgraph)


def merge(tx: Any, subgraph: Subgraph, primary_label: Any = None, primary_key: Any = None) -> None:
    """Find or create every node that is not bound, by label and key; then the relationships.

    Raises
    ------
    UniquenessError
        If several nodes of the graph have a node's label and key.
    ValueError
        If a node has no label and key to be found by.
    """

    def key_of(node: Node) -> Any:
        label = node.__primarylabel__ or primary_label
        key = node.__primarykey__ or primary_key
        if label is None or key is None:
            raise ValueError("A primary label and a primary key are required for a merge")
        return _several(label), _several(key), frozenset(node.labels)

    for (kinds, keys, labels), nodes in _grouped(_free(tx, subgraph.nodes), key_of):
        pattern = ", ".join(f"{cypher_escape(key)}: r[1].{cypher_escape(key)}" for key in keys)
        more = f" SET _{label_text(labels)}" if labels else ""
        text = (
            f"UNWIND $rows AS r MERGE (_{label_text(kinds)} {{{pattern}}}) "
            f"SET _ += r[1]{more} RETURN r[0], id(_)"
        )
        rows = [[at, dict(node)] for at, node in enumerate(nodes)]
        found = [(at, identity) for at, identity in tx.run(text, {"rows": rows})]
        if len(found) > len(nodes):
            raise UniquenessError(
                f"{len(found)} nodes have the primary label {kinds} and the same {keys} as "
                f"{len(nodes)} nodes to merge: make them unique first."
            )
        for at, identity in found:
            _bind(tx, nodes[at], identity)
    _relate(tx, subgraph)


def push(tx: Any, subgraph: Subgraph) -> None:
    """Make properties and labels in the graph those of the bound entities."""

    def change(node: Node) -> Any:
        labels = frozenset(node.labels)
        return node._remote_labels - labels, labels - node._remote_labels

    for (gone, new), nodes in _grouped(_bound(tx, subgraph.nodes), change):
        text = (
            f"{NODE} SET _ = r[2]"
            f"{f' REMOVE _{label_text(gone)}' if gone else ''}"
            f"{f' SET _{label_text(new)}' if new else ''} RETURN r[0], id(_)"
        )
        rows = [[at, node.identity, dict(node)] for at, node in enumerate(nodes)]
        for at, identity in tx.run(text, {"rows": rows}):
            _bind(tx, nodes[at], identity)
    steps = _located(tx, subgraph.relationships)
    if steps:
        rows = [[at, *_place(step), dict(step)] for at, step in enumerate(steps)]
        tx.run(f"{STEP} SET _ = r[3]", {"rows": rows})


def pull(tx: Any, subgraph: Subgraph) -> None:
    """Make properties and labels of the bound entities those in the graph, where still there."""
    nodes = _bound(tx, subgraph.nodes)
    rows = [[at, node.identity] for at, node in enumerate(nodes)]
    text = f"{NODE} RETURN r[0], labels(_), properties(_)"
    for at, labels, properties in tx.run(text, {"rows": rows}) if rows else ():
        nodes[at].clear_labels()
        nodes[at].update_labels(labels)
        nodes[at]._remote_labels = frozenset(labels)
        _replace(nodes[at], properties)
    steps = _located(tx, subgraph.relationships)
    rows = [[at, *_place(step)] for at, step in enumerate(steps)]
    text = f"{STEP} RETURN r[0], properties(_)"
    for at, properties in tx.run(text, {"rows": rows}) if rows else ():
        _replace(steps[at], properties)


def delete(tx: Any, subgraph: Subgraph) -> None:
    """Delete the bound nodes with every relationship they have, and unbind what was deleted."""
    nodes = _bound(tx, subgraph.nodes)
    if nodes:
        rows = [[at, node.identity] for at, node in enumerate(nodes)]
        tx.run(f"{NODE} DETACH DELETE _", {"rows": rows})
    _unbind([*_bound(tx, subgraph.relationships), *nodes])


def separate(tx: Any, subgraph: Subgraph) -> None:
    """Delete the bound relationships and leave the nodes."""
    steps = _located(tx, subgraph.relationships)
    if steps:
        rows = [[at, *_place(step)] for at, step in enumerate(steps)]
        tx.run(f"{STEP} DELETE _", {"rows": rows})
    _unbind(steps)


def exists(tx: Any, subgraph: Subgraph) -> bool:
    """Whether every node and relationship is bound to this graph and there."""
    entities = [*subgraph.nodes, *subgraph.relationships]
    if any(each.graph != tx.graph or each.identity is None for each in entities):
        return False
    nodes = {node.identity for node in subgraph.nodes}
    steps = {_place(step) for step in _located(tx, subgraph.relationships)}
    text = (
        "RETURN COUNT { UNWIND $nodes AS i MATCH (a) WHERE id(a) = i RETURN a }"
        " + COUNT { UNWIND $steps AS s MATCH (a) WHERE id(a) = s[0]"
        " MATCH (a)-[_]->() WHERE id(_) = s[1] RETURN _ }"
    )
    parameters = {"nodes": sorted(nodes), "steps": sorted(map(list, steps))}
    return bool(tx.evaluate(text, parameters) == len(nodes) + len(steps))


def _relate(tx: Any, subgraph: Subgraph) -> None:
    for kind, steps in _grouped(
        _free(tx, subgraph.relationships), lambda step: type(step).__name__
    ):
        text = (
            "UNWIND $rows AS r MATCH (a) WHERE id(a) = r[1] MATCH (b) WHERE id(b) = r[2] "
            f"MERGE (a)-[_:{cypher_escape(kind)}]->(b) SET _ += r[3] RETURN r[0], id(_)"
        )
        rows = [
            [at, step.start_node.identity, step.end_node.identity, dict(step)]
            for at, step in enumerate(steps)
        ]
        for at, identity in tx.run(text, {"rows": rows}):
            _bind(tx, steps[at], identity)


def _located(tx: Any, relationships: Iterable[Any]) -> list[Any]:
    """Return those that are bound, on the embedded server with the identity they have now.

    One whose identity is gone is taken to be the only relationship of its type between its ends;
    among several it is not found, and what is done with it does nothing.
    """
    steps = _bound(tx, relationships)
    if not steps or not tx.graph.service.moves:
        return steps
    text = (
        "UNWIND $rows AS r MATCH (a) WHERE id(a) = r[1] MATCH (b) WHERE id(b) = r[2] "
        "MATCH (a)-[_]->(b) WHERE type(_) = r[3] RETURN r[0], id(_)"
    )
    rows = [
        [at, step.start_node.identity, step.end_node.identity, type(step).__name__]
        for at, step in enumerate(steps)
    ]
    # A question of its own, so that exists() may ask in a transaction for one statement.
    found: dict[int, list[int]] = {}
    for at, identity in tx.aside(text, {"rows": rows}):
        found.setdefault(at, []).append(identity)
    for at, identities in found.items():
        if steps[at].identity not in identities and len(identities) == 1:
            steps[at].identity = identities[0]
    return steps


def _free(tx: Any, entities: Iterable[Any]) -> list[Any]:
    return [each for each in entities if not _is_bound(tx, each)]


def _bound(tx: Any, entities: Iterable[Any]) -> list[Any]:
    return [each for each in entities if _is_bound(tx, each)]


def _is_bound(tx: Any, entity: Entity) -> bool:
    if entity.graph is not None and entity.graph != tx.graph:
        raise ValueError(f"Entity {entity!r} is already bound to graph {entity.graph!r}")
    return entity.graph is not None


def _grouped(entities: Iterable[Any], key: Callable[[Any], Any]) -> Iterable[tuple[Any, list[Any]]]:
    groups: dict[Any, list[Any]] = {}
    for each in entities:
        groups.setdefault(key(each), []).append(each)
    return groups.items()


def _several(name: Any) -> tuple[str, ...]:
    return tuple(name) if isinstance(name, tuple | list) else (name,)


def _place(step: Relationship) -> tuple[Any, Any]:
    return step.start_node.identity, step.identity


def _bind(tx: Any, entity: Any, identity: int) -> None:
    if entity.graph is None:
        tx.bound_here.append(entity)
    entity.graph, entity.identity = tx.graph, identity
    if isinstance(entity, Node):
        entity._remote_labels = frozenset(entity.labels)


def _unbind(entities: Iterable[Entity]) -> None:
    for each in entities:
        each.graph = each.identity = None


def _replace(entity: Entity, properties: dict[str, Any]) -> None:
    entity.clear()
    entity.update(properties)
