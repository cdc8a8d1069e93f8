"""Neo4j's own parser finds nothing to say of a motif, as Cypher 5 and as Cypher 25.

The parser is an npm package, see :mod:`detectors.motif_lint`. Without node the test is skipped, or
fails with REQUIRE_LINT=1.
"""

import os
import subprocess

import pytest

from detectors.motif import motifs
from detectors.motif_lint import PROJECT, Said, install, lint, question

WRONG = {
    "a label": ("MATCH (p:Pateint) RETURN p.person_id AS a", "Label Pateint"),
    "a type": ("MATCH (p:Patient)-[:HOLD]->(c) RETURN c.card_id AS a", "Relationship type HOLD"),
    "a property": ("MATCH (p:Patient) RETURN p.surname AS a", "surname is not present"),
    "a parameter": ("MATCH (p:Patient) RETURN p.person_id + $who AS a", "Parameter $who"),
    "a grouping": ("MATCH (p:Patient) RETURN {a: p.person_id, n: count(*)} AS a", "group"),
    "a word": ("MATCH (p:Patient) RETRUN p", "Invalid input"),
}


@pytest.fixture(scope="module")
def said() -> list[Said]:
    """What the parser says of every motif and of every wrong question, in one go: it warms up."""
    try:
        install()
    except (OSError, subprocess.CalledProcessError) as broken:
        say = pytest.fail if os.environ.get("REQUIRE_LINT") == "1" else pytest.skip
        say(f"MOTIFS NOT LINTED BY NEO4J'S PARSER: {broken} {getattr(broken, 'stderr', '')}")
    questions = [question(found) for found in motifs()]
    questions += [
        {"name": name, "text": text, "parameters": {}} for name, (text, _) in WRONG.items()
    ]
    return lint(questions)


def test_the_parser_has_nothing_to_say_of_a_motif(said: list[Said]) -> None:
    assert [row for row in said if row.name not in WRONG] == []


@pytest.mark.parametrize("name", WRONG)
def test_the_parser_says_what_is_wrong(said: list[Said], name: str) -> None:
    found = [row for row in said if row.name == name]
    assert {row.version for row in found} == {"5", "25"}
    assert any(WRONG[name][1] in row.message for row in found), found


def test_the_lock_names_no_registry() -> None:
    lock = (PROJECT / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in lock
    assert "://" not in lock
    assert "omit-lockfile-registry-resolved=true" in (PROJECT / ".npmrc").read_text("utf-8")
