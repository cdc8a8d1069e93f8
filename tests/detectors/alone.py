"""One detector alone on a tiny world: no ground, no pairs, no null worlds."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from detectors.candidates import Candidates, Context
from detectors.columns import columns
from detectors.settings import DetectSettings
from ingest.workspace import Workspace
from tests.world import World, write_world

SETTINGS = DetectSettings(threads=1)


def found(
    detector: ModuleType,
    world: World,
    folder: Path,
    *,
    edit: Callable[[Workspace], None] | None = None,
) -> Candidates:
    """Return what a detector that works on aggregates finds in a world.

    ``edit`` may change the clean tables: not every column has a word in the tiny world.
    """
    space = write_world(world, folder / "space")
    if edit is not None:
        edit(space)
    nothing: Any = None
    with columns(folder, SETTINGS) as backend:
        return detector.find(
            Context(
                backend=backend,
                workspace=space,
                settings=SETTINGS,
                ground=nothing,
                pairs=nothing,
                null_pairs=(),
            )
        )


def members(world: World, candidates: Candidates, gid: int = 0) -> set[str]:
    """Return the persons of a candidate by their name in the world."""
    used = [s.person for s in world.settlements] + [c.patient for c in world.manual_claims or ()]
    names = sorted({person.person for person in world.persons} | set(used))
    return {names[row] for row in candidates.person[candidates.gid == gid]}


def parties(candidates: Candidates, gid: int = 0) -> set[tuple[str, str]]:
    """Return (identifier, role) of the members that are no insured persons."""
    assert candidates.others is not None
    rows = candidates.others.to_pylist()
    return {(row["entity_id"], row["role"]) for row in rows if row["gid"] == gid}
