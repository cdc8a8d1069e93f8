"""Small vector pictures: shapes as text, every number to a hundredth, so the bytes are the same."""

import math
import re
from collections.abc import Iterable, Sequence
from html import escape

from casework.reports.fonts import FAMILY

# As in the explorer: vermilion speaks for a ring, blue against it, grey for neither.
FOR, AGAINST, NEUTRAL, INK, PALE = "#D55E00", "#0072B2", "#8A8A8A", "#262730", "#DADADA"


def drawing(width: float, height: float, shapes: Iterable[str]) -> str:
    """Return a whole picture on white ground; its unit is a point at 1:1."""
    size = f'width="{_n(width)}" height="{_n(height)}" viewBox="0 0 {_n(width)} {_n(height)}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(shapes)}</svg>'


def rectangle(
    x: float, y: float, width: float, height: float, *, fill: str, stroke: str = "none"
) -> str:
    """Return a rectangle by its upper left corner."""
    at = f'x="{_n(x)}" y="{_n(y)}" width="{_n(max(0.0, width))}" height="{_n(max(0.0, height))}"'
    return f'<rect {at} fill="{fill}" stroke="{stroke}" stroke-width="0.6"/>'


def line(
    ends: tuple[float, float, float, float],
    *,
    stroke: str,
    width: float = 0.6,
    dashed: bool = False,
    opacity: float = 1.0,
) -> str:
    """Return a line from (x, y) to (x, y)."""
    a, b, c, d = (_n(end) for end in ends)
    dash = ' stroke-dasharray="3 2"' if dashed else ""
    clear = f' stroke-opacity="{_n(opacity)}"' if opacity < 1 else ""
    return (
        f'<line x1="{a}" y1="{b}" x2="{c}" y2="{d}" stroke="{stroke}" '
        f'stroke-width="{_n(width)}"{dash}{clear}/>'
    )


def circle(x: float, y: float, radius: float, *, fill: str, stroke: str = INK) -> str:
    """Return a circle."""
    at = f'cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"'
    return f'<circle {at} fill="{fill}" stroke="{stroke}" stroke-width="0.5"/>'


def polygon(points: Sequence[tuple[float, float]], *, fill: str, stroke: str = INK) -> str:
    """Return a closed shape."""
    at = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
    return f'<polygon points="{at}" fill="{fill}" stroke="{stroke}" stroke-width="0.5"/>'


def words(
    x: float,
    y: float,
    text: str,
    *,
    size: float = 8.0,
    anchor: str = "start",
    fill: str = INK,
    bold: bool = False,
    halo: bool = False,
) -> str:
    """Return a line of text by its base line; ``halo`` clears the ground behind it."""
    look = f'font-family="{FAMILY}" font-size="{_n(size)}" text-anchor="{anchor}" fill="{fill}"'
    weight = ' font-weight="bold"' if bold else ""
    ground = ' stroke="#FFFFFF" stroke-width="2.4" stroke-linejoin="round"'
    body = f"{escape(text)}</text>"
    at = f'x="{_n(x)}" y="{_n(y)}"'
    plain = f"<text {at} {look}{weight}>{body}"
    return f"<text {at} {look}{weight}{ground}>{body}{plain}" if halo else plain


def columns_of(text: str) -> int:
    """Return how wide a text is, in half-width columns: a Chinese character takes two."""
    return sum(2 if ord(sign) >= 0x2E80 else 1 for sign in text)


def wrapped(text: str, width: int) -> list[str]:
    """Break a text into lines of at most so many half-width columns."""
    lines, held = [], ""
    for piece in re.findall(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*|\s+", text):
        full = held and columns_of(held + piece.rstrip()) > width
        if full and piece not in "，。；：、）":
            lines.append(held.rstrip())
            held = ""
        held += piece
    return [*lines, held.rstrip()]


def corners(
    x: float, y: float, radius: float, count: int, *, turn: float = 0.0
) -> list[tuple[float, float]]:
    """Return the corners of an even polygon; ``turn`` in parts of a whole turn."""
    angles = [2 * math.pi * (n / count + turn) - math.pi / 2 for n in range(count)]
    return [(x + radius * math.cos(angle), y + radius * math.sin(angle)) for angle in angles]


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"
