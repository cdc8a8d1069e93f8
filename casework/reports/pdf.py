"""A paper as PDF/A-2b: set by typst from the paper as data, fonts embedded, the same bytes again.

typst reads no clock and opens no file of the machine but fonts: the template, the paper as JSON and
the pictures are handed over in memory. What the paper says is never read as typst code.
"""

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

import typst

from casework.reports.fonts import FAMILY, FIXED, require_fonts
from casework.reports.model import Block, Facts, Grid, Paper, Text, figures
from ingest.errors import RingfenceError
from ingest.telling import to_say
from ingest.texts import Language, say

TEMPLATE = Path(__file__).with_name("paper.typ")
STANDARD = "a-2b"
STRANGE = 40
"""Different signs that the font lacks and a paper may still hold; they are printed by number."""

_NOT_IN_FONT = re.compile(r'the text `"(.+)"` could not be displayed')
_MARK_WIDTH = 520  # points that the watermark may take across a page


def pdf(paper: Paper) -> bytes:
    """Return the paper as PDF/A-2b; the same paper gives the same bytes.

    Raises
    ------
    RingfenceError
        If the fonts are not installed.
    """
    return bytes(_compiled(paper, format="pdf", pdf_standards=[STANDARD]))


def pictures(paper: Paper, *, pages_per_inch: int = 110) -> list[bytes]:
    """Return the pages as PNG, for a preview."""
    pages = _compiled(paper, format="png", ppi=float(pages_per_inch))
    return [bytes(page) for page in pages] if isinstance(pages, list) else [bytes(pages)]


def picture(svg: str, *, width_mm: float, pixels_per_inch: int = 200) -> bytes:
    """Return one vector picture as PNG, for files that take no vectors."""
    require_fonts()
    page = (
        f'#set page(width: {width_mm}mm, height: auto, margin: 0mm)\n#image("f.svg", width: 100%)'
    )
    files: Any = {"main.typ": page.encode(), "f.svg": svg.encode()}
    return bytes(typst.compile(files, format="png", ppi=float(pixels_per_inch)))


def _compiled(paper: Paper, **options: Any) -> Any:
    require_fonts()
    files: Any = {
        "main.typ": TEMPLATE.read_bytes(),
        "paper.json": json.dumps(_plain(paper), ensure_ascii=False).encode(),
        **{f"{figure.name}.svg": figure.svg.encode() for figure in figures(paper)},
    }
    midnight = datetime.fromisoformat(paper.day).replace(tzinfo=UTC)
    for _ in range(STRANGE):
        try:
            return typst.compile(files, timestamp=int(midnight.timestamp()), **options)
        except typst.TypstError as error:
            strange = _NOT_IN_FONT.search(error.message)
            if strange is None:
                raise
            files["paper.json"] = _by_number(files["paper.json"].decode(), strange[1]).encode()
    raise RingfenceError(to_say("refused.paper.signs", most=STRANGE, family=FAMILY))


def _by_number(text: str, strange: str) -> str:
    """Put the number of each sign that the font lacks in its place, so that it is not lost."""
    for sign in strange:
        text = text.replace(sign, f"[U+{ord(sign):04X}]")
    return text


def _plain(paper: Paper) -> dict[str, Any]:
    wide = sum(2 if ord(sign) >= 0x2E80 else 1 for sign in paper.watermark)
    return {
        **{
            name: getattr(paper, name)
            for name in ("title", "number", "confidentiality", "watermark", "day")
        },
        "lang": paper.language,
        "font": FAMILY,
        "fixed": FIXED,
        "mark_size": min(46, round(_MARK_WIDTH / max(1, wide) * 1.75)),
        "digest": say("report.digest", paper.language, digest=paper.digest),
        "page_words": say("report.page", paper.language, page="{page}", pages="{pages}"),
        "sign_words": say("report.sign", paper.language),
        "head": [asdict(fact) for fact in paper.head],
        "sections": [
            {
                "title": section.title,
                "opens_page": section.opens_page,
                "blocks": [
                    _block(block, after, paper.language)
                    for block, after in zip_longest(section.blocks, section.blocks[1:])
                ],
            }
            for section in paper.sections
        ],
    }


def _block(block: Block, after: Block | None, lang: Language) -> dict[str, Any]:
    held = {"type": type(block).__name__, **asdict(block)}
    held.pop("svg", None)
    held["announces"] = not isinstance(after, Text | None)
    if isinstance(block, Grid) and block.source:
        held["source"] = say("report.source", lang, source=block.source)
    if isinstance(block, Facts):
        held["sourced"] = any(row.source for row in block.rows)
    return held
