"""Measure a whole run on unseen invented counties and keep the figures in quality.csv.

    python -m benchmarks.quality FOLDER [--persons 60000] [--days 365] [--seeds 101 102 …]

Each seed is one county with rings; odd seeds are plain, even ones messy. Two null counties, plain
and messy, have none. No seed here was used to learn the factors (``learn_factors.SEEDS``).
"""

import argparse
import csv
import time
from pathlib import Path
from typing import Any

from detectors.evaluate import evaluate
from detectors.run import detect
from detectors.settings import DetectSettings
from ingest.importing import import_extract
from ingest.simulate import simulate
from ingest.workspace import Workspace

POOLS = ("card_pool", "card_pool_rotating")
FIGURES = Path(__file__).parent / "quality.csv"


def main() -> None:
    """Run every county and write one row for each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--persons", type=int, default=60_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seeds", type=int, nargs="*", default=[101, 102, 103, 104, 105])
    parser.add_argument("--null-seeds", type=int, nargs="*", default=[201, 202])
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    counties = [(seed, True) for seed in chosen.seeds] + [(s, False) for s in chosen.null_seeds]
    rows = []
    for seed, rings in counties:
        rows.append(county(chosen.folder, chosen.persons, chosen.days, seed, rings=rings))
        print(rows[-1], flush=True)
        with FIGURES.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def county(folder: Path, persons: int, days: int, seed: int, *, rings: bool) -> dict[str, Any]:
    """Invent, import, detect and evaluate one county; return its figures."""
    extract, workspace = folder / f"county-{seed}", Workspace(folder / f"work-{seed}")
    messy = seed % 2 == 0
    if not (extract / "truth.json").exists():
        simulate(
            extract,
            persons=persons,
            days=days,
            seed=seed,
            rings=rings,
            messy=messy,
            format="parquet",
        )
    start = time.perf_counter()
    import_extract(extract, workspace)
    imported = time.perf_counter()
    run = detect(workspace, settings=DetectSettings(seed=1))
    done = time.perf_counter()
    result: Any = evaluate(workspace, extract / "truth.json")
    kinds = result["at_0.5"]["recall_by_kind"]
    row = {"seed": seed, "messy": messy, "rings": rings, "persons": persons, "days": days}
    row["raised"] = result["raised"]
    row["right"] = result["at_0.5"]["matched"]
    for kind in POOLS:
        row[f"{kind}_found"] = kinds.get(kind, {}).get("found", 0)
        row[f"{kind}_planted"] = kinds.get(kind, {}).get("planted", 0)
    row["honest_raised"] = result["honest"]["raised"]
    row["honest_planted"] = result["honest"]["groups"]
    row["import_seconds"] = round(imported - start, 1)
    row["detect_seconds"] = round(done - imported, 1)
    (folder / f"result-{seed}.txt").write_text(repr(result) + "\n" + str(run), "utf-8")
    return row


if __name__ == "__main__":
    main()
