"""The case file: what the case is, its leads, every move, paper, note and deadline, in order."""

from collections.abc import Sequence

from casework.cases import CaseFile
from casework.deadlines import Deadline
from casework.joint import ANSWER
from casework.papers import Attachment
from casework.reports.frame import (
    Handling,
    handled,
    log_extract,
    numbered,
    officers_block,
    sign_off,
)
from casework.reports.model import Block, Column, Fact, Facts, Grid, Paper, Section, Text
from casework.reports.words import SUREST, local, money, name_of, share
from ingest.texts import Language, say

_CODES = frozenset({"lead", "ring", "file", "sha256", "run"})


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


def _case(held: CaseFile, handling: Handling, lang: Language) -> Section:
    case = held.case
    told = (
        ("state", name_of("case_state", case.state, lang), "state"),
        ("decision", name_of("case_decision", case.decision, lang), "decision"),
        ("grave", say(f"report.answer.{'yes' if case.grave else 'no'}", lang), "grave"),
        ("supervised", case.supervised_until or "–", "supervised_until"),
        ("opened", f"{local(case.made_at)}　{case.made_by}", "made_at, made_by"),
    )
    rows = tuple(
        Fact(name=say(f"report.fact.{name}", lang), value=value, source=f"cases.{columns}")
        for name, value, columns in told
    )
    return Section(
        title=say("report.section.case", lang),
        blocks=(Facts(rows=rows), officers_block(handling, lang)),
    )


def _signed(one: Attachment, lang: Language) -> str:
    """Return who signed a paper; the authority of its answer by name."""
    if one.paper == ANSWER and one.signed_by:
        return name_of("authority", one.signed_by, lang)
    return one.signed_by or "–"


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
    return Section(
        title=say("report.section.leads", lang),
        blocks=table(
            names,
            (1.4, 1.4, 1.5, 0.8, 1.4, 1.1),
            rows,
            lang,
            source="leads.lead_id, ring_id, facts, outcome",
        ),
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
    return Section(
        title=say("report.section.news", lang),
        blocks=table(
            names,
            (1.5, 1.3, 1.4, 1.6, 2.2),
            rows,
            lang,
            source="lead_history.at, lead_id, change, run, was, now",
        ),
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
    return Section(
        title=say("report.section.moves", lang),
        blocks=table(
            names,
            (0.4, 1.5, 1.3, 1.2, 2.2, 1.0, 1.0),
            rows,
            lang,
            source="moves.number, at, move, after, choice, reason, drafted_by, who",
        ),
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
    return Section(
        title=say("report.section.papers", lang),
        blocks=table(
            names,
            (0.4, 1.3, 1.5, 0.9, 1.3, 2.6),
            rows,
            lang,
            source="attachments.number, paper, name, signed_by, at, sha256",
        ),
    )


def _notes(held: CaseFile, lang: Language) -> Section:
    rows = [(str(one.number), local(one.at), one.who, one.text) for one in held.notes]
    return Section(
        title=say("report.section.notes", lang),
        blocks=table(
            ("n", "at", "who", "text"),
            (0.4, 1.4, 1.0, 4.4),
            rows,
            lang,
            source="notes.number, at, who, text",
        ),
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
