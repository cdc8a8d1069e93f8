"""Each motif equals the same question in plain loops, on generated counties, on both servers."""

from functools import cache
from typing import Any

import pytest

from detectors.motif import motif, run_motif
from graph.load import load, write_rings
from graph.store import Store
from tests.detectors import motif_oracles as oracles
from tests.detectors import (
    motif_oracles_bundles,
    motif_oracles_claims,
    motif_oracles_places,
    motif_oracles_rings,
)
from tests.detectors.motif_cases_rings import write_run
from tests.detectors.motif_oracles import Row, county
from tests.world import write_world

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
# Asked of the first three counties alone: each question costs both servers a plan in each county.
MORE: list[tuple[str, dict[str, Any]]] = [
    ("bills_a_minute_apart", {"min_bills": 2, "min_days": 1}),
    ("bills_a_minute_apart", {"window_seconds": 600}),
    ("boxes_pass_from_place_to_place", {"min_boxes": 1}),
    ("boxes_pass_from_place_to_place", {}),
    ("cards_move_between_pharmacies", {"min_people": 2, "min_days": 1}),
    ("cards_move_between_pharmacies", {"min_people": 2}),
    ("customers_of_the_edge_hours", {"min_days": 3, "min_share": 100}),
    ("customers_of_the_edge_hours", {"min_days": 1, "min_share": 1}),
    ("foreign_cards_one_terminal", {"min_people": 2, "min_times": 1}),
    ("invoice_paid_twice", {}),
    ("invoice_paid_twice", {"min_claims": 3}),
    ("invoice_series_one_agent", {}),
    ("invoice_series_one_agent", {"most_apart": 0, "min_patients": 2}),
    ("met_by_known_people", {}),
    ("met_by_known_people", {"person_ids": RING, "window_seconds": 300, "min_known": 3}),
    ("met_by_known_people", {"ring_rank": 3, "min_known": 1, "min_days": 1}),
    ("one_agent_many_claimants", {"min_households": 2}),
    ("one_drug_many_places", {"min_places": 2, "window_days": 3}),
    ("one_drug_many_places", {}),
    ("one_operator_two_terminals", {"min_days": 2}),
    ("one_operator_two_terminals", {"window_seconds": 600}),
    ("one_phone_many_insured", {"min_people": 2, "min_homes": 1}),
    ("patients_inside_one_ring", {"min_patients": 2}),
    ("payee_shared_by_strangers", {}),
    ("people_between_two_rings", {}),
    ("pharmacy_lives_on_pairs", {"min_people": 2, "min_share": 10}),
    ("remote_manual_claims", {}),
    ("remote_manual_claims", {"min_patients": 2}),
    ("reviewer_passed_kin_claim", {}),
    ("reviewer_passed_kin_claim", {"min_claims": 3, "most_sharing": 2}),
    ("same_basket_one_session", {"window_seconds": 86_400, "min_people": 2}),
    ("same_cards_return", {"min_people": 3, "window_seconds": 3600}),
    ("same_cards_return", {"min_people": 2, "min_days": 2, "min_share": 50}),
    ("same_interval_one_place", {"min_people": 2, "min_times": 2, "least_interval": 1}),
    ("settled_after_death", {}),
    ("settled_after_death", {"grace_days": 0, "claim_days": 0, "min_settlements": 20}),
    ("shortest_tie_to_payee", {}),
    ("shortest_tie_to_payee", {"min_patients": 2, "most_sharing": 2}),
    ("staff_two_steps_from_payee", {}),
    ("staff_two_steps_from_payee", {"min_claims": 1, "most_sharing": 2}),
    ("too_far_too_soon", {}),
    ("too_far_too_soon", {"least_kilometres": 1, "most_speed": 30, "min_times": 3}),
]
COUNTIES = {seed: county(seed) for seed in SEEDS}
RUNS = {seed: motif_oracles_rings.run_of(world, seed) for seed, world in COUNTIES.items()}


def expected(seed: int, name: str, parameters: dict[str, Any]) -> list[Row]:
    """Answer a question by plain loops, worked out once for both servers."""
    return _expected(seed, name, tuple(parameters.items()))


@cache
def _expected(seed: int, name: str, given: tuple[tuple[str, Any], ...]) -> list[Row]:
    parameters = dict(given)
    if hasattr(motif_oracles_rings, name):
        on_rings: list[Row] = getattr(motif_oracles_rings, name)(
            COUNTIES[seed], RUNS[seed], **parameters
        )
        return on_rings
    modules = (oracles, motif_oracles_bundles, motif_oracles_claims, motif_oracles_places)
    answer = next(getattr(module, name) for module in modules if hasattr(module, name))
    rows: list[Row] = answer(COUNTIES[seed], **parameters)
    return rows


@pytest.fixture(scope="module")
def loaded(
    request: pytest.FixtureRequest, shared_store: Store, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Store, int]:
    """A county with the rings of a run in the graph, and its seed."""
    seed = request.param
    load(shared_store, write_world(COUNTIES[seed], shared_store.workspace))
    folder = write_run(RUNS[seed], tmp_path_factory.mktemp("run") / "run")
    write_rings(shared_store, shared_store.workspace, folder)
    return shared_store, seed


@pytest.mark.parametrize(("name", "parameters"), QUESTIONS)
@pytest.mark.parametrize("loaded", SEEDS, indirect=True, scope="module")
def test_the_answer_is_that_of_plain_loops(
    loaded: tuple[Store, int], name: str, parameters: dict[str, Any]
) -> None:
    compare(*loaded, name, parameters)


@pytest.mark.parametrize(("name", "parameters"), MORE)
@pytest.mark.parametrize("loaded", SEEDS[:3], indirect=True, scope="module")
def test_so_is_the_answer_to_more_questions(
    loaded: tuple[Store, int], name: str, parameters: dict[str, Any]
) -> None:
    compare(*loaded, name, parameters)


def compare(store: Store, seed: int, name: str, parameters: dict[str, Any]) -> None:
    """Hold an answer to that of plain loops; its identity is unique."""
    found = motif(name)
    answer = run_motif(store, found, parameters=parameters)
    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]

    def identity(row: Row) -> list[Any]:
        return [row[column] for column in found.identity]

    wanted = expected(seed, name, parameters)
    assert sorted(rows, key=identity) == sorted(wanted, key=identity)
    assert len({tuple(identity(row)) for row in rows}) == len(rows)


@pytest.mark.parametrize(("name", "parameters"), QUESTIONS + MORE)
def test_each_question_has_hits_in_some_county(name: str, parameters: dict[str, Any]) -> None:
    seeds = SEEDS if (name, parameters) in QUESTIONS else SEEDS[:3]
    found = [len(expected(seed, name, parameters)) for seed in seeds]
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
