"""Proposals of points, credit items and exits: drafted with rule and evidence, decided by a person.

Nothing here takes effect by itself. A proposal rests on a closed case (a plus item on a place's
answer in a plan), names the rule it follows and the rows it rests on, and is decided by somebody
who neither drafted it nor works on the case. Points follow a decision, so they are proposed on
closed cases only, at most twelve for a person in a natural year.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from casework.audit import append
from casework.canonical import canonical, stamp
from casework.ledger import Ledger
from casework.limits import local_day
from casework.registers_agreements import end_agreement
from casework.registers_evidence import (
    can_propose,
    of_case,
    of_plan,
    rule_of,
    subjects_of_proposals,
)
from casework.registers_rules import Consequence, Grade, Kind, Rule, consequence, grade
from casework.rights import NotFound, Officer, Refused, Scope, reaches, require, serving
from casework.tables_papers import proposals
from ingest.telling import to_say, word


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
        found = rule_of(ledger, kind, rule, plan=False)
        unit, evidence = of_case(connection, officer, function, case_id, found, subject)
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
        unit, evidence = of_plan(connection, officer, function, plan_id, place)
        found = rule_of(ledger, "credit", rule, plan=True)
        values = {"unit": unit, "case_id": None, "plan_id": plan_id, "subject": place}
        return _write(connection, ledger, officer, found, values, amount, reason, evidence)


def list_proposals(ledger: Ledger, officer: Officer) -> list[Proposal]:
    """Return the proposals that the officer may see, open ones first, then the newest."""
    function = "registers.list_proposals"
    with serving(ledger, officer, function, "proposals") as connection:
        scope = require(officer, function)
        rows = connection.execute(select(proposals).order_by(proposals.c.at.desc())).all()
        seen = _reached(connection, officer, scope, rows)
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
        (subject,) = subjects_of_proposals(connection, [row])
        require(officer, function, subject)
        own = officer.name == row.who or officer.name in subject.assigned
        if own or row.state != "open" or not reason.strip():
            raise Refused(
                to_say(
                    "refused.register.decide",
                    proposal_id=proposal_id,
                    state=word("supervision.proposal_state", row.state),
                    who=row.who,
                )
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
        counts = (proposals.c.kind == "credit") | (
            (proposals.c.kind == "points") & (proposals.c.year == year)
        )
        query = select(proposals).where(proposals.c.state == "approved", counts)
        held: dict[str, dict[str, list[int]]] = {}
        for row in _reached(connection, officer, scope, connection.execute(query).all()):
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


def _reached(
    connection: Connection, officer: Officer, scope: Scope, rows: Sequence[Row[Any]]
) -> list[Row[Any]]:
    """Return those of the rows that a right of this reach covers."""
    subjects = subjects_of_proposals(connection, rows)
    return [
        row for row, subject in zip(rows, subjects, strict=True) if reaches(scope, officer, subject)
    ]


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
    can_propose(connection, ledger, rule, values["subject"], amount, year, reason)
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
