"""What a proposal rests on: a rule, a closed case or an answer in a plan, and room in the year."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, select

from casework.ledger import Ledger
from casework.plans_holding import find_plan
from casework.registers_rules import Kind, Rule, read_rules
from casework.rights import Officer, Refused, Subject
from casework.subjects import find, members_of, names, plain_subject, subject_of
from casework.tables import attachments, cases, moves
from casework.tables_papers import plan_targets, proposals
from ingest.telling import to_say, word, words

CLOSED = frozenset({"closed", "archived"})
PEOPLE, PLACES = frozenset({"doctor", "staff"}), frozenset({"place"})
ENTITIES: Mapping[Kind, frozenset[str]] = {
    "points": PEOPLE,
    "credit": PEOPLE | PLACES,
    "exit": PLACES,
}
"""Types of members that each kind of proposal may be about."""


def rule_of(ledger: Ledger, kind: Kind, name: str, *, plan: bool) -> Rule:
    """Return the rule of that name, on a case or on an answer in a plan.

    Raises
    ------
    Refused
        If there is none.
    """
    held = read_rules(ledger.workspace).rules
    found = held.get((kind, name))
    if found is None or found.plan is not plan:
        known = [n for (k, n), rule in held.items() if k == kind and rule.plan is plan]
        raise Refused(
            to_say(
                "refused.register.no_rule",
                name=word(f"supervision.rule.{kind}", name),
                kind=word("supervision.proposal_kind", kind),
                known=words(f"supervision.rule.{kind}", known),
            )
        )
    return found


def subjects_of(kind: Kind, members: Iterable[tuple[str, str, str]]) -> list[str]:
    """Return whom of these members (type, key, role) something may be proposed of, by code.

    Examples
    --------
    >>> subjects_of("exit", [("place", "P1", "place"), ("staff", "S-1", "cashier")])
    ['P1']
    """
    return sorted({key for entity, key, _ in members if entity in ENTITIES[kind]})


def of_case(
    connection: Connection,
    officer: Officer,
    function: str,
    case_id: str,
    rule: Rule,
    subject: str,
) -> tuple[str, list[tuple[str, str]]]:
    """Return the unit of a case and what a proposal on it rests on: its decision and its paper.

    Raises
    ------
    NotFound
        If there is no such case, or the officer may not know of it.
    Refused
        If the case is not closed or not so decided, or the subject is not in it.
    """
    row = find(connection, officer, function, case_id, of=cases)
    wanted = ENTITIES[rule.kind]
    members = subjects_of(rule.kind, members_of(connection, case_id))
    if row.state not in CLOSED or row.decision not in rule.decisions or subject not in members:
        raise Refused(
            to_say(
                "refused.register.case",
                subject=subject,
                case_id=case_id,
                state=word("case_state", row.state),
                decision=word("case_decision", row.decision),
                decisions=words("case_decision", rule.decisions, by="or"),
                wanted=words("explorer.entity", sorted(wanted), by="or"),
            )
        )
    decided = select(moves.c.number).where(moves.c.subject == case_id, moves.c.move == "decide")
    papers = select(attachments.c.sha256).where(
        attachments.c.case_id == case_id, attachments.c.paper == "decision_paper"
    )
    evidence = [("moves", f"{case_id} {number}") for (number,) in connection.execute(decided)]
    evidence += [("attachments", sha256) for (sha256,) in connection.execute(papers)]
    return row.unit, evidence


def of_plan(
    connection: Connection, officer: Officer, function: str, plan_id: str, subject: str
) -> tuple[str, list[tuple[str, str]]]:
    """Return the unit of a plan and what a plus item rests on: the answer of the place.

    Raises
    ------
    NotFound
        If there is no such plan, or the officer may not know of it.
    Refused
        If the place has not answered.
    """
    row = find_plan(connection, officer, function, plan_id)
    query = select(plan_targets.c.state).where(
        plan_targets.c.plan_id == plan_id, plan_targets.c.place == subject
    )
    if connection.execute(query).scalar_one_or_none() in (None, "open"):
        raise Refused(to_say("refused.register.no_answer", subject=subject, plan_id=plan_id))
    return row.unit, [("plan_targets", f"{plan_id} {subject}")]


def can_propose(
    connection: Connection,
    ledger: Ledger,
    rule: Rule,
    subject: str,
    amount: int,
    year: int,
    reason: str,
) -> None:
    """Refuse an amount that rule or year does not allow, and a proposal without a reason."""
    same = connection.execute(
        select(proposals.c.amount, proposals.c.state).where(
            proposals.c.subject == subject,
            proposals.c.kind == rule.kind,
            proposals.c.year == year,
            proposals.c.state != "returned",
        )
    ).all()
    earlier = any(row.state == "approved" for row in same)
    most = read_rules(ledger.workspace).year_most
    over = rule.kind == "points" and sum(row.amount for row in same) + amount > most
    fits = rule.least <= amount <= rule.most
    if not fits or over or not reason.strip() or (rule.repeated and not earlier):
        raise Refused(
            to_say(
                "refused.register.amount",
                amount=amount,
                subject=subject,
                rule=word(f"supervision.rule.{rule.kind}", rule.name),
                least=rule.least,
                limit=rule.most,
                most=most,
                so_far=sum(row.amount for row in same),
            )
        )


def subjects_of_proposals(connection: Connection, rows: Sequence[Row[Any]]) -> list[Subject]:
    """Return what rights ask about proposals, in their order: each one's case, or its unit."""
    wanted = sorted({row.case_id for row in rows if row.case_id is not None})
    found = connection.execute(select(cases).where(cases.c.case_id.in_(wanted)))
    held, officers = {case.case_id: case for case in found}, names(connection, wanted)
    return [
        plain_subject(row.proposal_id, row.unit, author=row.who)
        if row.case_id is None
        else replace(
            subject_of(row.case_id, held[row.case_id], officers[row.case_id], author=row.who),
            key=row.proposal_id,
        )
        for row in rows
    ]
