"""Sessions: who comes when, in which order, how many seconds apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.simulate.clock import DAY, weekday
from ingest.simulate.events import Events

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Swipes:
    """One row for each swipe: which session, which member (position), at which second."""

    session: Ints
    member: Ints
    time: Ints

    def __len__(self) -> int:
        return len(self.session)


def window(rng: np.random.Generator, days: int, least_share: float = 0.35) -> tuple[int, int]:
    """Draw the active part of the year: first day and one past the last."""
    length = int(days * rng.uniform(least_share, 0.95))
    first = int(rng.integers(0, max(1, days - length)))
    return first, first + length


def within(life: Events, which: Ints, span: tuple[int, int]) -> Ints:
    """Return those of some events that fall on the days from the first to before the last."""
    time = life.time[which]
    inside: Ints = which[(time >= span[0] * DAY) & (time < span[1] * DAY)]
    return inside


def course(
    rng: np.random.Generator,
    days: int,
    weekdays: Sequence[int],
    *,
    length: float,
    least: int,
) -> Ints:
    """Return the days of a treatment: its weekdays, for a share ``length`` of the year.

    It lasts ``least`` days or more, as far as there are, and may begin on any day.
    """
    span = max(least, int(days * length))
    first = int(rng.integers(0, max(1, days - span)))
    day = np.arange(first, min(days, first + span))
    return day[np.isin(weekday(day), weekdays)]


def rhythm(
    rng: np.random.Generator,
    span: tuple[int, int],
    *,
    period: float,
    jitter: float,
    least: int = 6,
) -> Ints:
    """Return the days of sessions every ``period`` days give or take ``jitter``.

    The period shrinks where the span would hold fewer than ``least`` sessions.
    """
    first, last = span
    period = max(1.0, min(period, (last - first) / (least + 0.5)))
    count = max(least, int((last - first) / period))
    day = first + period * (np.arange(count) + 0.5) + rng.uniform(-jitter, jitter, count)
    return np.unique(np.clip(day, first, last - 1).astype(np.int64))


def attendance(
    rng: np.random.Generator,
    sessions: int,
    members: int,
    share: float,
    *,
    growth: float = 0.0,
    least: int = 2,
) -> Mask:
    """Return sessions × members: who is there.

    ``growth`` is the share of members recruited after the start, evenly over the first two thirds.
    At least ``least`` come to each session.
    """
    joined = np.where(
        rng.random(members) < growth, rng.uniform(0, 0.66, members) * sessions, 0
    ).astype(np.int64)
    present = rng.random((sessions, members)) < share
    present &= np.arange(sessions)[:, None] >= joined
    short = np.flatnonzero(present.sum(1) < min(least, members))
    for session in short:
        present[session, np.argsort(joined + rng.random(members))[:least]] = True
    return present


def swipe(
    rng: np.random.Generator,
    start: Ints,
    present: Mask,
    *,
    gap: tuple[float, float],
    disorder: float = 0.15,
) -> Swipes:
    """Lay those present after each other from each session's first second on.

    ``disorder`` 0 keeps the order of the stack, 1 shuffles it each time; gaps are uniform.
    """
    sessions, members = present.shape
    key = np.arange(members) * (1 - disorder) + rng.uniform(0, members, (sessions, members)) * (
        disorder
    )
    order = np.argsort(np.where(present, key, np.inf), axis=1)
    there = np.take_along_axis(present, order, axis=1)
    step = np.where(there, rng.uniform(*gap, (sessions, members)), 0)
    step[:, :1] = 0
    time = start[:, None] + np.cumsum(step, axis=1).astype(np.int64)
    session, column = np.nonzero(there)
    return Swipes(session=session, member=order[session, column], time=time[session, column])


def starts(
    rng: np.random.Generator, day: Ints, *, opens: float, closes: float, hour: float, spread: float
) -> Ints:
    """Return the first second of each session: around an hour, inside opening hours."""
    at = np.clip(rng.normal(hour, spread, len(day)), opens, closes - 0.6)
    return day * DAY + (at * 3600).astype(np.int64) + rng.integers(0, 60, len(day))
