"""The case file: what the case is, its leads, every move, paper, note and deadline, in order."""

from collections.abc import Sequence

from casework.cases import CaseFile
from casework.deadlines import Deadline
from casework.joint import ANSWER
from casework.papers import Attachment
from casework.reports.frame import (
    Handling,
    fact_lines,
    handled,
    log_extract,
    numbered,
    officers_block,
    sign_off,
    table,
)
from casework.reports.model import Fact, Paper, Section, Text
from casework.reports.words import SUREST, local, money, name_of, share
from ingest.texts import Language, say


def case_paper(
    held: CaseFile,
    deadlines: Sequence[Deadline],
    handling: Handling,
    lang: Language,
    *,
    called: Sequence[Section] = (),
) -> Paper:
    """Return the file of a case, still without number and day.

    ``called`` tells who was called back and what they said, where somebody was.
    """
    sections = [
        _case(held, handling, lang),
        _leads(held, lang),
        _news(held, lang),
        _moves(held, lang),
        _papers(held, lang),
        _notes(held, lang),
        *called,
        _deadlines(deadlines, lang),
        sign_off(lang, "checker", "reviewer", "approver"),
        log_extract(handling.log, lang),
    ]
    return handled(
        "case",
        handling,
        lang,
        Fact(name=say("report.head.title", lang), value=held.case.title),
        title=say("report.title.case", lang),
        sections=numbered(sections, lang),
    )


def _case(held: CaseFile, handling: Handling, lang: Language) -> Section:
    case = held.case
    told = (
        ("state", name_of("case_state", case.state, lang), "cases.state"),
        ("decision", name_of("case_decision", case.decision, lang), "cases.decision"),
        ("grave", say(f"report.answer.{'yes' if case.grave else 'no'}", lang), "cases.grave"),
        ("supervised", case.supervised_until or "–", "cases.supervised_until"),
        ("opened", f"{local(case.made_at)}　{case.made_by}", "cases.made_at, made_by"),
    )
    return Section(
        title=say("report.section.case", lang),
        blocks=(fact_lines(told, lang), officers_block(handling, lang)),
    )


def _signed(one: Attachment, lang: Language) -> str:
    """Return who signed a paper; the authority of its answer by name."""
    if one.paper == ANSWER and one.signed_by:
        return name_of("authority", one.signed_by, lang)
    return one.signed_by or "–"


def _listed(
    section: str,
    names: Sequence[str],
    widths: Sequence[float],
    rows: Sequence[tuple[str, ...]],
    lang: Language,
    *,
    source: str,
) -> Section:
    """Return a section that is one table."""
    blocks = table(names, widths, rows, lang, source=source)
    return Section(title=say(f"report.section.{section}", lang), blocks=blocks)


def _leads(held: CaseFile, lang: Language) -> Section:
    rows = [
        (
            lead.lead_id,
            lead.ring_id,
            name_of("kind", lead.facts["kind"], lang),
            share(min(float(lead.facts["probability"]), SUREST)),
            money(lead.facts["loss_mid"], lang),
            name_of("lead_outcome", lead.outcome, lang),
        )
        for lead in held.leads
    ]
    names = ("lead", "ring", "kind", "probability", "loss", "outcome")
    return _listed(
        "leads",
        names,
        (1.4, 1.4, 1.5, 0.8, 1.4, 1.1),
        rows,
        lang,
        source="leads.lead_id, ring_id, facts, outcome",
    )


def _news(held: CaseFile, lang: Language) -> Section:
    rows = [
        (
            local(one.at),
            one.lead_id,
            name_of("lead_change", one.change, lang),
            one.run,
            ", ".join(sorted(set(one.was) | set(one.now))),
        )
        for one in held.news
    ]
    names = ("at", "lead", "change", "run", "text")
    return _listed(
        "news",
        names,
        (1.5, 1.3, 1.4, 1.6, 2.2),
        rows,
        lang,
        source="lead_history.at, lead_id, change, run, was, now",
    )


def _moves(held: CaseFile, lang: Language) -> Section:
    rows = [
        (
            str(one.number),
            local(one.at),
            name_of("case_move", one.move, lang),
            " ".join(
                part
                for part in (
                    name_of("case_state", one.after, lang),
                    name_of("case_decision", one.choice, lang) if one.choice else "",
                )
                if part
            ),
            one.reason,
            one.drafted_by,
            one.who,
        )
        for one in held.moves
    ]
    names = ("n", "at", "move", "state", "reason", "drafted_by", "who")
    return _listed(
        "moves",
        names,
        (0.4, 1.5, 1.3, 1.2, 2.2, 1.0, 1.0),
        rows,
        lang,
        source="moves.number, at, move, after, choice, reason, drafted_by, who",
    )


def _papers(held: CaseFile, lang: Language) -> Section:
    rows = [
        (
            str(one.number),
            name_of("case_paper", one.paper, lang),
            one.name,
            _signed(one, lang),
            local(one.at),
            one.sha256,
        )
        for one in held.attachments
    ]
    names = ("n", "paper", "file", "signed_by", "at", "sha256")
    return _listed(
        "papers",
        names,
        (0.4, 1.3, 1.5, 0.9, 1.3, 2.6),
        rows,
        lang,
        source="attachments.number, paper, name, signed_by, at, sha256",
    )


def _notes(held: CaseFile, lang: Language) -> Section:
    rows = [(str(one.number), local(one.at), one.who, one.text) for one in held.notes]
    return _listed(
        "notes",
        ("n", "at", "who", "text"),
        (0.4, 1.4, 1.0, 4.4),
        rows,
        lang,
        source="notes.number, at, who, text",
    )


def _deadlines(deadlines: Sequence[Deadline], lang: Language) -> Section:
    rows = [
        (
            name_of("limit", one.limit.name, lang),
            one.began.isoformat(),
            one.due.isoformat() if one.due else "–",
            name_of("deadline_status", one.status, lang),
        )
        for one in deadlines
    ]
    blocks = table(
        ("limit", "began", "due", "status"),
        (2, 1.2, 1.2, 1.6),
        rows,
        lang,
        source="deadlines.limit, began, ended",
    )
    unverified = any(not one.limit.verified for one in deadlines)
    note = (Text(text=say("report.limits_unverified", lang), small=True),) if unverified else ()
    return Section(title=say("report.section.deadlines", lang), blocks=(*blocks, *note))
