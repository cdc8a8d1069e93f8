"""One way to write a value as JSON, so that the same value always has the same digest."""

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any


def canonical(value: object) -> str:
    r"""Return a value as JSON: keys sorted, no blanks, ASCII only.

    Dates and times become ISO 8601, decimals exact text, tuples lists. A number that is none
    (``nan``, infinite) becomes its name as text, since JSON has no such number.

    Raises
    ------
    TypeError
        If the value holds something that has no JSON form.

    Examples
    --------
    >>> canonical({"b": (1, 2.5), "a": "社"})
    '{"a":"\\u793e","b":[1,2.5]}'
    """
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(value: object) -> str:
    """Return the SHA-256 of a value's canonical JSON, in hexadecimal digits."""
    return hashlib.sha256(canonical(value).encode("ascii")).hexdigest()


def utc_now() -> datetime:
    """Return the time of the machine's clock, in UTC."""
    return datetime.now(UTC)


def stamp(at: datetime) -> str:
    """Return a time with its zone as UTC text of one width, so that text order is time order.

    Examples
    --------
    >>> stamp(datetime(2025, 3, 3, 12, tzinfo=UTC))
    '2025-03-03T12:00:00.000000Z'
    """
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def unstamp(text: str) -> datetime:
    """Return the time that :func:`stamp` wrote."""
    return datetime.fromisoformat(text)


def _plain(value: object) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case date() | time():
            return value.isoformat()
        case Decimal():
            return str(value)
        case Mapping():
            return {str(name): _plain(item) for name, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
    raise TypeError(f"no canonical JSON for {type(value).__name__}")
