"""The bulk importer of a real Neo4j takes our files, and the load finds nothing to change."""

from pathlib import Path

import pytest

from graph.bulk import write_bulk_files
from graph.load import clear, load
from graph.store import open_store
from ingest.errors import RingfenceError
from ingest.workspace import Workspace
from tests.graph import neo4j_local
from tests.graph.test_load import SMALL_COUNTY, everything
from tests.world import write_world


@pytest.mark.neo4j
@pytest.mark.slow
@pytest.mark.usefixtures("neo4j_server")
def test_the_importer_leaves_what_a_load_leaves(tmp_path: Path) -> None:
    space = write_world(SMALL_COUNTY, tmp_path / "space")
    written = write_bulk_files(space, tmp_path / "bulk")

    server = neo4j_local.start(tmp_path / "neo4j", import_with=written.arguments)
    try:
        with open_store(space, environ=server.environ) as store:
            report = load(store, space)
            assert not report.changed
            assert report.counts == written.counts
            imported = everything(store)
            clear(store)
            assert load(store, space).changed
            assert everything(store) == imported
    finally:
        neo4j_local.stop(server)


def test_headers_come_from_the_schema(tmp_path: Path) -> None:
    space = write_world(SMALL_COUNTY, tmp_path / "space")
    written = write_bulk_files(space, tmp_path / "bulk")

    head = (written.folder / "SWIPED_AT.Card.Device.csv").read_text().splitlines()
    assert head[0] == (
        ":START_ID(Card),setl_id:string,at:long,day:long,amount:long,fund:long,kind:string,"
        "clerk_id:string,refunded:boolean,neighbour:long,clerk_terminals:long,clerk_gap:long,"
        ":END_ID(Device)"
    )
    assert len(head) == 1 + written.counts["SWIPED_AT"]
    assert written.command.startswith("neo4j-admin database import full neo4j --nodes=Patient=")
    assert written.folder.stat().st_mode & 0o077 == 0


def test_an_existing_folder_is_left_alone(tmp_path: Path) -> None:
    space = write_world(SMALL_COUNTY, tmp_path / "space")
    with pytest.raises(RingfenceError, match="exists"):
        write_bulk_files(space, tmp_path)
    with pytest.raises(RingfenceError, match="no imported extract"):
        write_bulk_files(Workspace(tmp_path / "none"), tmp_path / "bulk")
