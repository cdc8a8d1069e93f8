"""Rings of a run go into the graph, and a newer run replaces them."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph.ask import ask
from graph.counts import counts
from graph.load import load, write_rings
from graph.store import Store
from ingest.errors import RingfenceError
from tests.graph.test_load import SMALL_COUNTY
from tests.world import write_world

SEEN = datetime(2025, 3, 3, 12)
RINGS: dict[str, Any] = {
    "ring_id": "R-1", "kind": "card_pool", "title": "t", "probability": 0.9, "p_value": 0.01,
    "q_value": 0.02, "loss_low": Decimal("1.05"), "loss_mid": Decimal("2.00"),
    "loss_high": Decimal("3.00"), "first_seen": SEEN, "last_seen": SEEN, "people": 2, "places": 1,
    "settlements": 3, "stability": 1.0, "rank": 1,
}  # fmt: skip
MEMBERS = (
    ("person", "p1", "holder"),
    ("card", "C-p1", "holder"),
    ("place", "P1", "place"),
    ("place", "H7", "place"),
    ("doctor", "D9", "doctor"),
    ("staff", "K1", "cashier"),
    ("device", "D1", "device"),
    ("account", "A-2", "payee"),
    ("agent", "G-1", "handler"),
)


def run_of(folder: Path, *rings: str, members: tuple[tuple[str, str, str], ...] = MEMBERS) -> Path:
    folder.mkdir()
    tables: dict[str, list[dict[str, Any]]] = {
        "rings": [{**RINGS, "ring_id": ring} for ring in rings],
        "ring_members": [
            {
                "ring_id": ring,
                "entity_type": kind,
                "entity_id": key,
                "role": role,
                "weight": 1.0,
                "since": SEEN,
                "until": None,
            }
            for ring in rings
            for kind, key, role in members
        ],
        "pairs": [
            {
                "card_a": "C-p1",
                "card_b": "C-p3",
                "days": 4,
                "places": 2,
                "expected": 0.5,
                "q_value": 0.001,
            }
        ],
    }
    for name, rows in tables.items():
        pq.write_table(pa.Table.from_pylist(rows), folder / f"{name}.parquet")
    return folder


@pytest.fixture
def county(store: Store) -> Store:
    load(store, write_world(SMALL_COUNTY, store.workspace))
    return store


def test_every_kind_of_member_finds_its_node(county: Store, tmp_path: Path) -> None:
    write_rings(county, county.workspace, run_of(tmp_path / "run", "R-1"))

    members = ask(
        county,
        "MATCH (n)-[m:MEMBER_OF]->(r:Ring {ring_id: 'R-1'}) "
        "RETURN labels(n)[0] AS label, m.role AS role, m.since AS since, m.until AS until "
        "ORDER BY label, role",
    )
    assert [row[0] for row in members.rows] == [
        "Account",
        "Agent",
        "Card",
        "Device",
        "Doctor",
        "Institution",
        "Patient",
        "Pharmacy",
        "Staff",
    ]
    assert {row[2:] for row in members.rows} == {(1741003200, None)}
    ring = ask(county, "MATCH (r:Ring) RETURN r.loss_low AS fen, r.first AS first, r.rank AS rank")
    assert ring.rows == ((105, 1741003200, 1),)
    pair = ask(
        county,
        "MATCH (a:Card {card_id: 'C-p3'})-[w:SWIPED_WITH]-(b:Card) "
        "RETURN b.card_id AS card, w.days AS days, w.q AS q",
    )
    assert pair.rows == (("C-p1", 4, 0.001),)


def test_a_newer_run_replaces_the_last(county: Store, tmp_path: Path) -> None:
    write_rings(county, county.workspace, run_of(tmp_path / "run1", "R-1", "R-2"))
    write_rings(county, county.workspace, run_of(tmp_path / "run2", "R-3", members=MEMBERS[:2]))

    assert counts(county, ["Ring", "MEMBER_OF", "SWIPED_WITH", "Patient"]) == {
        "Ring": 1,
        "MEMBER_OF": 2,
        "SWIPED_WITH": 1,
        "Patient": 3,
    }
    assert not load(county, county.workspace).changed
    held = ask(county, "MATCH (i:Import) RETURN i.run AS run")
    assert held.rows == (("run2",),)


def test_a_member_the_graph_does_not_know_is_an_error(county: Store, tmp_path: Path) -> None:
    stranger = (("person", "p99", "holder"),)
    with pytest.raises(RingfenceError, match="MEMBER_OF 0 instead of 1"):
        write_rings(county, county.workspace, run_of(tmp_path / "run", "R-1", members=stranger))
    held = ask(county, "MATCH (i:Import) RETURN i.run AS run")
    assert held.rows == ((None,),)


def test_rings_need_a_loaded_graph(store: Store, tmp_path: Path) -> None:
    write_world(SMALL_COUNTY, store.workspace)
    with pytest.raises(RingfenceError, match="Nothing is loaded"):
        write_rings(store, store.workspace, run_of(tmp_path / "run", "R-1"))
    with pytest.raises(RingfenceError, match=r"no rings\.parquet"):
        write_rings(store, store.workspace, tmp_path)
