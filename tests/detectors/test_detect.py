"""A whole run on a small invented county: the contract, its arithmetic, its repeatability."""

import csv
import hashlib
import json
import shutil
from collections import Counter
from dataclasses import asdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from detectors.evaluate import evaluate
from detectors.evidence import FACTORS
from detectors.honest import EXPLANATIONS
from detectors.rings import CONTRACT, KINDS, PAIRS
from detectors.run import detect
from detectors.settings import DetectSettings
from graph.lock import locked
from ingest.errors import RingfenceError
from ingest.importing import import_extract
from ingest.simulate import simulate
from ingest.workspace import Workspace

SETTINGS = DetectSettings(seed=1, resamples=2)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("county") / "extract"
    simulate(folder, persons=20_000, days=180, seed=31, format="parquet")
    return folder


@pytest.fixture(scope="module")
def space(county: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("space"))
    import_extract(county, workspace)
    return workspace


@pytest.fixture(scope="module")
def run(space: Workspace) -> Path:
    return detect(space, settings=SETTINGS)


def read(run: Path, name: str) -> pa.Table:
    return pq.read_table(run / f"{name}.parquet")


def digests(run: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(run.glob("*.parquet"))
    }


def test_every_table_of_the_contract_is_there(run: Path) -> None:
    for name, schema in (CONTRACT | {"pairs": PAIRS}).items():
        assert read(run, name).schema.equals(schema), name
    rings = read(run, "rings").to_pylist()
    assert rings
    for ring in rings:
        assert ring["kind"] in KINDS
        assert ring["probability"] >= 0.5
        assert ring["q_value"] <= 0.05
        assert ring["stability"] >= 0.75
        assert ring["loss_low"] <= ring["loss_mid"] <= ring["loss_high"]
        assert ring["first_seen"] <= ring["last_seen"]
    assert [r["rank"] for r in rings] == list(range(1, len(rings) + 1))
    worth = [r["probability"] * float(r["loss_mid"]) for r in rings]
    assert worth == sorted(worth, reverse=True)


def test_the_waterfall_adds_up_to_the_probability(run: Path) -> None:
    bits: Counter[str] = Counter()
    for row in read(run, "ring_evidence").to_pylist():
        bits[row["ring_id"]] += row["log2_bayes_factor"]
    for ring in read(run, "rings").to_pylist():
        assert 1 / (1 + 2 ** -bits[ring["ring_id"]]) == pytest.approx(ring["probability"], abs=1e-5)


def test_every_ring_has_members_settlements_and_all_honest_tests(run: Path) -> None:
    members = read(run, "ring_members").to_pylist()
    settled = read(run, "ring_settlements").to_pylist()
    tests = read(run, "ring_honest_tests").to_pylist()
    for ring in read(run, "rings").to_pylist():
        own = [m for m in members if m["ring_id"] == ring["ring_id"]]
        people = {m["entity_id"] for m in own if m["entity_type"] == "person"}
        assert len(people) == ring["people"]
        assert len([m for m in own if m["entity_type"] == "place"]) == ring["places"]
        assert all(0 < m["weight"] <= 1 for m in own)
        rows = [s for s in settled if s["ring_id"] == ring["ring_id"]]
        assert len({s["setl_id"] for s in rows}) == len(rows) == ring["settlements"]
        names = {t["explanation"] for t in tests if t["ring_id"] == ring["ring_id"]}
        general = {e.name for e in EXPLANATIONS if not e.families} if people else set()
        assert general <= names <= {e.name for e in EXPLANATIONS}


def test_the_lower_loss_is_what_shows_the_ring_times_what_was_learnt(
    run: Path, space: Workspace
) -> None:
    shown = duckdb.execute(
        """
        SELECT ring_id, sum(net_fund) FROM read_parquet($1) JOIN read_parquet($2) USING (setl_id)
        WHERE why IN ('joint_session', 'rests_on') GROUP BY ring_id
        """,
        [str(run / "ring_settlements.parquet"), str(space.table("settlements"))],
    ).fetchall()
    rings = {r["ring_id"]: r for r in read(run, "rings").to_pylist()}
    kept = read(run, "scores").filter(pc.field("raised"))
    learnt = {row["ring_id"]: low_factor(row["family"], row["given"]) for row in kept.to_pylist()}
    assert {ring for ring, _ in shown} == set(rings) == set(learnt)
    assert min(learnt.values()) < 1
    for ring, money in shown:
        exact = (Decimal(money) * learnt[ring]).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert rings[ring]["loss_low"] == exact
        assert Decimal(money) <= rings[ring]["loss_high"]
    stored = {row["ring_id"]: row["fund_shown"] for row in read(run, "ring_motifs").to_pylist()}
    assert stored == dict(shown)


def low_factor(family: str, given: str) -> Decimal:
    """Return by what the factor table moves the lower loss of a family, 1 where it says nothing."""
    with FACTORS.open(encoding="utf-8", newline="") as file:
        (bits,) = [
            float(row["log2_bayes_factor"])
            for row in csv.DictReader(file)
            if (row["family"], row["given"], row["measure"]) == (family, given, "loss_low")
        ] or [0.0]
    return min(Decimal(2.0**bits), Decimal(1))


def test_candidates_are_raised_or_not_raised_with_a_reason(run: Path) -> None:
    left = read(run, "not_raised").to_pylist()
    raised = {r["ring_id"] for r in read(run, "rings").to_pylist()}
    assert left
    assert not raised & {row["ring_id"] for row in left}
    for row in left:
        assert row["reason"] in {"chance", "honest", "unstable", "weak", "duplicate"}
        assert row["sentence_zh"]
        assert row["sentence_en"]
        assert row["members"]
        assert row["people"] in (0, len(row["members"]))


def test_planted_card_pools_are_found(run: Path, space: Workspace, county: Path) -> None:
    assert space.latest_run() == run
    result = evaluate(space, county / "truth.json")
    kinds = result["at_0.5"]["recall_by_kind"]
    pools = [kinds[k] for k in ("card_pool", "card_pool_rotating")]
    found, planted = sum(k["found"] for k in pools), sum(k["planted"] for k in pools)
    assert planted >= 2
    assert found >= planted - 1
    assert result["honest"]["share"] <= 0.05


def test_shuffled_rows_give_the_same_bytes(run: Path, county: Path, tmp_path: Path) -> None:
    turned = tmp_path / "extract"
    turned.mkdir()
    for path in county.glob("*.parquet"):
        table = pq.read_table(path)
        order = np.random.default_rng(3).permutation(table.num_rows)
        half = len(order) // 2
        (turned / path.stem).mkdir()
        for part, rows in enumerate((order[:half], order[half:])):
            pq.write_table(table.take(pa.array(rows)), turned / path.stem / f"{part}.parquet")
    workspace = Workspace(tmp_path / "space")
    import_extract(turned, workspace)
    again = detect(workspace, settings=SETTINGS)
    # The key of the pseudonyms is this workspace's own; cards, accounts and graph keys have it.
    keyed = {"pairs.parquet", "ring_motifs.parquet", "ring_members.parquet"}
    pseudonyms = pc.field("entity_type").isin(["account", "agent", "card"])
    assert (
        read(again, "ring_members")
        .filter(~pseudonyms)
        .equals(read(run, "ring_members").filter(~pseudonyms))
    )
    same, other = (
        {name: digest for name, digest in digests(folder).items() if name not in keyed}
        for folder in (run, again)
    )
    assert other == same


def test_the_same_run_again_with_other_threads_and_memory_is_the_same_folder(
    run: Path, space: Workspace, tmp_path: Path
) -> None:
    other = Workspace(tmp_path / "space")
    shutil.copytree(space.root, other.root, symlinks=True)
    (other.runs / run.name).rename(tmp_path / "before")
    again = detect(other, settings=DetectSettings(seed=1, resamples=2, threads=1, memory="600MB"))
    assert again == other.runs / run.name
    assert digests(again) == digests(run) == digests(tmp_path / "before")
    assert list(other.runs.glob(".*.partial")) == []


def test_the_note_names_parameters_and_what_was_off(run: Path) -> None:
    note = json.loads((run / "run.json").read_text("utf-8"))
    assert note["parameters"] == json.loads(json.dumps(asdict(SETTINGS)))
    assert note["off"] == []
    assert note["counts"]["rings"] == read(run, "rings").num_rows


def test_settlements_alone_run_and_say_what_is_not_testable(county: Path, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    import_extract(county / "settlements.parquet", workspace)
    run = detect(workspace, settings=SETTINGS)
    note = json.loads((run / "run.json").read_text("utf-8"))
    assert {"family", "common_roof"} <= set(note["explanations_off"])
    assert {"households", "resale_share"} <= set(note["measures_off"])
    verdicts = {
        t["verdict"]
        for t in read(run, "ring_honest_tests").to_pylist()
        if t["explanation"] == "family"
    }
    assert verdicts <= {"not_testable"}


def test_times_known_only_to_the_day_run_by_whole_days(county: Path, tmp_path: Path) -> None:
    extract = tmp_path / "extract"
    extract.mkdir()
    duckdb.execute(
        f"""
        COPY (SELECT * REPLACE (date_trunc('day', setl_time)::TIMESTAMP AS setl_time)
              FROM read_parquet('{county}/settlements.parquet'))
        TO '{extract}/settlements.parquet'
        """  # noqa: S608 - two folders of this test
    )
    workspace = Workspace(tmp_path / "space")
    import_extract(extract, workspace)
    places = pq.read_table(workspace.table("providers"))
    busy = places.filter(pa.compute.greater_equal(places["settlements"], 20))
    assert all(busy["day_precision"].to_pylist())
    detect(workspace, settings=SETTINGS)


def test_two_detections_at_once_do_not_mix(space: Workspace) -> None:
    with (
        locked(space.runs / ".lock", timeout_seconds=1.0),
        pytest.raises(RingfenceError, match="wait until it ends"),
    ):
        detect(space, settings=SETTINGS)


def test_nothing_imported_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(RingfenceError, match="ringfence import"):
        detect(Workspace(tmp_path))
