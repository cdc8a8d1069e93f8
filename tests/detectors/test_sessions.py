"""Sessions and growth on worlds of a few visits."""

import ibis
import numpy as np
import pyarrow as pa
import pytest

from detectors import pairs as p
from detectors.sessions import grown, joint_sessions
from detectors.settings import DetectSettings

SETTINGS = DetectSettings()


@pytest.fixture
def backend():
    connection = ibis.duckdb.connect()
    yield connection
    connection.disconnect()


def able(rows: list[tuple[int, int, int]], window: int = 600) -> pa.Table:
    """Rows of (person, day, minute) at one place."""
    person, day, minute = (np.array(column) for column in zip(*rows, strict=True))
    at = day * 86_400 + minute * 60
    return pa.table(
        {
            "person": person.astype(np.int32),
            "place": np.zeros(len(rows), np.int32),
            "scope": np.full(len(rows), -1, np.int32),
            "at": at,
            "day": day.astype(np.int32),
            "window": np.full(len(rows), window, np.int64),
            "slot": at // max(window, 1),
            "weekday": ((day + 3) % 7).astype(np.int32),
            "part": at % 86_400 // 7_200 if window else np.zeros(len(rows), np.int64),
        }
    )


def group(*persons: int, gid: int = 0) -> pa.Table:
    return pa.table(
        {"gid": pa.array([gid] * len(persons), pa.int64()), "person": pa.array(persons, pa.int32())}
    )


def sessions(backend, rows, members, window=600):
    scoped = backend.create_table("scoped", able(rows, window), overwrite=True)
    chosen = backend.create_table("members", members, overwrite=True)
    return backend.to_pyarrow(joint_sessions(chosen, scoped).order_by("session")).to_pylist()


def test_visits_chain_within_the_window_and_break_beyond_it(backend) -> None:
    rows = [(1, 10, 0), (2, 10, 9), (3, 10, 18), (1, 10, 40), (2, 10, 45), (9, 10, 5)]
    found = sessions(backend, rows, group(1, 2, 3))
    assert [(s["present"], s["end"] - s["start"]) for s in found] == [(3, 1080), (2, 300)]


def test_one_person_twice_is_no_session(backend) -> None:
    assert sessions(backend, [(1, 10, 0), (1, 10, 5), (2, 11, 0)], group(1, 2)) == []


def test_a_fifth_of_a_large_group_must_be_there(backend) -> None:
    rows = [(m, 10, m) for m in range(3)] + [(m, 11, m) for m in range(2)]
    found = sessions(backend, rows, group(*range(15)))
    assert [s["day"] for s in found] == [10]


def test_at_day_precision_a_day_is_a_session(backend) -> None:
    rows = [(1, 10, 0), (2, 10, 0), (1, 11, 0), (3, 12, 0)]
    found = sessions(backend, rows, group(1, 2, 3), window=0)
    assert [(s["day"], s["present"]) for s in found] == [(10, 2)]


def grow(backend, rows, members) -> dict[int, set[int]]:
    scoped = backend.create_table("scoped", able(rows), overwrite=True)
    chosen = backend.create_table("members", members, overwrite=True)
    table = grown(backend, chosen, scoped, p.habits(scoped), p.rates(scoped), SETTINGS)
    found: dict[int, set[int]] = {}
    for row in table.to_pylist():
        found.setdefault(row["gid"], set()).add(row["person"])
    return found


def life(people: range, seed: int = 1) -> list[tuple[int, int, int]]:
    """Three visits of each person at random times of a hundred days."""
    draw = np.random.default_rng(seed)
    return [
        (q, int(draw.integers(0, 100)), int(draw.integers(480, 1080)))
        for q in people
        for _ in range(3)
    ]


def ring(members: range, sessions: int = 10, skip: int = 0) -> list[tuple[int, int, int]]:
    """Sessions every nine days, members a minute apart; ``skip`` leaves out every n-th."""
    return [
        (m, 9 * s, 600 + (s * 37) % 300 + m)
        for s in range(sessions)
        for m in members
        if not skip or (s + m) % skip
    ]


def test_a_member_the_links_missed_joins_and_a_bystander_does_not(backend) -> None:
    rows = ring(range(5)) + [(7, 9 * s, 605 + (s * 37) % 300) for s in (0, 2, 4, 6)]
    rows += [(8, 0, 603), *life(range(20, 200))]
    assert grow(backend, rows, group(0, 1, 2, 3)) == {0: {0, 1, 2, 3, 4, 7}}


def test_someone_of_two_groups_is_in_both(backend) -> None:
    first = ring(range(4))
    second = [(m, day + 3, minute + 60) for m, day, minute in ring(range(4, 8))]
    broker = [(9, d, m + 2) for q, d, m in first if q == 1]
    broker += [(9, d, m + 2) for q, d, m in second if q == 5]
    members = pa.concat_tables([group(0, 1, 2, 3), group(4, 5, 6, 7, gid=1)])
    found = grow(backend, first + second + broker + life(range(20, 200)), members)
    assert found == {0: {0, 1, 2, 3, 9}, 1: {4, 5, 6, 7, 9}}


def test_a_group_that_would_vanish_is_left_as_it_was(backend) -> None:
    assert grow(backend, life(range(6)), group(0, 1, 2)) == {0: {0, 1, 2}}
