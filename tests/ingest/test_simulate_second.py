"""The second generator: the same tables and truth, by other mechanisms."""

from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet
import pytest

from detectors.rings import KINDS
from ingest.importing import import_extract
from ingest.simulate import Mechanisms, Truth, simulate
from ingest.simulate.second import HONEST, RINGS
from ingest.tables import TABLES
from ingest.workspace import Workspace

PERSONS, DAYS, SEED = 4_000, 200, 41
SECOND = Mechanisms(style="second")


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder = tmp_path_factory.mktemp("county") / "extract"
    truth = simulate(
        folder, persons=PERSONS, days=DAYS, seed=SEED, format="parquet", mechanisms=SECOND
    )
    return folder, truth


@pytest.fixture(scope="module")
def settlements(county: tuple[Path, Truth]) -> pa.Table:
    return _table(county[0], "settlements")


def _table(folder: Path, name: str) -> pa.Table:
    return pyarrow.parquet.read_table(folder / f"{name}.parquet")


def test_every_kind_of_ring_and_every_honest_reason_is_planted(
    county: tuple[Path, Truth],
) -> None:
    _, truth = county
    assert {ring.kind for ring in truth.rings} == set(RINGS) == set(KINDS) - {"mixed"}
    assert {group.type for group in truth.honest} == set(HONEST)


def test_no_ring_is_degenerate(county: tuple[Path, Truth]) -> None:
    for ring in county[1].rings:
        assert ring.places
        assert len(ring.settlements) >= 10, ring.kind
        assert ring.loss > 0
        if ring.kind in ("doctor_pharmacy", "licence_lending"):
            assert ring.doctors
            assert ring.people == ()
        else:
            assert len(ring.people) >= 3, ring.kind
        if ring.kind in ("insider_reimbursement", "staff_number_misuse", "owner_circle"):
            assert ring.staff


def test_the_truth_names_what_is_in_the_extract(
    county: tuple[Path, Truth], settlements: pa.Table
) -> None:
    folder, truth = county
    rows = {row["setl_id"]: row for row in settlements.to_pylist()}
    people = set(_table(folder, "persons")["psn_no"].to_pylist())
    accounts = set(_table(folder, "manual_claims")["bankacct"].to_pylist())
    for group in (*truth.rings, *truth.honest):
        assert rows.keys() >= set(group.settlements)
        assert people >= set(group.people)
        assert accounts >= set(group.accounts)
        came = {rows[setl_id]["psn_no"] for setl_id in group.settlements}
        assert came >= set(group.people) or not group.settlements
    for ring in truth.rings:
        paid = sum(rows[setl_id]["fund_pay_sumamt"] for setl_id in ring.settlements)
        assert float(paid) == pytest.approx(ring.loss)
    for name in TABLES:
        assert _table(folder, name).num_rows == truth.counts[name] > 0


def test_members_of_a_pool_meet_again_and_again(
    county: tuple[Path, Truth], settlements: pa.Table
) -> None:
    rows = {row["setl_id"]: row for row in settlements.to_pylist()}
    for ring in county[1].rings:
        if ring.kind not in ("card_pool", "card_pool_rotating"):
            continue
        met: defaultdict[tuple[str, object], set[str]] = defaultdict(set)
        for setl_id in ring.settlements:
            row = rows[setl_id]
            met[row["fixmedins_code"], row["setl_time"].date()].add(row["psn_no"])
        together = Counter(
            person for people in met.values() if len(people) >= 2 for person in people
        )
        often = [person for person in ring.people if together[person] >= 3]
        assert len(often) >= 0.8 * len(ring.people), ring


def test_it_is_another_county_than_the_first(settlements: pa.Table, tmp_path: Path) -> None:
    simulate(tmp_path / "x", persons=PERSONS, days=DAYS, seed=SEED, format="parquet")
    first = _table(tmp_path / "x", "settlements")
    credential = [
        pc.mean(pc.equal(table["mdtrt_cert_type"], "01").cast(pa.float64())).as_py()
        for table in (first, settlements)
    ]
    assert credential[1] - credential[0] > 0.1
    evening = [
        (pc.hour(table["setl_time"]).to_numpy() >= 17).mean() for table in (first, settlements)
    ]
    assert evening[1] > 1.5 * evening[0]
    stay = [
        pc.approximate_median(
            pc.cast(table.filter(pc.equal(table["med_type"], "21"))["medfee_sumamt"], pa.float64())
        ).as_py()
        for table in (first, settlements)
    ]
    assert abs(np.log(stay[1] / stay[0])) > 0.2


def test_it_is_ordinary_life_still(settlements: pa.Table) -> None:
    fee, fund, own, family, cash = (
        np.rint(pc.cast(settlements[name], pa.float64()).to_numpy() * 100).astype(np.int64)
        for name in (
            "medfee_sumamt",
            "fund_pay_sumamt",
            "acct_pay",
            "acct_mulaid_pay",
            "psn_cash_pay",
        )
    )
    assert (fee == fund + own + family + cash).all()
    expected = 7.0 * PERSONS * DAYS / 365
    assert 0.8 * expected < settlements.num_rows < 1.7 * expected
    hour = pc.hour(settlements["setl_time"]).to_numpy()
    assert np.isin(hour, (1, 2, 3, 4)).mean() < 0.01


def test_without_rings_the_honest_groups_are_the_same(
    county: tuple[Path, Truth], tmp_path: Path
) -> None:
    truth = simulate(
        tmp_path / "null",
        persons=PERSONS,
        days=DAYS,
        seed=SEED,
        rings=False,
        format="parquet",
        mechanisms=SECOND,
    )
    assert truth.rings == ()
    assert [g.people for g in truth.honest] == [g.people for g in county[1].honest]


def test_a_small_messy_one_is_planted_and_imported(tmp_path: Path) -> None:
    truth = simulate(tmp_path / "x", persons=1_000, days=60, seed=2, messy=True, mechanisms=SECOND)
    assert {ring.kind for ring in truth.rings} == set(RINGS)
    manifest = import_extract(tmp_path / "x", Workspace(tmp_path / "w"))
    assert manifest.missing_tables == ()
    assert manifest.rejects == ()


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        simulate(tmp_path / name, persons=1_000, days=60, seed=5, mechanisms=SECOND)
    for path in sorted((tmp_path / "one").iterdir()):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name
