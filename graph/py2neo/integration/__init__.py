"""A result as a table to look at or to write down."""

import html
from collections.abc import Callable, Iterable
from io import StringIO
from typing import Any

from typing_extensions import override

from graph.py2neo.cypher.encoding import cypher_repr, cypher_str

__all__ = ["Table"]


class Table(list[tuple[Any, ...]]):
    """Rows with named columns; its ``repr`` is drawn with characters, in a notebook in HTML.

    Raises
    ------
    ValueError
        If neither ``keys`` nor the records name the columns.
    """

    def __init__(self, records: Iterable[Any], keys: Iterable[str] | None = None) -> None:
        if not keys and not hasattr(records, "keys"):
            raise ValueError("Missing keys: name the columns")
        self._keys = [str(key) for key in keys or records.keys()]  # type: ignore[attr-defined]
        super().__init__(map(tuple, records))
        self._fields = [_described([row[at] for row in self]) for at in range(len(self._keys))]

    @override
    def __repr__(self) -> str:
        out = StringIO()
        self.write(out, header=True)
        return out.getvalue()

    def _repr_html_(self) -> str:
        out = StringIO()
        self.write_html(out, header=True)
        return out.getvalue()

    def keys(self) -> list[str]:
        """Return the names of the columns."""
        return list(self._keys)

    def field(self, key: int | str) -> dict[str, Any]:
        """Return ``type``, ``numeric`` and ``optional`` of a column's values.

        Raises
        ------
        IndexError, KeyError, TypeError
            If there is no such position or name, or if it is neither.
        """
        if isinstance(key, int):
            return self._fields[key]
        if not isinstance(key, str):
            raise TypeError(key)
        if key not in self._keys:
            raise KeyError(key)
        return self._fields[self._keys.index(key)]

    def write(
        self,
        file: Any = None,
        header: Any = None,
        skip: int | None = None,
        limit: int | None = None,
        auto_align: bool = True,
        padding: int = 1,
        separator: str = "|",
        newline: str = "\r\n",
    ) -> int:
        """Draw the table with characters; return the number of rows drawn."""
        rows = self._rows(skip, limit)
        shown = [self._keys, *rows] if header and rows else rows
        cells = [[cypher_str(value).splitlines() or [""] for value in row] for row in shown]
        least = 1 if header else 0
        widths = [
            max([least, *(len(line) for row in cells for line in row[at])])
            for at in range(len(self._keys))
        ]
        space = " " * padding
        for number, row in enumerate(cells):
            for at in range(max(map(len, row), default=1)):
                texts = [
                    _aligned(lines[at] if at < len(lines) else "", width, field, auto_align)
                    for lines, width, field in zip(row, widths, self._fields, strict=True)
                ]
                _print(separator.join(f"{space}{each}{space}" for each in texts), newline, file)
            if number == 0 and header:
                rule = separator.join("-" * (width + 2 * padding) for width in widths)
                _print(rule, newline, file)
        return len(rows)

    def write_html(
        self,
        file: Any = None,
        header: Any = None,
        skip: int | None = None,
        limit: int | None = None,
        auto_align: bool = True,
    ) -> int:
        """Write an HTML table; return the number of rows written."""
        rows = self._rows(skip, limit)
        head = "".join(f"<th>{_quoted(key)}</th>" for key in self._keys)
        lines = [head] if header and rows else []
        for row in rows:
            sides = ["right" if auto_align and each["numeric"] else "left" for each in self._fields]
            lines.append(
                "".join(
                    f'<td style="text-align:{side}">{_quoted(cypher_str(value))}</td>'
                    for side, value in zip(sides, row, strict=True)
                )
            )
        body = "".join(f"<tr>{line}</tr>" for line in lines)
        _print(f"<table>{body}</table>", "", file)
        return len(rows)

    def write_separated_values(
        self,
        separator: str,
        file: Any = None,
        header: Any = None,
        skip: int | None = None,
        limit: int | None = None,
        newline: str = "\r\n",
        quote: str = '"',
    ) -> int:
        """Write one line for each row; return the number of rows written."""
        rows = self._rows(skip, limit)
        if header and rows:
            _print(separator.join(self._keys), newline, file)
        marks = (separator, quote, *newline)
        for row in rows:
            _print(separator.join(_field(each, marks, quote) for each in row), newline, file)
        return len(rows)

    def write_csv(
        self,
        file: Any = None,
        header: Any = None,
        skip: int | None = None,
        limit: int | None = None,
    ) -> int:
        """Write comma-separated values as in RFC 4180."""
        return self.write_separated_values(",", file, header, skip, limit)

    def write_tsv(
        self,
        file: Any = None,
        header: Any = None,
        skip: int | None = None,
        limit: int | None = None,
    ) -> int:
        """Write tab-separated values."""
        return self.write_separated_values("\t", file, header, skip, limit)

    def _rows(self, skip: int | None, limit: int | None) -> list[tuple[Any, ...]]:
        first = skip or 0
        return self[first:] if limit is None else self[first : first + limit]


def _described(values: list[Any]) -> dict[str, Any]:
    types = dict.fromkeys(type(value) for value in values if value is not None)
    return {
        "type": next(iter(types)) if len(types) == 1 else tuple(types),
        "numeric": all(issubclass(each, int | float) and each is not bool for each in types),
        "optional": None in values,
    }


def _aligned(text: str, width: int, field: dict[str, Any], auto_align: bool) -> str:
    put: Callable[[int], str] = text.rjust if auto_align and field["numeric"] else text.ljust
    return put(width)


def _field(value: Any, marks: Iterable[str], quote: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return cypher_repr(value)
    if any(mark in value for mark in marks):
        return quote + value.replace(quote, quote * 2) + quote
    return value


def _quoted(text: str) -> str:
    return html.escape(text).replace("&#x27;", "&#039;")


def _print(text: str, end: str, file: Any) -> None:
    print(text, end=end, file=file)
