"""Learning: Bayes factors from groups whose truth is known.

Every family of candidates is learnt for itself, with a register of persons and without. Each
measure is cut at fixed shares of the candidates; the weight of a range is the shrunk log2 ratio of
its shares among rings and others, made monotone (isotonic regression). The weights of all measures
are then scaled together, each between 0 and 1, by penalised logistic regression, so that measures
that say the same do not count twice. Where a family has few examples the beliefs stated here hold:
of four groups nothing is known about one is a ring (up to 80 % of leads in this trade are not
fraud), and an honest explanation that covers a group speaks against it. Last, all weights are
tempered by one number ≤ 1, the best on counties that were left out in turn.
"""

import csv
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from ibis.backends.duckdb import Backend
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression, minimize, minimize_scalar

from detectors.candidates import Groups
from detectors.catalogue import DETECTORS, MET
from detectors.columns import columns as scratch_columns
from detectors.evaluate import Group, Parties, jaccards, party
from detectors.evidence import FACTORS, LOSS, PRIOR, SIGNS, scores
from detectors.facts import Facts
from detectors.loss import losses
from detectors.run import candidates, code_digest, examined, prepared
from detectors.settings import DetectSettings
from ingest.errors import InputError
from ingest.importing import import_extract
from ingest.progress import Progress, silent
from ingest.simulate import simulate
from ingest.simulate.mechanisms import Mechanisms, Style
from ingest.simulate.reviews import write_reviews
from ingest.simulate.truth import Truth
from ingest.telling import to_say
from ingest.workspace import Workspace

Floats = NDArray[np.float64]

CUTS = (0.1, 0.25, 0.5, 0.75, 0.9, 0.97)  # shares of the candidates at which a measure is cut
HONEST_CUTS = (0.2, 0.4, 0.6, 0.8)
HONEST_BELIEF = (0.0, -1.0, -2.0, -3.0, -4.0)  # bits, by range of the share explained
SHRINK = 4.0  # so many groups of the overall mix are added to every range
PENALTIES = (1.0, 3.0, 10.0, 30.0)
SCALE = 0.3  # a measure's scale before anything is learnt
BELIEF_OTHERS, BELIEF_RINGS = 3.0, 1.0
GENERAL = (
    "households",
    "fee_level",
    "resale_share",
    "joint_share",
    "out_of_area",
    "double_presence",
)
LABELS = ("county", "family", "given", "ring", "jaccard", *LOSS)
# Development counties: what is learnt on one way of doing it alone fails on the next.
VARIED = (
    Mechanisms(attendance=0.75, jitter=2.0),
    Mechanisms(camouflage=0.8, splitting=0.3),
    Mechanisms(hijacked=0.2, size=0.7),
    Mechanisms(brokers=5),
)
FIRST_VARIED = 22  # seeds below have the plain mechanisms
TAILS = (0.05, 0.95)  # of the development rings, whose loss the range is to hold
POOLED = 5.0  # rings of all families that every family's range leans on


def labelled(workspace: Workspace, truth: Truth, settings: DetectSettings) -> pd.DataFrame:
    """Return the scores of an imported county's candidates, labelled by what was planted.

    Columns: those of :func:`detectors.evidence.scores` and :data:`LABELS` (without county). A
    candidate is a ring from a Jaccard index of 0.5; parts of a ring, which are neither, are left
    out: those between 0.2 and 0.5, and those that lie within a ring by four fifths.
    """
    with scratch_columns(workspace.root, settings) as backend:
        context = prepared(backend, workspace, settings, silent)
        groups = candidates(context, silent)
        facts, evidence = examined(context, groups)
        found = _found_loss(backend, facts, len(groups))
        psn = pd.read_parquet(workspace.table("persons"), columns=["psn_no"])["psn_no"].to_numpy()
    frame = pd.DataFrame(scores(evidence))
    rings = [party(ring) for ring in truth.rings]
    named = _named(groups, psn)
    frame["family"], frame["given"] = groups.family, evidence.given
    overlap = jaccards(named, rings)
    frame["jaccard"] = overlap.max(axis=1, initial=0.0)
    lost = np.array([ring.loss for ring in truth.rings])
    best = lost[overlap.argmax(axis=1)] if len(lost) else np.zeros(len(named))
    for name, amount in zip(LOSS, found, strict=True):
        with np.errstate(divide="ignore", invalid="ignore"):
            frame[name] = np.where(frame["jaccard"] >= 0.5, best / amount, np.nan)
    frame["ring"] = (frame["jaccard"] >= 0.5).astype(float)
    within = np.array([_within(group, rings) for group in named])
    part = ((frame["jaccard"] >= 0.2) | (within >= 0.8)) & (frame["ring"] < 1)
    return frame[~part.to_numpy(dtype=bool)].reset_index(drop=True)


def _found_loss(backend: Backend, facts: Facts, count: int) -> tuple[Floats, Floats]:
    """Return what shows each group and what may belong to it (yuan), before the ends are moved."""
    one = np.ones(count)
    ones = {"gid": np.arange(count), "probability": one, "low_factor": one, "high_factor": one}
    table = backend.create_table("learning_ones", pa.table(ones), overwrite=True)
    rows = backend.to_pyarrow(losses(facts, table).select("gid", *LOSS))
    ends = np.zeros((2, count))
    for end, name in zip(ends, LOSS, strict=True):
        end[rows["gid"].to_numpy()] = rows[name].to_numpy() / 100
    return ends[0], ends[1]


def seeds(count: int) -> list[int]:
    """Return the seeds of ``count`` development counties; half have other mechanisms."""
    plain = (count + 1) // 2
    return [*range(1, 1 + plain), *range(FIRST_VARIED, FIRST_VARIED + count - plain)]


def mechanisms(seed: int, style: Style) -> Mechanisms:
    """Return how the rings of a development county go about it."""
    turn = seed - FIRST_VARIED
    return replace(VARIED[turn % len(VARIED)] if turn >= 0 else Mechanisms(), style=style)


def county(
    folder: Path, *, seed: int, style: Style = "first", persons: int = 60_000, days: int = 365
) -> pd.DataFrame:
    """Invent a county; label its candidates with all tables, with settlements, with days alone.

    Even seeds are messy, those from :data:`FIRST_VARIED` on vary in their mechanisms. Every second
    pair of seeds is also seen with settlements alone, the odd ones of these with days alone. What
    was measured is kept in ``folder`` under a name that changes with the detectors, and read again
    from there.
    """
    kept = folder / f"{style}-{seed}-{persons}x{days}-{code_digest()[:12]}.parquet"
    if kept.exists():
        return pd.read_parquet(kept)
    settings, frames = DetectSettings(), []
    with tempfile.TemporaryDirectory(dir=folder, prefix=".county.") as scratch:
        extract = Path(scratch) / "extract"
        truth = simulate(
            extract,
            persons=persons,
            days=days,
            seed=seed,
            messy=seed % 2 == 0,
            format="parquet",
            mechanisms=mechanisms(seed, style),
        )
        given = (
            ("all", extract),
            ("bare", _bare(extract, Path(scratch) / "settlements-only")),
            ("days", _days(extract, Path(scratch) / "days-only")),
        )
        for name, tables in given[: 1 + (seed % 4 in (1, 2)) + (seed % 4 == 1)]:
            workspace = Workspace(Path(scratch) / name)
            import_extract(tables, workspace)
            frames.append(labelled(workspace, truth, settings))
    frame = pd.concat(frames, ignore_index=True)
    frame["county"] = f"{style}-{seed}"
    frame.to_parquet(kept)
    return frame


def site(folder: Path, *, seed: int) -> pd.DataFrame:
    """Invent a review site (person, place, day) and label its candidates, as :func:`county`."""
    kept = folder / f"site-{seed}-{code_digest()[:12]}.parquet"
    if kept.exists():
        return pd.read_parquet(kept)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".site.") as scratch:
        truth = write_reviews(Path(scratch) / "extract", seed=seed)
        workspace = Workspace(Path(scratch) / "work")
        import_extract(Path(scratch) / "extract", workspace)
        frame = labelled(workspace, truth, DetectSettings())
    frame["county"] = f"site-{seed}"
    frame.to_parquet(kept)
    return frame


def _days(extract: Path, folder: Path) -> Path:
    """Return a folder that holds the settlements alone, without their times of day."""
    folder.mkdir()
    for path in extract.glob("settlements*"):
        table = pd.read_parquet(path)
        table["setl_time"] = table["setl_time"].dt.normalize().astype("datetime64[us]")
        table.to_parquet(folder / path.name, index=False)
    return folder


def _bare(extract: Path, folder: Path) -> Path:
    """Return a folder that holds the settlements alone."""
    folder.mkdir()
    for path in extract.glob("settlements*"):
        (folder / path.name).symlink_to(path.resolve())
    return folder


def decided(workspace: Workspace, decisions: pd.DataFrame) -> pd.DataFrame:
    """Return the scores of leads that people decided, as further examples.

    ``decisions`` has ring_id and decision ("confirmed" or "refuted"); other words are left out.
    The scores are those of the latest run.
    """
    frame = pd.read_parquet(workspace.latest_run() / "scores.parquet")
    frame = frame.drop_duplicates("ring_id").merge(decisions, on="ring_id")
    frame = frame[frame["decision"].isin(["confirmed", "refuted"])]
    frame["ring"] = (frame["decision"] == "confirmed").astype(float)
    frame["county"], frame["jaccard"] = "decided", np.nan
    drop = ("ring_id", "kind", "probability", "q_value", "raised", "decision")
    return frame.drop(columns=list(drop)).reset_index(drop=True)


def fit(table: pd.DataFrame, progress: Progress = silent) -> list[dict[str, object]]:
    """Return the rows of the factor table, for every family and what was given."""
    rows: list[dict[str, object]] = []
    parts = sorted({(str(f), str(g)) for f, g in zip(table["family"], table["given"], strict=True)})
    for done, (family, given) in enumerate(parts):
        progress("learn", done, len(parts))
        part = table[(table["family"] == family) & (table["given"] == given)]
        every = [*_fit_family(part, family), *loss_rows(part, table)]
        rows += [{"family": family, "given": given} | row for row in every]
    progress("learn", len(parts), len(parts))
    return rows


def write(rows: list[dict[str, object]], path: Path = FACTORS) -> None:
    """Write the factor table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def predicted(table: pd.DataFrame, family: str) -> Floats:
    """Return the probability of each row of one family, each county left out in turn."""
    names = _names(table, family)
    county = table["county"].to_numpy()
    logit = _left_out(table, names, county, _penalty(table, names, county))
    return _probability(logit * _temper(logit, table["ring"].to_numpy()))


def loss_rows(part: pd.DataFrame, table: pd.DataFrame) -> list[dict[str, object]]:
    """Return by what the ends of the loss are moved: between them lie nine in ten rings.

    A family's own rings, mixed with :data:`POOLED` of all families.
    """
    rows = []
    for name, tail, out in zip(LOSS, TAILS, (min, max), strict=True):
        own, every = (t[name][np.isfinite(t[name].astype(float))] for t in (part, table))
        if len(every):
            pooled = float(every.quantile(tail))
            mine = float(own.quantile(tail)) if len(own) else pooled
            factor = out((mine * len(own) + pooled * POOLED) / (len(own) + POOLED), 1.0)
            bits = float(np.log2(max(factor, 0.01)))
            rows.append(_row(name, -np.inf, np.inf, bits, len(own), 0))
    return rows


def _fit_family(part: pd.DataFrame, family: str) -> list[dict[str, object]]:
    names = _names(part, family)
    county = part["county"].to_numpy()
    ring = part["ring"].to_numpy() > 0.5
    penalty = _penalty(part, names, county)
    temper = _temper(_left_out(part, names, county, penalty), ring.astype(float))
    ranges, prior = _learnt(part, names, penalty)
    rows = [_row(PRIOR, -np.inf, np.inf, prior * temper, ring.sum(), (~ring).sum())]
    for name in names:
        edges, weight = ranges[name]
        values = part[name].to_numpy(dtype=float)
        for i, bits in enumerate(weight):
            within = (values >= edges[i]) & (values < edges[i + 1])
            counts = (within & ring).sum(), (within & ~ring).sum()
            rows.append(_row(name, edges[i], edges[i + 1], bits * temper, *counts))
    return rows


def _names(part: pd.DataFrame, family: str) -> list[str]:
    """Return the columns that speak about a family: its own signs, general ones, explanations."""
    own = {sign.name for d in DETECTORS if d.family == family for sign in d.signs}
    brought = {sign.name for d in DETECTORS for sign in d.signs}
    chosen = []
    for name in part.columns:
        if name in LABELS or part[name].notna().sum() < 5 or part[name].nunique() < 2:
            continue
        if (
            name.startswith("honest_")
            or name in own
            or ((name in SIGNS and name not in brought) if family in MET else name in GENERAL)
        ):
            chosen.append(str(name))
    return chosen


def _learnt(
    table: pd.DataFrame, names: list[str], penalty: float
) -> tuple[dict[str, tuple[Floats, Floats]], float]:
    """Return edges and weights (bits) of every measure, scaled together, and the prior."""
    ring = table["ring"].to_numpy() > 0.5
    ranges, matrix = {}, []
    for name in names:
        values = table[name].to_numpy(dtype=float)
        honest = name.startswith("honest_")
        edges = _edges(values, honest=honest)
        place = np.digitize(values, edges[1:-1])
        down = honest or not SIGNS[name].rising
        weight = _weights(place, ~np.isnan(values), ring, len(edges) - 1, down=down)
        if honest:
            weight = _with_belief(weight, place, ~np.isnan(values))
        ranges[name] = (edges, weight)
        matrix.append(np.where(np.isnan(values), 0.0, weight[place]))
    columns = np.column_stack(matrix) if matrix else np.empty((len(table), 0))
    scale, prior = _scaled(columns, ring, penalty)
    return {
        name: (ranges[name][0], ranges[name][1] * factor)
        for name, factor in zip(names, scale, strict=True)
    }, prior


def _edges(values: Floats, *, honest: bool) -> Floats:
    known = values[~np.isnan(values)]
    inner = np.array(HONEST_CUTS) if honest else np.quantile(known, CUTS)
    inner = np.unique(np.round(inner, 3))
    if not honest:
        inner = inner[inner > known.min()]
    return np.concatenate([[-np.inf], inner, [np.inf]])


def _weights(
    place: NDArray[np.int64],
    seen: NDArray[np.bool_],
    ring: NDArray[np.bool_],
    bins: int,
    *,
    down: bool,
) -> Floats:
    """Return the shrunk, monotone log2 ratio of the shares of rings and others in each range."""
    rings = np.bincount(place[seen & ring], minlength=bins).astype(float)
    others = np.bincount(place[seen & ~ring], minlength=bins).astype(float)
    mix = (rings.sum() + BELIEF_RINGS) / (rings.sum() + others.sum() + BELIEF_RINGS + BELIEF_OTHERS)
    a = (rings + SHRINK * mix) / (rings.sum() + SHRINK * mix * bins)
    b = (others + SHRINK * (1 - mix)) / (others.sum() + SHRINK * (1 - mix) * bins)
    raw = np.log2(a / b)
    known = rings + others + 1e-3
    return np.asarray(isotonic_regression(raw, weights=known, increasing=not down).x, np.float64)


def _with_belief(weight: Floats, place: NDArray[np.int64], seen: NDArray[np.bool_]) -> Floats:
    """Mix what was seen of an honest explanation with the belief, by how often it was seen."""
    n = np.bincount(place[seen], minlength=len(weight)).astype(float)
    mixed = (n * weight + SHRINK * np.array(HONEST_BELIEF)) / (n + SHRINK)
    fitted = isotonic_regression(mixed, weights=n + SHRINK, increasing=False)
    return np.asarray(fitted.x, np.float64)


def _scaled(matrix: Floats, ring: NDArray[np.bool_], penalty: float) -> tuple[Floats, float]:
    """Scale each measure between 0 and 1 and find the prior, in bits (L-BFGS-B)."""
    belief = np.zeros((2, matrix.shape[1]))
    x = np.vstack([matrix, belief])
    y = np.concatenate([ring.astype(float), [1.0, 0.0]])
    w = np.concatenate([np.ones(len(ring)), [BELIEF_RINGS, BELIEF_OTHERS]])

    def loss(theta: Floats) -> tuple[float, Floats]:
        s = np.log(2.0) * (theta[0] + x @ theta[1:])
        p = _probability(s / np.log(2.0))
        off = theta[1:] - SCALE
        value = float(np.sum(w * (np.logaddexp(0.0, s) - y * s)) + penalty * np.sum(off**2))
        slope = np.log(2.0) * np.concatenate([[np.sum(w * (p - y))], x.T @ (w * (p - y))])
        slope[1:] += 2 * penalty * off
        return value, slope

    start = np.concatenate([[-1.0], np.full(matrix.shape[1], SCALE)])
    bounds = [(None, None)] + [(0.0, 1.0)] * matrix.shape[1]
    best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(best.x[1:]), float(best.x[0])


def _penalty(table: pd.DataFrame, names: list[str], county: NDArray[np.object_]) -> float:
    """Return the penalty with the least log-loss on counties left out."""
    ring = table["ring"].to_numpy()
    losses = [_log_loss(_left_out(table, names, county, p), ring) for p in PENALTIES]
    return PENALTIES[int(np.argmin(losses))]


def _left_out(
    table: pd.DataFrame, names: list[str], county: NDArray[np.object_], penalty: float
) -> Floats:
    """Return the log2 odds of each row, learnt from the other counties (in eight parts)."""
    logit = np.zeros(len(table))
    every = np.unique(county.astype(str))
    for fold in np.array_split(every, min(8, len(every))):
        out = np.isin(county.astype(str), fold)
        if out.all() or not out.any():
            continue
        ranges, prior = _learnt(
            table[~out], [n for n in names if table[n][~out].notna().sum() > 4], penalty
        )
        logit[out] = prior
        for name, (edges, weight) in ranges.items():
            values = table[name].to_numpy(dtype=float)[out]
            place = np.digitize(values, edges[1:-1])
            logit[out] += np.where(np.isnan(values), 0.0, weight[place])
    return logit


def _temper(logit: Floats, ring: Floats) -> float:
    """Return the factor ≤ 1 on the log odds with the least log-loss."""
    best = minimize_scalar(
        lambda t: _log_loss(logit * t, ring), bounds=(0.2, 1.0), method="bounded"
    )
    return float(best.x)


def _log_loss(logit: Floats, ring: Floats) -> float:
    s = np.log(2.0) * logit
    return float(np.sum(np.logaddexp(0.0, s) - ring * s))


def _probability(logit: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp2(-np.clip(logit, -500, 500))), np.float64)


def _named(groups: Groups, psn: NDArray[np.object_]) -> list[Group]:
    people: list[set[tuple[str, str]]] = [set() for _ in range(len(groups))]
    for gid, name in zip(groups.found.gid.tolist(), psn[groups.found.person], strict=True):
        people[gid].add(("person", str(name)))
    others: list[set[tuple[str, str]]] = [set() for _ in range(len(groups))]
    if groups.found.others is not None:
        for row in groups.found.others.to_pylist():
            if row["entity_type"] in ("place", "doctor", "staff", "account"):
                others[row["gid"]].add(("party", row["entity_id"]))
    return [
        Group(
            ring_id="",
            kind="",
            probability=0.0,
            loss=(0.0, 0.0, 0.0),
            people=frozenset(a),
            parties=frozenset() if a else frozenset(b),
        )
        for a, b in zip(people, others, strict=True)
    ]


def _within(group: Group, rings: list[Parties]) -> float:
    own = group.people or group.parties
    return max((len(own & ring) / max(len(own), 1) for ring in rings), default=0.0)


def _row(
    measure: str, least: float, below: float, bits: float, rings: int, others: int
) -> dict[str, object]:
    return {
        "measure": measure,
        "least": float(least),
        "below": float(below),
        "log2_bayes_factor": round(float(bits), 4),
        "rings": int(rings),
        "others": int(others),
    }


def read_decisions(path: Path) -> pd.DataFrame:
    """Read decisions from a CSV file with the columns ring_id and decision.

    Raises
    ------
    InputError
        If the file is no such table.
    """
    try:
        table = pd.read_csv(path, dtype=str, usecols=["ring_id", "decision"])
    except (OSError, ValueError) as error:
        raise InputError(to_say("refused.learning.decisions", path=path, error=error)) from error
    return table.drop_duplicates("ring_id", keep="last")
