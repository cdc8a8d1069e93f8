"""The whole job through the real command: broken extracts, kills at any moment, one good run."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from casework import accounts
from casework.leads import list_leads
from casework.ledger import open_ledger
from casework.rights import ROLES, Refused
from casework.ring_facts import INSIDER_KINDS
from ingest.simulate import simulate
from ingest.workspace import Workspace

RINGFENCE = str(Path(sys.executable).with_name("ringfence"))
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("RINGFENCE_", "NEO4J_", "LC_", "LANG"))
}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An invented extract in CSV."""
    folder = tmp_path_factory.mktemp("invented") / "extract"
    simulate(folder, persons=1_000, days=60, seed=11)
    return folder


@pytest.fixture(scope="module")
def imported(extract: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace into which that extract was imported."""
    root = tmp_path_factory.mktemp("imported") / "workspace"
    assert ringfence("import", extract, "--workspace", root).returncode == 0
    return Workspace(root)


@pytest.fixture(scope="module")
def ran(extract: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a whole run of that extract without a graph, and what it printed."""
    root = tmp_path_factory.mktemp("ran") / "workspace"
    ended = ringfence("run", extract, "--workspace", root, "--no-graph")
    assert ended.returncode == 0, ended.stderr
    return root, ended.stdout


def ringfence(*words: object, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        [RINGFENCE, *map(str, words)],
        input=typed,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )


def broken(extract: Path, folder: Path, damage: str) -> Path:
    """Copy the extract's settlements with one thing wrong."""
    folder.mkdir()
    good = (extract / "settlements.csv").read_bytes()
    header, _, rows = good.partition(b"\n")
    csv, parquet = folder / "settlements.csv", folder / "settlements.parquet"
    match damage:
        case "missing column":
            csv.write_bytes(header.replace(b"setl_id", b"something", 1) + b"\n" + rows)
        case "empty file":
            csv.write_bytes(b"")
        case "header only":
            csv.write_bytes(header + b"\n")
        case "truncated parquet":
            _as_parquet(csv, parquet, good)
            parquet.write_bytes(parquet.read_bytes()[:-1000])
        case "no parquet at all":
            parquet.write_bytes(b"PAR1 this is no table")
        case "half-written":
            csv.write_bytes(good[: len(good) // 2 - 7] + b'"')
        case "other encoding":
            csv.write_bytes(header + b"\n" + "医院".encode("utf-16") + b"\n" + rows)
    return folder


def _as_parquet(csv: Path, parquet: Path, text: bytes) -> None:
    from pyarrow import csv as reader
    from pyarrow import parquet as writer

    csv.write_bytes(text)
    writer.write_table(reader.read_csv(csv), parquet)
    csv.unlink()


def is_one_sentence(text: str) -> bool:
    """Whether what was said is one line that starts as an error."""
    return len(text.splitlines()) == 1 and text.startswith("Error: ")


@pytest.mark.parametrize(
    "damage",
    ["missing column", "empty file", "header only", "truncated parquet", "no parquet at all"],
)
def test_a_broken_extract_is_one_sentence_and_leaves_nothing(
    extract: Path, tmp_path: Path, damage: str
) -> None:
    folder = broken(extract, tmp_path / "extract", damage)
    root = tmp_path / "workspace"
    ended = ringfence("run", folder, "--workspace", root)
    assert ended.returncode == 1
    assert is_one_sentence(ended.stderr), ended.stderr
    assert "settlements" in ended.stderr
    assert ended.stdout == ""
    assert not Workspace(root).table("settlements").exists()
    assert leftovers(root) == []


@pytest.mark.parametrize("damage", ["half-written", "other encoding"])
def test_a_damaged_file_is_an_error_or_its_rows_are_rejected(
    extract: Path, tmp_path: Path, damage: str
) -> None:
    folder = broken(extract, tmp_path / "extract", damage)
    root = tmp_path / "workspace"
    ended = ringfence("import", folder, "--workspace", root, "--json")
    if ended.returncode == 0:
        counts = json.loads(ended.stdout)["totals"]["settlements"]
        assert counts["rejected"] >= 1
    else:
        assert ended.returncode == 1
        assert is_one_sentence(ended.stderr), ended.stderr
        assert leftovers(root) == []


def test_a_broken_extract_leaves_the_import_before_it(
    extract: Path, imported: Workspace, tmp_path: Path
) -> None:
    root = tmp_path / "workspace"
    shutil.copytree(imported.root, root, symlinks=True)
    before = Workspace(root).manifest.read_bytes()
    folder = broken(extract, tmp_path / "extract", "missing column")
    assert ringfence("import", folder, "--workspace", root).returncode == 1
    assert Workspace(root).manifest.read_bytes() == before
    assert Workspace(root).table("settlements").exists()


def leftovers(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*.partial"))


def written(root: Path, pattern: str, before: set[Path]) -> None:
    """Wait until something of that pattern is there that was not there before."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if set(root.glob(pattern)) - before:
            return
        time.sleep(0.005)
    raise AssertionError(f"{pattern} was never written")


def hears_interrupts() -> None:
    """Undo what a background shell sets: its children would ignore an interrupt."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def struck(root: Path, pattern: str, number: int, *words: object) -> subprocess.CompletedProcess:
    """Start a command and send it a signal as soon as it is half through its writing."""
    before = set(root.glob(pattern))
    started = subprocess.Popen(  # noqa: S603 - our own command
        [RINGFENCE, *map(str, words)],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hears_interrupts,
    )
    written(root, pattern, before)
    started.send_signal(number)
    out, err = started.communicate(timeout=60)
    return subprocess.CompletedProcess(started.args, started.returncode, out, err)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_an_import_that_was_struck_down_leaves_nothing_and_can_be_done_again(
    extract: Path, tmp_path: Path, number: signal.Signals
) -> None:
    root = tmp_path / "workspace"
    words = ("import", extract, "--workspace", root)
    ended = struck(root, ".imports/.*.partial/*", number, *words)
    assert (
        ended.returncode
        == {
            signal.SIGKILL: -9,
            signal.SIGTERM: 143,
            signal.SIGINT: 130,
        }[number]
    )
    assert "Traceback" not in ended.stderr
    assert not Workspace(root).table("settlements").exists()
    if number != signal.SIGKILL:
        assert leftovers(root) == []
    again = ringfence(*words, "--json")
    assert again.returncode == 0, again.stderr
    counts = json.loads(again.stdout)["totals"]["settlements"]
    assert counts["rows_in"] == sum(
        counts[part] for part in ("rejected", "duplicates", "void", "kept")
    )
    assert leftovers(root) == []


def test_a_detection_that_was_struck_down_leaves_nothing_and_can_be_done_again(
    imported: Workspace, tmp_path: Path
) -> None:
    """Killed, then interrupted in the same workspace, then left to end."""
    root = tmp_path / "workspace"
    shutil.copytree(imported.root, root, symlinks=True)
    words = ("detect", "--workspace", root)
    for number, code in ((signal.SIGKILL, -9), (signal.SIGINT, 130)):
        ended = struck(root, "runs/.*.partial/*", number, *words)
        assert ended.returncode == code
        assert "Traceback" not in ended.stderr
        assert not (root / "runs" / "latest").exists()
    assert leftovers(root) == []
    again = ringfence(*words, "--json")
    assert again.returncode == 0, again.stderr
    assert Path(json.loads(again.stdout)["run"]) == Workspace(root).latest_run()
    assert leftovers(root) == []


def test_a_run_prints_the_rings_and_where_to_look_next(ran: tuple[Path, str]) -> None:
    root, said = ran
    assert "settlements" in said
    assert f"ringfence explore --workspace {root}" in said
    assert not (root / "graph").exists()
    assert (Workspace(root).latest_run() / "not_raised.parquet").exists()


def test_a_run_for_scripts_prints_one_object(extract: Path, tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    ended = ringfence("run", extract, "--workspace", root, "--no-graph", "--json", "--seed", "3")
    assert ended.returncode == 0, ended.stderr
    held = json.loads(ended.stdout)
    assert held["import"]["totals"]["settlements"]["kept"] > 0
    assert held["graph"] is None
    measured = ringfence("evaluate", root, extract / "truth.json", "--json")
    assert json.loads(measured.stdout)["raised"] == len(held["rings"])
    shown = ringfence("evaluate", root, extract / "truth.json")
    assert "J ≥ 0.5" in shown.stdout
    assert "honest groups raised" in shown.stdout


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What a finished demo said, and where it left its workspace."""

    root: Path
    said: dict[str, Any]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    root = tmp_path_factory.mktemp("shown") / "demo"
    size = ("--persons", "1000", "--days", "60", "--seed", "4")  # one whose insiders are raised
    ended = ringfence("demo", "--no-serve", "--accounts", "--workspace", root, *size, "--json")
    assert ended.returncode == 0, ended.stderr
    yield Demo(root=root, said=json.loads(ended.stdout))
    ringfence("graph", "stop", "--workspace", root)


def server_of(root: Path) -> int | None:
    status = ringfence("graph", "status", "--workspace", root, "--json")
    return json.loads(status.stdout)["pid"]


@pytest.mark.graph
def test_the_demo_is_whole_and_leaves_no_server_behind(demo: Demo) -> None:
    assert demo.said["simulate"]["persons"] == 1_000
    assert demo.said["graph"]["counts"]["Patient"] == 1_000
    assert demo.said["graph"]["counts"]["SWIPED_AT"] > 500
    assert Path(demo.said["run"]).exists()
    assert server_of(demo.root) is None


@pytest.mark.graph
def test_the_demo_makes_an_account_for_each_role_once(demo: Demo) -> None:
    made = {one["account"]: one for one in demo.said["accounts"]}
    assert {one["role"] for one in made.values()} == set(ROLES) - {"expert"}
    assert len({one["password"] for one in made.values()}) == len(made)
    with open_ledger(Workspace(demo.root)) as ledger:
        signed = accounts.sign_in(ledger, "supervisor", made["supervisor"]["password"])
        assert signed.must_change
        assert signed.officer.role == "supervisor"
        leads = list_leads(ledger, signed.officer)
        liaison = accounts.sign_in(ledger, "liaison", made["liaison"]["password"]).officer
        inside = list_leads(ledger, liaison)
    told = pq.read_table(Path(demo.said["run"]) / "rings.parquet")
    insiders = [kind in INSIDER_KINDS for kind in told["kind"].to_pylist()]
    assert len(leads) == told.num_rows - sum(insiders)
    assert [one.facts["kind"] in INSIDER_KINDS for one in inside] == [True] * sum(insiders)
    assert inside, "the demo has something for the discipline liaison"
    with pytest.raises(Refused, match="accounts already"), open_ledger(Workspace(demo.root)) as o:
        accounts.first_account(o, "another", "it")


@pytest.mark.graph
def test_a_server_that_was_started_stays_until_it_is_stopped(demo: Demo) -> None:
    assert ringfence("graph", "start", "--workspace", demo.root).returncode == 0
    pid = server_of(demo.root)
    assert pid is not None
    again = ringfence("load", "--workspace", demo.root, "--json")
    assert json.loads(again.stdout)["changed"] is False
    typed = "MATCH (p:Patient)\nRETURN count(p) AS people;\nMATCH (c:Card) RETURN count(c) AS cards"
    asked = ringfence("graph", "shell", "--workspace", demo.root, "--json", typed=typed)
    first, second = json.loads(asked.stdout)["answers"]
    assert first == {"columns": ["people"], "rows": [[1_000]]}
    assert second["columns"] == ["cards"]
    written = ringfence("graph", "shell", "-w", demo.root, typed="CREATE (p:Patient);")
    assert written.returncode == 1
    assert is_one_sentence(written.stderr), written.stderr
    hits = ringfence("motifs", "run", "one_account_one_reviewer", "-w", demo.root, "--json")
    assert hits.returncode == 0, hits.stderr
    assert json.loads(hits.stdout)["parameters"] == {"min_patients": 3}
    assert server_of(demo.root) == pid
    assert ringfence("graph", "stop", "--workspace", demo.root).returncode == 0
    assert server_of(demo.root) is None


@pytest.mark.graph
def test_the_explorer_answers_until_it_is_stopped(demo: Demo) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ("explore", "--workspace", str(demo.root), "--port", str(port), "--json")
    served = subprocess.Popen(  # noqa: S603 - our own command
        [RINGFENCE, *words],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=hears_interrupts,
    )
    try:
        assert served.stdout is not None
        assert answers(f"http://127.0.0.1:{port}/_stcore/health")
    finally:
        served.send_signal(signal.SIGINT)
        out, err = served.communicate(timeout=60)
    assert served.returncode == 0
    assert json.loads(out) == {
        "url": f"http://127.0.0.1:{port}",
        "workspace": str(demo.root),
    }
    assert b"Traceback" not in err
    assert server_of(demo.root) is None


def answers(url: str) -> bool:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - loopback
                return bool(response.status == 200)
        except OSError:
            time.sleep(0.2)
    return False


def test_rings_of_an_earlier_import_are_named_so_and_left_out_of_the_graph(
    extract: Path, ran: tuple[Path, str], tmp_path: Path
) -> None:
    root = tmp_path / "workspace"
    shutil.copytree(ran[0], root, symlinks=True)
    assert ringfence("import", extract / "settlements.csv", "--workspace", root).returncode == 0
    listed = ringfence("rings", "--workspace", root)
    assert listed.returncode == 0
    assert "earlier import" in listed.stderr
    loaded = ringfence("load", "--workspace", root, "--json")
    assert loaded.returncode == 0, loaded.stderr
    assert json.loads(loaded.stdout)["run"] is None
    assert ringfence("detect", "--workspace", root).returncode == 0
    assert "earlier import" not in ringfence("rings", "--workspace", root).stderr
