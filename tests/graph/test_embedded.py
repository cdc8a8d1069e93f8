"""The embedded server as a process: found, private, stopped cleanly, and back after a kill."""

import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from neo4j import GraphDatabase
from neo4j.exceptions import AuthError

from graph import embedded
from graph.ask import ask
from graph.store import open_store, writing
from ingest.errors import RingfenceError
from ingest.workspace import Workspace

pytestmark = [pytest.mark.graph, pytest.mark.slow]
ENDLESS = (
    "UNWIND range(1, 50000) AS a UNWIND range(1, 50000) AS b "
    "WITH a, b WHERE a * b < 0 RETURN count(*) AS n"
)
SECONDS = 180


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace whose server these tests may kill and restart; its own limit is 5 seconds."""
    space = Workspace(tmp_path_factory.mktemp("own") / "space")
    yield space
    embedded.stop(space.graph)


def started(space: Workspace) -> embedded.Server:
    return embedded.start(space.graph, heap="256m", timeout_seconds=SECONDS, limit_seconds=5)


def test_start_finds_the_running_server(space: Workspace) -> None:
    server = started(space)

    assert started(space) == server
    assert embedded.find(space.graph) == server
    assert embedded.find(space.root / "elsewhere") is None


def test_secrets_are_private(space: Workspace) -> None:
    server = started(space)

    line = Path(f"/proc/{server.pid}/cmdline").read_text()
    environ = Path(f"/proc/{server.pid}/environ").read_text()
    for secret in (server.password, server.reader_password):
        assert len(secret) >= 24
        assert secret not in line
        assert secret not in environ
        assert secret not in repr(server)
    for name in ("passwords.json", "root.password", "server.json"):
        assert (space.graph / name).stat().st_mode & 0o077 == 0
    assert space.graph.stat().st_mode & 0o077 == 0
    logs = "".join(path.read_text(errors="replace") for path in (space.graph / "log").iterdir())
    assert server.password not in logs


def test_it_listens_on_loopback_only(space: Workspace) -> None:
    server = started(space)

    listening = set()
    for table in ("tcp", "tcp6"):
        for row in Path(f"/proc/{server.pid}/net/{table}").read_text().splitlines()[1:]:
            address, port = row.split()[1].split(":")
            if row.split()[3] == "0A" and int(port, 16) in {server.bolt_port, server.http_port}:
                listening.add(address)
    assert listening <= {"0100007F", "0000000000000000FFFF00000100007F"}
    assert listening


def test_a_wrong_password_is_refused(space: Workspace) -> None:
    server = started(space)
    with (
        GraphDatabase.driver(server.uri, auth=(embedded.READER, "not it at all")) as driver,
        pytest.raises(AuthError),
    ):
        driver.verify_connectivity()


def test_the_reader_may_not_use_the_http_port_to_write(space: Workspace) -> None:
    server = started(space)
    reader = embedded.Server(
        **{
            **{name: getattr(server, name) for name in server.__slots__},
            "password": server.reader_password,
        }
    )
    body = b'{"language": "cypher", "command": "CREATE (n:Patient {person_id: \'x\'})"}'
    user, embedded.WRITER = embedded.WRITER, embedded.READER
    try:
        with pytest.raises(RingfenceError, match="not allowed"):
            embedded.request(reader, "/api/v1/command/neo4j", body)
        with pytest.raises(RingfenceError):
            embedded.command(reader, "drop database neo4j")
    finally:
        embedded.WRITER = user


def test_the_server_itself_limits_time(space: Workspace) -> None:
    started(space)
    began = time.monotonic()
    with open_store(space, environ={}) as store, pytest.raises(RingfenceError, match="too long"):
        ask(store, ENDLESS, timeout_seconds=60)
    assert time.monotonic() - began < 30


def test_what_was_acknowledged_survives_a_kill(space: Workspace) -> None:
    server = started(space)
    with open_store(space, environ={}) as store, writing(store) as session:
        for batch in range(5):
            session.run(
                "UNWIND range(1, 200) AS n CREATE (:Phone {phone_id: $batch + '-' + toString(n)})",
                batch=str(batch),
            ).consume()
    os.kill(server.pid, signal.SIGKILL)
    until = time.monotonic() + 30
    while embedded.find(space.graph) and time.monotonic() < until:
        time.sleep(0.05)  # a killed process takes a moment to be gone

    # Recovery is held to the limit that users have, not to the short one of these tests.
    again = embedded.start(space.graph, heap="256m", timeout_seconds=SECONDS)

    assert again.pid != server.pid
    with open_store(space, environ={}) as store:
        assert ask(store, "MATCH (p:Phone) RETURN count(p) AS n").rows == ((1000,),)


def test_stop_ends_it_and_forgets_it(space: Workspace) -> None:
    server = started(space)

    assert embedded.stop(space.graph)
    assert embedded.find(space.graph) is None
    assert not embedded.stop(space.graph)
    assert not Path(f"/proc/{server.pid}").exists()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", server.bolt_port)) != 0


def test_a_stale_note_is_not_believed_and_a_stranger_is_left_alone(space: Workspace) -> None:
    """The noted number may be another process by now: here it is this very test."""
    embedded.stop(space.graph)
    note = space.graph / "server.json"
    note.write_text(f'{{"pid": {os.getpid()}, "bolt_port": 1, "http_port": 2, "limit_seconds": 2}}')

    assert embedded.find(space.graph) is None
    assert not embedded.stop(space.graph)
    note.write_text("half a no")
    assert embedded.find(space.graph) is None
    assert started(space).pid != os.getpid()


def test_a_taken_port_is_passed_over(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded.stop(space.graph)
    honest = embedded._free_ports
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        taken = busy.getsockname()[1]
        offers = [(taken, honest()[1])]
        monkeypatch.setattr(embedded, "_free_ports", lambda: offers.pop() if offers else honest())

        server = started(space)

        assert server.bolt_port != taken
        assert not offers


def test_of_two_that_start_at_once_one_starts_it(space: Workspace) -> None:
    embedded.stop(space.graph)
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()

    def begin() -> None:
        queue.put(started(space).pid)

    both = [context.Process(target=begin) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()

    found = embedded.find(space.graph)
    assert found is not None
    assert {queue.get(), queue.get()} == {found.pid}


def test_without_the_wheel_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(RingfenceError, match="install the package 'arcadedb-embedded'"):
        embedded.start(tmp_path)


def test_an_old_system_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.libc_ver", lambda: ("glibc", "2.28"))
    with pytest.raises(RingfenceError, match=r"glibc 2\.34 or newer and this machine has 2\.28"):
        embedded.start(tmp_path)


def test_a_server_that_does_not_come_up_tells_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(RingfenceError, match=r"ended while starting: .*heap"):
        embedded.start(tmp_path / "graph", heap="1k")
    assert embedded.find(tmp_path / "graph") is None
