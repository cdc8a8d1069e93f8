"""The inspection sheet and the notice: what two officers take along and leave behind."""

from collections.abc import Sequence

from casework.reports.frame import Handling, handled, officers_block, unissued
from casework.reports.model import (
    Block,
    Column,
    Fact,
    Facts,
    Grid,
    Paper,
    Points,
    Section,
    Signatures,
    Text,
)
from casework.reports.sheet_parts import Check, filled, said, title
from ingest.texts import Language, say

OFFICERS = 2  # 国务院令第735号 art. 29
ROWS_TO_WRITE = 4


def sheet_paper(
    handling: Handling, checks: Sequence[Check], lang: Language, *, inspection: str
) -> Paper:
    """Return the on-site sheet: each place on pages of its own, to be filled in and signed."""
    opening = Section(
        title=say("report.sheet.before", lang),
        blocks=(
            Points(
                items=tuple(
                    say(f"report.sheet.before_{name}", lang)
                    for name in ("show", "record", "notice", "recuse")
                ),
                boxes=True,
            ),
            officers_block(handling, lang, least=OFFICERS),
        ),
    )
    parts = tuple(_place(check, lang) for check in checks)
    return handled(
        "sheet",
        handling,
        lang,
        Fact(
            name=say("report.head.inspection", lang),
            value=say(f"inspection.{inspection}", lang),
        ),
        Fact(name=say("report.head.places", lang), value=str(len(checks))),
        title=say("report.title.sheet", lang),
        sections=(opening, *parts),
    )


def notice_paper(handling: Handling, checks: Sequence[Check], lang: Language) -> Paper:
    """Return the notice of inspection, one page for each place, with its receipt to be signed.

    It says nothing of the lead: whoever is inspected learns what is checked, not why.
    """
    return unissued(
        "notice",
        lang,
        Fact(name=say("report.head.unit", lang), value=handling.unit),
        title=say("report.title.notice", lang),
        marking="notice",
        sections=tuple(
            _notice(check, handling, lang, first=n == 0) for n, check in enumerate(checks)
        ),
    )


def _notice(check: Check, handling: Handling, lang: Language, *, first: bool) -> Section:
    names = [name for name, _ in handling.certificates]
    lines = [(say("report.signer.officer", lang), name) for name in names]
    lines += [(say("report.signer.officer", lang), "")] * max(0, OFFICERS - len(lines))
    return Section(
        title=say("report.notice.to", lang, place=title(check, lang)),
        opens_page=not first,
        blocks=(
            Text(text=say("report.notice.ground", lang)),
            Points(
                items=tuple(
                    say(f"report.notice.{name}", lang)
                    for name in ("access", "documents", "data", "stock", "truth")
                )
            ),
            Text(text=say("report.notice.rights", lang)),
            officers_block(handling, lang, least=OFFICERS),
            Signatures(lines=(*lines, (say("report.signer.place", lang), ""))),
            Text(text=say("report.notice.receipt", lang), small=True),
        ),
    )


def _place(check: Check, lang: Language) -> Section:
    blocks: list[Block] = [
        Facts(
            rows=(
                Fact(name=say("report.sheet.visited", lang), value=""),
                Fact(name=say("report.sheet.present", lang), value=""),
                Fact(name=say("report.sheet.seed", lang), value=check.seed),
            )
        ),
        _answers(check, lang),
    ]
    for fill in dict.fromkeys(item.fill for item in check.items if item.fill):
        grid = filled(check, fill, lang)
        if grid is not None:
            blocks += [Text(text=say(f"report.sheet.fill_{fill}", lang)), grid]
    blocks += [
        Text(text=say("report.sheet.found", lang)),
        Grid(
            columns=(
                Column(name=say("report.column.n", lang), width=0.3),
                Column(name=say("report.column.statement", lang), width=4),
                Column(name=say("report.column.evidence", lang), width=1.5),
            ),
            rows=tuple((str(n), "", "") for n in range(1, ROWS_TO_WRITE + 1)),
            tall=True,
        ),
        Signatures(
            lines=tuple(
                (say(f"report.signer.{role}", lang), "")
                for role in ("officer", "officer", "place", "witness")
            )
        ),
    ]
    return Section(title=title(check, lang), blocks=tuple(blocks), opens_page=True)


def _answers(check: Check, lang: Language) -> Grid:
    return Grid(
        columns=(
            Column(name=say("report.column.n", lang), width=0.3),
            Column(name=say("report.column.check", lang), width=4.1),
            Column(name=say("report.column.answer", lang), width=1.7),
            Column(name=say("report.column.remark", lang), width=1.5),
        ),
        rows=tuple(
            (str(n), said(item, lang), say("report.sheet.answer", lang), "")
            for n, item in enumerate(check.items, 1)
        ),
        tall=True,
    )
