"""Motifs that users write: the template, every check of a file, and a folder of one's own."""

import logging
import subprocess
from pathlib import Path
from typing import get_args

import pytest

from detectors import motif_lint
from detectors.motif import (
    FOLDER,
    broken_motifs,
    in_words,
    motif,
    motifs,
    read_motif,
    run_motif,
)
from detectors.motif_check import CHECKS, Check, State, check
from detectors.motif_file import checked_motif
from detectors.motif_template import template
from graph.load import load
from graph.store import Store
from ingest.errors import RingfenceError
from ingest.texts import say
from tests.detectors.test_motif_file import GOOD
from tests.graph.attacks import PROCEDURES, REACHES, RULES, WRITES
from tests.graph.test_load import everything
from tests.world import Settlement, World, write_world

CROWD = World(
    settlements=(
        *(Settlement(setl_id=f"s{n}", person=f"p{n}") for n in range(12)),
        Settlement(setl_id="t", person="p0"),
    )
)


def written(folder: Path, name: str, text: str | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.cypher"
    path.write_text(template(name) if text is None else text, "utf-8")
    return path


def states(found: list[Check]) -> dict[str, str]:
    assert [one.name for one in found] == list(CHECKS)
    assert all(one.reason for one in found)
    return {one.name: one.state for one in found}


@pytest.fixture(scope="module")
def crowd(shared_store: Store) -> Store:
    load(shared_store, write_world(CROWD, shared_store.workspace))
    return shared_store


@pytest.fixture
def _parser() -> None:
    try:
        motif_lint.install()
    except (OSError, subprocess.CalledProcessError) as broken:
        pytest.skip(f"Neo4j's parser cannot be installed here: {broken}")


@pytest.fixture
def _no_parser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As where the parser was never installed: it takes seconds to start."""
    monkeypatch.setattr(motif_lint, "CACHE", tmp_path / "none")


@pytest.mark.usefixtures("_parser")
def test_the_template_passes_every_check(crowd: Store, tmp_path: Path) -> None:
    found = check(written(tmp_path, "my_question"), store=crowd)
    assert states(found) == dict.fromkeys(CHECKS, "passed"), found
    assert "1 rows" in found[-1].reason


def test_the_template_finds_the_crowd(crowd: Store, tmp_path: Path) -> None:
    found = read_motif(written(tmp_path, "my_question"))
    (row,) = run_motif(crowd, found).rows
    people = sorted(f"P-p{n}" for n in range(12))
    assert (row[0], row[2], row[3], row[4]) == ("D1", "P1", 12, people)
    assert row[5] == sorted([*(f"s{n}" for n in range(12)), "t"])
    assert run_motif(crowd, found, parameters={"min_people": 13}).rows == ()


def test_every_check_and_state_has_its_words() -> None:
    for language in ("zh", "en"):
        assert all(say(f"motif_check.name.{name}", language) for name in CHECKS)
        assert all(say(f"motif_check.state.{state}", language) for state in get_args(State))


@pytest.mark.parametrize("name", ["", "My", "a-b", "../x", "1x", "x.cypher", "_x"])
def test_a_template_has_a_name_that_a_file_may_have(name: str) -> None:
    with pytest.raises(RingfenceError, match="The name of a motif is"):
        template(name)


@pytest.mark.usefixtures("_no_parser")
def test_without_a_server_and_parser_nothing_counts_as_passed(tmp_path: Path) -> None:
    found = check(written(tmp_path, "my_question"))
    assert states(found) == {
        **dict.fromkeys(CHECKS, "not_checked"), "header": "passed", "query": "passed"
    }  # fmt: skip
    assert "python -m detectors.motif_lint" in found[2].reason


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    text = (
        GOOD.replace("more cards?", "more cards.")
        .replace('identity = ["person_id"]', 'identity = ["who"]')
        .replace("default = 3", "default = 1")
        .replace(">= $min_cards", ">= $fewest SET person.a = 1")
    )
    path = written(tmp_path, "many_cards", text)
    _, header, query = checked_motif(path)
    assert [fault.partition(": ")[2].split()[0] for fault in header] == [
        "question", "identity[0]", "params.min_cards.default"
    ]  # fmt: skip
    assert len(query) == 3
    found = check(path)
    assert states(found) == {
        **dict.fromkeys(CHECKS, "not_checked"), "header": "failed", "query": "failed"
    }  # fmt: skip
    assert all(fault in found[0].reason for fault in header)


def test_missing_fields_are_told_together(tmp_path: Path) -> None:
    text = GOOD.replace('title    = "Many cards"\n', "").replace('unit    = "cards"\n', "")
    _, header, _ = checked_motif(written(tmp_path, "many_cards", text))
    assert header == [
        "many_cards.cypher: header lacks 'title'.",
        "many_cards.cypher: params.min_cards lacks 'unit'.",
    ]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("{min_cards} or", "{min_cards:>999999999} or", "question gives a placeholder a format"),
        ("{min_cards} or", "{min_cards!r} or", "question gives a placeholder a format"),
        ("{min_cards} or", "{min_cards.real} or", "which [params] does not declare"),
        ("min_cards", "limit", "params.limit has the name of an option"),
        ("default = 3", "default = nan", "params.min_cards.default is nan, below its least"),
    ],
)
def test_a_file_that_would_mislead_is_refused(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    with pytest.raises(RingfenceError) as refused:
        read_motif(written(tmp_path, "many_cards", GOOD.replace(old, new)))
    assert says in str(refused.value)


@pytest.mark.usefixtures("_parser")
def test_the_parser_and_the_server_tell_what_the_file_does_not(
    crowd: Store, tmp_path: Path
) -> None:
    wrong = template("my_question").replace("(device:Device)", "(device:Devise)")
    found = {one.name: one for one in check(written(tmp_path, "my_question", wrong), store=crowd)}
    assert (found["cypher_5"].state, found["cypher_25"].state) == ("failed", "failed")
    assert "Devise" in found["cypher_5"].reason
    assert (found["plan"].state == "failed") == (crowd.flavour == "neo4j")
    assert found["columns"].state in ("passed", "not_checked")


@pytest.mark.usefixtures("_no_parser")
def test_columns_that_differ_and_rows_that_are_the_same_fail(crowd: Store, tmp_path: Path) -> None:
    text = template("my_question")
    other = text.replace("size(person_ids) AS people", "size(person_ids) AS persons")
    other = other.replace("ORDER BY people", "ORDER BY persons")
    found = {one.name: one for one in check(written(tmp_path, "my_question", other), store=crowd)}
    assert found["columns"].state == "failed"
    assert "persons" in found["columns"].reason
    twice = text.replace('["device_id", "day"]', '["place_id"]').replace(
        "// Start at", "UNWIND [1, 2] AS again\n// Start at"
    )
    found = {one.name: one for one in check(written(tmp_path, "my_question", twice), store=crowd)}
    assert found["identity"].state == "failed"
    assert "P1" in found["identity"].reason
    assert found["columns"].state == "passed"


@pytest.mark.usefixtures("_no_parser")
def test_a_question_without_a_hit_is_not_called_checked(crowd: Store, tmp_path: Path) -> None:
    none = template("my_question").replace("default = 12", "default = 1000")
    found = {one.name: one.state for one in check(written(tmp_path, "none", none), store=crowd)}
    wanted = "not_checked" if crowd.flavour == "embedded" else "passed"
    assert (found["columns"], found["identity"], found["time"]) == (
        wanted, "not_checked", "passed"
    )  # fmt: skip


def test_a_folder_of_ones_own_stands_beside_the_shipped_motifs(tmp_path: Path) -> None:
    path = written(tmp_path / "motifs", "my_question")
    shipped, both = motifs(), motifs(path.parent)
    assert [found.name for found in both] == sorted([*(m.name for m in shipped), "my_question"])
    own = motif("my_question", path.parent)
    assert own.text == template("my_question")
    assert in_words(own, "question", language="zh") == own.question.format(min_people=12)
    with pytest.raises(RingfenceError, match="no motif 'my_question'"):
        motif("my_question")
    assert motifs(tmp_path / "nowhere") == shipped
    assert motif("box_settled_twice", path.parent) == motif("box_settled_twice")


def test_a_broken_file_takes_no_other_away_and_is_not_hidden(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "motifs"
    good = written(folder, "good_question")
    bad = written(folder, "bad_question", "MATCH (n) RETURN n")
    folder.joinpath("folder.cypher").mkdir()
    clash = written(folder, "box_settled_twice")
    with caplog.at_level(logging.WARNING, "detectors.motif"):
        names = [found.name for found in motifs(folder)]
    assert good.stem in names
    assert bad.stem not in names
    assert names.count("box_settled_twice") == 1
    assert len([line for line in caplog.messages if "left out" in line]) == 3
    broken = broken_motifs(folder)
    assert [one.path.name for one in broken] == [bad.name, clash.name, "folder.cypher"]
    assert "the header is missing" in broken[0].reason
    assert broken_motifs(None) == []
    with pytest.raises(RingfenceError, match=r"bad_question\.cypher: the header is missing"):
        motif("bad_question", folder)


def test_the_name_of_a_shipped_motif_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "motifs", "box_settled_twice")
    with pytest.raises(RingfenceError, match="has the name of a motif that is shipped"):
        motif("box_settled_twice", path.parent)
    assert read_motif(path).digest != motif("box_settled_twice").digest
    own = read_motif(path)
    assert in_words(own, "title", language="zh") == own.title
    assert broken_motifs(FOLDER) == []


@pytest.mark.parametrize(
    "text",
    [
        text
        for group in (WRITES, RULES, REACHES, PROCEDURES)
        for name, text in group.items()
        if name != "with wide letters"  # no words to either server: both refuse them
    ],
)
def test_a_motif_of_ones_own_does_not_do_it_either(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, "my_question", template("my_question").partition("*/")[0] + "*/\n")
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{text}\n")
    faults = checked_motif(path)[2]
    assert [one for one in faults if one.startswith("my_question.cypher: query ")], faults
    with pytest.raises(RingfenceError, match=r"^my_question\.cypher: "):
        read_motif(path)


@pytest.mark.usefixtures("_no_parser")
def test_a_motif_that_hides_what_it_does_is_not_sent(crowd: Store, tmp_path: Path) -> None:
    before = everything(crowd)
    head, _, query = template("my_question").partition("*/")
    for hidden in (
        "*/ MATCH (n) DETACH DELETE n /*",
        "*/\nMATCH (p:Patient) SET p.a = 1\n/*",
        "// $min_people\rMATCH (n) DETACH DELETE n",
    ):
        path = written(tmp_path, "my_question", f"{head}*/ {hidden} */{query}")
        assert {one.state for one in check(path, store=crowd)} == {
            "passed",
            "failed",
            "not_checked",
        }
        with pytest.raises(RingfenceError):
            run_motif(crowd, read_motif(path))
    assert everything(crowd) == before
