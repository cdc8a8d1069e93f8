"""The report of a period: counts and money, each with what it counts; no name, no case."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from casework.reports.frame import numbered, sign_off, unissued
from casework.reports.model import Column, Fact, Facts, Grid, Paper, Section, Text
from casework.reports.words import money, name_of, number
from ingest.texts import Language, say

if TYPE_CHECKING:  # the figures' module builds this paper
    from casework.statistics import Figures

AREAS = {
    "kinds": "kind",
    "outcomes": "lead_outcome",
    "decisions": "case_decision",
    "authorities": "authority",
}
KEPT_BACK = "*"
SOURCES: Mapping[str, str] = {
    "leads": "leads.made_at",
    "judged": "moves.move, at",
    "cases": "cases.made_at",
    "filed": "moves.move, at",
    "concluded": "moves.move, at",
    "decided": "moves.move, at",
    "closed": "moves.move, at",
    "draws": "draws.at",
    "places_checked": "plan_targets.state, changed_at",
    "self_checks": "plan_targets.state, changed_at",
    "agreements_ended": "agreement_history.state, at",
    "handed_over": "issued_papers.kind, recipient, at",
    "recovered": "recoveries.day, amount_fen",
    "kinds": "leads.made_at, facts",
    "outcomes": "moves.move, choice, at",
    "decisions": "moves.move, choice, at",
    "authorities": "issued_papers.kind, recipient, at",
}
"""The columns of the ledger that each figure is counted from."""


def period_paper(
    figures: "Figures", unit: str, lang: Language, *, publication: bool, insider: bool
) -> Paper:
    """Return the report of a period; ``publication`` marks one whose small counts are kept back.

    What is published names no column: whoever asks finds the source in the report of the period.
    """
    marking = "public" if publication else "insider" if insider else "plain"
    sections = [
        Section(
            title=say("report.section.counts", lang),
            blocks=(
                Facts(
                    rows=tuple(
                        Fact(
                            name=say(f"report.total.{name}", lang),
                            value=_shown(value),
                            source="" if publication else SOURCES[name],
                        )
                        for name, value in figures.totals.items()
                    )
                ),
                Facts(rows=(_recovered(figures.recovered_fen, lang, told=not publication),)),
            ),
        ),
        *(
            Section(
                title=say(f"report.section.{name}", lang),
                blocks=(_group(name, group, lang, told=not publication),),
            )
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
    return unissued(
        "period",
        lang,
        Fact(name=say("report.head.unit", lang), value=unit),
        Fact(
            name=say("report.head.period", lang),
            value=f"{figures.first.isoformat()} – {figures.last.isoformat()}",
        ),
        title=say(f"report.title.{'public' if publication else 'period'}", lang),
        marking=marking,
        sections=numbered(sections, lang),
    )


def _recovered(fen: int | None, lang: Language, *, told: bool) -> Fact:
    value = KEPT_BACK if fen is None else money(Decimal(fen) / 100, lang)
    name = say("report.total.recovered", lang)
    return Fact(name=name, value=value, source=SOURCES["recovered"] if told else "")


def _group(
    name: str, group: Mapping[str, int | None], lang: Language, *, told: bool
) -> Grid | Text:
    if not group:
        return Text(text=say("report.nothing", lang))
    return Grid(
        columns=(
            Column(name=say("report.column.kind", lang), width=3),
            Column(name=say("report.column.value", lang), align="right"),
        ),
        rows=tuple((name_of(AREAS[name], key, lang), _shown(v)) for key, v in group.items()),
        source=SOURCES[name] if told else "",
    )


def _shown(value: int | None) -> str:
    return KEPT_BACK if value is None else number(value)
