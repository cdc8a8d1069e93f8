"""Servers for the whole session: the embedded one and, where it can run, a real Neo4j."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph import embedded
from graph.load import clear
from graph.store import Store, open_store
from ingest.workspace import Workspace
from tests import jars
from tests.graph import neo4j_local

# The server's own limit: also the longest a question that a test gave up goes on for.
LIMIT_SECONDS = 20


@pytest.fixture(scope="session")
def embedded_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a running embedded server."""
    folder = tmp_path_factory.mktemp("embedded") / "graph"
    embedded.start(folder, heap="512m", limit_seconds=LIMIT_SECONDS, timeout_seconds=180)
    yield folder
    embedded.stop(folder)


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[neo4j_local.Neo4j]:
    """A real Neo4j; where it cannot start the tests are skipped, or fail with REQUIRE_NEO4J=1."""
    reason = jars.unavailable()
    server = None
    if reason is None:
        try:
            server = neo4j_local.start(tmp_path_factory.mktemp("neo4j"))
        except RuntimeError as broken:
            reason = str(broken)
    if server is None:
        say = pytest.fail if os.environ.get("REQUIRE_NEO4J") == "1" else pytest.skip
        say(f"NOT TESTED AGAINST NEO4J: {reason}")
    yield server
    server.process.kill()  # its folder goes too: an orderly end would take ten seconds
    server.process.wait()


@pytest.fixture(
    params=[
        pytest.param("embedded", marks=pytest.mark.graph),
        pytest.param("neo4j", marks=pytest.mark.neo4j),
    ]
)
def server(request: pytest.FixtureRequest) -> Path | neo4j_local.Neo4j:
    """Each server in turn, running: the embedded one's folder, or the Neo4j."""
    name = {"embedded": "embedded_folder", "neo4j": "neo4j_server"}[request.param]
    found: Path | neo4j_local.Neo4j = request.getfixturevalue(name)
    return found


@pytest.fixture
def environ(server: Path | neo4j_local.Neo4j) -> dict[str, str]:
    """What the process environment must hold for :func:`open_store` to use that server."""
    return {} if isinstance(server, Path) else server.environ


@pytest.fixture
def store(
    server: Path | neo4j_local.Neo4j, environ: dict[str, str], tmp_path: Path
) -> Iterator[Store]:
    """An open, empty graph on each server in turn; ``store.workspace`` is new and empty too.

    Fill it by ``write_world(world, store.workspace)`` and ``load(store, store.workspace)``.
    """
    space = Workspace(tmp_path / "space")
    space.root.mkdir()
    if isinstance(server, Path):
        space.graph.symlink_to(server)
    with open_store(space, environ=environ) as opened:
        yield opened
        clear(opened)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("embedded", marks=pytest.mark.graph),
        pytest.param("neo4j", marks=pytest.mark.neo4j),
    ],
)
def shared_store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """An open graph on each server in turn, for the whole file; emptied at its end."""
    space = Workspace(tmp_path_factory.mktemp("shared"))
    environ: dict[str, str] = {}
    if request.param == "embedded":
        space.graph.symlink_to(request.getfixturevalue("embedded_folder"))
    else:
        environ = request.getfixturevalue("neo4j_server").environ
    with open_store(space, environ=environ) as opened:
        yield opened
        clear(opened)
