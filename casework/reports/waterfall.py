"""How the probability comes about, as a vector picture: one bar a ground, each from the last."""

from collections.abc import Sequence
from dataclasses import dataclass

from casework.reports.svg import (
    AGAINST,
    FOR,
    INK,
    NEUTRAL,
    PALE,
    drawing,
    line,
    rectangle,
    words,
    wrapped,
)
from ingest.texts import Language, say

WIDTH, TEXT, RIGHT, ROW, TOP = 520.0, 268.0, 34.0, 10.5, 8.0
COLUMNS = 66
SILENT = 0.005
"""Bits below which a ground has no bar: it is in the table, and adds nothing that can be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One ground in words, with what it adds to the odds, in bits."""

    sentence: str
    bits: float
    prior: bool = False


def probability(grounds: Sequence[Ground]) -> float:
    """Return the probability that the grounds add up to."""
    total = max(-1000.0, min(1000.0, sum(ground.bits for ground in grounds)))
    return float(1 / (1 + 2**-total))


def waterfall(grounds: Sequence[Ground], lang: Language, *, sum_up: str) -> str:
    """Draw the grounds from top to bottom, their sum last."""
    bars, at = [], 0.0
    for ground in grounds:
        if ground.prior or abs(ground.bits) >= SILENT:
            colour = NEUTRAL if ground.prior else FOR if ground.bits >= 0 else AGAINST
            bars.append((ground.sentence, at, at + ground.bits, ground.bits, colour))
        at += ground.bits
    bars.append((sum_up, 0.0, at, at, INK))
    low = min(0.0, *(min(begin, end) for _, begin, end, _, _ in bars))
    high = max(1.0, *(max(begin, end) for _, begin, end, _, _ in bars))
    room = WIDTH - TEXT - RIGHT

    def across(bits: float) -> float:
        return TEXT + 6 + (room - 6) * (bits - low) / (high - low)

    shapes, y = [], TOP
    for sentence, begin, end, bits, colour in bars:
        lines = wrapped(sentence, COLUMNS)
        tall = ROW * len(lines) + 4
        for n, text in enumerate(lines):
            last = colour == INK
            shapes.append(words(TEXT, y + ROW * (n + 0.8), text, size=7.6, anchor="end", bold=last))
        left, right = sorted((across(begin), across(end)))
        shapes.append(rectangle(left, y + tall / 2 - 4.5, max(0.6, right - left), 7, fill=colour))
        figure = f"{bits:+.1f}".replace("-", "−")
        shapes.append(words(right + 3, y + tall / 2 + 1.8, figure, size=7.2))
        y += tall
    axis = [line((across(0), TOP - 4, across(0), y), stroke=NEUTRAL, width=0.6)]
    axis.append(line((TEXT + 6, y + 2, WIDTH - RIGHT, y + 2), stroke=PALE))
    axis.append(words(across(0), y + 11, "0", size=6.8, anchor="middle"))
    axis.append(
        words(WIDTH - RIGHT, y + 11, say("report.waterfall.axis", lang), size=6.8, anchor="end")
    )
    return drawing(WIDTH, y + 16, [*axis, *shapes])
