"""Peers that judge cards by features first and take as groups the suspicious cards that meet.

``flasc`` re-implements the pipeline of He, Ding, Zheng, Pan, Liu & Li 2025 (Electronics 14(16),
3268): features of frequency, cost and behaviour for each card; cards beyond a threshold; how
alike a card is to those that appear with it ("same-frequency cards"); an index by the entropy
weight method; the FLASC clusters of the cards (package `pyflasc`) give the threshold of high risk.
Its data also had drugs; the visits have none, so drug likeness is left out.
``isolation_forest`` is scikit-learn's on the same features.
"""

import numpy as np
import pandas as pd
from flasc import FLASC
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest

from benchmarks.peers.frame import met, remembered
from benchmarks.peers.linked import parts

Floats = NDArray[np.float64]
WINDOW, BY = 1800, "place"  # within half an hour at one place, as the paper's clue of common cards


def flasc(
    visits: pd.DataFrame, *, quantile: float, least_cluster: int, high: float, least_days: int
) -> list[set[int]]:
    """Return groups of the cards at high risk that met on ``least_days`` days.

    ``quantile`` of the index makes a card a clue. FLASC parts the clues; the least mean index among
    the ``high`` share of its clusters is the threshold of high risk, which also judges the cards
    that FLASC leaves out as noise: the oddest are among them. Score: mean index of the members.
    """
    features = carded(visits)
    index = entropy_index(features)
    clue = np.flatnonzero(index >= np.quantile(index, quantile))
    table = features.to_numpy()[clue]
    scale = table.std(axis=0)
    table = (table - table.mean(axis=0)) / np.where(scale > 0, scale, 1.0)
    label = FLASC(min_cluster_size=least_cluster, num_jobs=1).fit(table).labels_
    mean = pd.Series(index[clue]).groupby(label).mean().drop(index=-1, errors="ignore")
    if mean.empty:
        return []
    threshold = mean[mean >= mean.quantile(1 - high)].min()
    people = features.index.to_numpy()[clue[index[clue] >= threshold]]
    return _met(visits, people, dict(zip(features.index, index, strict=True)), least_days)


def isolation_forest(
    visits: pd.DataFrame, *, contamination: float, least_days: int
) -> list[set[int]]:
    """Return groups of the ``contamination`` share of oddest cards that met on ``least_days`` days.

    Score: mean anomaly of the members.
    """
    features = carded(visits)
    odd = -_oddness(visits)
    flagged = features.index.to_numpy()[odd >= np.quantile(odd, 1 - contamination)]
    return _met(visits, flagged, dict(zip(features.index, odd, strict=True)), least_days)


@remembered
def carded(visits: pd.DataFrame) -> pd.DataFrame:
    """Return the features of each card, index person: the larger, the more conspicuous."""
    by = visits.groupby("person")
    features = pd.DataFrame(
        {
            "visits": by.size(),
            "days": by["day"].nunique(),
            "places": by["place"].nunique(),
            "fee": by["fee"].sum(),
            "fee_each": by["fee"].mean(),
            "most_in_a_day": visits.groupby(["person", "day"]).size().groupby("person").max(),
            "places_in_a_day": visits.groupby(["person", "day"])["place"]
            .nunique()
            .groupby("person")
            .max(),
        }
    )
    features["first_place"] = (
        visits.groupby(["person", "place"]).size().groupby("person").max() / features["visits"]
    )
    pairs = met(visits, by=BY, window=WINDOW)
    both = pd.concat([pairs, pairs.rename(columns={"lo": "hi", "hi": "lo"})])
    features["partners"] = both[both["days"] >= 2].groupby("lo").size()
    features["met_most"] = both.groupby("lo")["days"].max()
    features["alike"] = features["met_most"] / features["days"]
    return features.fillna(0.0).astype(float).sort_index()


def entropy_index(features: pd.DataFrame) -> Floats:
    """Return the index of each card by the entropy weight method, 0–1."""
    table = features.to_numpy()
    span = table.max(axis=0) - table.min(axis=0)
    unit = (table - table.min(axis=0)) / np.where(span > 0, span, 1.0)
    share = unit / np.maximum(unit.sum(axis=0), 1e-12)
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = -np.nansum(np.where(share > 0, share * np.log(share), 0.0), axis=0)
    weight = np.maximum(1 - entropy / np.log(max(len(table), 2)), 0.0)
    return np.asarray(unit @ (weight / max(weight.sum(), 1e-12)), dtype=np.float64)


@remembered
def _oddness(visits: pd.DataFrame) -> Floats:
    forest = IsolationForest(n_estimators=200, random_state=1, n_jobs=1)
    table = carded(visits).to_numpy()
    return np.asarray(forest.fit(table).score_samples(table), dtype=np.float64)


def _met(
    visits: pd.DataFrame, people: NDArray[np.int64], index: dict[int, float], least_days: int
) -> list[set[int]]:
    pairs = met(visits, by=BY, window=WINDOW)
    pairs = pairs[
        (pairs["days"] >= least_days) & pairs["lo"].isin(people) & pairs["hi"].isin(people)
    ]
    groups = parts(pairs["lo"].to_numpy(), pairs["hi"].to_numpy())
    groups.sort(key=lambda group: (-np.mean([index[p] for p in group]), min(group)))
    return groups
