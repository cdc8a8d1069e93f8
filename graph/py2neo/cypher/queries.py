"""Statements that write many rows at once: names go into the text, values are parameters."""

from collections.abc import Iterable, Sequence
from typing import Any

from graph.py2neo.cypher import cypher_join
from graph.py2neo.cypher.encoding import cypher_escape, cypher_repr

Statement = tuple[str, dict[str, Any]]
Names = Iterable[str] | None


def unwind_create_nodes_query(data: Iterable[Any], labels: Names = None, keys: Any = None) -> Any:
    """Return the statement that creates a node for each row, a list of values or a map."""
    return cypher_join(
        "UNWIND $data AS r",
        f"CREATE (_{label_text(labels or ())})",
        _set(_values("r", keys)),
        data=list(data),
    )


def unwind_merge_nodes_query(
    data: Iterable[Any],
    merge_key: Any,
    labels: Names = None,
    keys: Any = None,
    preserve: Any = None,
) -> Statement:
    """Return the statement that merges a node for each row on label and keys.

    The properties in ``preserve`` are set on nodes that are new, and left as they are on others.
    """
    rows, row, rest = _kept_apart(list(data), keys, preserve)
    kinds, names = node_key(merge_key)
    return cypher_join(
        "UNWIND $data AS r",
        f"MERGE (_{label_text(kinds)}{_pattern(names, row, keys)})",
        _on_create(row, keys, preserve),
        _set(_values(rest, keys, preserve)),
        f"SET _{label_text(labels)}" if labels else None,
        data=rows,
    )


def unwind_create_relationships_query(
    data: Iterable[Any],
    rel_type: str,
    start_node_key: Any = None,
    end_node_key: Any = None,
    keys: Any = None,
) -> Statement:
    """Return the statement that creates a relationship for each row of start, detail and end."""
    return cypher_join(
        "UNWIND $data AS r",
        _match("a", start_node_key, "r[0]"),
        _match("b", end_node_key, "r[2]"),
        f"CREATE (a)-[_{label_text(node_key(rel_type)[0])}]->(b)",
        _set(_values("r[1]", keys)),
        data=list(map(_ends_unpacked, data)),
    )


def unwind_merge_relationships_query(
    data: Iterable[Any],
    merge_key: Any,
    start_node_key: Any = None,
    end_node_key: Any = None,
    keys: Any = None,
    preserve: Any = None,
) -> Statement:
    """Return the statement that merges a relationship for each row on type and keys."""
    ends = [_ends_unpacked(row) for row in data]
    details, row, rest = _kept_apart([row[1] for row in ends], keys, preserve, "r[1]")
    kinds, names = node_key(merge_key)
    return cypher_join(
        "UNWIND $data AS r",
        _match("a", start_node_key, "r[0]"),
        _match("b", end_node_key, "r[2]"),
        f"MERGE (a)-[_{label_text(kinds)}{_pattern(names, row, keys)}]->(b)",
        _on_create(row, keys, preserve),
        _set(_values(rest, keys, preserve)),
        data=[(start, detail, end) for (start, _, end), detail in zip(ends, details, strict=True)],
    )


def node_key(key: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return labels and property names of ``"A"``, ``("A", "x", "y")`` or ``(("A", "B"), "x")``."""
    first, *rest = key if isinstance(key, tuple) else (key,)
    kinds = first if isinstance(first, tuple) else (first,) if first else ()
    names = [name for each in rest for name in (each if isinstance(each, tuple) else (each,))]
    return kinds, tuple(names)


def label_text(labels: Iterable[str]) -> str:
    """Return ``:A:B``, each once and in alphabetical order; nothing if there are none."""
    return "".join(f":{cypher_escape(label)}" for label in sorted(set(labels)))


def _pattern(names: Sequence[str], row: str, keys: Sequence[str] | None) -> str:
    """Return ``{a: r['a']}``, or by position where the row is a list of values."""
    if not names:
        return ""
    places = [cypher_repr(name if keys is None else list(keys).index(name)) for name in names]
    pairs = zip(names, places, strict=True)
    return f" {{{', '.join(f'{cypher_escape(name)}:{row}[{place}]' for name, place in pairs)}}}"


def _match(name: str, key: Any, value: str) -> str:
    if key is None:
        return f"MATCH ({name}) WHERE id({name}) = {value}"
    kinds, names = node_key(key)
    single = len(names) == 1
    values = [value if single else f"{value}[{at}]" for at in range(len(names))]
    pairs = ", ".join(f"{cypher_escape(n)}:{v}" for n, v in zip(names, values, strict=True))
    return f"MATCH ({name}{label_text(kinds)}{f' {{{pairs}}}' if pairs else ''})"


def _values(row: str, keys: Any, left_out: Any = None) -> str:
    """Return the map of a row that is a list of values; a row that is a map stands for itself."""
    if keys is None:
        return row
    return _map(row, ((at, key) for at, key in enumerate(keys) if key not in (left_out or ())))


def _on_create(row: str, keys: Any, preserve: Any) -> str | None:
    if not preserve:
        return None
    if keys is None:
        return f"ON CREATE SET _ += {row}"
    kept = _map(row, ((at, key) for at, key in enumerate(keys) if key in preserve))
    return f"ON CREATE SET _ += {kept}"


def _map(row: str, places: Iterable[tuple[int, str]]) -> str:
    return f"{{{', '.join(f'{cypher_escape(key)}: {row}[{at}]' for at, key in places)}}}"


def _set(values: str) -> str:
    return f"SET _ += {values}"


def _kept_apart(
    rows: list[Any], keys: Any, preserve: Any, row: str = "r"
) -> tuple[list[Any], str, str]:
    """Return rows, the whole row and the part of it that may change what is there already.

    Cypher cannot take keys out of a map, so rows that are maps travel in both forms.
    """
    if keys is not None or not preserve:
        return rows, row, row
    both = [
        (each, {name: value for name, value in each.items() if name not in preserve})
        for each in rows
    ]
    return both, f"{row}[0]", f"{row}[1]"


def _ends_unpacked(row: Any) -> tuple[Any, Any, Any]:
    start, detail, end = row
    return _unpacked(start), detail, _unpacked(end)


def _unpacked(end: Any) -> Any:
    return end[0] if isinstance(end, tuple) and len(end) == 1 else end
