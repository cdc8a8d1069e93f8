"""What a ring hangs on: what is left must be what a world without the part would show."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from detectors import without as module
from detectors.candidates import Candidates, Groups, Part, united
from detectors.evidence import PRIOR, Factor, Factors, measured
from detectors.without import RING_WITHOUT, without
from tests.detectors.groups import county, facts_about, seen
from tests.world import World

MEASURES = ("joint_share", "people_together", "session_gap", "stack_order", "one_clerk", "growth")
KEYS = pa.table({"gid": pa.array([0], pa.int64()), "ring_id": ["R-1"]})


def two_terminals(sessions: int = 8, second: int = 3) -> World:
    """Five cards on eight Mondays, the last ``second`` sessions at another terminal."""
    world = county(sessions=sessions)
    moved = tuple(
        replace(s, device="D-2")
        if s.setl_id[0] == "J" and int(s.setl_id[1:4]) >= sessions - second
        else s
        for s in world.settlements
    )
    return replace(world, settlements=moved)


def one_group(count: int) -> Groups:
    return united(
        [
            Part(
                detector="meeting",
                family="meeting",
                kind="",
                role="holder",
                found=Candidates(
                    gid=np.zeros(count, np.int64),
                    person=np.arange(count),
                    stability=np.ones(1),
                    statistic=np.ones(1),
                    p_value=np.zeros(1),
                ),
            )
        ]
    )


def factors(measure: str, edge: float, bits: float) -> Factors:
    """Return a table with one measure that speaks for a ring from ``edge`` on."""

    def row(name: str, least: float, below: float, weight: float) -> Factor:
        return Factor(
            measure=name, least=least, below=below, log2_bayes_factor=weight, rings=1, others=1
        )

    learnt = {
        PRIOR: (row(PRIOR, -np.inf, np.inf, 0.0),),
        measure: (row(measure, -np.inf, edge, 0.0), row(measure, edge, np.inf, bits)),
    }
    return {("meeting", "persons"): learnt}


@pytest.mark.parametrize("device", ["D-P1", "D-2"])
def test_what_is_left_is_what_a_world_without_the_terminal_shows(
    device: str, tmp_path: Path
) -> None:
    world = two_terminals()
    rest = replace(
        world,
        settlements=tuple(
            s for s in world.settlements if s.setl_id[0] != "J" or s.device != device
        ),
    )
    with facts_about(rest, tmp_path / "rest") as about:
        expected = [seen(*about, name)[0] for name in MEASURES]
    with facts_about(world, tmp_path / "whole") as (facts, backend):
        table = {
            "gid": [0], "ring_id": ["R-1"], "entity_type": ["device"], "entity_id": [device],
            "share": [0.5], "part": [0],
        }  # fmt: skip
        parts = backend.create_table("parts", pa.table(table))
        left = module._left(backend, facts, parts)
        assert [seen(left, backend, name)[0] for name in MEASURES] == pytest.approx(expected)
        assert backend.to_pyarrow(left.swipes.device_id.nunique()).as_py() == 1


def test_without_one_of_two_people_no_session_is_left(tmp_path: Path) -> None:
    with facts_about(county(members=2), tmp_path) as (facts, backend):
        groups = one_group(2)
        table = factors("people_together", 2.0, 4.0)
        evidence = measured(backend, facts, groups)
        rows = without(backend, facts, groups, evidence, KEYS, table=table).to_pylist()
    assert [row["entity_type"] for row in rows] == ["person", "person", "evidence"]
    assert [row["share"] for row in rows] == [0.5, 0.5, None]
    assert rows[2]["entity_id"] == "people_together"
    for row in rows:
        assert row["probability"] == pytest.approx(16 / 17, abs=1e-6)
        assert row["probability_without"] == 0.5  # nothing could be measured: the prior alone


def test_only_parts_that_matter_are_told(tmp_path: Path) -> None:
    """Five always come: without one of them four do; without a terminal it is five still."""
    with facts_about(two_terminals(), tmp_path) as (facts, backend):
        groups, table = one_group(5), factors("people_together", 5.0, 4.0)
        evidence = measured(backend, facts, groups)
        tried = backend.to_pyarrow(module._parts(facts, backend.create_table("r", KEYS)))
        rows = without(backend, facts, groups, evidence, KEYS, table=table)
    assert set(tried["entity_type"].to_pylist()) == {"device", "person"}
    assert rows.schema == RING_WITHOUT
    assert rows["entity_type"].to_pylist() == ["person", "person", "evidence"]
    assert rows["probability_without"].to_pylist() == [0.5, 0.5, 0.5]


def test_each_ring_is_told_its_own_strongest_measures_whatever_its_family() -> None:
    """Bits of two rings of one table: 2 + 1 − 1 and 0 + 4 + 1, priors −1 and −2."""
    weights = {
        PRIOR: np.array([-1.0, 0.0, -2.0]),
        "a": np.array([2.0, 9.0, 0.0]),
        "b": np.array([1.0, 9.0, 4.0]),
        "c": np.array([-1.0, 9.0, 1.0]),
    }
    keys = pa.table({"gid": pa.array([0, 2], pa.int64()), "ring_id": ["R-1", "R-2"]})
    rows = module._without_evidence(weights, keys)
    assert rows.schema == RING_WITHOUT
    told = list(zip(*(rows[name].to_pylist() for name in ("ring_id", "entity_id")), strict=True))
    assert told == [("R-1", "a"), ("R-1", "b"), ("R-2", "b"), ("R-2", "c")]
    whole = [2 / 3, 2 / 3, 8 / 9, 8 / 9]  # S = 1 and 3
    assert rows["probability"].to_pylist() == pytest.approx(whole, abs=1e-6)
    left = [1 / 3, 1 / 2, 1 / 3, 4 / 5]  # S = -1, 0, -1, 2
    assert rows["probability_without"].to_pylist() == pytest.approx(left, abs=1e-6)


def test_a_part_with_all_the_settlements_is_not_tried(tmp_path: Path) -> None:
    """One terminal, one clerk, one place: only people can be left out."""
    with facts_about(county(), tmp_path) as (facts, backend):
        raised = backend.create_table("raised", KEYS)
        kinds = backend.to_pyarrow(module._parts(facts, raised))["entity_type"].to_pylist()
    assert set(kinds) == {"person"}
    assert len(kinds) == module.TRIED
