"""Both servers give the same rows in the same order: every motif, as it is and at its loosest.

Asked in a simulated county, and in the county of all the motifs' own cases, which has a run.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from detectors.motif import motif, motifs, run_motif
from graph.ask import Answer
from graph.load import clear, load, write_rings
from graph.store import Store, open_store
from ingest.workspace import Workspace
from tests.detectors import motif_cases_rings
from tests.detectors.demo_county import demo_county
from tests.detectors.motif_cases import joined
from tests.detectors.test_motif_cases import WORLDS
from tests.graph.neo4j_local import Neo4j
from tests.world import write_world

NAMES = [found.name for found in motifs()]
LIMIT = 1000
hits: dict[str, int] = dict.fromkeys(NAMES, 0)
pytestmark = [pytest.mark.slow, pytest.mark.graph, pytest.mark.neo4j]


@pytest.fixture(scope="module", params=["simulated", "cases"])
def stores(
    request: pytest.FixtureRequest,
    embedded_folder: Path,
    neo4j_server: Neo4j,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Store, Store]]:
    """One county in the embedded server and in Neo4j."""
    home = tmp_path_factory.mktemp("identical")
    space = demo_county(home) if request.param == "simulated" else Workspace(home / "space")
    space.root.mkdir(exist_ok=True)
    space.graph.symlink_to(embedded_folder)
    with ExitStack() as opened:
        both = tuple(
            opened.enter_context(open_store(space, environ=environ))
            for environ in ({}, neo4j_server.environ)
        )
        if request.param == "cases":
            write_world(joined(*WORLDS.values()), space)
            motif_cases_rings.write_run(motif_cases_rings.RUN, home / "run")
        for store in both:
            load(store, space)
            if request.param == "cases":
                write_rings(store, space, home / "run")
        yield both
        for store in both:
            clear(store)


def loosest(name: str) -> dict[str, object]:
    """Every lower bound at its least."""
    return {
        param.name: type(param.default)(param.least)
        for param in motif(name).params.values()
        if param.type in ("integer", "number") and param.name.startswith(("min_", "least_"))
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_rows_are_the_same(stores: tuple[Store, Store], name: str) -> None:
    for parameters in ({}, loosest(name)):
        answers: list[Answer] = [
            replace(run_motif(store, motif(name), parameters=parameters, limit=LIMIT), seconds=0.0)
            for store in stores
        ]
        assert answers[0] == answers[1]
        hits[name] = max(hits[name], len(answers[0].rows))


def test_so_is_the_answer_of_most_motifs_not_empty() -> None:
    """Every motif had a hit in one county or the other, where all of them were asked."""
    if not any(hits.values()):
        pytest.skip("the rows were not compared")
    assert [name for name, count in hits.items() if not count] == []
