"""Who may do what, and with which leads and cases: one table, asked by every service function.

The roles are those of the supervision practice (analyst, investigator, supervisor, discipline
liaison, informant desk, administrator, auditor, expert). A right is a function and how far it
reaches. What is not in the table is not allowed. "Not there" and "not allowed" are one error with
one sentence, so that nobody learns from a refusal that a lead exists.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import Connection

from casework.audit import Actor, Role, append
from casework.ledger import Ledger, writing
from ingest.errors import RingfenceError
from ingest.telling import to_say

Scope = Literal["own", "assigned", "unit", "insider", "desk", "accounts", "all"]
ROLES: tuple[Role, ...] = get_args(Role)

_TEAM: Mapping[Role, Scope] = {
    "investigator": "assigned",
    "supervisor": "unit",
    "liaison": "insider",
}
_WORKS: Mapping[Role, Scope] = {"investigator": "assigned", "liaison": "insider"}
_DECIDES: Mapping[Role, Scope] = {"supervisor": "unit", "liaison": "insider"}
_DESK: Mapping[Role, Scope] = {"informant_desk": "desk"}
_ACCOUNTS: Mapping[Role, Scope] = {"administrator": "accounts"}
_DRAFTS: Mapping[Role, Scope] = {"analyst": "own", "investigator": "own", "liaison": "own"}

RIGHTS: Mapping[str, Mapping[Role, Scope]] = {
    "leads.take_in": {"analyst": "unit", "supervisor": "unit"},
    "leads.list_leads": {"analyst": "unit", **_TEAM},
    "leads.read_lead": {"analyst": "unit", **_TEAM},
    "leads.assign_lead": _DECIDES,
    "leads.hand_to_unit": {"supervisor": "unit"},
    "feedback.export_feedback": {"analyst": "unit", **_DECIDES},
    "cases.open_case": _TEAM,
    "cases.list_cases": _TEAM,
    "cases.read_case": _TEAM,
    "cases.assign_case": _DECIDES,
    "cases.mark_case": _DECIDES,
    "colleagues.list_colleagues": _DECIDES,
    "papers.add_note": _TEAM,
    "papers.attach_evidence": _WORKS,
    "papers.attach_paper": _TEAM,
    "papers.read_attachment": _TEAM,
    "decisions.propose_outcome": {"analyst": "unit", **_WORKS},
    "decisions.propose_move": _WORKS,
    "decisions.make_move": _WORKS,
    "decisions.list_drafts": {"analyst": "own", **_TEAM},
    "decisions.approve": _DECIDES,
    "decisions.return_draft": _DECIDES,
    "decisions.withdraw": _DRAFTS,
    "deadlines.list_deadlines": _TEAM,
    "deadlines.pause_deadline": _DECIDES,
    "deadlines.resume_deadline": _DECIDES,
    "deadlines.extend_deadline": _DECIDES,
    "draws.draw": {"supervisor": "unit"},
    "draws.list_draws": {"supervisor": "unit"},
    "call_backs.draw_people": _TEAM,
    "call_backs.list_call_backs": _TEAM,
    "call_backs.note_result": _TEAM,
    "audit_reading.read_audit": {**_DRAFTS, "supervisor": "own", "auditor": "all"},
    "audit_reading.search_audit": {**_DRAFTS, "supervisor": "own", "auditor": "all"},
    "audit_reading.who_saw": {"auditor": "all"},
    "audit_reading.export_audit": {"auditor": "all"},
    "audit_reading.verify_audit": {"auditor": "all"},
    "accounts.create_account": _ACCOUNTS,
    "accounts.list_accounts": _ACCOUNTS,
    "accounts.lock_account": _ACCOUNTS,
    "accounts.unlock_account": _ACCOUNTS,
    "accounts.change_role": _ACCOUNTS,
    "accounts.reset_password": _ACCOUNTS,
    "accounts.link_account": _ACCOUNTS,
    "accounts_clients.add_client": _ACCOUNTS,
    "accounts_clients.list_clients": _ACCOUNTS,
    "accounts_clients.remove_client": _ACCOUNTS,
    "news.set_address": _ACCOUNTS,
    "news.list_addresses": _ACCOUNTS,
    "news.remove_address": _ACCOUNTS,
    "reveals.masked": _TEAM,
    "reveals.reveal": _TEAM,
    "reveals.find_by_name": _TEAM,
    "reveals.list_reveals": _TEAM,
    "reveals.approve_reveal": _DECIDES,
    "reveals.return_reveal": _DECIDES,
    "tips.register_tip": _DESK,
    "tips.list_tips": {**_DESK, **_TEAM},
    "tips.read_tip": {**_DESK, **_TEAM},
    "tips.name_entities": {**_DESK, **_DECIDES},
    "tips.mark_insider": {**_DESK, "supervisor": "unit"},
    "tips.accept_tip": _DECIDES,
    "tips.leads_of_tip": _DECIDES,
    "tips.link_lead": _DECIDES,
    "tips.conclude_tip": _DECIDES,
    "tips.inform_of_filing": _DESK,
    "tips.answer_tip": _DESK,
    "tips_extract.count_waiting": _DESK,
    "tips_extract.take_in_extract": _DESK,
    "tips_rewards.propose_reward": _DESK,
    "tips_rewards.list_rewards": {**_DESK, **_DECIDES},
    "tips_rewards.decide_reward": _DECIDES,
    "informants.keep_informant": _DESK,
    "informants.read_informant": _DESK,
    "informants.read_telling": _DESK,
    "kpis.record_recovery": _TEAM,
    "kpis.figures": _DECIDES,
    "issuing.issue_ring": {"analyst": "unit", **_TEAM},
    "issuing.issue_case": _TEAM,
    "issuing.list_papers": _TEAM,
    "issuing.read_paper": _TEAM,
    "sheets.issue_sheet": _TEAM,
    "sheets.issue_notice": _TEAM,
    "letters.letter_areas": _TEAM,
    "letters.issue_letter": _TEAM,
    "handover.hand_over": _DECIDES,
    "joint.list_joint": _DECIDES,
    "coverage.board": {"supervisor": "unit"},
    "statistics.period_figures": _DECIDES,
    "statistics.issue_period": _DECIDES,
    "plans.draft_plan": {"analyst": "unit", "supervisor": "unit"},
    "plans.list_plans": {"analyst": "unit", "supervisor": "unit"},
    "plans.decide_plan": {"supervisor": "unit"},
    "plans.note_answer": {"supervisor": "unit"},
    "plans.recheck_list": {"analyst": "unit", "supervisor": "unit"},
    "registers.propose": _WORKS,
    "registers.propose_for_answer": {"supervisor": "unit"},
    "registers.list_proposals": _TEAM,
    "registers.decide_proposal": _DECIDES,
    "registers.standings": _TEAM,
    "registers_agreements.set_agreement": {"supervisor": "unit"},
    "registers_agreements.list_agreements": {"analyst": "unit", "supervisor": "unit"},
    "control.make_sheet": {"liaison": "insider"},
    "control.list_sheets": {"liaison": "insider"},
    "control.answer_check": {"liaison": "insider"},
    "control.print_sheet": {"liaison": "insider"},
    "risk_points.add_point": {"liaison": "insider"},
    "risk_points.list_points": {"liaison": "insider"},
    "risk_points.change_point": {"liaison": "insider"},
}
"""How far each role may use each service function; roles that are not named may not use it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer(Actor):
    """Who acts, as what, and in which unit of the agency."""

    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a right is asked for: a lead or a case.

    ``assigned`` are the names of its officers, ``concerned`` the units that never see it,
    ``author`` is who drafted what the call is about, where it is about a draft.
    """

    key: str
    unit: str
    insider: bool
    concerned: frozenset[str]
    assigned: frozenset[str]
    author: str | None = None


class Refused(RingfenceError):
    """A service did not do what was asked; the audit log has a row of the attempt."""


class NotFound(Refused):
    """There is no such object, or this officer may not know of it; the two read the same."""

    def __init__(self, key: str) -> None:
        """Name what was asked for, and nothing about it."""
        self.key = key
        super().__init__(to_say("refused.account.not_found", key=key))


def require(officer: Officer, function: str, subject: Subject | None = None) -> Scope:
    """Return how far a right reaches; without a subject, whether the function may be used at all.

    Raises
    ------
    NotFound
        If the role has no such right, or it does not reach this subject.
    KeyError
        If no such function is in the table: a fault of ours.
    """
    scope = RIGHTS[function].get(officer.role)
    if scope is None or (subject is not None and not reaches(scope, officer, subject)):
        raise NotFound(subject.key if subject else function)
    return scope


def reaches(scope: Scope, officer: Officer, subject: Subject) -> bool:
    """Whether a right of this reach covers a subject.

    Leads and cases with agency staff are covered for the discipline liaison alone, and never for
    one of a unit concerned. An officer without a unit reaches nothing of a unit.
    """
    if subject.insider:
        liaison = officer.role == "liaison" and bool(officer.unit)
        if not liaison or officer.unit in subject.concerned:
            return False
    match scope:
        case "insider":
            return subject.insider
        case "unit":
            return bool(officer.unit) and officer.unit == subject.unit
        case "assigned":
            return officer.name in subject.assigned
        case "own":
            return officer.name == subject.author
        case "all":
            return True
        case "desk" | "accounts":
            return False  # no lead and no case: tips and accounts are asked for by their services


@contextmanager
def serving(ledger: Ledger, officer: Officer, function: str, key: str) -> Iterator[Connection]:
    """Yield the one transaction of a service call about ``key``.

    A call that is refused leaves nothing but a row of the attempt in the audit log.
    """
    try:
        require(officer, function)
        with writing(ledger) as connection:
            yield connection
    except Refused as refusal:
        with writing(ledger) as connection:
            append(
                connection,
                officer,
                at=ledger.clock(),
                action="access.refused" if isinstance(refusal, NotFound) else "service.refused",
                object_class=function,
                object=key,
                details={"unit": officer.unit, "why": type(refusal).__name__},
            )
        raise


def matrix() -> str:
    """Return the table of rights as Markdown, a row for each function, a column for each role."""
    lines = [
        f"| function | {' | '.join(ROLES)} |",
        f"|---|{'---|' * len(ROLES)}",
    ]
    for function, given in RIGHTS.items():
        cells = " | ".join(given.get(role, "–") for role in ROLES)
        lines.append(f"| `{function}` | {cells} |")
    return "\n".join(lines) + "\n"
