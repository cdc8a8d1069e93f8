"""People called back: drawn at random and recorded, what they said kept with the case alone."""

import pytest

from casework.call_backs import CallBack, draw_people, list_call_backs, note_result
from casework.draws import list_draws, repeated
from casework.issuing import Wanted, issue_case
from casework.ledger import Ledger
from casework.rights import NotFound, Refused
from casework.subjects import Stale
from tests.app.sample import POOL, POOL_PEOPLE
from tests.casework.office import (
    INES,
    IVO,
    LIN,
    OTHER,
    SUE,
    case,
    county,
    details,
    log,
    officer,
)
from tests.casework.paper_county import taken_in
from tests.casework.test_reports import text_of


def noted(ledger: Ledger, made: CallBack, person: str, revision: int = 1) -> CallBack:
    return note_result(
        ledger, INES, made.made.draw_id, person,
        result="denies", words="never was there", revision=revision,
    )  # fmt: skip


def test_people_are_drawn_recorded_and_the_draw_can_be_repeated(ledger: Ledger) -> None:
    county(ledger)
    key = case(ledger).case_id
    made = draw_people(ledger, INES, key, wanted=1, purpose="visits", excluded={"p1": "minor"})
    assert made.made.pool == {"p1": 1, "p2": 1}
    assert [(one.person, one.position, one.result) for one in made.people] == [("p2", 1, None)]
    assert repeated(made.made) == ("p2",)
    (row,) = log(ledger, "draw.made")
    assert (row.case_id, row.who, details(row)["seed"]) == (key, "ines", made.made.seed)
    again = draw_people(ledger, SUE, key, wanted=2, purpose="all")
    assert [one.made.draw_id for one in list_call_backs(ledger, IVO, key)] == [
        again.made.draw_id,
        made.made.draw_id,
    ]
    assert list_draws(ledger, SUE) == [], "a case's own is none of the unit's draws"


def test_what_somebody_said_is_kept_and_the_second_is_told(ledger: Ledger) -> None:
    county(ledger)
    key = case(ledger).case_id
    made = draw_people(ledger, INES, key, wanted=2, purpose="visits")
    done = noted(ledger, made, "p1")
    (one,) = [each for each in done.people if each.person == "p1"]
    assert (one.result, one.words, one.revision, one.changed_by) == (
        "denies", "never was there", 2, "ines",
    )  # fmt: skip
    with pytest.raises(Stale, match="ines"):
        noted(ledger, made, "p1")
    noted(ledger, made, "p1", revision=2)
    assert [details(row)["result"] for row in log(ledger, "call_back.noted")] == ["denies"] * 2
    assert {row.case_id for row in log(ledger, "call_back.noted")} == {key}


def test_what_cannot_be_drawn_or_noted_is_refused(sqlite: Ledger) -> None:
    county(sqlite)
    key = case(sqlite).case_id
    for change in ({"wanted": 3}, {"purpose": " "}, {"excluded": {"p9": "r"}}):
        with pytest.raises(Refused, match="cannot be drawn"):
            draw_people(sqlite, INES, key, **{"wanted": 1, "purpose": "p", **change})  # type: ignore[arg-type]
    assert list_call_backs(sqlite, INES, key) == []
    made = draw_people(sqlite, INES, key, wanted=2, purpose="p")
    for result, words in (("perhaps", "w"), ("denies", " ")):
        with pytest.raises(Refused, match="Choose a result"):
            note_result(
                sqlite, INES, made.made.draw_id, "p1", result=result, words=words, revision=1
            )
    with pytest.raises(NotFound):
        noted(sqlite, made, "p9")


def test_a_case_of_insiders_has_its_own(sqlite: Ledger) -> None:
    county(sqlite)
    key = case(sqlite, "R-inside").case_id
    made = draw_people(sqlite, LIN, key, wanted=1, purpose="visits")
    for who in (SUE, INES, officer("sid", "supervisor", OTHER)):
        with pytest.raises(NotFound):
            list_call_backs(sqlite, who, key)
        with pytest.raises(NotFound):
            note_result(
                sqlite, who, made.made.draw_id, made.people[0].person,
                result="reached", words="w", revision=1,
            )  # fmt: skip
    assert list_draws(sqlite, SUE) == []


def test_the_case_file_names_them_by_pseudonym_and_comes_again_the_same(sqlite: Ledger) -> None:
    taken_in(sqlite)
    key = case(sqlite, POOL).case_id
    before = text_of(issue_case(sqlite, INES, key, Wanted(language="zh"))[1])
    assert "电话回访" not in before
    made = draw_people(sqlite, INES, key, wanted=2, purpose="核实就诊")
    drawn = [one.person for one in made.people]
    assert set(drawn) <= set(POOL_PEOPLE)
    noted(sqlite, made, drawn[0])
    first = issue_case(sqlite, INES, key, Wanted(language="zh"))
    list_call_backs(sqlite, INES, key)
    again = issue_case(sqlite, INES, key, Wanted(language="zh"))
    assert again == first, "reading who was drawn changes no paper"
    said = text_of(first[1])
    for told in ("电话回访", "否认就诊", "neverwasthere", "核实就诊", made.made.seed[:16]):
        assert told in said
    assert not any(person in said for person in drawn)
