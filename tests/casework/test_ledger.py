"""The ledger's file and tables: private, up to date, whole or absent, on both databases."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from casework.ledger import MIGRATIONS, VARIABLE, Ledger, open_ledger, reading, revision, writing
from casework.tables import REVISION, metadata, motif_runs, motif_texts
from ingest.errors import RingfenceError
from ingest.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
TEXT = {"digest": "d" * 64, "text": "RETURN 1"}


def test_the_migrations_build_what_is_declared(ledger: Ledger) -> None:
    with reading(ledger) as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        assert revision(connection) == REVISION


def test_the_newest_migration_is_the_one_named() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [REVISION]


def test_a_ledger_of_the_first_step_is_brought_up_to_date(
    workspace: Workspace, ledger_environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade = command.upgrade
    monkeypatch.setattr(command, "upgrade", lambda config, _: upgrade(config, "m0001"))
    with open_ledger(workspace, environ=ledger_environ) as old, writing(old) as connection:
        connection.execute(insert(motif_texts), TEXT)
        assert revision(connection) == "m0001"
    monkeypatch.undo()
    with open_ledger(workspace, environ=ledger_environ) as ledger, reading(ledger) as connection:
        assert revision(connection) == REVISION
        assert connection.execute(select(motif_texts.c.text)).scalar_one() == TEXT["text"]
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_file_of_the_workspace_is_private_and_safe(sqlite: Ledger) -> None:
    path = sqlite.workspace.ledger
    assert path.stat().st_mode & 0o777 == 0o600
    with reading(sqlite) as connection:
        told = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }
    assert told == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "synchronous": 2,  # FULL: what was said to be kept survives a power cut
        "busy_timeout": 30_000,
    }
    with writing(sqlite) as connection:
        connection.execute(insert(motif_texts), TEXT)
        beside = [f"{path.name}-wal", f"{path.name}-shm"]
        assert [path.with_name(name).stat().st_mode & 0o777 for name in beside] == [0o600, 0o600]


def test_a_block_that_raises_leaves_nothing(ledger: Ledger) -> None:
    def half() -> None:
        with writing(ledger) as connection:
            connection.execute(insert(motif_texts), TEXT)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    with reading(ledger) as connection:
        assert connection.execute(select(motif_texts)).all() == []


def test_what_points_nowhere_is_refused(ledger: Ledger) -> None:
    row = {
        **{name: "x" for name in ("run_id", "at", "who", "motif", "digest", "outcome")},
        **{"parameters": "{}", "identity": "[]", "columns": "[]"},
        **{"row_limit": 1, "timeout_seconds": 1.0},
    }
    with pytest.raises(IntegrityError), writing(ledger) as connection:
        connection.execute(insert(motif_runs), row)


def test_a_ledger_is_found_again(workspace: Workspace, ledger_environ: dict[str, str]) -> None:
    with open_ledger(workspace, environ=ledger_environ) as ledger, writing(ledger) as connection:
        connection.execute(insert(motif_texts), TEXT)
    with open_ledger(workspace, environ=ledger_environ) as ledger, reading(ledger) as connection:
        assert connection.execute(select(motif_texts.c.text)).scalar_one() == TEXT["text"]


OPEN = """
import sys
from pathlib import Path
from casework.ledger import open_ledger, reading
from ingest.workspace import Workspace

environ = {"RINGFENCE_LEDGER": sys.argv[2]} if len(sys.argv) > 2 else {}
with open_ledger(Workspace(Path(sys.argv[1])), environ=environ) as ledger:
    with reading(ledger) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM audit").scalar_one() == 0
"""


@pytest.mark.slow
def test_several_processes_make_a_new_ledger_at_once(
    workspace: Workspace, ledger_environ: dict[str, str]
) -> None:
    words = [sys.executable, "-c", OPEN, str(workspace.root), *ledger_environ.values()]
    opened = [
        subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, text=True)  # noqa: S603 - ours
        for _ in range(3)
    ]
    said = [process.communicate()[1] for process in opened]
    assert [process.returncode for process in opened] == [0] * 3, said


def test_a_ledger_of_a_newer_version_is_left_alone(ledger: Ledger) -> None:
    with writing(ledger) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'm9999'"))
    address = ledger.engine.url.render_as_string(hide_password=False)
    environ = {} if address.startswith("sqlite") else {VARIABLE: address}
    with (
        pytest.raises(RingfenceError, match=r"newer version.*m9999"),
        open_ledger(ledger.workspace, environ=environ),
    ):
        pass
    with reading(ledger) as connection:
        assert revision(connection) == "m9999"


def test_a_workspace_that_is_not_there_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(RingfenceError, match="nowhere"),
        open_ledger(Workspace(tmp_path / "nowhere"), environ={}),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_named(workspace: Workspace) -> None:
    workspace.ledger.write_text("a letter, not a ledger" * 100)
    with pytest.raises(RingfenceError, match=r"ledger\.sqlite"), open_ledger(workspace, environ={}):
        pass
    assert workspace.ledger.read_text().startswith("a letter")


@pytest.mark.parametrize("address", ["mysql://host/name", "what is this", "sqlite:///other"])
def test_an_address_of_another_kind_is_refused(workspace: Workspace, address: str) -> None:
    with (
        pytest.raises(RingfenceError, match=VARIABLE),
        open_ledger(workspace, environ={VARIABLE: address}),
    ):
        pass


def test_a_server_that_does_not_answer_is_named_without_its_password(workspace: Workspace) -> None:
    pytest.importorskip("psycopg", reason="NOT TESTED ON POSTGRESQL: psycopg is not installed")
    environ = {VARIABLE: "postgresql://ringfence:geheim-99@127.0.0.1:1/ringfence"}
    with (
        pytest.raises(RingfenceError, match=r"127\.0\.0\.1") as refused,
        open_ledger(workspace, environ=environ),
    ):
        pass
    assert "geheim-99" not in str(refused.value)


def test_a_writer_that_waits_too_long_is_told(
    sqlite: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casework.ledger.BUSY_SECONDS", 0.2)
    with (
        closing(sqlite3.connect(sqlite.workspace.ledger, isolation_level=None)) as other,
        open_ledger(sqlite.workspace, environ={}) as ledger,
    ):
        other.execute("BEGIN IMMEDIATE")
        with reading(ledger) as connection:  # a reader waits for nobody
            assert connection.execute(select(motif_texts)).all() == []
        with pytest.raises(RingfenceError, match="held by another"), writing(ledger):
            pass
