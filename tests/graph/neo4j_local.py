"""A private, real Neo4j Community server for tests, assembled from Maven Central (loopback only).

    python -m tests.graph.neo4j_local FOLDER      # runs until Ctrl-C

The jars are fetched once into ``.cache/neo4j`` (GPLv3, run as a separate process, never shipped);
a server keeps its data in a folder of its own, so that several may run at once. Needs ``mvn`` and
Java 17 or 21; ``JAVA`` names another one.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from neo4j import GraphDatabase
from neo4j.exceptions import DriverError, Neo4jError

from tests import jars

HERE = Path(__file__).parent
USER = "neo4j"
CONF = """\
server.default_listen_address=127.0.0.1
server.bolt.listen_address=127.0.0.1:{port}
server.http.enabled=false
server.https.enabled=false
server.memory.pagecache.size=256m
dbms.security.auth_enabled=true
dbms.usage_report.enabled=false
db.transaction.timeout=60s
db.tx_log.preallocate=false
db.tx_log.rotation.retention_policy=2 files
dbms.security.allow_csv_import_from_file_urls=false
internal.dbms.cypher_ip_blocklist=0.0.0.0/0,::/0
"""
# A server of minutes is done before the second compiler's work pays off: a quarter less computing.
BRIEF = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
OPENS = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Neo4j:
    """A running server and what :func:`graph.store.open_store` needs to reach it."""

    folder: Path
    uri: str
    password: str
    process: subprocess.Popen[bytes]

    @property
    def environ(self) -> dict[str, str]:
        return {"NEO4J_URI": self.uri, "NEO4J_USER": USER, "NEO4J_PASSWORD": self.password}


def start(
    folder: Path,
    *,
    heap: str = "512m",
    wait_seconds: float = 180,
    import_with: Sequence[str] = (),
) -> Neo4j:
    """Start a server with its data in ``folder`` and return it when it answers.

    ``import_with`` are arguments of ``neo4j-admin``, run before the first start.
    """
    held = assemble()
    for name in ("conf", "data", "logs", "import", "run", "plugins"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    secret = folder / "password"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_hex(16))
        admin(folder, "dbms", "set-initial-password", secret.read_text())
        if import_with:
            admin(folder, *import_with)
    return run(folder, held, secret.read_text(), heap=heap, wait_seconds=wait_seconds)


def run(folder: Path, held: Path, password: str, *, heap: str, wait_seconds: float) -> Neo4j:
    port = _free_port()
    (folder / "conf" / "neo4j.conf").write_text(CONF.format(port=port))
    with (folder / "logs" / "console.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [
                jars.java(),
                "-cp",
                f"{folder}/conf{os.pathsep}{held}/*",
                *BRIEF,
                f"-Xmx{heap}",
                "-Dfile.encoding=UTF-8",
                *[f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in OPENS],
                _entry_point(held),
                f"--home-dir={folder}",
                f"--config-dir={folder / 'conf'}",
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Neo4j(
        folder=folder, uri=f"bolt://127.0.0.1:{port}", password=password, process=process
    )
    deadline = time.monotonic() + wait_seconds
    while not _answers(server):
        if process.poll() is not None or time.monotonic() > deadline:
            stop(server)
            tail = (folder / "logs" / "console.log").read_text()[-600:]
            raise RuntimeError(f"Neo4j did not start: {tail}")
        time.sleep(0.2)
    return server


def stop(server: Neo4j) -> None:
    server.process.send_signal(signal.SIGTERM)
    try:
        server.process.wait(60)
    except subprocess.TimeoutExpired:
        server.process.kill()
        server.process.wait()


def admin(folder: Path, *arguments: str, heap: str = "512m") -> str:
    """Run neo4j-admin for the server of a folder, which must be stopped; return what it said."""
    environ = dict(os.environ, NEO4J_HOME=str(folder), NEO4J_CONF=str(folder / "conf"))
    done = subprocess.run(  # noqa: S603 - our own command
        [
            jars.java(),
            *BRIEF,
            f"-Xmx{heap}",
            "-cp",
            f"{assemble()}/*",
            "org.neo4j.server.startup.Neo4jAdminCommand",
            *arguments,
        ],
        env=environ,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"neo4j-admin {arguments[0]} failed: {done.stdout}{done.stderr}")
    return done.stdout


def assemble() -> Path:
    """Return the folder of the server's jars."""
    return jars.assemble(HERE / "pom.xml", "neo4j")


def _entry_point(held: Path) -> str:
    """Return the server's main class, which its jar names; it differs between versions."""
    (jar,) = held.glob("neo4j-[0-9]*.jar")
    with zipfile.ZipFile(jar) as inside:
        services = inside.read("META-INF/services/org.neo4j.server.startup.EntryPoint")
    return services.decode().split()[0]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(server: Neo4j) -> bool:
    try:
        with (
            GraphDatabase.driver(server.uri, auth=(USER, server.password)) as driver,
            driver.session(database="neo4j") as session,
        ):
            session.run("RETURN 1").consume()
    except (DriverError, Neo4jError, OSError):
        return False
    return True


if __name__ == "__main__":
    if reason := jars.unavailable():
        sys.exit(f"cannot run Neo4j from Maven: {reason}")
    running = start(Path(sys.argv[1]).resolve())
    sys.stdout.write(f"{running.uri} user {USER}, password in {running.folder / 'password'}\n")
    sys.stdout.flush()
    try:
        running.process.wait()
    except KeyboardInterrupt:
        stop(running)
