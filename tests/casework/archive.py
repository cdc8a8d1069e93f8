"""Whether papers keep to PDF/A-2b, as veraPDF says, the reference validator of ISO 19005.

veraPDF (GPLv3 or MPLv2) is fetched once from Maven Central into ``.cache/verapdf`` and runs as a
process of its own.
"""

import io
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pypdf
import pytest
from pypdf.generic import DictionaryObject, IndirectObject

from tests import jars

HERE = Path(__file__).parent / "verapdf"


def faults(files: Mapping[str, bytes], folder: Path) -> dict[str, list[str]]:
    """Return by name what breaks the rules, nothing for a file that keeps to them.

    ``folder`` is an empty one to lay the files into. Where veraPDF cannot run the test is skipped,
    or fails with REQUIRE_VERAPDF=1.
    """
    held = _validator()
    for name, file in files.items():
        (folder / name).write_bytes(file)
    main = ["org.mozilla.javascript.tools.shell.Main", str(HERE / "archive.js")]
    done = subprocess.run(  # noqa: S603 - our own command
        [jars.java(), "-cp", f"{held}/*", *main, "2b", str(folder)],
        check=True, capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    rows = [line.split("\t", 2) for line in done.stdout.splitlines()]
    checked = {name: int(told) for name, what, told in rows if what == "checked"}
    assert checked.keys() == files.keys(), done.stdout + done.stderr
    assert all(checked.values())
    found: dict[str, list[str]] = {name: [] for name in files}
    for name, clause, told in rows:
        if clause != "checked":
            found[name].append(f"{clause} {told}")
    return found


def _validator() -> Path:
    reason = jars.unavailable()
    if reason is None:
        try:
            return jars.assemble(HERE / "pom.xml", "verapdf")
        except RuntimeError as broken:
            reason = str(broken)
    if os.environ.get("REQUIRE_VERAPDF") == "1":
        pytest.fail(f"REQUIRE_VERAPDF=1, but {reason}")
    pytest.skip(f"NOT CHECKED BY VERAPDF: {reason}")


def described(file: bytes) -> list[str]:
    """Return the words that stand for the pictures of a file, for who cannot see them."""
    reader = pypdf.PdfReader(io.BytesIO(file))
    return [
        str(held["/Alt"])
        for held in _objects(reader)
        if isinstance(held, DictionaryObject) and held.get("/S") == "/Figure" and "/Alt" in held
    ]


def _objects(reader: pypdf.PdfReader) -> list[Any]:
    numbers = {*reader.xref.get(0, {}), *reader.xref_objStm}
    return [reader.get_object(IndirectObject(n, 0, reader)) for n in sorted(numbers) if n]
