"""Reaching a server: every way it can fail is one sentence."""

import socket
from pathlib import Path

import pytest

from graph.store import open_store
from ingest.errors import RingfenceError
from ingest.workspace import Workspace
from tests.graph.neo4j_local import Neo4j


@pytest.mark.neo4j
def test_a_wrong_password_is_named(tmp_path: Path, neo4j_server: Neo4j) -> None:
    environ = neo4j_server.environ | {"NEO4J_PASSWORD": "not it"}
    with (
        pytest.raises(RingfenceError, match="refused user 'neo4j'"),
        open_store(Workspace(tmp_path), environ=environ),
    ):
        pytest.fail("opened with a wrong password")


@pytest.mark.neo4j
def test_a_database_that_is_not_there_is_named(tmp_path: Path, neo4j_server: Neo4j) -> None:
    environ = neo4j_server.environ | {"NEO4J_DATABASE": "elsewhere"}
    with (
        pytest.raises(RingfenceError, match="database 'elsewhere'"),
        open_store(Workspace(tmp_path), environ=environ),
    ):
        pytest.fail("opened a database that is not there")


def test_no_password_no_address_no_server(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"bolt://127.0.0.1:{closed.getsockname()[1]}"
        for environ, match in (
            ({"NEO4J_URI": nobody}, "NEO4J_PASSWORD is not set"),
            ({"NEO4J_URI": "nowhere", "NEO4J_PASSWORD": "x"}, "no address"),
            ({"NEO4J_URI": nobody, "NEO4J_PASSWORD": "x"}, "does not answer"),
        ):
            with (
                pytest.raises(RingfenceError, match=match),
                open_store(Workspace(tmp_path), environ=environ),
            ):
                pytest.fail(f"opened {environ}")
