"""Nothing that a question says changes the graph, leaves the server or brings it down.

Every statement of :mod:`tests.graph.attacks` is sent to both servers. It must be refused, and the
graph must afterwards be, to the last property, what it was.
"""

import time
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from graph.ask import ask
from graph.load import clear, load
from graph.store import Store, limited, open_store, reading
from ingest.errors import RingfenceError
from ingest.workspace import Workspace
from tests.graph import attacks
from tests.graph.test_load import SMALL_COUNTY, everything
from tests.world import write_world

TEXTS = {
    f"{kind}: {name}": text
    for kind, group in {
        "write": attacks.WRITES,
        "rule": attacks.RULES,
        "reach": attacks.REACHES,
        "procedure": attacks.PROCEDURES,
        "language": attacks.LANGUAGES,
    }.items()
    for name, text in group.items()
}
# What the servers themselves must not do, were the text not read before it is sent.
BY_SERVER = [name for name in TEXTS if name.startswith(("write: ", "rule: ", "reach: "))]
VALUES = {"name": "a", "file": "file:///etc/hostname"}
ENDLESS = {
    "pairs": (
        "UNWIND range(1, 50000) AS a UNWIND range(1, 50000) AS b "
        "WITH a, b WHERE a * b < 0 RETURN count(*) AS n"
    ),
    "a list": "RETURN reduce(s = 0, x IN range(1, 2000000000) | s + x) AS n",
    "paths": "MATCH p = (a)-[*1..30]-(b) WHERE a <> b RETURN count(p) AS n",
    "rows": "UNWIND range(1, 2000000000) AS n WITH n WHERE n < 0 RETURN n",
}
PERSON = "MATCH (p:Patient {person_id: $who}) RETURN p.person_id AS person"


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("embedded", marks=pytest.mark.graph),
        pytest.param("neo4j", marks=pytest.mark.neo4j),
    ],
)
def county(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Store, Any]]:
    """A small loaded graph on each server in turn, and all that it holds."""
    space = Workspace(tmp_path_factory.mktemp("safe"))
    environ: dict[str, str] = {}
    if request.param == "embedded":
        space.graph.symlink_to(request.getfixturevalue("embedded_folder"))
    else:
        environ = request.getfixturevalue("neo4j_server").environ
    with open_store(space, environ=environ) as store:
        load(store, write_world(SMALL_COUNTY, space))
        yield store, (everything(store), rules(store))
        clear(store)


def rules(store: Store) -> list[str]:
    """Every constraint of the graph; the embedded server lists its accounts and indexes nowhere."""
    with reading(store, hints=False) as session:
        return sorted(str(row["name"]) for row in session.run("SHOW CONSTRAINTS").data())


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_no_reading_question_is_refused(county: tuple[Store, Any], name: str) -> None:
    store, before = county
    began = time.monotonic()
    with pytest.raises(RingfenceError):
        ask(store, TEXTS[name], VALUES, timeout_seconds=10)
    assert time.monotonic() - began < 8
    assert (everything(store), rules(store)) == before


@pytest.mark.parametrize("name", BY_SERVER)
def test_the_server_does_not_do_it_either(county: tuple[Store, Any], name: str) -> None:
    store, before = county
    with suppress(RingfenceError), reading(store) as session:
        said = session.run(limited(store, TEXTS[name], 10), VALUES).data()
        assert not name.startswith("reach: "), said
    assert (everything(store), rules(store)) == before


@pytest.mark.parametrize("name", attacks.VALUES)
def test_a_value_stays_a_value(county: tuple[Store, Any], name: str) -> None:
    store, before = county
    assert ask(store, PERSON, {"who": attacks.VALUES[name]}).rows == ()
    assert everything(store) == before[0]


def test_a_text_comes_back_as_it_was_sent(county: tuple[Store, Any]) -> None:
    store, _ = county
    texts = {name: value for name, value in attacks.VALUES.items() if isinstance(value, str)}
    for name, value in texts.items():
        assert ask(store, "RETURN $value AS value", {"value": value}).rows == ((value,),), name


def test_a_name_of_a_parameter_is_no_text(county: tuple[Store, Any]) -> None:
    store, before = county
    odd = {"who": "P-p1", "who}) DETACH DELETE p //": 1, "`": 2, "": 3}
    assert ask(store, PERSON, odd).rows == (("P-p1",),)
    assert everything(store) == before[0]


@pytest.mark.parametrize("name", ENDLESS)
def test_the_server_ends_what_runs_for_ever_and_answers_again(
    county: tuple[Store, Any], name: str
) -> None:
    store, before = county
    with pytest.raises(RingfenceError):
        ask(store, ENDLESS[name], timeout_seconds=1)
    began = time.monotonic()
    assert ask(store, PERSON, {"who": "P-p1"}).rows == (("P-p1",),)
    assert time.monotonic() - began < 5
    assert everything(store) == before[0]


def test_what_was_given_up_ends_at_the_servers_own_limit(county: tuple[Store, Any]) -> None:
    store, _ = county
    with pytest.raises(RingfenceError, match="ran too long"), reading(store) as session:
        session.run(limited(store, ENDLESS["pairs"], 3)).consume()


def test_a_million_rows_cost_the_asker_no_more_than_the_cap(county: tuple[Store, Any]) -> None:
    store, _ = county
    ask(store, "UNWIND range(1, 2000) AS n RETURN n", limit=1000)
    tracemalloc.start()
    answer = ask(store, "UNWIND range(1, 1000000) AS n RETURN n, toString(n) AS text", limit=1000)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer.truncated
    assert answer.rows == tuple((n, str(n)) for n in range(1, 1001))
    assert most < 8_000_000


def test_what_is_asked_at_once_does_not_mix(county: tuple[Store, Any]) -> None:
    store, _ = county
    for _ in range(20):
        with pytest.raises(RingfenceError):
            ask(store, "MATCH (p:Patient) SET p.known = false RETURN p", {})
        assert ask(store, PERSON, {"who": "P-p1"}).rows == (("P-p1",),)
