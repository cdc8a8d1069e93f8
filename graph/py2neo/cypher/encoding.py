"""Names and values as Cypher text: back-ticked names, literals, and how an entity is shown."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from unicodedata import category

from neo4j.spatial import Point
from neo4j.time import Date, DateTime, Duration, Time
from typing_extensions import override

from graph.py2neo.collections import SetView

# A name of these needs no back-ticks; so it stands in the Basic Multilingual Plane only.
START = frozenset({"LC", "Ll", "Lm", "Lo", "Lt", "Lu", "Nl"})
CONTINUE = START | {"Mn", "Mc", "Nd", "Pc", "Sc"}
LAST_PLAIN = 0xFFFE
SHORT_ESCAPES = {"\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}


def cypher_escape(identifier: Any) -> str:
    r"""Return a label, type, property or procedure name as it may stand in a statement.

    What is not plain stands in back-ticks, and a back-tick in it is doubled:

    >>> cypher_escape("Employee of the Month")
    '`Employee of the Month`'

    A name with ``\u`` is refused: Neo4j reads ``\u0060`` as a back-tick even inside back-ticks, so
    nothing makes it safe. py2neo lets it pass.

    Raises
    ------
    TypeError
        If it is no text.
    ValueError
        If it is empty or holds ``\u``.
    """
    if not isinstance(identifier, str):
        raise TypeError(type(identifier).__name__)
    if not identifier:
        raise ValueError("A name cannot be empty")
    if "\\u" in identifier:
        raise ValueError(
            f"The name {identifier!r} holds a backslash and u, which Neo4j reads as another "
            "character: rename it."
        )
    return identifier if is_safe(identifier) else "`" + identifier.replace("`", "``") + "`"


def is_safe(key: str) -> bool:
    """Whether a name needs no back-ticks."""
    return (key[0] == "_" or _is(key[0], START)) and all(_is(each, CONTINUE) for each in key[1:])


def _is(character: str, kinds: frozenset[str]) -> bool:
    return category(character) in kinds and ord(character) <= LAST_PLAIN


@dataclass(frozen=True, slots=True)
class CypherExpression:
    """Cypher text that :func:`cypher_repr` leaves as it is."""

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CypherEncoder:
    """How values are written: which quote, which separators, what is shown of an entity."""

    encoding: str = "utf-8"
    quote: str | None = None
    sequence_separator: str = ", "
    key_value_separator: str = ": "
    node_template: str = "{id}{labels} {properties}"
    related_node_template: str = "{name}"
    relationship_template: str = "{type} {properties}"

    def value(self, value: Any) -> str:
        """Return a literal; an entity as py2neo shows it, which is not always Cypher.

        Raises
        ------
        TypeError
            If there is no literal for the type.
        """
        if value is None or isinstance(value, bool):
            return {None: "null", True: "true", False: "false"}[value]
        if isinstance(value, CypherExpression):
            return value.value
        if isinstance(value, int | float):
            return str(value)
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes | bytearray):
            return self.text(value.decode(self.encoding))
        if isinstance(value, list):
            return f"[{self.sequence_separator.join(map(self.value, value))}]"
        return self._entity(value) or self._map(value) or self._typed(value)

    def text(self, text: str) -> str:
        """Return a quoted string, with the quote that occurs less in it."""
        quote = self.quote or ("'" if text.count("'") <= text.count('"') else '"')
        if quote not in ("'", '"'):
            raise ValueError(f"Unsupported quote character {quote!r}")
        return quote + "".join(_character(each, quote) for each in text) + quote

    def _map(self, value: Any) -> str | None:
        if not isinstance(value, dict):
            return None
        items = (
            f"{cypher_escape(key)}{self.key_value_separator}{self.value(item)}"
            for key, item in value.items()
        )
        return f"{{{self.sequence_separator.join(items)}}}"

    def _typed(self, value: Any) -> str:
        if isinstance(value, Point):
            parts = {"srid": value.srid, **dict(zip("xyz", value, strict=False))}
            return f"point({self.value(parts)})"
        # A datetime is a date too, so it comes first.
        for name, types in (
            ("datetime", (DateTime, datetime)),
            ("date", (Date, date)),
            ("time", (Time, time)),
            ("duration", (Duration,)),
        ):
            if isinstance(value, types):
                iso = value.iso_format() if hasattr(value, "iso_format") else value.isoformat()
                return f"{name}({self.text(iso)})"
        if isinstance(value, timedelta):
            return self._typed(Duration(days=value.days, seconds=value.seconds))
        raise TypeError(f"There is no Cypher literal for a {type(value).__name__}")

    def _entity(self, value: Any) -> str | None:
        from graph.py2neo.data import Node, Path, Relationship  # which shows itself by this file

        if isinstance(value, Node):
            return self._node(value, self.node_template)
        if isinstance(value, Relationship):
            start, end = (self._node(node, self.related_node_template) for node in value.nodes)
            return f"{start}-{self._detail(value)}->{end}"
        return self._path(value) if isinstance(value, Path) else None

    def _path(self, path: Any) -> str:
        parts = [self._node(path.nodes[0], self.related_node_template)]
        for before, step, after in zip(
            path.nodes, path.relationships, path.nodes[1:], strict=False
        ):
            forward = step.start_node is before or step.start_node == before
            left, right = ("-", "->") if forward else ("<-", "-")
            after_text = self._node(after, self.related_node_template)
            parts.append(f"{left}{self._detail(step)}{right}{after_text}")
        return "".join(parts)

    def _node(self, node: Any, template: str) -> str:
        if node is None or isinstance(node, str):
            return f"({node or ''})"
        return f"({self._filled(node, template, labels=LabelSetView(node.labels))})"

    def _detail(self, relationship: Any) -> str:
        kind = f":{type(relationship).__name__}"
        return f"[{self._filled(relationship, self.relationship_template, type=kind)}]"

    def _filled(self, entity: Any, template: str, **parts: Any) -> str:
        return template.format(
            id="" if entity.identity is None else f"_{entity.identity}",
            properties=PropertyDictView(entity, encoder=self),
            property=PropertySelector(entity, "", encoder=self),
            name=entity.__name__,
            **parts,
        ).strip()


def cypher_repr(value: Any, **options: Any) -> str:
    """Return the Cypher literal of a value; the options are those of :class:`CypherEncoder`."""
    return CypherEncoder(**options).value(value)


def cypher_str(value: Any, **options: Any) -> str:
    """Return a value as people read it: a text as it is, anything else as its literal."""
    if isinstance(value, bytes | bytearray):
        return value.decode(options.get("encoding", "utf-8"))
    return value if isinstance(value, str) else cypher_repr(value, **options)


class LabelSetView(SetView[str]):
    """Labels shown as ``:Employee:Person``; an attribute picks the labels to show."""

    def __init__(self, elements: Iterable[str] = (), selected: Iterable[str] = ()) -> None:
        super().__init__(elements)
        self._selected = tuple(dict.fromkeys(selected))

    @override
    def __repr__(self) -> str:
        shown = (
            [each for each in self._selected if each in self] if self._selected else sorted(self)
        )
        return "".join(f":{cypher_escape(each)}" for each in shown)

    def __getattr__(self, name: str) -> "LabelSetView":
        _refuse_private(name)
        return LabelSetView(self, (*self._selected, name))


class PropertyDictView:
    """Properties shown as a Cypher map in the order of their keys; an attribute picks some."""

    def __init__(
        self,
        items: Mapping[str, Any] | Iterable[tuple[str, Any]] = (),
        selected: Iterable[str] = (),
        *,
        encoder: CypherEncoder | None = None,
    ) -> None:
        self._items = dict(items)
        self._selected = tuple(dict.fromkeys(selected))
        self._encoder = encoder or CypherEncoder()

    @override
    def __repr__(self) -> str:
        keys = [k for k in self._selected if k in self._items] if self._selected else self._items
        shown = keys if self._selected else sorted(keys)
        return self._encoder.value({key: self._items[key] for key in shown})

    def __getattr__(self, name: str) -> "PropertyDictView":
        _refuse_private(name)
        return PropertyDictView(self._items, (*self._selected, name), encoder=self._encoder)

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items


class PropertySelector:
    """Properties as attributes, each as people read it."""

    def __init__(
        self,
        items: Mapping[str, Any] | Iterable[tuple[str, Any]] = (),
        default_value: Any = None,
        *,
        encoder: CypherEncoder | None = None,
    ) -> None:
        self._items = dict(items)
        self._default = default_value
        self._encoder = encoder or CypherEncoder()

    def __getattr__(self, name: str) -> str:
        _refuse_private(name)
        value = self._items.get(name, self._default)
        return value if isinstance(value, str) else self._encoder.value(value)


def _refuse_private(name: str) -> None:
    """Keep copying and pickling, which ask for attributes before there are any, from looping."""
    if name.startswith("_"):
        raise AttributeError(name)


def _character(character: str, quote: str) -> str:
    if character == quote:
        return "\\" + character
    if character in SHORT_ESCAPES:
        return SHORT_ESCAPES[character]
    if " " <= character <= "~":
        return character
    point = ord(character)
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"
