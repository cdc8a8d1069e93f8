"""One paper that somebody wants: looked at before, told what it lacks, then issued.

Each kind is issued by its own service; a look beforehand is held to the right of that service, and
leaves a row of its own in the audit log. What is looked at is built as what goes out, but bears no
number and is marked as not issued.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from casework.audit import Role, append
from casework.handover import Authority, draft_handover, hand_over, package_lacks
from casework.issuing import (
    Issued,
    Wanted,
    addressed,
    issue_case,
    issue_draft,
    issue_ring,
)
from casework.ledger import Ledger
from casework.letters import concerned, draft_letter, issue_letter, runs_gone
from casework.limits import local_day
from casework.paper_drafts import Draft, case_held, draft_case, draft_ring, lead_row
from casework.paper_lacks import Lack
from casework.paper_registers import draft_plan_paper, draft_proposal, proposal_held
from casework.plans_holding import find_plan
from casework.reports.handling import handling_of_case
from casework.reports.model import Paper, PaperKind
from casework.reports.network import Spot
from casework.reports.sheet_paper import OFFICERS
from casework.rights import RIGHTS, Officer, Refused, serving
from casework.sheets import (
    Inspection,
    certified,
    draft_notice,
    draft_sheet,
    issue_notice,
    issue_sheet,
)
from casework.statistics import draft_period, issue_period
from casework.subjects import find
from casework.tables import cases
from ingest.telling import to_say

FUNCTIONS: Mapping[PaperKind, str] = {
    "ring": "issuing.issue_ring",
    "case": "issuing.issue_case",
    "sheet": "sheets.issue_sheet",
    "notice": "sheets.issue_notice",
    "letter": "letters.issue_letter",
    "handover": "handover.hand_over",
    "period": "statistics.issue_period",
    "plan": "plans.list_plans",
    "proposal": "registers.list_proposals",
}
"""The service whose right each kind asks for: that which issues it, or lists what it tells."""


NO_DAY = date(2000, 1, 1)
"""The days of an order that is about no period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A paper that is wanted, and of what.

    ``key`` is a lead, its ring, a case, a plan or a proposal; a period has none, but ``first`` and
    ``last`` day.
    ``authority`` is whom a package goes to, ``area`` the other area a letter does (none: that with
    most settlements), ``positions`` those of a saved view for the network.
    """

    kind: PaperKind
    wanted: Wanted
    key: str = ""
    authority: Authority = "police"
    area: str = ""
    inspection: Inspection = "unannounced"
    first: date = NO_DAY
    last: date = NO_DAY
    publication: bool = False
    positions: Mapping[str, Spot] | None = None

    @property
    def about(self) -> str:
        """Return what the paper is about, as the audit log names it."""
        return self.key or f"{self.first} {self.last}"


def kinds_of(role: Role) -> tuple[PaperKind, ...]:
    """Return the kinds of papers that a role may issue of something."""
    return tuple(kind for kind, function in FUNCTIONS.items() if role in RIGHTS[function])


def issue_order(order: Order, *, ledger: Ledger, officer: Officer) -> tuple[Issued, bytes]:
    """Issue the paper and return its file; errors as the service of its kind."""
    key, wanted = order.key, order.wanted
    match order.kind:
        case "ring":
            return issue_ring(ledger, officer, key, wanted, positions=order.positions)
        case "case":
            return issue_case(ledger, officer, key, wanted)
        case "sheet":
            return issue_sheet(ledger, officer, key, wanted, inspection=order.inspection)
        case "notice":
            return issue_notice(ledger, officer, key, wanted)
        case "letter":
            return issue_letter(ledger, officer, key, wanted, area=order.area)
        case "handover":
            return hand_over(ledger, officer, key, order.authority, wanted)
        case "period":
            return issue_period(
                ledger,
                officer,
                wanted,
                first=order.first,
                last=order.last,
                publication=order.publication,
            )
        case "plan" | "proposal":
            function = FUNCTIONS[order.kind]
            held = _held(order, ledger, officer)
            with serving(ledger, officer, function, key) as connection:
                draft = _draft(connection, order, ledger, officer, held)
                return issue_draft(connection, ledger, officer, draft, wanted)


def preview(order: Order, *, ledger: Ledger, officer: Officer) -> Paper:
    """Return the paper as it would go out now, marked as not issued; of a package, its list.

    Errors as the service of its kind.
    """
    function, lang = FUNCTIONS[order.kind], order.wanted.language
    held = _held(order, ledger, officer)
    with serving(ledger, officer, function, order.about) as connection:
        draft = _draft(connection, order, ledger, officer, held)
        paper = draft.paper
        if order.kind != "handover":
            paper = addressed(paper, officer, order.wanted)
        at = ledger.clock()
        append(
            connection,
            officer,
            at=at,
            action="paper.previewed",
            object_class="paper",
            object=draft.subject or order.about,
            case_id=draft.case_id,
            purpose=order.wanted.purpose or None,
            details={"kind": order.kind, "language": lang, "recipient": order.wanted.recipient},
        )
    return paper.as_preview(local_day(at).isoformat())


def lacking(order: Order, *, ledger: Ledger, officer: Officer) -> tuple[Lack, ...]:
    """Return what the paper lacks, what it is refused without first; cheap, and no row is left.

    Raises
    ------
    NotFound
        If there is no such lead or case, or the officer may not know of it.
    """
    function = FUNCTIONS[order.kind]
    if order.kind == "proposal":
        proposal_held(order.key, ledger=ledger, officer=officer)
    with serving(ledger, officer, function, order.about) as connection:
        found = _lacks(connection, order, ledger, officer, function)
    if order.kind != "notice" and not order.wanted.purpose:
        found.append(Lack(name="purpose", blocks=False))
    return tuple(sorted(found, key=lambda lack: not lack.blocks))


def _held(order: Order, ledger: Ledger, officer: Officer) -> Any:
    """Return what a paper tells of that other services read, each in its own transaction."""
    if order.kind == "case":
        purpose, function = order.wanted.purpose or None, FUNCTIONS[order.kind]
        return case_held(order.key, purpose, ledger=ledger, officer=officer, function=function)
    if order.kind == "proposal":
        return proposal_held(order.key, ledger=ledger, officer=officer)
    return None


def _draft(
    connection: Connection, order: Order, ledger: Ledger, officer: Officer, held: Any
) -> Draft:
    function, key, lang = FUNCTIONS[order.kind], order.key, order.wanted.language
    here = (connection, ledger, officer, function, key)
    match order.kind:
        case "ring":
            return draft_ring(*here, lang, positions=order.positions)
        case "case":
            case, limits = held
            return draft_case(connection, ledger, officer, function, case, limits, lang)
        case "sheet":
            return draft_sheet(*here, lang, inspection=order.inspection)
        case "notice":
            return draft_notice(*here, lang)
        case "letter":
            return draft_letter(*here, lang, area=order.area)
        case "handover":
            return draft_handover(*here, order.authority, order.wanted)
        case "plan":
            return draft_plan_paper(connection, officer, function, key, lang)
        case "proposal":
            return draft_proposal(connection, ledger, held, lang)
        case "period":
            return draft_period(
                connection,
                officer,
                function,
                lang,
                first=order.first,
                last=order.last,
                publication=order.publication,
            )


def _lacks(
    connection: Connection, order: Order, ledger: Ledger, officer: Officer, function: str
) -> list[Lack]:
    if order.kind == "period":
        over = order.last < local_day(ledger.clock())
        return [] if over else [Lack(name="not_over", blocks=False)]
    if order.kind == "plan":
        find_plan(connection, officer, function, order.key)
        return []
    if order.kind == "proposal":
        return []
    if not order.key.startswith("K-"):
        return _lacks_of_lead(connection, order, ledger, officer, function)
    row = find(connection, officer, function, order.key, of=cases)
    if order.kind == "letter":
        return _lacks_of_letter(connection, ledger, order.key)
    if order.kind == "handover":
        return list(package_lacks(connection, officer, row, order.authority))
    if order.kind in ("sheet", "notice"):
        have = certified(handling_of_case(connection, row, order.wanted.language))
        if have < OFFICERS:
            told = {"have": str(have), "needs": str(OFFICERS)}
            return [Lack(name="certificates", values=told)]
    return []


def _lacks_of_letter(connection: Connection, ledger: Ledger, case_id: str) -> list[Lack]:
    if gone := runs_gone(connection, ledger.workspace, case_id):
        return [Lack(name="run_gone", values={"run": gone[0]})]
    found = concerned(connection, ledger.workspace, case_id)
    return [] if found else [Lack(name="no_other_area")]


def _lacks_of_lead(
    connection: Connection, order: Order, ledger: Ledger, officer: Officer, function: str
) -> list[Lack]:
    if order.kind in ("case", "letter", "handover"):
        raise Refused(to_say("refused.paper.no_case", key=order.key))
    row = lead_row(connection, officer, function, order.key)
    folder = ledger.workspace.runs / row.run
    if not (folder / "rings.parquet").exists():
        return [Lack(name="run_gone", values={"run": row.run})]
    found = []
    if not ledger.workspace.is_current(folder):
        found.append(Lack(name="other_import", blocks=False))
    if not row.present:
        found.append(Lack(name="dropped", blocks=False))
    return found
