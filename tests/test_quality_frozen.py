"""Quality does not fall: small counties of both generators against the frozen figures.

The counties are two that ``benchmarks/quality.csv`` holds. A run is deterministic, so any change of
the figures is a change of the method; what is allowed is what one county more or less would move:
one standard deviation of the setting's counties, and at least one ring.
"""

from pathlib import Path

import pandas as pd
import pytest

from benchmarks import quality

FROZEN = pd.read_csv(quality.FIGURES)


def setting(name: str) -> quality.Setting:
    return next(s for s in quality.SETTINGS if s.name == name)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["plain", "second_messy"])
def test_quality_is_not_below_the_frozen_figures(name: str, tmp_path: Path) -> None:
    rows = FROZEN[FROZEN["setting"] == name]
    chosen = setting(name)
    frozen = rows[rows["seed"] == chosen.seed].iloc[0]
    wrong = rows["raised"] - rows["right_0.5"]
    row, _ = quality.county(tmp_path, chosen, chosen.seed)
    assert row["planted"] == frozen["planted"]
    assert row["right_0.5"] >= frozen["right_0.5"] - max(1.0, rows["right_0.5"].std())
    assert row["raised"] - row["right_0.5"] <= wrong[frozen.name] + max(1.0, wrong.std())
    assert row["honest_raised"] <= frozen["honest_raised"] + 1


def test_the_frozen_figures_beat_the_naive_floor() -> None:
    """Raw co-counts with components are the floor that detection.md starts from."""
    peers = pd.read_csv(quality.FIGURES.parent / "peers.csv")
    naive = peers[peers["peer"].str.contains("components")]
    assert len(naive)
    ours = FROZEN[FROZEN["setting"].isin(["plain", "messy", "second", "second_messy"])]
    precision = ours["right_0.5"].sum() / ours["raised"].sum()
    assert precision > 2 * naive["precision"].mean()
    assert ours["right_0.5"].sum() / ours["planted"].sum() > naive["recall"].mean()
