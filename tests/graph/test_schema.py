"""The schema holds together, and design.md's words are all in it."""

import re
from itertools import chain

from graph.rows import NODE_SQL, RELATIONSHIP_SQL
from graph.schema import IMPORT, NODES, RELATIONSHIPS, constraints, create_relationships, node


def test_no_word_is_both_label_and_type() -> None:
    words = [word for item in (*NODES, IMPORT) for word in [item.label.lower()]]
    types = [item.type.lower() for item in RELATIONSHIPS]
    assert len({*words, *types}) == len(words) + len(types)


def test_relationships_join_labels_that_exist() -> None:
    labels = {item.label for item in NODES}
    for item in RELATIONSHIPS:
        assert {*item.starts, *item.ends} <= labels
        assert item.pairs


def test_names_are_plain_and_unique() -> None:
    for item in (*NODES, IMPORT):
        assert len(set(item.columns)) == len(item.columns)
        assert item.meaning
        assert item.source
    for prop in chain.from_iterable(item.properties for item in (*NODES, *RELATIONSHIPS)):
        assert re.fullmatch(r"[a-z][a-z_]*", prop.name)
        assert prop.meaning
        assert prop.source


def test_money_and_times_are_whole_numbers_with_a_unit() -> None:
    for prop in chain.from_iterable(item.properties for item in (*NODES, *RELATIONSHIPS)):
        if prop.name in {"amount", "fund", "at", "day", "first", "last"} or "loss" in prop.name:
            assert prop.type == "int"
            assert prop.unit


def test_everything_the_load_writes_has_rows() -> None:
    written = {item.type for item in RELATIONSHIPS if item.writer == "load"}
    assert written == set(RELATIONSHIP_SQL)
    mentioned = set(chain.from_iterable((*item.starts, *item.ends) for item in RELATIONSHIPS))
    assert {item.label for item in NODES if item.writer == "load"} <= {*NODE_SQL, *mentioned}


def test_statements_are_derived() -> None:
    assert len(constraints()) == len(NODES) + 1
    assert (
        "CREATE CONSTRAINT card_key IF NOT EXISTS FOR (n:Card) REQUIRE n.card_id IS UNIQUE"
        in constraints()
    )
    held = next(item for item in RELATIONSHIPS if item.type == "HOLDS")
    assert create_relationships(held, "Patient", "Card") == (
        "UNWIND $rows AS row MATCH (a:Patient {person_id: row.start_key}) "
        "MATCH (b:Card {card_id: row.end_key}) CREATE (a)-[:HOLDS]->(b)"
    )
    assert node("Card").columns == ("card_id", "kind", "reversed")
