"""Plans of checks: campaigns, unannounced inspections, re-checks (回头看) and self-checks.

A plan is drafted from rings, closed cases or a draw, approved by somebody else, and then worked off
place by place. Self-checks are asked of a place and answered by it; what follows from an answer is
a person's decision. Places of leads with agency staff never come into a unit's plan.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import get_args

from sqlalchemy import insert, select, update

from casework.audit import NAME_LENGTH
from casework.canonical import stamp
from casework.lead_history import history
from casework.ledger import Ledger
from casework.plans_holding import (
    Done,
    Kind,
    Origin,
    Outdated,
    Plan,
    Target,
    change_plan,
    find_plan,
    note_plan,
    plan_of,
    plans_of,
    row_of_target,
    subject_of_plan,
)
from casework.plans_places import from_draw, from_leads
from casework.rights import NotFound, Officer, Refused, reaches, require, serving
from casework.subjects import visible
from casework.tables import leads, moves
from casework.tables_papers import plan_targets, plans
from ingest.telling import to_say, word, words

__all__ = [
    "Done",
    "Kind",
    "Origin",
    "Outdated",
    "Plan",
    "Target",
    "decide_plan",
    "draft_plan",
    "list_plans",
    "note_answer",
    "recheck_list",
]


def draft_plan(
    ledger: Ledger,
    officer: Officer,
    *,
    kind: Kind,
    title: str,
    purpose: str,
    first: date,
    last: date,
    lead_ids: Sequence[str] = (),
    draw_id: str | None = None,
    places: Mapping[str, str] | None = None,
    without: Collection[str] = (),
) -> Plan:
    """Draft a plan: the places of these leads, of a draw of targets, and those named with a reason.

    A re-check takes the places of the leads that are named even if they are judged or their cases
    closed: that is what it is for. Each place stands in it once, due on the last day. Places of
    leads that are ``without`` are left out; the audit log has them.

    Raises
    ------
    NotFound
        If a lead or draw is none that the officer may know of.
    Refused
        If it has no place, no purpose, a wrong kind, or ends before it begins, or a place that was
        drawn or named is to be left out.
    """
    function = "plans.draft_plan"
    with serving(ledger, officer, function, kind) as connection:
        _can_draft(kind, title, purpose, first, last)
        targets = from_leads(connection, ledger, officer, function, kind, lead_ids, last)
        targets = {place: one for place, one in targets.items() if place not in without}
        targets |= from_draw(connection, officer, draw_id, last) if draw_id else {}
        for place, reason in (places or {}).items():
            if not reason.strip():
                raise Refused(to_say("refused.plan.named_why", place=place))
            targets.setdefault(
                place, Target(place=place, origin="named", reason=reason.strip(), due=last)
            )
        kept = sorted(set(without) & set(targets))
        if kept:
            raise Refused(to_say("refused.plan.left_out", place=kept[0]))
        if not targets:
            raise Refused(to_say("refused.plan.no_place"))
        at, plan_id = ledger.clock(), f"B-{secrets.token_hex(6)}"
        values = {
            "plan_id": plan_id,
            "revision": 1,
            "unit": officer.unit,
            "kind": kind,
            "title": title.strip(),
            "purpose": purpose.strip(),
            "first": first.isoformat(),
            "last": last.isoformat(),
            "state": "drafted",
            "draw_id": draw_id,
            "made_at": stamp(at),
            "made_by": officer.name,
        }
        connection.execute(insert(plans), values)
        connection.execute(
            insert(plan_targets), [row_of_target(plan_id, t) for t in targets.values()]
        )
        left_out, count = sorted(without), len(targets)
        note_plan(connection, officer, at, "plan.drafted", plan_id, count=count, left_out=left_out)
        return plan_of(connection, plan_id)


def list_plans(ledger: Ledger, officer: Officer) -> list[Plan]:
    """Return the plans of the officer's unit, those that end first on top."""
    function = "plans.list_plans"
    with serving(ledger, officer, function, "plans") as connection:
        scope = require(officer, function)
        rows = connection.execute(select(plans).order_by(plans.c.last, plans.c.plan_id)).all()
        mine = [row for row in rows if reaches(scope, officer, subject_of_plan(row))]
        return plans_of(connection, mine)


def decide_plan(
    ledger: Ledger, officer: Officer, plan_id: str, *, approve: bool, reason: str, revision: int
) -> Plan:
    """Approve a plan, or return it, with a reason; whoever drafted it does not.

    Raises
    ------
    Outdated
        If it was changed since ``revision``.
    Refused
        If the officer drafted it, it is decided already, or the reason is empty.
    """
    function = "plans.decide_plan"
    with serving(ledger, officer, function, plan_id) as connection:
        row = find_plan(connection, officer, function, plan_id)
        if row.made_by == officer.name or row.state != "drafted" or not reason.strip():
            raise Refused(
                to_say(
                    "refused.plan.decide",
                    plan_id=plan_id,
                    state=word("supervision.plan_state", row.state),
                    made_by=row.made_by,
                )
            )
        state = "approved" if approve else "returned"
        change_plan(
            connection,
            row,
            revision,
            state=state,
            decided_at=stamp(ledger.clock()),
            decided_by=officer.name,
            decided_reason=reason.strip(),
        )
        note_plan(connection, officer, ledger.clock(), f"plan.{state}", plan_id, reason=reason)
        return plan_of(connection, plan_id)


def note_answer(
    ledger: Ledger,
    officer: Officer,
    plan_id: str,
    place: str,
    *,
    done: Done,
    answer: str,
    revision: int,
    returned_yuan: str | None = None,
) -> Plan:
    """Write down what a place answered to its self-check, or what was found when it was checked.

    ``returned_yuan`` is what the place says it pays back. Nothing follows from it by itself.

    Raises
    ------
    NotFound
        If the plan has no such place.
    Outdated
        If the plan was changed since ``revision``.
    Refused
        If the plan is not approved, or the answer or the money is none.
    """
    function = "plans.note_answer"
    with serving(ledger, officer, function, plan_id) as connection:
        row = find_plan(connection, officer, function, plan_id)
        where = (plan_targets.c.plan_id == plan_id, plan_targets.c.place == place)
        if connection.execute(select(plan_targets.c.state).where(*where)).one_or_none() is None:
            raise NotFound(f"{plan_id} {place}")
        money = _yuan(returned_yuan)
        if row.state != "approved" or not answer.strip() or done not in get_args(Done):
            raise Refused(
                to_say(
                    "refused.plan.note",
                    place=place,
                    plan_id=plan_id,
                    state=word("supervision.plan_state", row.state),
                    choices=words("supervision.place_state", get_args(Done)),
                )
            )
        at = ledger.clock()
        connection.execute(
            update(plan_targets)
            .where(*where)
            .values(
                state=done,
                answer=answer.strip(),
                returned_yuan=money,
                changed_at=stamp(at),
                changed_by=officer.name,
            )
        )
        change_plan(connection, row, revision)
        note_plan(
            connection,
            officer,
            at,
            "plan.noted",
            plan_id,
            place=place,
            done=done,
            returned_yuan=money,
        )
        return plan_of(connection, plan_id)


def recheck_list(ledger: Ledger, officer: Officer) -> list[tuple[str, str]]:
    """Return leads to look at again (回头看): judged ones whose ring a later run changed or kept.

    Each is (lead, why): ``returned`` or ``changed`` by a run after the last decision, else
    ``raised_still``. A lead that the newest run no longer raises is not among them.
    """
    function = "plans.recheck_list"
    with serving(ledger, officer, function, "leads") as connection:
        rows = [row for row, _ in visible(connection, officer, function, leads)]
        closed = {row.lead_id: row for row in rows if row.outcome is not None and row.present}
        decided: dict[str, str] = {}
        for move in connection.execute(select(moves).where(moves.c.move == "judge")):
            decided[move.subject] = max(move.at, decided.get(move.subject, ""))
        why = dict.fromkeys(closed, "raised_still")
        for change in history(connection, sorted(closed)):
            if change.at > decided.get(change.lead_id, "") and change.change != "new":
                why[change.lead_id] = change.change
        return sorted(why.items(), key=lambda one: (one[1] == "raised_still", one))


def _can_draft(kind: str, title: str, purpose: str, first: date, last: date) -> None:
    named = 0 < len(title.strip()) <= NAME_LENGTH and title.isprintable() and purpose.strip()
    if kind not in get_args(Kind) or not named or last < first:
        raise Refused(
            to_say(
                "refused.plan.draft",
                title=title,
                kind=word("supervision.plan_kind", kind),
                first=first,
                last=last,
                choices=words("supervision.plan_kind", get_args(Kind)),
            )
        )


def _yuan(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        money = Decimal(text)
    except InvalidOperation:
        money = Decimal("NaN")
    if not money.is_finite() or money < 0:
        raise Refused(to_say("refused.plan.yuan", text=text))
    return f"{money:.2f}"
