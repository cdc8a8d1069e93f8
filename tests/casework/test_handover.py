"""Hand-over: each authority gets what it needs and nothing more, and only a case decided for it."""

import hashlib
import io
import json
import zipfile
from dataclasses import replace

import pytest

from casework.cases import assign_case, open_case
from casework.handover import NEEDS, hand_over
from casework.issuing import Wanted, read_paper
from casework.ledger import Ledger
from casework.rights import NotFound, Refused
from casework.workflow import EVIDENCE, PAPERS
from tests.casework.office import INES, LEO, LIN, SUE, attach, case, details, go, lead_of, log
from tests.casework.paper_county import INSIDE, POOL, taken_in

WANTED = Wanted(language="zh", purpose="移送")


def decided(ledger: Ledger, choice: str) -> str:
    """A case of the pool with that decision, and every kind of evidence in its file."""
    taken_in(ledger)
    opened = case(ledger, POOL)
    attach(ledger, INES, opened.case_id, "statement", "stock_book")
    go(ledger, opened.case_id, "file", "begin", "conclude", "notify", "decide", choice=choice)
    return opened.case_id


def names(file: bytes) -> set[str]:
    with zipfile.ZipFile(io.BytesIO(file)) as package:
        return set(package.namelist())


def text(file: bytes) -> str:
    """All tables of a package as one text."""
    with zipfile.ZipFile(io.BytesIO(file)) as package:
        parts = [name for name in package.namelist() if name.endswith(".csv")]
        return "\n".join(package.read(name).decode("utf-8-sig") for name in parts)


def test_the_police_package_holds_its_papers_data_and_report(ledger: Ledger) -> None:
    key = decided(ledger, "transfer_justice")
    made, file = hand_over(ledger, SUE, key, "police", WANTED)
    assert hashlib.sha256(file).hexdigest() == made.sha256
    held = names(file)
    for kind in ("transfer_letter", "investigation_report", "statement", "stock_book"):
        assert any(name.endswith(f"-{kind}.pdf") for name in held), kind
    assert not any("legal_review" in name or "check_record" in name for name in held)
    for table in ("settlements", "members", "objects"):
        assert f"data/{POOL}-{table}.csv" in held
    assert f"reports/{POOL}.pdf" in held
    with zipfile.ZipFile(io.BytesIO(file)) as package:
        listed = json.loads(package.read("manifest.json"))["files"]
        assert {one["file"] for one in listed} == held - {"00-list.pdf", "manifest.json"}
        for one in listed:
            assert hashlib.sha256(package.read(one["file"])).hexdigest() == one["sha256"]
    (row,) = log(ledger, "case.handed_over")
    assert (row.export_hash, row.case_id, row.purpose) == (made.sha256, key, "移送")
    assert details(row)["authority"] == "police"
    assert hand_over(ledger, SUE, key, "police", WANTED)[1] == file
    assert read_paper(ledger, SUE, made.paper_id)[1] == file


@pytest.mark.parametrize("authority", ["market", "health"])
def test_regulators_get_no_persons_treatment(sqlite: Ledger, authority: str) -> None:
    key = decided(sqlite, "transfer")
    _, file = hand_over(sqlite, SUE, key, authority, WANTED)  # type: ignore[arg-type]
    held, told = names(file), text(file)
    assert not any("report" in name or "statement" in name for name in held)
    assert "P-" not in told.replace("P3301", "")
    assert not any("settlements" in name or "members" in name for name in held)
    assert any(name.endswith("-places.csv") for name in held)


def test_a_package_lacks_nothing_or_is_not_made(sqlite: Ledger) -> None:
    taken_in(sqlite)
    opened = case(sqlite, POOL)
    with pytest.raises(Refused, match=r"lacks the decision transfer_justice, transfer_letter"):
        hand_over(sqlite, SUE, opened.case_id, "police", WANTED)
    go(sqlite, opened.case_id, "file", "begin", "conclude", "notify", "decide", choice="transfer")
    with pytest.raises(Refused, match="the decision transfer_justice"):
        hand_over(sqlite, SUE, opened.case_id, "police", WANTED)
    with pytest.raises(Refused, match="a member of the agency's staff"):
        hand_over(sqlite, SUE, opened.case_id, "discipline", WANTED)
    with pytest.raises(Refused, match="'mayor' is no authority"):
        hand_over(sqlite, SUE, opened.case_id, "mayor", WANTED)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        hand_over(sqlite, INES, opened.case_id, "market", WANTED)
    assert log(sqlite, "case.handed_over") == []


def test_the_liaison_hands_over_what_nobody_else_sees(sqlite: Ledger) -> None:
    taken_in(sqlite)
    lead = lead_of(sqlite, LIN, INSIDE)
    opened = open_case(sqlite, LIN, {lead.lead_id: lead.revision}, title="An invented case")
    team = {"lin": "C-1", "lee": "C-2"}
    assign_case(sqlite, LIN, opened.case_id, to=team, revision=opened.revision)
    steps = ("file", "begin", "conclude", "notify", "decide")
    go(sqlite, opened.case_id, *steps, choice="transfer", drafter=LIN, approver=LEO)
    with pytest.raises(NotFound):
        hand_over(sqlite, SUE, opened.case_id, "discipline", WANTED)
    made, file = hand_over(
        sqlite, LEO, opened.case_id, "discipline", replace(WANTED, language="en")
    )
    assert f"reports/{INSIDE}.pdf" in names(file)
    assert made.recipient == "supervisory organ"


def test_the_table_of_needs_is_whole() -> None:
    for needs in NEEDS.values():
        assert set(needs.papers) | set(needs.further) <= {*PAPERS, *EVIDENCE}
        assert "transfer_letter" in needs.papers
