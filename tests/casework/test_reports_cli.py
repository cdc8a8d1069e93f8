"""``ringfence report``: from a run to a paper in one command, refused with a sentence."""

import hashlib
import io
import json
from pathlib import Path

import pypdf
import pytest

from app.cli import command
from casework.ledger import open_ledger
from casework.plans import list_plans
from casework.registers import list_proposals
from ingest.workspace import Workspace
from tests.casework.office import INES, SUE, UNIT, case, log
from tests.casework.paper_county import BIG, INSIDE, POOL, county, elsewhere, taken_in
from tests.casework.test_reports import text_of
from tests.casework.test_reports_kinds import planned


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return county(tmp_path_factory.mktemp("papers") / "county").root


def run(*words: object) -> int:
    with pytest.raises(SystemExit) as ended:
        command("en")(["report", *map(str, words)], prog_name="ringfence")
    return int(ended.value.code or 0)


def test_a_ring_becomes_a_report_twice_the_same(
    space: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / "one.pdf", tmp_path / "two.pdf"]
    for file in files:
        assert run(BIG, "--out", file, "-w", space, "--lang", "zh", "--as", "sue", "--json") == 0
        told = json.loads(capsys.readouterr().out)
        assert told["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert files[0].read_bytes() == files[1].read_bytes()
    first = pypdf.PdfReader(io.BytesIO(files[0].read_bytes())).pages[0].extract_text()
    assert "待核查" in first
    assert sorted(tmp_path.iterdir()) == files


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((INSIDE,), "You have no access to"),
        (("R-none",), "You have no access to"),
        (("K-1", "--kind", "handover"), "add --authority"),
        (("last year", "--kind", "period"), "is no period"),
        (("2026-02-30..2026-03-01", "--kind", "period"), "is no period"),
    ],
)
def test_what_cannot_be_written_is_one_sentence(
    space: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    sentence: str,
) -> None:
    file = tmp_path / "paper.pdf"
    assert run(*words, "--out", file, "-w", space, "--as", "sue") == 1
    assert sentence in capsys.readouterr().err
    assert not file.exists()


def test_a_folder_that_is_not_there_is_said(
    space: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "none" / "figures.pdf"
    words = ("2026-01-01..2026-12-31", "--kind", "period", "--publication")
    assert run(*words, "--out", file, "-w", space, "--as", "sue") == 1
    assert "cannot be written" in capsys.readouterr().err
    assert run(*words, "--out", tmp_path / "figures.pdf", "-w", space, "--as", "sue") == 0


@pytest.fixture(scope="module")
def subjects(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A workspace with a case of care out of the area, a plan and a proposal; the key of each."""
    space = Workspace(tmp_path_factory.mktemp("subjects") / "county")
    space.root.mkdir()
    with open_ledger(space, environ={}) as ledger:
        taken_in(ledger)
        elsewhere(space)
        planned(ledger)
        keys = {
            "letter": case(ledger, POOL).case_id,
            "plan": list_plans(ledger, SUE)[0].plan_id,
            "proposal": list_proposals(ledger, SUE)[0].proposal_id,
        }
    return space.root, keys


@pytest.mark.parametrize(
    ("kind", "words", "told"),
    [
        ("letter", (), "area320500"),
        ("letter", ("--area", "320500"), "area320500"),
        ("plan", (), "P33010000002"),
        ("proposal", (), "Proposal:Credititem"),
    ],
)
def test_the_letter_a_plan_and_a_proposal_are_written_as_their_pages_do(
    subjects: tuple[Path, dict[str, str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    words: tuple[str, ...],
    told: str,
) -> None:
    root, keys = subjects
    file = tmp_path / "paper.pdf"
    here = ("--out", file, "-w", root, "--lang", "en", "--as", "sue", "--unit", UNIT, "--json")
    assert run(keys[kind], "--kind", kind, *words, *here) == 0
    assert told in text_of(file.read_bytes())
    made = json.loads(capsys.readouterr().out)
    with open_ledger(Workspace(root), environ={}) as ledger:
        issued = log(ledger, "paper.issued")[-1]
    assert (issued.who, issued.export_hash) == ("sue", made["sha256"])


@pytest.mark.parametrize(
    ("kind", "subject", "words", "sentence"),
    [
        ("letter", None, ("--area", "110100"), "these other areas: 320500"),
        ("letter", "K-none", (), "You have no access to"),
        ("plan", "B-none", (), "You have no access to"),
        ("plan", None, ("--unit", "another"), "You have no access to"),
        ("plan", None, ("--role", "investigator", "--as", INES.name), "You have no access to"),
        ("proposal", "N-none", (), "You have no access to"),
        ("proposal", None, ("--role", "analyst"), "You have no access to"),
    ],
)
def test_a_letter_plan_or_proposal_that_is_not_theirs_is_refused(
    subjects: tuple[Path, dict[str, str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    subject: str | None,
    words: tuple[str, ...],
    sentence: str,
) -> None:
    root, keys = subjects
    here = ("--out", tmp_path / "paper.pdf", "-w", root, "--as", "sue", "--unit", UNIT)
    assert run(subject or keys[kind], "--kind", kind, *here, *words) == 1
    assert sentence in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
