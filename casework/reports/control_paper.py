"""The internal control sheet of the agency on paper: what the tables show, what people answered."""

from typing import TYPE_CHECKING

from casework.reports.frame import sign_off, unissued
from casework.reports.model import Block, Column, Fact, Grid, Paper, Points, Section, Text
from casework.reports.words import number
from ingest.texts import Language, say

if TYPE_CHECKING:  # the service's module builds this paper
    from casework.control import ControlSheet


def control_paper(sheet: "ControlSheet", lang: Language) -> Paper:
    """Return the sheet, still without number and day; it is for the discipline liaison alone."""
    columns = ("check", "found", "of", "answer", "remark", "who")
    widths = (3.4, 0.7, 0.7, 1.0, 2.0, 1.0)
    rows = []
    for one in sheet.rows:
        judged, words, who = sheet.answers.get(one.check, ("", "", ""))
        known = one.of is not None
        rows.append(
            (
                say(f"control_check.{one.check}", lang),
                number(one.count) if known else "–",
                number(one.of),
                say(f"control_judged.{judged}", lang) if judged else "",
                words,
                who,
            )
        )
    grid = Grid(
        columns=tuple(
            Column(name=say(f"report.column.{name}", lang), width=width)
            for name, width in zip(columns, widths, strict=True)
        ),
        rows=tuple(rows),
        tall=True,
        source="control_sheets.rows, answers",
    )
    keys = tuple(
        say(
            "report.control.keys",
            lang,
            check=say(f"control_check.{one.check}", lang),
            keys=", ".join(one.keys),
        )
        for one in sheet.rows
        if one.keys
    )
    blocks: list[Block] = [grid, Text(text=say("report.control.note", lang), small=True)]
    if keys:
        blocks.append(Points(items=keys))
    return unissued(
        "sheet",
        lang,
        Fact(name=say("report.head.unit", lang), value=sheet.unit),
        Fact(name=say("report.head.period", lang), value=sheet.month),
        Fact(name=say("report.head.versions", lang), value=sheet.import_id),
        title=say("report.title.control", lang),
        marking="insider",
        sections=(
            Section(title=say("report.section.control", lang), blocks=tuple(blocks)),
            sign_off(lang, "checker", "reviewer"),
        ),
    )
