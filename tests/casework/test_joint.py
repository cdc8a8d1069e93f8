"""Joint cases: which authority has which case, what it answered, and the counts of a period."""

from datetime import date, timedelta

import pytest

from casework.handover import hand_over
from casework.issuing import Wanted
from casework.joint import ANSWER, Joint, list_joint
from casework.ledger import Ledger
from casework.papers import attach_paper
from casework.rights import NotFound, Refused
from casework.statistics import period_figures
from tests.casework.conftest import Clock
from tests.casework.office import INES, LIN, OTHER, SUE, officer
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
