"""Joint cases: which authority has which case, what it answered, and the counts of a period."""

from datetime import date, timedelta

import pytest

from casework.cases import read_case
from casework.handover import hand_over
from casework.issuing import Wanted
from casework.joint import ANSWER, Joint, list_joint
from casework.ledger import Ledger
from casework.papers import add_note, attach_evidence, attach_paper
from casework.rights import NotFound, Refused
from casework.statistics import period_figures
from tests.casework.conftest import Clock
from tests.casework.office import INES, LIN, OTHER, SUE, details, go, log, officer
from tests.casework.test_handover import decided

WANTED = Wanted(language="zh", purpose="移送")


def answer(ledger: Ledger, case_id: str, authority: str | None) -> None:
    """Attach what an authority sent back."""
    attach_paper(
        ledger, INES, case_id, b"an invented answer", name="a.pdf", paper=ANSWER,
        signed_by=authority,
    )  # fmt: skip


def test_a_case_is_open_at_an_authority_until_that_one_answers(
    ledger: Ledger, clock: Clock
) -> None:
    key = decided(ledger, "transfer")
    assert list_joint(ledger, SUE) == []
    with pytest.raises(Refused, match="was never handed over to 'health'"):
        answer(ledger, key, "health")
    hand_over(ledger, SUE, key, "market", WANTED)
    clock.now += timedelta(days=2)
    hand_over(ledger, SUE, key, "health", Wanted(language="en"))
    hand_over(ledger, SUE, key, "market", WANTED)  # the same package again: still one hand-over
    for wrong in ("police", "市场监督管理部门", None):
        with pytest.raises(Refused, match="name one that had it"):
            answer(ledger, key, wrong)
    clock.now += timedelta(days=1)
    answer(ledger, key, "health")
    sent = date(2026, 3, 2)
    title, state = "An invented case", "decided"
    assert list_joint(ledger, SUE) == [
        Joint(case_id=key, title=title, state=state, authority="market", sent=sent, answered=None),
        Joint(
            case_id=key,
            title=title,
            state=state,
            authority="health",
            sent=sent + timedelta(days=2),
            answered=sent + timedelta(days=3),
        ),
    ]
    assert list_joint(ledger, LIN) == []
    assert list_joint(ledger, officer("sid", "supervisor", OTHER)) == []
    with pytest.raises(NotFound):
        list_joint(ledger, INES)
    march = period_figures(ledger, SUE, first=date(2026, 3, 1), last=date(2026, 3, 31))
    assert (march.totals["handed_over"], march.groups["authorities"]) == (
        2,
        {"health": 1, "market": 1},
    )
    one_day = period_figures(ledger, SUE, first=sent, last=sent)
    assert one_day.groups["authorities"] == {"market": 1}
    april = period_figures(ledger, SUE, first=date(2026, 4, 1), last=date(2026, 4, 30))
    assert (april.totals["handed_over"], april.groups["authorities"]) == (0, {})


def test_an_answer_after_the_case_was_archived_is_added_and_nothing_else_is(
    ledger: Ledger, clock: Clock
) -> None:
    key = decided(ledger, "transfer")
    hand_over(ledger, SUE, key, "market", WANTED)
    go(ledger, key, "serve", "close", "archive")
    before = read_case(ledger, SUE, key)
    clock.now += timedelta(days=40)
    with pytest.raises(Refused, match="nothing but the answer of an authority"):
        attach_paper(ledger, INES, key, b"late", name="l.pdf", paper="transfer_letter")
    with pytest.raises(Refused, match="is archived"):
        attach_evidence(ledger, INES, key, b"late", name="l.pdf", paper="statement")
    with pytest.raises(Refused, match="is archived"):
        add_note(ledger, INES, key, "late")
    with pytest.raises(Refused, match="name one that had it"):
        answer(ledger, key, "health")
    assert read_case(ledger, SUE, key).attachments == before.attachments
    assert [one.answered for one in list_joint(ledger, SUE)] == [None]
    answer(ledger, key, "market")
    after = read_case(ledger, SUE, key)
    assert (after.case.state, after.moves) == ("archived", before.moves)
    (added,) = after.attachments[len(before.attachments) :]
    assert (added.paper, added.signed_by) == (ANSWER, "market")
    (joint,) = list_joint(ledger, SUE)
    assert (joint.state, joint.answered) == ("archived", date(2026, 4, 11))
    row = log(ledger, "case.attached")[-1]
    assert (row.who, row.case_id) == ("ines", key)
    assert details(row)["sha256"] == added.sha256
    assert details(row)["signed_by"] == "market"
