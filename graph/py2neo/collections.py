"""A dictionary in which no value and a missing key are the same, and a read-only set in order."""

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any, TypeVar

from typing_extensions import override

__all__ = ["PropertyDict", "SetView"]

Element = TypeVar("Element", covariant=True)


class SetView(Set[Element]):
    """A read-only set that keeps the order it was made in; equal to any set of the same.

    Elements are compared as they are now: a node that was bound after the view was made is found.
    """

    def __init__(self, elements: Iterable[Element] = ()) -> None:
        self._elements = tuple(dict.fromkeys(elements))

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Iterable) and frozenset(self) == frozenset(other)

    @override
    def __hash__(self) -> int:
        return hash(frozenset(self))

    @override
    def __len__(self) -> int:
        return len(self._elements)

    @override
    def __iter__(self) -> Iterator[Element]:
        return iter(self._elements)

    @override
    def __contains__(self, element: object) -> bool:
        return element in frozenset(self._elements)

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}({{{', '.join(map(repr, self))}}})"

    def difference(self, other: Iterable[Any]) -> "SetView[Element]":
        """Return the elements that are not in ``other``, in order."""
        left_out = frozenset(other)
        return SetView(each for each in self if each not in left_out)


class PropertyDict(dict[str, Any]):
    """Properties of an entity: a missing one reads as None, and setting None removes it.

    >>> fruit = PropertyDict(name="banana", colour=None)
    >>> fruit["colour"], dict(fruit)
    (None, {'name': 'banana'})
    """

    def __init__(self, iterable: Any = None, /, **properties: Any) -> None:
        super().__init__()
        self.update(iterable, **properties)

    @override
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        return dict(self) == {key: value for key, value in other.items() if value is not None}

    @override
    def __ne__(self, other: object) -> bool:
        return not self == other

    @override
    def __getitem__(self, key: str) -> Any:
        return self.get(key)

    @override
    def __setitem__(self, key: str, value: Any) -> None:
        if value is None:
            self.pop(key, None)
        else:
            super().__setitem__(key, value)

    @override
    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return the value of a key, set to ``default`` first if missing."""
        if key not in self:
            self[key] = default
        return self[key]

    @override
    def update(self, iterable: Any = None, /, **properties: Any) -> None:
        """Set every given property; None removes it."""
        for key, value in dict(iterable or {}, **properties).items():
            self[key] = value
