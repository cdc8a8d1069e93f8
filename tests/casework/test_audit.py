"""The audit chain: rows go in whole, and whatever is done to them afterwards is seen."""

import hashlib
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from casework.anchor import Anchor, read_anchor
from casework.audit import START, Actor, Entry, Fault, Verdict, append, entries, verify
from casework.canonical import digest
from casework.ledger import Ledger, open_ledger, reading, writing
from casework.tables import audit
from ingest.errors import RingfenceError
from ingest.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
WHO = Actor(name="invented auditor", role="auditor")


def add(ledger: Ledger, count: int = 1, **changed: object) -> None:
    for number in range(count):
        with writing(ledger) as connection:
            append(
                connection,
                WHO,
                at=ledger.clock(),
                action="motif.asked",
                object_class="motif",
                object=f"question_{number}",
                **{"count": number, "details": {"parameters": {"least": 3}}, **changed},  # type: ignore[arg-type]
            )


def judged(ledger: Ledger, anchor: Anchor | None = None) -> Verdict:
    with reading(ledger) as connection:
        return verify(connection, anchor or read_anchor(ledger.anchor))


def unguarded(ledger: Ledger, *statements: str) -> None:
    """Change rows as somebody would who owns the database: the guards are taken away first."""
    postgresql = ledger.engine.dialect.name == "postgresql"
    guards = (
        ["DROP TRIGGER IF EXISTS audit_no_change ON audit"]
        if postgresql
        else ["DROP TRIGGER IF EXISTS audit_no_update", "DROP TRIGGER IF EXISTS audit_no_delete"]
    )
    with writing(ledger) as connection:
        for statement in (*guards, *statements):
            connection.execute(text(statement))


def rows(ledger: Ledger) -> list[Entry]:
    with reading(ledger) as connection:
        return list(entries(connection))


def test_rows_are_chained_and_the_head_is_anchored(ledger: Ledger) -> None:
    add(ledger, 3)
    first, second, third = rows(ledger)
    assert (first.seq, first.previous_hash) == (1, START)
    assert (second.previous_hash, third.previous_hash) == (first.hash, second.hash)
    assert first.at == "2026-03-02T08:00:01.000000Z"
    assert json.loads(first.details) == {"parameters": {"least": 3}}
    assert read_anchor(ledger.anchor) == Anchor(seq=3, hash=third.hash)
    assert ledger.anchor.stat().st_mode & 0o777 == 0o600
    verdict = judged(ledger)
    assert (verdict.rows, verdict.faults) == (3, ())
    assert verdict.head == verdict.anchor


def test_an_empty_log_is_whole(ledger: Ledger) -> None:
    assert judged(ledger) == Verdict(rows=0, head=None, anchor=None, faults=())


def test_the_hash_is_that_of_the_named_values(ledger: Ledger) -> None:
    """Worked out from the rule in words, not by the code that wrote it."""
    add(ledger, case_id="案件 7", purpose="核查", export_hash="e" * 64)
    (row,) = rows(ledger)
    named = {name: value for name, value in asdict(row).items() if name != "hash"}
    written = json.dumps(named, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    assert row.hash == hashlib.sha256(written.encode()).hexdigest() == digest(named)


def test_a_transaction_that_is_lost_takes_its_row_along(ledger: Ledger) -> None:
    add(ledger)

    def lost() -> None:
        with writing(ledger) as connection:
            append(connection, WHO, at=ledger.clock(), action="a", object_class="b", object="c")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        lost()
    add(ledger)
    assert [row.seq for row in rows(ledger)] == [1, 2]
    assert judged(ledger).faults == ()


@pytest.mark.parametrize("statement", ["UPDATE audit SET who = 'x'", "DELETE FROM audit"])
def test_the_database_refuses_to_change_rows(ledger: Ledger, statement: str) -> None:
    add(ledger, 2)
    with (
        pytest.raises((DBAPIError, RingfenceError), match="never changed"),
        writing(ledger) as connection,
    ):
        connection.execute(text(statement))
    assert judged(ledger).faults == ()


CHANGES = {
    "at": "'2026-03-02T08:00:09.000000Z'",
    "who": "'somebody else'",
    "role": "'supervisor'",
    "action": "'nothing'",
    "case_id": "'case'",
    "purpose": "'none'",
    "object_class": "'ring'",
    "object": "'other'",
    "count": "99",
    "details": "'{}'",
    "export_hash": "'" + "a" * 64 + "'",
}


def test_every_field_is_changed_below() -> None:
    assert set(CHANGES) == set(Entry.__annotations__) - {"seq", "previous_hash", "hash"}


@pytest.mark.parametrize("field", CHANGES)
def test_an_edited_row_is_seen(sqlite: Ledger, field: str) -> None:
    add(sqlite, 5)
    change = f'"{field}" = {CHANGES[field]}'
    unguarded(sqlite, f"UPDATE audit SET {change} WHERE seq = 3")  # noqa: S608 - from above
    assert judged(sqlite).faults == (Fault(seq=3, kind="edited"),)


def test_an_edited_row_is_seen_on_each_database(ledger: Ledger) -> None:
    add(ledger, 4)
    unguarded(ledger, "UPDATE audit SET who = 'nobody' WHERE seq = 4")
    assert judged(ledger).faults == (Fault(seq=4, kind="edited"),)


def test_an_edited_row_with_a_new_hash_is_seen_at_the_next(ledger: Ledger) -> None:
    add(ledger, 4)
    false = replace(rows(ledger)[1], who="nobody")
    values = {name: value for name, value in asdict(false).items() if name != "hash"}
    change = f"who = 'nobody', hash = '{digest(values)}'"
    unguarded(ledger, f"UPDATE audit SET {change} WHERE seq = 2")  # noqa: S608 - from above
    assert judged(ledger).faults == (Fault(seq=3, kind="broken"),)


def test_a_deleted_row_is_seen(ledger: Ledger) -> None:
    add(ledger, 6)
    unguarded(ledger, "DELETE FROM audit WHERE seq IN (3, 4)")
    assert judged(ledger).faults == (Fault(seq=3, kind="deleted", other=4),)


def test_a_deleted_first_row_is_seen(ledger: Ledger) -> None:
    add(ledger, 3)
    unguarded(ledger, "DELETE FROM audit WHERE seq = 1")
    assert judged(ledger).faults == (Fault(seq=1, kind="deleted", other=1),)


def test_a_gap_closed_by_new_numbers_is_seen(ledger: Ledger) -> None:
    add(ledger, 4)
    unguarded(ledger, "DELETE FROM audit WHERE seq = 2", "UPDATE audit SET seq = 2 WHERE seq = 3")
    unguarded(ledger, "UPDATE audit SET seq = 3 WHERE seq = 4")
    faults = judged(ledger).faults
    assert [fault.seq for fault in faults] == [2, 3, 3]
    assert faults[-1] == Fault(seq=3, kind="cut", other=4)


def test_rows_that_changed_places_are_seen(ledger: Ledger) -> None:
    add(ledger, 6)
    unguarded(
        ledger,
        "UPDATE audit SET seq = 100 WHERE seq = 2",
        "UPDATE audit SET seq = 2 WHERE seq = 4",
        "UPDATE audit SET seq = 4 WHERE seq = 100",
    )
    faults = judged(ledger).faults
    assert Fault(seq=2, kind="moved", other=4) in faults
    assert Fault(seq=4, kind="moved", other=2) in faults
    assert {fault.seq for fault in faults} == {2, 3, 4, 5}


@pytest.mark.parametrize("left", [0, 1, 4])
def test_a_cut_tail_is_seen(ledger: Ledger, left: int) -> None:
    add(ledger, 5)
    unguarded(ledger, f"DELETE FROM audit WHERE seq > {left}")  # noqa: S608 - a number
    assert judged(ledger).faults == (Fault(seq=left, kind="cut", other=5),)


def copied(ledger: Ledger, to: Path) -> None:
    """Copy a whole SQLite ledger, what stands in its log included."""
    with (
        closing(sqlite3.connect(ledger.workspace.ledger)) as source,
        closing(sqlite3.connect(to)) as target,
    ):
        source.backup(target)


def test_an_old_copy_put_in_place_is_seen(sqlite: Ledger, tmp_path: Path) -> None:
    add(sqlite, 3)
    copied(sqlite, tmp_path / "old")
    add(sqlite, 4)
    workspace = sqlite.workspace
    put_back(workspace, tmp_path / "old")
    with open_ledger(workspace, environ={}) as again:
        assert judged(again).faults == (Fault(seq=3, kind="cut", other=7),)


def test_an_old_copy_that_went_on_is_seen_however_long(sqlite: Ledger, tmp_path: Path) -> None:
    """New rows must not write a new anchor over the proof."""
    add(sqlite, 3)
    copied(sqlite, tmp_path / "old")
    add(sqlite, 4)
    workspace, kept = sqlite.workspace, read_anchor(sqlite.anchor)
    put_back(workspace, tmp_path / "old")
    with open_ledger(workspace, environ={}) as again:
        add(again, 2, purpose="another life")
        assert judged(again).faults == (Fault(seq=5, kind="cut", other=7),)
        add(again, 6, purpose="another life")
        assert judged(again).faults == (Fault(seq=7, kind="replaced"),)
        assert read_anchor(again.anchor) == kept


def put_back(workspace: Workspace, copy: Path) -> None:
    for name in ("ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"):
        (workspace.root / name).unlink(missing_ok=True)
    shutil.copy(copy, workspace.ledger)


def test_a_log_written_anew_from_the_start_is_seen_against_a_kept_anchor(
    sqlite: Ledger, tmp_path: Path
) -> None:
    """Whoever can write both files can forge both; the copy kept elsewhere tells."""
    add(sqlite, 3)
    kept = tmp_path / "kept.anchor"
    shutil.copy(sqlite.anchor, kept)
    workspace = sqlite.workspace
    for path in workspace.root.glob("ledger.*"):
        path.unlink()
    with open_ledger(workspace, environ={}) as forged:
        add(forged, 5)
        assert judged(forged).faults == ()
        assert judged(forged, read_anchor(kept)).faults == (Fault(seq=3, kind="replaced"),)


def test_an_anchor_that_was_taken_away_is_seen(ledger: Ledger) -> None:
    add(ledger, 2)
    ledger.anchor.unlink()
    assert judged(ledger).faults == (Fault(seq=2, kind="no_anchor"),)


def test_every_anchor_of_the_past_still_holds(ledger: Ledger) -> None:
    kept = []
    for _ in range(4):
        add(ledger)
        kept.append(read_anchor(ledger.anchor))
    assert all(judged(ledger, anchor).faults == () for anchor in kept)


def test_a_file_that_is_no_anchor_is_named(ledger: Ledger) -> None:
    ledger.anchor.write_text('{"seq": "many"}')
    with pytest.raises(RingfenceError, match=r"ledger\.anchor is no anchor"):
        judged(ledger)


APPEND = """
import os, signal, sys
from pathlib import Path
from casework.audit import Actor, append
from casework.ledger import open_ledger, writing
from ingest.workspace import Workspace

root, name, count, die, *address = sys.argv[1:]
environ = {"RINGFENCE_LEDGER": address[0]} if address else {}
with open_ledger(Workspace(Path(root)), environ=environ) as ledger:
    for number in range(int(count)):
        with writing(ledger) as connection:
            append(connection, Actor(name=name), at=ledger.clock(), action="count",
                   object_class="number", object=str(number))
            if die == "inside" and number == 3:
                os.kill(os.getpid(), signal.SIGKILL)
        if die == "between" and number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
"""


def appending(
    ledger: Ledger, environ: dict[str, str], name: str, count: int, die: str = "never"
) -> subprocess.Popen[str]:
    words = [str(ledger.workspace.root), name, str(count), die, *environ.values()]
    return subprocess.Popen(  # noqa: S603 - our own python
        [sys.executable, "-c", APPEND, *words], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.slow
def test_two_processes_append_at_once(ledger: Ledger, ledger_environ: dict[str, str]) -> None:
    both = [appending(ledger, ledger_environ, name, 60) for name in ("one", "two")]
    said = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    found = rows(ledger)
    assert [row.seq for row in found] == list(range(1, 121))
    for name in ("one", "two"):
        assert [row.object for row in found if row.who == name] == [str(n) for n in range(60)]
    assert len({row.who for row in found[:100]}) == 2, "they took turns"
    assert judged(ledger).faults == ()
    assert read_anchor(ledger.anchor) == Anchor(seq=120, hash=found[-1].hash)


@pytest.mark.slow
@pytest.mark.parametrize(("die", "kept"), [("inside", 3), ("between", 4)])
def test_a_process_that_is_killed_leaves_whole_rows(
    ledger: Ledger, ledger_environ: dict[str, str], die: str, kept: int
) -> None:
    process = appending(ledger, ledger_environ, "one", 9, die)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert len(rows(ledger)) == kept
    assert judged(ledger).faults == ()
    add(ledger)
    assert judged(ledger).faults == ()


def test_a_process_killed_before_the_anchor_leaves_one_that_holds(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(ledger, 2)
    monkeypatch.setattr("casework.ledger.advance", lambda *_: None)
    add(ledger, 2)
    monkeypatch.undo()
    assert (judged(ledger).anchor, judged(ledger).faults) == (
        Anchor(seq=2, hash=rows(ledger)[1].hash),
        (),
    )
    add(ledger)
    assert judged(ledger).anchor == judged(ledger).head


def test_a_fork_is_refused_by_the_tables(ledger: Ledger) -> None:
    add(ledger, 2)
    twin = replace(rows(ledger)[1], seq=3, hash="f" * 64)
    with pytest.raises(IntegrityError), writing(ledger) as connection:
        connection.execute(insert(audit), asdict(twin))


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "x" * 201])
def test_a_name_that_cannot_be_read_is_refused(name: str) -> None:
    with pytest.raises(RingfenceError, match="--as"):
        Actor(name=name)
