"""A simulated county, small enough to be loaded in seconds, with nearly everything planted."""

from pathlib import Path

from ingest.importing import import_extract
from ingest.simulate import simulate
from ingest.workspace import Workspace


def demo_county(home: Path) -> Workspace:
    """Simulate and import the county into new folders of ``home``; always the same one."""
    simulate(home / "extract", persons=2_000, days=60, seed=3)
    workspace = Workspace(home / "space")
    import_extract(home / "extract", workspace, threads=1)
    return workspace
