"""``ringfence report``: from a run to a paper in one command, refused with a sentence."""

import hashlib
import io
import json
from pathlib import Path

import pypdf
import pytest

from app.cli import command
from tests.casework.paper_county import BIG, INSIDE, county


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
