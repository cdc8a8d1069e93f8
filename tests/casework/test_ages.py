"""How long what is open has been open, and supervised cases whose day has passed."""

from datetime import date, timedelta

from casework.cases import mark_case, mark_passed, read_case
from casework.kpis import AGES, figures
from casework.ledger import Ledger
from casework.limits import local_day
from casework.rights import Officer
from tests.casework.conftest import AWAY, Clock
from tests.casework.office import LIN, OTHER, SUE, UNIT, case, county, go, officer


def told(ledger: Ledger, who: Officer = SUE) -> dict[tuple[str, str], tuple[int, ...]]:
    return {(one.unit, one.what): one.counts for one in figures(ledger, who).ages}


def test_what_is_open_stands_in_its_band_of_age(ledger: Ledger, clock: Clock) -> None:
    county(ledger)
    made = clock.now
    assert told(ledger) == {(UNIT, "leads"): (1, 0, 0, 0)}
    assert [one.unit for one in figures(ledger, LIN).ages] == [UNIT], "the insider lead's unit"
    for days, counts in (
        (30.99, (1, 0, 0, 0)),
        (31, (0, 1, 0, 0)),
        (90.99, (0, 1, 0, 0)),
        (91, (0, 0, 1, 0)),
        (181, (0, 0, 0, 1)),
        (900, (0, 0, 0, 1)),
    ):
        clock.now = made + timedelta(days=days)
        assert told(ledger) == {(UNIT, "leads"): counts}, days
    clock.now = made + timedelta(days=40)
    key = case(ledger).case_id
    clock.now = made + timedelta(days=100)
    assert told(ledger) == {(UNIT, "leads"): (0, 0, 1, 0), (UNIT, "cases"): (0, 1, 0, 0)}
    assert told(ledger, officer("sid", "supervisor", OTHER)) == {}
    go(ledger, key, "not_file")
    assert (UNIT, "cases") not in told(ledger), "a case that is over has no age"
    assert len(AGES) == len(figures(ledger, LIN).ages[0].counts)


def test_a_mark_is_overdue_from_the_day_after_until_the_case_is_over(
    ledger: Ledger, clock: Clock
) -> None:
    county(ledger)
    opened = case(ledger)
    until = date(2026, 3, 20)
    one = mark_case(
        ledger, SUE, opened.case_id, grave=False, supervised_until=until, reason="r",
        revision=opened.revision,
    )  # fmt: skip
    for day, over in ((0, False), (18, False), (19, True)):
        clock.now = AWAY + timedelta(days=day)
        assert mark_passed(one, local_day(clock.now)) is over, day
        assert figures(ledger, SUE).marks_overdue == int(over), day
    assert figures(ledger, LIN).marks_overdue == 0
    go(ledger, opened.case_id, "not_file")
    done = read_case(ledger, SUE, opened.case_id).case
    assert not mark_passed(done, local_day(clock.now))
    assert figures(ledger, SUE).marks_overdue == 0
