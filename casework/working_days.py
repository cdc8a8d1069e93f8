"""Which days count: working days by a calendar that is data, periods with pauses and extensions."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from ingest.errors import RingfenceError
from ingest.telling import to_say

FOLDER = Path(__file__).parent / "calendar"
Unit = Literal["working_days", "days"]
_DAY = timedelta(days=1)
_SATURDAY = 5


class NoCalendar(RingfenceError):
    """A working day was asked for in a year whose holidays are not known."""

    def __init__(self, year: int) -> None:
        """Say which year, and what to do."""
        self.year = year
        super().__init__(to_say("refused.deadline.no_calendar", year=year, folder=FOLDER.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Public holidays and make-up working days of the years it holds."""

    years: frozenset[int]
    off: frozenset[date]
    work: frozenset[date]

    def works(self, day: date) -> bool:
        """Whether a day is a working day.

        Raises
        ------
        NoCalendar
            If the year is not held; a weekend is no exception, it may be made up for.
        """
        if day.year not in self.years:
            raise NoCalendar(day.year)
        return day in self.work or (day.weekday() < _SATURDAY and day not in self.off)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Days that do not count: from ``began`` until the day before ``ended``, or open."""

    began: date
    ended: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A time limit in one case. The day it ``began`` does not count, the next one is the first."""

    began: date
    days: int
    unit: Unit
    pauses: tuple[Pause, ...] = ()
    extended: int = 0

    @property
    def whole(self) -> int:
        """Days in all, with what was added."""
        return self.days + self.extended


def due(period: Period, calendar: Calendar) -> date | None:
    """Return the last day of a period, None while it stands still before that day.

    The last day is not put off to the next working day where the unit is days: it is never later
    than the law may allow.

    Raises
    ------
    NoCalendar
        If a working day of an unknown year is needed.
    """
    left = period.whole
    for day in _days(period):
        if day is None:
            return None
        left -= _counts(period, calendar, day)
        if not left:
            return day
    raise AssertionError("days do not end")


def used(period: Period, calendar: Calendar, today: date) -> int:
    """Return how many days of a period have gone by at the end of ``today``."""
    gone = 0
    for day in _days(period):
        if day is None or day > today:
            break
        gone += _counts(period, calendar, day)
    return gone


def read_calendar(*folders: Path) -> Calendar:
    """Return the calendar of the package and of further folders, which replace its years.

    Raises
    ------
    RingfenceError
        If a file is no calendar: it names file and field.
    """
    held: dict[int, tuple[frozenset[date], frozenset[date]]] = {}
    for folder in (FOLDER, *folders):
        for path in sorted(folder.glob("[0-9]*.toml")):
            year, off, work = _year(path)
            held[year] = (off, work)
    return Calendar(
        years=frozenset(held),
        off=frozenset().union(*(off for off, _ in held.values())),
        work=frozenset().union(*(work for _, work in held.values())),
    )


def check_pauses(pauses: Sequence[Pause]) -> None:
    """Raise a :class:`RingfenceError` if pauses overlap, end before they begin, or two are open."""
    ordered = sorted(pauses, key=lambda pause: pause.began)
    for one, after in pairwise(ordered):
        if one.ended is None or one.ended > after.began:
            raise RingfenceError(
                to_say("refused.deadline.pauses", after=after.began, one=one.began)
            )
    for pause in ordered:
        if pause.ended is not None and pause.ended < pause.began:
            raise RingfenceError(
                to_say("refused.deadline.pause_end", began=pause.began, ended=pause.ended)
            )


def _days(period: Period) -> Iterator[date | None]:
    """Yield the days after the beginning that may count, then None if a pause is open."""
    pauses = sorted(period.pauses, key=lambda pause: pause.began)
    day = period.began + _DAY
    for pause in pauses:
        while day < pause.began:
            yield day
            day += _DAY
        if pause.ended is None:
            yield None
            return
        day = max(day, pause.ended)
    while True:
        yield day
        day += _DAY


def _counts(period: Period, calendar: Calendar, day: date) -> bool:
    return period.unit == "days" or calendar.works(day)


def _year(path: Path) -> tuple[int, frozenset[date], frozenset[date]]:
    try:
        held: Mapping[str, Any] = tomllib.loads(path.read_text("utf-8"))
        year, source = int(held["year"]), str(held["source"]).strip()
        spans = [(one["first"], one["last"]) for one in held["off"]]
        off = frozenset(
            first + _DAY * n for first, last in spans for n in range((last - first).days + 1)
        )
        work = frozenset(held["work"])
        if {type(day) for day in off | work} - {date}:
            raise TypeError("a day is no date")
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise RingfenceError(
            to_say("refused.deadline.calendar", path=path, error=error, folder=FOLDER.name)
        ) from error
    stray = sorted(day for day in off | work if day.year != year)
    both = sorted(off & work)
    weekdays = sorted(day for day in work if day.weekday() < _SATURDAY)
    if not source or stray or both or weekdays or path.stem != str(year):
        wrong = stray or both or weekdays or [path.name]
        raise RingfenceError(
            to_say("refused.deadline.calendar_day", path=path, wrong=wrong[0], year=year)
        )
    return year, off, work
