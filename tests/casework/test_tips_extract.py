"""Tips of the extract: taken in by the desk once, tied as others are, no informant anywhere."""

from datetime import datetime

import pyarrow as pa
import pytest
from pyarrow import parquet
from sqlalchemy import select

from casework.informants import read_informant, read_telling
from casework.ledger import Ledger, reading
from casework.rights import NotFound, Refused
from casework.tables import metadata
from casework.tips import leads_of_tip, list_tips
from casework.tips_extract import count_waiting, take_in_extract
from ingest.workspace import Workspace
from tests.casework.office import DISCIPLINE, LIN, SUE, UNIT, county, details, log, officer

DESK = officer("dora", "informant_desk", "desk")
WORDS = "店主收卡，我住隔壁"
ROWS = [
    ("TIP-2", datetime(2026, 2, 2, 9), "web", "person", "p1", "X-00000000000000aa"),
    ("TIP-1", datetime(2026, 2, 1, 9), "letter", "staff", "S-9", None),
    ("TIP-3", datetime(2026, 2, 3, 9), "pigeon", None, None, None),
    ("TIP-4", datetime(2026, 2, 3, 9), "supervisor", "staff", "S-1", None),
    ("TIP-5", datetime(2030, 1, 1, 9), "letter", "place", "P1", None),
]
NAMES = ("tip_id", "received", "channel", "subject_type", "subject_id", "text")


def extracted(workspace: Workspace, rows: list[tuple[object, ...]]) -> None:
    """Leave a clean table of tips and the words behind its pseudonyms, as an import does."""
    table = [dict(zip(NAMES, row, strict=True)) for row in rows]
    schema = pa.schema([(n, pa.timestamp("s") if n == "received" else pa.string()) for n in NAMES])
    parquet.write_table(pa.Table.from_pylist(table, schema=schema), workspace.table("tips"))
    workspace.restricted.mkdir(parents=True, exist_ok=True)
    clear = {"kind": ["text"], "pseudonym": ["X-00000000000000aa"], "value": [WORDS]}
    parquet.write_table(pa.table(clear), workspace.restricted / "clear.parquet")


def test_each_tip_is_taken_in_once_with_its_entities_and_its_row(ledger: Ledger) -> None:
    county(ledger)
    assert count_waiting(ledger, DESK) == 0, "an extract without tips"
    extracted(ledger.workspace, ROWS)
    assert count_waiting(ledger, DESK) == 4, "not the one of the year 2030"
    taken = take_in_extract(ledger, DESK, unit=UNIT)
    assert (len(taken.tips), taken.left) == (4, 1)
    found = {one.tip_id: one for one in list_tips(ledger, DESK)}
    told = [
        (one.received, one.channel, one.entities, one.insider, one.state)
        for one in map(found.__getitem__, taken.tips)
    ]
    assert told == [
        ("2026-02-01", "letter", (("staff", "S-9"),), True, "registered"),
        ("2026-02-02", "online", (("person", "p1"),), False, "registered"),
        ("2026-02-03", "other_body", (), False, "registered"),
        ("2026-02-03", "supervisor", (("staff", "S-1"),), False, "registered"),
    ]
    rows = log(ledger, "tip.taken_in")
    assert [details(row)["source"] for row in rows] == ["TIP-1", "TIP-2", "TIP-3", "TIP-4"]
    assert {row.who for row in rows} == {"dora"}
    # Twice is once, for another desk too; one more is one more.
    other = officer("dan", "informant_desk", "second desk")
    assert take_in_extract(ledger, other, unit=UNIT).tips == ()
    assert len(list_tips(ledger, DESK)) == 4
    more = ("TIP-6", datetime(2026, 2, 4), "letter", "place", "P1", None)
    extracted(ledger.workspace, [*ROWS, more])
    assert count_waiting(ledger, DESK) == 1
    assert len(take_in_extract(ledger, DESK, unit=UNIT).tips) == 1


def test_a_taken_in_tip_ties_to_its_lead_and_one_of_insiders_is_the_liaisons(
    ledger: Ledger,
) -> None:
    county(ledger)
    extracted(ledger.workspace, ROWS)
    inside, about, *_ = take_in_extract(ledger, DESK, unit=UNIT).tips
    (tied,) = leads_of_tip(ledger, SUE, about)
    assert (tied.ring_id, tied.entities) == ("R-plain", (("person", "p1"),))
    assert inside not in {one.tip_id for one in list_tips(ledger, SUE)}
    assert [one.tip_id for one in list_tips(ledger, LIN)] == [inside]
    (tied,) = leads_of_tip(ledger, LIN, inside)
    assert tied.ring_id == "R-inside"


def test_the_words_are_the_desks_and_no_informant_comes_along(sqlite: Ledger) -> None:
    county(sqlite)
    extracted(sqlite.workspace, ROWS)
    _, about, *_ = take_in_extract(sqlite, DESK, unit=UNIT).tips
    assert read_telling(sqlite, DESK, about, reason="to check") == WORDS
    with pytest.raises(NotFound):
        read_informant(sqlite, DESK, about, reason="to check")
    assert not any(one.real_name for one in list_tips(sqlite, DESK))
    with reading(sqlite) as connection:
        for table in metadata.tables.values():
            assert WORDS not in repr(connection.execute(select(table)).all()), table.name


def test_what_cannot_be_taken_in_is_told_and_nothing_is_left(sqlite: Ledger) -> None:
    county(sqlite)
    extracted(sqlite.workspace, ROWS)
    with pytest.raises(Refused, match="the unit ' ' that is to check them"):
        take_in_extract(sqlite, DESK, unit=" ")
    extracted(sqlite.workspace, [*ROWS, ("T" * 201, datetime(2026, 2, 2), None, None, None, None)])
    with pytest.raises(Refused, match="table tips, field tip_id, value 'TTT"):
        take_in_extract(sqlite, DESK, unit=UNIT)
    assert list_tips(sqlite, DESK) == []
    for who in (SUE, LIN, officer("d", "administrator", DISCIPLINE)):
        with pytest.raises(NotFound):
            take_in_extract(sqlite, who, unit=UNIT)
