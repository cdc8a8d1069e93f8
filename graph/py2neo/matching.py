"""Find nodes and relationships by labels, types, ends and predicates, without writing Cypher.

A match asks the server whenever it is iterated, counted or asked for its first; so it can be kept
and used again after the graph has changed. Predicates are in ``graph.py2neo.predicates``.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from typing_extensions import override

from graph.py2neo import predicates as _predicates
from graph.py2neo.cypher.encoding import cypher_escape
from graph.py2neo.predicates import *  # noqa: F403 - so that they are found where py2neo has them
from graph.py2neo.predicates import compiled

__all__ = [  # noqa: PLE0604, RUF100
    *_predicates.__all__,
    "NodeMatch",
    "NodeMatcher",
    "RelationshipMatch",
    "RelationshipMatcher",
]

Condition = str | tuple[str, dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class _Match(ABC):
    """Criteria that are refined by making new ones."""

    predicates: tuple[Condition, ...] = ()
    order: tuple[str, ...] = ()
    skipped: int = 0
    limited: int | None = None

    def __iter__(self) -> Iterator[Any]:
        for record in self._asked().run(*self._statement("_", whole=False)):
            yield record[0]

    def __len__(self) -> int:
        """Return how many match, whatever ``skip`` and ``limit`` say."""
        count: int = self._asked().evaluate(*self._statement("count(_)", whole=True))
        return count

    def __bool__(self) -> bool:
        return self.exists()

    def all(self) -> list[Any]:
        """Return everything that matches."""
        # Not list(self), which asks for the number first.
        return [*iter(self)]

    def count(self) -> int:
        """Return how many match, whatever ``skip`` and ``limit`` say."""
        return len(self)

    def exists(self) -> bool:
        """Whether anything matches."""
        return len(self) > 0

    def first(self) -> Any:
        """Return the first that matches, or None."""
        return next(iter(self.limit(1) if self.limited is None else self), None)

    def where(self, *predicates: Condition, **properties: Any) -> Self:
        """Add conditions: Cypher in which ``_`` is what is matched, and properties' values.

        The text goes into the statement as it is; to bring values, give text and parameters.
        """
        at = len(self.predicates) + len(predicates) + 1
        more = (*predicates, *compiled(properties, at))
        return replace(self, predicates=(*self.predicates, *more))

    def order_by(self, *fields: str) -> Self:
        """Order by expressions in which ``_`` is what is matched."""
        return replace(self, order=fields)

    def skip(self, amount: int | None) -> Self:
        """Leave out the first few."""
        return replace(self, skipped=int(amount or 0))

    def limit(self, amount: int | None) -> Self:
        """Stop after so many; None for no limit."""
        return replace(self, limited=None if amount is None else int(amount))

    @abstractmethod
    def _asked(self) -> Any: ...

    @abstractmethod
    def _pattern(self) -> tuple[list[str], dict[str, Any]]: ...

    def _statement(self, returned: str, *, whole: bool) -> tuple[str, dict[str, Any]]:
        clauses, parameters = self._pattern()
        texts: list[str] = []
        for each in self.predicates:
            text, values = each if isinstance(each, tuple) else (each, {})
            texts.append(text)
            parameters.update(values)
        if texts:
            clauses.append(f"WHERE {' AND '.join(texts)}")
        clauses.append(f"RETURN {returned}")
        if not whole:
            clauses += [f"ORDER BY {', '.join(self.order)}"] if self.order else []
            clauses += [f"SKIP {self.skipped}"] if self.skipped else []
            clauses += [f"LIMIT {self.limited}"] if self.limited is not None else []
        return " ".join(clauses), parameters


@dataclass(frozen=True)
class NodeMatch(_Match):
    """The nodes of ``graph`` with all of these labels that meet the conditions."""

    graph: Any
    labels: tuple[str, ...] = ()

    @override
    def _asked(self) -> Any:
        return self.graph

    @override
    def _pattern(self) -> tuple[list[str], dict[str, Any]]:
        labels = "".join(f":{cypher_escape(label)}" for label in self.labels)
        return [f"MATCH (_{labels})"], {}


@dataclass(frozen=True)
class RelationshipMatch(_Match):
    """The relationships of ``graph`` between these nodes, of these types, that meet the conditions.

    A sequence of nodes is start and end, a set means either direction, None any node.

    Raises
    ------
    ValueError
        If nodes are neither a sequence nor a set; when it is asked, if there are more than two, or
        one is not bound to the graph.
    """

    graph: Any
    nodes: Any = None
    r_type: Any = None

    def __post_init__(self) -> None:
        if self.nodes is not None and not isinstance(self.nodes, Sequence | Set):
            raise ValueError("Nodes must be supplied as a sequence or a set")

    @override
    def _asked(self) -> Any:
        return self.graph

    @override
    def _pattern(self) -> tuple[list[str], dict[str, Any]]:
        ends = list(self.nodes or ())
        arrow = "->"
        if isinstance(self.nodes, Set) and ends:
            ends, arrow = [each for each in ends if each is not None], "-"
        if len(ends) > 2:
            raise ValueError(f"A relationship has two ends, not {len(ends)}")
        clauses: list[str] = []
        parameters: dict[str, Any] = {}
        for name, value, node in zip("ab", "xy", ends, strict=False):
            if node is not None:
                clauses.append(f"MATCH ({name}) WHERE id({name}) = ${value}")
                parameters[value] = self._identity(node)
        clauses.append(f"MATCH (a)-[_{_type_text(self.r_type)}]{arrow}(b)")
        return clauses, parameters

    def _identity(self, node: Any) -> int:
        if node.graph != self.graph or node.identity is None:
            raise ValueError(f"Node {node!r} is not bound to this graph")
        identity: int = node.identity
        return identity


class _Matcher(ABC):
    """By identity: ``matcher[1]``, ``matcher.get(1)``, ``1 in matcher``; iterating gives them."""

    _what: ClassVar[str]

    def __init__(self, graph: Any) -> None:
        self.graph = graph

    def __iter__(self) -> Iterator[int]:
        for each in self._every():
            yield each.identity

    def __len__(self) -> int:
        return len(self._every())

    def __contains__(self, identity: int) -> bool:
        return self.get(identity) is not None

    def __getitem__(self, identity: int) -> Any:
        found = self.get(identity)
        if found is None:
            raise KeyError(f"{self._what} {identity} not found")
        return found

    def get(self, identity: Any) -> Any:
        """Return what has this identity, or None.

        For a list, tuple or set of identities the same kind of collection comes back.
        """
        if isinstance(identity, list | tuple | set | frozenset):
            return type(identity)(self._by(list(identity)))
        return next(iter(self._by([int(identity)])), None)

    @abstractmethod
    def _every(self) -> Any: ...

    @abstractmethod
    def _by(self, identities: list[int]) -> list[Any]: ...


class NodeMatcher(_Matcher):
    """Find nodes; also ``graph.nodes``."""

    _what = "Node"

    def match(self, *labels: Any, **properties: Any) -> NodeMatch:
        """Return the nodes with all of these labels and these values, as far as they are given."""
        flat = [
            each for label in labels for each in (label if isinstance(label, tuple) else (label,))
        ]
        return NodeMatch(self.graph, tuple(dict.fromkeys(flat)), predicates=compiled(properties))

    @override
    def _every(self) -> NodeMatch:
        return self.match()

    @override
    def _by(self, identities: list[int]) -> list[Any]:
        # One by one: the embedded server finds an identity at once, a list of them by looking at
        # every node.
        text = "UNWIND $x AS i MATCH (_) WHERE id(_) = i RETURN _"
        return [record[0] for record in self.graph.run(text, {"x": identities})]


class RelationshipMatcher(_Matcher):
    """Find relationships; also ``graph.relationships``.

    By identity alone the embedded server looks at every one: about a second for 60,000.
    """

    _what = "Relationship"

    def match(self, nodes: Any = None, r_type: Any = None, **properties: Any) -> RelationshipMatch:
        """Return the relationships between these nodes, of these types, with these values."""
        return RelationshipMatch(self.graph, nodes, r_type, predicates=compiled(properties))

    @override
    def _every(self) -> RelationshipMatch:
        return self.match()

    @override
    def _by(self, identities: list[int]) -> list[Any]:
        text = "MATCH ()-[_]->() WHERE id(_) IN $x RETURN _"
        return [record[0] for record in self.graph.run(text, {"x": identities})]


def _type_text(types: Any) -> str:
    if types is None:
        return ""
    several = types if isinstance(types, list | tuple | Set) else (types,)
    names = [getattr(each, "__name__", each) for each in several]
    return ":" + "|".join(map(cypher_escape, names))
