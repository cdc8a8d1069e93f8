"""Whole or not at all: locks, kills, leftovers, keys, and who may read what."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from ingest.errors import RingfenceError
from ingest.imports import in_use, only_one
from ingest.manifest import Manifest
from ingest.pseudonyms import as_pseudonym, install, pseudonym, read_key
from ingest.workspace import Workspace
from tests.ingest.extracts import load, rows_of, settlement, table, write_extract

RESTRICTED = {
    "psn_name": "张三丰", "certno": "11010519491231002X", "mob": "13912345678",
    "live_addr": "某县某镇某村3号",
}  # fmt: skip


def test_no_clear_value_is_outside_the_restricted_folder(tmp_path: Path) -> None:
    extract = write_extract(
        tmp_path / "e",
        settlements=[settlement(1, ssc_cardno="CARD-778899", 备注="秘密备注")],
        persons=[{"psn_no": "32010001", **RESTRICTED}],
        staff=[
            {
                "staff_id": "s1",
                "name": "张三\u001f丰",
                "mob": "139 1234 5678",
                "bankacct": "62220001",
            }
        ],
        manual_claims=[
            {"setl_id": "S1", "acctname": "张三丰", "agnter_certno": "11010519491231002x"}
        ],
        tips=[{"tip_id": "t1", "received": "2024-03-01", "text": "某店集中刷卡"}],
    )
    _, workspace = load(extract, tmp_path / "ws")
    secrets = [*RESTRICTED.values(), "CARD", "778899", "62220001", "秘密备注", "集中刷卡"]
    for path in [*workspace.tables.iterdir(), workspace.rejects, workspace.flags]:
        text = json.dumps(rows_of(path), default=str, ensure_ascii=False)
        assert not [secret for secret in secrets if secret in text], path
    assert not [s for s in secrets if s in workspace.manifest.read_text("utf-8")]
    (person,), (member,) = table(workspace, "persons"), table(workspace, "staff")
    (claim,) = table(workspace, "manual_claims")
    assert person["mob"] == member["mob"]
    assert person["certno"] == claim["agnter_certno"]
    assert person["psn_name"] == member["name"] == claim["acctname"]
    clear = {
        (row["kind"], row["value"]): row["pseudonym"]
        for row in rows_of(workspace.restricted / "clear.parquet")
    }
    assert clear["phone", "13912345678"] == person["mob"]
    assert clear["account", "62220001"] == member["bankacct"]
    assert len(clear) == 6
    assert "text" not in table(workspace, "tips")[0]


def test_only_the_owner_may_read_a_workspace(tmp_path: Path) -> None:
    _, workspace = load(write_extract(tmp_path / "e", settlements=[settlement(1)]), tmp_path / "ws")
    for path in (tmp_path / "ws").rglob("*"):
        if not path.is_symlink():
            assert path.stat().st_mode & 0o077 == 0 or path.name == ".import.lock", path
    assert workspace.root.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "value", ["13900000000", "张三", 'a"b\\c', "tab\tline\n\u007f", "😀/é", "'; DROP"]
)
def test_duckdb_computes_the_same_pseudonym_as_python(value: str) -> None:
    for key in (b"k" * 32, os.urandom(32), b"long" * 40):
        con = duckdb.connect()
        install(con, key)
        query = f"SELECT {as_pseudonym('phone', 'v')} FROM (SELECT ?::VARCHAR AS v)"  # noqa: S608
        assert con.execute(query, [value]).fetchone() == (pseudonym(key, "phone", value),)
        assert con.execute(query, [None]).fetchone() == (None,)


def test_the_key_is_made_once_and_joins_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path / "ws")
    key = read_key(workspace)
    assert read_key(workspace) == key
    assert workspace.key_file.stat().st_mode & 0o777 == 0o600
    assert read_key(Workspace(tmp_path / "other")) != key
    monkeypatch.setenv("RINGFENCE_KEY_FILE", str(workspace.key_file))
    assert read_key(Workspace(tmp_path / "third")) == key
    assert not (tmp_path / "third").exists()
    monkeypatch.setenv("RINGFENCE_KEY_FILE", str(tmp_path / "absent"))
    with pytest.raises(RingfenceError, match="RINGFENCE_KEY_FILE"):
        read_key(workspace)
    (tmp_path / "short").write_text("abc")
    monkeypatch.setenv("RINGFENCE_KEY_FILE", str(tmp_path / "short"))
    with pytest.raises(RingfenceError, match="openssl"):
        read_key(workspace)


def test_a_second_import_at_once_is_refused(tmp_path: Path) -> None:
    extract = write_extract(tmp_path / "e", settlements=[settlement(1)])
    workspace = Workspace(tmp_path / "ws")
    with only_one(workspace), pytest.raises(RingfenceError, match="Another import"):
        load(extract, workspace.root)
    load(extract, workspace.root)


def test_tables_that_are_being_read_are_not_replaced(tmp_path: Path) -> None:
    first = write_extract(tmp_path / "e", settlements=[settlement(1)])
    second = write_extract(tmp_path / "f", settlements=[settlement(1), settlement(2)])
    workspace = Workspace(tmp_path / "ws")
    load(first, workspace.root)
    held = workspace.tables.resolve()
    with in_use(workspace), in_use(workspace):
        with pytest.raises(RingfenceError, match="being read"):
            load(second, workspace.root)
        assert workspace.tables.resolve() == held
    load(second, workspace.root)
    assert workspace.tables.resolve() != held
    with only_one(workspace), pytest.raises(RingfenceError, match="is running"), in_use(workspace):
        pass


def test_a_workspace_that_cannot_be_written_is_refused_in_words(tmp_path: Path) -> None:
    extract = write_extract(tmp_path / "e", settlements=[settlement(1)])
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RingfenceError, match=r"file.*check the path"):
        load(extract, tmp_path / "file")


@pytest.mark.parametrize("size", [1_000, 600_000])
def test_a_full_disk_is_told_in_words_and_leaves_nothing(size: int, tmp_path: Path) -> None:
    """The limit on the size of a file stands in for the disk; it holds for the child only."""
    rows = [settlement(n, dise_no=f"X{n * 7919 % 100_003:05}") for n in range(20_000)]
    extract = write_extract(tmp_path / "e", settlements=rows)
    command = (
        "import resource, signal, sys; from pathlib import Path; "
        "from ingest.errors import RingfenceError; from ingest.importing import import_extract; "
        "from ingest.workspace import Workspace; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)\n"
        "try: import_extract(Path(sys.argv[1]), Workspace(Path(sys.argv[2])))\n"
        "except RingfenceError as error: print(error)"
    )
    ended = subprocess.run(  # noqa: S603 - this interpreter, our own command
        [sys.executable, "-B", "-c", command, str(extract), str(tmp_path / "ws"), str(size)],
        capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False,
    )  # fmt: skip
    assert "disk" in ended.stdout
    assert not ended.stderr
    assert not (tmp_path / "ws" / "tables").exists()
    assert not list((tmp_path / "ws" / ".imports").iterdir())


def test_a_new_import_replaces_the_old_and_a_failed_one_leaves_it(tmp_path: Path) -> None:
    _, workspace = load(write_extract(tmp_path / "a", settlements=[settlement(1)]), tmp_path / "ws")
    broken = write_extract(
        tmp_path / "b", settlements=[settlement(2)], persons=b"psn_no\n\xff\xff\n"
    )
    with pytest.raises(RingfenceError):
        load(broken, workspace.root)
    assert [row["setl_id"] for row in table(workspace)] == ["S1"]
    load(write_extract(tmp_path / "c", settlements=[settlement(3)]), workspace.root)
    assert [row["setl_id"] for row in table(workspace)] == ["S3"]
    assert len(list((workspace.root / ".imports").iterdir())) == 1


def test_a_manifest_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    extract = write_extract(tmp_path / "e", settlements=[settlement(1), settlement(2, psn_no="")])
    manifest, workspace = load(extract, tmp_path / "ws")
    assert Manifest.read(workspace.manifest) == manifest
    assert workspace.manifest.read_text("utf-8") == manifest.to_json()


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT])
def test_an_import_killed_at_any_moment_leaves_the_old_or_the_new(
    stop: signal.Signals, tmp_path: Path
) -> None:
    old = write_extract(tmp_path / "old", settlements=[settlement(n) for n in range(10)])
    new = write_extract(
        tmp_path / "new", settlements=[settlement(n, psn_no=f"p{n % 500}") for n in range(30_000)]
    )
    _, workspace = load(old, tmp_path / "ws")
    seed = random.randrange(2**32)  # noqa: S311 - not a secret
    print("seed", seed)  # noqa: T201 - shown when the test fails
    chance = random.Random(seed)  # noqa: S311 - not a secret
    command = (
        "import sys; from pathlib import Path; from ingest.importing import import_extract; "
        "from ingest.workspace import Workspace; "
        "import_extract(Path(sys.argv[1]), Workspace(Path(sys.argv[2])), "
        "progress=lambda *step: print(*step, flush=True))"
    )
    states = set()
    for _ in range(3):
        process = subprocess.Popen(  # noqa: S603 - this interpreter, our own command
            [sys.executable, "-c", command, str(new), str(workspace.root)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert process.stdout is not None
        for _ in range(chance.randrange(1, 16)):
            process.stdout.readline()
        time.sleep(chance.random() / 10)
        process.send_signal(stop)
        process.wait(60)
        process.stdout.close()
        states.add(len(table(workspace)))
        assert states <= {10, 30_000}
        assert len({row["setl_id"] for row in table(workspace)}) in (10, 30_000)
    load(new, workspace.root)
    assert len(table(workspace)) == 30_000
    left = [path.name for path in (workspace.root / ".imports").iterdir()]
    assert len(left) == 1
    assert not left[0].startswith(".")
