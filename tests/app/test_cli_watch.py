"""``ringfence watch``: whole files only, each once, one bad file keeps no other from being read."""

import json
import os
from pathlib import Path

import pytest

from app import cli_watch
from app.cli import QUERY_INTERRUPTED, command
from app.settings import read_settings
from detectors.warned import read_warnings, rejects_file
from ingest.texts import say
from ingest.workspace import Workspace
from tests.detectors.test_watch import county, row, workspace
from tests.ingest.extracts import to_csv

__all__ = ["county", "workspace"]  # fixtures


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting between the two looks."""
    monkeypatch.setattr(cli_watch, "SETTLE_SECONDS", 0.01)


def ended(*words: object) -> int:
    with pytest.raises(SystemExit) as code:
        command("en")([str(word) for word in words], prog_name="ringfence")
    return int(code.value.code or 0)


def test_a_folder_is_read_once_and_a_bad_file_is_named(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "incoming"
    folder.mkdir()
    (folder / "a.csv").write_text("nothing,of,ours\n1,2,3\n", "utf-8")
    local = to_csv([row("a", "m1"), row("b", "m2", 60)]).replace("psn_no", "人员编号", 1)
    (folder / "b.csv").write_text(local, "utf-8")
    (folder / "c.csv.part").write_text(local, "utf-8")
    (folder / "persons.csv").write_text("psn_no\n1\n", "utf-8")
    (folder / "mapping.toml").write_text('[settlements]\n"人员编号" = "psn_no"\n', "utf-8")
    asked = ("watch", folder, "-w", workspace.root, "--once", "--threads", "1", "--lang", "en")
    assert ended(*asked) == 1
    said = capsys.readouterr()
    assert "a.csv" in said.err
    assert "new rings need 'ringfence run'" in said.err
    assert "b.csv: 2 rows, 2 kept, 0 rejected; 4 new warnings on 2 settlements" in said.out
    assert "P-" in said.out
    assert read_warnings(workspace).num_rows == 4
    (folder / "a.csv").unlink()
    assert ended(*asked, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["again"] for one in told["files"]] == [True]
    assert told["warnings"] == 0
    settings = read_settings({}, workspace=workspace.root, lang="zh")
    cli_watch.show_since(settings, "run-hand")
    assert "2 笔触及 1 个团伙" in capsys.readouterr().out
    cli_watch.show_since(settings, "run-other")
    assert capsys.readouterr().out == ""


def test_a_file_that_still_grows_waits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, done, seen = tmp_path / "new.csv", cli_watch.Sizes(), cli_watch.Sizes()

    def look() -> list[str]:
        return [one.name for one in cli_watch._whole(tmp_path, done, seen, "en")]

    path.write_text("half", "utf-8")
    assert look() == []
    assert "new.csv: still being written" in capsys.readouterr().err
    path.write_text("half and more", "utf-8")
    assert look() == []
    assert look() == ["new.csv"]
    assert look() == []
    os.utime(path, ns=(1, 1))  # written anew under the same name
    assert look() == []
    assert look() == ["new.csv"]


def test_what_duckdb_makes_of_an_interrupt_is_one_line(
    workspace: Workspace,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: object) -> None:
        raise RuntimeError(QUERY_INTERRUPTED)

    monkeypatch.setattr(cli_watch, "_begin", interrupted)
    assert ended("watch", tmp_path, "-w", workspace.root, "--once", "--lang", "en") == 130
    assert say("cli.interrupted", "en") in capsys.readouterr().err


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("zh", "a.csv 未计入的行：退回 1（原因见 {}），重复 0，作废 1，退费相抵 0。"),
        ("en", "a.csv, rows left out: 1 rejected (why: {}), 0 duplicates, 1 void, 0 refunds"),
    ],
)
def test_rows_that_are_left_out_are_accounted_for(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str, told: str
) -> None:
    folder = tmp_path / "incoming"
    folder.mkdir()
    rows = [row("a", "m1"), row("b", "m2", setl_time="soon"), row("c", "m2", vali_flag="0")]
    (folder / "a.csv").write_text(to_csv(rows), "utf-8")
    assert ended("watch", folder, "-w", workspace.root, "--once", "--lang", lang) == 0
    assert told.format(rejects_file(workspace)) in capsys.readouterr().out


def test_a_folder_of_broken_files_is_not_called_empty(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "incoming"
    folder.mkdir()
    asked = ("watch", folder, "-w", workspace.root, "--once", "--lang", "en")
    assert ended(*asked) == 0
    assert say("cli.watch.nothing", "en") in capsys.readouterr().out
    (folder / "a.csv").write_text("", "utf-8")
    assert ended(*asked) == 1
    said = capsys.readouterr()
    assert "a.csv is empty" in said.err
    assert said.out == ""


def test_what_cannot_be_watched_is_said_in_one_sentence(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended("watch", tmp_path / "nowhere", "-w", workspace.root, "--once") == 1
    assert "is no folder" in capsys.readouterr().err
    assert ended("watch", tmp_path, "-w", workspace.root, "--every", "0") == 1
    assert "--every is 0.0: give seconds above 0" in capsys.readouterr().err
    (tmp_path / "folder.toml").mkdir()
    for name in ("none.toml", "broken.toml", "folder.toml"):
        (tmp_path / "broken.toml").write_text("[settlements", "utf-8")
        asked = ("watch", tmp_path, "-w", workspace.root, "--once", "--mapping", tmp_path / name)
        assert ended(*asked) == 1
        (said,) = capsys.readouterr().err.splitlines()
        assert name in said
    assert ended("watch", tmp_path, "-w", tmp_path / "empty", "--once") == 1
    assert "ringfence" in capsys.readouterr().err
