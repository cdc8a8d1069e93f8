"""What Neo4j's own parser and semantic analysis say of a question, as Cypher 5 and as Cypher 25.

    python -m detectors.motif_lint      # installs the parser: needs node 20 or later, and npm

The parser is an npm package, locked by hash in ``detectors/lint`` and installed once for each
version of that folder into ``.cache/lint`` beside the packages. It is given the labels, types and
properties of ``graph/schema.py``, so that a name the graph does not have is told too.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detectors.motif import Motif, sent, values
from graph.schema import IMPORT, NODES, RELATIONSHIPS

PROJECT = Path(__file__).parent / "lint"
CACHE = Path(__file__).parents[1] / ".cache" / "lint"
FILES = ("package.json", "package-lock.json", ".npmrc", "lint.mjs")
VERSIONS = ("5", "25")
REMEDY = "install node 20 or later, then run 'python -m detectors.motif_lint' once"
SCHEMA = {
    "labels": [item.label for item in (*NODES, IMPORT)],
    "relationshipTypes": [item.type for item in RELATIONSHIPS],
    "propertyKeys": sorted(
        {name for item in (*NODES, IMPORT) for name in item.columns}
        | {each.name for item in RELATIONSHIPS for each in item.properties}
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing the parser says: of which question, as which Cypher, at which line from 0."""

    name: str
    version: str
    line: int
    message: str


def lint(questions: Sequence[dict[str, Any]]) -> list[Said]:
    """Return what the parser says of questions: of each ``name``, ``text`` and ``parameters``.

    Raises
    ------
    OSError, subprocess.CalledProcessError
        If the parser is not :func:`installed`, or breaks off.
    """
    asked = json.dumps({"schema": SCHEMA, "questions": list(questions)})
    said = json.loads(_run(["node", "lint.mjs"], _home(), asked))
    return [Said(**row) for row in said]


def question(motif: Motif) -> dict[str, Any]:
    """Return a motif as :func:`lint` takes it, with its default values."""
    return {"name": motif.name, "text": motif.text, "parameters": sent(values(motif, {}))}


def installed() -> bool:
    """Whether node and this version of the parser are there; asks no network."""
    return shutil.which("node") is not None and _home().is_dir()


def install() -> Path:
    """Install what the lock names if it is not there yet, whole or not at all; return its folder.

    Raises
    ------
    OSError, subprocess.CalledProcessError
        If npm is missing or cannot fetch the packages.
    """
    home = _home()
    if not home.is_dir():
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent) as partial:
            for name in FILES:
                shutil.copy(PROJECT / name, partial)
            _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], Path(partial))
            shutil.copytree(partial, f"{partial}-whole")
        if not home.is_dir():
            Path(f"{partial}-whole").rename(home)
    return home


def _home() -> Path:
    digest = hashlib.sha256(b"".join((PROJECT / name).read_bytes() for name in FILES))
    return CACHE / digest.hexdigest()[:12]


def _run(command: list[str], folder: Path, text: str = "") -> str:
    return subprocess.run(  # noqa: S603 - our own command, no shell
        command, cwd=folder, input=text, check=True, capture_output=True, encoding="utf-8"
    ).stdout


if __name__ == "__main__":
    sys.stdout.write(f"{install()}\n")
