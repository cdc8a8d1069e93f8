"""Factors learnt from groups whose truth is known."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from detectors import learning
from detectors.evidence import FACTORS, PRIOR, factors
from ingest.errors import InputError


def examples(n: int = 400, *, seed: int = 3, told: float = 3.0) -> pd.DataFrame:
    """Groups of four counties; ``session_gap`` falls and ``people_together`` rises with rings."""
    draw = np.random.default_rng(seed)
    ring = (draw.random(n) < 0.25).astype(float)
    return pd.DataFrame(
        {
            "family": "meeting",
            "given": "persons",
            "county": [f"c{i % 4}" for i in range(n)],
            "jaccard": ring,
            "ring": ring,
            "loss_low": np.where(ring > 0, draw.uniform(0.8, 1.8, n), np.nan),
            "loss_high": np.where(ring > 0, draw.uniform(0.5, 1.5, n), np.nan),
            "people_together": draw.normal(0, 1, n) + told * ring,
            "session_gap": draw.normal(0, 1, n) - told * ring,
            "growth": draw.random(n),
            "honest_family": np.where(ring > 0, 0.0, (draw.random(n) < 0.5).astype(float)),
        }
    )


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return pd.DataFrame(learning.fit(examples()))


def bits(rows: pd.DataFrame, measure: str) -> list[float]:
    return rows[rows["measure"] == measure]["log2_bayes_factor"].tolist()


def test_factors_are_monotone_in_the_direction_the_sign_allows(rows: pd.DataFrame) -> None:
    assert bits(rows, "people_together") == sorted(bits(rows, "people_together"))
    assert bits(rows, "session_gap") == sorted(bits(rows, "session_gap"), reverse=True)
    assert bits(rows, "honest_family") == sorted(bits(rows, "honest_family"), reverse=True)
    assert bits(rows, "people_together")[-1] > 1 > 0 > bits(rows, "people_together")[0]


def test_the_ends_of_the_loss_hold_nine_in_ten(rows: pd.DataFrame) -> None:
    assert 2 ** bits(rows, "loss_low")[0] == pytest.approx(0.85, abs=0.04)
    assert 2 ** bits(rows, "loss_high")[0] == pytest.approx(1.45, abs=0.04)


def test_what_says_nothing_weighs_little(rows: pd.DataFrame) -> None:
    assert max(map(abs, bits(rows, "growth"))) < 0.5


def test_the_counts_of_a_measure_are_all_groups(rows: pd.DataFrame) -> None:
    part = rows[rows["measure"] == "people_together"]
    prior = rows[rows["measure"] == PRIOR].iloc[0]
    assert part["rings"].sum() == prior["rings"]
    assert part["others"].sum() == prior["others"]


def test_left_out_counties_are_predicted_well_and_calibrated() -> None:
    table = examples(800)
    p = learning.predicted(table, "meeting")
    ring = table["ring"].to_numpy()
    assert ((p - ring) ** 2).mean() < 0.05
    assert abs(p.mean() - ring.mean()) < 0.03


def test_shuffled_labels_teach_nothing() -> None:
    table = examples(400)
    table["ring"] = np.random.default_rng(8).permutation(table["ring"])
    p = learning.predicted(table, "meeting")
    assert ((p - table["ring"]) ** 2).mean() > 0.9 * 0.25 * 0.75


def test_rings_alone_leave_the_beliefs_in_place() -> None:
    table = examples(40)
    table["ring"] = 1.0
    found = pd.DataFrame(learning.fit(table))
    assert min(bits(found, "honest_family")) < 0  # nobody was seen whom a family explains


def test_written_factors_are_read_back(rows: pd.DataFrame, tmp_path: Path) -> None:
    learning.write(rows.to_dict("records"), tmp_path / "factors.csv")
    table = factors(tmp_path / "factors.csv")["meeting", "persons"]
    assert [f.log2_bayes_factor for f in table["session_gap"]] == bits(rows, "session_gap")
    assert table["session_gap"][0].least == -np.inf


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(InputError, match=r"no column 'below, .*ringfence learn"):
        factors(tmp_path / "x.csv")
    with pytest.raises(InputError, match="ring_id and decision"):
        learning.read_decisions(tmp_path / "x.csv")


@pytest.mark.parametrize("line", ["cohort,days,prior,-inf,inf,much,30,618", "cohort,days,prior"])
def test_a_line_of_factors_that_cannot_be_read_is_named(line: str, tmp_path: Path) -> None:
    shipped = FACTORS.read_text("utf-8").splitlines()
    (tmp_path / "x.csv").write_text("\n".join([*shipped[:3], line]), "utf-8")
    with pytest.raises(InputError, match=r"x\.csv .*line 4: .*ringfence learn"):
        factors(tmp_path / "x.csv")


def test_half_of_the_development_counties_go_about_it_in_other_ways() -> None:
    seeds = learning.seeds(10)
    assert len(set(seeds)) == 10
    plain = learning.Mechanisms(style="second")
    ways = [learning.mechanisms(seed, "second") for seed in seeds]
    assert [way == plain for way in ways] == [True] * 5 + [False] * 5
    assert {way.style for way in ways} == {"second"}
    assert set(ways[5:]) == {learning.mechanisms(s, "second") for s in range(22, 26)}
