"""Read one file of new settlements as the import would: same columns, same cleaning, same key.

What the import judges over a whole extract (codes that stand for "unknown" because they stand on
most rows) is taken from the import that is there, not judged again on one small file.
"""

# ruff: noqa: S608 - SQL is put together from declared names, never from data

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
from pyarrow import parquet

from ingest import clean, pseudonyms
from ingest.database import scratch_database
from ingest.duplicates import find_duplicates
from ingest.errors import InputError
from ingest.extract import table_file
from ingest.files import Source
from ingest.flags import create_flags
from ingest.mapping import Mapping
from ingest.outputs import Output, write_sorted
from ingest.pseudonyms import as_pseudonym
from ingest.reading import read_table
from ingest.refunds import net_refunds
from ingest.rejecting import create_rejects
from ingest.rules import SHARE_CHECKED
from ingest.settlements import write_settlements
from ingest.sql import literal
from ingest.tables import SETTLEMENTS, TABLES
from ingest.telling import to_say
from ingest.visits import chain_visits
from ingest.workspace import Workspace

KEPT = (
    "setl_id", "psn_no", "card_id", "fixmedins_code", "device_id", "dr_code", "setl_time", "day",
    "med_class", "online", "visit_id", "net_fund",
)  # fmt: skip
"""What is kept of a new settlement, beside the person's pseudonym."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What came of one file: its rows in, and how many were left out for which reason.

    ``rows_in`` = ``rejected`` + ``duplicates`` + ``void`` + ``reversed`` + ``kept``; ``reversed``
    are refunds and the payments they reverse within the file.
    """

    file: str
    sha256: str
    rows_in: int
    rejected: int
    duplicates: int
    void: int
    reversed: int
    kept: int


def new_files(folder: Path) -> list[Path]:
    """Return the files of a folder that may hold settlements, by name.

    Taken are ``.csv``, ``.csv.gz`` and ``.parquet`` in the folder itself and in ``settlements/``
    below it. Hidden files, other endings and files named after another import table are passed
    over.

    Raises
    ------
    InputError
        If the folder is not there.
    """
    if not folder.is_dir():
        raise InputError(to_say("refused.watch.folder", folder=folder))
    found = [*folder.iterdir()]
    found += [path for one in found if _is_settlements(one) for path in one.iterdir()]
    return sorted(path for path in found if path.is_file() and _may_hold(path))


def read_arrival(
    item: Source, workspace: Workspace, mapping: Mapping, folder: Path, *, memory: str, threads: int
) -> Arrived:
    """Clean one file into ``arrived.parquet`` and ``rejects.parquet`` of an empty folder.

    ``arrived`` has the columns :data:`KEPT` and ``person_id`` of the live settlements, sorted by
    time and number; the account is written beside it as ``file.json``.

    Raises
    ------
    InputError
        If the file cannot be read as settlements: one sentence with file, place and remedy.
    RingfenceError
        If memory or disk do not suffice.
    """
    work = folder / "work"
    work.mkdir(mode=0o700)
    with scratch_database(work, memory, threads) as con:
        pseudonyms.install(con, pseudonyms.read_key(workspace))
        create_flags(con)
        create_rejects(con)
        clean.create_clear(con)
        (read,), _ = read_table(con, SETTLEMENTS, (item,), mapping, work)
        find_duplicates(con, SETTLEMENTS)
        con.execute(
            "CREATE VIEW valid AS SELECT rowid AS rid, * FROM raw_settlements WHERE _reason IS "
            "NULL AND coalesce(vali_flag, 1) = 1 "
            "AND rowid NOT IN (SELECT rid FROM dropped_settlements)"
        )
        net_refunds(con)
        chain_visits(con)
        _known_placeholders(con, workspace)
        write_settlements(con, Output(tables=work, delivered=frozenset({SETTLEMENTS.name})))
        settled = f"read_parquet({literal(str(work / 'settlements.parquet'))})"
        write_sorted(
            con,
            f"SELECT {', '.join(KEPT)}, {as_pseudonym('person', 'psn_no')} AS person_id "
            f"FROM {settled} WHERE live",
            "setl_time, setl_id",
            folder / "arrived.parquet",
        )
        con.execute(
            "COPY (SELECT * FROM rejects ORDER BY ALL) TO "
            f"{literal(str(folder / 'rejects.parquet'))} (FORMAT parquet)"
        )
        account = _account(con, item, read.rows_in, read.malformed, settled)
    shutil.rmtree(work)
    (folder / "file.json").write_text(json.dumps(asdict(account), indent=2) + "\n", "utf-8")
    return account


def read_account(folder: Path) -> Arrived:
    """Return the account of a file that was read before."""
    return Arrived(**json.loads((folder / "file.json").read_text("utf-8")))


def arrival_id(item: Source, mapping: Mapping, workspace: Workspace) -> str:
    """Name a file by its content, its mapping and the key: the same again is known by it."""
    key = pseudonyms.fingerprint(pseudonyms.read_key(workspace))
    content = [item.digest, mapping.of(SETTLEMENTS.name), key]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _known_placeholders(con: duckdb.DuckDBPyConnection, workspace: Workspace) -> None:
    """Create ``placeholders`` from the flags of the import.

    A code on more than half of the rows is one for each column, so the flag's example is it.
    """
    con.execute("CREATE TABLE placeholders (field VARCHAR, value VARCHAR)")
    if not workspace.flags.exists():
        return
    for row in parquet.read_table(workspace.flags).to_pylist():
        if row["reason"] == "placeholder_by_share" and row["field"] in SHARE_CHECKED:
            con.execute("INSERT INTO placeholders VALUES (?, ?)", [row["field"], row["example"]])


def _account(
    con: duckdb.DuckDBPyConnection, item: Source, rows_in: int, malformed: int, settled: str
) -> Arrived:
    counted = con.execute(
        "SELECT count(*) FILTER (_reason IS NOT NULL), "
        "count(*) FILTER (_reason IS NULL AND twice), "
        "count(*) FILTER (_reason IS NULL AND NOT twice AND coalesce(vali_flag, 1) = 0) FROM "
        "(SELECT *, rowid IN (SELECT rid FROM dropped_settlements) AS twice FROM raw_settlements)"
    ).fetchone()
    rejected, duplicates, void = counted or (0, 0, 0)
    kept = con.execute(f"SELECT count(*) FILTER (live), count(*) FROM {settled}").fetchone()
    live, every = kept or (0, 0)
    return Arrived(
        file=item.label,
        sha256=item.digest,
        rows_in=rows_in,
        rejected=rejected + malformed,
        duplicates=duplicates,
        void=void,
        reversed=every - live,
        kept=live,
    )


def _is_settlements(path: Path) -> bool:
    return path.is_dir() and path.name.lower() == SETTLEMENTS.name


def _may_hold(path: Path) -> bool:
    stem = table_file(path)
    if stem is None or stem.startswith((".", "_")):
        return False
    return stem == SETTLEMENTS.name or stem not in TABLES
