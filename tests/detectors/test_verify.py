"""Every ring of a run is shown again by its motif; a run that was tampered with is refused."""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from detectors.columns import columns
from detectors.motif import motif, values
from detectors.rings import CONTRACT, KINDS
from detectors.run import detect
from detectors.settings import DetectSettings
from detectors.showing import MOTIF_OF, RING_MOTIFS, TOGETHER, showing
from detectors.verify import Checked, verify
from graph import embedded
from graph.load import import_digest, load, write_rings
from graph.schema import IMPORT
from graph.store import Store, open_store, writing
from ingest.errors import RingfenceError
from ingest.importing import import_extract
from ingest.simulate import simulate
from ingest.workspace import Workspace, point
from tests.detectors.motif_cases import CASES, joined
from tests.world import Settlement, World, write_world

Ring = tuple[str, list[tuple[str, str, str]], list[str]]


def people(*names: str) -> list[tuple[str, str, str]]:
    return [("person", name, "holder") for name in names]


def numbers(name: str, count: int) -> list[str]:
    return [f"{name}-{number}" for number in range(count)]


BACK = Settlement(
    setl_id="ca-back", person="ca", place="P-ca", device="D-ca", is_refund=True, refunds="ca-0"
)
RINGS: dict[str, Ring] = {
    "R-pool": ("card_pool", people("ta0", "ta1"), numbers("ta", 6)),
    "R-refund": (
        "swipe_refund",
        [*people("ca"), ("place", "P-ca", "place")],
        [*numbers("ca", 6), "ca-back"],
    ),
    "R-trace": ("trace_resale", people("ba", "elsewhere"), numbers("ba", 2)),
    "R-insider": (
        "insider_reimbursement",
        [*people("ha0", "ha1", "ha2"), ("staff", "HA-R", "reviewer"), ("agent", "HA-A", "agent")],
        numbers("ha", 3),
    ),
    "R-stay": (
        "fake_inpatient",
        [*people("aa0", "aa1"), ("place", "H-aa", "place")],
        numbers("aa", 4),
    ),
    "R-remote": (
        "remote_credential",
        [*people(*(f"xa{n}" for n in range(5))), ("place", "P-xa", "place")],
        numbers("xa", 5),
    ),
    "R-sent": (
        "doctor_pharmacy",
        [("doctor", "DA-D", "doctor"), ("place", "H-da", "sends"), ("place", "P-da", "receives")],
        numbers("da", 3),
    ),
    "R-licence": (
        "licence_lending",
        [
            ("doctor", "WA-D", "doctor"),
            ("place", "H-wa0", "home_site"),
            ("place", "H-wa1", "other_site"),
        ],
        ["wa-3", "wa-4", "wa-5"],
    ),
    "R-number": (
        "staff_number_misuse",
        [*people("na"), ("staff", "NA-K", "number_used"), ("place", "P-na", "place")],
        numbers("na", 3),
    ),
    "R-owner": (
        "owner_circle",
        [*people("ua"), ("staff", "UA-W", "tied_staff"), ("place", "P-ua", "place")],
        numbers("ua", 3),
    ),
}
WORLD = joined(*(case.world for case in CASES.values()), World(settlements=(BACK,)))


def contract(rings: dict[str, Ring], world: World) -> dict[str, pa.Table]:
    """Return the tables of a run that raised these rings."""
    fund = {row.setl_id: row.fund for row in world.settlements if not row.refunded}
    fund |= {row.setl_id: row.fund for row in world.manual_claims or ()}
    fund["ca-back"] = Decimal(0)
    raised, members, settled = [], [], []
    for rank, (ring, (kind, parties, found)) in enumerate(rings.items()):
        loss = sum((fund.get(number, Decimal(0)) for number in found), Decimal(0))
        money = dict.fromkeys(("loss_low", "loss_mid", "loss_high"), loss)
        raised.append({"ring_id": ring, "kind": kind, "rank": rank, **money})
        for entity, key, role in parties:
            members.append({"ring_id": ring, "entity_type": entity, "entity_id": key, "role": role})
        why = "joint_session" if kind == "card_pool" else "rests_on"
        settled += [{"ring_id": ring, "setl_id": number, "why": why} for number in found]
    rows = {"rings": raised, "ring_members": members, "ring_settlements": settled}
    return {name: pa.Table.from_pylist(rows[name], schema=CONTRACT[name]) for name in rows}


def write_run(workspace: Workspace, tables: dict[str, pa.Table]) -> Path:
    """Write a run of the current import with the motifs of its rings; the newest one."""
    folder = workspace.runs / "run-hand"
    folder.mkdir(parents=True, exist_ok=True)
    settings = DetectSettings(threads=1)
    with columns(folder, settings) as backend:
        context: Any = SimpleNamespace(backend=backend, workspace=workspace, settings=settings)
        tables = {**tables, "ring_motifs": showing(context, tables)}
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    (folder / "run.json").write_text('{"import_id": "hand"}', "utf-8")
    workspace.manifest.write_text('{"import_id": "hand"}', "utf-8")
    point(workspace.runs / "latest", "run-hand")
    return folder


@pytest.fixture(scope="module")
def store(shared_store: Store) -> Store:
    load(shared_store, write_world(WORLD, shared_store.workspace))
    return shared_store


@pytest.fixture
def run(store: Store) -> Path:
    return write_run(store.workspace, contract(RINGS, WORLD))


def changed(run: Path, name: str, ring: str, **values: Any) -> None:
    """Change the first row of a ring in one file of a run."""
    path = run / f"{name}.parquet"
    table = pq.read_table(path)
    rows = table.to_pylist()
    next(row for row in rows if row["ring_id"] == ring).update(values)
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)


def broken(store: Store, run: Path) -> dict[str, Checked]:
    return {ring.ring_id: ring for ring in verify(store, store.workspace, run) if not ring.holds}


def counts_as_loaded(store: Store) -> None:
    """Mark the graph as loaded from the clean tables as they are: who meets whom is the same."""
    with writing(store) as session:
        text = f"MATCH (i:{IMPORT.label}) SET i.digest = $digest"
        session.run(text, digest=import_digest(store.workspace)).consume()


def test_every_kind_is_shown_by_a_motif_that_takes_its_parameters(run: Path) -> None:
    assert set(MOTIF_OF) < set(KINDS)
    rows = pq.read_table(run / "ring_motifs.parquet", schema=RING_MOTIFS).to_pylist()
    assert [row["ring_id"] for row in rows] == sorted(RINGS)
    assert {row["motif"] for row in rows} == {*MOTIF_OF.values(), TOGETHER}
    for row in rows:
        given = json.loads(row["parameters"])
        assert list(given) == sorted(given)
        assert values(motif(row["motif"]), given)
        expected = [number for number in RINGS[row["ring_id"]][2] if number != "ca-back"]
        assert row["settlements"] == sorted(expected)


def test_every_ring_is_shown_whole(store: Store, run: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    checked = verify(store, store.workspace, run, lambda *step: seen.append(step))
    assert [ring.ring_id for ring in checked] == sorted(RINGS)
    assert [ring for ring in checked if not ring.holds] == []
    assert {ring.ring_id: ring.expected for ring in checked} == {
        ring: len({*found} - {"ca-back"}) for ring, (_, _, found) in RINGS.items()
    }
    assert seen[-1] == ("verify", len(RINGS), len(RINGS))


def test_a_number_swapped_for_anothers_is_refused(store: Store, run: Path) -> None:
    changed(run, "ring_settlements", "R-pool", setl_id="tb-0")
    found = broken(store, run)
    assert set(found) == {"R-pool"}
    assert found["R-pool"].missing == ("tb-0",)
    assert found["R-pool"].differing == ("ta-0", "tb-0")


def test_swapped_in_both_lists_it_is_not_shown(store: Store, run: Path) -> None:
    changed(run, "ring_settlements", "R-number", setl_id="nb-0")
    changed(run, "ring_motifs", "R-number", settlements=["na-1", "na-2", "nb-0"])
    found = broken(store, run)
    assert set(found) == {"R-number"}
    assert found["R-number"].missing == ("nb-0",)
    assert found["R-number"].differing == ()


def test_a_number_the_import_does_not_have_is_named(store: Store, run: Path) -> None:
    changed(run, "ring_settlements", "R-trace", setl_id="none")
    found = broken(store, run)
    assert set(found) == {"R-trace"}
    assert found["R-trace"].unknown == ("none",)
    assert found["R-trace"].fund_counted == Decimal("10.00")


def test_a_cent_more_is_refused(store: Store, run: Path) -> None:
    changed(run, "rings", "R-stay", loss_low=Decimal("40.01"))
    found = broken(store, run)
    assert set(found) == {"R-stay"}
    assert (found["R-stay"].loss_low, found["R-stay"].fund_counted) == (
        Decimal("40.01"),
        Decimal("40.00"),
    )


@pytest.mark.parametrize("cent", [Decimal("0.01"), Decimal("-0.01")])
def test_a_sum_of_the_fund_that_is_a_cent_off_is_refused(
    store: Store, run: Path, cent: Decimal
) -> None:
    changed(run, "ring_motifs", "R-stay", fund_shown=Decimal("40.00") + cent)
    found = broken(store, run)
    assert set(found) == {"R-stay"}
    assert found["R-stay"].fund_shown - found["R-stay"].fund_counted == cent


def test_a_payment_altered_by_a_cent_is_refused(store: Store, run: Path) -> None:
    path = store.workspace.table("settlements")
    before = path.read_bytes()
    table = pq.read_table(path)
    rows = table.to_pylist()
    next(row for row in rows if row["setl_id"] == "aa-0")["net_fund"] += Decimal("0.01")
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    try:
        counts_as_loaded(store)
        found = broken(store, run)
    finally:
        path.write_bytes(before)
        counts_as_loaded(store)
    assert set(found) == {"R-stay"}
    assert found["R-stay"].fund_shown == Decimal("40.00")
    assert found["R-stay"].fund_counted == Decimal("40.01")


def test_a_run_of_an_earlier_version_is_refused(store: Store, run: Path) -> None:
    path = run / "ring_motifs.parquet"
    pq.write_table(pq.read_table(path).drop_columns("fund_shown"), path)
    with pytest.raises(RingfenceError, match="run 'ringfence detect' again"):
        verify(store, store.workspace, run)


def test_a_refund_must_reverse_a_charge_of_the_ring(store: Store) -> None:
    kind, parties, found = RINGS["R-refund"]
    without = RINGS | {"R-refund": (kind, parties, [n for n in found if n != "ca-0"])}
    run = write_run(store.workspace, contract(without, WORLD))
    assert broken(store, run)["R-refund"].differing == ("ca-back",)


def test_a_person_that_is_left_out_is_missed(store: Store, run: Path) -> None:
    given = {"person_ids": ["P-aa0"], "min_stays": 1}
    changed(run, "ring_motifs", "R-stay", parameters=json.dumps(given))
    assert broken(store, run)["R-stay"].missing == tuple(numbers("aa", 4))


def test_a_motif_or_value_that_does_not_exist_is_said(store: Store, run: Path) -> None:
    changed(run, "ring_motifs", "R-pool", motif="nope")
    changed(run, "ring_motifs", "R-sent", parameters='{"min_patients": 0}')
    found = broken(store, run)
    assert "no motif 'nope'" in str(found["R-pool"].refused)
    assert "least is 1" in str(found["R-sent"].refused)
    assert found["R-sent"].missing == tuple(numbers("da", 3))


def test_a_ring_without_settlements_or_motif_does_not_hold(store: Store, run: Path) -> None:
    path = run / "ring_settlements.parquet"
    table = pq.read_table(path)
    kept = [row for row in table.to_pylist() if row["ring_id"] != "R-owner"]
    pq.write_table(pa.Table.from_pylist(kept, schema=table.schema), path)
    changed(run, "ring_motifs", "R-owner", ring_id="R-other")
    found = broken(store, run)
    assert set(found) == {"R-owner"}
    assert found["R-owner"].expected == 0
    assert "not in ring_motifs" in str(found["R-owner"].refused)


def test_what_cannot_be_compared_is_refused(store: Store, run: Path) -> None:
    workspace = store.workspace
    (run / "run.json").write_text('{"import_id": "before"}', "utf-8")
    with pytest.raises(RingfenceError, match="rests on an earlier import"):
        verify(store, workspace, run)
    (run / "run.json").write_text('{"import_id": "hand"}', "utf-8")
    write_world(replace(WORLD, resale_drugs=("X7",)), workspace)
    try:
        with pytest.raises(RingfenceError, match="run 'ringfence load' first"):
            verify(store, workspace, run)
    finally:
        write_world(WORLD, workspace)
    (run / "ring_motifs.parquet").unlink()
    with pytest.raises(RingfenceError, match=r"holds no ring_motifs\.parquet"):
        verify(store, workspace, run)


def test_a_chain_of_meetings_is_shown_by_a_wider_window(tmp_path: Path) -> None:
    """Two people at the ends of a chain lie further apart than any window of a run."""
    minutes = (0, 25, 50, 75)
    rows = tuple(
        Settlement(
            setl_id=f"s{n}",
            person="b" if n == 3 else "a",
            place="H1",
            at=BACK.at.replace(hour=9 + minute // 60, minute=minute % 60),
        )
        for n, minute in enumerate(minutes)
    )
    world = World(settlements=rows)
    workspace = write_world(world, tmp_path)
    ring: Ring = ("card_pool", people("a", "b"), ["s0", "s1", "s2", "s3"])
    run = write_run(workspace, contract({"R-1": ring}, world))
    given = json.loads(pq.read_table(run / "ring_motifs.parquet")["parameters"][0].as_py())
    assert given["window_seconds"] == 75 * 60


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated county with a run that raises every candidate beyond chance."""
    home = tmp_path_factory.mktemp("county")
    simulate(home / "extract", persons=8_000, days=120, seed=3)
    workspace = Workspace(home / "space")
    import_extract(home / "extract", workspace, threads=1)
    factors = home / "factors.csv"
    families = (
        *("meeting", "cohort", "stay", "remote", "refund", "insider"),
        *("staff_number", "owner", "steering", "licence", "trace"),
    )
    head = "family,given,measure,least,below,log2_bayes_factor,rings,others\n"
    sure = "".join(f"{family},persons,prior,-inf,inf,5,1,1\n" for family in families)
    factors.write_text(head + sure, "utf-8")
    return detect(workspace, settings=DetectSettings(threads=1, resamples=2, factors=factors))


@pytest.fixture
def own_store(county: Path) -> Iterator[Store]:
    """A server of the county's own: the session's is kept small."""
    workspace = Workspace(county.parents[1])
    try:
        with open_store(workspace, environ={}, heap="512m") as opened:
            yield opened
    finally:
        embedded.stop(workspace.graph)


@pytest.mark.slow
@pytest.mark.graph
def test_a_county_is_shown_whole_and_a_swapped_number_is_not(
    county: Path, own_store: Store
) -> None:
    store, workspace = own_store, own_store.workspace
    load(store, workspace, threads=1)
    write_rings(store, workspace, county)
    checked = verify(store, workspace, county, threads=1)
    assert [ring for ring in checked if not ring.holds] == []
    assert len({ring.motif for ring in checked}) >= 5, {ring.motif for ring in checked}

    ring = checked[0].ring_id
    path = county / "ring_settlements.parquet"
    before = path.read_bytes()
    inside = set(pq.read_table(path)["setl_id"].to_pylist())
    every = pq.read_table(workspace.table("settlements"), columns=["setl_id"])["setl_id"]
    stranger = min(number for number in every.to_pylist() if number not in inside)
    changed(county, "ring_settlements", ring, setl_id=stranger, why="joint_session")
    try:
        again = verify(store, workspace, county, threads=1)
    finally:
        path.write_bytes(before)
    assert [each.ring_id for each in again if not each.holds] == [ring]
    assert stranger in again[0].missing
