"""Who reads what of the audit log: the auditor all of it, others what they did themselves."""

import csv
import hashlib
import io
import json
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert, text

from casework.audit import append
from casework.audit_reading import (
    PAGE,
    Filter,
    export_audit,
    read_audit,
    search_audit,
    verify_audit,
    who_saw,
)
from casework.leads import list_leads, read_lead
from casework.ledger import Ledger, writing
from casework.reveals import list_reveals
from casework.rights import NotFound, Officer, Refused
from casework.tables_people import reveals
from tests.casework.conftest import Clock
from tests.casework.office import (
    ANALYST,
    INES,
    LIN,
    SUE,
    UNIT,
    case,
    county,
    details,
    lead_of,
    log,
    officer,
)

AUDITOR = officer("aud", "auditor", UNIT)


def test_the_auditor_reads_who_saw_what_and_nothing_else(ledger: Ledger) -> None:
    county(ledger)
    inside = lead_of(ledger, LIN, "R-inside")
    read_lead(ledger, LIN, inside.lead_id, purpose="taking over")
    with pytest.raises(NotFound):
        read_lead(ledger, INES, inside.lead_id)
    rows = read_audit(ledger, AUDITOR)
    about = [(row.who, row.action) for row in rows if row.object == inside.lead_id]
    assert about == [("lin", "lead.opened"), ("ines", "access.refused")]
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert [row.seq for row in read_audit(ledger, AUDITOR, newest=2)] == [
        rows[-1].seq,
        len(rows) + 1,
    ]
    with pytest.raises(NotFound):
        list_leads(ledger, AUDITOR)


def test_others_read_their_own_rows(ledger: Ledger) -> None:
    county(ledger)
    lead_of(ledger, SUE, "R-plain")
    lead_of(ledger, LIN, "R-inside")
    for who in (ANALYST, SUE, LIN):
        rows = read_audit(ledger, who)
        assert rows
        assert {row.who for row in rows} == {who.name}
    with pytest.raises(NotFound):
        read_audit(ledger, officer("adm", "administrator"))
    assert [row.who for row in log(ledger, "audit.read")] == [ANALYST.name, "sue", "lin"]


def test_the_auditor_verifies_the_chain(sqlite: Ledger) -> None:
    county(sqlite)
    assert verify_audit(sqlite, AUDITOR).faults == ()
    with pytest.raises(NotFound):
        verify_audit(sqlite, SUE)
    with writing(sqlite) as connection:
        connection.execute(text("DROP TRIGGER audit_no_update"))
        connection.execute(text("UPDATE audit SET who = 'else' WHERE seq = 1"))
    (fault,) = verify_audit(sqlite, AUDITOR).faults
    assert (fault.seq, fault.kind) == (1, "edited")
    assert log(sqlite, "audit.verified")[-1].details == '{"faults":[[1,"edited"]]}'


def shown(
    ledger: Ledger, who: Officer, case_id: str, reveal_id: str, entity: str, *actions: str
) -> None:
    """Write what a reveal leaves in the ledger."""
    at = ledger.clock()
    row = {
        **{"reveal_id": reveal_id, "case_id": case_id, "day": "2026-03-02", "state": "open"},
        **{"entity_type": "person", "entity_id": entity, "fields": "identity", "text": "t"},
        **{"reason": "contact", "at": at.isoformat(), "who": who.name, "role": who.role},
    }
    with writing(ledger) as connection:
        connection.execute(insert(reveals), row)
        for action in actions:
            append(
                connection, who, at=at, action=action, object_class="identity", object=reveal_id,
                case_id=case_id, count=1, purpose="contact: t",
            )  # fmt: skip


def test_a_search_takes_every_field_and_turns_pages_that_stand_still(ledger: Ledger) -> None:
    county(ledger)
    for _ in range(PAGE + 5):
        list_leads(ledger, SUE)
    every = search_audit(ledger, AUDITOR, Filter())
    assert [row.seq for row in every.rows] == list(range(every.upto, every.upto - PAGE, -1))
    assert every.pages == 2
    list_leads(ledger, SUE)
    second = search_audit(ledger, AUDITOR, Filter(), page=2, upto=every.upto)
    assert [*every.rows, *second.rows][-1].seq == 1
    assert len({row.seq for row in (*every.rows, *second.rows)}) == every.total == every.upto
    assert search_audit(ledger, AUDITOR, Filter(), page=99, upto=every.upto).number == 2
    assert {"sue", ANALYST.name} <= set(every.people)
    for asked, wanted in (
        (Filter(who="sue"), {"lead.listed"}),
        (Filter(action="lead.taken_in"), {"lead.taken_in"}),
        (Filter(action="lead", who=ANALYST.name), {"lead.taken_in"}),
        (Filter(action="lead", who="sue"), {"lead.listed"}),
        (Filter(action="lea"), set()),
        (Filter(object_class="run"), {"lead.taken_in"}),
        (Filter(object="nothing of that name"), set()),
    ):
        assert {row.action for row in search_audit(ledger, AUDITOR, asked).rows} == wanted


def test_days_are_those_of_china(ledger: Ledger, clock: Clock) -> None:
    clock.now = datetime(2026, 3, 1, 15, 59, tzinfo=UTC)  # 23:59 of the first in China
    list_leads(ledger, SUE)
    clock.now = datetime(2026, 3, 1, 16, 1, tzinfo=UTC)
    list_leads(ledger, LIN)
    first, second = date(2026, 3, 1), date(2026, 3, 2)
    of = {
        days: [row.who for row in search_audit(ledger, AUDITOR, Filter(first=a, last=b)).rows]
        for days, a, b in (("first", first, first), ("second", second, second))
    }
    assert of["first"] == ["sue"]
    assert of["second"][-1] == "lin"
    with pytest.raises(Refused, match="2026-03-02 to 2026-03-01"):
        search_audit(ledger, AUDITOR, Filter(first=second, last=first))


def test_others_search_their_own_rows_and_learn_no_other_name(ledger: Ledger) -> None:
    county(ledger)
    list_leads(ledger, SUE)
    found = search_audit(ledger, SUE, Filter())
    assert {row.who for row in found.rows} == set(found.people) == {"sue"}
    assert search_audit(ledger, SUE, Filter(who=ANALYST.name)).total == 0
    for call in (
        lambda: search_audit(ledger, officer("adm", "administrator"), Filter()),
        lambda: who_saw(ledger, SUE, entity="p1"),
        lambda: export_audit(ledger, SUE, Filter()),
    ):
        with pytest.raises(NotFound):
            call()


def test_who_saw_a_person_and_who_saw_anybody_of_a_case(ledger: Ledger) -> None:
    county(ledger)
    mine = case(ledger).case_id
    shown(ledger, INES, mine, "I-1", "p1", "identity.asked", "identity.revealed")
    shown(ledger, SUE, mine, "I-2", "p2", "identity.revealed")
    with writing(ledger) as connection:
        append(
            connection, SUE, at=ledger.clock(), action="identity.masked", object_class="identity",
            object="members", case_id=mine, count=2,
        )  # fmt: skip
    list_reveals(ledger, INES, case=mine)
    person = who_saw(ledger, AUDITOR, entity="p1")
    assert [(one.row.who, one.row.action, one.entity) for one in person] == [
        ("ines", "identity.asked", ("person", "p1")),
        ("ines", "identity.revealed", ("person", "p1")),
        ("sue", "identity.masked", None),
    ]
    assert {one.fields for one in person[:2]} == {"identity"}
    whole = who_saw(ledger, AUDITOR, case_id=mine)
    assert [one.row.who for one in whole] == ["ines", "ines", "sue", "sue"]
    assert who_saw(ledger, AUDITOR, entity="p1", case_id="K-other") == []
    assert who_saw(ledger, AUDITOR, entity="p9") == []
    with pytest.raises(Refused, match="name a member"):
        who_saw(ledger, AUDITOR, entity=" ", case_id="")
    told = [details(row).get("entity") for row in log(ledger, "audit.sights_read")]
    assert told == ["p1", None, None, None], "what is nobody's key stays out of the log"


def test_an_extract_is_in_the_log_before_it_is_handed_out(sqlite: Ledger) -> None:
    county(sqlite)
    runs = officer("=cmd", "supervisor", UNIT)
    list_leads(sqlite, runs)
    made = export_audit(sqlite, AUDITOR, Filter(action="lead"))
    (row,) = log(sqlite, "audit.exported")
    assert row.export_hash == made.sha256 == hashlib.sha256(made.content).hexdigest()
    assert (row.object, row.count) == (made.name, made.rows)
    assert json.loads(row.details) == {"filter": {"action": "lead"}}
    table = list(csv.DictReader(io.StringIO(made.content.decode("utf-8-sig"))))
    assert [one["action"] for one in table] == ["lead.taken_in", "lead.listed"]
    assert table[-1]["who"] == "'=cmd", "no spreadsheet runs a name"
    with pytest.raises(Refused, match="no rows fit"):
        export_audit(sqlite, AUDITOR, Filter(object="nothing"))


def test_what_fits_nothing_is_not_written_into_the_log(sqlite: Ledger) -> None:
    search_audit(sqlite, AUDITOR, Filter(object="张三丰", case_id="9901011968"))
    (row,) = log(sqlite, "audit.read")
    assert json.loads(row.details)["filter"] == ["case_id", "object"]
