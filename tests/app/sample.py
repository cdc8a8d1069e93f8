"""A small invented workspace as the import and the detectors leave it, for tests of the pages.

Nobody in it exists. The numbers of the evidence are made to add up to the stored probability.
"""

import hashlib
import json
import math
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from detectors.rings import CONTRACT, PAIRS
from detectors.without import RING_WITHOUT
from ingest.manifest import FileCount, Flag, Manifest, Note, Reject, TableCount
from ingest.tables import SETTLEMENTS
from ingest.workspace import Workspace, point

START = datetime(2025, 3, 3)
POOL, STEERED = "R-card_pool-0a1b2c3d", "R-doctor_pharmacy-4e5f6071"
HONEST = "R-card_pool-99aa88bb"
POOL_PEOPLE = [f"330100{n:08d}" for n in range(1, 9)]
FAMILY = [f"330100{n:08d}" for n in range(20, 23)]
DOCTOR = "D330100000011"
IMPORT, RUN = "import-1", "run-1"
ARROW = {
    "str": pa.string(),
    "int": pa.int64(),
    "money": pa.decimal128(18, 2),
    "number": pa.float64(),
    "timestamp": pa.timestamp("s"),
    "date": pa.date32(),
    "flag": pa.int8(),
}


def pseudonym(kind: str, value: str) -> str:
    """Stand in for the import's keyed pseudonym."""
    return f"{kind}-{hashlib.sha256(f'{kind}{value}'.encode()).hexdigest()[:16]}"


def build(
    root: Path, *, run: bool = True, rings: bool = True, crowd: int = 300, import_: bool = True
) -> Workspace:
    """Write a workspace; ``crowd`` is how many settlements of unrelated people lie around."""
    workspace = Workspace(root)
    root.mkdir(parents=True, exist_ok=True)
    if not import_:
        return workspace
    home = root / ".imports" / IMPORT
    (home / "tables").mkdir(parents=True)
    point(root / ".current", f".imports/{IMPORT}")
    for name in ("tables", "rejects.parquet", "flags.parquet", "manifest.json", "restricted"):
        point(root / name, f".current/{name}")
    settlements = _settlements(crowd)
    _clean_tables(home, settlements)
    _account(home, settlements.num_rows)
    if run:
        folder = workspace.runs / RUN
        folder.mkdir(parents=True)
        _run(folder, settlements, rings=rings)
        point(workspace.runs / "latest", RUN)
    return workspace


def pool_sessions() -> list[tuple[str, datetime, str, str | None, str]]:
    """Return (person, time, place, terminal, why) of the card pool, a dozen joint sessions."""
    rows: list[tuple[str, datetime, str, str | None, str]] = []
    for session in range(12):
        start = START + timedelta(days=9 * session, hours=18, minutes=7 * (session % 4))
        place = "P33010000001" if session % 3 else "P33010000002"
        device = f"T-{place[-1]}" if session % 3 else f"proxy:{place}:C-7"
        for n, person in enumerate(POOL_PEOPLE):
            if (n + session) % 5:
                rows.append(
                    (person, start + timedelta(seconds=55 * n), place, device, "joint_session")
                )
        rows.append(
            (POOL_PEOPLE[session % 8], start + timedelta(days=3), place, device, "same_places")
        )
    return rows


def _settlements(crowd: int) -> pa.Table:
    rows = [(*row[:4], None) for row in pool_sessions()]
    for n, person in enumerate(POOL_PEOPLE):
        rows += [
            (person, START + timedelta(days=13 * k + n, hours=9 + n), "H33010000003", None, None)
            for k in range(4)
        ]
    rows += [
        (f"330100{n % 6 + 30:08d}", START + timedelta(days=n, hours=10, minutes=n), "P33010000001",
         "T-1", DOCTOR)
        for n in range(30)
    ]  # fmt: skip
    rows += [
        (person, START + timedelta(days=7 * k, hours=8, minutes=n), "H33010000003", None, None)
        for k in range(5)
        for n, person in enumerate(FAMILY)
    ]
    seconds = [int((at - datetime(1970, 1, 1)).total_seconds()) for _, at, *_ in rows]
    draw = np.random.default_rng(5)
    people = [f"330100{n:08d}" for n in range(1000, 1000 + max(20, crowd // 6))]
    places = [
        f"{kind}330100{n:05d}" for kind in "PH" for n in range(100, 100 + max(5, crowd // 2000))
    ]
    base = int((START - datetime(1970, 1, 1)).total_seconds())
    size = len(rows) + crowd
    person = pa.concat_arrays([
        pa.array([row[0] for row in rows]),
        pa.array(people).take(pa.array(draw.integers(0, len(people), crowd))),
    ])  # fmt: skip
    place = pa.concat_arrays([
        pa.array([row[2] for row in rows]),
        pa.array(places).take(pa.array(draw.integers(0, len(places), crowd))),
    ])  # fmt: skip
    at = pa.concat_arrays([
        pa.array(seconds, pa.int64()),
        pa.array(base + draw.integers(0, 180 * 86_400, crowd)),
    ])  # fmt: skip
    device = pa.array([row[3] for row in rows] + [None] * crowd, pa.string())
    money = pa.array(draw.integers(20, 400, size), pa.int32()).cast(pa.decimal128(18, 2))
    true, false = pa.array([True] * size), pa.array([False] * size)
    pharmacy = pc.starts_with(place, "P")
    holders = person.dictionary_encode()
    cards = pa.array([pseudonym("C", one) for one in holders.dictionary.to_pylist()])
    setl_id = pc.binary_join_element_wise(
        "S", pc.utf8_lpad(pa.array(range(size)).cast(pa.string()), 9, "0"), ""
    )
    known: dict[str, Any] = {
        "setl_id": setl_id,
        "psn_no": person,
        "mdtrt_cert_type": pa.array(["03"] * size),
        "fixmedins_code": place,
        "dev_no": device,
        "opter_id": pa.array(["C-7"] * size),
        "dr_code": pa.array([row[4] for row in rows] + [None] * crowd, pa.string()),
        "setl_time": at.cast(pa.timestamp("s")),
        "setl_type": pa.array(["2"] * size),
        "medfee_sumamt": money,
        "fund_pay_sumamt": money,
        "card_id": cards.take(holders.indices),
        "card_kind": pa.array(["social_security"] * size),
        "device_id": device,
        "device_proxy": pc.fill_null(pc.starts_with(device, "proxy:"), False),
        "med_class": pc.if_else(pharmacy, "pharmacy", "outpatient"),
        "online": true,
        "is_refund": false,
        "refunded": false,
        "live": true,
        "net_sum": money,
        "net_fund": money,
        "visit_id": setl_id,
        "day": pc.cast(pc.floor(pc.divide(pc.cast(at, pa.float64()), 86_400)), pa.int32()),
    }
    columns = [(c.name, ARROW[c.type]) for c in SETTLEMENTS.columns if c.name != "ssc_cardno"]
    columns += [(name, array.type) for name, array in known.items() if name not in dict(columns)]
    table = pa.table({
        name: known.get(name, pa.nulls(size, kind)) for name, kind in columns
    })  # fmt: skip
    return table.sort_by(
        [(name, "ascending") for name in ("fixmedins_code", "setl_time", "setl_id")]
    )


def _clean_tables(home: Path, settlements: pa.Table) -> None:
    people = sorted(pc.unique(settlements["psn_no"]).to_pylist())
    persons = {
        "psn_no": people,
        "psn_name": [pseudonym("N", one) for one in people],
        "person_id": [pseudonym("P", one) for one in people],
        "birth_year": [1950] * len(people),
        "known": [True] * len(people),
    }
    places = sorted(pc.unique(settlements["fixmedins_code"]).to_pylist())
    providers = {
        "fixmedins_code": places,
        "place_kind": ["pharmacy" if one[0] == "P" else "institution" for one in places],
        "day_precision": [one == "H33010000003" for one in places],
        "batch": [False] * len(places),
    }
    devices = sorted(pc.unique(settlements["device_id"].drop_null()).to_pylist())
    terminals = {"dev_no": devices, "proxy": [one.startswith("proxy:") for one in devices]}
    for name, table in (
        ("settlements", settlements),
        ("persons", pa.table(persons)),
        ("providers", pa.table(providers)),
        ("terminals", pa.table(terminals)),
    ):
        pq.write_table(table, home / "tables" / f"{name}.parquet")


def _account(home: Path, rows: int) -> None:
    counts = {"rows_in": rows + 5, "rejected": 2, "duplicates": 0, "void": 3, "kept": rows}
    account = Manifest(
        import_id=IMPORT,
        inputs=(
            FileCount(
                table="settlements", file="extract/settlements.csv", sha256="ab" * 32,
                bytes=12_345, encoding="utf-8", **counts,
            ),
        ),
        totals={"settlements": TableCount(**counts)},
        rejects=(Reject(table="settlements", field="setl_time", reason="missing", rows=2),),
        flags=(
            Flag(
                table="settlements", field="psn_no", reason="placeholder", rows=12,
                example=POOL_PEOPLE[0],
            ),
        ),
        extra_columns={},
        missing_tables=("fee_list", "staff"),
        switched_off={"fee_list": ("basket", "trace_codes"), "staff": ("staff_ties",)},
        notes=(Note(key="note.empty_table", values={"table": "staff"}),),
        versions={},
        parameters={},
    )  # fmt: skip
    (home / "manifest.json").write_text(account.to_json(), "utf-8")


def evidence(
    ring: str, factors: list[tuple[str, float, float | None, float]]
) -> list[dict[str, Any]]:
    """Return rows of evidence from (measure, observed, expected, factor)."""
    sentences = {
        "prior": ("同类候选群体中成立的比例", "how often a candidate of this kind holds up"),
        "sessions": ("同刷 38 次，期望 2.1 次", "38 joint sessions where chance expects 2.1"),
        "card_order": (
            "连续两次同刷中各卡的先后次序基本不变（Kendall τ 0.82），排队的人不会如此",
            "the cards keep their order from session to session (Kendall τ 0.82); a queue does not",
        ),
        "distance": ("住址分散，平均相距 6 公里", "homes lie 6 km apart on average"),
        "honest_family": ("登记信息显示不是同一家庭", "the register shows no shared household"),
    }
    return [
        {
            "ring_id": ring, "measure": measure, "observed": observed, "expected": expected,
            "unit": "次", "log2_bayes_factor": factor, "sentence_zh": sentences[measure][0],
            "sentence_en": sentences[measure][1], "motif": None,
        }
        for measure, observed, expected, factor in factors
    ]  # fmt: skip


def _run(folder: Path, settlements: pa.Table, *, rings: bool) -> None:
    factors = {
        POOL: [
            ("prior", 0.0, None, -6.5), ("sessions", 38.0, 2.1, 7.4),
            ("card_order", 0.82, 0.1, 3.6), ("distance", 6.0, 5.5, -0.4),
            ("honest_family", 0.0, None, 1.2),
        ],
        STEERED: [
            ("prior", 0.0, None, -5.0), ("sessions", 20.0, 3.0, 6.3), ("distance", 1.0, 2.0, 0.2),
        ],
    }  # fmt: skip
    facts = []
    for rank, (ring, parts) in enumerate(factors.items(), 1):
        total = sum(factor for *_, factor in parts)
        facts.append({
            "ring_id": ring, "kind": ring.split("-")[1], "title": ring,
            "probability": 1 / (1 + math.pow(2, -total)), "p_value": 1e-6, "q_value": 0.0004 * rank,
            "loss_low": Decimal("18250.50"), "loss_mid": Decimal("26400.00") / rank,
            "loss_high": Decimal("41000.00"), "first_seen": START + timedelta(hours=18),
            "last_seen": START + timedelta(days=102, hours=18), "people": 8 if rank == 1 else 6,
            "places": 2 if rank == 1 else 1, "settlements": 88 if rank == 1 else 30,
            "stability": 0.96, "rank": rank,
        })  # fmt: skip
    keep = facts if rings else []
    ids = [fact["ring_id"] for fact in keep]
    counted = [  # the first settlements of all are those of the pool
        {"ring_id": POOL, "setl_id": f"S{n:09d}", "why": row[4]}
        for n, row in enumerate(pool_sessions())
    ]
    steered = settlements.filter(pc.equal(settlements["dr_code"], DOCTOR))["setl_id"].to_pylist()
    counted += [{"ring_id": STEERED, "setl_id": one, "why": "same_places"} for one in steered]
    pairs = [
        {
            "person_a": a, "person_b": b, "card_a": pseudonym("C", a), "card_b": pseudonym("C", b),
            "days": 9, "places": 2, "expected": 0.2, "p_value": 1e-9, "q_value": 1e-6,
        }
        for a, b in pairwise(POOL_PEOPLE)
    ]  # fmt: skip
    tables = {
        "rings": keep,
        "ring_members": _members(),
        "ring_settlements": counted,
        "ring_evidence": [row for ring, parts in factors.items() for row in evidence(ring, parts)],
        "ring_honest_tests": _honest(),
    }
    for name, rows in tables.items():
        kept = [row for row in rows if row["ring_id"] in ids]
        pq.write_table(pa.Table.from_pylist(kept, CONTRACT[name]), folder / f"{name}.parquet")
    parts = [("device", "T0000000007", 0.4, 0.62), ("person", POOL_PEOPLE[0], 0.2, 0.91)]
    hangs_on = [
        {
            "ring_id": POOL, "entity_type": kind, "entity_id": one, "share": part,
            "probability": 0.975, "probability_without": after,
        }
        for kind, one, part, after in parts
        if POOL in ids
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(hangs_on, RING_WITHOUT), folder / "ring_without.parquet")
    group = {
        "ring_id": HONEST, "kind": "card_pool", "reason": "honest", "explanation": "family",
        "sentence_zh": "三人同住一址", "sentence_en": "the three live at one address",
        "probability": 0.04, "p_value": 0.001, "q_value": 0.02, "stability": 0.9, "people": 3,
        "places": 1, "settlements": 15, "first_seen": START,
        "last_seen": START + timedelta(days=28), "loss_mid": Decimal("900.00"), "members": FAMILY,
    }  # fmt: skip
    pq.write_table(
        pa.Table.from_pylist([group], CONTRACT["not_raised"]), folder / "not_raised.parquet"
    )
    pq.write_table(pa.Table.from_pylist(pairs, PAIRS), folder / "pairs.parquet")
    account = {
        "run": RUN, "seed": 7, "import_id": IMPORT, "parameters": {}, "counts": {},
        "off": [{"detector": "trace_resale", "missing": ["fee_list"]}],
        "notes": ["one place records the day only"], "prior_log2": {"card_pool": -6.5},
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(account), "utf-8")


def _members() -> list[dict[str, Any]]:
    since, until = START, START + timedelta(days=102)

    def row(ring: str, kind: str, one: str, role: str, weight: float) -> dict[str, Any]:
        return {
            "ring_id": ring, "entity_type": kind, "entity_id": one, "role": role,
            "weight": weight, "since": since, "until": until,
        }  # fmt: skip

    rows = [
        row(POOL, "person", one, "collector" if n == 0 else "holder", 1 - n / 20)
        for n, one in enumerate(POOL_PEOPLE)
    ]
    rows += [row(POOL, "place", f"P3301000000{n}", "place", 0.9) for n in (1, 2)]
    rows += [row(POOL, "device", "T-1", "terminal", 0.8)]
    rows += [row(STEERED, "doctor", DOCTOR, "doctor", 1.0)]
    rows += [row(STEERED, "place", "P33010000001", "place", 1.0)]
    return rows


def _honest() -> list[dict[str, Any]]:
    tests = [
        ("family", "refuted", 0.07, "仅 7% 的同刷对同住一址", "7% of the pairs share an address"),
        ("dialysis", "refuted", 0.0, "没有固定的周内日期", "no fixed weekdays"),
        ("neighbours", "partly", 0.31, "31% 的成员住在机构附近", "31% of them live near the place"),
        ("common_roof", "not_testable", None, "缺少单位信息", "employers were not delivered"),
    ]  # fmt: skip
    return [
        {
            "ring_id": POOL, "explanation": name, "verdict": verdict, "share_explained": part,
            "sentence_zh": zh, "sentence_en": en,
        }
        for name, verdict, part, zh, en in tests
    ]  # fmt: skip
