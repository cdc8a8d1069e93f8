"""Motifs, alerts and the audit log at the command line: on a real graph, with a real ledger."""

import csv
import hashlib
import json
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.cli import command
from detectors.motif_template import template
from graph.load import clear
from graph.store import Store, open_store
from ingest.texts import Language
from ingest.workspace import Workspace, point
from tests.casework.county import AFTER_DEATH, motif_file, people
from tests.casework.receiver import receiving

pytestmark = pytest.mark.graph
NAME = AFTER_DEATH.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Ringfence = Callable[..., Ended]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("WORKSPACE", "LANG", "LEDGER", "WEBHOOKS", "WEBHOOK_SECRET")
    for name in names:
        monkeypatch.delenv(f"RINGFENCE_{name}", raising=False)
    monkeypatch.delenv("NEO4J_URI", raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


@pytest.fixture
def workspace(embedded_folder: Path, tmp_path: Path) -> Workspace:
    """A workspace whose graph server runs, so that each command finds it and leaves it on."""
    found = Workspace(tmp_path / "county")
    found.root.mkdir()
    found.graph.symlink_to(embedded_folder)
    return found


@pytest.fixture
def graph(workspace: Workspace) -> Iterator[Store]:
    with open_store(workspace, environ={}) as opened:
        yield opened
        clear(opened)


@pytest.fixture
def ringfence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, workspace: Workspace
) -> Ringfence:
    """Run one command on that workspace in this process, as the shell would."""

    def run(*words: object, language: Language = "en") -> Ended:
        monkeypatch.setattr(sys, "stdin", StringIO())
        monkeypatch.setenv("RINGFENCE_WORKSPACE", str(workspace.root))
        monkeypatch.setenv("RINGFENCE_LANG", language)
        with pytest.raises(SystemExit) as ended:
            command(language)([str(word) for word in words], prog_name="ringfence")
        said = capsys.readouterr()
        return Ended(code=int(ended.value.code or 0), out=said.out, err=said.err)

    return run


def asked(ringfence: Ringfence, *words: object) -> Any:
    result = ringfence("motifs", "run", NAME, "--json", *words)
    assert result.code == 0, result.err
    return result.json


def log(ringfence: Ringfence) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = ringfence("audit", "list", "--json").json["rows"]
    return rows


def test_a_run_is_printed_recorded_and_in_the_log(ringfence: Ringfence, graph: Store) -> None:
    people(graph, "p1", "p2")
    result = ringfence("motifs", "run", NAME, "--param", "grace_days=4", "--as", "稽核员甲")
    assert result.code == 0, result.err
    assert "P-p2" in result.out
    assert "2 rows in" in result.out
    (run,) = ringfence("motifs", "runs", "--json").json["runs"]
    assert f"Recorded as {run['run_id']}." in result.out
    assert (run["who"], run["outcome"], run["rows"]) == ("稽核员甲", "answered", 2)
    assert run["parameters"]["grace_days"] == 4
    rows = log(ringfence)
    assert [row["action"] for row in rows] == ["motif.asked", "motif.answered"]
    assert rows[0]["details"]["text"] == AFTER_DEATH.text
    shown = ringfence("motifs", "runs", "--motif", NAME, language="zh")
    assert "已回答" in shown.out
    assert "motif.answered" in ringfence("audit", "list").out


def test_a_recorded_run_is_shown_again(ringfence: Ringfence, graph: Store) -> None:
    people(graph, "p1", "p2")
    run = asked(ringfence)["run"]
    people(graph, "somebody else")
    shown = ringfence("motifs", "runs", run[:7])
    assert shown.code == 0, shown.err
    assert "P-p2" in shown.out
    held = ringfence("motifs", "runs", run, "--json").json
    assert [(hit["position"], hit["row"]["person_id"]) for hit in held["hits"]] == [
        (1, "P-p1"),
        (2, "P-p2"),
    ]
    assert ringfence("motifs", "runs", "Q-none").code == 1


def test_the_user_of_the_system_acts_unless_another_is_named(
    ringfence: Ringfence, graph: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(graph, "p1")
    monkeypatch.setattr("getpass.getuser", lambda: "user-of-the-system")
    asked(ringfence)
    assert {row["who"] for row in log(ringfence)} == {"user-of-the-system"}

    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("getpass.getuser", nobody)
    refused = ringfence("motifs", "run", NAME)
    assert refused.code == 1
    assert "--as" in refused.err
    assert asked(ringfence, "--as", "me")["count"] == 1


def test_a_parameter_that_does_not_fit_is_recorded_as_refused(ringfence: Ringfence) -> None:
    for words in ("grace_days=-1", "grace_days=soon", "nothing=1"):
        result = ringfence("motifs", "run", NAME, "--param", words)
        assert result.code == 1
        assert words.partition("=")[0] in result.err
        assert result.err.count("\n") == 1
    found = ringfence("motifs", "runs", "--json").json["runs"]
    assert [run["outcome"] for run in found] == ["refused"] * 3
    assert found[0]["parameters"] == {"nothing": "1"}


def test_hits_go_into_files_whose_digest_is_in_the_log(
    ringfence: Ringfence, graph: Store, tmp_path: Path
) -> None:
    people(graph, "p1", "p2")
    for name, option in (("h.csv", []), ("h.parquet", []), ("h.json", []), ("h", ["--format=csv"])):
        path = tmp_path / name
        told = asked(ringfence, "--out", path, *option)
        assert told["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert log(ringfence)[-1]["export_hash"] == told["sha256"]
        assert "rows" not in told
    with (tmp_path / "h.csv").open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    assert [row["person_id"] for row in written] == ["P-p1", "P-p2"]
    assert pq.read_table(tmp_path / "h.parquet")["person_id"].to_pylist() == ["P-p1", "P-p2"]
    assert [row["person_id"] for row in json.loads((tmp_path / "h.json").read_text())] == [
        "P-p1",
        "P-p2",
    ]
    said = ringfence("motifs", "run", NAME, "--limit", "1", "--out", tmp_path / "h.csv")
    assert "Only the first 1 rows" in said.out


def test_csv_goes_to_standard_output(ringfence: Ringfence, graph: Store) -> None:
    people(graph, "p1")
    result = ringfence("motifs", "run", NAME, "--format", "csv")
    (row,) = csv.DictReader(StringIO(result.out))
    assert row["person_id"] == "P-p1"
    assert json.loads(row["setl_ids"]) == ["p1-0"]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--format", "parquet"], "--out"),
        (["--out", "hits"], "--format"),
        (["--out", "hits.csv", "--format", "table"], "--format"),
        (["--format", "csv", "--json"], "--json"),
    ],
)
def test_wishes_that_do_not_fit_are_refused_before_anything_is_asked(
    ringfence: Ringfence, workspace: Workspace, words: list[str], named: str
) -> None:
    result = ringfence("motifs", "run", NAME, *words)
    assert result.code == 1
    assert named in result.err
    assert not workspace.ledger.exists()


def test_a_file_that_cannot_be_written_is_named(
    ringfence: Ringfence, graph: Store, tmp_path: Path
) -> None:
    people(graph, "p1")
    result = ringfence("motifs", "run", NAME, "--out", tmp_path / "nowhere" / "h.csv")
    assert result.code == 1
    assert "nowhere" in result.err
    assert result.err.count("\n") == 1


def test_a_motif_of_ones_own_is_written_checked_listed_and_run(
    ringfence: Ringfence, graph: Store, workspace: Workspace
) -> None:
    people(graph, "p1")
    assert ringfence("motifs", "new", "my_question").code == 0
    path = workspace.motifs / "my_question.cypher"
    assert path.read_text("utf-8") == template("my_question")
    again = ringfence("motifs", "new", "my_question")
    assert (again.code, "is there already" in again.err) == (1, True)
    listed = ringfence("motifs", "list", "--json").json["motifs"]
    assert {each["name"]: each["from"] for each in listed}["my_question"] == "own"
    assert {each["from"] for each in listed} == {"own", "shipped"}
    checked = ringfence("motifs", "check", "my_question", "--with-graph", "--json")
    assert checked.code == 0, checked.out
    states = {each["name"]: each["state"] for each in checked.json["checks"]}
    assert (states["header"], states["plan"]) == ("passed", "passed")
    assert states["identity"] == "not_checked"  # nobody is at this graph's terminals
    assert log(ringfence)[-1]["action"] == "motif.checked"
    assert ringfence("motifs", "run", "my_question").code == 0
    assert "my_question" in ringfence("motifs", "show", "my_question").out
    assert "my_question" in ringfence("motifs", "show", "my_question", language="zh").out


def test_a_name_that_is_taken_or_no_name_is_refused(
    ringfence: Ringfence, workspace: Workspace, tmp_path: Path
) -> None:
    for name in (NAME, "Not A Name", "../escaped"):
        result = ringfence("motifs", "new", name)
        assert result.code == 1, name
        assert name in result.err
    assert not workspace.motifs.exists()
    motif_file(workspace.motifs, NAME)
    clash = ringfence("motifs", "run", NAME)
    assert (clash.code, NAME in clash.err) == (1, True)
    out = tmp_path / "shared.cypher"
    assert ringfence("motifs", "new", "shared", "--out", out).code == 0
    assert out.read_text("utf-8") == template("shared")


def test_a_broken_file_is_named_and_hides_no_other(
    ringfence: Ringfence, workspace: Workspace
) -> None:
    motif_file(workspace.motifs, "good")
    (workspace.motifs / "bad.cypher").write_text("MATCH (n) DELETE n")
    listed = ringfence("motifs", "list")
    assert listed.code == 0
    assert "good" in listed.out
    assert "bad.cypher" in listed.err
    assert len(ringfence("motifs", "list", "--json").json["broken"]) == 1
    checked = ringfence("motifs", "check", "bad")
    assert (checked.code, "failed" in checked.out) == (1, True)
    assert ringfence("motifs", "run", "bad").code == 1
    nothing = ringfence("motifs", "check", "nothing_of_that_name")
    assert (nothing.code, "nothing_of_that_name" in nothing.err) == (1, True)


def test_two_runs_are_compared(ringfence: Ringfence, graph: Store) -> None:
    people(graph, "stays", "goes")
    before = asked(ringfence)["run"]
    people(graph, "stays", "comes")
    now = asked(ringfence, "--param", "grace_days=5", "--limit", "2")["run"]
    said = ringfence("motifs", "compare", before, now)
    assert "other parameters" in said.out
    assert "1 new, 1 gone, 0 changed, 1 the same." in said.out
    held = ringfence("motifs", "compare", before, now, "--json").json
    assert [hit["identity"]["person_id"] for hit in held["gone"]] == ["P-goes"]
    assert held["gone_is_certain"]
    cut = asked(ringfence, "--limit", "1")["run"]
    assert "被截断" in ringfence("motifs", "compare", before, cut, language="zh").out


def test_a_hit_is_attached_and_listed(
    ringfence: Ringfence, graph: Store, workspace: Workspace
) -> None:
    people(graph, "p1")
    run = asked(ringfence)["run"]
    folder = workspace.runs / "run-1"
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"ring_id": ["R-1"]}), folder / "rings.parquet")
    point(workspace.runs / "latest", "run-1")
    said = ringfence("motifs", "attach", run, 1, "R-1", "--as", "me")
    assert said.code == 0, said.err
    assert "person_id P-p1" in said.out
    (held,) = ringfence("motifs", "attach", run, 1, "R-1", "--json").json["hits"]
    assert (held["who"], held["hit"]["position"]) == ("me", 1)
    refused = ringfence("motifs", "attach", run, 1, "R-2")
    assert (refused.code, "R-2" in refused.err) == (1, True)


def test_alerts_tell_only_news(ringfence: Ringfence, graph: Store) -> None:
    people(graph, "p1")
    made = ringfence("motifs", "alert", NAME, "--alert", "after death", "--every", "week")
    assert made.code == 0, made.err
    assert "first run, its 1 hits are the baseline" in ringfence("alerts", "run").out
    people(graph, "p1", "p2")
    assert "after death: not due." in ringfence("alerts", "run", "--due-only").out
    told = ringfence("alerts", "run")
    assert "2 hits, 1 of them new" in told.out
    assert "P-p2" in told.out
    assert "P-p1" not in told.out
    assert "P-p2" not in ringfence("alerts", "run", "after death").out
    people(graph, "p1", "p2", "p3")
    (held,) = ringfence("alerts", "run", "--json").json["alerts"]
    assert [news["identity"]["person_id"] for news in held["new"]] == ["P-p3"]
    alone, listed = ringfence("alerts"), ringfence("alerts", "list")
    assert alone.out == listed.out
    assert "after death" in listed.out
    assert ringfence("alerts", "remove", "after death").code == 0
    assert ringfence("alerts", "list", "--json").json == {"alerts": []}
    assert ringfence("alerts", "remove", "after death").code == 1


def test_an_alert_that_fails_ends_with_1_and_the_others_are_told(
    ringfence: Ringfence, graph: Store, workspace: Workspace
) -> None:
    people(graph, "p1")
    for name in ("bad", "good"):
        ringfence("motifs", "alert", NAME, "--alert", name)
    with closing(sqlite3.connect(workspace.ledger)) as ledger, ledger:
        ledger.execute("UPDATE alerts SET parameters = '{\"nothing\":1}' WHERE name = 'bad'")
    result = ringfence("alerts", "run")
    assert result.code == 1
    assert "bad: failed: " in result.out
    assert "good: first run" in result.out
    assert "nothing" in ringfence("alerts", "list").out


def test_webhooks_are_off_until_switched_on(
    ringfence: Ringfence, graph: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as receiver:
        people(graph, "p1")
        ringfence("motifs", "alert", NAME, "--alert", "a", "--webhook", receiver.url)
        ringfence("alerts", "run")
        people(graph, "p1", "p2")
        off = ringfence("alerts", "run")
        assert off.code == 0
        assert "webhooks are off" in off.err
        assert receiver.received == []

        monkeypatch.setenv("RINGFENCE_WEBHOOKS", "1")
        unsigned = ringfence("alerts", "run")
        assert (unsigned.code, "RINGFENCE_WEBHOOK_SECRET" in unsigned.err) == (1, True)
        monkeypatch.setenv("RINGFENCE_WEBHOOK_SECRET", "s" * 32)
        receiver.answers[:] = [410]
        refused = ringfence("alerts", "run", "--due-only")
        assert refused.code == 1
        assert "did not take the message (HTTP 410)" in refused.err
        assert "token" not in refused.err
        receiver.answers[:] = [200]
        assert ringfence("alerts", "run", "--due-only").code == 0
    assert len(receiver.received) == 2
    assert json.loads(receiver.received[-1].body)["new"] == 1


def test_the_log_is_verified_and_a_change_is_said(
    ringfence: Ringfence, graph: Store, workspace: Workspace, tmp_path: Path
) -> None:
    people(graph, "p1")
    asked(ringfence)
    kept = tmp_path / "kept.anchor"
    kept.write_bytes((workspace.root / "ledger.anchor").read_bytes())
    asked(ringfence)
    whole = ringfence("audit", "verify")
    assert whole.code == 0
    assert "4 rows are as they were written" in whole.out
    assert ringfence("audit", "verify", "--anchor", kept).code == 0
    assert ringfence("audit", "verify", "--anchor", tmp_path / "none").code == 1
    with closing(sqlite3.connect(workspace.ledger)) as ledger, ledger:
        ledger.execute("DROP TRIGGER audit_no_update")
        ledger.execute("DROP TRIGGER audit_no_delete")
        ledger.execute("UPDATE audit SET who = 'somebody else' WHERE seq = 2")
        ledger.execute("DELETE FROM audit WHERE seq = 4")
    broken = ringfence("audit", "verify")
    assert broken.code == 1
    assert "Row 2 was edited." in broken.out
    assert "ends at row 3, its anchor at row 4" in broken.out
    held = ringfence("audit", "verify", "--json").json
    assert not held["holds"]
    assert [fault["kind"] for fault in held["faults"]] == ["edited", "cut"]
    assert "第 2 行被改动" in ringfence("audit", "verify", language="zh").out


def test_reading_makes_nothing_where_there_is_no_workspace(
    ringfence: Ringfence, tmp_path: Path
) -> None:
    for words in (["audit", "list"], ["audit", "verify"], ["alerts", "list"], ["motifs", "runs"]):
        result = ringfence(*words, "-w", tmp_path / "nowhere")
        assert (result.code, "nowhere" in result.err) == (1, True)
    assert not (tmp_path / "nowhere").exists()
