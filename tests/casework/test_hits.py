"""Motifs from Python in one import, and their rows in a file."""

import csv
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from casework.audit import entries
from casework.hits import Hits, run
from casework.ledger import open_ledger, reading
from casework.runs import find_run
from casework.runs import hits as hits_of
from detectors.hits_file import save
from detectors.motif import motif
from detectors.motif_template import template
from graph.load import load
from graph.store import Store
from ingest.errors import RingfenceError
from ingest.workspace import Workspace
from tests.detectors.test_motif_check import CROWD
from tests.world import write_world


@pytest.fixture(scope="module")
def crowd(shared_store: Store) -> Store:
    load(shared_store, write_world(CROWD, shared_store.workspace))
    shared_store.workspace.motifs.mkdir()
    own = shared_store.workspace.motifs / "crowded.cypher"
    own.write_text(template("crowded"), "utf-8")
    return shared_store


def test_a_motif_is_run_by_name_by_path_and_as_it_is(crowd: Store) -> None:
    path = crowd.workspace.motifs / "crowded.cypher"
    by_name = run("crowded", crowd, min_people=2)
    assert by_name.motif.name == "crowded"
    assert by_name.parameters == {"min_people": 2}
    assert by_name.columns == tuple(by_name.motif.columns)
    assert [row["people"] for row in by_name.rows] == [12]
    assert not by_name.truncated
    assert by_name.seconds > 0
    for named in (path, str(path), by_name.motif):
        assert run(named, crowd, min_people=2).rows == by_name.rows
    shipped = run("box_settled_twice", crowd)
    assert (shipped.rows, len(shipped)) == ([], 0)
    assert shipped.columns == tuple(motif("box_settled_twice").columns)
    with pytest.raises(AttributeError):
        by_name.rows = []  # type: ignore[misc]  # the object is frozen


def test_a_workspace_is_opened_and_closed(
    crowd: Store, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    environ = {}
    if crowd.flavour == "neo4j":
        environ = request.getfixturevalue("neo4j_server").environ
    for name in ("NEO4J_URI", "NEO4J_USER", "NEO4J_PASSWORD", "NEO4J_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    wanted = run("crowded", crowd).rows
    for graph in (crowd.workspace, crowd.workspace.root, str(crowd.workspace.root)):
        assert run("crowded", graph).rows == wanted


def test_what_is_asked_is_in_the_ledger_and_in_the_audit_log(crowd: Store) -> None:
    found = run("crowded", crowd, min_people=2, acts_as="wang")
    with pytest.raises(RingfenceError, match="takes no parameter 'min_persons'"):
        run("crowded", crowd, min_persons=3, acts_as="li")
    with open_ledger(crowd.workspace) as ledger, reading(ledger) as connection:
        kept = find_run(connection, found.run_id)
        rows = [hit.row for hit in hits_of(connection, found.run_id)]
        log = list(entries(connection))[-4:]
    assert (kept.who, kept.motif, kept.outcome, rows) == ("wang", "crowded", "answered", found.rows)
    assert [(entry.who, entry.action, entry.count) for entry in log] == [
        ("wang", "motif.asked", None), ("wang", "motif.answered", 1),
        ("li", "motif.asked", None), ("li", "motif.refused", None),
    ]  # fmt: skip
    asked = json.loads(log[0].details)
    assert (asked["parameters"], asked["text"]) == ({"min_people": 2}, found.motif.text)


def test_what_does_not_fit_is_one_sentence(crowd: Store, tmp_path: Path) -> None:
    with pytest.raises(RingfenceError, match="takes no parameter 'min_persons'"):
        run("crowded", crowd, min_persons=3)
    with pytest.raises(RingfenceError, match="There is no motif 'nope'"):
        run("nope", crowd)
    with pytest.raises(RingfenceError, match="There is no workspace"):
        run("crowded", tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
    assert run("crowded", crowd, limit=0).truncated


def hits(columns: dict[str, str], *rows: tuple[Any, ...]) -> Hits:
    """Return hits of an invented motif with these columns and their meanings."""
    shown = motif("box_settled_twice")
    invented = type(shown)(
        **{name: getattr(shown, name) for name in shown.__slots__} | {"columns": columns}
    )
    return Hits(
        run_id="Q-1",
        motif=invented,
        parameters={},
        columns=tuple(columns),
        rows=[dict(zip(columns, row, strict=True)) for row in rows],
        truncated=False,
        seconds=0.0,
    )


def test_a_frame_has_types_that_keep_what_is_missing() -> None:
    frame = hits(
        {
            "at": "when (seconds since 1970-01-01 local)",
            "day": "the day (days since 1970-01-01)",
            "seconds": "from first to last, seconds",
            "expected": "by chance",
            "known": "on record",
            "place_id": "the place",
            "ids": "those",
        },
        (1_700_000_000, 20_089, 5, 1.5, True, "P1", ["a", "b"]),
        (None, None, None, 2, None, None, []),
    ).frame()
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "at": "datetime64[s]", "day": "datetime64[s]", "seconds": "Int64", "expected": "Float64",
        "known": "boolean", "place_id": "string", "ids": "object",
    }  # fmt: skip
    assert frame["at"][0] == pd.Timestamp("2023-11-14 22:13:20")
    assert frame["day"][0] == pd.Timestamp("2025-01-01")
    assert frame["at"].isna()[1]
    assert frame["seconds"].isna()[1]
    assert frame["ids"][0] == ["a", "b"]


def test_a_frame_without_a_row_has_its_columns() -> None:
    assert list(hits({"a": "one", "b": "two"}).frame().columns) == ["a", "b"]


COLUMNS = ("place", "n", "x", "ok", "ids", "at", "day", "none", "map")
ROWS = [
    ["药店,\"一\"\n", 3, -1.5, True, ["a", "b"], datetime(2025, 1, 2, 3), date(2025, 1, 2), None,
     {"k": [1]}],
    ["=cmd()", -4, None, False, [], None, None, None, None],
]  # fmt: skip


def test_csv_is_utf_8_with_a_header_and_lists_as_json(tmp_path: Path) -> None:
    path = tmp_path / "hits.csv"
    save(COLUMNS, ROWS, path, format="csv")
    assert not path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8", newline="") as file:
        header, first, second = csv.reader(file)
    assert header == list(COLUMNS)
    assert first == [
        "药店,\"一\"\n", "3", "-1.5", "true", '["a", "b"]', "2025-01-02T03:00:00", "2025-01-02", "",
        '{"k": [1]}',
    ]  # fmt: skip
    assert second == ["'=cmd()", "-4", "", "false", "[]", "", "", "", ""]


@pytest.mark.parametrize("begins", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_spreadsheet_runs_a_cell(tmp_path: Path, begins: str) -> None:
    path = tmp_path / "hits.csv"
    save([begins], [{begins: begins}], path, format="csv")
    with path.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [[f"'{begins}"], [f"'{begins}"]]


def test_parquet_keeps_lists_and_types(tmp_path: Path) -> None:
    path = tmp_path / "hits.parquet"
    save(COLUMNS, ROWS, path, format="parquet")
    table = pq.read_table(path)
    assert table.column_names == list(COLUMNS)
    assert table["ids"].to_pylist() == [["a", "b"], []]
    assert table["n"].to_pylist() == [3, -4]
    assert table["place"].to_pylist() == ['药店,"一"\n', "=cmd()"]
    assert table["at"].to_pylist() == [datetime(2025, 1, 2, 3), None]
    save(["mixed"], [[1], ["a"], [["b"]]], path, format="parquet")
    assert pq.read_table(path)["mixed"].to_pylist() == ["1", '"a"', '["b"]']
    save(["a", "b"], [], path, format="parquet")
    assert pq.read_table(path).column_names == ["a", "b"]


def test_json_is_a_list_of_objects(tmp_path: Path) -> None:
    path = tmp_path / "hits.json"
    save(COLUMNS, ROWS, path, format="json")
    first, second = json.loads(path.read_text("utf-8"))
    assert list(first) == list(COLUMNS)
    assert (first["place"], first["at"]) == ('药店,"一"\n', "2025-01-02T03:00:00")
    assert (second["place"], second["ids"]) == ("=cmd()", [])


def test_a_file_is_whole_or_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "hits.csv"
    save(["a"], [[1]], path, format="csv")
    before = path.read_bytes()

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(RingfenceError, match="No space left on device"):
        save(["a"], [[2]], path, format="csv")
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(RingfenceError, match="cannot be written"):
        save(["a"], [[2]], tmp_path / "nowhere" / "x.csv", format="csv")
    with pytest.raises(RingfenceError, match="give one of csv, parquet, json"):
        save(["a"], [[2]], path, format="xlsx")  # type: ignore[arg-type]


def test_hits_are_saved_as_they_are(crowd: Store, tmp_path: Path) -> None:
    found = run("crowded", crowd)
    found.save(tmp_path / "hits.json", format="json")
    assert json.loads((tmp_path / "hits.json").read_text("utf-8")) == found.rows
    assert isinstance(crowd.workspace, Workspace)
