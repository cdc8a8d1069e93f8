"""The py2neo driver on both servers."""

import gc
import warnings
from collections.abc import Iterator
from typing import Any

import numpy
import pandas
import pytest

from graph import embedded
from graph.py2neo import (
    ClientError,
    ConnectionUnavailable,
    DatabaseError,
    Graph,
    GraphService,
    Neo4jError,
    Node,
    Path,
    Relationship,
    Subgraph,
    SystemGraph,
    UniquenessError,
    WriteServiceUnavailable,
)
from graph.py2neo.bulk import (
    create_nodes,
    create_relationships,
    merge_nodes,
    merge_relationships,
)
from graph.py2neo.errors import TransientError
from graph.py2neo.integration.pandas import (
    create_nodes_from_data_frame,
    merge_nodes_from_data_frame,
)
from graph.py2neo.matching import GT, IN, STARTS_WITH
from graph.store import Store

KNOWS = Relationship.type("KNOWS")
LIKES = Relationship.type("LIKES")


@pytest.fixture
def graph(store: Store) -> Iterator[Graph]:
    opened = Graph.of(store)
    opened.delete_all()
    yield opened
    opened.delete_all()
    opened.close()


def count(graph: Graph) -> tuple[int, int]:
    return len(graph.nodes), len(graph.relationships)


def labels_of(graph: Graph, name: str) -> set[str]:
    return set(graph.evaluate("MATCH (n {name: $name}) RETURN labels(n)", name=name))


def test_what_is_created_is_bound_and_read_back_equal(graph: Graph) -> None:
    alice = Node("Person", "Employee", name="张三", tags=["a", "b"], score=1.5)
    knows = KNOWS(alice, Node("Person", name="Bob"), since=1999)
    graph.create(knows | LIKES(alice, alice))
    assert count(graph) == (2, 2)
    assert graph.exists(knows)
    found = graph.nodes[alice.identity]  # type: ignore[index]
    assert (found, dict(found), found.labels) == (alice, dict(alice), {"Person", "Employee"})
    assert graph.relationships.get(knows.identity) == knows
    graph.create(knows)
    assert count(graph) == (2, 2)
    assert alice.identity in graph.nodes  # type: ignore[operator]
    assert set(graph.nodes) == {node.identity for node in knows.nodes}


def test_a_relationship_that_comes_alone_has_its_ends(graph: Graph) -> None:
    graph.run("CREATE (:A {name: 'a'})-[:KNOWS {n: 1}]->(:B {name: 'b'})-[:KNOWS {n: 2}]->()")
    steps = graph.run("MATCH ()-[r:KNOWS]->() RETURN r ORDER BY r.n").data()
    assert [[dict(n) for n in each["r"].nodes] for each in steps] == [
        [{"name": "a"}, {"name": "b"}],
        [{"name": "b"}, {}],
    ]
    assert steps[0]["r"].end_node.labels == {"B"}
    assert type(steps[0]["r"]) is KNOWS


def test_paths_and_what_is_nested_come_back_as_values(graph: Graph) -> None:
    path = graph.evaluate(
        "CREATE p = ({name: 'a'})-[:KNOWS]->({name: 'b'})<-[:LIKES]-({name: 'c'}) RETURN p"
    )
    assert str(path) == "(a)-[:KNOWS {}]->(b)<-[:LIKES {}]-(c)"
    nested = graph.evaluate("MATCH (n) WITH n ORDER BY n.name RETURN {all: collect(n)}")
    assert [node["name"] for node in nested["all"]] == ["a", "b", "c"]
    subgraph = graph.run("MATCH p = ()-[]->() RETURN p").to_subgraph()
    assert isinstance(subgraph, Subgraph)
    assert (len(subgraph.nodes), subgraph.types()) == (3, {"KNOWS", "LIKES"})


@pytest.mark.parametrize(
    ("old", "new"),
    [("", "A"), ("A", ""), ("A", "B"), ("A", "AB"), ("AB", "CD"), ("AB", "BC"), ("A", "A")],
)
def test_push_makes_labels_and_properties_those_of_the_node(
    graph: Graph, old: str, new: str
) -> None:
    node = Node(*old, name="x", gone=1)
    knows = KNOWS(node, Node("A", name="y"), since=1)
    graph.create(knows)
    node.clear_labels()
    node.update_labels(new)
    node["gone"], node["come"] = None, [1, 2]
    graph.push(node)
    assert labels_of(graph, "x") == set(new)
    assert dict(graph.nodes[node.identity]) == {"name": "x", "come": [1, 2]}  # type: ignore[index]
    # The node may have moved: it and its relationship are still found, and only they changed.
    assert graph.exists(knows)
    knows["since"] = 2
    graph.push(knows)
    assert graph.evaluate("MATCH ({name: 'x'})-[r:KNOWS]->({name: 'y'}) RETURN r.since") == 2
    assert labels_of(graph, "y") == {"A"}
    graph.separate(knows)
    assert count(graph) == (2, 0)


def test_push_and_pull_of_several_at_once(graph: Graph) -> None:
    b = Node(name="b")
    path = Path(Node(name="a"), "KNOWS", b, KNOWS(Node(name="c"), b))
    graph.create(path)
    graph.run("MATCH (n) SET n.seen = n.name + '!'")
    graph.run("MATCH ()-[r]->() SET r.w = startNode(r).name")
    graph.pull(path)
    assert [node["seen"] for node in path.nodes] == ["a!", "b!", "c!"]
    assert [step["w"] for step in path] == ["a", "c"]
    for node in path.nodes:
        node.add_label("Seen")
        node["seen"] = None
    graph.push(path)
    assert graph.run("MATCH (n:Seen) RETURN n.name, n.seen ORDER BY n.name").data() == [
        {"n.name": name, "n.seen": None} for name in "abc"
    ]


def test_pull_takes_on_labels_that_were_removed_elsewhere(graph: Graph) -> None:
    node = Node("A", name="x")
    graph.create(node)
    node.update_labels(["local"])
    node["local"] = 1
    graph.run("MATCH (n:A) SET n.name = 'z'")
    graph.pull(node)
    assert (node.labels, dict(node)) == ({"A"}, {"name": "z"})


def test_merge_finds_or_creates_by_label_and_key(graph: Graph) -> None:
    graph.create(Node("Person", name="Alice", age=33))
    alice = Node("Person", "Employee", name="Alice", city="Oslo")
    graph.merge(KNOWS(alice, Node("Person", name="Bob"), since=1), "Person", "name")
    assert count(graph) == (2, 1)
    found = graph.nodes.match("Person", name="Alice").first()
    assert (dict(found), found.labels, found) == (
        {"name": "Alice", "age": 33, "city": "Oslo"}, {"Person", "Employee"}, alice,
    )  # fmt: skip
    acme = Node("Company", name="ACME")
    acme.__primarylabel__, acme.__primarykey__ = "Company", "name"
    graph.merge(Relationship(alice, "WORKS FOR", acme))
    again = Node("Person", name="Alice")
    graph.merge(KNOWS(again, Node("Person", name="Bob"), since=2), "Person", "name")
    assert count(graph) == (3, 2)
    assert graph.evaluate("MATCH ()-[r:KNOWS]->() RETURN r.since") == 2
    graph.merge(Node("Person", name="Bob", age=1), "Person", "name", "age")
    assert count(graph) == (4, 2)


def test_merge_refuses_what_it_cannot_tell_apart(graph: Graph) -> None:
    graph.create(Node("Person", name="Alice") | Node("Person", name="Alice"))
    alice = Node("Person", name="Alice", age=3)
    with pytest.raises(UniquenessError, match="Person"):
        graph.merge(alice, "Person", "name")
    assert (alice.graph, graph.evaluate("MATCH (n) WHERE n.age = 3 RETURN count(n)")) == (None, 0)
    with pytest.raises(ValueError, match="primary"):
        graph.merge(Node())
    with pytest.raises(TypeError, match="merge"):
        graph.merge("no subgraph")


def test_delete_and_separate_unbind(graph: Graph) -> None:
    knows = KNOWS(Node(name="a"), Node(name="b"))
    likes = LIKES(*knows.nodes)
    graph.create(knows | likes)
    graph.separate(knows)
    assert (knows.identity, knows.start_node.graph, count(graph)) == (None, graph, (2, 1))
    graph.delete(likes)
    assert (likes.graph, likes.end_node.identity, count(graph)) == (None, None, (0, 0))
    assert not graph.exists(likes)
    graph.delete(likes)


def test_relationships_are_matched_by_ends_type_and_values(graph: Graph) -> None:
    a, b, c = (Node("P", name=name) for name in "abc")
    steps = [KNOWS(a, b, n=1), KNOWS(b, a, n=2), KNOWS(b, c, n=3), LIKES(b, b, n=4), LIKES(a, c)]
    graph.create(Subgraph([], steps))

    def found(nodes: Any = None, r_type: Any = None, **properties: Any) -> set[Any]:
        match = graph.relationships.match(nodes, r_type, **properties)
        assert len(match) == len(match.all())
        return set(match)

    assert found((a, b)) == {steps[0]}
    assert found((None, b)) == {steps[0], steps[3]}
    assert found([a]) == {steps[0], steps[4]}
    assert found({a, b}) == {steps[0], steps[1]}
    assert found({b}) == set(steps[:4])
    assert found({b}, (LIKES, "KNOWS"), n=GT(2)) == set(steps[2:4])
    assert found(set()) == found((None, None)) == set(steps)
    assert graph.match((b,), "KNOWS", limit=1).where("_.n > 2").all() == [steps[2]]
    assert graph.match_one(r_type="NOBODY") is None
    assert [r["n"] for r in graph.match().order_by("_.n DESC").skip(1).limit(2)] == [4, 3]
    for wrong in ((Node(), None), (a, b, c)):
        with pytest.raises(ValueError, match=r"bound|ends"):
            graph.match(wrong).all()
    with pytest.raises(ValueError, match="sequence"):
        graph.match(a)


def test_nodes_are_matched_by_labels_and_predicates(graph: Graph) -> None:
    for at, name in enumerate(["Kevin", "Kelly", "Keanu", "Emil"]):
        graph.run("CREATE (:Person {name: $name, born: $born})", name=name, born=1960 + at)
    nodes = graph.nodes
    by_name = nodes.match("Person", name=STARTS_WITH("Ke")).where(born=GT(1960)).order_by("_.name")
    assert [node["name"] for node in by_name] == ["Keanu", "Kelly"]
    assert (len(by_name.limit(1)), by_name.count(), by_name.exists()) == (2, 2, True)
    assert by_name.first()["name"] == "Keanu"
    assert len(nodes.match("Person", born=IN([1960, 1961]), name="Nobody")) == 0
    assert nodes.match("Person", ("No one",)).first() is None
    two = nodes.match("Person").order_by("_.born").limit(2).all()
    assert nodes.get([node.identity for node in two]) == two
    custom = nodes.match("Person").where(("_.name = $given", {"given": "Emil"}))
    assert [node["born"] for node in custom] == [1963]
    missing = 2**40 + 12345
    assert nodes.get(missing) is None
    with pytest.raises(KeyError, match=str(missing)):
        nodes[missing]


def test_names_and_values_cannot_change_the_statement(graph: Graph) -> None:
    graph.create(Node("Safe", name="kept"))
    evil = "x`) DETACH DELETE (n"
    graph.create(Node(evil, **{evil: evil}))
    assert graph.nodes.match(evil, **{evil: evil}).first()[evil] == evil
    create_nodes(graph.auto(), [[evil]], labels=[evil], keys=[evil])
    assert len(graph.nodes.match(evil)) == 2
    assert len(graph.nodes.match("Safe")) == 1
    with pytest.raises(ValueError, match="rename"):
        graph.create(Node("x\\u0060) DETACH DELETE (n"))


def test_cursors_move_forward_and_turn_into_other_forms(graph: Graph) -> None:
    def rows() -> Any:
        return graph.run("UNWIND range(1, 3) AS n RETURN n, n * n AS sq")

    cursor = rows()
    assert (cursor.current, cursor.keys(), cursor.forward(2)) == (None, ["n", "sq"], 2)
    assert (cursor.current["sq"], next(cursor)[1], cursor.forward()) == (4, 9, 0)
    with pytest.raises(StopIteration):
        next(cursor)
    assert rows().data("sq") == [{"sq": 1}, {"sq": 4}, {"sq": 9}]
    assert repr(rows()).splitlines()[-1] == " 3 |  9 "
    assert rows().to_table().field("n")["type"] is int
    assert rows().to_ndarray().tolist() == [[1, 1], [2, 4], [3, 9]]
    assert rows().to_matrix().flags.writeable is False
    assert rows().to_matrix(mutable=True).sum() == 20
    pandas.testing.assert_frame_equal(
        rows().to_data_frame(), pandas.DataFrame({"n": [1, 2, 3], "sq": [1, 4, 9]})
    )
    assert rows().to_series("sq", dtype=float).tolist() == [1.0, 4.0, 9.0]
    assert (rows().evaluate("sq"), rows().evaluate(7)) == (1, None)
    assert graph.run("RETURN $x AS x", {"x": 1}, x=2).evaluate() == 2
    with pytest.raises(ValueError, match="forwards"):
        cursor.forward(-1)


def test_a_statement_says_what_it_changed(graph: Graph) -> None:
    cursor = graph.run("CREATE (a:Person) SET a.name = 'Alice'")
    assert cursor.stats() == {"labels_added": 1, "nodes_created": 1, "properties_set": 1}
    assert (repr(cursor), cursor.plan()) == ("(No data)", None)
    assert cursor.summary()["connection"].uri == graph.service.uri
    assert graph.run("PROFILE RETURN 1").plan()["operatorType"]


def test_a_transaction_that_is_rolled_back_leaves_nothing_bound(graph: Graph) -> None:
    tx = graph.begin()
    kept, undone = Node(name="kept"), Node(name="undone")
    tx.create(kept)
    assert tx.evaluate("MATCH (n) RETURN count(n)") == 1
    graph.commit(tx)
    assert (tx.closed, graph.exists(kept)) == (True, True)
    tx = graph.begin()
    tx.create(undone)
    tx.update("MATCH (n {name: 'kept'}) SET n.name = 'changed'")
    graph.rollback(tx)
    graph.rollback(tx)
    assert (undone.graph, undone.identity, count(graph)) == (None, None, (1, 0))
    assert graph.evaluate("MATCH (n) RETURN n.name") == "kept"
    for act in (lambda: tx.run("RETURN 1"), lambda: graph.commit(tx)):
        with pytest.raises(TypeError, match="closed"):
            act()
    once = graph.auto()
    once.run("RETURN 1")
    with pytest.raises(TypeError, match="closed"):
        once.run("RETURN 1")
    with pytest.raises(TypeError, match="commits by itself"):
        graph.auto().create(Node())


def test_the_older_ways_still_work_and_say_so(graph: Graph) -> None:
    tx = graph.begin()
    tx.create(Node(name="a"))
    with pytest.deprecated_call():
        tx.commit()
    tx = graph.begin()
    with pytest.deprecated_call():
        tx.rollback()
    with pytest.deprecated_call():
        assert graph.read("RETURN $x AS x", x=1).evaluate() == 1


def test_a_unit_of_work_is_done_again_while_that_may_help(graph: Graph) -> None:
    tried: list[int] = []

    def work(tx: Any, last: int, *, kind: str = "TransientError") -> Iterator[None]:
        tx.update("CREATE (:Try)")
        tried.append(last)
        if len(tried) < last:
            raise Neo4jError("not now", f"Neo.{kind}.General.Busy")
        yield

    graph.update(work, [3])
    assert (len(tried), len(graph.nodes.match("Try"))) == (3, 1)
    tried.clear()
    with pytest.raises(WriteServiceUnavailable):
        graph.update(work, ([9], {"kind": "TransientError"}))
    assert len(tried) == 3
    tried.clear()
    with pytest.raises(ClientError, match="not now"):
        graph.update(work, {"last": 9, "kind": "ClientError"})
    assert (len(tried), len(graph.nodes.match("Try"))) == (1, 1)
    assert issubclass(TransientError, Neo4jError)
    for wrong in ((print, object()), (object(), None)):
        with pytest.raises(TypeError):
            graph.update(*wrong)


def test_errors_carry_the_code_of_the_server(graph: Graph) -> None:
    with pytest.raises(ClientError) as caught:
        graph.run("THIS IS NO CYPHER")
    assert (caught.value.category, caught.value.title) == ("Statement", "SyntaxError")
    with pytest.raises(TypeError, match="set"):
        graph.run("RETURN $x", x={1})
    tx = graph.begin()
    with pytest.raises(ClientError):
        tx.run("THIS IS NO CYPHER")
    with pytest.raises(Neo4jError):
        graph.commit(tx)
    assert tx.closed


def test_bulk_nodes_from_lists_maps_and_frames(graph: Graph) -> None:
    keys = ["name", "age"]
    rows = [["Alice", 33], ["Bob", 44], ["Alice", 66]]
    create_nodes(graph.auto(), rows, labels={"Person", "New"}, keys=keys)
    create_nodes(graph.auto(), [{"name": "Dave"}, {"age": numpy.int64(5)}], labels={"Person"})
    assert len(graph.nodes.match("Person")) == 5
    graph.delete_all()
    merge_nodes(graph.auto(), rows, ("Person", "name"), keys=keys)
    named = {node["name"]: node["age"] for node in graph.nodes.match("Person")}
    assert named == {"Alice": 66, "Bob": 44}
    merge_nodes(
        graph.auto(), [{"name": "Bob", "age": 1, "x": 2}, {"name": "Eve", "age": 3}],
        ("Person", "name"), labels={"Old"}, preserve=["age"],
    )  # fmt: skip
    assert graph.run("MATCH (n:Old) RETURN n.name, n.age, n.x ORDER BY n.name").to_ndarray(
        dtype=object
    ).tolist() == [["Bob", 44, 2], ["Eve", 3, None]]
    frame = pandas.DataFrame({"name": ["Eve", "Zoe"], "age": [7, 8]})
    merge_nodes_from_data_frame(graph.auto(), frame, ("Person", "name"), preserve=["age"])
    create_nodes_from_data_frame(graph.auto(), frame, labels=["Frame"])
    assert [n["age"] for n in graph.nodes.match("Person").order_by("_.name")] == [66, 44, 3, 8]
    assert len(graph.nodes.match("Frame")) == 2


def test_bulk_relationships_by_key_and_by_identity(graph: Graph) -> None:
    people = [["Alice", "Smith"], ["Bob", "Jones"]]
    create_nodes(graph.auto(), people, labels=["Person"], keys=["name", "family name"])
    acme = Node("Company", name="ACME")
    graph.create(acme)
    start = ("Person", "name", "family name")
    create_relationships(
        graph.auto(), [(("Alice", "Smith"), {"since": 1999}, "ACME")], "WORKS_FOR",
        start_node_key=start, end_node_key=("Company", "name"),
    )  # fmt: skip
    create_relationships(
        graph.auto(), [(("Bob", "Jones"), [2002], acme.identity)], "WORKS_FOR",
        start_node_key=start, keys=["since"],
    )  # fmt: skip
    for title in ("CEO", "CFO"):
        merge_relationships(
            graph.auto(), [(("Bob", "Jones"), {"since": 2002, "title": title}, ("ACME",))],
            ("WORKS_FOR", "since"), start, ("Company", "name"), preserve=["title"],
        )  # fmt: skip
    rows = graph.run("MATCH (a)-[r:WORKS_FOR]->() RETURN a.name, r.since, r.title ORDER BY a.name")
    assert rows.to_ndarray(dtype=object).tolist() == [["Alice", 1999, None], ["Bob", 2002, None]]


def test_the_schema_is_made_listed_and_removed(graph: Graph) -> None:
    label = "Py2neo Test"
    graph.create(Node(label, name="a", x=1))
    schema = graph.schema
    assert label in schema.node_labels
    schema.create_index(label, "name", "x")
    schema.create_uniqueness_constraint(label, "key")
    assert sorted(schema.get_indexes(label)) == [("key",), ("name", "x")]
    assert schema.get_uniqueness_constraints(label) == ["key"]
    with pytest.raises(DatabaseError, match="there is none"):
        schema.drop_index(label, "key")
    schema.drop_index(label, "name", "x")
    schema.drop_uniqueness_constraint(label, "key")
    assert schema.get_indexes(label) == []
    with pytest.raises(DatabaseError, match="there is none"):
        schema.drop_uniqueness_constraint(label, "key")


def test_the_service_knows_its_version_and_its_graphs(graph: Graph) -> None:
    service = graph.service
    assert service.kernel_version >= "5.23"
    assert service.product.startswith("Neo4j Kernel 5")
    assert {"system"} < set(service.keys())
    assert isinstance(service.system_graph, SystemGraph)
    assert service.default_graph == graph
    assert hash(service.default_graph) == hash(graph)
    with pytest.raises(KeyError, match="nosuch"):
        service["nosuch"]
    assert graph.call.dbms.components().data()[0]["name"] == "Neo4j Kernel"
    assert graph.call["dbms.components"]().keys() == ["name", "versions", "edition"]
    assert graph.call("dbms.components").evaluate() == "Neo4j Kernel"


def test_a_question_cannot_write(graph: Graph) -> None:
    assert graph.query("RETURN $x AS x", {"x": 1}).evaluate() == 1
    with pytest.raises(ClientError):
        graph.query("CREATE (:Sneaky)")
    with pytest.raises(ClientError):
        graph.begin(readonly=True).run("CREATE (:Sneaky)")
    assert len(graph.nodes.match("Sneaky")) == 0


def test_a_workspace_is_opened_in_one_line(store: Store, environ: dict[str, str]) -> None:
    graph = Graph.of(store.workspace.root, environ=environ)
    graph.create(Node("OneLine", name="a"))
    assert len(Graph.of(store).nodes.match("OneLine")) == 1
    graph.delete_all()
    graph.close()


def address(store: Store, environ: dict[str, str]) -> tuple[str, tuple[str, str]]:
    if store.server:
        return store.server.uri, (embedded.WRITER, store.server.password)
    return environ["NEO4J_URI"], (environ["NEO4J_USER"], environ["NEO4J_PASSWORD"])


def test_a_graph_is_opened_by_its_address(store: Store, environ: dict[str, str]) -> None:
    uri, (user, password) = address(store, environ)
    host, port = uri.removeprefix("bolt://").split(":")
    opened = [
        Graph(uri, auth=(user, password), name=store.database, max_connections=3),
        Graph(f"bolt://{user}:{password}@{host}:{port}", name=store.database),
        Graph(scheme="bolt", host=host, port=int(port), user=user, password=password,
              secure=False, name=store.database),
    ]  # fmt: skip
    assert [graph.evaluate("RETURN 1") for graph in opened] == [1, 1, 1]
    assert opened[0] == opened[1] == opened[2]
    assert repr(opened[0]) == f"Graph({uri!r}, name={store.database!r})"
    with pytest.raises(ConnectionUnavailable, match="refused"):
        Graph(uri, auth=(user, "wrong"))
    with pytest.raises(ClientError, match="nosuch"):
        Graph(uri, auth=(user, password), name="nosuch").run("RETURN 1")
    for graph in opened:
        graph.close()


def test_nothing_is_left_open_when_a_graph_is_forgotten(
    store: Store, environ: dict[str, str]
) -> None:
    uri, auth = address(store, environ)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        graph = Graph(uri, auth=auth, name=store.database)
        tx = graph.begin()
        tx.run("CREATE (:Forgotten)")
        del tx, graph
        gc.collect()
    assert len(Graph.of(store).nodes.match("Forgotten")) == 0


def test_a_server_that_is_not_there_is_reported() -> None:
    with pytest.raises(ConnectionUnavailable, match=r"bolt://127\.0\.0\.1:1"):
        GraphService("bolt://127.0.0.1:1")
