"""``Graph()`` alone is the graph that the environment names."""

import pytest

from graph.py2neo import Graph
from graph.py2neo.errors import ClientError
from tests.graph.neo4j_local import Neo4j


@pytest.mark.neo4j
def test_one_set_of_variables_leads_to_one_graph(
    neo4j_server: Neo4j, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEO4J_DATABASE", raising=False)
    for name, value in neo4j_server.environ.items():
        monkeypatch.setenv(name, value)
    assert Graph().name is None
    assert Graph().evaluate("RETURN 1") == 1
    monkeypatch.setenv("NEO4J_DATABASE", "neo4j")
    assert Graph().name == "neo4j"
    assert Graph().evaluate("RETURN 1") == 1
    monkeypatch.setenv("NEO4J_DATABASE", "nowhere")
    with pytest.raises(ClientError):
        Graph().evaluate("RETURN 1")
    assert Graph(neo4j_server.uri).name is None
    assert Graph(neo4j_server.uri).evaluate("RETURN 1") == 1
    assert Graph(name="neo4j").evaluate("RETURN 1") == 1
