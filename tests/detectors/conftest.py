"""A graph that several tests of one file only read: loaded once, emptied at the end."""

from collections.abc import Iterator

import pytest

from graph.load import clear
from graph.store import Store, open_store
from ingest.workspace import Workspace


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
    """An open graph on each server in turn, for the whole file."""
    space = Workspace(tmp_path_factory.mktemp("shared"))
    environ: dict[str, str] = {}
    if request.param == "embedded":
        space.graph.symlink_to(request.getfixturevalue("embedded_folder"))
    else:
        environ = request.getfixturevalue("neo4j_server").environ
    with open_store(space, environ=environ) as opened:
        yield opened
        clear(opened)
