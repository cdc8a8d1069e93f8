"""Who reads what of the audit log: the auditor all of it, others what they did themselves."""

import pytest
from sqlalchemy import text

from casework.audit_reading import read_audit, verify_audit
from casework.leads import list_leads, read_lead
from casework.ledger import Ledger, writing
from casework.rights import NotFound
from tests.casework.office import ANALYST, INES, LIN, SUE, UNIT, county, lead_of, log, officer

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
