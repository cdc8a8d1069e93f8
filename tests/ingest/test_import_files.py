"""What may be handed over: shapes of files, encodings, names of columns, and what is refused."""

# ruff: noqa: S608 - queries over files of the test

import gzip
from pathlib import Path

import duckdb
import pytest

from ingest.errors import InputError, RingfenceError
from tests.ingest.extracts import flags, load, rows_of, settlement, table, to_csv, write_extract

THREE = [settlement(number, psn_no=f"3201{number}", dise_no="高血压") for number in range(1, 4)]


def clean_bytes(root: Path) -> bytes:
    return (root / "tables" / "settlements.parquet").read_bytes()


@pytest.fixture
def expected(tmp_path: Path) -> bytes:
    """The clean settlements of three rows delivered as one plain UTF-8 file."""
    _, workspace = load(write_extract(tmp_path / "plain", settlements=THREE), tmp_path / "first")
    return clean_bytes(with_same_key(workspace.root))


def with_same_key(root: Path) -> Path:
    """Keep the key for the next workspace of the test, so that pseudonyms agree."""
    (root.parent / "key").write_bytes((root / "restricted.key").read_bytes())
    return root


@pytest.fixture
def again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected: bytes) -> Path:
    """A second workspace with the key of the first."""
    assert expected
    monkeypatch.setenv("RINGFENCE_KEY_FILE", str(tmp_path / "key"))
    return tmp_path / "second"


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("gb18030"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r\n", 2).encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: text.removesuffix("\n").encode(),
        lambda text: text.replace("\n", "\n\n").encode(),
        lambda text: text.replace(",", "\t").encode(),
        lambda text: text.replace(",", "|").encode("gb18030"),
    ],
    ids=[
        "bom",
        "gb18030",
        "crlf",
        "mixed-ends",
        "cr",
        "no-last-end",
        "blank-lines",
        "tabs",
        "bars",
    ],
)
def test_every_way_of_writing_a_csv_gives_the_same_table(
    encode, expected: bytes, again: Path, tmp_path: Path
) -> None:
    extract = write_extract(tmp_path / "other", settlements=encode(to_csv(THREE)))
    load(extract, again)
    assert clean_bytes(again) == expected


def test_gzip_parquet_single_file_and_folder_give_the_same_table(
    expected: bytes, again: Path, tmp_path: Path
) -> None:
    text = to_csv(THREE)
    packed = tmp_path / "packed"
    packed.mkdir()
    (packed / "Settlements.CSV.gz").write_bytes(gzip.compress(text.encode("gb18030")))
    single = tmp_path / "march.csv"
    single.write_text(text, "utf-8")
    typed = tmp_path / "typed"
    typed.mkdir()
    plain = str(tmp_path / "plain" / "settlements.csv")
    duckdb.connect().execute(
        "COPY (SELECT * REPLACE (setl_time::TIMESTAMP AS setl_time, medfee_sumamt::DOUBLE AS "
        f"medfee_sumamt, vali_flag::INT AS vali_flag) FROM read_csv('{plain}', all_varchar=true)) "
        f"TO '{typed / 'settlements.parquet'}' (FORMAT parquet)"
    )
    parts = tmp_path / "parts" / "settlements"
    parts.mkdir(parents=True)
    lines = text.splitlines(keepends=True)
    (parts / "2.csv").write_bytes((lines[0] + lines[1]).encode("gb18030"))
    (parts / "1.csv").write_bytes((lines[0] + "".join(lines[2:])).encode())
    for extract in (packed, single, typed, parts.parent):
        load(extract, again)
        assert clean_bytes(again) == expected, extract


def test_aware_parquet_times_become_local_times(tmp_path: Path) -> None:
    extract = tmp_path / "extract"
    extract.mkdir()
    (tmp_path / "s.csv").write_text(to_csv([settlement(1)]))
    duckdb.connect().execute(
        "COPY (SELECT * REPLACE (make_timestamptz(1709254800000000) AS setl_time) FROM "
        f"read_csv('{tmp_path / 's.csv'}', all_varchar=true)) "
        f"TO '{extract / 'settlements.parquet'}' (FORMAT parquet)"
    )
    _, workspace = load(extract, tmp_path / "ws")
    assert str(table(workspace)[0]["setl_time"]) == "2024-03-01 09:00:00"


def test_headers_may_be_padded_quoted_or_in_capitals(tmp_path: Path) -> None:
    text = to_csv(THREE).replace("setl_id,psn_no", '" SETL_ID ",\u3000Psn_No\u3000', 1)
    _, workspace = load(write_extract(tmp_path / "e", settlements=text), tmp_path / "ws")
    assert [row["psn_no"] for row in table(workspace)] == ["32011", "32012", "32013"]


def test_mapping_renames_local_columns(tmp_path: Path) -> None:
    text = to_csv(THREE).replace("psn_no", "人员编号", 1)
    extract = write_extract(tmp_path / "e", settlements=text.encode("gb18030"))
    (extract / "mapping.toml").write_text('[settlements]\n"人员编号" = "psn_no"\n', "utf-8")
    manifest, workspace = load(extract, tmp_path / "ws")
    assert [row["psn_no"] for row in table(workspace)] == ["32011", "32012", "32013"]
    assert manifest.parameters["mapping"] == {"settlements": {"人员编号": "psn_no"}}


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ('[settlements]\nx = "person"', ["x", "person", "no column of settlements"]),
        ('[claims]\nx = "psn_no"', ["claims", "settlements", "remove the section"]),
        ('[settlements]\na = "psn_no"\nb = "psn_no"', ["two local columns", "psn_no"]),
        ('[settlements]\nabsent = "dise_no"', ["absent", "no file of settlements"]),
        ('[settlements]\nopter_id = "psn_no"', ["psn_no", "opter_id", "both stand for"]),
        ("[settlements", ["mapping.toml", "TOML"]),
        ("settlements = 3", ["settlements", "must hold lines"]),
    ],
)
def test_a_wrong_mapping_is_refused(mapping: str, words: list[str], tmp_path: Path) -> None:
    extract = write_extract(tmp_path / "e", settlements=THREE)
    (extract / "mapping.toml").write_text(mapping)
    assert_refused(extract, tmp_path / "ws", *words)


def test_extra_columns_are_kept_aside_and_named(tmp_path: Path) -> None:
    rows = [settlement(n, 备注=f"电话{n}", Note="a", note="b") for n in (2, 1)]
    manifest, workspace = load(write_extract(tmp_path / "e", settlements=rows), tmp_path / "ws")
    assert manifest.extra_columns == {"settlements": ("Note", "备注")}
    kept = rows_of(workspace.restricted / "extra" / "settlements.parquet")
    assert [(row["setl_id"], row["extra_备注"]) for row in kept] == [
        ("S1", "电话1"),
        ("S2", "电话2"),
    ]
    assert "备注" not in table(workspace)[0]


def test_missing_tables_switch_off_what_needs_them_by_name(tmp_path: Path) -> None:
    manifest, workspace = load(write_extract(tmp_path / "e", settlements=THREE), tmp_path / "ws")
    assert "persons" in manifest.missing_tables
    assert "family" in manifest.switched_off["persons"]
    assert len(table(workspace, "persons")) == 3
    assert not workspace.table("fee_list").exists()


def test_a_file_delivered_twice_is_read_once(tmp_path: Path) -> None:
    parts = tmp_path / "e" / "settlements"
    write_extract(parts, settlements=THREE)
    (parts / "copy.csv").write_bytes((parts / "settlements.csv").read_bytes())
    manifest, workspace = load(tmp_path / "e", tmp_path / "ws")
    assert len(table(workspace)) == 3
    assert [note.key for note in manifest.notes] == ["note.same_file", "note.starter_list"]


def test_files_of_no_table_and_empty_tables_are_noted(tmp_path: Path) -> None:
    extract = write_extract(tmp_path / "e", settlements=THREE, tips="tip_id,received\n")
    (extract / "remarks.xlsx").write_bytes(b"PK")
    manifest, _ = load(extract, tmp_path / "ws")
    noted = {(note.key, *note.values.values()) for note in manifest.notes}
    assert noted >= {("note.ignored_file", "remarks.xlsx"), ("note.empty_table", "tips")}
    assert "tips" in manifest.missing_tables


def test_missing_column_names_file_column_what_is_there_and_the_remedy(tmp_path: Path) -> None:
    text = to_csv(THREE).replace("psn_no", "person", 1)
    extract = write_extract(tmp_path / "e", settlements=text)
    assert_refused(extract, tmp_path / "ws", "settlements.csv", "psn_no", "person", "mapping.toml")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["settlements.csv", "empty"]),
        (to_csv(THREE).splitlines()[0].encode(), ["settlements.csv", "header and no row"]),
        (b"\n\n", ["settlements.csv", "empty line"]),
        (to_csv(THREE).encode("utf-16"), ["settlements.csv", "UTF-8"]),
        (to_csv(THREE).encode() + b"\xff\xff\xff\n", ["settlements.csv", "UTF-8 up to line 5"]),
        (to_csv(THREE).encode("gb18030") + b"\xff\n", ["settlements.csv", "line 5", "GB18030"]),
        (to_csv(THREE).encode()[:-2], ["settlements.csv", "UTF-8 up to line 4"]),
        (b"\xef\xbb\xbf" + to_csv([settlement(1)]).encode() + b"\xe9\n", ["UTF-8 up to line 3"]),
        (b"PK\x03\x04\x00\x00", ["settlements.csv", "byte"]),
        (
            to_csv(THREE).replace("S2,", '"S2,', 1).encode(),
            ["settlements.csv", "line 3", "quotation mark"],
        ),
        (
            to_csv([settlement(1, setl_time="yesterday")]).encode(),
            ["settlements.csv", "line 2", "setl_time is 'yesterday'", "not a time"],
        ),
        (
            to_csv(THREE).splitlines()[0].encode() + b"\na,b\n",
            ["settlements.csv", "line 2: the line has another number of fields"],
        ),
    ],
    ids=[
        "empty",
        "header",
        "blank",
        "utf-16",
        "broken",
        "broken-gb",
        "cut-character",
        "broken-bom",
        "zip",
        "open-quote",
        "all-rejected",
        "short-line",
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    content: bytes, words: list[str], tmp_path: Path
) -> None:
    extract = write_extract(tmp_path / "e", settlements=content)
    assert_refused(extract, tmp_path / "ws", *words)


@pytest.mark.parametrize("size", [0, 3, 200, -9])
def test_a_parquet_file_that_is_cut_off_is_refused(size: int, tmp_path: Path) -> None:
    extract = tmp_path / "e"
    extract.mkdir()
    (tmp_path / "s.csv").write_text(to_csv(THREE))
    whole = extract / "settlements.parquet"
    duckdb.connect().execute(
        f"COPY (FROM read_csv('{tmp_path / 's.csv'}')) TO '{whole}' (FORMAT parquet)"
    )
    whole.write_bytes(whole.read_bytes()[:size])
    assert_refused(extract, tmp_path / "ws", "settlements.parquet", "export it again")


def test_a_parquet_file_damaged_inside_is_refused(tmp_path: Path) -> None:
    extract = tmp_path / "e"
    extract.mkdir()
    (tmp_path / "s.csv").write_text(to_csv(settlement(n) for n in range(2000)))
    path = extract / "settlements.parquet"
    duckdb.connect().execute(
        f"COPY (FROM read_csv('{tmp_path / 's.csv'}')) TO '{path}' "
        "(FORMAT parquet, COMPRESSION zstd)"
    )
    data = bytearray(path.read_bytes())
    data[20:400] = bytes(380)
    path.write_bytes(bytes(data))
    assert_refused(extract, tmp_path / "ws", "settlements.parquet", "export it again")


def test_a_gzip_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    extract = tmp_path / "e"
    extract.mkdir()
    whole = gzip.compress(to_csv(settlement(n) for n in range(500)).encode())
    (extract / "settlements.csv.gz").write_bytes(whole[: len(whole) // 2])
    assert_refused(extract, tmp_path / "ws", "settlements.csv.gz", "cut off")


def test_what_is_no_extract_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert_refused(empty, tmp_path / "ws", "empty", "no settlements")
    assert_refused(tmp_path / "absent", tmp_path / "ws", "does not exist")
    (tmp_path / "x.txt").write_text("x")
    assert_refused(tmp_path / "x.txt", tmp_path / "ws", "x.txt", "no table file")
    twice = write_extract(tmp_path / "twice", settlements=THREE)
    write_extract(twice / "settlements", settlements=THREE)
    assert_refused(twice, tmp_path / "ws", "settlements", "twice")
    (empty / "settlements").mkdir()
    assert_refused(empty, tmp_path / "ws", "settlements/", "no .csv")


def test_a_last_line_cut_off_is_a_reject_and_the_rest_is_kept(tmp_path: Path) -> None:
    text = to_csv(THREE)
    for cut, reason in ((text[:-40], "wrong_field_count"), (text + '"S4,3201', "broken_quote")):
        manifest, workspace = load(
            write_extract(tmp_path / reason, settlements=cut), tmp_path / "ws"
        )
        (reject,) = rows_of(workspace.rejects)
        assert (reject["reason"], reject["file"]) == (reason, "settlements.csv")
        assert reject["line"] == len(cut.splitlines())
        assert manifest.totals["settlements"].rejected == 1


def test_memory_that_is_none_is_refused_in_words(tmp_path: Path) -> None:
    extract = write_extract(tmp_path / "e", settlements=THREE)
    with pytest.raises(RingfenceError, match="much"):
        load(extract, tmp_path / "ws", memory="much")


def test_flag_of_an_unknown_settlement(tmp_path: Path) -> None:
    lines = [{"setl_id": f"S{n}", "med_list_codg": "XA"} for n in (1, 9)]
    extract = write_extract(tmp_path / "e", settlements=THREE, fee_list=lines)
    manifest, workspace = load(extract, tmp_path / "ws")
    assert flags(manifest)["fee_list", "setl_id", "unknown_settlement"] == 1
    assert len(table(workspace, "fee_list")) == 2


def assert_refused(extract: Path, root: Path, *words: str) -> None:
    """The import fails with one sentence that holds the words, and leaves no table behind."""
    with pytest.raises(InputError) as caught:
        load(extract, root)
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message
    assert not (root / "tables").exists()
    assert not list((root / ".imports").glob("*")) if (root / ".imports").exists() else True
