"""The random draw: fair by weight, repeatable from its record, recusal kept, nothing unrecorded."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.draws import (
    LONGEST_DAYS,
    draw,
    drawn_from,
    draws_for,
    list_draws,
    purpose_for,
    repeated,
    weights_since,
)
from casework.ledger import Ledger
from casework.rights import NotFound, Refused
from tests.casework.office import INES, OTHER, SUE, details, log, officer

pools = st.dictionaries(st.text(min_size=1, max_size=5), st.integers(1, 1000), min_size=2)


def test_a_draw_is_recorded_and_can_be_repeated_from_its_record(ledger: Ledger) -> None:
    pool = {f"P{n}": n + 1 for n in range(20)}
    made = draw(
        ledger,
        SUE,
        "targets",
        pool,
        wanted=4,
        purpose="spring inspections",
        excluded={"P7": "inspected last week"},
    )
    assert len(set(made.drawn)) == 4
    assert "P7" not in made.drawn
    (found,) = list_draws(ledger, SUE)
    assert found == made
    assert (
        drawn_from(found.pool, excluded=tuple(found.excluded), wanted=found.wanted, seed=found.seed)
        == made.drawn
    )
    (row,) = log(ledger, "draw.made")
    assert (row.who, row.object, row.count, row.purpose) == (
        "sue",
        made.draw_id,
        4,
        "spring inspections",
    )
    assert details(row)["seed"] == made.seed
    assert repeated(found) == found.drawn
    assert repeated(replace(found, seed="another")) != found.drawn
    with pytest.raises(Refused, match="cannot be drawn"):
        repeated(replace(found, pool={"P1": 0}, excluded={}))
    again = draw(ledger, SUE, "targets", pool, wanted=4, purpose="spring inspections")
    assert again.seed != made.seed
    assert [one.draw_id for one in list_draws(ledger, SUE)] == [again.draw_id, made.draw_id]


def test_only_supervisors_draw_and_see_the_draws_of_their_unit(ledger: Ledger) -> None:
    draw(ledger, SUE, "inspectors", {"ines": 1, "ivo": 1}, wanted=2, purpose="p")
    assert list_draws(ledger, officer("sid", "supervisor", OTHER)) == []
    with pytest.raises(NotFound):
        draw(ledger, INES, "inspectors", {"ines": 1}, wanted=1, purpose="p")


@pytest.mark.parametrize(
    "change",
    [
        {"wanted": 3},
        {"wanted": 0},
        {"purpose": " "},
        {"pool": {"a": 0, "b": 1}},
        {"excluded": {"c": "a reason"}},
        {"excluded": {"a": " "}},
        {"kind": "friends"},
    ],
)
def test_a_draw_that_cannot_be_is_refused(sqlite: Ledger, change: dict[str, object]) -> None:
    call = {"kind": "targets", "pool": {"a": 1, "b": 1}, "wanted": 1, "purpose": "p", **change}
    with pytest.raises(Refused, match="cannot be drawn"):
        draw(sqlite, SUE, **call)  # type: ignore[arg-type]
    assert list_draws(sqlite, SUE) == []


@given(pools, st.text(max_size=9), st.randoms())
def test_the_order_of_the_pool_does_not_matter(pool: dict[str, int], seed: str, random) -> None:  # type: ignore[no-untyped-def]
    keys = list(pool)
    random.shuffle(keys)
    shuffled = {key: pool[key] for key in keys}
    assert drawn_from(pool, wanted=len(pool), seed=seed) == drawn_from(
        shuffled, wanted=len(pool), seed=seed
    )


@given(pools, st.text(max_size=9), st.data())
def test_leaving_one_out_leaves_the_order_of_the_others(
    pool: dict[str, int], seed: str, data: st.DataObject
) -> None:
    out = data.draw(st.sampled_from(sorted(pool)))
    whole = drawn_from(pool, wanted=len(pool), seed=seed)
    rest = drawn_from(pool, excluded=[out], wanted=len(pool), seed=seed)
    assert rest == tuple(key for key in whole if key != out)


def test_chances_are_as_the_weights() -> None:
    pool, draws = {"a": 1, "b": 2, "c": 5}, 4000
    first = Counter(drawn_from(pool, wanted=1, seed=f"seed {n}")[0] for n in range(draws))
    for key, weight in pool.items():
        share = weight / 8
        # five standard deviations
        assert abs(first[key] / draws - share) < 5 * (share * (1 - share) / draws) ** 0.5


def test_a_place_weighs_by_the_days_since_its_last_visit() -> None:
    visits = {"a": date(2026, 3, 1), "b": date(2026, 3, 2), "c": None, "d": date(2001, 1, 1)}
    assert weights_since(visits, today=date(2026, 3, 2)) == {
        "a": 1,
        "b": 1,
        "c": LONGEST_DAYS,
        "d": LONGEST_DAYS,
    }
    with pytest.raises(Refused, match="b lies after"):
        weights_since(visits, today=date(2026, 3, 1))


def test_inspectors_of_a_plan_are_found_by_its_number(sqlite: Ledger) -> None:
    purpose = purpose_for("B-1", "spring")
    made = draw(sqlite, SUE, "inspectors", {"ines": 1, "ivo": 1}, wanted=2, purpose=purpose)
    draw(sqlite, SUE, "inspectors", {"ines": 1}, wanted=1, purpose=purpose_for("B-11", "spring"))
    draw(sqlite, SUE, "targets", {"P1": 1}, wanted=1, purpose=purpose)
    assert draws_for("B-1", list_draws(sqlite, SUE)) == [made]


def test_experts_are_drawn_alike_without_who_has_to_stay_away(ledger: Ledger) -> None:
    pool = dict.fromkeys(("cardiologist", "pharmacist", "coder", "surgeon", "auditor"), 1)
    away = {"pharmacist": "works for the place"}
    purpose = purpose_for("B-1", "review of records")
    made = draw(ledger, SUE, "experts", pool, wanted=3, purpose=purpose, excluded=away)
    assert len({*made.drawn}) == 3
    assert {*made.drawn} < {*pool} - {*away}
    assert list_draws(ledger, SUE) == [made]
    assert draws_for("B-1", [made]) == [made]
    assert repeated(made) == made.drawn
    row = log(ledger, "draw.made")[-1]
    assert (details(row)["kind"], row.purpose, row.count) == ("experts", purpose, 3)
    with pytest.raises(Refused, match="cannot be drawn"):
        draw(ledger, SUE, "experts", pool, wanted=5, purpose=purpose, excluded=away)
    assert list_draws(ledger, SUE) == [made], "nothing refused is kept"
    for who in (INES, officer("exa", "expert"), officer("lin", "liaison")):
        with pytest.raises(NotFound):
            draw(ledger, who, "experts", pool, wanted=1, purpose="p")
        with pytest.raises(NotFound):
            list_draws(ledger, who)


def test_each_expert_comes_as_often_as_any_other() -> None:
    pool = dict.fromkeys("abcde", 1)
    came = Counter(
        one for n in range(3_000) for one in drawn_from(pool, wanted=2, seed=f"expert {n}")
    )
    assert set(came) == set(pool)
    assert all(abs(count / 3_000 - 2 / 5) < 0.03 for count in came.values()), came
