"""The peers of the benchmark find a plain ring, and the yardstick counts what it says.

Peers whose packages are of the dependency group ``bench`` are tested where that is installed.
"""

import csv
import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.limits import watched
from benchmarks.peers import worker
from benchmarks.peers.frame import met, read_visits, sessions, united, write_visits
from benchmarks.peers.fraudar import fraudar, peeled
from benchmarks.peers.judge import at_precision, judged
from benchmarks.peers.registry import BUDGET, PEERS, Peer
from benchmarks.speed import save
from benchmarks.speed_parts import co_counted
from ingest.importing import import_extract
from ingest.simulate import PlantedHonest, PlantedRing, Truth, simulate
from ingest.workspace import Workspace

RING = set(range(8))
PACKAGES = {"bipartite": ["bicm"], "itemsets": ["mlxtend"], "featured": ["flasc", "sklearn"]}
TINY = {"flasc": {"quantile": 0.8, "least_cluster": 5}}  # of 300 cards few are clues
HOUR, DAY = 3600, 86_400


@pytest.fixture(scope="module", autouse=True)
def children_before() -> set[int]:
    """Processes this one had started before the first test of this file."""
    return children()


def children() -> set[int]:
    tasks = Path("/proc/self/task").glob("*/children")
    return {int(child) for task in tasks for child in task.read_text("ascii").split()}


@pytest.fixture(scope="module")
def visits() -> pd.DataFrame:
    """Eight people together at place 0 on twelve days, 60 s apart; 300 who come at random."""
    rng = np.random.default_rng(5)
    rows = [
        (person, 0, 0, day * DAY + 9 * HOUR + 60 * person, day, 100.0)
        for day in range(0, 84, 7)
        for person in sorted(RING)
    ]
    for person in range(300):
        for day in rng.choice(90, 12, replace=False).tolist():
            place = int(rng.integers(0, 4))
            at = day * DAY + int(rng.integers(8 * HOUR, 20 * HOUR))
            rows.append((person, place, place, at, day, float(rng.integers(20, 60))))
    frame = pd.DataFrame(rows, columns=["person", "place", "device", "at", "day", "fee"])
    return frame.sort_values(["person", "at"], ignore_index=True)


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
@pytest.mark.filterwarnings("ignore")  # packages of others
def test_every_peer_finds_a_plain_ring(peer: Peer, visits: pd.DataFrame) -> None:
    for package in PACKAGES.get(peer.module, []):
        pytest.importorskip(package)
    found = [peer.find(visits, settings | TINY.get(peer.name, {})) for settings in peer.grid]
    best = max(
        (len(group & RING) / len(group | RING) for groups in found for group in groups), default=0
    )
    assert best >= 0.5
    assert peer.find(visits.copy(), peer.grid[0] | TINY.get(peer.name, {})) == found[0]


def test_all_peers_have_the_same_budget() -> None:
    assert {len(peer.grid) for peer in PEERS} == {BUDGET}
    assert {len({str(settings) for settings in peer.grid}) for peer in PEERS} == {BUDGET}


def test_small_groups_are_dropped_where_the_settings_say_so(visits: pd.DataFrame) -> None:
    peer = PEERS[0]
    settings = peer.grid[0] | {"least_people": 9}
    assert all(len(group) >= 9 for group in peer.find(visits, settings))


def test_meetings_are_counted_by_day_and_within_the_window_only() -> None:
    rows = [(0, 0), (1, 599), (2, 1200), (0, DAY), (1, DAY + 600), (1, DAY + 601)]
    frame = pd.DataFrame(rows, columns=["person", "at"])
    frame = frame.assign(place=0, device=[1, 1, 1, 1, 1, 2], day=frame["at"] // DAY)
    pairs = met(frame, by="place", window=600)
    assert pairs.to_numpy().tolist() == [[0, 1, 2]]
    pairs = met(frame, by="place", window=601)
    assert pairs.to_numpy().tolist() == [[0, 1, 2], [1, 2, 1]]
    assert sessions(frame, by="device", window=1800)["person"].tolist() == [0, 1, 2, 0, 1]


def test_meetings_agree_with_plain_loops(visits: pd.DataFrame) -> None:
    frame = visits[visits["person"] < 60]
    rows = frame[["person", "place", "at", "day"]].to_numpy().tolist()
    days: dict[tuple[int, int], set[int]] = {}
    for a in rows:
        for b in rows:
            if a[0] != b[0] and a[1] == b[1] and 0 <= b[2] - a[2] <= 1800:
                days.setdefault((min(a[0], b[0]), max(a[0], b[0])), set()).add(a[3])
    pairs = met(frame, by="place", window=1800)
    found = {(int(r.lo), int(r.hi)): int(r.days) for r in pairs.itertuples()}
    assert found == {pair: len(on) for pair, on in days.items()}


def test_the_densest_block_is_peeled_out_whole() -> None:
    rng = np.random.default_rng(1)
    block = [(row, column) for row in range(6) for column in range(6)]
    rest = set(zip(rng.integers(6, 60, 90).tolist(), rng.integers(6, 60, 90).tolist(), strict=True))
    person, column = np.array([*block, *sorted(rest)]).T
    rows, columns, _ = peeled(person, column)
    assert rows.tolist() == list(range(6))
    assert columns.tolist() == list(range(6))


def test_fraudar_stops_where_nothing_is_left() -> None:
    frame = pd.DataFrame({"person": [0, 1, 2], "place": 0, "device": 0, "at": 5, "day": 0})
    assert fraudar(frame, by="place", window=60, blocks=9) == [{0, 1, 2}]


def test_a_group_like_a_better_one_is_dropped() -> None:
    groups = [{1, 2, 3}, {1, 2, 3, 4}, {7, 8, 9}]
    assert united(groups, [1.0, 2.0, 3.0], overlap=0.5) == [{7, 8, 9}, {1, 2, 3, 4}]


def test_the_yardstick_counts_a_second_group_on_a_ring_as_wrong() -> None:
    planted = truth([ring("card_pool", "abcd"), ring("owner_circle", "mnop")], honest="wxyz")
    groups = [set("abcd"), set("abc"), set("wxq"), set("mnop")]
    verdict = judged(groups, planted)
    assert (verdict.groups, verdict.right, verdict.planted) == (4, 2, 2)
    assert (verdict.at_counter, verdict.planted_at_counter) == (1, 1)
    assert (verdict.honest, verdict.planted_honest) == (1, 1)
    assert verdict.precision == 0.5
    assert verdict.recall == 1.0
    assert at_precision(groups, planted, 0.9) == (1, 0.5)
    assert at_precision(groups, planted, 0.5) == (4, 1.0)
    assert at_precision(groups[2:3], planted, 0.5) == (0, 0.0)


def test_rings_without_people_are_not_asked_of_methods_that_see_visits() -> None:
    planted = truth([ring("doctor_pharmacy", ""), ring("card_pool", "abc")], honest="wxyz")
    assert judged([set("abc")], planted).recall == 1.0


@pytest.mark.slow
def test_the_visits_are_those_that_the_product_counts_on(tmp_path: Path) -> None:
    simulate(tmp_path / "x", persons=1500, days=60, seed=3, format="parquet")
    workspace = Workspace(tmp_path / "w")
    import_extract(tmp_path / "x", workspace)
    names = write_visits(workspace, tmp_path / "visits.parquet")
    frame = read_visits(tmp_path / "visits.parquet")
    assert len(names) == len(set(names)) == 1500
    assert names == sorted(names)
    assert list(frame.columns) == ["person", "place", "device", "at", "day", "fee"]
    assert frame["person"].between(0, 1499).all()
    assert (frame["fee"] > 0).mean() > 0.99
    assert not frame.duplicated(["person", "place", "at"]).any()


def test_the_co_count_of_pandas_and_networkx_finds_the_ring(visits: pd.DataFrame) -> None:
    assert any(group >= RING for group in co_counted(visits))


def test_a_process_is_watched_and_ended_at_its_limits() -> None:
    hold = "import time; held = b'x' * 200_000_000; time.sleep({})"
    done = watched([sys.executable, "-c", hold.format(0.2)])
    assert done.status == "finished"
    assert 0.2 < done.peak_gb < 0.4
    late = watched([sys.executable, "-c", hold.format(30)], most_seconds=0.5)
    assert late.status == "over time"
    assert late.seconds < 10
    large = watched([sys.executable, "-c", hold.format(30)], most_gb=0.1)
    assert large.status == "over memory"
    assert watched([sys.executable, "-c", "raise SystemExit(3)"]).status == "failed"


def test_a_row_of_speed_takes_the_place_of_one_of_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = tmp_path / "speed.csv"
    figures.write_text("settlements,seconds\n1021041,42.5\n3042465,171.5\n", "utf-8")
    monkeypatch.setattr("benchmarks.speed.FIGURES", figures)
    save({"settlements": 1_019_000, "seconds": 40.0, "bicm_seconds": 9.0})
    with figures.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["settlements"] for row in rows] == ["1019000", "3042465"]
    assert [row["bicm_seconds"] for row in rows] == ["9.0", ""]


def test_a_worker_writes_a_line_for_each_of_its_settings(
    tmp_path: Path, visits: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    visits.to_parquet(tmp_path / "visits.parquet")
    files = [str(tmp_path / "visits.parquet"), str(tmp_path / "out.jsonl")]
    settings = PEERS[0].grid[0]
    worker.main(["components", *files, json.dumps(settings)])
    (line,) = (tmp_path / "out.jsonl").read_text("utf-8").splitlines()
    row = json.loads(line)
    assert row["settings"] == settings
    assert row["status"] == "finished"
    assert any(set(group) >= RING for group in row["groups"])
    monkeypatch.setattr(Peer, "find", busy)
    monkeypatch.setattr(worker, "MOST_SECONDS", 0.3)
    worker.main(["components", *files, json.dumps(settings)])
    row = json.loads((tmp_path / "out.jsonl").read_text("utf-8"))
    assert (row["status"], row["groups"]) == ("over time", [])


def busy(*_: object) -> list[set[int]]:
    until = time.perf_counter() + 60
    while time.perf_counter() < until:
        pass
    return [{1}]


def test_nothing_is_left_running(children_before: set[int]) -> None:
    """Servers that other tests share may run on; what the peers started is gone."""
    assert children() <= children_before


def ring(kind: str, people: str) -> PlantedRing:
    return PlantedRing(
        ring_id=kind,
        kind=kind,
        people=tuple(people),
        places=("p",),
        doctors=(),
        staff=(),
        accounts=(),
        settlements=(),
        loss=1.0,
    )


def truth(rings: list[PlantedRing], honest: str) -> Truth:
    group = PlantedHonest(
        group_id="h",
        type="family",
        people=tuple(honest),
        places=(),
        doctors=(),
        staff=(),
        accounts=(),
        settlements=(),
    )
    return Truth(seed=1, persons=9, days=9, rings=tuple(rings), honest=(group,), counts={})
