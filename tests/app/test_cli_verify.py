"""``ringfence verify``: which run, what the table says, and the exit code."""

import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest

from app.cli import command
from graph import embedded
from graph.load import load
from graph.store import open_store
from ingest.workspace import Workspace
from tests.detectors.test_verify import RINGS, WORLD, changed, contract, write_run
from tests.world import write_world

pytestmark = pytest.mark.graph


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEO4J_URI", raising=False)
    monkeypatch.setattr(sys, "stdin", StringIO())


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace with a loaded graph; its server runs, so that each command finds it."""
    found = write_world(WORLD, tmp_path_factory.mktemp("verify"))
    try:
        with open_store(found, environ={}, heap="512m") as store:
            load(store, found)
        yield found
    finally:
        embedded.stop(found.graph)


def ended(*words: object) -> int:
    with pytest.raises(SystemExit) as code:
        command("en")([str(word) for word in words], prog_name="ringfence")
    return int(code.value.code or 0)


def test_a_run_that_holds_ends_with_0(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    run = write_run(workspace, contract(RINGS, WORLD))
    for named in ([], [run.name], [run]):
        assert ended("verify", *named, "-w", workspace.root, "--lang", "en") == 0
        said = capsys.readouterr().out
        assert f"{len(RINGS)} of {len(RINGS)} rings hold" in said
        assert "R-pool" in said
    assert ended("verify", "-w", workspace.root, "--lang", "zh") == 0
    assert "相符" in capsys.readouterr().out
    assert ended("verify", "-w", workspace.root, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["run"] == str(run)
    assert (told["held"], told["total"]) == (len(RINGS), len(RINGS))
    first = told["rings"][0]
    assert first["holds"]
    assert first["loss_low"] == "30.00"


def test_what_does_not_hold_is_said_and_ends_with_1(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    run = write_run(workspace, contract(RINGS, WORLD))
    changed(run, "ring_settlements", "R-pool", setl_id="tb-0")
    changed(run, "ring_settlements", "R-trace", setl_id="none")
    changed(run, "rings", "R-stay", loss_low=Decimal("40.01"))
    changed(run, "ring_motifs", "R-sent", motif="nope")
    changed(run, "ring_motifs", "R-owner", fund_shown=Decimal("29.99"))
    assert ended("verify", "-w", workspace.root, "--lang", "en") == 1
    said = " ".join(capsys.readouterr().out.split())
    assert f"{len(RINGS) - 5} of {len(RINGS)} rings hold" in said
    for part in (
        "1 not shown: tb-0",
        "1 not in the import: none",
        "lower loss 40.01 yuan, counted 40.00",
        "fund paid 29.99 yuan, counted 30.00",
        "no answer: ",
    ):
        assert part in said, said
    assert ended("verify", "-w", workspace.root, "--lang", "zh") == 1
    assert "没有模式" in capsys.readouterr().out
    assert ended("verify", "-w", workspace.root, "--json") == 1
    rings = {one["ring_id"]: one for one in json.loads(capsys.readouterr().out)["rings"]}
    assert rings["R-sent"]["refused"].startswith("There is no motif 'nope'")


def test_a_run_that_is_not_there_is_named(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write_run(workspace, contract(RINGS, WORLD))
    for name in ("run-nope", tmp_path):
        assert ended("verify", name, "-w", workspace.root, "--lang", "en") == 1
        assert f"no run '{name}'" in capsys.readouterr().err
