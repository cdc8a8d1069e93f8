"""One ring is raised once; who belongs to two rings stays in both."""

import numpy as np
import pyarrow as pa

from detectors.candidates import OTHERS, Candidates, Groups, Part, united
from detectors.overlap import overlap


def groups(*parts: tuple[str, list[set[int]]], others: pa.Table | None = None) -> Groups:
    made = []
    for kind, sets in parts:
        rows = [(gid, person) for gid, people in enumerate(sets) for person in sorted(people)]
        size = len(sets)
        found = Candidates(
            gid=np.array([g for g, _ in rows], np.int64),
            person=np.array([p for _, p in rows], np.int64),
            stability=np.ones(size),
            statistic=np.ones(size),
            p_value=np.full(size, 1e-6),
            others=others if not rows else None,
        )
        made.append(
            Part(detector=kind or "meeting", family=kind or "m", kind=kind, role="x", found=found)
        )
    return united(made)


def standing(g: Groups, probability: list[float]) -> list[int]:
    found = overlap(g, np.ones(len(g), np.bool_), np.array(probability), jaccard=0.5)
    return np.flatnonzero(found.stands).tolist()


def test_a_part_of_a_cohort_is_not_a_ring_of_its_own() -> None:
    g = groups(("", [{1, 2, 3}, {10, 11, 12}]), ("induced_cohort", [{1, 2, 3, 4, 5, 6, 7}]))
    found = overlap(g, np.ones(3, np.bool_), np.array([0.99, 0.9, 0.8]), jaccard=0.5)
    assert found.stands.tolist() == [False, True, True]
    assert found.part_of.tolist() == [2, -1, -1]


def test_a_team_is_part_of_its_cohort_however_sure_it_is() -> None:
    teams = [{1, 2, 3, 4}, {5, 6, 7}, {1, 2, 3, 4, 5, 6, 7, 8}, {1, 2, 3}]
    found = overlap(
        groups(("induced_cohort", teams)),
        np.ones(4, np.bool_),
        np.array([0.99, 0.98, 0.7, 0.999]),
        jaccard=0.5,
    )
    assert found.stands.tolist() == [False, False, True, False]
    assert found.part_of.tolist() == [2, 2, -1, 2]


def test_of_two_that_are_one_the_more_probable_stands() -> None:
    assert standing(groups(("", [{1, 2, 3, 4}, {1, 2, 3, 5}])), [0.7, 0.9]) == [1]


def test_a_broker_of_two_rings_is_in_both() -> None:
    assert standing(groups(("", [{1, 2, 3, 4}, {4, 5, 6, 7}])), [0.9, 0.9]) == [0, 1]


def test_what_is_not_raised_stands_in_nobodys_way() -> None:
    g = groups(("", [{1, 2, 3}]), ("induced_cohort", [{1, 2, 3, 4}]))
    found = overlap(g, np.array([True, False]), np.array([0.9, 0.4]), jaccard=0.5)
    assert found.stands.tolist() == [True, False]


def test_groups_without_people_are_compared_by_their_other_members() -> None:
    rows = [(0, "doctor", "D1"), (0, "place", "H1"), (0, "place", "P1")]
    rows += [(1, "doctor", "D1"), (1, "place", "H1"), (1, "place", "P2")]
    rows += [(2, "doctor", "D2"), (2, "place", "H1"), (2, "place", "P9")]
    others = pa.table(
        {
            "gid": [r[0] for r in rows],
            "entity_type": [r[1] for r in rows],
            "entity_id": [r[2] for r in rows],
            "role": ["x"] * len(rows),
            "weight": [1.0] * len(rows),
        }
    ).cast(OTHERS)
    g = groups(("licence_lending", [set(), set(), set()]), others=others)
    assert standing(g, [0.9, 0.8, 0.7]) == [0, 2]
