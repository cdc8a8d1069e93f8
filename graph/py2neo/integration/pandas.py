"""A result as a pandas series or data frame, and a data frame as nodes."""

from typing import Any

import pandas

from graph.py2neo.bulk import create_nodes, merge_nodes

__all__ = [
    "create_nodes_from_data_frame",
    "cursor_to_data_frame",
    "cursor_to_series",
    "merge_nodes_from_data_frame",
]


def cursor_to_series(cursor: Any, field: Any = 0, index: Any = None, dtype: Any = None) -> Any:
    """Return one column of the rows left."""
    return pandas.Series([record[field] for record in cursor], index=index, dtype=dtype)


def cursor_to_data_frame(
    cursor: Any, index: Any = None, columns: Any = None, dtype: Any = None
) -> Any:
    """Return the rows left; with no rows there are still the columns' names."""
    names = list(cursor.keys()) if columns is None else columns
    rows = [record.data() for record in cursor]
    return pandas.DataFrame(rows, index=index, columns=names, dtype=dtype)


def create_nodes_from_data_frame(tx: Any, df: Any, labels: Any = None) -> None:
    """Create one node for each row, its columns the properties."""
    create_nodes(tx, df.itertuples(index=False, name=None), labels=labels, keys=list(df.keys()))


def merge_nodes_from_data_frame(
    tx: Any, df: Any, merge_key: Any, labels: Any = None, preserve: Any = None
) -> None:
    """Merge one node for each row by the columns that ``merge_key`` names."""
    merge_nodes(
        tx,
        df.itertuples(index=False, name=None),
        merge_key,
        labels=labels,
        keys=list(df.keys()),
        preserve=preserve,
    )
