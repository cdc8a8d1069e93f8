"""What every paper has around its sections: heading, state, versions, log extract, signatures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from casework.audit import Entry
from casework.reports.model import (
    Block,
    Column,
    Fact,
    Facts,
    Grid,
    Paper,
    PaperKind,
    Section,
    Signatures,
    Text,
)
from casework.reports.words import local, name_of
from ingest.texts import Language, say

HASH_SHOWN = 16
"""Hexadecimal digits of a hash that are printed: enough to find the row by."""

_CODES = frozenset({"lead", "ring", "file", "sha256", "run"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """What people did with the subject of a paper, as far as the paper tells it.

    ``status`` is in words. ``log`` are rows of the audit log about the subject, without those of
    mere reading. ``certificates`` are the officers' certificate numbers by name, None for none.
    """

    status: str
    unit: str
    lead_id: str | None
    case_id: str | None
    insider: bool
    filed: bool
    certificates: tuple[tuple[str, str | None], ...]
    log: tuple[Entry, ...]


def handled(
    kind: PaperKind,
    handling: Handling,
    lang: Language,
    *head: Fact,
    title: str,
    sections: Sequence[Section],
) -> Paper:
    """Return a paper about a lead or case: its marking, state and head are those of the handling.

    It has no number and day yet: whoever issues it sets them.
    """
    return unissued(
        kind,
        lang,
        *head_of(handling, lang, *head),
        title=title,
        marking="insider" if handling.insider else "plain",
        sections=sections,
        watermark=handling.status,
    )


def unissued(
    kind: PaperKind,
    lang: Language,
    *head: Fact,
    title: str,
    marking: str,
    sections: Sequence[Section],
    watermark: str = "",
) -> Paper:
    """Return a paper still without number and day; ``marking`` says who may read it."""
    return Paper(
        kind=kind,
        language=lang,
        title=title,
        number="",
        confidentiality=say(f"report.confidential.{marking}", lang),
        watermark=watermark,
        day="",
        head=head,
        sections=tuple(sections),
    )


def head_of(handling: Handling, lang: Language, *rows: Fact) -> tuple[Fact, ...]:
    """Return the head of a paper: what it is about, who handles it, how it stands."""
    about = handling.lead_id or handling.case_id or "–"
    return (
        *rows,
        Fact(name=say("report.head.subject", lang), value=about),
        Fact(name=say("report.head.unit", lang), value=handling.unit),
        Fact(name=say("report.head.status", lang), value=handling.status),
    )


def officers_block(handling: Handling, lang: Language, *, least: int = 0) -> Grid:
    """Return the officers with their certificates; empty lines up to ``least`` for writing in.

    Where it is to be written in, nothing is said of the ledger: a place may get to read it.
    """
    rows = [(name, number or "") for name, number in handling.certificates]
    rows += [("", "")] * max(0, least - len(rows))
    return Grid(
        columns=(
            Column(name=say("report.column.officer", lang)),
            Column(name=say("report.column.certificate", lang)),
        ),
        rows=tuple(rows),
        tall=least > 0,
        source="" if least else "assignments.name, certificate",
    )


def fact_lines(told: Iterable[tuple[str, str, str]], lang: Language) -> Facts:
    """Return lines of a name (of ``report.fact``), its value, and the columns that it stands in."""
    return Facts(
        rows=tuple(
            Fact(name=say(f"report.fact.{name}", lang), value=value, source=source)
            for name, value, source in told
        )
    )


def table(
    names: Sequence[str],
    widths: Sequence[float],
    rows: Sequence[tuple[str, ...]],
    lang: Language,
    *,
    source: str,
) -> tuple[Block, ...]:
    """Return a grid of named columns, or a line that says that there is nothing."""
    if not rows:
        return (Text(text=say("report.nothing", lang)),)
    columns = tuple(
        Column(name=say(f"report.column.{name}", lang), width=width, code=name in _CODES)
        for name, width in zip(names, widths, strict=True)
    )
    return (Grid(columns=columns, rows=tuple(rows), source=source),)


def sign_off(lang: Language, *roles: str) -> Section:
    """Return the lines to sign on; nobody signs for another, and nothing is signed by us."""
    lines = tuple((say(f"report.signer.{role}", lang), "") for role in roles)
    return Section(
        title=say("report.section.sign_off", lang),
        blocks=(Text(text=say("report.sign_note", lang), small=True), Signatures(lines=lines)),
    )


def log_extract(log: Sequence[Entry], lang: Language) -> Section:
    """Return what the audit log says of the subject, each row with the begin of its hash."""
    names = ("seq", "at", "who", "role", "action", "hash")
    widths = (0.6, 1.7, 1.4, 1.3, 1.9, 1.5)
    grid = Grid(
        columns=tuple(
            Column(name=say(f"report.column.{name}", lang), width=width, code=name == "hash")
            for name, width in zip(names, widths, strict=True)
        ),
        rows=tuple(
            (
                f"{row.seq:,}",
                local(row.at),
                row.who,
                name_of("role", row.role, lang),
                name_of("action", row.action.replace(".", "_"), lang),
                row.hash[:HASH_SHOWN],
            )
            for row in log
        ),
        source="audit.seq, at, who, role, action, hash",
    )
    none: Block = Text(text=say("report.log_none", lang))
    return Section(
        title=say("report.section.log", lang),
        blocks=(grid if log else none, Text(text=say("report.log_note", lang), small=True)),
    )


def numbered(sections: Sequence[Section], lang: Language) -> tuple[Section, ...]:
    """Return the sections with their numbers before the headings."""
    return tuple(
        Section(
            title=say("report.numbered", lang, number=n, title=section.title),
            blocks=section.blocks,
            opens_page=section.opens_page,
        )
        for n, section in enumerate(sections, 1)
    )
