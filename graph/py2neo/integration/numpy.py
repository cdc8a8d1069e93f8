"""A result as a numpy array."""

from typing import Any

import numpy

__all__ = ["cursor_to_ndarray"]


def cursor_to_ndarray(cursor: Any, dtype: Any = None, order: Any = "K") -> Any:
    """Return the rows left as an array of two dimensions."""
    return numpy.array([tuple(record) for record in cursor], dtype=dtype, order=order)
