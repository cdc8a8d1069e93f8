"""A paper as values: what it says, in order, before it becomes a PDF or a DOCX.

Both files are written from the same :class:`Paper`, so they cannot say different things. Nothing in
it depends on the clock: whoever builds it passes the day.
"""

from dataclasses import asdict, dataclass, replace
from typing import Literal

from casework.canonical import digest
from ingest.texts import Language, say

PaperKind = Literal[
    "ring", "case", "sheet", "notice", "letter", "handover", "period", "plan", "proposal"
]
FileFormat = Literal["pdf", "docx"]
Align = Literal["left", "right", "center"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A paragraph; ``small`` for remarks and sources."""

    text: str
    small: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """A list; ``boxes`` puts an empty box before each point, to be ticked by hand."""

    items: tuple[str, ...]
    boxes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One value with its name, and the table and column it stands in."""

    name: str
    value: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Values one below the other."""

    rows: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a grid; ``width`` is its share of the line."""

    name: str
    width: float = 1.0
    align: Align = "left"
    code: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table whose head is repeated on every page; ``tall`` rows leave room to write by hand.

    ``source`` names the tables and columns that its values stand in, as ``Fact.source`` does:
    ``table.column, column; table.column``. A table to be filled in by hand has none.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    tall: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A vector picture; ``caption`` says what it shows, ``width_mm`` how wide it is printed."""

    name: str
    svg: str
    caption: str
    width_mm: float = 170.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatures:
    """Lines to sign on: for each the role, and the name where it is known."""

    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verbatim:
    """Text in a fixed width, such as a query."""

    text: str


Block = Text | Points | Facts | Grid | Figure | Signatures | Verbatim


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part with a heading; ``opens_page`` begins on a new one."""

    title: str
    blocks: tuple[Block, ...]
    opens_page: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A whole paper. ``day`` is ISO 8601; ``watermark`` stands across every page."""

    kind: PaperKind
    language: Language
    title: str
    number: str
    confidentiality: str
    watermark: str
    day: str
    head: tuple[Fact, ...]
    sections: tuple[Section, ...]

    @property
    def digest(self) -> str:
        """Return the SHA-256 of all that the paper says; it is printed on every page."""
        return digest(asdict(self))

    def as_preview(self, day: str) -> "Paper":
        """Return the paper as it is looked at before it is issued: marked so on every page."""
        mark = say("report.preview", self.language)
        marks = "　".join(one for one in (mark, self.watermark) if one)
        return replace(self, number=mark, watermark=marks, day=day)


def figures(paper: Paper) -> tuple[Figure, ...]:
    """Return the pictures of a paper in order."""
    return tuple(
        block for section in paper.sections for block in section.blocks if isinstance(block, Figure)
    )
