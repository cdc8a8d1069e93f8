"""The list of resale-prone drugs by day: a purchase counts only while its drug is listed."""

from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from detectors.columns import columns, resale_bought, resale_prone
from detectors.columns import delivered as table_of
from detectors.facts import _lines
from detectors.settings import DetectSettings
from detectors.trace_loops_signs import _resale
from ingest.workspace import Workspace
from tests.detectors.groups import RESALE
from tests.world import Line, Settlement, World, write_world

FIRST = datetime(2025, 3, 3, 10)
SETTINGS = DetectSettings(threads=1)


def listed(root: Path, world: World, since: date | None, until: date | None) -> Workspace:
    """The world with its list valid on these days only."""
    space = write_world(world, root)
    path = space.table("resale_drugs")
    codes = pq.read_table(path)["med_list_codg"]
    days = [pa.array([one] * len(codes), pa.date32()) for one in (since, until)]
    pq.write_table(
        pa.table([codes, *days], names=["med_list_codg", "valid_from", "valid_to"]), path.resolve()
    )
    return space


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (None, None, {"S0", "S1", "S2"}),
        (date(2025, 3, 4), None, {"S1", "S2"}),
        (None, date(2025, 3, 4), {"S0", "S1"}),
        (date(2025, 3, 4), date(2025, 3, 4), {"S1"}),
        (date(2026, 1, 1), None, set()),
    ],
)
def test_both_ends_count_and_a_missing_one_is_open(
    tmp_path: Path, since: date | None, until: date | None, expected: set[str]
) -> None:
    world = World(
        settlements=tuple(
            Settlement(setl_id=f"S{day}", person="p", place="P1", at=FIRST + timedelta(days=day))
            for day in range(3)
        ),
        lines=tuple(Line(setl_id=f"S{day}", drug=RESALE) for day in range(3)),
        resale_drugs=(RESALE,),
    )
    space = listed(tmp_path, world, since, until)
    with columns(tmp_path, SETTINGS) as backend:
        found = resale_prone(backend, space)
        assert found is not None
        assert {one["setl_id"] for one in backend.to_pyarrow(found).to_pylist()} == expected
        swipes = backend.create_table(
            "swipes",
            pa.table({"gid": [0] * 3, "setl_id": ["S0", "S1", "S2"], "joint": [True] * 3}),
        )
        lines = _lines(backend, space, swipes)
        assert lines is not None
        told = {one["setl_id"]: one["resale"] for one in backend.to_pyarrow(lines).to_pylist()}
        assert told == {number: number in expected for number in ("S0", "S1", "S2")}
        boxes = {"gid": [0] * 3, "first_drug": [RESALE] * 3, "first_place": ["P1"] * 3}
        days = [(FIRST + timedelta(days=day) - datetime(1970, 1, 1)).days for day in range(3)]
        loops: Any = SimpleNamespace(
            backend=backend,
            workspace=space,
            inside=backend.create_table("inside", pa.table(boxes | {"first_day": days})),
            sales=backend.create_table(
                "sales", pa.table({"place": ["P1"] * 3, "drug": [RESALE] * 3, "day": days})
            ),
        )
        share = _resale(loops)
        assert share is not None
        (part,) = backend.to_pyarrow(share).to_pylist()
        assert part["observed"] == part["expected"] == pytest.approx(len(expected) / 3)


def test_a_list_of_an_older_import_has_no_dates_and_always_counts(tmp_path: Path) -> None:
    world = World(
        settlements=(Settlement(setl_id="S0", person="p", place="P1", at=FIRST),),
        lines=(Line(setl_id="S0", drug=RESALE), Line(setl_id="S9", drug=RESALE)),
        resale_drugs=(RESALE,),
    )
    space = write_world(world, tmp_path)
    path = space.table("resale_drugs").resolve()
    pq.write_table(pq.read_table(path).select(["med_list_codg"]), path)
    with columns(tmp_path, SETTINGS) as backend:
        lines = table_of(backend, space, "fee_list")
        assert lines is not None
        found = resale_bought(backend, space, lines)
        assert found is not None
        assert sorted(backend.to_pyarrow(found)["setl_id"].to_pylist()) == ["S0", "S9"]
