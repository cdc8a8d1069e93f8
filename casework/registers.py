"""Proposals of points, credit items and exits: drafted with rule and evidence, decided by a person.

Nothing here takes effect by itself. A proposal rests on a closed case (a plus item on a place's
answer in a plan), names the rule it follows and the rows it rests on, and is decided by somebody
who neither drafted it nor works on the case. Points follow a decision, so they are proposed on
closed cases only, at most twelve for a person in a natural year.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from casework.audit import append
from casework.canonical import canonical, stamp
from casework.ledger import Ledger
from casework.limits import local_day
from casework.registers_agreements import end_agreement
from casework.registers_rules import (
    Consequence,
    Grade,
    Kind,
    Rule,
    consequence,
    grade,
    read_rules,
)
from casework.rights import NotFound, Officer, Refused, Subject, reaches, require, serving
from casework.subjects import find, names, subject_of
from casework.tables import attachments, case_leads, cases, leads, moves
from casework.tables_papers import plan_targets, plans, proposals

CLOSED = frozenset({"closed", "archived"})
PEOPLE, PLACES = frozenset({"doctor", "staff"}), frozenset({"place"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What somebody proposes of a place or practitioner; ``evidence`` are (table, key)."""

    proposal_id: str
    unit: str
    case_id: str | None
    plan_id: str | None
    kind: Kind
    subject: str
    rule: str
    amount: int
    year: int
    evidence: tuple[tuple[str, str], ...]
    reason: str
    state: str
    at: str
    who: str
    decided_at: str | None
    decided_by: str | None
    decided_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a place or practitioner stands by what was approved; a person decides what follows."""

    subject: str
    points: int
    consequence: Consequence
    credit: int
    grade: Grade


def propose(
    ledger: Ledger,
    officer: Officer,
    case_id: str,
    *,
    kind: Kind,
    subject: str,
    rule: str,
    amount: int,
    reason: str,
) -> Proposal:
    """Propose points, a credit item or an exit for a member of a closed case's leads.

    The evidence is gathered from the ledger: the decision and its paper.

    Raises
    ------
    NotFound
        If there is no such case, or the officer may not know of it.
    Refused
        If the case is not closed or not so decided, the subject is not in it, the rule is none, the
        amount is outside of it or of what a year allows, or the reason is empty.
    """
    function = "registers.propose"
    with serving(ledger, officer, function, case_id) as connection:
        found = _rule(ledger, kind, rule, plan=False)
        unit, evidence = _of_case(connection, officer, function, case_id, found, subject)
        values = {"unit": unit, "case_id": case_id, "plan_id": None, "subject": subject}
        return _write(connection, ledger, officer, found, values, amount, reason, evidence)


def propose_for_answer(
    ledger: Ledger,
    officer: Officer,
    plan_id: str,
    *,
    place: str,
    rule: str,
    amount: int,
    reason: str,
) -> Proposal:
    """Propose a plus item for a place that answered in a plan; its answer is the evidence.

    Raises
    ------
    NotFound
        If there is no such plan, or the officer may not know of it.
    Refused
        If the place has not answered, the rule or amount is none, or the reason is empty.
    """
    function = "registers.propose_for_answer"
    with serving(ledger, officer, function, plan_id) as connection:
        unit, evidence = _of_plan(connection, officer, function, plan_id, place)
        found = _rule(ledger, "credit", rule, plan=True)
        values = {"unit": unit, "case_id": None, "plan_id": plan_id, "subject": place}
        return _write(connection, ledger, officer, found, values, amount, reason, evidence)


def list_proposals(ledger: Ledger, officer: Officer) -> list[Proposal]:
    """Return the proposals that the officer may see, open ones first, then the newest."""
    function = "registers.list_proposals"
    with serving(ledger, officer, function, "proposals") as connection:
        scope = require(officer, function)
        rows = connection.execute(select(proposals).order_by(proposals.c.at.desc())).all()
        seen = [row for row in rows if reaches(scope, officer, _subject(connection, row))]
        return sorted((_proposal(row) for row in seen), key=lambda one: one.state != "open")


def decide_proposal(
    ledger: Ledger, officer: Officer, proposal_id: str, *, approve: bool, reason: str
) -> Proposal:
    """Approve or return a proposal; an approved exit ends the agreement and bars a new one.

    Raises
    ------
    NotFound
        If there is none, or the officer may not know of it.
    Refused
        If it is decided already, the officer drafted it or works on the case, or gives no reason.
    """
    function = "registers.decide_proposal"
    with serving(ledger, officer, function, proposal_id) as connection:
        row = connection.execute(
            select(proposals).where(proposals.c.proposal_id == proposal_id)
        ).one_or_none()
        if row is None:
            raise NotFound(proposal_id)
        subject = _subject(connection, row)
        require(officer, function, subject)
        own = officer.name == row.who or officer.name in subject.assigned
        if own or row.state != "open" or not reason.strip():
            raise Refused(
                f"Proposal {proposal_id} (state {row.state}, drafted by {row.who}) is not decided: "
                "somebody who neither drafted it nor works on the case decides it, with a reason."
            )
        at, state = ledger.clock(), "approved" if approve else "returned"
        values = {
            "state": state,
            "decided_at": stamp(at),
            "decided_by": officer.name,
            "decided_reason": reason.strip(),
        }
        connection.execute(
            update(proposals).where(proposals.c.proposal_id == proposal_id).values(**values)
        )
        if approve and row.kind == "exit":
            end_agreement(connection, ledger, officer, row.subject, row.unit, row.case_id, reason)
        _noted(connection, ledger, officer, f"proposal.{state}", {**row._mapping, **values})
        return _read(connection, proposal_id)


def standings(ledger: Ledger, officer: Officer, *, year: int) -> list[Standing]:
    """Return how each place and practitioner stands that has approved items, by code.

    Points are those of the natural year, credit items count from when they were approved.
    """
    function = "registers.standings"
    with serving(ledger, officer, function, "standings") as connection:
        scope = require(officer, function)
        rows = connection.execute(select(proposals).where(proposals.c.state == "approved")).all()
        held: dict[str, dict[str, list[int]]] = {}
        for row in rows:
            counts = row.kind == "credit" or (row.kind == "points" and row.year == year)
            if counts and reaches(scope, officer, _subject(connection, row)):
                held.setdefault(row.subject, {}).setdefault(row.kind, []).append(row.amount)
        return [
            Standing(
                subject=subject,
                points=sum(kinds.get("points", [])),
                consequence=consequence(kinds.get("points", [])),
                credit=sum(kinds.get("credit", [])),
                grade=grade(kinds.get("credit", [])),
            )
            for subject, kinds in sorted(held.items())
        ]


def _rule(ledger: Ledger, kind: Kind, name: str, *, plan: bool) -> Rule:
    held = read_rules(ledger.workspace).rules
    found = held.get((kind, name))
    if found is None or found.plan is not plan:
        known = ", ".join(n for (k, n), rule in held.items() if k == kind and rule.plan is plan)
        raise Refused(f"There is no rule '{name}' for {kind} here: choose one of {known or '-'}.")
    return found


def _write(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    rule: Rule,
    values: Mapping[str, Any],
    amount: int,
    reason: str,
    evidence: list[tuple[str, str]],
) -> Proposal:
    at, proposal_id = ledger.clock(), f"N-{secrets.token_hex(6)}"
    year = local_day(at).year
    _can_propose(connection, ledger, rule, values["subject"], amount, year, reason)
    row = {
        **values,
        "proposal_id": proposal_id,
        "kind": rule.kind,
        "rule": rule.name,
        "amount": amount,
        "year": year,
        "evidence": canonical(evidence),
        "reason": reason.strip(),
        "state": "open",
        "at": stamp(at),
        "who": officer.name,
    }
    connection.execute(insert(proposals), row)
    _noted(connection, ledger, officer, "proposal.drafted", row)
    return _read(connection, proposal_id)


def _of_case(
    connection: Connection,
    officer: Officer,
    function: str,
    case_id: str,
    rule: Rule,
    subject: str,
) -> tuple[str, list[tuple[str, str]]]:
    row = find(connection, officer, function, case_id, of=cases)
    query = select(leads.c.facts).join(case_leads).where(case_leads.c.case_id == case_id)
    wanted = PEOPLE if rule.kind == "points" else PLACES
    if rule.kind == "credit":
        wanted = PEOPLE | PLACES
    members = {
        key
        for (facts,) in connection.execute(query)
        for kind, key, _ in json.loads(facts)["members"]
        if kind in wanted
    }
    if row.state not in CLOSED or row.decision not in rule.decisions or subject not in members:
        raise Refused(
            f"Nothing is proposed for {subject} from case {case_id} (state {row.state}, decision "
            f"{row.decision}): the case is closed with {' or '.join(rule.decisions)}, and the "
            f"subject one of its {' or '.join(sorted(wanted))} members."
        )
    decided = select(moves.c.number).where(moves.c.subject == case_id, moves.c.move == "decide")
    papers = select(attachments.c.sha256).where(
        attachments.c.case_id == case_id, attachments.c.paper == "decision_paper"
    )
    evidence = [("moves", f"{case_id} {number}") for (number,) in connection.execute(decided)]
    evidence += [("attachments", sha256) for (sha256,) in connection.execute(papers)]
    return row.unit, evidence


def _of_plan(
    connection: Connection, officer: Officer, function: str, plan_id: str, subject: str
) -> tuple[str, list[tuple[str, str]]]:
    row = connection.execute(select(plans).where(plans.c.plan_id == plan_id)).one_or_none()
    if row is None:
        raise NotFound(plan_id)
    require(officer, function, _plain_subject(plan_id, row.unit, row.made_by))
    query = select(plan_targets.c.state).where(
        plan_targets.c.plan_id == plan_id, plan_targets.c.place == subject
    )
    if connection.execute(query).scalar_one_or_none() in (None, "open"):
        raise Refused(f"{subject} has not answered in plan {plan_id}: note its answer first.")
    return row.unit, [("plan_targets", f"{plan_id} {subject}")]


def _can_propose(
    connection: Connection,
    ledger: Ledger,
    rule: Rule,
    subject: str,
    amount: int,
    year: int,
    reason: str,
) -> None:
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
            f"{amount} for {subject} by rule '{rule.name}' cannot be proposed: the rule allows "
            f"{rule.least} to {rule.most}, a year {most} points (by now "
            f"{sum(row.amount for row in same)}), a repeated act an earlier approved one; and a "
            "reason is given."
        )


def _subject(connection: Connection, row: Row[Any]) -> Subject:
    """Return what rights ask about a proposal: its case, or its unit."""
    if row.case_id is None:
        return _plain_subject(row.proposal_id, row.unit, row.who)
    case = connection.execute(select(cases).where(cases.c.case_id == row.case_id)).one()
    assigned = names(connection, [row.case_id])[row.case_id]
    held = subject_of(row.case_id, case, assigned, author=row.who)
    return Subject(
        key=row.proposal_id,
        unit=held.unit,
        insider=held.insider,
        concerned=held.concerned,
        assigned=held.assigned,
        author=held.author,
    )


def _plain_subject(key: str, unit: str, author: str) -> Subject:
    return Subject(
        key=key,
        unit=unit,
        insider=False,
        concerned=frozenset(),
        assigned=frozenset(),
        author=author,
    )


def _read(connection: Connection, proposal_id: str) -> Proposal:
    return _proposal(
        connection.execute(select(proposals).where(proposals.c.proposal_id == proposal_id)).one()
    )


def _proposal(row: Row[Any]) -> Proposal:
    evidence = tuple((table, key) for table, key in json.loads(row.evidence))
    return Proposal(**{**row._mapping, "evidence": evidence})


def _noted(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    action: str,
    values: Mapping[str, Any],
) -> None:
    append(
        connection,
        officer,
        at=ledger.clock(),
        action=action,
        object_class="proposal",
        object=values["proposal_id"],
        case_id=values["case_id"],
        details={
            name: values[name] for name in ("kind", "subject", "rule", "amount", "year", "reason")
        },
    )
