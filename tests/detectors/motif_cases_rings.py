"""Cases of the motifs on rings of a run; as :mod:`tests.detectors.motif_cases`.

``RUN`` tells which rings and validated pairs the run has; :func:`write_run` writes it.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.detectors.motif_cases import DAY, MINUTE, Case, joined, swipes
from tests.detectors.motif_cases_claims import party
from tests.detectors.motif_cases_places import bills, numbers, visits
from tests.world import NOON, World

SEEN = datetime(2025, 3, 3, 12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Rings in the order of rank with their members (type, import key), and pairs of cards."""

    rings: dict[str, tuple[tuple[str, str], ...]]
    pairs: tuple[tuple[str, str], ...]


def write_run(run: Run, folder: Path) -> Path:
    """Write what :func:`graph.rings.write_rings` reads of a run."""
    money = dict.fromkeys(("loss_low", "loss_mid", "loss_high"), Decimal("1.00"))
    seen = {"first_seen": SEEN, "last_seen": SEEN}
    counts = {"people": 2, "places": 1, "settlements": 3, "stability": 1.0}
    chances = {"probability": 0.9, "p_value": 0.01, "q_value": 0.02}
    tables = {
        "rings": [
            {"ring_id": ring, "kind": "card_pool", "title": "t", "rank": rank}
            | money | seen | counts | chances
            for rank, ring in enumerate(run.rings, 1)
        ],
        "ring_members": [
            {"ring_id": ring, "entity_type": kind, "entity_id": key, "role": "holder",
             "weight": 1.0, "since": SEEN, "until": None}
            for ring, members in run.rings.items()
            for kind, key in members
        ],
        "pairs": [
            {"card_a": a, "card_b": b, "days": 4, "places": 1, "expected": 0.5, "q_value": 0.001}
            for a, b in run.pairs
        ],
    }  # fmt: skip
    folder.mkdir(parents=True)
    for name, rows in tables.items():
        pq.write_table(pa.Table.from_pylist(rows), folder / f"{name}.parquet")
    return folder


def persons(name: str, count: int) -> tuple[tuple[str, str], ...]:
    return tuple(("person", f"{name}{n}") for n in range(count))


def signed(name: str, members: int, others: int) -> World:
    """Return what one number signs for members of a ring and for others."""
    ring, rest = (
        bills(who, count, 1, 10 * MINUTE, doctor=f"{name.upper()}-D", place=f"H-{name}")
        for who, count in ((name, members), (f"{name}x", others))
    )
    return joined(ring, rest)


INSIDE = Case(
    hit=signed("ria", 3, 7),
    misses={"two patients": signed("rib", 2, 0), "eight others": signed("ric", 3, 8)},
    unknown={"no practitioner": bills("rid", 3, 1, doctor=None)},
    rows=(("RIA-D", "R-ria", 3, 3, 30, *party("ria", 3)),),
)

BETWEEN = Case(
    hit=joined(visits("bta", 3, 0 * DAY), swipes("btb", {"place": "P-bta", "device": "D-bta"})),
    misses={"two of one ring": visits("btc", 3, 0 * DAY), "one ring": visits("btd", 2, 0 * DAY)},
    unknown={"no ring": visits("bte", 2, 0 * DAY)},
    rows=(
        ("P-bta0", 2, 2, 0, ["R-bta", "R-btb"], ["bta-0"]),
        ("P-btb", 2, 0, 2, ["R-bta", "R-btb"], ["btb-0"]),
    ),
)

PAIRED = Case(
    hit=joined(visits("lia", 5, 0 * DAY), visits("lix", 15, DAY, place="P-lia", device="D-lia")),
    misses={
        "four people": visits("lib", 4, 0 * DAY),
        "sixteen others": joined(
            visits("lic", 5, 0 * DAY), visits("liy", 16, DAY, place="P-lic", device="D-lic")
        ),
    },
    unknown={"not validated": visits("lid", 6, 0 * DAY)},
    rows=(
        (
            *("P-lia", 5, 5, 20, 25, [f"C-lia{n}" for n in range(5)]),
            *party("lia", 5),
        ),
    ),
)


def beside(name: str, days: int = 3, gap: int = 10, *, known: int = 2) -> World:
    """Return somebody swiped between two known people, so many minutes from the first."""
    rows = [{"person": f"kno{n}", "at": gap * n * 2 * MINUTE} for n in range(known)]
    rows.append({"person": name, "at": gap * MINUTE})
    return swipes(
        name, *({**row, "at": NOON + day * DAY + row["at"]} for day in range(days) for row in rows)
    )


MET = Case(
    hit=beside("mea"),
    misses={
        "two days": beside("meb", 2),
        "one of the known": beside("mec", known=1),
        "eleven minutes": beside("med", gap=11),
    },
    unknown={"nobody known": visits("mee", 3, 0 * DAY, DAY, 2 * DAY)},
    rows=(("P-mea", 2, 3, ["D-mea"], ["P-kno0", "P-kno1"], numbers("mea", 9)),),
)

RUN = Run(
    rings={
        "R-kno": (*persons("kno", 2), ("place", "P-mea")),
        "R-ria": persons("ria", 3),
        "R-rib": persons("rib", 2),
        "R-ric": persons("ric", 3),
        "R-rid": persons("rid", 3),
        "R-bta": (("person", "bta0"), ("person", "bta1"), ("place", "P-bta")),
        "R-btb": (("person", "bta0"), ("person", "bta2")),
        "R-btc": persons("btc", 2),
        "R-btd": persons("btd", 1),
    },
    pairs=(
        ("C-bta1", "C-btb"),
        ("C-bta2", "C-btb"),
        ("C-btc0", "C-btc2"),
        ("C-btc1", "C-btc2"),
        ("C-btd0", "C-btd1"),
        ("C-bte0", "C-bte1"),
        *((f"C-{name}{n}", f"C-{name}{n + 1}") for name in ("lia", "lic") for n in range(4)),
        *((f"C-lib{n}", f"C-lib{n + 1}") for n in range(3)),
    ),
)

CASES: dict[str, Case] = {
    "met_by_known_people": MET,
    "patients_inside_one_ring": INSIDE,
    "people_between_two_rings": BETWEEN,
    "pharmacy_lives_on_pairs": PAIRED,
}
