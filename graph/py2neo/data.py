"""Nodes, relationships, paths and subgraphs: values that may be bound to what a graph holds."""

from collections.abc import Iterable, Iterator
from typing import Any

from typing_extensions import override

from graph.py2neo.collections import PropertyDict
from graph.py2neo.cypher.encoding import LabelSetView, cypher_repr, is_safe
from graph.py2neo.subgraph import Subgraph

__all__ = [
    "Entity",
    "Node",
    "Path",
    "Relationship",
    "Subgraph",
    "UniquenessError",
    "Walkable",
    "walk",
]


class UniquenessError(Exception):
    """Several entities were met where there may be one."""


class Walkable(Subgraph):
    """A subgraph with an order to walk it in: node, relationship, node and so on.

    An index gives a relationship, a slice the path over those relationships.
    """

    def __init__(self, iterable: Iterable[Any]) -> None:
        self._sequence = tuple(iterable)

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._sequence))})"

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Walkable) and tuple(walk(self)) == tuple(walk(other))

    @override
    def __hash__(self) -> int:
        value = 0
        for each in self._sequence:
            value ^= hash(each)
        return value

    @override
    def __len__(self) -> int:
        return len(self.relationships)

    @override
    def __iter__(self) -> Iterator[Any]:
        return iter(self.relationships)

    def __getitem__(self, index: Any) -> Any:
        if not isinstance(index, slice):
            return self.relationships[index]
        start, stop, _ = index.indices(len(self))
        return Path(*self._sequence[2 * start : 2 * max(stop, start) + 1])

    def __add__(self, other: Any) -> Any:
        return self if other is None else Path(*walk(self, other))

    def __walk__(self) -> Iterator[Any]:
        return iter(self._sequence)

    @property
    def start_node(self) -> Any:
        """The node where the walk begins."""
        return self._sequence[0]

    @property
    def end_node(self) -> Any:
        """The node where the walk ends."""
        return self._sequence[-1]

    @property
    @override
    def nodes(self) -> Any:
        return self._sequence[0::2]

    @property
    @override
    def relationships(self) -> Any:
        return self._sequence[1::2]


class Entity(PropertyDict, Walkable):  # type: ignore[misc]  # as in py2neo: a mapping that walks
    """A node or a relationship: its properties, and what it is bound to.

    ``identity`` is the server's internal number. It may be given to another entity after a delete,
    and on the embedded server after a change of labels too: keep your own keys, not these.
    """

    graph: Any = None
    identity: int | None = None

    def __init__(self, iterable: Iterable[Any], properties: dict[str, Any]) -> None:
        Walkable.__init__(self, iterable)
        PropertyDict.__init__(self, properties)

    @override
    def __len__(self) -> int:
        return dict.__len__(self)

    @override
    def __bool__(self) -> bool:
        return len(self) > 0

    @override
    def __str__(self) -> str:
        return cypher_repr(self)

    @property
    def __name__(self) -> str:
        name = self["__name__"] or self["name"]
        if name is None and self.identity is not None:
            name = f"_{self.identity}"
        return str(name or "")

    # A dictionary would take these for itself.
    @override
    def __or__(self, other: Any) -> Any:
        return Subgraph.__or__(self, other)

    @override
    def __ior__(self, other: Any) -> Any:
        raise TypeError(f"{type(self).__name__} is no set that could be changed in place")

    __iand__ = __isub__ = __ixor__ = __ior__

    def _arguments(self) -> list[str]:
        plain = [f"{key}={self[key]!r}" for key in sorted(self) if is_safe(key)]
        other = [f"{key!r}: {self[key]!r}" for key in sorted(self) if not is_safe(key)]
        return [*plain, f"**{{{', '.join(other)}}}"] if other else plain


class Node(Entity):
    """A node: labels and properties.

    Equal to itself only, or to another that is bound to the same node of the same graph.

    >>> Node("Person", name="Alice")
    Node('Person', name='Alice')
    """

    __primarylabel__: Any = None
    __primarykey__: Any = None

    def __init__(self, /, *labels: str, **properties: Any) -> None:
        self._labels = dict.fromkeys(labels)
        self._remote_labels: frozenset[str] = frozenset()
        super().__init__((self,), properties)

    @override
    def __repr__(self) -> str:
        return f"Node({', '.join([*map(repr, sorted(self._labels)), *self._arguments()])})"

    @override
    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Node) and _same(self, other))

    @override
    def __ne__(self, other: object) -> bool:
        return not self == other

    @override
    def __hash__(self) -> int:  # type: ignore[override]  # a dictionary has none
        bound = self.graph is not None and self.identity is not None
        return hash((self.graph, self.identity)) if bound else object.__hash__(self)

    @property
    @override
    def labels(self) -> LabelSetView:  # type: ignore[override]  # as in py2neo
        """The labels, to look at; change them by the methods below."""
        return LabelSetView(self._labels)

    def has_label(self, label: str | tuple[str, ...]) -> bool:
        """Whether the node has the label, or every label of a tuple."""
        return all(each in self._labels for each in _each(label))

    def add_label(self, label: str | tuple[str, ...]) -> None:
        """Add a label, or every label of a tuple."""
        self._labels.update(dict.fromkeys(_each(label)))

    def remove_label(self, label: str | tuple[str, ...]) -> None:
        """Remove a label, or every label of a tuple, if the node has it."""
        for each in _each(label):
            self._labels.pop(each, None)

    def clear_labels(self) -> None:
        """Remove every label."""
        self._labels.clear()

    def update_labels(self, labels: Iterable[str]) -> None:
        """Add every label."""
        self._labels.update(dict.fromkeys(labels))


class Relationship(Entity):
    """A relationship from one node to another, or to itself: its class is its type.

    ``Relationship(a, "KNOWS", b)``, ``Relationship.type("KNOWS")(a, b)`` and a subclass called
    ``KNOWS`` say the same. Unbound ones are equal if type, nodes and properties are.

    Raises
    ------
    TypeError
        If there are no ends or more than two, or one is no node.
    """

    def __init__(self, /, *nodes: Any, **properties: Any) -> None:
        for each in nodes:
            if not (each is None or isinstance(each, str | Node)):
                raise TypeError(f"Unknown node type for {each!r}")
        ends = list(nodes)
        if len(ends) == 3 or (len(ends) == 2 and isinstance(ends[1], str)):
            self.__class__ = Relationship.type(ends.pop(1))
        if len(ends) not in (1, 2):
            raise TypeError(f"A relationship has one end or two, not {len(ends)}")
        super().__init__((ends[0], self, ends[-1]), properties)

    @staticmethod
    def type(name: str) -> Any:
        """Return the class of the relationships of a type, always the same one."""
        known: list[Any] = Relationship.__subclasses__()
        for each in known:
            if each.__name__ == name:
                return each
        return type(str(name), (Relationship,), {})

    @override
    def __repr__(self) -> str:
        arguments = [repr(self.start_node), repr(self.end_node), *self._arguments()]
        return f"{type(self).__name__}({', '.join(arguments)})"

    @override
    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Relationship):
            return False
        if _bound(self) and _bound(other):
            return _same(self, other)
        return (
            type(self) is type(other)
            and self.nodes == other.nodes
            and PropertyDict.__eq__(self, other)
        )

    @override
    def __ne__(self, other: object) -> bool:
        return not self == other

    @override
    def __hash__(self) -> int:  # type: ignore[override]  # a dictionary has none
        return hash((type(self), self.nodes))


class Path(Walkable):
    """A walk over nodes and relationships, put together from its parts.

    A text, or a pair of text and properties, between two parts is a relationship from the end of
    the one to the start of the other; a dictionary is a node; what fits only backwards is walked
    backwards.

    Raises
    ------
    TypeError
        If a part cannot be walked.
    ValueError
        If a part neither begins nor ends where the one before it ended.
    """

    def __init__(self, *entities: Any) -> None:
        parts = [_part(each) for each in entities]
        for at, part in enumerate(parts[1:-1], start=1):
            kind, properties = (part, {}) if isinstance(part, str) else _pair(part)
            if kind is not None:
                before, after = parts[at - 1].end_node, parts[at + 1].start_node
                parts[at] = Relationship(before, kind, after, **properties)
        super().__init__(walk(*parts))

    @override
    def __str__(self) -> str:
        return cypher_repr(self)

    @override
    def __repr__(self) -> str:
        return f"Path({', '.join(map(repr, (self.start_node, *self.relationships)))})"

    @staticmethod
    def walk(*walkables: Any) -> Iterator[Any]:
        """Yield nodes and relationships in turn, walking one argument after the other."""
        end: Any = None
        for at, each in enumerate(walkables):
            if not isinstance(each, Walkable):
                raise TypeError(f"Object {each!r} is not walkable")
            steps = tuple(each.__walk__())
            if at and end != each.start_node:
                if end != each.end_node:
                    raise ValueError(f"Cannot append walkable {each!r} to node {end!r}")
                steps = steps[::-1]
            end = steps[-1]
            yield from steps[1:] if at else steps


walk = Path.walk


def _part(value: Any) -> Any:
    if value is None:
        return Node()
    return Node(**value) if isinstance(value, dict) and not isinstance(value, Entity) else value


def _pair(value: Any) -> tuple[Any, dict[str, Any]]:
    if isinstance(value, tuple) and len(value) == 2:
        return value[0], dict(value[1])
    return None, {}


def _each(label: str | tuple[str, ...]) -> tuple[str, ...]:
    return label if isinstance(label, tuple) else (label,)


def _bound(entity: Entity) -> bool:
    return entity.graph is not None and entity.identity is not None


def _same(one: Entity, other: Entity) -> bool:
    return (
        _bound(one)
        and _bound(other)
        and one.graph == other.graph
        and one.identity == other.identity
    )
