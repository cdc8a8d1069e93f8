"""A plan of checks on paper: why, which places, when they were seen most, what was found."""

from typing import TYPE_CHECKING

from casework.reports.frame import fact_lines, numbered, sign_off, table, unissued
from casework.reports.model import Fact, Paper, Section, Text
from casework.reports.words import hours, money, name_of, number
from ingest.texts import Language, say

if TYPE_CHECKING:  # the ledger's modules of plans need not know of papers
    from casework.plans_holding import Plan


def plan_paper(plan: "Plan", lang: Language) -> Paper:
    """Return a plan, still without number and day; it bears no person, only places."""
    kind = name_of("supervision.plan_kind", plan.kind, lang)
    state = name_of("supervision.plan_state", plan.state, lang)
    sections = [_why(plan, lang), _places(plan, lang)]
    if any(target.state != "open" for target in plan.targets):
        sections.append(_found(plan, lang))
    return unissued(
        "plan",
        lang,
        Fact(name=say("report.head.plan", lang), value=plan.plan_id),
        Fact(name=say("report.head.unit", lang), value=plan.unit),
        Fact(name=say("report.head.inspection", lang), value=kind),
        Fact(name=say("report.head.status", lang), value=state),
        title=say("report.title.plan", lang, title=plan.title),
        marking="plain",
        watermark=state,
        sections=numbered([*sections, sign_off(lang, "checker", "approver")], lang),
    )


def _why(plan: "Plan", lang: Language) -> Section:
    decided = "　".join(one for one in (plan.decided_by, plan.decided_reason) if one) or "–"
    days = f"{plan.first.isoformat()} – {plan.last.isoformat()}"
    told = (
        ("plan_days", days, "plans.first, last"),
        ("plan_places", number(len(plan.targets)), "plan_targets.place"),
        ("plan_draw", plan.draw_id or "–", "plans.draw_id"),
        ("made_by", plan.made_by, "plans.made_by"),
        ("decided_by", decided, "plans.decided_by, decided_reason"),
    )
    return Section(
        title=say("report.section.plan", lang),
        blocks=(Text(text=plan.purpose), fact_lines(told, lang)),
    )


def _places(plan: "Plan", lang: Language) -> Section:
    rows = [
        (
            str(n),
            one.place,
            name_of("supervision.origin", one.origin, lang),
            one.reason,
            hours(one.hours) or "–",
            one.due.isoformat(),
        )
        for n, one in enumerate(plan.targets, 1)
    ]
    names = ("n", "place", "origin", "reason", "hours", "due")
    source = "plan_targets.place, origin, reason, hours, due"
    return Section(
        title=say("report.section.plan_places", lang),
        blocks=(
            *table(names, (0.4, 1.5, 1.0, 2.4, 1.6, 1.1), rows, lang, source=source),
            Text(text=say("report.plan_hours", lang), small=True),
        ),
    )


def _found(plan: "Plan", lang: Language) -> Section:
    rows = [
        (
            str(n),
            one.place,
            name_of("supervision.place_state", one.state, lang),
            one.answer or "–",
            money(one.returned_yuan, lang),
        )
        for n, one in enumerate(plan.targets, 1)
    ]
    names = ("n", "place", "status", "statement", "returned")
    source = "plan_targets.place, state, answer, returned_yuan"
    return Section(
        title=say("report.section.plan_found", lang),
        blocks=(
            *table(names, (0.4, 1.5, 1.0, 3.4, 1.4), rows, lang, source=source),
            Text(text=say("report.plan_note", lang), small=True),
        ),
    )
