"""Evidence: what each measure and each honest explanation adds to the odds, and the sum of it.

log2-odds(ring) = prior + Σ factors. The factors stand in ``factors.csv``: measure, range of its
score, log2 Bayes factor, and how many rings and other groups of the development counties it was
learnt from (``benchmarks/learn_factors.py``). They are monotone over the ranges of a measure and
shrunk; measures that say the same share their weight, since the factors of all measures were
fitted together (logistic regression with non-negative weights), so nothing counts twice. A measure
or an explanation that cannot be tested adds nothing.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend
from numpy.typing import NDArray

from detectors.candidates import Score
from detectors.facts import Facts
from detectors.honest import EXPLAINS, EXPLANATIONS, PARTLY
from detectors.measures import MEASURES

Floats = NDArray[np.float64]
FACTORS = Path(__file__).parent / "factors.csv"
PRIOR = "prior"


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One row of the table: scores from ``least`` up to, not including, ``below``."""

    measure: str
    least: float
    below: float
    log2_bayes_factor: float
    rings: int
    others: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Measures (``observed``, ``expected``) and shares of honest explanations, one value a group.

    NaN where a group could not be measured or an explanation not be tested.
    """

    observed: dict[str, Floats]
    expected: dict[str, Floats]
    share: dict[str, Floats]


def measured(backend: Backend, facts: Facts, count: int) -> Evidence:
    """Measure the groups 0 … count − 1 and test every honest explanation on them."""
    observed, expected, share = {}, {}, {}
    for measure in MEASURES:
        table = measure.of(facts)
        rows = None if table is None else backend.to_pyarrow(table)
        observed[measure.name] = _dense(rows, "observed", count)
        expected[measure.name] = _dense(rows, "expected", count)
    for explanation in EXPLANATIONS:
        table = explanation.of(facts)
        rows = None if table is None else backend.to_pyarrow(table)
        share[explanation.name] = np.clip(_dense(rows, "share", count), 0.0, 1.0)
    return Evidence(observed=observed, expected=expected, share=share)


def score(kind: Score, observed: Floats, expected: Floats) -> Floats:
    """Put a measure on the scale its factors are learnt on; NaN stays NaN."""
    if kind == "log2_ratio":
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log2(np.maximum(observed, 1e-6) / np.maximum(expected, 1e-6))
    return observed - expected if kind == "difference" else observed


def scores(evidence: Evidence) -> dict[str, Floats]:
    """Return the score of every measure, and the share of every explanation as ``honest_…``."""
    found = {
        m.name: score(m.score, evidence.observed[m.name], evidence.expected[m.name])
        for m in MEASURES
    }
    return found | {f"honest_{name}": share for name, share in evidence.share.items()}


def weighed(found: dict[str, Floats], count: int) -> dict[str, Floats]:
    """Return the log2 Bayes factor of each score of each group, and the prior."""
    table = factors()
    weights = {PRIOR: np.full(count, table[PRIOR][0].log2_bayes_factor)}
    for name, values in found.items():
        weight = np.zeros(count)
        for factor in table.get(name, ()):
            within = (values >= factor.least) & (values < factor.below)
            weight = np.where(within, factor.log2_bayes_factor, weight)
        weights[name] = weight
    return weights


def probability(weights: dict[str, Floats]) -> Floats:
    """Return 1 / (1 + 2^−S) with S the sum of all weights."""
    return 1.0 / (1.0 + np.exp2(-sum(weights.values())))


def verdicts(share: Floats) -> list[str]:
    """Return what a share of explained togetherness means."""
    return [
        "not_testable"
        if np.isnan(s)
        else "explains"
        if s >= EXPLAINS
        else "partly"
        if s >= PARTLY
        else "refuted"
        for s in share
    ]


@cache
def factors() -> dict[str, tuple[Factor, ...]]:
    """Read the learnt factors."""
    found: dict[str, tuple[Factor, ...]] = {}
    with FACTORS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            factor = Factor(
                measure=row["measure"],
                least=float(row["least"]),
                below=float(row["below"]),
                log2_bayes_factor=float(row["log2_bayes_factor"]),
                rings=int(row["rings"]),
                others=int(row["others"]),
            )
            found[factor.measure] = (*found.get(factor.measure, ()), factor)
    return found


def _dense(rows: pa.Table | None, column: str, count: int) -> Floats:
    values = np.full(count, np.nan)
    if rows is not None and rows.num_rows:
        filled = rows[column].cast(pa.float64()).to_numpy(zero_copy_only=False)
        values[rows["gid"].to_numpy()] = np.round(filled, 9)  # threads add in any order
    return values
