"""The command line: its words, what it prints for people and scripts, how it ends."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from app.cli import command
from app.settings import read_settings
from app.steps import demo_extract
from ingest.errors import RingfenceError
from ingest.texts import Language, catalogue
from ingest.workspace import Workspace
from tests.app.sample import build

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = (
    *("demo", "run", "import", "detect", "load", "simulate", "evaluate", "motifs", "graph"),
    *("rings", "explore", "learn", "verify", "motifs list", "motifs show", "motifs run"),
    *("motifs new", "motifs check", "motifs runs", "motifs compare", "motifs attach"),
    *("motifs alert", "alerts", "alerts list", "alerts run", "alerts remove"),
    *("alerts send", "alerts tell"),
    *("audit", "audit list", "audit verify"),
    *("report", "watch"),
    *("accounts", "accounts first", "accounts add", "accounts list", "accounts lock"),
    *("accounts unlock", "accounts reset", "accounts link", "accounts password"),
    *("api", "api serve", "api client", "api client add", "api client list", "api client remove"),
    *("graph start", "graph stop", "graph status", "graph shell"),
)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WORKSPACE", "MEMORY", "THREADS", "LANG"):
        monkeypatch.delenv(f"RINGFENCE_{name}", raising=False)
    monkeypatch.delenv("NEO4J_URI", raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return build(tmp_path_factory.mktemp("cli") / "workspace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    code: int
    out: str
    err: str


Ringfence = Callable[..., Ended]


@pytest.fixture
def ringfence(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ringfence:
    """Run one command in this process, as the shell would."""

    def run(*words: object, language: Language = "en", typed: str = "") -> Ended:
        monkeypatch.setattr(sys, "stdin", StringIO(typed))
        with pytest.raises(SystemExit) as ended:
            command(language)([str(word) for word in words], prog_name="ringfence")
        said = capsys.readouterr()
        return Ended(code=int(ended.value.code or 0), out=said.out, err=said.err)

    return run


def every_command(group: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    for name, below in getattr(group, "commands", {}).items():
        yield f"{path}{name}", below
        yield from every_command(below, f"{path}{name} ")


def test_the_commands_are_those_of_the_design() -> None:
    assert {name for name, _ in every_command(command("en"))} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example_in_both_languages(ringfence: Ringfence, name: str) -> None:
    for language, word in (("en", "Example: ringfence "), ("zh", "示例：ringfence ")):
        result = ringfence(*name.split(), "--help", language=language)
        assert result.code == 0, result.out + result.err
        assert word in result.out
        groups = {"motifs", "graph", "alerts", "audit", "accounts", "api", "api client"}
        assert "--json" in result.out or name in groups


def test_every_key_of_the_command_line_is_named_in_its_code() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "app").glob("*.py"))
    keys = [key for key in catalogue() if re.match(r"cli\.(?!help\.|option\.)", key)]
    unused = [key for key in keys if not re.search(rf"\b{key.rpartition('.')[2]}\b", code)]
    assert len(keys) > 40
    assert unused == []


def test_every_text_of_the_command_line_is_used() -> None:
    """An option or command that is gone must take its words along."""
    found = list(every_command(command("en")))
    options = {parameter.name.rstrip("_") for _, each in found for parameter in each.params} | {
        "show_version"
    }
    helps = {name.replace(" ", "_") for name, _ in found} | {"ringfence"}
    for kind, used in (("option", options), ("help", helps)):
        prefix = f"cli.{kind}."
        worded = {key.removeprefix(prefix) for key in catalogue() if key.startswith(prefix)}
        assert worded == used


def test_help_waits_for_nothing_heavy() -> None:
    heavy = ["duckdb", "ibis", "igraph", "neo4j", "numpy", "pandas", "pyarrow", "rich", "streamlit"]
    script = (
        "import sys; from app.cli import command; command('en')(['--help'], standalone_mode=False);"
        f"sys.exit(str([name for name in {heavy} if name in sys.modules]))"
    )
    ended = subprocess.run(  # noqa: S603 - our own python
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "Find leads" in ended.stdout
    assert ended.stderr.strip() == "[]"


def test_version(ringfence: Ringfence) -> None:
    result = ringfence("--version")
    assert result.code == 0
    assert result.out.startswith("ringfence 0.")


def test_no_word_prints_the_help(ringfence: Ringfence) -> None:
    result = ringfence()
    assert "Commands:" in (result.out + result.err)


def test_rings_are_listed_by_rank_for_people(ringfence: Ringfence, workspace: Workspace) -> None:
    result = ringfence("rings", "--workspace", workspace.root)
    assert result.code == 0, result.out + result.err
    assert "Card pool" in result.out
    assert "leads for a person to check" in result.out
    assert result.err == ""


def test_rings_are_listed_in_chinese(ringfence: Ringfence, workspace: Workspace) -> None:
    result = ringfence("rings", "--workspace", workspace.root, "--lang", "zh")
    assert result.code == 0
    assert "集中持卡刷卡" in result.out
    assert "不是结论" in result.out


def test_rings_for_scripts_are_one_object(ringfence: Ringfence, workspace: Workspace) -> None:
    result = ringfence("rings", "--workspace", workspace.root, "--json", "--limit", "1")
    held = json.loads(result.out)
    assert held["total"] > 1
    (ring,) = held["rings"]
    assert ring["rank"] == 1
    assert ring["loss_mid"].partition(".")[2].isdigit()  # money travels as exact text
    assert ring["first_seen"].startswith("20")


def test_a_limit_says_how_many_are_left_off(ringfence: Ringfence, workspace: Workspace) -> None:
    total = json.loads(ringfence("rings", "-w", workspace.root, "--json").out)["total"]
    result = ringfence("rings", "-w", workspace.root, "--limit", "1")
    assert f"{total - 1} more" in result.out


def test_no_rings_is_said_and_is_no_error(ringfence: Ringfence, tmp_path: Path) -> None:
    empty = build(tmp_path / "quiet", rings=False)
    result = ringfence("rings", "--workspace", empty.root)
    assert result.code == 0
    assert "not_raised.parquet" in result.out


def test_motifs_alone_lists_them(ringfence: Ringfence) -> None:
    alone, asked = ringfence("motifs"), ringfence("motifs", "list")
    assert alone.code == 0, alone.err
    assert alone.out == asked.out
    assert "one_account_one_reviewer" in alone.out


def test_a_motif_is_shown_with_what_may_be_honest(ringfence: Ringfence) -> None:
    shown = json.loads(ringfence("motifs", "show", "one_account_one_reviewer", "--json").out)
    assert shown["question"].endswith("?")
    assert shown["honest"]
    assert "MATCH" in shown["text"]
    assert {parameter["name"] for parameter in shown["parameters"]} == {"min_patients"}


def test_the_status_of_a_graph_that_does_not_run(ringfence: Ringfence, tmp_path: Path) -> None:
    held = json.loads(ringfence("graph", "status", "-w", tmp_path, "--json").out)
    assert held == {"server": "embedded", "uri": None, "pid": None}
    assert ringfence("graph", "-w", tmp_path).code == 2
    assert "not running" in ringfence("graph").out


def test_another_server_is_named_and_not_stopped(
    ringfence: Ringfence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:7687")
    assert "127.0.0.1:7687" in ringfence("graph", "status", "-w", tmp_path).out
    refused = ringfence("graph", "stop", "-w", tmp_path)
    assert refused.code == 1
    assert "NEO4J_URI" in refused.err


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["rings", "-w", "{}/nowhere"], "ringfence detect"),
        (["detect", "-w", "{}/nowhere"], "ringfence import"),
        (["load", "-w", "{}/nowhere"], "ringfence import"),
        (["graph", "start", "-w", "{}/nowhere"], "ringfence import"),
        (["run", "{}/nowhere", "-w", "{}/new"], "nowhere"),
        (["import", "{}/nowhere", "-w", "{}/new"], "nowhere"),
        (["run", "{}", "-w", "{}/new", "--memory", "lots"], "lots"),
        (["evaluate", "{}/nowhere", "{}/truth.json"], "truth.json"),
        (["simulate", "{}/few", "--persons", "3", "--days", "2"], "too small"),
        (["motifs", "show", "no_such_motif"], "no_such_motif"),
        (["motifs", "run", "no_such_motif", "-w", "{}"], "no_such_motif"),
        (["motifs", "run", "one_account_one_reviewer", "--param", "min_patients"], "name=value"),
    ],
)
def test_an_error_is_one_sentence_and_exit_code_1(
    ringfence: Ringfence, tmp_path: Path, words: list[str], named: str
) -> None:
    result = ringfence(*[word.replace("{}", str(tmp_path)) for word in words])
    assert result.code == 1
    assert named in result.err
    assert result.err.count("\n") == 1
    assert "Traceback" not in (result.out + result.err)
    assert result.out == ""
    assert [path for path in tmp_path.rglob("*") if path.suffix in {".parquet", ".partial"}] == []


def test_a_fault_of_ours_keeps_its_traceback(
    ringfence: Ringfence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.steps.ring_rows", lambda *_, **__: 1 / 0)
    monkeypatch.setattr(Workspace, "latest_run", lambda self: self.root)
    with pytest.raises(ZeroDivisionError):
        ringfence("rings")


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "Interrupted"),
        (RingfenceError("The moon is full: wait."), 1, "Error: The moon is full: wait."),
        (PermissionError(13, "Permission denied", "rings"), 1, "rings cannot be used"),
        (OSError(28, "No space left on device"), 1, "No space left on device"),
    ],
)
def test_how_a_command_ends(
    ringfence: Ringfence,
    monkeypatch: pytest.MonkeyPatch,
    raised: BaseException,
    code: int,
    said: str,
) -> None:
    def fail(_: Workspace) -> Path:
        raise raised

    monkeypatch.setattr(Workspace, "latest_run", fail)
    result = ringfence("rings")
    assert result.code == code
    assert said in result.err
    assert result.err.count("\n") == 1


def test_a_busy_port_is_said_before_any_work(ringfence: Ringfence, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = ringfence("demo", "--workspace", tmp_path / "demo", "--port", port)
    assert result.code == 1
    assert "--port" in result.err
    assert not (tmp_path / "demo").exists()


def test_a_second_demo_takes_the_county_of_the_first(ringfence: Ringfence, tmp_path: Path) -> None:
    size = {"persons": 1_000, "days": 60}
    settings = read_settings({})
    first = demo_extract(tmp_path / "extract", settings, seed=5, **size)
    written = (tmp_path / "extract" / "truth.json").stat().st_mtime_ns
    assert demo_extract(tmp_path / "extract", settings, seed=5, **size) == first
    assert (tmp_path / "extract" / "truth.json").stat().st_mtime_ns == written
    other = ringfence("demo", "--no-serve", "--workspace", tmp_path, "--seed", "6")
    assert other.code == 1
    assert "--workspace" in other.err
