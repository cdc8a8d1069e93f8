"""A private PostgreSQL for the tests, from the machine's own binaries; nothing is installed."""

import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """A running server; ``url`` names its empty database."""

    folder: Path
    binaries: Path
    port: int
    password: str
    user: str | None

    def url(self, database: str) -> str:
        return f"postgresql://ringfence:{self.password}@127.0.0.1:{self.port}/{database}"


def unavailable() -> str | None:
    """Return why the server cannot run here, None if it can."""
    if _binaries() is None:
        return "no initdb found: install the Debian package postgresql"
    if importlib.util.find_spec("psycopg") is None:
        return "the Python package psycopg is not installed"
    if os.geteuid() == 0 and _other_user() is None:
        return "PostgreSQL does not run as root and there is no user postgres or nobody"
    return None


def start() -> Postgres:
    """Start a server in a folder of its own, on this machine's loopback, with a password."""
    binaries = _binaries()
    assert binaries is not None
    folder = Path(tempfile.mkdtemp(prefix="ringfence-pg-"))
    user = _other_user() if os.geteuid() == 0 else None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Postgres(
        folder=folder, binaries=binaries, port=port, password=secrets.token_hex(8), user=user
    )
    secret = folder / "password"
    secret.write_text(server.password)
    if user:
        shutil.chown(folder, user)
        shutil.chown(secret, user)
    _run(
        server,
        "initdb",
        *("--pgdata", folder / "data", "--username", "ringfence", "--pwfile", secret),
        *("--auth", "scram-sha-256", "--encoding", "UTF8", "--no-sync", "--locale", "C"),
    )
    options = f"-c listen_addresses=127.0.0.1 -p {port} -k '' -c fsync=off"
    _run(
        server,
        *("pg_ctl", "start", "--wait", "--pgdata", folder / "data"),
        *("--log", folder / "log", "--options", options),
    )
    return server


def stop(server: Postgres) -> None:
    _run(server, "pg_ctl", "stop", "--pgdata", server.folder / "data", "--mode", "immediate")
    shutil.rmtree(server.folder, ignore_errors=True)


def _run(server: Postgres, program: str, *words: object) -> None:
    with (server.folder / "out").open("ab") as out:  # pg_ctl's child keeps what it inherits
        ended = subprocess.run(  # noqa: S603 - the machine's own PostgreSQL
            [server.binaries / program, *map(str, words)],
            cwd=server.folder,
            user=server.user,
            stdout=out,
            stderr=out,
            check=False,
        )
    if ended.returncode:
        raise RuntimeError((server.folder / "out").read_text("utf-8", "replace")[-2000:])


def _binaries() -> Path | None:
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None


def _other_user() -> str | None:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    return None
