"""Time and peak memory of 'ringfence run --no-graph' as the county grows; kept in speed.csv.

    python -m benchmarks.speed FOLDER [--persons 176000 528000 1800000] [--memory 2GB] [--threads 2]

The extract is Parquet with every table, a year long. Time is wall time of the whole command, memory
the largest resident set of its process. A county that is already in the folder is used again.
"""

import argparse
import csv
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from ingest.simulate import simulate

FIGURES = Path(__file__).parent / "speed.csv"


def main() -> None:
    """Measure each size and write one row for each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--persons", type=int, nargs="*", default=[176_000, 528_000, 1_800_000])
    parser.add_argument("--memory", default="2GB")
    parser.add_argument("--threads", type=int, default=2)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for persons in chosen.persons:
        rows.append(measured(chosen.folder, persons, chosen.memory, chosen.threads))
        print(rows[-1], flush=True)
        with FIGURES.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def measured(folder: Path, persons: int, memory: str, threads: int) -> dict[str, Any]:
    """Run the command on a county of that size in a process of its own."""
    extract, workspace = folder / f"county-{persons}", folder / f"work-{persons}"
    if not (extract / "truth.json").exists():
        simulate(extract, persons=persons, days=365, seed=7, format="parquet")
    shutil.rmtree(workspace, ignore_errors=True)
    command = [str(Path(sys.executable).with_name("ringfence")), "run", str(extract)]
    command += ["--workspace", str(workspace), "--no-graph", "--json"]
    command += ["--memory", memory, "--threads", str(threads)]
    start = time.perf_counter()
    process = os.posix_spawn(command[0], command, os.environ, file_actions=[_to_nowhere()])
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - start
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {status}")
    return {
        "settlements": pq.read_metadata(extract / "settlements.parquet").num_rows,
        "fee_lines": pq.read_metadata(extract / "fee_list.parquet").num_rows,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_gb": round(usage.ru_maxrss / 1e6, 2),
        "rings": pq.read_metadata(workspace / "runs" / "latest" / "rings.parquet").num_rows,
    }


def _to_nowhere() -> tuple[int, int, str, int, int]:
    return (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)


if __name__ == "__main__":
    main()
