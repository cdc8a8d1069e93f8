"""Any nodes and relationships together, combined as sets are."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from typing_extensions import override

from graph.py2neo.collections import SetView


class Subgraph:
    """Any nodes and relationships, with the nodes at the relationships' ends, each once.

    ``|`` ``&`` ``-`` ``^`` work as on sets; a relationship that stays keeps its nodes. The order is
    that in which they were mentioned, so what is created from it is created in that order.
    """

    def __init__(
        self, nodes: Iterable[Any] | None = None, relationships: Iterable[Any] | None = None
    ) -> None:
        self._relationships = tuple(dict.fromkeys(relationships or ()))
        ends = chain.from_iterable(each.nodes for each in self._relationships)
        self._nodes = tuple(dict.fromkeys(chain(nodes or (), ends)))

    @override
    def __repr__(self) -> str:
        nodes, relationships = map(repr, self.nodes), map(repr, self.relationships)
        return f"Subgraph({{{', '.join(nodes)}}}, {{{', '.join(relationships)}}})"

    @override
    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Subgraph)
            and frozenset(self.nodes) == frozenset(other.nodes)
            and frozenset(self.relationships) == frozenset(other.relationships)
        )

    @override
    def __ne__(self, other: object) -> bool:
        return not self == other

    @override
    def __hash__(self) -> int:
        return hash((frozenset(self.nodes), frozenset(self.relationships)))

    def __len__(self) -> int:
        return len(self.relationships)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.relationships)

    def __bool__(self) -> bool:
        return bool(self.relationships)

    def __or__(self, other: Any) -> "Subgraph":
        return Subgraph(
            chain(self.nodes, other.nodes), chain(self.relationships, other.relationships)
        )

    def __and__(self, other: Any) -> "Subgraph":
        nodes, relationships = frozenset(other.nodes), frozenset(other.relationships)
        return Subgraph(
            [each for each in self.nodes if each in nodes],
            [each for each in self.relationships if each in relationships],
        )

    def __sub__(self, other: Any) -> "Subgraph":
        nodes, relationships = frozenset(other.nodes), frozenset(other.relationships)
        return Subgraph(
            [each for each in self.nodes if each not in nodes],
            [each for each in self.relationships if each not in relationships],
        )

    def __xor__(self, other: Any) -> "Subgraph":
        left, right = Subgraph.__sub__(self, other), Subgraph.__sub__(other, self)
        return Subgraph.__or__(left, right)

    @property
    def nodes(self) -> Any:
        """Every node once; a tuple in the order of the walk if this is one."""
        return SetView(self._nodes)

    @property
    def relationships(self) -> Any:
        """Every relationship once; a tuple in the order of the walk if this is one."""
        return SetView(self._relationships)

    @property
    def graph(self) -> Any:
        """The graph that the first node is bound to, or None."""
        return next((node.graph for node in self.nodes), None)

    def labels(self) -> Any:
        """Return every label of the nodes."""
        return frozenset(chain.from_iterable(node.labels for node in self.nodes))

    def types(self) -> frozenset[str]:
        """Return the name of every type of the relationships."""
        return frozenset(type(each).__name__ for each in self.relationships)

    def keys(self) -> Any:
        """Return the name of every property of nodes and relationships."""
        entities = chain(self.nodes, self.relationships)
        return frozenset(chain.from_iterable(each.keys() for each in entities))
