"""How single values are read: what is a reject, what is a flag, and on which line."""

import random
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from app.summaries import _remarks
from ingest.mapping import plain
from ingest.rules import FLAG_REASONS, REJECT_REASONS
from ingest.tables import TABLES
from ingest.texts import catalogue
from tests.ingest.extracts import (
    by_id,
    flags,
    load,
    rows_of,
    settlement,
    table,
    to_csv,
    write_extract,
)


def test_times_are_read_in_every_usual_form(tmp_path: Path) -> None:
    forms = {
        "2024-03-01 09:08:07": "2024-03-01 09:08:07",
        "2024-03-01T09:08:07": "2024-03-01 09:08:07",
        "2024-03-01T09:08:07.999": "2024-03-01 09:08:07",
        "2024-03-01T01:08:07Z": "2024-03-01 09:08:07",
        "2024-03-01T10:08:07+09:00": "2024-03-01 09:08:07",
        "2024/03/01 09:08:07": "2024-03-01 09:08:07",
        "2024/3/1 9:08": "2024-03-01 09:08:00",
        "20240301090807": "2024-03-01 09:08:07",
        "20240301": "2024-03-01 00:00:00",
        "2024-03-01": "2024-03-01 00:00:00",
        "2024年03月01日 09:08:07": "2024-03-01 09:08:07",
        " 2024-03-01 09:08:07\u3000": "2024-03-01 09:08:07",
    }
    rows = [settlement(n, psn_no=f"p{n}", setl_time=form) for n, form in enumerate(forms)]
    _, workspace = load(write_extract(tmp_path / "e", settlements=rows), tmp_path / "ws")
    read = {setl_id: str(row["setl_time"]) for setl_id, row in by_id(workspace).items()}
    assert read == {f"S{n}": expected for n, expected in enumerate(forms.values())}


def test_money_is_decimal_in_every_usual_form(tmp_path: Path) -> None:
    forms = {
        "12": "12.00",
        "12.5": "12.50",
        "1,234.50": "1234.50",
        "1，234，567.5": "1234567.50",
        "¥12.00": "12.00",
        "12.00元": "12.00",
        "1e2": "100.00",
        "0": "0.00",
    }
    rows = [settlement(n, psn_no=f"p{n}", medfee_sumamt=form) for n, form in enumerate(forms)]
    _, workspace = load(write_extract(tmp_path / "e", settlements=rows), tmp_path / "ws")
    read = {setl_id: row["medfee_sumamt"] for setl_id, row in by_id(workspace).items()}
    assert read == {f"S{n}": Decimal(expected) for n, expected in enumerate(forms.values())}


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("psn_no", "", "missing"),
        ("psn_no", "  ", "missing"),
        ("psn_no", "无", "placeholder"),
        ("psn_no", "NULL", "placeholder"),
        ("psn_no", "0000000000", "placeholder"),
        ("fixmedins_code", "P00000000000", "placeholder"),
        ("setl_id", "-", "placeholder"),
        ("setl_time", "2024-02-30 10:00:00", "not_a_timestamp"),
        ("setl_time", "soon", "not_a_timestamp"),
        ("setl_time", "0204-03-01 10:00:00", "time_out_of_range"),
        ("setl_time", "9999-12-31", "time_out_of_range"),
        ("setl_time", "infinity", "time_out_of_range"),
        ("medfee_sumamt", "12,34", "not_money"),
        ("medfee_sumamt", "twelve", "not_money"),
        ("medfee_sumamt", "99999999999999999999", "not_money"),
        ("fund_pay_sumamt", "nan", "placeholder"),
    ],
)
def test_a_required_value_that_is_none_rejects_its_row_only(
    field: str, value: str, reason: str, tmp_path: Path
) -> None:
    rows = [settlement(1), settlement(2) | {field: value}, settlement(3)]
    manifest, workspace = load(write_extract(tmp_path / "e", settlements=rows), tmp_path / "ws")
    (reject,) = rows_of(workspace.rejects)
    assert reject == {
        "table": "settlements",
        "file": "settlements.csv",
        "line": 3,
        "row": None,
        "field": field,
        "value": value.strip() or None,
        "reason": reason,
    }
    assert sorted(by_id(workspace)) == ["S1", "S3"]
    assert [(r.field, r.reason, r.rows) for r in manifest.rejects] == [(field, reason, 1)]
    (first,) = manifest.rejects
    assert (first.file, first.line, first.value) == ("settlements.csv", 3, reject["value"])


def test_the_first_rejected_row_of_a_reason_is_told(tmp_path: Path) -> None:
    (tmp_path / "e" / "settlements").mkdir(parents=True)
    first = [settlement(1), settlement(2, setl_time="soon"), settlement(3, setl_time="never")]
    second = [settlement(4, setl_time="late"), settlement(5, psn_no="")]
    for name, text in (("a", to_csv(first)), ("b", to_csv(second) + "too,short\n")):
        (tmp_path / "e" / "settlements" / f"{name}.csv").write_text(text, "utf-8")
    manifest, _ = load(tmp_path / "e", tmp_path / "ws")
    assert {(r.reason, r.rows, r.file, r.line, r.value) for r in manifest.rejects} == {
        ("not_a_timestamp", 3, "settlements/a.csv", 3, "soon"),
        ("missing", 1, "settlements/b.csv", 3, None),
        ("wrong_field_count", 1, "settlements/b.csv", 4, "2 of 12"),
    }
    told = "\n".join(_remarks(asdict(manifest), "en"))
    assert "3 rejected (not a time; the first at settlements/a.csv:3 = soon)" in told
    assert "(a required field is empty; the first at settlements/b.csv:3)" in told
    assert "than the header; the first at settlements/b.csv:4)" in told


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("blank", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_lines_are_those_an_editor_shows(
    newline: str, blank: bool, encoding: str, tmp_path: Path
) -> None:
    lines = to_csv([settlement(n, psn_no=f"p{n}", dise_no="高") for n in range(8)]).splitlines()
    lines[2] = lines[2].replace("高", '"一\n二, ""三"""').replace("\n", newline)
    lines[4] = lines[4].replace("100.00", "x")
    lines[5] = "just,three,fields"
    lines[7] = lines[7] + ",more"
    lines[8] = lines[8].replace("2024", "20x4")
    if blank:
        lines.insert(2, "")
    text = newline.join(lines) + newline
    extract = write_extract(tmp_path / "e", settlements=text.encode(encoding))
    manifest, workspace = load(extract, tmp_path / "ws")
    shown = text.replace("\r\n", "\n").split("\n")
    expected = {
        (shown.index(lines[4 + blank].replace("\r\n", "\n")) + 1, "not_money"),
        (shown.index("just,three,fields") + 1, "wrong_field_count"),
        (shown.index(lines[7 + blank]) + 1, "wrong_field_count"),
        (shown.index(lines[8 + blank]) + 1, "not_a_timestamp"),
    }
    assert {(row["line"], row["reason"]) for row in rows_of(workspace.rejects)} == expected
    count = manifest.totals["settlements"]
    assert (count.rows_in, count.rejected, count.kept) == (8, 4, 4)


def test_malformed_lines_give_away_no_value(tmp_path: Path) -> None:
    text = to_csv([settlement(1), settlement(2)]) + "13912345678,张三\n"
    _, workspace = load(write_extract(tmp_path / "e", settlements=text), tmp_path / "ws")
    (reject,) = rows_of(workspace.rejects)
    assert reject["value"] == "2 of 12"


def test_rejects_of_parquet_name_the_row(tmp_path: Path) -> None:
    (tmp_path / "e").mkdir()
    (tmp_path / "s.csv").write_text(
        to_csv([settlement(1), settlement(2, psn_no=""), settlement(3)])
    )
    duckdb.connect().execute(
        f"COPY (FROM read_csv('{tmp_path / 's.csv'}', all_varchar=true)) "
        f"TO '{tmp_path / 'e' / 'settlements.parquet'}' (FORMAT parquet)"
    )
    _, workspace = load(tmp_path / "e", tmp_path / "ws")
    (reject,) = rows_of(workspace.rejects)
    assert (reject["line"], reject["row"], reject["field"]) == (None, 2, "psn_no")


def test_optional_values_that_cannot_be_read_are_flagged_and_missing(tmp_path: Path) -> None:
    rows = [
        settlement(1, acct_pay="much", begndate="2024-13-01", dr_code="无", refd_setl_flag="maybe"),
        settlement(2, acct_pay="null", enddate="9999-12-31", dr_code="D000000000000"),
        settlement(3, acct_pay="3.00", begndate="2024/03/01", dr_code="D320102000001"),
    ]
    manifest, workspace = load(write_extract(tmp_path / "e", settlements=rows), tmp_path / "ws")
    clean = by_id(workspace)
    assert [clean[f"S{n}"]["acct_pay"] for n in (1, 2, 3)] == [None, None, Decimal("3.00")]
    assert [clean[f"S{n}"]["dr_code"] for n in (1, 2, 3)] == [None, None, "D320102000001"]
    assert str(clean["S3"]["begndate"]) == "2024-03-01"
    assert flags(manifest) == {
        ("settlements", "acct_pay", "not_money"): 1,
        ("settlements", "acct_pay", "placeholder"): 1,
        ("settlements", "begndate", "not_a_date"): 1,
        ("settlements", "dr_code", "placeholder"): 2,
        ("settlements", "enddate", "time_out_of_range"): 1,
        ("settlements", "refd_setl_flag", "not_a_flag"): 1,
    }


def test_codes_that_went_through_a_spreadsheet_are_mended(tmp_path: Path) -> None:
    rows = [
        settlement(1, mdtrt_cert_type="1", med_type="11.0", setl_type="02", psn_no="'32010001"),
        settlement(2, mdtrt_cert_type="01", med_type="11", setl_type="2", psn_no="32010001"),
        settlement(3, mdtrt_cert_type="1.0", med_type="11", setl_type="2.0", psn_no="32010001.0"),
    ]
    _, workspace = load(write_extract(tmp_path / "e", settlements=rows), tmp_path / "ws")
    read = {
        (row["mdtrt_cert_type"], row["med_type"], row["setl_type"], row["psn_no"])
        for row in table(workspace)
    }
    assert read == {("01", "11", "2", "32010001")}
    assert len({row["card_id"] for row in table(workspace)}) == 1


def test_odd_formats_are_flagged_and_kept_with_masked_examples(tmp_path: Path) -> None:
    persons = [
        {"psn_no": "p1", "certno": "11010519491231002X", "mob": "13912345678"},
        {"psn_no": "p2", "certno": "110105194912310021", "mob": "66112233"},
        {"psn_no": "p3", "certno": "11010519491331002X", "mob": "+86 139-1234-5678"},
    ]
    providers = [{"fixmedins_code": "P32010200001", "lnt": "0", "lat": "0"}]
    rows = [settlement(1, fixmedins_code="X1"), settlement(2, insu_admdvs="32010")]
    extract = write_extract(tmp_path / "e", settlements=rows, persons=persons, providers=providers)
    manifest, workspace = load(extract, tmp_path / "ws")
    assert flags(manifest) == {
        ("settlements", "fixmedins_code", "code_format"): 1,
        ("settlements", "insu_admdvs", "code_format"): 1,
        ("persons", "certno", "certificate_check_digit"): 2,
        ("persons", "mob", "code_format"): 1,
        ("providers", "lnt", "outside_china"): 1,
    }
    shown = {flag.field: flag.example for flag in manifest.flags if flag.table == "persons"}
    assert shown == {"certno": "1***********", "mob": "6*******"}
    people = {row["psn_no"]: row for row in table(workspace, "persons")}
    assert people["p1"]["mob"] == people["p3"]["mob"] != people["p2"]["mob"]


def test_every_reason_and_switch_has_its_words() -> None:
    texts = catalogue()
    keys = {f"reject.{reason}" for reason in REJECT_REASONS}
    keys |= {f"flag.{reason}" for reason in FLAG_REASONS}
    keys |= {f"enables.{key}" for table in TABLES.values() for key in table.enables}
    keys |= {f"stage.{stage}" for stage in ("fingerprint", "read", "clean", "write")}
    assert keys <= set(texts)


def test_no_required_column_is_restricted() -> None:
    """Rejected values of required columns are shown as they are."""
    assert not [
        (table.name, column.name)
        for table in TABLES.values()
        for column in table.columns
        if column.required and column.restricted
    ]


def test_declared_names_are_plain() -> None:
    assert all(plain(c.name) == c.name for table in TABLES.values() for c in table.columns)


@pytest.mark.slow
def test_lines_are_right_in_a_file_that_several_threads_read(tmp_path: Path) -> None:
    chance = random.Random(5)  # noqa: S311 - a test world, not a secret
    lines = ["setl_id,psn_no,fixmedins_code,setl_time,medfee_sumamt,fund_pay_sumamt,dise_no"]
    expected = set()
    line = 2
    for number in range(300_000):
        draw = chance.random()
        person, money, note, more = f"p{number % 999}", "100.00", "x" * 40, ""
        if draw < 0.2:
            note = '"two\n""lines"""'
        if number % 37 == 0:
            money = "bad"
            expected.add((line, "not_money"))
        elif number % 41 == 0:
            person = ""
            expected.add((line, "missing"))
        elif number % 43 == 0:
            more = ",more"
            expected.add((line, "wrong_field_count"))
        lines.append(f"S{number},{person},P1,2024-03-01 09:00:00,{money},60.00,{note}{more}")
        line += 1 + note.count("\n")
        if number % 997 == 0:
            lines.append("")
            line += 1
    extract = write_extract(tmp_path / "e", settlements="\n".join(lines) + "\n")
    manifest, workspace = load(extract, tmp_path / "ws", threads=2)
    assert {(row["line"], row["reason"]) for row in rows_of(workspace.rejects)} == expected
    count = manifest.totals["settlements"]
    assert (count.rows_in, count.rejected) == (300_000, len(expected))
