"""Neo4j's own parser finds nothing to say of a motif, as Cypher 5 and as Cypher 25.

The parser is an npm package, locked by hash in ``tests/lint`` and installed once into
``.cache/lint``. Without node the test is skipped, or fails with REQUIRE_LINT=1.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from detectors.motif import motifs, values
from graph.schema import IMPORT, NODES, RELATIONSHIPS

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "tests" / "lint"
FILES = ("package.json", "package-lock.json", ".npmrc", "lint.mjs")
SCHEMA = {
    "labels": [item.label for item in (*NODES, IMPORT)],
    "relationshipTypes": [item.type for item in RELATIONSHIPS],
    "propertyKeys": sorted(
        {name for item in (*NODES, IMPORT) for name in item.columns}
        | {each.name for item in RELATIONSHIPS for each in item.properties}
    ),
}


@pytest.fixture(scope="module")
def parser() -> Path:
    """The folder of the installed parser."""
    try:
        return installed()
    except (OSError, subprocess.CalledProcessError) as broken:
        say = pytest.fail if os.environ.get("REQUIRE_LINT") == "1" else pytest.skip
        say(f"MOTIFS NOT LINTED BY NEO4J'S PARSER: {broken} {getattr(broken, 'stderr', '')}")


def installed() -> Path:
    """Install what the lock names, once for each version of the project; never half of it."""
    digest = hashlib.sha256(b"".join((PROJECT / name).read_bytes() for name in FILES))
    home = ROOT / ".cache" / "lint" / digest.hexdigest()[:12]
    if not home.is_dir():
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent) as partial:
            for name in FILES:
                shutil.copy(PROJECT / name, partial)
            run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], Path(partial))
            shutil.copytree(partial, f"{partial}-whole")
        if not home.is_dir():
            Path(f"{partial}-whole").rename(home)
    return home


def run(command: list[str], folder: Path, text: str = "") -> str:
    return subprocess.run(  # noqa: S603 - our own command
        command, cwd=folder, input=text, check=True, capture_output=True, text=True
    ).stdout


WRONG = {
    "a label": ("MATCH (p:Pateint) RETURN p.person_id AS a", "Label Pateint"),
    "a type": ("MATCH (p:Patient)-[:HOLD]->(c) RETURN c.card_id AS a", "Relationship type HOLD"),
    "a property": ("MATCH (p:Patient) RETURN p.surname AS a", "surname is not present"),
    "a parameter": ("MATCH (p:Patient) RETURN p.person_id + $who AS a", "Parameter $who"),
    "a grouping": ("MATCH (p:Patient) RETURN {a: p.person_id, n: count(*)} AS a", "group"),
    "a word": ("MATCH (p:Patient) RETRUN p", "Invalid input"),
}


@pytest.fixture(scope="module")
def said(parser: Path) -> list[dict[str, Any]]:
    """What the parser says of every motif and of every wrong question, in one go: it warms up."""
    questions = [
        {
            "name": found.name,
            "text": found.text,
            "parameters": {
                name: list(value) if isinstance(value, tuple) else value
                for name, value in values(found, {}).items()
            },
        }
        for found in motifs()
    ]
    questions += [
        {"name": name, "text": text, "parameters": {}} for name, (text, _) in WRONG.items()
    ]
    asked = json.dumps({"schema": SCHEMA, "questions": questions})
    found: list[dict[str, Any]] = json.loads(run(["node", "lint.mjs"], parser, asked))
    return found


def test_the_parser_has_nothing_to_say_of_a_motif(said: list[dict[str, Any]]) -> None:
    assert [row for row in said if row["name"] not in WRONG] == []


@pytest.mark.parametrize("name", WRONG)
def test_the_parser_says_what_is_wrong(said: list[dict[str, Any]], name: str) -> None:
    found = [row for row in said if row["name"] == name]
    assert {row["version"] for row in found} == {"5", "25"}
    assert any(WRONG[name][1] in row["message"] for row in found), found


def test_the_lock_names_no_registry() -> None:
    lock = (PROJECT / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in lock
    assert "://" not in lock
    assert "omit-lockfile-registry-resolved=true" in (PROJECT / ".npmrc").read_text("utf-8")
