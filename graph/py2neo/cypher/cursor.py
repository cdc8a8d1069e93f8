"""A result to go through once, forwards, row by row or as a whole in another form."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from typing_extensions import override

from graph.py2neo.cypher.records import Record, united
from graph.py2neo.integration import Table

# What newer servers add to the counters and py2neo's protocol did not ask for.
FLAGS = ("contains-updates", "contains-system-updates")


class Cursor:
    """The rows of a statement that has run.

    Everything was fetched when the statement ran, so that an error shows there and what was written
    stays written whether or not the rows are read.
    """

    def __init__(
        self,
        fields: Sequence[str],
        rows: Sequence[Sequence[Any]],
        summary: Mapping[str, Any] | None = None,
        *,
        profile: Any = None,
        sample_size: int = 3,
    ) -> None:
        self._fields = list(fields)
        self._rows = rows
        self._next = 0
        self._summary = dict(summary or {})
        self._current: Record | None = None
        self.profile = profile
        self.sample_size = sample_size

    @override
    def __repr__(self) -> str:
        preview = self.preview()
        return repr(preview) if preview else "(No data)"

    def _repr_html_(self) -> str:
        preview = self.preview()
        return preview._repr_html_() if preview else "(No data)"

    def __next__(self) -> Record:
        if self.forward() and self._current is not None:
            return self._current
        raise StopIteration

    def __iter__(self) -> Iterator[Record]:
        while self.forward() and self._current is not None:
            yield self._current

    def __getitem__(self, key: Any) -> Any:
        if self._current is None:
            raise TypeError("The cursor stands before the first row: move it forward")
        return self._current[key]

    @property
    def current(self) -> Record | None:
        """The row the cursor stands on, None before the first."""
        return self._current

    @property
    def closed(self) -> bool:
        """Whether the server has no more to send, which is always so."""
        return True

    def keys(self) -> list[str]:
        """Return the names of the columns."""
        return list(self._fields)

    def summary(self) -> dict[str, Any]:
        """Return what the server said of the statement, under the names of the protocol."""
        return dict(self._summary)

    def plan(self) -> Any:
        """Return the plan of an EXPLAIN or PROFILE, or None."""
        return self._summary.get("plan", self._summary.get("profile"))

    def stats(self) -> dict[str, Any]:
        """Return what the statement changed, such as ``{'nodes_created': 1}``."""
        counted = self._summary.get("stats", {})
        return {key.replace("-", "_"): n for key, n in counted.items() if key not in FLAGS}

    def forward(self, amount: int = 1) -> int:
        """Move at most that many rows on, and return how many it was.

        Raises
        ------
        ValueError
            If the amount is negative.
        """
        if amount < 0:
            raise ValueError("A cursor moves forwards only")
        moved = min(int(amount), len(self._rows) - self._next)
        if moved:
            self._next += moved
            self._current = Record(self._fields, self._rows[self._next - 1])
        return moved

    def preview(self, limit: int | None = None) -> Table | None:
        """Return the next rows as a table without moving; None if there are no columns.

        Raises
        ------
        ValueError
            If the limit is negative.
        """
        if limit is not None and limit < 0:
            raise ValueError("A preview has no negative size")
        if not self._fields:
            return None
        end = self._next + int(limit or self.sample_size)
        return Table(islice(self._rows, self._next, end), self._fields)

    def evaluate(self, field: Any = 0) -> Any:
        """Return one value of the next row; None if there is no row or no such position."""
        if not self.forward():
            return None
        try:
            return self[field]
        except IndexError:
            return None

    def data(self, *keys: Any) -> list[dict[Any, Any]]:
        """Return the rows left as dictionaries, of all columns or of some."""
        return [record.data(*keys) for record in self]

    def to_table(self) -> Table:
        """Return the rows left as a table."""
        return Table(self)

    def to_subgraph(self) -> Any:
        """Return all that is of a graph in the rows left as one subgraph, or None."""
        return united(record.to_subgraph() for record in self)

    def to_ndarray(self, dtype: Any = None, order: Any = "K") -> Any:
        """Return the rows left as a numpy array of two dimensions."""
        from graph.py2neo.integration.numpy import cursor_to_ndarray

        return cursor_to_ndarray(self, dtype, order)

    def to_series(self, field: Any = 0, index: Any = None, dtype: Any = None) -> Any:
        """Return one column of the rows left as a pandas series."""
        from graph.py2neo.integration.pandas import cursor_to_series

        return cursor_to_series(self, field, index, dtype)

    def to_data_frame(self, index: Any = None, columns: Any = None, dtype: Any = None) -> Any:
        """Return the rows left as a pandas data frame."""
        from graph.py2neo.integration.pandas import cursor_to_data_frame

        return cursor_to_data_frame(self, index, columns, dtype)

    def to_matrix(self, mutable: bool = False) -> Any:
        """Return the rows left as a numpy array, read-only unless ``mutable``.

        In py2neo this is a matrix of sympy's.
        """
        matrix = self.to_ndarray()
        matrix.setflags(write=mutable)
        return matrix
