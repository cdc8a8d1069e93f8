"""Time in the invented county: seconds and days since its first midnight."""

import numpy as np
from numpy.typing import NDArray

START = np.datetime64("2025-01-01", "D")
START_DAY = int(START.astype(np.int64))
DAY = 86_400
_FIRST_WEEKDAY = 2

Ints = NDArray[np.int64]


def weekday(day: NDArray[np.integer]) -> Ints:
    """Return 0 for Monday to 6 for Sunday."""
    return np.mod(day.astype(np.int64) + _FIRST_WEEKDAY, 7)


def month(day: NDArray[np.integer]) -> Ints:
    """Return the number of calendar months since 1970 for days since the start."""
    months: Ints = (START + day.astype("timedelta64[D]")).astype("datetime64[M]").astype(np.int64)
    return months


def next_open(day: Ints, closed_weekday: NDArray[np.integer]) -> Ints:
    """Move a day that falls on the place's closed weekday (-1: none) to the day after."""
    later: Ints = day + (weekday(day) == closed_weekday)
    return later


def seconds(day: NDArray[np.integer], hour: NDArray[np.floating]) -> Ints:
    """Return the second of a day and a decimal hour."""
    return day.astype(np.int64) * DAY + (hour * 3600).astype(np.int64)
