"""What a property's value may be asked for: compared, looked through, matched, combined."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from typing_extensions import override

from graph.py2neo.cypher.encoding import cypher_escape

__all__ = [
    "AND", "CONTAINS", "ENDS_WITH", "EQ", "EQUAL_TO", "GE", "GREATER_THAN",
    "GREATER_THAN_OR_EQUAL_TO", "GT", "IN", "IS_NOT_NULL", "IS_NULL", "LE", "LESS_THAN",
    "LESS_THAN_OR_EQUAL_TO", "LIKE", "LT", "NE", "NOT_EQUAL_TO", "OR", "STARTS_WITH", "XOR",
    "And", "Connective", "Contains", "EitherOr", "EndsWith", "EqualTo", "GreaterThan",
    "GreaterThanOrEqualTo", "In", "IsNotNull", "IsNull", "LessThan", "LessThanOrEqualTo", "Like",
    "NotEqualTo", "Or", "Predicate", "Predicate1", "StartsWith",
]  # fmt: skip

Compiled = tuple[str, dict[str, Any]]


class Predicate:
    """A condition on a property."""

    @classmethod
    def cast(cls, value: Any) -> "Predicate":
        """Return the condition that a plain value stands for.

        None is no value, a tuple or set any of its members, anything else equality.
        """
        if isinstance(value, Predicate):
            return value
        if value is None:
            return IsNull()
        return In(value) if isinstance(value, tuple | set | frozenset) else EqualTo(value)

    def compile(self, key: str, name: Any) -> Compiled:  # noqa: ARG002 - for subclasses
        """Return the Cypher for a property of ``_``, and its parameters called after ``name``."""
        return "", {}


class IsNull(Predicate):
    """The property has no value."""

    @override
    def compile(self, key: str, name: Any) -> Compiled:
        return f"_.{cypher_escape(key)} IS NULL", {}


class IsNotNull(Predicate):
    """The property has a value."""

    @override
    def compile(self, key: str, name: Any) -> Compiled:
        return f"_.{cypher_escape(key)} IS NOT NULL", {}


@dataclass
class Predicate1(Predicate):
    """The property compared with a value."""

    value: Any
    operator: ClassVar[str] = ""

    @override
    def compile(self, key: str, name: Any) -> Compiled:
        return f"_.{cypher_escape(key)} {self.operator} $`{name}`", {str(name): self.value}


class EqualTo(Predicate1):
    """Equal to the value."""

    operator = "="


class NotEqualTo(Predicate1):
    """Not equal to the value; a property without a value is neither."""

    operator = "<>"


class LessThan(Predicate1):
    """Less than the value."""

    operator = "<"


class LessThanOrEqualTo(Predicate1):
    """Less than the value, or equal."""

    operator = "<="


class GreaterThan(Predicate1):
    """Greater than the value."""

    operator = ">"


class GreaterThanOrEqualTo(Predicate1):
    """Greater than the value, or equal."""

    operator = ">="


class StartsWith(Predicate1):
    """A text that begins with the value."""

    operator = "STARTS WITH"


class EndsWith(Predicate1):
    """A text that ends with the value."""

    operator = "ENDS WITH"


class Contains(Predicate1):
    """A text in which the value occurs."""

    operator = "CONTAINS"


class Like(Predicate1):
    """A text that a regular expression matches as a whole; the expression is Java's."""

    operator = "=~"

    def __init__(self, regex: Any) -> None:
        super().__init__(getattr(regex, "pattern", regex))


class In(Predicate1):
    """One of the values."""

    operator = "IN"

    def __init__(self, value: Any) -> None:
        super().__init__(list(value))


class Connective(Predicate):
    """Several conditions on one property; plain values are cast."""

    word: ClassVar[str] = ""

    def __init__(self, *values: Any) -> None:
        self.values = tuple(map(Predicate.cast, values))

    @override
    def compile(self, key: str, name: Any) -> Compiled:
        parts = [each.compile(key, f"{name}_{at}") for at, each in enumerate(self.values, start=1)]
        joined = f" {self.word} ".join(text for text, _ in parts)
        return f"({joined})", {key: value for _, values in parts for key, value in values.items()}


class And(Connective):
    """All of them hold."""

    word = "AND"


class Or(Connective):
    """At least one of them holds."""

    word = "OR"


class EitherOr(Connective):
    """An odd number of them holds; of two, exactly one."""

    word = "XOR"


IS_NULL = IsNull
IS_NOT_NULL = IsNotNull
EQ = EQUAL_TO = EqualTo
NE = NOT_EQUAL_TO = NotEqualTo
LT = LESS_THAN = LessThan
LE = LESS_THAN_OR_EQUAL_TO = LessThanOrEqualTo
GT = GREATER_THAN = GreaterThan
GE = GREATER_THAN_OR_EQUAL_TO = GreaterThanOrEqualTo
STARTS_WITH = StartsWith
ENDS_WITH = EndsWith
CONTAINS = Contains
LIKE = Like
IN = In
AND = And
OR = Or
XOR = EitherOr


def compiled(properties: Mapping[str, Any], first: int = 1) -> tuple[Compiled, ...]:
    """Return the condition for each property, its parameters numbered from ``first`` on."""
    return tuple(
        Predicate.cast(value).compile(key, at)
        for at, (key, value) in enumerate(properties.items(), start=first)
    )
