"""Learn detectors/factors.csv from development counties.

    python -m benchmarks.learn_factors FOLDER [--seeds 1 2 3 …]

For every development county the candidates are found and measured as in a run; those that match a
planted ring (J ≥ 0.5) are rings, those that touch none (J < 0.2) are not, the rest is left out.
Each measure is cut into ranges at fixed shares of the candidates; the weight of a range is the
shrunk log-ratio of its shares among rings and others, made monotone. The weights of all measures
are then scaled together, each by a factor between 0 and 1, by penalised logistic regression, so
that measures that say the same do not count twice. Evaluation uses other seeds.
"""

import argparse
import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import isotonic_regression, minimize

from detectors import run
from detectors.columns import columns
from detectors.evidence import FACTORS, PRIOR, scores
from detectors.measures import MEASURES
from detectors.settings import DetectSettings
from ingest.importing import import_extract
from ingest.progress import silent
from ingest.simulate import simulate
from ingest.workspace import Workspace

CUTS = (0.1, 0.25, 0.5, 0.75, 0.9, 0.97)  # shares of the candidates at which a measure is cut
SHRINK = 4.0  # so many groups of the overall mix are added to every range
PENALTY = 1.0
SEEDS = tuple(range(1, 7))


def main() -> None:
    """Simulate, measure, fit, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, nargs="*", default=list(SEEDS))
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    frames = []
    for seed in chosen.seeds:
        frame = county(chosen.folder, seed=seed, messy=seed % 2 == 0)
        print(f"seed {seed}: {len(frame)} candidates, {int(frame['ring'].sum())} rings")
        frames.append(frame)
    table = pd.concat(frames, ignore_index=True)
    write(fit(table))


def county(folder: Path, *, seed: int, messy: bool, persons: int = 60_000) -> pd.DataFrame:
    """Return the scores of one development county's candidates, with the column ``ring``."""
    cached = folder / f"{seed}.parquet"
    if cached.exists():
        return pd.read_parquet(cached)
    extract, workspace = folder / f"county-{seed}", Workspace(folder / f"work-{seed}")
    simulate(extract, persons=persons, days=365, seed=seed, messy=messy, format="parquet")
    import_extract(extract, workspace)
    frame = candidates(workspace, json.loads((extract / "truth.json").read_text("utf-8")))
    shutil.rmtree(extract)
    shutil.rmtree(workspace.root)
    frame.to_parquet(cached)
    return frame


def candidates(workspace: Workspace, truth: dict) -> pd.DataFrame:  # type: ignore[type-arg]
    """Measure the candidates of an imported county and label them by its truth."""
    settings = DetectSettings()
    with columns(workspace.root, settings) as backend:
        context = run.prepared(backend, workspace, settings, silent)
        found = run.candidates(context, silent)
        _, evidence = run.examined(context, found)
        frame = pd.DataFrame(scores(evidence))
        psn = pd.read_parquet(workspace.table("persons"), columns=["psn_no"])["psn_no"].to_numpy()
    groups = pd.Series(psn[found.person]).groupby(found.gid).agg(set)
    rings = [set(ring["people"]) for ring in truth["rings"] if len(ring["people"]) > 1]
    best = [max((len(g & r) / len(g | r) for r in rings), default=0.0) for g in groups]
    frame["jaccard"] = best
    frame["ring"] = np.where(frame["jaccard"] >= 0.5, 1.0, 0.0)
    return frame[(frame["jaccard"] >= 0.5) | (frame["jaccard"] < 0.2)]


def fit(table: pd.DataFrame) -> list[dict[str, object]]:
    """Return the rows of the factor table."""
    ring = table["ring"].to_numpy() > 0.5
    falling = {m.name for m in MEASURES if not m.rising}
    names = [name for name in table.columns if name not in ("ring", "jaccard")]
    cuts, weights, columns_ = {}, {}, []
    for name in names:
        values = table[name].to_numpy(dtype=float)
        edges = _edges(values, honest=name.startswith("honest_"))
        place = np.digitize(values, edges[1:-1])
        down = name in falling or name.startswith("honest_")
        weights[name] = _weights(place, np.isnan(values), ring, len(edges) - 1, down=down)
        cuts[name] = edges
        columns_.append(np.where(np.isnan(values), 0.0, weights[name][place]))
    scale, prior = _scaled(np.column_stack(columns_), ring)
    rows: list[dict[str, object]] = [_row(PRIOR, -np.inf, np.inf, prior, ring.sum(), (~ring).sum())]
    for name, factor in zip(names, scale, strict=True):
        values = table[name].to_numpy(dtype=float)
        for i, weight in enumerate(weights[name]):
            least, below = cuts[name][i], cuts[name][i + 1]
            within = (values >= least) & (values < below)
            bits = float(weight * factor)
            rows.append(
                _row(name, least, below, bits, (within & ring).sum(), (within & ~ring).sum())
            )
    return rows


def write(rows: list[dict[str, object]]) -> None:
    """Write the factor table beside the detectors."""
    with FACTORS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _edges(values: np.ndarray, *, honest: bool) -> np.ndarray:  # type: ignore[type-arg]
    known = values[~np.isnan(values)]
    inner = np.array([0.2, 0.4, 0.6, 0.8]) if honest else np.quantile(known, CUTS)
    inner = np.unique(np.round(inner, 3))
    return np.concatenate([[-np.inf], inner[inner > known.min()] if len(known) else [], [np.inf]])


def _weights(place, missing, ring, bins, *, down):  # type: ignore[no-untyped-def]
    """Shrunk, monotone log2 ratio of the shares of rings and others in each range."""
    seen = ~missing
    rings = np.bincount(place[seen & ring], minlength=bins).astype(float)
    others = np.bincount(place[seen & ~ring], minlength=bins).astype(float)
    mix = rings.sum() / max(rings.sum() + others.sum(), 1.0)
    a = (rings + SHRINK * mix) / (rings.sum() + SHRINK * mix * bins)
    b = (others + SHRINK * (1 - mix)) / (others.sum() + SHRINK * (1 - mix) * bins)
    raw = np.log2(a / b)
    return isotonic_regression(raw, weights=rings + others + 1e-3, increasing=not down).x


def _scaled(matrix: np.ndarray, ring: np.ndarray) -> tuple[np.ndarray, float]:  # type: ignore[type-arg]
    """Scale each measure between 0 and 1 and find the prior, in bits."""
    y = ring.astype(float)

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:  # type: ignore[type-arg]
        s = np.log(2.0) * (theta[0] + matrix @ theta[1:])
        p = 1.0 / (1.0 + np.exp(-s))
        value = float(np.sum(np.logaddexp(0.0, s) - y * s) + PENALTY * np.sum(theta[1:] ** 2))
        slope = np.log(2.0) * np.concatenate([[np.sum(p - y)], matrix.T @ (p - y)])
        slope[1:] += 2 * PENALTY * theta[1:]
        return value, slope

    start = np.concatenate([[np.log2(y.mean() / (1 - y.mean()))], np.full(matrix.shape[1], 0.3)])
    bounds = [(None, None)] + [(0.0, 1.0)] * matrix.shape[1]
    best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return best.x[1:], float(best.x[0])


def _row(name, least, below, bits, rings, others):  # type: ignore[no-untyped-def]
    return {
        "measure": name,
        "least": float(least),
        "below": float(below),
        "log2_bayes_factor": round(float(bits), 4),
        "rings": int(rings),
        "others": int(others),
    }


if __name__ == "__main__":
    main()
