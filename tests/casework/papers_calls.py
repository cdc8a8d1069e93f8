"""How papers, plans, registers and control sheets are called on a planted subject."""

from datetime import date

from sqlalchemy import Connection, insert

from casework import (
    control,
    coverage,
    handover,
    issuing,
    joint,
    plans,
    registers,
    registers_agreements,
    sheets,
    statistics,
)
from casework.ledger import Ledger
from casework.rights import Officer
from casework.tables_papers import (
    control_sheets,
    issued_papers,
    plan_targets,
    proposals,
)
from casework.tables_papers import plans as plan_table
from tests.casework.past_rights import Calls, past_rights

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
LISTS = {
    "issuing.list_papers": "F",
    "joint.list_joint": "K",
    "plans.list_plans": "Q",
    "registers.list_proposals": "N",
    "control.list_sheets": "C",
}
WITHOUT_SUBJECT = {
    "coverage.board",
    "statistics.period_figures",
    "statistics.issue_period",
    "plans.recheck_list",
    "registers.standings",
    "registers_agreements.set_agreement",
    "registers_agreements.list_agreements",
    "control.make_sheet",
}
OF_UNIT = {
    "plans.list_plans",
    "plans.decide_plan",
    "plans.note_answer",
    "registers.propose_for_answer",
}
OF_INSIDERS = {"control.list_sheets", "control.answer_check", "control.print_sheet"}
LETTERS = "FQNC"


def papers_calls(ledger: Ledger, who: Officer, number: str) -> Calls:
    """Return the calls; one that gets past its rights and then lacks something went through."""
    lead, case, paper, plan, proposal, sheet = (f"{letter}-{number}" for letter in "LKFQNC")
    wanted = issuing.Wanted(language="en")
    plain: Calls = {
        "issuing.issue_ring": lambda: issuing.issue_ring(ledger, who, lead, wanted),
        "issuing.issue_case": lambda: issuing.issue_case(ledger, who, case, wanted),
        "issuing.list_papers": lambda: [p.paper_id for p in issuing.list_papers(ledger, who)],
        "issuing.read_paper": lambda: issuing.read_paper(ledger, who, paper),
        "sheets.issue_sheet": lambda: sheets.issue_sheet(ledger, who, lead, wanted),
        "sheets.issue_notice": lambda: sheets.issue_notice(ledger, who, case, wanted),
        "handover.hand_over": lambda: handover.hand_over(ledger, who, case, "police", wanted),
        "joint.list_joint": lambda: [one.case_id for one in joint.list_joint(ledger, who)],
        "coverage.board": lambda: coverage.board(ledger, who, first=FIRST, last=LAST),
        "statistics.period_figures": lambda: statistics.period_figures(
            ledger, who, first=FIRST, last=LAST
        ),
        "statistics.issue_period": lambda: statistics.issue_period(
            ledger, who, wanted, first=FIRST, last=LAST
        ),
        "plans.draft_plan": lambda: plans.draft_plan(
            ledger,
            who,
            kind="campaign",
            title="t",
            purpose="p",
            first=FIRST,
            last=LAST,
            lead_ids=[lead],
            places={"P1": "r"},
        ),
        "plans.list_plans": lambda: [one.plan_id for one in plans.list_plans(ledger, who)],
        "plans.decide_plan": lambda: plans.decide_plan(
            ledger, who, plan, approve=True, reason="r", revision=1
        ),
        "plans.note_answer": lambda: plans.note_answer(
            ledger, who, plan, "P1", done="checked", answer="a", revision=1
        ),
        "plans.recheck_list": lambda: plans.recheck_list(ledger, who),
        "registers.propose": lambda: registers.propose(
            ledger, who, case, kind="exit", subject="P1", rule="decided", amount=0, reason="r"
        ),
        "registers.propose_for_answer": lambda: registers.propose_for_answer(
            ledger, who, plan, place="P1", rule="self_corrected", amount=1, reason="r"
        ),
        "registers.list_proposals": lambda: [
            one.proposal_id for one in registers.list_proposals(ledger, who)
        ],
        "registers.decide_proposal": lambda: registers.decide_proposal(
            ledger, who, proposal, approve=False, reason="r"
        ),
        "registers.standings": lambda: registers.standings(ledger, who, year=2026),
        "registers_agreements.set_agreement": lambda: registers_agreements.set_agreement(
            ledger, who, f"P-{number}", state="active", since=FIRST, reason="r"
        ),
        "registers_agreements.list_agreements": lambda: registers_agreements.list_agreements(
            ledger, who
        ),
        "control.make_sheet": lambda: control.make_sheet(ledger, who, month="2026-01"),
        "control.list_sheets": lambda: [one.sheet_id for one in control.list_sheets(ledger, who)],
        "control.answer_check": lambda: control.answer_check(
            ledger, who, sheet, check="no_review", judged="in_order", words="w", revision=1
        ),
        "control.print_sheet": lambda: control.print_sheet(ledger, who, sheet, wanted),
    }
    return past_rights(plain)


def plant_papers(connection: Connection, number: str, unit: str, at: str, content: str) -> None:
    """Put a paper, a plan, a proposal and a control sheet beside the lead and case of a place."""
    case, plan = f"K-{number}", f"Q-{number}"
    by = {"at": at, "who": "somebody"}
    connection.execute(
        insert(issued_papers),
        {
            **{"paper_id": f"F-{number}", "kind": "case", "subject": case, "unit": unit},
            **{"number": "n", "day": "2026-01-01", "language": "en", "format": "pdf"},
            **{"recipient": "", "purpose": "", "content": number, "digest": number},
            **{"sha256": content, "size": 1, **by},
        },
    )
    connection.execute(
        insert(issued_papers),
        {
            **{"paper_id": f"H-{number}", "kind": "handover", "subject": case, "unit": unit},
            **{"number": "n", "day": "2026-01-01", "language": "en", "format": "zip"},
            **{"recipient": "police", "purpose": "", "content": case, "digest": case},
            **{"sha256": content, "size": 1, **by},
        },
    )
    connection.execute(
        insert(plan_table),
        {
            **{"plan_id": plan, "revision": 1, "unit": unit, "kind": "campaign", "title": "t"},
            **{"purpose": "p", "first": "2026-01-01", "last": "2026-12-31", "state": "drafted"},
            **{"made_at": at, "made_by": "somebody"},
        },
    )
    connection.execute(
        insert(plan_targets),
        {
            **{"plan_id": plan, "place": "P1", "origin": "named", "reason": "r", "hours": "[]"},
            **{"due": "2026-12-31", "state": "answered"},
        },
    )
    connection.execute(
        insert(proposals),
        {
            **{"proposal_id": f"N-{number}", "unit": unit, "case_id": case, "kind": "credit"},
            **{"subject": "P1", "rule": "decided", "amount": -10, "year": 2026, "evidence": "[]"},
            **{"reason": "r", "state": "open", **by},
        },
    )
    connection.execute(
        insert(control_sheets),
        {
            **{"sheet_id": f"C-{number}", "unit": unit, "month": "2026-01", "import_id": "i"},
            **{"revision": 1, "rows": "[]", "answers": "{}", "whole": False, **by},
        },
    )
