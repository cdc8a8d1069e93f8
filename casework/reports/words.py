"""How values are said on paper: exact money, shares, days, names of the catalogue, pseudonyms."""

import math
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from casework.canonical import unstamp
from casework.limits import CHINA
from ingest.texts import Language, catalogue, say

SHORT = 8  # letter, hyphen and six digits
HONEST = "honest_"
_AREAS = ("", "explorer.", "report.")


def name_of(area: str, word: Any, lang: Language) -> str:
    """Return the catalogue's name of a closed value, or the value itself where it has none."""
    if word is None:
        return "–"
    for start in _AREAS:
        key = f"{start}{area}.{word}"
        if key in catalogue():
            return say(key, lang)
    return str(word).replace("_", " ")


def measure_name(name: str, lang: Language) -> str:
    """Return the name of a measure, or of the honest explanation whose share counts as one."""
    if name.startswith(HONEST):
        return name_of("honest.name", name.removeprefix(HONEST), lang)
    return name_of("measure.name", name, lang)


def money(value: Decimal | str | None, lang: Language) -> str:
    """Return yuan to the fen.

    Examples
    --------
    >>> money(Decimal("12262.8"), "zh"), money("5", "en")
    ('12,262.80 元', '¥5.00')
    """
    if value is None:
        return "–"
    yuan = f"{Decimal(value):,.2f}"
    return f"{yuan} 元" if lang == "zh" else f"¥{yuan}"


SUREST = 0.9999
"""What is shown of a probability that was rounded up to one: a lead is never certain."""


def hours(found: Sequence[int]) -> str:
    """Return hours of the day as they are read; empty where there are none.

    Examples
    --------
    >>> hours([6, 23])
    '06–07, 23–00'
    """
    return ", ".join(f"{hour:02d}–{(hour + 1) % 24:02d}" for hour in found)


def share(value: float | None) -> str:
    """Return a probability or share as a percentage that never claims certainty.

    Examples
    --------
    >>> share(0.972), share(0.99996), share(0.00001)
    ('97.2%', '>99.9%', '<0.1%')
    """
    if value is None or math.isnan(value):
        return "–"
    if 0.9995 <= value < 1:
        return ">99.9%"
    return "<0.1%" if 0 < value < 0.0005 else f"{value:.1%}"


def number(value: float | None) -> str:
    """Return a number with thousands separators, three significant digits below a hundred."""
    if value is None or math.isnan(value):
        return "–"
    if float(value).is_integer() or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:,.3g}"


def day(at: datetime | None) -> str:
    """Return the day of a local time."""
    return "–" if at is None else at.strftime("%Y-%m-%d")


def minute(at: datetime | None) -> str:
    """Return a local time to the second."""
    return "–" if at is None else at.strftime("%Y-%m-%d %H:%M:%S")


def local(stamped: str) -> str:
    """Return a time of the ledger (UTC) as China's clocks showed it."""
    return unstamp(stamped).astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def span(first: datetime | None, last: datetime | None) -> int:
    """Return how many days lie between two times, both ends counted; 0 where one is unknown."""
    return 0 if first is None or last is None else (last.date() - first.date()).days + 1


def shortened(identifiers: Iterable[str]) -> dict[str, str]:
    """Return a short form of each pseudonym, long enough to stay different from the others.

    Identifiers that are no pseudonyms (places, terminals) stay whole.

    Examples
    --------
    >>> shortened(["P-7f3a910000000000", "P-7f3a91ffffffffff", "H0001"])["P-7f3a91ffffffffff"]
    'P-7f3a91f'
    """
    every = sorted(set(identifiers))
    coded = [one for one in every if re.fullmatch(r"[A-Z]-[0-9a-f]{16}", one)]
    length = SHORT
    while len({one[:length] for one in coded}) < len(coded):
        length += 1
    return {one: one[:length] if one in coded else one for one in every}
