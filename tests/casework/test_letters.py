"""The letter to the other area: addressed, by key, of no person, the same bytes again."""

import pytest
from pyarrow import parquet

from casework.issuing import Wanted, list_papers, read_paper
from casework.ledger import Ledger
from casework.letters import issue_letter, letter_areas
from casework.ordering import Order, lacking
from casework.paper_lacks import sentence
from casework.rights import NotFound, Refused
from tests.app.sample import POOL_PEOPLE
from tests.casework.office import INES, IVO, LIN, OTHER, SUE, case, log, officer
from tests.casework.paper_county import POOL, elsewhere, taken_in
from tests.casework.test_reports import FORBIDDEN, text_of

AREA = "320500"
WANTED = Wanted(language="zh", purpose="异地核查")


def test_the_letter_is_to_one_area_and_names_its_settlements_by_key(ledger: Ledger) -> None:
    taken_in(ledger)
    keys = elsewhere(ledger.workspace)
    key = case(ledger, POOL).case_id
    assert letter_areas(ledger, INES, key) == {AREA: len(keys)}
    made, file = issue_letter(ledger, INES, key, WANTED)
    assert (made.kind, made.subject, made.unit) == ("letter", key, SUE.unit)
    said = text_of(file)
    assert f"{AREA}统筹区" in said
    assert all(one in said for one in keys)
    assert [word for word in FORBIDDEN if word in said] == []
    assert not any(person in said for person in POOL_PEOPLE), "people are pseudonyms"
    lead = log(ledger, "lead.assigned")[-1].object
    assert lead not in said, "the other area learns nothing of the lead"
    assert POOL not in said
    named = parquet.read_table(ledger.workspace.table("persons"), columns=["psn_no", "person_id"])
    coded = dict(zip(named["psn_no"].to_pylist(), named["person_id"].to_pylist(), strict=True))
    assert any(coded[one] in said for one in POOL_PEOPLE)
    row = log(ledger, "paper.issued")[-1]
    assert (row.case_id, row.export_hash, row.purpose) == (key, made.sha256, "异地核查")
    # Once more: the same number and bytes, also for a colleague and by what was kept.
    assert issue_letter(ledger, IVO, key, WANTED, area=AREA) == (made, file)
    assert read_paper(ledger, SUE, made.paper_id)[1] == file
    assert [one.kind for one in list_papers(ledger, INES)] == ["letter"]


def test_an_area_that_is_none_of_the_case_is_refused(sqlite: Ledger) -> None:
    taken_in(sqlite)
    key = case(sqlite, POOL).case_id
    order = Order(kind="letter", wanted=WANTED, key=key)
    assert letter_areas(sqlite, INES, key) == {}
    (lack,) = lacking(order, ledger=sqlite, officer=INES)
    assert (lack.name, lack.blocks) == ("no_other_area", True)
    assert "no other area to write to" in sentence(lack, "en")
    with pytest.raises(Refused, match="No letter of case"):
        issue_letter(sqlite, INES, key, WANTED)
    elsewhere(sqlite.workspace)
    assert lacking(order, ledger=sqlite, officer=INES) == ()
    with pytest.raises(Refused, match=f"these other areas: {AREA}"):
        issue_letter(sqlite, INES, key, WANTED, area="110100")


def test_people_insured_elsewhere_concern_their_area_too(sqlite: Ledger) -> None:
    taken_in(sqlite)
    keys = elsewhere(sqlite.workspace)
    path = sqlite.workspace.table("settlements")
    table = parquet.read_table(path)
    moved = [
        "440300" if one == keys[0] else area
        for one, area in zip(
            table["setl_id"].to_pylist(), table["insu_admdvs"].to_pylist(), strict=True
        )
    ]
    index = table.schema.get_field_index("insu_admdvs")
    parquet.write_table(table.set_column(index, "insu_admdvs", [moved]), path)
    key = case(sqlite, POOL).case_id
    assert letter_areas(sqlite, INES, key) == {AREA: len(keys), "440300": 1}
    said = text_of(issue_letter(sqlite, INES, key, Wanted(language="en"), area="440300")[1])
    assert "insuredthere" in said
    assert keys[0] in said
    assert not any(one in said for one in keys[1:])


def test_it_is_held_to_the_case(sqlite: Ledger) -> None:
    taken_in(sqlite)
    elsewhere(sqlite.workspace)
    key = case(sqlite, POOL).case_id
    for who in (LIN, officer("ida", "investigator"), officer("sid", "supervisor", OTHER)):
        with pytest.raises(NotFound):
            issue_letter(sqlite, who, key, WANTED)
        with pytest.raises(NotFound):
            letter_areas(sqlite, who, key)
