"""One row of a result: a tuple whose fields have names."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from typing_extensions import override

from graph.py2neo.subgraph import Subgraph


class Record(tuple[Any, ...], Mapping[str, Any]):
    """Values by position or name.

    Iterating and unpacking give the values; ``dict(record)`` and ``keys()`` the names. A position
    out of range raises IndexError, a name that is not there KeyError.
    """

    _keys: tuple[str, ...]

    def __new__(cls, keys: Iterable[str], values: Iterable[Any]) -> "Record":
        """Return a record; there are as many names as values."""
        record = super().__new__(cls, values)
        record._keys = tuple(keys)
        return record

    def __getnewargs__(self) -> tuple[Any, ...]:
        return self._keys, tuple(self)

    @override
    def __repr__(self) -> str:
        return f"Record({{{', '.join(f'{key!r}: {value!r}' for key, value in self.items())}}})"

    @override
    def __str__(self) -> str:
        return "\t".join(map(repr, self))

    @override
    def __eq__(self, other: object) -> bool:
        if isinstance(other, Mapping):
            return dict(self.items()) == dict(other.items())
        return tuple(self) == other

    @override
    def __ne__(self, other: object) -> bool:
        return not self == other

    @override
    def __hash__(self) -> int:
        value = 0
        for item in self.items():
            value ^= hash(item)
        return value

    @override
    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return Record(self._keys[key], tuple(self)[key])
        return super().__getitem__(self.index(key))

    @override
    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a name, or ``default``."""
        return self[key] if key in self._keys else default

    @override
    def index(self, key: Any) -> int:  # type: ignore[override]
        """Return the position of a name, or a position if there is one such.

        Raises
        ------
        IndexError, KeyError, TypeError
            If there is no such position or name, or if it is neither.
        """
        if isinstance(key, int):
            if not 0 <= key < len(self):
                raise IndexError(key)
            return key
        if not isinstance(key, str):
            raise TypeError(key)
        if key not in self._keys:
            raise KeyError(key)
        return self._keys.index(key)

    @override
    def keys(self) -> list[str]:  # type: ignore[override]
        """Return the names."""
        return list(self._keys)

    @override
    def values(self, *keys: Any) -> list[Any]:  # type: ignore[override]
        """Return the values, all or those of some positions and names; None for no such name."""
        return [value for _, value in self.items(*keys)]

    @override
    def items(self, *keys: Any) -> list[tuple[Any, Any]]:  # type: ignore[override]
        """Return names and values, all or some as :meth:`values` does."""
        if not keys:
            return list(zip(self._keys, tuple(self), strict=True))
        return [self._item(key) for key in keys]

    def data(self, *keys: Any) -> dict[Any, Any]:
        """Return a dictionary of all, or of some as :meth:`values` does."""
        return dict(self.items(*keys))

    def to_subgraph(self) -> Any:
        """Return all that is of a graph in this row as one subgraph, or None."""
        return united(value for value in self if isinstance(value, Subgraph))

    def _item(self, key: Any) -> tuple[Any, Any]:
        if isinstance(key, str) and key not in self._keys:
            return key, None
        at = self.index(key)
        return self._keys[at], self[at]


def united(parts: Iterable[Any]) -> Any:
    """Return one subgraph of all parts, the part itself if there is one, None if there is none."""
    found: Sequence[Any] = [each for each in parts if each is not None]
    if len(found) < 2:
        return found[0] if found else None
    return Subgraph(
        (node for each in found for node in each.nodes),
        (step for each in found for step in each.relationships),
    )
