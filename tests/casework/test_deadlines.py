"""Working days by the real calendar, periods against a plain count, and deadlines of cases."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.cases import read_case
from casework.deadlines import (
    Deadline,
    extend_deadline,
    list_deadlines,
    pause_deadline,
    resume_deadline,
)
from casework.ledger import Ledger
from casework.limits import CHINA, local_day, read_limits
from casework.rights import NotFound, Refused
from casework.working_days import (
    Calendar,
    NoCalendar,
    Pause,
    Period,
    check_pauses,
    due,
    read_calendar,
    used,
)
from ingest.errors import RingfenceError
from tests.casework.conftest import Clock
from tests.casework.office import INES, LEO, LIN, SAM, SUE, WAY, case, county, details, go, log

DAY = timedelta(days=1)
FIRST, LAST = date(2025, 1, 1), date(2027, 12, 31)
REAL = read_calendar()


def days_between(first: date, last: date) -> list[date]:
    return [first + DAY * n for n in range((last - first).days + 1)]


# The calendar itself -----------------------------------------------------------------------------


@pytest.mark.parametrize("year", [2025, 2026])
def test_a_year_has_its_working_days(year: int) -> None:
    whole = days_between(date(year, 1, 1), date(year, 12, 31))
    weekend = sum(day.weekday() > 4 for day in whole)
    # 13 public holidays since 2025 (全国年节及纪念日放假办法); moving days about leaves the number.
    assert sum(map(REAL.works, whole)) == len(whole) - weekend - 13


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 2, 14), True),  # Saturday made up for the Spring Festival
        (date(2026, 2, 15), False),
        (date(2026, 2, 23), False),
        (date(2026, 2, 24), True),
        (date(2026, 3, 7), False),  # an ordinary Saturday
        (date(2025, 10, 8), False),
        (date(2025, 10, 11), True),
    ],
)
def test_days_of_the_notices(day: date, works: bool) -> None:
    assert REAL.works(day) is works


def test_an_unknown_year_fails_loudly_even_on_a_weekend() -> None:
    for day in (date(2027, 1, 1), date(2027, 1, 2), date(2024, 12, 31)):
        with pytest.raises(NoCalendar, match=rf"calendar/{day.year}\.toml"):
            REAL.works(day)
    period = Period(began=date(2026, 12, 20), days=15, unit="working_days")
    with pytest.raises(NoCalendar, match="2027"):
        due(period, REAL)
    assert due(Period(began=date(2026, 12, 20), days=90, unit="days"), REAL) == date(2027, 3, 20)


def test_fifteen_working_days_over_the_spring_festival() -> None:
    # 11 12 13 14 | 24 25 26 27 28 February, 2 3 4 5 6 9 March
    period = Period(began=date(2026, 2, 10), days=15, unit="working_days")
    assert due(period, REAL) == date(2026, 3, 9)


YEAR = """
year = 2027
source = "an invented notice"
work = [{work}]
off = [{{ name = "x", first = {first}, last = {last} }}]
"""


def test_a_workspace_brings_further_years(tmp_path: Path) -> None:
    text = YEAR.format(work="2027-01-09", first="2027-01-01", last="2027-01-04")
    (tmp_path / "2027.toml").write_text(text, "utf-8")
    calendar = read_calendar(tmp_path)
    assert [calendar.works(date(2027, 1, day)) for day in (4, 5, 9, 10)] == [
        False,
        True,
        True,
        False,
    ]
    assert calendar.works(date(2026, 2, 14))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("2028.toml", YEAR.format(work="", first="2027-01-01", last="2027-01-01")),
        ("2027.toml", YEAR.format(work="2026-01-10", first="2027-01-01", last="2027-01-01")),
        ("2027.toml", YEAR.format(work="2027-01-04", first="2027-01-01", last="2027-01-01")),
        ("2027.toml", YEAR.format(work="2027-01-02", first="2027-01-01", last="2027-01-03")),
        ("2027.toml", YEAR.format(work="'soon'", first="2027-01-01", last="2027-01-01")),
        ("2027.toml", "year = 2027\n"),
        ("2027.toml", "year ="),
    ],
)
def test_a_calendar_that_cannot_be_one_is_refused(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(RingfenceError, match=name):
        read_calendar(tmp_path)


# Periods against a plain count -------------------------------------------------------------------

dates = st.dates(FIRST + DAY, date(2025, 9, 1))
calendars = st.builds(
    lambda off, work: Calendar(
        years=frozenset({2025, 2026, 2027}),
        off=frozenset(off),
        work=frozenset(work) - frozenset(off),
    ),
    st.sets(st.dates(FIRST, date(2026, 12, 31)), max_size=60),
    st.sets(st.dates(FIRST, date(2026, 12, 31)).filter(lambda day: day.weekday() > 4), max_size=30),
)


@st.composite
def pauses(draw: st.DrawFn, began: date, *, may_stay_open: bool = True) -> tuple[Pause, ...]:
    """Pauses that do not overlap, touching ones and empty ones too, in any order."""
    edge, found = began, []
    for _ in range(draw(st.integers(0, 4))):
        first = edge + DAY * draw(st.integers(0, 25))
        edge = first + DAY * draw(st.integers(0, 25))
        found.append(Pause(began=first, ended=edge))
        edge += DAY
    if found and may_stay_open and draw(st.booleans()):
        found[-1] = Pause(began=found[-1].began)
    return tuple(draw(st.permutations(found)))


@st.composite
def periods(draw: st.DrawFn, *, may_stay_open: bool = True) -> Period:
    began = draw(dates)
    return Period(
        began=began,
        days=draw(st.integers(1, 60)),
        unit=draw(st.sampled_from(["working_days", "days"])),
        pauses=draw(pauses(began, may_stay_open=may_stay_open)),
        extended=draw(st.integers(0, 30)),
    )


def counting(period: Period, calendar: Calendar) -> list[date]:
    """Every day that counts, by going through all days and asking every pause."""
    stopped = {
        day
        for pause in period.pauses
        for day in days_between(pause.began, (pause.ended or LAST + DAY) - DAY)
    }
    return [
        day
        for day in days_between(period.began + DAY, LAST)
        if day not in stopped
        and (
            period.unit == "days"
            or day in calendar.work
            or (day not in calendar.off and day.isoweekday() <= 5)
        )
    ]


@settings(deadline=None, max_examples=60)
@given(periods(), calendars)
def test_the_last_day_is_that_of_a_plain_count(period: Period, calendar: Calendar) -> None:
    check_pauses(period.pauses)
    plain = counting(period, calendar)
    expected = plain[period.whole - 1] if len(plain) >= period.whole else None
    assert due(period, calendar) == expected
    for today in (period.began, period.began + 20 * DAY, period.began + 200 * DAY):
        assert used(period, calendar, today) == sum(day <= today for day in plain)


@settings(deadline=None, max_examples=60)
@given(periods(may_stay_open=False), calendars, st.integers(1, 30))
def test_an_extension_adds_just_that_many_days_that_count(
    period: Period, calendar: Calendar, more: int
) -> None:
    longer = Period(
        began=period.began,
        days=period.days,
        unit=period.unit,
        pauses=period.pauses,
        extended=period.extended + more,
    )
    before, after = due(period, calendar), due(longer, calendar)
    assert before is not None
    assert after is not None
    between = [day for day in counting(period, calendar) if before < day <= after]
    assert len(between) == more


@settings(deadline=None, max_examples=60)
@given(periods(may_stay_open=False), calendars)
def test_pauses_never_bring_the_last_day_forward_and_late_ones_do_nothing(
    period: Period, calendar: Calendar
) -> None:
    bare = Period(began=period.began, days=period.days, unit=period.unit, extended=period.extended)
    first, paused = due(bare, calendar), due(period, calendar)
    assert first is not None
    assert paused is not None
    assert paused >= first
    late = Pause(began=paused + DAY)
    again = Period(
        began=period.began,
        days=period.days,
        unit=period.unit,
        extended=period.extended,
        pauses=(*(p for p in period.pauses if p.ended and p.ended <= paused), late),
    )
    assert due(again, calendar) == paused


@settings(deadline=None, max_examples=40)
@given(periods(may_stay_open=False), calendars)
def test_beginning_later_never_ends_earlier(period: Period, calendar: Calendar) -> None:
    bare = Period(began=period.began, days=period.days, unit=period.unit)
    later = Period(began=period.began + DAY, days=period.days, unit=period.unit)
    one, two = due(bare, calendar), due(later, calendar)
    assert one is not None
    assert two is not None
    assert one <= two


@pytest.mark.parametrize(
    "held",
    [
        [Pause(began=date(2026, 3, 5), ended=date(2026, 3, 4))],
        [Pause(began=date(2026, 3, 1)), Pause(began=date(2026, 3, 5))],
        [Pause(began=date(2026, 3, 1), ended=date(2026, 3, 9)), Pause(began=date(2026, 3, 5))],
    ],
)
def test_pauses_that_cannot_be_are_refused(held: Sequence[Pause]) -> None:
    with pytest.raises(RingfenceError, match="pause"):
        check_pauses(held)


# Deadlines of cases ------------------------------------------------------------------------------


@pytest.fixture
def held(ledger: Ledger) -> str:
    county(ledger)
    return case(ledger).case_id


def only(ledger: Ledger, case_id: str, limit: str) -> Deadline:
    (found,) = [
        one for one in list_deadlines(ledger, SUE, case_id=case_id) if one.limit.name == limit
    ]
    return found


def at(clock: Clock, day: date) -> None:
    clock.now = datetime(day.year, day.month, day.day, 9, tzinfo=CHINA).astimezone(UTC)


def test_limits_that_nobody_compared_say_so() -> None:
    limits = read_limits()
    assert set(limits) == {
        "check",
        "handling",
        "evidence_registration",
        "sealing",
        "legal_review",
        "service",
    }
    assert not any(limit.verified for limit in limits.values())
    assert (limits["check"].days, limits["check"].unit, limits["check"].extend) == (
        15,
        "working_days",
        (15,),
    )


def test_a_day_is_a_day_of_china() -> None:
    assert local_day(datetime(2026, 3, 2, 15, 59, tzinfo=UTC)) == date(2026, 3, 2)
    assert local_day(datetime(2026, 3, 2, 16, 0, tzinfo=UTC)) == date(2026, 3, 3)


def test_a_check_runs_is_due_soon_and_is_overdue(ledger: Ledger, clock: Clock, held: str) -> None:
    # Opened on 2 March 2026: 3–6, 9–13, 16–20 and 23 March are fifteen working days.
    one = only(ledger, held, "check")
    assert (one.began, one.due, one.left, one.status) == (
        date(2026, 3, 2),
        date(2026, 3, 23),
        15,
        "running",
    )
    for day, left, status in (
        (date(2026, 3, 17), 4, "running"),
        (date(2026, 3, 18), 3, "due_soon"),
        (date(2026, 3, 23), 0, "due_soon"),
        (date(2026, 3, 24), -1, "overdue"),
    ):
        at(clock, day)
        now = only(ledger, held, "check")
        assert (now.left, now.status) == (left, status), day
    go(ledger, held, "file")
    late = only(ledger, held, "check")
    assert (late.status, late.ended) == ("done_late", date(2026, 3, 24))
    assert only(ledger, held, "handling").due == date(2026, 6, 22)
    assert [one.limit.name for one in list_deadlines(ledger, SUE)] == ["handling", "check"]


def test_moves_begin_and_end_limits(ledger: Ledger, clock: Clock, held: str) -> None:
    go(ledger, held, *WAY[:5], choice="penalty")
    done = {one.limit.name: one.status for one in list_deadlines(ledger, SUE)}
    assert done == {
        "check": "done",
        "handling": "done",
        "legal_review": "done",
        "service": "running",
    }
    at(clock, date(2026, 3, 30))
    assert list_deadlines(ledger, INES)[0].status == "overdue"
    go(ledger, held, "serve")
    assert only(ledger, held, "service").status == "done_late"


def test_suspending_a_case_stops_what_runs(ledger: Ledger, clock: Clock, held: str) -> None:
    go(ledger, held, "file", "begin")
    before = only(ledger, held, "handling").due
    at(clock, date(2026, 3, 10))
    go(ledger, held, "suspend")
    still = only(ledger, held, "handling")
    assert (still.status, still.due) == ("paused", None)
    at(clock, date(2026, 4, 9))
    go(ledger, held, "resume")
    again = only(ledger, held, "handling")
    assert before is not None
    assert (again.status, again.due) == ("running", before + timedelta(days=30))
    go(ledger, held, "suspend", "terminate")
    assert only(ledger, held, "handling").status == "done"


def test_extensions_stay_within_the_limit(ledger: Ledger, held: str) -> None:
    go(ledger, held, "file")
    one = only(ledger, held, "handling")
    assert one.due is not None
    with pytest.raises(Refused, match="not within"):
        extend_deadline(ledger, SUE, one.deadline_id, days=31, reason="r")
    with pytest.raises(Refused, match="reason is empty"):
        extend_deadline(ledger, SUE, one.deadline_id, days=30, reason=" ")
    longer = extend_deadline(ledger, SUE, one.deadline_id, days=30, reason="many claims")
    assert (longer.due, longer.extensions) == (one.due + timedelta(days=30), 1)
    extend_deadline(ledger, SUE, one.deadline_id, days=60, reason="still many")
    with pytest.raises(Refused, match="extension 3"):
        extend_deadline(ledger, SUE, one.deadline_id, days=1, reason="r")
    assert [details(row)["days"] for row in log(ledger, "deadline.extend")] == [30, 60]
    check = only(ledger, held, "check")
    with pytest.raises(Refused, match="ended on"):
        extend_deadline(ledger, SUE, check.deadline_id, days=1, reason="r")


def test_whoever_opened_a_case_does_not_extend_it(ledger: Ledger) -> None:
    county(ledger)
    case(ledger, "R-inside")
    (one,) = list_deadlines(ledger, LIN)
    with pytest.raises(Refused, match="opened a case"):
        extend_deadline(ledger, LIN, one.deadline_id, days=1, reason="r")
    extend_deadline(ledger, LEO, one.deadline_id, days=1, reason="r")
    assert list_deadlines(ledger, SUE) == []
    for key in (one.deadline_id, "D-000000000000"):
        with pytest.raises(NotFound) as refused:
            extend_deadline(ledger, SUE, key, days=1, reason="r")
        assert key in str(refused.value)
        assert "K-" not in str(refused.value)


def test_a_pause_is_begun_once_and_ended_once(ledger: Ledger, clock: Clock, held: str) -> None:
    one = only(ledger, held, "check")
    with pytest.raises(Refused, match="does not stand still"):
        resume_deadline(ledger, SUE, one.deadline_id, reason="r")
    with pytest.raises(Refused, match="none of"):
        pause_deadline(ledger, SUE, one.deadline_id, cause="lunch", reason="r")  # type: ignore[arg-type]
    with pytest.raises(Refused, match="not come yet"):
        pause_deadline(
            ledger, SUE, one.deadline_id, cause="hearing", reason="r", first=date(2026, 3, 3)
        )
    with pytest.raises(Refused, match="before 2026-03-02"):
        pause_deadline(
            ledger, SUE, one.deadline_id, cause="hearing", reason="r", first=date(2026, 3, 1)
        )
    at(clock, date(2026, 3, 5))
    stands = pause_deadline(ledger, SUE, one.deadline_id, cause="hearing", reason="heard")
    assert (stands.status, stands.due, stands.left) == ("paused", None, 13)
    with pytest.raises(Refused, match="stands still already"):
        pause_deadline(ledger, SAM, one.deadline_id, cause="hearing", reason="r")
    with pytest.raises(Refused, match="before the pause"):
        resume_deadline(ledger, SUE, one.deadline_id, reason="r", day=date(2026, 3, 4))
    at(clock, date(2026, 3, 12))
    runs = resume_deadline(ledger, SUE, one.deadline_id, reason="heard")
    assert (runs.due, runs.left) == (date(2026, 3, 30), 12)  # 5, 6, 9, 10, 11 March did not count
    at(clock, date(2026, 3, 13))
    with pytest.raises(Refused, match="lies before 2026-03-12"):
        pause_deadline(
            ledger, SUE, one.deadline_id, cause="test", reason="r", first=date(2026, 3, 11)
        )
    actions = [(row.action, row.who) for row in [*log(ledger, "deadline.pause")]]
    assert actions == [("deadline.pause", "sue")]


def test_a_missing_year_is_loud_but_stops_no_case(ledger: Ledger, clock: Clock) -> None:
    at(clock, date(2026, 12, 21))
    county(ledger)
    held = case(ledger).case_id
    one = only(ledger, held, "check")
    assert (one.status, one.due) == ("no_calendar", None)
    assert "calendar/2027.toml" in (one.problem or "")
    assert list_deadlines(ledger, SUE)[0].status == "no_calendar"
    assert read_case(ledger, SUE, held).case.state == "checking"
    folder = ledger.workspace.root / "calendar"
    folder.mkdir()
    text = YEAR.format(work="2027-01-09", first="2027-01-01", last="2027-01-03")
    (folder / "2027.toml").write_text(text, "utf-8")
    # 22–25 and 28–31 December, 4–8, 9 (made up) and 11 January
    assert only(ledger, held, "check").due == date(2027, 1, 11)


def test_a_workspace_changes_a_limit(ledger: Ledger, held: str) -> None:
    folder = ledger.workspace.root / "calendar"
    folder.mkdir()
    (folder / "limits.toml").write_text(
        '[check]\ndays = 5\nunit = "days"\nextend = []\nverified = true\nsource = "invented"\n',
        "utf-8",
    )
    one = only(ledger, held, "check")
    assert (one.due, one.limit.verified) == (date(2026, 3, 7), True)
    for wrong in ("days = 0", 'unit = "weeks"', "extend = [0]", "verified = 7"):
        name = wrong.split(" ")[0]
        lines = ["days = 5", 'unit = "days"', "extend = []", "verified = true", 'source = "x"']
        kept = [line for line in lines if not line.startswith(name)]
        (folder / "limits.toml").write_text("\n".join(["[check]", *kept, wrong, ""]), "utf-8")
        with pytest.raises(RingfenceError, match=r"limits\.toml"):
            list_deadlines(ledger, SUE)
