"""How values are said: names of the catalogue, money, shares, days and short pseudonyms."""

import math
import re
from datetime import datetime
from typing import Any

import pandas as pd

from casework.canonical import unstamp
from casework.reports.words import shortened as shortened
from ingest.texts import Language, catalogue, say


def name_of(area: str, word: Any, lang: Language) -> str:
    """Return the catalogue's name of a closed value, or the value itself where it has none.

    The catalogue of the package that owns the word is asked before the explorer's own.
    """
    if _missing(word):
        return "–"
    for key in (f"{area}.{word}", f"explorer.{area}.{word}"):
        if key in catalogue():
            return say(key, lang)
    return str(word).replace("_", " ")


def money(value: Any, lang: Language) -> str:
    """Return yuan for reading: full yuan, from 10,000 on in 万元 where the language has it."""
    if _missing(value):
        return "–"
    yuan = float(value)
    if lang == "zh":
        return f"{yuan / 10_000:,.2f} 万元" if abs(yuan) >= 10_000 else f"{yuan:,.0f} 元"
    return f"¥{yuan:,.0f}"


def share(value: Any) -> str:
    """Return a probability or share as a percentage that never claims certainty.

    Examples
    --------
    >>> share(0.972), share(0.99996), share(0.00001)
    ('97.2%', '>99.9%', '<0.1%')
    """
    if _missing(value):
        return "–"
    if 0.9995 <= value < 1:
        return ">99.9%"
    if 0 < value < 0.0005:
        return "<0.1%"
    return f"{value:.1%}"


def small(value: Any) -> str:
    """Return a q- or p-value with two significant digits."""
    return "–" if _missing(value) else f"{float(value):.2g}"


def count(value: Any) -> str:
    """Return a number with thousands separators, without needless decimals."""
    if _missing(value):
        return "–"
    number = float(value)
    return f"{number:,.0f}" if number.is_integer() or abs(number) >= 100 else f"{number:,.2g}"


def counted(noun: str, number: int, lang: Language) -> str:
    """Return a number with its noun, in the singular where the language asks for it."""
    form = "one" if number == 1 else "many"
    return say(f"explorer.counted.{noun}.{form}", lang, number=f"{number:,}")


def day(at: datetime) -> str:
    """Return the day of a time."""
    return "–" if pd.isna(at) else at.strftime("%Y-%m-%d")


def span(first: datetime, last: datetime) -> int:
    """Return how many days lie between two times, both ends counted; 0 where one is unknown."""
    if pd.isna(first) or pd.isna(last):
        return 0
    return (last.date() - first.date()).days + 1


def plain(text: str) -> str:
    """Return text for a Markdown widget so that nothing in it is read as markup."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>$~:&])", r"\\\1", text)


def wrapped(text: str, width: int) -> str:
    """Break a sentence into lines of like length; a Chinese character counts as two columns."""
    whole = sum(2 if ord(sign) >= 0x2E80 else 1 for sign in text)
    width = min(width, math.ceil(whole / max(1, math.ceil(whole / width))) + 6)
    lines, line, used = [], "", 0
    for piece in re.findall(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*|\s+", text):
        size = sum(2 if ord(sign) >= 0x2E80 else 1 for sign in piece.rstrip())
        if line and used + size > width and piece not in "，。；：、）":
            lines.append(line.rstrip())
            line, used = "", 0
        line += piece
        used += size + len(piece) - len(piece.rstrip())
    return "\n".join([*lines, line.rstrip()])


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value)) or value is pd.NaT


def local(at: str) -> datetime:
    """Return a time of the ledger by the clock of this machine, without a zone.

    Every page shows times so; papers print those of China, and limits count its days.
    """
    return unstamp(at).astimezone().replace(tzinfo=None, microsecond=0)
