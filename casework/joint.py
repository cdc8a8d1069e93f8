"""Joint cases (一案多查): which case lies with which other authority, and which of them answered.

A case goes to an authority with its package (:mod:`casework.handover`). What the authority sends
back (回执: acceptance, refusal with reasons, result) is attached to the case as the paper
``authority_answer`` and names the authority; a case without one since it went out is open there,
archived or not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal, get_args

from sqlalchemy import Connection, select

from casework.audit import append
from casework.canonical import unstamp
from casework.ledger import Ledger
from casework.limits import local_day
from casework.rights import Officer, serving
from casework.subjects import visible
from casework.tables import attachments, cases
from casework.tables_papers import issued_papers
from ingest.texts import Language, say

Authority = Literal["police", "discipline", "market", "health"]
ANSWER = "authority_answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """A case at an authority; days are local, ``answered`` None as long as it is open there.

    ``sent`` is the first hand-over, ``answered`` the first answer on or after it.
    """

    case_id: str
    title: str
    state: str
    authority: str
    sent: date
    answered: date | None


def list_joint(ledger: Ledger, officer: Officer) -> list[Joint]:
    """Return the cases of the unit that lie with another authority: open first, the oldest first.

    The discipline liaison has those of insiders. A case that went to two authorities stands in the
    list twice.
    """
    function = "joint.list_joint"
    with serving(ledger, officer, function, "joint") as connection:
        mine = {row.case_id: row for row, _ in visible(connection, officer, function, cases)}
        found = [
            Joint(
                case_id=case_id,
                title=mine[case_id].title,
                state=mine[case_id].state,
                authority=authority,
                sent=local_day(unstamp(sent)),
                answered=local_day(unstamp(answered)) if answered else None,
            )
            for (case_id, authority), (sent, answered) in handed(connection).items()
            if case_id in mine
        ]
        append(
            connection, officer, at=ledger.clock(), action="joint.listed",
            object_class="case", object="list", count=len(found),
        )  # fmt: skip
    return sorted(
        found, key=lambda one: (one.answered is not None, one.sent, one.case_id, one.authority)
    )


def handed(
    connection: Connection, case_id: str | None = None
) -> dict[tuple[str, str], tuple[str, str | None]]:
    """Return when each case first went to each authority, and when that first answered (UTC).

    A recipient that is none of the authorities of today stands under its own printed name.
    """
    papers = select(issued_papers).where(issued_papers.c.kind == "handover")
    answers = select(attachments).where(attachments.c.paper == ANSWER)
    if case_id is not None:
        papers = papers.where(issued_papers.c.subject == case_id)
        answers = answers.where(attachments.c.case_id == case_id)
    sent: dict[tuple[str, str], str] = {}
    for row in connection.execute(papers.order_by(issued_papers.c.at, issued_papers.c.paper_id)):
        authority = _printed().get(row.recipient, row.recipient)
        sent.setdefault((row.subject, authority), row.at)
    came: dict[tuple[str, str], str] = {}
    for row in connection.execute(answers.order_by(attachments.c.at, attachments.c.number)):
        key = (row.case_id, row.signed_by or "")
        if key in sent and row.at >= sent[key]:
            came.setdefault(key, row.at)
    return {key: (at, came.get(key)) for key, at in sent.items()}


@cache
def _printed() -> Mapping[str, str]:
    """Return the authorities by their names as papers print them, in every language."""
    languages: tuple[Language, ...] = get_args(Language)
    return {say(f"authority.{one}", lang): one for one in get_args(Authority) for lang in languages}
