"""Jars that a test needs beside Java, fetched once from Maven Central; run apart, never shipped."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from graph.lock import locked

CACHE = Path(__file__).parents[1] / ".cache"


def java() -> str:
    """Return the command that runs Java; ``JAVA`` names another one."""
    return os.environ.get("JAVA", "java")


def unavailable() -> str | None:
    """Why they cannot run here, or None."""
    for tool in ("mvn", java()):
        if not shutil.which(tool):
            return f"{tool} is not installed"
    return None


def assemble(pom: Path, name: str) -> Path:
    """Return the folder ``.cache/NAME/…`` of jars, fetched once for each ``pom``; never half."""
    cache = CACHE / name
    home = cache / hashlib.sha256(pom.read_bytes()).hexdigest()[:12]
    cache.mkdir(parents=True, exist_ok=True)
    with locked(cache / ".lock", timeout_seconds=1200):
        if home.is_dir():
            return home
        with tempfile.TemporaryDirectory(dir=cache) as partial:
            command = ["mvn", "-q", "-B", "-f", str(pom), "package", f"-Djars={partial}/jars"]
            done = subprocess.run(  # noqa: S603 - our own command
                command, check=False, capture_output=True, text=True
            )
            if done.returncode:
                raise RuntimeError(
                    f"mvn could not fetch {name}: {(done.stdout + done.stderr)[:600]}"
                )
            (Path(partial) / "jars").rename(home)
    return home
