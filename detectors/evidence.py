"""Evidence: what each measure and each honest explanation adds to the odds, and the sum of it.

log2-odds(ring) = prior + Σ factors. The factors stand in ``factors.csv``: family of candidates,
what was delivered, measure, range of its score, log2 Bayes factor, and how many rings and other
groups it was learnt from (:mod:`detectors.learning`). They are monotone over the ranges of a
measure and shrunk; measures that say the same share their weight, since the factors of all measures
were fitted together, so nothing counts twice. A measure or an explanation that cannot be tested
adds nothing; because much cannot be tested on settlements alone, the factors are learnt once for
extracts with a register of persons, for those without, and for those without that know only days.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend
from numpy.typing import NDArray

from detectors.candidates import Groups, Sign
from detectors.catalogue import DETECTORS, FOUND_BY
from detectors.facts import Facts
from detectors.features import FEATURES
from detectors.features_shared import shared
from detectors.honest import EXPLAINS, EXPLANATIONS, PARTLY
from detectors.measures import MEASURES, Measure
from ingest.errors import InputError
from ingest.telling import listed, to_say

Floats = NDArray[np.float64]
FACTORS = Path(__file__).parent / "factors.csv"
PRIOR = "prior"
LOSS = ("loss_low", "loss_high")  # not evidence: log2 of what the ends of the loss are moved by
UNKNOWN = -20.0  # log2 odds of a family that nothing was learnt about: it is shown, never raised
SIGNS: dict[str, Sign] = {
    sign.name: sign
    for sign in (*MEASURES, *FEATURES, FOUND_BY, *(sign for d in DETECTORS for sign in d.signs))
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One row of the table: scores from ``least`` up to, not including, ``below``."""

    measure: str
    least: float
    below: float
    log2_bayes_factor: float
    rings: int
    others: int


Factors = dict[tuple[str, str], dict[str, tuple[Factor, ...]]]
COLUMNS = {"family", "given", *(field.name for field in fields(Factor))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Signs (``observed``, ``expected``) and shares of honest explanations, one value a group.

    NaN where a group could not be measured or an explanation not be tested. ``given`` is "persons"
    where a register of persons was delivered, else "settlements", or "days" where their times are
    known only to the day.
    """

    family: NDArray[np.str_]
    given: str
    observed: dict[str, Floats]
    expected: dict[str, Floats]
    share: dict[str, Floats]


def measured(
    backend: Backend,
    facts: Facts,
    groups: Groups,
    measures: Sequence[Measure] = (*MEASURES, *FEATURES),
) -> Evidence:
    """Measure all groups and test every honest explanation on them."""
    if set(measures) & set(FEATURES):
        facts = shared(facts)
    count, found = len(groups), groups.found
    observed, expected = (
        {name: np.round(pair[turn], 9) for name, pair in found.signs.items()} for turn in (0, 1)
    )
    for measure in measures:
        table = measure.of(facts)
        rows = None if table is None else backend.to_pyarrow(table)
        observed[measure.name] = _dense(rows, "observed", count)
        expected[measure.name] = _dense(rows, "expected", count)
    share = {}
    for explanation in EXPLANATIONS:
        known = found.honest.get(explanation.name, np.full(count, np.nan))
        if explanation.of is not None:
            table = explanation.of(facts)
            rows = None if table is None else backend.to_pyarrow(table)
            known = np.where(np.isnan(known), _dense(rows, "share", count), known)
        share[explanation.name] = np.clip(np.round(known, 9), 0.0, 1.0).astype(np.float64)
    return Evidence(
        family=groups.family,
        given=_given(facts),
        observed=observed,
        expected=expected,
        share=share,
    )


def _given(facts: Facts) -> str:
    if facts.persons_known:
        return "persons"
    return "settlements" if facts.clocked else "days"


def score(sign: Sign, observed: Floats, expected: Floats) -> Floats:
    """Put a sign on the scale its factors are learnt on; NaN stays NaN."""
    if sign.score == "log2_ratio":
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.log2(np.maximum(observed, 1e-6) / np.maximum(expected, 1e-6))
    else:
        found = observed - expected if sign.score == "difference" else observed
    return np.maximum(found, sign.least)


def scores(evidence: Evidence) -> dict[str, Floats]:
    """Return the score of every sign, and the share of every explanation as ``honest_…``."""
    found = {
        name: score(SIGNS[name], evidence.observed[name], evidence.expected[name])
        for name in SIGNS
        if name in evidence.observed
    }
    return found | {f"honest_{name}": share for name, share in evidence.share.items()}


def weighed(evidence: Evidence, table: Factors) -> dict[str, Floats]:
    """Return the log2 Bayes factor of each score of each group, and the prior."""
    found, count = scores(evidence), len(evidence.family)
    weights = {name: np.zeros(count) for name in (PRIOR, *found)}
    for family in np.unique(evidence.family):
        of = evidence.family == family
        learnt = _learnt(table, family, evidence.given)
        if learnt is None:
            weights[PRIOR][of] = UNKNOWN
            continue
        weights[PRIOR][of] = learnt[PRIOR][0].log2_bayes_factor
        for name, values in found.items():
            for factor in learnt.get(name, ()):
                within = of & (values >= factor.least) & (values < factor.below)
                weights[name][within] = factor.log2_bayes_factor
    return weights


def _learnt(table: Factors, family: str, given: str) -> dict[str, tuple[Factor, ...]] | None:
    """Return the factors of a family for what was given, or for the next that has more."""
    order = ("days", "settlements", "persons")
    for known in order[order.index(given) :]:
        if (family, known) in table:
            return table[family, known]
    return None


def range_factors(evidence: Evidence, table: Factors) -> tuple[Floats, Floats]:
    """Return by what the ends of each group's loss are moved, 1 where nothing was learnt.

    Between them lay the loss of nine in ten development rings of the family.
    """
    low, high = np.ones(len(evidence.family)), np.ones(len(evidence.family))
    for family in np.unique(evidence.family):
        learnt = _learnt(table, family, evidence.given) or {}
        of = evidence.family == family
        for end, name in ((low, LOSS[0]), (high, LOSS[1])):
            for row in learnt.get(name, ()):
                end[of] = float(np.exp2(row.log2_bayes_factor))
    return np.minimum(low, 1.0), np.maximum(high, 1.0)


def probability(weights: dict[str, Floats]) -> Floats:
    """Return 1 / (1 + 2^−S) with S the sum of all weights."""
    return np.asarray(1.0 / (1.0 + np.exp2(-sum(weights.values()))), np.float64)


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
def factors(path: Path = FACTORS) -> Factors:
    """Read learnt factors.

    Raises
    ------
    InputError
        If the file is no such table.
    """
    found: Factors = {}
    for line, row in enumerate(_rows(path), start=2):
        try:
            factor = Factor(
                measure=row["measure"],
                least=float(row["least"]),
                below=float(row["below"]),
                log2_bayes_factor=float(row["log2_bayes_factor"]),
                rings=int(row["rings"]),
                others=int(row["others"]),
            )
        except (TypeError, ValueError) as error:  # of a line that is too short float() meets None
            fault = to_say("refused.learning.line", line=line, error=error)
            raise _no_factors(path, fault) from error
        of = found.setdefault((row["family"], row["given"]), {})
        of[factor.measure] = (*of.get(factor.measure, ()), factor)
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            absent = COLUMNS.difference(reader.fieldnames or ())
            rows = list(reader)
    except (OSError, ValueError, csv.Error) as error:
        raise _no_factors(path, error) from error
    if absent:
        fault = to_say("refused.learning.column", column=listed(sorted(absent)))
        raise _no_factors(path, fault)
    return rows


def _no_factors(path: Path, error: object) -> InputError:
    return InputError(to_say("refused.learning.factors", path=path, error=error))


def _dense(rows: pa.Table | None, column: str, count: int) -> Floats:
    values = np.full(count, np.nan)
    if rows is not None and rows.num_rows:
        filled = rows[column].cast(pa.float64()).to_numpy(zero_copy_only=False)
        values[rows["gid"].to_numpy()] = np.round(filled, 9)  # threads add in any order
    return values
