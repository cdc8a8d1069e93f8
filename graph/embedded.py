"""The embedded graph server: a private ArcadeDB child process that speaks Bolt on 127.0.0.1.

Everything lies in one folder: ``server.json`` (pid and ports of the running server),
``passwords.json`` and ``root.password`` (made once), ``databases``, ``config`` and ``log``. Folder
0700, files with secrets 0600. Passwords are never on a command line: the server reads its own from
``root.password`` and learns the reader's over its loopback HTTP port.

Two accounts: ``root`` writes; ``reader`` may only read records, whatever a question says. The
server also stops any question after its own time limit and opens no file or address for a query.
"""

import base64
import http.client
import importlib.util
import json
import os
import platform
import secrets
import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from neo4j import GraphDatabase
from neo4j.exceptions import DriverError, Neo4jError

from graph.lock import locked
from ingest.errors import RingfenceError
from ingest.telling import to_say

DATABASE = "neo4j"
WRITER, READER = "root", "reader"
LIMIT_SECONDS = 60
OLDEST_GLIBC = (2, 34)

_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running embedded server; ``limit_seconds`` is its own limit for one statement."""

    folder: Path
    pid: int
    bolt_port: int
    http_port: int
    limit_seconds: float
    password: str = field(repr=False)
    reader_password: str = field(repr=False)

    @property
    def uri(self) -> str:
        """Where it answers Bolt."""
        return f"bolt://127.0.0.1:{self.bolt_port}"


def start(
    folder: Path,
    *,
    heap: str = "1g",
    timeout_seconds: float = 60,
    limit_seconds: float = LIMIT_SECONDS,
) -> Server:
    """Return the server of this folder, starting it if none runs: ready when it answers.

    ``heap`` is the JVM's ``-Xmx``; resident memory is about 300 MB more. Of two processes that
    start at once one starts the server and both return it. A server that was killed leaves its
    files behind; the next start takes over and recovers what was acknowledged.

    Raises
    ------
    RingfenceError
        If the wheel is missing or does not fit this machine, or the server is not ready in
        ``timeout_seconds``; the message ends with the last line of its log.
    """
    java, jars = _installed()
    folder = folder.resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locked(folder / ".lock", timeout_seconds=timeout_seconds):
        deadline = time.monotonic() + timeout_seconds
        server = _noted(folder)
        if server is None or not _alive(server):
            server = _launch(folder, java, jars, heap, limit_seconds)
        while not _ready(server, deadline):
            server = _launch(folder, java, jars, heap, limit_seconds)
        _admit_reader(server)
        return server


def find(folder: Path) -> Server | None:
    """Return the server that runs for this folder and answers, or None; never starts one."""
    server = _noted(folder.resolve())
    if server and _alive(server) and _answers(server, READER, server.reader_password):
        return server
    return None


def stop(folder: Path, *, timeout_seconds: float = 30) -> bool:
    """Stop the server of this folder cleanly; return whether one was running."""
    folder = folder.resolve()
    if not folder.is_dir():
        return False
    with locked(folder / ".lock", timeout_seconds=timeout_seconds):
        return _end(folder, timeout_seconds)


def database_of(server: Server) -> str:
    """Return the database that holds the current graph; a fresh one takes over by :func:`adopt`."""
    try:
        return (server.folder / "current").read_text("utf-8")
    except FileNotFoundError:
        return DATABASE


def adopt(server: Server, database: str) -> None:
    """Make ``database`` the current graph in one atomic step and drop what no one uses any more."""
    _write_secret(server.folder / "current", database)
    drop_others(server)


def drop_others(server: Server) -> None:
    """Drop every database but the current one and the default: leftovers of a killed load."""
    kept = {DATABASE, database_of(server)}
    for name in command(server, "list databases")["result"]:
        if name not in kept:
            command(server, f"drop database {name}")


def flush(server: Server, database: str) -> None:
    """Bring a database to disk: a fill writes no journal, so a kill could still spoil it."""
    command(server, f"close database {database}")
    command(server, f"open database {database}")


def command(server: Server, text: str) -> Any:
    """Run one server command (``create database``, ``drop database``, ``list databases``)."""
    return request(server, "/api/v1/server", json.dumps({"command": text}).encode())


def request(
    server: Server,
    path: str,
    body: Any,
    *,
    content: str = "application/json",
    size: int | None = None,
    seconds: float = 60,
) -> Any:
    """POST to the server's loopback HTTP port as ``root`` and return its JSON answer.

    ``body`` is bytes, or an iterable of them of ``size`` bytes in all, which is streamed.

    Raises
    ------
    RingfenceError
        If the server refuses or breaks off.
    """
    token = base64.b64encode(f"{WRITER}:{server.password}".encode()).decode()
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=seconds)
    try:
        headers = {"Authorization": f"Basic {token}", "Content-Type": content}
        if size is not None:
            headers["Content-Length"] = str(size)
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
    except (OSError, http.client.HTTPException) as broken:
        raise RingfenceError(
            to_say("refused.graph.broke_off", broken=broken, last=_last_line(server.folder))
        ) from broken
    finally:
        connection.close()
    if answer.status >= 300:
        raise RingfenceError(
            to_say("refused.graph.embedded_refused", answer=text.decode(errors="replace"))
        )
    return json.loads(text) if text else {}


def _installed() -> tuple[Path, Path]:
    """Return the wheel's java and its jars: found, never imported into this process."""
    found = importlib.util.find_spec("arcadedb_embedded")
    if found is None or found.origin is None:
        raise RingfenceError(to_say("refused.graph.not_installed"))
    name, version = platform.libc_ver()
    if name == "glibc" and tuple(int(part) for part in version.split(".")[:2]) < OLDEST_GLIBC:
        raise RingfenceError(to_say("refused.graph.glibc", version=version))
    package = Path(found.origin).parent
    java = package / "jre" / "bin" / ("java.exe" if os.name == "nt" else "java")
    if not java.is_file():
        raise RingfenceError(to_say("refused.graph.no_java"))
    return java, package / "jars"


def _launch(folder: Path, java: Path, jars: Path, heap: str, limit_seconds: float) -> Server:
    passwords = _passwords(folder)
    bolt_port, http_port = _free_ports()
    (folder / "log").mkdir(mode=0o700, exist_ok=True)
    options = {
        "server.rootPath": folder,
        "server.rootPasswordPath": folder / "root.password",
        "server.mode": "development",  # "production" hides the messages of errors
        "server.logsDirectory": folder / "log",
        "server.databaseDirectory": folder / "databases",
        "server.defaultDatabases": f"{DATABASE}[]",
        "server.httpIncomingHost": "127.0.0.1",
        "server.httpIncomingPort": http_port,
        "server.httpBodyContentMaxSize": -1,
        "server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
        "bolt.host": "127.0.0.1",
        "bolt.port": bolt_port,
        "bolt.defaultDatabase": DATABASE,
        "command.timeout": int(limit_seconds * 1000),
        "opencypher.loadCsv.allowFileUrls": "false",
        "opencypher.loadCsv.allowRemoteUrls": "false",
        "txWalFlush": 2,  # an acknowledged write survives a power loss
    }
    with (folder / "log" / "console.log").open("wb") as console:
        process = subprocess.Popen(  # noqa: S603 - our own wheel's java, no shell
            [
                str(java),
                f"-Xmx{heap}",
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.awt.headless=true",
                *[f"-Darcadedb.{name}={value}" for name, value in options.items()],
                "-cp",
                f"{jars}/*",
                "com.arcadedb.server.ArcadeDBServer",
            ],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _children[process.pid] = process
    server = Server(
        folder=folder,
        pid=process.pid,
        bolt_port=bolt_port,
        http_port=http_port,
        limit_seconds=limit_seconds,
        password=passwords[WRITER],
        reader_password=passwords[READER],
    )
    noted = {
        name: value
        for name, value in asdict(server).items()
        if name in {"pid", "bolt_port", "http_port", "limit_seconds"}
    }
    _write_secret(folder / "server.json", json.dumps(noted))
    return server


def _ready(server: Server, deadline: float) -> bool:
    """Wait until the server answers; False if a port was taken meanwhile and it must try again."""
    while not _answers(server, WRITER, server.password):
        if _port_taken(server.folder):
            _abandon(server)
            return False
        if not _alive(server) or 'Exception in thread "main"' in _console(server.folder):
            last = _last_line(server.folder)
            _abandon(server)
            raise RingfenceError(to_say("refused.graph.ended", last=last))
        if time.monotonic() > deadline:
            raise RingfenceError(
                to_say("refused.graph.no_answer", pid=server.pid, last=_last_line(server.folder))
            )
        time.sleep(0.1)
    return True


def _abandon(server: Server) -> None:
    """Kill a server of ours that failed while starting: it holds nothing, and may hang for long."""
    child = _children.pop(server.pid, None)
    if child is not None:
        child.kill()
        child.wait()
    (server.folder / "server.json").unlink(missing_ok=True)


def _admit_reader(server: Server) -> None:
    user = {
        "name": READER,
        "password": server.reader_password,
        "databases": {"*": ["reader"]},
    }
    users = server.folder / "config" / "server-users.jsonl"
    known = users.read_text("utf-8") if users.exists() else ""
    if f'"{READER}"' not in known:
        command(server, f"create user {json.dumps(user)}")


def _answers(server: Server, user: str, password: str) -> bool:
    try:
        with (
            GraphDatabase.driver(
                server.uri,
                auth=(user, password),
                connection_timeout=5,
                connection_acquisition_timeout=5,  # a stranger on the port may never say a word
            ) as driver,
            driver.session(database=DATABASE) as session,
        ):
            session.run("RETURN 1 AS ready").consume()
    except (DriverError, Neo4jError, OSError):
        return False
    return True


def _noted(folder: Path) -> Server | None:
    try:
        noted = json.loads((folder / "server.json").read_text("utf-8"))
        passwords = json.loads((folder / "passwords.json").read_text("utf-8"))
        return Server(
            folder=folder,
            **noted,
            password=passwords[WRITER],
            reader_password=passwords[READER],
        )
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


def _alive(server: Server) -> bool:
    """Whether the noted process still is this folder's server, not a stranger with its number."""
    child = _children.get(server.pid)
    if child is not None:
        child.poll()  # so that an ended child of ours is no longer listed
    return f"-Darcadedb.server.rootPath={server.folder}" in _command_line(server.pid)


def _command_line(pid: int) -> str:
    """Return a process's command line; empty for one that ended or is a stranger's."""
    path = Path(f"/proc/{pid}/cmdline")
    if not Path("/proc/self").exists():
        return _described(pid)
    with suppress(OSError):
        for _ in range(10):  # it reads as empty for a moment while a process replaces its program
            if line := path.read_bytes():
                return line.decode(errors="replace")
            time.sleep(0.01)
    return ""


def _described(pid: int) -> str:
    """Return a process's command line where there is no /proc."""
    tool = (
        ["wmic", "process", "where", f"ProcessId={pid}", "get", "CommandLine"]
        if os.name == "nt"
        else ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    )
    return subprocess.run(tool, capture_output=True, text=True, check=False).stdout  # noqa: S603


def _end(folder: Path, timeout_seconds: float = 30) -> bool:
    server = _noted(folder)
    running = server is not None and _alive(server)
    if server is not None and running:
        os.kill(server.pid, signal.SIGTERM)
        deadline = time.monotonic() + timeout_seconds
        while _alive(server):
            if time.monotonic() > deadline:
                raise RingfenceError(to_say("refused.graph.no_stop", pid=server.pid))
            time.sleep(0.05)
    child = _children.pop(server.pid, None) if server is not None else None
    if child is not None:
        child.wait(timeout_seconds)
    (folder / "server.json").unlink(missing_ok=True)
    return running


def _passwords(folder: Path) -> dict[str, str]:
    """Return both passwords; made before the server first runs, which then knows them."""
    path = folder / "passwords.json"
    if not path.exists():
        made = {WRITER: secrets.token_urlsafe(24), READER: secrets.token_urlsafe(24)}
        _write_secret(path, json.dumps(made))
        _restrict_reader(folder)
    passwords: dict[str, str] = json.loads(path.read_text("utf-8"))
    _write_secret(folder / "root.password", passwords[WRITER])
    return passwords


def _restrict_reader(folder: Path) -> None:
    everything = {
        "resultSetLimit": -1,
        "readTimeout": -1,
    }
    groups = {
        "admin": {
            **everything,
            "access": ["updateSecurity", "updateSchema", "updateDatabaseSettings"],
            "types": {
                "*": {"access": ["createRecord", "readRecord", "updateRecord", "deleteRecord"]}
            },
        },
        "reader": {**everything, "access": [], "types": {"*": {"access": ["readRecord"]}}},
        "*": {**everything, "access": [], "types": {"*": {"access": []}}},
    }
    config = folder / "config"
    config.mkdir(mode=0o700, exist_ok=True)
    (config / "server-groups.json").write_text(
        json.dumps({"databases": {"*": {"groups": groups}}, "version": 1}), "utf-8"
    )


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


def _port_taken(folder: Path) -> bool:
    """Whether this start lost a port: another program took it after we found it free."""
    told = _console(folder)
    return any(words in told for words in ("Unable to listen", "Address already in use"))


def _write_secret(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    beside.replace(path)


def _last_line(folder: Path) -> str:
    lines = _console(folder).splitlines()
    told = [line.strip() for line in lines if line.strip() and not line.startswith("\t")]
    return told[-1] if told else "it left no log"


def _console(folder: Path) -> str:
    """Return what the last start wrote; the server's own log files reach further back."""
    try:
        return (folder / "log" / "console.log").read_text("utf-8", "replace")
    except OSError:
        return ""
