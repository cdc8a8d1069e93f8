"""Who was settled for when, as a vector picture: a line for each person, a tick for each visit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from casework.reports.svg import FOR, INK, NEUTRAL, PALE, columns_of, drawing, line, words
from ingest.texts import Language, say

WIDTH, LEFT, RIGHT, TOP, FOOT = 520.0, 92.0, 12.0, 26.0, 30.0
TALLEST = 640.0
LINES = 160
"""People drawn; of more, those first seen."""

COUNTED = "#56B4E9"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One settlement on a person's line; ``state`` is shows, near or alone."""

    person: str
    at: datetime
    state: str


def raster(ticks: Sequence[Tick], lang: Language) -> tuple[str, int, int]:
    """Draw the ticks; return the picture, how many people it shows, and how many there are.

    People stand in the order in which they first show the ring, then by first settlement.
    """
    first: dict[str, tuple[bool, datetime]] = {}
    for tick in ticks:
        known = first.get(tick.person)
        seen = (tick.state != "shows", tick.at)
        first[tick.person] = seen if known is None else min(known, seen)
    order = sorted(first, key=lambda one: (first[one], one))
    shown = {one: n for n, one in enumerate(order[:LINES])}
    step = max(3.2, min(11.0, (TALLEST - TOP - FOOT) / max(1, len(shown))))
    height = TOP + step * len(shown) + FOOT
    days = [tick.at.date() for tick in ticks] or [date(2000, 1, 1)]
    start, end = min(days), max(days) + _DAY
    width = WIDTH - LEFT - RIGHT

    def across(at: datetime) -> float:
        passed = at - datetime(start.year, start.month, start.day)
        return LEFT + width * passed / ((end - start) or _DAY)

    shapes = [*_grid(start, end, across, height), *_names(shown, step)]
    for state in ("alone", "near", "shows"):
        colour = {"shows": FOR, "near": COUNTED, "alone": NEUTRAL}[state]
        tall = step * (0.84 if state == "shows" else 0.5)
        for tick in sorted(ticks, key=lambda one: (one.at, one.person)):
            if tick.state == state and tick.person in shown:
                y = TOP + step * (shown[tick.person] + 0.5)
                x = across(tick.at)
                ends = (x, y - tall / 2, x, y + tall / 2)
                shapes.append(line(ends, stroke=colour, width=1.1 if state == "shows" else 0.8))
    shapes += _legend(sorted({tick.state for tick in ticks}), lang)
    return drawing(WIDTH, height, shapes), len(shown), len(order)


def _grid(start: date, end: date, across: Callable[[datetime], float], height: float) -> list[str]:
    shapes = []
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    every = 1 if months <= 14 else 3
    for n in range(months):
        year, month = divmod(start.year * 12 + start.month - 1 + n, 12)
        first = datetime(year, month + 1, 1)
        inside = start <= first.date() < end
        if inside and n % every == 0:
            x = across(first)
            shapes.append(line((x, TOP - 3, x, height - FOOT + 3), stroke=PALE, width=0.5))
            shapes.append(
                words(x, height - FOOT + 14, first.strftime("%Y-%m"), size=6.5, anchor="middle")
            )
    for day, anchor in ((start, "start"), (end - _DAY, "end")):
        x = LEFT if anchor == "start" else WIDTH - RIGHT
        shapes.append(words(x, height - 4, day.isoformat(), size=6.5, anchor=anchor, bold=True))
    return shapes


def _names(shown: dict[str, int], step: float) -> list[str]:
    shapes = []
    every = 1 if step >= 5.5 else 2 if step >= 4 else 4
    for name, n in shown.items():
        y = TOP + step * (n + 0.5)
        shapes.append(line((LEFT, y, WIDTH - RIGHT, y), stroke=PALE, width=0.3))
        if n % every == 0:
            shapes.append(
                words(
                    LEFT - 4, y + 2.2, name, size=min(6.8, step * 0.95 + 1), anchor="end", fill=INK
                )
            )
    return shapes


def _legend(states: Sequence[str], lang: Language) -> list[str]:
    shapes, x = [], LEFT
    for state in ("shows", "near", "alone"):
        if state in states:
            text = say(f"report.raster.{state}", lang)
            colour = {"shows": FOR, "near": COUNTED, "alone": NEUTRAL}[state]
            shapes.append(line((x, 6, x, 16), stroke=colour, width=2))
            shapes.append(words(x + 5, 14, text, size=7.5))
            x += 22 + columns_of(text) * 4.1
    return shapes
