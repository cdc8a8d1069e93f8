"""A motif asked for somebody is recorded with its answer, and in the audit log whatever happens."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from casework.anchor import read_anchor
from casework.audit import Actor, Entry, entries, verify
from casework.canonical import digest
from casework.exports import export_hits
from casework.ledger import Ledger, reading
from casework.questions import Asked, ask_motif, ask_text
from casework.ring_hits import attach, hits_of_ring
from casework.runs import Comparison, Recorded, compare, find_run, hits, runs, text_of
from graph.store import Store
from ingest.errors import RingfenceError
from ingest.workspace import point
from tests.casework.county import AFTER_DEATH, asking, county, fill, people, slow_motif

ROOT = Path(__file__).resolve().parents[2]


def ask(ledger: Ledger, store: Store, analyst: Actor, **options: Any) -> Asked:
    return ask_motif(ledger, store, options.pop("motif", AFTER_DEATH), analyst, **options)


def newest(ledger: Ledger) -> Recorded:
    with reading(ledger) as connection:
        return runs(connection)[0]


def log(ledger: Ledger) -> list[Entry]:
    with reading(ledger) as connection:
        assert verify(connection, read_anchor(ledger.anchor)).faults == ()
        return list(entries(connection))


def compared(ledger: Ledger, before: Asked, now: Asked) -> Comparison:
    with reading(ledger) as connection:
        return compare(connection, before.run_id, now.run_id)


def test_a_run_is_kept_with_question_answer_and_data(
    sqlite: Ledger, store: Store, analyst: Actor
) -> None:
    fill(store, county("p1", "p2"))
    asked = ask(sqlite, store, analyst, parameters={"grace_days": 5}, purpose="核查死亡后结算")

    with reading(sqlite) as connection:
        run = find_run(connection, asked.run_id)
        found = hits(connection, run.run_id)
        assert text_of(connection, run.digest) == AFTER_DEATH.text
    assert (run.motif, run.digest, run.who) == (
        AFTER_DEATH.name,
        AFTER_DEATH.digest,
        "invented analyst",
    )
    assert run.parameters == {"grace_days": 5, "claim_days": 365, "min_settlements": 1}
    assert (run.outcome, run.rows, run.truncated, run.error) == ("answered", 2, False, None)
    assert run.detection_run is None
    assert run.import_digest is not None
    assert len(run.import_digest) == 64
    assert run.seconds is not None
    assert [hit.position for hit in found] == [1, 2]
    assert [hit.identity for hit in found] == [{"person_id": "P-p1"}, {"person_id": "P-p2"}]
    columns = asked.answer.columns
    assert [tuple(hit.row[name] for name in columns) for hit in found] == list(asked.answer.rows)

    first, last = log(sqlite)
    assert (first.action, last.action) == ("motif.asked", "motif.answered")
    assert (first.who, first.role, first.purpose) == (
        "invented analyst",
        "analyst",
        "核查死亡后结算",
    )
    told = json.loads(first.details)
    assert told["text"] == AFTER_DEATH.text
    assert told["digest"] == AFTER_DEATH.digest
    assert told["parameters"]["grace_days"] == 5
    ended = json.loads(last.details)
    assert (ended["run"], ended["outcome"], last.count) == (run.run_id, "answered", 2)
    # What was found can be proved too: the log holds the digest of the hits.
    assert ended["hits_sha256"] == digest([_stored(sqlite, hit.position) for hit in found])


def _stored(ledger: Ledger, position: int) -> str:
    with reading(ledger) as connection:
        row = connection.exec_driver_sql(
            "SELECT row FROM motif_hits WHERE position = ?", (position,)
        )
        return str(row.scalar_one())


def test_rows_are_capped_as_asked(sqlite: Ledger, store: Store, analyst: Actor) -> None:
    fill(store, county("p1", "p2", "p3"))
    ask(sqlite, store, analyst, limit=2)
    run = newest(sqlite)
    assert (run.rows, run.truncated, run.row_limit) == (2, True, 2)


@pytest.mark.parametrize(
    ("options", "outcome"),
    [
        ({"parameters": {"grace_days": -1}}, "refused"),
        ({"parameters": {"nothing": 1}}, "refused"),
        ({"motif": asking("CREATE (p:Patient {person_id: 'new'}) RETURN 1 AS one")}, "refused"),
        ({"motif": asking("RETURN what is this")}, "failed"),
        ({"motif": asking("RETURN 1 AS other")}, "failed"),
        ({"motif": slow_motif(), "timeout_seconds": 1.0}, "timed_out"),
    ],
    ids=["below_least", "unknown_parameter", "writes", "broken", "other_columns", "slow"],
)
def test_a_run_that_fails_is_in_the_log_all_the_same(
    sqlite: Ledger, store: Store, analyst: Actor, options: dict[str, Any], outcome: str
) -> None:
    with pytest.raises(RingfenceError) as raised:
        ask(sqlite, store, analyst, **options)
    run = newest(sqlite)
    assert (run.outcome, run.rows, run.error) == (outcome, None, str(raised.value))
    first, last = log(sqlite)
    assert (first.action, last.action) == ("motif.asked", f"motif.{outcome}")
    assert json.loads(first.details)["run"] == json.loads(last.details)["run"] == run.run_id
    assert json.loads(last.details)["error"] == str(raised.value)


def test_a_question_that_is_no_motif_is_in_the_log(
    sqlite: Ledger, graph: Store, analyst: Actor
) -> None:
    fill(graph, county("p1", "p2", "p3"))
    text = "MATCH (p:Patient) RETURN p.person_id AS person_id ORDER BY person_id"
    answer = ask_text(sqlite, graph, text, analyst, limit=2)
    assert (len(answer.rows), answer.truncated) == (2, True)
    with pytest.raises(RingfenceError):
        ask_text(sqlite, graph, "CREATE (p:Patient {person_id: 'new'})", analyst)
    asked, answered, refused, why = log(sqlite)
    assert (asked.action, json.loads(asked.details)["text"]) == ("graph.asked", text)
    assert (answered.action, answered.count, answered.object) == (
        "graph.answered",
        2,
        asked.object,
    )
    assert (refused.action, why.action) == ("graph.asked", "graph.refused")


def test_a_run_that_somebody_stops_is_in_the_log(
    sqlite: Ledger, graph: Store, analyst: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("casework.questions.run_motif", stopped)
    with pytest.raises(KeyboardInterrupt):
        ask(sqlite, graph, analyst)
    assert newest(sqlite).outcome == "stopped"
    assert log(sqlite)[-1].action == "motif.stopped"


KILLED = """
import sys
from pathlib import Path
from casework.audit import Actor
from casework.ledger import open_ledger
from casework.questions import ask_motif
from graph.store import open_store
from ingest.workspace import Workspace
from tests.casework.county import slow_motif

workspace = Workspace(Path(sys.argv[1]))
with open_ledger(workspace, environ={}) as ledger, open_store(workspace, environ={}) as store:
    print("asking", flush=True)
    ask_motif(ledger, store, slow_motif(), Actor(name="killed"), timeout_seconds=15.0)
"""


@pytest.mark.slow
def test_a_run_that_is_killed_is_in_the_log(sqlite: Ledger, graph: Store, analyst: Actor) -> None:
    people(graph, "p1")
    process = subprocess.Popen(  # noqa: S603 - our own python
        [sys.executable, "-c", KILLED, str(sqlite.workspace.root)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"asking\n"
    deadline = time.monotonic() + 20
    while not sqlite.anchor.exists() and time.monotonic() < deadline:  # written after the first row
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()

    (row,) = log(sqlite)
    assert (row.action, row.who) == ("motif.asked", "killed")
    assert json.loads(row.details)["text"] == slow_motif().text
    assert newest(sqlite).outcome == "running"
    next_one = ask(sqlite, graph, analyst).run_id
    assert [entry.action for entry in log(sqlite)][1:] == ["motif.asked", "motif.answered"]
    with reading(sqlite) as connection:
        assert find_run(connection, next_one).outcome == "answered"


def test_the_run_whose_rings_were_asked_is_named(
    sqlite: Ledger, graph: Store, analyst: Actor
) -> None:
    fill(graph, county("p1"))
    with graph.writer.session(database=graph.database) as session:
        session.run("MATCH (i:Import) SET i.run = 'run-7'").consume()
    ask(sqlite, graph, analyst)
    assert newest(sqlite).detection_run == "run-7"


def test_two_runs_are_compared_by_identity(sqlite: Ledger, store: Store, analyst: Actor) -> None:
    fill(store, county("stays", "goes"))
    before = ask(sqlite, store, analyst)
    fill(store, replace(county("stays", "comes"), settlements=(
        *county("stays", swipes=2).settlements, *county("comes").settlements)))  # fmt: skip
    now = ask(sqlite, store, analyst)

    found = compared(sqlite, before, now)
    assert [hit.identity["person_id"] for hit in found.new] == ["P-comes"]
    assert [hit.identity["person_id"] for hit in found.gone] == ["P-goes"]
    (changed,) = found.changed
    assert changed.now.identity["person_id"] == "P-stays"
    assert set(changed.columns) == {"swipes", "until_day", "setl_ids"}
    assert (changed.before.row["swipes"], changed.now.row["swipes"]) == (1, 2)
    assert found.same == 0
    assert found.differences == ("data",)
    assert found.new_is_certain
    assert found.gone_is_certain
    again = ask(sqlite, store, analyst)
    same = compared(sqlite, now, again)
    assert (same.new, same.gone, same.changed, same.same) == ((), (), (), 2)
    assert same.differences == ()


def test_a_cut_run_makes_the_other_side_uncertain(
    sqlite: Ledger, graph: Store, analyst: Actor
) -> None:
    people(graph, "p1", "p2")
    whole, cut = ask(sqlite, graph, analyst), ask(sqlite, graph, analyst, limit=1)
    found = compared(sqlite, whole, cut)
    assert [hit.identity["person_id"] for hit in found.gone] == ["P-p2"]
    assert found.differences == ("cut_now",)
    assert not found.gone_is_certain
    back = compared(sqlite, cut, whole)
    assert [hit.identity["person_id"] for hit in back.new] == ["P-p2"]
    assert back.differences == ("cut_before",)
    assert not back.new_is_certain


def test_what_else_differs_is_said(sqlite: Ledger, graph: Store, analyst: Actor) -> None:
    people(graph, "p1")
    other = replace(AFTER_DEATH, name="other", text=AFTER_DEATH.text + "\n", digest="e" * 64)
    first = ask(sqlite, graph, analyst)
    second = ask(sqlite, graph, analyst, motif=other, parameters={"grace_days": 9})
    found = compared(sqlite, first, second)
    assert found.differences == ("motif", "text", "parameters")
    assert found.same == 1


def test_what_cannot_be_compared_is_refused(sqlite: Ledger, graph: Store, analyst: Actor) -> None:
    people(graph, "p1")
    good = ask(sqlite, graph, analyst)
    with pytest.raises(RingfenceError):
        ask(sqlite, graph, analyst, motif=asking("RETURN broken"))
    bad = newest(sqlite).run_id
    stranger = ask(sqlite, graph, analyst, motif=replace(AFTER_DEATH, identity=("died",)))
    with reading(sqlite) as connection:
        with pytest.raises(RingfenceError, match=r"no answer to compare \(outcome failed\)"):
            compare(connection, good.run_id, bad)
        with pytest.raises(RingfenceError, match="identifies a hit by person_id"):
            compare(connection, good.run_id, stranger.run_id)
        for name, why in (("Q-none", "no run begins"), ("Q-", "several"), ("", "several")):
            with pytest.raises(RingfenceError, match=why):
                find_run(connection, name)
        assert find_run(connection, good.run_id[:9]).run_id == good.run_id


def test_runs_are_listed_by_motif(sqlite: Ledger, graph: Store, analyst: Actor) -> None:
    people(graph, "p1")
    first, second = (ask(sqlite, graph, analyst) for _ in range(2))
    other = ask(sqlite, graph, analyst, motif=replace(AFTER_DEATH, name="other"))
    with reading(sqlite) as connection:
        listed = [run.run_id for run in runs(connection)]
        assert listed == [other.run_id, second.run_id, first.run_id]
        assert [run.run_id for run in runs(connection, motif="other")] == [other.run_id]
        assert len(runs(connection, limit=2)) == 2


def rings(ledger: Ledger, *ring_ids: str) -> None:
    """Write a detection run that has these rings."""
    run = ledger.workspace.runs / "run-1"
    run.mkdir(parents=True)
    pq.write_table(pa.table({"ring_id": list(ring_ids)}), run / "rings.parquet")
    point(ledger.workspace.runs / "latest", "run-1")


def test_a_hit_is_put_beside_a_ring_once(sqlite: Ledger, graph: Store, analyst: Actor) -> None:
    people(graph, "p1", "p2")
    asked = ask(sqlite, graph, analyst)
    rings(sqlite, "R-1", "R-2")
    attached = attach(sqlite, analyst, asked.run_id[:8], 2, "R-1")
    assert attached.hit.identity == {"person_id": "P-p2"}
    assert attach(sqlite, Actor(name="later"), asked.run_id, 2, "R-1") == attached
    attach(sqlite, analyst, asked.run_id, 1, "R-1")
    with reading(sqlite) as connection:
        found = hits_of_ring(connection, "R-1")
        assert hits_of_ring(connection, "R-2") == []
    assert [each.hit.position for each in found] == [2, 1]
    assert found[0] == attached
    assert found[0].run.motif == AFTER_DEATH.name
    rows = [row for row in log(sqlite) if row.action == "ring.hit_attached"]
    assert [row.object for row in rows] == ["R-1", "R-1"]
    assert json.loads(rows[0].details)["hit"] == 2

    for run_id, hit, ring, why in (
        (asked.run_id, 3, "R-1", "no hit 3"),
        (asked.run_id, 1, "R-none", "no ring 'R-none'"),
        ("Q-none", 1, "R-1", "no run begins"),
    ):
        with pytest.raises(RingfenceError, match=why):
            attach(sqlite, analyst, run_id, hit, ring)
    assert len(log(sqlite)) == 4


def test_a_file_is_in_the_log_before_it_is_there(
    sqlite: Ledger, graph: Store, analyst: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(graph, "p1")
    asked = ask(sqlite, graph, analyst)
    sha256 = export_hits(sqlite, analyst, asked, tmp_path / "hits.csv", format="csv")
    row = log(sqlite)[-1]
    assert row.export_hash == sha256
    assert sha256 == hashlib.sha256((tmp_path / "hits.csv").read_bytes()).hexdigest()
    assert (row.action, row.count) == ("motif.exported", 1)

    def unlogged(*_: object, **__: object) -> None:
        raise RingfenceError("The ledger is away: wait.")

    monkeypatch.setattr("casework.exports.append", unlogged)
    with pytest.raises(RingfenceError, match="away"):
        export_hits(sqlite, analyst, asked, tmp_path / "secret.csv", format="csv")
    left = sorted(path.name for path in tmp_path.iterdir() if path.is_file())
    assert left == ["hits.csv"]


def test_a_hit_holds_every_kind_of_value(ledger: Ledger, graph: Store, analyst: Actor) -> None:
    """On both databases: times, lists, maps, nothing, text in Chinese, a number that is none."""
    names = ("person_id", "at", "many", "map", "none", "nan", "big")
    question = asking(
        "RETURN '张' AS person_id, date('2025-03-03') AS at, [2, 1] AS many, {a: 1.5} AS map, "
        "null AS none, 0.0 / 0.0 AS nan, 9007199254740993 AS big"
    )
    odd = replace(question, columns=dict.fromkeys(names, "a column"))
    asked = ask_motif(ledger, graph, odd, analyst, parameters={})
    with reading(ledger) as connection:
        (hit,) = hits(connection, asked.run_id)
    assert hit.row == {
        **{"person_id": "张", "at": "2025-03-03", "many": [1, 2], "map": {"a": 1.5}},
        **{"none": None, "nan": "nan", "big": 9007199254740993},
    }
