"""Measure whole runs on unseen invented counties and keep the figures in quality.csv.

    python -m benchmarks.quality FOLDER [--settings plain messy …] [--counties 20] [--workers 2]

Each row of the table is one county in one setting. Settings change the generator's mechanisms, what
is delivered, or switch a part of the method off (ablations); a setting with the same seeds as
another is compared with it county by county. No seed here is one that factors were learnt from
(``ringfence learn`` takes seeds from 1 on). Counties that are in the table already are skipped
unless ``--anew``; docs/quality.md and its pictures are written by ``benchmarks.quality_report``.
"""

import argparse
import os
import shutil
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.figures import write
from detectors.evaluate import evaluate, groups, labelled, party
from detectors.evidence import FACTORS
from detectors.rings import KINDS
from detectors.run import detect
from detectors.settings import DetectSettings
from ingest.importing import import_extract
from ingest.simulate import Mechanisms, simulate
from ingest.simulate.truth import read_truth
from ingest.workspace import Workspace

FIGURES = Path(__file__).parent / "quality.csv"
POINTS = Path(__file__).parent / "calibration.csv"
BARE = ("settlements",)
SECOND = Mechanisms(style="second")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What differs from a plain county of the first generator with all tables."""

    name: str
    mechanisms: Mechanisms = field(default_factory=Mechanisms)
    messy: bool = False
    rings: bool = True
    persons: int = 20_000
    tables: tuple[str, ...] = ()  # delivered; empty: all
    drop: float = 0.0  # share of settlements left out at random
    settings: dict[str, Any] = field(default_factory=dict)
    honest: bool = True  # False: honest tests weigh nothing
    seed: int = 1_000


SETTINGS = (
    Setting(name="plain"),
    Setting(name="messy", messy=True),
    Setting(name="second", mechanisms=SECOND),
    Setting(name="second_messy", mechanisms=SECOND, messy=True),
    Setting(name="null_plain", rings=False, seed=2_000),
    Setting(name="null_messy", rings=False, messy=True, seed=2_000),
    Setting(name="null_second", rings=False, mechanisms=SECOND, seed=2_000),
    Setting(name="county_60k", persons=60_000, seed=5_000),
    Setting(name="county_60k_messy", persons=60_000, messy=True, seed=5_000),
    Setting(name="county_60k_second", persons=60_000, mechanisms=SECOND, seed=5_000),
    Setting(name="settlements_only", tables=BARE),
    Setting(name="settlements_only_second", tables=BARE, mechanisms=SECOND),
    Setting(name="dropped_10", drop=0.1),
    Setting(name="attendance_low", mechanisms=Mechanisms(attendance=0.7)),
    Setting(name="camouflage", mechanisms=Mechanisms(camouflage=1.0)),
    Setting(name="jitter", mechanisms=Mechanisms(jitter=3.0)),
    Setting(name="splitting", mechanisms=Mechanisms(splitting=0.5)),
    Setting(name="hijacked", mechanisms=Mechanisms(hijacked=0.3)),
    Setting(name="half_size", mechanisms=Mechanisms(size=0.5)),
    Setting(name="brokers", mechanisms=Mechanisms(brokers=6)),
    Setting(name="without_strata", settings={"stratified": False}),
    Setting(name="without_fdr", settings={"group_q": 1.0}),
    Setting(name="without_honest_tests", honest=False),
    Setting(name="one_leiden_seed", settings={"leiden_seeds": 1}),
)


def main() -> None:
    """Run every county of every setting and write a row for each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--settings", nargs="*", default=[s.name for s in SETTINGS])
    parser.add_argument("--counties", type=int, default=20)
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--anew", action="store_true")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    rows = [] if chosen.anew or not FIGURES.exists() else pd.read_csv(FIGURES).to_dict("records")
    points = [] if chosen.anew or not POINTS.exists() else pd.read_csv(POINTS).to_dict("records")
    done = {(row["setting"], row["seed"]) for row in rows}
    tasks = [
        (setting, setting.seed + number)
        for setting in SETTINGS
        if setting.name in chosen.settings
        for number in range(chosen.counties)
        if (setting.name, setting.seed + number) not in done
    ]
    with ProcessPoolExecutor(chosen.workers) as pool:
        running = [pool.submit(county, chosen.folder, *task) for task in tasks]
        for number, future in enumerate(as_completed(running), 1):
            row, measured = future.result()
            rows.append(row)
            points += measured
            print(f"{number}/{len(tasks)} {row['setting']} {row['seed']}: {row}", flush=True)
            write(FIGURES, sorted(rows, key=lambda r: (_place(r["setting"]), r["seed"])))
            write(POINTS, sorted(points, key=lambda r: (_place(r["setting"]), r["seed"])))


def county(
    folder: Path, setting: Setting, seed: int
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Invent, import, detect and evaluate one county; return its figures and its candidates."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".county.") as scratch:
        extract, workspace = Path(scratch) / "extract", Workspace(Path(scratch) / "work")
        simulate(
            extract,
            persons=setting.persons,
            days=365,
            seed=seed,
            rings=setting.rings,
            messy=setting.messy,
            format="parquet",
            mechanisms=setting.mechanisms,
        )
        _delivered(extract, setting, seed)
        began = time.process_time()
        import_extract(extract, workspace, threads=1)
        imported = time.process_time()
        chosen = dict(setting.settings)
        if not setting.honest:
            chosen["factors"] = _without_honest(Path(scratch))
        run = detect(workspace, settings=DetectSettings(threads=1, **chosen))
        done = time.process_time()
        result: Any = evaluate(workspace, extract / "truth.json")
        row = {"setting": setting.name, "seed": seed, **figures(result)}
        row["import_cpu_seconds"] = round(imported - began, 1)
        row["detect_cpu_seconds"] = round(done - imported, 1)
        planted = read_truth(extract / "truth.json")
        raised, left = groups(run)
        chance, true = labelled(raised, left, [party(ring) for ring in planted.rings])
        measured = [
            {"setting": setting.name, "seed": seed, "probability": p, "ring": int(t)}
            for p, t in zip(np.round(chance, 4).tolist(), true.tolist(), strict=True)
        ]
    return row, measured


def figures(result: Any) -> dict[str, Any]:
    """Flatten what :func:`detectors.evaluate.evaluate` says into one row."""
    row: dict[str, Any] = {"raised": result["raised"], "planted": result["planted"]}
    for level in ("0.3", "0.5", "0.7"):
        row[f"right_{level}"] = result[f"at_{level}"]["matched"]
    row["pq"] = result["at_0.5"]["pq"]
    row |= result["ranking"] | {"best_match_f1": result["best_match_f1"]}
    row["honest_raised"] = result["honest"]["raised"]
    row["honest_planted"] = result["honest"]["groups"]
    row["brier"] = result["calibration"]["brier"]
    row["loss_covered"] = result["loss"]["covered"]
    row["loss_top_50"] = result["loss"]["share_in_top_50"]
    kinds = result["at_0.5"]["recall_by_kind"]
    for kind in KINDS[:-1]:
        row[f"{kind}_found"] = kinds.get(kind, {}).get("found", 0)
        row[f"{kind}_planted"] = kinds.get(kind, {}).get("planted", 0)
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}


def _delivered(extract: Path, setting: Setting, seed: int) -> None:
    """Take away the tables and settlements that are not delivered."""
    for path in extract.iterdir():
        name = path.name.split(".")[0]
        if setting.tables and name not in (*setting.tables, "truth"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    if setting.drop:
        path = next(extract.glob("settlements*"))
        table = pd.read_parquet(path)
        kept = np.random.default_rng(seed).random(len(table)) >= setting.drop
        table[kept].to_parquet(path, index=False)


def _without_honest(folder: Path) -> Path:
    table = pd.read_csv(FACTORS)
    table.loc[table["measure"].str.startswith("honest_"), "log2_bayes_factor"] = 0.0
    table.to_csv(folder / "factors.csv", index=False)
    return folder / "factors.csv"


def _place(name: str) -> int:
    return next((i for i, setting in enumerate(SETTINGS) if setting.name == name), len(SETTINGS))


if __name__ == "__main__":
    main()
