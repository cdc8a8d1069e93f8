"""A workspace that commands are run on, with passwords typed in."""

import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from app.cli import command

GOOD = "four plain words"


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A workspace that commands are run on."""

    folder: Path

    def run(self, *words: str, typed: str = "", code: int = 0) -> Any:
        line = [*words, "--workspace", str(self.folder), "--json", "--lang", "en"]
        out, err = StringIO(), StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.setattr(sys, "stdin", StringIO(typed))
            with pytest.raises(SystemExit) as ended:
                command("en")(line, prog_name="ringfence")
        assert (ended.value.code or 0) == code, out.getvalue() + err.getvalue()
        return json.loads(out.getvalue()) if code == 0 else err.getvalue()


def opened(folder: Path) -> Desk:
    """Return a desk whose administrator, ``root``, has changed the first password."""
    held = Desk(folder=folder)
    given = held.run("accounts", "first", "root")["password"]
    assert "already" in held.run("accounts", "first", "other", code=1)
    held.run("accounts", "password", "root", typed=f"{given}\n{GOOD}\n{GOOD}\n")
    return held
