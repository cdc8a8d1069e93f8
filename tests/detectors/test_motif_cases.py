"""Each motif finds its smallest hit among everybody else's parties, and no near miss.

The cases lie in two counties. In the first each motif must find its rows and no others; in the
second, where many motifs look at the same facts, no others that rest on a settlement of its cases.
"""

from collections.abc import Callable
from typing import Any

import pytest

from detectors.motif import motif, motifs, run_motif, values
from graph.ask import Answer, ask
from graph.load import load, write_rings
from graph.schema import node
from graph.store import Store, reading
from ingest.errors import RingfenceError
from tests.detectors import (
    motif_cases_bundles,
    motif_cases_claims,
    motif_cases_places,
    motif_cases_rings,
)
from tests.detectors.motif_cases import CASES as FIRST
from tests.detectors.motif_cases import TOGETHER, joined
from tests.detectors.motif_oracles_places import share_everywhere
from tests.world import write_world

LIBRARY = {found.name: found for found in motifs()}
SECOND = (
    motif_cases_bundles.CASES
    | motif_cases_claims.CASES
    | motif_cases_places.CASES
    | motif_cases_rings.CASES
)
CASES = FIRST | SECOND
WORLDS = {
    name: joined(*(case.world for case in cases.values()))
    for name, cases in (("first", FIRST), ("second", SECOND))
}
each = pytest.mark.parametrize("name", [*FIRST, *SECOND])


@pytest.fixture(scope="module")
def held(shared_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Store]:
    """Put the county of that name into the graph if it is not there; the second has a run."""
    run = tmp_path_factory.mktemp("run") / "run"
    motif_cases_rings.write_run(motif_cases_rings.RUN, run)
    now: list[str] = []

    def hold(county: str) -> Store:
        if now != [county]:
            load(shared_store, write_world(WORLDS[county], shared_store.workspace))
            if county == "second":
                write_rings(shared_store, shared_store.workspace, run)
            now[:] = [county]
        return shared_store

    return hold


@pytest.fixture
def store(held: Callable[[str], Store], request: pytest.FixtureRequest) -> Store:
    """The county in which the motif of the test has its cases, the first one without a motif."""
    name = request.node.callspec.params.get("name")
    return held("second" if name in SECOND else "first")


def run(store: Store, name: str, **parameters: Any) -> Answer:
    return run_motif(store, LIBRARY[name], parameters=parameters)


def own(name: str, answer: Answer) -> list[tuple[Any, ...]]:
    """Return the rows that count for the cases of a motif."""
    if name in FIRST:
        return sorted(answer.rows)
    world = CASES[name].world
    numbers = {row.setl_id for row in (*world.settlements, *(world.manual_claims or ()))}
    place = answer.columns.index("setl_ids")
    return sorted(row for row in answer.rows if numbers & set(row[place]))


def wanted(name: str) -> list[tuple[Any, ...]]:
    """Return the rows that a motif must give, the county's own share filled in."""
    rows = CASES[name].rows
    if name == "foreign_cards_one_terminal":
        share = share_everywhere(WORLDS["second"])
        rows = tuple(tuple(share if cell == -1 else cell for cell in row) for row in rows)
    return sorted(rows)


@each
def test_hits_are_found_whole_and_nothing_else(store: Store, name: str) -> None:
    answer = run(store, name)
    assert own(name, answer) == wanted(name)
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
