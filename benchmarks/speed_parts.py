"""One part of the work, timed in a process of its own: pairs of people who meet, three ways.

    python -m benchmarks.speed_parts PART WORKSPACE VISITS.parquet OUT.json

``pairs``: Ringfence, from clean tables to pairs with expectation, p- and q-value.
``pandas_networkx``: the visits merged with themselves at a terminal within half an hour, days
counted, the pairs with three days made a graph, its connected parts. No expectation.
``bicm``: the package's validated projection of people × half-hours at a terminal. No parts.
``visits``: write the visits that the last two read; not timed against anything.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import networkx
import pandas as pd

from benchmarks.peers.frame import read_visits, scopes, write_visits
from detectors.columns import columns
from detectors.settings import DetectSettings
from detectors.world import ground, pairs_beyond
from ingest.workspace import Workspace

WINDOW, LEAST_DAYS = 1800, 3


def main(arguments: list[str]) -> None:
    """Run a part; the time leaves out starting Python, importing, compiling and reading."""
    part, workspace, visits, target = arguments
    seconds, found = PARTS[part](Path(workspace), Path(visits))
    Path(target).write_text(json.dumps({"seconds": round(seconds, 2), "found": found}), "utf-8")


def _visits(workspace: Path, visits: Path) -> tuple[float, int]:
    start = time.perf_counter()
    people = write_visits(Workspace(workspace), visits)
    return time.perf_counter() - start, len(people)


def _pairs(workspace: Path, visits: Path) -> tuple[float, int]:
    settings = DetectSettings()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=visits.parent) as scratch:
        with columns(Path(scratch), settings) as backend:
            land = ground(backend, Workspace(workspace), settings)
            pairs = pairs_beyond(backend, land, land.scoped, settings)
        return time.perf_counter() - start, int((pairs.q_value <= settings.pair_q).sum())


def _pandas_networkx(_: Path, visits: Path) -> tuple[float, int]:
    frame = read_visits(visits)
    start = time.perf_counter()
    groups = co_counted(frame)
    return time.perf_counter() - start, len(groups)


def co_counted(visits: pd.DataFrame) -> list[set[int]]:
    """Return the connected parts, of three or more, of the pairs met on ``LEAST_DAYS`` days."""
    frame = visits[["person", "at", "day"]].assign(scope=scopes(visits, "device"))
    frame["slot"] = frame["at"] // WINDOW
    late = frame.assign(slot=frame["slot"] + 1)
    pairs = pd.concat([frame, late]).merge(frame, on=["scope", "slot"], suffixes=("_a", "_b"))
    apart = pairs["at_b"] - pairs["at_a"]
    met = (apart >= 0) & (apart <= WINDOW) & (pairs["person_a"] != pairs["person_b"])
    pairs = pairs.loc[met, ["person_a", "person_b", "day_a"]]
    people = pairs[["person_a", "person_b"]]
    pairs = pairs.assign(lo=people.min(axis=1), hi=people.max(axis=1))
    days = pairs.drop_duplicates(["lo", "hi", "day_a"]).groupby(["lo", "hi"]).size()
    often = days[days >= LEAST_DAYS].rename("days").reset_index()
    graph = networkx.from_pandas_edgelist(often, "lo", "hi", edge_attr="days")
    return [part for part in networkx.connected_components(graph) if len(part) >= 3]


def _bicm(_: Path, visits: Path) -> tuple[float, int]:
    from benchmarks.peers.bipartite import validated, warm  # of the dependency group 'bench'

    warm()
    frame = read_visits(visits)
    start = time.perf_counter()
    found = validated(frame, by="device", window=WINDOW, alpha=0.01)
    return time.perf_counter() - start, len(found[0])


PARTS = {"visits": _visits, "pairs": _pairs, "pandas_networkx": _pandas_networkx, "bicm": _bicm}


if __name__ == "__main__":
    main(sys.argv[1:])
