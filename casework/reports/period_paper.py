"""The report of a period: counts and money, each with what it counts; no name, no case."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from casework.reports.frame import numbered, sign_off
from casework.reports.model import Column, Fact, Facts, Grid, Paper, Section, Text
from casework.reports.words import money, name_of, number
from ingest.texts import Language, say

if TYPE_CHECKING:  # the figures' module builds this paper
    from casework.statistics import Figures

AREAS = {"kinds": "kind", "outcomes": "lead_outcome", "decisions": "case_decision"}
KEPT_BACK = "*"


def period_paper(
    figures: "Figures", unit: str, lang: Language, *, publication: bool, insider: bool
) -> Paper:
    """Return the report of a period; ``publication`` marks one whose small counts are kept back."""
    marking = "public" if publication else "insider" if insider else "plain"
    sections = [
        Section(
            title=say("report.section.counts", lang),
            blocks=(
                Facts(
                    rows=tuple(
                        Fact(name=say(f"report.total.{name}", lang), value=_shown(value))
                        for name, value in figures.totals.items()
                    )
                ),
                Facts(rows=(_recovered(figures.recovered_fen, lang),)),
            ),
        ),
        *(
            Section(title=say(f"report.section.{name}", lang), blocks=(_group(name, group, lang),))
            for name, group in figures.groups.items()
        ),
        Section(
            title=say("report.section.method", lang),
            blocks=(
                Text(text=say("report.period.method", lang)),
                *((Text(text=say("report.period.kept_back", lang)),) if publication else ()),
            ),
        ),
        sign_off(lang, "checker", "approver"),
    ]
    return Paper(
        kind="period",
        language=lang,
        title=say(f"report.title.{'public' if publication else 'period'}", lang),
        number="",
        confidentiality=say(f"report.confidential.{marking}", lang),
        watermark="",
        day="",
        head=(
            Fact(name=say("report.head.unit", lang), value=unit),
            Fact(
                name=say("report.head.period", lang),
                value=f"{figures.first.isoformat()} – {figures.last.isoformat()}",
            ),
        ),
        sections=numbered(sections, lang),
    )


def _recovered(fen: int | None, lang: Language) -> Fact:
    value = KEPT_BACK if fen is None else money(Decimal(fen) / 100, lang)
    return Fact(name=say("report.total.recovered", lang), value=value)


def _group(name: str, group: Mapping[str, int | None], lang: Language) -> Grid | Text:
    if not group:
        return Text(text=say("report.nothing", lang))
    return Grid(
        columns=(
            Column(name=say("report.column.kind", lang), width=3),
            Column(name=say("report.column.value", lang), align="right"),
        ),
        rows=tuple((name_of(AREAS[name], key, lang), _shown(v)) for key, v in group.items()),
    )


def _shown(value: int | None) -> str:
    return KEPT_BACK if value is None else number(value)
