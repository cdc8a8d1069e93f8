"""A proposal of a register on paper: points, a credit item or an exit, its rule and evidence."""

from typing import TYPE_CHECKING

from casework.reports.frame import fact_lines, numbered, sign_off, table, unissued
from casework.reports.model import Fact, Paper, Section, Text
from casework.reports.words import local, name_of
from ingest.texts import Language, say

if TYPE_CHECKING:  # the ledger's modules of registers need not know of papers
    from casework.registers import Proposal


def proposal_paper(proposal: "Proposal", lang: Language, *, insider: bool, rule: bool) -> Paper:
    """Return a proposal, still without number and day.

    ``rule`` is whether somebody compared the rules with their text; the paper says so if not.
    """
    kind = name_of("supervision.proposal_kind", proposal.kind, lang)
    state = name_of("supervision.proposal_state", proposal.state, lang)
    sections = [_what(proposal, lang, rule=rule), _evidence(proposal, lang)]
    return unissued(
        "proposal",
        lang,
        Fact(name=say("report.head.proposal", lang), value=proposal.proposal_id),
        Fact(name=say("report.head.unit", lang), value=proposal.unit),
        Fact(
            name=say(f"report.head.{'subject' if proposal.case_id else 'plan'}", lang),
            value=proposal.case_id or proposal.plan_id or "–",
        ),
        Fact(name=say("report.head.status", lang), value=state),
        title=say("report.title.proposal", lang, kind=kind),
        marking="insider" if insider else "plain",
        watermark=state,
        sections=numbered([*sections, sign_off(lang, "checker", "approver")], lang),
    )


def _what(proposal: "Proposal", lang: Language, *, rule: bool) -> Section:
    named = name_of(f"supervision.rule.{proposal.kind}", proposal.rule, lang)
    decided = "　".join(
        one
        for one in (
            local(proposal.decided_at) if proposal.decided_at else "",
            proposal.decided_by,
            proposal.decided_reason,
        )
        if one
    )
    told = (
        ("about", proposal.subject, "proposals.subject"),
        ("rule", f"{named} ({proposal.rule})", "proposals.rule"),
        ("amount", f"{proposal.amount:+d}" if proposal.amount else "–", "proposals.amount"),
        ("year", str(proposal.year), "proposals.year"),
        ("made_by", f"{local(proposal.at)}　{proposal.who}", "proposals.at, who"),
        ("decided_by", decided or "–", "proposals.decided_at, decided_by, decided_reason"),
    )
    unverified = () if rule else (Text(text=say("report.rule_unverified", lang), small=True),)
    return Section(
        title=say("report.section.proposal", lang),
        blocks=(
            Text(text=proposal.reason),
            fact_lines(told, lang),
            Text(text=say("report.proposal_only", lang)),
            *unverified,
        ),
    )


def _evidence(proposal: "Proposal", lang: Language) -> Section:
    rows = [
        (str(n), name_of("supervision.evidence", name, lang), key)
        for n, (name, key) in enumerate(proposal.evidence, 1)
    ]
    return Section(
        title=say("report.section.rests_on", lang),
        blocks=table(
            ("n", "table", "key"), (0.4, 1.6, 5.0), rows, lang, source="proposals.evidence"
        ),
    )
