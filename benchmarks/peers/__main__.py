"""Peers beside Ringfence on the same visits in the same run; kept in peers.csv.

    python -m benchmarks.peers FOLDER [--persons 60000] [--seeds 101 102 103 104] [--peers …]
    python -m benchmarks.peers FOLDER --tune [--tune-seeds 1 12]

Odd seeds are plain counties, even ones messy; of four seeds in a row the last two are of the second
style of the simulator. Each peer was tuned once, with eight settings, on development counties: the
whole grid with its figures is peers_tuned.csv, the row with the best mean F1 is frozen. Each runs
in a process of its own that is ended after five minutes of CPU or at 4 GB and is reported so.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.figures import write
from benchmarks.limits import Usage, watched
from benchmarks.peers.frame import write_visits
from benchmarks.peers.judge import Verdict, at_precision, judged
from benchmarks.peers.registry import PEERS, Peer, Settings, peer
from benchmarks.peers.worker import MOST_SECONDS
from detectors.evaluate import WITHOUT_PEOPLE, groups
from ingest.importing import import_extract
from ingest.simulate import Mechanisms, Truth, read_truth, simulate
from ingest.workspace import Workspace

HOME = Path(__file__).parent.parent
FIGURES, TUNED = HOME / "peers.csv", HOME / "peers_tuned.csv"
MOST_GB = 4.0
BUSY = 4  # the worker gives up by CPU time; by wall time it is ended where even that hangs
OURS = "ringfence"


class County:
    """An invented county, imported, with the visits that all are given."""

    def __init__(self, folder: Path, seed: int, persons: int, days: int) -> None:
        self.seed, self.persons, self.messy = seed, persons, seed % 2 == 0
        self.style = "second" if seed % 4 in (3, 0) else "first"
        name = f"{seed}-{self.style}-{persons}"
        self.folder = folder
        extract, self.workspace = folder / f"county-{name}", Workspace(folder / f"work-{name}")
        if not (extract / "truth.json").exists():
            mechanisms = Mechanisms(style=self.style)  # type: ignore[arg-type]
            simulate(
                extract,
                persons=persons,
                days=days,
                seed=seed,
                messy=self.messy,
                format="parquet",
                mechanisms=mechanisms,
            )
        if not self.workspace.manifest.exists():
            import_extract(extract, self.workspace)
        self.truth: Truth = read_truth(extract / "truth.json")
        self.visits = folder / f"visits-{name}.parquet"
        self.names = write_visits(self.workspace, self.visits)

    def run(self, chosen: Peer, settings: list[Settings]) -> tuple[list[dict[str, Any]], Usage]:
        """Run a peer; return what it finished of the settings, and what the process took."""
        target = self.folder / f"out-{chosen.name}.jsonl"
        target.unlink(missing_ok=True)
        command = [sys.executable, "-m", "benchmarks.peers.worker", chosen.name]
        command += [str(self.visits), str(target), *map(json.dumps, settings)]
        most = MOST_SECONDS * len(settings) * BUSY
        usage = watched(command, most_seconds=most, most_gb=MOST_GB)
        text = target.read_text("utf-8") if target.exists() else ""
        return [json.loads(line) for line in text.splitlines() if line.endswith("}")], usage

    def named(self, found: list[list[int]]) -> list[set[str]]:
        """Return groups of identifiers for groups of numbers."""
        return [{self.names[number] for number in group} for group in found]

    def ringfence(self) -> tuple[list[set[str]], Usage]:
        """Detect with the product; return its raised rings by rank, and what it took.

        Rings of kinds that have no insured members are left out.
        """
        command = [str(Path(sys.executable).with_name("ringfence")), "detect", "--json"]
        usage = watched([*command, "--workspace", str(self.workspace.root)])
        if usage.status != "finished":
            raise SystemExit(f"'ringfence detect' on {self.workspace.root}: {usage.status}")
        raised, _ = groups(self.workspace.latest_run())
        kept = [group for group in raised if group.kind not in WITHOUT_PEOPLE]
        return [{name for _, name in group.people} for group in kept], usage


def main() -> None:
    """Tune, or measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--persons", type=int, default=60_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seeds", type=int, nargs="*", default=[101, 102, 103, 104])
    parser.add_argument("--peers", nargs="*", default=[each.name for each in PEERS])
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--tune-seeds", type=int, nargs="*", default=[1, 12])
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    seeds = chosen.tune_seeds if chosen.tune else chosen.seeds
    for seed in seeds:
        county = County(chosen.folder, seed, chosen.persons, chosen.days)
        if chosen.tune:
            for name in chosen.peers:
                save(TUNED, ("peer", "settings", "seed"), tuned(county, peer(name)))
        else:
            save(FIGURES, ("seed", "persons", "peer"), measured(county, chosen.peers))
    if chosen.tune:
        freeze()


def tuned(county: County, chosen: Peer) -> list[dict[str, Any]]:
    """Return one row for each setting of a peer on a development county."""
    found, usage = county.run(chosen, list(chosen.grid))
    rows = []
    for number, settings in enumerate(chosen.grid):
        row = {"peer": chosen.name, "settings": json.dumps(settings), "seed": county.seed}
        row |= {"groups": "", "precision": "", "recall_at_counter": "", "f1": 0.0, "seconds": ""}
        row["status"] = found[number]["status"] if number < len(found) else usage.status
        if row["status"] == "finished":
            verdict = judged(county.named(found[number]["groups"]), county.truth)
            row["groups"], row["seconds"] = verdict.groups, found[number]["seconds"]
            row["precision"] = round(verdict.precision, 4)
            row["recall_at_counter"] = round(verdict.recall_at_counter, 4)
            row["f1"] = round(verdict.f1, 4)
        row["frozen"] = ""
        rows.append(row)
        print(row, flush=True)
    return rows


def freeze() -> None:
    """Mark the setting of each peer with the best mean F1 over the development counties.

    Rows of settings that are in no grid any more are dropped.
    """
    grids = {(each.name, json.dumps(settings)) for each in PEERS for settings in each.grid}
    rows = [row for row in read(TUNED) if (row["peer"], row["settings"]) in grids]
    for each in PEERS:
        own = [row for row in rows if row["peer"] == each.name]
        total: dict[str, float] = {}
        for row in own:
            total[row["settings"]] = total.get(row["settings"], 0.0) + float(row["f1"])
        best = max(total, key=lambda key: total[key], default=None)
        for row in own:
            row["frozen"] = "yes" if row["settings"] == best else ""
    write(TUNED, rows)


def frozen(chosen: Peer) -> Settings:
    """Return the tuned settings of a peer."""
    for row in read(TUNED):
        if row["peer"] == chosen.name and row["frozen"] == "yes":
            settings: Settings = json.loads(row["settings"])
            return settings
    raise SystemExit(f"{chosen.name} was never tuned: run with --tune first.")


def measured(county: County, names: list[str]) -> list[dict[str, Any]]:
    """Return one row for Ringfence and one for each peer on a test county."""
    ours, usage = county.ringfence()
    verdict = judged(ours, county.truth)
    rows = [_row(county, OURS, "this product", "", ours, verdict.precision, usage)]
    rows[0]["seconds"] = usage.seconds
    print(rows[0], flush=True)
    for chosen in map(peer, names):
        settings = frozen(chosen)
        found, usage = county.run(chosen, [settings])
        held = county.named(found[0]["groups"]) if found else []
        text = json.dumps(settings)
        row = _row(county, chosen.name, chosen.source, text, held, verdict.precision, usage)
        row["seconds"] = found[0]["seconds"] if found else usage.seconds
        row["status"] = found[0]["status"] if found else usage.status
        rows.append(row)
        print(row, flush=True)
    return rows


def _row(
    county: County,
    name: str,
    source: str,
    settings: str,
    found: list[set[str]],
    precision: float,
    usage: Usage,
) -> dict[str, Any]:
    verdict: Verdict = judged(found, county.truth)
    kept, recall = at_precision(found, county.truth, precision)
    return {
        "seed": county.seed,
        "style": county.style,
        "messy": county.messy,
        "persons": county.persons,
        "peer": name,
        "source": source,
        "settings": settings,
        "status": usage.status,
        "groups": verdict.groups,
        "right": verdict.right,
        "planted": verdict.planted,
        "precision": round(verdict.precision, 4),
        "recall": round(verdict.recall, 4),
        "recall_at_counter": round(verdict.recall_at_counter, 4),
        "groups_at_equal_precision": kept,
        "recall_at_equal_precision": round(recall, 4),
        "honest_raised": verdict.honest,
        "honest_planted": verdict.planted_honest,
        "seconds": usage.seconds,
        "cpu_seconds": usage.cpu_seconds,
        "peak_gb": usage.peak_gb,
    }


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a file of figures; none if there is none."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def save(path: Path, key: Iterable[str], rows: list[dict[str, Any]]) -> None:
    """Put rows into a file of figures, in place of those with the same key."""
    names = tuple(key)
    new = {tuple(str(row[name]) for name in names) for row in rows}
    old = [row for row in read(path) if tuple(row[name] for name in names) not in new]
    write(path, [*old, *rows])


if __name__ == "__main__":
    main()
