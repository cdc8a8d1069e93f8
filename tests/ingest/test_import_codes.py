"""Code tables of the agency: what they do not list is flagged by value and kept."""

from pathlib import Path

import pytest

from app.summaries import _remarks
from ingest.errors import InputError
from ingest.manifest import Manifest
from ingest.rules import CODED, RULES
from ingest.tables import TABLES
from tests.ingest.extracts import Row, load, rows_of, settlement, write_extract


def imported(
    tmp_path: Path, *rows: Row, codes: dict[str, str] | None = None, **tables: list[Row]
) -> Manifest:
    """Import rows beside code files."""
    extract = write_extract(tmp_path / "extract", settlements=rows, **tables)
    _codes(extract / "codes", codes or {})
    manifest, _ = load(extract, tmp_path / "w")
    return manifest


def _codes(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")


def flags(manifest: Manifest) -> dict[tuple[str, str, str, str | None], int]:
    return {
        (one.table, one.field, one.reason, one.example): one.rows
        for one in manifest.flags
        if one.reason.endswith("_code")
    }


LISTED = """code,name,valid_from,valid_to
41,药店购药,,
11,门诊,2020-01-01,2024-02-29
11,门诊,2024-03-02,
14,慢病,2024-03-01,2024-03-01
"""


def test_codes_are_flagged_by_value_and_day_and_every_row_is_kept(tmp_path: Path) -> None:
    rows = [
        settlement(1),
        settlement(2, med_type="99"),
        settlement(3, med_type="99"),
        settlement(4, med_type="98"),
        settlement(5, med_type="11", setl_time="2024-02-29 23:59:59"),
        settlement(6, med_type="11", setl_time="2024-03-01 00:00:00"),
        settlement(7, med_type="14", setl_time="2024-03-01 23:59:59"),
        settlement(8, med_type="14", setl_time="2024-03-02 00:00:00"),
        settlement(9, med_type=""),
    ]
    manifest = imported(tmp_path, *rows, codes={"med_type": LISTED})
    assert flags(manifest) == {
        ("settlements", "med_type", "unknown_code", "99"): 2,
        ("settlements", "med_type", "unknown_code", "98"): 1,
        ("settlements", "med_type", "expired_code", "11"): 1,
        ("settlements", "med_type", "expired_code", "14"): 1,
    }
    assert manifest.totals["settlements"].kept == len(rows)
    (note,) = [one for one in manifest.notes if one.key == "note.codes"]
    assert note.values == {"column": "med_type", "file": "codes/med_type.csv", "rows": 4}
    told = list(_remarks(_plain(manifest), "en"))
    assert any("settlements.med_type = 99" in line for line in told)


def _plain(manifest: Manifest) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(manifest)


def test_without_a_file_nothing_is_flagged(tmp_path: Path) -> None:
    assert flags(imported(tmp_path, settlement(1, med_type="99"))) == {}


def test_a_listed_code_is_read_as_its_column_is(tmp_path: Path) -> None:
    rows = [settlement(1, mdtrt_cert_type="1", setl_type="02")]
    codes = {"mdtrt_cert_type": "code\n1\n03\n", "setl_type": "code\n02\n"}
    assert flags(imported(tmp_path, *rows, codes=codes)) == {}


def test_a_row_without_a_day_is_asked_only_whether_its_code_is_listed(tmp_path: Path) -> None:
    drugs: list[Row] = [{"setl_id": "S1", "med_list_codg": code} for code in ("XA", "XB")]
    drugs.append({"setl_id": "S1", "med_list_codg": "XA", "fee_ocur_time": "2024-03-01 09:00:00"})
    listed = {"med_list_codg": "code,valid_to\nXA,2020-12-31\n"}
    assert flags(imported(tmp_path, settlement(1), codes=listed, fee_list=drugs)) == {
        ("fee_list", "med_list_codg", "unknown_code", "XB"): 1,
        ("fee_list", "med_list_codg", "expired_code", "XA"): 1,
    }


def test_very_many_unknown_codes_are_counted_together(tmp_path: Path) -> None:
    rows = [settlement(n, med_type=f"7{n:03}") for n in range(RULES.code_values + 5)]
    rows.append(settlement("x", med_type="7000"))
    found = flags(imported(tmp_path, *rows, codes={"med_type": LISTED}))
    assert len(found) == RULES.code_values + 1
    assert found["settlements", "med_type", "unknown_code", "7000"] == 2
    assert found["settlements", "med_type", "unknown_code", None] == 5


def test_the_extract_goes_before_the_workspace_and_a_change_imports_anew(tmp_path: Path) -> None:
    _codes(tmp_path / "w" / "codes", {"med_type": "code\n41\n", "gend": "code\n1\n2\n"})
    people: list[Row] = [{"psn_no": "32010001", "gend": "9"}]
    first = imported(tmp_path, settlement(1, med_type="99"), persons=people)
    assert set(flags(first)) == {
        ("settlements", "med_type", "unknown_code", "99"),
        ("persons", "gend", "unknown_code", "9"),
    }
    second = imported(
        tmp_path, settlement(1, med_type="99"), persons=people, codes={"med_type": "code\n99\n"}
    )
    assert second.import_id != first.import_id
    assert set(flags(second)) == {("persons", "gend", "unknown_code", "9")}
    assert rows_of(tmp_path / "w" / "flags.parquet")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"medtype": "code\n41\n"}, "named after 'medtype'"),
        ({"med_type": "code,name\n"}, "lists not one code"),
        ({"med_type": "kind\n41\n"}, "no column code; it has: kind. Name the column"),
    ],
)
def test_a_file_that_cannot_be_meant_so_is_named(
    tmp_path: Path, files: dict[str, str], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        imported(tmp_path, settlement(1), codes=files)


def test_codes_in_a_format_that_is_not_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "extract" / "codes").mkdir(parents=True)
    (tmp_path / "extract" / "codes" / "med_type.xlsx").write_bytes(b"PK")
    with pytest.raises(InputError, match=r"codes/med_type\.xlsx is no \.csv"):
        imported(tmp_path, settlement(1))


def test_coded_columns_are_declared_and_name_nobody() -> None:
    columns = {column.name: column for table in TABLES.values() for column in table.columns}
    assert set(CODED) <= set(columns)
    assert not [one for one in CODED if columns[one].restricted or columns[one].type != "str"]
