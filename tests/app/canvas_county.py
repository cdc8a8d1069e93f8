"""A small county with a graph for tests of the canvas: two rings, a hub, a shared telephone.

Nobody in it exists. Ten people swipe at terminal D1 of pharmacy P1; the first of them shares a
telephone with a clerk of the second ring. Terminal D9 of hospital H9 has 240 visitors.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from app.explorer.canvas import services
from detectors.rings import CONTRACT, PAIRS
from detectors.without import RING_WITHOUT
from graph.load import clear, load
from graph.rings import write_rings
from graph.store import Store, open_store
from ingest.workspace import Workspace, point
from tests.world import Person, Place, Settlement, StaffMember, Terminal, World, write_world

START = datetime(2025, 3, 3, 18, 0)
POOL, SECOND, RUN = "R-aaaaaaaaaaaa", "R-bbbbbbbbbbbb", "run-1"
PEOPLE = [f"330100{n:08d}" for n in range(1, 11)]
CROWD = [f"330199{n:08d}" for n in range(240)]
BROKER = PEOPLE[0]
SESSIONS = 6
CLEAR_NAME, CERTIFICATE = "王小二", "330102199001011234"


def person_id(person: str) -> str:
    """Return the pseudonym that :mod:`tests.world` gives a person."""
    return f"P-{person}"


def node(person: str) -> str:
    """Return the name of a person's node."""
    return f"Patient:{person_id(person)}"


def world() -> World:
    """Return the rows of the county."""
    joint = [
        Settlement(
            setl_id=f"S-{session}-{n}", person=one, place="P1", device="D1", clerk="C1",
            doctor="DR1", at=START + timedelta(days=7 * session, seconds=50 * n),
            fund=Decimal("88.50"), amount=Decimal("90.00"),
        )
        for session in range(SESSIONS)
        for n, one in enumerate(PEOPLE)
    ]  # fmt: skip
    second = [
        Settlement(
            setl_id=f"S-second-{n}", person=one, place="P2", device="D2", clerk="C2",
            at=START + timedelta(days=40 + n),
        )
        for n, one in enumerate(CROWD[:5])
    ]  # fmt: skip
    busy = [
        Settlement(
            setl_id=f"S-busy-{n}", person=one, place="H9", device="D9", kind="outpatient",
            at=START + timedelta(hours=n),
        )
        for n, one in enumerate([*CROWD, PEOPLE[3]])
    ]  # fmt: skip
    return World(
        settlements=(*joint, *second, *busy),
        persons=tuple(
            Person(
                person=one,
                name=CLEAR_NAME,
                certificate=CERTIFICATE,
                phone="T-shared" if one == BROKER else f"T-{one}",
                birth_year=1950 + n,
                gender="female",
            )
            for n, one in enumerate((*PEOPLE, *CROWD))
        ),
        places=(
            Place(place="P1", kind="pharmacy"),
            Place(place="P2", kind="pharmacy"),
            Place(place="H9", kind="hospital"),
        ),
        terminals=(
            Terminal(device="D1", place="P1"),
            Terminal(device="D2", place="P2"),
            Terminal(device="D9", place="H9"),
        ),
        staff=(
            StaffMember(staff="C1", org="P1", role="cashier"),
            StaffMember(staff="C2", org="P2", role="cashier", phone="T-shared"),
        ),
    )


def build(root: Path, rows: World | None = None) -> Workspace:
    """Write the clean tables, of other rows if they are given, and a run of two rings."""
    workspace = write_world(rows or world(), root)
    folder = workspace.runs / RUN
    folder.mkdir(parents=True)
    for name, rows in _run().items():
        schema = {**CONTRACT, "pairs": PAIRS, "ring_without": RING_WITHOUT}[name]
        pq.write_table(pa.Table.from_pylist(rows, schema), folder / f"{name}.parquet")
    import_id = workspace.tables.resolve().parent.name
    (folder / "run.json").write_text(
        json.dumps({"run": RUN, "seed": 7, "import_id": import_id, "off": [], "notes": []}), "utf-8"
    )
    point(workspace.runs / "latest", RUN)
    return workspace


def fill(store: Store, workspace: Workspace) -> None:
    """Load the county and its rings into a graph."""
    load(store, workspace)
    write_rings(store, workspace, workspace.latest_run())


@contextmanager
def loaded(
    root: Path,
    embedded_folder: Path,
    *more: Callable[[Workspace], object],
    rows: World | None = None,
) -> Iterator[Workspace]:
    """Yield the county with a graph that holds it; the graph is emptied afterwards.

    ``more`` change the workspace before it is loaded.
    """
    workspace = build(root, rows)
    for change in more:
        change(workspace)
    workspace.graph.symlink_to(embedded_folder)
    with open_store(workspace, environ={}) as store:
        fill(store, workspace)
        yield workspace
        clear(store)
    services.forget()


def _run() -> dict[str, list[dict[str, Any]]]:
    since, until = START, START + timedelta(days=60)

    def ring(ring_id: str, kind: str, rank: int, people: int, settlements: int) -> dict[str, Any]:
        return {
            "ring_id": ring_id, "kind": kind, "title": ring_id, "probability": 0.95,
            "p_value": 1e-6, "q_value": 1e-4, "loss_low": Decimal("100.00"),
            "loss_mid": Decimal("200.00"), "loss_high": Decimal("300.00"), "first_seen": since,
            "last_seen": until, "people": people, "places": 1, "settlements": settlements,
            "stability": 0.9, "rank": rank,
        }  # fmt: skip

    def member(ring_id: str, kind: str, one: str, role: str, weight: float) -> dict[str, Any]:
        return {
            "ring_id": ring_id, "entity_type": kind, "entity_id": one, "role": role,
            "weight": weight, "since": since, "until": until,
        }  # fmt: skip

    return {
        "rings": [
            ring(POOL, "card_pool", 1, len(PEOPLE), SESSIONS * len(PEOPLE)),
            ring(SECOND, "staff_number_misuse", 2, 5, 5),
        ],
        "ring_members": [
            *(
                member(POOL, "person", one, "collector" if one == BROKER else "holder", 1 - n / 20)
                for n, one in enumerate(PEOPLE)
            ),
            member(POOL, "place", "P1", "place", 0.9),
            *(member(SECOND, "person", one, "holder", 0.8) for one in CROWD[:5]),
            member(SECOND, "staff", "C2", "cashier", 1.0),
        ],
        "ring_settlements": [
            {"ring_id": POOL, "setl_id": f"S-{session}-{n}", "why": "joint_session"}
            for session in range(SESSIONS)
            for n in range(len(PEOPLE))
        ],
        "ring_evidence": [],
        "ring_honest_tests": [],
        "ring_without": [],
        "not_raised": [],
        "pairs": [
            {
                "person_a": a, "person_b": b, "card_a": f"C-{a}", "card_b": f"C-{b}",
                "days": SESSIONS, "places": 1, "expected": 0.2, "p_value": 1e-9, "q_value": 1e-6,
            }
            for a, b in pairwise(PEOPLE)
        ],
    }  # fmt: skip
