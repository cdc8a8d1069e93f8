"""Questions, on both servers: read-only, bounded, typed and in the same order."""

import datetime
import time

import pytest

from graph.ask import ask, plain
from graph.load import load
from graph.store import Store
from ingest.errors import RingfenceError
from tests.graph.test_load import SMALL_COUNTY, everything
from tests.world import write_world

ENDLESS = (
    "UNWIND range(1, 50000) AS a UNWIND range(1, 50000) AS b "
    "WITH a, b WHERE a * b < 0 RETURN count(*) AS n"
)


@pytest.fixture
def county(store: Store) -> Store:
    load(store, write_world(SMALL_COUNTY, store.workspace))
    return store


def test_rows_keep_the_order_of_the_question_and_lists_are_sorted(county: Store) -> None:
    answer = ask(
        county,
        "MATCH (c:Card)-[s:SWIPED_AT]->(:Device) WITH c.card_id AS card, "
        "collect(s.setl_id) AS setl_ids, collect({at: s.at, id: s.setl_id}) AS facts "
        "RETURN card, setl_ids, size(facts) AS n, facts ORDER BY card DESC",
    )

    assert answer.columns == ("card", "setl_ids", "n", "facts")
    assert [row[:3] for row in answer.rows] == [
        ("C-p3", ["s3", "s4"], 2),
        ("C-p1", ["s1", "s2"], 2),
    ]
    assert [fact["id"] for fact in answer.rows[0][3]] == ["s3", "s4"]
    assert not answer.truncated


def test_values_are_plain_python(county: Store) -> None:
    answer = ask(
        county,
        "MATCH path = (p:Patient {person_id: $person})-[:HOLDS]->(c:Card) "
        "RETURN path, date('2025-03-03') AS day, datetime('2025-03-03T12:00:00Z') AS at, "
        "duration('P1D') AS lasting, null AS nothing, 1.5 AS x, true AS yes",
        {"person": "P-p1"},
    )

    path, day, at, lasting, nothing, x, yes = answer.rows[0]
    assert [node["labels"] for node in path["nodes"]] == [["Patient"], ["Card"]]
    assert path["relationships"] == [{"type": "HOLDS", "properties": {}}]
    assert day == datetime.date(2025, 3, 3)
    assert at == datetime.datetime(2025, 3, 3, 12, tzinfo=datetime.UTC)
    assert type(at) is datetime.datetime
    assert (lasting, nothing, x, yes) == ("P1D", None, 1.5, True)


def test_sorting_puts_numbers_before_texts_and_does_not_fail_on_mixed_lists() -> None:
    assert plain([3, "b", None, 1, {"z": 1}, "a"]) == [1, 3, "a", "b", None, {"z": 1}]


@pytest.mark.parametrize(
    "text",
    [
        "CREATE (p:Patient {person_id: 'P-x'}) RETURN p",
        "MATCH (p:Patient) SET p.known = false RETURN p",
        "MATCH (p:Patient) DETACH DELETE p",
        "MATCH (p:Patient {person_id: 'nobody'}) DETACH DELETE p",
        "MERGE (p:Patient {person_id: 'P-x'}) RETURN p",
        "CREATE INDEX extra FOR (p:Patient) ON (p.known)",
        "DROP CONSTRAINT patient_key",
        "CREATE USER extra SET PASSWORD 'long-enough'",
        "LOAD CSV FROM 'file:///etc/hostname' AS line RETURN line",
        "LOAD CSV FROM 'http://127.0.0.1:9/x' AS line RETURN line",
    ],
)
def test_nothing_but_reading_is_allowed(county: Store, text: str) -> None:
    before = everything(county)
    with pytest.raises(RingfenceError):
        ask(county, text)
    assert everything(county) == before


def test_the_row_cap_says_that_it_cut(county: Store) -> None:
    question = "MATCH (p:Patient) RETURN p.person_id AS person ORDER BY person"

    cut = ask(county, question, limit=2)
    assert (cut.rows, cut.truncated) == ((("P-p1",), ("P-p2",)), True)
    assert not ask(county, question, limit=3).truncated


def test_time_is_limited(county: Store) -> None:
    began = time.monotonic()
    with pytest.raises(RingfenceError, match=r"ran too long|ran longer than"):
        ask(county, ENDLESS, timeout_seconds=0.5)
    assert time.monotonic() - began < 15


def test_columns_of_an_empty_answer_are_those_declared(county: Store) -> None:
    nobody = "MATCH (p:Patient {person_id: 'nobody'}) RETURN p.person_id AS person, 1 AS one"

    answer = ask(county, nobody, columns=["person", "one"])
    assert (answer.columns, answer.rows) == (("person", "one"), ())


def test_columns_that_differ_are_an_error(county: Store) -> None:
    with pytest.raises(RingfenceError, match="person; people were declared"):
        ask(county, "MATCH (p:Patient) RETURN p.person_id AS person", columns=["people"])


def test_a_broken_question_is_one_sentence(county: Store) -> None:
    with pytest.raises(RingfenceError, match="refused the statement"):
        ask(county, "MATCH (p:Patient RETURN p")


def test_a_label_nobody_has_yet_is_an_empty_answer_without_a_word(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    answer = ask(store, "MATCH (x:Stranger) RETURN x.name AS name", columns=["name"])

    assert answer.rows == ()
    assert not [record for record in caplog.records if record.name.startswith("neo4j")]
