"""Each motif equals the same question in plain loops, on generated counties, on both servers."""

from typing import Any

import pytest

from detectors.motif import motif, run_motif
from graph.load import load
from graph.store import Store
from tests.detectors import motif_oracles as oracles
from tests.detectors.motif_oracles import Row, county
from tests.world import World, write_world

SEEDS = range(5)
RING = ("P-p01", "P-p02", "P-p03", "P-p04")
QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("one_account_one_reviewer", {}),
    ("one_account_one_reviewer", {"min_patients": 2}),
    ("registrar_is_reviewer", {}),
    ("registrar_is_reviewer", {"min_claims": 8}),
    ("swipe_refund_swipe", {"min_cycles": 1}),
    ("swipe_refund_swipe", {"min_cycles": 2, "window_seconds": 600}),
    ("swipe_refund_swipe", {}),
    ("card_used_in_stay", {}),
    ("card_used_in_stay", {"min_days": 3}),
    ("box_settled_twice", {}),
    ("box_settled_twice", {"min_cards": 3, "min_places": 1}),
    ("box_settled_twice", {"boxes": ("T01", "T02", "T03", "T04", "T05", "T06"), "min_cards": 1}),
    ("admitted_together", {"min_stays": 1}),
    ("admitted_together", {"most_days_apart": 3}),
    ("admitted_together", {"person_ids": RING, "min_stays": 1, "most_days_apart": 4}),
    ("admitted_together", {"place_ids": ("H1",), "min_stays": 1, "most_days_apart": 2}),
    ("charged_back_again", {}),
    ("charged_back_again", {"min_cycles": 2, "from_day": 20_151, "until_day": 20_154}),
    ("charged_back_again", {"person_ids": RING, "place_ids": ("P1", "H1"), "min_cycles": 1}),
    ("claims_through_one_hand", {}),
    ("claims_through_one_hand", {"staff_ids": ("K1",), "account_ids": ("A-1",), "min_patients": 1}),
    ("claims_through_one_hand", {"agent_ids": ("G-1",), "person_ids": RING, "min_patients": 1}),
    ("doctor_at_two_places", {}),
    ("doctor_at_two_places", {"doctor_ids": ("DR-1",), "place_ids": ("H2",), "min_days": 1}),
    ("doctor_sends_to_pharmacy", {"min_patients": 6}),
    ("doctor_sends_to_pharmacy", {"doctor_ids": ("DR-2",), "place_ids": ("P1", "P3")}),
    ("far_credentials_one_place", {"min_people": 2}),
    ("far_credentials_one_place", {"person_ids": RING, "place_ids": ("P1",), "min_people": 1}),
    ("owners_circle", {}),
    ("owners_circle", {"person_ids": RING, "place_ids": ("H1",), "min_days": 1}),
    ("owners_circle", {"most_sharing": 2, "min_days": 1}),
    ("people_under_one_number", {}),
    ("people_under_one_number", {"staff_ids": ("K1", "K2"), "person_ids": RING, "min_days": 1}),
    ("cards_swiped_together", {}),
    ("cards_swiped_together", {"window_seconds": 120, "min_days": 1}),
    ("cards_swiped_together", {"window_seconds": 0, "min_days": 1}),
    ("cards_swiped_together", {"whole_place": 1, "min_days": 4}),
    (
        "cards_swiped_together",
        {"device_id": "D4", "from_day": 20_151, "until_day": 20_153, "min_days": 1},
    ),
    ("cards_swiped_together", {"person_ids": RING, "min_days": 2}),
    ("cards_swiped_together", {"person_ids": RING, "min_days": 1, "whole_place": 1}),
    ("cards_swiped_together", {"person_ids": RING, "min_days": 1, "device_id": "D4"}),
]
COUNTIES = {seed: county(seed) for seed in SEEDS}


@pytest.fixture(scope="module", params=SEEDS)
def loaded(request: pytest.FixtureRequest, shared_store: Store) -> tuple[Store, World]:
    world = COUNTIES[request.param]
    load(shared_store, write_world(world, shared_store.workspace))
    return shared_store, world


@pytest.mark.parametrize(("name", "parameters"), QUESTIONS)
def test_the_answer_is_that_of_plain_loops(
    loaded: tuple[Store, World], name: str, parameters: dict[str, Any]
) -> None:
    store, world = loaded
    found = motif(name)
    answer = run_motif(store, found, parameters=parameters)
    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]

    def identity(row: Row) -> list[Any]:
        return [row[column] for column in found.identity]

    expected = getattr(oracles, name)(world, **parameters)
    assert sorted(rows, key=identity) == sorted(expected, key=identity)
    assert len({tuple(identity(row)) for row in rows}) == len(rows)


@pytest.mark.parametrize(("name", "parameters"), QUESTIONS)
def test_each_question_has_hits_in_some_county(name: str, parameters: dict[str, Any]) -> None:
    found = [len(getattr(oracles, name)(world, **parameters)) for world in COUNTIES.values()]
    assert sum(found) >= 3, found


def test_the_counties_have_parallel_relationships_and_every_kind_of_row() -> None:
    for world in COUNTIES.values():
        swiped = oracles.online(world)
        lanes = {(row.card_id, oracles.device(row)) for row in swiped}
        assert len(swiped) > 300
        assert len(lanes) < len(swiped) / 2
        assert {row.refunded for row in swiped} == {True, False}
        assert any(len(people) > 1 for people in oracles.holders(world).values())
        assert any(row.device is None for row in swiped)
