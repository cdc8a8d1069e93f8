"""Figures of a period: counted right, insiders apart, and nothing to be worked out of the small."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.issuing import Wanted
from casework.ledger import Ledger
from casework.rights import NotFound, Refused
from casework.statistics import SMALL, Figures, issue_period, period_figures, suppressed
from tests.casework.office import INES, LIN, SUE, case, county, go, log
from tests.casework.test_reports import text_of

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
groups = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 40), max_size=8)


def figures(kinds: dict[str, int]) -> Figures:
    totals = {"leads": sum(kinds.values()), "judged": 0, "decided": 0}
    return Figures(first=FIRST, last=LAST, totals=totals, groups={"kinds": kinds}, recovered_fen=0)


@given(groups)
def test_no_small_count_can_be_worked_out(kinds: dict[str, int]) -> None:
    shown = suppressed(figures(kinds))
    told = shown.groups["kinds"]
    for name, value in told.items():
        assert value is None or value == kinds[name]
        assert value is None or not 0 < value < SMALL
    hidden = [name for name, value in told.items() if value is None]
    if not hidden or shown.totals["leads"] is None:
        return
    # What a reader knows: the total, and what is told. What is left must not pin a small one.
    left = sum(kinds.values()) - sum(value or 0 for value in told.values())
    others = [value for value in told.values() if value]
    assert left == sum(kinds[name] for name in hidden)
    if others:
        assert len(hidden) > 1
        assert left >= SMALL


@given(groups)
def test_large_counts_alone_are_all_told(kinds: dict[str, int]) -> None:
    large = {name: value for name, value in kinds.items() if value >= SMALL or not value}
    assert suppressed(figures(large)).groups["kinds"] == large


def test_a_period_counts_what_the_unit_did(ledger: Ledger) -> None:
    county(ledger)
    opened = case(ledger)
    go(ledger, opened.case_id, "file", "begin", "conclude", "notify", "decide", "serve", "close")
    found = period_figures(ledger, SUE, first=FIRST, last=LAST)
    assert found.totals == {
        "leads": 1,
        "judged": 0,
        "cases": 1,
        "filed": 1,
        "concluded": 1,
        "decided": 1,
        "closed": 1,
        "draws": 0,
        "places_checked": 0,
        "self_checks": 0,
        "agreements_ended": 0,
        "handed_over": 0,
    }
    assert found.groups["kinds"] == {"card_pool": 1}
    assert found.groups["decisions"] == {"penalty": 1}
    insider = period_figures(ledger, LIN, first=FIRST, last=LAST)
    assert insider.groups["kinds"] == {"mixed": 1}
    earlier = period_figures(ledger, SUE, first=date(2026, 1, 1), last=date(2026, 2, 28))
    assert set(earlier.totals.values()) == {0}


def test_what_is_published_shows_no_small_count(sqlite: Ledger) -> None:
    county(sqlite)
    wanted = Wanted(language="en")
    _, inside = issue_period(sqlite, SUE, wanted, first=FIRST, last=LAST)
    made, outside = issue_period(sqlite, SUE, wanted, first=FIRST, last=LAST, publication=True)
    assert "newleads1" in text_of(inside)
    assert "newleads*" in text_of(outside)
    assert "Maybepublished" in text_of(outside)
    assert [row.export_hash for row in log(sqlite, "paper.issued")][-1] == made.sha256
    with pytest.raises(Refused, match="before it begins"):
        period_figures(sqlite, SUE, first=LAST, last=FIRST)
    with pytest.raises(NotFound):
        period_figures(sqlite, INES, first=FIRST, last=LAST)
