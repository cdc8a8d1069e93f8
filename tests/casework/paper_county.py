"""A workspace with a run for the papers: a pool, a ring of forty, and one with agency staff."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import compute, parquet

from casework.leads import take_in
from casework.ledger import Ledger
from detectors.rings import CONTRACT
from detectors.showing import RING_MOTIFS
from ingest.workspace import Workspace
from tests.app.sample import POOL, build
from tests.casework.office import SUE

BIG, INSIDE = "R-0123456789ab", "R-ba9876543210"
PEOPLE = 40
PLACE = "P33010000001"
__all__ = ["BIG", "INSIDE", "PLACE", "POOL", "county", "extract_tips", "taken_in"]


def county(root: Path) -> Workspace:
    """Write the workspace: the sample of the pages, with two rings more."""
    workspace = build(root)
    folder = workspace.latest_run()
    settled = parquet.read_table(workspace.table("settlements"), columns=["setl_id", "psn_no"])
    wanted = compute.unique(settled["psn_no"]).to_pylist()[:PEOPLE]
    keys = settled.filter(compute.is_in(settled["psn_no"], pa.array(wanted)))["setl_id"].to_pylist()
    assert len(wanted) == PEOPLE
    _named(workspace)
    told = json.loads((folder / "run.json").read_text("utf-8"))
    told |= {"versions": {"ringfence": "0.1.0"}, "measures_off": [], "explanations_off": []}
    (folder / "run.json").write_text(json.dumps(told), "utf-8")
    _claims(workspace, keys[:6])
    _more(folder, "rings", [_ring(BIG, "card_pool", PEOPLE, 3), _ring(INSIDE, _INSIDER, 2, 4)])
    at = (datetime(2025, 3, 3), datetime(2025, 6, 1))
    members = [(BIG, "person", one, "holder", 1.0, *at) for one in wanted]
    members += [(BIG, "place", PLACE, "place", 1.0, *at)]
    members += [(INSIDE, "person", one, "claimant", 1.0, *at) for one in wanted[:2]]
    members += [(INSIDE, "staff", "S-9", "handler", 1.0, *at)]
    members += [(INSIDE, "account", "B-00000000000000aa", "payee", 1.0, *at)]
    _more(folder, "ring_members", members)
    shown = [(BIG, key, "joint_session") for key in keys]
    _more(folder, "ring_settlements", [*shown, *((INSIDE, key, "rests_on") for key in keys[:6])])
    evidence = [
        (ring, *told, "", None)
        for ring in (BIG, INSIDE)
        for told in (
            ("prior", None, None, "log2 odds", 0.0, "先验"),
            ("repeat_sessions", 90.0, 3.5, "days", 3.169925001442312, "成员同场 90 天"),
        )
    ]
    _more(folder, "ring_evidence", [(*one[:7], f"{one[1]} in words", None) for one in evidence])
    values = {"person_ids": ["P-0"], "from_day": 1}
    rows = [{"ring_id": BIG, "motif": "cards_swiped_together", "parameters": json.dumps(values)}]
    rows[0] |= {"settlements": keys, "fund_shown": Decimal("12.00")}  # type: ignore[dict-item]
    path = folder / "ring_motifs.parquet"
    parquet.write_table(pa.Table.from_pylist(rows, schema=RING_MOTIFS), path)
    return workspace


def taken_in(ledger: Ledger) -> None:
    """Put that county under an open ledger, and make leads of its rings."""
    county(ledger.workspace.root)
    take_in(ledger, SUE)


_INSIDER = "insider_reimbursement"


def _ring(ring_id: str, kind: str, people: int, rank: int) -> tuple[Any, ...]:
    money = [Decimal("900.00"), Decimal("1234.56"), Decimal("2000.00")]
    at = (datetime(2025, 3, 3), datetime(2025, 6, 1))
    return (ring_id, kind, kind, 0.9, 0.001, 0.002, *money, *at, people, 1, 99, 1.0, rank)


def _more(folder: Path, name: str, rows: list[tuple[Any, ...]]) -> None:
    """Add rows to a table of the run."""
    path, schema = folder / f"{name}.parquet", CONTRACT[name]
    columns = list(zip(*rows, strict=True))
    arrays = [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
    more = pa.Table.from_arrays(arrays, schema=schema)
    parquet.write_table(pa.concat_tables([parquet.read_table(path).cast(schema), more]), path)


def _named(workspace: Workspace) -> None:
    """Give the places the names and divisions that an import leaves."""
    path = workspace.table("providers")
    table = parquet.read_table(path)
    codes = table["fixmedins_code"].to_pylist()
    for name, values in {
        "fixmedins_name": [f"示例{n}店" for n in range(len(codes))],
        "fix_blng_admdvs": ["330100"] * len(codes),
    }.items():
        if name not in table.column_names:
            table = table.append_column(name, pa.array(values))
    parquet.write_table(table, path)


def _claims(workspace: Workspace, keys: list[str]) -> None:
    """Write manual claims of March 2026: one hand, no review, late review, one invoice twice."""
    reg = [datetime(2026, 3, 5), datetime(2026, 3, 6), datetime(2026, 3, 30)] * 2
    table = pa.table(
        {
            "setl_id": keys,
            "invono": ["8", "8", "9", "10", "11", "12"],
            "crter_id": ["S-9", "S-1", "S-1", "S-1", "S-1", "S-1"],
            "rchker_id": ["S-9", None, "S-2", "S-2", "S-2", "S-2"],
            "bankacct": ["B-00000000000000aa"] * 6,
            "agnter_certno": pa.array([None] * 6, pa.string()),
            "reg_time": pa.array(reg, pa.timestamp("s")),
            "rchk_time": pa.array(
                [datetime(2026, 3, 9), None, datetime(2026, 4, 2), *[datetime(2026, 3, 31)] * 3],
                pa.timestamp("s"),
            ),
        }
    )
    parquet.write_table(table, workspace.table("manual_claims"))


def elsewhere(workspace: Workspace, area: str = "320500") -> list[str]:
    """Let what one place of the pool settled have been treated in another area; return its keys."""
    rests = parquet.read_table(workspace.latest_run() / "ring_settlements.parquet")
    pool = rests.filter(compute.equal(rests["ring_id"], POOL))["setl_id"]
    path = workspace.table("settlements")
    table = parquet.read_table(path)
    inside = compute.is_in(table["setl_id"], value_set=pool.combine_chunks())
    place = compute.min(table.filter(inside)["fixmedins_code"])
    there = compute.and_(inside, compute.equal(table["fixmedins_code"], place))
    name = "mdtrtarea_admvs"
    moved = compute.if_else(there, area, table[name].cast(pa.string()))
    home = pa.array(["330100"] * len(table))
    table = table.set_column(table.schema.get_field_index(name), name, moved)
    table = table.set_column(table.schema.get_field_index("insu_admdvs"), "insu_admdvs", home)
    parquet.write_table(table, path)
    return sorted(set(table.filter(there)["setl_id"].to_pylist()))


def extract_tips(workspace: Workspace, place: str = PLACE) -> None:
    """Leave two tips on a place in the extract, of two days ago, that nobody took in yet."""
    received = datetime.now() - timedelta(days=2)
    rows = {
        "tip_id": ["TIP-1", "TIP-2"],
        "received": pa.array([received, received], pa.timestamp("s")),
        "channel": ["web", "letter"],
        "subject_type": ["place", "place"],
        "subject_id": [place, place],
        "text": pa.array([None, None], pa.string()),
    }
    parquet.write_table(pa.table(rows), workspace.table("tips"))
