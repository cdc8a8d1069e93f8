"""Values of the py2neo driver, without a server: the figures are worked out by hand."""

import copy
import json
import pickle
import re
from datetime import date
from io import StringIO
from pathlib import Path as File
from typing import Any

import pytest
from neo4j.spatial import CartesianPoint
from neo4j.time import DateTime, Duration

from graph.py2neo import (
    ConnectionProfile,
    GraphService,
    Node,
    Path,
    Record,
    Relationship,
    ServiceProfile,
    Subgraph,
    Table,
    Walkable,
    walk,
)
from graph.py2neo.bulk import create_nodes
from graph.py2neo.collections import PropertyDict
from graph.py2neo.cypher import cypher_escape, cypher_join, cypher_repr, cypher_str
from graph.py2neo.cypher.queries import (
    unwind_merge_nodes_query,
    unwind_merge_relationships_query,
)
from graph.py2neo.errors import ClientError, DatabaseError, Neo4jError, TransientError
from graph.py2neo.matching import AND, GE, IN, LIKE, LT, XOR, NodeMatcher, Predicate
from graph.py2neo.service import KernelVersion

KNOWS = Relationship.type("KNOWS")
LIKES = Relationship.type("LIKES")


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("URI", "AUTH", "USER", "PASSWORD", "SECURE", "VERIFY"):
        monkeypatch.delenv(f"NEO4J_{name}", raising=False)


@pytest.fixture
def people() -> tuple[Node, Node, Node]:
    return Node("Person", name="Alice"), Node("Person", name="Bob"), Node("Person", name="Carol")


def test_no_value_and_a_missing_property_are_the_same() -> None:
    node = Node("Person", name="Alice", age=None, **{"self": 1})
    assert (node["age"], "age" in node, dict(node)) == (None, False, {"name": "Alice", "self": 1})
    node["name"] = None
    assert (dict(node), node.setdefault("age", 3), node.setdefault("x")) == ({"self": 1}, 3, None)
    assert PropertyDict(a=1) == {"a": 1, "b": None}
    assert PropertyDict(a=1) != {"a": 2}


def test_labels_are_a_view_that_compares_as_a_set() -> None:
    node = Node("Person", name="Alice")
    node.add_label("Employee")
    assert node.labels == {"Person", "Employee"}
    assert repr(node.labels) == ":Employee:Person"
    assert repr(node.labels.Person) == ":Person"
    node.remove_label(("Person", "Nobody"))
    assert node.has_label("Employee")
    assert not node.has_label(("Employee", "Person"))


def test_an_unbound_node_equals_itself_only_and_a_bound_one_by_identity() -> None:
    one, other = Node(name="Alice"), Node(name="Alice")
    assert one != other
    for node in (one, other):
        node.graph, node.identity = "a graph", 0
    assert one == other
    assert hash(one) == hash(other)
    other.identity = 1
    assert one != other


def test_relationships_take_their_type_from_their_class(people: tuple[Node, Node, Node]) -> None:
    alice, bob, _ = people
    works = Relationship(alice, "WORKS WITH", bob, since=1999)
    assert type(works) is Relationship.type("WORKS WITH")
    assert repr(KNOWS(alice, bob, since=1999)) == (
        "KNOWS(Node('Person', name='Alice'), Node('Person', name='Bob'), since=1999)"
    )
    assert str(KNOWS(alice, bob, since=1999)) == "(Alice)-[:KNOWS {since: 1999}]->(Bob)"
    assert KNOWS(alice, bob, since=1) == Relationship(alice, "KNOWS", bob, since=1)
    assert KNOWS(alice, bob, since=1) != KNOWS(alice, bob, since=2)
    assert KNOWS(alice, bob) != LIKES(alice, bob)
    assert Relationship(alice, "KNOWS").nodes == (alice, alice)
    assert type(Relationship(alice, bob)).__name__ == "Relationship"


@pytest.mark.parametrize("ends", [(), (1,), ("a", "b", "c", "d"), ({}, "KNOWS", {})])
def test_what_is_no_relationship_is_refused(ends: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError):
        Relationship(*ends)


def test_subgraphs_combine_as_sets_and_keep_order(people: tuple[Node, Node, Node]) -> None:
    alice, bob, carol = people
    ab, bc, ca = KNOWS(alice, bob), KNOWS(bob, carol), LIKES(carol, alice)
    left, right = ab | bc, bc | ca
    assert list(left.nodes) == [alice, bob, carol]
    assert list((left | right).relationships) == [ab, bc, ca]
    assert (left & right).relationships == {bc}
    assert ((left - right).relationships, (left - right).nodes) == ({ab}, {alice, bob})
    assert (left ^ right).relationships == {ab, ca}
    assert left | right == Subgraph([carol], [ca, bc, ab])
    assert (left.labels(), (left | ca).types(), left.keys()) == (
        {"Person"}, {"KNOWS", "LIKES"}, {"name"},
    )  # fmt: skip
    assert not alice | bob
    assert len((alice | bob).nodes) == 2
    with pytest.raises(TypeError):
        alice |= bob


def test_a_subgraph_still_holds_a_node_that_was_bound_since(people: Any) -> None:
    alice, bob, _ = people
    both = alice | bob
    alice.graph, alice.identity = "a graph", 7
    assert alice in both.nodes


def test_paths_are_put_together_from_parts(people: tuple[Node, Node, Node]) -> None:
    alice, bob, carol = people
    back = Relationship(carol, "KNOWS", bob)
    path = Path(alice, ("KNOWS", {"since": 1}), bob, back, carol, "LIKES", {"name": "Dave"})
    assert [node["name"] for node in path.nodes] == ["Alice", "Bob", "Carol", "Dave"]
    assert str(path) == (
        "(Alice)-[:KNOWS {since: 1}]->(Bob)<-[:KNOWS {}]-(Carol)-[:LIKES {}]->(Dave)"
    )
    assert (len(path), path[1], path[-1].end_node["name"]) == (3, back, "Dave")
    assert path[1:2] == Path(bob, back, carol)
    assert path[0:0] == Walkable([alice])
    assert list(walk(bob, back)) == [bob, back, carol]
    assert alice + None is alice
    with pytest.raises(ValueError, match="Cannot append"):
        alice + bob
    with pytest.raises(TypeError, match="not walkable"):
        list(walk(alice, "bob"))


def test_entities_can_be_copied_pickled_and_written_as_json(people: Any) -> None:
    alice = people[0]
    assert json.dumps(alice) == '{"name": "Alice"}'
    assert repr(copy.deepcopy(alice.labels)) == ":Person"
    error = pickle.loads(pickle.dumps(Neo4jError("no", "Neo.ClientError.A.B")))  # noqa: S301
    assert (type(error), error.code) == (ClientError, "Neo.ClientError.A.B")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("simple_1", "simple_1"), ("病人", "病人"), ("two words", "`two words`"),
        ("1st", "`1st`"), ("a`b", "`a``b`"), ("x:Y) DETACH DELETE (n", "`x:Y) DETACH DELETE (n`"),
    ],
)  # fmt: skip
def test_names_are_escaped(name: str, written: str) -> None:
    assert cypher_escape(name) == written


@pytest.mark.parametrize("name", ["", "a\\u0060b", "\\uuu0060"])
def test_names_that_cannot_be_made_safe_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        cypher_escape(name)
    with pytest.raises(TypeError):
        cypher_escape(1)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "null"), (True, "true"), (1, "1"), (1.5, "1.5"), ("it's", '"it\'s"'),
        ("a\n\x07\\", "'a\\n\\u0007\\\\'"), ("张\U0001f600", "'\\u5f20\\U0001f600'"),
        ([1, "a"], "[1, 'a']"), ({"a b": 1}, "{`a b`: 1}"),
        (date(2020, 1, 2), "date('2020-01-02')"), (Duration(days=3), "duration('P3D')"),
        (DateTime(1970, 1, 1, 12), "datetime('1970-01-01T12:00:00.000000000')"),
        (CartesianPoint((1.0, 2.0)), "point({srid: 7203, x: 1.0, y: 2.0})"),
    ],
)  # fmt: skip
def test_literals(value: Any, written: str) -> None:
    assert cypher_repr(value) == written


def test_literals_of_what_has_none_are_refused_and_texts_are_shown_plain() -> None:
    with pytest.raises(TypeError, match="object"):
        cypher_repr(object())
    assert (cypher_str("it's"), cypher_str(b"a"), cypher_str([1])) == ("it's", "a", "[1]")
    assert cypher_repr("a", quote='"') == '"a"'
    assert cypher_repr(Node("A", x=1), node_template="{labels.A} {property.x}") == "(:A 1)"


def test_clauses_are_joined_with_their_parameters() -> None:
    assert cypher_join("A", None, ("B", {"x": 1}), ("C", None), y=2) == (
        "A\nB\nC",
        {"x": 1, "y": 2},
    )
    with pytest.raises(ValueError, match="Expected text"):
        cypher_join(("A", {}, 1))


def test_predicates_compile_to_text_and_parameters() -> None:
    assert Predicate.cast(None).compile("a", 1) == ("_.a IS NULL", {})
    assert Predicate.cast({3}).compile("a b", 1) == ("_.`a b` IN $`1`", {"1": [3]})
    assert AND(GE(1), LT(5)).compile("a", 2) == (
        "(_.a >= $`2_1` AND _.a < $`2_2`)", {"2_1": 1, "2_2": 5},
    )  # fmt: skip
    assert XOR(1, None).compile("a", 1)[0] == "(_.a = $`1_1` XOR _.a IS NULL)"
    assert LIKE(re.compile("K.*")).compile("a", 1)[1] == {"1": "K.*"}
    assert IN(range(2)).compile("a", 1)[1] == {"1": [0, 1]}


class Asked:
    """A graph that notes what it is asked and has no rows."""

    def __init__(self) -> None:
        self.statements: list[tuple[str, Any]] = []

    def run(self, cypher: str, parameters: Any = None) -> list[Any]:
        self.statements.append((cypher, parameters))
        return []


def test_a_match_is_one_statement_whose_conditions_keep_their_own_parameters() -> None:
    asked = Asked()
    match = NodeMatcher(asked).match("Person", ("A b",), name="Keanu").where("_.x > 1", born=1964)
    match.order_by("_.name").skip(2).limit(3).all()
    assert asked.statements == [
        (
            "MATCH (_:Person:`A b`) WHERE _.name = $`1` AND _.x > 1 AND _.born = $`3` "
            "RETURN _ ORDER BY _.name SKIP 2 LIMIT 3",
            {"1": "Keanu", "3": 1964},
        )
    ]
    assert match.first() is None
    assert asked.statements[-1][0].endswith("RETURN _ LIMIT 1")


def test_rows_that_keep_old_values_travel_in_both_forms() -> None:
    text, parameters = unwind_merge_nodes_query(
        [{"name": "A", "age": 1}], ("Person", "name"), preserve=["age"]
    )
    assert text == (
        "UNWIND $data AS r\nMERGE (_:Person {name:r[0]['name']})\n"
        "ON CREATE SET _ += r[0]\nSET _ += r[1]"
    )
    assert parameters == {"data": [({"name": "A", "age": 1}, {"name": "A"})]}
    text, parameters = unwind_merge_relationships_query(
        [(("A",), [1, 2], "B")], ("T", "x"), "P", ("Q", "n"), ["x", "y"], ["y"]
    )
    assert text == (
        "UNWIND $data AS r\nMATCH (a:P)\nMATCH (b:Q {n:r[2]})\nMERGE (a)-[_:T {x:r[1][0]}]->(b)\n"
        "ON CREATE SET _ += {y: r[1][1]}\nSET _ += {x: r[1][0]}"
    )
    assert parameters == {"data": [("A", [1, 2], "B")]}


def test_bulk_names_are_escaped_and_values_are_parameters() -> None:
    asked = Asked()
    create_nodes(asked, iter([["x"]]), labels=["A B"], keys=["k`"])
    assert asked.statements == [
        ("UNWIND $data AS r\nCREATE (_:`A B`)\nSET _ += {`k```: r[0]}", {"data": [["x"]]})
    ]


def test_records_are_read_by_position_and_name() -> None:
    record = Record(["name", "age"], ["Alice", 33])
    assert (record[0], record["age"], record.get("x", 1), len(record)) == ("Alice", 33, 1, 2)
    assert (dict(record), record.data("age", "x")) == (
        {"name": "Alice", "age": 33}, {"age": 33, "x": None},
    )  # fmt: skip
    assert (list(record), record.values(1), record[0:1]) == (
        ["Alice", 33], [33], Record(["name"], ["Alice"]),
    )  # fmt: skip
    assert (repr(record), str(record)) == ("Record({'name': 'Alice', 'age': 33})", "'Alice'\t33")
    assert record == {"name": "Alice", "age": 33}
    for wrong, error in ((2, IndexError), ("x", KeyError), (None, TypeError)):
        with pytest.raises(error):
            record[wrong]
    assert record.to_subgraph() is None


def test_tables_are_drawn_and_written() -> None:
    table = Table([["Alice", 33], ["Bob\nSmith", None]], ["name", "age"])
    assert repr(table) == (
        " name  | age \r\n-------|-----\r\n Alice |  33 \r\n Bob   | null \r\n Smith |     \r\n"
    ).replace(" age ", "  age ").replace("-----\r", "------\r").replace("  33", "   33").replace(
        "|     \r", "|      \r"
    )
    assert table.field("age") == {"type": int, "numeric": True, "optional": True}
    out = StringIO()
    assert table.write_csv(out, header=True, limit=1) == 1
    assert out.getvalue() == "name,age\r\nAlice,33\r\n"
    quoted = StringIO()
    Table([['a "b"', None]], ["x", "y"]).write_tsv(quoted)
    assert quoted.getvalue() == '"a ""b"""\t\r\n'
    assert Table([["<", 1]], ["x", "y"])._repr_html_() == (
        '<table><tr><th>x</th><th>y</th></tr><tr><td style="text-align:left">&lt;</td>'
        '<td style="text-align:right">1</td></tr></table>'
    )
    for key, error in (("x", KeyError), (object(), TypeError), (9, IndexError)):
        with pytest.raises(error):
            table.field(key)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="keys"):
        Table([[1]])


def test_profiles_from_uri_settings_and_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ConnectionProfile().to_dict(include_password=True) == {
        "secure": False, "verify": True, "scheme": "bolt", "user": "neo4j",
        "password": "password", "address": ("localhost", 7687), "auth": ("neo4j", "password"),
        "host": "localhost", "port": 7687, "port_number": 7687, "protocol": "bolt",
        "uri": "bolt://localhost:7687",
    }  # fmt: skip
    profile = ServiceProfile(
        "neo4j+s://al%40ice:s3@g.example.test:9999", port=1, auth=("al@ice", "p")
    )
    assert (profile.uri, profile.auth, profile.routing) == (
        "neo4j+s://g.example.test:1", ("al@ice", "p"), True,
    )  # fmt: skip
    assert ServiceProfile(routing=True).scheme == "neo4j"
    assert ServiceProfile("bolt://h", secure=True, verify=False).scheme == "bolt+ssc"
    assert ServiceProfile("bolt://[::1]:8").uri == "bolt://[::1]:8"
    assert ServiceProfile(profile) == profile
    assert len({ServiceProfile(profile), profile}) == 1
    assert "password" not in profile.to_dict()
    monkeypatch.setenv("NEO4J_URI", "bolt://env:1")
    monkeypatch.setenv("NEO4J_AUTH", "carol:c:d")
    assert (ServiceProfile().uri, ServiceProfile().auth) == ("bolt://env:1", ("carol", "c:d"))
    assert ServiceProfile("bolt://host").host == "host"


def test_profiles_from_a_file(tmp_path: File) -> None:
    ini = tmp_path / "neo.ini"
    ini.write_text("[main]\nneo4j.uri = bolt://host:1\nneo4j.user = bob\nother = x\n", "utf-8")
    profile = ServiceProfile.from_file(ini, "main", "neo4j.")
    assert (profile.uri, profile.user) == ("bolt://host:1", "bob")


@pytest.mark.parametrize(
    ("profile", "settings", "error"),
    [
        (1, {}, TypeError), ("ftp://host", {}, ValueError), ("bolt+x://host", {}, ValueError),
        (None, {"colour": "red"}, ValueError), ("http://host:7474", {}, ValueError),
    ],
)  # fmt: skip
def test_profiles_that_cannot_be_used_are_refused(
    profile: Any, settings: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        GraphService(profile, **settings)


@pytest.mark.parametrize(
    ("kind", "expected", "again"),
    [
        ("ClientError", ClientError, False), ("DatabaseError", DatabaseError, False),
        ("TransientError", TransientError, True), ("OtherError", Neo4jError, False),
    ],
)  # fmt: skip
def test_errors_are_of_the_class_their_code_names(
    kind: str, expected: type[Neo4jError], again: bool
) -> None:
    error = Neo4jError("Oops", f"Neo.{kind}.General.Title")
    assert (type(error), error.should_retry()) == (expected, again)
    assert (error.classification, error.category, error.title) == (kind, "General", "Title")
    assert str(error) == "[General.Title] Oops"


@pytest.mark.parametrize("code", [None, "Neo.ClientError.Title", "Fake.ClientError.A.B"])
def test_what_is_no_status_code_is_refused(code: Any) -> None:
    with pytest.raises(ValueError, match=str(code)):
        Neo4jError("Oops", code)


def test_versions_compare_by_their_numbers() -> None:
    version = KernelVersion("5.26.0-aura")
    assert (version.major, version.minor, version.micro, str(version)) == (5, 26, 0, "5.26.0")
    assert version > "5.9"
    assert version >= (5, 26)
    assert version < KernelVersion("2025.1")
