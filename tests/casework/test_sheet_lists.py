"""What the data fill into an inspection sheet, worked out again from the tables in plain loops."""

from collections import Counter, defaultdict
from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from pyarrow import parquet

from casework.draws import drawn_from
from casework.reports.frame import Handling
from casework.reports.ring_data import read_ring
from casework.reports.sheet_paper import sheet_paper
from casework.reports.sheet_parts import DAYS, DRUGS, TIMES, VISITS, Check, checks
from ingest.workspace import Workspace
from tests.casework.paper_county import BIG, PLACE, county

HANDLING = Handling(
    status="Lead", unit="u", lead_id="L-1", case_id=None, insider=False, filed=False,
    certificates=(), log=(),
)  # fmt: skip
Settled = dict[str, tuple[datetime, str]]


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = county(tmp_path_factory.mktemp("sheet") / "county")
    at_place = sorted(_settled(made))
    lines = [(key, "XA01", Decimal("2"), Decimal("5.00")) for key in at_place[:3]]
    lines += [(at_place[0], f"ZB{n:02d}", Decimal("1"), Decimal(n)) for n in range(1, DRUGS + 3)]
    lines += [(at_place[1], "T99", Decimal("9"), Decimal("999.00"))]
    names = ("setl_id", "med_list_codg", "cnt", "det_item_fee_sumamt")
    columns = dict(zip(names, map(list, zip(*lines, strict=True)), strict=True))
    parquet.write_table(pa.table(columns), made.table("fee_list"))
    return made


@pytest.fixture(scope="module")
def check(space: Workspace) -> Check:
    ring = read_ring(space, space.latest_run().name, BIG)
    (found,) = checks(space, ring)
    assert (found.place, found.kind) == (PLACE, "pharmacy")
    return found


def _settled(space: Workspace) -> Settled:
    """Return the ring's settlements at the place with their time and terminal."""
    run = parquet.read_table(space.latest_run() / "ring_settlements.parquet").to_pylist()
    wanted = {row["setl_id"] for row in run if row["ring_id"] == BIG}
    columns = ["setl_id", "setl_time", "fixmedins_code", "device_id"]
    rows = parquet.read_table(space.table("settlements"), columns=columns).to_pylist()
    return {
        row["setl_id"]: (row["setl_time"], row["device_id"] or "–")
        for row in rows
        if row["setl_id"] in wanted and row["fixmedins_code"] == PLACE
    }


def test_hours_to_compare_with_footage_are_those_of_the_busiest_days(space, check) -> None:
    of_day: defaultdict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for at, device in _settled(space).values():
        of_day[f"{at:%Y-%m-%d}"].append((at, device))
    busiest = sorted(of_day, key=lambda day: (-len(of_day[day]), day))[:TIMES]
    assert len(of_day) > TIMES, "more days than the list has room for"
    assert check.fills["times"] == tuple(
        (
            day,
            f"{min(at for at, _ in of_day[day]):%H:%M:%S}",
            f"{max(at for at, _ in of_day[day]):%H:%M:%S}",
            str(len(of_day[day])),
            ", ".join(sorted({one for _, one in of_day[day]})).replace("proxy:", ""),
        )
        for day in sorted(busiest)
    )


def test_days_and_records_are_drawn_by_the_seed_that_is_printed(space, check) -> None:
    settled = _settled(space)
    count = Counter(f"{at:%Y-%m-%d}" for at, _ in settled.values())
    days = [row[0] for row in check.fills["days"]]
    assert (len(days), days) == (DAYS, sorted(days))
    assert dict(check.fills["days"]) == {day: str(count[day]) for day in days}
    assert set(days) == set(drawn_from(dict.fromkeys(count, 1), wanted=DAYS, seed=check.seed))
    visits = [row[0] for row in check.fills["visits"]]
    again = drawn_from(dict.fromkeys(sorted(settled), 1), wanted=VISITS, seed=check.seed)
    assert (len(visits), set(visits)) == (VISITS, set(again))
    assert [row[1][:16] for row in check.fills["visits"]] == [
        f"{settled[one][0]:%Y-%m-%d %H:%M}" for one in visits
    ]
    other = drawn_from(dict.fromkeys(count, 1), wanted=DAYS, seed="another")
    assert set(days) != set(other)
    printed = repr(sheet_paper(HANDLING, [check], "en", inspection="night"))
    assert check.seed in printed


def test_stock_lists_the_drugs_most_paid_for_with_their_quantities(check) -> None:
    dear = [(f"ZB{n:02d}", "1") for n in range(DRUGS + 2, 3, -1)]
    told = "the dearest first: three settlements of two for 15 yuan; T99 is no drug"
    assert check.fills["stock"] == (("XA01", "6"), *dear), told
    assert len(dear) == DRUGS - 1, "what is worth less finds no room"
