"""Measure how well chance is told from togetherness, and keep the figures in chance.csv.

    python -m benchmarks.chance FOLDER [--counties 3] [--persons 20000]

Two questions, each on counties of both generators, plain and messy:

- *null counties* (no rings, but families, dialysis and the like): how many pairs lie below each
  p-value, against M times that value; how many candidate groups have q ≤ 0.05. Pairs of one planted
  honest group do move together and are counted apart: only the rest are coincidences.
- *counties with rings*: of the pairs found at q = 0.01 and 0.05, which share is in no planted group
  and in no household: the realised false-discovery proportion, to be held against its target.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.figures import write
from detectors import run
from detectors.columns import columns
from detectors.settings import DetectSettings
from detectors.world import Pairs
from ingest.importing import import_extract
from ingest.progress import silent
from ingest.simulate import Mechanisms, simulate
from ingest.simulate.truth import Truth
from ingest.workspace import Workspace

FIGURES = Path(__file__).parent / "chance.csv"
LEVELS = tuple(10.0**-power for power in range(1, 9))
Q = (0.01, 0.05)


def main() -> None:
    """Run every county and write its rows."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--counties", type=int, default=3)
    parser.add_argument("--persons", type=int, default=20_000)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for style in ("first", "second"):
        for rings in (False, True):
            for number in range(chosen.counties):
                seed = 4_000 + number
                rows += county(chosen.folder, style, seed, rings=rings, persons=chosen.persons)
                print(style, seed, "with rings" if rings else "null", flush=True)
    write(FIGURES, rows)


def county(
    folder: Path, style: Any, seed: int, *, rings: bool, persons: int
) -> list[dict[str, Any]]:
    """Return the rows of one county."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".county.") as scratch:
        extract, workspace = Path(scratch) / "extract", Workspace(Path(scratch) / "work")
        truth = simulate(
            extract,
            persons=persons,
            days=365,
            seed=seed,
            rings=rings,
            messy=seed % 2 == 1,
            format="parquet",
            mechanisms=Mechanisms(style=style),
        )
        import_extract(extract, workspace, threads=1)
        settings = DetectSettings(threads=1)
        with columns(workspace.root, settings) as backend:
            context = run.prepared(backend, workspace, settings, silent)
            groups = run.candidates(context, silent)
        together = _together(workspace, truth, context.pairs)
        base = {"style": style, "seed": seed, "rings": rings}
        if rings:
            return [base | row for row in _discoveries(context.pairs, together)]
        rows = [base | row for row in _tail(context.pairs, together, context.ground.tests)]
        found = int((groups.q_value <= settings.group_q).sum())
        return [*rows, base | _row("groups_q_0.05", len(groups), found)]


def _tail(pairs: Pairs, together: np.ndarray, tests: float) -> list[dict[str, Any]]:  # type: ignore[type-arg]
    alone = pairs.p_value[~together]
    return [
        _row(f"pairs_p_{level:g}", round(tests * level, 3), int((alone <= level).sum()))
        for level in LEVELS
    ]


def _discoveries(pairs: Pairs, together: np.ndarray) -> list[dict[str, Any]]:  # type: ignore[type-arg]
    rows = []
    for q in Q:
        found = pairs.q_value <= q
        rows.append(_row(f"false_pairs_q_{q:g}", int(found.sum()), int((found & ~together).sum())))
    return rows


def _row(figure: str, expected: float, observed: int) -> dict[str, Any]:
    return {"figure": figure, "of": expected, "observed": observed}


def _together(workspace: Workspace, truth: Truth, pairs: Pairs) -> np.ndarray:  # type: ignore[type-arg]
    """Say which pairs are of one planted group (ring or honest) or share a home."""
    people = pd.read_parquet(workspace.table("persons"), columns=["psn_no", "live_addr", "mob"])
    number = pd.Series(np.arange(len(people)), index=people["psn_no"])
    same = np.zeros(len(pairs.lo), np.bool_)
    for column in ("live_addr", "mob"):
        home = people[column].to_numpy()
        a, b = home[pairs.lo], home[pairs.hi]
        same |= pd.notna(a) & pd.notna(b) & (a == b)
    keys = pairs.lo * len(people) + pairs.hi
    for group in (*truth.rings, *truth.honest):
        members = np.sort(number.reindex(list(group.people)).dropna().to_numpy(np.int64))
        if 1 < len(members) <= 200:
            a, b = np.triu_indices(len(members), 1)
            same |= np.isin(keys, members[a] * len(people) + members[b])
    return same


if __name__ == "__main__":
    main()
