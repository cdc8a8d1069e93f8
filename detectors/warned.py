"""The warnings on settlements that arrived since a run: their table, and what it says of a ring."""

from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from detectors.rings import COUNT, TEXT, TIME, YUAN
from ingest.workspace import Workspace

Why = Literal["joint_session", "joint_cards", "member_at_place", "member_with_doctor"]

WARNINGS = pa.schema(
    [
        ("run", TEXT),
        ("ring_id", TEXT),
        ("kind", TEXT),
        ("setl_id", TEXT),
        ("person_id", TEXT),
        ("fixmedins_code", TEXT),
        ("device_id", TEXT),
        ("at", TIME),
        ("why", TEXT),
        ("members", COUNT),
        ("people", COUNT),
        ("fund", YUAN),
        ("sentence_zh", TEXT),
        ("sentence_en", TEXT),
    ]
)
"""One row for each ring, settlement and reason; ``person_id`` is a pseudonym.

``members`` are those of the ring present, ``people`` all those present, both only where people were
together; ``fund`` is what the pooled fund paid (yuan).
"""


def watch_folder(workspace: Workspace) -> Path:
    """Return the folder of all that a watcher keeps."""
    return workspace.root / "watch"


def warnings_file(workspace: Workspace) -> Path:
    """Return where the warnings of a workspace are, or will be."""
    return watch_folder(workspace) / "warnings.parquet"


def rejects_file(workspace: Workspace) -> Path:
    """Return where the rows are that were left out because they could not be read."""
    return watch_folder(workspace) / "rejects.parquet"


def read_warnings(workspace: Workspace) -> pa.Table:
    """Return all warnings ever given in a workspace, those of earlier runs too."""
    path = warnings_file(workspace)
    return parquet.read_table(path, schema=WARNINGS) if path.exists() else WARNINGS.empty_table()


def of_run(workspace: Workspace, run: str) -> pa.Table:
    """Return the warnings on rings of one run."""
    found = read_warnings(workspace)
    return found.filter(pc.equal(found["run"], run))


def since_run(workspace: Workspace, run: str) -> pa.Table:
    """Return for each ring of a run what arrived since: ring_id, settlements, together, last.

    ``settlements`` are different ones with a warning, ``together`` those where people were
    together, ``last`` the time of the last.
    """
    with duckdb.connect() as con:
        con.register("found", of_run(workspace, run))
        return con.sql(
            "SELECT ring_id, count(DISTINCT setl_id) AS settlements, count(DISTINCT setl_id) "
            'FILTER (starts_with(why, \'joint\')) AS together, max("at") AS "last" '
            "FROM found GROUP BY ring_id ORDER BY ring_id"
        ).to_arrow_table()
