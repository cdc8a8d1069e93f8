"""Each motif finds its smallest hit among everybody else's parties, and no near miss."""

from typing import Any

import pytest

from detectors.motif import motif, motifs, run_motif, values
from graph.ask import Answer, ask
from graph.load import load
from graph.schema import node
from graph.store import Store, reading
from ingest.errors import RingfenceError
from tests.detectors.motif_cases import CASES, TOGETHER, joined
from tests.world import write_world

LIBRARY = {found.name: found for found in motifs()}
each = pytest.mark.parametrize("name", LIBRARY)


@pytest.fixture(scope="module")
def store(shared_store: Store) -> Store:
    world = joined(*(case.world for case in CASES.values()))
    load(shared_store, write_world(world, shared_store.workspace))
    return shared_store


def run(store: Store, name: str, **parameters: Any) -> Answer:
    return run_motif(store, LIBRARY[name], parameters=parameters)


@each
def test_hits_are_found_whole_and_nothing_else(store: Store, name: str) -> None:
    answer = run(store, name)
    assert sorted(answer.rows) == sorted(CASES[name].rows)
    assert not answer.truncated


@each
def test_columns_are_those_of_the_header(store: Store, name: str) -> None:
    answer = run(store, name)
    assert answer.rows
    assert answer.columns == tuple(LIBRARY[name].columns)


@each
def test_an_empty_answer_has_its_columns_too(store: Store, name: str) -> None:
    least = next(param for param in LIBRARY[name].params if param.startswith("min_"))
    answer = run(store, name, **{least: 1000})
    assert answer.rows == ()
    assert answer.columns == tuple(LIBRARY[name].columns)


@each
def test_rows_beyond_the_limit_are_said_to_be_missing(store: Store, name: str) -> None:
    whole = run(store, name)
    first = run_motif(store, LIBRARY[name], limit=1)
    assert first.rows == whole.rows[:1]
    assert first.truncated == (len(whole.rows) > 1)


@each
def test_subject_identity_and_members_hold_keys(store: Store, name: str) -> None:
    found, answer = LIBRARY[name], run(store, name)
    identity = [answer.columns.index(column) for column in found.identity]
    assert len({tuple(row[at] for at in identity) for row in answer.rows}) == len(answer.rows)
    for label, column in [*found.members.items(), (found.subject.label, found.subject.column)]:
        for row in answer.rows:
            held = row[answer.columns.index(column)]
            for key in held if isinstance(held, list) else [held]:
                assert exists(store, label, key), (label, key)


@each
def test_the_plan_has_no_warning(store: Store, name: str) -> None:
    given = {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in values(LIBRARY[name], {}).items()
    }
    with reading(store) as session:
        summary = session.run("EXPLAIN " + LIBRARY[name].text, given).consume()
    said = [status for status in summary.gql_status_objects if status.is_notification]
    assert said == []


def test_a_question_that_writes_is_refused(store: Store) -> None:
    before = run(store, "cards_swiped_together").rows
    for text in (
        "MATCH (p:Patient) SET p.seen = 1 RETURN p.person_id AS person_id",
        "MATCH (p:Patient) DETACH DELETE p",
        "CREATE (p:Patient {person_id: 'P-new'}) RETURN p.person_id AS person_id",
    ):
        with pytest.raises(RingfenceError):
            ask(store, text, {})
    assert run(store, "cards_swiped_together").rows == before


def test_a_value_that_does_not_fit_is_refused_before_it_is_sent(store: Store) -> None:
    with pytest.raises(RingfenceError, match="least is 1"):
        run(store, "swipe_refund_swipe", min_cycles=0)


def test_terminals_of_a_place_can_count_as_one(store: Store) -> None:
    apart = run(store, "cards_swiped_together", person_ids=["P-tg0", "P-tg1"])
    assert apart.rows == ()
    whole = run(store, "cards_swiped_together", person_ids=["P-tg0", "P-tg1"], whole_place=1)
    assert [row[2:8] for row in whole.rows] == [("P-tg", "P-tg", False, 3, 3, ["D-tg", "D-tg2"])]
    anyone = run(store, "cards_swiped_together", whole_place=1)
    assert whole.rows[0] in anyone.rows


def test_named_people_are_shown_where_times_are_known_only_to_the_day(store: Store) -> None:
    answer = run(store, "cards_swiped_together", person_ids=["P-ti1", "P-ti0", "P-ti1"])
    assert [row[:7] for row in answer.rows] == [("P-ti0", "P-ti1", "D-ti", "P-ti", True, 3, 3)]


def test_a_batch_is_looked_at_only_for_named_people(store: Store) -> None:
    batch = [row for row in TOGETHER.rows if row[0].startswith("P-tj")]
    assert len(batch) == 3
    narrow = run(store, "cards_swiped_together", most_at_once=2)
    assert sorted([*narrow.rows, *batch]) == sorted(TOGETHER.rows)
    people = ["P-tj0", "P-tj1", "P-tj2"]
    named = run(store, "cards_swiped_together", most_at_once=2, person_ids=people)
    assert sorted(named.rows) == sorted(batch)


def test_a_ring_is_shown_again_by_its_people_terminal_and_days(store: Store) -> None:
    hit = TOGETHER.rows[0]
    first = CASES["card_used_in_stay"].rows[0][3]
    ring = {"person_ids": [hit[0], hit[1]], "device_id": "D-ta", "min_days": 1}
    assert run(store, "cards_swiped_together", **ring).rows == (hit,)
    short = run(store, "cards_swiped_together", **ring, from_day=first + 1, until_day=first + 1)
    assert [(row[5], row[9]) for row in short.rows] == [(1, ["ta-2", "ta-3"])]
    assert run(store, "cards_swiped_together", **(ring | {"device_id": "D-no"})).rows == ()
    assert run(store, "cards_swiped_together", **(ring | {"person_ids": [hit[0]]})).rows == ()


def exists(store: Store, label: str, key: str) -> bool:
    text = f"MATCH (n:{label} {{{node(label).key}: $key}}) RETURN count(n) AS n"
    return bool(ask(store, text, {"key": key}).rows[0][0])


def test_every_motif_has_cases() -> None:
    assert set(CASES) == set(LIBRARY)
    assert motif("box_settled_twice") == LIBRARY["box_settled_twice"]
