"""Every block of docs/asking.md runs in a simulated county and gives the columns that it says."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from detectors.motif import FOLDER
from graph.ask import ask
from graph.load import clear, load
from graph.store import Store, open_store
from tests.detectors.demo_county import demo_county

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "asking.md").read_text("utf-8")
MOTIFS = {path.stem for path in FOLDER.glob("*.cypher")}
BLOCK = re.compile(r"```(python|cypher)\n(.*?)```\n(.*?)(?=\n#|\n```|\Z)", re.DOTALL)


def blocks() -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Heading, language, code and promised columns of every block, in order."""
    found = []
    for match in BLOCK.finditer(PAGE):
        heading = re.findall(r"^#+ (.*)$", PAGE[: match.start()], re.MULTILINE)[-1]
        promised = re.search(r"^Gives ((?:`\w+`(?:, )?)+)", match[3], re.MULTILINE)
        assert promised, heading
        found.append((heading, match[1], match[2], tuple(re.findall(r"`(\w+)`", promised[1]))))
    return found


@pytest.fixture(scope="module")
def store(embedded_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    space = demo_county(tmp_path_factory.mktemp("asking"))
    space.graph.symlink_to(embedded_folder)
    with open_store(space, environ={}) as opened:
        load(opened, space)
        yield opened
        clear(opened)


@pytest.mark.graph
@pytest.mark.parametrize(
    ("heading", "language", "code", "columns"),
    blocks(),
    ids=[f"{number} {block[0][:30]}" for number, block in enumerate(blocks())],
)
def test_a_block_gives_what_it_says(
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    heading: str,
    language: str,
    code: str,
    columns: tuple[str, ...],
) -> None:
    monkeypatch.delenv("NEO4J_URI", raising=False)
    if language == "cypher":
        answer = ask(store, code)
        assert answer.columns == columns
        assert answer.rows, heading
        return
    (tmp_path / "county").symlink_to(store.workspace.root)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec("from casework.hits import run\n" + code, names)  # noqa: S102 - our own page
    hits = names["hits"]
    held = hits.columns if hasattr(hits, "columns") else hits.keys()
    assert tuple(held) == columns


def test_there_are_twenty_questions_each_with_a_block() -> None:
    asked = re.findall(r"^### (\d+)\. .*\?$", PAGE, re.MULTILINE)
    assert asked == [str(number) for number in range(1, 21)]
    headings = [block[0] for block in blocks()]
    assert all(any(heading.startswith(f"{number}. ") for heading in headings) for number in asked)
    assert PAGE.count("\nVary: ") == 20


def test_every_motif_the_page_runs_or_names_is_there() -> None:
    assert set(re.findall(r'run\("(\w+)"', PAGE)) <= MOTIFS
    named = {word for word in re.findall(r"`([a-z]+(?:_[a-z]+){2,})`", PAGE)}
    assert named - MOTIFS <= {word for *_, columns in blocks() for word in columns}


def rows(heading: str) -> dict[str, set[str]]:
    """Return, of a table of docs/motifs.md, the motifs of each row by its first cell."""
    page = (DOCS / "motifs.md").read_text("utf-8")
    lines = page.partition(heading)[2].strip().splitlines()
    table = [line for line in lines[: lines.index("")] if line.startswith("| ")]
    cells = [line.strip("| ").split(" | ") for line in table]
    return {first: set(re.findall(r"`(\w+)`", last)) for first, *_, last in cells}


def test_every_signature_has_a_motif_and_every_motif_of_the_table_a_file() -> None:
    found = rows("| signature (cases, thirteen) | motif |\n|---|---|")
    assert [int(name.split()[0]) for name in found] == list(range(1, 14))
    assert all(found.values())
    assert set().union(*found.values()) <= MOTIFS


def test_every_behaviour_that_a_motif_treats_has_it() -> None:
    found = rows("| behaviour | what | motif |\n|---|---|---|")
    assert {name: sorted(names) for name, names in found.items()} == {
        "B04": ["swipe_refund_swipe"],
        "B07": ["box_settled_twice"],
        "B08": ["foreign_cards_one_terminal"],
        "B11": ["staff_two_steps_from_payee"],
        "B13": ["invoice_paid_twice", "registrar_is_reviewer"],
        "B14": ["settled_after_death"],
        "B17": ["card_used_in_stay"],
        "B25": ["invoice_series_one_agent"],
        "B46": ["remote_manual_claims"],
    }
    assert set().union(*found.values()) <= MOTIFS
