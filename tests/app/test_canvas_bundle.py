"""The bundle of the canvas that lies in the repository is the one its sources give."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from graph import schema
from ingest.texts import catalogue
from ringfence_canvas import TYPES

ROOT = Path(__file__).parents[2]
HOME, BUILT = ROOT / "canvas", ROOT / "ringfence_canvas" / "build"
MADE = json.loads((BUILT / "made-from.json").read_text("utf-8"))


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_bundle_was_made_from_these_sources() -> None:
    """After a change below ``canvas/`` run 'make canvas' and keep what it makes."""
    sources = {"package.json", "package-lock.json", "build.mjs"}
    sources |= {f"src/{path.name}" for path in (HOME / "src").iterdir()}
    expected = {f"canvas/{name}": sha256(HOME / name) for name in sources}
    expected["ringfence_canvas/types.json"] = sha256(ROOT / "ringfence_canvas" / "types.json")
    assert MADE["sources"] == expected
    assert MADE["bundle"] == sha256(BUILT / "index.js")
    assert MADE["licences"] == sha256(BUILT / "LICENSES.txt")


def test_the_lock_pins_by_hash_and_names_no_host() -> None:
    text = (HOME / "package-lock.json").read_text("utf-8")
    assert "://" not in text
    assert "resolved" not in text
    packages = {name: each for name, each in json.loads(text)["packages"].items() if name}
    assert packages
    assert all(each["integrity"].startswith("sha512-") for each in packages.values())
    asked = json.loads((HOME / "package.json").read_text("utf-8"))
    for name, version in {**asked["dependencies"], **asked["devDependencies"]}.items():
        assert packages[f"node_modules/{name}"]["version"] == version, "exact versions only"


def test_the_bundle_asks_nobody_and_its_licences_come_along() -> None:
    bundle = (BUILT / "index.js").read_text("utf-8")
    addresses = set(re.findall(r"(?:https?|wss?)://[^\s\"'`)]+", bundle))
    assert addresses <= {"http" + "://www.w3.org/2000/svg"}, "a name space, not an address"
    assert "eval(" not in bundle
    assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|sendBeacon|importScripts)\b", bundle)
    licences = (BUILT / "LICENSES.txt").read_text("utf-8")
    for name in ("cytoscape", "cytoscape-fcose", "cose-base", "layout-base"):
        assert re.search(rf"^{name} [\d.]+ \(MIT\)$", licences, re.MULTILINE)


def test_every_label_has_a_look_and_a_name() -> None:
    labels = {node.label for node in schema.NODES}
    assert set(TYPES) == labels
    texts = catalogue()
    for label, (name, *_) in TYPES.items():
        assert texts[f"canvas.type.{label}"]["zh"] == name
    for relation in schema.RELATIONSHIPS:
        assert f"canvas.tie.{relation.type}" in texts
    for node in schema.NODES:
        for item in node.properties:
            assert f"canvas.property.{item.name}" in texts


@pytest.mark.slow
def test_building_again_gives_the_same_bytes(tmp_path: Path) -> None:
    if shutil.which("npm") is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("REQUIRE_BROWSER=1, but there is no npm on the path")
        pytest.skip("THE BUNDLE WAS NOT BUILT AGAIN: there is no npm on the path")
    home = tmp_path / "canvas"
    shutil.copytree(HOME, home, ignore=shutil.ignore_patterns("node_modules"))
    module = tmp_path / "ringfence_canvas"
    module.mkdir()
    shutil.copy(ROOT / "ringfence_canvas" / "types.json", module)
    (module / "build").mkdir()
    clean = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts"]
    for words in (clean, ["node", "build.mjs"]):
        subprocess.run(words, cwd=home, check=True, capture_output=True, timeout=300)  # noqa: S603
    for name in ("index.js", "LICENSES.txt", "made-from.json"):
        assert (module / "build" / name).read_bytes() == (BUILT / name).read_bytes(), name
