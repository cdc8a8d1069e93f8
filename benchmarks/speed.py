"""Time and peak memory as the county grows, beside pandas + networkx and `bicm`; in speed.csv.

    python -m benchmarks.speed FOLDER [--sizes 0.1 1 10] [--memory 2GB] [--threads 2]

Sizes are millions of settlements, about. The extract is Parquet with every table, a year long. The
first figures are of the whole of 'ringfence run --no-graph' (import to ranked rings): wall time and
the largest resident set of its process. Then, on the same county, the one task that others have
code for, which people meet beyond what is usual: Ringfence's pairs (from clean tables), a co-count
by pandas and networkx, and the validated projection of `bicm` (both from visits that Ringfence
cleaned). Ratios are theirs over Ringfence's pairs: above 1 they are slower or larger. A peer that
goes beyond ten minutes or the memory is not run at a larger size. A county that is already in the
folder is used again; rows of other sizes in speed.csv stay.
"""

import argparse
import csv
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks.figures import write
from benchmarks.limits import Usage, watched
from ingest.simulate import simulate

FIGURES = Path(__file__).parent / "speed.csv"
PERSONS = 176_000  # for a million settlements in a year
PEERS = ("pandas_networkx", "bicm")
MOST_SECONDS, MOST_GB = 600.0, 16.0


def main() -> None:
    """Measure each size and write one row for each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sizes", type=float, nargs="*", default=[0.1, 1.0, 10.0])
    parser.add_argument("--memory", default="2GB")
    parser.add_argument("--threads", type=int, default=2)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    able = list(PEERS)
    for size in sorted(chosen.sizes):
        persons = round(size * PERSONS)
        row = measured(chosen.folder, persons, chosen.memory, chosen.threads)
        row |= compared(chosen.folder, persons, able)
        print(row, flush=True)
        save(row)


def measured(folder: Path, persons: int, memory: str, threads: int) -> dict[str, Any]:
    """Run the command on a county of that size in a process of its own."""
    extract, workspace = folder / f"county-{persons}", folder / f"work-{persons}"
    if not (extract / "truth.json").exists():
        simulate(extract, persons=persons, days=365, seed=7, format="parquet")
    shutil.rmtree(workspace, ignore_errors=True)
    command = [str(Path(sys.executable).with_name("ringfence")), "run", str(extract)]
    command += ["--workspace", str(workspace), "--no-graph", "--json"]
    command += ["--memory", memory, "--threads", str(threads)]
    usage = watched(command)
    if usage.status != "finished":
        raise SystemExit(f"{' '.join(command)}: {usage.status}")
    return {
        "settlements": pq.read_metadata(extract / "settlements.parquet").num_rows,
        "fee_lines": pq.read_metadata(extract / "fee_list.parquet").num_rows,
        "seconds": usage.seconds,
        "cpu_seconds": usage.cpu_seconds,
        "peak_gb": usage.peak_gb,
        "rings": pq.read_metadata(workspace / "runs" / "latest" / "rings.parquet").num_rows,
    }


def compared(folder: Path, persons: int, able: list[str]) -> dict[str, Any]:
    """Time the pairs three ways; takes out of ``able`` the peers that went beyond a limit."""
    row: dict[str, Any] = {}
    _, usage = _part("visits", folder, persons)
    ours, used = _part("pairs", folder, persons)
    if "failed" in (usage.status, used.status):
        raise SystemExit("the visits or the pairs of Ringfence failed; run the part by hand")
    row["pairs_seconds"], row["pairs_peak_gb"] = ours, used.peak_gb
    for name in PEERS:
        row |= dict.fromkeys((f"{name}_seconds", f"{name}_peak_gb"), "not run")
        row |= dict.fromkeys((f"{name}_times_slower", f"{name}_times_larger"), "")
        if name not in able:
            continue
        seconds, usage = _part(name, folder, persons)
        row[f"{name}_peak_gb"] = usage.peak_gb
        if usage.status == "finished":
            row[f"{name}_seconds"] = seconds
            row[f"{name}_times_slower"] = round(seconds / ours, 2)
            row[f"{name}_times_larger"] = round(usage.peak_gb / used.peak_gb, 2)
        else:
            row[f"{name}_seconds"] = f"{usage.status} after {usage.seconds:.0f}"
            row[f"{name}_times_slower"] = f">{usage.seconds / ours:.1f}"
            able.remove(name)
    return row


def _part(name: str, folder: Path, persons: int) -> tuple[float, Usage]:
    """Run a part of :mod:`benchmarks.speed_parts`; return its own seconds and what it took."""
    target = folder / "part.json"
    target.unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.speed_parts", name]
    command += [str(folder / f"work-{persons}"), str(folder / f"visits-{persons}.parquet")]
    usage = watched([*command, str(target)], most_seconds=MOST_SECONDS, most_gb=MOST_GB)
    if usage.status != "finished":
        return usage.seconds, usage
    return float(json.loads(target.read_text("utf-8"))["seconds"]), usage


def save(row: dict[str, Any]) -> None:
    """Put a row into speed.csv, in place of the one of the same size; it may add columns."""
    rows: list[dict[str, Any]] = []
    if FIGURES.exists():
        with FIGURES.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    size = _millions(row)
    rows = sorted([row, *(old for old in rows if _millions(old) != size)], key=_millions)
    write(FIGURES, rows)


def _millions(row: dict[str, Any]) -> float:
    """Return the size of a row to two digits, so that counties of one size meet."""
    return float(f"{int(row['settlements']):.1e}")


if __name__ == "__main__":
    main()
